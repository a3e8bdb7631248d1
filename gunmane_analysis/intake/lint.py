"""A table compared with 総務省「統計表における機械判読可能なデータの表記方法の統一ルール」(2020).

Warnings only, with the number of the check item; none of them keeps a file out. Official files
are not to be saved anew, so that only what concerns their values is said of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout, Reporter
from gunmane_analysis.intake.reading.issues import shortened
from gunmane_analysis.intake.reading.plain_text import half_width, heading_key, split_unit

# Characters whose code differs between systems: enclosed, Roman numerals, units, era names.
_SYSTEM_DEPENDENT = re.compile("[①-⑳㈠-㉃㊀-㊰㋀-㋾Ⅰ-ⅿ㍉-㏿㍱-㍿㈱㈲㈹№℡㊤-㊨\u32ff]")
_SCALED = re.compile(r"[0#],+(?![0#?])")  # a comma after the last digit divides by 1,000
_ERA_ONLY = re.compile(r"(?:明治|大正|昭和|平成|令和|[MTSHR])\s*(?:元|[0-9]{1,2})(?:年度?)?")


def lint(layout: Layout, form: Form, reporter: Reporter) -> None:
    """Add one warning per rule that the table breaks, at the first place."""
    linter, sheet = _Linter(layout, reporter), layout.sheet
    linter.check_formats()
    code = "lint-marks" if form.is_form else "marks-read"
    linter.check_cells(code, layout.numeric, lambda _, text: half_width(text) in form.marks)
    if not form.is_form:
        return
    if sheet.merged:
        reporter.add("lint-merged", sheet.merged[0][0], count=len(sheet.merged))
    if sheet.formula_count:
        reporter.add("lint-formulas", layout.first_row, count=sheet.formula_count)
    if sheet.has_objects:
        reporter.add("lint-objects", 0)
    linter.check_numbers()
    linter.check_cells(
        "lint-spaces",
        [b for b in layout.bindings if b.field.kind in ("name", "prefecture_name", "code")],
        lambda _, text: text != text.strip() or "\n" in text or "　" in text.strip(),
    )
    linter.check_units()
    for row, cells in enumerate(sheet.rows):
        if match := _SYSTEM_DEPENDENT.search(" ".join(cells)):
            value = shortened(next(cell for cell in cells if match[0] in cell))
            reporter.add("lint-system-dependent", row, value=value, character=match[0])
            break
    linter.check_cells(
        "lint-era-only",
        [binding for binding in layout.bindings if binding.field.kind == "fiscal_year"][:1],
        lambda _, text: _ERA_ONLY.fullmatch(half_width(text)) is not None,
    )
    linter.check_gaps()
    if layout.of_kind("code") is None and form.of_kind("code") is not None:
        reporter.add("lint-no-code", layout.first_heading_row)


@dataclass(frozen=True)
class _Linter:
    layout: Layout
    reporter: Reporter

    def check_cells(
        self,
        code: str,
        columns: Iterable[ColumnMatch],
        is_broken: Callable[[tuple[int, int], str], bool],
    ) -> None:
        """Warn per column of cells that break a rule, at the first of them."""
        sheet = self.layout.sheet
        for binding in columns:
            broken = [
                (row, text)
                for row in range(self.layout.first_row, len(sheet.rows))
                if (text := sheet.text(row, binding.column))
                and is_broken((row, binding.column), text)
            ]
            if broken:
                (row, text), count = broken[0], len(broken)
                self.reporter.add(code, row, binding, value=shortened(text), count=count)

    def check_formats(self) -> None:
        """Warn where a cell looks like another number than it stores; the stored one is read."""
        sheet, top = self.layout.sheet, self.layout.first_row
        columns = {binding.column: binding for binding in self.layout.numeric}
        for code, positions in sheet.formats.items():
            positive = code.split(";")[0]
            inside = [(row, c) for row, c in positions if c in columns and row >= top]
            if inside and (_SCALED.search(positive) or "%" in positive):
                (row, column), shown = inside[0], shortened(code)
                self.reporter.add(
                    "lint-scaling-format",
                    row,
                    columns[column],
                    value=sheet.text(row, column),
                    format=shown,
                    count=len(inside),
                )

    def check_numbers(self) -> None:
        """Warn of numbers written as text: with grouping commas, or in cells of texts."""
        sheet, columns = self.layout.sheet, self.layout.numeric
        struck = {(row, column) for row, column, *_ in sheet.struck}
        if sheet.is_csv:
            self.check_cells("lint-grouped-numbers", columns, lambda _, text: "," in text)
            return
        self.check_cells(
            "lint-numbers-as-text",
            columns,
            lambda place, text: (
                sheet.kind(*place) == "s"
                and re.search("[0-9０-９]", text) is not None
                and place not in struck
            ),
        )

    def check_units(self) -> None:
        """Warn where no heading or title says the unit of a column of numbers."""
        above = [cell for row in self.layout.sheet.rows[: self.layout.first_row] for cell in row]
        for binding in self.layout.numeric:
            unit, heading = binding.field.unit, heading_key(binding.heading)
            parts = [split_unit(heading_key(part)) for part in binding.heading.split("/")]
            # as our own forms write it: a unit such as 日/年度, or a name that says its unit
            is_ours = f"({heading_key(unit).replace('/', '・')})" in heading
            if not unit or is_ours or heading == heading_key(binding.field.name):
                continue
            is_stated = any(stated or name == unit for name, stated in parts)
            if not is_stated and not any("単位" in heading_key(cell) for cell in above):
                self.reporter.add("lint-no-unit", self.layout.first_heading_row, binding, unit=unit)
                return

    def check_gaps(self) -> None:
        """Warn of empty rows, where one is followed by a row with a code."""
        rows, code = self.layout.sheet.rows, self.layout.of_kind("code")
        is_blank = [not any(map(str.strip, row)) for row in rows]
        body = range(self.layout.first_row, len(rows) - 1)
        inner = [row for row in body if is_blank[row] and not is_blank[row + 1]]
        if code and any(self.layout.sheet.text(row + 1, code.column) for row in inner):
            self.reporter.add("lint-gaps", inner[0], count=len(inner))
