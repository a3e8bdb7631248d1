"""Finding of the theme ``funnel``: KPI against target."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.funnel import plot_kpi_progress
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.wording import MISSING, is_missing, percent


def kpi_finding(progress: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word the results against their targets, and the targets that follow.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_kpi
    >>> from gunmane_analysis.metrics.funnel.kpi import kpi_progress
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
