"""``jupyter nbconvert --to gunmane`` on notebooks run by papermill and by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient import NotebookClient

from gunmane_analysis.paths import project_root


def converted(notebook: Path) -> str:
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "gunmane", str(notebook)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return notebook.with_suffix(".html").read_text("utf-8")


@pytest.fixture(scope="module")
def run_by_papermill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("papermill") / "staffing.ipynb"
    source = project_root() / "notebooks" / "staffing.ipynb"
    papermill.execute_notebook(source, target, {"area_id": "05"}, progress_bar=False)
    return target


def test_a_notebook_run_by_papermill_becomes_the_page_of_its_area(run_by_papermill: Path) -> None:
    page = converted(run_by_papermill)
    assert "<h1>秋田県" in page
    assert "Content-Security-Policy" in page
    assert page.count("<figure") >= 4
    assert "find_area" not in page  # no code cell


def test_a_page_notebook_run_by_hand_becomes_its_page(tmp_path: Path) -> None:
    source = project_root() / "notebooks" / "municipality.ipynb"
    notebook = nbformat.read(source, as_version=4)
    NotebookClient(notebook, timeout=300).execute()
    nbformat.write(notebook, tmp_path / "own.ipynb")
    page = converted(tmp_path / "own.ipynb")
    assert "<h1>大館市" in page
    assert "付録　資料と用語" in page


def test_a_notebook_without_results_is_refused_in_words(tmp_path: Path) -> None:
    source = project_root() / "notebooks" / "staffing.ipynb"
    empty = tmp_path / "empty.ipynb"
    empty.write_bytes(source.read_bytes())
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "gunmane", str(empty)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode != 0
    assert "結果を読み取れません" in done.stderr
