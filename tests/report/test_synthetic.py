"""合成データ is marked on every finding that uses a source with marked rows, and on no other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import gunmane_analysis as gunmane
from gunmane_analysis.findings.finding import Column, Finding, mark_by_source
from gunmane_analysis.tables import empty_table


def finding(finding_id: str, *source_ids: str) -> Finding:
    return Finding(
        finding_id=finding_id,
        title="題",
        headline="秋田県の技術者は6人である。",
        table=pd.DataFrame({"a": [1]}),
        columns=(Column("a", "列"),),
        source_ids=source_ids,
        summary="技術者は6人。",
    )


def test_a_finding_is_marked_where_one_of_its_sources_has_marked_rows() -> None:
    findings = (
        finding("staffing.technicians", "municipal_series", "municipal_staffing"),
        finding("staffing.trend", "prefecture_series"),
    )
    own, other = mark_by_source(findings, frozenset({"municipal_staffing"}))
    assert (own.status, own.headline) == (
        "synthetic",
        "合成データでは、秋田県の技術者は6人である。",
    )
    assert own.summary == "合成データでは、技術者は6人。"
    assert other is findings[1]
    assert mark_by_source((own,), frozenset({"municipal_staffing"})) == (own,)  # once only


def ledger() -> pd.DataFrame:
    begun = pd.Series(pd.date_range("2022-04-01", periods=12, freq="15D"))
    later = (begun + pd.Timedelta(days=90)).dt.strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            **dict.fromkeys(empty_table("funnel_cases")),
            "case_id": [f"A{number}" for number in range(12)],
            "block_id": "tohoku",
            "considered_on": begun.dt.strftime("%Y-%m-%d"),
            "established_on": later,
            "as_of_on": "2024-03-31",
        }
    )


def of_ledger(cases: pd.DataFrame) -> Finding:
    return gunmane.time_to_stage_finding(gunmane.stage_curves(cases), "東北")


def forum_counts() -> pd.DataFrame:
    stages = ["considered", "established", "trialled", "implemented"]
    return pd.DataFrame(
        {
            "fiscal_year": 2024,
            "block_id": ["tohoku"] * 4 + ["kinki"] * 4,
            "stage": stages * 2,
            "case_count": [20, 10, 5, 2, 30, 12, 6, 3],
            "counting_rule": "nested",
        }
    )


def of_counts(counts: pd.DataFrame) -> Finding:
    return gunmane.region_comparison_finding(gunmane.comparable_regions(counts, 2024))


def register() -> pd.DataFrame:
    codes = [area.area_id for area in gunmane.list_areas("municipality")]
    return pd.DataFrame(
        {
            "municipality_code": codes,
            "programme": "government_membership",
            "is_member": [code[:2] == "05" for code in codes],
            "as_of_on": "2024-05-01",
        }
    )


def of_register(rows: pd.DataFrame) -> Finding:
    printed = gunmane.participation_rates(gunmane.load_participation(), 2024)
    by_area = gunmane.participation_by_area(rows, ["05", "japan"], 2024)
    return gunmane.municipal_participation_finding(by_area, printed, "05")


def of_members(rows: pd.DataFrame) -> Finding:
    few = pd.DataFrame({"municipality_code": ["02201"], "technician_count": [1.0]})
    outside = gunmane.not_joined(rows, few, "青森県", 2024)
    return gunmane.not_joined_finding(outside, "青森県")


def technicians() -> pd.DataFrame:
    counts = {"fiscal_year": 2023, "civil_engineer_count": 2.0, "architect_count": 0.0}
    return empty_table("municipal_staffing").reindex([0, 1]).assign(
        municipality_code=["05204", "05209"], **counts
    )  # fmt: skip


def of_technicians(rows: pd.DataFrame) -> Finding:
    members = register().assign(is_member=False)
    few = gunmane.latest_technicians(rows, 2024)
    outside = gunmane.not_joined(members, few, "秋田県", 2024)
    return gunmane.not_joined_finding(outside, "秋田県")


def group_units() -> pd.DataFrame:
    codes = [place.area_id for place in gunmane.children("福井県")]
    return empty_table("group_units").reindex(range(len(codes))).assign(
        municipality_code=codes, fiscal_year=2024, technician_count=5.0, population_count=1e4
    )  # fmt: skip


def of_units(rows: pd.DataFrame) -> Finding:
    codes = rows["municipality_code"].tolist()
    chain = pd.DataFrame(
        {"municipality_code": codes[:-1], "neighbour_municipality_code": codes[1:]}
    )
    asked = (rows, chain, "福井県", 2024, {"technician_count": 10.0})
    counts = gunmane.candidate_group_counts(rows, chain, ["福井県"], *asked[3:])
    found = gunmane.area_groups(*asked)
    assert counts["is_synthetic"].eq(found.is_synthetic).all()
    return gunmane.area_groups_finding(found, chain)


def contracts() -> pd.DataFrame:
    return empty_table("contracts").reindex([0]).assign(
        contract_id="K1", municipality_code="05204", infrastructure_fields="road",
        start_on="2022-04-01", end_on="2025-03-31", amount_jpy=3e7, is_synthetic=False,
    )  # fmt: skip


def of_contracts(rows: pd.DataFrame) -> Finding:
    known = gunmane.known_contracts(
        gunmane.load_contract_cases().iloc[:0],
        gunmane.load_contract_cases_public().iloc[:0],
        rows,
        2024,
    )
    near = gunmane.nearest_contracts(known, gunmane.load_municipalities(2024), "05")
    return gunmane.known_contracts_finding(near, "05")


def panel() -> pd.DataFrame:
    return gunmane.simulate_adoption(units=12, adopters=6, effect=-6.0, seed=4).panel


def of_panel(rows: pd.DataFrame) -> Finding:
    effect = gunmane.bundling_effect(
        rows, outcome="outcome", unit="unit", time="fiscal_year", adopted="adopted_fiscal_year"
    )
    return gunmane.bundling_effect_finding(effect, outcome="経費", unit="百万円")


@pytest.mark.parametrize(
    ("rows", "finding_of"),
    [
        (ledger, of_ledger),
        (forum_counts, of_counts),
        (register, of_register),
        (register, of_members),
        (technicians, of_technicians),
        (group_units, of_units),
        (contracts, of_contracts),
        (panel, of_panel),
    ],
)
def test_the_mark_of_ones_own_rows_reaches_the_finding(
    rows: Callable[[], pd.DataFrame], finding_of: Callable[[pd.DataFrame], Finding]
) -> None:
    plain = rows()
    marks = np.zeros(len(plain), dtype=bool)
    assert finding_of(plain.assign(is_synthetic=marks)).status != "synthetic"
    marks[0] = True  # one is enough
    if finding_of is of_members:
        marks[:] = True
    marked = finding_of(plain.assign(is_synthetic=marks))
    assert marked.status == "synthetic"
    assert marked.headline.startswith("合成データでは、")
