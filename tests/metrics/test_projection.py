"""metrics/projection.py: backtests worked by hand, the choice, scenarios, refusals."""

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.staffing import load_staffing
from gunmane_analysis.metrics.staffing.change import STAFF, staffing_by_area
from gunmane_analysis.metrics.staffing.projection import (
    MODELS,
    chosen_model,
    pooled_backtest,
    rolling_origin_backtest,
    staffing_projection,
    staffing_scenarios,
)
from gunmane_analysis.metrics.staffing.projection_models import Model, model_forecast
from gunmane_analysis.metrics.staffing.structural import structural_fit


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


def test_too_little_to_go_on():
    assert staffing_projection(load_staffing(), find_area("05"), 1998).scenarios.empty
    with pytest.raises(DesignError, match="当たり外れ"):
        rolling_origin_backtest(np.arange(10.0))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("area_id", ["japan", "okinawa", "13"])
def test_the_short_way_is_statsmodels_long_way(model: Model, area_id: str) -> None:
    # UnobservedComponents and ARIMA, exact diffuse start, on the real series
    rows = staffing_by_area(load_staffing(), [find_area(area_id)], 2024)
    logs = np.log(rows[STAFF].dropna().to_numpy(dtype="float64"))
    for count in (10, 18, len(logs)):
        long_way = structural_fit(logs[:count], model).forecast(5)
        short_way = model_forecast(logs[:count], model, 5, 0.95)
        assert short_way == pytest.approx(long_way, abs=1e-6)


def test_one_model_serves_every_area_of_a_scheme() -> None:
    staffing = load_staffing()
    projections = [
        staffing_projection(staffing, find_area(area_id), 2024)
        for area_id in ("japan", "tohoku", "05", "06", "47")
    ]
    assert len({projection.model for projection in projections}) == 1
    pooled = projections[0].pooled
    # nation and ten blocks, each 17 + 16 + 15 + 14 + 13 origins
    own = pooled[pooled["model"] == projections[0].model]
    assert own["origin_count"].sum() == 11 * 75
    assert chosen_model(pooled) == projections[0].model
    assert pooled_backtest(staffing, find_area("05"), 2006).empty


@pytest.mark.parametrize("model", MODELS)
def test_intervals_of_the_true_model_cover_what_comes(model: Model) -> None:
    # 合成データ: each model's own course of 27 years and one more; 400 series, Monte Carlo error
    # 1.1 points. Estimated variances shorten the interval: up to 4 points below are allowed.
    random = np.random.default_rng(11)
    covered, runs = 0, 400
    for _ in range(runs):
        shocks = random.normal(0.0, 1.0, 28)
        irregular = random.normal(0.0, 1.0, 28) if model == "strend" else np.zeros(28)
        course = (
            np.cumsum(0.5 + shocks)
            if model in ("rwdrift", "arima_drift")
            else np.cumsum(np.cumsum(shocks)) + irregular
        )
        _, low, high = model_forecast(course[:27], model, 1, 0.95)[0]
        covered += int(low <= course[27] <= high)
    assert 0.91 - 3 * 0.011 < covered / runs < 0.95 + 3 * 0.011
