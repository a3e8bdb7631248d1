"""Findings of the theme ``funnel``: how far cases go, what it takes, what forums plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, find_area
from gunmane_analysis.charts import funnel as charts
from gunmane_analysis.findings.described import absent_finding, described_finding, sentence
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.metrics.funnel.activities import activities_by_kind, planned_trials
from gunmane_analysis.metrics.funnel.readings import (
    READINGS,
    AreaFunnel,
    FunnelReadings,
    GroupComparison,
)
from gunmane_analysis.metrics.funnel.regions import RegionComparison
from gunmane_analysis.refusals import Unanswered
from gunmane_analysis.tables import choices
from gunmane_analysis.tables.funnel import STAGES
from gunmane_analysis.wording import MISSING, is_missing, percent

_FILED_SOURCES = {"counts": "funnel_counts", "cases": "funnel_cases"}
_QUOTED_TARGETS = (1, 5, 20)
_SAME_WITHIN = 1.1
_QUOTED_MONTH = 12


def funnel_finding(readings: FunnelReadings, fiscal_year: int, place: str = "全国") -> Finding:
    """Word a funnel in every reading that its counts allow.

    Parameters
    ----------
    readings : FunnelReadings
    fiscal_year : int
    place : str
        Whose counts these are; none but the nation's have the published source.

    Examples
    --------
    >>> from gunmane_analysis import load_kpi, funnel_readings, published_counts
    >>> readings = funnel_readings(published_counts(load_kpi(), 2023))
    >>> funnel_finding(readings, 2023).finding_id
    'funnel.rates'
    """
    words: dict[str, Any] = {"fiscal_year": fiscal_year, "place": place}
    if not readings.is_known:
        return described_finding("funnel.rates", pd.DataFrame(), **words)
    return described_finding(
        "funnel.rates",
        _readings_table({place: readings}),
        year=readings.fiscal_year,
        reading=readings_sentence(readings),
        intervals=_interval_sentence(readings),
        caveats=_refusals(readings),
        source_ids=("kpi",) if place == "全国" else (),
        plot=partial(charts.plot_funnel_readings, readings),
        **words,
    )


def _readings_table(readings: Mapping[str, FunnelReadings]) -> pd.DataFrame:
    """Put the readings of areas, given by name, one below the other."""
    rates = {name: pd.concat(each.rates) for name, each in readings.items() if each.rates}
    return pd.concat(rates, names=["area_name", "reading", None]).reset_index(level=[0, 1])


def _refusals(readings: FunnelReadings) -> list[str]:
    """Word which readings the counts refuse, or a known part of them."""
    parts = [
        sentence("funnel.rates", "part", reading=reading, reason=why)
        for reading, why in readings.part_refusals.items()
    ]
    return [*readings.refused.values(), *parts]


def readings_sentence(readings: FunnelReadings, *, is_followed: bool = False) -> str:
    """Word the counts and each reading's last share with its interval.

    ``is_followed`` says that the same cases were followed (a ledger), not counted by activity.
    """
    first = next(iter(readings.rates.values()))
    shares = [
        sentence("funnel.rates", f"share_{reading}", **_last(rates))
        for reading, rates in readings.rates.items()
    ]
    way = "followed" if is_followed else "counted"
    return sentence("funnel.rates", way, stages=first, shares=shares, **_last(first))


def _last(rates: pd.DataFrame) -> dict[str, Any]:
    """Return the last stage's share of the first with its interval, and these in words."""
    words = {"last": rates.iloc[-1], "considered": rates["reached_count"].iloc[0]}
    return {**words, "basis": sentence("funnel.rates", "basis", **words)}


def _interval_sentence(readings: FunnelReadings) -> str:
    """Word the interval of the last step in each reading."""
    return "".join(
        sentence("funnel.rates", "last_step", reading=reading, rows=rates.iloc[-2:].to_dict("list"))
        for reading, rates in readings.rates.items()
    )


