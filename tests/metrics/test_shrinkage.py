"""metrics/shrinkage.py: the beta-binomial against published fits, boundaries, coverage."""

import numpy as np
import pandas as pd
import pytest
from scipy import special

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.staffing.shrinkage import beta_binomial_shrinkage

# Boys among the first 12 children of 6,115 families in Saxony (Geissler 1889), with the fit
# printed in Wikipedia, "Beta-binomial distribution": alpha 34.09558, beta 31.5715,
# log-likelihood -12,492.9.
FAMILIES = [3, 24, 104, 286, 670, 1033, 1343, 1112, 829, 478, 181, 45, 7]


@pytest.fixture(scope="module")
def saxony():
    boys = np.repeat(np.arange(13), FAMILIES)
    return beta_binomial_shrinkage(boys, np.full(len(boys), 12))


def test_maximum_likelihood_of_the_saxony_families(saxony):
    # The likelihood is flat: the published digits stand 2 in 10,000 off its summit.
    assert saxony.alpha == pytest.approx(34.09558, rel=5e-4)
    assert saxony.beta == pytest.approx(31.5715, rel=5e-4)
    assert saxony.mean_share == pytest.approx(34.09558 / (34.09558 + 31.5715), abs=2e-6)


def test_log_likelihood_of_the_saxony_families(saxony):
    choices = special.gammaln(13) - special.gammaln(np.arange(13) + 1)
    choices -= special.gammaln(13 - np.arange(13))
    assert saxony.log_likelihood + np.dot(FAMILIES, choices) == pytest.approx(-12492.9, abs=0.05)


def test_posterior_mean_is_that_of_the_fitted_beta(saxony):
    no_boys = saxony.table.iloc[0]
    expected = saxony.alpha / (saxony.alpha + saxony.beta + 12)
    assert no_boys["shrunk_share"] == pytest.approx(expected, rel=1e-9)


def test_litters_survive_differently_under_treatment():
    # Weil (1970) as printed in the SAS/STAT manual, NLMIXED example; Williams (1975) found
    # litter differences in the treated group and next to none in the control group.
    treated = [12, 11, 10, 9, 10, 9, 9, 8, 8, 4, 7, 4, 5, 3, 3, 0]
    treated_size = [12, 11, 10, 9, 11, 10, 10, 9, 9, 5, 9, 7, 10, 6, 10, 7]
    control = [13, 12, 9, 9, 8, 8, 12, 11, 9, 9, 8, 11, 4, 5, 7, 7]
    control_size = [13, 12, 9, 9, 8, 8, 13, 12, 10, 10, 9, 13, 5, 7, 10, 10]
    with_chemical = beta_binomial_shrinkage(treated, treated_size)
    without = beta_binomial_shrinkage(control, control_size)
    assert 2 * (with_chemical.log_likelihood - with_chemical.binomial_log_likelihood) > 6.6
    assert 2 * (without.log_likelihood - without.binomial_log_likelihood) < 2.7


def test_equal_shares_are_fully_pooled():
    result = beta_binomial_shrinkage([1, 4, 6, 1], [5, 20, 30, 4])
    assert result.is_fully_pooled
    assert result.spread == 0.0
    assert result.alpha == float("inf")
    assert result.table["shrunk_share"].tolist() == pytest.approx([12 / 59] * 4)
    assert "完全に寄せた" in result.pooling_note


@pytest.mark.parametrize("share", [0, 1])
def test_nothing_or_everything_is_fully_pooled_and_leaves_an_interval(share):
    trials = [4, 20, 30]
    result = beta_binomial_shrinkage([share * n for n in trials], trials)
    assert result.is_fully_pooled
    assert result.table["shrunk_share"].tolist() == [share] * 3
    width = result.table["share_high"] - result.table["share_low"]
    assert width.is_monotonic_decreasing
    assert width.between(0.01, 0.5).all()


def test_one_trial_each_cannot_tell_areas_apart():
    assert beta_binomial_shrinkage([1, 0, 0, 1, 0], [1] * 5).is_fully_pooled


def test_area_without_trials_takes_the_common_share():
    result = beta_binomial_shrinkage([0, 30, 5, 0], [40, 40, 40, 0])
    empty = result.table.iloc[3]
    assert np.isnan(empty["raw_share"])
    assert empty["shrunk_share"] == pytest.approx(result.mean_share)
    assert empty["share_high"] - empty["share_low"] > 0.5


def test_shrunk_share_lies_between_own_and_common_share():
    result = beta_binomial_shrinkage([0, 30, 5], [40, 40, 40])
    rows = result.table
    toward = (rows["shrunk_share"] - rows["raw_share"]) * (result.mean_share - rows["raw_share"])
    assert (toward >= 0).all()


def test_names_of_areas_are_kept():
    hits = pd.Series([1, 2], index=["05", "36"])
    result = beta_binomial_shrinkage(hits, pd.Series([10, 10], index=["05", "36"]))
    assert list(result.table.index) == ["05", "36"]


@pytest.mark.parametrize(
    ("areas", "alpha", "beta", "size"), [(10, 2, 8, 12), (10, 400, 1600, 10), (30, 5, 5, 8)]
)
def test_intervals_hold_their_level(areas, alpha, beta, size):
    # 30 sets of areas; a nominal 95 % interval must not fall below it by more than three
    # Monte Carlo errors. Where areas hardly differ it is wider than need be.
    draw = np.random.default_rng(20261120)
    covered = []
    for _ in range(30):
        trials = draw.integers(1, 2 * size, areas)
        truth = draw.beta(alpha, beta, areas)
        rows = beta_binomial_shrinkage(draw.binomial(trials, truth), trials).table
        covered.append(((rows["share_low"] <= truth) & (truth <= rows["share_high"])).mean())
    error = np.std(covered, ddof=1) / np.sqrt(len(covered))
    assert np.mean(covered) > 0.95 - 3 * max(error, 0.005)


@pytest.mark.parametrize(
    ("successes", "trials", "named"),
    [
        ([1, 2], [3], "長さ"),
        ([4, 1], [3, 5], "3件のうち4件"),
        ([0.5, 1], [3, 5], "整数"),
        ([1, float("nan")], [3, 5], "使えません"),
        ([1, 0], [3, 0], "2つに満たない"),
    ],
)
def test_refusals(successes, trials, named):
    with pytest.raises(DesignError) as fault:
        beta_binomial_shrinkage(successes, trials)
    assert named in str(fault.value)
