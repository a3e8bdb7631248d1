"""A checked file compared with what is already filed: overlapping rows, other years' figures."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from gunmane_analysis.errors import SourceMismatchError
from gunmane_analysis.intake.check import Checked
from gunmane_analysis.intake.forms import Form
from gunmane_analysis.intake.magnitude import Filed, Key, magnitude_issues
from gunmane_analysis.intake.reading.issues import Issue, Issues, issue
from gunmane_analysis.loaders.checks import CHECKS, CROSS_CHECKS, check_meaning
from gunmane_analysis.refusals import first_lines, refusal
from gunmane_analysis.sources import find_source, is_filed, read_register
from gunmane_analysis.tables import TableDescription, describe, table_of_source

if TYPE_CHECKING:
    import pandas as pd

_YEARS = ("fiscal_year", "year", "as_of_on")
_EXAMPLES_SHOWN = 5


def stop_at_overlap(
    table: TableDescription, rows: pd.DataFrame, source_id: str, path: Path, *, except_for: str = ""
) -> None:
    """Refuse a file whose rows a registered file of the same source has.

    A table whose key has no year is a cumulative register: its rows may be repeated as they
    are. Where a later edition may revise an earlier one, nothing is refused.

    Parameters
    ----------
    table : TableDescription
    rows : DataFrame
        Of the file.
    source_id : str
    path : Path
        Where the file is.
    except_for : str
        A registered file that it is to replace.

    Raises
    ------
    SourceError
        Naming the file, the number of rows, and examples.
    """
    source = read_register().get(source_id)
    names = [name for name in sorted(source.files if source else ()) if name != except_for]
    if not names or not table.key or table.newest_edition_wins:
        return
    from gunmane_analysis.loaders.reading import read_source_file, rows_in_both

    is_cumulative = not set(_YEARS) & set(table.key)
    for name in names:
        known = read_source_file(table, source_id, name)
        if found := rows_in_both(table, known, rows, is_cumulative):
            facts = {"file": path.name, "name": name, "grain": table.grain, "source": source_id}
            raise refusal(
                "rows-differ" if is_cumulative else "rows-overlap",
                count=len(found),
                rows=first_lines(found, _EXAMPLES_SHOWN),
                old=quote(name.partition("/")[2]),
                new=quote(str(path)),
                **facts,
            )


def against_filed(checked: Checked, replacing: str = "") -> Checked:
    """Return a checked file with what contradicts the filed figures.

    Parameters
    ----------
    checked : Checked
    replacing : str
        The registered file that this one is to replace.

    Returns
    -------
    Checked
        With more faults where a figure is hundreds of times the nearest filed year's, or where
        the table could not be built with it; as it came where nothing comparable is filed.

    Raises
    ------
    SourceError, TableError
        If a filed file is missing, altered or faulty.
    """
    if not checked.is_accepted:
        return checked
    issues = Issues(list(checked.issues.kept), checked.issues.counts.copy())
    table = describe(table_of_source()[str(checked.source_id)])
    names = [name for each in filter(is_filed, table.sources) for name in find_source(each).files]
    is_compared = set(names) - {replacing}  # more than what this file would replace
    if is_compared and checked.form and checked.layout:
        from gunmane_analysis.loaders.store import load_table

        facts = (checked.rows, checked.layout, checked.form, checked.period)
        figures = _figures(load_table(table.table_id), checked.form)
        issues.extend(magnitude_issues(*facts, figures, checked.confirmed))
    issues.extend(_contradictions(checked, table, replacing))
    return dataclasses.replace(checked, issues=issues)


def _contradictions(checked: Checked, table: TableDescription, replacing: str) -> Iterator[Issue]:
    """Yield a fault where the table with this file's rows breaks a check of its meaning.

    What e-Stat gives must leave the years of ``staffing`` whole, which is made of it.
    """
    is_series = table.table_id == "prefecture_items"
    if not is_series and table.table_id not in CHECKS.keys() | CROSS_CHECKS:
        return
    from gunmane_analysis.intake.frames import frame_of
    from gunmane_analysis.loaders.reading import table_with
    from gunmane_analysis.loaders.staffing import build_staffing
    from gunmane_analysis.loaders.store import load_table

    rows = frame_of(checked, table)
    try:
        whole = table_with(table, str(checked.source_id), rows, replacing)
        check_meaning(table.table_id, whole, load_table)
        if is_series:
            build_staffing(whole)
    except SourceMismatchError as fault:
        yield issue(fault.code, **fault.facts)


def _figures(table: pd.DataFrame, form: Form) -> Filed:
    """Return the table's figures by the form's key and column, then by year."""
    year = next((name for name in _YEARS if name in table), None)
    keys = [name for name in form.key_columns if name not in _YEARS]
    if year is None or not set(keys) <= set(table.columns):
        return {}
    numeric = [name for name, each in form.fields.items() if each.is_numeric and name in table]
    years = table[year].astype("str").str[:4].astype("int64")
    named = table[keys].astype("object")
    rows = named.where(named.notna(), None).itertuples(index=False, name=None)  # as rows have them
    found: dict[tuple[Key, str], dict[int, float]] = defaultdict(dict)
    for key, on, values in zip(rows, years, table[numeric].to_dict("records"), strict=True):
        for name in (name for name, value in values.items() if value == value):
            found[key, str(name)][on] = float(values[name])
    return found
