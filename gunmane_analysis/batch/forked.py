"""The near side of the process that forks: starts it, asks for areas, takes the results."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence

from gunmane_analysis.batch.forkserver import (
    SINGLE_THREADED,
    HeadFailed,
    Ready,
    Start,
)
from gunmane_analysis.batch.jobs import AreaJob, AreaResult, CellBegun, RunPlan, failed
from gunmane_analysis.batch.processes import Inbox, Outbox, Unsafe, environment_for_workers

_MAIN = (
    "from gunmane_analysis.batch.strangers import GRAMMAR, keep_out; keep_out([GRAMMAR]); "
    "from gunmane_analysis.batch.forkserver import main; main()"
)
_START_SECONDS = 300.0
_FAREWELL_SECONDS = 2.0
SERVER_LOST = "地域の処理を束ねるプロセスが途中で終わりました。"


class ForkServer:
    """A running fork server; leaving the ``with`` block ends it and all its children."""

    def __init__(self, plan: RunPlan, at_once: int) -> None:
        orders_read, orders_write = os.pipe()
        answers_read, answers_write = os.pipe()
        self._plan = plan
        self.left: dict[str, AreaJob] = {}
        self.refusal: Unsafe | None = None
        self._orders, self._answers = Outbox(orders_write), Inbox(answers_read)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _MAIN]
            + [str(number) for number in (os.getpid(), orders_read, answers_write)],
            pass_fds=(orders_read, answers_write),
            env=environment_for_workers(SINGLE_THREADED),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(orders_read)
        os.close(answers_write)
        self._orders.send(Start(plan, at_once))

    def __enter__(self) -> ForkServer:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.close()

    def close(self) -> None:
        """End it and all its children."""
        os.close(self._orders.descriptor)
        try:
            self._process.wait(_FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._answers.descriptor)

    def prepare(self) -> Ready | Unsafe | HeadFailed:
        """Wait until the heads have run, and return how that went."""
        limit, at = _START_SECONDS, "開始直後"
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        while poll.poll(limit * 1000):
            for message in self._answers.receive():
                if not isinstance(message, CellBegun):
                    assert isinstance(message, Ready | Unsafe | HeadFailed)
                    return message
                limit, at = self._plan.cell_limit, str(message)
            if self._answers.is_closed:
                code = self._process.wait()
                return HeadFailed(f"{at}で処理が突然終わりました（終了コード {code}）。", "")
        self._process.kill()
        return HeadFailed(f"{at}で制限時間（{limit:g}秒）を超えたため止めました。", "")

    def ask(self, jobs: Sequence[AreaJob]) -> None:
        """Ask for these areas, after those asked for before."""
        with contextlib.suppress(BrokenPipeError):  # its end is told by the answers
            self._orders.send(list(jobs))

    def results(self) -> Iterator[AreaResult]:
        """Yield results as they come, until the server ends; ``refusal`` says if it must stop."""
        while not self._answers.is_closed:
            for message in self._answers.receive():
                if isinstance(message, Unsafe):
                    self.refusal = message
                    return
                assert isinstance(message, AreaResult)
                yield message

    def run(self, jobs: Sequence[AreaJob]) -> Iterator[AreaResult]:
        """Make these areas and yield each one's result as it is done.

        Areas that are not made because the process can no longer be forked stay in ``left``.
        """
        self.left = {job.area.area_id: job for job in jobs}
        self.ask(jobs)
        for result in self.results():
            del self.left[result.record.area_id]
            yield result
            if not self.left:
                return
        if self.refusal is None:
            for job in self.left.values():
                yield failed(self._plan, job, SERVER_LOST, 0.0)
            self.left = {}
