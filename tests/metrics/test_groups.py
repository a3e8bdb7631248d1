"""Proposals of groups: a published example, the optimum by brute force, every condition."""

from __future__ import annotations

import csv
import itertools
import math
import pickle
import random
import warnings
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from gunmane_analysis.areas import children, find_area, list_areas, read_code
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.groups.problem import GroupProblem, components, group_problem
from gunmane_analysis.metrics.groups.proposal import propose_groups
from gunmane_analysis.metrics.groups.question import (
    candidate_group_counts,
    score_groups,
    score_model_regions,
)
from gunmane_analysis.tables import describe

OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "official"
CODES = [area.area_id for area in children(find_area("18"))]  # 福井県, 17 municipalities


def grid_problem(width: int, height: int, amounts: list[float], threshold: float) -> GroupProblem:
    """A chessboard of places: who touches side by side are neighbours."""
    cells = list(itertools.product(range(height), range(width)))
    near = {
        place: frozenset(
            cells.index(beside)
            for beside in ((row, col + 1), (row, col - 1), (row + 1, col), (row - 1, col))
            if beside in cells
        )
        for place, (row, col) in enumerate(cells)
    }
    nodes = tuple((f"{place:05d}",) for place in range(len(cells)))
    places = tuple((35.0 + row * 0.1, 135.0 + col * 0.1) for row, col in cells)
    return GroupProblem(nodes, tuple(amounts), near, places, threshold, frozenset(), None)


def partitions(members: list[int]) -> Iterator[list[list[int]]]:
    """Every way to divide a list into non-empty parts."""
    if not members:
        yield []
        return
    first, rest = members[0], members[1:]
    for smaller in partitions(rest):
        yield [[first], *smaller]
        for place, part in enumerate(smaller):
            yield [*smaller[:place], [first, *part], *smaller[place + 1 :]]


def most_groups(problem: GroupProblem) -> int:
    """The optimum, by trying every division."""
    return max(
        len(division)
        for division in partitions(list(range(len(problem.nodes))))
        if all(
            problem.total(part) >= problem.threshold and problem.is_contiguous(frozenset(part))
            for part in division
        )
    )


@pytest.mark.parametrize("seed", range(8))
def test_as_many_groups_as_brute_force_finds(seed: int) -> None:
    draw = random.Random(seed)
    amounts = [float(draw.randint(0, 9)) for _ in range(9)]
    problem = grid_problem(3, 3, amounts, threshold=sum(amounts) / 4)
    proposals = propose_groups(problem, seeds=6)
    assert proposals.group_count == most_groups(problem)


def mexico() -> GroupProblem:
    """libpysal's example: 32 states, each of amount 1."""
    geopandas, libpysal = pytest.importorskip("geopandas"), pytest.importorskip("libpysal")
    states = geopandas.read_file(libpysal.examples.get_path("mexicojoin.shp"))
    borders = libpysal.weights.Queen.from_dataframe(states, use_index=False)
    middles = states.geometry.representative_point()
    return GroupProblem(
        nodes=tuple((f"{place:05d}",) for place in range(borders.n)),
        amounts=(1.0,) * borders.n,
        neighbours={place: frozenset(borders.neighbors[place]) for place in range(borders.n)},
        places=tuple(zip(middles.y, middles.x, strict=True)),
        threshold=4.0,
        apart=frozenset(),
        max_distance_km=None,
    )


def test_mexico_has_eight_regions_of_at_least_four_states() -> None:
    # spopt's documentation: count >= 4 and seed 123456 give 8 regions
    problem = mexico()
    assert len(problem.nodes) == 32
    assert propose_groups(problem, seeds=4, seed=123456).group_count == 8


def test_a_row_on_which_other_heuristics_never_end_is_solved() -> None:
    row = grid_problem(3, 1, [1.0, 2.0, 1.0], threshold=2.0)
    assert propose_groups(row, seeds=2).group_count == most_groups(row)


