"""Findings of the theme ``funnel``: how far cases go, what it takes, what forums plan."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, find_area
from gunmane_analysis.charts import funnel as charts
from gunmane_analysis.findings.described import (
    absent_finding,
    described_finding,
    not_known_finding,
    sentence,
    sentences,
)
from gunmane_analysis.findings.finding import Finding, KeyFigure
from gunmane_analysis.metrics.funnel.activities import activities_by_kind, planned_trials
from gunmane_analysis.metrics.funnel.readings import (
    AreaFunnel,
    FunnelReadings,
    GroupComparison,
    Reading,
)
from gunmane_analysis.metrics.funnel.regions import RegionComparison
from gunmane_analysis.tables import choices, label_of
from gunmane_analysis.tables.funnel import STAGES
from gunmane_analysis.wording import MISSING, is_missing, percent

READING_NAMES = {"nested": "検討に対する比", "status": "内訳の計に対する割合"}
_READING_COLUMNS = (
    "reading_name", "stage_name", "reached_count", "rate_from_previous", "previous_low",
    "previous_high", "rate_from_first", "first_low", "first_high",
)  # fmt: skip
_FILED_SOURCES = {"counts": "funnel_counts", "cases": "funnel_cases"}
_CARDS: tuple[tuple[str, Reading, str], ...] = (
    ("funnel.implementation_rate", "nested", "社会実装の、検討の件数に対する比"),
    ("funnel.implementation_share", "status", "社会実装の、四つの件数の計に対する割合"),
)
_TOLD_TARGETS = (1, 5, 20)
_SAME_WITHIN = 1.1
_QUOTED_MONTH = 12


def funnel_finding(readings: FunnelReadings, fiscal_year: int) -> Finding:
    """Word the nation's funnel in every reading that its counts allow.

    Examples
    --------
    >>> from gunmane_analysis import load_kpi, funnel_readings, published_counts
    >>> readings = funnel_readings(published_counts(load_kpi(), 2023))
    >>> funnel_finding(readings, 2023).finding_id
    'funnel.rates'
    """
    if not readings.is_known:
        return not_known_finding("funnel.rates", fiscal_year)
    return described_finding(
        "funnel.rates",
        _readings_table(readings),
        words={
            "year": readings.fiscal_year,
            "reading": readings_sentence(readings),
            "intervals": _interval_sentence(readings),
        },
        caveats=_refusals(readings),
        plot=lambda: charts.plot_funnel_readings(readings),
    )


def _readings_table(readings: FunnelReadings) -> pd.DataFrame:
    """Put the readings one below the other, with names for readers."""
    parts = [
        rates.assign(
            reading_name=READING_NAMES[reading], stage_name=rates["stage"].map(choices("stage"))
        )
        for reading, rates in readings.rates.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _refusals(readings: FunnelReadings) -> tuple[str, ...]:
    """Word which readings the counts refuse, or a known part of them."""
    return (
        *readings.refused.values(),
        *(
            f"{READING_NAMES[reading]}は合計では求められるが、{reason}"
            for reading, reason in readings.part_refusals.items()
        ),
    )


def readings_sentence(readings: FunnelReadings, *, is_followed: bool = False) -> str:
    """Word the counts and each reading's last share with its interval.

    ``is_followed`` says that the same cases were followed (a ledger), not counted by activity.
    """
    first = next(iter(readings.rates.values()))
    names = first.assign(stage_name=first["stage"].map(choices("stage")))
    counts = sentences("funnel.rates", "counts", names)
    if is_followed:
        return sentence("funnel.rates", "followed", counts=counts, **_last(first))
    shares = [
        sentence("funnel.rates", f"share_{reading}", **_last(rates))
        for reading, rates in readings.rates.items()
    ]
    return sentence("funnel.rates", "counted", counts=counts, shares=shares)


def _last(rates: pd.DataFrame) -> dict[str, object]:
    """Return the last stage's share of the first with its interval, and these in words."""
    last = rates.iloc[-1]
    words = {
        "reached": last["reached_count"],
        "considered": rates["reached_count"].iloc[0],
        "rate": last["rate_from_first"],
        "low": last["first_low"],
        "high": last["first_high"],
    }
    return words | {"basis": sentence("funnel.rates", "basis", **words)}


