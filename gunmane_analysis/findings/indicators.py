"""Findings whose tables show indicators, and the newest values that their sentences name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.findings.described import described_finding, listed
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables.indicators import Level, indicators, latest_known
from gunmane_analysis.wording import is_missing


def level_of(area: Area) -> Level:
    """Return by which sources an area's indicators are known."""
    return "municipality" if area.kind == "municipality" else "regional"


def indicator_sources(names: Iterable[str], level: Level, *others: str) -> tuple[str, ...]:
    """Return the registered sources of indicators at a level, in the order of first use."""
    used = (source for name in names for source in indicators()[name].sources[level])
    return sources_in_use(*others, *used)


def newest_values(
    values: pd.DataFrame, names: Mapping[str, str], indicator_id: str, fiscal_year: int
) -> pd.Series:
    """Return the newest value that each of some areas has of an indicator, the smallest first.

    Parameters
    ----------
    values : DataFrame
        ``area_id``, ``indicator_id``, ``year``, ``value``.
    names : mapping
        The areas' names by id.
    """
    asked = (values["indicator_id"] == indicator_id) & values["area_id"].isin(list(names))
    rows = latest_known(values[asked], fiscal_year)
    return rows.set_index(rows["area_id"].astype("str"))["value"].sort_values()


def indicator_finding(
    finding_id: str,
    table: pd.DataFrame,
    level: Level = "municipality",
    *,
    names: Sequence[str] | None = None,
    usual: float | None = None,
    others: Sequence[str] = (),
    **words: Any,
) -> Finding:
    """Return a described finding whose table shows indicators after the entry's own columns.

    Each is headed with the years in the table's ``<name>_year``, where they are not the usual
    one. After it comes its ``<name>_rank``, where the entry lists it as ``ranked``.

    Parameters
    ----------
    names : sequence of str, optional
        In place of the entry's ``indicators``. What nobody has a value of is left out.
    usual : float, optional
        The year that headings leave out; the most frequent one when left out.
    others : sequence of str
        Sources besides those of the indicators.
    words
        As of :func:`described_finding`.
    """
    asked = listed(finding_id, "indicators") if names is None else names
    known = [name for name in asked if name in table and table[name].notna().any()]
    years = table.reindex(columns=[f"{name}_year" for name in known])
    newest, oldest = years.max(), years.min()
    usual = newest.mode().max() if usual is None else usual
    columns = []
    for name, year, first in zip(known, newest, oldest, strict=True):
        found = indicators()[name]
        is_usual = is_missing(year) or year == first == usual
        heading = found.heading(None if is_usual else year, first)
        columns.append(Column(name, heading, found.unit, found.kind, found.decimals))
        if name in listed(finding_id, "ranked"):
            columns.append(Column(f"{name}_rank", "順位", "", "count"))
    return described_finding(
        finding_id,
        table,
        usual=usual,
        more_columns=columns,
        source_ids=indicator_sources(known, level, *others),
        **words,
    )
