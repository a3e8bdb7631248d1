"""Filed experts, requests, needs and technologies reach the page; 合成データ is marked."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import find_area
from gunmane_analysis.findings.people import (
    advisors_finding,
    area_support_finding,
    area_technologies_finding,
    published_trials_finding,
    ranking_quality_finding,
    support_gaps_finding,
)
from gunmane_analysis.loaders.assumed import load_matching_weights
from gunmane_analysis.loaders.tables import load_activity_plan
from gunmane_analysis.metrics.people.matching import AreaSupport, area_support
from gunmane_analysis.metrics.people.seeds import (
    area_technologies,
    published_trials,
    register_quality,
)

ADVISORS = pd.DataFrame(
    {
        "advisor_id": ["合成助言者1"],
        "organisation_kind": "me",
        "fields": "road",
        "stages": "technology",
        "base_municipality_code": "05201",
        "available_days": 3.0,
        "suited_population_low": 1000.0,
        "suited_population_high": 1e6,
        "as_of_on": "2024-04-01",
    }
)
REQUESTS = pd.DataFrame(
    {
        "request_id": ["合成1", "合成2", "合成3"],
        "municipality_code": ["05202", "05204", "47201"],
        "field": ["road", "river", "road"],
        "stage": "technology",
        "population_count": 50_000.0,
        "requested_on": ["2024-05-01", "2024-05-01", "2025-05-01"],
        "remark": None,
    }
)
NEEDS = pd.DataFrame(
    {
        "need_id": ["合成甲", "合成乙"],
        "technology_theme": ["橋梁の点検", "除雪"],
        "body_name": ["大館市", "秋田市"],
        "municipality_code": ["05204", "05201"],
        "as_of_on": "2024-05-01",
        "text": ["橋梁の点検。近接目視を減らしたい", "雪"],
    }
)
SEEDS = pd.DataFrame(
    {
        "seed_id": ["合成A"],
        "technology_name": ["ドローンによる橋梁の点検"],
        "as_of_on": "2024-05-01",
        "text": ["ドローンによる橋梁の点検。"],
    }
)


def test_a_request_without_an_expert_of_its_field_stays_open_and_is_named() -> None:
    weights = load_matching_weights(2024)
    found = area_support(REQUESTS, ADVISORS, weights, find_area("05"), 2024)
    assert found is not None
    assert found.table.set_index("request_id")["advisor_id"].fillna("").to_dict() == {
        "合成1": "合成助言者1",
        "合成2": "",
    }
    finding = support_gaps_finding(found)
    assert finding.status_label == "合成データ"
    assert "相談2件のうち1件" in finding.headline
    assert "河川1件" in finding.headline
    assert finding.summary.startswith("合成データでは")
    listed = area_support_finding(found)
    assert listed is not None and listed.status_label == "合成データ"
    assert listed.table["reason_ja"].isna().tolist() == [False, True]  # what is open comes first


def test_nothing_filed_or_asked_by_then_shows_nothing() -> None:
    weights = load_matching_weights(2024)
    assert not area_support(REQUESTS, ADVISORS.iloc[:0], weights, find_area("05"), 2024)
    assert not area_support(REQUESTS, ADVISORS, weights, find_area("47"), 2024)
    assert area_technologies(NEEDS.iloc[:0], SEEDS, find_area("05"), 2024).empty


def test_a_need_that_no_technology_resembles_is_counted_as_such() -> None:
    ranked = area_technologies(NEEDS, SEEDS, find_area("05"), 2024)
    assert ranked["technology_name"].notna().tolist() == [True, False]
    assert "橋梁の点検" in ranked.loc[0, "terms"]
    finding = area_technologies_finding(ranked, find_area("05"))
    assert "2件のうち" in finding.headline and "1件である" in finding.headline
    assert finding.headline.startswith("合成データでは")


def supported(area_id: str) -> AreaSupport:
    found = area_support(REQUESTS, ADVISORS, load_matching_weights(2025), find_area(area_id), 2025)
    assert found is not None
    return found


def test_a_block_and_the_nation_count_requests_and_list_none_of_them() -> None:
    for area_id in ("japan", "tohoku"):
        assert area_support_finding(supported(area_id)).placement == "absent"
    gaps = support_gaps_finding(supported("japan"))
    assert gaps is not None
    # one expert with one place: of two on roads one is served, the river has nobody
    rows = gaps.table.set_index(["block_name", "field_ja"])
    assert rows.loc[("全国", "道路"), ["request_count", "open_count"]].tolist() == [2, 1]
    assert rows.loc[("東北", "河川"), "no_expert_count"] == 1
    assert ("東北", "道路") not in rows.index  # nothing is open there


def test_what_changes_when_the_only_expert_leaves_and_who_is_idle() -> None:
    found = supported("05")
    row = found.advisors.set_index("advisor_id").loc["合成助言者1"]
    assert row[["capacity", "area_count", "free_count"]].tolist() == [1, 1, 0]
    # the served request stays open, no other expert takes it
    assert row[["moved_count", "opened_count"]].tolist() == [0, 1]
    finding = advisors_finding(found)
    assert "1件に助言者がいなくなる" in finding.headline
    assert "うち0人にまだ空きがある" in finding.headline


def test_an_expert_registered_later_is_not_used() -> None:
    later = ADVISORS.assign(as_of_on="2026-04-01")
    weights = load_matching_weights(2024)
    assert not area_support(REQUESTS, later, weights, find_area("05"), 2024)


def test_a_need_of_a_prefecture_is_on_its_page_and_on_those_above() -> None:
    needs = NEEDS.iloc[:1].assign(municipality_code=None, body_name="秋田県")
    for area_id, expected in {"05": 1, "tohoku": 1, "japan": 1, "05204": 0, "06": 0}.items():
        assert len(area_technologies(needs, SEEDS, find_area(area_id), 2024)) == expected


def test_the_published_trials_are_on_their_blocks_pages_only() -> None:
    plan = load_activity_plan()
    assert [len(published_trials(plan, find_area(each))) for each in ("34", "japan", "05")] == [
        4,
        4,
        0,
    ]
    area = find_area("05")
    assert (
        "東北の現場試験はない"
        in published_trials_finding(published_trials(plan, area), area).headline
    )


def test_judged_pairs_say_how_well_the_ranking_does() -> None:
    judged = pd.DataFrame(
        {
            "need_id": ["合成甲", "合成乙"],
            "seed_id": ["合成A", "合成A"],
            "is_relevant": [True, False],
        }
    )
    quality = register_quality(NEEDS, SEEDS, judged, 2024)
    finding = ranking_quality_finding(quality)
    assert quality
    # one need judged to fit, found first: MRR 1, and one of the first three
    assert (quality.need_count, quality.mean_reciprocal_rank) == (1, 1.0)
    assert quality.table["precision_at_k"].round(3).tolist() == [1.0, 0.333, 0.2]
    assert finding.status_label == "合成データ"
    assert not register_quality(NEEDS, SEEDS, judged.iloc[1:], 2024)
