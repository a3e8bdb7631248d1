"""All the files of one area's folder, from its executed notebooks."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from gunmane_analysis.page.page import AreaPage, render_page
from gunmane_analysis.page.records import PAGE_NAME
from gunmane_analysis.page.tables import csv_bytes
from gunmane_analysis.page.workbook import workbook_bytes


def area_files(
    page: AreaPage, executed: Mapping[str, NotebookNode], *, keeps_notebooks: bool = False
) -> dict[str, bytes]:
    """Return the content of every file of an area's folder, by its path inside it.

    Parameters
    ----------
    page : AreaPage
    executed : mapping of str to NotebookNode
        The executed notebook of each theme.
    keeps_notebooks : bool
        Whether the executed notebooks are among the files.

    Returns
    -------
    dict of str to bytes
        ``<area_id>_csv.zip`` and ``<area_id>.xlsx`` where there is a table, ``notebooks/*.ipynb``
        if asked for, and, last (the page vouches for the files it links to), ``index.html``.
    """
    files = {}
    if page.exhibits:
        tables = {exhibit.csv_name: csv_bytes(exhibit.finding) for exhibit in page.exhibits}
        files[page.csv_archive_name] = zip_bytes(tables)
        files[page.workbook_name] = workbook_bytes(page)
    if keeps_notebooks:
        for theme_id, notebook in executed.items():
            files[f"notebooks/{theme_id}.ipynb"] = notebook_bytes(notebook)
    files[PAGE_NAME] = render_page(page).encode("utf-8")
    return files


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files by their names; the same files give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)  # dated 1980, whenever it is made
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """Return an executed notebook without the clock readings that papermill leaves in it."""
    cells = [
        {**cell, "id": f"cell-{position}", "metadata": _timeless(cell.metadata)}
        for position, cell in enumerate(notebook.cells)
    ]
    whole = {**notebook, "cells": cells, "metadata": _timeless(notebook.metadata)}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, indent=1).encode()


def _timeless(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in metadata.items() if name not in ("papermill", "execution")
    }
