"""What only the nation's page shows: its map, the 1,741 by size, published points, claims."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area, find_areas
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.grammar import plot_bars
from gunmane_analysis.charts.maps import plot_tile_map
from gunmane_analysis.charts.staffing import plot_national_points
from gunmane_analysis.findings.described import absent_finding, described_finding
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.findings.groups import MEASURES
from gunmane_analysis.findings.pages.area import indicator_columns, indicator_sources
from gunmane_analysis.metrics.position.claims import AGREES, DIFFERS, NOT_COMPARABLE
from gunmane_analysis.metrics.staffing.decline_decomposition import NationalDeclineSplit
from gunmane_analysis.metrics.staffing.thresholds import TechnicianThresholds
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables.indicators import indicators, latest_known
from gunmane_analysis.wording import change_words, format_value, interval_words, is_missing

_MAPPED = "staff_per_100km"
_SIZES = (0, 5_000, 10_000, 30_000, 50_000, 100_000, 300_000, float("inf"))
_SIZE_NAMES = (
    "5千人未満", "5千〜1万人", "1〜3万人", "3〜5万人", "5〜10万人", "10〜30万人", "30万人以上",
)  # fmt: skip
_SHOWN = (
    "general_staff_count", "staff_per_1000_residents", "staff_per_100km",
    "expenditure_per_resident_jpy", "repair_share", "population_2050_share",
)  # fmt: skip


def prefecture_map_finding(
    values: pd.DataFrame, prefectures: Iterable[AreaLike], fiscal_year: int
) -> Finding:
    """Map the prefectures by staff per 100 km of municipal road, fewer being darker.

    Parameters
    ----------
    values : DataFrame
        :func:`gunmane_analysis.area_values` of any area but a municipality.
    prefectures : sequence of Area or str
    fiscal_year : int

    Examples
    --------
    >>> from gunmane_analysis import (
    ...     area_values, list_areas, load_municipal_values, load_staffing)
    >>> values = area_values(load_municipal_values(), load_staffing())
    >>> len(prefecture_map_finding(values, list_areas("prefecture"), 2024).table)
    47
    """
    prefectures = find_areas(prefectures)
    names = {area.area_id: area.name for area in prefectures}
    newest = latest_known(values[values["indicator_id"] == _MAPPED], fiscal_year)
    known = newest[newest["area_id"].isin(names)].sort_values("value")
    shown = known.set_index(known["area_id"].astype("str"))["value"]
    table = pd.DataFrame({"area_name": shown.index.map(names), _MAPPED: shown.to_numpy()})
    few = "、".join(f"{names[str(code)]}{value:.1f}人" for code, value in shown.head(3).items())
    most = f"{names[str(shown.index[-1])]}の{shown.iloc[-1]:.0f}人"
    headline = f"少ない順に{few}で、最も多いのは{most}である。"
    words = {str(code): f"{value:.0f}" for code, value in shown.items()}
    indicator = indicators()[_MAPPED]
    return described_finding(
        "nation.map",
        table,
        headline,
        words={"label": indicator.label, "year": int(known["year"].max())},
        columns=("area_name", *indicator_columns([_MAPPED])),
        source_ids=indicator_sources([_MAPPED], "regional"),
        chart=draw(
            lambda: plot_tile_map(shown, words, names, darker="low"),
            f"都道府県を四角で表した地図。{headline}",
        ),
    )


def municipal_sizes_finding(municipalities: pd.DataFrame) -> Finding:
    """Show how many municipalities have how few staff, by their number of residents.

    Parameters
    ----------
    municipalities : DataFrame
        :func:`gunmane_analysis.load_municipalities`.

    Returns
    -------
    Finding
        Absent where no municipality's residents and staff are known.

    Examples
    --------
    >>> from gunmane_analysis import load_municipalities
    >>> int(municipal_sizes_finding(load_municipalities(2024)).table["municipality_count"].sum())
    1741
    """
    known = municipalities.dropna(subset=["population_count", "general_staff_count"])
    if known.empty:
        return absent_finding("nation.sizes")
    size = pd.cut(known["population_count"], _SIZES, right=False, labels=_SIZE_NAMES)
    shown = [name for name in _SHOWN if known[name].notna().any()]
    table = known.groupby(size, observed=True)[shown].median().astype("float64")
    table.insert(0, "municipality_count", size.value_counts())
    table = table.rename_axis("size_name").reset_index().astype({"size_name": "str"})
    few = known.loc[known["population_count"] < _SIZES[2], "general_staff_count"]
    headline = (
        f"人口1万人未満の市区町村は{len(few):,}（{len(known):,}の{len(few) / len(known):.1%}）で、"
        f"一般行政部門職員の中央値は{few.median():.0f}人である。"
        f"全国の中央値は{known['general_staff_count'].median():.0f}人である。"
    )
    counts = table["municipality_count"].map("（{:,}）".format)
    bars = pd.DataFrame(
        {
            "label": table["size_name"] + counts,
            "value": table["general_staff_count"],
            "words": table["general_staff_count"].map("{:,.0f}人".format),
        }
    )
    return described_finding(
        "nation.sizes",
        table,
        headline,
        words={"year": int(known["general_staff_count_year"].max())},
        columns=("size_name", "municipality_count", *indicator_columns(shown)),
        source_ids=indicator_sources(shown, "municipality"),
        chart=draw(lambda: plot_bars(bars, "人（中央値）"), f"横棒図。{headline}"),
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
    periods = [
        "→".join(f"{year:.0f}" for year in years if not is_missing(year))
        for years in zip(ranges["from_year"], ranges["to_year"], strict=True)
    ]
    table = ranges.assign(period=pd.Series(periods, index=ranges.index, dtype="str"))
    if "civil_staff_change_rate" not in set(ranges["point_id"]):
        return described_finding(
            "nation.points",
            table,
            "対象年度までの時点で公表された土木部門職員の数値は、用いた資料にない。",
        )
    # A figure printed with its rounding ("26%") tells more than the same one with "about".
    sharpest = ranges.sort_values("precision", kind="stable").drop_duplicates("point_id")
    by_id = sharpest.set_index("point_id")
    civil, total, none, few = (
        by_id.loc[name]
        for name in (
            "civil_staff_change_rate", "total_staff_change_rate",
            "no_technician_municipality_share", "five_or_fewer_technician_municipality_share",
        )
    )  # fmt: skip
    headline = (
        f"全国の市区町村の土木部門職員は{civil['from_year']:.0f}年度から"
        f"{civil['to_year']:.0f}年度に{civil['value_text']}し、"
        f"総職員の減少（{total['value_text']}）より大きい。"
        f"技術系職員が0人の市区町村は{none['value_text']}、5人以下は{few['value_text']}である。"
    )
    low, high = sorted((abs(civil["value_low"]), abs(civil["value_high"])))
    return described_finding(
        "nation.points",
        table,
        headline,
        chart=draw(lambda: plot_national_points(sharpest), f"横棒図。{headline}"),
        summary=headline,
        certainty=(
            f"土木部門職員の減少率は整数に丸めて公表されており、"
            f"真の値は{interval_words(low, high)}の間にある。"
        ),
    )


def decline_decomposition_finding(split: NationalDeclineSplit | None, area: AreaLike) -> Finding:
    """Word how much of the nation's decline is shared with all staff; absent on other pages.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_national_points, decline_decomposition
    >>> split = decline_decomposition(load_national_points(), 2024)
    >>> "約6割（55〜61%）" in decline_decomposition_finding(split, find_area("japan")).headline
    True
    """
    area = find_area(area)
    if area.kind != "nation" or split is None or split.split.shared_share is None:
        return absent_finding("nation.decline")
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
    return described_finding(
        "nation.decline",
        rows,
        headline,
        words={"from_year": split.from_year, "to_year": split.to_year},
        certainty="幅は公表値の丸めだけによる（総職員は、公表されたポイント差の丸めから求めた）。",
    )


def candidate_group_counts_finding(counts: pd.DataFrame) -> Finding:
    """Map how many groups of two or more could form in each prefecture.

    Parameters
    ----------
    counts : DataFrame
        From :func:`gunmane_analysis.candidate_group_counts` for all prefectures.

    Returns
    -------
    Finding
        Absent where the figures of some prefecture are missing, or are not all of one kind.

    Examples
    --------
    >>> candidate_group_counts_finding(pd.DataFrame({"group_count": [float("nan")]})).placement
    'absent'
    """
    if counts["group_count"].isna().any() or is_missing(counts["threshold"].iloc[-1]):
        return absent_finding("nation.groups")
    whole, table = counts.iloc[-1], counts.iloc[:-1]
    label, unit, _ = MEASURES[whole["measure"]]
    words = {
        "label": label,
        "year": int(whole["measure_fiscal_year"]),
        "least": f"{whole['threshold']:,.0f}{unit}",
    }
    headline = (
        f"{label}が合わせて{words['least']}以上になる隣り合う組は、各都道府県の中で"
        f"{whole['group_count']:,.0f}でき、{whole['municipality_count']:,.0f}市区町村のうち"
        f"{whole['grouped_count']:,.0f}が入る。{whole['alone_count']:,.0f}市区町村は"
        f"1団体で{words['least']}以上である。"
    )
    shown = table.set_index("area_id")["group_count"]
    number = {str(code): f"{count:.0f}" for code, count in shown.items()}
    names = dict(zip(table["area_id"], table["area_name"], strict=True))
    return described_finding(
        "nation.groups",
        table,
        headline,
        words=words,
        chart=draw(
            lambda: plot_tile_map(shown, number, names, darker="high"),
            f"都道府県を四角で表し、組の候補の数を書いた地図。{headline}",
        ),
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
    sentences = [
        f"技術系職員が{words[row['limit']]}の市区町村は{row['value_text']}で、"
        f"{thresholds.municipality_total:,}市区町村のうち"
        f"{row['municipality_low']:.0f}〜{row['municipality_high']:.0f}に当たる"
        if not is_missing(row["municipality_low"])
        else f"{words[row['limit']]}は{row['value_text']}と公表され、丸めの単位がなく数にできない"
        for row in thresholds.table.to_dict("records")
    ]
    return described_finding(
        "nation.thresholds",
        thresholds.table.assign(limit_label=thresholds.table["limit"].map(words)),
        "。".join(sentences) + "。" if sentences else "対象年度までに公表された数値がない。",
        words={"total": f"{thresholds.municipality_total:,}"},
        certainty="幅は公表値の丸めだけによるもので、全数調査のため標本の誤差はない。",
    )


def claims_finding(claims: pd.DataFrame, area: AreaLike) -> Finding:
    """Word how many printed figures agree with what other figures give; the nation's page only.

    Parameters
    ----------
    claims : DataFrame
        From :func:`gunmane_analysis.metrics.position.claims.check_claims`.
    area : Area or str

    Examples
    --------
    >>> from gunmane_analysis import find_area
    >>> claims_finding(pd.DataFrame(), find_area("tohoku")).placement
    'absent'
    """
    area = find_area(area)
    if area.kind != "nation" or claims.empty:
        return absent_finding("nation.claims")
    counts = claims["verdict"].value_counts()
    table = claims.assign(
        recomputed_text=[
            _words(value, unit)
            for value, unit in zip(claims["recomputed"], claims["unit"], strict=True)
        ],
        remark=claims["obstacle"].where(claims["obstacle"].astype("bool"), claims["reason"]),
    )
    differing = "、".join(
        f"{row['label']}は資料の{row['printed_text']}に対し{row['recomputed_text']}"
        for row in table[table["verdict"] == DIFFERS].to_dict("records")
    )
    return described_finding(
        "nation.claims",
        table,
        f"資料の数値のうち、ほかの公表値から計算できる{len(claims)}件を検算した。"
        f"資料の桁で合うもの{counts.get(AGREES, 0)}件、合わないもの{counts.get(DIFFERS, 0)}件"
        f"{f'（{differing}）' if differing else ''}、"
        f"範囲や年が違い比べられないもの{counts.get(NOT_COMPARABLE, 0)}件である。",
        source_ids=sources_in_use(
            *(name for names in claims["source_ids"] for name in names), "national_points"
        ),
    )


def _words(value: float, unit: str) -> str:
    if unit == "%":
        return f"{format_value(value, 'rate', 1)}%"
    if unit == "ポイント":
        return f"{format_value(value, 'rate', 0)}ポイント"
    decimals = 0 if float(value).is_integer() else 2
    return f"{format_value(value, 'number', decimals)}{unit}"
