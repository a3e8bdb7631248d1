"""Findings of the theme ``staffing``: what the notebook shows, worded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, find_area
from gunmane_analysis.charts import staffing as charts
from gunmane_analysis.findings.described import described_finding, sentence
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.metrics.staffing.breaks import AreaBreaks
from gunmane_analysis.metrics.staffing.change import DENSITIES, STAFF, StaffingTrend, latest_density
from gunmane_analysis.metrics.staffing.projection import (
    CONFIDENCE,
    FEWEST_POINTS,
    Calibration,
    Projection,
)
from gunmane_analysis.wording import change_words, signed_words

_SCENARIOS = ("level", "long_run", "recent")


def staffing_trend_finding(trend: StaffingTrend) -> Finding:
    """Word the level of staff and its change since the first, peak and lowest year.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, staffing_trend
    >>> trend = staffing_trend(load_staffing(), find_area("tohoku"), 2024)
    >>> "21.7%減" in staffing_trend_finding(trend).headline
    True
    """
    return described_finding(
        "staffing.trend",
        trend.series.assign(change_rate=trend.series[STAFF] / trend.first.value - 1.0),
        trend=trend,
        area=trend.area.name,
        fall=None if trend.is_at_lowest else trend.change_first_to_trough,
        plot=partial(charts.plot_staffing_trend, trend),
    )


def staffing_index_finding(index: pd.DataFrame, area: AreaLike) -> Finding:
    """Word how the area's fall compares with its block's and the nation's.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, staffing_index
    >>> area = find_area("tohoku")
    >>> index = staffing_index(load_staffing(), area.lineage, 2024)
    >>> "全国 83.7" in staffing_index_finding(index, area).headline
    True
    """
    area = find_area(area)
    lineage, base = area.distinct_lineage, int(index["base_fiscal_year"].iloc[0])
    table = index.pivot(index="fiscal_year", columns="area_id", values="staff_index").reset_index()
    own = [Column(place.area_id, place.name, "指数", "number", 1) for place in lineage]
    return described_finding(
        "staffing.index",
        table,
        base_year=base,
        values=[f"{place.name} {table[place.area_id].iloc[-1]:.1f}" for place in lineage],
        more_columns=own,
        plot=partial(charts.plot_staffing_index, index, lineage),
    )


def staffing_density_finding(density: pd.DataFrame, area: AreaLike) -> Finding:
    """Word staff per resident and per road length, and expenditure per staff member.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, staffing_density
    >>> area = find_area("japan")
    >>> density = staffing_density(load_staffing(), area.lineage, 2024)
    >>> "人口千人当たり5.73人" in staffing_density_finding(density, area).headline
    True
    """
    area = find_area(area)
    latest = latest_density(density)
    is_shown = density["area_id"].isin([place.area_id for place in area.distinct_lineage])
    return described_finding(
        "staffing.density",
        density[is_shown & density[list(DENSITIES)].notna().any(axis=1)],
        area=area.name,
        **_own_and_above(latest, area),
        plot=partial(charts.plot_staffing_density, density, area.distinct_lineage),
    )


def _own_and_above(rows: pd.DataFrame, area: Area) -> dict[str, Any]:
    """Return the rows of an area, its block and the nation, by the words that cards use."""
    by_area = dict(zip(rows["area_id"], rows.to_dict("records"), strict=True))
    words: dict[str, Any] = {"own": by_area[area.area_id], "block": None, "nation": None}
    return words | {place.kind: by_area.get(place.area_id) for place in area.distinct_lineage[1:]}


def staffing_comparison_finding(comparison: pd.DataFrame, area: AreaLike) -> Finding:
    """Compare the area with its block, the nation and its peers, and fill the key-figure cards.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, comparison_areas, staffing_comparison
    >>> area = find_area("05")
    >>> compared = staffing_comparison(load_staffing(), comparison_areas(area), 2024)
    >>> staffing_comparison_finding(compared, area).placement
    'comparison'
    """
    area = find_area(area)
    return described_finding(
        "staffing.comparison", comparison, area=area.name, **_own_and_above(comparison, area)
    )


def staffing_breaks_finding(breaks: Sequence[AreaBreaks], area: AreaLike) -> Finding:
    """Word in which year the course of staff turned, here and above.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, staffing_breaks
    >>> area = find_area("tohoku")
    >>> breaks = staffing_breaks(load_staffing(), area.lineage, 2024)
    >>> staffing_breaks_finding(breaks, area).headline.split("、")[1]
    '最も少ない2013年度まで年1.7%減'
    """
    area = find_area(area)
    if not breaks:
        here = pd.DataFrame({"area_name": [area.name]})
        return described_finding("staffing.breaks", here, case="too_short", area=area.name)
    table = pd.DataFrame(
        {
            "area_name": each.area.name,
            "course": _course_words(each),
            "turn": turn_year(each) or "区別できない",
            "p_value": each.shift.p_value,
            "jumps": "、".join(
                f"{year:.0f}（{signed_words(size * 100, 1)}ポイント）"
                for year, size in each.jumps.items()
            )
            or "なし",
        }
        for each in breaks
    )
    return described_finding(
        "staffing.breaks",
        table,
        area=area.name,
        own=_turn_words(breaks[0]),
        above=[_turn_words(each, each.area.name) for each in breaks[1:]],
        plot=partial(charts.plot_staffing_breaks, breaks),
    )


def _turn_words(breaks: AreaBreaks, name: str | None = None) -> str:
    return sentence("staffing.breaks", "turned", name=name, **turn_facts(breaks))


def turn_facts(breaks: AreaBreaks) -> dict[str, Any]:
    """Return the words of a turn, or the year of the fewest staff, and the yearly rates around."""
    turn, corners = turn_year(breaks) or None, breaks.corner_years
    fewest = corners[1] if turn is None and len(corners) > 2 else None
    return {"turn": turn, "fewest": fewest, "rates": breaks.annual_rates}


def turn_year(breaks: AreaBreaks) -> str:
    """Word the year of a turn, with its range where that is longer; empty without a turn."""
    shift, (low, high) = breaks.shift, breaks.shift.year_range
    if not shift.exists:
        return ""
    if low == high:
        return f"{shift.last_year}年度"
    return f"{shift.last_year}年度ごろ（{low}〜{high}年度）"


def _course_words(breaks: AreaBreaks) -> str:
    corners = breaks.corner_years
    stretches = zip(corners[:-1], corners[1:], breaks.annual_rates, strict=True)
    return "、".join(f"{start}〜{end} {change_words(rate, 2)}" for start, end, rate in stretches)


def staffing_projection_finding(projection: Projection) -> Finding:
    """Word the five years ahead, and how such projections did in the past.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, staffing_projection
    >>> early = staffing_projection(load_staffing(), find_area("tohoku"), 2004)
    >>> staffing_projection_finding(early).status_label
    '見通し（実績ではない）'
    """
    name, last = projection.area.name, int(projection.series.index[-1])
    calibration, scenarios = projection.calibration, projection.scenarios
    rates = scenarios.groupby("scenario")["annual_rate"].first()
    words: dict[str, Any] = {"area": name, "last_year": last, "rates": rates.reindex(_SCENARIOS)}
    if scenarios.empty:
        here = pd.DataFrame({"area_name": [name]})
        return described_finding("staffing.projection", here, case="one_year", **words)
    table = scenarios.pivot(index="fiscal_year", columns="scenario", values="staff_count")
    table = table.reset_index().rename_axis(columns=None)
    if calibration is None:
        ends = scenarios.groupby("scenario")["staff_count"].last()
        return described_finding(
            "staffing.projection",
            table,
            case="assumed",
            **words,
            counts=ends.agg(["min", "max"]),
            length=len(projection.series),
            fewest=FEWEST_POINTS,
            plot=partial(charts.plot_staffing_projection, projection),
        )
    record, own = calibration.coverage(), calibration.coverage(projection.area.area_id)
    trials = pd.DataFrame(
        {
            "fiscal_year": record["years_ahead"] + last,
            "covered": _times(record),
            "own_covered": _times(own) if len(own) else "",
            "median_abs_error": record["median_abs_error"],
        }
    )
    # a short series has no origin from which the last years ahead can be judged
    table = projection.path.merge(table).merge(trials, how="left")
    return described_finding(
        "staffing.projection",
        table,
        **words,
        confidence=CONFIDENCE,
        damping=_damping_words(calibration),
        horizon=len(projection.path),
        end=projection.path.iloc[-1],
        series_count=calibration.record["area_id"].nunique(),
        trial=record.iloc[-1] if len(record) else None,
        plot=partial(charts.plot_staffing_projection, projection),
    )


def _times(record: pd.DataFrame) -> pd.Series:
    return record["trial_count"].astype(str) + "回中" + record["covered_count"].astype(str) + "回"


def _damping_words(calibration: Calibration) -> str:
    """Word which damping was chosen, and whether the choice was the same in every past year."""
    chosen, past = calibration.damping, calibration.dampings_by_origin
    if past.nunique() <= 1:
        return f"今回は{chosen:.1f}"
    spans = "、".join(
        f"{years.min()}〜{years.max()}年度は{damping:.1f}"
        for damping, years in past.index.to_series().groupby(past, sort=False)
    )
    return f"{spans}、今回は{chosen:.1f}で、選び方は一定していない"
