"""metrics/effects/matched.py: worked by hand, its level on the real panel, known effects."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from benchmarks.effects import false_rejections
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.matched import matched_effect

NAMES = {"outcome": "cost", "unit": "town", "time": "year"}


def panel_of(paths: dict[str, list[float]], first: int = 2020) -> pd.DataFrame:
    return pd.DataFrame(
        {"town": town, "year": first + place, "cost": value}
        for town, values in paths.items()
        for place, value in enumerate(values)
    )


def test_one_adopter_and_three_alike_worked_by_hand() -> None:
    panel = panel_of({"a": [10, 10, 5], "b": [9, 9, 10], "c": [7, 8, 8], "d": [3, 3, 5]})
    found = matched_effect(panel, {"a": 2022}, {"a": ["b", "c", "d"]}, **NAMES)
    # -5 against the mean of 1, 0 and 2; the others in its place give 2, 2/3 and 10/3
    assert found.estimate == pytest.approx(-6.0)
    assert (found.assignment_count, found.p_value) == (4, 0.25)
    assert math.isinf(found.minimum_detectable_effect)
    before = found.by_event_time.set_index("event_time")["estimate"]
    assert before[-2] == pytest.approx(1 / 3)  # 2020 less 2021: 0 against 0, -1 and 0
    assert found.adopters["rank"].tolist() == [1]


def test_two_adopters_in_different_years_are_averaged_and_left_out_in_turn() -> None:
    flat = [1.0, 1.0, 1.0, 1.0]
    paths = {"a": [1, 1, 3, 5], "b": [1, 1, 1, -3], "c": flat, "d": flat, "e": flat, "f": flat}
    found = matched_effect(
        panel_of(paths), {"a": 2022, "b": 2023}, {"a": ["c", "d"], "b": ["e", "f"]}, **NAMES
    )
    # a: mean of 2 and 4; b: -4
    assert found.adopters["estimate"].tolist() == pytest.approx([3.0, -4.0])
    assert found.estimate == pytest.approx(-0.5)
    assert found.adopters["without_it"].tolist() == pytest.approx([-4.0, 3.0])
    assert found.assignment_count == 9
    events = found.by_event_time.set_index("event_time")
    assert events.loc[0, "estimate"] == pytest.approx((2.0 - 4.0) / 2)
    assert events.loc[1, ["adopter_count", "estimate"]].tolist() == pytest.approx([1, 4.0])


def test_adopters_that_cannot_be_used_are_named_and_none_left_is_refused() -> None:
    panel = panel_of({"a": [1, 2, 3], "b": [1, 2, 3], "c": [2, 2, 3], "d": [1, 1, 1]})
    matches = {"a": ["c", "d"], "b": ["c", "d"]}
    found = matched_effect(panel, {"a": 2021, "b": 2020, "x": 2021}, matches, **NAMES)
    assert found.unused == {"b": "導入前の年度の値がない", "x": "値がそろわない"}
    with pytest.raises(DesignError, match="似た単位が2つに満たない"):
        matched_effect(panel, {"a": 2021}, {"a": ["c"]}, **NAMES)


def test_a_known_effect_is_in_the_interval_and_found_as_often_as_is_said() -> None:
    # 合成データ: 3 adopters, 15 alike for each, effect as large as the detectable one
    random = np.random.default_rng(1)
    towns = [f"t{number:02d}" for number in range(48)]
    adopted = {"t00": 2022, "t16": 2023, "t32": 2022}
    matches = {
        adopter: towns[start + 1 : start + 16]
        for adopter, start in zip(adopted, (0, 16, 32), strict=True)
    }
    sizes, inside, rejected = [], 0, 0
    for run in range(80):
        values = random.normal(0.0, 1.0, (48, 6)).cumsum(axis=1)
        panel = panel_of(dict(zip(towns, values.tolist(), strict=True)), 2019)
        if run < 20:
            nothing = matched_effect(panel, adopted, matches, **NAMES, draws=399)
            sizes.append(nothing.minimum_detectable_effect)
            continue
        size = float(np.mean(sizes))
        since = panel["town"].map(adopted)
        moved = panel.assign(cost=panel["cost"] + size * (panel["year"] >= since))
        found = matched_effect(moved, adopted, matches, **NAMES, draws=399)
        inside += found.low <= size <= found.high
        rejected += found.p_value <= 0.05
    assert inside >= 51  # Binomial(60, 0.95): fewer than 51 once in 2,000
    assert 36 <= rejected <= 57  # Binomial(60, 0.8): 48 expected


def test_no_effect_is_called_one_about_five_times_in_a_hundred_on_the_real_panel() -> None:
    # 1,000 runs each in docs/benchmarks.md: 3.5 to 5.1 %, noisy and quiet adopters included
    table = false_rejections(runs=30, draws=199)
    assert (table["rejected_at_5"] * 30 <= 5).all()  # Binomial(30, 0.07): more than 5 in 2 %
