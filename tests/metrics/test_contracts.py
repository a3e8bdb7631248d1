"""Contracts against the figures printed in the documents, and against cases worked by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.findings.contracts import nearest_cases_finding
from gunmane_analysis.loaders.indicators import load_municipalities
from gunmane_analysis.loaders.tables import (
    load_bundle_kinds,
    load_consultation_desks,
    load_contract_cases,
    load_contract_phases,
    load_mowing_example,
    load_stated_effects,
)
from gunmane_analysis.metrics.contracts.cases import (
    bundle_kinds,
    contract_cases,
    contract_phases,
    mowing_break_even,
    nearest_cases,
    stated_effects,
)
from gunmane_analysis.metrics.people.support import desks_of

# Million yen a year: 3.0億円/3年, 4.21〜4.74億円/1年4か月, 11.3億円/5年, 1.3億円/3年.
ANNUAL = {
    "odate": (100.0, 100.0),
    "yokkaichi": (315.75, 355.5),
    "sanjo": (226.0, 226.0),
    "meiwa": (43.33, 43.33),
}


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    return load_contract_cases()


@pytest.mark.parametrize("case_id", ANNUAL)
def test_annual_amounts_are_the_printed_ones(cases: pd.DataFrame, case_id: str) -> None:
    known = contract_cases(cases, 2024)
    row = known[known["case_id"] == case_id].iloc[0]
    found = tuple(
        round(float(row[name]) / 1e6, 2) for name in ("annual_low_jpy", "annual_high_jpy")
    )
    assert found == ANNUAL[case_id]


def test_rounding_is_half_the_last_printed_digit(cases: pd.DataFrame) -> None:
    by_case = contract_cases(cases, 2024).set_index("case_id")["annual_rounding_jpy"]
    # 1.3億円 is 1.25 to 1.35億円: ±500万円 in 3 years. 4.21億円: ±50万円 in 16 months.
    assert by_case["meiwa"] == pytest.approx(5_000_000 / 3)
    assert by_case["yokkaichi"] == pytest.approx(500_000 / 16 * 12)


def test_per_resident_only_where_the_whole_town_is_covered(cases: pd.DataFrame) -> None:
    by_case = contract_cases(cases, 2024).set_index("case_id")["annual_per_resident_jpy"]
    assert by_case.dropna().index.tolist() == ["meiwa"]
    assert by_case["meiwa"] == pytest.approx(130_000_000 / 3 / 23_000)


def test_nothing_is_known_before_the_documents(cases: pd.DataFrame) -> None:
    assert contract_cases(cases, 2023).empty
    assert contract_phases(load_contract_phases(), 2019).empty
    assert stated_effects(load_stated_effects(), 2019).empty
    assert bundle_kinds(load_bundle_kinds(), cases, 2019).empty
    assert mowing_break_even(load_mowing_example(), 2019).table.empty


def test_the_callers_table_is_left_alone(cases: pd.DataFrame) -> None:
    before = cases.copy()
    contract_cases(cases, 2024)
    nearest_cases(cases, find_area("05204"), 2024)
    pd.testing.assert_frame_equal(cases, before)


def test_all_phase_lines_are_kept_and_one_is_planned() -> None:
    phases = contract_phases(load_contract_phases(), 2024)
    counts = phases.groupby("place_id").size().to_dict()
    assert counts == {
        "fukushima_miyashita": 4,
        "tochigi": 3,
        "sanjo": 4,
        "yokkaichi": 2,
        "odate": 3,
        "meiwa": 1,
    }
    planned = phases[phases["is_planned"]]
    assert planned[["place_id", "from_fiscal_year"]].to_numpy().tolist() == [["odate", 2025]]


def test_a_phase_to_come_is_kept_only_if_planned() -> None:
    phases = load_contract_phases().assign(known_fiscal_year=2020)
    kept = contract_phases(phases, 2020)
    assert set(kept.loc[kept["from_fiscal_year"] > 2020, "is_planned"]) == {True}


def test_distance_of_a_case_to_another_worked_by_hand(cases: pd.DataFrame) -> None:
    near = nearest_cases(cases, find_area("05204"), 2024).cases.set_index("case_id")
    assert near.index[0] == "odate"
    assert near.loc["odate", "distance"] == 0
    by_hand = (math.log(92 / 67) + math.log(61 / 48)) / 2
    assert near.loc["sanjo", "distance"] == pytest.approx(by_hand)
    assert near.index[1] == "sanjo"


def test_a_municipality_with_population_alone_is_compared_by_it(cases: pd.DataFrame) -> None:
    given = pd.DataFrame({"municipality_code": ["05203"], "population_count": [23_000.0]})
    nearest = nearest_cases(cases, find_area("05203"), 2024, given)
    first = nearest.cases.iloc[0]
    assert (first["case_id"], first["distance"], first["measure_count"]) == ("meiwa", 0.0, 1)


def test_the_filed_population_orders_cases_and_the_page_says_of_which_day(
    cases: pd.DataFrame,
) -> None:
    filed = pd.DataFrame(
        {
            "municipality_code": ["05203"],
            "population_count": [86_000.0],
            "population_count_year": [2021.0],
            "civil_staff_count": [float("nan")],
        }
    )
    near = nearest_cases(cases, find_area("05203"), 2024, filed)
    # 大館 has 67,000 residents as printed: 67 / 86 of the filed 86,000
    odate = near.cases.set_index("case_id").loc["odate"]
    assert odate["population_ratio"] == pytest.approx(67 / 86)
    finding = nearest_cases_finding(near)
    assert {"contract_cases", "municipal_series"} <= set(finding.source_ids)
    assert any("人口は2022-01-01現在" in caveat for caveat in finding.caveats)
    assert any("土木部門職員数は登録されていない" in caveat for caveat in finding.caveats)


def test_nothing_filed_gives_no_distance(cases: pd.DataFrame) -> None:
    none = load_municipalities(2024).assign(population_count=float("nan"))
    assert not nearest_cases(cases, find_area("05203"), 2024, none).has_distance


def test_a_block_gets_its_cases_first_and_no_distance(cases: pd.DataFrame) -> None:
    nearest = nearest_cases(cases, find_area("hokuriku"), 2024)
    assert not nearest.has_distance
    assert nearest.cases["case_id"].iloc[0] == "sanjo"
    assert nearest.cases["is_in_block"].sum() == 1
    assert len(nearest.cases) == 4


def test_mowing_costs_the_same_at_1_53_times_as_many_cuts() -> None:
    even = mowing_break_even(load_mowing_example(), 2024)
    assert round(even.price_ratio, 2) == 1.53
    assert even.table["specified_times"].tolist() == [2, 3]
    assert even.table["specified_cost_jpy"].tolist() == [270_000, 405_000]
    assert even.table["whole_times"].tolist() == [3, 4]
    cost = even.table["equal_cost_times"] * even.performance_price_jpy * even.area_m2
    assert cost.round(6).tolist() == [270_000, 405_000]


def test_mowing_needs_both_kinds() -> None:
    with pytest.raises(DesignError, match="2行がそろっていません"):
        mowing_break_even(load_mowing_example().iloc[:1], 2024)


def test_statements_stand_orderer_first(cases: pd.DataFrame) -> None:
    effects = stated_effects(load_stated_effects(), 2024)
    assert effects["stated_by"].drop_duplicates().tolist() == [
        "orderer",
        "contractor",
        "resident",
        "not_stated",
    ]
    assert len(effects) == 23


def test_all_published_cases_stand_under_one_bundle(cases: pd.DataFrame) -> None:
    counted = bundle_kinds(load_bundle_kinds(), cases, 2024).set_index("kind_id")["case_count"]
    assert counted["contractors"] == 4
    assert counted.sum() == 4


@pytest.mark.parametrize(
    ("area_id", "offices"),
    [("15", ["北陸地方整備局"]), ("okinawa", ["沖縄総合事務局"]), ("01", ["北海道開発局"])],
)
def test_an_area_gets_the_desk_of_its_bureau(area_id: str, offices: list[str]) -> None:
    desks = desks_of(load_consultation_desks(), find_area(area_id))
    assert [office.split(" ")[0] for office in desks["office"]] == offices


def test_an_address_that_two_documents_print_differently_is_left_out() -> None:
    desks = desks_of(load_consultation_desks(), find_area("japan")).set_index("block_id")
    assert len(desks) == 11
    assert desks.index[desks["is_email_disputed"]].tolist() == ["kinki", "okinawa"]
    assert desks["email"].isna().tolist() == desks["is_email_disputed"].tolist()
