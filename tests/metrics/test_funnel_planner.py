"""The planner against the reference figures, by hand, and by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.tables import load_kpi
from gunmane_analysis.metrics.funnel.planner import cases_needed, plan_cases, plan_steps
from gunmane_analysis.metrics.funnel.readings import funnel_readings, published_counts


def test_cases_needed_are_the_reference_figures() -> None:
    needed = cases_needed(5, 98, (1, 3, 5, 10, 20), 0.9)
    assert needed["case_count"].tolist() == [44, 103, 155, 276, 505]
    assert needed["predictive_case_count"].tolist() == [50, 126, 198, 375, 724]
    # 98 / 5 = 19.6 cases for each.
    assert needed["expected_case_count"].tolist() == [20, 59, 98, 196, 392]


def test_one_implementation_by_the_closed_form() -> None:
    # P(none) = (1 - p)^n <= 0.1, so n = ln 0.1 / ln(1 - p).
    assert np.ceil(np.log(0.1) / np.log(1 - 5 / 98)) == 44


@given(st.integers(1, 30), st.integers(1, 12), st.floats(0.5, 0.99))
def test_the_number_is_the_smallest_that_will_do(
    implemented: int, target: int, probability: float
) -> None:
    considered = 98
    found = cases_needed(implemented, considered, [target], probability)["case_count"].iloc[0]
    rate = implemented / considered
    assert stats.binom.sf(target - 1, found, rate) >= probability
    assert found == target or stats.binom.sf(target - 1, found - 1, rate) < probability


def test_predictive_number_keeps_its_promise_on_average() -> None:
    # Exact: for every count that 98 cases may give, the promised number of cases is worked
    # out and the chance at the true rate that it yields two implementations is averaged.
    for truth in (0.05, 0.08, 0.12):
        counts = np.arange(1, 30)
        weights = stats.binom.pmf(counts, 98, truth)
        assert weights.sum() > 0.99
        kept = {"case_count": 0.0, "predictive_case_count": 0.0}
        for count, weight in zip(counts, weights / weights.sum(), strict=True):
            row = cases_needed(int(count), 98, [2], 0.9).iloc[0]
            for name in kept:
                kept[name] += weight * float(stats.binom.sf(1, row[name], truth))
        assert kept["predictive_case_count"] == pytest.approx(0.9, abs=0.03)
        assert kept["case_count"] < kept["predictive_case_count"]


def test_both_readings_are_planned() -> None:
    readings = funnel_readings(published_counts(load_kpi(), 2024))
    cases = plan_cases(readings)
    assert cases.groupby("reading")["considered_count"].first().to_dict() == {
        "nested": 98, "status": 184,
    }  # fmt: skip
    steps = plan_steps(readings).set_index(["reading", "stage"])
    # 184 (86/184 + 0.1)(36/86)(5/36) = 5 + 18.4 x 5 / 86.
    assert steps.loc[("status", "established"), "raised_implemented_count"] == pytest.approx(
        5 + 18.4 * 5 / 86
    )


def test_nothing_is_planned_where_nothing_is_known() -> None:
    readings = funnel_readings(published_counts(load_kpi(), 2019))
    assert plan_cases(readings).empty
    assert plan_steps(readings).empty


@pytest.mark.parametrize(
    ("implemented", "considered", "targets", "probability"),
    [
        (0, 98, [1], 0.9),
        (99, 98, [1], 0.9),
        (5.5, 98, [1], 0.9),
        (5, 98, [0], 0.9),
        (5, 98, [1], 1.0),
    ],
)
def test_plans_that_cannot_be_made_are_refused(
    implemented: float, considered: int, targets: list[int], probability: float
) -> None:
    with pytest.raises(DesignError):
        cases_needed(implemented, considered, targets, probability)  # type: ignore[arg-type]
