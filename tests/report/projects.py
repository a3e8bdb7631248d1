"""Projects with notebooks made for a test."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from gunmane_analysis.areas import find_area
from gunmane_analysis.batch.batch import Reporter, ReportOutcome, run_report
from gunmane_analysis.batch.plan import ReportRequest
from gunmane_analysis.loaders.store import build_all
from gunmane_analysis.page.themes import read_notebooks
from gunmane_analysis.paths import project_root

PARAMETERS = 'area_id = "05"\nfiscal_year = 2024\nscheme_id = "regional_bureaus"'


class Recorder(Reporter):
    """Passes on what a run reports."""

    def __init__(self, add=None, note=None) -> None:
        self.add = add or super().add
        self.note = note or super().note


def notebook(head: list[str], tail: list[str], *, order: int = 1, kernel: str = "python3"):
    """A theme notebook: cells before the parameters, and cells after."""
    parameters = new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    cells = [
        new_markdown_cell("# 試験"),
        *map(new_code_cell, head),
        parameters,
        *map(new_code_cell, tail),
    ]
    for position, cell in enumerate(cells):
        cell.id = f"cell-{position:02}"
    return new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": kernel, "display_name": kernel, "language": "python"},
            "gunmane": {"order": order},
        },
    )


# what another test process is writing at the moment
UNFINISHED = shutil.ignore_patterns(".*.parquet.*")


def write_project(home: Path, **notebooks) -> Path:
    """A project folder with these notebooks, and the real one's files and built tables."""
    list(build_all())  # once: the copies find their tables built
    (home / "notebooks").mkdir(parents=True)
    for name in ("raw", "processed"):
        shutil.copytree(project_root() / "data" / name, home / "data" / name, ignore=UNFINISHED)
    for name, content in notebooks.items():
        nbformat.write(content, home / "notebooks" / f"{name}.ipynb")
    return home


def run(home: Path, areas: str, reporter: Reporter | None = None, **options) -> ReportOutcome:
    """Make these areas of the project that GUNMANE_HOME names, and keep the notebooks."""
    options.setdefault("jobs", 1)  # loading the libraries is most of a small run
    options.setdefault("notebooks", read_notebooks())
    options.setdefault("keeps_notebooks", True)
    options.setdefault("fiscal_year", 2024)
    request = ReportRequest(
        areas=tuple(find_area(area_id) for area_id in areas.split(",")),
        target=home / "reports" / str(options["fiscal_year"]),
        **options,
    )
    return run_report(request, reporter or Reporter())


def executed(home: Path, area_id: str, theme: str):
    """A published notebook."""
    path = home / "reports" / "2024" / area_id / "notebooks" / f"{theme}.ipynb"
    return nbformat.read(path, as_version=4)
