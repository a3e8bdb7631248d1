"""Findings of the theme ``funnel``: how far cases go, and in which forums."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.funnel import (
    READING_TITLES,
    plot_funnel_readings,
    plot_group_comparison,
)
from gunmane_analysis.findings.finding import Column, Definition, Finding
from gunmane_analysis.metrics.funnel.groups import GroupComparison
from gunmane_analysis.metrics.funnel.readings import FunnelReadings
from gunmane_analysis.tables import choices
from gunmane_analysis.wording import interval_words, percent

KPI = "kpi"
READING_NAMES = {"nested": "入れ子", "status": "状態別"}
NOTHING_KNOWN = "登録した資料に、{year}年度までのマッチングの件数はない。"
CHANCE = (
    "件数は全数であり標本誤差はない。区間は、同じ条件で同じ数の案件を扱ったときに"
    "偶然で生じる幅（Wilson法、95%）を示す。"
)
STILL_MOVING = (
    "数えた時点で途中にある案件は、後で先の段階に進むことがある。割合は最終的な割合ではない。"
)
TWO_READINGS = (
    "公表資料は四つの件数の数え方を示していない。入れ子の読みは各段階が前の段階に含まれるとみる。"
    "状態別の読みは一件を今いる段階だけに数えるとみて、四つの和がKPIの件数に等しいことと合う。"
)
DEFINITIONS = (
    Definition(
        "次の段階に進んだ割合",
        "ある段階に達した案件のうち、次の段階以上に達したものの割合。",
        r"\hat p_s = n_{s+1}/n_s",
    ),
    Definition(
        "95%区間（Wilson）",
        "割合の偶然による幅を示す区間。件数が少なくても0%より下や100%より上に出ない。",
        r"\frac{\hat p+\frac{z^2}{2n}\pm z\sqrt{\frac{\hat p(1-\hat p)}{n}+\frac{z^2}{4n^2}}}"
        r"{1+\frac{z^2}{n}}",
    ),
)
READING_COLUMNS = (
    Column("reading_name", "読み方"),
    Column("stage_name", "段階"),
    Column("reached_count", "達した件数", "件", "count"),
    Column("rate_from_previous", "前の段階から", "%", "rate", 1),
    Column("previous_low", "前の段階からの下限", "%", "rate", 1),
    Column("previous_high", "前の段階からの上限", "%", "rate", 1),
    Column("rate_from_first", "検討から", "%", "rate", 1),
    Column("first_low", "検討からの下限", "%", "rate", 1),
    Column("first_high", "検討からの上限", "%", "rate", 1),
)


def funnel_finding(readings: FunnelReadings, fiscal_year: int) -> Finding:
    """Word the nation's funnel in every reading that its counts allow.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_kpi
    >>> from gunmane_analysis.metrics.funnel.readings import funnel_readings, published_counts
    >>> readings = funnel_readings(published_counts(load_kpi(), 2023))
    >>> funnel_finding(readings, 2023).finding_id
    'funnel.rates'
    """
    table = readings_table(readings)
    if not readings.is_known:
        headline = NOTHING_KNOWN.format(year=fiscal_year)
        return Finding("funnel.rates", "マッチングの段階別の件数", headline, table,
                       READING_COLUMNS, (KPI,))  # fmt: skip
    headline = f"全国では、{readings.fiscal_year}年度に、{readings_sentence(readings)}"
    return Finding(
        finding_id="funnel.rates",
        title=f"マッチングの段階別の件数と進んだ割合（全国、{readings.fiscal_year}年度）",
        headline=headline,
        table=table,
        columns=READING_COLUMNS,
        source_ids=(KPI,),
        caveats=(TWO_READINGS, STILL_MOVING, *readings.refused.values()),
        chart=draw(lambda: plot_funnel_readings(readings), f"横棒図。{headline}"),
        definitions=DEFINITIONS,
        summary=headline,
        summary_rank=15,
        certainty=f"{CHANCE}{interval_sentence(readings)}",
    )


def readings_table(readings: FunnelReadings) -> pd.DataFrame:
    """Put the readings one below the other, with names for readers; no rows if none is known."""
    parts = [
        rates.assign(
            reading_name=READING_NAMES[reading],
            stage_name=[choices("stage")[stage] for stage in rates["stage"]],
        )
        for reading, rates in readings.rates.items()
    ]
    if not parts:
        return pd.DataFrame(columns=[column.name for column in READING_COLUMNS])
    return pd.concat(parts, ignore_index=True)


def readings_sentence(readings: FunnelReadings) -> str:
    """Word the counts and each reading's last share with its interval."""
    first = next(iter(readings.rates.values()))
    counts = [int(count) for count in first["case_count"]]
    told = "、".join(
        f"{choices('stage')[stage]}{count}件"
        for stage, count in zip(first["stage"], counts, strict=True)
    )
    shares = "、".join(
        f"{READING_NAMES[reading]}の読みで{_last_share(rates)}"
        for reading, rates in readings.rates.items()
    )
    return f"{told}であった。検討した案件のうち社会実装に達した割合は、{shares}である。"


