"""Broken and awkward files of our own: each accepted with its true total, or refused by place."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from gunmane_analysis.areas import check_digit
from gunmane_analysis.intake.check import check_file

HEAD = "団体コード,団体名,年度,職員数"
GOOD = ["052043,大館市,2024,600", "052019,秋田市,2024,2600", "062014,山形市,2024,2400"]
TOTAL = 5600


def text(*lines: str, head: str = HEAD) -> bytes:
    return ("\n".join([head, *lines]) + "\n").encode()


def with_cell(value: str) -> bytes:
    """Return a good file whose first staff count is written as given."""
    return text(f"052043,大館市,2024,{value}", *GOOD[1:])


def with_code(value: str, name: str = "") -> bytes:
    return text(f"{value},{name},2024,600", *GOOD[1:])


ACCEPTED: dict[str, tuple[bytes, float]] = {
    "plain": (text(*GOOD), TOTAL),
    "crlf": (text(*GOOD).replace(b"\n", b"\r\n"), TOTAL),
    "cr_only": (text(*GOOD).replace(b"\n", b"\r"), TOTAL),
    "no_final_newline": (text(*GOOD).rstrip(b"\n"), TOTAL),
    "utf16_be": (text(*GOOD).decode().encode("utf-16-be").join([b"\xfe\xff", b""]), TOTAL),
    "cp932": (text(*GOOD).decode().encode("cp932"), TOTAL),
    "semicolons": (text(*GOOD).replace(b",", b";"), TOTAL),
    "title_above": ("令和6年度の職員数\n\n".encode() + text(*GOOD), TOTAL),
    "two_title_rows": ("表1,,,\n（単位：人）,,,\n".encode() + text(*GOOD), TOTAL),
    "unit_in_heading": (text(*GOOD, head="団体コード,団体名,年度,職員数（人）"), TOTAL),
    "heading_with_note": (text(*GOOD, head="団体コード,団体名,年度,職員数※1"), TOTAL),
    "heading_with_spaces": (text(*GOOD, head="団体 コード,団 体 名,年　度,職員数"), TOTAL),
    "full_width_heading_unit": (text(*GOOD, head="団体コード,団体名,年度,職員数（ 人 ）"), TOTAL),
    "other_columns": (text(*(f"{row},x" for row in GOOD), head=f"{HEAD},備考"), TOTAL),
    "swapped_columns": (text("600,2024,大館市,052043", head="職員数,年度,団体名,団体コード"), 600),
    "without_names": (text("052043,2024,600", head="団体コード,年度,職員数"), 600),
    "five_digit_codes": (text("05204,大館市,2024,600", "05201,秋田市,2024,2600"), 3200),
    "full_width_code": (with_code("０５２０４３", "大館市"), TOTAL),
    "spaces_around": (with_cell(" 600 "), TOTAL),
    "plus_sign": (with_cell("+600"), TOTAL),
    "decimal_zero": (with_cell("600.0"), TOTAL),
    "era_years": (text("052043,大館市,令和6年度,600", "052019,秋田市,R6年度,2600"), 3200),
    "bare_era_years": (text("052043,大館市,R6,600", "052019,秋田市,令和6,2600"), 3200),
    "none_mark": (with_cell("-"), TOTAL - 600),
    "full_width_none": (with_cell("－"), TOTAL - 600),
    "unknown_mark": (with_cell("…"), TOTAL - 600),
    "suppressed_mark": (with_cell("x"), TOTAL - 600),
    "empty_cell": (with_cell(""), TOTAL - 600),
    "total_row": (text(*GOOD, ",合計,2024,5600"), TOTAL),
    "total_row_above": (text(",合計,2024,5600", *GOOD), TOTAL),
    "prefecture_total": (text("050008,秋田県計,2024,3200", *GOOD[:2]), 3200),
    "saikei": (text(*GOOD, "052043,（再掲）大館市,2024,600"), TOTAL),
    "footnotes": (text(*GOOD, "注1 速報値である。,,,", "出典：各市町村,,,"), TOTAL),
    "end_of_file_mark": (text(*GOOD) + b"\x1a", TOTAL),
    "blank_lines": (text(GOOD[0], "", ",,,", *GOOD[1:]), TOTAL),
    "quoted_all": (text(*(",".join(f'"{c}"' for c in row.split(",")) for row in GOOD)), TOTAL),
    "variant_characters": (text("082082,龍ヶ崎市,2024,100", "142077,茅ケ﨑市,2024,200"), 300),
    "prefecture_before_name": (text("052043,秋田県大館市,2024,600"), 600),
    "county_before_name": (text("053031,鹿角郡小坂町,2024,70"), 70),
    "zero_width_name": (text("052043,大館\u200b市,2024,600"), 600),
    "ward_without_its_city": (text("011011,札幌市中央区,2024,5", *GOOD), TOTAL + 5),
    "city_with_its_ward": (text("011002,札幌市,2024,50", "011011,札幌市中央区,2024,5"), 50),
    "old_code_in_an_old_year": (text("044237,富谷町,2015,200"), 200),
    "schema_names": (
        text("052043,2024,600", head="municipality_code,fiscal_year,staff_count"),
        600,
    ),
    "several_years": (text("052043,大館市,2023,590", "052043,大館市,2024,600"), 1190),
    "trailing_empty_fields": (text(*(f"{row},," for row in GOOD), head=HEAD), TOTAL),
}

# content, row and code of the refusal
REFUSED: dict[str, tuple[bytes, int | None, str]] = {
    "unquoted_thousands": (text("052043,大館市,2024,15,000", *GOOD[1:]), 2, "row-width-differs"),
    "missing_field": (text("052043,2024,600", *GOOD[1:]), 2, "row-width-differs"),
    "circled_note": (with_cell("12①"), 2, "number-tail"),
    "superscript": (with_cell("12²"), 2, "number-tail"),
    "note_in_cell": (with_cell("12※1"), 2, "number-tail"),
    "unit_in_cell": (with_cell("120人"), 2, "number-tail"),
    "two_values": (with_cell("120/130"), 2, "number-tail"),
    "range": (with_cell("100〜200"), 2, "number-tail"),
    "approximate": (with_cell("約600"), 2, "number-none"),
    "bad_grouping": (with_cell('"1,23,456"'), 2, "number-grouping"),
    "grouping_at_end": (with_cell('"600,"'), 2, "number-grouping"),
    "two_points": (with_cell("6.0.0"), 2, "number-tail"),
    "exponent": (with_cell("6E+02"), 2, "number-exponent"),
    "arabic_indic_digits": (with_cell("٦٠٠"), 2, "number-none"),
    "infinity": (with_cell("inf"), 2, "number-none"),
    "nan": (with_cell("nan"), 2, "number-none"),
    "hexadecimal": (with_cell("0x258"), 2, "number-tail"),
    "letter_o": (with_cell("6O0"), 2, "number-tail"),
    "na": (with_cell("N/A"), 2, "number-none"),
    "question_mark": (with_cell("?"), 2, "number-mark-unknown"),
    "too_large": (with_cell("600000"), 2, "number-too-large"),
    "minus_triangle": (with_cell("△600"), 2, "number-negative"),
    "minus_black_triangle": (with_cell("▲600"), 2, "number-negative"),
    "minus_parentheses": (with_cell("(600)"), 2, "number-negative"),
    "sixteen_digits": (with_cell("1234567890123456"), 2, "number-too-long"),
    "code_with_circled_digit": (with_code("05204③"), 2, "code-not-digits"),
    "code_with_a_wrong_check_digit": (with_code("052044"), 2, "code-check-digit"),
    "code_with_two_meanings": (text("11100,,2024,600"), 2, "code-two-bodies"),
    "code_of_nobody": (with_code("057991"), 2, "code-unregistered"),
    "code_too_short": (with_code("52"), 2, "code-length"),
    "code_rounded": (with_code("5.2E+04"), 2, "code-exponent"),
    "code_empty": (with_code("", "大館市"), 2, "code-missing"),
    "name_of_another": (with_code("052043", "秋田市"), 2, "name-of-another"),
    "rows_shifted": (
        text("052043,秋田市,2024,600", "052019,大館市,2024,2600"), 3, "name-of-another"),
    "same_row_twice": (text(*GOOD, GOOD[0]), 5, "row-twice"),
    "old_code_in_a_new_year": (text("044237,富谷町,2024,200"), 2, "code-abolished"),
    "total_that_does_not_add_up": (text(*GOOD, ",合計,2024,5500"), 5, "total-differs"),
    "prefecture_total_wrong": (text("050008,秋田県計,2024,3300", *GOOD[:2]), 2, "total-differs"),
    "calendar_year": (text("052043,大館市,2024年,600"), 2, "year-calendar"),
    "era_beyond_its_end": (text("052043,大館市,平成32年度,600"), 2, "era-year-impossible"),
    "date_for_a_year": (text("052043,大館市,2024-03-31,600"), 2, "year-is-date"),
    "two_digit_year": (text("052043,大館市,24,600"), 2, "year-none"),
    "year_empty": (text("052043,大館市,,600"), 2, "value-required"),
    "renamed_heading": (text(*GOOD, head="団体コード,団体名,年,職員数"), 1, "year-column-missing"),
    "duplicate_heading": (
        text("052043,2024,600,700", head="団体コード,年度,職員数,職員数"), 1, "column-twice"),
    "second_table": (text(*GOOD, "", HEAD, "052043,大館市,2023,590"), 6, "row-second-heading"),
    "no_values": (
        text("052043,大館市,2024", head="団体コード,団体名,年度"), 1, "value-columns-missing"),
    "quote_in_the_middle": (text('052043,"大館"市,2024,600'), 2, "text-quote-misplaced"),
    "quote_never_closed": (text('052043,"大館市,2024,600', *GOOD), 2, "text-quote-unclosed"),
    "nul_byte": (text(*GOOD).replace(b"600", b"6\x000"), 2, "text-has-nul"),
    "escape_character": (text(*GOOD).replace("大館市".encode(), b"a\x08b"), 2, "text-has-control"),
    "cut_in_a_character": (text(*GOOD)[: text(*GOOD).index("山形".encode()) + 1], 4, "text-cut"),
    "damaged_byte": (
        text(*GOOD).replace("秋田市".encode(), b"\x82\xff\xff"), 3, "text-mixed-encodings"),
    "replacement_character": (with_code("052043", "大\ufffd市"), 2, "text-has-lost-characters"),
    "euc_jp": (text(*GOOD).decode().encode("euc_jp"), None, "text-in-no-encoding"),
    "utf32": (text(*GOOD).decode().encode("utf-32"), None, "text-is-utf32"),
    "pdf": (b"%PDF-1.7\n" + text(*GOOD), None, "file-is-pdf"),
    "xml": (b'<?xml version="1.0"?><Workbook/>', 1, "file-is-xml"),
    "only_spaces": (b"   \n\n", None, "text-empty"),
    "heading_only": (text(), 2, "rows-missing"),
    "json_of_something": (b'{"a": 1}', 1, "document-unknown"),
    "json_broken": (b'{"a": 1', 1, "json-broken"),
    "json_twice": (b'{"a": 1, "a": 2}', None, "json-name-twice"),
}  # fmt: skip


def test_there_are_more_of_our_own_than_of_the_shared_ones() -> None:
    assert len(ACCEPTED) + len(REFUSED) + len(SHEETS) >= 61


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_with_its_true_total(name: str, tmp_path: Path) -> None:
    content, total = ACCEPTED[name]
    path = tmp_path / f"{name}.csv"
    path.write_bytes(content)
    checked = check_file(path, "municipal_staffing")
    assert checked.issues.of("fault") == []
    assert checked.totals["staff_count"] == total


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_place_with_what_to_do(name: str, tmp_path: Path) -> None:
    content, row, code = REFUSED[name]
    path = tmp_path / (f"{name}.json" if name.startswith("json") else f"{name}.csv")
    path.write_bytes(content)
    checked = check_file(path, None if name.startswith("json") else "municipal_staffing")
    assert not checked.is_accepted
    faults = checked.issues.of("fault")
    assert all(fault.expected or fault.advice for fault in faults)
    assert any(fault.code == code and (row is None or fault.row == row) for fault in faults), faults


def rows_of(sheet: Any, rows: list[list[Any]]) -> None:
    for row in rows:
        sheet.append(row)


TABLE: list[list[Any]] = [
    ["団体コード", "団体名", "年度", "職員数"],
    ["052043", "大館市", 2024, 600],
    ["052019", "秋田市", 2024, 2600],
]


def book_with(change: Callable[[Any, Any], None]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        change(book, sheet)
        book.save(path)

    return write


def _two_row_heading(book: Any, sheet: Any) -> None:
    rows_of(sheet, [["団体コード", "団体名", "年度", "人数"], [None, None, None, "職員数"]])
    rows_of(sheet, TABLE[1:])
    for letter in "ABC":
        sheet.merge_cells(f"{letter}1:{letter}2")


def _hidden_sheet(book: Any, sheet: Any) -> None:
    rows_of(sheet, TABLE)
    hidden = book.create_sheet("前年")
    rows_of(hidden, TABLE)
    hidden.sheet_state = "hidden"


def _hidden_row(book: Any, sheet: Any) -> None:
    rows_of(sheet, TABLE)
    sheet.row_dimensions[3].hidden = True


def _two_sheets(book: Any, sheet: Any) -> None:
    rows_of(sheet, TABLE)
    rows_of(book.create_sheet("もう一つ"), TABLE)


def _merged_code(book: Any, sheet: Any) -> None:
    rows_of(sheet, [TABLE[0], ["052043", "大館市", 2023, 590], [None, None, 2024, 600]])
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:B3")


def _blank_code(book: Any, sheet: Any) -> None:
    rows_of(sheet, [*TABLE, [None, "山形市", 2024, 2400]])


def _date_in_numbers(book: Any, sheet: Any) -> None:
    rows_of(sheet, [*TABLE, ["062014", "山形市", 2024, datetime.date(2024, 4, 1)]])


def _truth_in_numbers(book: Any, sheet: Any) -> None:
    rows_of(sheet, [*TABLE, ["062014", "山形市", 2024, True]])


def _error_value(book: Any, sheet: Any) -> None:
    rows_of(sheet, [*TABLE, ["062014", "山形市", 2024, "#REF!"]])
    sheet["D4"].data_type = "e"


def _stray_cell(book: Any, sheet: Any) -> None:
    rows_of(sheet, TABLE)
    sheet["XFD1048576"] = 1


def _number_as_text(book: Any, sheet: Any) -> None:
    rows_of(sheet, [TABLE[0], ["052043", "大館市", "2024", "６００"]])


def _plain(book: Any, sheet: Any) -> None:
    rows_of(sheet, TABLE)


def _fraction(book: Any, sheet: Any) -> None:
    rows_of(sheet, [TABLE[0], ["052043", "大館市", 2024, 600.5]])


def _formula_with_result(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for row, cells in enumerate(TABLE):
        sheet.write_row(row, 0, cells)
    sheet.write_formula("D2", "=300+300", None, 600)
    book.close()


# how to write it, total or None, row and code of the refusal
SHEETS: dict[str, tuple[Callable[[Path], None], float | None, int | None, str]] = {
    "plain": (book_with(_plain), 3200, None, ""),
    "two_row_heading": (book_with(_two_row_heading), 3200, None, ""),
    "hidden_sheet": (book_with(_hidden_sheet), 3200, None, ""),
    "hidden_row": (book_with(_hidden_row), 3200, None, ""),
    "merged_code": (book_with(_merged_code), 1190, None, ""),
    "number_as_text": (book_with(_number_as_text), 600, None, ""),
    "formula_with_result": (_formula_with_result, 3200, None, ""),
    "two_sheets": (book_with(_two_sheets), None, 1, "sheet-second-table"),
    "blank_code": (book_with(_blank_code), None, 4, "code-missing"),
    "date_in_numbers": (book_with(_date_in_numbers), None, 4, "number-of-other-kind"),
    "truth_in_numbers": (book_with(_truth_in_numbers), None, 4, "number-of-other-kind"),
    "error_value": (book_with(_error_value), None, 4, "cell-excel-error"),
    "stray_cell": (book_with(_stray_cell), None, None, "xlsx-extent-too-large"),
    "fraction": (book_with(_fraction), None, 2, "number-not-whole"),
}


@pytest.mark.parametrize("name", SHEETS)
def test_workbooks(name: str, tmp_path: Path) -> None:
    write, total, row, code = SHEETS[name]
    path = tmp_path / f"{name}.xlsx"
    write(path)
    checked = check_file(path, "municipal_staffing")
    faults = checked.issues.of("fault")
    if total is not None:
        assert faults == []
        assert checked.totals["staff_count"] == total
    else:
        assert any(f.code == code and (row is None or f.row == row) for f in faults), faults


def test_a_hidden_row_and_sheet_are_told(tmp_path: Path) -> None:
    path = tmp_path / "hidden.xlsx"
    book_with(_hidden_row)(path)
    told = [issue.message for issue in check_file(path).issues.of("warning")]
    assert any("非表示の行" in message for message in told)
    book_with(_hidden_sheet)(path)
    told = [issue.message for issue in check_file(path).issues.of("warning")]
    assert any("非表示のシート「前年」" in message for message in told)


def test_the_1904_system_is_read_by_its_own_epoch(tmp_path: Path) -> None:
    path = tmp_path / "mac.xlsx"
    book = xlsxwriter.Workbook(str(path), {"date_1904": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["団体コード", "制度", "加入しているか", "時点"])
    sheet.write_row(1, 0, ["052043", "市区町村長会議", "有"])
    sheet.write_number(1, 3, 45383 - 1462)
    book.close()
    (row,) = check_file(path, "municipal_participation").rows
    assert row.values["as_of_on"] == "2024-04-01"


def test_an_unknown_layout_of_the_staff_survey_shows_the_entry_to_add(tmp_path: Path) -> None:
    path = tmp_path / "合成データ_第2表.csv"
    path.write_bytes(text("052043,大館市,61", head="団体コード,団体名,土木関係の計"))
    checked = check_file(path, "teiin")
    (fault,) = [each for each in checked.issues.of("fault") if each.code == "layout-unknown"]
    assert "civil_staff_count: headers += 土木関係の計" in fault.detail
    assert "headers" not in checked.words()
    assert "headers" in checked.words(debug=True)


def test_the_staff_survey_is_read_by_its_headings(tmp_path: Path) -> None:
    """合成データ: the layout of 第2表, with figures of our own."""
    path = tmp_path / "合成データ_第2表.csv"
    path.write_bytes(
        "令和6年4月1日現在 合成データ,,,,,\n".encode()
        + text(
            ",,,土木,小計,",
            "052043,秋田県,大館市,61,500,700",
            "052019,秋田県,秋田市,200,1500,2600",
            head="団体コード,都道府県名,団体名,一般行政部門,,合計",
        )
    )
    checked = check_file(path, "teiin")
    assert checked.issues.of("fault") == []
    assert checked.period.fiscal_year == 2024
    assert checked.totals == {"civil_staff_count": 261, "staff_count": 3300}


def _merged_years(_: Any, sheet: Any) -> None:
    rows_of(sheet, [TABLE[0], ["052043", "大館市", 2024, 600], ["052019", "秋田市", None, 2600]])
    sheet.merge_cells("C2:C3")


def test_a_year_merged_over_rows_is_read_for_each_of_them(tmp_path: Path) -> None:
    path = tmp_path / "年度の結合.xlsx"
    book_with(_merged_years)(path)
    checked = check_file(path, "municipal_staffing")
    assert checked.is_accepted, checked.words()
    assert [row.values["fiscal_year"] for row in checked.rows] == [2024.0, 2024.0]


@pytest.mark.parametrize("value", ["１２人", "⑫", "約470", "▲3", "0.5", "12,34", "3%"])
def test_a_refused_text_is_shown_and_not_said_to_be_read(value: str, tmp_path: Path) -> None:
    path = tmp_path / "文字の数.xlsx"

    def fill(_: Any, sheet: Any) -> None:
        rows_of(sheet, [TABLE[0], ["052043", "大館市", 2024, value]])

    book_with(fill)(path)
    checked = check_file(path, "municipal_staffing")
    assert not checked.is_accepted
    assert f"（D2）「{value}」" in checked.words() or value in checked.issues.of("fault")[0].message
    assert "lint-numbers-as-text" not in {each.code for each in checked.issues.kept}


def test_a_note_below_the_table_is_not_judged_as_a_row(tmp_path: Path) -> None:
    path = tmp_path / "注記.xlsx"

    def fill(_: Any, sheet: Any) -> None:
        rows_of(sheet, [*TABLE[:2], [None, "担当：建設課　内線123"]])

    book_with(fill)(path)
    checked = check_file(path, "municipal_staffing")
    codes = {each.code for each in checked.issues.kept}
    assert "row-footnotes" in codes
    assert "lint-spaces" not in codes


def test_a_second_sheet_is_named_as_the_other_one(tmp_path: Path) -> None:
    path = tmp_path / "二枚.xlsx"
    book_with(_two_sheets)(path)
    (fault,) = check_file(path, "municipal_staffing").issues.of("fault")
    assert fault.sheet != "もう一つ"
    assert "もう一つ" in fault.message


def test_sums_are_said_in_the_unit_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "実績.csv"
    head = "団体コード,年度,経費（千円）,苦情件数（件）"
    path.write_bytes(text("052043,2024,1234000,2", "052019,2024,999999000,3", head=head))
    checked = check_file(path, "contract_outcomes")
    assert "合計 経費: 1,001,233,000千円" in checked.words()
    assert "合計 苦情件数: 5件" in checked.words()
    assert checked.totals["maintenance_cost_jpy"] == 1_001_233_000_000


def test_of_a_column_in_another_unit_nothing_else_is_said(tmp_path: Path) -> None:
    path = tmp_path / "単位.csv"
    path.write_bytes(text("052043,大館市,2024,4.67,12", head=f"{HEAD}（百人）,土木技師数（人）"))
    faults = check_file(path, "municipal_staffing").issues.of("fault")
    assert [fault.code for fault in faults] == ["column-unit-differs"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("大館周辺広域市町村圏組合", ""),
        ("秋田県広域連合", ""),
        ("県南水道企業団", ""),
        ("大館市", "name-of-another"),
        ("大舘", "name-of-no-association"),
    ],
)
def test_a_code_of_associations_with_another_name_is_no_silent_association(
    name: str, code: str, tmp_path: Path
) -> None:
    """合成データ: third digits 8 and 9 are 一部事務組合等 (総務省「全国地方公共団体コード」)."""
    path = tmp_path / "a.csv"
    path.write_bytes(text(*GOOD, f"05901{check_digit('05901')},{name},2024,50"))
    checked = check_file(path)
    found = [each for each in checked.issues.kept if each.code.startswith("name-")]
    assert [each.code for each in found] == ([code] if code else [])
    assert checked.is_accepted is (code != "name-of-another")
    assert all("一部事務組合等" in each.message for each in found)
    if checked.is_accepted:
        assert "一部事務組合等 1行" in checked.words()


def test_a_year_that_is_given_is_no_longer_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text("052043,大館市,600", head="団体コード,団体名,職員の総数"))
    asked = [
        check_file(path, "municipal_staffing", year).issues.of("fault") for year in (None, 2024)
    ]
    assert "年度" in asked[0][0].expected
    assert not any("年度" in f"{fault.expected}{fault.message}" for fault in asked[1])
