"""Worker processes: each makes many areas, is watched by the run, and ends with it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from multiprocessing.connection import Connection, wait

from gunmane_analysis.batch.plan import AreaJob, AreaResult, RunContext, failed

AREAS_PER_WORKER = 200  # then a fresh one: whatever a library may leak stays small
_START, _START_LIMIT = "開始直後", 300.0  # seconds to load the libraries
_ENVIRONMENT = {
    # read by libraries when they are first loaded: Arrow without a pool of its own (27 of 412 MB),
    # and one thread each, since the cores are for the areas
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "PYTHONHASHSEED": "0",
    **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")},
}


class _Worker:
    """A running worker process, as the run sees it.

    It sends the words for each step before it begins one, which must end within the time limit:
    first that it is ready, its libraries loaded; and an area's result.
    """

    def __init__(self, context: RunContext) -> None:
        self._limit = context.cell_limit
        self.job: AreaJob | None = None
        self.made = 0
        self.is_ready = False
        self.connection, far = multiprocessing.Pipe()
        spawn = multiprocessing.get_context("spawn")
        self.process = spawn.Process(target=_work, args=(context, far))
        with _worker_environment():
            self.process.start()
        far.close()
        self.started = time.monotonic()
        self.place, self.deadline = _START, self.started + _START_LIMIT

    def give(self, job: AreaJob) -> None:
        """Let the worker make an area."""
        self.job, self.started = job, time.monotonic()
        self._begin(_START)
        with contextlib.suppress(OSError):  # it has ended, which its sentinel says
            self.connection.send(job)

    def receive(self) -> AreaResult | None:
        """Take what the worker has sent; an area's result if that is among it."""
        with contextlib.suppress(EOFError, OSError):
            while self.connection.poll():
                message = self.connection.recv()
                if isinstance(message, AreaResult):
                    self.job, self.made = None, self.made + 1
                    return message
                self.is_ready = True
                self._begin(message)
        return None

    def _begin(self, place: str) -> None:
        self.place, self.deadline = place, time.monotonic() + self._limit

    @property
    def is_late(self) -> bool:
        """Whether it takes longer than it may."""
        return self.is_busy and time.monotonic() > self.deadline

    @property
    def is_busy(self) -> bool:
        """Whether it makes an area, or loads its libraries for one."""
        return self.job is not None or not self.is_ready

    def end(self) -> int:
        """End the process and all it has started; return its exit code."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.kill()
        self.process.join(3.0)
        code = self.process.exitcode or 0
        self.process.close()
        self.connection.close()
        return code


def run_areas(
    context: RunContext, jobs: Sequence[AreaJob], at_once: int
) -> Generator[AreaResult | None, None, None]:
    """Make areas in worker processes and yield each one's result as it is done.

    None is yielded once, when the last areas are being made: time for work of the caller's own.

    A worker that dies costs its area a second try, not the run; one that takes longer over
    a step than the limit is ended, and its area fails. Closing the iterator ends all workers.

    Parameters
    ----------
    context : RunContext
    jobs : sequence of AreaJob
    at_once : int
        Worker processes.
    """
    waiting = deque(jobs)
    done: deque[AreaResult] = deque()
    tried: set[str] = set()
    has_time = True
    workers: list[_Worker] = []
    try:
        while waiting or done or any(worker.job for worker in workers):
            wanted = min(at_once, len(waiting) + sum(each.job is not None for each in workers))
            # starting a process frees the numbers of those that have ended, which must still be
            # their own when they are ended here: that comes first
            while len(workers) < wanted and not wait([w.process.sentinel for w in workers], 0):
                workers.append(_Worker(context))
            for worker in workers:
                if worker.is_ready and worker.job is None and waiting:
                    worker.give(waiting.popleft())
            if done:  # the workers go on while it is published
                yield done.popleft()
                continue
            if has_time and not waiting:
                has_time = False
                yield None
            until = min((each.deadline for each in workers if each.is_busy), default=0.0)
            channels = [each for w in workers for each in (w.connection, w.process.sentinel)]
            wait(channels, timeout=max(until - time.monotonic(), 0.0))
            for worker in list(workers):
                # asked first: what it sent before its end is still read
                has_ended = bool(wait([worker.process.sentinel], timeout=0))
                result = worker.receive()
                if result is not None:
                    done.append(result)
                    if worker.made < AREAS_PER_WORKER and not has_ended:
                        continue
                elif not has_ended and not worker.is_late:
                    continue
                workers.remove(worker)
                job, is_late = worker.job, worker.is_late and not has_ended
                code = worker.end()
                if job is None and result is None and waiting and not worker.is_ready:
                    job = waiting.popleft()  # a worker that cannot even start costs an area
                if job is None:
                    continue
                if is_late or job.area.area_id in tried:
                    how = signal.Signals(-code).name if code < 0 else f"終了コード {code}"
                    ended = f"で処理が突然終わりました（{how}）。"
                    limit = f"で制限時間（{context.cell_limit:g}秒）を超えたため止めました。"
                    reason = worker.place + (limit if is_late else ended)
                    done.append(failed(context, job, reason, time.monotonic() - worker.started))
                else:
                    tried.add(job.area.area_id)
                    waiting.append(job)
    finally:
        for worker in workers:
            worker.end()


@contextlib.contextmanager
def _worker_environment() -> Iterator[None]:
    """Start processes with this environment, and deaf to Ctrl-C, which is for the run itself."""
    before, handler = dict(os.environ), signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        signal.signal(signal.SIGINT, handler)


def _work(context: RunContext, connection: Connection) -> None:
    """Make areas for the run at the other end until it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setsid"):
        os.setsid()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from gunmane_analysis.batch.area import make_area

    nothing = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):  # what a cell starts must not write into the run's own output
        os.dup2(nothing, descriptor)
    connection.send(_START)
    with contextlib.suppress(EOFError):
        while True:
            job = connection.recv()
            connection.send(make_area(context, job, connection.send))


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
    if hasattr(os, "killpg"):
        os.killpg(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGTERM)
