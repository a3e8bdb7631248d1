"""Findings of the theme ``funnel``: KPI against target, participation, and membership."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.report.charts.chart import draw
from gunmane_analysis.report.charts.funnel import plot_kpi_progress, plot_membership
from gunmane_analysis.report.findings.finding import Column, Finding
from gunmane_analysis.report.wording import MISSING, is_missing, percent


def kpi_finding(progress: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word the results against their targets, and the targets that follow.

    Examples
    --------
    >>> from gunmane_analysis.loaders.funnel import load_kpi
    >>> from gunmane_analysis.metrics.funnel_kpi import kpi_progress
    >>> kpi_finding(kpi_progress(load_kpi(), 2024), 2024).finding_id
    'funnel.kpi'
    """
    columns = (
        Column("item_label", "項目"),
        Column("unit", "単位"),
        Column("target_words", "目標"),
        Column("result_words", "結果"),
        Column("achievement_rate", "目標に対する結果", "%", "rate", 0),
        Column("next_target_words", "次の目標"),
        Column("next_target_rate", "結果に対する次の目標", "%", "rate", 0),
    )
    table = progress.assign(
        **{
            f"{name}_words": [
                _amount_words(value, unit)
                for value, unit in zip(progress[name], progress["unit"], strict=True)
            ]
            for name in ("target", "result", "next_target")
        }
    )
    scored = progress[progress["achievement_rate"].notna()]
    if scored.empty:
        headline = f"登録した資料に、{fiscal_year}年度までのKPIの目標と結果はない。"
        return Finding("funnel.kpi", "KPIの目標と結果", headline, table, columns, ("kpi",))
    year = int(scored["result_fiscal_year"].iloc[0])
    met = scored[scored["achievement_rate"] >= 1.0]
    missed = scored[scored["achievement_rate"] < 1.0]
    headline = (
        f"{year}年度は、目標のあるKPI{len(scored)}項目のうち{len(met)}項目が目標に達し、"
        f"{_missed_words(missed)}"
    )
    ahead = progress[progress["next_target"].notna()]
    following = (
        f"{int(ahead['next_fiscal_year'].iloc[0])}年度は目標だけが公表され、結果は公表されていない。"
        if len(ahead)
        else "次の年度の目標は、この時点では公表されていない。"
    )
    return Finding(
        finding_id="funnel.kpi",
        title=f"国民会議のKPIの目標と結果（全国、{year}年度）",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=("kpi",),
        caveats=(
            following,
            "フォーラム実施数の結果は全国フォーラムの4回を含み、目標の項目名（地方フォーラム）と範囲が違う。"
            "支援自治体数に重複があるかは示されていない。",
        ),
        chart=draw(lambda: plot_kpi_progress(progress), f"横棒図。{headline}"),
        summary=headline,
        summary_rank=45,
    )


def _missed_words(missed: pd.DataFrame) -> str:
    if missed.empty:
        return "達しなかった項目はない。"
    named = "、".join(
        f"{label}（目標{_amount_words(target, unit)}に対し{_amount_words(result, unit)}）"
        for label, target, result, unit in zip(
            missed["item_label"], missed["target"], missed["result"], missed["unit"], strict=True
        )
    )
    return f"{named}が達しなかった。"


def _amount_words(value: float, unit: str) -> str:
    if is_missing(value):
        return MISSING
    return percent(value, 0) if unit == "割合" else f"{value:,.0f}{unit}"


