"""Checks across the cells and rows of one table: keys, dates, parts and wholes, totals.

Sums never cross levels, and a printed total is compared with what it is the total of.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, takewhile
from typing import Any

from gunmane_analysis.areas.master import all_names, cities_by_ward, local_bodies, prefectures
from gunmane_analysis.intake.cells import Stored
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout
from gunmane_analysis.intake.reading.issues import Issue, Level, issue, shortened
from gunmane_analysis.intake.reading.plain_text import name_key
from gunmane_analysis.intake.rows import Row

_MUNICIPAL = ("municipality", "declared", "absorbed")
LEVELS = ("prefecture", "municipality", "ward", "association")
# the kinds of body (the last letter of their names) that a total's word adds
_KINDS = {
    **{"市計": "市", "市部計": "市", "町村計": "町村", "郡計": "町村", "郡部計": "町村"},
    **{"市町村計": "市町村", "区計": "区", "特別区計": "区"},
}
_PLAIN = re.compile(r"(?:小|合|総)?計|総数|全国(?:計|合計|総数)?")


def cross_checks(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield every fault between cells and rows: keys, choices, order, parts, areas, steps."""
    for check in (_duplicate_keys, _choices, _exceeded, _repeated_steps, _missing_areas):
        yield from check(rows, form, layout)


def _issue(code: str, row: Row, layout: Layout, field: str = "", **facts: Any) -> Issue:
    """Return an issue on a row, or on its cell in the column of a field."""
    return issue(code, **layout.place(row.number, layout.of(field)), **facts)


