"""Every notebook of notebooks/exploration runs from top to bottom, offline, on the real figures."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [
    path
    for path in sorted((ROOT / "notebooks" / "exploration").glob("*.ipynb"))
    if ".ipynb_checkpoints" not in path.parts
]


def test_there_are_tours_to_run() -> None:
    assert {"tour", "own_scheme"} <= {path.stem for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_tour_runs_to_its_end(
    path: Path, own_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, as_version=4)
    folder = own_project / "notebooks" / "exploration"
    before = {found for found in own_project.rglob("*") if "processed" not in found.parts}

    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(folder)}}).execute()

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    left = {found for found in own_project.rglob("*") if "processed" not in found.parts} - before
    assert not [found for found in left if found.is_file()]
