"""Known contracts: what each source prints, kept apart by source and dated by fiscal year."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import find_area
from gunmane_analysis.findings.contracts import known_contracts_finding
from gunmane_analysis.loaders.indicators import load_municipalities
from gunmane_analysis.loaders.tables import (
    load_contract_cases,
    load_contract_cases_public,
    load_contracts,
)
from gunmane_analysis.metrics.contracts.known import known_contracts, nearest_contracts
from gunmane_analysis.tables import empty_table


def known(fiscal_year: int = 2024, contracts: pd.DataFrame | None = None) -> pd.DataFrame:
    filed = load_contracts() if contracts is None else contracts
    return known_contracts(load_contract_cases(), load_contract_cases_public(), filed, fiscal_year)


def test_the_documents_and_the_published_rows_stand_beside_each_other() -> None:
    table = known()
    assert table["source_id"].value_counts().to_dict() == {
        "contract_cases_public": 12,  # 14 less 奈良市 (2025) and 日光 (told of in 2025)
        "contract_cases": 4,
    }
    odate = table[table["body_code"] == "05204"]
    assert odate["confidence"].tolist() == ["document", "high"]
    assert odate["amount_low_jpy"].tolist()[0] == 300_000_000
    shizuoka = table[table["body_name"].str.startswith("静岡県")]
    assert shizuoka["body_code"].tolist() == ["22"]  # the prefecture's, not a municipality's
    ashiya = table[table["body_code"] == "28206"].iloc[0]
    assert pd.isna(ashiya["first_fiscal_year"])


def test_a_month_before_april_belongs_to_the_year_before() -> None:
    row = pd.DataFrame(
        [["05203", "x", "road", "2024-03-01", "2027-02-28", 1e8]],
        columns=[
            "municipality_code", "contract_id", "infrastructure_fields", "start_on", "end_on",
            "amount_jpy",
        ],
    )  # fmt: skip
    filed = empty_table("contracts").reindex(range(1)).assign(**row.iloc[0].to_dict())
    table = known(2023, filed)
    yokote = table[table["body_code"] == "05203"].iloc[0]
    assert (yokote["first_fiscal_year"], yokote["term_months"]) == (2023, 36)
    assert (yokote["confidence"], yokote["body_name"]) == ("registered", "横手市")
    assert "contract_cases" not in set(table["source_id"])  # known from 2024


def test_the_nearest_are_those_of_like_size() -> None:
    """三条市 91,178 residents and 横手市 about 80,000: |ln| of both ratios is the smallest."""
    towns = load_municipalities(2024)
    near = nearest_contracts(known(), towns, find_area("05203"))
    bodies = near.drop_duplicates("body_code").set_index("body_name")["distance"]
    assert len(bodies) == 4
    assert bodies.is_monotonic_increasing
    sizes = towns.set_index("area_name").loc[["三条市", "横手市"], "population_count"]
    assert sizes["三条市"] == 91_178
    own = nearest_contracts(known(), towns, find_area("05204"))
    assert own["body_name"].tolist()[:2] == ["大館市", "大館市"]
    assert own["is_in_area"].sum() == 2


def test_findings_say_what_is_known_and_what_is_not() -> None:
    towns = load_municipalities(2024)
    nation = known_contracts_finding(
        nearest_contracts(known(), towns, find_area("japan")), find_area("japan")
    )
    assert nation is not None
    assert "9団体" in nation.headline
    assert set(nation.table["confidence_ja"]) == {"資料の印字", "高い", "中程度"}
    amounts = nation.table.set_index("body_name")
    yokkaichi = amounts.loc[
        "四日市市", ["amount_low_million", "amount_high_million", "amount_basis_ja"]
    ]
    assert yokkaichi.tolist() == [421.0, 474.0, "指示限度額・総額・1地区"]  # 4.21～4.74億円
    assert set(amounts.loc["大館市", "amount_basis_ja"].dropna()) == {"契約額・総額"}
    yokote = find_area("05203")
    beside = known_contracts_finding(nearest_contracts(known(), towns, yokote), yokote)
    assert beside is not None
    assert beside.headline.startswith("横手市の包括的民間委託は、用いた資料では知られていない。")
    okinawa = find_area("47")
    assert (
        known_contracts_finding(nearest_contracts(known(), towns, okinawa), okinawa).placement
        == "absent"
    )
