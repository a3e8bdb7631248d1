"""Checks across the cells and rows of one table: keys, dates, parts and wholes, totals.

Sums never cross levels, and a printed total is compared with what it is the total of.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from typing import Any

from gunmane_analysis.areas.master import all_names, cities_by_ward, local_bodies, prefectures
from gunmane_analysis.intake.cells import Stored
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout, labels_of
from gunmane_analysis.intake.reading.issues import Issue, Level, shortened
from gunmane_analysis.intake.reading.plain_text import name_key
from gunmane_analysis.intake.rows import Row, known_values

_MUNICIPAL = ("municipality", "declared", "absorbed")
# of two cells, the first of which may not exceed the second: where the first is the wrong one
_FIRST_IS_WRONG = ("part-greater-than-whole", "choice-wider-than-before")
LEVELS = ("prefecture", "municipality", "ward", "association")
# the kinds of body (the last letter of their names) that a total's word adds
_KINDS = {
    **{"市計": "市", "市部計": "市", "町村計": "町村", "郡計": "町村", "郡部計": "町村"},
    **{"市町村計": "市町村", "区計": "区", "特別区計": "区"},
}
_PLAIN = re.compile(r"(?:小|合|総)?計|総数|全国(?:計|合計|総数)?")


def cross_checks(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield every fault between cells and rows: keys, choices, order, parts, areas, totals."""
    plain = [row for row in rows if not row.is_total]
    for check in (_duplicate_keys, _missing_choices, _exceeded, _repeated_steps, _missing_areas):
        yield from check(plain, form, layout)
    yield from _total_issues(rows, layout)


