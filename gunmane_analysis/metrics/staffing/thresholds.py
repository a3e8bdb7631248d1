"""How many municipalities a printed, rounded share with few technicians can stand for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gunmane_analysis.metrics.staffing.change import newest_points
from gunmane_analysis.metrics.validation import known_until
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result

FEW_TECHNICIANS = 5
PUBLISHED = {
    "no_technician_municipality_share": "zero_share",
    "five_or_fewer_technician_municipality_share": "few_share",
}
_LIMITS = {"zero_share": 0, "few_share": FEW_TECHNICIANS}


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
    is_wrong = not 0.0 <= share <= 1.0 or not 0.0 < precision <= 1.0 or total < 1
    asked = {"share": share, "precision": precision, "total": total}
    refuse_if(is_wrong, "threshold-share", **asked)
    low = math.ceil(round((share - precision / 2.0) * total, 9))
    high = math.floor(round((share + precision / 2.0) * total, 9))
    refuse_if(low > high, "threshold-none", **asked)
    return max(low, 0), min(high, total)


@dataclass(frozen=True, eq=False, repr=False)
class TechnicianThresholds(Result):
    """The printed shares of municipalities with few technicians, as numbers of municipalities.

    ``table`` has one row per limit: ``limit``, ``value_text`` (as printed),
    ``municipality_low`` and ``municipality_high`` (missing where the print says "about").
    """

    municipality_total: int
    table: pd.DataFrame


def published_technician_shares(points: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Return what is published for the nation of municipalities with few technicians.

    Parameters
    ----------
    points : DataFrame
        The table ``national_points``.
    fiscal_year : int
        What became known later is left out.

    Returns
    -------
    DataFrame
        One row per threshold, indexed by ``zero_share`` and ``few_share``: ``value`` (share,
        0-1), ``precision`` (share; missing where printed as 約) and ``value_text``.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_national_points
    >>> published_technician_shares(load_national_points(), 2024).empty
    False
    """
    known = known_until(points, fiscal_year)
    rows = newest_points(known[known["point_id"].isin(PUBLISHED)])
    named = rows.assign(threshold=rows["point_id"].map(PUBLISHED)).set_index("threshold")
    return named[["value", "precision", "value_text"]]


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
    >>> from gunmane_analysis.loaders.tables import load_national_points
    >>> few = technician_thresholds(load_national_points(), 1741, 2024)
    >>> few.table[["limit", "municipality_low", "municipality_high"]].values.tolist()
    [[0.0, 427.0, 443.0], [5.0, nan, nan]]
    """
    printed = published_technician_shares(points, fiscal_year)
    spans = [
        (float("nan"),) * 2
        if math.isnan(precision)
        else counts_from_rounded_share(value, precision, municipality_total)
        for value, precision in zip(printed["value"], printed["precision"], strict=True)
    ]
    table = printed[["value_text"]].assign(limit=printed.index.map(_LIMITS))
    table[["municipality_low", "municipality_high"]] = np.reshape(spans, (-1, 2))
    table = table[["limit", "value_text", "municipality_low", "municipality_high"]]
    return TechnicianThresholds(municipality_total, table.sort_values("limit", ignore_index=True))
