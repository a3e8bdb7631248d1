"""Findings of the theme ``participation``: who takes part, where, and who does not yet."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area, children
from gunmane_analysis.charts.chart import Chart, draw
from gunmane_analysis.charts.tiles import plot_share_tiles
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.findings.profile_filings import sources_of
from gunmane_analysis.metrics.people.participation import FEW_TECHNICIANS
from gunmane_analysis.tables import choices
from gunmane_analysis.wording import percent

PRINTED = "participation"
REGISTER = "municipal_participation"
_TITLE = "国民会議・市区町村長会議への参画"


def municipal_participation_finding(
    by_area: pd.DataFrame, printed: pd.DataFrame, area: Area
) -> Finding | None:
    """Word an area's participation beside the nation's; None while no register is filed.

    Parameters
    ----------
    by_area : DataFrame
        From :func:`gunmane_analysis.metrics.people.participation.participation_by_area` for the
        area, those above it and every prefecture; no rows while nothing is filed.
    printed : DataFrame
        From :func:`gunmane_analysis.metrics.funnel.kpi.participation_rates`.
    area : Area

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> nothing = pd.DataFrame()
    >>> municipal_participation_finding(nothing, nothing, find_area("05")) is None
    True
    """
    if by_area.empty:
        return None
    places = [place.area_id for place in area.distinct_lineage]
    published = printed.dropna(subset=["participation_rate"])
    rates = published.groupby("programme")["participation_rate"].last()
    own = by_area[by_area["area_id"] == area.area_id]
    told = "、".join(
        f"{choices('programme')[name]}が{row['municipality_total']:,}市区町村のうち"
        f"{row['member_count']:,}（{_rate_words(row)}"
        + (f"、公表の全国{percent(rates[name], 0)}）" if name in rates else "）")
        for name, row in zip(own["programme"], own.to_dict("records"), strict=True)
    )
    headline = f"{area.name}の参画は、{told}である。"
    shown = by_area[by_area["area_id"].isin(places) | _is_inside(by_area["area_id"], area)]
    return Finding(
        finding_id="participation.by_area",
        title=_TITLE,
        headline=headline,
        table=shown.assign(programme_ja=shown["programme"].map(choices("programme"))),
        columns=(
            Column("programme_ja", "制度"),
            Column("area_name", "地域"),
            Column("as_of_on", "時点"),
            Column("municipality_total", "市区町村数", "市区町村", "count"),
            Column("member_count", "参画", "市区町村", "count"),
            Column("participation_rate", "参画率", "%", "rate", 1),
        ),
        source_ids=(PRINTED, REGISTER),
        caveats=(
            "参画は加入であり、活動への参加や成果を示さない。",
            "届いた表にない市区町村がある地域の率は「…」とする。",
        ),
        chart=_tiles(by_area, area, headline),
        summary=headline,
        summary_rank=65,
    )


def not_joined_finding(outside: pd.DataFrame, area: Area, filings: pd.DataFrame) -> Finding | None:
    """Count, or inside a prefecture name, the municipalities of few technicians outside.

    Parameters
    ----------
    outside : DataFrame
        From :func:`gunmane_analysis.metrics.people.participation.not_joined`.
    area : Area
    filings : DataFrame
        One row per source that may have been filed: ``source_id``, ``is_filed``.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> not_joined_finding(pd.DataFrame(), find_area("05"), pd.DataFrame()) is None
    True
    """
    if outside.empty:
        return None
    count = outside["municipality_code"].nunique()
    headline = (
        f"{area.name}で、技術系職員が{FEW_TECHNICIANS}人以下と分かる市区町村のうち、"
        f"二つの制度のどちらかに参画していないものは{count}である。"
    )
    table = outside.assign(programme_ja=outside["programme"].map(choices("programme")))
    columns: tuple[Column, ...] = (
        Column("municipality_name", "市区町村"),
        Column("technician_count", "技術系職員", "人", "count"),
        Column("programme_ja", "参画していない制度"),
        Column("as_of_on", "時点"),
    )
    if area.kind in ("nation", "block"):
        table = _by_place(table, area)
        columns = (
            Column("area_name", "地域"),
            Column("programme_ja", "参画していない制度"),
            Column("municipality_count", "市区町村数", "市区町村", "count"),
            Column("none_count", "うち技術系職員0人", "市区町村", "count"),
        )
    return Finding(
        finding_id="participation.not_joined",
        title=f"技術系職員{FEW_TECHNICIANS}人以下で参画していない市区町村",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=(REGISTER, *sources_of(filings, ("teiin", "municipal_staffing"))),
        caveats=("技術系職員数は土木技師と建築技師の和。届いていない市区町村を含まない。",),
    )


def _by_place(table: pd.DataFrame, area: Area) -> pd.DataFrame:
    names = {
        code: place.name for place in children(area) for code in place.prefecture_codes
    }  # blocks of the nation, or prefectures of a block
    placed = table.assign(
        area_name=table["municipality_code"].str[:2].map(names),
        has_none=table["technician_count"] == 0,
    )
    counted = placed.groupby(["area_name", "programme_ja"], as_index=False).agg(
        municipality_count=("municipality_code", "nunique"), none_count=("has_none", "sum")
    )
    order = {place.name: number for number, place in enumerate(children(area))}
    return counted.sort_values(
        "area_name", key=lambda name: name.map(order), kind="stable", ignore_index=True
    )


def _is_inside(area_ids: pd.Series, area: Area) -> pd.Series:
    return area_ids.isin(area.prefecture_codes) if area.kind == "block" else area_ids.isin([])


def _rate_words(row: Mapping[Hashable, Any]) -> str:
    rate = float(row["participation_rate"])
    return percent(rate) if rate == rate else f"状況の分かるのは{row['listed_count']:,}"


def _tiles(by_area: pd.DataFrame, area: Area, headline: str) -> Chart | None:
    rows = by_area[by_area["area_id"].str.fullmatch(r"\d{2}")].dropna(subset=["participation_rate"])
    shares = {
        choices("programme")[str(name)]: {
            str(code): float(rate)
            for code, rate in zip(group["area_id"], group["participation_rate"], strict=True)
        }
        for name, group in rows.groupby("programme")
    }
    if not shares:
        return None
    return draw(lambda: plot_share_tiles(shares, area), f"都道府県のタイル地図。{headline}")
