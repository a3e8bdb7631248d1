"""One area from its notebooks to its published files."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Callable

from gunmane_analysis.batch.notebook import run_notebook
from gunmane_analysis.batch.plan import AreaJob, AreaResult, RunContext, failed, record_of
from gunmane_analysis.errors import GunmaneError
from gunmane_analysis.page.files import area_files
from gunmane_analysis.page.page import Provenance, make_page


def make_area(
    context: RunContext, job: AreaJob, on_step: Callable[[str], None] = lambda place: None
) -> AreaResult:
    """Execute an area's notebooks and render its files.

    Never raises for what happens to the area: its fault, whatever it is, becomes its reason.

    Parameters
    ----------
    context : RunContext
    job : AreaJob
    on_step : callable
        Called with the words for each cell, and for the page, before it is begun.
    """
    started = time.monotonic()
    try:
        executed = {}
        for theme in job.themes:
            executed[theme.theme_id] = run_notebook(theme, job.parameters, on_step)
        on_step("ページの組み立て")
        provenance = Provenance(context.made_at, job.fingerprint, context.inputs, context.versions)
        page = make_page(job.area, context.fiscal_year, job.themes, executed, provenance)
        files = area_files(page, executed, keeps_notebooks=context.keeps_notebooks)
        record = record_of(
            context,
            job,
            status="made",
            files={name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
            summary=tuple(page.summary),
            key_figures=tuple(map(vars, page.key_figures)),
        )
        return AreaResult(record, time.monotonic() - started, files=files)
    except Exception as fault:  # noqa: BLE001 - one area's fault, whatever it is, is its record
        reason = f"予期しない誤りで止まりました（{type(fault).__name__}: {fault}）。"
        reason = str(fault) if isinstance(fault, GunmaneError) else reason
        return failed(context, job, reason, time.monotonic() - started, traceback.format_exc())
