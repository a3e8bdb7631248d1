"""Effects from filed tables: who adopted when, what is divided by what, what cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.areas import find_area, list_areas
from gunmane_analysis.findings.effects import (
    expenditure_effect_finding,
    outcome_effects_finding,
)
from gunmane_analysis.loaders.tables import load_contract_cases
from gunmane_analysis.metrics.contracts.effects import (
    adoption_years,
    expenditure_effect,
    outcome_effects,
)
from gunmane_analysis.tables import empty_table

CODES = [area.area_id for area in list_areas("municipality") if area.area_id.startswith("05")]
YEARS = range(2019, 2025)


def contracts(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["municipality_code", "start_on"])


def outcomes(adopters: dict[str, int], effect: float) -> pd.DataFrame:
    """合成データ: a level for each municipality and year, and a known change from adoption on."""
    random = np.random.default_rng(5)
    rows = pd.DataFrame(
        [(code, year) for code in CODES for year in YEARS],
        columns=["municipality_code", "fiscal_year"],
    )
    level = dict(zip(CODES, random.normal(20, 3, len(CODES)), strict=True))
    since = rows["municipality_code"].map(adopters).to_numpy()
    rows["response_days"] = (
        rows["municipality_code"].map(level)
        + (rows["fiscal_year"] - 2019) * 0.5
        + random.normal(0, 0.2, len(rows))
        + effect * (rows["fiscal_year"].to_numpy() >= np.nan_to_num(since, nan=9999))
    )
    return empty_table("contract_outcomes").reindex(range(len(rows))).assign(**rows)


def test_adoption_is_the_earliest_start_and_march_belongs_to_the_year_before() -> None:
    years = adoption_years(
        contracts(("05204", "2020-03-31"), ("05204", "2023-04-01"), ("05201", "2025-04-01")),
        load_contract_cases(),
        2024,
    ).set_index("municipality_code")
    assert years.loc["05204", "adopted_fiscal_year"] == 2019
    assert "05201" not in years.index  # adopts after the reported year
    assert years.loc["15204", "adopted_fiscal_year"] == 2017  # 三条, as published


def test_a_renewal_that_is_registered_moves_no_adoption() -> None:
    years = adoption_years(contracts(("15204", "2022-04-01")), load_contract_cases(), 2024)
    sanjo = years.set_index("municipality_code").loc["15204"]
    assert (sanjo["adopted_fiscal_year"], sanjo["is_published_case"]) == (2017, True)


def test_a_known_effect_on_response_days_is_found_and_the_placebo_comes_first() -> None:
    register = contracts(("05201", "2022-04-01"), ("05203", "2022-04-01"), ("05207", "2023-04-01"))
    adopters = {"05201": 2022, "05203": 2022, "05207": 2023}
    adoption = adoption_years(register, load_contract_cases().iloc[:0], 2024)
    akita = find_area("05")
    found = outcome_effects(
        outcomes(adopters, -4.0), empty_table("municipal_panel"), adoption, akita, 2024
    )
    assert [each.outcome for each in found] == ["response_days"]
    effect = found[0].effect
    assert effect is not None and effect.interval_kind == "placebo"
    assert effect.overall.low < -4.0 < effect.overall.high
    finding = outcome_effects_finding(found, akita, is_filed=True)
    assert "p値は0.00" in finding.headline
    assert finding.headline.index("p値") < finding.headline.index("推定値")
    assert "*" not in finding.headline
    assert "標準誤差による判定" in finding.caveats[0]
    assert any("対応日数について、推定法による違い" in words for words in finding.caveats)
    assert any("1つずつ除いて" in words for words in finding.caveats)


def test_money_is_not_compared_without_its_denominator() -> None:
    rows = outcomes({}, 0.0).assign(maintenance_cost_jpy=1e8, response_days=np.nan)
    adoption = adoption_years(contracts(("05201", "2022-04-01")), load_contract_cases(), 2024)
    found = outcome_effects(rows, empty_table("municipal_panel"), adoption, find_area("05"), 2024)
    assert [each.effect for each in found] == [None]
    finding = outcome_effects_finding(found, find_area("05"), is_filed=True)
    assert "municipal_panel" in finding.headline


def test_nothing_is_told_where_nobody_adopted_and_what_is_missing_is_named() -> None:
    adoption = adoption_years(empty_table("contracts"), load_contract_cases(), 2024)
    okinawa = find_area("47")
    nothing = pd.DataFrame()
    assert (
        expenditure_effect(empty_table("municipal_panel"), adoption, nothing, okinawa, 2024) is None
    )
    assert expenditure_effect_finding(None) is None
    unfiled = outcome_effects_finding((), okinawa, is_filed=False)
    assert "登録されていない" in unfiled.headline


@pytest.mark.parametrize("area_id", ["japan", "tohoku", "05", "05204"])
def test_without_the_municipal_panel_the_page_says_so(area_id: str) -> None:
    adoption = adoption_years(empty_table("contracts"), load_contract_cases(), 2024)
    found = expenditure_effect(
        empty_table("municipal_panel"), adoption, pd.DataFrame(), find_area(area_id), 2024
    )
    finding = expenditure_effect_finding(found)
    assert finding is not None
    assert "municipal_panel" in finding.headline
