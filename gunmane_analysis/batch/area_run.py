"""One area from its notebooks to its published files."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from nbformat import NotebookNode

from gunmane_analysis.batch.jobs import AreaJob, AreaResult, RunPlan, failed
from gunmane_analysis.errors import GunmaneError
from gunmane_analysis.page.files import area_files
from gunmane_analysis.page.page import AreaPage, Provenance, make_page
from gunmane_analysis.page.publishing import publish, withdraw
from gunmane_analysis.page.records import RECORD_NAME, AreaRecord, read_record, record_bytes
from gunmane_analysis.page.themes import Theme

RunTheme = Callable[[Theme, Mapping[str, str | int]], NotebookNode]


def make_area(plan: RunPlan, job: AreaJob, run_theme: RunTheme) -> AreaResult:
    """Execute an area's notebooks, render its files, and publish them if the plan says where.

    Never raises for what happens to the area: its fault, whatever it is, becomes its reason.
    """
    started = time.monotonic()
    try:
        themes = tuple(theme for theme in plan.themes if theme.theme_id in job.theme_ids)
        executed = {
            theme.theme_id: run_theme(theme, job.parameters(plan.fiscal_year)) for theme in themes
        }
        provenance = Provenance(plan.made_at, job.fingerprint, plan.inputs, plan.versions)
        page = make_page(job.area, plan.fiscal_year, themes, executed, provenance)
        files = area_files(page, executed)
        record = _record(plan, job, page, files)
        if plan.target is not None:
            publish_area(plan.target, record, files)
            files = {}
        return AreaResult(record, time.monotonic() - started, files=files)
    except Exception as fault:  # noqa: BLE001 - one area's fault, whatever it is, is its record
        reason = str(fault) if isinstance(fault, GunmaneError) else _unforeseen(fault)
        return failed(plan, job, reason, time.monotonic() - started, traceback.format_exc())


def publish_area(target: Path, record: AreaRecord, files: Mapping[str, bytes]) -> None:
    """Publish an area's files, its record last, so that it vouches for the others.

    Files that an earlier record names and this one does not are withdrawn.

    Raises
    ------
    ReportError
        If a file cannot be written; files of an earlier run stay as they are.
    """
    earlier = read_record(target / record.area_id)
    for name, content in files.items():
        publish(target, f"{record.area_id}/{name}", content)
    publish(target, f"{record.area_id}/{RECORD_NAME}", record_bytes(record))
    for name in set(earlier.files if earlier else ()) - set(files):
        withdraw(target, f"{record.area_id}/{name}")


def _record(plan: RunPlan, job: AreaJob, page: AreaPage, files: Mapping[str, bytes]) -> AreaRecord:
    return AreaRecord(
        area_id=job.area.area_id,
        name=job.area.name,
        kana=job.area.kana,
        kind=job.area.kind,
        status="made",
        fingerprint=job.fingerprint,
        parameters=job.parameters(plan.fiscal_year),
        themes=job.theme_ids,
        made_at=plan.made_at,
        files={name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
        sizes={name: len(files[name]) for name in sorted(files)},
        summary=tuple(page.summary),
        key_figures=tuple(vars(figure) for figure in page.key_figures),
    )


def _unforeseen(fault: Exception) -> str:
    return f"予期しない誤りで止まりました（{type(fault).__name__}: {fault}）。"
