"""All the files of one area's folder, from its executed notebooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from gunmane_analysis.page.page import AreaPage, render_page
from gunmane_analysis.page.tables import csv_bytes
from gunmane_analysis.page.workbook import workbook_bytes

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
        ``tables/*.csv`` and ``<area_id>.xlsx`` where there is a table, ``notebooks/*.ipynb``
        and, last (the page vouches for the files it links to), ``index.html``.
    """
    files = {exhibit.csv_name: csv_bytes(exhibit.plain) for exhibit in page.exhibits}
    if page.exhibits:
        files[page.workbook_name] = workbook_bytes(page)
    for theme_id, notebook in executed.items():
        files[f"{NOTEBOOKS_FOLDER}/{theme_id}.ipynb"] = notebook_bytes(notebook)
    files[PAGE_NAME] = render_page(page, executed).encode("utf-8")
    return files


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """Return an executed notebook without the clock readings that papermill leaves in it.

    One cell a line: what changed between two runs is seen cell by cell, and the file is written
    in a sixth of the time that an indented one takes.
    """
    head = {name: value for name, value in notebook.items() if name != "cells"}
    head["metadata"] = {**notebook.metadata}
    head["metadata"].pop("papermill", None)
    cells = ",\n".join(
        _json({**cell, "id": f"cell-{position}", "metadata": _timeless(cell.metadata)})
        for position, cell in enumerate(notebook.cells)
    )
    return f'{{"cells": [\n{cells}\n],\n{_json(head)[1:]}\n'.encode()


def _timeless(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in metadata.items() if name not in ("papermill", "execution")
    }


def _json(part: Mapping[str, Any]) -> str:
    return json.dumps(part, ensure_ascii=False, sort_keys=True)