def _interval_sentence(readings: FunnelReadings) -> str:
    """Word the interval of the last step in each reading."""
    return "".join(
        sentence(
            "funnel.rates",
            "last_step",
            reading_name=READING_NAMES[reading],
            last=rates.iloc[-1],
            before=rates["reached_count"].iloc[-2],
        )
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
    names = dict(zip(("first", "second"), comparison.names, strict=True))
    if comparison.fiscal_year is None:
        return not_known_finding("funnel.forums", fiscal_year, names)
    established = comparison.differences["established"]
    table = pd.DataFrame(
        {
            "stage_name": f"{choices('stage')[stage]}以上",
            "first_count": found.first.success_count,
            "first_rate": found.first.rate,
            "second_count": found.second.success_count,
            "second_rate": found.second.rate,
            "difference": found.difference,
            "low": found.low,
            "high": found.high,
            "p_value": found.p_value,
        }
        for stage, found in comparison.differences.items()
    )
    return described_finding(
        "funnel.forums",
        table,
        words={**names, "year": comparison.fiscal_year, "established": established},
        plot=lambda: charts.plot_group_comparison(comparison),
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
    source_id = _FILED_SOURCES.get(funnel.origin)
    words = {"area": area.name, "intervals": _interval_sentence(own), "year": own.fiscal_year}
    caveats = (*(("mixed_cohorts",) if nation.is_known else ()), *_refusals(own))
    cards = tuple(_card(funnel, *each) for each in _CARDS)
    if source_id:
        reading = readings_sentence(own, is_followed=funnel.origin == "cases")
        named = {area.name: own, "全国": nation}
        parts = [_readings_table(each).assign(area_name=name) for name, each in named.items()]
        return described_finding(
            "funnel.area",
            pd.concat(parts, ignore_index=True),
            words=words | {"forum_count": funnel.forum_count, "reading": reading},
            columns=("area_name", *_READING_COLUMNS),
            caveats=caveats,
            source_ids=(source_id, "kpi"),
            plot=lambda: charts.plot_funnel_readings(own),
            key_figures=cards,
        )
    if not nation.is_known:
        return not_known_finding("funnel.area", fiscal_year, words)
    first = next(iter(nation.rates.values()))
    is_nation = area.kind == "nation"
    return described_finding(
        "funnel.area",
        pd.DataFrame(
            {
                "stage_name": first["stage"].map(choices("stage")),
                "own_count": float("nan"),
                "nation_count": first["case_count"],
            }
        ),
        sentence(
            "funnel.area",
            "unpublished",
            area=None if is_nation else area.name,
            year=nation.fiscal_year,
            steps="→".join(map(str, first["case_count"])),
        ),
        words=words,
        columns=("stage_name", *(() if is_nation else ("own_count",)), "nation_count"),
        caveats=caveats,
        certainty="",
        key_figures=cards,
    )


def _card(funnel: AreaFunnel, key: str, reading: Reading, label: str) -> KeyFigure:
    """Return the card of one reading, so that neither stands for both."""
    own, nation = funnel.own.rates.get(reading), funnel.nation.rates.get(reading)
    value, of_nation = (
        None if rates is None else float(rates["rate_from_first"].iloc[-1])
        for rates in (own, nation)
    )
    note = "公表なし" if nation is None else f"地域の値は公表なし。全国は{_last(nation)['basis']}"
    return KeyFigure(
        key=key,
        label=label,
        value=value,
        unit="%",
        kind="rate",
        decimals=1,
        nation=None if funnel.area.kind == "nation" else of_nation,
        note=note if own is None else str(_last(own)["basis"]),
    )


def kpi_finding(progress: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word the results against their targets, and the targets that follow.

    Examples
    --------
    >>> from gunmane_analysis import load_kpi, kpi_progress
    >>> kpi_finding(kpi_progress(load_kpi(), 2024), 2024).finding_id
    'funnel.kpi'
    """
    table = progress.assign(
        **{
            f"{name}_words": list(map(_amount_words, progress[name], progress["unit"]))
            for name in ("target", "result", "next_target")
        }
    )
    scored = table[table["achievement_rate"].notna()]
    if scored.empty:
        return not_known_finding("funnel.kpi", fiscal_year, {"following": ""})
    missed = scored[scored["achievement_rate"] < 1.0]
    ahead = progress.loc[progress["next_target"].notna(), "next_fiscal_year"]
    next_year = ahead.iloc[0] if len(ahead) else None
    return described_finding(
        "funnel.kpi",
        table,
        words={
            "year": scored["result_fiscal_year"].iloc[0],
            "count": len(scored),
            "reached": len(scored) - len(missed),
            "missed": sentences("funnel.kpi", "item", missed),
            "following": sentence("funnel.kpi", "next", year=next_year),
        },
        plot=lambda: charts.plot_kpi_progress(table),
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
        return not_known_finding("funnel.planner", fiscal_year)
    table = plan.assign(reading_name=plan["reading"].map(READING_NAMES))
    quoted = table[table["target_count"].isin(_TOLD_TARGETS)]
    wanted = [
        sentence(
            "funnel.planner",
            "reading",
            first=rows.iloc[0],
            wanted=sentences("funnel.planner", "target", rows),
        )
        for _, rows in quoted.groupby("reading_name", sort=False)
    ]
    needed = table.groupby("reading")["case_count"].max()
    ratio = float(needed.max() / needed.min())
    agreement = _agreement(len(needed), agree=ratio <= _SAME_WITHIN)
    return described_finding(
        "funnel.planner",
        table,
        words={
            "wanted": wanted,
            "agreement": sentence("funnel.planner", agreement, ratio=ratio),
        },
    )


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
    words = {"target": target_count, "width": f"{points * 100.0:.0f}ポイント"}
    if steps.empty:
        return not_known_finding("funnel.steps", fiscal_year, words)
    short = {stage: name.removeprefix("マッチング") for stage, name in choices("stage").items()}
    names = {later: f"{short[earlier]}→{short[later]}" for earlier, later in pairwise(STAGES)}
    table = steps.assign(
        reading_name=steps["reading"].map(READING_NAMES),
        step_name=steps["stage"].map(names),
        expectation_words=_needed_words(steps["rate_for_expectation"]),
        probability_words=_needed_words(steps["rate_for_probability"]),
    )
    parts = [rows for _, rows in table.groupby("reading", sort=False)]
    best = pd.DataFrame([rows.iloc[int(rows["gain_count"].argmax())] for rows in parts])
    best["chance"] = best["largest_gain_probability"].map(_chance_words)
    texts = "funnel.steps"
    agreement = _agreement(len(best), agree=best["step_name"].nunique() == 1)
    return described_finding(
        texts,
        table,
        words={
            **words,
            "gains": [
                sentence(texts, "gains", first=rows.iloc[0], gains=sentences(texts, "gain", rows))
                for rows in parts
            ],
            "agreement": sentence(
                texts,
                agreement,
                step=best["step_name"].iloc[0],
                each=sentences(texts, "best", best),
            ),
        },
        caveats=[_target_words(rows, target_count) for rows in parts],
        plot=lambda: charts.plot_step_gains(table),
        certainty="".join(sentences(texts, "chance", best)),
    )


def _chance_words(chance: float) -> str:
    return "99%超" if chance > 0.99 else percent(chance, 0)


def _agreement(readings: int, *, agree: bool) -> str:
    """Return the text that says whether the readings agree."""
    if readings < 2:
        return "one_reading"
    return "agree" if agree else "differ"


def _needed_words(rates: pd.Series) -> pd.Series:
    return rates.map(percent).where(rates.notna(), "届かない")


def _target_words(rows: pd.DataFrame, target_count: int) -> str:
    reachable = rows[rows["rate_for_expectation"].notna()]
    return sentence(
        "funnel.steps",
        "target",
        reading_name=rows["reading_name"].iloc[0],
        target=target_count,
        raised=sentences("funnel.steps", "raised", reachable),
        others="。ほかの段階だけでは100%にしても届かない" if len(reachable) < len(rows) else "",
    )


def region_comparison_finding(comparison: RegionComparison | None) -> Finding:
    """Word which forums lie outside the limits of chance; absent while no counts are filed.

    Examples
    --------
    >>> from gunmane_analysis import load_funnel_counts, comparable_regions
    >>> region_comparison_finding(comparable_regions(load_funnel_counts(), 2015)).placement
    'absent'
    """
    if comparison is None:
        return absent_finding("funnel.regions")
    table = comparison.table.assign(outside_words="内")
    table.loc[table["is_outside_narrow"], "outside_words"] = "95%の外"
    table.loc[table["is_outside_wide"], "outside_words"] = "99.8%の外"
    return described_finding(
        "funnel.regions",
        table,
        words={
            "found": comparison,
            "stage": choices("stage")[comparison.stage],
            "reading": READING_NAMES[comparison.reading],
            "count": len(table),
            "sums": table[["reached_count", "considered_count"]].sum(),
            "outside": table.loc[table["holm_p_value"] < 0.05, "block_name"].tolist(),
        },
        caveats=[comparison.pooling_note],
        plot=lambda: charts.plot_region_rates(comparison),
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
    table = pd.concat(
        [curve.assign(stage_name=choices("stage")[stage]) for stage, curve in curves.items()],
        ignore_index=True,
    )
    month = int(min(_QUOTED_MONTH, table["followed_months"].min()))
    by_then = table[table["months"] <= month].groupby("stage_name", sort=False).tail(1)
    return described_finding(
        "funnel.time",
        table,
        words={
            "area": area.name,
            "count": table["case_count"].iloc[0],
            "month": month,
            "shares": sentences("funnel.time", "share", by_then),
        },
        plot=lambda: charts.plot_time_to_stage(curves),
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
        return not_known_finding("funnel.activities", fiscal_year, {"forums": "地方フォーラム"})
    counts = activities_by_kind(lines).set_index("activity_kind")["line_count"]
    top = counts[counts == counts.max()]
    named = int(lines["names_area"].sum())
    words = {
        "forums": _forums(lines, area),
        "year": int(lines["known_fiscal_year"].iloc[0]),
        "count": len(lines),
        "kinds": "、".join(map(label_of, top.index)) if len(counts) > 1 and len(top) <= 3 else None,
        "each": f"各{top.iloc[0]}" if len(top) > 1 else top.iloc[0],
        "area": area.name if area.kind in ("prefecture", "municipality") else None,
        "named": f"{named}行ある" if named else "ない",
    }
    return described_finding(
        "funnel.activities",
        _named(lines).assign(kind_name=lines["activity_kind"].map(label_of)),
        words=words | {"in_summary": None if area.kind == "nation" else ""},
    )


def _named(lines: pd.DataFrame) -> pd.DataFrame:
    return lines.assign(named_words=lines["names_area"].map({True: "有", False: ""}))


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
        return not_known_finding("funnel.trials", fiscal_year)
    trials = planned_trials(lines)
    table = _named(trials)
    forums = _forums(lines, area)
    if trials.empty:
        headline = sentence("funnel.trials", "none", forums=forums)
        return described_finding("funnel.trials", table, headline, is_empty=True, status="measured")
    months = trials["lag_months"].dropna()
    lags = months.agg(["count", "min", "max", "median"]) if len(months) else {"count": None}
    words = {"forums": forums, "count": len(trials), "lags": lags}
    return described_finding("funnel.trials", table, words=words)
