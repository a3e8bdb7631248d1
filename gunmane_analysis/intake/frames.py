"""Checked rows as a table in the columns of its description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from gunmane_analysis.intake.check import Checked
from gunmane_analysis.intake.layout import Layout
from gunmane_analysis.intake.period import ReferencePeriod
from gunmane_analysis.intake.reading.issues import grouped
from gunmane_analysis.intake.rows import Row, merged_rows
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.tables import TableDescription

_TRUTHS = {True: "true", False: "false"}
_LEVELS_KEPT = frozenset({"municipality", "declared", "event"})


def stop_unless_accepted(checked: Checked) -> None:
    """Raise one error with every fault where a file is not accepted.

    Raises
    ------
    SourceError
        Listing every fault with its place, expected form and advice.
    """
    faults, count = "\n".join(grouped(checked.issues.of("fault"))), checked.issues.counts["fault"]
    refuse_if(faults, "delivered-faults", name=checked.path.name, count=count, faults=faults)


def frame_of(checked: Checked, table: TableDescription) -> pd.DataFrame:
    """Return the rows of municipalities (or events) in the columns of a table.

    Parameters
    ----------
    checked : Checked
        An accepted file.
    table : TableDescription
        A column ``<name>_status`` takes the mark of ``<name>``; a
        column that the file lacks is missing in every row.

    Returns
    -------
    DataFrame
        Rows of prefectures, wards, districts, associations and totals are left out; where a
        municipality was absorbed, its counts are added to its successor's.

    Raises
    ------
    SourceError
        If the file is not accepted.
    """
    stop_unless_accepted(checked)
    frame = pd.DataFrame.from_records(checked.records or list(_records(checked)))
    return _typed(frame.reindex(columns=list(table.columns)), table)


def _records(checked: Checked) -> Iterator[dict[str, Any]]:
    form, layout = checked.form, checked.layout
    if form is None or layout is None:
        return
    kept = _LEVELS_KEPT | ({"prefecture"} if form.keeps_prefectures else set())
    for row in merged_rows(checked.rows, layout, checked.period, checked.old):
        if row.level in kept:
            yield from _expanded(row, layout, checked.period)


def _expanded(row: Row, layout: Layout, period: ReferencePeriod) -> Iterator[dict[str, Any]]:
    """Yield one record per year that the row's columns speak of."""
    common: dict[str, Any] = {
        "municipality_code": row.code or None,
        "prefecture_code": row.code[:2] or None,
        "body_name": row.name,
        "name": row.name,
        "fiscal_year": period.fiscal_year,
        "as_of_on": period.as_of_on,
    }
    by_year: dict[int | None, dict[str, Any]] = {}
    for binding in layout.bindings:
        if binding.key not in row.values:
            continue
        name = binding.field.name
        record = by_year.setdefault(binding.year, dict(common))
        if row.values[binding.key] is not None or name not in common:
            record[name] = row.values[binding.key]
        record[f"{name}_status"] = row.statuses.get(binding.key, "")
    for year, record in by_year.items():
        yield record if year is None else {**record, "year": year, "fiscal_year": year}


def _typed(frame: pd.DataFrame, table: TableDescription) -> pd.DataFrame:
    """Give the columns their types; a whole number that is missing is a fault."""
    typed = frame.copy()
    for name, column in table.columns.items():
        is_blank = column.dtype == "int64" and frame[name].isna().any()
        refuse_if(is_blank, "delivered-blank", table_id=table.table_id, label=column.label)
        if column.kind == "flag":  # three words where it may be unknown
            is_open = column.dtype == "str"
            typed[name] = frame[name].map(_TRUTHS) if is_open else frame[name].eq(True)
    return table.typed(typed)
