"""Findings of the theme ``participation``: who takes part, where, and who does not yet."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.report.charts.chart import Chart, draw
from gunmane_analysis.report.charts.tiles import plot_share_tiles
from gunmane_analysis.report.findings.finding import Column, Finding
from gunmane_analysis.report.findings.steps import HOW_TO_FILE
from gunmane_analysis.report.wording import percent
from gunmane_analysis.schemas.participation import PROGRAMMES

PRINTED = "participation"
REGISTER = "municipal_participation"
_TITLE = "国民会議・市区町村長会議への参画"


def participation_finding(
    growth: pd.DataFrame, by_area: pd.DataFrame, outside: pd.DataFrame, area: Area
) -> Finding:
    """Word national participation, and the area's once the register is filed.

    Parameters
    ----------
    growth : DataFrame
        From :func:`gunmane_analysis.metrics.participation.participation_growth`.
    by_area : DataFrame
        From :func:`gunmane_analysis.metrics.participation.participation_by_area` for the
        area, those above it and every prefecture; no rows while nothing is filed.
    outside : DataFrame
        From :func:`gunmane_analysis.metrics.participation.not_joined`; may have no rows.
    area : Area
    """
    national = growth.dropna(subset=["participation_rate"])
    if by_area.empty:
        return _national_finding(national)
    places = {place.area_id for place in area.lineage} | {area.area_id}
    own = by_area[by_area["area_id"] == area.area_id]
    printed = national.groupby("programme")["participation_rate"].last()
    told = "、".join(
        f"{PROGRAMMES[name]}が{row['municipality_total']:,}市区町村のうち"
        f"{row['member_count']:,}（{_rate_words(row)}"
        + (f"、公表の全国{percent(printed[name], 0)}）" if name in printed else "）")
        for name, row in zip(own["programme"], own.to_dict("records"), strict=True)
    )
    headline = f"{area.name}の参画は、{told}である。"
    shown = by_area[by_area["area_id"].isin(places) | _is_inside(by_area["area_id"], area)]
    return Finding(
        finding_id="participation.by_area",
        title=_TITLE,
        headline=headline,
        table=shown.assign(programme_ja=shown["programme"].map(PROGRAMMES)),
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
            *_outside_caveat(outside),
        ),
        chart=_tiles(by_area, area, headline),
        summary=headline,
        summary_rank=65,
    )


def _is_inside(area_ids: pd.Series, area: Area) -> pd.Series:
    return area_ids.isin(area.prefecture_codes) if area.kind == "block" else area_ids.isin([])


def _rate_words(row: Mapping[Hashable, Any]) -> str:
    rate = float(row["participation_rate"])
    return percent(rate) if rate == rate else f"状況の分かるのは{row['listed_count']:,}"


def _tiles(by_area: pd.DataFrame, area: Area, headline: str) -> Chart | None:
    rows = by_area[by_area["area_id"].str.fullmatch(r"\d{2}")].dropna(subset=["participation_rate"])
    shares = {
        PROGRAMMES[str(name)]: {
            str(code): float(rate)
            for code, rate in zip(group["area_id"], group["participation_rate"], strict=True)
        }
        for name, group in rows.groupby("programme")
    }
    if not shares:
        return None
    return draw(lambda: plot_share_tiles(shares, area), f"都道府県のタイル地図。{headline}")


def _outside_caveat(outside: pd.DataFrame) -> tuple[str, ...]:
    if outside.empty:
        return ()
    names = "、".join(outside["municipality_name"].drop_duplicates().head(10))
    count = outside["municipality_code"].nunique()
    return (f"技術系職員が5人以下で参画していない市区町村は{count}（{names}など）。",)


def _national_finding(national: pd.DataFrame) -> Finding:
    table = national.assign(programme_ja=national["programme"].map(PROGRAMMES))
    latest = national.groupby("programme").last()
    told = "、".join(
        f"{PROGRAMMES[str(name)]}が{row['municipality_total']:,.0f}市区町村のうち"
        f"{row['municipality_count']:,.0f}（{percent(row['participation_rate'], 0)}、"
        f"{row['as_of_on']}時点）"
        for name, row in latest.dropna(subset=["municipality_total"]).iterrows()
    )
    first = national[national["programme"] == "mayors_conference"]
    since = (
        f"市区町村長会議は設立時の{first['municipality_count'].iloc[0]:,.0f}から増えた。"
        if len(first) > 1
        else ""
    )
    headline = (
        f"全国の参画は、{told}である。{since}"
        if told
        else "対象年度までの時点で公表された参画の率は、用いた資料にない。"
    )
    return Finding(
        finding_id="participation.national",
        title=_TITLE,
        headline=headline,
        table=table,
        columns=(
            Column("programme_ja", "制度"),
            Column("as_of_on", "時点"),
            Column("municipality_count", "参画", "市区町村", "count"),
            Column("municipality_total", "市区町村数", "市区町村", "count"),
            Column("participation_rate", "参画率", "%", "rate", 0),
        ),
        source_ids=(PRINTED,),
        caveats=(
            "設立時の率は印字の値で、その分母は印字がない。"
            "ブロック別・都道府県別の率は公表資料から読み取れない。",
            "届いていない資料: 市区町村別の参画。" + HOW_TO_FILE.format(REGISTER),
        ),
    )
