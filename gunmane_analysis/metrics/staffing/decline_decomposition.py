"""How much of a decline is shared with a larger whole, and how much is its own.

A part that falls from ``x0`` to ``x1`` while the whole falls from ``y0`` to ``y1`` can be
written exactly as ``ln(x1/x0) = ln(y1/y0) + ln((x1/y1)/(x0/y0))``: what the part shares with
the whole, and what its share of the whole did. The split is in logarithms because only
there do the two add up; the annual rates printed with it are compound rates
``(1 + change) ** (1 / years) - 1``, as every other annual rate of the house. It is a split
of arithmetic and says nothing of causes.

For the printed national figures (-26 % of civil-engineering staff and -16 % of all staff,
1996 to 2024, 28 years) the compound rates are -1.070 % and -0.621 % a year, and the shared
part of the decline is ln(0.84) / ln(0.74) = 57.9 %.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.metrics.staffing.change import newest_points
from gunmane_analysis.metrics.validation import as_numbers, known_until
from gunmane_analysis.refusals import Unanswered, refuse_if, unanswered

_PART, _WHOLE, _GAP = (
    "civil_staff_change_rate",
    "total_staff_change_rate",
    "civil_minus_total_rate_gap",
)


_RANGED = ("whole_change", "part_annual_rate", "whole_annual_rate", "shared_share")


@dataclass(frozen=True)
class DeclineSplit:
    """A change of a part, split into what it shares with the whole and what is its own.

    Attributes
    ----------
    part_change, whole_change : float
        Over the whole period, as shares of the first value (-0.26 = 26 % fewer).
    part_annual_rate, whole_annual_rate : float
        Compound rates per year.
    shared_share : float or None
        Log change of the whole / log change of the part (0-1). None unless both fell and the
        part fell at least as much as the whole.
    """

    part_change: float
    whole_change: float
    years: int
    part_annual_rate: float
    whole_annual_rate: float
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
    one, other, length = as_numbers([part_change, whole_change, years])
    is_right = length >= 1 and min(one, other) > -1.0 and math.isfinite(one + other)
    refuse_if(not is_right, "decline-changes", years=years, part=one, whole=other)
    part, shared = math.log1p(part_change), math.log1p(whole_change)
    return DeclineSplit(
        part_change=part_change,
        whole_change=whole_change,
        years=years,
        part_annual_rate=math.expm1(part / years),
        whole_annual_rate=math.expm1(shared / years),
        shared_share=shared / part if part <= shared < 0 else None,
    )


def decline_decomposition(
    points: pd.DataFrame, fiscal_year: int
) -> NationalDeclineSplit | Unanswered:
    """Split the printed decline of civil-engineering staff, with its rounding range.

    Parameters
    ----------
    points : DataFrame
        One row per document and printed figure (``NationalPoints``).
    fiscal_year : int
        Figures known later are left out.

    Returns
    -------
    NationalDeclineSplit or Unanswered
        Of the latest period for which both declines and the gap between them in points are
        printed; unanswered where there is none. All staff is printed as "about 16 %", without
        a rounding unit. Its range therefore comes from the two figures that have one: the
        decline of civil-engineering staff and the gap.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_national_points
    >>> split = decline_decomposition(load_national_points(), 2024)
    >>> round(split.shared_share.low, 3), round(split.shared_share.high, 3)
    (0.552, 0.605)
    """
    known = known_until(points, fiscal_year)
    usable = known[(known["point_id"] == _WHOLE) | known["precision"].notna()]
    of_one_period = usable.groupby(["from_year", "to_year"]).filter(
        lambda rows: {_PART, _WHOLE, _GAP} <= {*rows["point_id"]}
    )
    if of_one_period.empty:
        return unanswered("decline-not-published", fiscal_year=fiscal_year)
    by_id = newest_points(of_one_period).set_index("point_id").to_dict("index")
    part, whole, gap = by_id[_PART], by_id[_WHOLE], by_id[_GAP]
    from_year, to_year = int(part["from_year"]), int(part["to_year"])
    years = to_year - from_year
    parts = [part["value"] + side * part["precision"] / 2.0 for side in (-1, 1)]
    gaps = [gap["value"] + side * gap["precision"] / 2.0 for side in (-1, 1)]
    corners = [
        decline_split(float(one), float(one - between), years)
        for one, between in itertools.product(parts, gaps)
    ]
    return NationalDeclineSplit(
        split=decline_split(float(part["value"]), float(whole["value"]), years),
        from_year=from_year,
        to_year=to_year,
        **{name: _range(corners, name) for name in _RANGED},
    )


def _range(corners: Sequence[DeclineSplit], name: str) -> Range:
    values = [value for each in corners if (value := getattr(each, name)) is not None]
    return Range(min(values, default=math.nan), max(values, default=math.nan))
