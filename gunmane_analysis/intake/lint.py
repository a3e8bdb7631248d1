"""A table compared with 総務省「統計表における機械判読可能なデータの表記方法の統一ルール」(2020).

Warnings only, with the number of the check item; none of them keeps a file out. Official files
are not to be saved anew, so that only what concerns their values is said of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout, Reporter
from gunmane_analysis.intake.reading.issues import shortened
from gunmane_analysis.intake.reading.plain_text import half_width, heading_key, split_unit
from gunmane_analysis.intake.rows import Row

# Characters whose code differs between systems: enclosed, Roman numerals, units, era names.
_SYSTEM_DEPENDENT = re.compile("[①-⑳㈠-㉃㊀-㊰㋀-㋾Ⅰ-ⅿ㍉-㏿㍱-㍿㈱㈲㈹№℡㊤-㊨\u32ff]")
_SCALED = re.compile(r"[0#],+(?![0#?])")  # a comma after the last digit divides by 1,000
_SPACED = re.compile(r"^\s|\s$|\n|　")
_ERA_ONLY = re.compile(r"(?:明治|大正|昭和|平成|令和|[MTSHR])\s*(?:元|[0-9]{1,2})(?:年度?)?")


def lint(form: Form, reporter: Reporter, rows: Iterable[Row]) -> None:
    """Add one warning per rule that the table breaks, at the first place in the rows read."""
    layout = reporter.layout
    sheet, numeric = layout.sheet, layout.numeric
    check_cells = partial(_check_cells, reporter, {row.number: row for row in rows})
    _check_formats(reporter)
    check_cells("lint-marks" if form.is_form else "marks-read", numeric, form.marks.__contains__)
    if not form.is_form:
        return
    kinds = {entry.kind for entry in form.fields.values()}
    is_uncoded = "code" in kinds and layout.of_kind("code") is None
    gaps = _gaps(layout)
    for code, position, count in (
        ("lint-merged", sheet.merged[0][0] if sheet.merged else 0, len(sheet.merged)),
        ("lint-formulas", layout.first_row, sheet.formula_count),
        ("lint-objects", 0, int(sheet.has_objects)),
        ("lint-gaps", gaps[0] if gaps else 0, len(gaps)),
        ("lint-no-code", layout.first_heading_row, int(is_uncoded)),
    ):
        if count:
            reporter.add(code, position, count=count)
    places = [b for b in layout.bindings if b.field.kind in ("name", "prefecture_name", "code")]
    years = [b for b in layout.bindings if b.field.kind == "fiscal_year"]
    check_cells("lint-spaces", places, _SPACED.search, is_plain=False)
    check_cells("lint-era-only", years[:1], _ERA_ONLY.fullmatch)
    if sheet.is_csv:
        check_cells("lint-grouped-numbers", numeric, re.compile(",").search)
    else:
        check_cells("lint-numbers-as-text", numeric, re.compile("[0-9]").search, of_texts=True)
    _check_units(reporter)
    for row, cells in enumerate(sheet.rows):
        if match := _SYSTEM_DEPENDENT.search(" ".join(cells)):
            value = shortened(next(cell for cell in cells if match[0] in cell))
            reporter.add("lint-system-dependent", row, value=value, character=match[0])
            break


def _check_cells(
    reporter: Reporter,
    rows: Mapping[int, Row],
    code: str,
    columns: Iterable[ColumnMatch],
    is_broken: Callable[[str], object],
    *,
    of_texts: bool = False,
    is_plain: bool = True,
) -> None:
    """Warn per column of cells (or of numbers stored as texts) that break a rule, at the first."""
    sheet = reporter.layout.sheet
    for binding in columns:
        column = binding.column
        broken = [
            (position, text)
            for position in range(reporter.layout.first_row, len(sheet.rows))
            if (row := rows.get(sheet.number_of(position)))
            and (text := sheet.text(position, column))
            and is_broken(half_width(text) if is_plain else text)
            and not (of_texts and (sheet.kind(position, column) != "s" or not row.has(binding.key)))
        ]
        if broken:
            position, text = broken[0]
            reporter.add(code, position, binding, value=shortened(text), count=len(broken))


def _check_formats(reporter: Reporter) -> None:
    """Warn where a cell looks like another number than it stores; the stored one is read."""
    sheet, top = reporter.layout.sheet, reporter.layout.first_row
    columns = {binding.column: binding for binding in reporter.layout.numeric}
    for code, positions in sheet.formats.items():
        positive = code.split(";")[0]
        inside = [(row, c) for row, c in positions if c in columns and row >= top]
        if inside and (_SCALED.search(positive) or "%" in positive):
            row, column = inside[0]
            facts = {"format": shortened(code), "count": len(inside)}
            cell = sheet.text(row, column)
            reporter.add("lint-scaling-format", row, columns[column], value=cell, **facts)


def _check_units(reporter: Reporter) -> None:
    """Warn where no heading or title says the unit of a column of numbers."""
    layout = reporter.layout
    if "単位" in heading_key("".join(map("".join, layout.sheet.rows[: layout.first_row]))):
        return
    for binding in layout.numeric:
        unit, heading = binding.field.unit, heading_key(binding.heading)
        parts = [split_unit(heading_key(part)) for part in binding.heading.split("/")]
        # as our own forms write it: a unit such as 日/年度, or a name that says its unit
        is_ours = f"({heading_key(unit).replace('/', '・')})" in heading
        is_ours |= heading == heading_key(binding.field.name)
        if unit and not is_ours and not any(stated or name == unit for name, stated in parts):
            reporter.add("lint-no-unit", layout.first_heading_row, binding)
            return


def _gaps(layout: Layout) -> list[int]:
    """Return the empty rows within the table, where one is followed by a row with a code."""
    rows, code = layout.sheet.rows, layout.of_kind("code")
    is_blank = [not any(map(str.strip, row)) for row in rows]
    body = range(layout.first_row, len(rows) - 1)
    inner = [row for row in body if is_blank[row] and not is_blank[row + 1]]
    is_within = code and any(layout.sheet.text(row + 1, code.column) for row in inner)
    return inner if is_within else []
