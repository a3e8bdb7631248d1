"""What only the nation's page shows: its map, the 1,741 by size, published points, claims."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area, find_areas
from gunmane_analysis.charts.grammar import plot_bars
from gunmane_analysis.charts.maps import plot_tile_map
from gunmane_analysis.charts.staffing import plot_national_points
from gunmane_analysis.findings.described import (
    absent_finding,
    described_finding,
    listed,
    sentence,
    sentences,
)
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.findings.indicators import indicator_finding, newest_values
from gunmane_analysis.metrics.position.claims import DIFFERS, VERDICTS
from gunmane_analysis.metrics.staffing.change import newest_points
from gunmane_analysis.metrics.staffing.decline_decomposition import NationalDeclineSplit
from gunmane_analysis.metrics.staffing.thresholds import PUBLISHED, TechnicianThresholds
from gunmane_analysis.refusals import Unanswered
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables.indicators import indicators
from gunmane_analysis.wording import format_value, interval_words, is_missing, people

_MAPPED = "staff_per_100km"
_SIZES = (0, 5_000, 10_000, 30_000, 50_000, 100_000, 300_000, float("inf"))


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
    names = {area.area_id: area.name for area in find_areas(prefectures)}
    known = newest_values(values, names, _MAPPED, fiscal_year)
    table = pd.DataFrame({"area_name": known.index.map(names), _MAPPED: known.to_numpy()})
    is_mapped = (values["indicator_id"] == _MAPPED) & values["area_id"].isin(list(names))
    years = values.loc[is_mapped & (values["year"] <= fiscal_year), "year"]
    return indicator_finding(
        "nation.map",
        table,
        "regional",
        label=indicators()[_MAPPED].label,
        year=years.max(),
        few=table.head(3),
        plot=partial(plot_tile_map, known, dict(known.map("{:.0f}".format)), names, darker="low"),
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
    size = pd.cut(
        known["population_count"], _SIZES, right=False, labels=listed("nation.sizes", "sizes")
    )
    table = known.groupby(size, observed=True).median(numeric_only=True)
    table.insert(0, "municipality_count", size.value_counts())
    table = table.rename_axis("size_name").reset_index().astype({"size_name": "str"})
    small = known.loc[known["population_count"] < _SIZES[2], "general_staff_count"]
    bars = table[["general_staff_count"]].set_axis(["value"], axis=1)
    bars["label"] = sentences("nation.sizes", "bar", table)
    bars["words"] = bars["value"].map(people)
    return indicator_finding(
        "nation.sizes",
        table,
        year=known["general_staff_count_year"].max(),
        count=len(known),
        small=len(small),
        share=len(small) / len(known),
        of_small=small.median(),
        of_all=known["general_staff_count"].median(),
        plot=partial(plot_bars, bars, "人（中央値）"),
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
    if "civil_staff_change_rate" not in set(ranges["point_id"]):
        return described_finding("nation.points", ranges, case="none")
    newest = newest_points(ranges)
    named = ["civil_staff_change_rate", "total_staff_change_rate", *PUBLISHED]
    points = newest.set_index("point_id").reindex(named)
    civil, whole = points.iloc[0], points.iloc[1]
    is_less = whole["to_year"] == civil["to_year"] and whole["value"] > civil["value"]
    return described_finding(
        "nation.points",
        ranges,
        civil=civil,
        text=points["value_text"],
        whole=whole["value_text"] if is_less else None,
        bounds=sorted(civil[["value_low", "value_high"]].abs()),
        plot=partial(plot_national_points, newest),
    )


def decline_decomposition_finding(
    split: NationalDeclineSplit | Unanswered, area: AreaLike
) -> Finding:
    """Word how much of the nation's decline is shared with all staff; absent on other pages.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_national_points, decline_decomposition
    >>> split = decline_decomposition(load_national_points(), 2024)
    >>> "約6割（55〜61%）" in decline_decomposition_finding(split, find_area("japan")).headline
    True
    """
    area = find_area(area)
    if area.kind != "nation" or not split or split.split.shared_share is None:
        return absent_finding("nation.decline")
    whole, tenths = split.split, round(split.split.shared_share * 10)
    ranges = [
        interval_words(-each.high, -each.low, 2)
        for each in (split.part_annual_rate, split.whole_annual_rate)
    ]
    rows = pd.DataFrame(
        {
            "subject": listed("nation.decline", "subjects"),
            "change": [whole.part_change, whole.whole_change],
            "annual_rate": [whole.part_annual_rate, whole.whole_annual_rate],
            "annual_range": ranges,
        }
    )
    return described_finding("nation.decline", rows, split=split, tenths=tenths)


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
    by_id = table.set_index("area_id")
    shown, names = by_id["group_count"], dict(by_id["area_name"])
    return described_finding(
        "nation.groups",
        table,
        label=sentence("groups.proposal", whole["measure"]),
        whole=whole,
        least=indicators()[whole["measure"]].words(whole["threshold"]),
        plot=partial(plot_tile_map, shown, dict(shown.map("{:.0f}".format)), names, darker="high"),
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
    total = thresholds.municipality_total
    return described_finding("nation.thresholds", thresholds.table.assign(total=total), total=total)


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
    both = zip(claims["recomputed"], claims["unit"], strict=True)
    table = claims.assign(recomputed_text=[_words(value, unit) for value, unit in both])
    return described_finding(
        "nation.claims",
        table,
        counts=claims["verdict"].value_counts().reindex(VERDICTS, fill_value=0),
        which=table[table["verdict"] == DIFFERS],
        source_ids=sources_in_use(*claims["source_ids"].explode(), "national_points"),
    )


def _words(value: float, unit: str) -> str:
    rates = {"%": 1, "ポイント": 0}
    decimals = rates.get(unit, 0 if float(value).is_integer() else 2)
    return f"{format_value(value, 'rate' if unit in rates else 'number', decimals)}{unit}"
