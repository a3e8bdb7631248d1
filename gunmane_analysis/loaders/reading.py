"""The registered files of a table's sources, read and merged in the order of trust."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import pandas as pd
import pyarrow as pa

from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.check import check_file
from gunmane_analysis.intake.frames import frame_of
from gunmane_analysis.loaders.checks import CHECKS
from gunmane_analysis.loaders.former import CHANGES, load_old_bodies
from gunmane_analysis.loaders.processed import (
    delivered_path,
    fingerprint_of,
    read_processed,
    stored_fingerprint,
    write_processed,
)
from gunmane_analysis.loaders.shipped import HALF_DIGIT
from gunmane_analysis.refusals import first_lines, refusal, refuse_if
from gunmane_analysis.sources import find_source, is_filed, raw_file
from gunmane_analysis.tables import TableDescription, describe
from gunmane_analysis.tables.description import REMARK

_TRUTHS = {"true": True, "false": False}
_EXPECTED = {"int64": "整数", "float64": "数値", "bool": "true または false"}
_KNOWN_MARKS = ("none", "not_applicable")  # a mark that says as much as a number does
_EXAMPLES_SHOWN = 5
_FLOAT_NOISE = 1e-6
_YEAR_KEYS = ("fiscal_year", "year", "as_of_on")
DIFFERENCE_COLUMNS = (
    *("table_id", "column", "year", "source_id", "other_source_id", "compared_count"),
    *("different_count", "municipality_code", "value", "other_value"),
)


def read_columns(columns: Mapping[str, str], path: Path) -> pd.DataFrame:
    """Read a UTF-8 CSV file headed by names of columns.

    Parameters
    ----------
    columns : mapping of str to str
        The type of each column that must be there; others are left out.
    path : Path

    Raises
    ------
    SourceError
        If a column is missing; or naming every cell that is not of its column's type. Only
        text and ``float64`` may be empty.
    """
    try:
        cells = pd.read_csv(
            path, dtype="str", encoding="utf-8-sig", keep_default_na=False, na_values=[""]
        )
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as fault:
        raise refusal("cells-unreadable", path=path) from fault
    missing = [name for name in columns if name not in cells]
    facts = {"missing": "」「".join(missing), "found": list(cells), "required": columns}
    refuse_if(missing, "cells-columns", path=path, **facts)
    frame, faults = cells[list(columns)].copy(), []
    for name in (name for name, dtype in columns.items() if dtype in _EXPECTED):
        dtype, texts = columns[name], cells[name]
        read = texts.map(_TRUTHS) if dtype == "bool" else pd.to_numeric(texts, errors="coerce")
        is_wrong = read.isna() & (texts.notna() | (dtype != "float64"))
        is_wrong |= read % 1 != 0 if dtype == "int64" else False
        rows, shown = is_wrong.to_numpy().nonzero()[0], texts[is_wrong].fillna("空欄")
        faults += [
            f"  {row + 2}行目 列「{name}」 値「{text}」 正しい形: {_EXPECTED[dtype]}"
            for row, text in zip(rows, shown, strict=True)
        ]
        frame[name] = read
    refuse_if(faults, "cells-unusable", path=path, rows="\n".join(faults))
    return frame.astype(columns)


def read_table(
    table_id: str, shipped: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read every registered file of a table's sources into one table.

    A value that one file lacks is taken from another. Two files of one source must agree,
    unless a later edition may revise an earlier one; of two sources the more trusted wins.

    Parameters
    ----------
    table_id : str
    shipped : DataFrame, optional
        Figures shipped with the project, the least trusted.

    Returns
    -------
    (DataFrame, DataFrame)
        The table; and where its sources differ, from :func:`differences`.

    Raises
    ------
    SourceMismatchError
        If two files of one source give different values for the same cell.
    """
    table = describe(table_id)
    wholes = {name: _read_source(table, name) for name in table.sources if is_filed(name)}
    if shipped is not None and (not wholes or _merged_columns(table)):
        wholes[table.filled_from[0]] = shipped.set_index(list(table.key))
    frames = [
        differences(table, (trusted, wholes[trusted]), (other, wholes[other]))
        for trusted, other in combinations(wholes, 2)
    ]
    merged = functools.reduce(functools.partial(filled, table, keeps_marks=True), wholes.values())
    frame = merged.reset_index() if table.key else merged
    found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    return table.typed(frame), found


