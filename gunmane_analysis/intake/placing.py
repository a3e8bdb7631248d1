"""Where a row belongs: by its code at the table's date, or by prefecture and name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gunmane_analysis.areas.code_reading import CodeForm
from gunmane_analysis.areas.master import known_name, prefectures
from gunmane_analysis.intake.cells import Stored
from gunmane_analysis.intake.codes import (
    CodeError,
    ResolvedCode,
    column_form,
    form_of_format,
    read_code_cell,
)
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import Layout
from gunmane_analysis.intake.names import code_of_place, compare_name
from gunmane_analysis.intake.old_codes import FormerMunicipality
from gunmane_analysis.intake.reading.plain_text import half_width, name_key
from gunmane_analysis.intake.reporter import Reporter

_BLANKS = frozenset("-—－―")


@dataclass(frozen=True)
class ReferencePeriod:
    """What is known of a file's time before its rows are read."""

    fiscal_year: int | None = None
    as_of_on: str | None = None

    @property
    def day(self) -> str | None:
        """The ISO date of the figures, by which codes must be in force."""
        if self.as_of_on is not None:
            return self.as_of_on
        return None if self.fiscal_year is None else f"{self.fiscal_year}-04-01"


class AreaResolver:
    """Places the rows of one table."""

    def __init__(
        self,
        layout: Layout,
        form: Form,
        times: ReferencePeriod,
        reporter: Reporter,
        old: Mapping[str, FormerMunicipality] = MappingProxyType({}),
    ) -> None:
        self.old = old
        self.layout = layout
        self.form = form
        self.times = times
        self.reporter = reporter
        self.sheet = layout.sheet
        self.code, self.name = layout.of_kind("code"), layout.of_kind("name")
        self.year = layout.of_kind("fiscal_year")
        self.code_form: CodeForm = self._code_form()
        self.code_formats = self._code_formats()
        self.no_successor: list[tuple[int, str]] = []

    def _code_form(self) -> CodeForm:
        if self.code is None or self.form.code_form != "auto":
            return "any" if self.form.code_form == "auto" else self.form.code_form
        column = self.code.column
        rows = self.sheet.rows[self.layout.first_row :]
        return column_form(row[column] for row in rows if column < len(row))

    def _code_formats(self) -> dict[int, CodeForm]:
        if self.code is None:
            return {}
        return {
            row: found
            for code, positions in self.sheet.formats.items()
            if (found := form_of_format(code))
            for row, column in positions
            if column == self.code.column
        }

    def place(
        self,
        position: int,
        code_text: str,
        prefecture: str,
        name: str,
        values: Mapping[str, Stored],
    ) -> ResolvedCode | None:
        """Return the place of a row, or None after saying why there is none."""
        if self.code is None:
            return self._placed_by_name(position, prefecture, name)
        if not code_text:
            if self.code.field.is_nullable and self.form.period == "none":
                return ResolvedCode("", "event")
            self._no_code(
                position,
                "",
                CodeError(
                    "団体コードがありません",
                    "5桁または6桁の団体コード",
                    "コードを入れるか、注記なら表の外（欄外の行）に移してください。",
                ),
            )
            return None
        year = values.get(self.year.key) if self.year else None
        day = f"{int(year)}-04-01" if isinstance(year, float) else self.times.day
        if day is None and (on := self.layout.of_kind("date")) is not None:
            stated = values.get(on.key)
            day = stated if isinstance(stated, str) else None
        found = read_code_cell(
            code_text,
            self.code_formats.get(position, self.code_form),
            as_of_on=day,
            declared=self.form.declared_areas,
            allows_districts=self.form.allows_districts,
            keeps_former=self.form.declares_former,
            old=self.old,
        )
        if isinstance(found, CodeError):
            self._no_code(position, code_text, found)
            return None
        if found.note:
            self.reporter.add("repair", position, self.code, found.note, value=code_text)
        return found

    def without_prefix(self, text: str) -> str:
        """Return a code cell without the letter that the source puts before its codes."""
        prefix = self.form.code_prefix
        return half_width(text).removeprefix(prefix) if prefix else text

    def _no_code(self, position: int, value: str, why: CodeError) -> None:
        self.reporter.add(
            "fault",
            position,
            self.code,
            f"{why.reason}。",
            value=value,
            expected=why.expected,
            advice=why.advice,
        )

    def _placed_by_name(self, position: int, prefecture: str, name: str) -> ResolvedCode | None:
        code = code_of_place(prefecture, name) or self._renamed(prefecture, name)
        if code is None:
            self.no_successor.append((position, f"{prefecture}{name}"))
            return ResolvedCode("", "former")
        day = self.times.day or "2020-04-01"
        found = read_code_cell(code, "five", as_of_on=day, declared={}, old=self.old)
        if isinstance(found, CodeError):
            self._no_code(position, name, found)
            return None
        if found.note:
            self.reporter.add("repair", position, self.name, found.note, value=name)
        return found

    def _renamed(self, prefecture: str, name: str) -> str | None:
        """Return the code of a body that only changed its name or kind since the table's date."""
        day, key = self.times.day or "2020-04-01", name_key(name)
        names = {name_key(entry.name): code for code, entry in prefectures().items()}
        found = [
            body.code
            for body in self.old.values()
            if body.is_whole
            and body.is_in_force(day)
            and name_key(body.name) == key
            and body.code[:2] == names.get(name_key(prefecture))
        ]
        return found[0] if len(found) == 1 else None

    def check_name(self, position: int, cell: ResolvedCode, name: str) -> None:
        """Say where the delivered name is not the code's."""
        if not name or set(name) <= _BLANKS or cell.level in ("event", "former"):
            return
        outcome = compare_name(cell, name, self.old)
        if outcome == "other":
            self.reporter.add(
                "fault",
                position,
                self.name,
                f"団体コードと団体名が合いません。{cell.code} は「{_own_name(cell)}」です。",
                value=name,
                expected=_own_name(cell),
                advice="行がずれていないか、番号の打ち間違いでないかを確かめてください。",
            )
        elif outcome == "unknown":
            self.reporter.add(
                "warning",
                position,
                self.name,
                f"団体名が、コード {cell.code} の「{_own_name(cell)}」と異なります。"
                "コードで読みました。",
                value=name,
                advice="旧名・略称・外字でなければ、コードを確かめてください。",
            )


def _own_name(cell: ResolvedCode) -> str:
    return known_name(cell.code if len(cell.code) == 5 else f"{cell.code}000") or cell.code
