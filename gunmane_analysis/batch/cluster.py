"""The same areas on the workers of a Dask cluster (optional extra ``cluster``).

Each worker process holds one fork server of its own; files come back to the caller, who
publishes them as a run on one machine does.
"""

from __future__ import annotations

import dataclasses
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

from gunmane_analysis.batch.area_run import publish_area
from gunmane_analysis.batch.forked import ForkServer
from gunmane_analysis.batch.forkserver import HeadFailed
from gunmane_analysis.batch.jobs import AreaJob, AreaResult, RunPlan, failed
from gunmane_analysis.batch.processes import Unsafe, can_fork
from gunmane_analysis.errors import GunmaneError, ReportError
from gunmane_analysis.page.records import stand_fingerprint
from gunmane_analysis.paths import notebooks_dir
from gunmane_analysis.sources import check_all_raw_files

_CONNECT_SECONDS = 10


def run_on_cluster(
    scheduler: str, plan: RunPlan, jobs: Sequence[AreaJob], target: Path
) -> Iterator[AreaResult]:
    """Make areas on a cluster's workers and publish each as it comes back.

    A worker that is lost costs nothing but time: its areas are made by another.

    Parameters
    ----------
    scheduler : str
        ``tcp://host:port``.
    plan : RunPlan
        Without a target: workers send files back.
    jobs : sequence of AreaJob
    target : Path
        The year's folder on this machine.

    Raises
    ------
    ReportError
        If ``distributed`` is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as fault:
        raise ReportError(
            "--scheduler を使うための distributed がありません。",
            advice="pip install 'gunmane-analysis[cluster]' で導入してください。",
        ) from fault
    try:
        client = Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as fault:
        raise ReportError(
            f"Dask のスケジューラー「{scheduler}」に接続できません（{fault}）。",
            expected="tcp://ホスト:ポート",
            advice="スケジューラーが動いているか、アドレスが正しいかを確認してください。",
        ) from fault
    with client:
        futures = {
            client.submit(make_on_worker, plan, job, key=f"{job.area.area_id}-{plan.run_id}"): job
            for job in jobs
        }
        for future in as_completed(list(futures), loop=client.loop):
            job = futures[future]
            lost = future.exception()
            result = failed(plan, job, _worded(lost), 0.0) if lost else future.result()
            future.release()
            yield _publish(target, plan, job, result)


def _worded(fault: BaseException) -> str:
    if isinstance(fault, GunmaneError):
        return str(fault)
    return f"クラスターで処理できませんでした（{type(fault).__name__}: {fault}）。"


def _publish(target: Path, plan: RunPlan, job: AreaJob, result: AreaResult) -> AreaResult:
    if result.record.status == "failed":
        return result
    try:
        if result.record.area_id != job.area.area_id:
            raise ReportError(
                f"頼んだ地域「{job.area.area_id}」と違う結果「{result.record.area_id}」が届きました。"
            )
        publish_area(target, result.record, result.files)
    except GunmaneError as fault:
        return failed(plan, job, str(fault), result.seconds)
    return dataclasses.replace(result, files={})


def make_on_worker(plan: RunPlan, job: AreaJob) -> AreaResult:
    """Make one area on a worker, through the fork server that the worker process holds."""
    return _held_server(plan).make(job)


class HeldServer:
    """A fork server that several threads of a worker use at once."""

    def __init__(self, plan: RunPlan, at_once: int) -> None:
        if not can_fork():
            raise ReportError("この作業機ではプロセスを安全に複製できません。")
        self._server = ForkServer(plan, at_once)
        self._asked: dict[str, Future[AreaResult]] = {}
        self._guard = threading.Lock()
        state = self._server.prepare()
        if isinstance(state, Unsafe | HeadFailed):
            self._server.close()
            raise ReportError(state.reason)
        threading.Thread(target=self._listen, daemon=True).start()

    def make(self, job: AreaJob) -> AreaResult:
        """Make one area and wait for it."""
        answer: Future[AreaResult] = Future()
        with self._guard:
            self._asked[job.area.area_id] = answer
            self._server.ask([job])
        return answer.result()

    def close(self) -> None:
        """End the fork server and its children."""
        self._server.close()

    def _listen(self) -> None:
        for result in self._server.results():
            self._asked.pop(result.record.area_id).set_result(result)
        for answer in self._asked.values():
            answer.set_exception(ReportError("地域の処理を束ねるプロセスが途中で終わりました。"))


_held: dict[str, HeldServer] = {}
_starting = threading.Lock()


def _held_server(plan: RunPlan) -> HeldServer:
    with _starting:
        if plan.run_id not in _held:
            here = _as_here(plan)
            for run_id in list(_held):
                _held.pop(run_id).close()
            _held[plan.run_id] = HeldServer(here, _thread_count())
        return _held[plan.run_id]


def _as_here(plan: RunPlan) -> RunPlan:
    """Return the plan with this machine's notebooks, which must be the caller's to the byte.

    Raises
    ------
    ReportError
        If program, notebooks, delivered files or library versions differ from the caller's.
    """
    themes = tuple(
        dataclasses.replace(theme, path=notebooks_dir() / theme.path.name) for theme in plan.themes
    )
    here = stand_fingerprint([theme.path for theme in themes], check_all_raw_files())
    if here != plan.stand:
        raise ReportError(
            f"作業機 {socket.gethostname()} のプログラム・ノートブック・元データ・ライブラリの版の"
            "いずれかが、実行元と違います。",
            advice="すべての作業機を実行元と同じ版にそろえてください。",
        )
    return dataclasses.replace(plan, themes=themes)


def _thread_count() -> int:
    from distributed import get_worker

    return int(get_worker().state.nthreads)