def _read_source(table: TableDescription, source_id: str) -> pd.DataFrame:
    """Read all files of one source, indexed by the key where the table has one.

    Of two editions the one whose figures reach further is newer, of two that reach as far the
    one that was filed later.
    """
    frames = {n: read_source_file(table, source_id, n) for n in find_source(source_id).files}
    if table.newest_edition_wins:
        frames = dict(sorted(frames.items(), key=lambda each: each[1]["fiscal_year"].max()))
    whole: pd.DataFrame | None = None
    for name, frame in frames.items():
        if repeated := table.repeated_keys(frame):
            rows = first_lines(repeated, _EXAMPLES_SHOWN)
            raise refusal("rows-repeated", name=name, rows=rows, grain=table.grain)
        if not table.key:
            whole = frame if whole is None else pd.concat([whole, frame], ignore_index=True)
            continue
        indexed = frame.set_index(list(table.key))
        if whole is not None and not table.newest_edition_wins:
            _stop_at_contradictions(table, whole, indexed, name)
        whole = indexed if whole is None else filled(table, indexed, whole)
    assert whole is not None  # asked only of sources with files
    return whole


def read_source_file(table: TableDescription, source_id: str, name: str) -> pd.DataFrame:
    """Return the rows of one registered file, by its name in the register.

    Rows that were checked before, as the file, its entry, the program and the list of changes
    are now, are not read from the file again.
    """
    path = raw_file(source_id, name)
    if table.sources[source_id].get("is_keyed"):
        return read_columns(table.delivered_types, path)
    kept, fingerprint = _kept_rows(source_id, name)
    if stored_fingerprint(kept) == fingerprint:
        with contextlib.suppress(OSError, pa.ArrowInvalid):  # damaged: read the file itself
            return _with_lists(read_processed(kept), table)
    facts = find_source(source_id).read_as(name)
    old = {} if source_id == CHANGES else load_old_bodies()
    frame = frame_of(check_file(path, source_id, *facts, old), table)
    write_processed(frame, kept, fingerprint)
    return frame


def table_with(
    table: TableDescription, source_id: str, rows: pd.DataFrame, except_for: str = ""
) -> pd.DataFrame:
    """Return the rows of one source's registered files, with those of one more, which win.

    Parameters
    ----------
    except_for : str
        A registered file that is left out.
    """
    names = find_source(source_id).files if is_filed(source_id) else ()
    frames = [read_source_file(table, source_id, name) for name in names if name != except_for]
    keyed = [frame.set_index(list(table.key)) for frame in (rows, *frames)]
    whole = functools.reduce(functools.partial(filled, table), keyed).reset_index()
    return table.typed(whole)


def keep_rows(rows: pd.DataFrame, source_id: str, name: str) -> None:
    """Keep the rows of a file that was just registered, so that it is not read again."""
    with contextlib.suppress(SourceError):  # then it is read when it is needed
        write_processed(rows, *_kept_rows(source_id, name))


def _kept_rows(source_id: str, name: str) -> tuple[Path, bytes]:
    """Return where a file's rows are kept, and the digest of all that they depend on."""
    changes = [(CHANGES, each) for each in find_source(CHANGES).files] if is_filed(CHANGES) else []
    fingerprint = fingerprint_of([(source_id, name), *changes])
    return delivered_path(find_source(source_id).files[name]), fingerprint


def _with_lists(frame: pd.DataFrame, table: TableDescription) -> pd.DataFrame:
    lists = [name for name, each in table.columns.items() if each.dtype == "object"]
    return frame.assign(**{name: frame[name].map(list) for name in lists})


def rows_in_both(
    table: TableDescription, first: pd.DataFrame, second: pd.DataFrame, only_different: bool
) -> list[str]:
    """Return the keys of the rows of which two files say something in the same column.

    With ``only_different``, of those only that say different things.
    """
    ours, theirs = (frame.set_index(list(table.key)) for frame in (first, second))
    if ours.index.has_duplicates or theirs.index.has_duplicates:
        return []
    pairs = compared(table, ours, theirs)
    places = _places(table, pairs[pairs["differs"]] if only_different else pairs)
    return list(dict.fromkeys(places))


def _is_known(cells: pd.DataFrame, name: str, status: str) -> pd.Series:
    known = cells[name].notna()
    return known | cells[status].isin(_KNOWN_MARKS) if status else known


def _merged_columns(table: TableDescription) -> list[str]:
    return [name for name in table.delivered_types if name not in table.key]


