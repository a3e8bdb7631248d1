"""The shipped municipal figures: every check value of their makers, and what is filed wins."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gunmane_analysis.findings.profile import profile_filings_finding
from gunmane_analysis.intake.check import check_file
from gunmane_analysis.loaders.filing import register_file
from gunmane_analysis.loaders.store import load_source_differences, load_table
from gunmane_analysis.loaders.tables import (
    load_adjacency,
    load_contract_cases_public,
    load_group_units,
    load_municipal_fiscal_index,
    load_municipal_indicators,
    load_municipal_panel,
    load_municipal_population,
    load_national_facts,
    load_population_projection,
    load_profile_filings,
)


def sum_by_year(table: pd.DataFrame, column: str) -> dict[int, float]:
    known = table.dropna(subset=[column])
    return {int(year): total for year, total in known.groupby("fiscal_year")[column].sum().items()}


def test_staff_sum_to_the_published_totals() -> None:
    assert sum_by_year(load_municipal_indicators(), "general_staff_count") == {
        2021: 685_635,
        2022: 688_601,
        2023: 692_204,
        2024: 697_282,
    }


def test_expenditure_sums_to_the_published_totals_in_yen() -> None:
    thousands = {
        2015: 6_644_682_254,
        2016: 6_630_984_281,
        2017: 6_608_979_741,
        2018: 6_495_788_396,
        2019: 6_404_474_429,
        2020: 6_542_935_834,
        2021: 6_513_793_746,
        2022: 6_466_952_666,
        2023: 6_447_616_040,
        2024: 6_653_179_616,
    }
    in_yen = {year: value * 1000 for year, value in thousands.items()}
    column = "civil_engineering_expenditure_jpy"
    for table in (load_municipal_panel(), load_municipal_indicators(), load_group_units()):
        assert sum_by_year(table, column) == in_yen
    total = sum_by_year(load_municipal_indicators(), "total_expenditure_jpy")
    assert (total[2015], total[2022]) == (55_925_006_636_000, 65_886_843_920_000)
    assert max(total) == 2022


def test_residents_roads_and_bridges_sum_to_the_published_totals() -> None:
    panel = load_municipal_panel()
    residents = {
        2020: 126_654_244,
        2021: 125_927_902,
        2022: 125_416_877,
        2023: 124_885_175,
        2024: 124_330_690,
    }
    assert sum_by_year(panel, "population_count") == residents
    by_day = load_municipal_population().groupby("as_of_on")["population_count"].sum()
    assert by_day.to_dict() == {f"{year + 1}-01-01": count for year, count in residents.items()}
    assert sum_by_year(panel, "road_length_m")[2024] == 1_038_269_970
    assert sum_by_year(panel, "bridges_inspected_count") == {2024: 505_649}
    assert sum_by_year(panel, "bridges_needing_repair_count") == {2024: 32_874}
    inspected = panel.loc[panel["fiscal_year"] == 2024, "bridges_inspected_count"]
    assert int(inspected.isna().sum()) == 19


def test_outlook_and_neighbours() -> None:
    outlook = load_population_projection()
    total = outlook.groupby("year")["population_count"].sum()
    assert (total[2020], total[2050]) == (126_146_099, 104_686_386)
    own = outlook[outlook["municipality_code"] == "05204"].set_index("year")["population_count"]
    assert round(own[2050] / own[2020] * 100, 1) == 57.3
    assert outlook["municipality_code"].nunique() == 1729
    pairs = load_adjacency()
    assert len(pairs) == 4400
    everybody = set(pairs.to_numpy().ravel())
    assert 1741 - len(everybody) == 48


def test_odate_as_published() -> None:
    def of(table: pd.DataFrame) -> pd.Series:
        return table.set_index(["municipality_code", "fiscal_year"]).loc[("05204", 2024)]

    staff, panel = (
        of(load_municipal_indicators())["general_staff_count"],
        of(load_municipal_panel()),
    )
    assert staff == 467
    assert round(staff / panel["population_count"] * 1000, 2) == 7.13
    per_resident = panel["civil_engineering_expenditure_jpy"] / panel["population_count"]
    assert round(per_resident) == 58_072
    share = panel["bridges_needing_repair_count"] / panel["bridges_inspected_count"]
    assert round(share * 100, 1) == 17.2
    assert of(load_municipal_fiscal_index())["current_balance_ratio"] == 94


def test_a_burden_ratio_printed_as_a_dash_is_none_and_not_unknown() -> None:
    index = load_municipal_fiscal_index()
    missing = index["future_burden_ratio"].isna()
    assert set(index.loc[missing, "future_burden_ratio_status"]) == {"not_applicable"}
    assert set(index.loc[~missing, "future_burden_ratio_status"]) == {""}


def test_a_part_of_a_year_stands_in_no_other_year() -> None:
    """A report of FY2019 finds 土木費 and nothing that was counted later."""
    early = load_municipal_panel().query("fiscal_year <= 2019")
    known = early.notna().any()
    assert set(known.index[known]) == {
        "municipality_code",
        "fiscal_year",
        "civil_engineering_expenditure_jpy",
        "area_km2",
    }
    assert (
        load_municipal_indicators().query("fiscal_year <= 2019")["general_staff_count"].isna().all()
    )


def test_the_other_files_are_whole() -> None:
    base = load_table("municipal_base")
    assert len(base) == 1741
    assert len(load_contract_cases_public()) == 14
    facts = load_national_facts()
    zero = facts[facts["what"].str.startswith("土木・建築の技師数が0人")]
    assert zero["value"].astype("int64").tolist() == [40, 262, 131]


PANEL = (
    "code5,name,pref,fy,population,doboku_exp,fi_財政力指数,area_km2,roadLengthM,bridgesInspected"
)


def test_what_is_filed_wins_for_its_year_and_the_difference_is_reported(
    own_project: Path, tmp_path: Path
) -> None:
    path = tmp_path / "municipal_panel_2024.csv"
    path.write_text(
        f"{PANEL},bridgesNeedRepair\n05204,大館市,秋田県,2024,65492,3900000000,0.42,913.22,,441,\n",
        encoding="utf-8",
    )
    register_file(check_file(path, "municipal_panel"))
    panel = load_municipal_panel().set_index(["municipality_code", "fiscal_year"])
    odate = panel.loc[("05204", 2024)]
    assert odate["civil_engineering_expenditure_jpy"] == 3_900_000_000  # filed
    assert odate["road_length_m"] == 900_309  # left empty in the file, shipped
    assert panel.loc[("05204", 2023), "civil_engineering_expenditure_jpy"] == 3_149_509_000
    assert len(panel) == 17_410
    told = load_source_differences()
    assert told[["table_id", "column", "year", "different_count"]].to_numpy().tolist() == [
        ["municipal_panel", "civil_engineering_expenditure_jpy", "2024", 1]
    ]
    assert told[["value", "other_value"]].astype("float64").iloc[0].tolist() == [
        3_900_000_000,
        3_803_226_000,
    ]
    said = profile_filings_finding(load_profile_filings(), told).caveats
    assert "1件の値が違う" in said[0]
    assert said[1].startswith("土木費 2024年: 1件のうち1件。最も違う団体コード05204は")


@pytest.mark.parametrize(("dash", "status"), [("－", "not_applicable"), ("-", "not_applicable")])
def test_a_dash_in_a_filed_row_is_not_filled(
    own_project: Path, tmp_path: Path, dash: str, status: str
) -> None:
    path = tmp_path / "000456.csv"
    path.write_text(
        "団体コード,都道府県名,団体名,財政力指数,経常収支比率,実質公債費比率,将来負担比率,ラスパイレス指数\n"
        f"052043,秋田県,大館市,0.42,93.8,8.9,{dash},97.1\n",
        encoding="utf-8",
    )
    register_file(check_file(path, "mic_fiscal_index", 2024))
    index = load_municipal_fiscal_index().set_index(["municipality_code", "fiscal_year"])
    odate = index.loc[("05204", 2024)]
    assert odate["current_balance_ratio"] == 93.8
    assert pd.isna(odate["future_burden_ratio"])
    assert odate["future_burden_ratio_status"] == status
    # 93.8 is within the rounding of 94; a dash against 86 is not
    assert load_source_differences()["column"].tolist() == ["future_burden_ratio"]
