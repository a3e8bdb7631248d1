"""Run one theme notebook for one area, through papermill, and trust only what it left behind."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from gunmane_analysis.batch.heads import is_run
from gunmane_analysis.batch.inprocess import ENGINE_NAME, InProcessEngine
from gunmane_analysis.errors import GunmaneError, NotebookError
from gunmane_analysis.page.themes import PARAMETERS_TAG, Theme, check_parameters

_INJECTED_TAG = "injected-parameters"


def prepared_for_papermill(
    notebook: NotebookNode, declared: Mapping[str, Any], engine_name: str | None = None
) -> NotebookNode:
    """Return a notebook as papermill runs it, with its parameters as they are declared.

    ``papermill.execute_notebook`` loads a notebook, injects a cell into it and validates both for
    every area, and writes the executed notebook as a text that nobody reads. Here this is done
    once for each theme; :func:`run_theme` says anew only what the injected cell says.
    """
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    _settle_papermill()
    injected: NotebookNode = parameterize_notebook(
        load_notebook_node(notebook), dict(declared), engine_name=engine_name
    )
    return injected


@functools.cache
def _settle_papermill() -> None:
    from papermill.engines import papermill_engines

    logging.getLogger("papermill").setLevel(logging.ERROR)
    # also where the package is used without being installed, and so without entry points
    papermill_engines.register(ENGINE_NAME, InProcessEngine)


def _say_parameters(
    notebook: NotebookNode, parameters: Mapping[str, Any], kernel_name: str, language: str
) -> None:
    from papermill.translators import translate_parameters

    (cell,) = (c for c in notebook.cells if _INJECTED_TAG in c.metadata.get("tags", []))
    cell.source = translate_parameters(kernel_name, language, dict(parameters), "Parameters")
    notebook.metadata.papermill["parameters"] = dict(parameters)


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

    check_parameters(theme, parameters)
    _settle_papermill()
    name = theme.path.name
    kernel_name = papermill_engines.nb_kernel_name(engine_name, notebook)
    language = papermill_engines.nb_language(engine_name, notebook)
    _say_parameters(notebook, parameters, kernel_name, language)
    try:
        with contextlib.chdir(theme.path.parent):
            executed: NotebookNode = papermill_engines.execute_notebook_with_engine(
                engine_name,
                notebook,
                kernel_name,
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
