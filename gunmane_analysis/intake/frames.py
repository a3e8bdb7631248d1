"""Checked rows as a table in the columns of its schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.check import Checked
from gunmane_analysis.intake.merged import merged_rows
from gunmane_analysis.intake.reading.issues import grouped
from gunmane_analysis.intake.rows import Row
from gunmane_analysis.tables.table import Table

_LEVELS_KEPT = frozenset({"municipality", "declared", "event"})


def stop_unless_accepted(checked: Checked) -> None:
    """Raise one error with every fault where a file is not accepted.

    Raises
    ------
    SourceError
        Listing every fault with its place, expected form and advice.
    """
    if checked.is_accepted:
        return
    faults = checked.issues.of("fault")
    raise SourceError(
        f"ファイル「{checked.path.name}」"
        f"に誤りが {checked.issues.counts['fault']:,} 件あります。\n" + "\n".join(grouped(faults)),
        advice="誤りを直したファイルで、gunmane data check から行ってください。",
    )


def frame_of(checked: Checked, model: type[Table]) -> pd.DataFrame:
    """Return the rows of municipalities (or events) in the columns of a schema.

    Parameters
    ----------
    checked : Checked
        An accepted file.
    model : Table
        The schema of the table. A column ``<name>_status`` takes the mark of ``<name>``; a
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
    names = list(model.to_schema().columns)
    if checked.document is not None:
        records: list[dict[str, Any]] = [dict(record) for record in checked.document.records]
    else:
        records = list(_records(checked))
    frame = pd.DataFrame.from_records(records)
    for name in names:
        if name not in frame:
            frame[name] = None
    return _typed(frame[names], model)


def _records(checked: Checked) -> Iterator[dict[str, Any]]:
    absorbed = [row for row in checked.rows if row.level == "absorbed"]
    for row in checked.rows:
        keeps = checked.form is not None and checked.form.keeps_prefectures
        if row.level not in _LEVELS_KEPT and not (keeps and row.level == "prefecture"):
            continue
        whole = _with_absorbed(row, absorbed, checked)
        yield from _expanded(whole, checked)
    if checked.layout is not None:
        for row in merged_rows(checked.rows, checked.layout, checked.times, checked.old):
            yield from _expanded(row, checked)


def _with_absorbed(row: Row, absorbed: list[Row], checked: Checked) -> Row:
    """Add the counts of municipalities that the row's municipality absorbed later."""
    parts = [
        part
        for part in absorbed
        if part.code == row.code and part.values.get("fiscal_year") == row.values.get("fiscal_year")
    ]
    if not parts or checked.layout is None:
        return row
    values = dict(row.values)
    for binding in checked.layout.bindings:
        own = values.get(binding.key)
        if binding.field.adds_up != "no" and isinstance(own, float):
            added = [part.values.get(binding.key) for part in parts]
            values[binding.key] = (
                own + sum(value for value in added if isinstance(value, float))
                if all(isinstance(value, float) for value in added)
                else None
            )
    return Row(row.number, row.code, row.level, row.name, values, row.statuses)


def _expanded(row: Row, checked: Checked) -> Iterator[dict[str, Any]]:
    """Yield one record per year that the row's columns speak of."""
    common: dict[str, Any] = {
        "municipality_code": row.code or None,
        "prefecture_code": row.code[:2] or None,
        "body_name": row.name,
        "fiscal_year": checked.times.fiscal_year,
        "as_of_on": checked.times.as_of_on,
    }
    by_year: dict[int | None, dict[str, Any]] = {}
    for binding in checked.layout.bindings if checked.layout else ():
        if binding.key not in row.values:
            continue
        name = binding.field.name
        record = by_year.setdefault(binding.year, dict(common))
        record[name] = row.values[binding.key]
        record[f"{name}_status"] = row.statuses.get(binding.key, "")
    for year, record in by_year.items():
        yield record if year is None else {**record, "year": year, "fiscal_year": year}


def _typed(frame: pd.DataFrame, model: type[Table]) -> pd.DataFrame:
    """Give the columns the types of the schema; a whole number that is missing is a fault."""
    table = frame.copy()
    for name, described in model.to_schema().columns.items():
        kind = str(described.dtype)
        if kind == "float64":
            table[name] = pd.to_numeric(table[name]).astype("float64")
        elif kind == "int64":
            if table[name].isna().any():
                raise SourceError(
                    f"表「{model.table_id()}」の「{described.title}」に空欄の行があります。",
                    expected="すべての行に値",
                    advice="元のファイルの該当する列を確かめてください。",
                )
            table[name] = table[name].astype("int64")
        elif kind == "bool":
            table[name] = table[name].astype("bool")
        elif kind != "object":
            words = (
                table[name].map({True: "true", False: "false"})
                if _is_truth(table[name])
                else (table[name])
            )
            table[name] = words.astype("str")
    return table


def _is_truth(values: pd.Series) -> bool:
    return bool(values.map(lambda value: isinstance(value, bool)).any())
