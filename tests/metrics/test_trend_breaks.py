"""metrics/trend_breaks.py: published breaks of the Nile, constructed courses, refusals."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import nile

from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.staffing import load_staffing
from gunmane_analysis.metrics.staffing.breaks import (
    best_broken_line,
    broken_line,
    level_shifts,
    one_off_jumps,
    staffing_breaks,
)


@pytest.fixture(scope="module")
def flow() -> pd.Series:
    rows = nile.load_pandas().data
    return pd.Series(rows["volume"].to_numpy(), index=rows["year"].astype("int64"))


def test_level_of_the_nile_falls_after_1898(flow):
    # Cobb (1978), Bai & Perron as in R strucchange: breakpoint 28 of 1871-1970, means
    # 1097.75 and 849.97.
    shift = level_shifts(flow)
    assert shift.first_years == (1899,)
    assert [round(level, 2) for level in shift.levels] == [1097.75, 849.97]


def test_slope_of_the_nile_turns_in_1913(flow):
    # R segmented, segmented(lm(flow ~ year), ~ year): 1912.999, standard error 6.308.
    line = broken_line(flow, 1)
    assert line.break_years == (1913,)
    low, high = line.break_year_ranges[0]
    assert 1912.999 - 3 * 6.308 < low < 1912.999 < high < 1912.999 + 3 * 6.308


def course(turns: dict[int, float], years: range, noise: float = 0.0, seed: int = 1) -> pd.Series:
    slopes = pd.Series(turns).reindex(years).ffill().to_numpy()
    level = np.concatenate([[0.0], np.cumsum(slopes[:-1])])
    return pd.Series(level + np.random.default_rng(seed).normal(0, noise, len(years)), index=years)


def test_two_known_turns_are_found():
    series = course({1998: -1.0, 2005: -3.0, 2013: 0.5}, range(1998, 2025), noise=0.05)
    line = best_broken_line(series)
    assert line.break_years == (2005, 2013)
    assert line.slopes == pytest.approx((-1.0, -3.0, 0.5), abs=0.05)
    assert line.main_break == 2013


def test_a_straight_line_has_no_turn():
    straight = course({1998: -1.0}, range(1998, 2025), noise=1.0)
    assert best_broken_line(straight).main_break is None


@pytest.mark.parametrize("slope", [0.0, -1.05, 1 / 3])
def test_an_exact_line_has_no_turn_though_rounding_leaves_something(slope):
    exact = pd.Series([100.0 + slope * step for step in range(20)], range(2000, 2020))
    assert best_broken_line(exact).main_break is None


def test_turn_range_holds_its_level_for_independent_deviations():
    years = range(1998, 2025)
    inside = []
    for seed in range(150):
        line = broken_line(course({1998: -1.0, 2011: 0.3}, years, noise=1.0, seed=seed), 1)
        low, high = line.break_year_ranges[0]
        inside.append(low <= 2011 <= high)
    assert np.mean(inside) > 0.95 - 3 * np.sqrt(0.05 * 0.95 / 150)


def test_one_year_out_of_line_is_a_jump():
    growth = pd.Series([-0.010, -0.012, -0.040, -0.011, -0.009, -0.012], range(1999, 2005))
    jumps = one_off_jumps(growth)
    assert jumps.index.tolist() == [2001]
    assert jumps[2001] == pytest.approx(-0.040 - -0.011)


def test_slow_change_is_no_jump():
    assert one_off_jumps(pd.Series(np.linspace(-0.02, 0.01, 20), range(2000, 2020))).empty


def test_nation_and_block_stand_side_by_side():
    area = find_area("05")
    breaks = staffing_breaks(load_staffing(), area.lineage, 2024)
    assert [each.area.area_id for each in breaks] == ["05", "tohoku", "japan"]
    nation = breaks[-1]
    # SSDS: 848,850 -> 816,610 staff between April 2000 and April 2001, 3.8 % in one year.
    assert 2001 in nation.jumps.index
    # The nation's lowest count stands in 2014: the course turns within the years before it.
    assert nation.line.main_break in range(2010, 2015)
    before, after = nation.growth_shift.levels
    assert before < 0 < after
    assert nation.fitted[2014] == pytest.approx(677220, rel=0.01)


def test_too_short_for_a_turn_has_none():
    assert staffing_breaks(load_staffing(), [find_area("japan")], 2005) == ()
    assert len(staffing_breaks(load_staffing(), [find_area("japan")], 2006)) == 1


def test_refuses_gaps_and_short_series():
    gap = pd.Series([1.0, 2, 3, 4, 5, 6, 7, 8, 9], index=[*range(2000, 2008), 2010])
    with pytest.raises(DesignError, match="抜けた年度"):
        broken_line(gap, 0)
    with pytest.raises(DesignError, match="当てはめはできません"):
        broken_line(gap, -1)
    with pytest.raises(DesignError, match="年度の整数ではありません"):
        broken_line(gap.set_axis([f"{year}年" for year in gap.index]), 0)
    with pytest.raises(DesignError, match="3年分"):
        broken_line(pd.Series([1.0, 2, 3], range(2000, 2003)), 1)
