"""Cohorts and times to a stage, against a published life table and by hand. 合成データ."""

import numpy as np
import pandas as pd
import pytest
from lifelines import AalenJohansenFitter

from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.tables import load_activity_plan
from gunmane_analysis.metrics.funnel.activities import planned_activities, planned_trials
from gunmane_analysis.metrics.funnel.ledger import cohort_funnel, planned_lag_shares, time_to_stage
from gunmane_analysis.tables import describe, empty_table

BEGUN = pd.Timestamp("2023-04-01")


def _case(begun: str | pd.Timestamp = BEGUN, **dates: str | int | None) -> dict[str, str | None]:
    """One case; whole numbers are days since it began."""
    start = pd.Timestamp(begun)
    case: dict[str, str | None] = dict.fromkeys(describe("funnel_cases").columns)
    case |= {
        "case_id": "a",
        "block_id": "kinki",
        "field": "road",
        "considered_on": f"{start:%Y-%m-%d}",
    }
    for name, date in dates.items():
        moment = start + pd.Timedelta(days=date) if isinstance(date, int) else date
        case[f"{name}_on"] = f"{moment:%Y-%m-%d}" if isinstance(moment, pd.Timestamp) else moment
    return case


def _ledger(*cases: dict[str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(cases)


# Freireich et al. (1963), Blood 21, 699-716: weeks of remission under 6-MP, as in Cox & Oakes
# (1984) and every textbook since; + is censored.
REMISSIONS = [6, 6, 6, 7, 10, 13, 16, 22, 23]
STILL_IN_REMISSION = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
SURVIVAL = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}


def test_the_published_life_table_with_its_ties() -> None:
    ledger = _ledger(
        *(_case(implemented=week, as_of=40) for week in REMISSIONS),
        *(_case(as_of=week) for week in STILL_IN_REMISSION),
    )
    curve = time_to_stage(ledger, "implemented").iloc[1:]
    days = (curve["months"] * 365.25 / 12).round().astype(int).tolist()
    assert days == list(SURVIVAL)
    assert (1 - curve["reached_share"]).tolist() == pytest.approx(list(SURVIVAL.values()), abs=6e-4)
    assert curve["at_risk_count"].tolist() == [21, 17, 15, 12, 11, 7, 6]


def test_given_up_cases_compete_by_hand() -> None:
    # Days: reached 10, given up 20, reached 30, last seen 40.
    ledger = _ledger(
        _case(implemented=10, as_of=50), _case(closed=20, as_of=50),
        _case(implemented=30, as_of=50), _case(as_of=40),
    )  # fmt: skip
    share = time_to_stage(ledger, "implemented")["reached_share"].tolist()
    # 1/4; then overall survival 3/4 x 2/3 = 1/2, of which half goes on: 1/4 + 1/2 x 1/2.
    assert share == pytest.approx([0.0, 0.25, 0.5])


def test_without_ties_it_is_lifelines_own_answer() -> None:
    randomness = np.random.default_rng(5)
    days = randomness.permutation(np.arange(20, 320, 10))
    outcomes = randomness.integers(0, 3, len(days))
    names = {0: "as_of", 1: "trialled", 2: "closed"}
    ledger = _ledger(
        *(
            _case(**({"as_of": 400} | {names[int(outcome)]: int(day)}))
            for day, outcome in zip(days, outcomes, strict=True)
        )
    )
    curve = time_to_stage(ledger, "trialled").iloc[1:]
    fitted = AalenJohansenFitter().fit(days, outcomes, event_of_interest=1)
    at_events = fitted.cumulative_density_.loc[sorted(days[outcomes == 1])].iloc[:, 0]
    assert curve["reached_share"].tolist() == pytest.approx(at_events.tolist())
    bounds = fitted.confidence_interval_.loc[at_events.index]
    assert curve["low"].tolist() == pytest.approx(bounds.iloc[:, 0].tolist())
    assert curve["high"].tolist() == pytest.approx(bounds.iloc[:, 1].tolist())


def test_a_skipped_stage_counts_when_the_later_one_is_reached() -> None:
    ledger = _ledger(_case(trialled=30, as_of=60), _case(established=90, as_of=120))
    curve = time_to_stage(ledger, "established")
    assert (curve["months"] * 365.25 / 12).round().tolist() == [0, 30, 90]


def test_a_ledger_without_events_has_a_curve_of_one_row() -> None:
    curve = time_to_stage(_ledger(_case(as_of=60)), "implemented")
    assert curve[["reached_share", "case_count"]].values.tolist() == [[0.0, 1.0]]


def test_the_interval_covers_the_truth_in_a_simulation() -> None:
    # Daily exponential times, mean 180 days to the trial and 360 to giving up: the share
    # that reaches the trial by day t is 2/3 (1 - exp(-t/120)).
    days = np.array([60, 120, 180])
    truth = 2 / 3 * (1 - np.exp(-days / 120))
    randomness = np.random.default_rng(11)
    covered = []
    for _ in range(60):
        reached = np.ceil(randomness.exponential(180.0, 30)).astype(int)
        given_up = np.ceil(randomness.exponential(360.0, 30)).astype(int)
        seen = randomness.integers(150, 600, 30)
        ledger = _ledger(
            *(
                _case(**_first(int(a), int(b), int(c)))
                for a, b, c in zip(reached, given_up, seen, strict=True)
            )
        )
        curve = time_to_stage(ledger, "trialled")
        for day, share in zip(days, truth, strict=True):
            at = curve[curve["months"] <= day / (365.25 / 12)].iloc[-1]
            covered.append(at["low"] <= share <= at["high"])
    # Nominal 95 %; two Monte Carlo standard errors of 60 runs are 5.6 points.
    assert np.mean(covered) == pytest.approx(0.95, abs=0.056)


def _first(reached: int, given_up: int, seen: int) -> dict[str, int]:
    first = min(reached, given_up, seen)
    if first == reached:
        return {"trialled": reached, "as_of": seen}
    return {"closed": given_up, "as_of": seen} if first == given_up else {"as_of": seen}


def test_cohorts_at_an_equal_age_by_hand() -> None:
    ledger = _ledger(
        _case("2022-05-01", established="2022-08-01", as_of="2024-03-31"),
        _case("2022-06-01", established="2023-08-01", as_of="2024-03-31"),
        _case("2022-07-01", as_of="2022-12-01"),
        _case("2022-08-01", closed="2022-09-01", as_of="2022-09-01"),
        _case("2023-05-01", implemented="2023-09-01", as_of="2024-03-31"),
        _case("2023-10-01", established="2023-11-01", as_of="2024-03-31"),
    )
    table = cohort_funnel(ledger, 6).set_index(["cohort_fiscal_year", "stage"])
    # 2022: three known (one given up is known for good), one lost sight of before six months.
    assert table.loc[2022, "case_count"].tolist() == [3] * 4
    assert table.loc[2022, "unknown_count"].tolist() == [1] * 4
    assert table.loc[2022, "reached_count"].tolist() == [3, 1, 0, 0]
    # 2023: the October case is too young, although it is already established.
    assert table.loc[2023, "case_count"].tolist() == [1] * 4
    assert table.loc[2023, "too_young_count"].tolist() == [1] * 4
    assert table.loc[2023, "reached_count"].tolist() == [1, 1, 1, 1]
    assert table.loc[(2022, "established"), "rate"] == pytest.approx(1 / 3)


def test_a_ledger_that_cannot_answer_is_refused() -> None:
    young = _ledger(_case(as_of=40))
    with pytest.raises(DesignError, match="6か月を過ぎた案件"):
        cohort_funnel(young, 6)
    for refused in (lambda: time_to_stage(empty_table("funnel_cases"), "trialled"),
                    lambda: cohort_funnel(empty_table("funnel_cases"), 6)):  # fmt: skip
        with pytest.raises(DesignError, match="案件の一覧がありません"):
            refused()
    with pytest.raises(DesignError, match="considered"):
        time_to_stage(young, "considered")


def test_the_published_lags_give_shares_and_no_chance_of_a_trial() -> None:
    plan = planned_activities(load_activity_plan(), find_area("chugoku"), 2024)
    shares = planned_lag_shares(planned_trials(plan))
    assert shares["lag_months"].tolist() == [3, 11, 13, 20]
    assert shares["planned_share"].tolist() == [0.25, 0.5, 0.75, 1.0]
    none = planned_activities(load_activity_plan(), find_area("tohoku"), 2024)
    with pytest.raises(DesignError):
        planned_lag_shares(planned_trials(none))
