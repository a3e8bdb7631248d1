"""Findings of the theme ``participation``: who takes part, where, and who does not yet."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from gunmane_analysis.areas import Area, AreaLike, children, find_area, list_areas
from gunmane_analysis.charts.maps import plot_tile_map
from gunmane_analysis.findings.described import (
    absent_finding,
    described_finding,
    not_known_finding,
    sentences,
)
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.findings.profile_context import sources_of
from gunmane_analysis.metrics.people.participation import FEW_TECHNICIANS
from gunmane_analysis.tables import choices
from gunmane_analysis.wording import is_missing


def membership_finding(trend: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word the growth of the conference's membership.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_membership
    >>> from gunmane_analysis.metrics.funnel.kpi import membership_trend
    >>> trend = membership_trend(load_membership(), 2024)
    >>> membership_finding(trend, 2024).finding_id
    'participation.membership'
    """
    if trend.empty:
        return not_known_finding("participation.membership", fiscal_year)
    return described_finding(
        "participation.membership",
        trend,
        words={
            "later_on": trend["as_of_on"].iloc[-1] if len(trend) > 1 else None,
            "computed": "（計算した数）" if trend["is_computed"].iloc[-1] else "",
        },
    )


def participation_finding(rates: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word the share of municipalities that take part in the conference's two programmes.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_participation
    >>> from gunmane_analysis.metrics.funnel.kpi import participation_rates
    >>> rates = participation_rates(load_participation(), 2024)
    >>> participation_finding(rates, 2024).finding_id
    'participation.rates'
    """
    if rates.empty:
        return not_known_finding("participation.rates", fiscal_year)
    latest = rates.dropna(subset=["participation_rate"]).groupby("programme", sort=False).tail(1)
    return described_finding(
        "participation.rates",
        rates,
        words={
            "shares": sentences("participation.rates", "share", latest),
            "on": latest["as_of_on"].max(),
        },
    )


def municipal_participation_finding(
    by_area: pd.DataFrame, printed: pd.DataFrame, area: AreaLike
) -> Finding:
    """Word an area's participation and the nation's; absent while no register is filed.

    Parameters
    ----------
    by_area : DataFrame
        From :func:`gunmane_analysis.metrics.people.participation.participation_by_area` for the
        area, those above it and every prefecture; no rows while nothing is filed.
    printed : DataFrame
        From :func:`gunmane_analysis.metrics.funnel.kpi.participation_rates`.
    area : Area or str

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> nothing = pd.DataFrame()
    >>> municipal_participation_finding(nothing, nothing, find_area("05")).placement
    'absent'
    """
    area = find_area(area)
    if by_area.empty:
        return absent_finding("participation.by_area")
    published = printed.dropna(subset=["participation_rate"])
    rates = published.groupby("programme")["participation_rate"].last()
    own = by_area[by_area["area_id"] == area.area_id]
    own = own.assign(printed_rate=own["programme"].map(rates))
    inside = area.prefecture_codes if area.kind == "block" else ()
    places = [*(place.area_id for place in area.distinct_lineage), *inside]
    names = {place.area_id: place.name for place in list_areas("prefecture")}
    known = by_area[by_area["area_id"].isin(names)].dropna(subset=["participation_rate"])
    return described_finding(
        "participation.by_area",
        by_area[by_area["area_id"].isin(places)],
        words={
            "area": area.name,
            "own": sentences("participation.by_area", "programme", own),
            "map": None if known.empty else "図",
        },
        plot=None if known.empty else lambda: _map(known, names, area),
    )


def _map(known: pd.DataFrame, names: dict[str, str], area: Area) -> Figure:
    """Map the prefectures by the first programme's share; the others' are written below it."""
    shares = known.pivot(index="area_id", columns="programme", values="participation_rate")
    words = {
        str(code): "・".join("…" if is_missing(rate) else f"{rate * 100:.0f}" for rate in row)
        for code, *row in shares.itertuples(name=None)
    }
    title = f"{'・'.join(shares.columns.map(choices('programme')))}の参画率（%）"
    framed = () if area.kind == "nation" else area.prefecture_codes
    return plot_tile_map(shares.iloc[:, 0], words, names, framed, darker="low", title=title)


def not_joined_finding(outside: pd.DataFrame, area: AreaLike, filings: pd.DataFrame) -> Finding:
    """Count, or inside a prefecture name, the municipalities of few technicians outside.

    Parameters
    ----------
    outside : DataFrame
        From :func:`gunmane_analysis.metrics.people.participation.not_joined`.
    area : Area or str
    filings : DataFrame
        One row per source that may have been filed: ``source_id``, ``is_filed``.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> not_joined_finding(pd.DataFrame(), find_area("05"), pd.DataFrame()).placement
    'absent'
    """
    area = find_area(area)
    if outside.empty:
        return absent_finding("participation.not_joined")
    return described_finding(
        "participation.not_joined",
        _by_place(outside, area) if area.kind in ("nation", "block") else outside,
        words={
            "area": area.name,
            "limit": FEW_TECHNICIANS,
            "count": outside["municipality_code"].nunique(),
        },
        source_ids=(
            "municipal_participation",
            *sources_of(filings, ("teiin", "municipal_staffing")),
        ),
    )


def _by_place(table: pd.DataFrame, area: Area) -> pd.DataFrame:
    """Count by block of the nation, or by prefecture of a block, in their order."""
    names = {code: place.name for place in children(area) for code in place.prefecture_codes}
    placed = table.assign(
        area_name=pd.Categorical(
            table["municipality_code"].str[:2].map(names), list(dict.fromkeys(names.values()))
        ),
        has_none=table["technician_count"] == 0,
    )
    counted = placed.groupby(["area_name", "programme"], observed=True).agg(
        municipality_count=("municipality_code", "nunique"), none_count=("has_none", "sum")
    )
    return counted.reset_index().astype({"area_name": "str"})
