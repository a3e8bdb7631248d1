"""Structural time-series models: a level that walks, drifts, or turns, fitted and projected."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95

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
    Where the scale is the only unknown its maximum is taken directly.

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
    if len(model.param_names) > 1:
        return model.fit(disp=False, maxiter=200, cov_type="none")
    errors = model.filter([1.0]).standardized_forecasts_error[0, model.loglikelihood_burn :]
    return model.smooth([float(np.mean(errors**2))])