def forum_comparison_finding(comparison: GroupComparison, fiscal_year: int) -> Finding:
    """Word the difference between the regional and the national forums' cases.

    Examples
    --------
    >>> from gunmane_analysis import compare_forums, load_kpi
    >>> forum_comparison_finding(compare_forums(load_kpi(), 2024), 2024).finding_id
    'funnel.forums'
    """
    first, second = comparison.names
    found = comparison.differences
    rows = [{"stage": stage, **dataclasses.asdict(each)} for stage, each in found.items()]
    return described_finding(
        "funnel.forums",
        pd.json_normalize(rows, sep="_"),
        fiscal_year=fiscal_year,
        first=first,
        second=second,
        year=comparison.fiscal_year,
        established=found.get("established"),
        plot=partial(charts.plot_group_comparison, comparison),
    )


def area_funnel_finding(funnel: AreaFunnel, fiscal_year: int) -> Finding:
    """Word what is known of the area's own cases, with the nation's; fill the card.

    Examples
    --------
    >>> from gunmane_analysis import (
    ...     area_funnel, find_area, load_funnel_cases, load_funnel_counts, load_kpi)
    >>> filed = load_funnel_counts(), load_funnel_cases()
    >>> funnel = area_funnel(load_kpi(), *filed, find_area("tohoku"), 2024)
    >>> area_funnel_finding(funnel, 2024).finding_id
    'funnel.area'
    """
    area, own, nation = funnel.area, funnel.own, funnel.nation
    is_nation = area.kind == "nation"
    words: dict[str, Any] = {
        f"{place}_{reading}": _last(rates[reading]) if reading in rates else None
        for place, rates in {"own": own.rates, "nation": {} if is_nation else nation.rates}.items()
        for reading in READINGS
    }
    words["area"] = area.name
    caveats = [*["mixed_cohorts"] * nation.is_known, *_refusals(own), *differing_sentences(funnel)]
    if funnel.origin in _FILED_SOURCES:
        return described_finding(
            "funnel.area",
            _readings_table({area.name: own, "全国": nation}),
            **words,
            year=own.fiscal_year,
            forum_count=funnel.forum_count,
            reading=readings_sentence(own, is_followed=funnel.origin == "cases"),
            intervals=_interval_sentence(own),
            caveats=caveats,
            source_ids=(_FILED_SOURCES[funnel.origin], "kpi"),
            plot=partial(charts.plot_funnel_readings, own),
        )
    if not nation.is_known:
        return described_finding("funnel.area", pd.DataFrame(), fiscal_year=fiscal_year, **words)
    counts = next(iter(nation.rates.values()))[["stage", "case_count"]]
    table = counts.rename(columns={"case_count": "nation_count"})
    return described_finding(
        "funnel.area",
        table if is_nation else table.assign(own_count=float("nan")),
        case="unpublished",
        **words,
        part=None if is_nation else area.name,
        year=nation.fiscal_year,
        steps="→".join(map(str, counts["case_count"])),
        intervals=None,
        caveats=caveats,
    )


def differing_sentences(funnel: AreaFunnel) -> list[str]:
    """Word where a filed ledger and filed counts differ; none where they agree."""
    if funnel.differing.empty:
        return []
    year = funnel.differing["fiscal_year"].iloc[0]
    return [sentence("funnel.area", "differing", stages=funnel.differing, year=year)]


