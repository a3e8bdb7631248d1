"""The parts of an .xlsx package, looked at before anything parses them.

python-calamine reads the values (a SSDSE edition of 1,741 x 128 cells in 0.25 s; openpyxl needs
ten times that), but it tells nothing of formulas without a stored value, hidden rows, number
formats or merged ranges, and it allocates the whole rectangle up to the farthest cell. So this
module inflates the parts under a limit, refuses what no table needs (DTDs, entities, a cell at
XFD1048576), and :mod:`.xlsx_marks` reads the marks with expat where a sheet has any.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gunmane_analysis.intake.reading.refusal import BROKEN, Refusal

UNPACKED_AT_MOST = 300 * 1024 * 1024
RATIO_AT_MOST = 150.0
RATIO_FROM_BYTES = 20 * 1024 * 1024
RECTANGLE_AT_MOST = 5_000_000
LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
_PARTS_AT_MOST = 5_000
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_REFERENCE = re.compile(rb"""\sr=["']([A-Za-z]+[0-9]+)["']""")
_USUAL_REFERENCE = re.compile(rb' r="([A-Za-z]+[0-9]+)"')
_USUAL_ROW_NUMBER = re.compile(rb' r="([0-9]+)"')
_DIGITS = b"0123456789"
_LETTERS = bytes(range(65, 91)) + bytes(range(97, 123))
_ROW_NUMBER = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br=["']([0-9]+)["']""")


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

    ``formats`` maps a cell style's index to its number format; dates are left out.
    """

    sheets: tuple[SheetPart, ...]
    formats: dict[int, str]
    uses_1904: bool


def read_package(path: Path) -> Package:
    """Inflate and check the parts that hold the worksheets.

    Raises
    ------
    Refusal
        If the package is broken, too large when unpacked, or holds a DTD, an entity, an
        impossible cell reference, or a cell far away from all others.
    """
    try:
        with zipfile.ZipFile(path) as package:
            _check_sizes(package)
            return _read_parts(package)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, KeyError) as fault:
        raise Refusal(f"Excel ファイルが壊れています（{fault}）。", advice=BROKEN) from fault
    except RuntimeError as fault:  # zipfile's word for an encrypted member
        raise Refusal(
            "Excel ファイルの中身が暗号化されています。",
            advice="パスワードを外して保存し直してください。",
        ) from fault
    except (ParseError, DefusedXmlException, UnicodeError, ValueError) as fault:
        raise Refusal(
            f"Excel ファイルの中の XML が壊れています（{fault}）。", advice=BROKEN
        ) from fault
    except zipfile.error as fault:
        raise Refusal(f"Excel ファイルが壊れています（{fault}）。", advice=BROKEN) from fault


def _check_sizes(package: zipfile.ZipFile) -> None:
    members = package.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if len(members) > _PARTS_AT_MOST or unpacked > UNPACKED_AT_MOST:
        raise Refusal(
            f"展開すると {unpacked / 1e6:,.0f} MB（部品 {len(members):,}）になります。",
            expected=f"展開して {UNPACKED_AT_MOST / 1e6:,.0f} MB 以下",
            advice="異常に大きく展開されるファイルです。必要な表だけを新しいブックに写して保存してください。",
        )
    if unpacked > RATIO_FROM_BYTES and unpacked / packed > RATIO_AT_MOST:
        raise Refusal(
            f"{packed / 1e6:,.1f} MB が展開すると {unpacked / 1e6:,.0f} MB になります。",
            expected=f"展開の倍率 {RATIO_AT_MOST:g} 倍以下",
            advice="異常に大きく展開されるファイルです。必要な表だけを新しいブックに写して保存してください。",
        )


def _inflate(package: zipfile.ZipFile, name: str) -> bytes:
    """Return a part; a member that holds more than it declares is cut off and refused."""
    declared = package.getinfo(name).file_size
    with package.open(name) as stream:
        data = stream.read(declared + 1)
    if len(data) > declared:
        raise Refusal(f"Excel ファイルの部品「{name}」の大きさが偽られています。", advice=BROKEN)
    _refuse_entities(data, name)
    return data


def _refuse_entities(data: bytes, name: str) -> None:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:200]:
        raise Refusal(f"部品「{name}」の XML が UTF-8 ではありません。", advice=BROKEN)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise Refusal(
            f"部品「{name}」に、外部の内容を読み込む宣言（DTD・実体）があります。",
            expected="宣言のない表",
            advice="表を書き出すだけなら要らない宣言で、危険なため読みません。"
            "Excel で保存し直してください。",
        )


def _read_parts(package: zipfile.ZipFile) -> Package:
    names = set(package.namelist())
    for name in names:
        if name.endswith((".xml", ".rels", ".vml")) and "/worksheets/sheet" not in name:
            _inflate(package, name)
    if "xl/workbook.xml" not in names:
        raise Refusal(
            "Excel のブックではありません（xl/workbook.xml がありません）。",
            expected=".xlsx または .xlsm",
            advice=BROKEN,
        )
    book = fromstring(_inflate(package, "xl/workbook.xml"))
    targets = (
        _targets(package, "xl/_rels/workbook.xml.rels", "xl")
        if ("xl/_rels/workbook.xml.rels" in names)
        else {}
    )
    sheets = []
    for element in book.iter():
        if _local(element) != "sheet":
            continue
        relation = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
        target = targets.get(relation, "")
        if "worksheets/" not in target:
            continue  # chart sheets hold no cells
        title = element.get("name", "")
        if target not in names:
            raise Refusal(f"シート「{title}」の中身がありません。", advice=BROKEN, sheet=title)
        xml = _inflate(package, target)
        if not xml.strip():
            raise Refusal(f"シート「{title}」の中身が空です。", advice=BROKEN, sheet=title)
        _check_extent(xml, title)
        sheets.append(
            SheetPart(title, element.get("state", "visible") != "visible", xml, b"<drawing" in xml)
        )
    properties = next((e for e in book.iter() if _local(e) == "workbookPr"), None)
    uses_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    formats = _formats(package) if "xl/styles.xml" in names else {}
    return Package(tuple(sheets), formats, uses_1904)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _targets(package: zipfile.ZipFile, name: str, base: str) -> dict[str, str]:
    found = {}
    for element in fromstring(_inflate(package, name)):
        target = element.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else normpath(join(base, target))
        found[element.get("Id", "")] = path
    return found


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
    """Refuse impossible references, and a rectangle that only a stray cell makes large."""
    cells, row_numbers = _references(xml)
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
            f"シート「{sheet}」に、Excel にありえないセルの番地 {far} があります。",
            expected=f"{LAST_ROW:,} 行・XFD 列まで",
            advice=BROKEN,
            sheet=sheet,
            cell=far,
        )
    if last_row * last_column > RECTANGLE_AT_MOST:
        far = _farthest(xml)
        raise Refusal(
            f"シート「{sheet}」は"
            f" {last_row:,} 行 {column_letters(last_column)} 列まで使われています"
            f"（最も離れたセル {far}）。",
            expected=f"{RECTANGLE_AT_MOST:,} セル以下の範囲",
            advice="表から離れたセルや列全体の書式を削除して、保存し直してください。",
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


def _formats(package: zipfile.ZipFile) -> dict[int, str]:
    """Return the number format of each cell style that has one worth a look."""
    root = fromstring(_inflate(package, "xl/styles.xml"))
    own = {
        int(element.get("numFmtId", "0")): element.get("formatCode", "")
        for element in root.iter()
        if _local(element) == "numFmt"
    }
    styles = next((element for element in root if _local(element) == "cellXfs"), None)
    found: dict[int, str] = {}
    for index, style in enumerate(styles if styles is not None else ()):
        number = int(style.get("numFmtId", "0"))
        code = own.get(number, {9: "0%", 10: "0.00%"}.get(number, ""))
        if code and code != "General" and number not in _BUILT_IN_DATES:
            found[index] = code
    return found


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
