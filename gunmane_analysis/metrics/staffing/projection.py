"""Where a yearly series may go if it goes on as it did, judged by how that served before.

A projection is chosen by a rolling-origin backtest: standing in each past year with only
the years before it, project five years, and compare with what came. The empirical coverage
of that backtest is printed beside every interval, because an interval of a model holds its
level only while the series keeps its course. The staff counts are a census: the interval is
no sampling error but the range of futures that the model gives 95 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gunmane_analysis.areas import Area, children
from gunmane_analysis.errors import DesignError
from gunmane_analysis.memory import remembered
from gunmane_analysis.metrics.staffing.change import STAFF, staffing_by_area
from gunmane_analysis.metrics.staffing.projection_models import Model, model_forecast
from gunmane_analysis.metrics.validation import as_numbers, check_confidence

MODELS: tuple[Model, ...] = ("rwdrift", "arima_drift", "rtrend", "strend")
HORIZON_YEARS = 5
FEWEST_POINTS = 10
RECENT_YEARS = 5
CONFIDENCE = 0.95
LEAST_COVERAGE = 0.90

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Projection:
    """Projected counts of one area, the scenarios beside them, and the backtest.

    Attributes
    ----------
    series : Series
        The counts by fiscal year.
    model : str or None
        The chosen model; None when the series is too short, and then only scenarios stand.
    path : DataFrame
        One row per year ahead: ``fiscal_year``, ``projected_count``, ``count_low``,
        ``count_high``. Empty without a model.
    scenarios : DataFrame
        One row per scenario and year: ``scenario`` ("level", "long_run", "recent"),
        ``fiscal_year``, ``annual_rate``, ``staff_count``.
    backtest : DataFrame
        From :func:`rolling_origin_backtest`, of this area; empty without a model.
    pooled : DataFrame
        From :func:`pooled_backtest`, by which the model was chosen for every area alike; empty
        without a model.
    """

    area: Area
    series: pd.Series
    model: Model | None
    path: pd.DataFrame
    scenarios: pd.DataFrame
    backtest: pd.DataFrame
    pooled: pd.DataFrame

    @property
    def coverage(self) -> pd.DataFrame:
        """The chosen model's rows of the backtest, one per year ahead."""
        return self.backtest[self.backtest["model"] == self.model].reset_index(drop=True)


def rolling_origin_backtest(
    values: Floats,
    horizon: int = HORIZON_YEARS,
    fewest_points: int = FEWEST_POINTS,
    confidence: float = CONFIDENCE,
    models: tuple[Model, ...] = MODELS,
) -> pd.DataFrame:
    """Project from every past year and compare with what came.

    Parameters
    ----------
    values : array
        The series as modelled (for counts: their logarithms).
    horizon : int
        Years ahead.
    fewest_points : int
        Years that a projection is allowed to stand on at least.

    Returns
    -------
    DataFrame
        One row per model and years ahead: ``model``, ``years_ahead``, ``origin_count``,
        ``covered_count``, ``coverage`` (share of origins whose interval held the truth),
        ``median_abs_error`` and ``mean_interval_score`` (width plus penalties; lower is
        better). Origins overlap, so they are not independent trials.

    Raises
    ------
    DesignError
        If no year can be compared.

    References
    ----------
    Tashman, L. J. (2000). Int. J. Forecasting 16, 437-450. Gneiting, T., Raftery, A. E.
    (2007). JASA 102, 359-378 (interval score).

    Examples
    --------
    >>> line = np.log(np.linspace(1000, 800, 14))
    >>> rolling_origin_backtest(line, horizon=2, models=("arima_drift",))["origin_count"].tolist()
    [4, 3]
    """
    check_confidence(confidence)
    if not np.isfinite(values).all():
        raise DesignError("系列に欠測または無限大があるため、予測の当たり外れを確かめられません。")
    if len(values) <= fewest_points:
        raise DesignError(
            f"系列が{len(values)}年分しかなく、予測の当たり外れを確かめられません。",
            expected=f"{fewest_points + 1}年分以上",
        )
    rows = [
        {"model": model, "years_ahead": ahead, **_compare(forecast[ahead - 1], truth, confidence)}
        for model in models
        for origin in range(fewest_points, len(values))
        for forecast in [model_forecast(values[:origin], model, horizon, confidence)]
        for ahead, truth in enumerate(values[origin : origin + horizon], start=1)
    ]
    return (
        pd.DataFrame(rows)
        .groupby(["model", "years_ahead"], sort=False)
        .agg(
            origin_count=("covered", "size"),
            covered_count=("covered", "sum"),
            coverage=("covered", "mean"),
            median_abs_error=("abs_error", "median"),
            mean_interval_score=("interval_score", "mean"),
        )
        .reset_index()
    )


def _compare(forecast: Floats, truth: float, confidence: float) -> dict[str, float | bool]:
    mean, low, high = forecast
    beyond = max(low - truth, 0.0) + max(truth - high, 0.0)
    return {
        "covered": bool(low <= truth <= high),
        "abs_error": abs(truth - mean),
        "interval_score": high - low + 2.0 / (1.0 - confidence) * beyond,
    }


