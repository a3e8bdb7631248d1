"""What the groups notebook words: nothing filed, a prefecture, a block, the model regions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from gunmane_analysis.areas import children, find_area, town_hall
from gunmane_analysis.charts.outlines import Extent, extent_of, outlines_of, path_of, simplified
from gunmane_analysis.findings.groups import (
    area_groups_finding,
    model_regions_finding,
    near_divisions_finding,
    pairs_finding,
)
from gunmane_analysis.loaders.assumed import load_group_thresholds
from gunmane_analysis.metrics.groups.question import (
    AreaGroups,
    area_groups,
    model_region_comparison,
)

CODES = [area.area_id for area in children(find_area("18"))]
CHAIN = pd.DataFrame({"municipality_code": CODES[:-1], "neighbour_municipality_code": CODES[1:]})


def units(technicians: float | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "municipality_code": CODES,
            "fiscal_year": 2024,
            "technician_count": [technicians] * len(CODES),
            "general_staff_count": [100.0] * len(CODES),
            "civil_engineering_expenditure_jpy": [1e9] * len(CODES),
            "population_count": [10_000.0] * len(CODES),
            "fiscal_index": [0.5] * len(CODES),
        }
    ).astype({"technician_count": "float64"})


def asked(table: pd.DataFrame, area_id: str, adjacency: pd.DataFrame = CHAIN) -> AreaGroups:
    return area_groups(table, adjacency, find_area(area_id), 2024, load_group_thresholds(2024))


def test_a_chain_of_17_with_5_technicians_each_makes_8_groups() -> None:
    # threshold 10 needs two neighbours: 17 // 2 = 8 groups, one of them of three
    finding = area_groups_finding(asked(units(5.0), "18"), CHAIN)
    assert finding.headline.startswith(
        "福井県の17市区町村は、2024年4月1日現在の技術系職員を10人以上とする8の群の候補に"
    )
    assert sorted(finding.table["municipality_count"]) == [2] * 7 + [3]
    assert any("例示" in caveat for caveat in finding.caveats)
    assert finding.chart is not None


def test_general_staff_stand_in_only_where_technicians_are_not_filed_and_are_named() -> None:
    found = asked(units(None), "18201")
    assert found.measure == "general_staff_count"
    assert "土木部門職員ではない" in area_groups_finding(found, CHAIN).headline


@pytest.mark.parametrize(
    ("table", "area_id", "obstacle"),
    [
        (units(5.0).iloc[:0], "18", "not_filed"),
        (units(5.0).iloc[:0], "japan", "not_filed"),
        (units(5.0), "japan", "too_large"),
        (units(5.0).assign(fiscal_year=2030), "18", "not_filed"),
        (units(0.1), "18", "below"),
    ],
)
def test_what_is_missing_is_said(table: pd.DataFrame, area_id: str, obstacle: str) -> None:
    found = asked(table, area_id)
    assert found.obstacle == obstacle
    finding = area_groups_finding(found, CHAIN)
    assert find_area(area_id).name in finding.headline or obstacle == "too_large"
    assert finding.key_figures == ()


def test_what_one_municipality_lacks_is_not_pooled_and_the_last_whole_year_is() -> None:
    rows = pd.concat([units(5.0), units(5.0).assign(fiscal_year=2023, technician_count=np.nan)])
    rows.loc[(rows["fiscal_year"] == 2024) & (rows["municipality_code"] == CODES[0]),
             ["technician_count", "general_staff_count"]] = np.nan  # fmt: skip
    found = asked(rows.reset_index(drop=True), "18")
    assert (found.measure, found.fiscal_year) == ("general_staff_count", 2023)
    finding = area_groups_finding(found, CHAIN)
    assert "2023年4月1日現在の一般行政部門職員" in finding.headline
    assert any("技術系職員数が" in caveat for caveat in finding.caveats)


def pooled(codes: list[str], technicians: float = 5.0) -> pd.DataFrame:
    return units(technicians).iloc[[0] * len(codes)].assign(municipality_code=codes)


def test_a_group_may_cross_a_prefecture_where_the_block_is_the_region() -> None:
    # three towns in a chain over the border of 富山 and 石川: 5 + 5 reach 10 only across it
    codes = ["16202", "17201", "17202"]
    chain = pd.DataFrame({"municipality_code": ["16202"], "neighbour_municipality_code": ["17201"]})
    found = area_groups(
        pooled(codes), chain, find_area("hokuriku"), 2024, {"technician_count": 10.0}
    )
    assert (found.score.group_count, found.crossing_count, found.score.ungrouped_count) == (1, 1, 1)
    finding = area_groups_finding(found, chain)
    assert "県境をまたぐもの1" in finding.headline
    assert finding.table["members"].tolist() == ["高岡市、金沢市"]


def test_a_model_region_is_compared_inside_its_prefecture() -> None:
    regions = pd.DataFrame(
        {
            "group_no": [1, 1, 2],
            "pattern": ["広域連携", "広域連携", "多分野連携"],
            "municipality_code": [CODES[0], CODES[1], "35201"],
            "body_name": ["甲", "乙", "丙"],
            "is_representative": [True, False, True],
        }
    )
    pair = pd.DataFrame(
        {"municipality_code": [CODES[0]], "neighbour_municipality_code": [CODES[1]]}
    )
    args = (pooled(CODES[:2]), pair, find_area("japan"), 2024, {"technician_count": 10.0}, regions)
    compared = model_region_comparison(*args)
    assert compared[["group_no", "overlap", "reaches_threshold"]].to_numpy().tolist() == [
        [1, 1.0, True]
    ]
    finding = model_regions_finding(compared, find_area("japan"))
    # nothing is filed here: what is shipped stands in for staff and neighbours
    assert {"municipal_series", "municipal_adjacency", "model_regions"} <= set(finding.source_ids)
    assert "構成がすべて同じものは1" in finding.headline


def test_a_model_region_has_what_its_own_members_have_whoever_must_stay_with_them() -> None:
    # a town of 2 that a filed condition keeps together with its neighbour of 9: the region has 2
    table = units(9.0)
    table.loc[table["municipality_code"] == CODES[0], "technician_count"] = 2.0
    together = pd.DataFrame(
        {"condition": "together", "label": "甲", "municipality_code": CODES[:2], "reason": ""}
    )
    region = pd.DataFrame(
        {
            "group_no": [1], "pattern": ["多分野連携"], "municipality_code": CODES[:1],
            "body_name": ["甲"], "is_representative": [True],
        }
    )  # fmt: skip
    compared = model_region_comparison(
        table, CHAIN, find_area("japan"), 2024, {"technician_count": 10.0}, region, together
    )
    assert compared[["municipality_count", "amount"]].to_numpy().tolist() == [[1, 2.0]]
    assert not compared["reaches_threshold"].any()


def test_outlines_are_drawn_where_every_municipality_has_one_and_town_halls_otherwise() -> None:
    def square(code: str) -> tuple[list[float], list[float]]:
        north, east = town_hall(code)
        return [east, east + 0.1, east + 0.1, east, east], [north, north, north + 0.1] + [north] * 2

    outlines = pd.DataFrame(
        {
            "area_code": CODES,
            "polygon_no": 0,
            "ring_no": 0,
            "longitudes": [square(code)[0] for code in CODES],
            "latitudes": [square(code)[1] for code in CODES],
        }
    )
    found = asked(units(5.0), "18")
    whole = area_groups_finding(found, CHAIN, outlines)
    lacking = area_groups_finding(found, CHAIN, outlines.iloc[1:])
    assert whole.chart is not None and lacking.chart is not None
    assert whole.chart.content != lacking.chart.content
    assert "boundaries" in whole.source_ids and "boundaries" not in lacking.source_ids


def test_a_far_island_is_left_out_of_the_map_and_a_near_one_is_not() -> None:
    mainland = shapely.box(139.0, 35.0, 140.0, 36.0)
    far = pd.Series([mainland, shapely.Point(142.2, 27.1)])
    near = pd.Series([mainland, shapely.Point(139.3, 34.7)])
    assert extent_of(far, far[:1]).leaves_out
    assert not extent_of(near, near[:1]).leaves_out


def outlines(*rings: list[tuple[float, float]]) -> pd.Series:
    return pd.Series([shapely.Polygon(ring) for ring in rings], list("abc")[: len(rings)])


def test_a_border_is_the_same_line_from_both_sides_and_an_islet_vanishes() -> None:
    wave = [(0.02 * np.sin(step), 0.01 * step) for step in range(101)]  # from (0, 0) to the north
    west = [*wave, (-1.0, 1.0), (-1.0, 0.0)]
    east = [*wave[::-1], (1.0, 0.0), (1.0, 1.0)]
    islet = [(0.5, 1.5), (0.501, 1.5), (0.501, 1.501)]
    extent = Extent(np.array([-1.0, 0.0]), np.array([1.0, 2.0]), leaves_out=False)
    drawn = simplified(extent.on_page(outlines(west, east, islet), np.array([500.0, 500.0])))
    assert list(drawn.index) == ["a", "b"]
    border = [
        {tuple(point) for point in path_of(side).vertices.tolist() if abs(point[0] - 250) < 50}
        for side in drawn
    ]
    assert border[0] == border[1]
    assert 10 < len(border[0]) < 101


def test_what_a_map_cannot_show_is_left_out_and_no_point_strays() -> None:
    turns = np.linspace(0, 2 * np.pi, 2001)
    circle = list(zip(np.cos(turns).tolist(), np.sin(turns).tolist(), strict=True))
    extent = Extent(np.array([-1.0, -1.0]), np.array([1.0, 1.0]), leaves_out=False)
    (kept,) = simplified(extent.on_page(outlines(circle), np.array([400.0, 400.0])))
    corners = shapely.get_coordinates(kept)
    assert len(corners) < 100
    assert np.abs(np.hypot(*(corners - 200).T) - 200).max() < 0.5


def test_a_hole_stays_open_and_every_other_ring_is_an_island() -> None:
    def ring(west: float, side: float) -> dict[str, list[float]]:
        across = [west, west + side, west + side, west, west]
        return {"longitudes": across, "latitudes": [1.0, 1.0, 1.0 + side, 1.0 + side, 1.0]}

    rings = pd.DataFrame([ring(0.0, 3.0), ring(0.5, 1.0), ring(5.0, 1.0)]).assign(area_code="05201")
    assert outlines_of(rings, ["05201"])["05201"].area == pytest.approx(9.0 - 1.0 + 1.0)


def test_conditions_are_told_with_their_source_and_distances_may_be_limited() -> None:
    table, thresholds = units(5.0), load_group_thresholds(2024)
    conditions = pd.DataFrame(
        {
            "condition": ["together", "together", "apart", "apart"],
            "label": ["合成甲", "合成甲", "乙", "乙"],
            "municipality_code": [CODES[0], CODES[1], CODES[4], CODES[5]],
            "reason": pd.Series([None] * 4, dtype="str"),
        }
    )
    area = find_area("18")
    found = area_groups(table, CHAIN, area, 2024, thresholds, conditions)
    finding = area_groups_finding(found, CHAIN)
    assert "group_conditions" in finding.source_ids
    assert any(
        "同じ群にする1、別の群にする1" in caveat and "合成データ" in caveat
        for caveat in finding.caveats
    )
    without = area_groups_finding(asked(table, "18"), CHAIN)
    assert "group_conditions" not in without.source_ids
    near = area_groups(table, CHAIN, area, 2024, thresholds, max_distance_km=10.0)
    assert near.score is not None and near.score.longest_span_km <= 10.0
    far = asked(table, "18")
    assert far.score is not None and far.score.longest_span_km > 10.0


def test_other_divisions_and_pairs_are_listed_a_municipality_with_its_own() -> None:
    # a chain of 17 falls into 8 groups in many ways, so that hardly a pair is certain
    found = asked(units(5.0), "18")
    assert found.proposals is not None
    divisions = near_divisions_finding(found)
    assert divisions is not None
    assert len(divisions.table) == len(found.proposals.solutions) > 1
    pairs = pairs_finding(found)
    assert pairs is not None
    assert pairs.table["together_share"].is_monotonic_decreasing
    own = pairs_finding(asked(units(5.0), CODES[0]))
    assert own is not None
    first = find_area(CODES[0]).name
    assert (own.table.filter(like="_code_ja") == first).any(axis=1).all()
    # the first of the chain only ever joins the second
    assert own.table.loc[0, "other_municipality_code_ja"] == find_area(CODES[1]).name
    assert own.table.loc[0, "together_share"] == 1.0
