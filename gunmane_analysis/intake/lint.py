"""A table compared with 総務省「統計表における機械判読可能なデータの表記方法の統一ルール」(2020).

Warnings only, with the number of the check item; none of them keeps a file out. Official files
are not to be saved anew, so that only what concerns their values is said of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout
from gunmane_analysis.intake.reading.issues import Issue, issue, shortened
from gunmane_analysis.intake.reading.plain_text import half_width, heading_key, split_unit

# Characters whose code differs between systems: enclosed, Roman numerals, units, era names.
_SYSTEM_DEPENDENT = re.compile("[①-⑳㈠-㉃㊀-㊰㋀-㋾Ⅰ-ⅿ㍉-㏿㍱-㍿㈱㈲㈹№℡㊤-㊨\u32ff]")
_SCALED = re.compile(r"[0#],+(?![0#?])")  # a comma after the last digit divides by 1,000
_ERA_ONLY = re.compile(r"^(?:明治|大正|昭和|平成|令和|[MTSHR])\s*(?:元|[0-9]{1,2})(?:年度?)?$")


def lint(layout: Layout, form: Form) -> Iterator[Issue]:
    """Yield one warning per rule that the table breaks, naming the first place."""
    sheet = layout.sheet
    body = range(layout.first_row, len(sheet.rows))
    yield from _scaling_formats(layout)
    yield from _marks(layout, form, body)
    if not form.is_form:
        return
    if sheet.merged:
        yield _warn(layout, "lint-merged", sheet.merged[0][0], count=len(sheet.merged))
    if sheet.formula_count:
        yield _warn(layout, "lint-formulas", layout.first_row, count=sheet.formula_count)
    if sheet.has_objects:
        yield _warn(layout, "lint-objects", 0)
    yield from _text_numbers(layout, body)
    yield from _layout_spaces(layout, body)
    yield from _units(layout)
    yield from _system_dependent(layout)
    yield from _years(layout, body)
    yield from _gaps(layout, body)
    if layout.of_kind("code") is None and form.of_kind("code") is not None:
        yield _warn(layout, "lint-no-code", layout.first_heading_row)


def _warn(
    layout: Layout,
    code: str,
    position: int,
    binding: ColumnMatch | None = None,
    value: str = "",
    **facts: Any,
) -> Issue:
    row = layout.sheet.number_of(min(position, max(len(layout.sheet.rows) - 1, 0)))
    return issue(
        code,
        sheet=layout.sheet.name,
        row=row,
        column=binding.heading if binding else "",
        cell=f"{binding.letters}{row}" if binding else "",
        value=value,
        **facts,
    )


def _scaling_formats(layout: Layout) -> Iterator[Issue]:
    """Warn where a cell looks like another number than it stores; the stored one is read."""
    columns = {binding.column: binding for binding in layout.numeric}
    for code, positions in layout.sheet.formats.items():
        positive = code.split(";")[0]
        if not (_SCALED.search(positive) or "%" in positive):
            continue
        inside = [(r, c) for r, c in positions if c in columns and r >= layout.first_row]
        if inside:
            row, column = inside[0]
            value = layout.sheet.text(row, column)
            facts = {"format": shortened(code), "count": len(inside)}
            yield _warn(layout, "lint-scaling-format", row, columns[column], value, **facts)


def _text_numbers(layout: Layout, body: range) -> Iterator[Issue]:
    sheet = layout.sheet
    for binding in layout.numeric:
        texts = {row: sheet.text(row, binding.column) for row in body}
        if sheet.is_csv:
            code, places = "lint-grouped-numbers", [row for row in body if "," in texts[row]]
        else:
            code = "lint-numbers-as-text"
            places = [
                row
                for row in body
                if sheet.kind(row, binding.column) == "s"
                and re.search("[0-9０-９]", texts[row])
                and [row, binding.column] not in [place[:2] for place in sheet.struck]
            ]
        if places:
            yield _warn(layout, code, places[0], binding, texts[places[0]], count=len(places))


def _layout_spaces(layout: Layout, body: range) -> Iterator[Issue]:
    for binding in layout.bindings:
        if binding.field.kind not in ("name", "prefecture_name", "code"):
            continue
        for row in body:
            text = layout.sheet.text(row, binding.column)
            if text and (text != text.strip() or "\n" in text or "　" in text.strip()):
                yield _warn(layout, "lint-spaces", row, binding, shortened(text))
                break


def _units(layout: Layout) -> Iterator[Issue]:
    titles = "".join(
        heading_key(cell)
        for row in range(layout.first_row)
        for cell in layout.sheet.rows[row]
        if cell
    )
    if "単位" in titles:
        return
    for binding in layout.numeric:
        unit, heading = binding.field.unit, heading_key(binding.heading)
        parts = [split_unit(heading_key(part)) for part in binding.heading.split("/")]
        if not unit or f"({heading_key(unit).replace('/', '・')})" in heading:
            continue  # a unit such as 日/年度, as our own forms write it
        if heading == heading_key(binding.field.name):
            continue  # our own name says its unit
        if not any(stated or name == unit for name, stated in parts):
            yield _warn(layout, "lint-no-unit", layout.first_heading_row, binding, unit=unit)
            return


def _system_dependent(layout: Layout) -> Iterator[Issue]:
    for row, cells in enumerate(layout.sheet.rows):
        if match := _SYSTEM_DEPENDENT.search(" ".join(cells)):
            cell = next(cell for cell in cells if match[0] in cell)
            value = shortened(cell)
            yield _warn(layout, "lint-system-dependent", row, value=value, character=match[0])
            return


def _years(layout: Layout, body: range) -> Iterator[Issue]:
    binding = layout.of_kind("fiscal_year")
    for row in body if binding else ():
        text = half_width(layout.sheet.text(row, binding.column)) if binding else ""
        if _ERA_ONLY.fullmatch(text):
            yield _warn(layout, "lint-era-only", row, binding, text)
            return


def _marks(layout: Layout, form: Form, body: range) -> Iterator[Issue]:
    for binding in layout.numeric:
        for row in body:
            text = half_width(layout.sheet.text(row, binding.column))
            if text and text in form.marks:
                code = "lint-marks" if form.is_form else "marks-read"
                yield _warn(layout, code, row, binding, text)
                break


def _gaps(layout: Layout, body: range) -> Iterator[Issue]:
    blank = [r for r in body if not any(cell.strip() for cell in layout.sheet.rows[r])]
    inner = [r for r in blank if r + 1 < len(layout.sheet.rows) and r + 1 not in blank]
    code = layout.of_kind("code")
    if inner and code is not None and any(layout.sheet.text(r + 1, code.column) for r in inner):
        yield _warn(layout, "lint-gaps", inner[0], count=len(inner))
