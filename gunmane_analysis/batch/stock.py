"""papermill's own way, for notebooks and systems where forking is no choice.

Each worker is a process started afresh; each notebook gets its own Jupyter kernel.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING

from gunmane_analysis.batch.jobs import AreaJob, AreaResult, RunPlan, failed
from gunmane_analysis.batch.processes import environment_for_workers
from gunmane_analysis.errors import NotebookError

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from gunmane_analysis.page.themes import Theme

_MAIN = "from gunmane_analysis.batch.stock import main; main()"
_LENGTH = struct.Struct("<Q")


class StockWorker:
    """One worker process, doing one area after another."""

    def __init__(self, plan: RunPlan) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _MAIN],
            env=environment_for_workers({"PYTHONHASHSEED": "0"}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._plan = plan
        _send(self._stdin, plan)

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def run(self, job: AreaJob) -> AreaResult | None:
        """Make one area; None if the worker died over it."""
        assert self._process.stdout is not None
        try:
            _send(self._stdin, job)
            result = _receive(self._process.stdout)
        except (EOFError, BrokenPipeError):
            return None
        assert isinstance(result, AreaResult)
        return result

    def stop(self) -> int:
        """End the worker; its kernels notice and end too."""
        self._process.kill()
        return self._process.wait()


def run_stock(plan: RunPlan, jobs: Sequence[AreaJob], at_once: int) -> Iterator[AreaResult]:
    """Make these areas in ``at_once`` workers and yield each one's result as it is done."""
    waiting: queue.SimpleQueue[AreaJob] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    done: queue.SimpleQueue[AreaResult] = queue.SimpleQueue()
    workers: set[StockWorker] = set()
    is_over = threading.Event()

    def work() -> None:
        worker: StockWorker | None = None
        with contextlib.suppress(queue.Empty):
            while not is_over.is_set():
                job = waiting.get_nowait()
                if worker is None:
                    worker = StockWorker(plan)
                    workers.add(worker)
                result = worker.run(job)
                if result is None:
                    code = worker.stop()
                    workers.discard(worker)
                    worker = None
                    reason = f"処理が途中で終わりました（終了コード {code}）。"
                    result = failed(plan, job, reason, 0.0)
                done.put(result)
        if worker is not None:
            worker.stop()

    for _ in range(min(at_once, len(jobs))):
        threading.Thread(target=work, daemon=True).start()
    try:
        for _ in jobs:
            yield done.get()
    finally:
        is_over.set()
        for worker in list(workers):
            worker.stop()


def main() -> None:
    """Work for the process at the other end of standard input and output, until it is gone."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not speak into the answers
    orders: queue.SimpleQueue[object] = queue.SimpleQueue()
    threading.Thread(target=_take_orders, args=(sys.stdin.buffer, orders), daemon=True).start()
    plan = orders.get()
    assert isinstance(plan, RunPlan)
    while True:
        job = orders.get()
        assert isinstance(job, AreaJob)
        _send(answers, run_job(plan, job))


def run_job(plan: RunPlan, job: AreaJob) -> AreaResult:
    """Make one area, each notebook under papermill's own engine in its own kernel."""
    from gunmane_analysis.batch.area_run import make_area

    def run(theme: Theme, parameters: Mapping[str, str | int]) -> NotebookNode:
        return run_theme_stock(theme, parameters, plan.cell_limit)

    return make_area(plan, job, run)


def run_theme_stock(
    theme: Theme, parameters: Mapping[str, str | int], cell_limit: float
) -> NotebookNode:
    """Execute a theme's notebook in a Jupyter kernel.

    Raises
    ------
    NotebookError
        As :func:`run_theme`; also if the kernel died or a cell took longer than the limit.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    from gunmane_analysis.batch.engine import prepared_for_papermill, run_theme

    try:
        notebook = prepared_for_papermill(theme.read(), theme.parameters)
        is_python = notebook.metadata.get("kernelspec", {}).get("language") == "python"
        return run_theme(
            theme,
            notebook,
            parameters,
            execution_timeout=round(cell_limit),
            # ipykernel 7.4 tells of its sockets at every start and of an interrupt at every end
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"] if is_python else [],
        )
    except CellTimeoutError as fault:
        raise NotebookError(
            f"「{theme.title}」のセルが制限時間（{cell_limit:g}秒）を超えたため止めました。"
        ) from fault
    except DeadKernelError as fault:
        raise NotebookError(
            f"「{theme.title}」のカーネルが突然終わりました。",
            advice="メモリーの不足か、ライブラリの異常が考えられます。もう一度実行してください。",
        ) from fault


def _take_orders(stream: IO[bytes], orders: queue.SimpleQueue[object]) -> None:
    with contextlib.suppress(EOFError):
        while True:
            orders.put(_receive(stream))
    os._exit(1)  # whoever gave orders is gone


def _send(stream: IO[bytes], message: object) -> None:
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(content)) + content)
    stream.flush()


def _receive(stream: IO[bytes]) -> object:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    content = stream.read(length)
    if len(content) < length:
        raise EOFError
    return pickle.loads(content)  # from the process at the other end, which is ours
