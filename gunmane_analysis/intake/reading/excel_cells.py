"""Excel files to sheets of text cells: .xlsx and .xlsm by calamine, .xls by xlrd."""

from __future__ import annotations

import contextlib
import datetime
import io
from pathlib import Path
from typing import Any

from gunmane_analysis.intake.reading.sheet import Sheet
from gunmane_analysis.intake.reading.text_files import CELLS_AT_MOST
from gunmane_analysis.intake.reading.xlsx_package import read_marks, read_package
from gunmane_analysis.refusals import refusal, refuse_if

EMPTY, TEXT, NUMBER, DATE, TRUTH, FAULT = " sndbe"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ERRORS = frozenset(
    {"#REF!", "#N/A", "#NAME?", "#DIV/0!", "#VALUE!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)


def read_xlsx(path: Path) -> list[Sheet]:
    """Return every worksheet of an .xlsx or .xlsm file.

    Macros are never looked at; members of the package outside its worksheets are never
    written anywhere.

    Raises
    ------
    SourceError
        If the package is broken, unsafe, or too large.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    package = read_package(path)
    try:
        content = io.BytesIO(package.repaired) if package.repaired else path
        book = CalamineWorkbook.from_object(content)
    except PasswordError as fault:
        raise refusal("xlsx-password") from fault
    except (CalamineError, OSError) as fault:
        raise refusal("xlsx-broken", detail=str(fault)) from fault
    for sheet, xml in package.sheets:
        sheet.uses_1904 = package.uses_1904
        try:
            rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        except (CalamineError, OSError, ValueError) as fault:
            raise refusal("xlsx-sheet-broken", sheet=sheet.name, detail=str(fault)) from fault
        _add_rows(sheet, rows)
        for row, column, error in read_marks(sheet, xml, package):  # calamine leaves them empty
            _put(sheet, row, column, error)
    return [sheet for sheet, _ in package.sheets]


def read_xls(path: Path) -> list[Sheet]:
    """Return every worksheet of a BIFF .xls file.

    Raises
    ------
    SourceError
        If it is a password-protected file, another kind of OLE file, or broken.
    """
    import xlrd

    data = path.read_bytes()
    refuse_if(_ENCRYPTED in data, "xlsx-password")
    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    except xlrd.XLRDError as fault:
        if "encrypted" in str(fault).lower():
            raise refusal("xlsx-password") from fault
        raise refusal("xls-broken", detail=str(fault)) from fault
    return [_xls_sheet(book, sheet) for sheet in book.sheets()]


def _xls_sheet(book: Any, sheet: Any) -> Sheet:
    import xlrd

    found = Sheet(
        sheet.name,
        is_hidden=sheet.visibility != 0,
        uses_1904=book.datemode == 1,
        merged=[(r1, c1, r2 - 1, c2 - 1) for r1, r2, c1, c2 in sheet.merged_cells],
        hidden_rows=sorted(r for r, info in sheet.rowinfo_map.items() if info.hidden),
        hidden_columns=sorted(c for c, info in sheet.colinfo_map.items() if info.hidden),
    )
    rows: list[list[object]] = []
    for r in range(sheet.nrows):
        rows.append([])
        for c, cell in enumerate(sheet.row(r)):
            value = cell.value
            if cell.ctype == xlrd.XL_CELL_DATE:
                with contextlib.suppress(xlrd.XLDateError, OverflowError, ValueError):
                    value = xlrd.xldate_as_datetime(value, book.datemode)
            elif cell.ctype == xlrd.XL_CELL_ERROR:
                value = xlrd.error_text_from_code.get(value, "#ERROR!")
            elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                value = bool(value)
            elif value != "":
                style = book.xf_list[cell.xf_index]
                code = book.format_map[style.format_key].format_str
                if cell.ctype == xlrd.XL_CELL_NUMBER and code != "General":
                    found.formats.setdefault(code, []).append((r, c))
                runs = [(0, style.font_index), *sheet.rich_text_runlist_map.get((r, c), ())]
                struck, left = _xls_struck(book, runs, str(value))
                found.struck += [(r, c, struck, left)] if struck else []
            rows[-1].append(value)
    _add_rows(found, rows)
    return found


def _xls_struck(book: Any, runs: list[tuple[int, int]], text: str) -> tuple[str, str]:
    """Return what is struck out of a cell's text, of which each run has its font, and the rest."""
    parts = {True: "", False: ""}
    ends = [start for start, _ in runs[1:]] + [len(text)]
    for (start, font), end in zip(runs, ends, strict=True):
        parts[bool(book.font_list[font].struck_out)] += text[start:end]
    return parts[True].strip(), parts[False].strip()


def _add_rows(sheet: Sheet, rows: list[list[Any]]) -> None:
    """Add rows as texts and kinds, without empty cells at their end and empty rows at the end."""
    counted = 0
    for row in rows:
        cells = [_word(value) for value in row]
        while cells and not cells[-1][0]:
            cells.pop()
        counted += len(cells)
        if counted > CELLS_AT_MOST:
            raise refusal("xlsx-too-many-cells", most=CELLS_AT_MOST, sheet=sheet.name)
        sheet.rows.append([text for text, _ in cells])
        sheet.kinds.append("".join(kind for _, kind in cells))
    while sheet.rows and not sheet.rows[-1]:
        sheet.rows.pop()
        sheet.kinds.pop()


def _put(sheet: Sheet, row: int, column: int, error: str) -> None:
    missing = row + 1 - len(sheet.rows)
    sheet.rows += [[] for _ in range(missing)]
    sheet.kinds += [""] * missing
    cells, kinds = sheet.rows[row], sheet.kinds[row].ljust(column + 1)
    cells += [""] * (column + 1 - len(cells))
    cells[column] = error
    sheet.kinds[row] = f"{kinds[:column]}{FAULT}{kinds[column + 1 :]}"


def _word(value: object) -> tuple[str, str]:
    """Return a value as the text a reader would see without any number format, and its kind."""
    if isinstance(value, float):
        return number_text(value), NUMBER
    if isinstance(value, str):
        return value, EMPTY if not value else FAULT if value in _ERRORS else TEXT
    if value is None:
        return "", EMPTY
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), TRUTH
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time()
        return (value.date().isoformat() if is_day else value.isoformat(sep=" ")), DATE
    return (str(value), NUMBER) if isinstance(value, int) else (str(value), DATE)


def number_text(value: float) -> str:
    """Return a stored number as Excel shows it unformatted: at most 15 significant digits.

    Examples
    --------
    >>> number_text(15000.0), number_text(0.1 + 0.2), number_text(2.0240401000000120e16)
    ('15000', '0.3', '20240401000000120')
    """
    if value.is_integer() and abs(value) < 1e300:
        return str(int(value))
    return f"{value:.15g}"
