"""Sheets of plain cells for XlsxWriter, written in a fraction of the time of cell-by-cell calls.

XlsxWriter does all else: styles, widths, links, the sheet's page. Only its row writer, which asks
of every cell what it is and escapes it several times, and its way of packing are replaced; a test
reads the result with openpyxl.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from gunmane_analysis.page.tables import Cell

_DEFLATE_LEVEL = 1  # twice as fast as the usual one, a tenth larger
_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP knows: the clock stays out of the file
_MARKED = re.compile(r"[&<>]")
# What XML 1.0 cannot hold, and what Excel would read as such an escape.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9a-fA-F]{4}_)")


class PlainSheet(Worksheet):  # type: ignore[misc] # XlsxWriter has no types
    """A worksheet whose cells are handed over whole, row by row."""

    _rows_as_xml = ""

    def fill(self, rows: Sequence[Sequence[Cell]], head: Format, styles: Sequence[Format]) -> None:
        """Take the sheet's rows: headings first, each column in its style below.

        Parameters
        ----------
        rows : sequence of sequences
            Texts, numbers, and None (or an empty text) where a cell is empty.
        head : Format
        styles : sequence of Format
            One a column.

        Raises
        ------
        ValueError
            If a number is none that a spreadsheet can hold.
        """
        numbers = [style._get_xf_index() for style in styles]
        letters = [xl_col_to_name(column) for column in range(len(styles))]
        written = [_row(1, rows[0], letters, [head._get_xf_index()] * len(styles))]
        written += [_row(line, row, letters, numbers) for line, row in enumerate(rows[1:], 2)]
        self._rows_as_xml = "".join(written)
        self._check_dimensions(0, 0)
        self._check_dimensions(len(rows) - 1, len(styles) - 1)

    def _write_sheet_data(self) -> None:
        self.fh.write(f"<sheetData>{self._rows_as_xml}</sheetData>")


class PlainWorkbook(Workbook):  # type: ignore[misc] # XlsxWriter has no types
    """A workbook packed at once: the same content gives the same bytes."""

    def __init__(self, stream: io.BytesIO, options: dict[str, Any]) -> None:
        super().__init__(io.BytesIO(), options)
        self._stream = stream

    def _get_packager(self) -> Packager:
        return _QuickPackager(self._stream)


class _QuickPackager(Packager):  # type: ignore[misc] # XlsxWriter has no types
    """Packs what XlsxWriter has made, and leaves it nothing to pack."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__()
        self._stream = stream

    def _create_package(self) -> list[tuple[Any, str, bool]]:
        with zipfile.ZipFile(self._stream, "w") as packed:
            for content, name, is_binary in super()._create_package():
                held = content.getvalue() if is_binary else content.getvalue().encode("utf-8")
                packed.writestr(
                    zipfile.ZipInfo(name, _BEGINNING), held, zipfile.ZIP_DEFLATED, _DEFLATE_LEVEL
                )
        return []


def _row(number: int, cells: Sequence[Cell], letters: Sequence[str], styles: Sequence[int]) -> str:
    written = [f'<row r="{number}">']
    for cell, letter, style in zip(cells, letters, styles, strict=True):
        if isinstance(cell, str):
            if cell:
                space = ' xml:space="preserve"' if cell.strip() != cell else ""
                written.append(
                    f'<c r="{letter}{number}" s="{style}" t="inlineStr">'
                    f"<is><t{space}>{_escaped(cell)}</t></is></c>"
                )
        elif cell is not None:
            if not math.isfinite(cell):
                raise ValueError(f"{letter}{number}: {cell}")
            written.append(f'<c r="{letter}{number}" s="{style}"><v>{cell!r}</v></c>')
    written.append("</row>")
    return "".join(written)


def _escaped(text: str) -> str:
    if not text.isalnum():
        text = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
        if _MARKED.search(text):
            text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text
