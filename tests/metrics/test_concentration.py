"""metrics/concentration.py: hand-worked Lorenz curves, thresholds, rounding."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunmane_analysis.areas import find_area, list_areas
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.staffing import load_staffing
from gunmane_analysis.metrics.staffing.concentration import (
    concentration,
    counts_from_rounded_share,
    staffing_concentration,
    threshold_counts,
)


def test_gini_by_hand():
    # (1, 2, 3, 4): mean absolute difference 20/16 over twice the mean 2.5.
    assert concentration([1, 2, 3, 4]).gini == pytest.approx(0.25)
    # All in one of n areas: 1 - 1/n.
    assert concentration([0, 0, 0, 8]).gini == pytest.approx(0.75)
    assert concentration([5, 5, 5]).gini == 0


def test_curve_by_hand():
    # Staff per resident 1/20, 1/10, 3/10: poorest first.
    result = concentration([10, 30, 10], basis=[100, 100, 200])
    assert result.curve["basis_share"].tolist() == pytest.approx([0, 0.5, 0.75, 1])
    assert result.curve["value_share"].tolist() == pytest.approx([0, 0.2, 0.4, 1])
    assert result.gini == pytest.approx(1 - (0.5 * 0.2 + 0.25 * 0.6 + 0.25 * 1.4))
    assert result.dissimilarity == pytest.approx((0.6 - 0.25 + 0.25 - 0.2 + 0.5 - 0.2) / 2)


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 1000)), min_size=2, max_size=30).filter(
        lambda pairs: any(value for value, _ in pairs)
    )
)
def test_properties(pairs):
    values, basis = zip(*pairs, strict=True)
    result = concentration(values, basis)
    assert -1e-12 <= result.dissimilarity <= result.gini + 1e-9 <= 1 + 1e-9
    doubled = concentration([2 * value for value in values], basis)
    assert doubled.gini == pytest.approx(result.gini, abs=1e-9)
    assert (np.diff(result.curve["value_share"]) >= -1e-12).all()


@pytest.mark.parametrize(
    ("values", "basis"),
    [([1, -1], None), ([0, 0], None), ([1], None), ([1, float("nan")], None), ([1, 2], [1, 0])],
)
def test_refusals(values, basis):
    with pytest.raises(DesignError):
        concentration(values, basis)


def test_staff_over_residents_of_the_47():
    spread = staffing_concentration(
        load_staffing(), find_area("tohoku"), list_areas("prefecture"), 2024
    )
    assert (spread.first_fiscal_year, spread.last_fiscal_year) == (1998, 2024)
    assert spread.last.area_count == 47
    # SSDS 2024: Tohoku 56,663 of 709,421 staff.
    assert spread.shares["area_staff_share"].iloc[-1] == pytest.approx(56663 / 709421)


def test_thresholds_by_hand():
    counts = threshold_counts(pd.Series([0, 0, 5, 6, float("nan")]))
    assert counts["municipality_count"].tolist() == [2, 3]
    assert counts["municipality_total"].tolist() == [4, 4]
    assert counts["missing_count"].tolist() == [1, 1]
    with pytest.raises(DesignError):
        threshold_counts([float("nan")])


def test_printed_share_as_a_number_of_municipalities():
    # 25 % of 1,741: every count from 24.5 % to 25.5 % and none beyond.
    low, high = counts_from_rounded_share(0.25, 0.01, 1741)
    assert 426 / 1741 < 0.245 <= low / 1741
    assert high / 1741 <= 0.255 < 444 / 1741
    assert (low, high) == (427, 443)
    with pytest.raises(DesignError):
        counts_from_rounded_share(0.25, 0.01, 3)
