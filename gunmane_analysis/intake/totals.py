"""Sums that never cross levels, and printed totals held against what they are the totals of."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence

from gunmane_analysis.areas.master import local_bodies, prefectures
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.layout import ColumnMatch, Layout
from gunmane_analysis.intake.names import all_names
from gunmane_analysis.intake.reading.issues import Issue, Level
from gunmane_analysis.intake.reading.plain_text import name_key
from gunmane_analysis.intake.rows import Row
from gunmane_analysis.intake.subtotals import is_plain_total, parts_of

_MUNICIPAL = ("municipality", "declared", "absorbed")
LEVELS = ("prefecture", "municipality", "ward", "association")


def city_of_ward(ward: str) -> str | None:
    """Return the designated city that a ward's code lies in, or None.

    Examples
    --------
    >>> city_of_ward("22138"), city_of_ward("13101")
    ('22130', None)
    """
    return _cities_by_ward().get(ward)


@functools.cache
def _cities_by_ward() -> Mapping[str, str]:
    cities = {(code[:2], body.name): code for code, body in local_bodies().items()}
    return {
        code: cities[(code[:2], name.split(" ")[0])]
        for code, name in all_names().items()
        if " " in name
    }


def counted_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that may be added: each place once, at its most detailed full level.

    Municipalities count; a ward counts where its city has no row, a prefecture where none of
    its municipalities has one, an association only among associations; districts never.
    """
    own = {row.code for row in rows if row.level in _MUNICIPAL}
    years = {_year_key(row) for row in rows}
    covered = {code[:2] for code in own}
    counted = []
    has_bodies = any(row.level in ("municipality", "ward", "prefecture") for row in rows)
    for row in rows:
        if row.is_total or row.level in ("district", "nation", "former"):
            continue
        if row.level == "ward" and city_of_ward(row.code) in own:
            continue
        if row.level == "prefecture" and row.code in covered:
            continue
        if row.level == "association" and has_bodies:
            continue
        counted.append(row)
    assert years or not rows  # every row has a year key, if only an empty one
    return counted


def _year_key(row: Row) -> object:
    return row.values.get("fiscal_year")


def sums(rows: Iterable[Row], bindings: Iterable[ColumnMatch]) -> dict[str, float]:
    """Return the sum of each numeric column over rows; missing values are left out."""
    numeric = [binding.key for binding in bindings if binding.field.is_numeric]
    totals = dict.fromkeys(numeric, 0.0)
    for row in rows:
        for key in numeric:
            value = row.values.get(key)
            if isinstance(value, float):
                totals[key] += value
    return {key: _tidy(value) for key, value in totals.items()}


def _tidy(value: float) -> float:
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded


def sums_by_level(
    rows: Sequence[Row], bindings: Sequence[ColumnMatch]
) -> dict[str, dict[str, float]]:
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


def check_totals(rows: Sequence[Row], layout: Layout, form: Form) -> list[Issue]:
    """Hold rows of totals against their parts; both numbers are named where they differ."""
    issues = []
    binding_by_key = {
        binding.key: binding for binding in layout.bindings if binding.field.adds_up != "no"
    }
    for total, candidates in _groups(rows):
        held = [_mismatches(total, parts, binding_by_key, layout) for parts in candidates]
        wrong = {key for key, fault in held[0].items() if fault is not None} if held else set()
        # where a set of rows lacks a figure of these columns it may still be the right one
        may_fit = any(not any(faults.get(key) for key in wrong) for faults in held)
        if not may_fit:
            level: Level = "fault" if total.code or is_plain_total(total) else "warning"
            issues += [
                dataclasses.replace(fault, level=level) for fault in held[0].values() if fault
            ]
    return issues


def _mismatches(
    total: Row, parts: Sequence[Row], binding_by_key: Mapping[str, ColumnMatch], layout: Layout
) -> dict[str, Issue | None]:
    """Hold one total against one set of rows; columns with missing parts are left out."""
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
        city = city_of_ward(row.code) if row.level == "ward" else None
        if city is not None:
            wards.setdefault(city, []).append(row)
    for row in municipal:
        parts = wards.get(row.code, [])
        if parts and _has_all_wards(row.code, {part.code for part in parts}):
            yield row, [parts]


def _has_all_wards(city: str, codes: set[str]) -> bool:
    today = {
        code for code, of in _cities_by_ward().items() if of == city and code in local_bodies()
    }
    then = {code for code, of in _cities_by_ward().items() if of == city} - today
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
    named = total.name or total.code
    return Issue(
        "fault",
        f"「{named}」の{binding.field.label} {printed / binding.scale:,.0f} と、"
        f"その内訳 {len(parts):,} 行の合計 {summed / binding.scale:,.0f} が一致しません。",
        sheet=layout.sheet.name,
        row=total.number,
        column=binding.heading,
        cell=f"{binding.letters}{total.number}",
        value=f"{printed / binding.scale:,.0f}",
        expected=f"{summed / binding.scale:,.0f}（内訳の合計）",
        advice="抜けた行、二重の行、打ち間違いがないかを元の資料で確かめてください。",
    )
