"""Run one notebook for one area, through papermill, and trust only what it left behind.

papermill is given an engine that runs the cells in this process, in IPython's own shell: on
today's notebooks it takes 0.7 of the processor time of a kept kernel, and half of the memory
(docs/benchmarks.md). The notebook runs with the project's own Python, whatever kernel it names.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import json
import logging
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill import execute_notebook
from papermill.engines import Engine, papermill_engines
from traitlets.config import Config

from gunmane_analysis.errors import GunmaneError
from gunmane_analysis.page.themes import INJECTED_TAG, Theme, check_parameters
from gunmane_analysis.paths import notebooks_dir
from gunmane_analysis.refusals import refusal

_ENGINE_NAME = "gunmane"
_SKIP_TAG = "skip-execution"


def run_notebook(
    theme: Theme,
    parameters: Mapping[str, str | int],
    on_step: Callable[[str], None] = lambda place: None,
) -> NotebookNode:
    """Execute a notebook with typed parameters.

    Parameters
    ----------
    theme : Theme
    parameters : mapping
        Python values, passed as they are ("011002" stays text).
    on_step : callable
        Called with the words for each cell before it is run.

    Returns
    -------
    NotebookNode
        The executed notebook, every code cell run and free of errors.

    Raises
    ------
    GunmaneError
        If the parameters do not match, a cell failed, or a cell did not run.
    """
    check_parameters(theme, parameters)
    _register_engine()
    executed: NotebookNode = execute_notebook(
        theme.read(),
        None,
        dict(parameters),
        engine_name=_ENGINE_NAME,
        kernel_name="python3",
        language="python",
        progress_bar=False,
        cwd=notebooks_dir(),
        on_cell=lambda number: on_step(f"「{theme.title}」の{number}番目のセル"),
        name=theme.path.name,
        seed=_seed_of(theme.theme_id, *parameters.values()),
    )
    check_executed(executed, theme.path.name)
    return executed


class _InProcessEngine(Engine):  # type: ignore[misc]
    """papermill's bookkeeping around cells that run in this process."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        on_cell: Callable[[int], None],
        name: str,
        seed: int,
        **_: Any,
    ) -> None:
        shell = _shell()
        shell.reset(new_session=False)
        # what is left are libraries and tables: the garbage collection at the next notebook's
        # reset, and those between, need not go through them again
        gc.freeze()
        shell.execution_count = 1
        number = 0  # as its author counts: without the cell that papermill injects
        with _own_settings(seed):
            for position, cell in enumerate(nb_man.nb.cells):
                number += INJECTED_TAG not in cell.metadata.get("tags", [])
                if not _is_run(cell):
                    continue
                nb_man.cell_start(cell, position)
                on_cell(number)
                fault = _run_cell(shell, cell)
                if isinstance(fault, GunmaneError):  # it reaches the reader as it is worded there
                    raise fault
                if fault is not None:
                    cause = f"{type(fault).__name__}: {fault}"
                    raise refusal("cell-stopped", name=name, number=number, cause=cause) from fault
                nb_man.cell_complete(cell, cell_index=position)


@functools.cache
def _register_engine() -> None:
    logging.getLogger("papermill").setLevel(logging.ERROR)
    papermill_engines.register(_ENGINE_NAME, _InProcessEngine)


@functools.cache
def _shell() -> Any:  # IPython says that it is typed, and is so in part
    mpl.use("module://matplotlib_inline.backend_inline")  # as in a kernel
    config: Any = Config()
    config.HistoryManager.enabled = False
    return InteractiveShell.instance(config=config)


def _run_cell(shell: Any, cell: NotebookNode) -> BaseException | None:
    """Run one code cell, fill its outputs, and return the error it stopped at, if any."""
    cell.execution_count = shell.execution_count
    with shell.display_trap, capture_output() as captured:
        show = sys.displayhook  # put back with the other two at the end of the block
        sys.displayhook = lambda value: None if shell.displayhook.quiet() else show(value)
        result = shell.run_cell(cell.source, store_history=True)
    fault: BaseException | None = result.error_before_exec or result.error_in_exec
    for name in ("stdout", "stderr"):
        if text := getattr(captured, name):
            cell.outputs.append(new_output("stream", name=name, text=text))
    for shown in captured.outputs:
        data = json.loads(json.dumps(shown.data))  # as it would come from a kernel
        cell.outputs.append(new_output("display_data", data=data, metadata=shown.metadata or {}))
    return fault


@contextlib.contextmanager
def _own_settings(seed: int) -> Iterator[None]:
    """Let a notebook change settings of the process, and draw numbers, that no other one sees."""
    environment, search_path = dict(os.environ), list(sys.path)
    random.seed(seed)
    np.random.seed(seed)
    with warnings.catch_warnings(), mpl.rc_context():
        pd.set_option("display.max_columns", 20)  # as in a kernel, which pandas looks for
        try:
            yield
        finally:
            sys.path[:] = search_path
            if dict(os.environ) != environment:
                os.environ.clear()
                os.environ.update(environment)
            warnings.simplefilter("ignore")  # pandas warns of options that it will give up
            pd.reset_option("all")


def _seed_of(*parts: object) -> int:
    """Return a seed that depends on nothing but the parts, the same on every machine."""
    text = "\x1f".join(map(str, parts)).encode("utf-8")
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big")


def _is_run(cell: NotebookNode) -> bool:
    """Whether a cell is one that runs, as nbclient decides it."""
    return (
        cell.cell_type == "code"
        and bool(cell.source.strip())
        and _SKIP_TAG not in cell.metadata.get("tags", [])
    )


def check_executed(notebook: NotebookNode, name: str) -> None:
    """Stop unless every code cell has run and none shows an error.

    papermill marks cells that never ran "completed"; that mark is not read here.

    Raises
    ------
    NotebookError
        Naming the first cell that did not run or failed.
    """
    for cell in notebook.cells:
        errors = [output for output in cell.get("outputs", ()) if output.output_type == "error"]
        if _is_run(cell) and (cell.execution_count is None or errors):
            how = [f"{error.ename}: {error.evalue}" for error in errors]
            cell_name = cell.source.strip().splitlines()[0]
            raise refusal("cell-not-run", name=name, cell=cell_name, how=how or "実行されていない")
