"""``gunmane report``: the pages of the areas and the year that are asked for."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import sys
from collections.abc import Mapping
from typing import TypeVar

from gunmane_analysis.areas import (
    DEFAULT_SCHEME_ID,
    Area,
    AreaKind,
    find_area,
    list_areas,
    parse_regions,
    scheme_ids,
)
from gunmane_analysis.batch import batch
from gunmane_analysis.batch.plan import DEFAULT_CELL_LIMIT, ReportRequest
from gunmane_analysis.batch.progress import ProgressBar, as_json, closing_words
from gunmane_analysis.page.pdf import find_browser
from gunmane_analysis.page.themes import select_notebooks
from gunmane_analysis.paths import processed_dir, raw_dir, reports_dir
from gunmane_analysis.refusals import caution, refuse_if

EXIT_AREA_FAILED = 1
EXIT_INTERRUPTED = 130
_Number = TypeVar("_Number", int, float)
_LEVELS: Mapping[str, AreaKind] = {"prefectures": "prefecture", "municipalities": "municipality"}


def run_report(options: argparse.Namespace) -> int | None:
    """Make the pages, print what was made, and return whether an area failed."""
    if options.pdf:
        find_browser()  # refused now rather than after the run
    areas = _areas(options.scheme, options.regions)
    notebooks = select_notebooks(options.theme)
    used = {theme.theme_id for area in areas for theme in notebooks.of(area)}
    is_staffing_shown = "staffing" in used or any(page.theme_id in used for page in notebooks.pages)
    fiscal_year = _fiscal_year(options.year, is_staffing_shown)
    request = ReportRequest(
        fiscal_year=fiscal_year,
        areas=areas,
        notebooks=notebooks,
        target=reports_dir() / str(fiscal_year),
        force=options.force,
        jobs=_not_negative("--jobs", options.jobs),
        cell_limit=_not_negative("--time-limit", options.time_limit) or DEFAULT_CELL_LIMIT,
        scheduler=options.scheduler,
        keeps_notebooks=options.keep_notebooks,
        prints_pdf=options.pdf,
    )
    bar = ProgressBar(with_traces=options.debug)
    if notebooks.ignored:
        bar.note(caution("notebooks-ignored", names=notebooks.ignored))
    words = as_json if options.json else closing_words
    try:
        outcome = batch.run_report(request, bar)
    except batch.Interrupted as stop:
        bar.close()
        print(words(stop.outcome))
        return EXIT_INTERRUPTED
    finally:
        bar.close()
    print(words(outcome))
    if options.pdf:
        print(f"PDF {outcome.pdf_count}件を作成", file=sys.stderr)
    return EXIT_AREA_FAILED if outcome.failed else None


def _not_negative(option: str, value: _Number) -> _Number:
    refuse_if(not 0 <= value < float("inf"), "option-negative", option=option, value=value)
    return value


def _areas(scheme: str, regions: str | None) -> tuple[Area, ...]:
    block_scheme = DEFAULT_SCHEME_ID if scheme in _LEVELS else scheme
    known = scheme_ids()
    refuse_if(block_scheme not in known, "scheme-name", scheme=scheme, known=[*known, *_LEVELS])
    if regions is not None:
        return parse_regions(regions, block_scheme)
    if scheme in _LEVELS:
        return list_areas(_LEVELS[scheme], block_scheme)
    return (find_area("japan", block_scheme), *list_areas("block", block_scheme))


def _fiscal_year(wanted: int | None, is_staffing_shown: bool) -> int:
    first, last = _staffing_years()
    year = last if wanted is None else wanted
    is_outside = is_staffing_shown and not first <= year <= last
    refuse_if(is_outside, "year-without-staff", wanted=wanted, first=first, last=last)
    return year


def _staffing_years() -> tuple[int, int]:
    """Return the first and the last fiscal year with staff counts.

    They are noted with the processed tables, with the hash of the register they were found
    under: a run that has nothing to make need not load a table to know its year.
    """
    register = hashlib.sha256((raw_dir() / "sources.yml").read_bytes()).hexdigest()
    note = processed_dir() / "staffing_years.json"
    with contextlib.suppress(OSError, ValueError, KeyError):
        noted = json.loads(note.read_text("utf-8"))
        if noted["register"] == register:
            return int(noted["first"]), int(noted["last"])
    from gunmane_analysis.loaders.tables import load_staffing

    staffing = load_staffing()
    counted = staffing.dropna(subset=["general_staff_count"])["fiscal_year"]
    first, last = int(counted.min()), int(counted.max())
    with contextlib.suppress(OSError):
        note.write_text(json.dumps({"register": register, "first": first, "last": last}))
    return first, last
