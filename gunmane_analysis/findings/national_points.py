"""The finding on what is published of civil-engineering staff, for the nation only."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.staffing import plot_national_points
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.wording import interval_words, is_missing

POINTS = "national_points"
_POINT_COLUMNS = (
    Column("label_ja", "項目"),
    Column("period", "期間"),
    Column("value_text", "公表値"),
    Column("value_low", "丸めの下限", kind="number", decimals=3),
    Column("value_high", "丸めの上限", kind="number", decimals=3),
    Column("cited_statistic", "文書が示す統計"),
)


def _no_national_points(ranges: pd.DataFrame) -> Finding:
    return Finding(
        finding_id="staffing.national_points",
        title="全国について公表されている数値",
        headline="対象年度までの時点で公表された土木部門職員の数値は、用いた資料にない。",
        table=ranges.assign(period=""),
        columns=_POINT_COLUMNS,
        source_ids=(POINTS,),
        caveats=("用いた資料の数値は2022年度以後の時点のものである。",),
    )


def national_points_finding(ranges: pd.DataFrame) -> Finding:
    """Word the published national fall of civil-engineering staff with its rounding range.

    Examples
    --------
    >>> from gunmane_analysis.loaders.staffing import load_national_points
    >>> from gunmane_analysis.metrics.staffing.change import rounding_ranges
    >>> ranges = rounding_ranges(load_national_points(), 2024)
    >>> "26%減少" in national_points_finding(ranges).headline
    True
    """
    if ranges.empty:
        return _no_national_points(ranges)
    # A figure printed with its rounding ("26%") tells more than the same one with "about".
    sharpest = ranges.sort_values("precision", kind="stable").drop_duplicates("point_id")
    by_id = sharpest.set_index("point_id")
    civil, total = by_id.loc["civil_staff_change_rate"], by_id.loc["total_staff_change_rate"]
    none = by_id.loc["no_technician_municipality_share"]
    few = by_id.loc["five_or_fewer_technician_municipality_share"]
    headline = (
        f"全国の市区町村の土木部門職員は{civil['from_year']:.0f}年度から"
        f"{civil['to_year']:.0f}年度に{civil['value_text']}し、"
        f"総職員の減少（{total['value_text']}）より大きい。"
        f"技術系職員が0人の市区町村は{none['value_text']}、5人以下は{few['value_text']}である。"
    )
    low, high = sorted((abs(civil["value_low"]), abs(civil["value_high"])))
    return Finding(
        finding_id="staffing.national_points",
        title="全国について公表されている数値",
        headline=headline,
        table=ranges.assign(period=_periods(ranges)),
        columns=_POINT_COLUMNS,
        source_ids=(POINTS,),
        caveats=(
            "全国の値だけが公表されており、地域別の土木部門職員数は公表資料にない。",
            "「約」とある数値には丸めの範囲を示さない。表の丸めの範囲は、割合を0〜1、減少を負の数で示す（26%減少は-0.26）。",
        ),
        chart=draw(lambda: plot_national_points(sharpest), f"横棒図。{headline}"),
        summary=headline,
        summary_rank=20,
        certainty=(
            f"土木部門職員の減少率は整数に丸めて公表されており、"
            f"真の値は{interval_words(low, high)}の間にある。"
        ),
    )


def _periods(ranges: pd.DataFrame) -> list[str]:
    return [
        "→".join(f"{year:.0f}" for year in years if not is_missing(year))
        for years in zip(ranges["from_year"], ranges["to_year"], strict=True)
    ]
