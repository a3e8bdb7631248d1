"""Run one theme notebook for one area, through papermill, and trust only what it left behind."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from gunmane_analysis.errors import GunmaneError, NotebookError
from gunmane_analysis.paths import notebooks_dir
from gunmane_analysis.report.heads import is_run
from gunmane_analysis.report.inprocess import ENGINE_NAME, InProcessEngine
from gunmane_analysis.report.themes import PARAMETERS_TAG, Theme, check_parameters

_INJECTED_TAG = "injected-parameters"


def prepared_for_papermill(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook as papermill loads it: brought to the latest format, with its metadata.

    ``papermill.execute_notebook`` does this for every area, and writes the executed notebook as
    a text that nobody reads; :func:`run_theme` takes the steps between, so that a run does the
    first once for each theme and the second not at all.
    """
    from papermill.iorw import load_notebook_node

    loaded: NotebookNode = load_notebook_node(notebook)
    return loaded


def run_theme(
    theme: Theme,
    notebook: NotebookNode,
    parameters: Mapping[str, Any],
    engine_name: str | None = None,
    **engine_options: Any,
) -> NotebookNode:
    """Execute a theme's notebook with typed parameters.

    Parameters
    ----------
    theme : Theme
    notebook : NotebookNode
        As :func:`prepared_for_papermill` returns it; it is filled in and returned.
    parameters : mapping
        Python values, passed as they are (never through text: "011002" stays text).
    engine_name : str, optional
        "gunmane" for the engine without a kernel; papermill's own otherwise.
    **engine_options
        Of that engine: ``execution_timeout`` (seconds a cell) for papermill's own.

    Returns
    -------
    NotebookNode
        The executed notebook, every code cell run and free of errors.

    Raises
    ------
    NotebookError
        If the parameters do not match, a cell failed, or a cell did not run.
    """
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import raise_for_execution_errors
    from papermill.parameterize import parameterize_notebook

    check_parameters(theme, parameters)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    # also where the package is used without being installed, and so without entry points
    papermill_engines.register(ENGINE_NAME, InProcessEngine)
    name = theme.path.name
    try:
        with contextlib.chdir(notebooks_dir()):
            filled = parameterize_notebook(notebook, dict(parameters), engine_name=engine_name)
            executed: NotebookNode = papermill_engines.execute_notebook_with_engine(
                engine_name,
                filled,
                papermill_engines.nb_kernel_name(engine_name, filled),
                progress_bar=False,
                **engine_options,
            )
            raise_for_execution_errors(executed, None)
    except PapermillExecutionError as fault:
        raise cell_error(
            name, _position_as_written(notebook, fault.cell_index), fault.ename, fault.evalue
        ) from fault
    check_executed(executed, name)
    return executed


def _position_as_written(notebook: NotebookNode, position: int) -> int:
    """Return where a cell stands in the notebook before papermill injected a cell into it."""
    tagged = [PARAMETERS_TAG in cell.metadata.get("tags", []) for cell in notebook.cells]
    return position - 1 if True in tagged[: max(position, 0)] else position


def cell_error(name: str, position: int, error_name: str, message: str) -> GunmaneError:
    """Word the error at which a cell stopped.

    An error of ours raised in a cell reaches the reader as it is worded there; any other is
    named with the cell where it happened.

    Examples
    --------
    >>> cell_error("staffing.ipynb", 4, "KeyError", "x").found
    'ノートブック「staffing.ipynb」の5番目のセルで止まりました（KeyError: x）。'
    """
    if error_name in _own_errors():
        return GunmaneError.from_text(message)
    return NotebookError(
        f"ノートブック「{name}」の{position + 1}番目のセルで止まりました"
        f"（{error_name}: {message}）。",
        advice="--debug を付けると詳しい経過を表示します。",
    )


def _own_errors(kind: type[GunmaneError] = GunmaneError) -> set[str]:
    return {kind.__name__}.union(*(_own_errors(below) for below in kind.__subclasses__()))


def check_executed(notebook: NotebookNode, name: str) -> None:
    """Stop unless every code cell has run and none shows an error.

    papermill marks cells of a dead kernel "completed"; that mark is never read here.

    Raises
    ------
    NotebookError
        Naming the first cell that did not run or failed.
    """
    written = [
        cell for cell in notebook.cells if _INJECTED_TAG not in cell.metadata.get("tags", [])
    ]
    for position, cell in enumerate(written):
        if not is_run(cell):
            continue
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if errors:
            raise cell_error(name, position, errors[0].ename, errors[0].evalue)
        if cell.execution_count is None:
            raise NotebookError(
                f"ノートブック「{name}」の{position + 1}番目のセルが実行されていません。",
                advice="処理が途中で止まった可能性があります。もう一度実行してください。",
            )
