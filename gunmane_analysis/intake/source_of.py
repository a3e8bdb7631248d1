"""Which source a file is, found by which source's headings its sheets have."""

from __future__ import annotations

from collections.abc import Sequence

from gunmane_analysis.intake.forms import Field, Form, collected_ids, form_ids, read_form
from gunmane_analysis.intake.layout import (
    ROWS_SEARCHED,
    Layout,
    LayoutMatch,
    find_layout,
)
from gunmane_analysis.intake.reading.plain_text import heading_key, split_unit
from gunmane_analysis.intake.reading.workbook import Sheet
from gunmane_analysis.intake.ssdse import find_ssdse_layout

_NEAREST_TRIED = 4


def find_source(
    sheets: Sequence[Sheet], source_id: str | None
) -> tuple[Form | None, Sheet, LayoutMatch]:
    """Return the source and sheet whose headings fit best; no source where none fits."""
    candidates = []
    for sheet in sheets:
        keys = _heading_keys(sheet)
        names = (source_id,) if source_id else _likely(keys)
        for name in names:
            form = read_form(name)
            search = search_sheet(sheet, form)
            fits = search.layout is not None and has_one_of(search.layout, form)
            weight = (fits, search.matched_count - len(search.missing))
            candidates.append((weight, form, sheet, search))
    (fits, _), form, sheet, search = max(candidates, key=lambda candidate: candidate[0])
    if not fits and not source_id and (collected := _collected(sheets)):
        return collected
    return (form if fits or source_id else _nearly(form, search)), sheet, search


def _collected(sheets: Sequence[Sheet]) -> tuple[Form, Sheet, LayoutMatch] | None:
    """Return the form handed out for a table of ours, where a sheet has all its headings."""
    for sheet in sheets:
        keys = _heading_keys(sheet)
        for form in map(read_form, collected_ids()):
            if all(_is_headed(entry, keys) for entry in form.fields.values()):
                search = search_sheet(sheet, form)
                if search.layout is not None:
                    return form, sheet, search
    return None


def _likely(keys: frozenset[str]) -> list[str]:
    """Return the sources that may fit: all required headings are there, else the nearest."""
    counts = {}
    for name in form_ids():
        required = read_form(name).required
        counts[name] = sum(not _is_headed(entry, keys) for entry in required)
    whole = [name for name, missing in counts.items() if missing == 0]
    return whole or sorted(counts, key=counts.__getitem__)[:_NEAREST_TRIED]


def _is_headed(entry: Field, keys: frozenset[str]) -> bool:
    """Whether one of a field's headings may stand on a sheet."""
    return any(path[-1] in keys for path in entry.headings) or any(
        item.lower() in keys for item in entry.items
    )


def _heading_keys(sheet: Sheet) -> frozenset[str]:
    """Return the keys of the texts that may be headings."""
    return frozenset(
        split_unit(heading_key(cell))[0]
        for row in sheet.rows[:ROWS_SEARCHED]
        for cell in row
        if cell and len(cell) < 80
    )


def _nearly(form: Form, search: LayoutMatch) -> Form | None:
    """Return the form where only a little is missing, so that its faults are the useful ones."""
    if search.layout is not None:
        return form if search.matched_count >= 3 else None
    is_near = len(search.missing) == 1 and search.matched_count >= 3
    return form if is_near else None


def search_sheet(sheet: Sheet, form: Form) -> LayoutMatch:
    """Find a form's table on a sheet, by the way its source lays tables out."""
    return (
        find_ssdse_layout(sheet, form) if form.period == "item_years" else find_layout(sheet, form)
    )


def has_one_of(layout: Layout, form: Form) -> bool:
    """Tell whether a table has any of the columns that make it worth reading."""
    return not form.at_least_one_of or any(layout.of(name) for name in form.at_least_one_of)
