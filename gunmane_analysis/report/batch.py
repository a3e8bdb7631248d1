"""The yearly run: every area's notebooks executed, its page published, its record kept."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

import gunmane_analysis
from gunmane_analysis.areas import Area
from gunmane_analysis.errors import GunmaneError, ReportError
from gunmane_analysis.report.engine import run_theme
from gunmane_analysis.report.files import area_files
from gunmane_analysis.report.index import render_index
from gunmane_analysis.report.page import Provenance, make_page
from gunmane_analysis.report.publishing import publish, sweep
from gunmane_analysis.report.records import (
    PAGE_NAME,
    RUN_NAME,
    AreaRecord,
    code_fingerprint,
    fingerprint_of,
    is_current,
    read_record,
    read_records,
    to_json,
    versions,
    write_record,
)
from gunmane_analysis.report.themes import Theme, check_parameters
from gunmane_analysis.sources import check_all_raw_files, sha256_of

LOCK_NAME = ".lock"
_JOBS_AT_MOST = 8


@dataclass(frozen=True)
class ReportRequest:
    """What is to be made: a fiscal year's pages of these areas with these themes."""

    fiscal_year: int
    areas: tuple[Area, ...]
    themes: tuple[Theme, ...]
    target: Path
    force: bool = False
    jobs: int = 0


@dataclass(frozen=True)
class AreaJob:
    """One area's share of a run, complete in itself so that another process can do it."""

    area: Area
    fiscal_year: int
    themes: tuple[Theme, ...]
    target: Path
    provenance: Provenance


@dataclass(frozen=True)
class ReportOutcome:
    """What a run did."""

    made: tuple[AreaRecord, ...]
    unchanged: tuple[AreaRecord, ...]
    failed: tuple[AreaRecord, ...]
    seconds: float
    target: Path


Progress = Callable[[AreaRecord, int], None]


def run_report(
    request: ReportRequest, progress: Progress = lambda record, left: None
) -> ReportOutcome:
    """Make the pages that are not yet as they should be, then the index.

    Parameters
    ----------
    request : ReportRequest
    progress : callable
        Called with each area's record as it is done, and the number of areas left.

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
    """
    started = time.monotonic()
    inputs = check_all_raw_files()
    for theme in request.themes:
        check_parameters(theme, _parameters(request.areas[0], request.fiscal_year))
    with _locked(request.target):
        sweep(request.target)
        records = {
            area.area_id: read_record(request.target / area.area_id) for area in request.areas
        }
        jobs = _jobs(request, inputs)
        unchanged, waiting = [], []
        for job in jobs:
            folder = request.target / job.area.area_id
            record = records[job.area.area_id]
            if not request.force and is_current(folder, record, job.provenance.fingerprint):
                assert record is not None
                unchanged.append(record)
            else:
                waiting.append(job)
        done = []
        for record in _run_jobs(waiting, request.jobs):
            done.append(record)
            progress(record, len(waiting) - len(done))
        failed = tuple(record for record in done if record.status == "failed")
        outcome = ReportOutcome(
            made=tuple(record for record in done if record.status == "made"),
            unchanged=tuple(unchanged),
            failed=failed,
            seconds=time.monotonic() - started,
            target=request.target,
        )
        _finish(request, outcome, inputs)
    return outcome


def _locked(target: Path) -> FileLock:
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
        raise ReportError(
            f"「{target}」に書き込めません（{fault.strerror}）。",
            advice="フォルダーの書き込み権限と空き容量を確認してください。",
        ) from fault
    return lock


def _parameters(area: Area, fiscal_year: int) -> dict[str, str | int]:
    return {"area_id": area.area_id, "fiscal_year": fiscal_year, "scheme_id": area.scheme_id}


def _jobs(request: ReportRequest, inputs: dict[str, str]) -> list[AreaJob]:
    package = Path(gunmane_analysis.__file__).parent
    notebooks = tuple(theme.path for theme in request.themes)
    shared = (code_fingerprint(package, notebooks), inputs, versions())
    made_at = datetime.now().astimezone().isoformat(timespec="seconds")
    return [
        AreaJob(
            area=area,
            fiscal_year=request.fiscal_year,
            themes=request.themes,
            target=request.target,
            provenance=Provenance(
                made_at=made_at,
                fingerprint=fingerprint_of(shared, _parameters(area, request.fiscal_year)),
                inputs=inputs,
                versions=versions(),
            ),
        )
        for area in request.areas
    ]


