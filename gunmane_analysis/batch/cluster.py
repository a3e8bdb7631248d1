"""The same areas on the workers of a Dask cluster (optional extra ``cluster``)."""

from __future__ import annotations

import faulthandler
import functools
import platform
from collections.abc import Generator, Sequence

from gunmane_analysis.batch.plan import AreaJob, AreaResult, RunContext, failed
from gunmane_analysis.page.records import inputs_fingerprint
from gunmane_analysis.refusals import refusal
from gunmane_analysis.sources import check_all_raw_files


def run_on_cluster(
    scheduler: str, context: RunContext, jobs: Sequence[AreaJob]
) -> Generator[AreaResult, None, None]:
    """Make areas on a cluster's workers; an area whose worker is lost is made by another.

    Raises
    ------
    ReportError
        If ``distributed`` is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client, as_completed

        client = Client(scheduler, timeout=10, set_as_default=False)
    except (ImportError, OSError, ValueError) as fault:
        raise refusal("scheduler-unreachable", scheduler=scheduler, fault=fault) from fault
    with client:
        futures = {client.submit(make_here, context, job, pure=False): job for job in jobs}
        for future in as_completed(list(futures), loop=client.loop):
            lost = future.exception()
            reason = f"クラスターで処理できませんでした（{type(lost).__name__}: {lost}）。"
            yield failed(context, futures[future], reason) if lost else future.result()
            future.release()


def make_here(context: RunContext, job: AreaJob) -> AreaResult:
    """Make one area in this worker process, which ends if a step takes longer than the limit."""
    from gunmane_analysis.batch.area import make_area

    if _fingerprint_here(context.made_at) != context.inputs_fingerprint:
        return failed(context, job, str(refusal("machine-differs", machine=platform.node())))
    try:
        return make_area(
            context, job, lambda _: faulthandler.dump_traceback_later(context.cell_limit, exit=True)
        )
    finally:
        faulthandler.cancel_dump_traceback_later()


@functools.lru_cache(maxsize=1)
def _fingerprint_here(_: str) -> str:
    """Return the fingerprint of this machine, looked at once a run."""
    return inputs_fingerprint(check_all_raw_files())
