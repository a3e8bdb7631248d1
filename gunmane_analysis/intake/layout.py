"""Where a table lies on a sheet, found by its headings and never by its position."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gunmane_analysis.intake.forms import Field, Form
from gunmane_analysis.intake.reading.issues import Issue, shortened
from gunmane_analysis.intake.reading.plain_text import heading_key, split_unit
from gunmane_analysis.intake.reading.workbook import Sheet
from gunmane_analysis.intake.reading.xlsx_parts import column_letters
from gunmane_analysis.tables import table_of_source

ROWS_SEARCHED = 60
_TALLEST_BAND = 7
_COLUMNS_SEARCHED = 600
_YEAR = re.compile(r"([0-9]{4})年?")


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """One column of the sheet that holds one field, for one year where the heading says so.

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
    notes: tuple[Issue, ...] = ()

    def of(self, name: str) -> ColumnMatch | None:
        """Return the binding of a field, or None where the sheet lacks it."""
        return next((entry for entry in self.bindings if entry.field.name == name), None)

    def of_kind(self, kind: str) -> ColumnMatch | None:
        """Return the first binding of a kind of field, or None."""
        return next((entry for entry in self.bindings if entry.field.kind == kind), None)

    @property
    def title_rows(self) -> range:
        """The rows above the headings."""
        return range(self.first_heading_row)


@dataclass(frozen=True)
class LayoutMatch:
    """The best that was found on a sheet: a layout, or what is missing from the nearest one."""

    layout: Layout | None
    missing: tuple[Field, ...]
    headings: tuple[str, ...]
    row: int
    matched_count: int
    faults: tuple[Issue, ...] = ()


def find_layout(sheet: Sheet, form: Form) -> LayoutMatch:
    """Find the band of heading rows that names every required field.

    Parameters
    ----------
    sheet : Sheet
    form : Form

    Returns
    -------
    LayoutMatch
        The lowest band that names the most fields; ties go to the upper one.
    """
    last_parts = {path[-1] for entry in form.fields.values() for path in entry.headings}
    first_parts = {
        part for entry in form.fields.values() for path in entry.headings for part in path
    }
    rows = min(len(sheet.rows), ROWS_SEARCHED)
    hits = [
        row
        for row in range(rows)
        if any(
            split_unit(heading_key(cell))[0] in last_parts | first_parts
            for cell in sheet.rows[row][:_COLUMNS_SEARCHED]
            if cell and len(cell) < 80
        )
    ]
    best: tuple[tuple[int, int, int, int], int, int, dict[int, tuple[Field, int | None]]] | None = (
        None
    )
    for start in hits:
        for height in range(1, _TALLEST_BAND + 1):
            if start + height > rows:
                break
            matched = _match(sheet, form, start, height)
            named = {entry.name for entry, _ in matched.values()}
            missing = sum(entry.name not in named for entry in form.required)
            score = (-missing, len(named), -height, -start)
            if matched and (best is None or score > best[0]):
                best = (score, start, height, matched)
    if best is None:
        return LayoutMatch(None, form.required, _first_headings(sheet), 0, 0)
    (_, _, _, _), start, height, matched = best
    return _search(sheet, form, start, height, matched)


def _search(
    sheet: Sheet,
    form: Form,
    start: int,
    height: int,
    matched: dict[int, tuple[Field, int | None]],
) -> LayoutMatch:
    paths = heading_paths(sheet, start, height)
    headings = tuple("/".join(path) for path in paths if path)
    named = {entry.name for entry, _ in matched.values()}
    missing = tuple(entry for entry in form.required if entry.name not in named)
    faults = [*_twice(sheet, start, matched, paths), *_changed_units(sheet, start, matched, paths)]
    if form.is_form:
        faults += _untold_units(sheet, start, matched, paths)
    layout = Layout(
        sheet=sheet,
        first_heading_row=start,
        first_row=start + height,
        bindings=tuple(
            ColumnMatch(entry, column, "/".join(paths[column]), _scale(entry, paths[column]), year)
            for column, (entry, year) in sorted(matched.items())
        ),
        width=max((column + 1 for column, path in enumerate(paths) if path), default=0),
    )
    return LayoutMatch(
        layout if not missing else None, missing, headings, start, len(named), tuple(faults)
    )


def _match(
    sheet: Sheet, form: Form, start: int, height: int
) -> dict[int, tuple[Field, int | None]]:
    """Return the field (and the year) that each column of a band names."""
    matched: dict[int, tuple[Field, int | None]] = {}
    for column, path in enumerate(heading_paths(sheet, start, height)):
        if not path:
            continue
        bare = tuple(split_unit(heading_key(part))[0] for part in path)
        for entry in form.fields.values():
            if entry.has_year_headings:
                year = _YEAR.fullmatch(bare[-1])
                if year and any(_is_path(bare[:-1], wanted) for wanted in entry.headings):
                    matched[column] = (entry, int(year[1]))
                    break
            elif any(_is_path(bare, wanted) for wanted in entry.headings):
                matched[column] = (entry, None)
                break
    return matched


