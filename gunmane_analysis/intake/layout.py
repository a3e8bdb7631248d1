"""What a sheet says of itself: which source it is, where its columns lie, and its period.

Columns are found by their headings and never by their position.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from gunmane_analysis.intake import forms
from gunmane_analysis.intake.forms import Field, Form, read_form
from gunmane_analysis.intake.reading.issues import Issue, Issues, issue, shortened
from gunmane_analysis.intake.reading.plain_text import bare_key, half_width, heading_key, split_unit
from gunmane_analysis.intake.reading.sheet import Sheet
from gunmane_analysis.intake.reading.xlsx_package import column_letters
from gunmane_analysis.tables.description import REMARK

ROWS_SEARCHED = 60
_TALLEST_BAND = 7
_COLUMNS_SEARCHED = 600
_NEAREST_TRIED = 4
_NEAR = 0.5  # how alike two headings are, as difflib counts
_HEADINGS_SHOWN = 12
_YEAR = re.compile(r"([0-9]{4})年?")
_ITEM = re.compile(r"[A-Z][0-9]{4,7}")
_ITEM_YEAR = re.compile(r"(19|20)[0-9]{2}")
_ITEM_ROWS_SEARCHED = 6


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """One column of the sheet with the field it is, for one year where the heading says so.

    Attributes
    ----------
    key : str
        The field's name, with the year where several columns hold the field.
    """

    field: Field
    column: int
    heading: str
    scale: float
    year: int | None = None
    key: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        name = self.field.name
        dated = f"{name}_{self.year}" if self.field.has_year_headings else name
        object.__setattr__(self, "key", dated)

    @property
    def letters(self) -> str:
        """The column's letters as Excel shows them."""
        return column_letters(self.column + 1)


@dataclass(frozen=True)
class Layout:
    """A table found on a sheet: its headings' rows, its columns, and its first row of data."""

    sheet: Sheet
    first_heading_row: int
    first_row: int
    bindings: tuple[ColumnMatch, ...]
    width: int

    def of(self, name: str) -> ColumnMatch | None:
        """Return the column of a field, or None where the sheet lacks it."""
        return next((entry for entry in self.bindings if entry.field.name == name), None)

    def of_kind(self, kind: str) -> ColumnMatch | None:
        """Return the first column of a kind of field, or None."""
        return next((entry for entry in self.bindings if entry.field.kind == kind), None)

    @property
    def numeric(self) -> tuple[ColumnMatch, ...]:
        """The columns whose cells are numbers."""
        return tuple(entry for entry in self.bindings if entry.field.is_numeric)

    def place(self, row: int, column: ColumnMatch | None = None) -> dict[str, Any]:
        """Return where a row, by its number, or its cell in a column is, for an issue's words."""
        place: dict[str, Any] = {"sheet": self.sheet.name, "row": row}
        if column is not None:
            place |= {"column": column.heading, "cell": f"{column.letters}{row}"}
            place |= {"field": column.field, "heading": shortened(column.heading)}
        return place

    def issue(
        self, code: str, row: int, column: ColumnMatch | None = None, /, **facts: Any
    ) -> Issue:
        """Return an issue on a row, or on its cell in a column."""
        return issue(code, **self.place(row, column), **facts)


@dataclass(frozen=True)
class Reporter:
    """Adds issues on the rows of a table, by their position on its sheet."""

    layout: Layout
    issues: Issues

    def add(
        self, code: str, position: int, column: ColumnMatch | None = None, /, **facts: Any
    ) -> None:
        """Add an issue on a row, or on the cell of one of its columns."""
        sheet = self.layout.sheet
        last = max(len(sheet.rows) - 1, 0)
        row = sheet.number_of(min(position, last)) + max(position - last, 0)
        self.issues.add(self.layout.issue(code, row, column, **facts))


