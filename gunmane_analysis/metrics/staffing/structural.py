"""Structural time-series models: a level that walks, drifts, or turns, fitted and projected."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

CONFIDENCE = 0.95
_LOG_RATIO_BOUNDS = (-18.0, 12.0)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class StructuralFit:
    """A fitted structural time-series model, in the unit of the series.

    Attributes
    ----------
    parameters : dict of str to float
        Variances, and the drift of ``arima_drift``, by the names of statsmodels.
    log_likelihood : float
        Of the values themselves; the first values, which only start a trend, are left out.
    """

    kind: str
    parameters: dict[str, float]
    log_likelihood: float
    _results: Any
    _origin: float
    _scale: float

    def forecast(self, horizon: int, confidence: float = CONFIDENCE) -> Floats:
        """Return one row per step ahead: mean, low and high of the interval."""
        answer = self._results.get_forecast(horizon)
        bounds = np.asarray(answer.conf_int(alpha=1.0 - confidence), dtype="float64")
        mean = np.asarray(answer.predicted_mean, dtype="float64")
        return np.column_stack([mean, bounds]) * self._scale + self._origin


def structural_fit(values: Floats, kind: str) -> StructuralFit:
    """Fit a structural time-series model by maximum likelihood (statsmodels).

    Parameters
    ----------
    values : array
        Gap-free, in order.
    kind : str
        As ``UnobservedComponents`` names it: "llevel" (local level), "rwdrift" (random walk
        with drift), "rtrend" (the yearly change itself walks), "strend" (the same, with
        irregular years), or "arima_drift" for ARIMA(0,1,0) with drift.

    Notes
    -----
    The series is fitted in units of its usual yearly step: on the raw scale of logarithms the
    optimiser stops early, and Nelder-Mead can end in a variance of zero that never occurs.
    The scale of all variances is at its maximum directly (it is concentrated out), so that at
    most one ratio of variances is searched for.

    References
    ----------
    Durbin, J., Koopman, S. J. (2012). Time Series Analysis by State Space Methods, 2nd ed.

    Examples
    --------
    >>> steps = np.array([0.0, 1.2, 1.8, 3.1, 4.0, 4.7, 6.2, 7.0, 8.1, 8.9])
    >>> fit = structural_fit(steps, "arima_drift")
    >>> round(fit.parameters["x1"], 3), round(8.9 / 9, 3)
    (0.989, 0.989)
    """
    scale = float(np.std(np.diff(values))) or 1.0
    scaled = (values - values[0]) / scale
    results = _arima_drift(scaled) if kind == "arima_drift" else _components(scaled, kind)
    parameters = dict(zip(results.model.param_names, results.params, strict=True))
    steps = len(values) - int(results.model.loglikelihood_burn)
    return StructuralFit(
        kind=kind,
        parameters={
            name: float(value) * (scale if name == "x1" else scale**2)
            for name, value in parameters.items()
        },
        log_likelihood=float(results.llf) - steps * float(np.log(scale)),
        _results=results,
        _origin=float(values[0]),
        _scale=scale,
    )


def _arima_drift(scaled: Floats) -> Any:
    from statsmodels.tsa.arima.model import ARIMA

    steps = np.diff(scaled)
    # The maximum is known: the mean step and the mean squared deviation from it.
    return ARIMA(scaled, order=(0, 1, 0), trend="t").smooth([steps.mean(), steps.var()])


def _components(scaled: Floats, kind: str) -> Any:
    from statsmodels.tools.sm_exceptions import SpecificationWarning
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    with warnings.catch_warnings():
        # A random walk has no irregular term; the library says so on every call.
        warnings.simplefilter("ignore", SpecificationWarning)
        model = UnobservedComponents(scaled, kind)
    ratios: list[float] = []
    if len(model.param_names) > 1:
        found = optimize.minimize_scalar(
            lambda log_ratio: _without_scale(model, [float(np.exp(log_ratio))])[0],
            bounds=_LOG_RATIO_BOUNDS,
            method="bounded",
            options={"xatol": 1e-5},
        )
        ratios = [float(np.exp(found.x))]
    variance = _without_scale(model, ratios)[1]
    return model.smooth([variance * each for each in (1.0, *ratios)])


def _without_scale(model: Any, ratios: list[float]) -> tuple[float, float]:
    """Return minus the log-likelihood (but for constants) with the scale at its maximum.

    ``ratios`` are the variances relative to the first; the second value is the first
    variance at the maximum.
    """
    model.update([1.0, *ratios])
    filtered = model.ssm.filter()
    burn = model.loglikelihood_burn
    errors = filtered.standardized_forecasts_error[0, burn:]
    spread = filtered.forecasts_error_cov[0, 0, burn:]
    variance = float(np.mean(errors**2))
    return 0.5 * float(len(errors) * np.log(variance) + np.log(spread).sum()), variance