def pooled_backtest(
    staffing: pd.DataFrame, area: Area, fiscal_year: int, horizon: int = HORIZON_YEARS
) -> pd.DataFrame:
    """Backtest every model on the nation and each of its blocks.

    A model chosen area by area jumps between neighbours whose series hardly differ; judged on
    all of them together, one model serves all, and its record is longer.

    Parameters
    ----------
    staffing : DataFrame
        One row per prefecture and fiscal year.
    area : Area
        Any area of the scheme whose blocks are taken.
    fiscal_year : int
        The last year used.
    horizon : int

    Returns
    -------
    DataFrame
        The rows of :func:`rolling_origin_backtest` with ``area_id``; areas whose series is too
        short are left out.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> pooled_backtest(load_staffing(), find_area("05"), 2024)["area_id"].nunique()
    11
    """
    nation = area.lineage[-1]
    places = [nation, *children(nation)]
    by_area = staffing_by_area(staffing, places, fiscal_year).dropna(subset=[STAFF])
    series = {
        str(area_id): tuple(np.log(rows[STAFF].to_numpy(dtype="float64")).tolist())
        for area_id, rows in by_area.groupby("area_id", sort=False)
        if len(rows) > FEWEST_POINTS
    }
    return _pooled(series, horizon)


@remembered  # the same for every area of a scheme
def _pooled(series: Mapping[str, tuple[float, ...]], horizon: int) -> pd.DataFrame:
    parts = [
        rolling_origin_backtest(np.array(logs), horizon).assign(area_id=area_id)
        for area_id, logs in series.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def chosen_model(backtest: pd.DataFrame) -> Model:
    """Choose the sharpest model among those whose intervals held in the backtest.

    Parameters
    ----------
    backtest : DataFrame
        From :func:`rolling_origin_backtest`, with several models.

    Returns
    -------
    str
        Of the models that covered at least 90 % over all origins and years ahead, the one
        with the lowest mean interval score; if there is none, the one that covered most.

    References
    ----------
    Gneiting, T., Balabdaoui, F., Raftery, A. E. (2007). JRSS B 69, 243-268 (sharpness
    subject to calibration).

    Examples
    --------
    >>> rows = {"origin_count": 10, "years_ahead": 1}
    >>> chosen_model(pd.DataFrame([
    ...     {"model": "rwdrift", "covered_count": 4, "mean_interval_score": 0.1, **rows},
    ...     {"model": "rtrend", "covered_count": 10, "mean_interval_score": 0.3, **rows},
    ... ]))
    'rtrend'
    """
    weighted = backtest["mean_interval_score"] * backtest["origin_count"]
    totals = (
        backtest.assign(score=weighted)
        .groupby("model", sort=False)[["covered_count", "origin_count", "score"]]
        .sum()
    )
    coverage = totals["covered_count"] / totals["origin_count"]
    holding = coverage >= LEAST_COVERAGE
    best = totals.loc[holding, "score"].idxmin() if holding.any() else coverage.idxmax()
    return cast(Model, best)


@remembered
def staffing_projection(
    staffing: pd.DataFrame, area: Area, fiscal_year: int, horizon: int = HORIZON_YEARS
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
        Models are fitted to logarithms of counts and one is chosen by
        :func:`chosen_model` for all areas alike, by :func:`pooled_backtest`. With fewer than
        ten years, or too few to judge a model by, the result holds scenarios only, and with a
        single year not even these.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> early = staffing_projection(load_staffing(), find_area("tohoku"), 2004)
    >>> early.model is None, len(early.scenarios)
    (True, 15)
    """
    by_area = staffing_by_area(staffing, [area], fiscal_year).dropna(subset=[STAFF])
    series = by_area.set_index("fiscal_year")[STAFF]
    scenarios = staffing_scenarios(series, horizon)
    if len(series) <= FEWEST_POINTS:
        none = pd.DataFrame(columns=["fiscal_year", "projected_count", "count_low", "count_high"])
        return Projection(area, series, None, none, scenarios, pd.DataFrame(), pd.DataFrame())
    logs = np.log(series.to_numpy(dtype="float64"))
    backtest = rolling_origin_backtest(logs, horizon)
    pooled = pooled_backtest(staffing, area, fiscal_year, horizon)
    model = chosen_model(backtest if pooled.empty else pooled)
    ahead = np.exp(model_forecast(logs, model, horizon, CONFIDENCE))
    path = pd.DataFrame(ahead, columns=["projected_count", "count_low", "count_high"])
    years = range(int(series.index[-1]) + 1, int(series.index[-1]) + 1 + horizon)
    path.insert(0, "fiscal_year", list(years))
    return Projection(area, series, model, path, scenarios, backtest, pooled)


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
    if not (as_numbers(series) > 0).all():
        raise DesignError("系列に0人以下の年度または欠測があるため、増減率を求められません。")
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
