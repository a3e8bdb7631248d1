"""The cells of a notebook before its parameters: the same for every area, so run once."""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbformat import NotebookNode

from gunmane_analysis.batch.isolation import ProcessState
from gunmane_analysis.page.themes import PARAMETERS_TAG

if TYPE_CHECKING:
    from gunmane_analysis.batch.shell import Namespace, NotebookShell

_WIDGETS = re.compile(r"\b(ipywidgets|anywidget|tqdm\.notebook|tqdm\.auto|interact)\b")
_SKIP_TAG = "skip-execution"
_PYTHON_KERNEL = re.compile(r"^python3?$")


@dataclass(frozen=True)
class Head:
    """A notebook's first cells as they stand after running, and what they left in the process."""

    sources: tuple[str, ...]
    executed: bytes  # the cells after running, and their displays by id: see ``recall``
    namespace: Namespace
    before: ProcessState  # of the process when the cells were run, and again when all have run
    state: ProcessState  # after the cells, as far as it differs
    seeds_stdlib: bool
    seeds_numpy: bool

    def fits(self, notebook: NotebookNode) -> bool:
        """Whether a notebook begins with these cells."""
        return self.sources == _sources(notebook.cells[: len(self.sources)])

    def recall(self) -> tuple[list[NotebookNode], dict[str, list[NotebookNode]]]:
        """Return new copies of the cells, and of their displays by id, which are the same ones.

        A display of the head can so be updated by a later cell.
        """
        cells, shown = pickle.loads(self.executed)
        return cells, shown


@dataclass(frozen=True)
class CellFault:
    """Where a notebook stopped, and at what."""

    position: int
    error: BaseException


def head_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells before the one tagged ``parameters``; none if there is no such cell."""
    for position, cell in enumerate(notebook.cells):
        if PARAMETERS_TAG in cell.metadata.get("tags", []):
            return list(notebook.cells[:position])
    return []


def is_run(cell: NotebookNode) -> bool:
    """Whether a cell is one that runs, as nbclient decides it."""
    return (
        cell.cell_type == "code"
        and bool(cell.source.strip())
        and _SKIP_TAG not in cell.metadata.get("tags", [])
    )


def run_head(
    shell: NotebookShell,
    notebook: NotebookNode,
    folder: str,
    on_cell: Callable[[int], None] = lambda position: None,
) -> Head | CellFault:
    """Run a notebook's head cells in a namespace of their own.

    The process is left as it was found; what the cells changed stays with the head.

    Returns
    -------
    Head or CellFault
        A fault if a cell stopped with an error.
    """
    before = ProcessState.take()
    namespace = shell.new_namespace()
    cells = head_cells(notebook)
    with shell.capturing():
        try:
            os.chdir(folder)
            for position, cell in enumerate(cells):
                if not is_run(cell):
                    continue
                on_cell(position)
                cell.outputs = []
                error = shell.run(cell, namespace)
                if error is not None:
                    return CellFault(position, error)
            state = ProcessState.take()
        finally:
            before.restore()
    seeds_stdlib, seeds_numpy = state.has_own_seed(before)
    changes = state.since(before)
    executed = pickle.dumps((cells, namespace.shown))
    return Head(_sources(cells), executed, namespace, before, changes, seeds_stdlib, seeds_numpy)


def _sources(cells: Sequence[NotebookNode]) -> tuple[str, ...]:
    return tuple(cell.source for cell in cells)


def needs_kernel(notebook: NotebookNode) -> str:
    """Return why a notebook cannot run in this process, or nothing if it can.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> needs_kernel(new_notebook(cells=[new_code_cell("import ipywidgets")]))
    '操作部品（ウィジェット）を使う'
    """
    name = notebook.metadata.get("kernelspec", {}).get("name", "python3")
    if not _PYTHON_KERNEL.match(name):
        return f"カーネルが Python ではない（{name}）"
    if notebook.metadata.get("widgets") or any(
        cell.cell_type == "code" and _WIDGETS.search(cell.source) for cell in notebook.cells
    ):
        return "操作部品（ウィジェット）を使う"
    return ""