def _duplicate_keys(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield rows with the same key, and whether they agree in everything else."""
    seen: dict[tuple[object, ...], Row] = {}
    names = form.key_columns
    labels = labels_of((form.fields[name] for name in names if name in form.fields), "・")
    for row in rows if names else ():
        codes = {"municipality_code": row.delivered_code or row.code}
        key = tuple(codes.get(name, row.values.get(name)) for name in names)
        if row.level == "former" or (None in key and "municipality_code" not in names):
            continue
        first = seen.setdefault(key, row)
        if first is not row:
            columns = layout.bindings
            differing = [c for c in columns if first.values.get(c.key) != row.values.get(c.key)]
            yield layout.issue(
                "row-twice-differs" if differing else "row-twice",
                row.number,
                value=shortened(row.name or row.code or str(key[0])),
                labels=labels,
                first=first.number,
                differing=labels_of(each.field for each in differing),
            )


def _by_choice(rows: Sequence[Row], form: Form) -> list[dict[str, Row]]:
    """Return the rows that differ in a choice alone, by that choice, for each other key."""
    groups: dict[tuple[object, ...], dict[str, Row]] = defaultdict(dict)
    choice = form.complete_choices
    for row in rows if choice else ():
        rest = tuple(row.values.get(name) for name in form.key_columns if name != choice)
        groups[rest][str(row.values.get(choice))] = row
    return list(groups.values())


def _missing_choices(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield the choices that have no row (a stage its 0), where every one must have its own."""
    for members in _by_choice(rows, form):
        field = form.fields[form.complete_choices]
        missing = [word for stored, word in field.words.items() if stored not in members]
        if missing:
            facts = {"missing": "、".join(missing), "words": "、".join(field.words.values())}
            first = min(row.number for row in members.values())
            yield layout.issue("choices-incomplete", first, layout.of(field.name), **facts)


@dataclasses.dataclass(frozen=True)
class _Cell:
    """A cell that is compared with another, and what it is called."""

    row: Row
    column: ColumnMatch
    label: str

    @property
    def shown(self) -> str:
        """Its value in the delivered unit."""
        value = self.row.values.get(self.column.key)
        return f"{value / self.column.scale:,.10g}" if isinstance(value, float) else str(value)

    def exceeds(self, other: _Cell) -> bool:
        """Whether two numbers, or two ISO dates, are there and the first is the greater."""
        first, last = (each.row.values.get(each.column.key) for each in (self, other))
        if isinstance(first, float) and isinstance(last, float):
            return first > last
        return isinstance(first, str) and isinstance(last, str) and first > last


def _exceeded(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield a value greater than one that it may not exceed: a day, a lower bound, a part."""
    rule = form.fields[form.narrowing[1]].words[form.narrowing[2]] if form.narrowing else ""
    for code, low, high in (*_narrowed(rows, form, layout), *_ordered(rows, form, layout)):
        if low.exceeds(high):
            cell = low if code in _FIRST_IS_WRONG else high
            facts: dict[str, Any] = {"value": cell.shown, "low": low, "high": high, "rule": rule}
            yield layout.issue(code, cell.row.number, cell.column, **facts)


def _narrowed(
    rows: Sequence[Row], form: Form, layout: Layout
) -> Iterator[tuple[str, _Cell, _Cell]]:
    """Yield the counts of a choice and of the one before, which contains it."""
    count = layout.of(form.narrowing[0]) if form.narrowing else None
    if count is None:
        return
    _, rule, nested = form.narrowing
    for members in _by_choice(rows, form):
        words = form.fields[form.complete_choices].words
        cells = [_Cell(members[each], count, words[each]) for each in words if each in members]
        for before, after in pairwise(cells):
            if {before.row.values.get(rule), after.row.values.get(rule)} == {nested}:
                yield "choice-wider-than-before", after, before


def _ordered(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[tuple[str, _Cell, _Cell]]:
    """Yield the cells of a row of which the first may not exceed the second."""
    columns = {binding.key: binding for binding in layout.bindings}
    pairs = [
        ("range-inverted", low, columns[f"{key.removesuffix('_low')}_high"])
        for key, low in columns.items()
        if key.endswith("_low") and f"{key.removesuffix('_low')}_high" in columns
    ] + [
        ("part-greater-than-whole", part, whole)
        for part in layout.bindings
        for whole in layout.bindings
        if whole.field.name in part.field.part_of and whole.year in (part.year, None)
    ]
    days = [columns[name] for name in form.dates_in_order if name in columns]
    for row in rows:
        dated = pairwise(day for day in days if row.values.get(day.key))
        for code, low, high in (*(("dates-out-of-order", *pair) for pair in dated), *pairs):
            yield code, _Cell(row, low, low.field.label), _Cell(row, high, high.field.label)


def _repeated_steps(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield a municipality that enters the step in which it already is."""
    if not {"step_no", "entered_on"} <= set(form.fields):
        return
    dated = [row for row in rows if isinstance(row.values.get("entered_on"), str)]
    dated.sort(key=lambda row: (row.code, str(row.values["entered_on"])))
    for earlier, row in pairwise(dated):
        step = row.values.get("step_no")
        if row.code == earlier.code and step is not None and step == earlier.values.get("step_no"):
            facts = {"value": f"{step:.0f}" if isinstance(step, float) else str(step)}
            place = row.number, layout.of("step_no")
            yield layout.issue("step-repeated", *place, first=earlier.number, **facts)


def _missing_areas(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield rows without a code whose body is no prefecture, where either may be given."""
    code, name = form.fields.get("municipality_code"), form.fields.get("body_name")
    if form.keeps_prefectures or code is None or name is None or code.is_required:
        return
    known = {prefecture.name for prefecture in prefectures().values()}
    for row in rows:
        if not row.code and row.name not in known:
            place = row.number, layout.of(code.name)
            yield layout.issue("area-missing", *place, value=shortened(row.name))


def _counted_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that may be added: each place once, at its most detailed full level.

    Municipalities count; a ward counts where its city has no row, a prefecture where none of
    its municipalities has one, an association only among associations; districts never.
    """
    own = {row.code for row in rows if row.level in _MUNICIPAL}
    covered = {code[:2] for code in own}
    has_bodies = any(row.level in ("municipality", "ward", "prefecture") for row in rows)
    left_out = {"district", "nation", "former", *(["association"] if has_bodies else [])}
    return [
        row
        for row in rows
        if not (row.is_total or row.level in left_out)
        and not (row.level == "ward" and cities_by_ward().get(row.code) in own)
        and not (row.level == "prefecture" and row.code in covered)
    ]


def _sums(rows: Sequence[Row], layout: Layout) -> dict[str, float | None]:
    """Return the sum of each numeric column; None where no row has a value."""
    found: dict[str, float | None] = {}
    for key in (binding.key for binding in layout.numeric):
        known = known_values(rows, key)
        total = round(sum(known), 6)
        found[key] = (int(total) if total == int(total) else total) if known else None
    return found


def totals(rows: Sequence[Row], layout: Layout) -> dict[str, float | None]:
    """Return the sum of each numeric column, each place counted once."""
    return _sums(_counted_rows(rows), layout)


def totals_by_level(rows: Sequence[Row], layout: Layout) -> dict[str, dict[str, float | None]]:
    """Return the sums of each level that has rows; ``declared`` areas go with municipalities."""
    groups: dict[str, list[Row]] = {level: [] for level in LEVELS}
    for row in rows:
        level = "municipality" if row.level in _MUNICIPAL else row.level
        if level in groups and not row.is_total:
            groups[level].append(row)
    return {level: _sums(members, layout) for level, members in groups.items() if members}


def _total_issues(rows: Sequence[Row], layout: Layout) -> Iterator[Issue]:
    """Compare rows of totals with their parts; both numbers are named where they differ.

    Where one set of rows lacks a figure of the columns that differ it may still be the right one.
    """
    for total, candidates in _totals(rows):
        found = [_mismatches(total, parts, layout) for parts in candidates]
        if found and all(found[0].keys() & each.keys() for each in found):
            level: Level = "fault" if total.code or _is_plain_total(total) else "warning"
            yield from (dataclasses.replace(each, level=level) for each in found[0].values())


def _mismatches(total: Row, parts: Sequence[Row], layout: Layout) -> dict[str, Issue]:
    """Compare one total with one set of rows; columns with missing parts are left out."""
    faults: dict[str, Issue] = {}
    numbers = f"{parts[0].number}〜{parts[-1].number}" if len(parts) > 1 else str(parts[0].number)
    for binding in (each for each in layout.bindings if each.field.adds_up != "no"):
        printed, scale = total.values.get(binding.key), binding.scale
        known = known_values(parts, binding.key)
        if not isinstance(printed, float) or len(known) < len(parts):
            continue
        slack = 0.5 * (len(parts) + 1) if binding.field.adds_up == "rounded" else 1e-6
        if abs(sum(known) - printed) > slack * scale:
            faults[binding.key] = layout.issue(
                "total-differs",
                total.number,
                binding,
                value=f"{printed / scale:,.0f}",
                name=total.name or total.code,
                summed=sum(known) / scale,
                count=len(parts),
                rows=f"{numbers}行目",
            )
    return faults


def _totals(rows: Sequence[Row]) -> Iterator[tuple[Row, list[list[Row]]]]:
    """Yield each row that is a total of others, with the sets of rows that it may be of."""
    years = {row.values.get("fiscal_year") for row in rows if not row.is_total}
    only_year = next(iter(years)) if len(years) == 1 else None
    by_year: dict[Stored, list[Row]] = defaultdict(list)
    for row in rows:
        year = row.values.get("fiscal_year")
        by_year[only_year if row.is_total and year is None else year].append(row)
    for members in by_year.values():
        inside: dict[str, list[Row]] = defaultdict(list)  # by prefecture, or city
        for row in members:
            if row.level in _MUNICIPAL and row.code:
                inside[row.code[:2]].append(row)
            elif row.level == "ward":
                inside[cities_by_ward().get(row.code, "")].append(row)
        plain = [row for row in members if row.level == "prefecture" and not row.is_total]
        for row in members:
            parts = inside[row.code] if row.level in ("prefecture", *_MUNICIPAL) else []
            codes = {part.code for part in parts}
            if parts and row.level == "prefecture":
                is_declared = any(part.level == "declared" for part in parts)
                if row.is_total or is_declared or _bodies_of(row.code) <= codes:
                    yield row, [parts]
            elif parts and codes in (_bodies_of(row.code), _bodies_of(row.code, is_today=False)):
                yield row, [parts]
            elif row.level == "nation" and row.is_total and "平均" not in name_key(row.name):
                nationwide = len(plain) == len(prefectures()) and row.name != "小計"
                yield row, [plain] if nationwide else _parts_of(row, members)


@functools.cache
def _bodies_of(group: str, *, is_today: bool = True) -> frozenset[str]:
    """Return the municipalities of a prefecture, or wards of a city: of today, or former ones."""
    known = (code for code in all_names() if (code in local_bodies()) is is_today)
    return frozenset(code for code in known if cities_by_ward().get(code, code[:2]) == group)


def _is_plain_total(total: Row) -> bool:
    """Whether a total's word says nothing of which kind of body it adds (小計, 計, 合計)."""
    return _PLAIN.fullmatch(name_key(total.name)) is not None or _prefecture_of(total) is not None


def _parts_of(total: Row, members: Sequence[Row]) -> list[list[Row]]:
    """Return the sets of rows that a total without a code may be the total of, likeliest first.

    Parameters
    ----------
    total : Row
    members : sequence of Row
        The rows of one year in file order, totals among them.

    Returns
    -------
    list of list of Row
        「秋田県計」: the municipalities of that prefecture. 「小計」「計」: the rows above it back
        to the total before; those below it up to the next where the table begins with a total.
        A total of one kind (「町村計」): those of that kind among them. 「合計」 at either end, or
        where nothing else fits: all.
        Without empty sets; sets that were met before are left out.
    """
    place = next(number for number, row in enumerate(members) if row is total)
    word = name_key(total.name)
    plain = [row for row in members if not row.is_total]
    above = list(takewhile(lambda row: not row.is_total, members[:place][::-1]))[::-1]
    below = list(takewhile(lambda row: not row.is_total, members[place + 1 :]))
    # past subtotals, back to a total of the same word
    since = takewhile(
        lambda row: not row.is_total or name_key(row.name) != word, members[:place][::-1]
    )
    greater = [row for row in since if not row.is_total][::-1]
    if not members[0].is_total:  # no table has its first total below and a later one above
        below = []
    elif not members[-1].is_total:
        above = []
    prefecture = _prefecture_of(total)
    if word in _KINDS:
        found = [
            [row for row in rows if row.name.rstrip().endswith(tuple(_KINDS[word]))]
            for rows in (above, below, plain, greater)
        ]
    elif prefecture is not None:
        found = [[row for row in plain if row.code[:2] == prefecture]]
    elif "小計" in word:
        found = [above, below]
    elif place == len(members) - 1 or all(row.is_total for row in members[:place]):
        found = [plain, above, below]
    else:
        found = [above, below, plain, greater]
    sets: list[list[Row]] = []
    for parts in map(_counted_rows, found):
        if parts and parts not in sets:
            sets.append(parts)
    return sets


def _prefecture_of(total: Row) -> str | None:
    name = re.sub(r"(?:合|小)?計$", "", name_key(total.name))
    return next((code for code, each in prefectures().items() if name_key(each.name) == name), None)
