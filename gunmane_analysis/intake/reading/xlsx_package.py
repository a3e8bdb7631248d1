"""The parts of an .xlsx package, looked at before anything parses them.

python-calamine reads the values (a SSDSE edition of 1,741 x 128 cells in 0.25 s; openpyxl needs
ten times that), but it tells nothing of formulas without a stored value, hidden rows, struck-out
text or number formats, and it allocates the whole rectangle up to the farthest cell. So this
module inflates the parts under a limit, refuses what no table needs (DTDs, entities, a cell at
XFD1048576), and reads the marks of a sheet where it has any.
"""

from __future__ import annotations

import functools
import re
import string
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from posixpath import join, normpath
from typing import Any
from xml.etree.ElementTree import Element, ParseError, iterparse

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gunmane_analysis.intake.reading.sheet import Sheet
from gunmane_analysis.refusals import refusal, refuse_if

UNPACKED_AT_MOST = 300 * 1024 * 1024
RATIO_AT_MOST = 150.0
RATIO_FROM_BYTES = 20 * 1024 * 1024
RECTANGLE_AT_MOST = 5_000_000
LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
_PARTS_AT_MOST = 5_000
_MARKS_AT_MOST = 20_000
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_BUILT_IN_PERCENT = {9: "0%", 10: "0.00%"}
_SPACES = bytes.maketrans(b"\t\r\n", b"   ")  # a pattern that begins with one space is fast
_PLACE = re.compile(rb""" r=["']([A-Za-z]*[0-9]+)["']""")
_LETTERS, _DIGITS = string.ascii_letters.encode(), string.digits.encode()
_DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\b[^>]*?\bref=["']([^"']*)["'][^>]*/>""")
_RANGE = re.compile(rb"[A-Z]{1,3}[1-9][0-9]*(?::[A-Z]{1,3}[1-9][0-9]*)?")
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_STYLE = re.compile(rb""" s=["']([0-9]+)["']""")
_WORTH_A_PASS = (b"<f", b":f", b"mergeC", b"autoF", b"hidden=", b't="e', b"t='e", b"strike")

Struck = tuple[str, str]  # what is struck out of a text, and what is left


@dataclass(frozen=True, slots=True)
class Package:
    """What the package says about its worksheets.

    Attributes
    ----------
    sheets : tuple of (Sheet, bytes)
        Each worksheet, its rows and marks not yet read, and its XML.
    formats : dict
        By cell style: its number format; built-in dates are left out.
    struck_styles : set of str
        Cell styles whose font is struck out.
    struck_texts : dict
        By shared string: what is struck out of it, and what is left.
    is_recalculated : bool
        Whether Excel is told to calculate every formula when it opens the book, as programs
        do that store no results.
    repaired : bytes
        The package with the ranges of its sheets left out, where one of them is impossible.
    """

    sheets: tuple[tuple[Sheet, bytes], ...]
    formats: dict[str, str]
    struck_styles: set[str]
    struck_texts: dict[str, Struck]
    uses_1904: bool
    is_recalculated: bool
    repaired: bytes


def read_package(path: Path) -> Package:
    """Inflate and check the parts of the worksheets.

    Raises
    ------
    SourceError
        If the package is broken, too large when unpacked, or holds a DTD, an entity, an
        impossible cell reference, a row twice, or a cell far away from all others.
    """
    try:
        with zipfile.ZipFile(path) as package:
            _check_sizes(package)
            return _read_package(package)
    except (zipfile.error, EOFError, OSError, NotImplementedError, KeyError) as fault:
        raise refusal("xlsx-broken", detail=str(fault)) from fault
    except RuntimeError as fault:  # zipfile's word for an encrypted member
        raise refusal("xlsx-encrypted", detail=str(fault)) from fault
    except (ParseError, DefusedXmlException, UnicodeError, ValueError) as fault:
        raise refusal("xlsx-xml-broken", detail=str(fault)) from fault


def _check_sizes(package: zipfile.ZipFile) -> None:
    members = package.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    is_dense = unpacked > RATIO_FROM_BYTES and unpacked / packed > RATIO_AT_MOST
    if len(members) > _PARTS_AT_MOST or unpacked > UNPACKED_AT_MOST or is_dense:
        sizes = {"packed": packed / 1e6, "unpacked": unpacked / 1e6, "most": UNPACKED_AT_MOST / 1e6}
        raise refusal("xlsx-unpacks-too-large", parts=len(members), ratio=RATIO_AT_MOST, **sizes)


def _read_package(package: zipfile.ZipFile) -> Package:
    parts = {_key(info.filename): _part(package, info) for info in package.infolist()}
    refuse_if("xl/workbook.xml" not in parts, "xlsx-not-a-book")
    book = fromstring(parts["xl/workbook.xml"])
    sheets = tuple(_sheets(book, parts))
    ranges = [match for _, xml in sheets if (match := _DIMENSION.search(xml[:4096]))]
    has_bad_range = not all(_RANGE.fullmatch(match[1]) for match in ranges)
    return Package(
        sheets,
        *_styles(parts.get("xl/styles.xml", b"")),
        struck_texts=_struck_texts(parts.get("xl/sharedstrings.xml", b"")),
        uses_1904=_is_set(book.find(".//{*}workbookPr"), "date1904"),
        is_recalculated=_is_set(book.find(".//{*}calcPr"), "fullCalcOnLoad"),
        repaired=_without_ranges(package) if has_bad_range else b"",
    )


def _key(name: str) -> str:
    """Return the name under which a part is looked up; backslashes and case do not matter."""
    return name.replace("\\", "/").lower()


def _part(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return a part that is XML, and nothing of others; refuse what is false or dangerous."""
    name = member.filename
    if not name.lower().endswith((".xml", ".rels", ".vml")):
        return b""
    with package.open(member) as stream:
        data = stream.read(member.file_size + 1)
    refuse_if(len(data) > member.file_size, "xlsx-part-size-false", part=name)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:200]:
        raise refusal("xlsx-part-not-utf8", part=name)
    refuse_if(b"<!DOCTYPE" in data or b"<!ENTITY" in data, "xlsx-entities", part=name)
    return data


def _sheets(book: Element, parts: dict[str, bytes]) -> Iterator[tuple[Sheet, bytes]]:
    """Yield the worksheets with their XML; chart sheets hold no cells."""
    relations = parts.get("xl/_rels/workbook.xml.rels")
    targets = {each.get("Id"): each for each in (fromstring(relations) if relations else ())}
    for element in book.iterfind(".//{*}sheet"):
        name = element.get("name", "")
        relation = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
        target = targets.get(relation, Element("none"))
        if target.get("Type", "worksheet").rpartition("/")[2] != "worksheet":
            continue
        part = normpath(join("/xl", _key(target.get("Target", "")))).lstrip("/")
        code = "xlsx-sheet-broken" if part in parts else "xlsx-sheet-missing"
        refuse_if(not (xml := parts.get(part, b"")).strip(), code, sheet=name)
        _check_extent(xml, name)
        is_hidden = element.get("state", "visible") != "visible"
        yield Sheet(name, is_hidden=is_hidden, has_objects=b"<drawing" in xml), xml


def _is_set(element: Element | None, attribute: str) -> bool:
    return element is not None and element.get(attribute) in ("1", "true")


def _without_ranges(package: zipfile.ZipFile) -> bytes:
    """Return the package with the stated ranges of its sheets left out."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as copy:
        for name in package.namelist():
            data = package.read(name)
            copy.writestr(name, _DIMENSION.sub(b"", data) if "sheet" in name.lower() else data)
    return written.getvalue()


def _check_extent(xml: bytes, sheet: str) -> None:
    """Refuse impossible references, rows twice, and a rectangle that only a stray cell fills."""
    places = _PLACE.findall(xml.translate(_SPACES))  # a row's number has no letters
    if len(set(places)) < len(places):
        twice = Counter(places).most_common(1)[0][0]
        number = int(twice.translate(None, _LETTERS)[:9])
        raise refusal("xlsx-row-twice", number=number, sheet=sheet, row=number)
    rows = {int(digits[:18]) for digits in {place.lstrip(_LETTERS) for place in places}}
    columns = {column_number(word) for word in {place.rstrip(_DIGITS) for place in places}}
    last_row, last_column = max(rows, default=0), max(columns, default=0)
    is_impossible = last_row > LAST_ROW or last_column > LAST_COLUMN or 0 in rows
    if not is_impossible and last_row * last_column <= RECTANGLE_AT_MOST:
        return
    far = max(places, key=_extent).decode("ascii")[:24]
    shown = "（行番号）" if far.isdigit() else far
    facts: dict[str, Any] = {"far": shown, "sheet": sheet, "cell": shown}
    refuse_if(is_impossible, "xlsx-impossible-reference", rows=LAST_ROW, **facts)
    facts |= {"rows": last_row, "letters": column_letters(last_column), "most": RECTANGLE_AT_MOST}
    raise refusal("xlsx-extent-too-large", **facts)


def _extent(place: bytes) -> int:
    """Return how many cells lie up to a place; a row's number has no column."""
    return int(place.translate(None, _LETTERS)[:18]) * column_number(place.translate(None, _DIGITS))


def _styles(xml: bytes) -> tuple[dict[str, str], set[str]]:
    """Return the number format of each cell style worth a look, and the struck-out styles."""
    root = fromstring(xml or b"<none/>")
    codes = {
        int(e.get("numFmtId", 0)): e.get("formatCode", "") for e in root.iterfind(".//{*}numFmt")
    }
    fonts = {str(i) for i, font in enumerate(root.iterfind("{*}fonts/*")) if _is_struck(font)}
    formats, struck = {}, set()
    for index, style in enumerate(root.iterfind("{*}cellXfs/*")):
        number = int(style.get("numFmtId", 0))
        code = codes.get(number, _BUILT_IN_PERCENT.get(number, ""))
        if code not in ("", "General") and number not in _BUILT_IN_DATES:
            formats[str(index)] = code
        if style.get("fontId") in fonts:
            struck.add(str(index))
    return formats, struck


def _is_struck(properties: Element) -> bool:
    return any(
        mark.get("val", "1") not in ("0", "false")
        for name in ("strike", "dstrike")
        for mark in properties.iterfind(f"{{*}}{name}")
    )


def _struck_texts(xml: bytes) -> dict[str, Struck]:
    if b"strike" not in xml:
        return {}
    items = enumerate(fromstring(xml).iterfind("{*}si"))
    return {str(index): found for index, item in items if (found := _struck_runs(item))}


def _struck_runs(item: Element) -> Struck | None:
    """Return what is struck out of a text of several runs and what is left, or None."""
    parts = {True: "", False: ""}
    for run in item.iterfind("{*}r"):
        is_struck = any(map(_is_struck, run.iterfind("{*}rPr")))
        parts[is_struck] += "".join(text.text or "" for text in run.iterfind("{*}t"))
    return (parts[True].strip(), parts[False].strip()) if parts[True].strip() else None


def read_marks(sheet: Sheet, xml: bytes, package: Package) -> list[tuple[int, int, str]]:
    """Add the marks of a worksheet, and return its errors: the row, column and text of each.

    A sheet that has no marks is not parsed at all.

    Raises
    ------
    SourceError
        If the XML is not well formed.
    """
    if not package.struck_texts and not any(mark in xml for mark in _WORTH_A_PASS):
        styles = {style.encode() for style in (*package.formats, *package.struck_styles)}
        if not styles or styles.isdisjoint(_STYLE.findall(xml.translate(_SPACES))):
            return []
    try:
        return _read_marks(sheet, xml, package)
    except ParseError as fault:
        raise refusal("xlsx-sheet-broken", sheet=sheet.name, detail=str(fault)) from fault


def _read_marks(sheet: Sheet, xml: bytes, package: Package) -> list[tuple[int, int, str]]:
    """Read a part, which was searched for DTDs when it was inflated."""
    errors: list[tuple[int, int, str]] = []
    stored: list[str] = []  # the values of the formulas
    row = 0
    for _, element in iterparse(BytesIO(xml)):
        kind = element.tag.rpartition("}")[2]
        is_hidden = element.get("hidden") in ("1", "true")
        if kind == "row":
            row = int(element.get("r", row + 1))
            sheet.hidden_rows += [row - 1] if is_hidden else []
            column = -1
            for cell in element:
                match = _CELL.fullmatch(cell.get("r", ""))
                row = int(match[2]) if match else row
                column = column_number(match[1]) - 1 if match else column + 1
                parts = {part.tag.rpartition("}")[2]: part for part in cell}
                content = parts.get("v", parts.get("is"))
                value = "" if content is None else "".join(content.itertext()).strip()
                if cell.get("t") == "e":
                    _keep(errors, (row - 1, column, value[:20] or "#N/A"))
                if "f" in parts:
                    stored.append(value)
                    sheet.uncached.append((row - 1, column, (parts["f"].text or "")[:80]))
                _mark_cell(sheet, (row - 1, column), cell, value, package)
            element.clear()
        elif kind == "col" and is_hidden:
            first, last = int(element.get("min", 1)), int(element.get("max", 1))
            sheet.hidden_columns += range(first - 1, min(last, first + 500))
        elif kind == "mergeCell":
            found = _CELL.findall(element.get("ref", ""))
            corners = [(int(digits) - 1, column_number(letters) - 1) for letters, digits in found]
            sheet.merged += [(*corners[0], *corners[1])] if len(corners) == 2 else []
        sheet.is_filtered |= kind == "autoFilter"
    sheet.formula_count = len(stored)
    is_none_stored = package.is_recalculated and set(stored) <= {"", "0", "0.0"}
    formulas = zip(sheet.uncached, stored, strict=True)
    uncached = [mark for mark, value in formulas if is_none_stored or not value]
    sheet.uncached = uncached[:_MARKS_AT_MOST]
    return errors


def _mark_cell(
    sheet: Sheet, place: tuple[int, int], cell: Element, value: str, package: Package
) -> None:
    """Add a cell's number format, and what is struck out of its text."""
    style, struck = cell.get("s", ""), None
    if code := package.formats.get(style):
        _keep(sheet.formats.setdefault(code, []), place)
    if style in package.struck_styles and value:
        struck = (value[:40], "")
    elif cell.get("t") == "s":
        struck = package.struck_texts.get(value)
    elif (inline := cell.find("{*}is")) is not None:
        struck = _struck_runs(inline)
    if struck:
        _keep(sheet.struck, (*place, *struck))


def _keep(found: list[Any], mark: object) -> None:
    if len(found) < _MARKS_AT_MOST:
        found.append(mark)


def column_letters(number: int) -> str:
    """Return the letters of a column counted from 1.

    Examples
    --------
    >>> column_letters(1), column_letters(28), column_letters(16_384)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str | bytes) -> int:
    """Return the number of a column, counted from 1; of more than nine letters, of the first.

    Examples
    --------
    >>> column_number("XFD")
    16384
    """
    shown = letters.decode("ascii") if isinstance(letters, bytes) else letters
    return functools.reduce(lambda number, each: number * 26 + int(each, 36) - 9, shown[:9], 0)
