"""The rows under the headings: each classified, its area resolved, each cell read."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from gunmane_analysis.areas.code_reading import CodeForm
from gunmane_analysis.areas.master import known_name, prefectures
from gunmane_analysis.intake.cells import CellReader, Stored
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout
from gunmane_analysis.intake.period import ReferencePeriod
from gunmane_analysis.intake.places import (
    FormerMunicipality,
    ResolvedCode,
    code_of_place,
    column_form,
    compare_name,
    form_of_format,
    looks_like_code,
    read_code_cell,
)
from gunmane_analysis.intake.reading.issues import CellError, Issue, Issues, issue, shortened
from gunmane_analysis.intake.reading.plain_text import (
    half_width,
    heading_key,
    name_key,
    plain_minus,
)
from gunmane_analysis.intake.reading.workbook import Reporter

ROWS_AT_MOST = 200_000
_NAMED = 5
_TOTAL = re.compile(
    r"(?:総|合|小|市町村|市区町村|区市町村|都道府県|町村|市|全国|県|都|府|道|郡|特別区|一部事務組合等?)*計"
    r"|合計|総計|総数|全国|全国総数|(?:全国)?市(?:区)?町村?(?:合計|総数)|.*平均"
)
_PREFECTURE_TOTAL = re.compile(r".+[都道府県]計")
_FOOTNOTE = re.compile(
    r"[\s　]*(?:[※＊*注（(〔［\[]|出典|資料|備考|単位|出所|[0-9０-９]+[)）．.、 　])"
)
_BLANKS = frozenset("-—－―")
_FILLED_KINDS = ("code", "name", "prefecture_name", "fiscal_year", "block", "choice")


@dataclass(frozen=True)
class Row:
    """One accepted row.

    Attributes
    ----------
    number : int
        As the reader of the file counts it.
    code : str
        Five digits (two for a prefecture); empty where the source has no code.
    level : str
    values : dict
        By binding key: float, text, or None where a mark stands.
    statuses : dict
        By binding key, only where a mark or an empty cell stands.
    """

    number: int
    code: str
    level: str
    name: str
    values: dict[str, Stored]
    statuses: dict[str, str] = field(default_factory=dict)
    is_total: bool = False
    delivered_code: str = ""


def read_rows(
    layout: Layout,
    form: Form,
    period: ReferencePeriod,
    issues: Issues,
    old: Mapping[str, FormerMunicipality] = MappingProxyType({}),
) -> list[Row]:
    """Read every row under the headings; what is no row of data is said in the issues.

    Returns
    -------
    list of Row
        Rows of areas (or events) and, with ``is_total``, rows of totals, in file order.
    """
    reader = _RowReader(layout, form, period, issues, old)
    rows = [row for position in reader.positions() if (row := reader.read(position)) is not None]
    reader.finish()
    return rows


class _RowReader:
    """Reads the rows of one table; keeps what is common to all of them."""

    def __init__(
        self,
        layout: Layout,
        form: Form,
        period: ReferencePeriod,
        issues: Issues,
        old: Mapping[str, FormerMunicipality],
    ) -> None:
        self.layout = layout
        self.form = form
        self.period = period
        self.reporter = Reporter(layout.sheet, issues)
        self.resolver = AreaResolver(layout, form, period, self.reporter, old)
        self.sheet = layout.sheet
        self.cells = CellReader(layout, form, self.reporter)
        self.code, self.name = layout.of_kind("code"), layout.of_kind("name")
        self.prefecture = layout.of_kind("prefecture_name")
        self.fill = _merged_texts(layout)
        self.hidden = set(self.sheet.hidden_rows)
        self.headings = {
            heading_key(binding.heading.rpartition("/")[2]) for binding in layout.bindings
        }
        self.numeric_columns = {b.column for b in layout.bindings if b.field.is_numeric}
        self.footnotes: list[int] = []
        self.hidden_read: list[int] = []
        self.struck_read: list[int] = []
        self.struck = {(row, column) for row, column, _, left in self.sheet.struck if not left}
        self.needs_fiscal_year = (
            "fiscal_year" in form.fields and layout.of_kind("fiscal_year") is None
        )
        self.is_over = False

    def positions(self) -> Iterator[int]:
        """Yield the positions of the rows that are not empty."""
        last = len(self.sheet.rows)
        if last - self.layout.first_row > ROWS_AT_MOST:
            self.reporter.add("rows-too-many", self.layout.first_row, most=ROWS_AT_MOST)
            last = self.layout.first_row + ROWS_AT_MOST
        for position in range(self.layout.first_row, last):
            if any(text.strip() for text in self.sheet.rows[position]):
                yield position
                if self.is_over:
                    return

    def text(self, position: int, binding: ColumnMatch | None) -> str:
        """Return a cell's text; of a merged range, its upper left cell's."""
        if binding is None:
            return ""
        own = self.sheet.text(position, binding.column)
        return own or self.fill.get((position, binding.column), "")

    def read(self, position: int) -> Row | None:
        """Read one row, or say what it is."""
        texts = self.sheet.rows[position]
        code_text = self.text(position, self.code).strip()
        code_text = "" if plain_minus(code_text) == "-" else self.resolver.without_prefix(code_text)
        if not looks_like_code(code_text) and self._is_heading_again(position):
            self.is_over = True
            self.reporter.add(
                "row-second-heading",
                position,
                value=shortened("、".join(text for text in texts if text.strip())),
                number=self.sheet.number_of(position),
            )
            return None
        if not self._has_same_width(position, texts):
            return None
        if position in self.hidden:
            self.hidden_read.append(position)
        if any(
            binding and (position, binding.column) in self.struck
            for binding in (self.code, self.name)
        ):
            self.struck_read.append(position)
        if not looks_like_code(code_text) and self._is_footnote(position, texts):
            self.footnotes.append(position)
            return None
        total = self._is_total(position, code_text, texts)
        if total and not looks_like_code(code_text):
            return self._total_row(position, texts)
        if self.code is None and self.form.key != "prefecture_and_name":
            return self._event_row(position)
        return self._area_row(position, code_text, is_total=total)

    def _event_row(self, position: int) -> Row | None:
        values, statuses = self._cells(position)
        return Row(self.sheet.number_of(position), "", "event", "", values, statuses)

    def _cells(self, position: int) -> tuple[dict[str, Stored], dict[str, str]]:
        """Return a row's values, with the fiscal year that the user gave where no column has it."""
        values, statuses = self.cells.read(position)
        if self.needs_fiscal_year and self.period.fiscal_year is not None:
            values["fiscal_year"] = float(self.period.fiscal_year)
        return values, statuses

    def _area_row(self, position: int, code_text: str, *, is_total: bool) -> Row | None:
        name = self.text(position, self.name).strip()
        values, statuses = self._cells(position)
        prefecture = self.text(position, self.prefecture).strip()
        cell = self.resolver.resolve(position, code_text, prefecture, name, values)
        if cell is None:
            return None
        if "再掲" in name:
            self.reporter.add("row-of-parts", position, self.name, value=name)
            return None
        self.resolver.check_name(position, cell, name)
        return Row(
            self.sheet.number_of(position),
            cell.code,
            cell.level,
            name,
            values,
            statuses,
            is_total=is_total,
            delivered_code=cell.delivered_code,
        )

    def _total_row(self, position: int, texts: list[str]) -> Row:
        values, statuses = self.cells.read(position, is_total=True)
        label = next((text.strip() for text in texts if _is_total_word(heading_key(text))), "計")
        return Row(
            self.sheet.number_of(position), "", "nation", label, values, statuses, is_total=True
        )

    def _is_heading_again(self, position: int) -> bool:
        keys = [
            heading_key(text)
            for binding in self.layout.bindings
            if (text := self.sheet.text(position, binding.column)).strip()
        ]
        return len(keys) > 1 and sum(key in self.headings for key in keys) >= max(2, len(keys) - 1)

    def _has_same_width(self, position: int, texts: list[str]) -> bool:
        """Check the number of cells of a CSV row; a shifted row is never read."""
        if not self.sheet.is_csv:
            return True
        filled = len(texts)
        while filled and not texts[filled - 1].strip():
            filled -= 1
        width = self.layout.width
        if filled > width or (len(texts) < width and filled > 1 and self._is_data(texts)):
            facts: dict[str, Any] = {"found": len(texts), "width": width}
            value = shortened(",".join(texts))
            self.reporter.add("row-width-differs", position, value=value, **facts)
            return False
        return True

    def _is_data(self, texts: list[str]) -> bool:
        return self.code is None or looks_like_code(
            texts[self.code.column] if self.code.column < len(texts) else ""
        )

    def _is_footnote(self, position: int, texts: list[str]) -> bool:
        filled = [text for text in texts if text.strip()]
        has_number = any(
            re.search("[0-9０-９]", self.sheet.text(position, binding.column))
            or (position, binding.column) in self.cells.uncached
            for binding in self.layout.bindings
            if binding.field.is_numeric
        )
        if has_number:
            return False
        return (
            len(filled) == 1
            or bool(_FOOTNOTE.match(filled[0]))
            or (
                self.code is not None
                and all(set(text.strip()) <= _BLANKS or _FOOTNOTE.match(text) for text in filled)
            )
        )

    def _is_total(self, position: int, code_text: str, texts: list[str]) -> bool:
        if self.code is None and self.form.key != "prefecture_and_name":
            return False
        if code_text and looks_like_code(code_text):
            places = (self.text(position, self.name), self.text(position, self.prefecture))
            return any(_PREFECTURE_TOTAL.fullmatch(heading_key(place)) for place in places)
        words = [
            heading_key(text)
            for column, text in enumerate(texts)
            if text.strip() and column not in self.numeric_columns
        ]
        return any(map(_is_total_word, words)) or (
            "".join(words[:2]) in ("全国市町村平均", "全国市区町村平均")
        )

    def finish(self) -> None:
        """Say once what concerns many rows."""
        add = self.reporter.add
        self.cells.finish()
        if self.footnotes:
            first = self.footnotes[0]
            text = shortened(next(t for t in self.sheet.rows[first] if t.strip()))
            add("row-footnotes", first, value=text, count=len(self.footnotes))
        if self.hidden_read:
            filtered = "（絞り込みで隠れた行を含む）" if self.sheet.is_filtered else ""
            count = len(self.hidden_read)
            add("row-hidden", self.hidden_read[0], count=count, filtered=filtered)
        if self.struck_read:
            add("row-struck", self.struck_read[0], count=len(self.struck_read))
        for binding in self.layout.bindings:
            if binding.column in self.sheet.hidden_columns:
                heading = shortened(binding.heading)
                add("column-hidden", self.layout.first_row - 1, binding, heading=heading)
        for position, column, cell in self.sheet.unwrapped[:1]:
            matched = next((b for b in self.layout.bindings if b.column == column), None)
            count = len(self.sheet.unwrapped)
            add("cell-unwrapped", position, matched, value=cell, count=count)
        if self.resolver.no_successor:
            names = "、".join(name for _, name in self.resolver.no_successor[:8])
            count = len(self.resolver.no_successor)
            first = self.resolver.no_successor[0][0]
            add("name-without-successor", first, self.name, count=count, names=names)
        self._refuse_merged_values()

    def _refuse_merged_values(self) -> None:
        """Refuse a value that is merged over several rows or columns."""
        columns = {binding.column: binding for binding in self.layout.bindings}
        for top, left, bottom, right in self.sheet.merged:
            binding = columns.get(left)
            if binding is None or not self.layout.first_row <= top < len(self.sheet.rows):
                continue
            text = self.sheet.text(top, left).strip()
            over = [columns[c] for c in range(left, right + 1) if c in columns]
            is_text = binding.field.kind in (*_FILLED_KINDS, "text")
            if not text or is_text or (top == bottom and len(over) < 2):
                continue
            rows = [self.sheet.number_of(top) + step for step in range(bottom - top + 1)]
            self.reporter.add(
                "value-merged",
                top,
                binding,
                value=text,
                range=f"{over[0].letters}{rows[0]}:{over[-1].letters}{rows[-1]}",
                cells="、".join(f"{b.letters}{row}" for row in rows[:_NAMED] for b in over),
            )


