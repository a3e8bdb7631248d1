"""metrics/projection.py: published fits, the drift method's formula, coverage, refusals."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import nile

from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.staffing import load_staffing
from gunmane_analysis.metrics.projection import (
    chosen_model,
    rolling_origin_backtest,
    staffing_projection,
    staffing_scenarios,
    structural_fit,
)


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

    for kind in ("rwdrift", "rtrend"):
        direct = structural_fit(wandering, kind).parameters
        found = UnobservedComponents(wandering - wandering[0], kind).fit(disp=False)
        assert list(direct.values()) == pytest.approx(list(found.params), rel=1e-3)


def test_intervals_hold_their_level_when_the_model_is_true():
    # 300 random walks with drift of 27 years, five years ahead; nominal 95 %.
    draw = np.random.default_rng(20261120)
    held = []
    for _ in range(300):
        walk = np.cumsum(draw.normal(-0.7, 1.0, 32))
        low, high = structural_fit(walk[:27], "rwdrift").forecast(5)[4, 1:]
        held.append(low <= walk[31] <= high)
    assert abs(np.mean(held) - 0.95) <= 3 * np.sqrt(0.95 * 0.05 / 300)


def test_backtest_by_hand():
    # A straight line with one step up at the end: each origin before it misses, none after.
    values = np.array([0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 21])
    table = rolling_origin_backtest(
        values + 1e-6 * np.cos(range(13)), horizon=1, models=("arima_drift",)
    )
    assert table.loc[0, "origin_count"] == 3
    assert table.loc[0, "covered_count"] <= 2
    assert table.loc[0, "median_abs_error"] == pytest.approx(0.0, abs=1e-4)


def test_sharpest_of_the_models_that_held():
    rows = [
        ("rwdrift", 90, 3.0),
        ("rtrend", 100, 9.0),
        ("strend", 95, 2.0),
        ("arima_drift", 40, 1.0),
    ]
    table = pd.DataFrame(rows, columns=["model", "covered_count", "mean_interval_score"])
    assert chosen_model(table.assign(origin_count=100, years_ahead=1)) == "strend"
    none_held = table[table["model"].isin(["arima_drift"])].assign(origin_count=100, years_ahead=1)
    assert chosen_model(none_held) == "arima_drift"


def test_projection_of_a_block():
    projection = staffing_projection(load_staffing(), find_area("tohoku"), 2024)
    assert projection.model is not None
    assert projection.path["fiscal_year"].tolist() == [2025, 2026, 2027, 2028, 2029]
    assert (projection.path["count_low"] < projection.path["projected_count"]).all()
    assert (projection.path["projected_count"] < projection.path["count_high"]).all()
    assert (projection.path["count_high"] - projection.path["count_low"]).is_monotonic_increasing
    # 27 years, ten at least to stand on: 17 origins one year ahead, 13 five years ahead.
    assert projection.coverage["origin_count"].tolist() == [17, 16, 15, 14, 13]


def test_fewer_than_ten_years_give_scenarios_only():
    projection = staffing_projection(load_staffing(), find_area("05"), 2006)
    assert projection.model is None
    assert projection.path.empty
    assert set(projection.scenarios["scenario"]) == {"level", "long_run", "recent"}


def test_scenarios_by_hand():
    series = pd.Series([200.0, 100, 100, 100, 100, 100, 110], range(2018, 2025))
    scenarios = staffing_scenarios(series, 5).set_index(["scenario", "fiscal_year"])["staff_count"]
    assert scenarios["level", 2029] == 110
    assert scenarios["recent", 2029] == pytest.approx(121)
    assert scenarios["long_run", 2025] == pytest.approx(110 * (110 / 200) ** (1 / 6))


def test_refusals():
    with pytest.raises(DesignError, match="1年分"):
        staffing_projection(load_staffing(), find_area("05"), 1998)
    with pytest.raises(DesignError, match="当たり外れ"):
        rolling_origin_backtest(np.arange(10.0))
