"""How unevenly a quantity is spread over areas, and how many areas stand below a threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.staffing.change import STAFF, staffing_by_area
from gunmane_analysis.metrics.validation import as_numbers

TECHNICIAN_LIMITS = (0, 5)


@dataclass(frozen=True)
class Concentration:
    """The Lorenz curve of a quantity over a basis, with its Gini coefficient.

    Attributes
    ----------
    curve : DataFrame
        One row per area from the poorest to the richest per unit of basis, after a first row
        of zeros: ``basis_share`` and ``value_share``, both cumulated, 0-1.
    gini : float
        0 = every unit of basis has the same; twice the area between curve and diagonal.
    dissimilarity : float
        Share of the quantity that would have to move to be spread as the basis (Hoover).
    area_count : int
        A Gini over n areas cannot exceed 1 - 1/n when each counts the same.
    """

    curve: pd.DataFrame
    gini: float
    dissimilarity: float
    area_count: int


@dataclass(frozen=True)
class StaffingConcentration:
    """How unevenly staff is spread over residents, in the first and the reported year."""

    area: Area
    first_fiscal_year: int
    last_fiscal_year: int
    first: Concentration
    last: Concentration
    shares: pd.DataFrame


def concentration(
    values: Sequence[float] | pd.Series, basis: Sequence[float] | pd.Series | None = None
) -> Concentration:
    """Measure how unevenly values are spread over their basis.

    Parameters
    ----------
    values : sequence of float
        One per area, 0 or more.
    basis : sequence of float, optional
        One per area, above 0 (residents, road length); without it each area counts the same.

    Raises
    ------
    DesignError
        If values are missing or negative, all zero, or fewer than two areas.

    References
    ----------
    Lorenz, M. O. (1905). JASA 9, 209-219. Hoover, E. M. (1936). Review of Economics and
    Statistics 18, 162-171.

    Examples
    --------
    >>> round(concentration([1, 2, 3, 4]).gini, 4)
    0.25
    >>> concentration([10, 30], basis=[100, 300]).gini
    0.0
    """
    held = as_numbers(values)
    weight = np.ones_like(held) if basis is None else as_numbers(basis)
    if held.shape != weight.shape or len(held) < 2:
        raise DesignError("偏りを測るには、値と基準が同じ数だけ、2地域分以上必要です。")
    usable = np.isfinite(held) & np.isfinite(weight) & (held >= 0) & (weight > 0)
    if not usable.all() or held.sum() == 0:
        raise DesignError(
            "欠測・負の値・0の基準があるか、値がすべて0のため、偏りを測れません。",
            expected="値は0以上、基準は0より大きい数",
        )
    order = np.argsort(held / weight, kind="stable")
    basis_share = np.concatenate([[0.0], np.cumsum(weight[order]) / weight.sum()])
    value_share = np.concatenate([[0.0], np.cumsum(held[order]) / held.sum()])
    under = float(np.sum(np.diff(basis_share) * (value_share[1:] + value_share[:-1])))
    gap = np.abs(held / held.sum() - weight / weight.sum())
    return Concentration(
        curve=pd.DataFrame({"basis_share": basis_share, "value_share": value_share}),
        gini=max(1.0 - under, 0.0) if not math.isclose(under, 1.0) else 0.0,
        dissimilarity=float(gap.sum() / 2.0),
        area_count=len(held),
    )


def staffing_concentration(
    staffing: pd.DataFrame, area: Area, prefectures: Sequence[Area], fiscal_year: int
) -> StaffingConcentration:
    """Measure how unevenly staff is spread over residents among prefectures.

    Parameters
    ----------
    staffing : DataFrame
        One row per prefecture and fiscal year.
    area : Area
        The area whose share of staff and of residents is set beside the curve.
    prefectures : sequence of Area
        Over which the spread is measured, usually all 47.
    fiscal_year : int
        The last year used.

    Returns
    -------
    StaffingConcentration
        ``shares`` has one row per year (first, last): ``fiscal_year``, ``gini``,
        ``dissimilarity``, ``area_staff_share`` and ``area_resident_share`` (of all the
        prefectures, 0-1).

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area, list_areas
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> spread = staffing_concentration(
    ...     load_staffing(), find_area("tohoku"), list_areas("prefecture"), 2024
    ... )
    >>> spread.shares["area_staff_share"].gt(spread.shares["area_resident_share"]).tolist()
    [True, True]
    """
    by_area = staffing_by_area(staffing, prefectures, fiscal_year)
    complete = by_area.dropna(subset=[STAFF, "population_count"])
    counted = complete.groupby("fiscal_year")["area_id"].nunique()
    years = counted.index[counted == len(prefectures)]
    if len(years) == 0:
        raise DesignError(
            f"{fiscal_year}年度以前に、全地域の職員数と人口がそろう年度がありません。"
        )
    ends = {
        year: complete[complete["fiscal_year"] == year] for year in (int(years[0]), int(years[-1]))
    }
    spreads = {
        year: concentration(rows[STAFF], rows["population_count"]) for year, rows in ends.items()
    }
    shares = pd.DataFrame(
        {
            "fiscal_year": year,
            "gini": spreads[year].gini,
            "dissimilarity": spreads[year].dissimilarity,
            "area_staff_share": _share_of(rows, STAFF, area),
            "area_resident_share": _share_of(rows, "population_count", area),
        }
        for year, rows in ends.items()
    )
    first, last = int(years[0]), int(years[-1])
    return StaffingConcentration(area, first, last, spreads[first], spreads[last], shares)


def _share_of(rows: pd.DataFrame, column: str, area: Area) -> float:
    own = rows[rows["area_id"].isin(area.prefecture_codes)]
    return float(own[column].sum() / rows[column].sum())


def threshold_counts(
    technicians: Sequence[float] | pd.Series, limits: Sequence[int] = TECHNICIAN_LIMITS
) -> pd.DataFrame:
    """Count the municipalities with no more technicians than each limit.

    Parameters
    ----------
    technicians : sequence of float
        One per municipality; missing stays out of the denominator and is counted apart.
    limits : sequence of int
        "0" and "5 or fewer" are the limits of the published figures.

    Returns
    -------
    DataFrame
        One row per limit: ``limit``, ``municipality_count`` (at or below it),
        ``municipality_total`` (with a figure), ``missing_count`` and ``municipality_share``.
        All municipalities are counted, so the share has no sampling error.

    Examples
    --------
    >>> threshold_counts([0, 3, 5, 6, 40])["municipality_share"].tolist()
    [0.2, 0.6]
    """
    held = pd.Series(as_numbers(technicians))
    known = held.dropna()
    has_words = int(held.isna().sum()) > int(pd.isna(pd.Series(technicians)).sum())
    if known.empty or (known < 0).any() or has_words:
        raise DesignError("技術職員数が一つもないか、負の数があります。", expected="0以上の整数")
    return pd.DataFrame(
        {
            "limit": limit,
            "municipality_count": int((known <= limit).sum()),
            "municipality_total": len(known),
            "missing_count": int(held.isna().sum()),
            "municipality_share": float((known <= limit).mean()),
        }
        for limit in limits
    )


def counts_from_rounded_share(share: float, precision: float, total: int) -> tuple[int, int]:
    """Return the fewest and the most areas that a printed, rounded share can stand for.

    Parameters
    ----------
    share : float
        As printed, 0-1 (25 % = 0.25).
    precision : float
        Rounding unit (0.01 for whole percent).
    total : int
        Number of areas, the denominator.

    Raises
    ------
    DesignError
        If no whole number of areas gives the printed share.

    Examples
    --------
    >>> counts_from_rounded_share(0.25, 0.01, 1741)
    (427, 443)
    """
    if not 0.0 <= share <= 1.0 or not 0.0 < precision <= 1.0 or total < 1:
        raise DesignError(
            f"割合{share:g}（{precision:g}単位、{total}団体）は使えません。",
            expected="0と1の間の割合と単位（25%なら0.25）、1以上の団体数",
        )
    low = math.ceil(round((share - precision / 2.0) * total, 9))
    high = math.floor(round((share + precision / 2.0) * total, 9))
    if low > high:
        raise DesignError(f"{total}団体では、割合{share:g}（{precision:g}単位）になりません。")
    return max(low, 0), min(high, total)


@dataclass(frozen=True)
class TechnicianThresholds:
    """The printed shares of municipalities with few technicians, as numbers of municipalities.

    ``table`` has one row per limit: ``limit``, ``value_text`` (as printed),
    ``municipality_low`` and ``municipality_high`` (missing where the print says "about").
    """

    municipality_total: int
    table: pd.DataFrame


_LIMIT_OF_POINT = {
    "no_technician_municipality_share": 0,
    "five_or_fewer_technician_municipality_share": 5,
}


def technician_thresholds(
    points: pd.DataFrame, municipality_total: int, fiscal_year: int
) -> TechnicianThresholds:
    """Turn the printed shares of municipalities with few technicians into numbers of them.

    Parameters
    ----------
    points : DataFrame
        One row per document and printed figure (``NationalPoints``).
    municipality_total : int
        Municipalities in the denominator (1,741 with the special wards).
    fiscal_year : int
        Figures known later are left out.

    Examples
    --------
    >>> from gunmane_analysis.loaders.staffing import load_national_points
    >>> few = technician_thresholds(load_national_points(), 1741, 2024)
    >>> few.table[["limit", "municipality_low", "municipality_high"]].values.tolist()
    [[0.0, 427.0, 443.0], [5.0, nan, nan]]
    """
    known = points[
        points["point_id"].isin(_LIMIT_OF_POINT) & (points["known_fiscal_year"] <= fiscal_year)
    ]
    sharpest = known.sort_values("precision", kind="stable").drop_duplicates("point_id")
    spans = [
        counts_from_rounded_share(value, precision, municipality_total)
        if not math.isnan(precision)
        else (float("nan"), float("nan"))
        for value, precision in zip(sharpest["value"], sharpest["precision"], strict=True)
    ]
    table = pd.DataFrame(
        {
            "limit": sharpest["point_id"].map(_LIMIT_OF_POINT).to_numpy(),
            "value_text": sharpest["value_text"].to_numpy(),
            "municipality_low": [low for low, _ in spans],
            "municipality_high": [high for _, high in spans],
        }
    )
    return TechnicianThresholds(municipality_total, table.sort_values("limit", ignore_index=True))