def _is_total_word(key: str) -> bool:
    return bool(_TOTAL.fullmatch(key) or _PREFECTURE_TOTAL.fullmatch(key))


def _merged_texts(layout: Layout) -> dict[tuple[int, int], str]:
    """Return the text that a vertically merged range of key columns gives each of its cells."""
    keys = {binding.column for binding in layout.bindings if binding.field.kind in _FILLED_KINDS}
    filled: dict[tuple[int, int], str] = {}
    for top, left, bottom, right in layout.sheet.merged:
        if left != right or left not in keys or top < layout.first_row:
            continue
        text = layout.sheet.text(top, left) if top < len(layout.sheet.rows) else ""
        for row in range(top + 1, min(bottom + 1, len(layout.sheet.rows))):
            filled[(row, left)] = text
    return filled


class AreaResolver:
    """Resolves the area of each row: by its code at the table's date, or by its name."""

    def __init__(
        self,
        layout: Layout,
        form: Form,
        period: ReferencePeriod,
        reporter: Reporter,
        old: Mapping[str, FormerMunicipality] = MappingProxyType({}),
    ) -> None:
        self.old = old
        self.layout = layout
        self.form = form
        self.period = period
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

    def resolve(
        self,
        position: int,
        code_text: str,
        prefecture: str,
        name: str,
        values: Mapping[str, Stored],
    ) -> ResolvedCode | None:
        """Return the area of a row, or None after saying why there is none."""
        if self.code is None:
            return self._by_name(position, prefecture, name)
        if not code_text:
            if self.code.field.is_nullable and self.form.period == "none":
                return ResolvedCode("", "event")
            self.reporter.add("code-missing", position, self.code)
            return None
        year = values.get(self.year.key) if self.year else None
        day = f"{int(year)}-04-01" if isinstance(year, float) else self.period.day
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
            name=name,
            old=self.old,
        )
        return self._reported(found, position, self.code, code_text)

    def _reported(
        self,
        found: ResolvedCode | CellError,
        position: int,
        binding: ColumnMatch | None,
        value: str,
    ) -> ResolvedCode | None:
        """Add what a code was mended by, or why it cannot be read."""
        error = found if isinstance(found, CellError) else found.note
        if error is not None:
            self.reporter.refuse(error, position, binding, value)
        return None if isinstance(found, CellError) else found

    def without_prefix(self, text: str) -> str:
        """Return a code cell without the letter that the source puts before its codes."""
        prefix = self.form.code_prefix
        return half_width(text).removeprefix(prefix) if prefix else text

    def _by_name(self, position: int, prefecture: str, name: str) -> ResolvedCode | None:
        code = code_of_place(prefecture, name) or self._renamed(prefecture, name)
        if code is None:
            self.no_successor.append((position, f"{prefecture}{name}"))
            return ResolvedCode("", "former")
        day = self.period.day or "2020-04-01"
        found = read_code_cell(code, "five", as_of_on=day, declared={}, old=self.old)
        return self._reported(found, position, self.name, name)

    def _renamed(self, prefecture: str, name: str) -> str | None:
        """Return the code of a body that only changed its name or kind since the table's date."""
        day, key = self.period.day or "2020-04-01", name_key(name)
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
        if outcome != "same":
            code = "name-of-another" if outcome == "other" else "name-unknown"
            facts: dict[str, Any] = {"own_code": cell.code, "own": _own_name(cell)}
            self.reporter.add(code, position, self.name, value=name, **facts)


