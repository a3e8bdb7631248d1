"""Matching: the optimum by brute force, every part of a cost, stability, gaps, refusals."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.people.matching import (
    PARTS,
    capacities,
    match_advisors,
    pair_costs,
    support_gaps,
    without_advisor,
)
from gunmane_analysis.tables.people import MatchingWeights

WEIGHTS = MatchingWeights(field=10, stage=3, size=1, distance=0.5, limit=6, days_per_request=3)
CODES = ["01100", "05204", "13101", "15204", "23100", "27100", "34100", "40130"]


def requests(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    names = ["request_id", "municipality_code", "field", "stage", "population_count"]
    return pd.DataFrame(rows, columns=names)


def advisors(*rows: tuple[str, str, str, str, float, float, float]) -> pd.DataFrame:
    names = ["advisor_id", "base_municipality_code", "fields", "stages", "available_days",
             "suited_population_low", "suited_population_high"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def drawn(seed: int, requests_count: int, advisors_count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    draw = random.Random(seed)
    asked = requests(
        *(
            (f"r{number}", draw.choice(CODES), draw.choice(["road", "river"]),
             draw.choice(["issues", "procurement"]), draw.choice([5e3, 5e4, 5e5]))
            for number in range(requests_count)
        )
    )  # fmt: skip
    offered = advisors(
        *(
            (f"a{number}", draw.choice(CODES), draw.choice(["road", "river", "road;river"]),
             draw.choice(["issues", "issues;procurement"]), draw.choice([0.0, 3.0, 7.0]),
             1e4, draw.choice([1e5, 1e6]))
            for number in range(advisors_count)
        )
    )  # fmt: skip
    return asked, offered


def least_cost(asked: pd.DataFrame, offered: pd.DataFrame) -> float:
    """The optimum, by trying every assignment of experts or nobody to requests."""
    parts = pair_costs(asked, offered, WEIGHTS)
    cost = np.minimum(np.sum([parts[name] for name in PARTS], axis=0), WEIGHTS.limit)
    room = capacities(offered, WEIGHTS)
    choices = itertools.product([*range(len(offered)), -1], repeat=len(asked))
    return min(
        sum(WEIGHTS.limit if a < 0 else cost[r, a] for r, a in enumerate(choice))
        for choice in choices
        if all(choice.count(a) <= room[a] for a in range(len(offered)))
    )


@pytest.mark.parametrize("seed", range(6))
def test_total_cost_is_the_brute_force_optimum(seed: int) -> None:
    asked, offered = drawn(seed, 5, 4)
    found = match_advisors(asked, offered, WEIGHTS)
    assert found.total_cost == pytest.approx(least_cost(asked, offered))
    served = found.pairs["advisor_id"].value_counts()
    room = dict(zip(offered["advisor_id"], capacities(offered, WEIGHTS), strict=True))
    assert all(count <= room[name] for name, count in served.items())
    assert len(found.pairs) + len(found.open_requests) == 5


def test_the_parts_of_a_cost_by_hand() -> None:
    asked = requests(("r", "05204", "road", "procurement", 5_000))
    offered = advisors(("a", "05204", "river", "issues", 30, 20_000, 100_000))
    parts = pair_costs(asked, offered, WEIGHTS)
    # another field 10, another stage 3, four times too small = two doublings, same town hall
    assert [float(parts[name][0, 0]) for name in PARTS] == [10.0, 3.0, 2.0, 0.0]


def test_unknown_sizes_cost_nothing() -> None:
    asked = requests(("r", "05204", "road", "issues", float("nan")))
    offered = advisors(("a", "05204", "road", "issues", 3, float("nan"), float("nan")))
    assert match_advisors(asked, offered, WEIGHTS).pairs["cost"].tolist() == [0.0]


def test_why_a_request_stays_open() -> None:
    asked = requests(
        ("r1", "05204", "road", "issues", 67_000),
        ("r2", "05204", "road", "issues", 67_000),
        ("r3", "05204", "port", "issues", 67_000),
    )
    offered = advisors(("a", "05204", "road", "issues", 4, 10_000, 100_000))
    found = match_advisors(asked, offered, WEIGHTS)
    reasons = found.open_requests.set_index("request_id")["reason"].to_dict()
    assert reasons.pop("r3") == "no_expert"
    assert list(reasons.values()) == ["all_busy"]
    gaps = support_gaps(found, asked, "regional_bureaus")
    port = gaps[gaps["field"] == "port"].iloc[0]
    assert (port["block_name"], port["open_count"], port["no_expert_count"]) == ("東北", 1, 1)


def test_idle_experts_are_listed() -> None:
    asked = requests(("r", "05204", "road", "issues", 67_000))
    offered = advisors(
        ("near", "05204", "road", "issues", 7, 10_000, 100_000),
        ("far", "40130", "road", "issues", 3, 10_000, 100_000),
    )
    idle = match_advisors(asked, offered, WEIGHTS).idle_advisors.set_index("advisor_id")
    assert idle["free_count"].to_dict() == {"near": 1, "far": 1}


def test_least_total_cost_may_part_the_nearest_pair() -> None:
    # a1 suits both and stands in their town, a2 suits r1 only and stands elsewhere: serving
    # both costs least when r1 gives way, although it would rather have a1
    asked = requests(
        ("r1", "05204", "road", "issues", 67_000), ("r2", "05204", "road", "procurement", 67_000)
    )
    offered = advisors(
        ("a1", "05204", "road", "issues;procurement", 3, 10_000, 100_000),
        ("a2", "05201", "road", "issues", 3, 10_000, 100_000),
    )
    found = match_advisors(asked, offered, WEIGHTS)
    chosen = found.pairs.set_index("request_id")["advisor_id"].to_dict()
    assert chosen == {"r1": "a2", "r2": "a1"}
    assert found.blocking.empty  # a1 serves r2 at cost 0 and would not leave it


def test_what_changes_when_an_expert_leaves() -> None:
    asked = requests(
        ("r1", "05204", "road", "issues", 67_000), ("r2", "05201", "river", "issues", 300_000)
    )
    offered = advisors(
        ("a1", "05204", "road", "issues", 3, 10_000, 1_000_000),
        ("a2", "05201", "road;river", "issues", 3, 10_000, 1_000_000),
    )
    changed = without_advisor(asked, offered, WEIGHTS, "a2")
    assert changed[["request_id", "advisor_before"]].to_numpy().tolist() == [["r2", "a2"]]
    assert changed["advisor_after"].isna().all()
    assert changed["cost_change"].tolist() == [6.0]
    with pytest.raises(DesignError, match="a9"):
        without_advisor(asked, offered, WEIGHTS, "a9")


def test_nothing_to_match_and_repeated_ids_are_refused() -> None:
    asked, offered = drawn(1, 3, 2)
    with pytest.raises(DesignError, match="相談がありません"):
        match_advisors(asked.iloc[:0], offered, WEIGHTS)
    with pytest.raises(DesignError, match="r0"):
        match_advisors(pd.concat([asked, asked.iloc[:1]]), offered, WEIGHTS)
    nobody = match_advisors(asked, offered.iloc[:0], WEIGHTS)
    assert set(nobody.open_requests["reason"]) == {"no_expert"}


def test_a_pair_that_prefers_each_other_is_told() -> None:
    # r1 is a little nearer to a1 than r2; r2 has nobody else but at cost 3 (stage)
    asked = requests(
        ("r1", "05204", "road", "procurement", 67_000), ("r2", "05201", "road", "issues", 300_000)
    )
    offered = advisors(
        ("a1", "05204", "road", "issues;procurement", 3, 10_000, 1_000_000),
        ("a2", "05204", "road", "procurement", 3, 10_000, 1_000_000),
    )
    found = match_advisors(asked, offered, WEIGHTS)
    chosen = found.pairs.set_index("request_id")["advisor_id"].to_dict()
    assert chosen == {"r1": "a2", "r2": "a1"}
    assert found.blocking.empty  # r1 pays 0 with either: nobody is better off
    farther = offered.assign(base_municipality_code=["05204", "02201"])  # a2 in 青森市
    blocking = match_advisors(asked, farther, WEIGHTS).blocking
    assert blocking[["request_id", "advisor_id"]].to_numpy().tolist() == [["r1", "a1"]]
