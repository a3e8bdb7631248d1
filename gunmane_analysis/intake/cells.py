"""The cells of one row, each read as its field declares, every fault with its place."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from gunmane_analysis.areas import list_areas
from gunmane_analysis.areas.code_reading import CodeForm
from gunmane_analysis.intake.forms import Form, words
from gunmane_analysis.intake.layout import ColumnMatch, Layout, Reporter
from gunmane_analysis.intake.places import CODE_FORMATS, CodeRules, column_form
from gunmane_analysis.intake.reading import values
from gunmane_analysis.intake.reading.issues import CellError, shortened
from gunmane_analysis.intake.reading.plain_text import half_width, name_key
from gunmane_analysis.intake.reading.values import Mark

Stored = float | str | bool | None
_OTHER_KINDS = {"d": "日付", "b": "真偽の値"}
_LONGEST_TEXT = 2_000
KEY_KINDS = ("code", "name", "prefecture_name", "fiscal_year", "block", "choice")


class _Cell(NamedTuple):
    """One cell: its row, its column, its text, and the kind that Excel stores."""

    position: int
    match: ColumnMatch
    text: str
    kind: str

    @property
    def place(self) -> tuple[int, int]:
        """The row and the column, counted from 0."""
        return self.position, self.match.column


def _places(match: ColumnMatch) -> bool:
    """Whether a column says where a row is, which is read elsewhere."""
    kind, name = match.field.kind, match.field.name
    return kind in ("name", "prefecture_name") or (kind, name) == ("code", "municipality_code")


class CellReader:
    """Reads the cells of rows under one layout.

    What reads one kind of field returns the value, the mark or the error in its place; only
    :meth:`read` reports an error.
    """

    def __init__(self, layout: Layout, form: Form, reporter: Reporter) -> None:
        self.form = form
        self.sheet = layout.sheet
        self.reporter = reporter
        self.layout = layout
        self.column_form = functools.cache(self._column_form)
        self.shown_forms = {
            tuple(place): found
            for shown, found in CODE_FORMATS.items()
            for place in self.sheet.formats.get(shown, ())
        }
        self.uncached = {(row, column): formula for row, column, formula in self.sheet.uncached}
        self.struck = {(row, column): parts for row, column, *parts in self.sheet.struck}
        self.merged = _merged_texts(layout)
        self.blanks: dict[int, list[int]] = {}
        self.bindings = [match for match in layout.bindings if not _places(match)]
        self.readers = {
            **{"date": self._date, "fiscal_year": self._fiscal_year, "flag": self._flag},
            **{"choice": self._choice, "choices": self._choice, "block": self._area},
            **{"prefecture": self._area, "code": self._code, "text": self._text},
        }

    def text(self, row: int, column: int) -> str:
        """Return a cell's text; of a merged range of keys, its upper left cell's."""
        return self.sheet.text(row, column) or self.merged.get((row, column), "")

    def read(
        self, position: int, *, is_total: bool = False
    ) -> tuple[dict[str, Stored], dict[str, str]]:
        """Return a row's values and the statuses of those that are missing.

        In a row of totals only numbers are read, and a cell that is none is no fault.
        """
        stored: dict[str, Stored] = {}
        statuses: dict[str, str] = {}
        for match in self.bindings:
            place = (position, match.column)
            cell = _Cell(position, match, self.text(*place), self.sheet.kind(*place))
            if is_total and not match.field.is_numeric:
                year = values.read_fiscal_year(cell.text)
                if match.field.kind == "fiscal_year" and isinstance(year, int):
                    stored[match.key] = float(year)
                continue
            found = self._read(cell, is_total=is_total)
            if isinstance(found, CellError):
                value = found.facts.get("value", cell.text)
                self.reporter.add(found.code, position, match, **{**found.facts, "value": value})
            elif isinstance(found, Mark):
                statuses[match.key] = found.status
            stored[match.key] = None if isinstance(found, CellError | Mark) else found
        return stored, statuses

    def finish(self) -> None:
        """Say once a column what is blank in an official file, which is not to be filled in."""
        for match in () if self.form.is_form else self.bindings:
            if positions := self.blanks.get(match.column):
                self.reporter.add("column-blanks", positions[0], match, count=len(positions))

    def _note(self, code: str, cell: _Cell, **facts: Any) -> None:
        """Report a cell that is read nevertheless, or of which another thing is said too."""
        self.reporter.add(code, cell.position, cell.match, value=cell.text, **facts)

    def _read(self, cell: _Cell, *, is_total: bool) -> Stored | Mark | CellError:
        if cell.place in self.uncached:
            shown = {"value": f"={self.uncached[cell.place]}"}
            return CellError("formula-not-calculated", shown)
        if cell.kind == "e":
            return CellError("cell-excel-error")
        if cell.match.field.is_numeric:
            return self._number(cell, is_total=is_total)
        plain = half_width(cell.text)
        if not plain or (cell.match.field.kind != "flag" and plain in self.form.marks):
            if cell.match.field.is_required:
                self._note("value-required", cell)
            return Mark(self.form.marks[plain] if plain else "empty")
        return self.readers[cell.match.field.kind](cell)

    def _number(self, cell: _Cell, *, is_total: bool) -> Stored | Mark | CellError:
        entry, marks = cell.match.field, self.form.marks
        if cell.place in self.struck:
            struck, left = self.struck[cell.place]
            if left:
                return CellError("number-struck", {"struck": struck, "left": left})
            self._note("number-all-struck", cell)
        if kind := _OTHER_KINDS.get(cell.kind):
            return None if is_total else CellError("number-of-other-kind", {"kind": kind})
        if cell.text.strip() in ("ー", "ｰ") and "-" in marks:  # a long vowel mark typed for a dash
            if not is_total:
                self._note("mark-dash", cell)
            return Mark(marks["-"])
        found = values.read_number(
            cell.text,
            marks,
            is_stored_number=cell.kind == "n",
            is_percent=entry.is_percent,
            is_whole=entry.kind in ("count", "money"),
            is_negative_in_parentheses=not self.form.notes_in_parentheses,
        )
        if isinstance(found, CellError):
            return None if is_total else found
        if isinstance(found, Mark):
            if found.status == "empty" and not is_total:
                self._blank(cell)
            return found
        if found.note:
            self._note(found.note, cell)
        value, stored = found.value, found.value * cell.match.scale
        if entry.kind == "count" and not value.is_integer():
            return CellError("number-not-whole")
        if not is_total and entry.low is not None and stored < entry.low:
            return CellError("number-too-small" if value >= 0 else "number-negative")
        if not is_total and entry.high is not None and stored > entry.high:
            return CellError("number-too-large", {"high": entry.high / cell.match.scale})
        return stored

    def _blank(self, cell: _Cell) -> None:
        entry = cell.match.field
        if not entry.nullable or self.form.is_form:
            self._note("value-blank" if entry.nullable else "value-missing", cell)
        self.blanks.setdefault(cell.match.column, []).append(cell.position)

    def code_form(self, row: int, column: int) -> CodeForm:
        """Return whether a code has five or six digits: by its number format, else its column."""
        return self.shown_forms.get((row, column)) or self.column_form(column)

    def _column_form(self, column: int) -> CodeForm:
        if self.form.code_form != "auto":
            return self.form.code_form
        rows = self.sheet.rows[self.layout.first_row :]
        return column_form(row[column] for row in rows if column < len(row))

    def _code(self, cell: _Cell) -> str | CellError:
        rules = CodeRules(self.code_form(*cell.place), "2020-04-01", self.form)
        found = rules.read(half_width(cell.text))
        return found if isinstance(found, CellError) else found.code

    def _text(self, cell: _Cell) -> str | CellError:
        is_number = cell.kind == "n"
        found = values.read_number(cell.text, {}, is_stored_number=True) if is_number else None
        if isinstance(found, CellError):
            return found
        if len(cell.text) > _LONGEST_TEXT:
            return CellError("text-too-long", {"most": _LONGEST_TEXT, "value": cell.text[:40]})
        return cell.text.strip()

    def _flag(self, cell: _Cell) -> bool | CellError:
        flag = words()["flags"].get(half_width(cell.text).lower())
        return CellError("flag-unclear") if flag is None else bool(flag)

    def _date(self, cell: _Cell) -> str | CellError:
        is_number = cell.kind == "n"
        found = values.read_date(
            cell.text, is_stored_number=is_number, uses_1904=self.sheet.uses_1904
        )
        if isinstance(found, CellError):
            return found
        if is_number:
            self._note("date-from-serial", cell, day=found.isoformat())
        return found.isoformat()

    def _fiscal_year(self, cell: _Cell) -> float | CellError:
        year = values.read_fiscal_year(cell.text)
        if isinstance(year, int):
            return float(year)
        place = list(cell.place)
        number_format = next((c for c, places in self.sheet.formats.items() if place in places), "")
        if shown := values.shown_era(cell.text, number_format):
            return CellError("year-shown-otherwise", {"shown": shown, "example": f"{shown}度"})
        return year

    def _choice(self, cell: _Cell) -> str | CellError:
        entry = cell.match.field
        stored = {**entry.synonyms, **{word: each for each, word in entry.words.items()}}
        choices = {name_key(word): each for word, each in stored.items()}
        choices |= zip(entry.words, entry.words, strict=True)  # as the table has them
        keys = [name_key(cell.text)]
        if entry.kind == "choices" and keys[0] not in choices:
            keys = [name_key(part) for part in re.split("[、・;；/]", cell.text) if part.strip()]
        unknown = [key for key in keys if key not in choices]
        if unknown or not keys:
            facts = {"unknown": shortened("・".join(unknown)), "words": entry.words.values()}
            return CellError("choice-unknown", facts)
        return ";".join(dict.fromkeys(choices[key] for key in keys))

    def _area(self, cell: _Cell) -> str | CellError:
        """Read a block's or prefecture's name, or its id with or without a leading zero."""
        is_block = cell.match.field.kind == "block"
        kind: Literal["block", "prefecture"] = "block" if is_block else "prefecture"
        if found := _area_ids(kind).get(name_key(cell.text)):
            return found
        code = "block-unknown" if is_block else "prefecture-unknown"
        return CellError(code, {"names": [area.name for area in list_areas(kind)]})


def _merged_texts(layout: Layout) -> dict[tuple[int, int], str]:
    """Return the text that a vertically merged range of key columns gives each of its cells."""
    keys = {binding.column for binding in layout.bindings if binding.field.kind in KEY_KINDS}
    last = len(layout.sheet.rows) - 1
    return {
        (row, left): layout.sheet.text(top, left)
        for top, left, bottom, right in layout.sheet.merged
        if left == right and left in keys and layout.first_row <= top <= last
        for row in range(top + 1, min(bottom, last) + 1)
    }


@functools.cache
def _area_ids(kind: Literal["block", "prefecture"]) -> Mapping[str, str]:
    """Return the ids of the blocks or prefectures by each name that a form may have for them."""
    found: dict[str, str] = {}
    for area in list_areas(kind):
        short = area.name.removesuffix("地方") if kind == "block" else area.name[:-1]
        names = [area.name, short, f"{area.name}フォーラム", f"{short}フォーラム"]
        names += [area.area_id, area.area_id.lstrip("0")]
        found |= dict.fromkeys(map(name_key, names), area.area_id)
    return found
