"""Registers that the secretariat files: read when registered, empty until then."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from gunmane_analysis.areas import read_code
from gunmane_analysis.errors import AreaError, SourceError
from gunmane_analysis.intake.reading import read_csv_cells, to_numbers
from gunmane_analysis.loaders.delivered import read_delivered
from gunmane_analysis.loaders.former import changes_source
from gunmane_analysis.loaders.store import load_processed
from gunmane_analysis.sources import find_source, raw_file, read_register
from gunmane_analysis.tables.table import ISO_DATE, Table

_TRUTHS = {"true": True, "false": False, "はい": True, "いいえ": False}
_NUMBERS = ("int64", "float64")


def load_filed_table(model: type[Table]) -> pd.DataFrame:
    """Load a register that may not have been filed yet.

    Parameters
    ----------
    model : Table
        The schema; its id is also the id of the source in ``data/raw/sources.yml``.

    Returns
    -------
    DataFrame
        The rows of every registered file, checked against ``model``; no rows while the
        source is not registered.

    Raises
    ------
    SourceError, SchemaError
        If a registered file is missing, altered, or breaks its form.
    """
    source_id = model.table_id()
    if not is_filed(source_id):
        return model.check(model.empty(), "届いていない表")

    def build() -> pd.DataFrame:
        source = find_source(source_id)
        parts = [
            read_filed_table(
                model,
                raw_file(source_id, name.removeprefix(f"{source_id}/")),
                source.confirmed.get(name, frozenset()),
            )
            for name in source.files
        ]
        return pd.concat(parts, ignore_index=True)

    return load_processed(model, build, [source_id, *changes_source()])


def is_filed(source_id: str) -> bool:
    """Whether a source is registered with at least one file."""
    register = read_register()
    return source_id in register and bool(register[source_id].files)


def read_filed_table(
    model: type[Table], path: Path, confirmed: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """Read one filed CSV file in the types that its schema describes.

    The first line holds the column names of the schema. Six-digit municipality codes are
    accepted where the check digit is right; every faulty cell is named by its line.

    A file in the form that ``gunmane data template`` hands out, in any format and encoding that
    the intake accepts, is read by it instead.

    Raises
    ------
    SourceError
        If a column is missing, or a cell is no number, date, code or yes/no.
    """
    if not has_schema_names(model, path):
        return read_delivered(model, path, confirmed=confirmed)
    kinds = {name: str(entry.dtype) for name, entry in model.to_schema().columns.items()}
    cells = read_csv_cells(path, list(kinds))[list(kinds)]
    numbers = [name for name, kind in kinds.items() if kind in _NUMBERS]
    table = to_numbers(cells, numbers, path)
    faults: list[str] = []
    for name, kind in kinds.items():
        if kind == "bool":
            table[name] = cells[name].map(_TRUTHS)
            faults += _faults(cells[name], table[name].isna(), name, "true か false")
        elif kind == "int64":
            wrong = table[name].isna() | (table[name] != table[name].round())
            faults += _faults(cells[name], wrong, name, "整数")
        elif name.endswith("_on"):
            wrong = cells[name].notna() & ~cells[name].map(_is_date).astype("bool")
            faults += _faults(cells[name], wrong, name, "YYYY-MM-DD の日付")
        elif name.endswith("municipality_code"):
            table[name], unknown = _codes(cells[name])
            faults += unknown
    if faults:
        raise SourceError(
            f"ファイル「{path.name}」に、表「{model.table_id()}」の決まりに合わない値があります。\n"
            + "\n".join(faults),
            expected=f"1行 = {model.grain()}",
            advice="該当する行を直してから登録し直してください。",
        )
    whole = {name: kind for name, kind in kinds.items() if kind in ("int64", "bool")}
    return model.check(table.astype(whole), f"ファイル「{path.name}」")


def has_schema_names(model: type[Table], path: Path) -> bool:
    """Whether a CSV file's first line holds the schema's own names."""
    with path.open("rb") as stream:
        first = stream.readline(65_536).removeprefix(b"\xef\xbb\xbf").strip()
    required = [name for name, entry in model.to_schema().columns.items() if not entry.nullable]
    return path.suffix.lower() == ".csv" and set(required) <= set(
        first.decode("utf-8", "replace").split(",")
    )


def _faults(cells: pd.Series, wrong: pd.Series, name: str, expected: str) -> list[str]:
    return [
        f"  {position + 2}行目 列「{name}」 値「{'' if pd.isna(value) else value}」（{expected}）"
        for position, (value, is_wrong) in enumerate(zip(cells, wrong, strict=True))
        if is_wrong
    ]


def _is_date(value: object) -> bool:
    return (
        isinstance(value, str)
        and re.fullmatch(ISO_DATE, value) is not None
        and not pd.isna(pd.to_datetime(value, format="%Y-%m-%d", errors="coerce"))
    )


def _codes(cells: pd.Series) -> tuple[pd.Series, list[str]]:
    """Read a column of municipality codes; prefectures (two digits) are kept as such."""
    codes: list[str | None] = []
    faults: list[str] = []
    for position, value in enumerate(cells):
        if pd.isna(value):
            codes.append(None)
            continue
        try:
            codes.append(read_code(str(value), form="five").code)
        except AreaError as fault:
            codes.append(None)
            faults.append(f"  {position + 2}行目 列「{cells.name}」 {fault.found}")
    return pd.Series(codes, index=cells.index, dtype="str"), faults