def test_the_same_seed_gives_the_same_proposal() -> None:
    problem = grid_problem(4, 4, [1.0] * 16, threshold=4.0)
    one, other = (propose_groups(problem, seeds=3, seed=5) for _ in range(2))
    pd.testing.assert_frame_equal(one.membership, other.membership)


def test_every_group_is_contiguous_and_reaches_the_threshold() -> None:
    problem = grid_problem(5, 5, [float(place % 4) for place in range(25)], threshold=5.0)
    proposals = propose_groups(problem, seeds=4)
    node_of = {node[0]: place for place, node in enumerate(problem.nodes)}
    for (_, _), group in proposals.membership.groupby(["solution_no", "group_no"]):
        members = frozenset(node_of[code] for code in group["municipality_code"])
        assert problem.is_contiguous(members)
        assert problem.total(members) >= 5.0


def test_pairs_stay_together_as_often_as_counted_by_hand() -> None:
    # a row of four of amount 1, threshold 2: only {0,1},{2,3} has two groups;
    # divisions of one group fewer (all four) never arise from max-p
    problem = grid_problem(4, 1, [1.0] * 4, threshold=2.0)
    together = propose_groups(problem, seeds=4).together
    pairs = together.set_index(["municipality_code", "other_municipality_code"])["together_share"]
    assert pairs["00000", "00001"] == 1.0
    assert pairs["00002", "00003"] == 1.0


def conditions(*rows: tuple[str, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["condition", "label", "municipality_code"])
    return describe("group_conditions").check(
        table.assign(reason=None).astype({"reason": "str"}), "試験の表"
    )


def chain(codes: list[str]) -> pd.DataFrame:
    pairs = pd.DataFrame(
        {"municipality_code": codes[:-1], "neighbour_municipality_code": codes[1:]}
    )
    return describe("adjacency").check(pairs, "試験の表")


def groups_of(table: pd.DataFrame) -> list[list[str]]:
    return [group["municipality_code"].tolist() for _, group in table.groupby("group_no")]


def test_municipalities_kept_together_are_never_parted() -> None:
    codes = CODES[:4]
    problem = group_problem(
        dict.fromkeys(codes, 1.0),
        chain(codes),
        2.0,
        conditions(("together", "甲", codes[1]), ("together", "甲", codes[2])),
    )
    assert (codes[1], codes[2]) in problem.nodes
    for group in groups_of(propose_groups(problem, seeds=2).best):
        assert (codes[1] in group) == (codes[2] in group)


def test_municipalities_kept_apart_never_share_a_group() -> None:
    codes = CODES[:6]
    problem = group_problem(
        dict.fromkeys(codes, 1.0),
        chain(codes),
        3.0,
        conditions(("apart", "乙", codes[0]), ("apart", "乙", codes[2])),
    )
    best = propose_groups(problem, seeds=3).best
    groups = groups_of(best)
    assert groups
    assert all(not {codes[0], codes[2]} <= set(group) for group in groups)


def test_groups_do_not_cross_a_basin() -> None:
    codes = CODES[:4]
    basins = conditions(
        *[("within", "九頭竜川", code) for code in codes[:2]],
        *[("within", "北川", code) for code in codes[2:]],
    )
    problem = group_problem(dict.fromkeys(codes, 1.0), chain(codes), 2.0, basins)
    assert groups_of(propose_groups(problem, seeds=1).best) == [codes[:2], codes[2:]]


def test_a_municipality_of_no_basin_does_not_join_two_basins() -> None:
    codes = CODES[:3]  # a chain; the one in the middle names no basin
    basins = conditions(("within", "九頭竜川", codes[0]), ("within", "北川", codes[2]))
    amounts = dict.fromkeys(codes, 1.0)
    all_three = group_problem(amounts, chain(codes), 3.0, basins)
    assert groups_of(propose_groups(all_three, seeds=3).best) == []
    two = groups_of(propose_groups(group_problem(amounts, chain(codes), 2.0, basins), seeds=3).best)
    assert two in ([codes[:2]], [codes[1:]])


def test_no_town_hall_lies_farther_than_asked() -> None:
    problem = grid_problem(6, 1, [1.0] * 6, threshold=3.0)
    near = GroupProblem(
        problem.nodes,
        problem.amounts,
        problem.neighbours,
        problem.places,
        problem.threshold,
        frozenset(),
        max_distance_km=10.0,  # neighbours are 9.1 km apart, the next but one 18.2 km
    )
    best = propose_groups(near, seeds=2)
    assert best.group_count == 0
    assert best.best["group_no"].isna().all()


def test_an_island_stays_alone() -> None:
    codes = ["28224", "28205", "28226"]  # 南あわじ市, 洲本市, 淡路市
    island = "34431"  # 大崎上島町
    problem = group_problem({**dict.fromkeys(codes, 2.0), island: 1.0}, chain(codes), 2.0)
    assert propose_groups(problem, seeds=1).best.set_index("municipality_code")[
        "group_no"
    ].isna().to_dict() == {**dict.fromkeys(codes, False), island: True}


def test_a_problem_can_be_kept_so_that_pages_of_one_prefecture_share_a_search() -> None:
    problem = group_problem(dict.fromkeys(CODES[:4], 1.0), chain(CODES[:4]), 2.0)
    assert pickle.loads(pickle.dumps(problem)) == problem


def units_of(codes: list[str], technicians: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "municipality_code": codes,
            "fiscal_year": 2024,
            "technician_count": technicians,
            "general_staff_count": 1.0,
            "civil_engineering_expenditure_jpy": 1.0,
            "population_count": 1.0,
            "fiscal_index": 1.0,
        }
    )


