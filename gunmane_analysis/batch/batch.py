"""The yearly run: what is out of date is made anew and published, and the index with it."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gunmane_analysis.batch.plan import (
    AreaJob,
    AreaResult,
    ReportRequest,
    RunContext,
    check_libraries,
    parameters_of,
    split_up_to_date,
)
from gunmane_analysis.errors import ReportError
from gunmane_analysis.loaders.store import build_all
from gunmane_analysis.page import publishing, records
from gunmane_analysis.page.records import AreaRecord
from gunmane_analysis.page.themes import check_parameters
from gunmane_analysis.refusals import caution, refusal
from gunmane_analysis.sources import check_all_raw_files


@dataclass
class ReportOutcome:
    """What a run did; ``failed`` holds results, whose traces are not in the records.

    Of ``waiting_count`` areas that were to be made, ``left_count`` are neither made nor failed
    when a run was interrupted.
    """

    target: Path
    unchanged: list[AreaRecord]
    waiting_count: int
    made: list[AreaRecord] = field(default_factory=list)
    failed: list[AreaResult] = field(default_factory=list)
    seconds_by_area: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    pdf_count: int = 0

    @property
    def left_count(self) -> int:
        """Areas that the run did not come to."""
        return self.waiting_count - len(self.made) - len(self.failed)

    def add(self, result: AreaResult) -> None:
        """Add what became of an area."""
        self.seconds_by_area[result.record.area_id] = round(result.seconds, 3)
        if result.record.status == "made":
            self.made.append(result.record)
        else:
            self.failed.append(result)


class Reporter:
    """Where a run reports how it goes; this one keeps it to itself."""

    def begin(self, waiting: int, unchanged: int) -> None:
        """Take the number of areas to be made and the number left as they are, once."""

    def add(self, result: AreaResult) -> None:
        """Take each area's result as it is done."""

    def note(self, sentence: str) -> None:
        """Take a sentence that the reader should know."""


SILENT = Reporter()


@dataclass
class Interrupted(KeyboardInterrupt):
    """A run was stopped at the keyboard; what was done by then is kept.

    Attributes
    ----------
    outcome : ReportOutcome
        What was done.
    """

    outcome: ReportOutcome


def run_report(request: ReportRequest, reporter: Reporter = SILENT) -> ReportOutcome:
    """Make the pages that are not up to date, then the index.

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
        If the run was stopped at the keyboard; the index shows what is done by then.
    """
    started = time.monotonic()
    check_libraries()
    inputs = check_all_raw_files()
    parameters = parameters_of(request.areas[0], request.fiscal_year)
    for theme in request.used_notebooks():
        check_parameters(theme, parameters)
        if theme.kernel_name != "python3":
            kernel = theme.kernel_name
            reporter.note(caution("kernel-differs", name=theme.path.name, kernel=kernel))
    context = RunContext(
        fiscal_year=request.fiscal_year,
        made_at=_now(),
        inputs=inputs,
        inputs_fingerprint=records.inputs_fingerprint(inputs),
        versions=records.versions(),
        cell_limit=request.cell_limit,
        keeps_notebooks=request.keeps_notebooks,
    )
    with locked(request.target):
        publishing.clean_temp(request.target)
        unchanged, waiting = split_up_to_date(request, context)
        if waiting:
            list(build_all())  # once, and not in every worker
        reporter.begin(len(waiting), len(unchanged))
        outcome = ReportOutcome(request.target, unchanged, len(waiting))
        try:
            results = _results(request, context, waiting)
            with ThreadPoolExecutor(1) as background, contextlib.closing(results):
                for result in results:
                    if result is None:  # what all indexes share is kept from here on
                        # in a thread: Ctrl-C would leave the libraries half loaded here;
                        # what it cannot do is said when the index is made at the end
                        background.submit(_index, request, context, outcome)
                        continue
                    published = _publish(request.target, result)
                    outcome.add(published)
                    reporter.add(published)
        except KeyboardInterrupt:
            _finish(request, context, outcome, started)
            raise Interrupted(outcome) from None
        index = [request.target / records.PAGE_NAME, request.target / records.RUN_NAME]
        if waiting or not all(map(Path.is_file, index)):
            _finish(request, context, outcome, started)
        if request.prints_pdf:
            from gunmane_analysis.page.pdf import write_pdfs

            ids = [record.area_id for record in (*outcome.made, *unchanged)]
            outcome.pdf_count = len(write_pdfs(request.target, ids, force=request.force))
        outcome.seconds = time.monotonic() - started
        return outcome


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")  # for builds that must repeat to the byte
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now().astimezone()
    return now.isoformat(timespec="seconds")


