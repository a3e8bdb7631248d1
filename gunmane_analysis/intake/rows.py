"""The rows under the headings: each classified, its area resolved, each cell read."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from gunmane_analysis.areas.master import FormerMunicipality, known_name, prefectures
from gunmane_analysis.intake import places
from gunmane_analysis.intake.cells import KEY_KINDS, CellReader, Stored
from gunmane_analysis.intake.forms import Form, words
from gunmane_analysis.intake.layout import ColumnMatch, Layout, Reporter
from gunmane_analysis.intake.period import ReferencePeriod
from gunmane_analysis.intake.reading import plain_text
from gunmane_analysis.intake.reading.issues import CellError, Issue, Issues, shortened
from gunmane_analysis.intake.reading.plain_text import heading_key

ROWS_AT_MOST = 200_000
_NAMED = 5
_NAMED_WITHOUT_SUCCESSOR = 8
_TOTAL = re.compile(
    r"(?:総|合|小|市町村|市区町村|区市町村|都道府県|町村|市|全国|県|都|府|道|郡|特別区|一部事務組合等?)*計"
    r"|合計|総計|総数|全国|全国総数|(?:全国)?市(?:区)?町村?(?:合計|総数)|.*平均"
)
_PREFECTURE_TOTAL = re.compile(r".+[都道府県]計")
_FOOTNOTE = re.compile(
    r"[\s　]*(?:[※＊*注（(〔［\[]|出典|資料|備考|単位|出所|[0-9０-９]+[)）．.、 　])"
)
_BLANKS = frozenset("-—－―")
_DAY_WITHOUT_PERIOD = "2020-04-01"

Former = Mapping[str, FormerMunicipality]
_NO_FORMER: Former = MappingProxyType({})


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

    @property
    def body(self) -> tuple[str, Stored]:
        """The code of today and the fiscal year, by which former parts are put together."""
        return self.code, self.values.get("fiscal_year")

    def has(self, key: str) -> bool:
        """Whether a cell was read as a value."""
        return self.values.get(key) is not None


def known_values(rows: Iterable[Row], key: str) -> list[float]:
    """Return the numbers of a column, without the rows that have none."""
    return [value for row in rows if isinstance(value := row.values.get(key), float)]


def _day(fiscal_year: Stored, period: ReferencePeriod) -> str | None:
    return f"{int(fiscal_year)}-04-01" if isinstance(fiscal_year, float) else period.day


def read_rows(
    layout: Layout, form: Form, period: ReferencePeriod, issues: Issues, old: Former = _NO_FORMER
) -> list[Row]:
    """Read every row under the headings; what is no row of data is said in the issues.

    Returns
    -------
    list of Row
        Rows of areas (or events) and, with ``is_total``, rows of totals, in file order.
    """
    reader = _RowReader(layout, form, period, Reporter(layout, issues), old)
    rows = [row for position in reader.positions() if (row := reader.read(position)) is not None]
    reader.finish()
    return rows


class _RowReader:
    """Reads the rows of one table; keeps what is common to all of them."""

    def __init__(
        self, layout: Layout, form: Form, period: ReferencePeriod, reporter: Reporter, old: Former
    ) -> None:
        self.layout, self.form, self.period, self.old = layout, form, period, old
        self.sheet, self.reporter = layout.sheet, reporter
        self.cells = CellReader(layout, form, reporter)
        self.code, self.name = layout.of_kind("code"), layout.of_kind("name")
        self.prefecture = layout.of_kind("prefecture_name")
        self.hidden = set(self.sheet.hidden_rows)
        self.headings = {heading_key(each.heading.rpartition("/")[2]) for each in layout.bindings}
        self.numeric_columns = {each.column for each in layout.numeric}
        self.is_of_events = self.code is None and form.key != "prefecture_and_name"
        self.once: dict[str, list[int]] = {}  # positions, by the code of what is said of them once
        self.no_successor: list[str] = []
        self.is_over = False

    def positions(self) -> Iterator[int]:
        """Yield the positions of the rows that are not empty."""
        first, last = self.layout.first_row, len(self.sheet.rows)
        if last - first > ROWS_AT_MOST:
            self.reporter.add("rows-too-many", first, most=ROWS_AT_MOST)
        for position in range(first, min(last, first + ROWS_AT_MOST)):
            if any(text.strip() for text in self.sheet.rows[position]):
                yield position
                if self.is_over:
                    return

    def text(self, position: int, binding: ColumnMatch | None) -> str:
        """Return the text of a row's cell; none where there is no such column."""
        return self.cells.text(position, binding.column).strip() if binding else ""

    def read(self, position: int) -> Row | None:
        """Read one row, or say what it is."""
        texts = self.sheet.rows[position]
        number = self.sheet.number_of(position)
        delivered = self.text(position, self.code)
        code_text = "" if plain_text.plain_minus(delivered) == "-" else delivered
        if prefix := self.form.code_prefix:
            code_text = plain_text.half_width(code_text).removeprefix(prefix)
        has_code = places.looks_like_code(code_text)
        if not has_code and self._is_heading_again(position):
            self.is_over = True
            shown = shortened("、".join(text for text in texts if text.strip()))
            self.reporter.add("row-second-heading", position, value=shown, number=number)
            return None
        if not self._has_same_width(position, texts):
            return None
        if position in self.hidden:
            self._once("row-hidden", position)
        keys = [(position, match.column) for match in (self.code, self.name) if match]
        if any(key in self.cells.struck and not self.cells.struck[key][1] for key in keys):
            self._once("row-struck", position)
        if not has_code and self._is_footnote(position, texts):
            self._once("row-footnotes", position)
            return None
        is_total = self._is_total(position, has_code, texts)
        if is_total and not has_code:
            label = next((text.strip() for text in texts if _is_total_word(text)), "計")
            return Row(number, "", "nation", label, *self.cells.read(position, is_total=True), True)
        values, statuses = self.cells.read(position)
        if "fiscal_year" in self.form.fields and self.layout.of_kind("fiscal_year") is None:
            given = self.period.fiscal_year  # what the user said, where no column says it
            values |= {} if given is None else {"fiscal_year": float(given)}
        if self.is_of_events:
            return Row(number, "", "event", "", values, statuses)
        name = self.text(position, self.name)
        cell = self._resolved(position, code_text, name, values)
        if cell is None:
            return None
        if "再掲" in name:
            self.reporter.add("row-of-parts", position, self.name, value=name)
            return None
        self._check_name(position, cell, name)
        return Row(
            number, cell.code, cell.level, name, values, statuses, is_total, cell.delivered_code
        )

    def _once(self, code: str, position: int) -> None:
        self.once.setdefault(code, []).append(position)

    def _is_heading_again(self, position: int) -> bool:
        texts = [self.sheet.text(position, each.column) for each in self.layout.bindings]
        keys = [heading_key(text) for text in texts if text.strip()]
        return sum(key in self.headings for key in keys) >= max(2, len(keys) - 1)

    def _has_same_width(self, position: int, texts: list[str]) -> bool:
        """Check the number of cells of a CSV row; a shifted row is never read."""
        if not self.sheet.is_csv:
            return True
        filled = max((i for i, text in enumerate(texts, start=1) if text.strip()), default=0)
        code, width = self.code, self.layout.width
        is_data = code is None or places.looks_like_code(self.sheet.text(position, code.column))
        if filled > width or (len(texts) < width and filled > 1 and is_data):
            facts = {"value": shortened(",".join(texts)), "found": len(texts), "width": width}
            self.reporter.add("row-width-differs", position, None, **facts)
            return False
        return True

    def _is_footnote(self, position: int, texts: list[str]) -> bool:
        if any(
            re.search("[0-9０-９]", self.sheet.text(position, column))
            or (position, column) in self.cells.uncached
            for column in self.numeric_columns
        ):
            return False
        filled = [text for text in texts if text.strip()]
        if len(filled) == 1 or _FOOTNOTE.match(filled[0]):
            return True
        return self.code is not None and all(
            set(text.strip()) <= _BLANKS or _FOOTNOTE.match(text) for text in filled
        )

    def _is_total(self, position: int, has_code: bool, texts: list[str]) -> bool:
        if self.is_of_events:
            return False
        if has_code:
            names = (self.text(position, self.name), self.text(position, self.prefecture))
            return any(_PREFECTURE_TOTAL.fullmatch(heading_key(name)) for name in names)
        return any(
            _is_total_word(text)
            for column, text in enumerate(texts)
            if text.strip() and column not in self.numeric_columns
        )

    def _resolved(
        self, position: int, code_text: str, name: str, values: Mapping[str, Stored]
    ) -> places.ResolvedCode | None:
        """Return the area of a row, or None after saying why there is none."""
        if self.code is None:
            match, value, found = self.name, name, self._by_name(position, name)
        else:
            match, value = self.code, code_text
            found = self._by_code(position, self.code, code_text, name, values)
        error = found if isinstance(found, CellError) else found.note
        if error is not None:
            self.reporter.add(error.code, position, match, value=value, **error.facts)
        return None if isinstance(found, CellError) else found

    def _by_code(
        self, position: int, code: ColumnMatch, text: str, name: str, values: Mapping[str, Stored]
    ) -> places.ResolvedCode | CellError:
        if not text:
            is_event = code.field.nullable and self.form.period == "none"
            return places.ResolvedCode("", "event") if is_event else CellError("code-missing")
        year, on = self.layout.of_kind("fiscal_year"), self.layout.of_kind("date")
        day = _day(values.get(year.key) if year else None, self.period)
        stated = values.get(on.key) if on else None
        day = day or (stated if isinstance(stated, str) else None)
        code_form = self.cells.code_form(position, code.column)
        return places.CodeRules(code_form, day, self.form, self.old).read(text, name)

    def _by_name(self, position: int, name: str) -> places.ResolvedCode | CellError:
        prefecture = self.text(position, self.prefecture)
        code = places.code_of_place(prefecture, name) or self._renamed(prefecture, name)
        if code is None:
            self._once("name-without-successor", position)
            self.no_successor.append(f"{prefecture}{name}")
            return places.ResolvedCode("", "former")
        day = self.period.day or _DAY_WITHOUT_PERIOD
        return places.CodeRules("five", day, self.form, self.old).read(code)

    def _renamed(self, prefecture: str, name: str) -> str | None:
        """Return the code of a body that only changed its name or kind since the table's date."""
        day, key = self.period.day or _DAY_WITHOUT_PERIOD, plain_text.name_key
        found = [
            body.code
            for body in self.old.values()
            if body.is_whole
            and body.is_in_force(day)
            and key(body.name) == key(name)
            and key(prefectures()[body.code[:2]].name) == key(prefecture)
        ]
        return found[0] if len(found) == 1 else None

    def _check_name(self, position: int, cell: places.ResolvedCode, name: str) -> None:
        """Say where the delivered name is not the code's."""
        outcome = places.compare_name(cell, name, self.old)
        if outcome != "same":
            code = "name-of-another" if outcome == "other" else "name-unknown"
            own = known_name(cell.code.ljust(5, "0")) or cell.code
            if cell.level == "association":
                code = "name-of-no-association" if outcome == "unknown" else code
                own = words()["levels"][cell.level]
            facts: dict[str, Any] = {"own_code": cell.code, "own": own}
            self.reporter.add(code, position, self.name, value=name, **facts)

    def finish(self) -> None:
        """Say once what concerns many rows."""
        add, sheet = self.reporter.add, self.sheet
        self.cells.finish()
        for code, positions in self.once.items():
            first = next(text for text in sheet.rows[positions[0]] if text.strip())
            facts: dict[str, Any] = {
                "value": shortened(first) if code == "row-footnotes" else "",
                "count": len(positions),
                "filtered": "（絞り込みで隠れた行を含む）" if sheet.is_filtered else "",
                "names": "、".join(self.no_successor[:_NAMED_WITHOUT_SUCCESSOR]),
                "changes": "" if self.old else words()["changes"],
            }
            column = self.name if code == "name-without-successor" else None
            add(code, positions[0], column, **facts)
        for binding in self.layout.bindings:
            if binding.column in sheet.hidden_columns:
                add("column-hidden", self.layout.first_row - 1, binding)
        for position, column_no, cell in sheet.unwrapped[:1]:
            matched = next((b for b in self.layout.bindings if b.column == column_no), None)
            add("cell-unwrapped", position, matched, value=cell, count=len(sheet.unwrapped))
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
            is_text = binding.field.kind in (*KEY_KINDS, "text")
            if not text or is_text or (top == bottom and len(over) < 2):
                continue
            rows = [self.sheet.number_of(top) + step for step in range(bottom - top + 1)]
            span = f"{over[0].letters}{rows[0]}:{over[-1].letters}{rows[-1]}"
            cells = "、".join(f"{b.letters}{row}" for row in rows[:_NAMED] for b in over)
            self.reporter.add("value-merged", top, binding, value=text, range=span, cells=cells)


