"""Tables keyed in from documents: one file each, read in the types its schema describes."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.reading import read_csv_cells, to_numbers
from gunmane_analysis.sources import raw_file
from gunmane_analysis.tables.table import Table

_TRUTHS = {"true": True, "false": False}


def read_keyed_table(model: type[Table]) -> pd.DataFrame:
    """Read the columns that ``model`` describes from the source of the same name.

    Parameters
    ----------
    model : Table
        The schema; its id is also the id of a source with one file. Other columns of the
        file are left aside.

    Returns
    -------
    DataFrame
        One row per line of the file, numbers and yes/no converted.

    Raises
    ------
    SourceError
        If a column is missing, a number is none, or a yes/no is neither true nor false.
    """
    path = raw_file(model.table_id())
    kinds = {name: str(entry.dtype) for name, entry in model.to_schema().columns.items()}
    cells = read_csv_cells(path, list(kinds))[list(kinds)]
    table = to_numbers(
        cells, [name for name, kind in kinds.items() if kind in ("int64", "float64")], path
    )
    for name in (name for name, kind in kinds.items() if kind == "bool"):
        wrong = sorted(set(cells[name].fillna("空欄")) - set(_TRUTHS))
        if wrong:
            raise SourceError(
                f"ファイル「{path}」の列「{name}」に、真偽でない値「{'、'.join(wrong)}」があります。",
                expected="true または false",
                advice="該当する行を元の資料と照らし合わせてください。",
            )
        table = table.assign(**{name: cells[name].map(_TRUTHS).astype("bool")})
    for name in (name for name, kind in kinds.items() if kind == "int64"):
        if table[name].isna().any():
            raise SourceError(
                f"ファイル「{path}」の列「{name}」に空欄があります。", expected="整数"
            )
    return table.astype({name: kind for name, kind in kinds.items() if kind == "int64"})
