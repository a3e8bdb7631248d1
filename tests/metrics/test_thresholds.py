"""metrics/staffing/thresholds.py: counts by hand, rounding."""

import pytest

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.staffing.thresholds import counts_from_rounded_share


def test_printed_share_as_a_number_of_municipalities():
    # 25 % of 1,741: every count from 24.5 % to 25.5 % and none beyond.
    low, high = counts_from_rounded_share(0.25, 0.01, 1741)
    assert 426 / 1741 < 0.245 <= low / 1741
    assert high / 1741 <= 0.255 < 444 / 1741
    assert (low, high) == (427, 443)
    with pytest.raises(DesignError):
        counts_from_rounded_share(0.25, 0.01, 3)
