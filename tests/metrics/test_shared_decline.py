"""metrics/shared_decline.py: the log-rate split against the reference figures."""

import math

import pandas as pd
import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.staffing import load_national_points, load_staffing
from gunmane_analysis.metrics.staffing.decline_decomposition import (
    area_decline_splits,
    decline_split,
    national_decline_split,
)


def test_reference_split_of_the_printed_national_figures():
    # -26 % and -16 % over 1996-2024: compound -1.070 and -0.621 % a year, 57.9 % shared.
    split = decline_split(-0.26, -0.16, 28)
    assert round(split.part_annual_rate * 100, 3) == -1.070
    assert round(split.whole_annual_rate * 100, 3) == -0.621
    assert split.shared_share is not None
    assert round(split.shared_share * 100, 1) == 57.9


def test_the_two_parts_add_up_exactly():
    split = decline_split(-0.26, -0.16, 28)
    assert split.shared_log_change + split.own_log_change == pytest.approx(math.log(0.74))
    assert math.exp(split.own_log_change) == pytest.approx(0.74 / 0.84)


@pytest.mark.parametrize(
    ("part", "whole"), [(0.05, -0.16), (-0.1, 0.02), (0.0, 0.0), (-0.04, -0.16)]
)
def test_no_share_unless_the_part_fell_with_the_whole_and_further(part, whole):
    assert decline_split(part, whole, 5).shared_share is None


@pytest.mark.parametrize(("part", "years"), [(-1.0, 5), (-0.1, 0), (math.nan, 5), (-26, 28)])
def test_refuses_what_has_no_rate(part, years):
    with pytest.raises(DesignError):
        decline_split(part, -0.1, years)


def test_rounding_reaches_the_annual_rate_and_the_share():
    result = national_decline_split(load_national_points(), 2024)
    # 26 % printed: 25.5 to 26.5 %. Gap of 10 points printed: 9.5 to 10.5.
    assert result.part_annual_rate.low == pytest.approx(0.735 ** (1 / 28) - 1)
    assert result.part_annual_rate.high == pytest.approx(0.745 ** (1 / 28) - 1)
    assert (result.whole_change.low, result.whole_change.high) == pytest.approx((-0.17, -0.15))
    assert result.shared_share.low == pytest.approx(math.log(0.85) / math.log(0.745))
    assert result.shared_share.high == pytest.approx(math.log(0.83) / math.log(0.735))
    assert result.shared_share.low < 0.579 < result.shared_share.high
    assert (result.from_year, result.to_year) == (1996, 2024)


def test_figures_not_yet_known_are_refused():
    with pytest.raises(DesignError, match="civil_staff_change_rate"):
        national_decline_split(load_national_points(), 2020)


def test_area_is_set_against_nation_and_residents():
    # SSDS: Tohoku 72,357 -> 56,663 staff; nation 847,382 -> 709,421.
    splits = area_decline_splits(load_staffing(), find_area("tohoku"), 2024).set_index("whole")
    nation = splits.loc["nation"]
    assert nation["whole_change"] == pytest.approx(709421 / 847382 - 1)
    assert nation["shared_share"] == pytest.approx(
        math.log1p(nation["whole_change"]) / math.log1p(nation["part_change"])
    )
    own = nation["own_log_change"] + nation["shared_log_change"]
    assert own == pytest.approx(nation["part_log_change"])
    assert splits["years"].tolist() == [26, 26]


def test_nation_is_not_set_against_itself():
    splits = area_decline_splits(load_staffing(), find_area("japan"), 2024)
    assert splits["whole"].tolist() == ["residents"]


def test_one_year_is_no_period():
    staffing = load_staffing()
    with pytest.raises(DesignError, match="2つに満たない"):
        area_decline_splits(staffing, find_area("05"), 1998)


def test_tables_are_left_as_they_were():
    points = load_national_points()
    before = points.copy()
    national_decline_split(points, 2024)
    pd.testing.assert_frame_equal(points, before)
