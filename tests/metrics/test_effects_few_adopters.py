"""How often clustered errors cry wolf with two adopters among 44, and how often placebos do."""

from __future__ import annotations

import math

from gunmane_analysis.metrics.effects.panel import prepare_panel
from gunmane_analysis.metrics.effects.placebo import placebo_test
from gunmane_analysis.metrics.effects.simulation import SimulatedPanel, simulate_adoption
from gunmane_analysis.metrics.staffing.panel import fixed_effects_regression

NAMES = {
    "outcome": "outcome",
    "unit": "unit",
    "time": "fiscal_year",
    "adopted": "adopted_fiscal_year",
}
PUBLISHED_RATE = 0.34  # of a true null rejected at 5 %, from the commission's own trials


def made(seed: int) -> SimulatedPanel:
    """合成データ: 44 units, two adopt, nothing changes, half of each shock stays a year."""
    return simulate_adoption(
        units=44,
        adopters=2,
        years=8,
        adoption_years=(2018,),
        effect=0.0,
        persistence=0.5,
        seed=seed,
    )


def test_clustered_errors_reject_a_true_null_as_often_as_was_found() -> None:
    # 200 runs, measured once: 35.5 % with a Monte Carlo error of 3.4 points
    runs, rejected = 100, 0
    for seed in range(runs):
        panel = made(seed).panel
        adopted = panel["fiscal_year"] >= panel["adopted_fiscal_year"]
        fit = fixed_effects_regression(
            panel.assign(treated=adopted.astype("float64")), "outcome", ["treated"], unit="unit"
        )
        rejected += fit.coefficients.loc[0, "p_value"] < 0.05
    error = math.sqrt(PUBLISHED_RATE * (1 - PUBLISHED_RATE) / runs)  # 4.7 points
    assert abs(rejected / runs - PUBLISHED_RATE) < 3 * error


def test_the_exact_placebo_keeps_its_level_in_the_same_panels() -> None:
    runs, rejected = 60, 0
    for seed in range(runs):
        ready = prepare_panel(
            made(seed).panel, **NAMES, covariates=(), cluster=None, control="never",
            unbalanced="complete",
        )  # fmt: skip
        rejected += placebo_test(ready, "never").p_value <= 0.05
    assert rejected <= 9  # Binomial(60, 0.05): 3 expected, more than 9 once in 1,000
