"""A checked file held against what is already filed for other years."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from gunmane_analysis.intake.check import Checked
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.magnitude import Filed, Key, magnitude_issues
from gunmane_analysis.intake.reading.issues import Issues
from gunmane_analysis.sources import find_source, is_filed
from gunmane_analysis.tables import describe, table_of_source

if TYPE_CHECKING:
    import pandas as pd

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
    SourceError, TableError
        If a filed file is missing, altered or faulty.
    """
    if not checked.is_accepted or checked.form is None or checked.layout is None:
        return checked
    table_id = table_of_source()[checked.form.source_id]
    filed = filter(is_filed, describe(table_id).sources)
    names = [name.rpartition("/")[2] for each in filed for name in find_source(each).files]
    if names in ([], [checked.path.name]):  # nothing, or what this file would replace
        return checked
    from gunmane_analysis.loaders.store import load_table

    table = load_table(table_id)
    found = magnitude_issues(
        checked.rows,
        checked.layout,
        checked.form,
        checked.period,
        _figures(table, checked.form),
        confirmed,
    )
    issues = Issues(list(checked.issues.kept), dict(checked.issues.counts))
    issues.extend(found)
    return dataclasses.replace(checked, issues=issues)


def _figures(table: pd.DataFrame, form: Form) -> Filed:
    """Return the table's figures by the form's key and column, then by year."""
    import pandas as pd

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
    return [value if known else None for value, known in zip(values, values.notna(), strict=True)]
