"""What a worksheet's XML says beside its values: formulas, merges, hidden rows, formats."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from gunmane_analysis.intake.reading.refusal import BROKEN, Refusal
from gunmane_analysis.intake.reading.xlsx_parts import SheetPart, column_number

_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_STYLE = re.compile(rb"""\ss=["']([0-9]+)["']""")
_WORTH_A_PASS = (b"<f", b":f", b"mergeCell", b"autoFilter", b"hidden=", b't="e"', b"t='e'")
_MARKS_AT_MOST = 20_000


@dataclass
class Marks:
    """Positions are (row, column), counted from 0; spans are (row, column, row, column)."""

    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    uncached: list[tuple[int, int, str]] = field(default_factory=list)
    formats: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    formula_count: int = 0
    is_filtered: bool = False


def read_marks(part: SheetPart, formats: dict[int, str]) -> Marks:
    """Read the marks of one worksheet; a sheet that has none is not parsed at all.

    Raises
    ------
    Refusal
        If the XML is not well formed.
    """
    if not any(mark in part.xml for mark in _WORTH_A_PASS):
        used = set(_STYLE.findall(part.xml)) if formats else set()
        if not any(str(index).encode() in used for index in formats):
            return Marks()
    reader = _Reader(formats)
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
            f"シート「{part.name}」の XML が壊れています（{fault}）。",
            advice=BROKEN,
            sheet=part.name,
        ) from fault
    return reader.marks


def _refuse_doctype(*_: object) -> None:
    raise Refusal("XML に DTD の宣言があります。", advice=BROKEN)


class _Reader:
    """Follows the elements of one worksheet."""

    def __init__(self, formats: dict[int, str]) -> None:
        self.marks = Marks()
        self.formats = {str(index): code for index, code in formats.items()}
        self.parser: expat.XMLParserType | None = None
        self.row = -1
        self.column = -1
        self.in_formula = False
        self.has_formula = False
        self.has_value = False
        self.is_error = False
        self.formula: list[str] = []
        self.error: list[str] = []

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
            local in ("v", "is") and (self.has_formula or self.is_error) and self.parser is not None
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
        self.has_formula = self.has_value = False
        self.is_error = attributes.get("t") == "e"
        self.error = []
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
        if local == "c" and self.is_error and len(self.marks.errors) < _MARKS_AT_MOST:
            self.marks.errors.append((self.row, self.column, "".join(self.error)[:20] or "#N/A"))
        if local == "c" and self.has_formula:
            self.marks.formula_count += 1
            if not self.has_value and len(self.marks.uncached) < _MARKS_AT_MOST:
                self.marks.uncached.append((self.row, self.column, "".join(self.formula)[:80]))
            self.has_formula = False
        if local in ("f", "v", "is") and self.parser is not None:
            self.parser.CharacterDataHandler = None

    def _text(self, text: str) -> None:
        if self.in_formula:
            self.formula.append(text)
        elif text.strip():
            self.has_value = True
            if self.is_error:
                self.error.append(text)

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
