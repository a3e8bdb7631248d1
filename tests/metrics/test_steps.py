"""Positions on the path: a case worked by hand, and every refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.tables import load_standard_steps
from gunmane_analysis.metrics.people.steps import step_durations, step_standing, step_stays
from gunmane_analysis.tables import describe


def entries(*rows: tuple[str, int, str, str, str | None]) -> pd.DataFrame:
    names = ["municipality_code", "step_no", "entered_on", "as_of_on", "obstacle"]
    table = pd.DataFrame(rows, columns=names).assign(remark=None)
    texts = dict.fromkeys([*names[:1], *names[2:], "remark"], "str")
    return describe("step_positions").check(table.astype(texts), "試験の表")


@pytest.fixture
def positions() -> pd.DataFrame:
    return entries(
        ("05201", 0, "2022-04-01", "2023-04-01", None),
        ("05201", 1, "2022-10-01", "2023-04-01", "staff"),
        ("05202", 0, "2022-04-01", "2023-04-01", "know_how"),
        ("05203", 0, "2022-04-01", "2023-04-01", None),
        ("05203", 1, "2022-07-01", "2023-04-01", None),
        ("05203", 0, "2022-08-01", "2023-04-01", "staff"),
        ("15204", 2, "2022-04-01", "2023-04-01", None),
    )


def test_stays_end_with_the_next_entry_or_the_last_confirmation(positions: pd.DataFrame) -> None:
    stays = step_stays(positions, "2023-12-31")
    akita = stays[stays["municipality_code"] == "05203"]
    assert akita["days"].tolist() == [91.0, 31.0, 243.0]
    assert akita["outcome"].tolist() == ["completed", "returned", "lasting"]
    assert stays.loc[stays["municipality_code"] == "05202", "days"].tolist() == [365.0]


def test_what_happened_after_the_day_is_not_known(positions: pd.DataFrame) -> None:
    stays = step_stays(positions, "2022-09-30")
    first = stays[stays["municipality_code"] == "05201"]
    assert first["outcome"].tolist() == ["lasting"]
    assert first["days"].tolist() == [182.0]


def test_median_of_step_zero_by_hand(positions: pd.DataFrame) -> None:
    # stays in STEP 0: 91 (on), 183 (on), 243 (lasts), 365 (lasts):
    # S = 3/4 after 91, 1/2 after 183, so the median is reached at 183 days
    durations = step_durations(step_stays(positions, "2023-12-31")).set_index("step_no")
    assert durations.loc[0, "stay_count"] == 4
    assert durations.loc[0, "completed_count"] == 2
    assert durations.loc[0, "median_days"] == 183.0
    assert durations.loc[1, "returned_count"] == 1
    assert pd.isna(durations.loc[1, "median_days"])  # nobody has gone on from STEP 1


def test_standing_keeps_unreported_apart_from_zero(positions: pd.DataFrame) -> None:
    standing = step_standing(load_standard_steps(), positions, find_area("05"), 2022)
    assert (standing.reported_count, standing.area_municipality_count) == (3, 25)
    assert standing.table["municipality_count"].tolist() == [2, 1, 0, 0, 0, 0, 0]
    empty = step_standing(load_standard_steps(), positions.iloc[:0], find_area("05"), 2022)
    assert empty.table["municipality_count"].isna().all()


@pytest.mark.parametrize(
    "rows",
    [
        [("05201", 0, "2023-05-01", "2023-04-01", None)],
        [
            ("05201", 1, "2022-04-01", "2023-04-01", None),
            ("05201", 1, "2022-06-01", "2023-04-01", None),
        ],
    ],
)
def test_contradictory_entries_are_refused(
    rows: list[tuple[str, int, str, str, str | None]],
) -> None:
    with pytest.raises(DesignError, match="05201 STEP"):
        step_stays(entries(*rows), "2024-03-31")


def test_the_interval_of_a_median_holds_the_truth_about_95_times_in_a_hundred() -> None:
    # 合成データ: stays of 300 days on average, exponential, half of them still lasting when last
    # confirmed; the true median is 300 ln 2. The open end of an interval counts as infinite.
    runs, held, random = 150, 0, np.random.default_rng(3)
    truth = 300.0 * np.log(2.0)
    for _ in range(runs):
        stay, watched = random.exponential(300.0, 60), random.uniform(100.0, 800.0, 60)
        stays = pd.DataFrame(
            {
                "step_no": 1,
                "days": np.minimum(stay, watched),
                "outcome": np.where(stay <= watched, "completed", "lasting"),
            }
        )
        row = step_durations(stays).fillna({"median_high_days": np.inf}).iloc[0]
        held += row["median_low_days"] <= truth <= row["median_high_days"]
    assert held >= 133  # Binomial(150, 0.95): 142 expected, fewer than 133 once in 1,000
