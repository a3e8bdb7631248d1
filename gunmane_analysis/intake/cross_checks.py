"""Checks across the cells and rows of one table: keys, dates, parts and wholes, totals.

Sums never cross levels, and a printed total is compared with what it is the total of.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from gunmane_analysis.areas import list_areas
from gunmane_analysis.areas.master import cities_by_ward, local_bodies, prefectures
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout
from gunmane_analysis.intake.reading.issues import Issue, Level, issue, shortened
from gunmane_analysis.intake.reading.plain_text import name_key
from gunmane_analysis.intake.rows import Row

_MUNICIPAL = ("municipality", "declared", "absorbed")
Counted = Callable[[Sequence[Row]], list[Row]]
LEVELS = ("prefecture", "municipality", "ward", "association")
_KINDS: Mapping[str, tuple[str, ...]] = {
    "市計": ("市",),
    "町村計": ("町", "村"),
    "市町村計": ("市", "町", "村"),
    "区計": ("区",),
    "特別区計": ("区",),
    "郡計": ("町", "村"),
    "郡部計": ("町", "村"),
    "市部計": ("市",),
}
_PLAIN = re.compile(r"(?:小|合|総)?計|総数|全国(?:計|合計|総数)?")


def cross_checks(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield every fault between cells and rows: keys, choices, order, parts, areas, steps."""
    for check in (
        _duplicate_keys,
        _incomplete_choices,
        _widening_choices,
        _dates_out_of_order,
        _inverted_ranges,
        _parts_greater_than_wholes,
        _repeated_steps,
        _missing_areas,
    ):
        yield from check(rows, form, layout)


def _issue(code: str, row: Row, layout: Layout, field: str = "", **facts: Any) -> Issue:
    """Return an issue on a row, or on its cell in the column of a field."""
    binding = layout.of(field)
    if binding is not None:
        facts |= {"column": binding.heading, "cell": f"{binding.letters}{row.number}"}
    return issue(code, sheet=layout.sheet.name, row=row.number, **facts)


