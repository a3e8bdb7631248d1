"""Tables for machines: CSV and workbook."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from gunmane_analysis.areas import find_area
from gunmane_analysis.findings import Column, Finding
from gunmane_analysis.findings.rendering import environment
from gunmane_analysis.page.exhibits import number_exhibits
from gunmane_analysis.page.page import AreaPage, Provenance
from gunmane_analysis.page.tables import csv_bytes, plain_rows, safe_text
from gunmane_analysis.page.workbook import workbook_bytes


def finding(finding_id: str = "staffing.example", title: str = "例[1]: 判定区分Ⅲ・Ⅳ") -> Finding:
    return Finding(
        finding_id=finding_id,
        title=title,
        headline="例の一文。",
        table=pd.DataFrame(
            {
                "code": ["05204", "01100", "=1+1"],
                "staff_count": [61, None, 15],
                "change_rate": [-0.217, 0.048, "x"],
                "fiscal_year": [2024, 2024, 2024],
                "division": ["Ⅲ", "①", "－"],
            }
        ),
        columns=(
            Column("code", "団体コード"),
            Column("staff_count", "職員数", "人", "count"),
            Column("change_rate", "増減率", "%", "change", 1),
            Column("fiscal_year", "年度", kind="year"),
            Column("division", "判定区分"),
        ),
        source_ids=("prefecture_series",),
        caveats=("注。",),
    )


def page(*findings: Finding, area_id: str = "05") -> AreaPage:
    return AreaPage(
        area=find_area(area_id),
        fiscal_year=2024,
        themes=(),
        findings=findings,
        provenance=Provenance("2026-11-20T10:00:00+09:00", "0"),
    )


def test_csv_has_units_in_headings_numbers_as_numbers_and_markers_apart() -> None:
    content = csv_bytes(finding())
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows == [
        [
            "団体コード",
            "職員数（人）",
            "職員数の記号",
            "増減率（%）",
            "増減率の記号",
            "年度",
            "判定区分",
        ],
        ["05204", "61", "", "-21.7", "", "2024", "III"],
        ["01100", "", "…", "4.8", "", "2024", "(1)"],
        ["'=1+1", "15", "", "", "x", "2024", "－"],
    ]


@pytest.mark.parametrize("text", ["=1", "+cmd", "-cmd", "@SUM(A1)", "\tx", "\rx", "＝1+1", "－式"])
def test_texts_that_a_spreadsheet_would_run_are_neutralised(text: str) -> None:
    assert safe_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-26%", "-1,234.5", "+3", "－", "△21.7", "秋田県", ""])
def test_numbers_markers_and_plain_texts_stay(text: str) -> None:
    assert safe_text(text) == text


@pytest.mark.parametrize(
    ("text", "common"),
    [
        ("Ⅳ", "IV"),
        ("ⅲ", "iii"),
        ("⑳", "(20)"),
        ("㎞", "km"),
        ("㈱", "(株)"),
        ("㍻", "平成"),
        ("№", "No"),
    ],
)
def test_machine_dependent_marks_are_spelt_out(text: str, common: str) -> None:
    assert safe_text(text) == common


def test_names_written_with_rarer_kanji_stay() -> None:
    assert safe_text("髙﨑") == "髙﨑"


def test_workbook_has_one_table_a_sheet_and_no_formula() -> None:
    content = workbook_bytes(page(finding(), finding("staffing.other", "別の表")))
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheets = ["目次", "主な指標", "表1_例_1__ 判定区分III・IV", "表2_別の表", "出典"]
    assert book.sheetnames == sheets
    sheet = book.worksheets[2]
    assert str(sheet["A1"].value).startswith("表1")
    assert str(sheet["A3"].value).startswith("単位：")
    assert [cell.value for cell in sheet[4]][:3] == ["団体コード", "職員数（人）", "増減率（%）"]
    assert [cell.value for cell in sheet[5]] == ["05204", 61, -0.217, 2024, "III"]
    assert [cell.value for cell in sheet[6]][1:3] == ["…", 0.048]  # a sign, and no marker column
    assert sheet["C5"].number_format == '#,##0.0%;"△"#,##0.0%'
    assert sheet["A5"].data_type == "s"
    foot = [str(row[0]) for row in sheet.iter_rows(min_row=7, values_only=True) if row[0]]
    assert any(line.startswith("注　") for line in foot)
    assert any(line.startswith("出典　総務省") for line in foot)
    assert not [
        cell for other in book.worksheets for row in other for cell in row if cell.data_type == "f"
    ]
    assert all(not other.merged_cells.ranges for other in book.worksheets)
    assert "土木部門" in str(book["出典"]["F4"].value)


def test_cells_of_a_sheet_hold_what_they_were_given() -> None:
    # Excel shows _x0041_ as A and _x005F_ as _: what only looks like such an escape is escaped.
    texts = ["a<b>&c", " 前後に空白 ", "改行\nあり", "_x0041_", "ベル\x07", "", "'=1+1"]
    numbers = [1, -2.5, 1e-9, 12345678901234, 0, None, 3.0]
    given = replace(
        finding(),
        table=pd.DataFrame({"code": texts, "staff_count": numbers}),
        columns=(Column("code", "文"), Column("staff_count", "数", "人", "number", 1)),
    )
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_bytes(page(given)))).worksheets[2]
    read = [row[:2] for row in sheet.iter_rows(min_row=5, max_row=11, values_only=True)]
    assert [str(text or "") for text, _ in read[:4]] == texts[:4]
    assert [str(text or "") for text, _ in read[5:]] == texts[5:]
    assert str(read[4][0]) in ("ベル_x0007_", "ベル\x07")
    assert [number for _, number in read] == [*numbers[:5], "…", 3.0]
    assert sheet.freeze_panes == "B5"
    assert sheet.print_title_rows == "$4:$4"


def test_a_sheet_without_a_table_has_its_sentence() -> None:
    told = replace(finding(), columns=(), table=pd.DataFrame())
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_bytes(page(told)))).worksheets[2]
    assert sheet["A2"].value == "例の一文。"
    assert csv_bytes(told).decode("utf-8-sig") == "内容\r\n例の一文。\r\n"


def test_a_number_that_no_spreadsheet_holds_is_refused() -> None:
    endless = replace(finding(), table=finding().table.assign(staff_count=float("inf")))
    with pytest.raises(ValueError, match="inf"):
        workbook_bytes(page(endless))


def test_every_sheet_has_a_title_a_print_area_and_repeats_its_headings() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(page(finding()))))
    for sheet in book.worksheets:
        assert str(sheet["A1"].value).strip(), sheet.title
        assert sheet.print_area, sheet.title
        assert sheet.print_title_rows, sheet.title
        assert sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation == "landscape"


def test_contents_lead_to_their_sheets() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(page(finding()))))
    cell = book["目次"]["A4"]
    assert cell.value == book.sheetnames[2]
    assert cell.hyperlink.location == f"'{book.sheetnames[2]}'!A1"
    assert cell.font.underline == "single"


def test_a_title_too_long_for_a_header_is_cut_not_dropped() -> None:
    made = page(finding())
    content = workbook_bytes(replace(made, area=replace(made.area, name="長" * 300)))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[1]
    assert "長長…" in str(sheet.oddHeader.right.text)


def test_workbook_is_the_same_byte_for_byte() -> None:
    assert workbook_bytes(page(finding())) == workbook_bytes(page(finding()))


def test_exhibits_are_numbered_as_the_page_shows_them() -> None:
    first, second = number_exhibits([finding(), finding("staffing.other")])
    assert (first.label, second.label) == ("表1", "表2")
    assert first.csv_name == "表1_例_1__ 判定区分III・IV.csv"
    assert len(first.sheet_name) <= 31


def test_headings_of_a_table_are_told_apart() -> None:
    twice = replace(
        finding(),
        columns=(
            Column("code", "団体コード"),
            Column("staff_count", "職員数", "人", "count"),
            Column("staff_count", "職員数", "人", "count"),
        ),
    )
    headings = list(plain_rows(twice)[0])
    assert len(set(headings)) == len(headings)
    assert headings[0] == "団体コード" and headings[1] == "職員数（人）"


def test_a_long_title_makes_a_sheet_name_without_half_a_bracket() -> None:
    title = "社会実装の目標に必要な検討の件数（全国の割合による本年度の試算）"
    long = replace(finding(), title=title)
    (exhibit,) = number_exhibits([long])
    assert exhibit.sheet_name == "表1_社会実装の目標に必要な検討の件数"


def test_a_table_without_rows_is_a_sentence_on_the_page() -> None:
    empty = replace(finding(), table=finding().table.iloc[:0])
    shown = page(finding(), replace(empty, finding_id="staffing.empty"))
    parts = environment().get_template("finding.html.j2").make_module()
    full, left_out = (str(parts.table(exhibit, shown)) for exhibit in shown.exhibits)  # type: ignore[attr-defined]
    assert "<table" in full and "表を省く" not in full
    assert "<table" not in left_out and "表を省く" in left_out
