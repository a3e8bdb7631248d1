"""Intervals and differences of rates against Newcombe's published tables."""

import numpy as np
import pytest
from scipy import stats

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.funnel.rates import estimate_rate, rate_difference

# Newcombe, R. G. (1998). Two-sided confidence intervals for the single proportion: comparison
# of seven methods. Statistics in Medicine 17, 857-872, Table I (method 3).
NEWCOMBE_SINGLE = {
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0.0000, 0.1611),
    (1, 29): (0.0061, 0.1718),
}
# Newcombe, R. G. (1998). Interval estimation for the difference between independent
# proportions: comparison of eleven methods. Statistics in Medicine 17, 873-890, Table II,
# method 10.
NEWCOMBE_DIFFERENCE = {
    ((56, 70), (48, 80)): (0.0524, 0.3339),
    ((9, 10), (3, 10)): (0.1705, 0.8090),
    ((6, 7), (2, 7)): (0.0582, 0.8062),
    ((5, 56), (0, 29)): (-0.0381, 0.1926),
    ((0, 10), (0, 20)): (-0.1611, 0.2775),
    ((0, 10), (0, 10)): (-0.2775, 0.2775),
    ((10, 10), (0, 20)): (0.6791, 1.0000),
    ((10, 10), (0, 10)): (0.6075, 1.0000),
}


@pytest.mark.parametrize("counts", NEWCOMBE_SINGLE)
def test_single_rates_are_newcombes(counts: tuple[int, int]) -> None:
    rate = estimate_rate(*counts)
    low, high = NEWCOMBE_SINGLE[counts]
    assert (rate.low, rate.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize("groups", NEWCOMBE_DIFFERENCE)
def test_differences_are_newcombes(groups: tuple[tuple[int, int], tuple[int, int]]) -> None:
    found = rate_difference(*groups)
    low, high = NEWCOMBE_DIFFERENCE[groups]
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_regional_and_national_forums_differ_by_fishers_exact_test() -> None:
    # Issue reference: p = 0.0021 for 84 of 167 against 2 of 17; by hand the sum of the
    # hypergeometric probabilities no larger than that of the table seen.
    found = rate_difference((84, 167), (2, 17))
    tables = stats.hypergeom(184, 86, 17)
    likely = tables.pmf(np.arange(18))
    assert found.p_value == pytest.approx(likely[likely <= tables.pmf(2) * (1 + 1e-7)].sum())
    assert round(found.p_value, 4) == 0.0021
    assert found.low > 0.0


def _coverage(trials: int, truth: float) -> float:
    counts = np.arange(trials + 1)
    rates = [estimate_rate(int(count), trials) for count in counts]
    covered = np.array([rate.low <= truth <= rate.high for rate in rates])
    return float(stats.binom.pmf(counts, trials, truth) @ covered)


@pytest.mark.parametrize(("trials", "truth"), [(98, 0.051), (98, 0.51), (50, 0.62), (31, 0.16)])
def test_intervals_on_the_page_cover_the_truth(trials: int, truth: float) -> None:
    # Exact coverage by enumeration, near the truths that the published counts suggest.
    near = truth * np.linspace(0.8, 1.2, 9)
    wilson = [_coverage(trials, float(p)) for p in near]
    assert np.mean(wilson) == pytest.approx(0.95, abs=0.012)
    assert min(wilson) > 0.92


def test_the_difference_on_the_page_covers_the_truth() -> None:
    # Exact coverage of Newcombe's interval at the group sizes of the forums.
    first, second = np.arange(168), np.arange(18)
    for truths in ((0.5, 0.12), (0.3, 0.3), (0.03, 0.03)):
        chance = np.outer(
            stats.binom.pmf(first, 167, truths[0]), stats.binom.pmf(second, 17, truths[1])
        )
        likely = np.argwhere(chance > 1e-6)
        covered = 0.0
        for x, y in likely:
            low, high = _newcombe(int(x), 167, int(y), 17)
            covered += chance[x, y] * (low <= truths[0] - truths[1] <= high)
        assert 0.93 < covered / chance[tuple(likely.T)].sum() <= 1.0


def _newcombe(x: int, m: int, y: int, n: int) -> tuple[float, float]:
    """Newcombe's method 10 by hand, faster than the tests it would otherwise run."""
    (p, low, high), (q, below, above) = (
        (rate.rate, rate.low, rate.high) for rate in (_wilson(x, m), _wilson(y, n))
    )
    return (
        p - q - ((p - low) ** 2 + (above - q) ** 2) ** 0.5,
        p - q + ((high - p) ** 2 + (q - below) ** 2) ** 0.5,
    )


_MEMO: dict[tuple[int, int], object] = {}


def _wilson(count: int, trials: int):  # type: ignore[no-untyped-def]
    return _MEMO.setdefault((count, trials), estimate_rate(count, trials))


def test_newcombes_formula_by_hand_is_the_packages() -> None:
    found = rate_difference((84, 167), (2, 17))
    assert _newcombe(84, 167, 2, 17) == (pytest.approx(found.low), pytest.approx(found.high))


@pytest.mark.parametrize(
    "counts",
    [(1, 0), (5, 4), (-1, 4), (0.5, 4), (float("nan"), 4), (1, float("inf")), ("1", 4), (None, 4)],
)
def test_counts_that_are_none_are_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(DesignError, match="求められません"):
        estimate_rate(*counts)
