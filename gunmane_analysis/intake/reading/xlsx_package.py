"""The parts of an .xlsx package, looked at before anything parses them.

python-calamine reads the values (a SSDSE edition of 1,741 x 128 cells in 0.25 s; openpyxl needs
ten times that), but it tells nothing of formulas without a stored value, hidden rows, struck-out
text, number formats or merged ranges, and it allocates the whole rectangle up to the farthest
cell. So this module inflates the parts under a limit, refuses what no table needs (DTDs,
entities, a cell at XFD1048576), and reads the marks with expat where a sheet has any.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from posixpath import join, normpath
from xml.etree.ElementTree import Element, ParseError
from xml.parsers import expat

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gunmane_analysis.intake.reading.issues import Refusal

UNPACKED_AT_MOST = 300 * 1024 * 1024
RATIO_AT_MOST = 150.0
RATIO_FROM_BYTES = 20 * 1024 * 1024
RECTANGLE_AT_MOST = 5_000_000
LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
_PARTS_AT_MOST = 5_000
_MARKS_AT_MOST = 20_000
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_REFERENCE = re.compile(rb"""\sr=["']([A-Za-z]+[0-9]+)["']""")
_USUAL_REFERENCE = re.compile(rb' r="([A-Za-z]+[0-9]+)"')
_USUAL_ROW_NUMBER = re.compile(rb' r="([0-9]+)"')
_DIGITS = b"0123456789"
_LETTERS = bytes(range(65, 91)) + bytes(range(97, 123))
_ROW_NUMBER = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br=["']([0-9]+)["']""")
_DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\b[^>]*?\bref=["']([^"']*)["'][^>]*/>""")
_RANGE = re.compile(rb"[A-Z]{1,3}[1-9][0-9]*(?::[A-Z]{1,3}[1-9][0-9]*)?")
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_STYLE = re.compile(rb"""\ss=["']([0-9]+)["']""")
_WORTH_A_PASS = (
    b"<f",
    b":f",
    b"mergeCell",
    b"autoFilter",
    b"hidden=",
    b't="e"',
    b"t='e'",
    b"strike",
)

Struck = tuple[str, str]  # what is struck out of a text, and what is left


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One worksheet of the package: name, visibility, XML, and whether objects lie on it."""

    name: str
    is_hidden: bool
    xml: bytes
    has_objects: bool


@dataclass(frozen=True, slots=True)
class Package:
    """What the package says about its worksheets.

    Attributes
    ----------
    formats : dict
        By cell style: its number format; built-in dates are left out.
    struck_styles : frozenset of str
        Cell styles whose font is struck out.
    struck_texts : dict
        By shared string: what is struck out of it, and what is left.
    is_recalculated : bool
        Whether Excel is told to calculate every formula when it opens the book, as programs
        do that store no results.
    repaired : bytes
        The package with the ranges of its sheets left out, where one of them is impossible.
    """

    sheets: tuple[SheetPart, ...]
    formats: dict[int, str]
    uses_1904: bool
    struck_styles: frozenset[str] = frozenset()
    struck_texts: dict[int, Struck] = field(default_factory=dict)
    is_recalculated: bool = False
    repaired: bytes = b""


def read_package(path: Path) -> Package:
    """Inflate and check the parts of the worksheets.

    Raises
    ------
    Refusal
        If the package is broken, too large when unpacked, or holds a DTD, an entity, an
        impossible cell reference, a row twice, or a cell far away from all others.
    """
    try:
        with zipfile.ZipFile(path) as package:
            _check_sizes(package)
            return _read_parts(_Parts(package))
    except (zipfile.error, EOFError, OSError, NotImplementedError, KeyError) as fault:
        raise Refusal("xlsx-broken", detail=str(fault)) from fault
    except RuntimeError as fault:  # zipfile's word for an encrypted member
        raise Refusal("xlsx-encrypted", detail=str(fault)) from fault
    except (ParseError, DefusedXmlException, UnicodeError, ValueError) as fault:
        raise Refusal("xlsx-xml-broken", detail=str(fault)) from fault


def _check_sizes(package: zipfile.ZipFile) -> None:
    members = package.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    is_dense = unpacked > RATIO_FROM_BYTES and unpacked / packed > RATIO_AT_MOST
    if len(members) > _PARTS_AT_MOST or unpacked > UNPACKED_AT_MOST or is_dense:
        raise Refusal(
            "xlsx-unpacks-too-large",
            packed=packed / 1e6,
            unpacked=unpacked / 1e6,
            parts=len(members),
            most=UNPACKED_AT_MOST / 1e6,
            ratio=RATIO_AT_MOST,
        )


class _Parts:
    """The members of a package by name; backslashes and case make no difference."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package = package
        self.members = {self.key(info.filename): info for info in package.infolist()}

    @staticmethod
    def key(name: str) -> str:
        return name.replace("\\", "/").lower()

    def __contains__(self, name: str) -> bool:
        return self.key(name) in self.members

    def read(self, name: str) -> bytes:
        """Return a part; a member larger than it declares is cut off and refused."""
        member = self.members[self.key(name)]
        with self.package.open(member) as stream:
            data = stream.read(member.file_size + 1)
        if len(data) > member.file_size:
            raise Refusal("xlsx-part-size-false", part=name)
        if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:200]:
            raise Refusal("xlsx-part-not-utf8", part=name)
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise Refusal("xlsx-entities", part=name)
        return data


def _read_parts(parts: _Parts) -> Package:
    if "xl/workbook.xml" not in parts:
        raise Refusal("xlsx-not-a-book")
    book = fromstring(parts.read("xl/workbook.xml"))
    targets = _targets(parts, "xl/_rels/workbook.xml.rels", "xl")
    sheets, read = [], {"xl/workbook.xml"}
    for element in book.iter():
        if _local(element) != "sheet":
            continue
        relation = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
        kind, target = targets.get(relation, ("worksheet", ""))
        if kind != "worksheet":
            continue  # chart sheets hold no cells
        title = element.get("name", "")
        if target not in parts:
            raise Refusal("xlsx-sheet-missing", name=title, sheet=title)
        xml = parts.read(target)
        read.add(parts.key(target))
        if not xml.strip():
            raise Refusal("xlsx-sheet-broken", name=title, sheet=title)
        _check_extent(xml, title)
        is_hidden = element.get("state", "visible") != "visible"
        sheets.append(SheetPart(title, is_hidden, xml, b"<drawing" in xml))
    for name in parts.members:  # nothing else is used, but nothing dangerous may lie in it
        if name.endswith((".xml", ".rels", ".vml")) and name not in read:
            parts.read(name)
    formats, struck_styles = _styles(parts) if "xl/styles.xml" in parts else ({}, frozenset())
    return Package(
        tuple(sheets),
        formats,
        _is_set(book, "workbookPr", "date1904"),
        struck_styles,
        _struck_texts(parts),
        _is_set(book, "calcPr", "fullCalcOnLoad"),
        _repaired(parts) if any(_has_bad_dimension(sheet.xml) for sheet in sheets) else b"",
    )


def _is_set(book: Element, name: str, attribute: str) -> bool:
    return any(_local(e) == name and e.get(attribute) in ("1", "true") for e in book.iter())


def _has_bad_dimension(xml: bytes) -> bool:
    match = _DIMENSION.search(xml[:4096])
    return match is not None and not _RANGE.fullmatch(match[1])


def _repaired(parts: _Parts) -> bytes:
    """Return the package with the stated ranges of its sheets left out."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as package:
        for name, member in parts.members.items():
            data = parts.package.read(member)
            package.writestr(
                member.filename, _DIMENSION.sub(b"", data) if "sheet" in name else data
            )
    return written.getvalue()


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _targets(parts: _Parts, name: str, base: str) -> dict[str, tuple[str, str]]:
    """Return the kind and the part of each relationship."""
    found: dict[str, tuple[str, str]] = {}
    for element in fromstring(parts.read(name)) if name in parts else ():
        target = element.get("Target", "").replace("\\", "/")
        path = target.lstrip("/") if target.startswith("/") else normpath(join(base, target))
        found[element.get("Id", "")] = (element.get("Type", "").rpartition("/")[2], path)
    return found


def _struck_texts(parts: _Parts) -> dict[int, Struck]:
    xml = parts.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in parts else b""
    if b"strike" not in xml:
        return {}
    items = [item for item in fromstring(xml) if _local(item) == "si"]
    return {
        index: found
        for index, item in enumerate(items)
        if (found := _struck_runs(item)) is not None
    }


def _struck_runs(item: Element) -> Struck | None:
    """Return what is struck out of a text of several runs and what is left, or None."""
    struck, left = "", ""
    for run in item:
        if _local(run) != "r":
            continue
        text = "".join(part.text or "" for part in run if _local(part) == "t")
        is_struck = any(
            _local(mark) in ("strike", "dstrike") and mark.get("val", "1") not in ("0", "false")
            for properties in run
            if _local(properties) == "rPr"
            for mark in properties
        )
        struck, left = (struck + text, left) if is_struck else (struck, left + text)
    return (struck.strip(), left.strip()) if struck.strip() else None


def _references(xml: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return every cell's reference and every row's number.

    As Excel writes them they are found twice as fast; they are all of them where nothing else
    in the sheet has an attribute ``r``, and other ways of writing them are searched otherwise.
    """
    cells, rows = _USUAL_REFERENCE.findall(xml), _USUAL_ROW_NUMBER.findall(xml)
    is_usual = xml.count(b" r=") == len(cells) + len(rows)
    if is_usual and not any(space in xml for space in (b"\tr=", b"\nr=", b"\rr=")):
        return cells, rows
    return _REFERENCE.findall(xml), _ROW_NUMBER.findall(xml)


def _check_extent(xml: bytes, sheet: str) -> None:
    """Refuse impossible references, rows twice, and a rectangle that only a stray cell fills."""
    cells, row_numbers = _references(xml)
    for places in (row_numbers, cells):
        if len(set(places)) < len(places):
            seen: set[bytes] = set()
            twice = next(each for each in places if each in seen or seen.add(each))  # type: ignore[func-returns-value]
            number = twice.translate(None, _LETTERS).decode("ascii")[:9]
            raise Refusal("xlsx-row-twice", name=sheet, number=number, sheet=sheet, row=int(number))
    references = b" ".join(cells)
    columns = set(references.translate(None, _DIGITS).split())
    rows = {digits[:18] for digits in references.translate(None, _LETTERS).split()}
    rows |= {digits[:18] for digits in row_numbers}
    last_column = max((column_number(letters[:9].decode()) for letters in columns), default=0)
    numbers = [int(digits) for digits in rows]
    last_row = max(numbers, default=0)
    if last_row > LAST_ROW or last_column > LAST_COLUMN or 0 in numbers:
        far = _farthest(xml)
        raise Refusal(
            "xlsx-impossible-reference", name=sheet, far=far, rows=LAST_ROW, sheet=sheet, cell=far
        )
    if last_row * last_column > RECTANGLE_AT_MOST:
        far = _farthest(xml)
        raise Refusal(
            "xlsx-extent-too-large",
            name=sheet,
            rows=last_row,
            letters=column_letters(last_column),
            far=far,
            most=RECTANGLE_AT_MOST,
            sheet=sheet,
            cell=far,
        )


def _farthest(xml: bytes) -> str:
    found = [
        (int(reference.translate(None, _LETTERS)[:18]), reference)
        for reference in _REFERENCE.findall(xml)
    ]
    if not found:
        return "（行番号）"
    last_row = max(row for row, _ in found)
    if last_row > LAST_ROW:
        far = next(reference for row, reference in found if row == last_row)
    else:
        far = max(found, key=lambda cell: cell[0] * column_number(_letters_of(cell[1])))[1]
    return str(far.decode("ascii")[:24])


def _letters_of(reference: bytes) -> str:
    return reference.translate(None, _DIGITS)[:9].decode("ascii")


def _styles(parts: _Parts) -> tuple[dict[int, str], frozenset[str]]:
    """Return the number format of each cell style worth a look, and the struck-out styles."""
    root = fromstring(parts.read("xl/styles.xml"))
    own = {
        int(element.get("numFmtId", "0")): element.get("formatCode", "")
        for element in root.iter()
        if _local(element) == "numFmt"
    }
    fonts = next((element for element in root if _local(element) == "fonts"), None)
    struck_fonts = {
        str(index)
        for index, font in enumerate(fonts if fonts is not None else ())
        if any(_local(m) == "strike" and m.get("val", "1") not in ("0", "false") for m in font)
    }
    styles = next((element for element in root if _local(element) == "cellXfs"), None)
    found: dict[int, str] = {}
    struck: set[str] = set()
    for index, style in enumerate(styles if styles is not None else ()):
        number = int(style.get("numFmtId", "0"))
        code = own.get(number, {9: "0%", 10: "0.00%"}.get(number, ""))
        if code and code != "General" and number not in _BUILT_IN_DATES:
            found[index] = code
        if style.get("fontId") in struck_fonts:
            struck.add(str(index))
    return found, frozenset(struck)


@dataclass
class Marks:
    """Positions are (row, column), counted from 0; spans are (row, column, row, column)."""

    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    uncached: list[tuple[int, int, str]] = field(default_factory=list)
    formats: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    struck: list[tuple[int, int, str, str]] = field(default_factory=list)
    formula_count: int = 0
    is_filtered: bool = False


def read_marks(part: SheetPart, package: Package) -> Marks:
    """Read the marks of one worksheet; a sheet that has none is not parsed at all.

    Raises
    ------
    Refusal
        If the XML is not well formed.
    """
    if not package.struck_texts and not any(mark in part.xml for mark in _WORTH_A_PASS):
        styles = {*map(str, package.formats), *package.struck_styles}
        used = set(_STYLE.findall(part.xml)) if styles else set()
        if not any(index.encode() in used for index in styles):
            return Marks()
    reader = _Reader(package)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    reader.parser = parser
    try:
        parser.Parse(part.xml, True)
    except expat.ExpatError as fault:
        raise Refusal(
            "xlsx-sheet-broken", name=part.name, sheet=part.name, detail=str(fault)
        ) from fault
    if package.is_recalculated and reader.zeros and len(reader.zeros) == reader.with_value:
        reader.marks.uncached += reader.zeros[:_MARKS_AT_MOST]
    if b"strike" in part.xml:
        reader.marks.struck += _struck_inline(part.xml)
    return reader.marks


def _struck_inline(xml: bytes) -> list[tuple[int, int, str, str]]:
    """Return the struck-out texts of inline strings."""
    found = []
    for cell in fromstring(xml).iter():
        place = _CELL.fullmatch(cell.get("r", "")) if _local(cell) == "c" else None
        for item in cell if place else ():
            if _local(item) == "is" and place and (struck := _struck_runs(item)):
                found.append((int(place[2]) - 1, column_number(place[1]) - 1, *struck))
    return found


def _refuse_doctype(*_: object) -> None:
    raise Refusal("xlsx-entities", part="worksheet")


class _Reader:
    """Follows the elements of one worksheet."""

    def __init__(self, package: Package) -> None:
        self.marks = Marks()
        self.package = package
        self.formats = {str(index): code for index, code in package.formats.items()}
        self.zeros: list[tuple[int, int, str]] = []  # formulas whose stored value is 0
        self.with_value = 0
        self.parser: expat.XMLParserType | None = None
        self.row = -1
        self.column = -1
        self.in_formula = False
        self.has_formula = False
        self.is_error = self.is_shared = False
        self.style = ""
        self.formula: list[str] = []
        self.value: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take in the start of an element."""
        local = name.rpartition(":")[2]
        if local == "c":
            self._start_cell(attributes)
        elif local == "f":
            self.has_formula = self.in_formula = True
            self.formula = []
            if self.parser is not None:
                self.parser.CharacterDataHandler = self._text
        elif (
            local in ("v", "is")
            and (self.has_formula or self.is_error or self.is_shared or self.style)
            and self.parser is not None
        ):
            self.parser.CharacterDataHandler = self._text
        elif local == "row":
            self.row = int(attributes.get("r", self.row + 2)) - 1
            self.column = -1
            if attributes.get("hidden") in ("1", "true"):
                self.marks.hidden_rows.append(self.row)
        elif local == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes.get("min", 1)), int(attributes.get("max", 1))
            self.marks.hidden_columns += range(first - 1, min(last, first + 500))
        elif local == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif local == "autoFilter":
            self.marks.is_filtered = True

    def _start_cell(self, attributes: dict[str, str]) -> None:
        match = _CELL.fullmatch(attributes.get("r", ""))
        if match:
            self.row, self.column = int(match[2]) - 1, column_number(match[1]) - 1
        else:
            self.column += 1
        self.has_formula = False
        self.is_error = attributes.get("t") == "e"
        self.is_shared = attributes.get("t") == "s" and bool(self.package.struck_texts)
        style = attributes.get("s", "")
        self.style = style if style in self.package.struck_styles else ""
        self.value = []
        code = self.formats.get(attributes.get("s", ""))
        if code is not None:
            positions = self.marks.formats.setdefault(code, [])
            if len(positions) < _MARKS_AT_MOST:
                positions.append((self.row, self.column))

    def end(self, name: str) -> None:
        """Take in the end of an element."""
        local = name.rpartition(":")[2]
        if local == "f":
            self.in_formula = False
        if local == "c":
            self._end_cell("".join(self.value).strip())
        if local in ("f", "v", "is") and self.parser is not None:
            self.parser.CharacterDataHandler = None

    def _end_cell(self, value: str) -> None:
        place, marks = (self.row, self.column), self.marks
        if self.is_error and len(marks.errors) < _MARKS_AT_MOST:
            marks.errors.append((*place, value[:20] or "#N/A"))
        if self.has_formula:
            marks.formula_count += 1
            formula = (*place, "".join(self.formula)[:80])
            self.with_value += bool(value)
            if not value and len(marks.uncached) < _MARKS_AT_MOST:
                marks.uncached.append(formula)
            elif value in ("0", "0.0"):
                self.zeros.append(formula)
            self.has_formula = False
        if len(marks.struck) < _MARKS_AT_MOST and value:
            if self.style:
                marks.struck.append((*place, value[:40], ""))
            elif self.is_shared and value.isdigit() and int(value) in self.package.struck_texts:
                marks.struck.append((*place, *self.package.struck_texts[int(value)]))

    def _text(self, text: str) -> None:
        (self.formula if self.in_formula else self.value).append(text)

    def _merge(self, reference: str) -> None:
        corners = [_CELL.fullmatch(corner) for corner in reference.split(":")]
        if len(corners) == 2 and corners[0] and corners[1]:
            first, last = corners[0], corners[1]
            self.marks.merged.append(
                (
                    int(first[2]) - 1,
                    column_number(first[1]) - 1,
                    int(last[2]) - 1,
                    column_number(last[1]) - 1,
                )
            )


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


def column_number(letters: str) -> int:
    """Return the number of a column, counted from 1.

    Examples
    --------
    >>> column_number("XFD")
    16384
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