def _is_total_word(text: str) -> bool:
    key = heading_key(text)
    return bool(_TOTAL.fullmatch(key) or _PREFECTURE_TOTAL.fullmatch(key))


def merged_rows(
    rows: Sequence[Row], layout: Layout, period: ReferencePeriod, old: Former
) -> Iterator[Row]:
    """Yield the rows with what was absorbed since: one row for each municipality of today.

    Counts and money that may be added are summed where every part has a value; of a
    municipality that has only rows of its former parts, every body that lay in its area must
    have a row. Everything else (rates, a part that is missing) is unknown, never 0.
    """
    former = _former_parts(rows)
    for row in rows:
        if row.level != "absorbed":
            parts = former.get(row.body)
            added = _sums([row, *parts], layout) if parts else {}
            known = {key: total for key, total in added.items() if row.values.get(key) is not None}
            yield dataclasses.replace(row, values={**row.values, **known})
    for parts in _without_successor_row(rows):
        added = {} if _missing(parts, period, old) else _sums(parts, layout)
        numbers = {b.key: added.get(b.key) for b in layout.numeric}
        statuses = {key: "unknown" for key, total in numbers.items() if total is None}
        facts: dict[str, Any] = {"values": {**parts[0].values, **numbers}, "statuses": statuses}
        yield dataclasses.replace(parts[0], level="municipality", name="", **facts)