def _run_jobs(jobs: Sequence[AreaJob], workers: int) -> Iterator[AreaRecord]:
    count = min(workers or min(os.cpu_count() or 1, _JOBS_AT_MOST), max(len(jobs), 1))
    if count == 1:
        yield from map(run_area, jobs)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=spawn) as pool:
        waiting: dict[Future[AreaRecord], AreaJob] = {
            pool.submit(run_area, job): job for job in jobs
        }
        while waiting:
            finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                job = waiting.pop(future)
                fault = future.exception()
                yield future.result() if fault is None else _failed(job, fault, 0.0)


def run_area(job: AreaJob) -> AreaRecord:
    """Execute one area's notebooks, publish its files, and write its record last."""
    started = time.monotonic()
    try:
        parameters = _parameters(job.area, job.fiscal_year)
        executed = {theme.theme_id: run_theme(theme, parameters) for theme in job.themes}
        provenance = dataclasses.replace(
            job.provenance, seconds=round(time.monotonic() - started, 1)
        )
        page = make_page(job.area, job.fiscal_year, job.themes, executed, provenance)
        files = area_files(page, executed)
        folder = job.target / job.area.area_id
        for name, content in files.items():
            publish(folder / name, content)
        record = AreaRecord(
            area_id=job.area.area_id,
            name=job.area.name,
            kana=job.area.kana,
            kind=job.area.kind,
            status="made",
            fingerprint=job.provenance.fingerprint,
            parameters=parameters,
            themes=tuple(theme.theme_id for theme in job.themes),
            made_at=job.provenance.made_at,
            seconds=round(time.monotonic() - started, 3),
            files={name: sha256_of(folder / name) for name in sorted(files)},
            summary=tuple(page.summary),
            key_figures=tuple(vars(figure) for figure in page.key_figures),
        )
        write_record(folder, record)
        return record
    except Exception as fault:  # noqa: BLE001 - one area's fault, whatever it is, is its record
        return _failed(job, fault, time.monotonic() - started)


def _failed(job: AreaJob, fault: BaseException, seconds: float) -> AreaRecord:
    reason = fault.found if isinstance(fault, GunmaneError) else f"{type(fault).__name__}: {fault}"
    return AreaRecord(
        area_id=job.area.area_id,
        name=job.area.name,
        kind=job.area.kind,
        status="failed",
        fingerprint=job.provenance.fingerprint,
        parameters=_parameters(job.area, job.fiscal_year),
        themes=tuple(theme.theme_id for theme in job.themes),
        made_at=job.provenance.made_at,
        seconds=round(seconds, 3),
        reason=reason,
    )


def _finish(request: ReportRequest, outcome: ReportOutcome, inputs: dict[str, str]) -> None:
    records = read_records(request.target)
    failures = {record.area_id: record for record in outcome.failed}
    publish(
        request.target / PAGE_NAME,
        render_index(request.fiscal_year, tuple(records.values()), tuple(failures.values())),
    )
    publish(
        request.target / RUN_NAME,
        to_json(
            {
                "fiscal_year": request.fiscal_year,
                "finished_at": datetime.now().astimezone().isoformat(timespec="seconds"),
                "seconds": round(outcome.seconds, 3),
                "themes": [theme.theme_id for theme in request.themes],
                "inputs": inputs,
                "versions": versions(),
                "made": [record.area_id for record in outcome.made],
                "unchanged": [record.area_id for record in outcome.unchanged],
                "failed": {record.area_id: record.reason for record in outcome.failed},
                "areas": {
                    record.area_id: {
                        "name": record.name,
                        "parameters": record.parameters,
                        "fingerprint": record.fingerprint,
                        "made_at": record.made_at,
                        "seconds": record.seconds,
                        "files": record.files,
                    }
                    for record in records.values()
                },
            }
        ),
    )