def test_groups_that_could_form_are_counted_by_prefecture_and_summed() -> None:
    # 福井県: a chain of 17 with 5 each, threshold 10: 17 // 2 = 8 groups of all 17;
    # 山梨県: three of its 27 in a chain with 1 each, all together below the threshold
    near = [area.area_id for area in children(find_area("19"))][:3]
    filed = pd.concat([units_of(CODES, 5.0), units_of(near, 1.0)], ignore_index=True)
    pairs = pd.concat([chain(CODES), chain(near)], ignore_index=True)
    both, asked = [find_area("18"), find_area("19")], (2024, {"technician_count": 10.0})
    counted = candidate_group_counts(filed, pairs, both, *asked).set_index("area_id")
    columns = ["municipality_count", "group_count", "grouped_count", "alone_count"]
    assert counted[columns].to_numpy().tolist() == [[17, 8, 17, 0], [27, 0, 0, 0], [44, 8, 17, 0]]
    assert counted.loc["total", "threshold"] == 10.0
    absent = candidate_group_counts(units_of(CODES, 5.0), pairs, both, *asked)
    assert absent["group_count"].isna().tolist() == [False, True, True]


def test_who_reaches_the_threshold_alone_is_no_group() -> None:
    # 福井県: the first of the chain has 12 and needs nobody; the other two have 5 each
    three = CODES[:3]
    filed = pd.concat([units_of(three[:1], 12.0), units_of(three[1:], 5.0)], ignore_index=True)
    asked = ([find_area("18")], 2024, {"technician_count": 10.0})
    counted = candidate_group_counts(filed, chain(three), *asked).iloc[0]
    assert counted[["group_count", "grouped_count", "alone_count"]].tolist() == [1, 2, 1]


@pytest.mark.parametrize(
    ("amounts", "threshold", "told"),
    [
        ({"18201": float("nan")}, 1.0, "18201"),
        ({"18201": -1.0}, 1.0, "18201"),
        ({"18201": 1.0}, 0.0, "正の値"),
    ],
)
def test_unusable_figures_are_refused(
    amounts: dict[str, float], threshold: float, told: str
) -> None:
    with pytest.raises(DesignError, match=told):
        group_problem(amounts, chain(CODES[:2]), threshold)


@pytest.mark.parametrize("kinds", [("apart",), ("within",)])
def test_contradictory_conditions_are_refused(kinds: tuple[str, ...]) -> None:
    codes = CODES[:2]
    clash = [("together", "甲", code) for code in codes]
    for kind in kinds:
        labels = ("乙", "乙") if kind == "apart" else ("乙", "丙")
        clash += [(kind, label, code) for label, code in zip(labels, codes, strict=True)]
    with pytest.raises(DesignError, match="矛盾"):
        group_problem(dict.fromkeys(codes, 1.0), chain(codes), 1.0, conditions(*clash))


