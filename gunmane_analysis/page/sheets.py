"""Sheets of a workbook, written as the tables of Japanese statistics are: the one Excel writer.

A sheet has its title in A1, the unit and how to read it below, the table, then notes and source.
Numbers are numbers with a format; what is missing shows its sign.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gunmane_analysis.findings import Column, Finding
from gunmane_analysis.page.tables import safe_text
from gunmane_analysis.sheets import Book
from gunmane_analysis.wording import MARKERS, MISSING, is_missing

_NARROWEST, _WIDEST = 9.0, 48.0
_LINE = 16.0  # points of height
HEAD_LINE = 2  # of a sheet of texts, from 0
TextCell = str | tuple[Column, object]


class StatisticsBook(Book):
    """A workbook whose sheets are tables of statistics."""

    def number_style(self, column: Column) -> Format:
        """Return the format of a number column; a fall shows its △."""
        digits = "0" if column.kind == "year" else "#,##0"
        if column.decimals and column.kind != "year":
            digits += "." + "0" * column.decimals
        if column.kind in ("rate", "change"):
            digits += "%"
        return self.style(num_format=f'{digits};"△"{digits}')

    def add_text_sheet(
        self, name: str, title: str, rows: Sequence[Sequence[TextCell]], widths: Sequence[float]
    ) -> Worksheet:
        """Add a sheet of texts: its title in A1, headings in the third line, cells below."""
        sheet = self.add_sheet(name, widths)
        sheet.write_string(0, 0, safe_text(title), self.title_style)
        for line, row in enumerate(rows, start=HEAD_LINE):
            style = self.head if line == HEAD_LINE else self.style(text_wrap=True)
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, place, safe_text(cell), style)
                else:
                    self._write(sheet, line, place, cell[0], [cell[1]])
        self._finish(sheet, HEAD_LINE, HEAD_LINE + len(rows) - 1, len(widths), 0)
        return sheet

    def _finish(self, sheet: Worksheet, head: int, last: int, columns: int, frozen: int) -> None:
        """Keep the headings in sight and on every printed sheet, and print just what is there."""
        sheet.freeze_panes(head + 1, frozen)
        sheet.repeat_rows(head)
        sheet.print_area(0, 0, last, max(columns - 1, 0))

    @property
    def title_style(self) -> Format:
        """The format of a sheet's title."""
        return self.style(bold=True, font_size=12)

    def add_finding(self, name: str, finding: Finding, heading: str, source: str = "") -> Worksheet:
        """Add a finding's table as a sheet of statistics.

        Parameters
        ----------
        name : str
            Of the sheet.
        finding : Finding
        heading : str
            The title in A1.
        source : str
            Who published the figures.
        """
        columns, rows = finding.columns, finding.rows()
        sheet = self.add_sheet(name, _widths(columns, rows))
        sheet.write_string(0, 0, safe_text(heading), self.title_style)
        units = "、".join(dict.fromkeys(column.unit for column in columns if column.unit))
        status = f"　{finding.status_label}" if finding.status_label else ""
        sheet.write_string(1, 0, safe_text(f"{finding.headline}{status}"))
        sheet.write_string(2, 0, safe_text(f"単位：{units}" if units else ""))
        for place, column in enumerate(columns):
            sheet.write_string(3, place, safe_text(column.heading), self.head)
        deepest = max((len(column.heading) for column in columns), default=1)
        sheet.set_row(3, _LINE * (1 + deepest // 9))
        for place, column in enumerate(columns):
            self._write(sheet, 4, place, column, [row[place] for row in rows])
        foot = 4 + len(rows)
        lines = [f"注　{caveat}" for caveat in finding.caveats]
        lines += [f"出典　{source}"] if source else []
        for place, text in enumerate(lines, start=foot):
            sheet.write_string(place, 0, safe_text(text), self.style(font_size=9))
        self._finish(sheet, 3, foot + len(lines), len(columns), 1)
        return sheet

    def _write(
        self, sheet: Worksheet, first: int, place: int, column: Column, values: Sequence[object]
    ) -> None:
        """Write values below each other."""
        text, sign = self.style(text_wrap=True), self.style(align="right")
        number = self.number_style(column)
        for line, value in enumerate(values, start=first):
            if not column.is_number:
                shown = "" if is_missing(value) else safe_text(str(value))
                sheet.write_string(line, place, shown, text)
            elif is_missing(value) or value in MARKERS or not isinstance(value, int | float):
                shown = MISSING if is_missing(value) else safe_text(str(value))
                sheet.write_string(line, place, shown, sign)
            elif not math.isfinite(value):
                raise ValueError(f"{column.heading}: {value}")
            else:
                sheet.write_number(line, place, value, number)


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> list[float]:
    """Return widths in which cells are shown whole, and headings in two or three lines."""
    widths = []
    for place, column in enumerate(columns):
        shown = map(column.words, {row[place] for row in rows})
        longest = max([_places(column.heading) / 2.5, *map(_places, shown)], default=0.0)
        widths.append(min(max(longest + 2.0, _NARROWEST), _WIDEST))
    return widths


def _places(text: str) -> float:
    """Return how many places a text takes: a full-width mark has three bytes and takes two."""
    return (len(text) + len(text.encode())) / 2
