"""From delivered files to cells: text first, numbers only where every cell is one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from gunmane_analysis.refusals import refusal, refuse_if


def read_csv_cells(path: Path, required: Sequence[str]) -> pd.DataFrame:
    """Read a UTF-8 CSV file with a header as text cells; an empty cell is missing.

    Parameters
    ----------
    path : Path
        The delivered file.
    required : sequence of str
        Columns that must be there.

    Returns
    -------
    DataFrame
        One row per line of the file, every column text.

    Raises
    ------
    SourceError
        If the file cannot be read, or a required column is missing.
    """
    try:
        cells = pd.read_csv(
            path, dtype="str", encoding="utf-8-sig", keep_default_na=False, na_values=[""]
        )
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as fault:
        raise refusal("cells-unreadable", path=path) from fault
    missing = [name for name in required if name not in cells.columns]
    found = list(cells.columns)
    facts = {"missing": "」「".join(missing), "found": found, "required": required}
    refuse_if(missing, "cells-columns", path=path, **facts)
    return cells


def to_numbers(cells: pd.DataFrame, columns: Sequence[str], path: Path) -> pd.DataFrame:
    """Return a copy whose named columns are numbers; every cell that is none is reported.

    Raises
    ------
    SourceError
        Listing row, column and value of each cell that is not a number.
    """
    numbers = cells.copy()
    faults: list[str] = []
    for name in columns:
        converted = pd.to_numeric(cells[name], errors="coerce")
        bad = cells[name].notna() & converted.isna()
        faults += [
            f"  {int(position) + 2}行目 列「{name}」 値「{cells[name].iloc[int(position)]}」"
            for position in bad.to_numpy().nonzero()[0]
        ]
        numbers[name] = converted.astype("float64")
    refuse_if(faults, "cells-numbers", path=path, rows="\n".join(faults))
    return numbers
