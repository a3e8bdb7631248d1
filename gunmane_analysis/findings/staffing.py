"""Findings of the theme ``staffing``: what the notebook shows, worded."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, find_area, find_areas
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.staffing import (
    plot_peer_panels,
    plot_staffing_breaks,
    plot_staffing_density,
    plot_staffing_index,
    plot_staffing_projection,
    plot_staffing_trend,
)
from gunmane_analysis.findings.described import described_finding
from gunmane_analysis.findings.finding import Column, Finding, KeyFigure
from gunmane_analysis.metrics.staffing.breaks import AreaBreaks
from gunmane_analysis.metrics.staffing.change import (
    DENSITIES,
    STAFF,
    StaffingTrend,
    latest_density,
)
from gunmane_analysis.metrics.staffing.projection import CONFIDENCE, FEWEST_POINTS, Projection
from gunmane_analysis.wording import change_words, people, percent, signed_words

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
    area = trend.area
    span = f"{trend.first.fiscal_year}年度の{people(trend.first.value)}"
    now = f"{trend.latest.fiscal_year}年度の{people(trend.latest.value)}"
    headline = (
        f"{area.name}の市区町村の一般行政部門職員は、{span}から{now}へ"
        f"{change_words(trend.change_since_first)}となった{_turn(trend)}。"
    )
    table = trend.series.assign(
        change_rate=trend.series[STAFF] / trend.first.value - 1.0,
    )
    return described_finding(
        "staffing.trend",
        table,
        headline,
        words={
            "area": area.name,
            "first_year": trend.first.fiscal_year,
            "growth": change_words(trend.annual_growth_rate, 2),
        },
        chart=draw(lambda: plot_staffing_trend(trend), f"折れ線図。{headline}"),
        summary=headline,
    )


def _turn(trend: StaffingTrend) -> str:
    if trend.is_at_lowest:
        return "（対象期間で最も少ない）"
    fall = change_words(trend.change_first_to_trough)
    rise = change_words(trend.change_since_trough)
    return (
        f"（最も少ない{trend.trough.fiscal_year}年度の{people(trend.trough.value)}までに{fall}、"
        f"その後は{rise}）"
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
    lineage, year = area.distinct_lineage, int(index["fiscal_year"].max())
    latest = index[index["fiscal_year"] == year].set_index("area_id")["staff_index"]
    base = int(index["base_fiscal_year"].iloc[0])
    shown = "、".join(f"{place.name} {float(latest[place.area_id]):.1f}" for place in lineage)
    headline = f"{base}年度を100とした{year}年度の職員数の指数は、{shown}である。"
    table = index.pivot(index="fiscal_year", columns="area_id", values="staff_index").reset_index()
    return described_finding(
        "staffing.index",
        table,
        headline,
        words={"base_year": base},
        columns=(
            "fiscal_year",
            *(Column(place.area_id, place.name, "指数", "number", 1) for place in lineage),
        ),
        chart=draw(lambda: plot_staffing_index(index, lineage), f"折れ線図。{headline}"),
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
    own, nation = latest.iloc[0], latest.iloc[-1]
    years = {name: own[f"{name}_fiscal_year"] for name in DENSITIES}
    compared = (
        "" if area.kind == "nation" else f"（全国 {nation['staff_per_1000_residents']:.2f}人）"
    )
    headline = (
        f"{area.name}の職員は、人口千人当たり{own['staff_per_1000_residents']:.2f}人{compared}、"
        f"市町村道100km当たり{own['staff_per_100km']:.1f}人である。"
    )
    is_shown = density["area_id"].isin([place.area_id for place in area.distinct_lineage])
    finding = described_finding(
        "staffing.density",
        density[is_shown & density[list(DENSITIES)].notna().any(axis=1)],
        headline,
        words=years,
        chart=draw(
            lambda: plot_staffing_density(density, area.distinct_lineage),
            f"折れ線図3枚。{headline}",
        ),
        summary=headline,
    )
    return _with_cards(finding, latest, area, {name: f"{year}年度" for name, year in years.items()})


def _with_cards(
    finding: Finding, rows: pd.DataFrame, area: Area, notes: Mapping[str, str], of: str = ""
) -> Finding:
    """Add a card for each column that has a note: the area's figure, its block's, the nation's."""
    above = {each.kind: each.area_id for each in area.distinct_lineage[1:]}
    cards = []
    for column in finding.columns:
        if column.name not in notes:
            continue
        values = dict(zip(rows["area_id"], rows[column.name].astype("float64"), strict=True))
        cards.append(
            KeyFigure(
                key=f"staffing.{column.name}",
                label=column.label if column.unit != "%" else f"{of}{column.label}",
                value=values[area.area_id],
                unit=column.unit,
                kind=column.kind,
                decimals=column.decimals,
                block=values.get(above.get("block", "")),
                nation=values.get(above.get("nation", "")),
                note=notes[column.name],
                area_id=area.area_id,
            )
        )
    return dataclasses.replace(finding, key_figures=tuple(cards))


