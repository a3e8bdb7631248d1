"""Findings of the theme ``funnel``: how far cases go, what it takes, what forums plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, find_area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.funnel import (
    plot_funnel_readings,
    plot_group_comparison,
    plot_kpi_progress,
    plot_region_rates,
    plot_step_gains,
    plot_time_to_stage,
)
from gunmane_analysis.findings.described import absent_finding, described_finding, not_known_finding
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
from gunmane_analysis.wording import MISSING, interval_words, is_missing, percent

READING_NAMES = {"nested": "検討に対する比", "status": "内訳の計に対する割合"}
_READING_BASES = {
    "nested": "検討{}件に対する比で",
    "status": "四つの件数を内訳とみた計{}件に対する割合で",
}
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
    headline = f"全国では、{readings.fiscal_year}年度に、{readings_sentence(readings)}"
    return described_finding(
        "funnel.rates",
        _readings_table(readings),
        headline,
        words={"year": readings.fiscal_year, "intervals": _interval_sentence(readings)},
        caveats=_refusals(readings),
        chart=draw(lambda: plot_funnel_readings(readings), f"横棒図。{headline}"),
        summary=headline,
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
    counts = "、".join(
        f"{choices('stage')[stage]}{int(count)}件"
        for stage, count in zip(first["stage"], first["case_count"], strict=True)
    )
    if is_followed:
        return f"{counts}であった。検討した案件のうち社会実装は{_last_share(first)}である。"
    shares = "、".join(
        f"{_READING_BASES[reading].format(rates['reached_count'].iloc[0])}{_last_share(rates)}"
        for reading, rates in readings.rates.items()
    )
    return f"{counts}であった。社会実装は、{shares}である。同じ案件を追った割合ではない。"


def _last_share(rates: pd.DataFrame) -> str:
    return f"{percent(rates['rate_from_first'].iloc[-1])}（{_last_basis(rates)}）"


def _last_basis(rates: pd.DataFrame) -> str:
    last = rates.iloc[-1]
    return (
        f"{last['reached_count']}件／{rates['reached_count'].iloc[0]}件、"
        f"95%区間{interval_words(last['first_low'], last['first_high'])}"
    )


def _interval_sentence(readings: FunnelReadings) -> str:
    """Word the interval of the last step in each reading."""
    sentences = []
    for reading, rates in readings.rates.items():
        last, before = rates.iloc[-1], rates.iloc[-2]
        if pd.notna(last["previous_low"]):
            sentences.append(
                f"{READING_NAMES[reading]}で見ると、社会実装の現場試行に対する割合は"
                f"{percent(last['rate_from_previous'])}"
                f"（{last['reached_count']}件／{before['reached_count']}件）、区間は"
                f"{interval_words(last['previous_low'], last['previous_high'])}である。"
            )
    return "".join(sentences)


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
    groups = zip(comparison.names, (established.first, established.second), strict=True)
    shares = "、".join(
        f"{name}で{percent(group.rate)}（{group.success_count}件／{group.trial_count}件）"
        for name, group in groups
    )
    headline = (
        f"{comparison.fiscal_year}年度のマッチング成立以上の件数は、四つの件数を内訳とみると、"
        f"{shares}である。"
    )
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
        headline,
        words={
            **names,
            "year": comparison.fiscal_year,
            "points": f"{established.difference * 100.0:.1f}",
            "range": f"{established.low * 100.0:.1f}〜{established.high * 100.0:.1f}",
            "p_value": f"{established.p_value:.4f}",
        },
        chart=draw(lambda: plot_group_comparison(comparison), f"横棒図。{headline}"),
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
    words = {"area": area.name, "intervals": _interval_sentence(own)}
    caveats = (*(("mixed_cohorts",) if nation.is_known else ()), *_refusals(own))
    cards = tuple(_card(funnel, *each) for each in _CARDS)
    if source_id:
        headline = (
            f"{area.name}（届いた{funnel.forum_count}フォーラムの件数）では、{own.fiscal_year}年度に、"
            f"{readings_sentence(own, is_followed=funnel.origin == 'cases')}"
        )
        named = {area.name: own, "全国": nation}
        parts = [_readings_table(each).assign(area_name=name) for name, each in named.items()]
        return described_finding(
            "funnel.area",
            pd.concat(parts, ignore_index=True),
            headline,
            words=words,
            columns=("area_name", *_READING_COLUMNS),
            caveats=caveats,
            source_ids=(source_id, "kpi"),
            chart=draw(lambda: plot_funnel_readings(own), f"横棒図。{headline}"),
            key_figures=cards,
        )
    if not nation.is_known:
        return not_known_finding("funnel.area", fiscal_year, words)
    first = next(iter(nation.rates.values()))
    steps = "→".join(f"{count}" for count in first["case_count"]) + "件"
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
        f"地方別の件数は公表されていない。全国の{nation.fiscal_year}年度の件数（{steps}）だけが分かる。"
        if is_nation
        else f"{area.name}の段階別の件数は公表されていない。"
        f"公表されているのは全国の{nation.fiscal_year}年度の件数（{steps}）だけである。",
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
    note = "公表なし" if nation is None else f"地域の値は公表なし。全国は{_last_basis(nation)}"
    return KeyFigure(
        key=key,
        label=label,
        value=value,
        unit="%",
        kind="rate",
        decimals=1,
        nation=None if funnel.area.kind == "nation" else of_nation,
        note=note if own is None else _last_basis(own),
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
    year = int(scored["result_fiscal_year"].iloc[0])
    missed = scored[scored["achievement_rate"] < 1.0]
    named = "、".join(
        f"{row['item_label']}（目標{row['target_words']}に対し{row['result_words']}）"
        for row in missed.to_dict("records")
    )
    headline = (
        f"{year}年度は、目標のあるKPI{len(scored)}項目のうち{len(scored) - len(missed)}項目が"
        f"目標に達し、{f'{named}が達しなかった' if named else '達しなかった項目はない'}。"
    )
    ahead = progress[progress["next_target"].notna()]
    following = (
        f"{int(ahead['next_fiscal_year'].iloc[0])}年度は目標だけが公表され、結果は公表されていない。"
        if len(ahead)
        else "次の年度の目標は、この時点では公表されていない。"
    )
    return described_finding(
        "funnel.kpi",
        table,
        headline,
        words={"year": year, "following": following},
        chart=draw(lambda: plot_kpi_progress(table), f"横棒図。{headline}"),
        summary=headline,
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
    sentences = []
    for name, rows in table.groupby("reading_name", sort=False):
        basis = f"{rows['implemented_count'].iloc[0]}件／{rows['considered_count'].iloc[0]}件"
        wanted = "、".join(
            f"{row['target_count']}件以上に{row['case_count']:,}件"
            f"（{row['predictive_case_count']:,}件）"
            for row in rows[rows["target_count"].isin(_TOLD_TARGETS)].to_dict("records")
        )
        sentences.append(f"{name}（{basis}）が続くとすると{wanted}")
    needed = table.groupby("reading")["case_count"].max()
    ratio = float(needed.max() / needed.min())
    if len(needed) < 2:
        agreement = "もう一つの読み方は、この件数では成り立たない。"
    elif ratio <= _SAME_WITHIN:
        agreement = "二つの読み方で、必要な件数はほぼ一致する。"
    else:
        agreement = f"必要な件数は読み方で約{ratio:.1f}倍違い、一致しない。"
    return described_finding(
        "funnel.planner",
        table,
        f"社会実装を90%の確率で得るのに必要な検討は、{'、'.join(sentences)}である。{agreement}",
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
    best = [rows.iloc[int(rows["gain_count"].argmax())] for rows in parts]
    headline = (
        f"一つの段階だけを{words['width']}上げると、社会実装の期待件数は、"
        f"{'、'.join(map(_gain_words, parts))}になる。{_best_words(best)}"
    )
    return described_finding(
        "funnel.steps",
        table,
        headline,
        words=words,
        caveats=[_target_words(rows, target_count) for rows in parts],
        chart=draw(lambda: plot_step_gains(table), f"横棒図。{headline}"),
        summary=headline,
        certainty="".join(map(_certainty_words, best)),
    )


def _certainty_words(row: pd.Series) -> str:
    chance = row["largest_gain_probability"]
    return (
        f"割合の偶然の幅を考えても、{row['reading_name']}で増える件数が最も大きいのが"
        f"{row['step_name']}である確率は{'99%超' if chance > 0.99 else percent(chance, 0)}"
        "（三つの割合をJeffreysの事後分布から引いた計算）である。"
    )


def _gain_words(rows: pd.DataFrame) -> str:
    gains = "、".join(
        f"{name}で{count:.2f}件"
        for name, count in zip(rows["step_name"], rows["raised_implemented_count"], strict=True)
    )
    first = rows.iloc[0]
    return f"{first['reading_name']}では{first['implemented_count']:.0f}件から{gains}"


def _best_words(best: Sequence[pd.Series]) -> str:
    """Say in one sentence whether the readings agree on the step with the largest gain."""
    steps = {row["step_name"] for row in best}
    if len(best) < 2:
        return f"最も増えるのは{steps.pop()}で、もう一つの読み方はこの件数では成り立たない。"
    if len(steps) == 1:
        return f"最も増えるのは、どちらの読み方でも{steps.pop()}で、一致する。"
    each = "、".join(f"{row['reading_name']}では{row['step_name']}" for row in best)
    return f"最も増えるのは、{each}で、一致しない。"


def _needed_words(rates: pd.Series) -> pd.Series:
    return rates.map(percent).where(rates.notna(), "届かない")


def _target_words(rows: pd.DataFrame, target_count: int) -> str:
    reachable = rows[rows["rate_for_expectation"].notna()]
    name = rows["reading_name"].iloc[0]
    if reachable.empty:
        return f"{name}では、一つの段階だけを上げても社会実装{target_count}件には届かない。"
    raised = "、".join(
        f"{row['step_name']}を{percent(row['rate_now'])}から{row['expectation_words']}"
        f"（90%の確率なら{row['probability_words']}）"
        for row in reachable.to_dict("records")
    )
    others = "。ほかの段階だけでは100%にしても届かない" if len(reachable) < len(rows) else ""
    return (
        f"{name}で、同じ件数の検討から社会実装{target_count}件を得るには、"
        f"{raised}へ上げる必要がある{others}。"
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
    outside = "、".join(table.loc[table["holm_p_value"] < 0.05, "block_name"])
    named = (
        f"多重比較を補正しても偶然の範囲を外れるのは{outside}である。"
        if outside
        else "多重比較を補正すると、偶然の範囲を外れるフォーラムはない。"
    )
    stage = choices("stage")[comparison.stage]
    headline = (
        f"{comparison.fiscal_year}年度の{stage}の件数は、届いた{len(table)}フォーラムの計で、"
        f"{READING_NAMES[comparison.reading]}にして{percent(comparison.pooled_rate)}"
        f"（{table['reached_count'].sum()}件／{table['considered_count'].sum()}件）である。{named}"
    )
    return described_finding(
        "funnel.regions",
        table,
        headline,
        words={
            "stage": stage,
            "dispersion": f"{comparison.dispersion:.2f}",
            "p_value": f"{comparison.dispersion_p_value:.3f}",
        },
        caveats=[comparison.pooling_note],
        chart=draw(lambda: plot_region_rates(comparison), f"横棒図。{headline}"),
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
    shares = "、".join(
        f"{row['stage_name']}に{percent(row['reached_share'])}"
        f"（95%区間{interval_words(row['low'], row['high'])}）"
        for row in by_then.to_dict("records")
    )
    headline = (
        f"{area.name}の案件{table['case_count'].iloc[0]}件では、検討から{month}か月までに、"
        f"{shares}と見積もられる。"
    )
    return described_finding(
        "funnel.time",
        table,
        headline,
        words={"area": area.name},
        chart=draw(lambda: plot_time_to_stage(curves), f"階段状の線の図。{headline}"),
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
    forums, year = _forums(lines, area), int(lines["known_fiscal_year"].iloc[0])
    counts = activities_by_kind(lines).set_index("activity_kind")["line_count"]
    top = counts[counts == counts.max()]
    headline = f"{forums}の{year}年度の活動計画は{len(lines)}行である。"
    if len(counts) > 1 and len(top) <= 3:
        kinds = "、".join(label_of(str(kind)) for kind in top.index)
        headline += (
            f"最も多い種別は{kinds}（{'各' if len(top) > 1 else ''}{top.iloc[0]}行）である。"
        )
    if area.kind in ("prefecture", "municipality"):
        named = int(lines["names_area"].sum())
        headline += f"{area.name}の名が挙がる行は{f'{named}行ある' if named else 'ない'}。"
    return described_finding(
        "funnel.activities",
        _named(lines).assign(kind_name=lines["activity_kind"].map(label_of)),
        headline,
        words={"forums": forums, "year": year},
        summary=headline if area.kind != "nation" else "",
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
    if trials.empty:
        headline = f"{_forums(lines, area)}の計画に、実証実験・試験の行はない。"
        return described_finding("funnel.trials", table, headline, is_empty=True, status="measured")
    headline = f"{_forums(lines, area)}の計画に、実証実験・試験の行が{len(trials)}行ある。"
    months = trials["lag_months"].dropna()
    if len(months):
        headline += (
            f"元のピッチイベントの開催日が分かる{len(months)}件では、開催から試験の予定月まで"
            f"{months.min():.0f}〜{months.max():.0f}か月（中央値{months.median():.0f}か月）である。"
        )
    return described_finding("funnel.trials", table, headline)
