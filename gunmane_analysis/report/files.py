"""All the files of one area's folder, from its executed notebooks."""

from __future__ import annotations

from collections.abc import Mapping

import nbformat
from nbformat import NotebookNode

from gunmane_analysis.report.page import AreaPage, render_page
from gunmane_analysis.report.tables import csv_bytes
from gunmane_analysis.report.workbook import workbook_bytes

PAGE_NAME = "index.html"
NOTEBOOKS_FOLDER = "notebooks"


def area_files(page: AreaPage, executed: Mapping[str, NotebookNode]) -> dict[str, bytes]:
    """Return the content of every file of an area's folder, by its path inside it.

    Parameters
    ----------
    page : AreaPage
    executed : mapping of str to NotebookNode
        The executed notebook of each theme.

    Returns
    -------
    dict of str to bytes
        ``tables/*.csv``, ``<area_id>.xlsx``, ``notebooks/*.ipynb`` and, last (the page vouches
        for the files it links to), ``index.html``.
    """
    files = {exhibit.csv_name: csv_bytes(exhibit.plain) for exhibit in page.exhibits}
    files[page.workbook_name] = workbook_bytes(page)
    for theme_id, notebook in executed.items():
        files[f"{NOTEBOOKS_FOLDER}/{theme_id}.ipynb"] = notebook_bytes(notebook)
    files[PAGE_NAME] = render_page(page, executed).encode("utf-8")
    return files


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """Return an executed notebook without the clock readings that papermill leaves in it."""
    timeless = nbformat.from_dict(notebook)
    timeless.metadata.pop("papermill", None)
    for position, cell in enumerate(timeless.cells):
        cell.id = f"cell-{position}"
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
    text: str = nbformat.writes(timeless)
    return f"{text}\n".encode()
