"""metrics/projection.py: backtests worked by hand, the choice, scenarios, refusals."""

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.staffing import load_staffing
from gunmane_analysis.metrics.projection import (
    chosen_model,
    rolling_origin_backtest,
    staffing_projection,
    staffing_scenarios,
)


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
