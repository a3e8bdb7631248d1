"""Findings on what is published of civil-engineering staff, for the nation only."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.staffing import plot_national_points
from gunmane_analysis.charts.staffing_course import plot_decline_split
from gunmane_analysis.findings.finding import Column, Definition, Finding
from gunmane_analysis.metrics.staffing.decline_decomposition import NationalDeclineSplit
from gunmane_analysis.metrics.staffing.thresholds import TechnicianThresholds
from gunmane_analysis.wording import change_words, interval_words, is_missing

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
    >>> from gunmane_analysis import load_national_points, rounding_ranges
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


def decline_decomposition_finding(split: NationalDeclineSplit | None, area: Area) -> Finding | None:
    """Word how much of the nation's decline is shared with all staff; None on other pages.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_national_points, decline_decomposition
    >>> split = decline_decomposition(load_national_points(), 2024)
    >>> "約6割（55〜61%）" in decline_decomposition_finding(split, find_area("japan")).headline
    True
    """
    if area.kind != "nation" or split is None or split.split.shared_share is None:
        return None
    whole, share, tenths = split.split, split.shared_share, round(split.split.shared_share * 10)
    headline = (
        f"全国の市区町村の土木部門職員の減少（{split.from_year}年度から{split.to_year}年度、"
        f"{change_words(whole.part_change, 0)}）のうち、約{tenths}割"
        f"（{share.low * 100:.0f}〜{share.high * 100:.0f}%）は総職員の減少"
        f"（約{change_words(whole.whole_change, 0)}）と共通し、残りは土木部門に固有である。"
    )
    rows = pd.DataFrame(
        {
            "subject": ["土木部門職員", "総職員（土木部門を含む）"],
            "change": [whole.part_change, whole.whole_change],
            "annual_rate": [whole.part_annual_rate, whole.whole_annual_rate],
            "annual_range": [
                interval_words(-each.high, -each.low, 2)
                for each in (split.part_annual_rate, split.whole_annual_rate)
            ],
        }
    )
    return Finding(
        finding_id="staffing.decline_decomposition",
        title="土木部門職員の減少のうち、総職員と共通する分と固有の分",
        headline=headline,
        table=rows,
        columns=(
            Column("subject", "職員"),
            Column("change", f"{split.from_year}→{split.to_year}年度の変化", "%", "change", 0),
            Column("annual_rate", "年率", "%", "change", 2),
            Column("annual_range", "年率の減少の、丸めによる幅"),
        ),
        source_ids=(POINTS,),
        caveats=(
            "計算上の内訳であり、減少の原因を示すものではない。土木部門職員は総職員の一部である。",
            "全国の公表値だけから求めた。公表値は整数に丸められ、総職員の率は「約」と印字されている。",
        ),
        chart=draw(lambda: plot_decline_split(whole), f"横棒図。{headline}"),
        definitions=(
            Definition(
                "共通する分の割合",
                "変化率の対数を、全体の変化と、全体に占める割合の変化に分けたときの、前者の割合。"
                "全体も減り、全体より減り方が大きいときだけ求める。",
                r"\frac{\ln(1+g_{\mathrm{whole}})}{\ln(1+g_{\mathrm{part}})}",
            ),
        ),
        certainty="幅は公表値の丸めだけによる（総職員は、公表されたポイント差の丸めから求めた）。",
    )


def technician_thresholds_finding(thresholds: TechnicianThresholds) -> Finding:
    """Word how many municipalities the printed shares stand for.

    Examples
    --------
    >>> from gunmane_analysis import load_national_points, technician_thresholds
    >>> few = technician_thresholds(load_national_points(), 1741, 2024)
    >>> "427〜443" in technician_thresholds_finding(few).headline
    True
    """
    words = {0: "0人", 5: "5人以下"}
    told = [
        f"技術系職員が{words[row['limit']]}の市区町村は{row['value_text']}で、"
        f"{thresholds.municipality_total:,}市区町村のうち"
        f"{row['municipality_low']:.0f}〜{row['municipality_high']:.0f}に当たる"
        if not is_missing(row["municipality_low"])
        else f"{words[row['limit']]}は{row['value_text']}と公表され、丸めの単位がなく数にできない"
        for row in thresholds.table.to_dict("records")
    ]
    headline = "。".join(told) + "。" if told else "対象年度までに公表された数値がない。"
    return Finding(
        finding_id="staffing.thresholds",
        title="技術系職員の少ない市区町村の数",
        headline=headline,
        table=thresholds.table.assign(
            limit_label=[words[limit] for limit in thresholds.table["limit"]]
        ),
        columns=(
            Column("limit_label", "技術系職員"),
            Column("value_text", "公表された割合"),
            Column("municipality_low", "市区町村数の下限", "団体", "count"),
            Column("municipality_high", "市区町村数の上限", "団体", "count"),
        ),
        source_ids=(POINTS,),
        caveats=(
            "全国の割合だけが公表されており、どの市区町村かは分からない。"
            f"分母は{thresholds.municipality_total:,}市区町村（特別区を含む）とした。",
        ),
        certainty="幅は公表値の丸めだけによるもので、全数調査のため標本の誤差はない。",
    )