@contextlib.contextmanager
def locked(target: Path) -> Iterator[None]:
    """Keep the target's lock, which the system gives up when this process ends, however.

    Nothing half-written is left when it is released.
    """
    from filelock import FileLock, Timeout

    try:
        target.mkdir(parents=True, exist_ok=True)
        lock = FileLock(target / ".lock", timeout=0)
        lock.acquire()
    except Timeout as fault:
        raise refusal("report-locked", target=target) from fault
    except OSError as fault:
        raise publishing.not_writable(target, fault) from fault
    try:
        yield
    finally:
        publishing.clean_temp(target)
        lock.release()


def _results(
    request: ReportRequest, context: RunContext, jobs: list[AreaJob]
) -> Generator[AreaResult | None, None, None]:
    if request.scheduler and jobs:
        from gunmane_analysis.batch.cluster import run_on_cluster

        return run_on_cluster(request.scheduler, context, jobs)
    from gunmane_analysis.batch.worker import run_areas

    return run_areas(context, jobs, max(1, request.jobs or os.cpu_count() or 1))


def _publish(target: Path, result: AreaResult) -> AreaResult:
    """Publish an area's files; if that fails, return that as its result."""
    try:
        if result.record.status == "made":
            publishing.publish_area(target, result.record, result.files)
    except ReportError as fault:
        unmade = dataclasses.replace(result.record, status="failed", reason=str(fault), files={})
        return AreaResult(unmade, result.seconds)
    return result


def _finish(
    request: ReportRequest, context: RunContext, outcome: ReportOutcome, started: float
) -> None:
    """Write the index and the record of the run."""
    target = request.target
    index, listed = _index(request, context, outcome)
    outcome.seconds = time.monotonic() - started
    index[records.RUN_NAME] = records.to_json(_summary(context, outcome, listed))
    for name, content in index.items():
        publishing.publish(target, name, content)
    publishing.unpublish(target, "index.pdf")  # of the index before


def _index(
    request: ReportRequest, context: RunContext, outcome: ReportOutcome
) -> tuple[dict[str, bytes], Sequence[AreaRecord]]:
    """Return the index's files, and the records of the areas that it lists."""
    from gunmane_analysis.loaders.indicators import load_municipal_values
    from gunmane_analysis.loaders.tables import load_staffing
    from gunmane_analysis.metrics.position.position import area_values
    from gunmane_analysis.page.index import index_scheme, render_index

    listed = tuple(records.read_records(request.target).values())
    current = context.inputs_fingerprint
    outdated = {record.area_id for record in listed if record.inputs_fingerprint != current}
    failures = tuple(result.record for result in outcome.failed)
    values = area_values(load_municipal_values(), load_staffing(), index_scheme(listed))
    return render_index(request.fiscal_year, listed, failures, outdated, values), listed


def _summary(
    context: RunContext, outcome: ReportOutcome, listed: Sequence[AreaRecord]
) -> dict[str, object]:
    return {
        "fiscal_year": context.fiscal_year,
        "made_at": context.made_at,
        "finished_at": _now(),
        "seconds": round(outcome.seconds, 3),
        "inputs": context.inputs,
        "versions": context.versions,
        "made": sorted(record.area_id for record in outcome.made),
        "unchanged": sorted(record.area_id for record in outcome.unchanged),
        "failed": {result.record.area_id: result.record.reason for result in outcome.failed},
        "seconds_by_area": dict(sorted(outcome.seconds_by_area.items())),
        "fingerprints": {record.area_id: record.fingerprint for record in listed},
    }
