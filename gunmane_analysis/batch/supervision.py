"""Watches over the children that make areas: starts them, times them, says how they ended."""

from __future__ import annotations

import contextlib
import importlib
import os
import select
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gunmane_analysis.batch.freezing import freeze
from gunmane_analysis.batch.jobs import AreaJob, AreaResult, CellBegun, RunPlan, failed
from gunmane_analysis.batch.processes import (
    Inbox,
    Outbox,
    ParentGone,
    Unsafe,
    end_with_parent,
    hear_of_parents_end,
    threads,
    unsafe_threads,
)
from gunmane_analysis.memory import Memory, using

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from gunmane_analysis.batch.forkserver import Prepared
    from gunmane_analysis.page.themes import Theme

_TICK = 0.2
_GRACE = 3.0
_TRIAL_SECONDS = 30.0


@dataclass(frozen=True)
class Loaded:
    """A child's word of the modules that it had to load: the next ones shall find them loaded."""

    modules: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A child's word of the results that other areas may need too."""

    results: Mapping[bytes, bytes]


@dataclass
class Child:
    """A running child."""

    pid: int
    job: AreaJob
    inbox: Inbox
    started: float
    deadline: float
    at: CellBegun | None = None
    result: AreaResult | None = None
    interrupted: bool = False
    is_leaving: bool = False  # has said all it had to say


class _Interruption:
    """Remembers in a child that its time is up, even if a cell swallows the interruption."""

    has_come = False

    @classmethod
    def strike(cls, *_: object) -> None:
        cls.has_come = True
        raise KeyboardInterrupt


class Supervisor:
    """Runs areas in forked children, at most so many at once, and answers with their results."""

    def __init__(
        self,
        plan: RunPlan,
        at_once: int,
        prepared: Mapping[str, Prepared],
        orders: Inbox,
        answers: Outbox,
        asker: int,
    ) -> None:
        self._plan, self._at_once, self._prepared = plan, at_once, prepared
        self._asker = asker
        self._orders, self._answers = orders, answers
        self._children: dict[int, Child] = {}
        self._memory = Memory()
        self._to_learn: tuple[str, ...] = ()
        self._has_learnt = False
        self._refusal: Unsafe | None = None

    def serve(self, waiting: Sequence[object]) -> None:
        """Make the areas asked for until nobody asks any more.

        When the asking process is gone, the children and all they have started are stopped.
        """
        jobs: deque[AreaJob] = deque()
        for message in waiting:
            jobs.extend(_jobs_in(message))
        try:
            hear_of_parents_end(self._asker)
            while not self._orders.is_closed:
                if self._refusal and not self._children:
                    self._answers.send(self._refusal)
                    return
                if jobs and self._to_learn:
                    self._learn()
                while jobs and self._has_room() and not self._refusal:
                    self._start(jobs.popleft())
                for descriptor in self._ready():
                    if descriptor == self._orders.descriptor:
                        for message in self._orders.receive():
                            jobs.extend(_jobs_in(message))
                    else:
                        self._listen(self._children[descriptor])
                self._watch()
        except (BrokenPipeError, ParentGone):  # whoever asked is gone
            pass
        finally:
            for child in self._children.values():
                _kill(child.pid)

    def _has_room(self) -> bool:
        """Whether a child may start: while one leaves, which takes a while, the next one begins."""
        children = self._children.values()
        at_work = sum(not child.is_leaving for child in children)
        return at_work < self._at_once and len(children) < 2 * self._at_once

    def _ready(self) -> list[int]:
        waiting = [self._orders.descriptor, *self._children]
        poll = select.poll()
        for descriptor in waiting:
            poll.register(descriptor, select.POLLIN)
        return [descriptor for descriptor, _ in poll.poll(_TICK * 1000)]

    def _start(self, job: AreaJob) -> None:
        reader, writer = os.pipe()
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            self._be_child(job, Outbox(writer), server)
        os.close(writer)
        now = time.monotonic()
        with contextlib.suppress(OSError):  # the child does the same; whoever is first
            os.setpgid(pid, pid)
        self._children[reader] = Child(pid, job, Inbox(reader), now, now + self._plan.cell_limit)

    def _be_child(self, job: AreaJob, outbox: Outbox, server: int) -> None:
        status = 1
        try:
            os.setpgid(0, 0)
            end_with_parent(server)
            for descriptor in (self._orders.descriptor, self._answers.descriptor, *self._children):
                os.close(descriptor)
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.close(nothing)
            signal.signal(signal.SIGINT, _Interruption.strike)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            known = set() if self._has_learnt else set(sys.modules)
            with using(self._memory):
                outbox.send(_run(self._plan, job, self._prepared, outbox.send))
            if not self._has_learnt:
                outbox.send(Loaded(tuple(set(sys.modules) - known)))
            outbox.send(Found(self._memory.found))
            status = 0
        finally:
            os._exit(status)

    def _listen(self, child: Child) -> None:
        for message in child.inbox.receive():
            if isinstance(message, AreaResult):
                child.result = message
            elif isinstance(message, CellBegun):
                child.at = message
            elif isinstance(message, Loaded) and not self._has_learnt:
                self._to_learn, self._has_learnt = message.modules, True
            elif isinstance(message, Found):
                self._memory.learn(message.results)
                child.is_leaving = True
            if not child.interrupted:
                child.deadline = time.monotonic() + self._plan.cell_limit

    def _learn(self) -> None:
        """Load what the first child needed beyond the heads, if that leaves a fork safe."""
        modules, self._to_learn = self._to_learn, ()
        if _starts_threads(modules):
            return
        _load(modules)
        freeze()
        self._refusal = unsafe_threads()

    def _watch(self) -> None:
        now = time.monotonic()
        for descriptor, child in list(self._children.items()):
            ended, status = os.waitpid(child.pid, os.WNOHANG)
            if ended:
                self._close(descriptor, child, status)
            elif now > child.deadline and not child.interrupted:
                child.interrupted, child.deadline = True, now + _GRACE
                os.kill(child.pid, signal.SIGINT)
            elif now > child.deadline:
                _kill(child.pid)

    def _close(self, descriptor: int, child: Child, status: int) -> None:
        while not child.inbox.is_closed and _has_more(descriptor):
            self._listen(child)
        os.close(descriptor)
        del self._children[descriptor]
        _kill(child.pid)  # what it started and left behind
        self._answers.send(self._judge(child, status))

    def _judge(self, child: Child, status: int) -> AreaResult:
        seconds = time.monotonic() - child.started
        where = f"{child.at}で" if child.at else "開始直後に"
        if child.interrupted and not (child.result and child.result.record.status == "made"):
            limit = f"{self._plan.cell_limit:g}"
            reason = f"{where}制限時間（{limit}秒）を超えたため止めました。"
        elif child.result is not None:
            return child.result
        elif os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            reason = f"{where}処理が突然終わりました（{name}）。"
        else:
            code = os.waitstatus_to_exitcode(status)
            reason = f"{where}処理が途中で終わりました（終了コード {code}）。"
        trace = child.result.trace if child.result else ""
        return failed(self._plan, child.job, reason, seconds, trace)


