"""``jupyter nbconvert --to gunmane`` on a notebook run by hand; by papermill: test_readme.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from gunmane_analysis.paths import project_root


def converted(notebook: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "gunmane", str(notebook)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)


def test_a_page_notebook_run_by_hand_becomes_its_page(tmp_path: Path) -> None:
    source = project_root() / "notebooks" / "municipality.ipynb"
    notebook = nbformat.read(source, as_version=4)
    NotebookClient(notebook, timeout=300).execute()
    nbformat.write(notebook, tmp_path / "own.ipynb")
    done = converted(tmp_path / "own.ipynb")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "own.html").read_text("utf-8")
    assert "<h1>大館市" in page
    assert "付録　資料と用語" in page


def test_a_notebook_without_results_is_refused_in_words(tmp_path: Path) -> None:
    source = project_root() / "notebooks" / "staffing.ipynb"
    empty = tmp_path / "empty.ipynb"
    empty.write_bytes(source.read_bytes())
    done = converted(empty)
    assert done.returncode != 0
    assert "結果を読み取れません" in done.stderr