def _own_name(cell: ResolvedCode) -> str:
    return known_name(cell.code if len(cell.code) == 5 else f"{cell.code}000") or cell.code


def merged_rows(
    rows: Sequence[Row],
    layout: Layout,
    period: ReferencePeriod,
    old: Mapping[str, FormerMunicipality],
) -> Iterator[Row]:
    """Yield one row for each municipality of today that has only rows of its former parts.

    Counts and money that may be added are summed where every body that lay in its area has a
    row with a value; everything else (rates, a part that is missing) is unknown, never 0.
    """
    for parts in _without_successor_row(rows):
        is_complete = not _missing(parts, period, old)
        values: dict[str, Stored] = {}
        statuses: dict[str, str] = {}
        for binding in layout.bindings:
            key = binding.key
            if not binding.field.is_numeric:
                if key in parts[0].values:
                    values[key] = parts[0].values[key]
                continue
            known = [part.values.get(key) for part in parts]
            numbers = [value for value in known if isinstance(value, float)]
            adds = binding.field.adds_up != "no" and is_complete and len(numbers) == len(parts)
            values[key] = sum(numbers) if adds else None
            if not adds:
                statuses[key] = "unknown"
        yield dataclasses.replace(
            parts[0], level="municipality", values=values, statuses=statuses, name=""
        )