def peer_panels_finding(index: pd.DataFrame, peers: Iterable[AreaLike], area: AreaLike) -> Finding:
    """Word the spread of change among the areas of the same rank.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, peers, staffing_index
    >>> area = find_area("05")
    >>> index = staffing_index(load_staffing(), peers(area), 2024)
    >>> len(peer_panels_finding(index, peers(area), area).table)
    6
    """
    peers = find_areas(peers)
    area = find_area(area)
    latest = (
        index[index["fiscal_year"] == index["fiscal_year"].max()]
        .sort_values("staff_index", kind="stable")
        .reset_index(drop=True)
    )
    lowest, highest = latest.iloc[0], latest.iloc[-1]
    base, year = int(latest["base_fiscal_year"].iloc[0]), int(latest["fiscal_year"].iloc[0])
    blocks = peers[0].kind == "block"
    group = "10ブロック" if blocks else f"{area.ancestor('block').name}の{len(peers)}都道府県"
    headline = (
        f"{group}の指数（{base}年度=100）は、{year}年度に"
        f"{lowest['area_name']}の{lowest['staff_index']:.1f}から"
        f"{highest['area_name']}の{highest['staff_index']:.1f}までの幅がある。"
    )
    return described_finding(
        "staffing.peers",
        latest.set_index("area_id").loc[[peer.area_id for peer in peers]].reset_index(),
        headline,
        words={"group": group, "base_year": base, "year": year},
        chart=draw(
            lambda: plot_peer_panels(index, peers, area),
            f"{len(peers)}枚の小さな折れ線図。{headline}",
        ),
    )


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
    own = comparison.iloc[0]
    first = int(own["first_fiscal_year"])
    headline = (
        f"{area.name}の職員数は{first}年度比で{change_words(own['change_since_first'])}、"
        f"最も少なかった年度（{own['trough_fiscal_year']}年度）からは"
        f"{change_words(own['change_since_trough'])}である。"
    )
    finding = described_finding(
        "staffing.comparison", comparison, headline, words={"first_year": first}
    )
    notes = {
        STAFF: "土木部門職員数ではない",
        "change_since_first": "",
        "change_since_trough": f"最少は{own['trough_fiscal_year']}年度",
    }
    return _with_cards(finding, comparison, area, notes, of="職員数の")


def staffing_breaks_finding(breaks: Sequence[AreaBreaks], area: AreaLike) -> Finding:
    """Word in which year the course of staff turned, here and above.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, staffing_breaks
    >>> area = find_area("tohoku")
    >>> breaks = staffing_breaks(load_staffing(), area.lineage, 2024)
    >>> staffing_breaks_finding(breaks, area).headline.split("（")[0]
    '東北の職員数は、2012年度ごろ'
    """
    area = find_area(area)
    if not breaks:
        return described_finding(
            "staffing.breaks",
            pd.DataFrame({"area_name": [area.name]}),
            "系列が9年分に満たないため、動きの変わり目は求められない。",
            words={"area": area.name},
            columns=["area_name"],
            caveats=["not_civil"],
            is_empty=True,
        )
    above = "、".join(f"{each.area.name}は{_turn_words(each)}" for each in breaks[1:])
    headline = f"{area.name}の職員数は、{_turn_words(breaks[0])}" + (
        f"（{above}）。" if above else "。"
    )
    table = pd.DataFrame(
        {
            "area_name": each.area.name,
            "course": _course_words(each),
            "turn": _turn_year(each) or "区別できない",
            "p_value": each.shift.p_value,
            "jumps": _jump_words(each.jumps),
        }
        for each in breaks
    )
    return described_finding(
        "staffing.breaks",
        table,
        headline,
        words={"area": area.name},
        chart=draw(lambda: plot_staffing_breaks(breaks), f"点と折れ線。{headline}"),
        summary=headline,
    )


