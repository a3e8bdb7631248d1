"""Run one theme notebook for one area, through papermill, and trust only what it left behind."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from gunmane_analysis.errors import NotebookError
from gunmane_analysis.paths import notebooks_dir
from gunmane_analysis.report.themes import Theme, check_parameters


def run_theme(theme: Theme, parameters: Mapping[str, Any]) -> NotebookNode:
    """Execute a theme's notebook with typed parameters.

    Parameters
    ----------
    theme : Theme
    parameters : mapping
        Python values, passed as they are (never through text: "011002" stays text).

    Returns
    -------
    NotebookNode
        The executed notebook, every code cell run and free of errors.

    Raises
    ------
    NotebookError
        If the parameters do not match, a cell failed, or a cell did not run.
    """
    check_parameters(theme, parameters)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        executed = papermill.execute_notebook(
            theme.read(),
            None,
            parameters=dict(parameters),
            progress_bar=False,
            request_save_on_cell_execute=False,
            cwd=notebooks_dir(),
        )
    except PapermillExecutionError as fault:
        raise NotebookError(
            f"ノートブック「{theme.path.name}」の{fault.cell_index}番目のセルで止まりました"
            f"（{fault.ename}: {fault.evalue}）。",
            advice="表示された理由を確認してください。",
        ) from fault
    check_executed(executed, theme.path.name)
    return executed


def check_executed(notebook: NotebookNode, name: str) -> None:
    """Stop unless every code cell has run and none shows an error.

    papermill marks cells of a dead kernel "completed"; that mark is never read here.

    Raises
    ------
    NotebookError
        Naming the first cell that did not run or failed.
    """
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if errors:
            raise NotebookError(
                f"ノートブック「{name}」の{position}番目のセルが失敗しました"
                f"（{errors[0].ename}: {errors[0].evalue}）。"
            )
        if cell.execution_count is None:
            raise NotebookError(
                f"ノートブック「{name}」の{position}番目のセルが実行されていません。",
                advice="処理が途中で止まった可能性があります。もう一度実行してください。",
            )
