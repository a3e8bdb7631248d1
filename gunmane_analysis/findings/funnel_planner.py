"""Findings of the theme ``funnel``: how many cases, which step, and what a ledger adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.funnel_planner import (
    plot_region_funnel,
    plot_step_gains,
    plot_time_to_stage,
)
from gunmane_analysis.findings.finding import Column, Definition, Finding
from gunmane_analysis.findings.funnel import KPI, MIXED, NOTHING_KNOWN, READING_NAMES
from gunmane_analysis.metrics.funnel.regions import RegionComparison
from gunmane_analysis.tables import choices
from gunmane_analysis.tables.funnel import STAGES
from gunmane_analysis.wording import MISSING, interval_words, percent

ASSUMPTION = "試算であり、見込みではない。進む割合が変わらず、案件の成否が互いに関わりないとした。"
_TOLD_TARGETS = (1, 5, 20)
_SAME_WITHIN = 1.1
_NEVER = "届かない"
_QUOTED_MONTH = 12


def planner_finding(plan: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word how many cases must be considered for a number of implementations.

    Examples
    --------
    >>> from gunmane_analysis import load_kpi, funnel_readings, published_counts, plan_cases
    >>> plan = plan_cases(funnel_readings(published_counts(load_kpi(), 2024)))
    >>> "一致しない" in planner_finding(plan, 2024).headline
    True
    """
    columns = (
        Column("reading_name", "読み方"),
        Column("target_count", "社会実装の目標", "件以上", "count"),
        Column("expected_case_count", "期待値で足りる検討", "件", "count"),
        Column("case_count", "90%の確率で足りる検討", "件", "count"),
        Column("predictive_case_count", "割合の不確かさも見込む検討", "件", "count"),
    )
    if plan.empty:
        table = pd.DataFrame(columns=[column.name for column in columns])
        return Finding("funnel.planner", "目標に必要な検討の件数",
                       NOTHING_KNOWN.format(year=fiscal_year), table, columns, (KPI,))  # fmt: skip
    table = plan.assign(reading_name=plan["reading"].map(READING_NAMES))
    sentences = [_plan_words(rows) for _, rows in table.groupby("reading", sort=False)]
    headline = f"社会実装を90%の確率で得るのに必要な検討は、{'、'.join(sentences)}である。" + (
        _plan_agreement(table)
    )
    return Finding(
        finding_id="funnel.planner",
        title="社会実装の目標に必要な検討の件数（全国の割合による試算）",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=(KPI,),
        caveats=(
            ASSUMPTION,
            MIXED,
            "期待値で足りる件数では、目標に届くのは二回に一回ほどである。括弧内の後の件数は、"
            "割合そのものの不確かさも見込んだもの。",
            "地域ごとの割合は公表されていないため、全国の割合を用いた。",
        ),
        definitions=(
            Definition(
                "90%の確率で足りる検討の件数",
                "実装の件数が二項分布に従うとして、目標以上になる確率が90%に届く最小の件数。",
                r"\min\{n:\ P(X\ge k)\ge 0.9\},\ X\sim\mathrm{Bin}(n,\hat p)",
            ),
            Definition(
                "割合の不確かさも見込む件数",
                "割合をJeffreysの事前分布による事後分布から引いた予測分布（ベータ二項分布）で求めた件数。",
            ),
        ),
        certainty=(
            "必要な検討の件数は、少ない実装の件数から求めた割合による。"
            "割合を確かな値とみた件数は楽観に傾くため、不確かさを見込んだ件数を並べた。"
        ),
    )


def _plan_words(rows: pd.DataFrame) -> str:
    basis = rows.iloc[0]
    told = rows[rows["target_count"].isin(_TOLD_TARGETS)]
    wanted = "、".join(
        f"{row['target_count']}件以上に{row['case_count']:,}件（{row['predictive_case_count']:,}件）"
        for row in told.to_dict("records")
    )
    return (
        f"{basis['reading_name']}（{basis['implemented_count']}件／"
        f"{basis['considered_count']}件）が続くとすると{wanted}"
    )