@dataclass(frozen=True)
class LayoutMatch:
    """The best that was found on a sheet: a layout, or what is missing from the nearest one."""

    form: Form
    sheet: Sheet
    layout: Layout | None
    missing: tuple[Field, ...]
    headings: tuple[str, ...] = ()
    row: int = 0
    matched_count: int = 0
    issues: tuple[Issue, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the sheet is the source's table: every required column, and a value."""
        wanted = self.form.at_least_one_of
        return self.layout is not None and (not wanted or any(map(self.layout.of, wanted)))


def match_source(
    sheets: Sequence[Sheet], source_id: str | None, fiscal_year: int | None = None
) -> LayoutMatch:
    """Return the match of the source and sheet whose headings fit best.

    A form handed out for a table of ours is tried where nothing else fits. Where nothing does
    (:attr:`LayoutMatch.fits`), it is the nearest one, for its faults.
    """
    matches = [
        match_layout(sheet, read_form(name), fiscal_year)
        for sheet in sheets
        for name in ((source_id,) if source_id else _likely(_keys(sheet.rows), fiscal_year))
    ]
    best = max(matches, key=lambda each: (each.fits, each.matched_count - len(each.missing)))
    handed_out = () if best.fits or source_id else map(read_form, forms.sources_with("is_form"))
    collected = (
        match_layout(sheet, form)
        for form in handed_out
        for sheet in sheets
        if all(_is_headed(e, _keys(sheet.rows)) for e in form.fields.values() if e.name != REMARK)
    )  # 備考 is younger than some forms
    return next((match for match in collected if match.fits), best)


def _likely(keys: frozenset[str], fiscal_year: int | None) -> list[str]:
    """Return the sources that may fit: all required headings are there, else the nearest."""
    counts = {
        name: sum(not _is_headed(entry, keys) for entry in _required(read_form(name), fiscal_year))
        for name in forms.sources_with("fields")
    }
    whole = [name for name, missing in counts.items() if missing == 0]
    by_items = [name for name in counts if read_form(name).period == "item_years"]
    return whole or [*by_items, *sorted(counts, key=counts.__getitem__)[:_NEAREST_TRIED]]


def _required(form: Form, fiscal_year: int | None) -> tuple[Field, ...]:
    """Return the fields without which a sheet is not the source; a fiscal year given needs none."""
    is_given = fiscal_year is not None
    return tuple(e for e in form.required if not (is_given and e.kind == "fiscal_year"))


def _is_headed(entry: Field, keys: frozenset[str]) -> bool:
    """Whether one of a field's headings is among the keys."""
    return any(path[-1] in keys for path in entry.headings) or any(
        item.lower() in keys for item in entry.items
    )


def _keys(rows: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return the keys of the texts that may be headings, in the rows that are searched."""
    return frozenset(
        bare_key(cell)
        for row in rows[:ROWS_SEARCHED]
        for cell in row[:_COLUMNS_SEARCHED]
        if cell and len(cell) < 80
    )


def match_layout(sheet: Sheet, form: Form, fiscal_year: int | None = None) -> LayoutMatch:
    """Find a form's table on a sheet, by the way its source lays tables out.

    Parameters
    ----------
    sheet : Sheet
    form : Form
    fiscal_year : int, optional
        Said by the user, so that no column has to say it.
    """
    if form.period == "item_years":
        return _match_items(sheet, form)
    parts = {part for entry in form.fields.values() for path in entry.headings for part in path}
    required = _required(form, fiscal_year)
    last = min(len(sheet.rows), ROWS_SEARCHED)
    best: tuple[tuple[int, int, int, int], list[ColumnMatch]] | None = None
    for start in range(last):
        if parts.isdisjoint(_keys(sheet.rows[start : start + 1])):
            continue
        for height in range(1, min(_TALLEST_BAND, last - start) + 1):
            matched = _match(form, heading_paths(sheet, start, height))
            named = {each.field.name for each in matched}
            missing = sum(entry.name not in named for entry in required)
            score = (-missing, len(named), -height, -start)
            if matched and (best is None or score > best[0]):
                best = (score, matched)
    if best is None:
        row = _heading_row(sheet)
        return LayoutMatch(form, sheet, None, required, _texts(sheet, row), row)
    (_, count, height, start), matched = best
    paths = heading_paths(sheet, -start, -height)
    width = max((column + 1 for column, path in enumerate(paths) if path), default=0)
    layout = Layout(sheet, -start, -start - height, tuple(matched), width)
    absent = tuple(entry for entry in required if layout.of(entry.name) is None)
    headings = tuple("/".join(path) for path in paths if path)
    found = tuple(_heading_issues(layout, form, paths))
    return LayoutMatch(
        form, sheet, None if absent else layout, absent, headings, -start, count, found
    )


def _match(form: Form, paths: Sequence[tuple[str, ...]]) -> list[ColumnMatch]:
    """Return the columns of a band whose headings name a field (and a year)."""
    matched = []
    for column, path in enumerate(paths):
        keys = tuple(map(bare_key, path))
        dated = _YEAR.fullmatch(keys[-1]) if keys else None
        for entry in form.fields.values():
            if entry.has_year_headings:
                year, wanted = int(dated[1]) if dated else None, keys[:-1] if dated else ()
            else:
                year, wanted = None, keys
            if any(_is_path(wanted, heading) for heading in entry.headings):
                # our name as the heading is in the stored unit
                is_ours = heading_key(path[-1]) == heading_key(entry.name)
                scale = 1.0 if is_ours else entry.scale
                matched.append(ColumnMatch(entry, column, "/".join(path), scale, year))
                break
    return matched


def _is_path(path: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a column's headings end as wanted, with the upper parts in their order."""
    if not path or path[-1] != wanted[-1]:
        return False
    remaining = iter(path)
    return all(part in remaining for part in wanted)


def heading_paths(sheet: Sheet, start: int, height: int) -> list[tuple[str, ...]]:
    """Return each column's headings from top to bottom, empty cells of upper rows filled.

    A heading over several columns stands in the first of them (a merged range, or blanks to
    its right); in the lowest row nothing is filled in.
    """
    rows = sheet.rows[start : start + height]
    lines = [[_tidy(cell) for cell in row[:_COLUMNS_SEARCHED]] for row in rows]
    width = max(map(len, lines), default=0)
    lines = [line + [""] * (width - len(line)) for line in lines]
    above = [""] * width
    for line in lines[:-1]:
        for column in range(1, width):  # nothing carries over where a heading begins above
            if not line[column] and above[column] == above[column - 1]:
                line[column] = line[column - 1]
        above = line
    columns = zip(*lines, strict=True)
    return [tuple(part for part, _ in groupby(filter(None, column))) for column in columns]


@functools.lru_cache(maxsize=20_000)
def _tidy(cell: str) -> str:
    return "" if len(cell) > 200 else re.sub(r"\s+", "", cell)


def _heading_row(sheet: Sheet) -> int:
    """Return the first row of more than one cell, else the first that is not empty."""
    counts = [sum(bool(cell.strip()) for cell in row) for row in sheet.rows[:ROWS_SEARCHED]]
    filled = [row for row, count in enumerate(counts) if count]
    return next((row for row in filled if counts[row] > 1), next(iter(filled), 0))


def _texts(sheet: Sheet, row: int) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in sheet.rows[row] if cell.strip()) if sheet.rows else ()


def _heading_issues(
    layout: Layout, form: Form, paths: Sequence[tuple[str, ...]]
) -> Iterator[Issue]:
    """Yield a fault for each column twice, in another unit, or in a unit left to be guessed."""
    seen: dict[str, str] = {}
    row = layout.sheet.number_of(layout.first_heading_row)
    for match in layout.bindings:
        entry, path = match.field, paths[match.column]
        units = [unit for part in path if (unit := split_unit(heading_key(part))[1])]
        first = seen.setdefault(match.key, match.letters)
        found = {
            "column-twice": first != match.letters,
            "column-unit-differs": entry.unit and units and heading_key(entry.unit) not in units,
            "column-unit-missing": form.is_form and match.scale != 1.0 and not units,
        }
        facts = {"value": path[-1], "first": first, "second": match.letters}
        detail = f"{entry.name} in the description of {form.source_id}"
        for code in (code for code, is_wrong in found.items() if is_wrong):
            yield layout.issue(code, row, match, **facts, detail=detail)


def _match_items(sheet: Sheet, form: Form) -> LayoutMatch:
    """Find SSDSE's rows of item codes, years and labels, and the columns of the items wanted.

    Columns are found by item code, because labels change between editions (half-width and
    full-width, 「（民営）」 added); a label is used only where no edition's code is there.
    """
    counts = [
        sum(bool(_ITEM.fullmatch(cell.strip())) for cell in row)
        for row in sheet.rows[:_ITEM_ROWS_SEARCHED]
    ]
    top = next((row for row, count in enumerate(counts) if count >= 3), len(sheet.rows))
    if len(sheet.rows) < top + 3:
        return LayoutMatch(form, sheet, None, form.required)
    items, labels = sheet.rows[top], sheet.rows[top + 2]
    place: dict[str, Any] = {"sheet": sheet.name, "row": sheet.number_of(top)}
    bindings, absent, found = [], [], []
    for entry in form.fields.values():
        column = _item_column(entry, items, labels)
        if column is None:
            absent.append(entry)
            continue
        year = half_width(sheet.text(top + 1, column)) if entry.items else ""
        if entry.items and not _ITEM_YEAR.fullmatch(year):
            year_place = {**place, "row": sheet.number_of(top + 1), "column": labels[column]}
            found.append(issue("item-year-missing", label=entry.label, value=year, **year_place))
            continue
        dated = int(year) if year else None
        bindings.append(ColumnMatch(entry, column, labels[column], entry.scale, dated))
    missing = tuple(entry for entry in absent if entry.is_required)
    if optional := [each.label for each in absent if each.items and not each.is_required]:
        found.append(issue("items-absent", labels="、".join(optional), **place))
    bindings.sort(key=lambda each: each.column)
    layout = None if missing else Layout(sheet, top, top + 3, tuple(bindings), len(labels))
    headings = tuple(filter(None, labels))
    return LayoutMatch(form, sheet, layout, missing, headings, top, counts[top], tuple(found))


def _item_column(entry: Field, items: list[str], labels: list[str]) -> int | None:
    codes = [item.strip() for item in items]
    if found := [codes.index(item) for item in entry.items if item in codes]:
        return found[0]
    wanted = {heading_key(entry.label)} if entry.items else {path[-1] for path in entry.headings}
    return next((i for i, label in enumerate(labels) if heading_key(label) in wanted), None)


def _near(wanted: Iterable[Field], headings: Iterable[str]) -> str:
    """Return the heading found that is nearest to the first field that has one near."""
    keys = {bare_key(part.rpartition("/")[2]): part for part in headings}
    for entry in wanted:
        for want in [path[-1] for path in entry.headings] or [heading_key(entry.label)]:
            if found := difflib.get_close_matches(want, keys, 1, _NEAR):
                return keys[found[0]]
    return ""


def _hint(wanted: Iterable[Field], headings: Iterable[str]) -> str:
    near = _near(wanted, headings)
    return f"似た見出し「{shortened(near)}」があります。" if near else ""


def labels_of(entries: Iterable[Field], joined_by: str = "、") -> str:
    """Return the labels of fields, as messages name them."""
    return joined_by.join(entry.label for entry in entries)


def _found_headings(sheet: Sheet, headings: Sequence[str]) -> dict[str, Any]:
    """Return what the messages on missing columns say of the headings that are there."""
    is_single = sheet.is_csv and max(map(len, sheet.rows), default=0) == 1
    single = "列が1つしか見つかりません。区切り文字がコンマでない可能性があります。"
    shown = "、".join(shortened(heading) for heading in headings[:_HEADINGS_SHOWN])
    return {"sheet": sheet.name, "single": single if is_single else "", "headings": shown or "なし"}


def missing_columns(match: LayoutMatch, fiscal_year: int | None) -> Iterator[Issue]:
    """Word what is missing, with the nearest headings found; nothing is guessed.

    A column of values under a near heading is a fault of its own (:func:`unread_columns`).
    """
    form, sheet = match.form, match.sheet
    facts = _found_headings(sheet, match.headings)
    facts |= {"row": sheet.number_of(match.row) if sheet.rows else 1, "title": form.title}
    where = f"the description of {form.source_id}"
    wanted = [form.fields[name] for name in form.at_least_one_of]
    for entry in match.missing:
        code = "year-column-missing" if entry.kind == "fiscal_year" else "column-missing"
        required = labels_of(_required(form, fiscal_year))
        facts |= {"required": required, "near": _hint([entry], match.headings)}
        detail = f"add the heading to {entry.name}: headers in {where}"
        yield issue(code, label=entry.label, column=entry.label, detail=detail, **facts)
    unread = unread_columns(match.layout, form) if match.layout else ()
    if match.layout and not {each.expected for each in unread} & {each.label for each in wanted}:
        facts["near"] = _hint(wanted, match.headings)
        yield issue("value-columns-missing", labels=labels_of(wanted), **facts)
    if form.explains_unknown_layout:
        lacking = [e for e in form.fields.values() if e.is_required or e in wanted]
        near = (f"{e.name}: headers += {_near([e], match.headings) or '?'}" for e in lacking)
        yield issue(
            "layout-unknown", detail=f"a person decides, in {where}: {'; '.join(near)}", **facts
        )


def source_unknown(match: LayoutMatch) -> Issue:
    """Return the one fault on a file that no source fits, with the nearest one and why not."""
    form, sheet = match.form, match.sheet
    lacking = match.missing or [form.fields[name] for name in form.at_least_one_of]
    top = _heading_row(sheet)
    headings = _texts(sheet, top)
    return issue(
        "source-unknown",
        nearest=form.title,
        lacking=labels_of(lacking[:6]),
        near=_hint(lacking, headings),
        titles="、".join(map(forms.title_of, forms.source_ids())),
        row=sheet.number_of(top),
        **_found_headings(sheet, headings),
    )


def unread_columns(layout: Layout, form: Form) -> Iterator[Issue]:
    """Yield an issue for each headed column that a form of ours does not know.

    One that is near a heading that the sheet lacks is refused: its values would be lost. Official
    files have many columns that no table uses; only forms are looked at.
    """
    read, row = {binding.column for binding in layout.bindings}, layout.first_row - 1
    absent = [entry for entry in form.fields.values() if layout.of(entry.name) is None]
    known = {path[-1]: entry for entry in absent for path in entry.headings}
    for column, cell in enumerate(layout.sheet.rows[row] if form.is_form and row >= 0 else ()):
        if not cell.strip() or column in read:
            continue
        found = difflib.get_close_matches(bare_key(cell), known, 1, _NEAR)
        near = known[found[0]].label if found else ""
        number, heading = layout.sheet.number_of(row), shortened(cell.strip())
        yield issue(
            "column-of-near-name" if near else "column-unread",
            heading=heading,
            label=near,
            sheet=layout.sheet.name,
            row=number,
            column=heading,
            cell=f"{column_letters(column + 1)}{number}",
        )
