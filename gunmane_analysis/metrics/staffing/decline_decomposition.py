"""How much of a decline is shared with a larger whole, and how much is its own.

A part that falls from ``x0`` to ``x1`` while the whole falls from ``y0`` to ``y1`` can be
written exactly as ``ln(x1/x0) = ln(y1/y0) + ln((x1/y1)/(x0/y0))``: what the part shares with
the whole, and what its share of the whole did. The split is in logarithms because only
there do the two add up; the annual rates printed beside it are compound rates
``(1 + change) ** (1 / years) - 1``, as every other annual rate of the house. It is a split
of arithmetic and says nothing of causes.

For the printed national figures (-26 % of civil-engineering staff and -16 % of all staff,
1996 to 2024, 28 years) the compound rates are -1.070 % and -0.621 % a year, and the shared
part of the decline is ln(0.84) / ln(0.74) = 57.9 %.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.areas import NATION_ID, Area, find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.staffing.change import STAFF, change_rate, staffing_by_area

_PART, _WHOLE, _GAP = (
    "civil_staff_change_rate",
    "total_staff_change_rate",
    "civil_minus_total_rate_gap",
)


@dataclass(frozen=True)
class DeclineSplit:
    """A change of a part, split into what it shares with the whole and what is its own.

    Attributes
    ----------
    part_change, whole_change : float
        Over the whole period, as shares of the first value (-0.26 = 26 % fewer).
    part_annual_rate, whole_annual_rate : float
        Compound rates per year.
    part_log_change, shared_log_change, own_log_change : float
        Log points; the first is the sum of the other two.
    shared_share : float or None
        Shared log change / part's log change (0-1). None unless both fell and the part fell
        at least as much as the whole.
    """

    part_change: float
    whole_change: float
    years: int
    part_annual_rate: float
    whole_annual_rate: float
    part_log_change: float
    shared_log_change: float
    own_log_change: float
    shared_share: float | None


@dataclass(frozen=True)
class Range:
    """The lowest and the highest value that rounding leaves open."""

    low: float
    high: float


@dataclass(frozen=True)
class NationalDeclineSplit:
    """The split of the printed national figures, with what their rounding leaves open."""

    split: DeclineSplit
    from_year: int
    to_year: int
    part_change: Range
    whole_change: Range
    part_annual_rate: Range
    whole_annual_rate: Range
    shared_share: Range


def decline_split(part_change: float, whole_change: float, years: int) -> DeclineSplit:
    """Split the change of a part into the shared and its own, exactly, in logarithms.

    Parameters
    ----------
    part_change, whole_change : float
        Changes over the same ``years``, as shares of the first value (more than -1).
    years : int
        Length of the period.

    Raises
    ------
    DesignError
        If nothing is left at the end, or there is no period.

    Examples
    --------
    >>> split = decline_split(-0.26, -0.16, 2024 - 1996)
    >>> round(split.part_annual_rate * 100, 3), round(split.whole_annual_rate * 100, 3)
    (-1.07, -0.621)
    >>> round(split.shared_share, 3)
    0.579
    """
    is_finite = math.isfinite(part_change) and math.isfinite(whole_change)
    if years < 1 or not is_finite or min(part_change, whole_change) <= -1.0:
        raise DesignError(
            f"{years}年間の変化（{part_change:g}、{whole_change:g}）は、年率にできません。",
            expected="1年以上の期間と、-1より大きい変化率",
        )
    part, shared = math.log1p(part_change), math.log1p(whole_change)
    return DeclineSplit(
        part_change=part_change,
        whole_change=whole_change,
        years=years,
        part_annual_rate=math.expm1(part / years),
        whole_annual_rate=math.expm1(shared / years),
        part_log_change=part,
        shared_log_change=shared,
        own_log_change=part - shared,
        shared_share=shared / part if part <= shared < 0 else None,
    )


def national_decline_split(points: pd.DataFrame, fiscal_year: int) -> NationalDeclineSplit:
    """Split the printed decline of civil-engineering staff, with its rounding range.

    Parameters
    ----------
    points : DataFrame
        One row per document and printed figure (``NationalPoints``).
    fiscal_year : int
        Figures known later are left out.

    Returns
    -------
    NationalDeclineSplit
        All staff is printed as "about 16 %", without a rounding unit. Its range therefore
        comes from the two figures that have one: the decline of civil-engineering staff and
        the printed gap between the two in points.

    Raises
    ------
    DesignError
        If a figure is not among the points, or the two are not of one period.
    """
    known = points[points["known_fiscal_year"] <= fiscal_year]
    # Of two documents that print one figure, the one that states its rounding tells more.
    sharpest = known.sort_values("precision", kind="stable").drop_duplicates("point_id")
    by_id = sharpest.set_index("point_id").to_dict("index")
    absent = [name for name in (_PART, _WHOLE, _GAP) if name not in by_id]
    if absent:
        raise DesignError(
            f"{fiscal_year}年度までに公表された数値に、{'、'.join(absent)}がありません。",
            advice="年度の指定を確かめてください。",
        )
    part, whole, gap = by_id[_PART], by_id[_WHOLE], by_id[_GAP]
    if (part["from_year"], part["to_year"]) != (whole["from_year"], whole["to_year"]):
        raise DesignError("土木部門職員と総職員の期間が違うため、減少を分けられません。")
    from_year, to_year = int(part["from_year"]), int(part["to_year"])
    years = to_year - from_year
    parts = [part["value"] + side * part["precision"] / 2.0 for side in (-1, 1)]
    gaps = [gap["value"] + side * gap["precision"] / 2.0 for side in (-1, 1)]
    corners = [
        decline_split(float(one), float(one - between), years)
        for one, between in itertools.product(parts, gaps)
    ]
    shares = [corner.shared_share for corner in corners if corner.shared_share is not None]
    return NationalDeclineSplit(
        split=decline_split(float(part["value"]), float(whole["value"]), years),
        from_year=from_year,
        to_year=to_year,
        part_change=_range([corner.part_change for corner in corners]),
        whole_change=_range([corner.whole_change for corner in corners]),
        part_annual_rate=_range([corner.part_annual_rate for corner in corners]),
        whole_annual_rate=_range([corner.whole_annual_rate for corner in corners]),
        shared_share=_range(shares),
    )


@dataclass(frozen=True)
class DeclineSplits:
    """The national split (None before its figures were known) and those of one area."""

    area: Area
    national: NationalDeclineSplit | None
    of_area: pd.DataFrame


def decline_splits(
    points: pd.DataFrame, staffing: pd.DataFrame, area: Area, fiscal_year: int
) -> DeclineSplits:
    """Split the nation's civil-engineering decline and an area's decline of general staff.

    Parameters
    ----------
    points : DataFrame
        One row per document and printed figure (``NationalPoints``).
    staffing : DataFrame
        One row per prefecture and fiscal year.

    Returns
    -------
    DeclineSplits
        ``of_area`` has no rows for the first year of the series, which has no change.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_national_points, load_staffing
    >>> splits = decline_splits(load_national_points(), load_staffing(), find_area("05"), 2020)
    >>> splits.national is None, len(splits.of_area)
    (True, 2)
    """
    known = points[points["known_fiscal_year"] <= fiscal_year]
    printed = {_PART, _WHOLE, _GAP} <= set(known["point_id"])
    counted = staffing.dropna(subset=[STAFF, "population_count"])["fiscal_year"]
    has_change = counted[counted <= fiscal_year].nunique() > 1
    none = pd.DataFrame(columns=["whole", "shared_share"])
    return DeclineSplits(
        area=area,
        national=national_decline_split(points, fiscal_year) if printed else None,
        of_area=area_decline_splits(staffing, area, fiscal_year) if has_change else none,
    )


def _range(values: list[float]) -> Range:
    return Range(min(values), max(values))


def area_decline_splits(staffing: pd.DataFrame, area: Area, fiscal_year: int) -> pd.DataFrame:
    """Split an area's change of staff: shared with the nation, and with its residents.

    Parameters
    ----------
    staffing : DataFrame
        One row per prefecture and fiscal year.
    area : Area
        Nation, block or prefecture.
    fiscal_year : int
        The last year; the first is the first with staff and residents.

    Returns
    -------
    DataFrame
        One row per whole that the staff is set against (``"nation"``, not for the nation
        itself; ``"residents"``): ``whole``, ``first_fiscal_year``, ``last_fiscal_year`` and
        the fields of :class:`DeclineSplit` (general administration staff).

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> splits = area_decline_splits(load_staffing(), find_area("tohoku"), 2024)
    >>> splits[["whole", "part_change"]].round(3).values.tolist()
    [['nation', -0.217], ['residents', -0.217]]
    """
    nation = find_area(NATION_ID, area.scheme_id)
    places = [area] if area == nation else [area, nation]
    by_area = staffing_by_area(staffing, places, fiscal_year)
    complete = by_area.dropna(subset=[STAFF, "population_count"])
    own = complete[complete["area_id"] == area.area_id].sort_values("fiscal_year")
    if len(own) < 2:
        raise DesignError(
            f"{area.name}の職員数と人口がそろう年度が2つに満たないため、比べられません。"
        )
    first, last = int(own["fiscal_year"].iloc[0]), int(own["fiscal_year"].iloc[-1])
    change = change_rate(float(own[STAFF].iloc[0]), float(own[STAFF].iloc[-1]))
    residents = own["population_count"]
    wholes = {"residents": change_rate(float(residents.iloc[0]), float(residents.iloc[-1]))}
    if area != nation:
        all_staff = complete[complete["area_id"] == NATION_ID].set_index("fiscal_year")[STAFF]
        wholes = {"nation": change_rate(float(all_staff[first]), float(all_staff[last])), **wholes}
    return pd.DataFrame(
        {
            "whole": whole,
            "first_fiscal_year": first,
            "last_fiscal_year": last,
            **vars(decline_split(change, whole_change, last - first)),
        }
        for whole, whole_change in wholes.items()
    )
