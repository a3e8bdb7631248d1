"""Totals within a table: held against the rows they add, and never added themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from gunmane_analysis.intake.check import check_file

HEAD = "団体コード,団体名,年度,職員数"
A, B, C, D, E = (
    "052043,大館市,2024,600",
    "052019,秋田市,2024,2600",
    "062014,山形市,2024,2400",
    "053031,小坂町,2024,70",
    "053279,上小阿仁村,2024,50",
)

# rows of the table; the sum of its municipalities
MATCHING: dict[str, tuple[list[str], int]] = {
    "below": ([A, B, ",小計,2024,3200", C, ",小計,2024,2400", ",合計,2024,5600"], 5600),
    "above": ([",小計,2024,3200", A, B, ",小計,2024,2400", C], 5600),
    "last_block_without_a_total": ([A, B, ",小計,2024,3200", C], 5600),
    "the_last_row_is_a_subtotal": ([A, B, ",小計,2024,3200", C, ",小計,2024,2400"], 5600),
    "by_prefecture_without_code": (
        [A, B, ",秋田県計,2024,3200", C, ",山形県計,2024,2400"], 5600),
    "sum_in_the_middle": ([A, B, ",計,2024,3200", C, ",計,2024,2400", ",総計,2024,5600"], 5600),
    "nested": ([A, B, ",小計,2024,3200", C, ",小計,2024,2400", ",計,2024,5600", D, ",小計,2024,70",
                ",計,2024,70", ",合計,2024,5670"], 5670),
    "by_kind": ([A, B, D, E, ",市計,2024,3200", ",町村計,2024,120", ",合計,2024,3320"], 3320),
    "without_a_year": ([A, B, ",小計,,3200", C, ",小計,,2400", ",合計,,5600"], 5600),
    "a_mark_proves_nothing": (
        [A, "052027,能代市,2024,x", ",小計,2024,900", C, ",小計,2024,2400"], 3000),
}  # fmt: skip

# rows; line of the fault; both numbers
WRONG: dict[str, tuple[list[str], int, tuple[str, str]]] = {
    "below": ([A, B, ",小計,2024,3300", C, ",小計,2024,2400", ",合計,2024,5600"], 4,
              ("3,300", "3,200")),
    "second": ([A, B, ",小計,2024,3200", C, ",小計,2024,2500", ",合計,2024,5600"], 6,
               ("2,500", "2,400")),
    "by_prefecture_without_code": ([A, B, ",秋田県計,2024,3100", C], 4, ("3,100", "3,200")),
    "whole": ([A, B, ",小計,2024,3200", C, ",小計,2024,2400", ",合計,2024,8800"], 7,
              ("8,800", "5,600")),
    "subtotals_added_twice": ([A, B, ",小計,2024,3200", C, ",小計,2024,2400",
                               ",合計,2024,11200"], 7, ("11,200", "5,600")),
    "beside_a_mark": ([A, B, ",小計,2024,3300", "052027,能代市,2024,x", C, ",小計,2024,2400"], 4,
                      ("3,300", "3,200")),
}  # fmt: skip


def write(folder: Path, rows: list[str]) -> Path:
    path = folder / "a.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", MATCHING)
def test_a_matching_subtotal_is_never_added(name: str, tmp_path: Path) -> None:
    rows, total = MATCHING[name]
    checked = check_file(write(tmp_path, rows), "municipal_staffing")
    assert checked.issues.of("fault") == []
    assert checked.totals == {"staff_count": total}
    assert all(row.code for row in checked.rows)


@pytest.mark.parametrize("name", WRONG)
def test_a_subtotal_that_does_not_match_names_both_numbers(name: str, tmp_path: Path) -> None:
    rows, line, (printed, summed) = WRONG[name]
    (fault,) = check_file(write(tmp_path, rows), "municipal_staffing").issues.of("fault")
    assert (fault.row, fault.column, fault.cell) == (line, "職員数", f"D{line}")
    assert f" {printed} と" in fault.message
    assert f" {summed} が一致しません" in fault.message
    assert fault.advice


def test_a_total_of_one_kind_that_does_not_match_is_a_warning(tmp_path: Path) -> None:
    """Which bodies a 町村計 adds is not certain, so that it stops nothing."""
    rows = [A, B, D, E, ",町村計,2024,130", ",合計,2024,3320"]
    checked = check_file(write(tmp_path, rows), "municipal_staffing")
    assert checked.is_accepted
    assert any(" 130 と" in issue.message for issue in checked.issues.of("warning"))
