"""The yearly run: what is out of date is made anew, published, and told in the index."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gunmane_analysis.areas import Area
from gunmane_analysis.batch.forked import ForkServer
from gunmane_analysis.batch.forkserver import HeadFailed
from gunmane_analysis.batch.jobs import (
    AreaJob,
    AreaResult,
    EngineName,
    RunPlan,
    failed,
)
from gunmane_analysis.batch.limits import DEFAULT_CELL_LIMIT
from gunmane_analysis.batch.processes import Unsafe, can_fork
from gunmane_analysis.batch.stock import run_stock
from gunmane_analysis.errors import ReportError
from gunmane_analysis.page.publishing import not_writable, publish, sweep
from gunmane_analysis.page.records import (
    PAGE_NAME,
    RUN_NAME,
    AreaRecord,
    fingerprint_of,
    is_current,
    read_record,
    read_records,
    stand_fingerprint,
    to_json,
    versions,
)
from gunmane_analysis.page.themes import Notebooks, Theme, check_parameters
from gunmane_analysis.sources import check_all_raw_files

LOCK_NAME = ".lock"
_EPOCH_VARIABLE = "SOURCE_DATE_EPOCH"


@dataclass(frozen=True)
class ReportRequest:
    """What is to be made: a fiscal year's pages of these areas with these themes.

    Attributes
    ----------
    jobs : int
        Areas at once; 0 for one per core.
    engine : {"forked", "stock"}
        "forked" falls back to "stock" by itself where forking is unsafe.
    cell_limit : float
        Seconds that one cell may take.
    scheduler : str
        Address of a Dask scheduler, to use its workers; empty for this machine.
    """

    fiscal_year: int
    areas: tuple[Area, ...]
    notebooks: Notebooks
    target: Path
    force: bool = False
    jobs: int = 0
    engine: EngineName = "forked"
    cell_limit: float = DEFAULT_CELL_LIMIT
    scheduler: str = ""


@dataclass(frozen=True)
class ReportOutcome:
    """What a run did; ``failed`` holds results, whose traces are not in the records."""

    made: tuple[AreaRecord, ...]
    unchanged: tuple[AreaRecord, ...]
    failed: tuple[AreaResult, ...]
    seconds: float
    target: Path
    engine: str = ""


@dataclass(frozen=True)
class Watcher:
    """Whom a run tells how it goes.

    Attributes
    ----------
    begin : callable
        Called once with the number of areas to be made and the number left as they are.
    tell : callable
        Called with each area's result as it is done.
    note : callable
        Called with a sentence the reader should know, such as why the engine was changed.
    """

    begin: Callable[[int, int], None] = lambda waiting, unchanged: None
    tell: Callable[[AreaResult], None] = lambda result: None
    note: Callable[[str], None] = lambda sentence: None


@dataclass
class _Tally:
    made: list[AreaRecord] = field(default_factory=list)
    failed: list[AreaResult] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    engine: str = ""

    def add(self, result: AreaResult) -> None:
        self.seconds[result.record.area_id] = round(result.seconds, 3)
        if result.record.status == "made":
            self.made.append(result.record)
        else:
            self.failed.append(result)


class Interrupted(KeyboardInterrupt):
    """A run was stopped at the keyboard; what was done by then stands.

    Attributes
    ----------
    outcome : ReportOutcome
        What was done.
    left : int
        Areas not made.
    """

    def __init__(self, outcome: ReportOutcome, left: int) -> None:
        self.outcome, self.left = outcome, left
        super().__init__()


def run_report(request: ReportRequest, watcher: Watcher = Watcher()) -> ReportOutcome:
    """Make the pages that are not yet as they should be, then the index.

    Parameters
    ----------
    request : ReportRequest
    watcher : Watcher

    Returns
    -------
    ReportOutcome
        One area failing does not stop the others; it is listed with its reason.

    Raises
    ------
    SourceError
        If a raw file is missing or altered; nothing has been written then.
    ReportError
        If another run is writing to the same target, or it cannot be written.
    Interrupted
        If the run was stopped at the keyboard; the index tells what is done by then.
    """
    started = time.monotonic()
    inputs = check_all_raw_files()
    themes = _used_themes(request)
    for theme in themes:
        check_parameters(theme, AreaJob(request.areas[0], "").parameters(request.fiscal_year))
    plan = RunPlan(
        run_id=uuid.uuid4().hex,
        stand=stand_fingerprint([theme.path for theme in themes], inputs),
        fiscal_year=request.fiscal_year,
        themes=themes,
        made_at=_now(),
        inputs=inputs,
        versions=versions(),
        target=None if request.scheduler else request.target,
        cell_limit=request.cell_limit,
    )
    with _locked(request.target):
        sweep(request.target)
        unchanged, waiting = _sort_out(request, plan)
        watcher.begin(len(waiting), len(unchanged))
        tally = _Tally()

        def outcome() -> ReportOutcome:
            return ReportOutcome(
                made=tuple(tally.made),
                unchanged=tuple(unchanged),
                failed=tuple(tally.failed),
                seconds=time.monotonic() - started,
                target=request.target,
                engine=tally.engine,
            )

        if not waiting and _has_index(request.target):
            return outcome()
        try:
            for result in _results(request, plan, waiting, tally, watcher):
                tally.add(result)
                watcher.tell(result)
        except KeyboardInterrupt:
            tally.made.extend(_made_unheard(request, plan, waiting, tally))
            _finish(request, plan, outcome(), tally)
            left = len(waiting) - len(tally.made) - len(tally.failed)
            raise Interrupted(outcome(), left) from None
        _finish(request, plan, outcome(), tally)
        return outcome()


def _used_themes(request: ReportRequest) -> tuple[Theme, ...]:
    """Return the notebooks that any of the areas is made from, each once."""
    used: dict[str, Theme] = {}
    for area in request.areas:
        themes = request.notebooks.of(area)
        if not themes:
            raise ReportError(
                f"「{area.name}」の頁を作るノートブックがありません。",
                expected="テーマか、その階層の頁として宣言されたノートブック",
                advice="notebooks/ のノートブックの metadata を確認してください。",
            )
        used |= {theme.theme_id: theme for theme in themes}
    return tuple(used.values())


def _now() -> str:
    told = os.environ.get(_EPOCH_VARIABLE)  # for builds that must repeat to the byte
    now = datetime.fromtimestamp(int(told), UTC) if told else datetime.now().astimezone()
    return now.isoformat(timespec="seconds")


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    """Hold the target's lock, which the system lets go when this process ends, however."""
    from filelock import FileLock, Timeout

    try:
        target.mkdir(parents=True, exist_ok=True)
        lock = FileLock(target / LOCK_NAME, timeout=0)
        lock.acquire()
    except Timeout as fault:
        raise ReportError(
            f"「{target}」には、別の実行が書き込み中です。",
            advice="その実行が終わるのを待ってから、もう一度実行してください。",
        ) from fault
    except OSError as fault:
        raise not_writable(target, fault) from fault
    try:
        yield
    finally:
        lock.release()