def _sums(parts: Sequence[Row], layout: Layout) -> dict[str, float | None]:
    """Return the sum of each count or money that may be added, None where a part has none."""
    keys = (match.key for match in layout.bindings if match.field.adds_up != "no")
    known = {key: known_values(parts, key) for key in keys}
    return {key: sum(each) if len(each) == len(parts) else None for key, each in known.items()}


def incomplete_successors(
    rows: Sequence[Row], layout: Layout, period: ReferencePeriod, old: Former
) -> Iterator[Issue]:
    """Warn of bodies of today whose parts are not all in the file."""
    for parts in _without_successor_row(rows):
        if missing := _missing(parts, period, old):
            named = "、".join(f"{code} {old[code].name}" for code in sorted(missing)[:_NAMED])
            more = f" ほか{len(missing) - _NAMED}" if len(missing) > _NAMED else ""
            facts = {"named": named, "more": more, "successor": parts[0].code}
            yield layout.issue("former-part-missing", parts[0].number, value=parts[0].name, **facts)


def _former_parts(rows: Sequence[Row]) -> dict[tuple[str, Stored], list[Row]]:
    groups: dict[tuple[str, Stored], list[Row]] = defaultdict(list)
    for row in (each for each in rows if each.level == "absorbed"):
        groups[row.body].append(row)
    return groups


def _without_successor_row(rows: Sequence[Row]) -> list[list[Row]]:
    whole = {row.body for row in rows if row.level == "municipality"}
    return [parts for body, parts in _former_parts(rows).items() if body not in whole]


def _missing(parts: Sequence[Row], period: ReferencePeriod, old: Former) -> set[str]:
    """Return the codes that lay in the same area on the day of the rows but have none."""
    day = _day(parts[0].values.get("fiscal_year"), period)
    if day is None:
        return set()
    return {
        body.code
        for body in old.values()
        if body.successors == (parts[0].code,)
        and body.is_in_force(day)
        and not body.name.endswith(("郡", "支庁", "区"))
    } - {part.delivered_code for part in parts}
