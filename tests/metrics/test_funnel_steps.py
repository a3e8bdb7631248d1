"""Steps of the funnel against the reference figures, by hand, and by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.funnel.planner import marginal_gains, steps_needed
from gunmane_analysis.metrics.funnel.readings import conversion_rates
from gunmane_analysis.tables.funnel import STAGES


@pytest.fixture(name="rates")
def _rates() -> pd.DataFrame:
    return conversion_rates(pd.DataFrame({"stage": STAGES, "case_count": [98, 50, 31, 5]}))


def test_twenty_from_98_are_the_reference_rates(rates: pd.DataFrame) -> None:
    needed = steps_needed(rates, 20, 0.9).set_index("stage")
    assert needed.loc["implemented", "rate_for_expectation"] == pytest.approx(20 / 31)
    assert needed.loc["implemented", "rate_for_probability"] == pytest.approx(0.805, abs=5e-4)
    # The two earlier steps cannot do it alone: 20/98 over 0.62 x 0.161 is 2.04.
    assert needed.loc[["established", "trialled"]].drop(columns="rate_now").isna().all(axis=None)


def test_twenty_from_31_trials_held_need_less_luck(rates: pd.DataFrame) -> None:
    needed = steps_needed(rates, 20, 0.9, from_stage="trialled").iloc[0]
    assert needed["rate_for_expectation"] == pytest.approx(20 / 31)
    assert needed["rate_for_probability"] == pytest.approx(0.732, abs=5e-4)
    assert stats.binom.sf(19, 31, needed["rate_for_probability"]) == pytest.approx(0.9)


def test_ninety_percent_by_simulating_all_three_steps(rates: pd.DataFrame) -> None:
    # 98 cases go step by step; only the last rate is raised to the figure given.
    raised = steps_needed(rates, 20, 0.9)["rate_for_probability"].iloc[-1]
    randomness = np.random.default_rng(20241120)
    established = randomness.binomial(98, 50 / 98, 40_000)
    trialled = randomness.binomial(established, 31 / 50)
    implemented = randomness.binomial(trialled, raised)
    assert np.mean(implemented >= 20) == pytest.approx(0.9, abs=0.006)  # four standard errors


def test_marginal_gains_are_the_reference_figures(rates: pd.DataFrame) -> None:
    gains = marginal_gains(rates, 0.10)
    # 98 (50/98 + 0.1)(31/50)(5/31); 50 (31/50 + 0.1)(5/31); 31 (5/31 + 0.1).
    by_hand = [98 * (50 / 98 + 0.1) * 5 / 50, 50 * (31 / 50 + 0.1) * 5 / 31, 31 * (5 / 31 + 0.1)]
    assert gains["raised_implemented_count"].tolist() == pytest.approx(by_hand)
    assert gains["raised_implemented_count"].round(2).tolist() == [5.98, 5.81, 8.10]
    assert gains["implemented_count"].tolist() == pytest.approx([5, 5, 5])
    assert gains["largest_gain_probability"].sum() == pytest.approx(1.0)
    assert gains["largest_gain_probability"].iloc[-1] > 0.99


def test_with_equal_points_the_lowest_rate_gains_most_and_otherwise_need_not(
    rates: pd.DataFrame,
) -> None:
    equal = marginal_gains(rates, 0.05)
    assert equal["gain_count"].idxmax() == equal["rate_now"].idxmin()
    own = marginal_gains(rates, {"established": 0.30, "trialled": 0.05, "implemented": 0.02})
    assert own.loc[own["gain_count"].idxmax(), "stage"] == "established"


def test_a_rate_is_not_raised_above_one(rates: pd.DataFrame) -> None:
    gains = marginal_gains(rates, 0.5)
    assert gains["is_capped"].tolist() == [True, True, False]
    assert gains["rate_raised"].max() == 1.0


def test_steps_that_cannot_be_planned_are_refused(rates: pd.DataFrame) -> None:
    for refused in (99, 0):
        with pytest.raises(DesignError):
            steps_needed(rates, refused)
    with pytest.raises(DesignError, match="implemented"):
        steps_needed(rates, 5, from_stage="implemented")
    none = conversion_rates(pd.DataFrame({"stage": STAGES, "case_count": [9, 4, 0, 0]}))
    with pytest.raises(DesignError, match="進んだ案件のない段階"):
        marginal_gains(none)
    with pytest.raises(DesignError, match="ポイント"):
        marginal_gains(rates, -0.1)
