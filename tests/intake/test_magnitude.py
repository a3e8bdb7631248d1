"""Slips of unit or digits: stopped with both figures; small counts may change as they like."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gunmane_analysis.cli import main
from gunmane_analysis.intake.check import check_file
from gunmane_analysis.loaders.filing import register_file
from gunmane_analysis.loaders.previous import against_filed
from gunmane_analysis.loaders.tables import load_contract_outcomes
from gunmane_analysis.sources import find_source

HEAD = "団体コード,団体名,年度,経費（千円）,苦情件数"
LAST_YEAR = [
    "052043,大館市,2023,150000,3",
    "052019,秋田市,2023,900000,12",
    "062014,山形市,2023,700000,40",
]


def file_of(folder: Path, name: str, *rows: str) -> Path:
    path = folder / name
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return path


def faults(folder: Path, *rows: str) -> list[str]:
    checked = check_file(file_of(folder, "a.csv", *rows), "contract_outcomes")
    return [f"{fault.row} {fault.column} {fault.message}" for fault in checked.issues.of("fault")]


def test_one_cell_in_yen_instead_of_thousands_is_stopped(tmp_path: Path) -> None:
    (fault,) = faults(
        tmp_path,
        *LAST_YEAR,
        "052043,大館市,2024,155000000,4",
        "052019,秋田市,2024,910000,15",
        "062014,山形市,2024,690000,38",
    )
    assert fault.startswith("5 経費（千円） 「経費」が、ほかの年度の約1,000倍です。")
    assert "2023年度 150,000千円（2行目）、2024年度 155,000,000千円" in fault


def test_a_figure_in_millions_is_stopped_too(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, *LAST_YEAR, "052043,大館市,2024,152,4")
    assert "約990分の1" in fault


def test_a_whole_column_is_told_once(tmp_path: Path) -> None:
    (fault,) = faults(
        tmp_path,
        *LAST_YEAR,
        "052043,大館市,2024,150000000,3",
        "052019,秋田市,2024,901000000,12",
        "062014,山形市,2024,700000000,40",
    )
    assert "「経費」の列全体（比べられる 3 行の中央値）が、2023年度の約1,000倍です" in fault


@pytest.mark.parametrize(
    ("before", "after"), [("1", "350"), ("350", "1"), ("3", "899"), ("0", "5000"), ("2", "…")]
)
def test_small_counts_may_change_as_they_like(before: str, after: str, tmp_path: Path) -> None:
    rows = (f"052043,大館市,2023,150000,{before}", f"052043,大館市,2024,150000,{after}")
    assert faults(tmp_path, *rows) == []


@pytest.mark.parametrize("after", ["3000", "1500"])
def test_a_thousandfold_count_is_stopped(after: str, tmp_path: Path) -> None:
    rows = ("052043,大館市,2023,150000,3", f"052043,大館市,2024,150000,{after}")
    assert len(faults(tmp_path, *rows)) == 1


def test_years_far_apart_are_not_compared(tmp_path: Path) -> None:
    rows = ("052043,大館市,2010,150000,3", "052043,大館市,2024,150000000,3")
    assert faults(tmp_path, *rows) == []


def test_a_new_file_is_held_against_what_is_filed(own_project: Path, tmp_path: Path) -> None:
    register_file(check_file(file_of(tmp_path, "R5.csv", *LAST_YEAR)))
    new = file_of(
        tmp_path, "R6.csv", "052043,大館市,2024,150000000,4", "052019,秋田市,2024,910000,15"
    )
    assert check_file(new).is_accepted  # alone, nothing gives it away
    (fault,) = against_filed(check_file(new)).issues.of("fault")
    assert (fault.row, fault.column, fault.cell) == (2, "経費（千円）", "D2")
    assert "大館市は 2023年度 150,000千円（登録済み）、2024年度 150,000,000千円" in fault.message
    assert "--confirmed 05204" in fault.advice
    assert main(["data", "add", str(new)]) == 2
    assert find_source("contract_outcomes").files.keys() == {"contract_outcomes/R5.csv"}


def test_a_confirmed_change_is_filed_and_stays_confirmed(own_project: Path, tmp_path: Path) -> None:
    path = file_of(tmp_path, "a.csv", LAST_YEAR[0], "052043,大館市,2024,150000000,4")
    assert main(["data", "add", str(path)]) == 2
    assert main(["data", "add", str(path), "--confirmed", "05204"]) == 0
    read_as = find_source("contract_outcomes").read_as("contract_outcomes/a.csv")
    assert read_as == (None, frozenset({"05204"}))
    assert load_contract_outcomes()["maintenance_cost_jpy"].tolist() == [1.5e8, 1.5e11]


def test_a_corrected_file_may_replace_the_one_that_slipped(
    own_project: Path, tmp_path: Path
) -> None:
    register_file(check_file(file_of(tmp_path, "a.csv", "052043,大館市,2024,150000000,4")))
    path = file_of(tmp_path, "a.csv", "052043,大館市,2024,150000,4", "052043,大館市,2023,149000,4")
    replaced = ["data", "replace", "contract_outcomes", "a.csv", str(path), "--reason", "千円"]
    assert main(replaced) == 0


def test_hours_for_days_are_seen_by_the_column(tmp_path: Path) -> None:
    """合成データ: a column 240 times as high is stopped though no cell reaches 1,000."""
    head = "団体コード,年度,経費（千円）,対応日数"
    lines = [
        f"{code},{year},150000,{days * (240 if year == 2024 else 1)}"
        for code, days in (("052043", 3), ("052019", 2), ("062014", 4))
        for year in (2023, 2024)
    ]
    path = tmp_path / "days.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    (fault,) = check_file(path, "contract_outcomes").issues.of("fault")
    assert "約240倍" in fault.message


def total_cost(folder: Path, heading: str, cell: str) -> tuple[float, list[str]]:
    path = folder / "b.csv"
    path.write_text(
        f"団体コード,団体名,年度,{heading}\n052043,大館市,2024,{cell}\n", encoding="utf-8"
    )
    checked = check_file(path, "contract_outcomes")
    told = [fault.message for fault in checked.issues.of("fault")]
    return checked.totals["maintenance_cost_jpy"], told


def test_a_heading_with_its_unit_or_our_own_name_says_what_a_figure_is(tmp_path: Path) -> None:
    assert total_cost(tmp_path, "経費（千円）", "150000") == (150e6, [])
    assert total_cost(tmp_path, "maintenance_cost_jpy", "150000000") == (150e6, [])


def test_thousands_of_yen_are_never_assumed(tmp_path: Path) -> None:
    _, (fault,) = total_cost(tmp_path, "経費", "150000")
    assert "「経費」に単位がなく、値が円か千円か決まりません" in fault


def estat_csv(path: Path, *rows: tuple[str, str, str, str], unit: str = "人") -> Path:
    """A file of e-Stat's data base in long form: item, area, year, value."""
    lines = [f"{item},人口,{area},{year}100000,{unit},{value}" for item, area, year, value in rows]
    head = "cat01_code,項目,area_code,time_code,unit,value"
    path.write_text("\n".join([head, *lines]), encoding="utf-8")
    return path


