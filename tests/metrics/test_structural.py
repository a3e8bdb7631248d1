"""metrics/structural.py: published fits, the drift method's formula, coverage."""

import numpy as np
import pytest
from statsmodels.datasets import nile

from gunmane_analysis.metrics.staffing.structural import structural_fit


def test_local_level_of_the_nile():
    # Durbin & Koopman (2012), section 2: variances 15,099 and 1,469.1.
    flow = nile.load_pandas().data["volume"].to_numpy()
    fit = structural_fit(flow, "llevel")
    assert fit.parameters["sigma2.irregular"] == pytest.approx(15099, rel=2e-4)
    assert fit.parameters["sigma2.level"] == pytest.approx(1469.1, rel=2e-4)


@pytest.fixture(scope="module")
def wandering() -> np.ndarray:
    return np.cumsum(np.random.default_rng(7).normal(-0.5, 1.0, 40)) + 100.0


def test_random_walk_with_drift_is_the_drift_method(wandering):
    # Hyndman & Athanasopoulos (2021), section 5.5: sd of the steps * sqrt(h (1 + h / (T-1))).
    steps = np.diff(wandering)
    ahead = np.arange(1, 6)
    mean = wandering[-1] + ahead * steps.mean()
    reach = 1.959964 * steps.std(ddof=1) * np.sqrt(ahead * (1 + ahead / len(steps)))
    forecast = structural_fit(wandering, "rwdrift").forecast(5)
    expected = np.column_stack([mean, mean - reach, mean + reach])
    assert forecast == pytest.approx(expected, rel=1e-4)


def test_arima_drift_leaves_the_drift_for_known(wandering):
    steps = np.diff(wandering)
    forecast = structural_fit(wandering, "arima_drift").forecast(4)
    reach = 1.959964 * steps.std() * np.sqrt(np.arange(1, 5))
    assert forecast[:, 2] - forecast[:, 0] == pytest.approx(reach, rel=1e-4)


def test_direct_maximum_is_the_optimisers(wandering):
    # The same model, its variance found by the library's optimiser instead of directly.
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    for kind in ("rwdrift", "rtrend", "strend"):
        direct = structural_fit(wandering, kind).parameters
        found = UnobservedComponents(wandering - wandering[0], kind).fit(disp=False)
        assert list(direct.values()) == pytest.approx(list(found.params), rel=5e-3, abs=1e-3)


def test_intervals_hold_their_level_when_the_model_is_true():
    # 300 random walks with drift of 27 years, five years ahead; nominal 95 %.
    draw = np.random.default_rng(20261120)
    held = []
    for _ in range(300):
        walk = np.cumsum(draw.normal(-0.7, 1.0, 32))
        low, high = structural_fit(walk[:27], "rwdrift").forecast(5)[4, 1:]
        held.append(low <= walk[31] <= high)
    assert abs(np.mean(held) - 0.95) <= 3 * np.sqrt(0.95 * 0.05 / 300)
