"""A checked file held against what is already filed for other years."""

from __future__ import annotations

import dataclasses

import pandas as pd

from gunmane_analysis.intake.check import Checked
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.magnitude import Filed, Key, magnitude_issues
from gunmane_analysis.intake.reading.issues import Issues
from gunmane_analysis.loaders.filed import is_filed, load_filed_table
from gunmane_analysis.loaders.municipal import SOURCES, load_municipal
from gunmane_analysis.sources import find_source
from gunmane_analysis.tables.table import Table, tables

_YEARS = ("fiscal_year", "year", "as_of_on")


def against_filed(checked: Checked, confirmed: frozenset[str] = frozenset()) -> Checked:
    """Return a checked file with the differences of magnitude from filed years.

    Parameters
    ----------
    checked : Checked
    confirmed : frozenset of str
        Codes whose change somebody has looked into.

    Returns
    -------
    Checked
        With more faults where a figure is hundreds of times the nearest filed year's; as it
        came where nothing comparable is filed, or only the file that it replaces.

    Raises
    ------
    SourceError, SchemaError
        If a filed file is missing, altered or faulty.
    """
    if not checked.is_accepted or checked.form is None or checked.layout is None:
        return checked
    model = _table_of(checked.form.register_id)
    if model is None or _is_only_itself(checked, model):
        return checked
    table = load_municipal(model) if model in SOURCES else load_filed_table(model)
    found = magnitude_issues(
        checked.rows,
        checked.layout,
        checked.form,
        checked.times,
        _figures(table, checked.form),
        confirmed,
    )
    issues = Issues(list(checked.issues.kept), dict(checked.issues.counts))
    issues.extend(found)
    return dataclasses.replace(checked, issues=issues)


def _table_of(register_id: str) -> type[Table] | None:
    """Return the table that a source's files fill, or None where nothing of it is filed."""
    for model, source_ids in SOURCES.items():
        if register_id in source_ids:
            return model if any(map(is_filed, source_ids)) else None
    if register_id not in tables() or not is_filed(register_id):
        return None
    return tables()[register_id] if find_source(register_id).document is None else None


def _is_only_itself(checked: Checked, model: type[Table]) -> bool:
    """Whether all that is filed is a file of the same name, which this one would replace."""
    names = [
        name.rpartition("/")[2]
        for source_id in SOURCES.get(model, (model.table_id(),))
        if is_filed(source_id)
        for name in find_source(source_id).files
    ]
    return names == [checked.path.name]


def _figures(table: pd.DataFrame, form: Form) -> Filed:
    """Return the table's figures by the form's key and column, then by year."""
    year = next((name for name in _YEARS if name in table), None)
    keys = [name for name in form.key_columns if name not in _YEARS]
    if year is None or not set(keys) <= set(table.columns):
        return {}
    years = table[year].astype("str").str[:4].astype("int64").tolist()
    codes = list(zip(*(_plain(table[name]) for name in keys), strict=True))
    found: dict[tuple[Key, str], dict[int, float]] = {}
    for field in form.numeric:
        if field.name not in table:
            continue
        values = pd.to_numeric(table[field.name]).tolist()
        for key, on, value in zip(codes, years, values, strict=True):
            if value == value:
                found.setdefault((key, field.name), {})[on] = float(value)
    return found


def _plain(values: pd.Series) -> list[object]:
    """Return values as rows hold them: text, or None where there is none."""
    return [None if pd.isna(value) else value for value in values]