def estat_item(path: Path, values: dict[str, dict[str, str]]) -> Path:
    document = {"code": "A1101", "name": "人口", "unit": "人", "values": values}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_thousandfold_figure_in_a_series_of_estat_is_stopped(tmp_path: Path) -> None:
    good = {"2022": {"05": "930000", "06": "1040000"}, "2023": {"05": "914000", "06": "1026000"}}
    assert check_file(estat_item(tmp_path / "a.json", good)).is_accepted
    slipped = {**good, "2023": {"05": "914", "06": "1026000"}}
    path = estat_item(tmp_path / "b.json", slipped)
    faults = check_file(path).issues.of("fault")
    assert [fault.code for fault in faults] == ["magnitude-cell"]
    assert "地域 05は 2022年度 930,000人、2023年度 914人" in faults[0].message
    assert "--confirmed 05" in faults[0].advice
    confirmed = check_file(path, confirmed=frozenset({"05"}))
    assert confirmed.is_accepted and len(confirmed.issues.of("warning")) == 1


def test_a_year_of_a_series_in_another_unit_is_told_once(tmp_path: Path) -> None:
    areas = ("05", "06", "07")
    years = {"2022": dict.fromkeys(areas, "900000"), "2023": dict.fromkeys(areas, "900")}
    faults = check_file(estat_item(tmp_path / "a.json", years)).issues.of("fault")
    assert [fault.code for fault in faults] == ["magnitude-column"]
    assert "2022年度の約1,000分の1です" in faults[0].message


def test_the_same_guard_reads_the_csv_of_estat(tmp_path: Path) -> None:
    rows = [("A1101", "05000", "2022", "930000"), ("A1101", "05000", "2023", "914000000")]
    faults = check_file(estat_csv(tmp_path / "a.csv", *rows)).issues.of("fault")
    assert [fault.code for fault in faults] == ["magnitude-cell"]
