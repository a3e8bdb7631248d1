"""Where a yearly series may go if its growth fades as before, judged by past projections.

The point is a damped trend. Its range is no model's interval: it is as wide as the errors that
the same procedure made from past years, for the nation, the blocks and the prefectures together
(split conformal prediction). Every step that a projection of today takes, choosing the damping
and the width, is taken again in each past year with only the years before it, so that the record
of hits is one of real projections. Errors are not scaled by series: chosen again in each year from
2008 to 2019 by the errors known then, this is the narrowest of six forms of the range (from 2020
one of the five scaled forms is 1 to 6 % narrower; benchmarks/projection.py). The staff counts are
a census without sampling error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gunmane_analysis.areas import Area, AreaLike, children, find_area
from gunmane_analysis.cache import cached
from gunmane_analysis.metrics.staffing.change import STAFF, staffing_by_area
from gunmane_analysis.metrics.validation import as_numbers
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result

DAMPINGS = (0.8, 0.9, 1.0)
HORIZON_YEARS = 5
FEWEST_POINTS = 11
RECENT_YEARS = 5
CONFIDENCE = 0.95
FIRST_ORIGIN = 6

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Calibration(Result):
    """How wide past errors ask a range to be, and how such ranges did.

    Attributes
    ----------
    damping : float
        The growth kept from one year to the next.
    reach : tuple of float
        By years ahead: half the range, in logarithms.
    record : DataFrame
        One row per ``area_id``, ``origin`` (last year known) and ``years_ahead``: ``damping``
        chosen at the origin, ``error`` (log), ``is_covered``.
    """

    damping: float
    reach: tuple[float, ...]
    record: pd.DataFrame

    def coverage(self, area_id: str | None = None) -> pd.DataFrame:
        """Count hits by years ahead, of one area or all.

        Returns
        -------
        DataFrame
            One row per ``years_ahead``: ``trial_count``, ``covered_count``, ``coverage``
            (share), ``median_abs_error`` (log). Trials overlap and are not independent.
        """
        rows = self.record
        if area_id is not None:
            rows = rows[rows["area_id"] == area_id]
        return (
            rows.assign(abs_error=rows["error"].abs())
            .groupby("years_ahead")
            .agg(
                trial_count=("is_covered", "size"),
                covered_count=("is_covered", "sum"),
                coverage=("is_covered", "mean"),
                median_abs_error=("abs_error", "median"),
            )
            .reset_index()
        )

    @property
    def dampings_by_origin(self) -> pd.Series:
        """The damping chosen in each past year."""
        return self.record.groupby("origin")["damping"].first()


@dataclass(frozen=True, eq=False, repr=False)
class Projection(Result):
    """Projected counts of one area, the scenarios, and the record of past projections.

    Attributes
    ----------
    series : Series
        The counts by fiscal year.
    calibration : Calibration or None
        None when the series is too short, and then only scenarios are given.
    path : DataFrame
        One row per year ahead: ``fiscal_year``, ``projected_count``, ``count_low``,
        ``count_high``. Empty without a calibration.
    scenarios : DataFrame
        One row per scenario and year: ``scenario`` ("level", "long_run", "recent"),
        ``fiscal_year``, ``annual_rate``, ``staff_count``.
    """

    area: Area
    series: pd.Series
    calibration: Calibration | None
    path: pd.DataFrame
    scenarios: pd.DataFrame


def damped_trend(values: Floats, damping: float, horizon: int = HORIZON_YEARS) -> Floats:
    """Carry the last change on, each year a share ``damping`` of the year before.

    Parameters
    ----------
    values : array
        One series a row, in logarithms.

    Returns
    -------
    array
        One series a row, one year ahead a column.

    References
    ----------
    Gardner, E. S., McKenzie, E. (1985). Management Science 31, 1237-1246 (with level and trend
    smoothing 1).
    """
    fading = np.cumsum(damping ** np.arange(1, horizon + 1))
    return np.asarray(values[:, -1:] + (values[:, -1:] - values[:, -2:-1]) * fading)


def calibrate(logs: pd.DataFrame, horizon: int = HORIZON_YEARS) -> Calibration:
    """Choose damping and width from past errors, as of now and as of every past year.

    Parameters
    ----------
    logs : DataFrame
        One series a row, one fiscal year a column, without gaps; at least eleven years.

    Returns
    -------
    Calibration
        The damping has the smallest mean absolute error at the longest horizon; the reach is
        the 95 % quantile of the absolute errors of all series and origins known by then.

    Raises
    ------
    DesignError
        If a value is missing or years are too few.

    References
    ----------
    Lei, J. et al. (2018). JASA 113, 1094-1111 (split conformal); Tashman, L. J. (2000). Int. J.
    Forecasting 16, 437-450 (rolling origins).
    """
    values = logs.to_numpy("float64")
    years = logs.columns.to_numpy("int64")
    refuse_if(not np.isfinite(values).all(), "projection-gap")
    is_short = values.shape[1] < FEWEST_POINTS
    refuse_if(is_short, "projection-short", count=values.shape[1], fewest=FEWEST_POINTS)
    errors = past_errors(values, DAMPINGS, horizon)
    rows = []
    for known in range(FIRST_ORIGIN + horizon, len(years)):
        place, reach = _settled(errors, known)
        for step in range(min(horizon, len(years) - known)):
            error = errors[place, :, known, step]
            trial = years[known - 1], step + 1, DAMPINGS[place]
            found = zip(logs.index, error, np.abs(error) <= reach[step], strict=True)
            rows += [(area_id, *trial, *judged) for area_id, *judged in found]
    place, reach = _settled(errors, len(years))
    columns = ["area_id", "origin", "years_ahead", "damping", "error", "is_covered"]
    return Calibration(DAMPINGS[place], tuple(reach), pd.DataFrame(rows, columns=columns))


def past_errors(values: Floats, dampings: Sequence[float], horizon: int = HORIZON_YEARS) -> Floats:
    """Return the errors by damping, series, number of years known and years ahead."""
    count = values.shape[1]
    errors = np.full((len(dampings), len(values), count + 1, horizon), np.nan)
    for known in range(FIRST_ORIGIN, count):
        truth = values[:, known : known + horizon]
        for place, damping in enumerate(dampings):
            ahead = damped_trend(values[:, :known], damping, truth.shape[1])
            errors[place, :, known, : truth.shape[1]] = truth - ahead
    return errors


def _settled(errors: Floats, known: int) -> tuple[int, list[float]]:
    """Return the place of the damping and the reach that the first ``known`` years give."""
    sizes = np.abs(errors)
    horizon = errors.shape[-1]
    last = sizes[:, :, FIRST_ORIGIN : known - horizon + 1, -1]
    place = int(last.mean(axis=(1, 2)).argmin())
    seen = [sizes[place, :, FIRST_ORIGIN : known - step, step] for step in range(horizon)]
    return place, [float(np.quantile(each, CONFIDENCE, method="higher")) for each in seen]


@cached
def staffing_projection(
    staffing: pd.DataFrame, area: AreaLike, fiscal_year: int, horizon: int = HORIZON_YEARS
) -> Projection:
    """Project an area's general administration staff for five years.

    Parameters
    ----------
    staffing : DataFrame
        One row per prefecture and fiscal year.
    area : Area
        Nation, block or prefecture.
    fiscal_year : int
        The last year used.
    horizon : int
        Years ahead.

    Returns
    -------
    Projection
        With the calibration of the nation, its blocks and prefectures together. With fewer
        than eleven years the result has scenarios only, with a single year not even these.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_staffing
    >>> early = staffing_projection(load_staffing(), find_area("tohoku"), 2004)
    >>> early.calibration is None, len(early.scenarios)
    (True, 15)
    """
    area = find_area(area)
    by_area = staffing_by_area(staffing, [area], fiscal_year).dropna(subset=[STAFF])
    series = by_area.set_index("fiscal_year")[STAFF]
    scenarios = staffing_scenarios(series, horizon)
    if len(series) < FEWEST_POINTS:
        none = pd.DataFrame(columns=["fiscal_year", "projected_count", "count_low", "count_high"])
        return Projection(area, series, None, none, scenarios)
    calibration = _calibration_of(staffing, area.lineage[-1], fiscal_year, horizon)
    logs = np.log(series.to_numpy("float64"))
    ahead = damped_trend(logs[None, :], calibration.damping, horizon)[0]
    half = np.array(calibration.reach)
    path = pd.DataFrame(
        {
            "fiscal_year": int(series.index[-1]) + np.arange(1, horizon + 1),
            "projected_count": np.exp(ahead),
            "count_low": np.exp(ahead - half),
            "count_high": np.exp(ahead + half),
        }
    )
    return Projection(area, series, calibration, path, scenarios)


@cached  # the same for every area of a scheme
def _calibration_of(
    staffing: pd.DataFrame, nation: Area, fiscal_year: int, horizon: int
) -> Calibration:
    blocks = children(nation)
    prefectures = [prefecture for block in blocks for prefecture in children(block)]
    by_area = staffing_by_area(staffing, [nation, *blocks, *prefectures], fiscal_year)
    wide = by_area.drop_duplicates(["area_id", "fiscal_year"]).pivot(
        index="area_id", columns="fiscal_year", values=STAFF
    )
    wide = wide.dropna(axis=1, how="all")
    return calibrate(wide.dropna().astype("float64").map(np.log), horizon)


def staffing_scenarios(series: pd.Series, horizon: int = HORIZON_YEARS) -> pd.DataFrame:
    """Carry a series on at three assumed rates; assumptions, not projections.

    Parameters
    ----------
    series : Series
        Counts by fiscal year, at least two.

    Returns
    -------
    DataFrame
        One row per scenario and year: "level" (the latest count stays), "long_run" (the
        compound rate of all years goes on), "recent" (that of the last five years, or of all
        if there are fewer). A single year has no rate, and no rows.

    Examples
    --------
    >>> staffing_scenarios(pd.Series([100.0, 90.0], [2023, 2024]), 1)["staff_count"].tolist()
    [90.0, 81.0, 81.0]
    """
    if len(series) < 2:
        return pd.DataFrame(columns=["scenario", "fiscal_year", "annual_rate", "staff_count"])
    refuse_if(not (as_numbers(series) > 0).all(), "projection-no-staff")
    first, last = int(series.index[0]), int(series.index[-1])
    since = max(first, last - RECENT_YEARS)
    rates = {
        "level": 0.0,
        "long_run": float((series[last] / series[first]) ** (1.0 / (last - first)) - 1.0),
        "recent": float((series[last] / series[since]) ** (1.0 / (last - since)) - 1.0),
    }
    return pd.DataFrame(
        {
            "scenario": scenario,
            "fiscal_year": last + ahead,
            "annual_rate": rate,
            "staff_count": float(series[last]) * (1.0 + rate) ** ahead,
        }
        for scenario, rate in rates.items()
        for ahead in range(1, horizon + 1)
    )
