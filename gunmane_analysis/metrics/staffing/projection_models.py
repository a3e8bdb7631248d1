"""Forecasts of the four models of a projection, without a filter: their sums are known.

Differencing once or twice takes the unknown start out, so that the exact diffuse likelihood of
:mod:`gunmane_analysis.metrics.staffing.structural` is that of the differences. Three of the models
then have their maximum in closed form, and the fourth needs a search over a single ratio. A
backtest makes 17 fits of each model, a hundred times more slowly in the general library; the
tests hold both against each other.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import ndtri

Model = Literal["rwdrift", "arima_drift", "rtrend", "strend"]
Floats = NDArray[np.float64]
_LOG_RATIO_BOUNDS = (-18.0, 12.0)


def model_forecast(values: Floats, model: Model, horizon: int, confidence: float) -> Floats:
    """Fit a model by maximum likelihood and project it.

    Parameters
    ----------
    values : array
        The series as modelled, gap-free, at least four values.
    model : {"rwdrift", "arima_drift", "rtrend", "strend"}
        Random walk with drift (its estimation error counted, or not: "arima_drift"), a yearly
        change that walks, the same with irregular years.
    horizon : int
        Steps ahead.
    confidence : float
        Level of the interval.

    Returns
    -------
    array
        One row per step ahead: mean, low and high.

    References
    ----------
    Durbin, J., Koopman, S. J. (2012). Time Series Analysis by State Space Methods, 2nd ed.,
    chapters 2 and 7.

    Examples
    --------
    >>> model_forecast(np.array([0.0, 1.0, 2.0, 3.0, 5.0]), "arima_drift", 2, 0.95)[:, 0]
    array([6.25, 7.5 ])
    """
    ahead = np.arange(1, horizon + 1, dtype="float64")
    mean, variance = _FORECASTS[model](values, ahead)
    reach = float(ndtri((1.0 + confidence) / 2.0)) * np.sqrt(variance)
    return np.column_stack([mean, mean - reach, mean + reach])


def _arima_drift(values: Floats, ahead: Floats) -> tuple[Floats, Floats]:
    steps = np.diff(values)
    return values[-1] + ahead * steps.mean(), ahead * steps.var()


def _rwdrift(values: Floats, ahead: Floats) -> tuple[Floats, Floats]:
    steps = np.diff(values)
    count = len(steps)
    variance = float(((steps - steps.mean()) ** 2).sum()) / (count - 1)
    return values[-1] + ahead * steps.mean(), variance * (ahead + ahead**2 / count)


def _rtrend(values: Floats, ahead: Floats) -> tuple[Floats, Floats]:
    bends = np.diff(values, n=2)
    variance = float((bends**2).mean())
    return (
        values[-1] + ahead * (values[-1] - values[-2]),
        variance * ahead * (ahead + 1.0) * (2.0 * ahead + 1.0) / 6.0,
    )


def _strend(values: Floats, ahead: Floats) -> tuple[Floats, Floats]:
    """Smooth trend with irregular years: the best linear prediction at the likeliest ratio."""
    count = len(values)
    roots, turns = _irregular_bends(count)
    squares = (turns.T @ np.diff(values, n=2)) ** 2

    def minus_likelihood(log_ratio: float) -> float:
        spread = roots + np.exp(log_ratio)
        return float(len(squares) * np.log((squares / spread).mean()) + np.log(spread).sum())

    found = optimize.minimize_scalar(
        minus_likelihood, bounds=_LOG_RATIO_BOUNDS, method="bounded", options={"xatol": 1e-5}
    )
    ratio = float(np.exp(found.x))
    irregular = float((squares / (roots + ratio)).mean())
    moves, starts = _trend_moves(count, int(ahead[-1]))
    seen, later = moves[:count], moves[count:]
    inverse = np.linalg.inv(np.eye(count) + ratio * seen @ seen.T)
    beside = ratio * later @ seen.T @ inverse
    design, future = starts[:count], starts[count:]
    information = np.linalg.inv(design.T @ inverse @ design)
    start = information @ (design.T @ inverse @ values)
    mean = future @ start + beside @ (values - design @ start)
    open_ends = future - beside @ design
    variance = (
        1.0
        + ratio * (later**2).sum(axis=1)
        - ratio * (beside * (later @ seen.T)).sum(axis=1)
        + ((open_ends @ information) * open_ends).sum(axis=1)
    )
    return mean, irregular * variance


@functools.lru_cache(maxsize=256)
def _irregular_bends(count: int) -> tuple[Floats, Floats]:
    """Return roots and vectors of the covariance of an irregular term's second differences."""
    second = np.diff(np.eye(count), n=2, axis=0)
    roots, turns = np.linalg.eigh(second @ second.T)
    return np.asarray(roots, "float64"), np.asarray(turns, "float64")


@functools.lru_cache(maxsize=256)
def _trend_moves(count: int, horizon: int) -> tuple[Floats, Floats]:
    """Return how each shock of the yearly change moves each level, and the start's two columns."""
    times = np.arange(count + horizon, dtype="float64")
    moves = np.clip(times[:, None] - times[None, :] - 1.0, 0.0, None)
    return moves, np.column_stack([np.ones_like(times), times])


_FORECASTS: Mapping[Model, Callable[[Floats, Floats], tuple[Floats, Floats]]] = MappingProxyType(
    {"rwdrift": _rwdrift, "arima_drift": _arima_drift, "rtrend": _rtrend, "strend": _strend}
)