def _is_path(path: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether a column's headings end as wanted, with the upper parts in their order."""
    if not path or path[-1] != wanted[-1]:
        return False
    remaining = iter(path)
    return all(part in remaining for part in wanted)


def heading_paths(sheet: Sheet, start: int, height: int) -> list[tuple[str, ...]]:
    """Return each column's headings from top to bottom, empty cells of upper rows filled.

    A heading over several columns stands in the first of them (a merged range, or blanks to
    its right); in the lowest row nothing is filled in.
    """
    width = min(
        max((len(sheet.rows[start + step]) for step in range(height)), default=0), _COLUMNS_SEARCHED
    )
    filled: list[list[str]] = []
    for step in range(height):
        cells = [_tidy(cell) for cell in sheet.rows[start + step][:width]]
        cells += [""] * (width - len(cells))
        if step < height - 1:
            current = ""
            for column in range(width):
                above = filled[-1][column] if filled else None
                if cells[column]:
                    current = cells[column]
                elif above is not None and column and above != filled[-1][column - 1]:
                    current = ""  # another heading begins above: nothing carries over
                cells[column] = cells[column] or current
        filled.append(cells)
    paths = []
    for column in range(width):
        parts = [line[column] for line in filled if line[column]]
        paths.append(tuple(part for i, part in enumerate(parts) if i == 0 or part != parts[i - 1]))
    return paths


@functools.lru_cache(maxsize=20_000)
def _tidy(cell: str) -> str:
    return "" if len(cell) > 200 else re.sub(r"\s+", "", cell)


def _first_headings(sheet: Sheet) -> tuple[str, ...]:
    for row in sheet.rows[:ROWS_SEARCHED]:
        cells = [cell.strip() for cell in row if cell.strip()]
        if len(cells) > 1:
            return tuple(cells)
    return tuple(cell for row in sheet.rows[:3] for cell in row if cell.strip())


def _twice(
    sheet: Sheet,
    start: int,
    matched: dict[int, tuple[Field, int | None]],
    paths: Sequence[tuple[str, ...]],
) -> Iterable[Issue]:
    seen: dict[tuple[str, int | None], int] = {}
    for column, (entry, year) in sorted(matched.items()):
        key = (entry.name, year)
        if key in seen:
            yield Issue(
                "fault",
                f"「{entry.label}」に当たる列が二つあります"
                f"（{column_letters(seen[key] + 1)}列と{column_letters(column + 1)}列）。",
                sheet=sheet.name,
                row=sheet.number_of(start),
                column="/".join(paths[column]),
                cell=f"{column_letters(column + 1)}{sheet.number_of(start)}",
                expected="一つの項目に一つの列",
                advice="要らない方の列を削除するか、見出しを直してください。",
            )
        seen.setdefault(key, column)


def _changed_units(
    sheet: Sheet,
    start: int,
    matched: dict[int, tuple[Field, int | None]],
    paths: Sequence[tuple[str, ...]],
) -> Iterable[Issue]:
    """Report a heading that names another unit than the one declared."""
    for column, (entry, _) in sorted(matched.items()):
        units = [split_unit(heading_key(part))[1] for part in paths[column]]
        units = [unit for unit in units if unit]
        if entry.unit and units and heading_key(entry.unit) not in units:
            yield Issue(
                "fault",
                f"単位が違います。必要な列「{entry.label}({entry.unit})」がなく、"
                f"「{shortened('/'.join(paths[column]))}」があります。",
                sheet=sheet.name,
                row=sheet.number_of(start),
                column="/".join(paths[column]),
                cell=f"{column_letters(column + 1)}{sheet.number_of(start)}",
                value=paths[column][-1],
                expected=f"{entry.label}({entry.unit})",
                advice=f"値を{entry.unit}に直して見出しも直すか、表の記述（tables）の単位を改めてください。",
            )


def _scale(entry: Field, path: tuple[str, ...]) -> float:
    """Return what turns a column into the stored unit: our own name says that it is in it."""
    return 1.0 if heading_key(path[-1]) == heading_key(entry.name) else entry.scale


def _untold_units(
    sheet: Sheet,
    start: int,
    matched: dict[int, tuple[Field, int | None]],
    paths: Sequence[tuple[str, ...]],
) -> Iterable[Issue]:
    """Report a column to be scaled whose heading leaves its unit to be guessed."""
    for column, (entry, _) in sorted(matched.items()):
        told = any(split_unit(heading_key(part))[1] for part in paths[column])
        if _scale(entry, paths[column]) != 1.0 and not told:
            yield Issue(
                "fault",
                f"見出し「{shortened('/'.join(paths[column]))}」に単位がなく、"
                f"値が円か{entry.unit}か決まりません。",
                sheet=sheet.name,
                row=sheet.number_of(start),
                column="/".join(paths[column]),
                cell=f"{column_letters(column + 1)}{sheet.number_of(start)}",
                value=paths[column][-1],
                expected=f"{entry.label}({entry.unit})",
                advice=f"値が{entry.unit}であることを確かめ、見出しに単位を書いてください。",
            )


def missing_columns(search: LayoutMatch, sheet: Sheet, form: Form) -> list[Issue]:
    """Word what is missing, with the nearest headings found; nothing is guessed."""
    issues = []
    found = list(search.headings)
    for entry in search.missing:
        wanted = ["/".join(path) for path in entry.headings] or [entry.label]
        near = difflib.get_close_matches(
            wanted[0], [heading_key(heading) for heading in found], n=1, cutoff=0.5
        )
        hint = f"似た見出し「{near[0]}」があります。" if near else ""
        shown = "、".join(shortened(heading) for heading in found[:12])
        single = (
            "列が1つしか見つかりません。区切り文字がコンマでない可能性があります。"
            if sheet.is_csv and max(map(len, sheet.rows), default=0) == 1
            else ""
        )
        issues.append(
            Issue(
                "fault",
                f"必要な列「{entry.label}」がありません。"
                f"{single}{hint}見つかった見出し: {shown or 'なし'}",
                sheet=sheet.name,
                row=sheet.number_of(search.row) if sheet.rows else 1,
                column=entry.label,
                expected="、".join(field.label for field in form.required),
                advice="見出しを直すか、新しい年の見出しなら "
                f"tables/{table_of_source()[form.source_id]}.yml の {entry.name} の "
                "headers に加えてください。",
            )
        )
    return issues