def kpi_finding(progress: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word the results against their targets, and the targets that follow.

    Examples
    --------
    >>> from gunmane_analysis import load_kpi, kpi_progress
    >>> kpi_finding(kpi_progress(load_kpi(), 2024), 2024).finding_id
    'funnel.kpi'
    """
    table = progress.copy()
    for name in ("target", "result", "next_target"):
        table[f"{name}_words"] = list(map(_amount_words, progress[name], progress["unit"]))
    scored = table[table["achievement_rate"].notna()]
    if scored.empty:
        return described_finding("funnel.kpi", scored, fiscal_year=fiscal_year)
    missed = scored[scored["achievement_rate"] < 1.0]
    return described_finding(
        "funnel.kpi",
        table,
        year=scored["result_fiscal_year"].iloc[0],
        count=len(scored),
        reached=len(scored) - len(missed),
        missed=missed,
        next_year=progress.loc[progress["next_target"].notna(), "next_fiscal_year"].max(),
        plot=partial(charts.plot_kpi_progress, table),
    )


def _amount_words(value: float, unit: str) -> str:
    if is_missing(value):
        return MISSING
    return percent(value, 0) if unit == "割合" else f"{value:,.0f}{unit}"


def planner_finding(plan: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word how many cases must be considered for a number of implementations.

    Examples
    --------
    >>> from gunmane_analysis import load_kpi, funnel_readings, published_counts, plan_cases
    >>> plan = plan_cases(funnel_readings(published_counts(load_kpi(), 2024)))
    >>> "一致しない" in planner_finding(plan, 2024).headline
    True
    """
    if plan.empty:
        return described_finding("funnel.planner", plan, fiscal_year=fiscal_year)
    quoted = plan[plan["target_count"].isin(_QUOTED_TARGETS)]
    wanted = [
        sentence("funnel.planner", "reading", first=rows.iloc[0], rows=rows)
        for _, rows in quoted.groupby("reading", sort=False)
    ]
    needed = plan.groupby("reading")["case_count"].max()
    ratio = needed.max() / needed.min()
    name = _agreement(len(needed), agree=ratio <= _SAME_WITHIN)
    agreement = sentence("funnel.planner", name, ratio=ratio)
    return described_finding("funnel.planner", plan, wanted=wanted, agreement=agreement)


def step_gain_finding(
    steps: pd.DataFrame, fiscal_year: int, target_count: int = 20, points: float = 0.10
) -> Finding:
    """Word what ten points at each step would give, and what a target would ask of each.

    Examples
    --------
    >>> from gunmane_analysis import load_kpi, funnel_readings, published_counts, plan_steps
    >>> steps = plan_steps(funnel_readings(published_counts(load_kpi(), 2024)))
    >>> "8.10件" in step_gain_finding(steps, 2024).headline
    True
    """
    words: dict[str, Any] = {"fiscal_year": fiscal_year, "target": target_count, "points": points}
    if steps.empty:
        return described_finding("funnel.steps", steps, **words)
    short = {stage: name.removeprefix("マッチング") for stage, name in choices("stage").items()}
    names = {later: f"{short[earlier]}→{short[later]}" for earlier, later in pairwise(STAGES)}
    table = steps.assign(
        reading_name=steps["reading"].map(choices("reading")), step_name=steps["stage"].map(names)
    )
    parts = [rows for _, rows in table.groupby("reading", sort=False)]
    best = table.loc[table.groupby("reading", sort=False)["gain_count"].idxmax()]
    chances, step = best["largest_gain_probability"].map(_chance_words), best["step_name"].iloc[0]
    agreement = _agreement(len(best), agree=best["step_name"].nunique() == 1)
    return described_finding(
        "funnel.steps",
        table,
        best=best.assign(chance=chances),
        gains=[sentence("funnel.steps", "gains", first=rows.iloc[0], rows=rows) for rows in parts],
        agreement=sentence("funnel.steps", agreement, step=step, best=best),
        caveats=[_target_words(rows, target_count) for rows in parts],
        plot=partial(charts.plot_step_gains, table),
        **words,
    )


def _chance_words(chance: float) -> str:
    return "99%超" if chance > 0.99 else percent(chance, 0)


def _agreement(readings: int, *, agree: bool) -> str:
    """Return the text that says whether the readings agree."""
    if readings < 2:
        return "one_reading"
    return "agree" if agree else "differ"


def _target_words(rows: pd.DataFrame, target_count: int) -> str:
    reachable = rows[rows["rate_for_expectation"].notna()]
    others = "。ほかの段階だけでは100%にしても届かない" if len(reachable) < len(rows) else ""
    words = {"first": rows.iloc[0], "target": target_count, "others": others}
    return sentence("funnel.steps", "target", reachable=reachable, **words)


def region_comparison_finding(comparison: RegionComparison | Unanswered) -> Finding:
    """Word which forums lie outside the limits of chance; absent while no counts are filed.

    Examples
    --------
    >>> from gunmane_analysis import load_funnel_counts, comparable_regions
    >>> region_comparison_finding(comparable_regions(load_funnel_counts(), 2015)).placement
    'absent'
    """
    if not comparison:
        return absent_finding("funnel.regions")
    table = comparison.table
    limits_passed = table["is_outside_narrow"].astype("int64") + table["is_outside_wide"]
    return described_finding(
        "funnel.regions",
        table.assign(limits_passed=limits_passed),
        found=comparison,
        sums=table[["reached_count", "considered_count"]].sum(),
        outside=table.loc[table["holm_p_value"] < 0.05, "block_name"].tolist(),
        caveats=[comparison.pooling_note],
        plot=partial(charts.plot_region_rates, comparison),
    )


def time_to_stage_finding(curves: Mapping[str, pd.DataFrame] | None, area: AreaLike) -> Finding:
    """Word how long cases take to each stage; absent while no ledger is filed.

    Examples
    --------
    >>> time_to_stage_finding({}, "tohoku").placement
    'absent'
    """
    area = find_area(area)
    if not curves:
        return absent_finding("funnel.time")
    table = pd.concat(curves, names=["stage"]).reset_index(level="stage")
    month = int(min(_QUOTED_MONTH, table["followed_months"].min()))
    by_then = table[table["months"] <= month].groupby("stage", sort=False).tail(1)
    return described_finding(
        "funnel.time",
        table,
        area=area.name,
        month=month,
        by_then=by_then,
        plot=partial(charts.plot_time_to_stage, curves),
    )


def activity_finding(lines: pd.DataFrame, area: AreaLike, fiscal_year: int) -> Finding:
    """Word what the area's regional forum planned, by kind of activity.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_activity_plan, planned_activities
    >>> area = find_area("chugoku")
    >>> lines = planned_activities(load_activity_plan(), area, 2024)
    >>> activity_finding(lines, area, 2024).finding_id
    'funnel.activities'
    """
    area = find_area(area)
    if lines.empty:
        return described_finding(
            "funnel.activities", lines, fiscal_year=fiscal_year, forums="地方フォーラム"
        )
    counts = activities_by_kind(lines).set_index("activity_kind")["line_count"]
    top = counts[counts == counts.max()]
    named = int(lines["names_area"].sum())
    return described_finding(
        "funnel.activities",
        lines,
        forums=_forums(lines, area),
        kinds=list(top.index) if len(counts) > 1 and len(top) <= 3 else None,
        each=f"各{top.iloc[0]}" if len(top) > 1 else top.iloc[0],
        area=area.name if area.kind in ("prefecture", "municipality") else None,
        named=f"{named}行ある" if named else "ない",
        in_summary=None if area.kind == "nation" else "",
    )


def _forums(lines: pd.DataFrame, area: Area) -> str:
    names = lines["forum_name"].unique()
    return "、".join(names) if area.kind != "nation" else f"地方フォーラム{len(names)}か所"


def trial_finding(lines: pd.DataFrame, area: AreaLike, fiscal_year: int) -> Finding:
    """Word the planned field trials and the months that they follow their pitch event.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_activity_plan, planned_activities
    >>> area = find_area("chugoku")
    >>> lines = planned_activities(load_activity_plan(), area, 2024)
    >>> len(trial_finding(lines, area, 2024).table)
    7
    """
    area = find_area(area)
    if lines.empty:
        return described_finding("funnel.trials", lines, fiscal_year=fiscal_year)
    trials, forums = planned_trials(lines), _forums(lines, area)
    if trials.empty:
        return described_finding("funnel.trials", trials, case="none", forums=forums)
    months = trials["lag_months"].dropna()
    lags = months.agg(["count", "min", "max", "median"]) if len(months) else {"count": None}
    return described_finding("funnel.trials", trials, forums=forums, lags=lags)
