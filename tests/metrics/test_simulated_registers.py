"""合成データ: marked, repeatable, and its known truth is found again."""

from __future__ import annotations

import math

import pandas as pd

from gunmane_analysis.areas import list_areas
from gunmane_analysis.metrics.people.matching import match_advisors
from gunmane_analysis.metrics.people.seeds import rank_seeds, ranking_quality
from gunmane_analysis.metrics.people.simulated_registers import (
    simulate_advisors,
    simulate_positions,
    simulate_requests,
    simulate_texts,
)
from gunmane_analysis.metrics.people.steps import step_durations, step_stays
from gunmane_analysis.tables import describe
from gunmane_analysis.tables.people import MatchingWeights

CODES = [area.area_id for area in list_areas("municipality")][:400]


def test_the_median_stay_is_found_again_in_spite_of_censoring() -> None:
    positions = simulate_positions(CODES, mean_days=240.0, seed=1)
    durations = step_durations(step_stays(positions, "2025-03-31")).set_index("step_no")
    first = durations.loc[0]
    true_median = 240.0 * math.log(2) + 1  # a stay lasts at least a day
    assert first["median_low_days"] <= true_median <= first["median_high_days"]


def test_every_table_fits_its_form_and_says_that_it_has_synthetic() -> None:
    made = {
        "step_positions": simulate_positions(CODES[:20], seed=2),
        "support_requests": simulate_requests(CODES, 30, seed=2),
        "advisors": simulate_advisors(CODES, 10, seed=2),
    }
    for table_id, table in made.items():
        assert set(table["data_kind"]) == {"合成データ"}
        describe(table_id).check(table.drop(columns="data_kind"), "合成データ")


def test_the_same_seed_makes_the_same_register() -> None:
    one, other = (simulate_requests(CODES, 20, seed=5) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_made_up_experts_serve_made_up_requests() -> None:
    weights = MatchingWeights(10, 3, 1, 0.5, 6, 3)
    requests = simulate_requests(CODES, 60, seed=3)
    found = match_advisors(requests, simulate_advisors(CODES, 40, seed=4), weights)
    assert len(found.pairs) + len(found.open_requests) == 60
    assert (found.pairs["field_cost"] == 0).all()


def test_the_technology_of_the_same_object_and_task_comes_first() -> None:
    needs, seeds, judged = simulate_texts(30, seed=6)
    quality = ranking_quality(rank_seeds(needs, seeds), judged, k=1)
    assert quality["need_count"] == 30
    assert quality["mean_reciprocal_rank"] > 0.9
