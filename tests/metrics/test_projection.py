"""metrics/staffing/projection.py: the damped trend, the record of projections, refusals."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.holtwinters import Holt

from benchmarks.projection import FIRST, LAST, mean_widths
from benchmarks.projection import main as coverage_table
from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.tables import load_staffing
from gunmane_analysis.metrics.staffing.projection import (
    calibrate,
    damped_trend,
    staffing_projection,
    staffing_scenarios,
)


@pytest.mark.parametrize("damping", [0.8, 0.9, 1.0])
def test_the_damped_trend_is_statsmodels(damping: float) -> None:
    # Holt's damped method with both smoothing weights 1
    logs = np.log(np.array([1000.0, 980, 975, 950, 940, 941, 930]))
    theirs = Holt(logs, damped_trend=damping < 1.0, initialization_method="estimated").fit(
        smoothing_level=1.0,
        smoothing_trend=1.0,
        damping_trend=damping if damping < 1.0 else None,
        optimized=False,
    )
    slope = logs[-1] - logs[-2]
    assert damped_trend(logs[None, :], damping)[0] == pytest.approx(theirs.forecast(5), abs=1e-6)
    assert damped_trend(logs[None, :], damping, 1)[0, 0] == pytest.approx(
        logs[-1] + damping * slope
    )


def test_a_straight_line_is_met_exactly_and_asks_for_no_width() -> None:
    logs = pd.DataFrame([np.linspace(7.0, 6.5, 14), np.linspace(5.0, 5.5, 14)])
    found = calibrate(logs)
    assert found.damping == 1.0
    assert found.record["error"].abs().max() < 1e-9
    assert found.record["origin"].unique().tolist() == [10, 11, 12]


def test_past_projections_use_only_the_years_before_them() -> None:
    # what comes after an origin changes neither its damping nor its width
    random = np.random.default_rng(3)
    logs = pd.DataFrame(np.cumsum(random.normal(-0.01, 0.01, (6, 20)), axis=1))
    before = calibrate(logs.iloc[:, :15]).record
    after = calibrate(logs).record
    both = before.merge(after, on=["area_id", "origin", "years_ahead"], suffixes=("", "_later"))
    assert len(both) == len(before)
    assert (both["damping"] == both["damping_later"]).all()
    assert (both["is_covered"] == both["is_covered_later"]).all()


def test_nine_in_ten_past_projections_held_at_every_horizon() -> None:
    # nation, blocks and prefectures, origins 2008 to 2019 (docs/benchmarks.md)
    table = coverage_table()
    assert table.ge(0.90).all(axis=None)


def test_the_form_of_the_range_is_the_one_chosen_before_each_origin_tested() -> None:
    assert mean_widths().loc[FIRST:LAST].idxmin(axis=1).eq("none").all()


def test_projection_of_a_block() -> None:
    projection = staffing_projection(load_staffing(), find_area("tohoku"), 2024)
    assert projection.path["fiscal_year"].tolist() == [2025, 2026, 2027, 2028, 2029]
    assert (projection.path["count_low"] < projection.path["projected_count"]).all()
    assert (projection.path["projected_count"] < projection.path["count_high"]).all()
    assert (projection.path["count_high"] - projection.path["count_low"]).is_monotonic_increasing
    assert projection.calibration is not None
    # 27 years, origins 2008 to 2023: 16 one year ahead, 12 five years ahead
    own = projection.calibration.coverage("tohoku")
    assert own["trial_count"].tolist() == [16, 15, 14, 13, 12]
    nation = staffing_projection(load_staffing(), find_area("japan"), 2024).calibration
    assert nation is not None
    assert nation.reach == projection.calibration.reach


def test_fewer_than_eleven_years_give_scenarios_only() -> None:
    projection = staffing_projection(load_staffing(), find_area("05"), 2007)
    assert projection.calibration is None
    assert projection.path.empty
    assert set(projection.scenarios["scenario"]) == {"level", "long_run", "recent"}
    shortest = staffing_projection(load_staffing(), find_area("05"), 2008)
    assert shortest.calibration is not None
    assert shortest.calibration.record.empty


def test_scenarios_by_hand() -> None:
    series = pd.Series([200.0, 100, 100, 100, 100, 100, 110], range(2018, 2025))
    scenarios = staffing_scenarios(series, 5).set_index(["scenario", "fiscal_year"])["staff_count"]
    assert scenarios["level", 2029] == 110
    assert scenarios["recent", 2029] == pytest.approx(121)
    assert scenarios["long_run", 2025] == pytest.approx(110 * (110 / 200) ** (1 / 6))


def test_too_little_to_go_on() -> None:
    assert staffing_projection(load_staffing(), find_area("05"), 1998).scenarios.empty
    with pytest.raises(DesignError, match="当たり外れ"):
        calibrate(pd.DataFrame([np.arange(10.0)]))
