"""The cells of one row, each read as its field declares, every fault with its place."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from gunmane_analysis.areas import list_areas
from gunmane_analysis.areas.code_reading import CodeForm
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout
from gunmane_analysis.intake.places import column_form, read_code_cell
from gunmane_analysis.intake.reading.issues import CellError, shortened
from gunmane_analysis.intake.reading.plain_text import half_width, name_key
from gunmane_analysis.intake.reading.values import (
    Mark,
    Number,
    read_date,
    read_fiscal_year,
    read_number,
    shown_era,
)
from gunmane_analysis.intake.reading.workbook import Reporter

Stored = float | str | bool | None
_YES = frozenset({"有", "あり", "はい", "○", "〇", "◯", "加入", "参加", "1", "true", "該当"})
_NO = frozenset({"無", "なし", "いいえ", "×", "未加入", "不参加", "0", "false", "非該当", "-"})
_LONGEST_TEXT = 2_000


def _places(binding: ColumnMatch) -> bool:
    """Whether a column says where a row is, which is read elsewhere."""
    kind, name = binding.field.kind, binding.field.name
    return kind in ("name", "prefecture_name") or (kind, name) == ("code", "municipality_code")


class CellReader:
    """Reads the cells of rows under one layout."""

    def __init__(self, layout: Layout, form: Form, reporter: Reporter) -> None:
        self.form = form
        self.sheet = layout.sheet
        self.first_row = layout.first_row
        self.code_forms: dict[int, CodeForm] = {}
        self.reporter = reporter
        self.uncached = {(row, column): formula for row, column, formula in self.sheet.uncached}
        self.struck = {(row, column): parts for row, column, *parts in self.sheet.struck}
        self.blanks: dict[int, list[int]] = {}
        self.bindings = [binding for binding in layout.bindings if not _places(binding)]
        self.formats = {
            (row, column): code
            for code, positions in self.sheet.formats.items()
            if "e" in code
            for row, column in positions
        }

    def read(
        self, position: int, *, is_total: bool = False
    ) -> tuple[dict[str, Stored], dict[str, str]]:
        """Return a row's values and the statuses of those that are missing.

        In a row of totals only numbers are read, and a cell that is none is no fault.
        """
        values: dict[str, Stored] = {}
        statuses: dict[str, str] = {}
        for binding in self.bindings:
            text = self.sheet.text(position, binding.column)
            if is_total and not binding.field.is_numeric:
                year = read_fiscal_year(text)
                if binding.field.kind == "fiscal_year" and isinstance(year, int):
                    values[binding.key] = float(year)
                continue
            place = (position, binding.column)
            if place in self.uncached:
                formula = self.uncached[place]
                value = f"={formula}"
                self._add("formula-not-calculated", position, binding, value, formula=formula)
                continue
            if self.sheet.kind(*place) == "e":
                self._add("cell-excel-error", position, binding, text)
                continue
            if binding.field.is_numeric:
                if place in self.struck and not self._is_unstruck(position, binding, text):
                    continue
                found = self._number(position, binding, text, statuses, is_total=is_total)
                values[binding.key] = found
            else:
                values[binding.key] = self._other(position, binding, text, statuses)
        return values, statuses

    def finish(self) -> None:
        """Say once a column what is blank in an official file, which is not to be filled in."""
        for binding in () if self.form.is_form else self.bindings:
            if positions := self.blanks.get(binding.column):
                facts: dict[str, Any] = {"label": binding.field.label, "count": len(positions)}
                self._add("column-blanks", positions[0], binding, "", **facts)

    def _add(
        self, code: str, position: int, binding: ColumnMatch, value: str, **facts: Any
    ) -> None:
        self.reporter.add(code, position, binding, value=value, **facts)

    def _refuse(self, error: CellError, position: int, binding: ColumnMatch, value: str) -> None:
        self.reporter.refuse(error, position, binding, value)

    def _is_unstruck(self, position: int, binding: ColumnMatch, text: str) -> bool:
        """Whether a number may be read although something in its cell is struck out."""
        struck, left = self.struck[(position, binding.column)]
        if not left:
            self._add("number-all-struck", position, binding, text)
            return True
        self._add("number-struck", position, binding, text, struck=struck, left=left)
        return False

    def _number(
        self,
        position: int,
        binding: ColumnMatch,
        text: str,
        statuses: dict[str, str],
        *,
        is_total: bool,
    ) -> float | None:
        entry, kind = binding.field, self.sheet.kind(position, binding.column)
        if kind in ("d", "b"):
            if not is_total:
                word = "日付" if kind == "d" else "真偽の値"
                self._add("number-of-other-kind", position, binding, text, kind=word)
            return None
        marks = self.form.marks
        if text.strip() == "ー" and "-" in marks:  # a long vowel mark typed for a dash
            statuses[binding.key] = marks["-"]
            if not is_total:
                self._add("mark-dash", position, binding, text)
            return None
        found = read_number(
            text,
            marks,
            is_stored_number=kind == "n",
            is_percent=entry.is_percent,
            is_whole=entry.kind in ("count", "money"),
            is_negative_in_parentheses=not self.form.notes_in_parentheses,
        )
        if isinstance(found, Mark):
            statuses[binding.key] = found.status
            if found.status == "empty" and not is_total:
                if not entry.is_nullable or self.form.is_form:
                    code = "value-blank" if entry.is_nullable else "value-missing"
                    self._add(code, position, binding, text, label=entry.label)
                self.blanks.setdefault(binding.column, []).append(position)
            return None
        if isinstance(found, CellError):
            if not is_total:
                self._refuse(found, position, binding, text)
            return None
        return self._within(position, binding, text, found, is_total=is_total)

    def _within(
        self, position: int, binding: ColumnMatch, text: str, found: Number, *, is_total: bool
    ) -> float | None:
        entry, value = binding.field, found.value
        stored = value * binding.scale
        if found.note:
            self._add(found.note, position, binding, text)
        if entry.kind == "count" and not value.is_integer():
            self._add("number-not-whole", position, binding, text)
        elif is_total:
            return stored
        elif entry.low is not None and stored < entry.low:
            code = "number-too-small" if value >= 0 else "number-negative"
            self._add(code, position, binding, text, low=entry.low)
        elif entry.high is not None and stored > entry.high:
            self._add("number-too-large", position, binding, text, high=entry.high / binding.scale)
        else:
            return stored
        return None

    def _other(
        self, position: int, binding: ColumnMatch, text: str, statuses: dict[str, str]
    ) -> Stored:
        entry = binding.field
        plain = half_width(text)
        if not plain or (entry.kind != "flag" and plain in self.form.marks):
            statuses[binding.key] = "empty" if not plain else self.form.marks[plain]
            if entry.is_required:
                self._add("value-required", position, binding, text, label=entry.label)
            return None
        if entry.kind == "date":
            return self._date(position, binding, text)
        if entry.kind == "fiscal_year":
            return self._fiscal_year(position, binding, text)
        if entry.kind in ("choice", "choices"):
            return self._choice(position, binding, text)
        if entry.kind == "flag":
            if (word := plain.lower()) in _YES | _NO:
                return word in _YES
            self._add("flag-unclear", position, binding, text)
            return None
        if entry.kind == "block":
            return self._block(position, binding, text)
        if entry.kind == "prefecture":
            return self._prefecture(position, binding, plain)
        if entry.kind == "code":
            code_form = self._code_form(binding.column)
            found = read_code_cell(plain, code_form, as_of_on="2020-04-01", declared={})
            if isinstance(found, CellError):
                self._refuse(found, position, binding, plain)
                return None
            return found.code
        return self._text(position, binding, text)

    def _code_form(self, column: int) -> CodeForm:
        """Return whether a column's codes have five or six digits, from all of its cells."""
        if self.form.code_form != "auto":
            return self.form.code_form
        if column not in self.code_forms:
            rows = self.sheet.rows[self.first_row :]
            self.code_forms[column] = column_form(row[column] for row in rows if column < len(row))
        return self.code_forms[column]

    def _text(self, position: int, binding: ColumnMatch, text: str) -> str | None:
        if self.sheet.kind(position, binding.column) == "n":
            found = read_number(text, {}, is_stored_number=True)
            if isinstance(found, CellError):
                self._refuse(found, position, binding, text)
                return None
        if len(text) > _LONGEST_TEXT:
            self._add("text-too-long", position, binding, text[:40], most=_LONGEST_TEXT)
            return None
        return text.strip()

    def _date(self, position: int, binding: ColumnMatch, text: str) -> str | None:
        is_number = self.sheet.kind(position, binding.column) == "n"
        found = read_date(text, is_stored_number=is_number, uses_1904=self.sheet.uses_1904)
        if isinstance(found, CellError):
            self._refuse(found, position, binding, text)
            return None
        if is_number:
            self._add("date-from-serial", position, binding, text, day=found.isoformat())
        return found.isoformat()

    def _fiscal_year(self, position: int, binding: ColumnMatch, text: str) -> float | None:
        year = read_fiscal_year(text)
        if isinstance(year, int):
            return float(year)
        shown = shown_era(text, self.formats.get((position, binding.column), ""))
        if shown:
            facts: dict[str, Any] = {"shown": shown, "example": f"{shown}度"}
            self._add("year-shown-otherwise", position, binding, text, **facts)
        else:
            self._refuse(year, position, binding, text)
        return None

    def _choice(self, position: int, binding: ColumnMatch, text: str) -> str | None:
        choices = {name_key(word): stored for word, stored in binding.field.choices.items()}
        choices |= {name_key(word): each for word, each in binding.field.synonyms.items()}
        choices |= {stored: stored for stored in binding.field.choices.values()}
        keys = [name_key(text)]
        if binding.field.kind == "choices" and keys[0] not in choices:
            keys = [name_key(part) for part in re.split("[、・;；/]", text) if part.strip()]
        unknown = [key for key in keys if key not in choices]
        if unknown or not keys:
            facts: dict[str, Any] = {
                "unknown": shortened("・".join(unknown)),
                "words": "、".join(binding.field.choices),
            }
            self._add("choice-unknown", position, binding, text, **facts)
            return None
        return ";".join(dict.fromkeys(choices[key] for key in keys))

    def _block(self, position: int, binding: ColumnMatch, text: str) -> str | None:
        blocks, key = _blocks(), name_key(text)
        for candidate in (key, key.removesuffix("フォーラム"), key.removesuffix("地方")):
            if candidate in blocks:
                return blocks[candidate]
        names = "、".join(area.name for area in list_areas("block"))
        self._add("block-unknown", position, binding, text, names=names)
        return None

    def _prefecture(self, position: int, binding: ColumnMatch, plain: str) -> str | None:
        """Read a prefecture's name, or its code with or without the leading zero."""
        for area in list_areas("prefecture"):
            if plain in (area.name, area.name[:-1], area.area_id, area.area_id.lstrip("0")):
                return area.area_id
        self._add("prefecture-unknown", position, binding, plain)
        return None


@functools.cache
def _blocks() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for area in list_areas("block"):
        for name in (area.area_id, area.name, area.name.removesuffix("地方")):
            found[name_key(name)] = area.area_id
    return found
