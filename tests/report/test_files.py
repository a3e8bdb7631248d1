"""The files of an area's folder."""

from __future__ import annotations

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from gunmane_analysis.page.files import notebook_bytes


def test_a_notebook_keeps_what_it_shows_and_loses_the_clock() -> None:
    shown = new_output("display_data", {"text/plain": "709,421人\n2行目", "text/html": "<p>△</p>"})
    clock = {"papermill": {"duration": 1.5}, "execution": {"iopub.status.busy": "2026-11-20"}}
    notebook = new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}, **clock},
        cells=[
            new_markdown_cell("# 職員\n\n本文"),
            new_code_cell("x = 1\nx", outputs=[shown], metadata={"tags": ["a"], **clock}),
        ],
    )
    content = notebook_bytes(notebook)

    read = nbformat.reads(content.decode(), 4)
    nbformat.validate(read)
    assert [cell.source for cell in read.cells] == ["# 職員\n\n本文", "x = 1\nx"]
    assert read.cells[1].outputs == [shown]
    assert read.cells[1].metadata == {"tags": ["a"]}
    assert read.metadata.kernelspec == {"name": "python3", "display_name": "Python 3"}
    assert b"duration" not in content
    assert content == notebook_bytes(notebook)
    assert notebook.metadata.papermill == {"duration": 1.5}  # the notebook itself is left alone