def _sort_out(request: ReportRequest, plan: RunPlan) -> tuple[list[AreaRecord], list[AreaJob]]:
    """Return the records of areas that stand as they should, and jobs for the others."""
    unchanged, waiting = [], []
    for area in request.areas:
        parameters = AreaJob(area, "").parameters(request.fiscal_year)
        theme_ids = tuple(theme.theme_id for theme in request.notebooks.of(area))
        job = AreaJob(area, fingerprint_of(plan.stand, parameters, theme_ids), theme_ids)
        folder = request.target / area.area_id
        record = None if request.force else read_record(folder)
        if record is not None and is_current(folder, record, job.fingerprint):
            unchanged.append(record)
        else:
            waiting.append(job)
    return unchanged, waiting


def _made_unheard(
    request: ReportRequest, plan: RunPlan, jobs: list[AreaJob], tally: _Tally
) -> list[AreaRecord]:
    """Return the areas of this run whose files stand although no worker lived to tell."""
    told = {record.area_id for record in tally.made}
    records = [
        (job, read_record(request.target / job.area.area_id))
        for job in jobs
        if job.area.area_id not in told
    ]
    return [
        record
        for job, record in records
        if record is not None
        and record.made_at == plan.made_at
        and is_current(request.target / job.area.area_id, record, job.fingerprint)
    ]