def test_scores_by_hand() -> None:
    division = pd.DataFrame(
        {"municipality_code": CODES[:3], "group_no": pd.array([1, 1, None], dtype="Int64")}
    )
    units = pd.DataFrame(
        {
            "municipality_code": CODES[:3],
            "technician_count": [3.0, 4.0, 1.0],
            "population_count": [100.0, 50.0, 10.0],
            "fiscal_index": [0.8, 0.3, 0.2],
        }
    )
    score = score_groups(division, units, "technician_count")
    assert (score.group_count, score.ungrouped_count, score.worst_amount) == (1, 1, 7.0)
    assert score.fiscal_index_range == pytest.approx(0.5)


def test_a_group_without_residents_has_no_ratio_of_populations() -> None:
    """In 2016 nobody lived in 双葉町 and its neighbours: the census counted 0."""
    division = pd.DataFrame({"municipality_code": CODES[:2], "group_no": [1, 2]})
    units = division.assign(technician_count=[5.0, 6.0], population_count=[0.0, 900.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        score = score_groups(division, units.drop(columns="group_no"), "technician_count")
    assert math.isnan(score.population_ratio)


needs_official = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="../shared is not here")


def official_rows(name: str) -> list[dict[str, str]]:
    with (OFFICIAL / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@needs_official
def test_the_real_model_regions_against_what_would_have_been_proposed() -> None:
    bodies = official_rows("model_regions/model_regions_2023-12-01.csv")
    regions = describe("model_regions").check(
        pd.DataFrame(
            {
                "group_no": [int(row["group_no"]) for row in bodies],
                "pattern": [row["pattern"] for row in bodies],
                "municipality_code": [read_code(row["lgcode6"]).code for row in bodies],
                "body_name": [row["name"] for row in bodies],
                "is_representative": [row["is_representative"] == "1" for row in bodies],
            }
        ),
        "モデル地域",
    )
    assert len(regions) == 40
    pairs = official_rows("boundaries/derived_adjacency_N03-20210101.csv")
    adjacency = pd.DataFrame(
        {
            "municipality_code": [row["code5_a"] for row in pairs],
            "neighbour_municipality_code": [row["code5_b"] for row in pairs],
        }
    )
    population = {
        row["code5"]: float(row["population"])
        for row in official_rows("municipal_panel/municipal_panel_2020_2024.csv")
        if row["fy"] == "2023"
    }
    nara = [area.area_id for area in children(find_area("29"))]
    problem = group_problem({code: population[code] for code in nara}, adjacency, 20_000.0)
    proposals = propose_groups(problem, seeds=2)
    scored = score_model_regions(regions, problem, proposals.best)
    region = scored.iloc[0]  # 宇陀市・曽爾村・御杖村・東吉野村 with 奈良県
    assert len(scored) == 1
    assert region["municipality_count"] == 4
    assert region["has_prefecture"]
    assert region["is_contiguous"]
    assert 0.0 < region["overlap"] <= 1.0
    counted = regions[regions["municipality_code"].str.len() == 5].groupby("group_no").size()
    assert len(counted) == 11
    known = {area.area_id for area in list_areas("municipality")}
    near: dict[int, set[int]] = {}
    codes = sorted(known)
    place = {code: number for number, code in enumerate(codes)}
    near = {number: set() for number in range(len(codes))}
    for one, other in zip(
        adjacency["municipality_code"], adjacency["neighbour_municipality_code"], strict=True
    ):
        if one in place and other in place:
            near[place[one]].add(place[other])
            near[place[other]].add(place[one])
    for _, group in regions[regions["municipality_code"].str.len() == 5].groupby("group_no"):
        members = [place[code] for code in group["municipality_code"]]
        assert len(components(members, near)) == 1  # every real region is contiguous
