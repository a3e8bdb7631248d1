"""Findings of the theme ``funnel``: what is known of an area's own cases."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.funnel import plot_funnel_readings
from gunmane_analysis.findings.finding import Column, Finding, KeyFigure
from gunmane_analysis.findings.funnel import (
    CHANCE,
    KPI,
    NOTHING_KNOWN,
    READING_COLUMNS,
    interval_sentence,
    readings_sentence,
    readings_table,
)
from gunmane_analysis.metrics.funnel.areas import AreaFunnel
from gunmane_analysis.metrics.funnel.rates import Rate
from gunmane_analysis.metrics.funnel.readings import FunnelReadings
from gunmane_analysis.tables import choices
from gunmane_analysis.wording import interval_words

FILED_SOURCES = {"counts": "funnel_counts", "cases": "funnel_cases"}


def area_funnel_finding(funnel: AreaFunnel, fiscal_year: int) -> Finding:
    """Say what is known of the area's own cases, beside the nation's; fill the card.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_kpi
    >>> from gunmane_analysis.loaders.tables import load_funnel_cases, load_funnel_counts
    >>> from gunmane_analysis.metrics.funnel.areas import area_funnel
    >>> filed = load_funnel_counts(), load_funnel_cases()
    >>> funnel = area_funnel(load_kpi(), *filed, find_area("tohoku"), 2024)
    >>> area_funnel_finding(funnel, 2024).finding_id
    'funnel.area'
    """
    area, own, nation = funnel.area, funnel.own, funnel.nation
    if funnel.origin == "none":
        headline = _unpublished(area, nation, fiscal_year)
    elif funnel.origin == "published":
        headline = (
            f"地方別の件数は公表されていない。全国の{own.fiscal_year}年度の件数"
            f"（{_steps(own)}）だけが分かる。"
        )
    else:
        year, held = own.fiscal_year, f"（届いた{funnel.forum_count}フォーラムの件数）"
        headline = f"{area.name}{held}では、{year}年度に、{readings_sentence(own)}"
    table, columns = _area_table(funnel)
    filed = (FILED_SOURCES[funnel.origin],) if funnel.origin in FILED_SOURCES else ()
    return Finding(
        finding_id="funnel.area",
        title=f"{area.name}の段階別の件数",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=(*filed, KPI),
        caveats=(
            "全国の割合を地域の件数に当てはめた推計はしない。"
            "事務局が地方フォーラム別の件数か案件の一覧を登録すると、この節に地域の値が載る。",
        ),
        chart=draw(lambda: plot_funnel_readings(own), f"横棒図。{headline}") if filed else None,
        key_figures=(_implementation_figure(funnel),),
        certainty=f"{CHANCE}{interval_sentence(own)}" if filed else "",
    )


def _area_table(funnel: AreaFunnel) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Both funnels in full where the area has one; else the nation's counts beside a gap."""
    if funnel.origin in FILED_SOURCES:
        named = {funnel.area.name: funnel.own, "全国": funnel.nation}
        parts = [readings_table(found).assign(area_name=name) for name, found in named.items()]
        return pd.concat(parts, ignore_index=True), (Column("area_name", "地域"), *READING_COLUMNS)
    own = (
        ()
        if funnel.area.kind == "nation"
        else (Column("own_count", funnel.area.name, "件", "count"),)
    )
    columns = (
        Column("stage_name", "段階"),
        *own,
        Column("nation_count", "全国", "件", "count"),
    )
    if not funnel.nation.is_known:
        return pd.DataFrame(columns=["stage_name", "own_count", "nation_count"]), columns
    first = next(iter(funnel.nation.rates.values()))
    table = pd.DataFrame(
        {
            "stage_name": [choices("stage")[stage] for stage in first["stage"]],
            "own_count": float("nan"),
            "nation_count": first["case_count"],
        }
    )
    return table, columns


def _unpublished(area: Area, nation: FunnelReadings, fiscal_year: int) -> str:
    if not nation.is_known:
        return NOTHING_KNOWN.format(year=fiscal_year)
    return (
        f"{area.name}の段階別の件数は公表されていない。"
        f"公表されているのは全国の{nation.fiscal_year}年度の件数（{_steps(nation)}）だけである。"
    )


def _steps(readings: FunnelReadings) -> str:
    first = next(iter(readings.rates.values()))
    return "→".join(f"{count}" for count in first["case_count"]) + "件"


def _implementation_figure(funnel: AreaFunnel) -> KeyFigure:
    own, nation = (_main_rate(readings) for readings in (funnel.own, funnel.nation))
    noted = own or nation
    note = "公表なし"
    if noted is not None:
        note = (
            f"{'' if own else '地域の値は公表なし。全国は'}"
            f"{noted.success_count}件／{noted.trial_count}件、"
            f"95%区間{interval_words(noted.low, noted.high)}"
        )
    return KeyFigure(
        key="funnel.implementation_rate",
        label="検討した案件のうち社会実装",
        value=own.rate if own else None,
        unit="%",
        kind="rate",
        decimals=1,
        nation=nation.rate if nation and funnel.area.kind != "nation" else None,
        note=note,
    )


def _main_rate(readings: FunnelReadings) -> Rate | None:
    if not readings.is_known:
        return None
    rates = next(iter(readings.rates.values()))
    last = rates.iloc[-1]
    return Rate(
        int(last["reached_count"]),
        int(rates["reached_count"].iloc[0]),
        float(last["rate_from_first"]),
        float(last["first_low"]),
        float(last["first_high"]),
    )