def _has_index(target: Path) -> bool:
    return (target / PAGE_NAME).is_file() and (target / RUN_NAME).is_file()


def _results(
    request: ReportRequest,
    plan: RunPlan,
    jobs: list[AreaJob],
    tally: _Tally,
    watcher: Watcher,
) -> Iterator[AreaResult]:
    at_once = max(1, min(request.jobs or os.cpu_count() or 1, len(jobs)))
    if not jobs:
        return
    if request.scheduler:
        from gunmane_analysis.batch.cluster import run_on_cluster

        tally.engine = "cluster"
        yield from run_on_cluster(request.scheduler, plan, jobs, request.target)
        return
    if request.engine == "forked":
        tally.engine = "forked"
        jobs, reason = yield from _forked(plan, jobs, at_once)
        if not jobs:
            return
        watcher.note(f"{reason}ため、標準のカーネルで実行します（時間がかかります）。")
    tally.engine = "stock"
    yield from run_stock(plan, jobs, at_once)


def _forked(
    plan: RunPlan, jobs: list[AreaJob], at_once: int
) -> Generator[AreaResult, None, tuple[list[AreaJob], str]]:
    """Run areas forked; the generator's value is the areas that cannot be, and why."""
    if not can_fork():
        return jobs, "この環境ではプロセスを安全に複製できない"
    with ForkServer(plan, at_once) as server:
        state = server.prepare()
        if isinstance(state, Unsafe):
            return jobs, state.reason
        if isinstance(state, HeadFailed):
            for job in jobs:
                yield failed(plan, job, state.reason, 0.0, state.trace)
            return [], ""
        yield from server.run(jobs)
        return list(server.left.values()), server.refusal.reason if server.refusal else ""


def _finish(request: ReportRequest, plan: RunPlan, outcome: ReportOutcome, tally: _Tally) -> None:
    from gunmane_analysis.page.index import render_index

    sweep(request.target)
    records = read_records(request.target)
    failures = tuple(result.record for result in outcome.failed)
    publish(
        request.target,
        PAGE_NAME,
        render_index(request.fiscal_year, tuple(records.values()), failures),
    )
    publish(request.target, RUN_NAME, to_json(_run_summary(plan, outcome, records, tally)))
    sweep(request.target)


def _run_summary(
    plan: RunPlan, outcome: ReportOutcome, records: Mapping[str, AreaRecord], tally: _Tally
) -> dict[str, object]:
    return {
        "fiscal_year": plan.fiscal_year,
        "made_at": plan.made_at,
        "finished_at": _now(),
        "seconds": round(outcome.seconds, 3),
        "engine": outcome.engine,
        "themes": [theme.theme_id for theme in plan.themes],
        "inputs": plan.inputs,
        "versions": plan.versions,
        "made": sorted(record.area_id for record in outcome.made),
        "unchanged": sorted(record.area_id for record in outcome.unchanged),
        "failed": {result.record.area_id: result.record.reason for result in outcome.failed},
        "seconds_by_area": dict(sorted(tally.seconds.items())),
        "areas": {
            record.area_id: {
                "name": record.name,
                "parameters": record.parameters,
                "fingerprint": record.fingerprint,
                "made_at": record.made_at,
                "files": record.files,
            }
            for record in records.values()
        },
    }
