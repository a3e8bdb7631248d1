"""The activity plan: whose lines, which kinds, and the months from pitch to trial."""

import pandas as pd
import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.loaders.tables import load_activity_plan
from gunmane_analysis.metrics.funnel.activities import (
    activities_by_kind,
    forum_ids,
    pitch_to_trial_lags,
    planned_activities,
    planned_trials,
)


def test_lags_of_the_chugoku_trials_by_hand() -> None:
    plan = load_activity_plan()
    trials = planned_trials(planned_activities(plan, find_area("chugoku"), 2024))
    by_number = trials.set_index("event_no")
    # Printed: 13 <- 2024-01-25, April; 14 <- 2023-06-28, May; 15 <- 2023-06-30, July;
    # 16 <- 2023-01-13, September; 17 to 19 <- a pitch event without a date.
    assert by_number.loc[[13, 14, 15, 16], "lag_months"].tolist() == [3, 11, 13, 20]
    assert by_number.loc[[17, 18, 19], "lag_months"].isna().all()
    # 25 January to 1 April 2024: 6 + 29 + 31 + 1 days; to 30 April 29 more.
    assert by_number.loc[13, ["lag_days_low", "lag_days_high"]].tolist() == [67, 96]


def test_every_block_sees_its_own_lines_and_the_nation_all() -> None:
    plan = load_activity_plan()
    nation = planned_activities(plan, find_area("japan"), 2024)
    assert len(nation) == 58
    blocks = [
        planned_activities(plan, find_area(block), 2024) for block in plan["block_id"].unique()
    ]
    assert sum(map(len, blocks)) == 58
    assert not nation["names_area"].any()


@pytest.mark.parametrize(
    ("area_id", "lines", "named"),
    [("34", 13, 5), ("34207", 13, 1), ("44", 7, 2), ("29449", 16, 1), ("05", 6, 0), ("47", 2, 0)],
)
def test_lines_that_name_the_area_are_marked(area_id: str, lines: int, named: int) -> None:
    found = planned_activities(load_activity_plan(), find_area(area_id), 2024)
    assert (len(found), int(found["names_area"].sum())) == (lines, named)


def test_kinds_add_up_to_the_lines() -> None:
    lines = planned_activities(load_activity_plan(), find_area("japan"), 2024)
    kinds = activities_by_kind(lines).set_index("activity_kind")["line_count"]
    assert kinds.sum() == 58
    assert (kinds["field_trial"], kinds["pitch_event"], kinds["matching_event"]) == (9, 5, 3)


def test_no_plan_is_known_before_its_year() -> None:
    lines = planned_activities(load_activity_plan(), find_area("kinki"), 2023)
    assert lines.empty
    assert planned_trials(lines).empty
    assert activities_by_kind(lines).empty


def test_an_area_of_another_scheme_finds_the_forums_it_shares() -> None:
    assert forum_ids(find_area("18")) == ("kinki",)
    assert forum_ids(find_area("15")) == ("hokuriku",)


def test_a_lag_may_cross_years_and_be_zero() -> None:
    lines = pd.DataFrame(
        {
            "pitch_on": ["2023-12-31", "2024-11-01", None],
            "trial_planned_month": ["2024-01", "2024-11", "2024-12"],
        }
    )
    assert pitch_to_trial_lags(lines)["lag_months"].fillna(-1).tolist() == [1, 0, -1]