def _turn_words(breaks: AreaBreaks) -> str:
    rates = [f"年{change_words(rate)}" for rate in breaks.annual_rates]
    if len(rates) == 1:
        return f"平均して{rates[0]}で、動きの変わり目は区別できない"
    return f"{_turn_year(breaks)}を境に{rates[0]}から{rates[1]}に変わった"


def _turn_year(breaks: AreaBreaks) -> str:
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


def _jump_words(jumps: pd.Series) -> str:
    words = [f"{year:.0f}（{signed_words(size * 100, 1)}ポイント）" for year, size in jumps.items()]
    return "、".join(words) or "なし"


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
    words = {
        "area": name,
        **dict.fromkeys(_SCENARIOS, ""),
        **{str(key): change_words(rate, 2) for key, rate in rates.items()},
        "confidence": percent(CONFIDENCE, 0),
        "damping": _damping_words(projection),
    }
    if scenarios.empty:
        return described_finding(
            "staffing.projection",
            pd.DataFrame({"area_name": [name]}),
            "職員数が1年分しかないため、見通しは立てられない。",
            words=words | {"title": f"{name}の職員数の見通し"},
            columns=[Column("area_name", "地域")],
            is_empty=True,
        )
    table = scenarios.pivot(index="fiscal_year", columns="scenario", values="staff_count")
    table = table.reset_index().rename_axis(columns=None)
    shown = "見通しと、仮定による試算" if calibration else "仮定による試算"
    chart = draw(
        lambda: plot_staffing_projection(projection),
        f"折れ線図。{name}の{last}年度までの職員数と、その後の{shown}。",
    )
    if calibration is None:
        ends = scenarios.groupby("scenario")[["fiscal_year", "staff_count"]].last()
        return described_finding(
            "staffing.projection",
            table,
            f"{name}の{ends['fiscal_year'].iloc[0]}年度の職員数は、置いた増減率によって"
            f"{people(ends['staff_count'].min())}から{people(ends['staff_count'].max())}"
            "になる（仮定による試算）。",
            words=words | {"title": f"{name}の職員数の試算（仮定による）"},
            columns=["fiscal_year", *_SCENARIOS],
            caveats=[
                f"系列が{len(projection.series)}年分（{FEWEST_POINTS}年未満）のため、予測はせず、"
                "仮定による試算だけを示す。",
                *("not_civil", "projection_limits", "merger_causes"),
            ],
            is_empty=True,
            chart=chart,
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
    table = projection.path.merge(table, on="fiscal_year").merge(
        trials, on="fiscal_year", how="left"
    )
    end = projection.path.iloc[-1]
    headline = (
        f"{name}の職員数は、最近の増減が弱まりながら続けば{int(end['fiscal_year'])}年度に"
        f"{people(end['projected_count'])}（過去の当たり外れの幅 {people(end['count_low'])}〜"
        f"{people(end['count_high'])}）と見通される。"
    )
    if len(record):
        furthest = record.iloc[-1]
        headline += (
            f"全国・ブロック・都道府県の{calibration.record['area_id'].nunique()}系列を過去の年度から"
            f"同じ方法で{int(furthest['years_ahead'])}年先まで見通すと、"
            f"{int(furthest['trial_count'])}回のうち{int(furthest['covered_count'])}回"
            f"（{percent(furthest['coverage'])}）が幅に入った。"
        )
    return described_finding(
        "staffing.projection",
        table,
        headline,
        words=words | {"title": f"{name}の職員数の5年先までの見通し"},
        chart=chart,
    )


def _times(record: pd.DataFrame) -> pd.Series:
    return record["trial_count"].astype(str) + "回中" + record["covered_count"].astype(str) + "回"


def _damping_words(projection: Projection) -> str:
    """Word which damping was chosen, and whether the choice was the same in every past year."""
    if projection.calibration is None:
        return ""
    chosen, past = projection.calibration.damping, projection.calibration.dampings_by_origin
    if past.nunique() <= 1:
        return f"今回は{chosen:.1f}"
    spans = "、".join(
        f"{years.min()}〜{years.max()}年度は{damping:.1f}"
        for damping, years in past.index.to_series().groupby(past, sort=False)
    )
    return f"{spans}、今回は{chosen:.1f}で、選び方は一定していない"