def filled(
    table: TableDescription, first: pd.DataFrame, second: pd.DataFrame, *, keeps_marks: bool = False
) -> pd.DataFrame:
    """Return the cells of the first table, and the second's where the first knows nothing.

    A value and its mark are one cell: 6 in one file and 「-」 in another never become 6 with
    the mark of none. Both are indexed by the table's key. With ``keeps_marks`` also 不詳 and
    秘匿 of the first stay.
    """
    index = first.index.union(second.index)
    ours, theirs = first.reindex(index), second.reindex(index)
    merged = ours.copy()
    for name in _merged_columns(table):
        status = table.columns[name].status
        taken = ~_is_known(ours, name, status) & _is_known(theirs, name, status)
        if status:
            says_nothing = ours[name].isna() & ours[status].fillna("").isin(("", "empty"))
            taken = says_nothing if keeps_marks else taken | says_nothing
            taken &= theirs[status].notna()
            merged[status] = ours[status].where(~taken, theirs[status])
        merged[name] = ours[name].where(~taken, theirs[name])
    return merged


def compared(table: TableDescription, first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of which two tables, indexed by the key, both know something.

    不詳 and 秘匿 say nothing, 皆無 is the same as 0; remarks are not compared.

    Returns
    -------
    DataFrame
        One row per cell: the key, ``column``, ``value``, ``other_value``, ``differs``.
    """
    common = first.index.intersection(second.index)
    columns = ["column", "value", "other_value"]
    parts = [pd.DataFrame(index=common[:0], columns=columns, dtype="object")]
    for name in _merged_columns(table):
        if name != REMARK:
            status = table.columns[name].status
            both = [_said(frame.loc[common], name, status) for frame in (first, second)]
            parts.append(pd.DataFrame(dict(zip(columns, (name, *both), strict=True))))
    pairs: pd.DataFrame = pd.concat(parts).dropna(subset=columns)
    return pairs.assign(differs=pairs["value"] != pairs["other_value"]).reset_index()


def _said(cells: pd.DataFrame, name: str, status: str) -> pd.Series:
    values = cells[name].astype("object")
    if not status:
        return values
    marked = values.isna() & cells[status].isin(_KNOWN_MARKS)
    return values.where(~marked, cells[status].map({"none": 0.0, "not_applicable": "該当なし"}))


def _places(table: TableDescription, pairs: pd.DataFrame) -> list[str]:
    """Return a line with the key of each compared cell."""
    return [
        "  " + "・".join(map(str, key)) for key in zip(*(pairs[k] for k in table.key), strict=True)
    ]


def differences(
    table: TableDescription, trusted: tuple[str, pd.DataFrame], other: tuple[str, pd.DataFrame]
) -> pd.DataFrame:
    """Count where two sources differ by more than the rounding of the shipped figures.

    Returns
    -------
    DataFrame
        One row per column and year: ``table_id``, ``column``, ``year``, ``source_id`` (whose
        value is used), ``other_source_id``, ``compared_count``, ``different_count``, and of the
        largest difference ``municipality_code``, ``value`` and ``other_value``.
    """
    pairs = compared(table, trusted[1], other[1])
    if pairs.empty:
        return pairs
    values = pairs[["value", "other_value"]].apply(pd.to_numeric, errors="coerce")
    gap = (values["value"] - values["other_value"]).abs().fillna(float("inf"))
    allowed = pairs["column"].map(HALF_DIGIT).fillna(0.0) + _FLOAT_NOISE
    year = next((key for key in table.key if key in _YEAR_KEYS), table.key[-1])
    pairs = pairs.assign(
        gap=gap.where(pairs["differs"], 0.0),
        differs=pairs["differs"] & (gap > allowed),
        year=pairs[year].astype("str").str[:4],
        municipality_code=pairs[table.key[0]].astype("str"),
    )
    cells = pairs.groupby(["column", "year"], sort=False)
    counts = cells.agg(compared_count=("differs", "size"), different_count=("differs", "sum"))
    largest = pairs.loc[cells["gap"].idxmax()].set_index(["column", "year"])
    found = counts.join(largest[["municipality_code", "value", "other_value"]]).reset_index()
    facts = {"table_id": table.table_id, "source_id": trusted[0], "other_source_id": other[0]}
    return found[found["different_count"] > 0].assign(**facts)[list(DIFFERENCE_COLUMNS)]


def _stop_at_contradictions(
    table: TableDescription, earlier: pd.DataFrame, later: pd.DataFrame, name: str
) -> None:
    pairs = compared(table, earlier, later)
    found = pairs[pairs["differs"]]
    if len(found):
        cells = found[["column", "value", "other_value"]].itertuples(index=False)
        lines = [
            f"{place} の {table.columns[column].label}: {value} と {other}"
            for place, (column, value, other) in zip(_places(table, found), cells, strict=True)
        ]
        raise refusal("files-contradict", name=name, rows=first_lines(lines, _EXAMPLES_SHOWN))


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
