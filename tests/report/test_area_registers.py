"""Filed experts, requests, needs and technologies reach the page; 合成データ is marked."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import find_area
from gunmane_analysis.loaders.matching import load_matching_weights
from gunmane_analysis.metrics.area_registers import area_support, area_technologies
from gunmane_analysis.report.findings.area_registers import (
    area_support_finding,
    area_technologies_finding,
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
    finding = area_support_finding(found)
    assert finding is not None
    assert finding.status_label == "合成データ"
    assert "相談2件のうち1件" in finding.headline
    assert "河川1件" in finding.headline


def test_nothing_filed_or_asked_by_then_shows_nothing() -> None:
    weights = load_matching_weights(2024)
    assert area_support(REQUESTS, ADVISORS.iloc[:0], weights, find_area("05"), 2024) is None
    assert area_support(REQUESTS, ADVISORS, weights, find_area("47"), 2024) is None
    assert area_technologies(NEEDS.iloc[:0], SEEDS, find_area("05"), 2024).empty


def test_a_need_that_no_technology_resembles_is_counted_as_such() -> None:
    ranked = area_technologies(NEEDS, SEEDS, find_area("05"), 2024)
    assert ranked["technology_name"].notna().tolist() == [True, False]
    assert "橋梁の点検" in ranked.loc[0, "terms"]
    finding = area_technologies_finding(ranked, find_area("05"))
    assert finding is not None
    assert "2件のうち" in finding.headline and "1件である" in finding.headline
    assert finding.headline.startswith("合成データでは")