def _plan_agreement(table: pd.DataFrame) -> str:
    """Say in one sentence whether the readings ask for the same number of cases."""
    needed = table.groupby("reading")["case_count"].max()
    if len(needed) < 2:
        return "もう一つの読み方は、この件数では成り立たない。"
    ratio = float(needed.max() / needed.min())
    if ratio <= _SAME_WITHIN:
        return "二つの読み方で、必要な件数はほぼ一致する。"
    return f"必要な件数は読み方で約{ratio:.1f}倍違い、一致しない。"


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
    columns = (
        Column("reading_name", "読み方"),
        Column("step_name", "上げる段階"),
        Column("rate_now", "今の割合", "%", "rate", 1),
        Column("rate_raised", "上げた割合", "%", "rate", 1),
        Column("raised_implemented_count", "社会実装の期待件数", "件", "number", 2),
        Column("gain_count", "増える件数", "件", "number", 2),
        Column("expectation_words", f"実装{target_count}件に要る割合（期待値）"),
        Column("probability_words", f"実装{target_count}件に要る割合（90%の確率）"),
    )
    if steps.empty:
        table = pd.DataFrame(columns=[column.name for column in columns])
        return Finding("funnel.steps", "段階ごとの効き目", NOTHING_KNOWN.format(year=fiscal_year),
                       table, columns, (KPI,))  # fmt: skip
    table = steps.assign(
        reading_name=steps["reading"].map(READING_NAMES),
        step_name=steps["stage"].map(_step_names()),
        expectation_words=[_needed_words(rate) for rate in steps["rate_for_expectation"]],
        probability_words=[_needed_words(rate) for rate in steps["rate_for_probability"]],
    )
    width = f"{points * 100.0:.0f}ポイント"
    parts = [rows for _, rows in table.groupby("reading", sort=False)]
    best = [rows.iloc[int(rows["gain_count"].argmax())] for rows in parts]
    gains = "、".join(_gain_words(rows) for rows in parts)
    headline = (
        f"一つの段階だけを{width}上げると、社会実装の期待件数は、{gains}になる。{_best_words(best)}"
    )
    return Finding(
        finding_id="funnel.steps",
        title=f"段階を{width}上げたときの社会実装の期待件数（全国の件数による試算）",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=(KPI,),
        caveats=(
            ASSUMPTION,
            MIXED,
            "同じ幅だけ上げる場合、増える件数は今の割合の低い段階ほど大きい。"
            "どの段階をどれだけ上げられるか、そのための費用は、この件数からは分からない。",
            *(_target_words(rows, target_count) for rows in parts),
        ),
        chart=draw(
            lambda: plot_step_gains(table, [_step_names()[stage] for stage in STAGES[1:]]),
            f"横棒図。{headline}",
        ),
        summary=headline,
        summary_rank=35,
        certainty="".join(
            f"割合の偶然の幅を考えても、{row['reading_name']}で増える件数が最も大きいのが"
            f"{row['step_name']}である確率は{_probability_words(row['largest_gain_probability'])}"
            "（三つの割合をJeffreysの事後分布から引いた計算）である。"
            for row in best
        ),
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
    steps = [row["step_name"] for row in best]
    if len(steps) < 2:
        return f"最も増えるのは{steps[0]}で、もう一つの読み方はこの件数では成り立たない。"
    if len(set(steps)) == 1:
        return f"最も増えるのは、どちらの読み方でも{steps[0]}で、一致する。"
    told = "、".join(f"{row['reading_name']}では{row['step_name']}" for row in best)
    return f"最も増えるのは、{told}で、一致しない。"


def _step_names() -> dict[str, str]:
    short = {stage: name.removeprefix("マッチング") for stage, name in choices("stage").items()}
    return {later: f"{short[earlier]}→{short[later]}" for earlier, later in pairwise(STAGES)}


def _needed_words(rate: float) -> str:
    return percent(rate) if rate == rate else _NEVER


def _probability_words(probability: float) -> str:
    return "99%超" if probability > 0.99 else percent(probability, 0)


def _target_words(main: pd.DataFrame, target_count: int) -> str:
    reachable = main[main["rate_for_expectation"].notna()]
    if reachable.empty:
        name = main["reading_name"].iloc[0]
        return f"{name}では、一つの段階だけを上げても社会実装{target_count}件には届かない。"
    told = "、".join(
        f"{name}を{percent(now)}から{expected}（90%の確率なら{assured}）"
        for name, now, expected, assured in zip(
            reachable["step_name"],
            reachable["rate_now"],
            reachable["expectation_words"],
            reachable["probability_words"],
            strict=True,
        )
    )
    others = "。ほかの段階だけでは100%にしても届かない" if len(reachable) < len(main) else ""
    name = main["reading_name"].iloc[0]
    return (
        f"{name}で、同じ件数の検討から社会実装{target_count}件を得るには、"
        f"{told}へ上げる必要がある{others}。"
    )


def region_comparison_finding(comparison: RegionComparison | None) -> Finding | None:
    """Word which forums lie outside the limits of chance; nothing while no counts are filed.

    Examples
    --------
    >>> from gunmane_analysis import load_funnel_counts, comparable_regions
    >>> region_comparison_finding(comparable_regions(load_funnel_counts(), 2015)) is None
    True
    """
    if comparison is None:
        return None
    table = comparison.table.assign(
        outside_words=[
            "99.8%の外" if wide else "95%の外" if narrow else "内"
            for wide, narrow in zip(
                comparison.table["is_outside_wide"],
                comparison.table["is_outside_narrow"],
                strict=True,
            )
        ]
    )
    outside = table[table["holm_p_value"] < 0.05]
    named = (
        f"多重比較を補正しても偶然の範囲を外れるのは{'、'.join(outside['block_name'])}である。"
        if len(outside)
        else "多重比較を補正すると、偶然の範囲を外れるフォーラムはない。"
    )
    stage = choices("stage")[comparison.stage]
    considered, reached = table["considered_count"].sum(), table["reached_count"].sum()
    headline = (
        f"{comparison.fiscal_year}年度の{stage}の件数は、届いた{len(table)}フォーラムの計で、"
        f"{READING_NAMES[comparison.reading]}にして"
        f"{percent(comparison.pooled_rate)}（{reached}件／{considered}件）である。{named}"
    )
    return Finding(
        finding_id="funnel.regions",
        title=f"地方フォーラムごとの{stage}の割合と偶然の範囲",
        headline=headline,
        table=table,
        columns=(
            Column("block_name", "フォーラム"),
            Column("considered_count", "検討", "件", "count"),
            Column("reached_count", stage, "件", "count"),
            Column("rate", "割合", "%", "rate", 1),
            Column("low", "区間の下限", "%", "rate", 1),
            Column("high", "区間の上限", "%", "rate", 1),
            Column("outside_words", "偶然の範囲"),
            Column("holm_p_value", "p値（Holm補正）", kind="number", decimals=3),
            Column("bh_p_value", "p値（BH補正）", kind="number", decimals=3),
            Column("shrunk_rate", "縮めた割合", "%", "rate", 1),
            Column("shrunk_low", "区間の下限", "%", "rate", 1),
            Column("shrunk_high", "区間の上限", "%", "rate", 1),
        ),
        source_ids=("funnel_counts",),
        caveats=(
            MIXED,
            "並びはコード順であり、順位ではない。件数の少ないフォーラムの割合は偶然で大きく動く。",
            comparison.pooling_note,
        ),
        chart=draw(lambda: plot_region_funnel(comparison), f"散布図。{headline}"),
        certainty=(
            f"フォーラムの間のばらつきは、偶然だけの場合の{comparison.dispersion:.2f}倍"
            f"（p値{comparison.dispersion_p_value:.3f}）である。"
        ),
    )


def time_to_stage_finding(curves: Mapping[str, pd.DataFrame] | None, area: Area) -> Finding | None:
    """Word how long cases take to each stage; nothing while no ledger is filed.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> time_to_stage_finding({}, find_area("tohoku")) is None
    True
    """
    if not curves:
        return None
    table = pd.concat(
        [curve.assign(stage_name=choices("stage")[stage]) for stage, curve in curves.items()],
        ignore_index=True,
    )
    month = int(min(_QUOTED_MONTH, table["followed_months"].min()))
    told = "、".join(_share_words(stage, curve, month) for stage, curve in curves.items())
    case_count = int(table["case_count"].iloc[0])
    headline = (
        f"{area.name}の案件{case_count}件では、検討から{month}か月までに、{told}と見積もられる。"
    )
    return Finding(
        finding_id="funnel.time",
        title=f"{area.name}の案件が各段階に達するまでの時間",
        headline=headline,
        table=table,
        columns=(
            Column("stage_name", "段階"),
            Column("months", "月数", "か月", "number", 1),
            Column("reached_share", "達した割合", "%", "rate", 1),
            Column("low", "区間の下限", "%", "rate", 1),
            Column("high", "区間の上限", "%", "rate", 1),
            Column("at_risk_count", "その時点で途中の案件", "件", "count"),
        ),
        source_ids=("funnel_cases",),
        caveats=(
            "途中の案件は最後に状況を確かめた日までを数え、取りやめた案件はもう達しないものとして扱う"
            "（Aalen-Johansen法）。",
        ),
        chart=draw(lambda: plot_time_to_stage(curves), f"階段状の線の図。{headline}"),
        certainty="各段階に達した割合には95%区間を付けた。案件が少ないほど幅が広い。",
    )


def _share_words(stage: str, curve: pd.DataFrame, month: int) -> str:
    by_then = curve[curve["months"] <= month].iloc[-1]
    bounds = (
        f"（95%区間{interval_words(by_then['low'], by_then['high'])}）"
        if by_then["low"] == by_then["low"]
        else f"（区間{MISSING}）"
    )
    return f"{choices('stage')[stage]}に{percent(by_then['reached_share'])}{bounds}"
