"""An area's Excel file: one table a sheet, a contents sheet and a sheet of sources."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gunmane_analysis.page.exhibits import Exhibit
from gunmane_analysis.page.page import AreaPage
from gunmane_analysis.page.sheets import PlainSheet, PlainWorkbook
from gunmane_analysis.page.tables import PlainColumn, PlainTable, safe_text

CONTENTS_SHEET = "目次"
SOURCES_SHEET = "出典"
_FONT = {"font_name": "Yu Gothic", "font_size": 10}
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_NARROWEST, _WIDEST = 8.0, 60.0
_HEADER_LENGTH = 100  # Excel drops a header of more than 255 characters
_MARGIN = 2.0  # of a column, in characters
_CONTENTS_WIDTHS = (34.0, 40.0, 60.0, 24.0, 60.0, 28.0)
_SOURCES_WIDTHS = (24.0, 40.0, 60.0, 24.0, 34.0, 60.0)


def workbook_bytes(page: AreaPage) -> bytes:
    """Return the area's workbook; the same page gives the same bytes."""
    stream = io.BytesIO()
    with PlainWorkbook(stream, _OPTIONS) as workbook:
        # The clock stays out of the file: the year's last day stands for the year.
        workbook.set_properties(
            {"title": page.title, "created": datetime(page.fiscal_year + 1, 3, 31)}
        )
        formats = _Formats(workbook)
        contents = _add_sheet(workbook, CONTENTS_SHEET)
        _fill(contents, formats, _contents(page.exhibits), _CONTENTS_WIDTHS, formats.link)
        for row, exhibit in enumerate(page.exhibits, start=1):
            contents.write_url(
                row, 0, f"internal:'{exhibit.sheet_name}'!A1", formats.link, exhibit.sheet_name
            )
            _write_table(_add_sheet(workbook, exhibit.sheet_name), formats, exhibit.plain)
        sources = _add_sheet(workbook, SOURCES_SHEET)
        _fill(sources, formats, _sources(page), _SOURCES_WIDTHS, formats.wrapped)
        for sheet in workbook.worksheets():
            _set_page(sheet, page.title)
    return stream.getvalue()


def _add_sheet(workbook: PlainWorkbook, name: str) -> PlainSheet:
    sheet: PlainSheet = workbook.add_worksheet(name, worksheet_class=PlainSheet)
    return sheet


class _Formats:
    """The workbook's cell formats, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._numbers: dict[str, Format] = {}
        self.head = self._make(bold=True, text_wrap=True, bottom=1, bg_color="#F2F2F2")
        self.text = self._make(num_format="@", valign="top")
        self.wrapped = self._make(num_format="@", valign="top", text_wrap=True)
        self.link = self._make(font_color="#0017C1", underline=1, valign="top")

    def _make(self, **properties: Any) -> Format:
        return self._workbook.add_format({**_FONT, **properties})

    def number(self, column: PlainColumn) -> Format:
        """Return the format of a number column; a negative number shows its △."""
        digits = "0" if column.kind == "year" else "#,##0"
        if column.decimals and column.kind != "year":
            digits += "." + "0" * column.decimals
        pattern = f'{digits};"△"{digits}'
        if pattern not in self._numbers:
            self._numbers[pattern] = self._make(num_format=pattern, valign="top")
        return self._numbers[pattern]


def _write_table(sheet: PlainSheet, formats: _Formats, table: PlainTable) -> None:
    headings = tuple(column.heading for column in table.columns)
    styles = [
        formats.text if column.kind == "text" else formats.number(column)
        for column in table.columns
    ]
    sheet.fill((headings, *table.rows), formats.head, styles)
    for position, column in enumerate(table.columns):
        width = _width(column, [row[position] for row in table.rows])
        sheet.set_column(position, position, width)
    sheet.freeze_panes(1, 1)


def _width(column: PlainColumn, values: Sequence[object]) -> float:
    """Return a width in which the cells are shown whole, and the heading in two lines."""
    texts = {value for value in values if isinstance(value, str)}
    numbers = [value for value in values if isinstance(value, int | float)]
    if numbers:
        texts |= {f"{end:,.{column.decimals}f}" for end in (min(numbers), max(numbers))}
    longest = max([_places(column.heading) / 2, *map(_places, texts)])
    return min(max(longest + _MARGIN, _NARROWEST), _WIDEST)


def _places(text: str) -> float:
    """Return how many places a text takes: a full-width mark has three bytes and takes two."""
    return (len(text) + len(text.encode())) / 2


def _fill(
    sheet: PlainSheet,
    formats: _Formats,
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    first: Format,
) -> None:
    shown = [[safe_text(text) for text in row] for row in rows]
    sheet.fill(shown, formats.head, [first, *[formats.wrapped] * (len(widths) - 1)])
    for position, width in enumerate(widths):
        sheet.set_column(position, position, width)
    sheet.freeze_panes(1, 0)


def _set_page(sheet: Worksheet, title: str) -> None:
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    shown = title if len(title) <= _HEADER_LENGTH else f"{title[: _HEADER_LENGTH - 1]}…"
    sheet.set_header(f"&L&A&R{shown.replace('&', '&&')}")
    sheet.set_footer("&C&P / &N")


def _contents(exhibits: Sequence[Exhibit]) -> list[tuple[str, ...]]:
    heads = ("シート", "表の名前", "読み取れること", "数値の性格", "注", "資料の番号")
    return [
        heads,
        *(
            (
                exhibit.sheet_name,
                exhibit.finding.title,
                exhibit.finding.headline,
                exhibit.finding.status_label or "公表された実績値から計算",
                " ".join(exhibit.finding.caveats),
                "、".join(exhibit.finding.source_ids),
            )
            for exhibit in exhibits
        ),
    ]


def _sources(page: AreaPage) -> list[tuple[str, ...]]:
    heads = ("資料の番号", "資料の名前", "出典", "単位", "利用条件", "限界")
    return [
        heads,
        *(
            (
                source.source_id,
                source.title,
                source.citation,
                source.unit,
                source.licence,
                source.caveat,
            )
            for source in page.sources
        ),
    ]
