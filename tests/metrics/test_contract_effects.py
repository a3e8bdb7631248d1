"""Effects from filed tables: who adopted when, what is divided by what, what cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gunmane_analysis.areas import find_area, list_areas
from gunmane_analysis.findings.contracts import expenditure_effect_finding, outcome_effects_finding
from gunmane_analysis.loaders.indicators import load_municipalities
from gunmane_analysis.loaders.tables import (
    load_contract_cases,
    load_contract_cases_public,
    load_contracts,
    load_municipal_panel,
)
from gunmane_analysis.metrics.contracts.effects import (
    adoption_years,
    expenditure_effect,
    outcome_effects,
)
from gunmane_analysis.metrics.position.context import similar_municipalities
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


@pytest.fixture(scope="module")
def profile() -> pd.DataFrame:
    return load_municipalities(2024)


def adoption(register: pd.DataFrame, year: int = 2024) -> pd.DataFrame:
    return adoption_years(register, load_contract_cases(), load_contract_cases_public(), year)


def test_the_earliest_start_of_all_sources_counts_and_march_belongs_to_the_year_before() -> None:
    years = adoption(
        contracts(
            ("05204", "2020-03-31"),
            ("15204", "2024-04-01"),  # a renewal does not make 三条 begin anew
            ("05201", "2025-04-01"),
        )
    ).set_index("municipality_code")
    assert years.loc["05204", "adopted_fiscal_year"] == 2019
    assert "05201" not in years.index  # adopts after the reported year
    assert years.loc["15204", "adopted_fiscal_year"] == 2017  # 三条, as published
    assert years.loc["13206", "adopted_fiscal_year"] == 2014  # 府中, 2014-04
    assert years.loc["22219", "adopted_fiscal_year"] == 2023  # 下田, 2023-10
    assert np.isnan(years.loc["28206", "adopted_fiscal_year"])  # 芦屋 began, nobody says when
    assert not {"22000", "07000"} & set(years.index)  # prefectures


def test_civil_engineering_expenditure_of_the_published_adopters(profile: pd.DataFrame) -> None:
    panel = load_municipal_panel()
    dated = adoption(load_contracts())
    primary, per_head = expenditure_effect(panel, dated, profile, find_area("japan"), 2024)
    assert primary.effect is not None and per_head.effect is not None
    years = dict(
        zip(primary.effect.adopters["unit"], primary.effect.adopters["adopted"], strict=True)
    )
    assert years == {"05204": 2022, "15204": 2017, "22219": 2023, "24202": 2019, "24442": 2024}
    assert set(primary.effect.unused) == {"13206"}  # 府中 began before the series
    # 明和 by hand: the change of the log from 2023 to 2024 against its 20 most similar
    logs = panel.assign(log=np.log(panel["civil_engineering_expenditure_jpy"])).pivot(
        index="municipality_code", columns="fiscal_year", values="log"
    )
    change = logs[2024] - logs[2023]
    others = similar_municipalities(profile, find_area("24442"), 30)["municipality_code"]
    near = [code for code in others if code not in set(dated["municipality_code"])][:20]
    own = primary.effect.adopters.set_index("unit").loc["24442"]
    assert own["estimate"] == pytest.approx(change["24442"] - change[near].mean())
    # residents are known from 2020 on: 三条 and 四日市 have no year before
    assert set(per_head.effect.unused) == {"13206", "15204", "24202"}
    assert primary.is_primary and not per_head.is_primary
    assert per_head.holm_p_value == pytest.approx(per_head.effect.p_value)


def test_the_sentence_says_what_cannot_be_said(profile: pd.DataFrame) -> None:
    effects = expenditure_effect(
        load_municipal_panel(), adoption(load_contracts()), profile, find_area("japan"), 2024
    )
    finding = expenditure_effect_finding(effects)
    for words in ("三条市2017年度", "下田市2023年度", "95%区間", "最小の効果", "p値"):
        assert words in finding.headline
    assert "土木費は契約の費用ではなく" in finding.headline
    # 7 are known to have adopted: 府中 before the series begins, 芦屋 in a year that nobody gives
    assert "導入の知られる7市区町村のうち" in finding.headline
    assert "5市区町村（" in finding.headline
    assert "）の決算の土木費" in finding.headline
    left_out = "使えないもの: 府中市（導入前の年度の値がない）、芦屋市（開始の年度が分からない）"
    assert left_out in "".join(finding.caveats)
    assert "効果があったともなかったともいえない" in finding.headline
    assert "選ばれている" in "".join(finding.caveats)
    assert "1市区町村ずつ除くと" in "".join(finding.caveats)
    assert "nan" not in finding.headline + finding.certainty + "".join(finding.caveats)
    assert len(finding.table) == 6 + 4  # the average and each adopter, of both outcomes
    assert "*" not in finding.headline


def test_a_known_effect_on_response_days_is_found_by_the_same_function(
    profile: pd.DataFrame,
) -> None:
    register = contracts(("05201", "2022-04-01"), ("05203", "2022-04-01"), ("05207", "2023-04-01"))
    adopters = {"05201": 2022, "05203": 2022, "05204": 2022, "05207": 2023}
    akita = find_area("05")
    found = outcome_effects(
        outcomes(adopters, -4.0), load_municipal_panel(), adoption(register), profile, akita, 2024
    )
    assert [each.outcome.name for each in found] == ["response_days"]
    effect = found[0].effect
    assert effect is not None
    assert effect.low < -4.0 < effect.high
    assert effect.p_value < 0.01
    finding = outcome_effects_finding(found, akita, is_filed=True)
    assert "偶然だけでは起こりにくい" in finding.headline
    assert "事務局に登録された対応日数" in finding.headline
    # the declared outcome is not filed: the first that is does not take its place unsaid
    assert not found[0].is_primary
    assert finding.headline.startswith("主に見る結果と定めた道路1km当たり経費")
    assert "値が登録されていない" in finding.headline
    assert "データを見る前に道路1km当たり経費" in "".join(finding.caveats)


def test_the_declared_outcome_is_the_headline_although_another_is_clearer(
    profile: pd.DataFrame,
) -> None:
    adopters = {"05201": 2022, "05203": 2022, "05204": 2022}
    register = contracts(("05201", "2022-04-01"), ("05203", "2022-04-01"))
    rows = outcomes(adopters, -4.0)
    random = np.random.default_rng(7)
    rows = rows.assign(maintenance_cost_jpy=1e8 * random.uniform(0.9, 1.1, len(rows)))
    sizes = rows[["municipality_code", "fiscal_year"]].assign(
        road_length_m=1e5, population_count=1e4
    )
    akita = find_area("05")
    found = outcome_effects(rows, sizes, adoption(register), profile, akita, 2024)
    assert [each.is_primary for each in found] == [True, False]
    finding = outcome_effects_finding(found, akita, is_filed=True)
    assert finding.headline.startswith("導入の知られる")
    assert finding.headline.index("道路1km当たり経費") < finding.headline.index("対応日数")


def test_money_is_not_compared_without_its_denominator(profile: pd.DataFrame) -> None:
    rows = outcomes({}, 0.0).assign(maintenance_cost_jpy=1e8, response_days=np.nan)
    dated = adoption(contracts(("05201", "2022-04-01")))
    nothing = empty_table("municipal_panel")
    found = outcome_effects(rows, nothing, dated, profile, find_area("05"), 2024)
    assert [each.effect for each in found] == [None]
    finding = outcome_effects_finding(found, find_area("05"), is_filed=True)
    assert "割る数" in finding.headline


def test_nothing_is_told_where_nobody_adopted_and_what_is_missing_is_named() -> None:
    dated, okinawa = adoption(empty_table("contracts")), find_area("47")
    nothing = pd.DataFrame()
    assert expenditure_effect(load_municipal_panel(), dated, nothing, okinawa, 2024) == ()
    assert expenditure_effect_finding(()).placement == "absent"
    unfiled = outcome_effects_finding((), okinawa, is_filed=False)
    assert "登録されていない" in unfiled.headline


@pytest.mark.parametrize("area_id", ["japan", "tohoku", "05", "05204"])
def test_without_any_figure_the_page_says_so(area_id: str, profile: pd.DataFrame) -> None:
    effects = expenditure_effect(
        empty_table("municipal_panel"), adoption(load_contracts()), profile, find_area(area_id),
        2024,
    )  # fmt: skip
    finding = expenditure_effect_finding(effects)
    assert "推定できない" in finding.headline