def _last_share(rates: pd.DataFrame) -> str:
    last = rates.iloc[-1]
    return (
        f"{percent(last['rate_from_first'])}（{last['reached_count']}件／"
        f"{rates['reached_count'].iloc[0]}件、95%区間"
        f"{interval_words(last['first_low'], last['first_high'])}）"
    )


def interval_sentence(readings: FunnelReadings) -> str:
    """Word the interval of the last step in each reading."""
    told = []
    for reading, rates in readings.rates.items():
        last = rates.iloc[-1]
        if pd.notna(last["previous_low"]):
            told.append(
                f"{READING_NAMES[reading]}の読みでは、現場試行から社会実装へ進んだ割合は"
                f"{percent(last['rate_from_previous'])}、区間は"
                f"{interval_words(last['previous_low'], last['previous_high'])}である。"
            )
    return "".join(told)


def forum_comparison_finding(comparison: GroupComparison, fiscal_year: int) -> Finding:
    """Word the difference between the regional and the national forums' cases.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_kpi
    >>> from gunmane_analysis.metrics.funnel.groups import compare_forums
    >>> forum_comparison_finding(compare_forums(load_kpi(), 2024), 2024).finding_id
    'funnel.forums'
    """
    columns = (
        Column("stage_name", "段階"),
        Column("first_count", comparison.names[0], "件", "count"),
        Column("first_rate", f"{comparison.names[0]}の割合", "%", "rate", 1),
        Column("second_count", comparison.names[1], "件", "count"),
        Column("second_rate", f"{comparison.names[1]}の割合", "%", "rate", 1),
        Column("difference", "差", "ポイント", "change", 1),
        Column("low", "区間の下限", "ポイント", "change", 1),
        Column("high", "区間の上限", "ポイント", "change", 1),
        Column("p_value", "p値", kind="number", decimals=4),
    )
    table = _comparison_table(comparison, [column.name for column in columns])
    if comparison.fiscal_year is None:
        return Finding("funnel.forums", "地方フォーラムと全国フォーラム",
                       NOTHING_KNOWN.format(year=fiscal_year), table, columns, (KPI,))  # fmt: skip
    established = comparison.differences["established"]
    headline = (
        f"{comparison.fiscal_year}年度にマッチング成立以上に達した案件は、"
        f"{comparison.names[0]}で{percent(established.first.rate)}"
        f"（{established.first.success_count}件／{established.first.trial_count}件）、"
        f"{comparison.names[1]}で{percent(established.second.rate)}"
        f"（{established.second.success_count}件／{established.second.trial_count}件）である。"
    )
    points = f"{established.difference * 100.0:.1f}ポイント"
    return Finding(
        finding_id="funnel.forums",
        title=f"地方フォーラムと全国フォーラム（{comparison.fiscal_year}年度、状態別の読み）",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=(KPI,),
        caveats=(
            f"{READING_TITLES['status']}による。全国フォーラムの件数（15、0、2、0）は入れ子に読めない。",
            "全国フォーラムと地方フォーラムは役割が違い、扱う案件も違う。差は運営の良し悪しを示さない。",
            "三つの段階の差は同じ案件を見たもので、独立した三つの証拠ではない。",
        ),
        chart=draw(lambda: plot_group_comparison(comparison), f"点と区間の図。{headline}"),
        definitions=(
            Definition(
                "割合の差の区間（Newcombe）",
                "二つの割合それぞれのWilson区間を組み合わせた、差の区間。",
            ),
            Definition(
                "p値（Fisherの正確検定）",
                "二つの割合が本当は等しいとき、偶然だけで今回以上の偏りが生じる確率（両側）。",
            ),
        ),
        certainty=(
            f"マッチング成立以上の割合の差は{points}、95%区間は"
            f"{established.low * 100.0:.1f}〜{established.high * 100.0:.1f}ポイント"
            f"（Newcombe）、p値は{established.p_value:.4f}（Fisherの正確検定、両側）である。"
        ),
    )


def _comparison_table(comparison: GroupComparison, names: list[str]) -> pd.DataFrame:
    rows = [
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
    ]
    return pd.DataFrame(rows, columns=names)
