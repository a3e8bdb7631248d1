"""Findings of the theme ``participation`` on the nation: printed shares, growth of membership."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.funnel import plot_membership
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.wording import percent


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
        return Finding("participation.membership", "国民会議の会員数", headline, table, columns,
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
        finding_id="participation.membership",
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
    >>> from gunmane_analysis.loaders.tables import load_participation
    >>> from gunmane_analysis.metrics.funnel.kpi import participation_rates
    >>> rates = participation_rates(load_participation(), 2024)
    >>> participation_finding(rates, 2024).finding_id
    'participation.rates'
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
        return Finding("participation.rates", "市区町村の参画と加入", headline, table, columns,
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
        finding_id="participation.rates",
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