def incomplete_successors(
    rows: Sequence[Row],
    layout: Layout,
    period: ReferencePeriod,
    old: Mapping[str, FormerMunicipality],
) -> Iterator[Issue]:
    """Warn of bodies of today whose parts are not all in the file."""
    for parts in _without_successor_row(rows):
        missing = _missing(parts, period, old)
        if missing:
            named = "、".join(f"{code} {old[code].name}" for code in sorted(missing)[:_NAMED])
            more = f" ほか{len(missing) - _NAMED}" if len(missing) > _NAMED else ""
            yield issue(
                "former-part-missing",
                sheet=layout.sheet.name,
                row=parts[0].number,
                value=parts[0].name,
                named=named,
                more=more,
                successor=parts[0].code,
            )


def _without_successor_row(rows: Sequence[Row]) -> list[list[Row]]:
    own = {(row.code, row.values.get("fiscal_year")) for row in rows if row.level == "municipality"}
    groups: dict[tuple[str, Stored], list[Row]] = {}
    for row in rows:
        key = (row.code, row.values.get("fiscal_year"))
        if row.level == "absorbed" and key not in own:
            groups.setdefault(key, []).append(row)
    return list(groups.values())


def _missing(
    parts: Sequence[Row], period: ReferencePeriod, old: Mapping[str, FormerMunicipality]
) -> set[str]:
    """Return the codes that lay in the same area on the day of the rows but have none."""
    year = parts[0].values.get("fiscal_year")
    day = f"{int(year)}-04-01" if isinstance(year, float) else period.day
    delivered = {part.delivered_code for part in parts}
    if day is None:
        return set()
    return {
        body.code
        for body in old.values()
        if body.successors == (parts[0].code,)
        and body.is_in_force(day)
        and not body.name.endswith(("郡", "支庁", "区"))
    } - delivered