def membership_finding(trend: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word the growth of the conference's membership.

    Examples
    --------
    >>> from gunmane_analysis.loaders.funnel import load_membership
    >>> from gunmane_analysis.metrics.funnel_kpi import membership_trend
    >>> trend = membership_trend(load_membership(), 2024)
    >>> membership_finding(trend, 2024).finding_id
    'funnel.membership'
    """
    columns = (
        Column("as_of_on", "時点"),
        Column("total", "会員数", "者", "count"),
        Column("government", "行政会員", "者", "count"),
        Column("company", "企業会員", "者", "count"),
        Column("organisation", "団体会員", "者", "count"),
        Column("individual", "個人会員", "者", "count"),
        Column("origin", "数の由来"),
    )
    table = trend.assign(
        origin=["計算（設立時＋印字の増加数）" if flag else "印字" for flag in trend["is_computed"]]
    )
    if trend.empty:
        headline = f"登録した資料に、{fiscal_year}年度までの会員数はない。"
        return Finding("funnel.membership", "国民会議の会員数", headline, table, columns,
                       ("membership",))  # fmt: skip
    first, latest = trend.iloc[0], trend.iloc[-1]
    computed = "（計算した数）" if latest["is_computed"] else ""
    headline = (
        f"国民会議の会員は、設立時（{first['as_of_on']}）の{first['total']:,.0f}者から"
        f"{latest['as_of_on']}の{latest['total']:,.0f}者{computed}へ増えた。"
        if len(trend) > 1
        else f"国民会議の会員は、設立時（{first['as_of_on']}）に{first['total']:,.0f}者であった。"
    )
    return Finding(
        finding_id="funnel.membership",
        title="国民会議の会員数（全国）",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=("membership",),
        caveats=(
            "地域別の会員数は公表されていない。行政会員は市区町村だけとは限らない。",
            "種別の数が印字されていない時点は「…」とした。",
        ),
        chart=draw(lambda: plot_membership(trend), f"折れ線図。{headline}")
        if len(trend) > 1
        else None,
    )


def participation_finding(rates: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word the share of municipalities that take part in the conference's two programmes.

    Examples
    --------
    >>> from gunmane_analysis.loaders.funnel import load_participation
    >>> from gunmane_analysis.metrics.funnel_kpi import participation_rates
    >>> rates = participation_rates(load_participation(), 2024)
    >>> participation_finding(rates, 2024).finding_id
    'funnel.participation'
    """
    names = {
        "mayors_conference": "市区町村長会議への参画",
        "government_membership": "行政会員への加入",
    }
    columns = (
        Column("as_of_on", "時点"),
        Column("programme_name", "制度"),
        Column("municipality_count", "市区町村", "市区町村", "count"),
        Column("municipality_total", "全市区町村", "市区町村", "count"),
        Column("participation_rate", "割合", "%", "rate", 1),
        Column("rate_text", "公表の表記"),
    )
    table = rates.assign(programme_name=rates["programme"].map(names))
    counted = rates[rates["participation_rate"].notna()]
    if rates.empty:
        headline = f"登録した資料に、{fiscal_year}年度までの参画・加入の割合はない。"
        return Finding("funnel.participation", "市区町村の参画と加入", headline, table, columns,
                       ("participation",))  # fmt: skip
    if counted.empty:
        row = rates.iloc[-1]
        headline = (
            f"{row['as_of_on']}に{names[row['programme']]}は{row['municipality_count']:,.0f}市区町村"
            f"（公表の表記で{row['rate_text']}）であった。"
        )
    else:
        latest = counted.groupby("programme", sort=False).tail(1)
        headline = (
            "、".join(
                f"{names[programme]}は{percent(rate)}（{count:,.0f}／{total:,.0f}市区町村）"
                for programme, rate, count, total in zip(
                    latest["programme"],
                    latest["participation_rate"],
                    latest["municipality_count"],
                    latest["municipality_total"],
                    strict=True,
                )
            )
            + f"である（{latest['as_of_on'].iloc[-1]}時点）。"
        )
    return Finding(
        finding_id="funnel.participation",
        title="市区町村の参画と加入（全国）",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=("participation",),
        caveats=(
            "地域別の割合は公表資料の地図の絵にあり、数値は得られない。",
            "全市区町村を数えた割合であり、標本誤差はない。参画は活動への参加や成果を示さない。",
            "分母の印字がない行の割合は計算しない。"
            "数も分母もない行（8割以上）は、都道府県を含むかも分からない。",
        ),
    )
