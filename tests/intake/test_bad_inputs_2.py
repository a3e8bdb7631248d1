"""The second shared set of broken files, and own ones of each kind: by code and by place."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from gunmane_analysis.cli import main
from gunmane_analysis.intake.check import check_file
from gunmane_analysis.intake.forms import read_form, source_ids
from gunmane_analysis.intake.template import template_bytes

SHARED = next(
    (
        folder / "shared" / "bad_inputs_2"
        for folder in Path(__file__).resolve().parents
        if (folder / "shared" / "bad_inputs_2").is_dir()
    ),
    Path("shared"),
)

# By the manifest: what is said of each file, its level and row, and the total if it is accepted.
TOLD: dict[str, tuple[str, str, int | None, float | None]] = {
    "r01_xlsxwriter_formula_zero.xlsx": ("fault", "formula-not-calculated", 2, None),
    "r02_strike_part_of_cell.xlsx": ("fault", "number-struck", 6, None),
    "r04_merged_value_cell.xlsx": ("fault", "value-merged", 2, None),
    "r05_blank_value.csv": ("warning", "value-blank", 6, 50100),
    "r07_total_zero_for_blank_column.csv": ("warning", "value-blank", 2, 1200),
    "r08_part_greater_than_whole.csv": ("fault", "part-greater-than-whole", 2, None),
    "r10_dot_as_group.csv": ("fault", "number-dot-grouping", 2, None),
    "r13_hidden_column_no_warning.xlsx": ("warning", "column-hidden", 1, 50900),
    "r14_equals_quoted_code.csv": ("repair", "cell-unwrapped", 2, 50900),
    "r16_hyphen_code.xlsx": ("repair", "code-mended", 2, 50900),
    "r18_csv_in_zip.zip": ("fault", "file-is-zip", None, None),
    "r20_xlsb_like.xlsb": ("fault", "file-is-xlsb", None, None),
    "r22_pipe.csv": ("repair", "text-delimiter", None, 50900),
    "r24_pref_subtotal_message.xlsx": ("fault", "total-differs", 2, None),
    "r26_standard_dataset_header_name_check_lost.csv": ("fault", "name-of-another", 3, None),
    "r28_year_R6.xlsx": ("warning", "lint-era-only", 2, 50900),
    "r31_dimension_A0.xlsx": ("", "", None, 50900),
    "r32_H20_parentheses_special_wards.xlsx": ("repair", "number-parentheses-note", 4, None),
}


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared broken files")
@pytest.mark.parametrize("name", TOLD)
def test_the_shared_files_are_told_as_their_manifest_says(name: str) -> None:
    level, code, row, total = TOLD[name]
    with (SHARED / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        wanted = {entry["file"]: entry["right_behaviour"] for entry in csv.DictReader(stream)}
    assert set(wanted) == set(TOLD)
    checked = check_file(SHARED / name)
    record = checked.to_record()
    assert checked.is_accepted == wanted[name].startswith("accept")
    if level:
        assert any(each["code"] == code and each["row"] == row for each in record[f"{level}s"]), (
            record
        )
    if total is not None:
        assert record["totals"]["staff_count"] == total


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared broken files")
def test_the_shared_files_name_their_figures() -> None:
    def only(name: str, code: str) -> list[str]:
        faults = check_file(SHARED / name).issues.of("fault")
        return [fault.message for fault in faults if fault.code == code]

    (struck,) = only("r02_strike_part_of_cell.xlsx", "number-struck")
    assert "「84」" in struck and "「85」" in struck
    (total,) = only("r24_pref_subtotal_message.xlsx", "total-differs")
    assert "15,900" in total and "15,800" in total and "2 行" in total
    assert len(only("r26_standard_dataset_header_name_check_lost.csv", "name-of-another")) == 2
    blank = check_file(SHARED / "r07_total_zero_for_blank_column.csv")
    assert blank.to_record()["totals"] == {"staff_count": 1200, "civil_staff_count": None}
    assert "合計 土木部門職員数: 記入なし" in blank.words()
    wards = check_file(SHARED / "r32_H20_parentheses_special_wards.xlsx")
    assert [row.values["fiscal_strength_index"] for row in wards.rows] == [0.69, 0.80]


HEAD = "団体コード,団体名,年度,職員数（人）"
ROW, OTHER = "052043,大館市,2024,600", "052019,秋田市,2024,2600"


def lines(*rows: str, head: str = HEAD) -> bytes:
    return ("\n".join([head, *rows]) + "\n").encode()


def item(values: Any, **facts: Any) -> bytes:
    return json.dumps(
        {"code": "D320308", "name": "土木費", "unit": "千円", "values": values} | facts
    ).encode()


def answer(**body: Any) -> bytes:
    return json.dumps({"GET_STATS_DATA": {"RESULT": {"STATUS": 0}, **body}}).encode()


def zipped(names: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name, content in names.items():
            package.writestr(name, content)
    return stream.getvalue()


FUNNEL = "年度,地方フォーラム,段階,件数（件）,数え方,時点"
STAGES = ("検討", "成立", "試行", "実装")


def stages(*counts: int, rule: str = "延べ数") -> bytes:
    rows = (
        f"2024,東北,{stage},{count},{rule},2025-03-31"
        for stage, count in zip(STAGES, counts, strict=True)
    )
    return lines(*rows, head=FUNNEL)


# name of the file, its content, source or none; code and row of what refuses it
REFUSED: list[tuple[str, bytes, str | None, str, int | None]] = [
    ("wider.csv", stages(8, 50, 3, 1), "funnel_counts", "choice-wider-than-before", 3),
    ("wider_at_the_end.csv", stages(8, 5, 3, 4), "funnel_counts", "choice-wider-than-before", 5),
    ("engineers.csv", lines("052043,大館市,2024,100,101", head=f"{HEAD},建築技師数（人）"),
     "municipal_staffing", "part-greater-than-whole", 2),
    ("dots.csv", lines("052043,大館市,2024,1.234.567"), None, "number-dot-grouping", 2),
    ("dot_zero.csv", lines("052043,大館市,2024,600.000"), None, "number-dot-grouping", 2),
    ("same_row.csv", lines(ROW, ROW), None, "row-twice", 3),
    ("other_row.csv", lines(ROW, "052043,大館市,2024,601"), None, "row-twice-differs", 3),
    ("swapped.csv", lines(
        "052043,秋田市,2024,600",
        head="都道府県コード又は市区町村コード,地方公共団体名,年度,職員数"),
     "municipal_staffing", "name-of-another", 2),
    ("letters.csv", lines("abcdef,大館市,2024,600"), None, "code-not-digits", 2),
    ("hyphen.csv", lines("1100-3,札幌市,2024,600"), None, "code-not-digits", 2),
    ("long_code.csv", lines("0520431,大館市,2024,600"), None, "code-length", 2),
    ("page.xlsx", b"<!DOCTYPE html><html><body>404</body></html>", None, "file-is-web-page", 1),
    ("table.ods", zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                          "content.xml": b"<a/>"}), None, "file-is-ods", None),
    ("table.numbers", zipped({"Index/Document.iwa": b"x"}), None, "file-is-numbers", None),
    ("text.docx", zipped({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"}), None,
     "file-is-document", None),
    ("folder.xlsx", zipped({"a.csv": lines(ROW)}), None, "file-is-zip", None),
    ("a.csv.gz", b"\x1f\x8b\x08\x00" + bytes(20), None, "file-is-archive", None),
    ("a.7z", b"7z\xbc\xaf'\x1c" + bytes(20), None, "file-is-archive", None),
    ("unit.json", item({"2022": {"05": "93000"}}, unit="百万円"), None, "estat-unit-differs", None),
    ("no_unit.json", item({"2022": {"05": "93000"}}, unit=""), None, "estat-unit-unknown", None),
    ("values.json", item(["2022"]), None, "estat-part-malformed", None),
    ("year.json", item({"2022": "93000"}), None, "estat-part-malformed", None),
    ("result.json", json.dumps({"GET_STATS_DATA": {"RESULT": "0"}}).encode(), None,
     "estat-part-malformed", None),
    ("data.json", answer(STATISTICAL_DATA=[1]), None, "estat-part-malformed", None),
    ("total.json", answer(STATISTICAL_DATA={"RESULT_INF": {"TOTAL_NUMBER": "many"}}), None,
     "estat-part-malformed", None),
    ("value.json", answer(STATISTICAL_DATA={"DATA_INF": {"VALUE": ["930000"]}}), None,
     "estat-entry-malformed", None),
    ("class.json", answer(STATISTICAL_DATA={"CLASS_INF": {"CLASS_OBJ": "cat01"}}), None,
     "estat-entry-malformed", None),
    ("page.json", json.dumps([{"GET_STATS_DATA": {}}, 5]).encode(), "ssds", "estat-no-answer",
     None),
    ("changes.json", b'{"changes": {"a": 1}}', "municipal_changes", "changes-missing", None),
    ("unrelated.csv", lines("052043,大館市,1,2,3", head="団体コード,団体名,図書館,博物館,公民館"),
     None, "source-unknown", 1),
    ("renamed.csv", lines(ROW, head="団体コード,団体名,年度,職員総数（人）"), "municipal_staffing",
     "column-of-near-name", 1),
    ("without_year.csv", lines("052043,大館市,600", head="団体コード,団体名,職員数（人）"),
     "municipal_staffing", "year-column-missing", 1),
]  # fmt: skip

ACCEPTED: list[tuple[str, bytes, str, float | None]] = [
    ("long_vowel.csv", lines("052043,大館市,2024,ー", OTHER), "mark-dash", 2600),
    ("half_long_vowel.csv", lines("052043,大館市,2024,ｰ", OTHER), "mark-dash", 2600),
    ("hyphen_and_lost_zero.csv", lines("5204-3,大館市,2024,600", OTHER), "code-mended", 3200),
    ("apostrophe.csv", lines("'052043,大館市,2024,600"), "code-mended", 600),
    ("four_digits.csv", lines("5204,大館市,2024,600", OTHER), "code-by-name", 3200),
    ("mixed_forms.csv", lines("05204,大館市,2024,600", OTHER), "code-by-name", 3200),
    ("two_meanings.csv", lines("11100,さいたま市,2024,600"), "code-by-name", 600),
    ("unwrapped.csv", lines('="052043","=""大館市""",2024,="600"'), "cell-unwrapped", 600),
    ("to_come.csv", lines("052043,大館市,2099,600"), "year-in-future", 600),
    ("tenfold.csv", lines("052043,大館市,2023,600", "052043,大館市,2024,6000"), "magnitude-watch",
     6600),
    ("threefold.csv", lines("052043,大館市,2023,200", "052043,大館市,2024,601"), "magnitude-watch",
     801),
    ("not_nested.csv", stages(2, 5, 3, 4, rule="現在の段階"), "", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "source_id", "code", "row"), REFUSED, ids=[case[0] for case in REFUSED]
)
def test_own_files_are_refused_by_code_and_place(
    name: str, content: bytes, source_id: str | None, code: str, row: int | None, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    faults = check_file(path, source_id).issues.of("fault")
    assert any(fault.code == code and (row is None or fault.row == row) for fault in faults), faults
    assert all(fault.advice for fault in faults)


@pytest.mark.parametrize(
    ("name", "content", "code", "total"), ACCEPTED, ids=[case[0] for case in ACCEPTED]
)
def test_own_files_are_accepted_and_told(
    name: str, content: bytes, code: str, total: float | None, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    checked = check_file(path)
    assert checked.issues.of("fault") == []
    assert not code or code in {each.code for each in checked.issues.kept}
    assert total is None or checked.totals["staff_count"] == total


def book(*rows: list[Any]) -> tuple[openpyxl.Workbook, Any]:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in [HEAD.split(","), *rows]:
        sheet.append(row)
    return made, sheet


GOOD: list[list[Any]] = [["052043", "大館市", 2024, 600], ["052019", "秋田市", 2024, 2600]]


def _save(change: Callable[[Any], None]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        made, sheet = book(*GOOD)
        change(sheet)
        made.save(path)

    return write


def _rich(sheet: Any) -> None:
    struck = TextBlock(InlineFont(strike=True), "60")
    sheet["D2"] = CellRichText(struck, TextBlock(InlineFont(), "61"))


def _struck_cell(sheet: Any) -> None:
    sheet["D2"].font = Font(strike=True)


def _struck_row(sheet: Any) -> None:
    for cell in sheet[2]:
        cell.font = Font(strike=True)


def _merged_columns(sheet: Any) -> None:
    sheet["E1"], sheet["E2"], sheet["E3"] = "土木部門職員数（人）", 5, 6
    sheet.merge_cells("D2:E2")


def _merged_note(sheet: Any) -> None:
    sheet["A4"] = "注 速報値"
    sheet.merge_cells("A4:D4")


def _era_display(sheet: Any) -> None:
    sheet["C2"], sheet["C2"].number_format = 45383, '[$-411]ggge"年"'


def _hidden_column(sheet: Any) -> None:
    sheet.column_dimensions["D"].hidden = True


def _rewritten(change: Callable[[str, bytes], tuple[str, bytes]]) -> Callable[[Path], None]:
    """Write a good book whose parts are changed one by one."""

    def write(path: Path) -> None:
        made, _ = book(*GOOD)
        stream = io.BytesIO()
        made.save(stream)
        with zipfile.ZipFile(stream) as source, zipfile.ZipFile(path, "w") as target:
            for info in source.infolist():
                name, content = change(info.filename, source.read(info))
                written = zipfile.ZipInfo("part")
                written.filename = name
                target.writestr(written, content)

    return write


def _outside(name: str, content: bytes) -> tuple[str, bytes]:
    return name.replace("xl/worksheets/", "xl/pages/"), content.replace(b"worksheets/", b"pages/")


def _backslashes(name: str, content: bytes) -> tuple[str, bytes]:
    return name.replace("/", "\\"), content


def _upper(name: str, content: bytes) -> tuple[str, bytes]:
    return name.replace("xl/worksheets/sheet1", "xl/Worksheets/SHEET1"), content


def _row_twice(name: str, content: bytes) -> tuple[str, bytes]:
    if "sheet1" not in name:
        return name, content
    row = re.search(rb'<row r="3".*?</row>', content)
    assert row is not None
    return name, content.replace(row[0], row[0] + row[0])


def _empty_value(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content.replace(b"<v>600</v>", b"<v/>")


def _no_dimension_sense(name: str, content: bytes) -> tuple[str, bytes]:
    return name, re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A0:??"', content)


def _formulas(values: list[float]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        made = xlsxwriter.Workbook(str(path))
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, HEAD.split(","))
        for number, (row, value) in enumerate(zip(GOOD, values, strict=True), start=1):
            sheet.write_row(number, 0, row[:3])
            sheet.write_formula(number, 3, "=300+300", None, value)
        made.close()

    return write


# how the book is written; level and code of what is told; total where it is accepted
BOOKS: dict[str, tuple[Callable[[Path], None], str, str, float | None]] = {
    "rich_text": (_save(_rich), "fault", "number-struck", None),
    "struck_cell": (_save(_struck_cell), "warning", "number-all-struck", 3200),
    "struck_row": (_save(_struck_row), "warning", "row-struck", 3200),
    "merged_columns": (_save(_merged_columns), "fault", "value-merged", None),
    "merged_note": (_save(_merged_note), "warning", "row-footnotes", 3200),
    "era_display": (_save(_era_display), "fault", "year-shown-otherwise", None),
    "hidden_column": (_save(_hidden_column), "warning", "column-hidden", 3200),
    "outside": (_rewritten(_outside), "", "", 3200),
    "backslashes": (_rewritten(_backslashes), "", "", 3200),
    "upper_case": (_rewritten(_upper), "", "", 3200),
    "row_twice": (_rewritten(_row_twice), "fault", "xlsx-row-twice", None),
    "empty_value": (_rewritten(_empty_value), "warning", "value-blank", 2600),
    "dimension": (_rewritten(_no_dimension_sense), "", "", 3200),
    "never_calculated": (_formulas([0, 0]), "fault", "formula-not-calculated", None),
    "calculated": (_formulas([600, 2600]), "warning", "lint-formulas", 3200),
    "one_true_zero": (_formulas([0, 2600]), "warning", "lint-formulas", 2600),
}


@pytest.mark.parametrize("name", BOOKS)
def test_own_books(name: str, tmp_path: Path) -> None:
    write, level, code, total = BOOKS[name]
    path = tmp_path / f"{name}.xlsx"
    write(path)
    checked = check_file(path, "municipal_staffing")
    assert checked.is_accepted == (total is not None), checked.issues.of("fault")
    assert total is None or checked.totals["staff_count"] == total
    assert not code or code in {each.code for each in checked.issues.of(level)}  # type: ignore[arg-type]
    assert code != "year-shown-otherwise" or "令和6年" in checked.words()


def test_there_are_more_of_our_own_than_of_the_shared_ones() -> None:
    assert len(REFUSED) + len(ACCEPTED) + len(BOOKS) >= 2 * len(TOLD)


def test_a_year_on_the_command_line_stands_for_a_column(tmp_path: Path) -> None:
    path = tmp_path / "without_year.csv"
    path.write_bytes(lines("052043,大館市,600", head="団体コード,団体名,職員数（人）"))
    assert "--fiscal-year" in check_file(path, "municipal_staffing").issues.of("fault")[0].advice
    checked = check_file(path, "municipal_staffing", 2024)
    assert checked.issues.of("fault") == []
    assert checked.period.fiscal_year == 2024
    assert [row.values["fiscal_year"] for row in checked.rows] == [2024]
    twice = lines("052043,大館市,600", "052043,大館市,600", head="団体コード,団体名,職員数（人）")
    path.write_bytes(twice)
    assert [f.code for f in check_file(path, None, 2024).issues.of("fault")] == ["row-twice"]
    path.write_bytes(lines(ROW))
    (fault,) = check_file(path, None, 2023).issues.of("fault")
    assert fault.code == "year-contradicts-column"


def test_an_unknown_source_is_one_fault_with_the_nearest_kind(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(lines("059999,大館市,x,y", head="団体コード,団体名,館名,開館日"))
    (fault,) = check_file(path).issues.of("fault")
    assert fault.code == "source-unknown"
    assert "最も近いのは「" in fault.message
    assert (
        "市区町村の職員数と技術者数（事務局の様式）" in fault.expected or "職員数" in fault.expected
    )
    assert "municipal_staffing" not in fault.expected


def test_another_set_of_ssdse_is_no_list_of_rows(tmp_path: Path) -> None:
    """合成データ: SSDSE-B has prefectures by year, which SSDSE-A's form would read row by row."""
    path = tmp_path / "b.csv"
    head = "SSDSE-B-2024,Code,Prefecture,A1101,A1301,A1302,A1303,A4101,A4200"
    labels = "総人口,15歳未満人口,15〜64歳人口,65歳以上人口,出生数,死亡数"
    rows = (f"年度,地域コード,都道府県,{labels}", "2021,R01000,北海道,5,2,1,1,1,1")
    path.write_bytes(lines(*rows, head=head))
    (fault,) = check_file(path).issues.of("fault")
    assert fault.code == "source-unknown"
    assert "「教育用標準データセット SSDSE-A（市区町村）」" in fault.message


def test_an_edition_of_ssdse_without_staff_is_read_and_says_so(tmp_path: Path) -> None:
    """合成データ: the items of an early SSDSE-A, which had no D1202."""
    path = tmp_path / "SSDSE-A-2019.csv"
    years = "年度,都道府県,市区町村,2015,2015,2015"
    labels = "地域コード,都道府県,市区町村,総人口,歳出,土木費"
    rows = (years, labels, "R05204,秋田県,大館市,74175,40000000,4000000")
    path.write_bytes(lines(*rows, head="SSDSE-A-2019,Prefecture,Municipality,A1101,D3203,D320308"))
    checked = check_file(path)
    assert checked.issues.of("fault") == [] and checked.source_id == "ssdse_a"
    (told,) = [each for each in checked.issues.of("warning") if each.code == "items-absent"]
    assert "一般行政部門職員数" in told.message
    assert checked.totals["civil_engineering_expenditure_jpy"] == 4_000_000_000


def test_a_nearly_right_heading_is_offered(tmp_path: Path) -> None:
    path = tmp_path / "renamed.csv"
    path.write_bytes(lines(ROW, head="団体コード,団体名,年度,職員総数（人）"))
    (fault,) = check_file(path, "municipal_staffing").issues.of("fault")
    assert "「職員総数（人）」" in fault.message and "「職員数」に直し" in fault.advice


def test_program_words_are_shown_with_debug_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    assert main(["data", "check", str(path)]) == 2
    plain = capsys.readouterr()
    assert not re.search("[A-Za-z]{4,}", re.sub(r"broken\.xlsx|Excel|xlsx", "", plain.out))
    assert main(["data", "check", str(path), "--debug"]) == 2
    assert "xlsx-broken" in capsys.readouterr().out
    assert main(["data", "check", str(path), "--json"]) == 2
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert fault["code"] == "xlsx-broken" and "detail" not in fault


@pytest.mark.parametrize("source_id", [name for name in source_ids() if "municipal_ch" not in name])
def test_a_filled_form_draws_no_remark_about_itself(source_id: str, tmp_path: Path) -> None:
    form = read_form(source_id) if source_id not in ("ssds", "boundaries") else None
    if form is None or not form.is_form:
        return
    path = tmp_path / f"{source_id}.xlsx"
    path.write_bytes(template_bytes(form))
    made = openpyxl.load_workbook(path)
    for column, entry in enumerate(form.fields.values(), start=1):
        if entry.is_required or entry.is_numeric:
            made["記入"].cell(2, column).value = entry.example
    made.save(path)
    warnings = check_file(path, source_id).issues.of("warning")
    assert [each.code for each in warnings if each.code.startswith("lint")] == []


def test_several_years_are_not_added_in_words(tmp_path: Path) -> None:
    path = tmp_path / "years.csv"
    path.write_bytes(lines("052043,大館市,2023,590", ROW))
    words = check_file(path).words()
    assert "2023〜2024年度（年度をまたいで足しません）" in words
    assert "合計" not in words
