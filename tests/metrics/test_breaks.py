"""metrics/staffing/breaks.py: the published break of the Nile, size and power, refusals."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import nile

from benchmarks.breaks import main as break_rates
from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.tables import load_staffing
from gunmane_analysis.metrics.staffing.breaks import mean_shift, one_off_jumps, staffing_breaks


@pytest.fixture(scope="module")
def flow() -> pd.Series:
    rows = nile.load_pandas().data
    return pd.Series(rows["volume"].to_numpy(), index=rows["year"].astype("int64"))


def test_level_of_the_nile_falls_after_1898(flow):
    # R strucchange: Fstats(Nile ~ 1) sup F 75.93, breakpoint 1898, means 1097.75 and 849.97;
    # confint(breakpoints(Nile ~ 1)) 1895 to 1902 (Zeileis et al. 2003, CSDA 44, 109-123).
    shift = mean_shift(flow, without_jumps=False)
    assert shift.statistic == pytest.approx(75.93, abs=0.005)
    assert shift.last_year == 1898
    assert [round(level, 2) for level in shift.levels] == [1097.75, 849.97]
    assert 1895 <= shift.year_range[0] <= 1898 <= shift.year_range[1] <= 1902
    assert shift.exists


def test_no_turn_is_found_where_there_is_none_and_the_nations_is():
    # 合成データ; 500 series of each kind in docs/benchmarks.md: at most 10 % may be found where
    # there is none, and of turns of the nation's size 90 % where the growth does not persist.
    rates = break_rates(series=40, draws=199)
    chance = 3 * np.sqrt(0.1 * 0.9 / 40)
    assert (rates["found_without"] <= 0.10 + chance).all()
    assert (rates.loc[rates["noise"].str.startswith("levels"), "found_with"] >= 0.90 - chance).all()


@pytest.mark.parametrize("slope", [0.0, -0.0105, 1 / 300])
def test_an_exact_course_has_no_turn_though_rounding_leaves_something(slope):
    logs = pd.Series([10.0 + slope * step for step in range(20)], range(2000, 2020))
    assert not mean_shift(logs.diff().dropna()).exists


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
    # The nation's lowest count is that of 2014; such a course may be chance that persists.
    assert nation.corner_years == (1998, 2014, 2024)
    assert not nation.shift.exists
    before, after = nation.annual_rates
    assert before < 0 < after
    for year in nation.corner_years:
        assert nation.fitted[year] == pytest.approx(nation.staff[year])


def test_too_short_for_a_turn_has_none():
    assert staffing_breaks(load_staffing(), [find_area("japan")], 2005) == ()
    assert len(staffing_breaks(load_staffing(), [find_area("japan")], 2006)) == 1


def test_an_area_asked_for_twice_is_counted_once():
    once, twice = (staffing_breaks(load_staffing(), ["japan"] * n, 2024) for n in (1, 2))
    assert [area.staff.sum() for area in twice] == [once[0].staff.sum()] * 2


def test_refuses_gaps_and_short_series():
    gap = pd.Series([1.0, 2, 3, 4, 5, 6, 7, 8, 9], index=[*range(2000, 2008), 2010])
    with pytest.raises(DesignError, match="抜けた年度"):
        mean_shift(gap)
    with pytest.raises(DesignError, match="年度の整数ではありません"):
        mean_shift(gap.set_axis([f"{year}年" for year in gap.index]))
    with pytest.raises(DesignError, match="3年分"):
        mean_shift(pd.Series([1.0, 2, 3], range(2000, 2003)))
