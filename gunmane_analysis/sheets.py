"""The core of every Excel file: one way to open it, its formats and how its sheets print."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_FONT = {"font_name": "Yu Gothic", "font_size": 10, "valign": "top"}
_HEADER_LENGTH = 100  # Excel drops a header of more than 255 characters


class Book:
    """A workbook and its formats, each made once; the same content gives the same bytes.

    Parameters
    ----------
    title : str
        Of the document, and in the margin of every printed sheet.
    created : datetime
        What the file says of its making: no clock is read.
    """

    def __init__(self, title: str, created: datetime) -> None:
        self._stream = io.BytesIO()
        self.workbook = Workbook(self._stream, _OPTIONS)
        self.workbook.set_properties({"title": title, "created": created})
        self.title = title
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def style(self, **properties: Any) -> Format:
        """Return the format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format({**_FONT, **properties})
        return self._formats[key]

    def add_sheet(self, name: str, widths: Sequence[float]) -> Worksheet:
        """Add a sheet that prints on A4, with these column widths."""
        sheet = self.workbook.add_worksheet(name)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        shown = self.title
        if len(shown) > _HEADER_LENGTH:
            shown = f"{shown[: _HEADER_LENGTH - 1]}…"
        sheet.set_header(f"&L&A&R{shown.replace('&', '&&')}")
        sheet.set_footer("&C&P / &N")
        return sheet

    @property
    def head(self) -> Format:
        """The format of headings."""
        return self.style(bold=True, text_wrap=True, top=1, bottom=1, bg_color="#F2F2F2")

    def content(self) -> bytes:
        """Return the finished file."""
        self.workbook.close()
        return self._stream.getvalue()
