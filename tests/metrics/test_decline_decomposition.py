"""metrics/staffing/decline_decomposition.py: the log-rate split against the reference figures."""

import math

import pandas as pd
import pytest

from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.tables import load_national_points
from gunmane_analysis.metrics.staffing.decline_decomposition import (
    decline_decomposition,
    decline_split,
)


def test_reference_split_of_the_printed_national_figures():
    # -26 % and -16 % over 1996-2024: compound -1.070 and -0.621 % a year, 57.9 % shared.
    split = decline_split(-0.26, -0.16, 28)
    assert round(split.part_annual_rate * 100, 3) == -1.070
    assert round(split.whole_annual_rate * 100, 3) == -0.621
    assert split.shared_share is not None
    assert round(split.shared_share * 100, 1) == 57.9


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
    result = decline_decomposition(load_national_points(), 2024)
    # 26 % printed: 25.5 to 26.5 %. Gap of 10 points printed: 9.5 to 10.5.
    assert result.part_annual_rate.low == pytest.approx(0.735 ** (1 / 28) - 1)
    assert result.part_annual_rate.high == pytest.approx(0.745 ** (1 / 28) - 1)
    assert (result.whole_change.low, result.whole_change.high) == pytest.approx((-0.17, -0.15))
    assert result.shared_share.low == pytest.approx(math.log(0.85) / math.log(0.745))
    assert result.shared_share.high == pytest.approx(math.log(0.83) / math.log(0.735))
    assert result.shared_share.low < 0.579 < result.shared_share.high
    assert (result.from_year, result.to_year) == (1996, 2024)


def test_figures_not_yet_known_give_no_split():
    assert not decline_decomposition(load_national_points(), 2020)


def test_tables_are_left_as_they_were():
    points = load_national_points()
    before = points.copy()
    decline_decomposition(points, 2024)
    pd.testing.assert_frame_equal(points, before)
