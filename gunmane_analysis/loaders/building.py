"""A table built from its files, and one from a file of one's own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gunmane_analysis.intake.check import check_file
from gunmane_analysis.intake.frames import frame_of
from gunmane_analysis.loaders.checks import CHECKS, check_meaning
from gunmane_analysis.loaders.former import load_old_bodies
from gunmane_analysis.loaders.reading import read_columns, read_table
from gunmane_analysis.loaders.shipped import Load, shipped_rows
from gunmane_analysis.loaders.staffing import build_staffing
from gunmane_analysis.sources import is_filed
from gunmane_analysis.tables import describe


def build_table(table_id: str, load: Load) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Build one table from the registered files, and check what its figures mean.

    Parameters
    ----------
    table_id : str
    load : callable
        Returns another table by its id.

    Returns
    -------
    (DataFrame, DataFrame)
        The table, and where two of its sources differ.

    Raises
    ------
    SourceError
        If a file is missing, altered or faulty.
    SourceMismatchError
        If the figures contradict a printed total or rate, or each other.
    """
    if table_id == "staffing":
        return build_staffing(load("prefecture_items")), pd.DataFrame()
    parts = describe(table_id).filled_from
    shipped = shipped_rows(table_id, load) if parts and all(map(is_filed, parts)) else None
    table, differences = read_table(table_id, shipped)
    check_meaning(table_id, table, load)
    return table, differences


def read_own(path: str | Path, table_id: str, fiscal_year: int | None = None) -> pd.DataFrame:
    """Read a file of one's own as the rows of a table, through all checks, without filing it.

    Parameters
    ----------
    path : str or Path
        Excel or CSV, headed as the table's form (``gunmane data template``) or by the table's
        own column names (:func:`codebook`); where the table's source is an official file, as
        that file is.
    table_id : str
        The table, e.g. ``"contracts"``.
    fiscal_year : int, optional
        For a file that does not say its year.

    Returns
    -------
    DataFrame
        As ``load_<table_id>()`` gives it: same columns, units and types; one row per key. What
        was repaired on the way (full-width digits, 6-digit codes) says ``gunmane data check``.

    Raises
    ------
    TableError
        If there is no such table, or a row breaks its description.
    SourceError
        Listing every fault of the file with its place and advice.

    Examples
    --------
    >>> from gunmane_analysis.sources import raw_file
    >>> read_own(raw_file("kpi"), "kpi")["stage"].notna().any()
    np.True_
    """
    table, path = describe(table_id), Path(path)
    forms = [name for name, facts in table.sources.items() if not facts.get("is_keyed")]
    if not forms:
        frame = read_columns(table.delivered_types, path)
    else:
        for source_id in (None, table_id if table_id in forms else forms[0]):
            checked = check_file(path, source_id, fiscal_year, old=load_old_bodies())
            if checked.source_id in forms:  # else it looks like a file of another table
                break
        frame = frame_of(checked, table)
    table.check(frame, f"ファイル「{path.name}」")
    if table_id in CHECKS:
        CHECKS[table_id](frame)
    return frame
