"""Rows of bodies that were merged later: added into one row of the body of today."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from gunmane_analysis.intake.cells import Stored
from gunmane_analysis.intake.layout import Layout
from gunmane_analysis.intake.old_codes import FormerMunicipality
from gunmane_analysis.intake.placing import ReferencePeriod
from gunmane_analysis.intake.reading.issues import Issue
from gunmane_analysis.intake.rows import Row

_NAMED = 5


def merged_rows(
    rows: Sequence[Row],
    layout: Layout,
    times: ReferencePeriod,
    old: Mapping[str, FormerMunicipality],
) -> Iterator[Row]:
    """Yield one row for each body of today that has no row of its own but its parts'.

    Counts and money that may be added are summed where every body that lay in its area has a
    row with a value; everything else (rates, a part that is missing) is unknown, never 0.
    """
    for parts in _without_heir_row(rows):
        is_complete = not _missing(parts, times, old)
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


def say_incomplete(
    rows: Sequence[Row],
    layout: Layout,
    times: ReferencePeriod,
    old: Mapping[str, FormerMunicipality],
) -> Iterator[Issue]:
    """Warn of bodies of today whose parts are not all in the file."""
    for parts in _without_heir_row(rows):
        missing = _missing(parts, times, old)
        if missing:
            named = "、".join(f"{code} {old[code].name}" for code in sorted(missing)[:_NAMED])
            more = f" ほか{len(missing) - _NAMED}" if len(missing) > _NAMED else ""
            yield Issue(
                "warning",
                f"合併前の団体のうち {named}{more} の行がないため、今の {parts[0].code} の値は"
                "不詳とします。",
                sheet=layout.sheet.name,
                row=parts[0].number,
                value=parts[0].name,
                expected="合併した全ての団体の行",
                advice="その団体の行を加えるか、合併後の年度の資料を使ってください。",
            )


def _without_heir_row(rows: Sequence[Row]) -> list[list[Row]]:
    own = {(row.code, row.values.get("fiscal_year")) for row in rows if row.level == "municipality"}
    groups: dict[tuple[str, Stored], list[Row]] = {}
    for row in rows:
        key = (row.code, row.values.get("fiscal_year"))
        if row.level == "absorbed" and key not in own:
            groups.setdefault(key, []).append(row)
    return list(groups.values())


def _missing(
    parts: Sequence[Row], times: ReferencePeriod, old: Mapping[str, FormerMunicipality]
) -> set[str]:
    """Return the codes that lay in the same area on the day of the rows but have none."""
    year = parts[0].values.get("fiscal_year")
    day = f"{int(year)}-04-01" if isinstance(year, float) else times.day
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