def _run(
    plan: RunPlan,
    job: AreaJob,
    prepared: Mapping[str, Prepared],
    tell: Callable[[object], None],
) -> AreaResult:
    from gunmane_analysis.batch.area_run import make_area
    from gunmane_analysis.batch.engine import run_theme
    from gunmane_analysis.batch.inprocess import ENGINE_NAME
    from gunmane_analysis.batch.isolation import seed_of

    def run(theme: Theme, parameters: Mapping[str, str | int]) -> NotebookNode:
        ready = prepared[theme.theme_id]
        executed = run_theme(
            theme,
            ready.notebook,
            parameters,
            engine_name=ENGINE_NAME,
            head=ready.head,
            seed=seed_of(theme.theme_id, *parameters.values()),
            on_cell=lambda position: tell(CellBegun(theme.title, position)),
        )
        if _Interruption.has_come:
            raise KeyboardInterrupt
        tell(CellBegun("", -1))
        return executed

    return make_area(plan, job, run)


def _load(modules: Sequence[str]) -> None:
    for name in modules:
        with contextlib.suppress(ImportError):  # made by a cell, not found by name
            importlib.import_module(name)


def _starts_threads(modules: Sequence[str]) -> bool:
    """Try in a child of its own whether loading these modules starts threads, or goes wrong."""
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            end_with_parent(server)
            _load(modules)
            status = int(bool(threads()))
        finally:
            os._exit(status)
    deadline = time.monotonic() + _TRIAL_SECONDS
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status != 0
        time.sleep(_TICK / 10)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True


def _jobs_in(message: object) -> list[AreaJob]:
    assert isinstance(message, list)
    return message


def _has_more(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