def _duplicate_keys(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield rows with the same key, and whether they agree in everything else."""
    seen: dict[tuple[object, ...], Row] = {}
    is_by_code = "municipality_code" in form.key_columns
    labels = "・".join(form.fields[name].label for name in form.key_columns if name in form.fields)
    for row in rows if form.key_columns else ():
        codes = {"municipality_code": row.delivered_code or row.code}
        key = tuple(codes.get(name, row.values.get(name)) for name in form.key_columns)
        if row.level == "former" or (None in key and not is_by_code):
            continue
        first = seen.setdefault(key, row)
        if first is not row:
            differing = [
                binding.field.label
                for binding in layout.bindings
                if first.values.get(binding.key) != row.values.get(binding.key)
            ]
            yield _issue(
                "row-twice" if first.values == row.values else "row-twice-differs",
                row,
                layout,
                value=shortened(row.name or row.code or str(key[0])),
                labels=labels,
                first=first.number,
                differing="、".join(differing),
            )


def _choices(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield what is wrong between the rows of one key that differ in a choice alone.

    Every choice must have its row (a stage its 0), and one that is contained in the one before
    cannot count more.
    """
    if not form.complete_choices:
        return
    field = form.fields[form.complete_choices]
    groups: dict[tuple[object, ...], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        rest = tuple(row.values.get(name) for name in form.key_columns if name != field.name)
        groups[rest][str(row.values.get(field.name))] = row
    for members in groups.values():
        missing = [word for stored, word in field.words.items() if stored not in members]
        if missing:
            yield _issue(
                "choices-incomplete",
                min(members.values(), key=lambda row: row.number),
                layout,
                field.name,
                label=field.label,
                missing="、".join(missing),
                words="、".join(field.words.values()),
            )
    if form.narrowing:
        count, rule, nested = form.narrowing
        rule_word = form.fields[rule].words[nested]
        for members in groups.values():
            there = [(word, members[s]) for s, word in field.words.items() if s in members]
            for (earlier, before), (later, row) in pairwise(there):
                first, second = before.values.get(count), row.values.get(count)
                is_nested = {before.values.get(rule), row.values.get(rule)} == {nested}
                if is_nested and _is_greater(second, first):
                    facts = {"rule": rule_word, "earlier": earlier, "later": later}
                    numbers = {"first": first, "second": second, "first_row": before.number}
                    value = f"{second:,.0f}"
                    yield _issue(
                        "choice-wider-than-before", row, layout, count,
                        value=value, **facts, **numbers,
                    )  # fmt: skip


def _is_greater(one: Stored, other: Stored) -> bool:
    """Whether two numbers, or two ISO dates, are there and the first is the greater."""
    if isinstance(one, float) and isinstance(other, float):
        return one > other
    return isinstance(one, str) and isinstance(other, str) and one > other


def _exceeded(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield a value greater than one that it may not exceed: a day, a lower bound, a part."""
    columns = {binding.key: binding for binding in layout.bindings}
    ranges = [
        ("range-inverted", columns[f"{stem}_low"], columns[f"{stem}_high"], columns[f"{stem}_high"])
        for stem in sorted({key.removesuffix("_low") for key in columns})
        if {f"{stem}_low", f"{stem}_high"} <= columns.keys()
    ]
    parts = [
        ("part-greater-than-whole", part, whole, part)
        for part in layout.bindings
        for name in part.field.part_of
        for whole in layout.bindings
        if whole.field.name == name and whole.year in (part.year, None)
    ]
    days = [columns[name] for name in form.dates_in_order if name in columns]
    for row in rows:
        dated = [day for day in days if row.values.get(day.key)]
        order = [("dates-out-of-order", first, last, last) for first, last in pairwise(dated)]
        for code, low, high, blamed in (*order, *ranges, *parts):
            if _is_greater(row.values.get(low.key), row.values.get(high.key)):
                shown = {each.key: _shown(row.values[each.key], each) for each in (low, high)}
                yield _issue(
                    code,
                    row,
                    layout,
                    blamed.field.name,
                    value=shown[blamed.key],
                    low=low.field.label,
                    high=high.field.label,
                    first=shown[low.key],
                    last=shown[high.key],
                )


def _shown(value: Stored, binding: ColumnMatch) -> str:
    return f"{value / binding.scale:,.10g}" if isinstance(value, float) else str(value)


def _repeated_steps(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield a municipality that enters the step in which it already is."""
    if not {"step_no", "entered_on"} <= set(form.fields):
        return
    dated = [row for row in rows if isinstance(row.values.get("entered_on"), str)]
    dated.sort(key=lambda row: (row.code, str(row.values["entered_on"])))
    for earlier, row in pairwise(dated):
        step = row.values.get("step_no")
        if row.code == earlier.code and step is not None and step == earlier.values.get("step_no"):
            value = f"{step:.0f}" if isinstance(step, float) else str(step)
            yield _issue("step-repeated", row, layout, "step_no", value=value, first=earlier.number)


def _missing_areas(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield rows without a code whose body is no prefecture, where either may be given."""
    code, name = form.fields.get("municipality_code"), form.fields.get("body_name")
    if form.keeps_prefectures or code is None or name is None or code.is_required:
        return
    known = {prefecture.name for prefecture in prefectures().values()}
    for row in rows:
        if not row.code and row.name not in known:
            named = shortened(row.name)
            yield _issue("area-missing", row, layout, "municipality_code", value=named, name=named)


def counted_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that may be added: each place once, at its most detailed full level.

    Municipalities count; a ward counts where its city has no row, a prefecture where none of
    its municipalities has one, an association only among associations; districts never.
    """
    own = {row.code for row in rows if row.level in _MUNICIPAL}
    covered = {code[:2] for code in own}
    has_bodies = any(row.level in ("municipality", "ward", "prefecture") for row in rows)

    def counts(row: Row) -> bool:
        if row.level == "ward":
            return cities_by_ward().get(row.code) not in own
        if row.level == "prefecture":
            return row.code not in covered
        if row.level == "association":
            return not has_bodies
        return row.level not in ("district", "nation", "former")

    return [row for row in rows if not row.is_total and counts(row)]


def sums(rows: Sequence[Row], bindings: Iterable[ColumnMatch]) -> dict[str, float | None]:
    """Return the sum of each numeric column; None where no row has a value."""
    totals: dict[str, float | None] = {}
    for key in (binding.key for binding in bindings if binding.field.is_numeric):
        known = [value for row in rows if isinstance(value := row.values.get(key), float)]
        total = round(sum(known), 6)
        totals[key] = (int(total) if total == int(total) else total) if known else None
    return totals


def sums_by_level(
    rows: Sequence[Row], bindings: Sequence[ColumnMatch]
) -> dict[str, dict[str, float | None]]:
    """Return the sums of each level that has rows; ``declared`` areas go with municipalities."""
    found = {}
    for level in LEVELS:
        levels = _MUNICIPAL if level == "municipality" else (level,)
        members = [row for row in rows if not row.is_total and row.level in levels]
        if members:
            found[level] = sums(members, bindings)
    return found


def total_issues(rows: Sequence[Row], layout: Layout) -> Iterator[Issue]:
    """Compare rows of totals with their parts; both numbers are named where they differ."""
    for total, candidates in _totals(rows):
        compared = [_mismatches(total, parts, layout) for parts in candidates]
        wrong = {key for key, fault in compared[0].items() if fault} if compared else set()
        # where a set of rows lacks a figure of these columns it may still be the right one
        if all(any(faults.get(key) for key in wrong) for faults in compared):
            level: Level = "fault" if total.code or _is_plain_total(total) else "warning"
            for fault in filter(None, compared[0].values() if compared else ()):
                yield dataclasses.replace(fault, level=level)


def _mismatches(total: Row, parts: Sequence[Row], layout: Layout) -> dict[str, Issue | None]:
    """Compare one total with one set of rows; columns with missing parts are left out."""
    faults: dict[str, Issue | None] = {}
    numbers = f"{parts[0].number}〜{parts[-1].number}" if len(parts) > 1 else str(parts[0].number)
    for binding in layout.bindings:
        printed = total.values.get(binding.key)
        known = [v for row in parts if isinstance(v := row.values.get(binding.key), float)]
        is_whole = isinstance(printed, float) and len(known) == len(parts)
        if not isinstance(printed, float) or not is_whole or binding.field.adds_up == "no":
            continue
        slack = 0.5 * (len(parts) + 1) if binding.field.adds_up == "rounded" else 1e-6
        if abs(sum(known) - printed) <= slack * binding.scale:
            faults[binding.key] = None
            continue
        faults[binding.key] = issue(
            "total-differs",
            **layout.place(total.number, binding),
            value=f"{printed / binding.scale:,.0f}",
            name=total.name or total.code,
            label=binding.field.label,
            printed=printed / binding.scale,
            summed=sum(known) / binding.scale,
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
            if parts and row.level == "prefecture":
                codes = {part.code for part in parts}
                is_declared = any(part.level == "declared" for part in parts)
                if row.is_total or is_declared or _bodies_of()[row.code][0] <= codes:
                    yield row, [parts]
            elif parts:
                codes, (today, *then) = {part.code for part in parts}, _bodies_of()[row.code]
                if codes == today or codes in then:
                    yield row, [parts]
            elif row.level == "nation" and row.is_total and "平均" not in name_key(row.name):
                nationwide = len(plain) == len(prefectures()) and row.name != "小計"
                yield row, [plain] if nationwide else _parts_of(row, members)


@functools.cache
def _bodies_of() -> Mapping[str, list[set[str]]]:
    """Return the municipalities of each prefecture and wards of each city: today, and before."""
    found: dict[str, list[set[str]]] = defaultdict(list)
    for is_today in (True, False):
        groups: dict[str, set[str]] = defaultdict(set)
        for code in all_names():
            if (code in local_bodies()) is is_today:
                groups[cities_by_ward().get(code, code[:2])].add(code)
        for group, codes in groups.items():
            found[group].append(codes)
    return found


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
    for parts in map(counted_rows, found):
        if parts and parts not in sets:
            sets.append(parts)
    return sets


def _prefecture_of(total: Row) -> str | None:
    name = re.sub(r"(?:合|小)?計$", "", name_key(total.name))
    return next((code for code, each in prefectures().items() if name_key(each.name) == name), None)
