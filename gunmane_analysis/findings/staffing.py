"""Findings of the theme ``staffing``: what the notebook shows, worded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.staffing import (
    plot_peer_panels,
    plot_staffing_density,
    plot_staffing_index,
    plot_staffing_trend,
)
from gunmane_analysis.findings.finding import Column, Definition, Finding, KeyFigure
from gunmane_analysis.metrics.staffing.change import (
    DENSITIES,
    STAFF,
    StaffingTrend,
    latest_density,
)
from gunmane_analysis.wording import change_words, is_missing, people

SERIES = "prefecture_series"
NOT_CIVIL = "一般行政部門職員の数であり、土木部門職員の数ではない。一部事務組合等の職員を含む。"
CENSUS = (
    "定員管理調査は全団体を数える調査であり、標本誤差はない。"
    "団体の合併、事務の移管、部門の分け方の変更による動きは区別できない。"
)
_GENERAL_STAFF = Definition(
    "一般行政部門職員",
    "総務省の定員管理調査の部門区分で、教育・警察・消防・公営企業等を除く職員。"
    "議会・総務・税務・民生・衛生・労働・農林水産・商工・土木の各部門を含む。",
)
_COUNT = Column(STAFF, "一般行政部門職員数", "人", "count")


def staffing_trend_finding(trend: StaffingTrend) -> Finding:
    """Word the level of staff and its change since the first, peak and lowest year.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> from gunmane_analysis.metrics.staffing.change import staffing_trend
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
    return Finding(
        finding_id="staffing.trend",
        title=f"{area.name}の市区町村の一般行政部門職員数の推移",
        headline=headline,
        table=table,
        columns=(
            Column("fiscal_year", "年度", kind="year"),
            _COUNT,
            Column("change_rate", f"{trend.first.fiscal_year}年度比", "%", "change", 1),
        ),
        source_ids=(SERIES,),
        caveats=(NOT_CIVIL, "各年4月1日現在。"),
        chart=draw(lambda: plot_staffing_trend(trend), f"折れ線図。{headline}"),
        key_figures=(),
        definitions=(
            _GENERAL_STAFF,
            Definition(
                "年平均増減率",
                "最初の年度から対象年度までの変化を、毎年同じ率で続いたとみなして求めた率。",
                r"\left(\frac{x_{t}}{x_{0}}\right)^{1/(t-t_{0})}-1",
            ),
        ),
        summary=headline,
        summary_rank=10,
        certainty=f"{CENSUS}年平均では{change_words(trend.annual_growth_rate, 2)}に当たる。",
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


def staffing_index_finding(index: pd.DataFrame, area: Area) -> Finding:
    """Word how the area's fall compares with its block's and the nation's.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> from gunmane_analysis.metrics.staffing.change import staffing_index
    >>> area = find_area("tohoku")
    >>> index = staffing_index(load_staffing(), area.lineage, 2024)
    >>> "全国 83.7" in staffing_index_finding(index, area).headline
    True
    """
    lineage = area.distinct_lineage
    latest = index[index["fiscal_year"] == index["fiscal_year"].max()].set_index("area_id")
    base = int(index["base_fiscal_year"].iloc[0])
    year = int(index["fiscal_year"].max())
    shown = "、".join(
        f"{place.name} {latest.loc[place.area_id, 'staff_index']:.1f}" for place in lineage
    )
    headline = f"{base}年度を100とした{year}年度の職員数の指数は、{shown}である。"
    table = index.pivot(index="fiscal_year", columns="area_id", values="staff_index").reset_index()
    return Finding(
        finding_id="staffing.index",
        title=f"職員数の指数（{base}年度=100）",
        headline=headline,
        table=table,
        columns=(
            Column("fiscal_year", "年度", kind="year"),
            *(Column(place.area_id, place.name, "指数", "number", 1) for place in lineage),
        ),
        source_ids=(SERIES,),
        caveats=(NOT_CIVIL,),
        chart=draw(lambda: plot_staffing_index(index, lineage), f"折れ線図。{headline}"),
    )


_DENSITY_COLUMNS = {
    "staff_per_1000_residents": ("人口千人当たり職員数", "人", 2),
    "staff_per_100km": ("市町村道100km当たり職員数", "人", 1),
    "expenditure_per_staff_jpy": ("一般行政部門職員1人当たり土木費", "円", 0),
}


def staffing_density_finding(density: pd.DataFrame, area: Area) -> Finding:
    """Word staff per resident and per road length, and expenditure per staff member.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> from gunmane_analysis.metrics.staffing.change import staffing_density
    >>> area = find_area("japan")
    >>> density = staffing_density(load_staffing(), area.lineage, 2024)
    >>> "人口千人当たり5.73人" in staffing_density_finding(density, area).headline
    True
    """
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
    table = density.loc[
        density["area_id"].isin([place.area_id for place in area.distinct_lineage])
        & density[list(DENSITIES)].notna().any(axis=1)
    ]
    return Finding(
        finding_id="staffing.density",
        title="人口・道路延長・土木費に対する職員数",
        headline=headline,
        table=table,
        columns=(
            Column("area_name", "地域"),
            Column("fiscal_year", "年度", kind="year"),
            *(
                Column(name, label, unit, "number", decimals)
                for name, (label, unit, decimals) in _DENSITY_COLUMNS.items()
            ),
        ),
        source_ids=(SERIES,),
        caveats=(
            NOT_CIVIL,
            "分子と分母は同じ年度のもの。公表の最新年度は、人口千人当たりが"
            f"{years['staff_per_1000_residents']}年度、道路100km当たりが"
            f"{years['staff_per_100km']}年度、1人当たり土木費が"
            f"{years['expenditure_per_staff_jpy']}年度。",
            "土木費は市町村の決算額（名目）で、特別区と市町村の合計。道路は市町村道の実延長。",
        ),
        chart=draw(
            lambda: plot_staffing_density(density, area.distinct_lineage),
            f"折れ線図3枚。{headline}",
        ),
        key_figures=_density_figures(latest, area),
        summary=headline,
        summary_rank=30,
    )


def _density_figures(latest: pd.DataFrame, area: Area) -> tuple[KeyFigure, ...]:
    return tuple(
        KeyFigure(
            key=f"staffing.{name}",
            label=label,
            unit=unit,
            kind="number",
            decimals=decimals,
            note=f"{latest[f'{name}_fiscal_year'].iloc[0]}年度",
            **_beside(latest, name, area),
        )
        for name, (label, unit, decimals) in _DENSITY_COLUMNS.items()
    )


def _beside(rows: pd.DataFrame, name: str, area: Area) -> dict[str, Any]:
    values = rows.set_index("area_id")[name]
    blocks = [place for place in area.distinct_lineage[1:] if place.kind == "block"]
    return {
        "area_id": area.area_id,
        "value": float(values[area.area_id]),
        "block": float(values[blocks[0].area_id]) if blocks else None,
        "nation": float(values["japan"]) if area.kind != "nation" else None,
        "others": {
            str(area_id): None if is_missing(value) else float(value)
            for area_id, value in values.items()
            if area_id != area.area_id
        },
    }


def peer_panels_finding(index: pd.DataFrame, peers: Sequence[Area], area: Area) -> Finding:
    """Word the spread of change among the areas of the same rank.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> from gunmane_analysis.areas import peers
    >>> from gunmane_analysis.metrics.staffing.change import staffing_index
    >>> area = find_area("05")
    >>> index = staffing_index(load_staffing(), peers(area), 2024)
    >>> len(peer_panels_finding(index, peers(area), area).table)
    6
    """
    latest = (
        index[index["fiscal_year"] == index["fiscal_year"].max()]
        .sort_values("staff_index", kind="stable")
        .reset_index(drop=True)
    )
    lowest, highest = latest.iloc[0], latest.iloc[-1]
    base, year = int(latest["base_fiscal_year"].iloc[0]), int(latest["fiscal_year"].iloc[0])
    group = _group_name(area, peers)
    headline = (
        f"{group}の指数（{base}年度=100）は、{year}年度に"
        f"{lowest['area_name']}の{lowest['staff_index']:.1f}から"
        f"{highest['area_name']}の{highest['staff_index']:.1f}までの幅がある。"
    )
    ordered = latest.set_index("area_id").loc[[peer.area_id for peer in peers]].reset_index()
    return Finding(
        finding_id="staffing.peers",
        title=f"{group}の職員数の指数",
        headline=headline,
        table=ordered,
        columns=(
            Column("area_name", "地域"),
            _COUNT,
            Column("staff_index", f"{base}年度=100", "指数", "number", 1),
        ),
        source_ids=(SERIES,),
        caveats=(NOT_CIVIL, "並びはコード順であり、順位ではない。"),
        chart=draw(
            lambda: plot_peer_panels(index, peers, area),
            f"{len(peers)}枚の小さな折れ線図。{headline}",
        ),
    )


def _group_name(area: Area, peers: Sequence[Area]) -> str:
    if peers[0].kind == "block":
        return "10ブロック"
    return f"{area.ancestor('block').name}の{len(peers)}都道府県"


def staffing_comparison_finding(comparison: pd.DataFrame, area: Area) -> Finding:
    """Put the area beside its block, the nation and its peers, and fill the key-figure cards.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> from gunmane_analysis.areas import comparison_areas
    >>> from gunmane_analysis.metrics.staffing.change import staffing_comparison
    >>> area = find_area("05")
    >>> beside = staffing_comparison(load_staffing(), comparison_areas(area), 2024)
    >>> staffing_comparison_finding(beside, area).placement
    'comparison'
    """
    own = comparison.iloc[0]
    first = int(own["first_fiscal_year"])
    headline = (
        f"{area.name}の職員数は{first}年度比で{change_words(own['change_since_first'])}、"
        f"最も少なかった年度（{own['trough_fiscal_year']}年度）からは"
        f"{change_words(own['change_since_trough'])}である。"
    )
    return Finding(
        finding_id="staffing.comparison",
        title="職員数の地域比較",
        headline=headline,
        table=comparison,
        columns=(
            Column("area_name", "地域"),
            _COUNT,
            Column("change_since_first", f"{first}年度比", "%", "change", 1),
            Column("trough_fiscal_year", "最少の年度", kind="year"),
            Column("change_since_trough", "最少の年度比", "%", "change", 1),
            Column("annual_growth_rate", "年平均増減率", "%", "change", 2),
            *(
                Column(name, label, unit, "number", decimals)
                for name, (label, unit, decimals) in _DENSITY_COLUMNS.items()
            ),
        ),
        source_ids=(SERIES,),
        caveats=(NOT_CIVIL,),
        placement="comparison",
        key_figures=(
            KeyFigure(
                f"staffing.{STAFF}",
                "一般行政部門職員数",
                unit="人",
                note="土木部門職員数ではない",
                **_beside(comparison, STAFF, area),
            ),
            KeyFigure(
                "staffing.change_since_first",
                f"職員数の{first}年度比",
                unit="%",
                kind="change",
                decimals=1,
                **_beside(comparison, "change_since_first", area),
            ),
            KeyFigure(
                "staffing.change_since_trough",
                "職員数の最少年度比",
                unit="%",
                kind="change",
                decimals=1,
                note=f"最少は{own['trough_fiscal_year']}年度",
                **_beside(comparison, "change_since_trough", area),
            ),
        ),
    )