def _duplicate_keys(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield rows with the same key, and whether they agree in everything else."""
    seen: dict[tuple[object, ...], Row] = {}
    labels = "・".join(form.fields[name].label for name in form.key_columns if name in form.fields)
    for row in rows:
        if row.level == "former" or not form.key_columns:
            continue
        key = tuple(
            (row.delivered_code or row.code)
            if name == "municipality_code"
            else row.values.get(name)
            for name in form.key_columns
        )
        if None in key and "municipality_code" not in form.key_columns:
            continue
        first = seen.setdefault(key, row)
        if first is not row:
            code = "row-twice" if first.values == row.values else "row-twice-differs"
            differing = "、".join(
                binding.field.label
                for binding in layout.bindings
                if first.values.get(binding.key) != row.values.get(binding.key)
            )
            facts: dict[str, Any] = {
                "labels": labels,
                "first": first.number,
                "differing": differing,
            }
            value = shortened(row.name or row.code or str(key[0]))
            yield _issue(code, row, layout, value=value, **facts)


def _groups_of_choices(rows: Sequence[Row], form: Form) -> Iterator[list[Row]]:
    """Yield the rows of one key that differ in the choice alone."""
    rest = [name for name in form.key_columns if name != form.complete_choices]
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows if form.complete_choices else ():
        groups.setdefault(tuple(row.values.get(name) for name in rest), []).append(row)
    yield from groups.values()


def _incomplete_choices(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield where not every choice of a column has its row (a stage without its 0)."""
    for members in _groups_of_choices(rows, form):
        field = form.fields[form.complete_choices]
        there = {row.values.get(field.name) for row in members}
        missing = [word for word, stored in field.choices.items() if stored not in there]
        if missing:
            facts: dict[str, Any] = {"label": field.label, "missing": "、".join(missing)}
            words = "、".join(field.choices)
            yield _issue("choices-incomplete", members[0], layout, field.name, words=words, **facts)


def _widening_choices(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield a choice that counts more than the one before although it is contained in it."""
    if not form.narrowing:
        return
    count, rule, nested = form.narrowing
    for members in _groups_of_choices(rows, form):
        words = {stored: w for w, stored in form.fields[form.complete_choices].choices.items()}
        by_choice = {str(row.values.get(form.complete_choices)): row for row in members}
        ordered = [by_choice[stored] for stored in words if stored in by_choice]
        for earlier, later in pairwise(ordered):
            first, second = earlier.values.get(count), later.values.get(count)
            is_nested = {earlier.values.get(rule), later.values.get(rule)} == {nested}
            if not is_nested or not isinstance(first, float) or not isinstance(second, float):
                continue
            if second > first:
                facts: dict[str, Any] = {
                    "rule": next(w for w, s in form.fields[rule].choices.items() if s == nested),
                    "later": words[str(later.values[form.complete_choices])],
                    "earlier": words[str(earlier.values[form.complete_choices])],
                    "second": second,
                    "first": first,
                    "first_row": earlier.number,
                }
                value = f"{second:,.0f}"
                yield _issue("choice-wider-than-before", later, layout, count, value=value, **facts)


def _dates_out_of_order(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield dates of one row that go backwards."""
    for row in rows:
        dated = [
            (name, str(row.values[name]))
            for name in form.dates_in_order
            if isinstance(row.values.get(name), str)
        ]
        for (earlier, first), (later, second) in pairwise(dated):
            if second < first:
                facts: dict[str, Any] = {
                    "later": form.fields[later].label,
                    "earlier": form.fields[earlier].label,
                    "first": first,
                }
                yield _issue("dates-out-of-order", row, layout, later, value=second, **facts)


def _inverted_ranges(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield rows whose lower bound of a range lies above its upper bound."""
    stems = [name.removesuffix("_low") for name in form.fields if name.endswith("_low")]
    for row in rows:
        for low, high in ((f"{stem}_low", f"{stem}_high") for stem in stems):
            first, last = row.values.get(low), row.values.get(high)
            if isinstance(first, float) and isinstance(last, float) and last < first:
                facts: dict[str, Any] = {
                    "high": form.fields[high].label,
                    "low": form.fields[low].label,
                    "first": first,
                    "last": last,
                }
                yield _issue("range-inverted", row, layout, high, value=f"{last:,.0f}", **facts)


def _parts_greater_than_wholes(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield a part that is greater than its whole."""
    parts = [binding for binding in layout.bindings if binding.field.part_of]
    wholes = {
        (part.key, name): whole
        for part in parts
        for name in part.field.part_of
        for whole in layout.bindings
        if whole.field.name == name and whole.year in (part.year, None)
    }
    for row in rows:
        for part in parts:
            value = row.values.get(part.key)
            for name in part.field.part_of:
                whole = wholes.get((part.key, name))
                limit = row.values.get(whole.key) if whole else None
                if (
                    whole
                    and isinstance(value, float)
                    and isinstance(limit, float)
                    and value > limit
                ):
                    facts: dict[str, Any] = {
                        "part": part.field.label,
                        "whole": whole.field.label,
                        "number": f"{value / part.scale:,.10g}",
                        "limit": f"{limit / whole.scale:,.10g}",
                    }
                    value_text = f"{value / part.scale:,.10g}"
                    yield _issue(
                        "part-greater-than-whole", row, layout, part.field.name,
                        value=value_text, **facts,
                    )  # fmt: skip


def _repeated_steps(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield a municipality that enters the step in which it already is."""
    if not {"step_no", "entered_on"} <= set(form.fields):
        return
    dated = [row for row in rows if isinstance(row.values.get("entered_on"), str)]
    ordered = sorted(dated, key=lambda row: (row.code, str(row.values["entered_on"])))
    for earlier, row in pairwise(ordered):
        step = row.values.get("step_no")
        is_same = step is not None and step == earlier.values.get("step_no")
        if row.code == earlier.code and is_same:
            yield _issue(
                "step-repeated", row, layout, "step_no", value=_plain(step), first=earlier.number
            )


def _plain(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def _missing_areas(rows: Sequence[Row], form: Form, layout: Layout) -> Iterator[Issue]:
    """Yield rows without a code whose body is no prefecture, where either may be given."""
    code, name = form.fields.get("municipality_code"), form.fields.get("body_name")
    if form.keeps_prefectures or code is None or name is None or code.is_required:
        return
    known = {place.name for place in list_areas("prefecture")}
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
    counted = []
    has_bodies = any(row.level in ("municipality", "ward", "prefecture") for row in rows)
    for row in rows:
        if row.is_total or row.level in ("district", "nation", "former"):
            continue
        if row.level == "ward" and cities_by_ward().get(row.code) in own:
            continue
        if row.level == "prefecture" and row.code in covered:
            continue
        if row.level == "association" and has_bodies:
            continue
        counted.append(row)
    return counted


def _year_key(row: Row) -> object:
    return row.values.get("fiscal_year")


def sums(rows: Iterable[Row], bindings: Iterable[ColumnMatch]) -> dict[str, float | None]:
    """Return the sum of each numeric column; None where no row has a value."""
    numeric = [binding.key for binding in bindings if binding.field.is_numeric]
    totals: dict[str, float | None] = dict.fromkeys(numeric)
    for row in rows:
        for key in numeric:
            value = row.values.get(key)
            if isinstance(value, float):
                totals[key] = (totals[key] or 0.0) + value
    return {key: None if value is None else _tidy(value) for key, value in totals.items()}


def _tidy(value: float) -> float:
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded


def sums_by_level(
    rows: Sequence[Row], bindings: Sequence[ColumnMatch]
) -> dict[str, dict[str, float | None]]:
    """Return the sums of each level that has rows; ``declared`` areas go with municipalities."""
    found = {}
    for level in LEVELS:
        members = [
            row
            for row in rows
            if not row.is_total
            and (row.level == level or (level == "municipality" and row.level in _MUNICIPAL))
        ]
        if members:
            found[level] = sums(members, bindings)
    return found


def total_issues(rows: Sequence[Row], layout: Layout) -> list[Issue]:
    """Compare rows of totals with their parts; both numbers are named where they differ."""
    issues = []
    binding_by_key = {
        binding.key: binding for binding in layout.bindings if binding.field.adds_up != "no"
    }
    for total, candidates in _groups(rows):
        compared = [_mismatches(total, parts, binding_by_key, layout) for parts in candidates]
        wrong = (
            {key for key, fault in compared[0].items() if fault is not None} if compared else set()
        )
        # where a set of rows lacks a figure of these columns it may still be the right one
        may_fit = any(not any(faults.get(key) for key in wrong) for faults in compared)
        if not may_fit:
            level: Level = "fault" if total.code or is_plain_total(total) else "warning"
            issues += [
                dataclasses.replace(fault, level=level) for fault in compared[0].values() if fault
            ]
    return issues


def _mismatches(
    total: Row, parts: Sequence[Row], binding_by_key: Mapping[str, ColumnMatch], layout: Layout
) -> dict[str, Issue | None]:
    """Compare one total with one set of rows; columns with missing parts are left out."""
    faults: dict[str, Issue | None] = {}
    for key, binding in binding_by_key.items():
        printed = total.values.get(key)
        values = [row.values.get(key) for row in parts]
        if not isinstance(printed, float) or not all(isinstance(v, float) for v in values):
            continue
        summed = sum(value for value in values if isinstance(value, float))
        slack = 0.5 * (len(parts) + 1) if binding.field.adds_up == "rounded" else 1e-6
        differs = abs(summed - printed) > slack * binding.scale
        faults[key] = _mismatch(total, parts, binding, printed, summed, layout) if differs else None
    return faults


def _groups(rows: Sequence[Row]) -> Iterable[tuple[Row, list[list[Row]]]]:
    """Yield each row that is a total of others, with the sets of rows that it may be of."""
    by_year: dict[object, list[Row]] = {}
    years = {_year_key(row) for row in rows if not row.is_total}
    only_year = next(iter(years)) if len(years) == 1 else None
    for row in rows:
        year = _year_key(row)
        by_year.setdefault(only_year if row.is_total and year is None else year, []).append(row)
    bodies = _bodies_by_prefecture()
    for members in by_year.values():
        municipal = [row for row in members if row.level in _MUNICIPAL and row.code]
        provincial = [row for row in members if row.level == "prefecture"]
        plain = [row for row in provincial if not row.is_total]
        for row in provincial:
            parts = [part for part in municipal if part.code[:2] == row.code]
            codes = {part.code for part in parts}
            is_whole = bodies[row.code] <= codes or any(p.level == "declared" for p in parts)
            if parts and (row.is_total or is_whole):
                yield row, [parts]
        for row in members:
            if row.level == "nation" and row.is_total and "平均" not in name_key(row.name):
                nationwide = len(plain) == len(prefectures()) and row.name != "小計"
                yield row, [plain] if nationwide else parts_of(row, members, counted_rows)
        yield from _cities(members, municipal)


def _cities(
    members: Sequence[Row], municipal: Sequence[Row]
) -> Iterable[tuple[Row, list[list[Row]]]]:
    wards: dict[str, list[Row]] = {}
    for row in members:
        city = cities_by_ward().get(row.code) if row.level == "ward" else None
        if city is not None:
            wards.setdefault(city, []).append(row)
    for row in municipal:
        parts = wards.get(row.code, [])
        if parts and _has_all_wards(row.code, {part.code for part in parts}):
            yield row, [parts]


def _has_all_wards(city: str, codes: set[str]) -> bool:
    today = {code for code, of in cities_by_ward().items() if of == city and code in local_bodies()}
    then = {code for code, of in cities_by_ward().items() if of == city} - today
    return codes == today or (bool(then) and codes == then)


@functools.cache
def _bodies_by_prefecture() -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {code: set() for code in prefectures()}
    for code, body in local_bodies().items():
        if not body.is_ward:
            found[code[:2]].add(code)
    return found


def _mismatch(
    total: Row,
    parts: Sequence[Row],
    binding: ColumnMatch,
    printed: float,
    summed: float,
    layout: Layout,
) -> Issue:
    facts: dict[str, Any] = {
        "name": total.name or total.code,
        "label": binding.field.label,
        "printed": printed / binding.scale,
        "summed": summed / binding.scale,
        "count": len(parts),
        "rows": f"{parts[0].number}〜{parts[-1].number}行目"
        if len(parts) > 1
        else f"{parts[0].number}行目",
    }
    value = f"{printed / binding.scale:,.0f}"
    return issue(
        "total-differs",
        sheet=layout.sheet.name,
        row=total.number,
        column=binding.heading,
        cell=f"{binding.letters}{total.number}",
        value=value,
        **facts,
    )


def is_plain_total(total: Row) -> bool:
    """Whether a total's word says nothing of which kind of body it adds (小計, 計, 合計)."""
    return _PLAIN.fullmatch(name_key(total.name)) is not None or _prefecture_of(total) is not None


def parts_of(total: Row, members: Sequence[Row], counted: Counted) -> list[list[Row]]:
    """Return the sets of rows that a total without a code may be the total of, likeliest first.

    Parameters
    ----------
    total : Row
    members : sequence of Row
        The rows of one year in file order, totals among them.
    counted : callable
        Takes rows and leaves those that may be added (a ward not beside its city).

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
    plain = [row for row in members if not row.is_total]
    prefecture = _prefecture_of(total)
    above, below = _above(members, place), _below(members, place)
    if not members[0].is_total:  # no table has its first total below and a later one above
        below = []
    elif not members[-1].is_total:
        above = []
    word = name_key(total.name)
    if prefecture is not None:
        found = [[row for row in plain if row.code[:2] == prefecture]]
    elif "小計" in word:
        found = [above, below]
    elif place == len(members) - 1 or not any(not row.is_total for row in members[:place]):
        found = [plain, above, below]
    else:
        found = [above, below, plain, _since_greater(members, place)]
    endings = _KINDS.get(word)
    if endings is not None:
        found = [
            [row for row in rows if row.name.rstrip().endswith(endings)]
            for rows in (above, below, plain, _since_greater(members, place))
        ]
    sets: list[list[Row]] = []
    for rows in found:
        parts = counted(rows)
        if parts and parts not in sets:
            sets.append(parts)
    return sets


def _above(members: Sequence[Row], place: int) -> list[Row]:
    rows: list[Row] = []
    for row in reversed(members[:place]):
        if row.is_total:
            break
        rows.append(row)
    return rows[::-1]


def _below(members: Sequence[Row], place: int) -> list[Row]:
    rows: list[Row] = []
    for row in members[place + 1 :]:
        if row.is_total:
            break
        rows.append(row)
    return rows


def _since_greater(members: Sequence[Row], place: int) -> list[Row]:
    """Return the rows above, past subtotals, back to a total of the same word."""
    own = name_key(members[place].name)
    rows: list[Row] = []
    for row in reversed(members[:place]):
        if row.is_total and name_key(row.name) == own:
            break
        if not row.is_total:
            rows.append(row)
    return rows[::-1]


def _prefecture_of(total: Row) -> str | None:
    return _prefectures_by_name().get(re.sub(r"(?:合|小)?計$", "", name_key(total.name)))


@functools.cache
def _prefectures_by_name() -> Mapping[str, str]:
    return {name_key(prefecture.name): code for code, prefecture in prefectures().items()}
