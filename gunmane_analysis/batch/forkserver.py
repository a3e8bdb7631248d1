"""The process that has everything loaded, and forks one child per area.

It is single-threaded and has no kernel, no socket library in use and no event loop. It runs the
cells before the parameters once, freezes what is in memory, and forks. What a child
changes ends with the child.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gunmane_analysis.batch.freezing import freeze, reserve
from gunmane_analysis.batch.heads import CellFault, Head, needs_kernel, run_head
from gunmane_analysis.batch.jobs import CellBegun, RunPlan
from gunmane_analysis.batch.processes import Inbox, Outbox, Unsafe, end_with_parent, unsafe_threads
from gunmane_analysis.batch.strangers import GRAMMAR, OPTIONAL, keep_out, let_in
from gunmane_analysis.errors import GunmaneError
from gunmane_analysis.page.themes import Theme

if TYPE_CHECKING:
    from nbformat import NotebookNode

# read by libraries when they are first loaded: one thread each, the cores are for the areas
SINGLE_THREADED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "ARROW_IO_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PYTHONHASHSEED": "0",
}


_LIBRARIES = (
    "matplotlib.backends.backend_svg",
    "numpy.random",
    "pandas",
    "papermill",
    "latex2mathml.converter",
    "gunmane_analysis.batch.area_run",
    "gunmane_analysis.batch.engine",
)


@dataclass(frozen=True)
class Start:
    """The first message to the process: what to prepare."""

    plan: RunPlan
    at_once: int


@dataclass(frozen=True)
class Ready:
    """The heads have run; jobs can come."""


@dataclass(frozen=True)
class HeadFailed:
    """A cell before the parameters stopped with an error, which stops every area alike."""

    reason: str
    trace: str


@dataclass(frozen=True)
class Prepared:
    """A theme's notebook with its head run."""

    notebook: Any
    head: Head


def prepare(
    plan: RunPlan, tell: Callable[[CellBegun], None]
) -> dict[str, Prepared] | Unsafe | HeadFailed:
    """Run every theme's head, and look whether the process can still be forked."""
    from gunmane_analysis.batch.engine import prepared_for_papermill
    from gunmane_analysis.batch.inprocess import ENGINE_NAME
    from gunmane_analysis.batch.shell import open_shell

    for theme in plan.themes:
        reason = needs_kernel(theme.read())
        if reason:
            return Unsafe(f"ノートブック「{theme.path.name}」が{reason}")
    shell = open_shell()
    _hide_strangers(plan)
    with shell.builtin_trap:  # pandas, when loaded, looks for get_ipython as a cell would see it
        _load_libraries()
    with contextlib.suppress(GunmaneError):  # whatever is wrong, the areas will tell
        importlib.import_module("gunmane_analysis.batch.rehearsal").rehearse()
    prepared: dict[str, Prepared] = {}
    for theme in plan.themes:
        notebook = theme.read()
        head = run_head(
            shell,
            notebook,
            str(theme.path.parent),
            on_cell=functools.partial(_begin_cell, tell, theme.title),
        )
        if isinstance(head, CellFault):
            return _head_failed(theme, head)
        ready = prepared_for_papermill(theme.read(), theme.parameters, ENGINE_NAME)
        prepared[theme.theme_id] = Prepared(ready, head)
        _render_prose(ready)
    return unsafe_threads() or prepared


def _hide_strangers(plan: RunPlan) -> None:
    """Keep out what our libraries load if it happens to be there, unless a notebook names it."""
    code = "\n".join(cell.source for theme in plan.themes for cell in theme.read().cells)
    named = [name for name in (*OPTIONAL, GRAMMAR) if name in code]
    keep_out((*OPTIONAL, GRAMMAR))
    let_in(named)


def _begin_cell(tell: Callable[[CellBegun], None], title: str, position: int) -> None:
    tell(CellBegun(title, position))


def _load_libraries() -> None:
    """Load once what every child will use, and what a notebook may change (to put it back)."""
    for name in _LIBRARIES:
        importlib.import_module(name)
    from gunmane_analysis.findings.rendering import environment

    for name in environment().list_templates(extensions=["j2"]):
        environment().get_template(name)


def _render_prose(notebook: NotebookNode) -> None:
    """Turn into HTML what all areas' pages say alike; the memory of it goes on to the children."""
    from gunmane_analysis.findings.markup import markdown

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            markdown(cell.source)


def _head_failed(theme: Theme, fault: CellFault) -> HeadFailed:
    import traceback

    from gunmane_analysis.batch.engine import cell_error

    error = fault.error
    worded = cell_error(theme.path.name, fault.position, type(error).__name__, str(error))
    return HeadFailed(str(worded), "".join(traceback.format_exception(error)))


def main() -> None:
    """Serve one run: take its start, answer, then make areas until the orders end.

    The arguments are the process that asks, and the descriptors of its orders and our answers.
    """
    from gunmane_analysis.batch.supervision import Supervisor

    asker = int(sys.argv[1])
    end_with_parent(asker)
    reserve()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started us
    orders, answers = Inbox(int(sys.argv[2])), Outbox(int(sys.argv[3]))
    waiting: list[object] = []
    while not waiting:
        waiting += orders.receive()
        if orders.is_closed:
            return
    start = waiting.pop(0)
    assert isinstance(start, Start)
    prepared = prepare(start.plan, answers.send)
    if not isinstance(prepared, dict):
        answers.send(prepared)
        return
    supervisor = Supervisor(start.plan, start.at_once, prepared, orders, answers, asker)
    answers.send(Ready())
    freeze()
    supervisor.serve(waiting)
    os._exit(0)  # without the libraries' farewells
