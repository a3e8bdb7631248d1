"""A papermill engine that runs cells in this process, in a shell without a kernel.

It is registered as ``gunmane`` in the entry points of papermill, which loads it while papermill
itself is being imported: nothing of papermill may be imported here before a notebook runs.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from gunmane_analysis.batch.heads import Head
    from gunmane_analysis.batch.shell import Namespace, NotebookShell

ENGINE_NAME = "gunmane"
_EXIT = "exit() in a cell ends its kernel"
_LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}


class InProcessEngine:
    """What papermill asks of an engine, answered by a subclass made when first asked."""

    @classmethod
    def execute_notebook(cls, nb: NotebookNode, kernel_name: str, **options: Any) -> NotebookNode:
        """Run a notebook's cells here.

        Parameters
        ----------
        nb : NotebookNode
            With its parameters injected.
        kernel_name : str
            Not used: there is no kernel.
        **options
            papermill's own, and ``head`` (cells run before, see :class:`Head`), ``seed`` (for
            the global random generators) and ``on_cell`` (called with each cell's position).
        """
        executed: NotebookNode = _managed_engine().execute_notebook(nb, kernel_name, **options)
        return executed

    @classmethod
    def nb_kernel_name(cls, nb: NotebookNode, name: str | None = None) -> str:
        """Return the kernel that the notebook names."""
        return str(_managed_engine().nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: NotebookNode, language: str | None = None) -> str:
        """Return the language that the notebook names."""
        return str(_managed_engine().nb_language(nb, language))


@functools.cache
def _managed_engine() -> Any:
    from papermill.engines import Engine

    class ManagedEngine(Engine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(
            cls,
            nb_man: Any,
            kernel_name: str,
            head: Head | None = None,
            seed: int | None = None,
            on_cell: Callable[[int], None] = lambda position: None,
            **_: Any,
        ) -> None:
            run_notebook(nb_man, head, seed, on_cell)

    return ManagedEngine


def run_notebook(
    manager: Any, head: Head | None, seed: int | None, on_cell: Callable[[int], None]
) -> None:
    """Run the cells of a notebook under papermill's bookkeeping, up to the first error."""
    from gunmane_analysis.batch.isolation import ProcessState, reseed
    from gunmane_analysis.batch.shell import open_shell

    shell = open_shell()
    notebook = manager.nb
    if head is not None and not head.fits(notebook):
        raise ValueError("the notebook does not begin with the cells that were run before")
    before = ProcessState.take() if head is None else head.before
    namespace = shell.new_namespace() if head is None else head.namespace
    shell.enter(namespace)
    with shell.capturing():
        try:
            if head is not None:
                head.state.restore()
            if seed is not None:
                reseed(
                    seed,
                    stdlib=head is None or not head.seeds_stdlib,
                    numpy=head is None or not head.seeds_numpy,
                )
            _run_cells(manager, shell, namespace, head, on_cell)
        finally:
            before.restore()
    notebook.metadata["language_info"] = _LANGUAGE | {"version": sys.version.split()[0]}


def _run_cells(
    manager: Any,
    shell: NotebookShell,
    namespace: Namespace,
    head: Head | None,
    on_cell: Callable[[int], None],
) -> None:
    from gunmane_analysis.batch.heads import is_run

    run_before: list[NotebookNode] = []
    # papermill's clock readings a cell: only for whoever looks at its bar or keeps its notebook
    is_watched = bool(manager.pbar or manager.output_path)
    injected = 0  # cells that papermill added, which the notebook's author does not count
    if head is not None:
        run_before, namespace.shown = head.recall()
        shell.collector.open_notebook(namespace.shown)
    for position, cell in enumerate(manager.nb.cells):
        if is_watched:
            manager.cell_start(cell, position)
        injected += "injected-parameters" in cell.metadata.get("tags", [])
        try:
            if position < len(run_before):
                if cell.cell_type == "code":
                    cell.outputs = run_before[position].outputs
                    cell.execution_count = run_before[position].execution_count
                continue
            if not is_run(cell):
                continue
            on_cell(position - injected)
            error = shell.run(cell, namespace)
            if shell.exit_now:
                cell.outputs.append(_error_output("SystemExit", _EXIT))
            if error is not None and not any(o.output_type == "error" for o in cell.outputs):
                cell.outputs.append(_error_output(type(error).__name__))
            if (error is not None and not _may_fail(cell)) or shell.exit_now:
                manager.cell_exception(cell, cell_index=position, exception=error)
                break
        finally:
            if is_watched:
                manager.cell_complete(cell, cell_index=position)


def _error_output(name: str, told: str = "") -> NotebookNode:
    """Tell of an error that the shell could not show, as when memory is used up."""
    from nbformat import NotebookNode

    return NotebookNode(output_type="error", ename=name, evalue=told, traceback=[])


def _may_fail(cell: NotebookNode) -> bool:
    return "raises-exception" in cell.metadata.get("tags", [])
