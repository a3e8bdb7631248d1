"""The processed tables: rebuilt from raw when anything that their content depends on changed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import pyarrow.parquet as pq

from gunmane_analysis.loaders.former import CHANGES
from gunmane_analysis.loaders.processed import (
    fingerprint_of,
    read_processed,
    stored_fingerprint,
    write_processed,
)
from gunmane_analysis.paths import processed_dir
from gunmane_analysis.refusals import caution
from gunmane_analysis.sources import find_source, is_filed, raw_file
from gunmane_analysis.tables import TableDescription, describe, table_ids
from gunmane_analysis.tables.description import SYNTHETIC

if TYPE_CHECKING:
    import pandas as pd

    from gunmane_analysis.areas import Area

_Arguments = ParamSpec("_Arguments")
_DIFFERENCES = "differences"
_kept: dict[tuple[object, ...], tuple[bytes, pd.DataFrame]] = {}


def load_table(table_id: str) -> pd.DataFrame:
    """Return a table, rebuilt first when a file, a register entry or a reader changed.

    Parameters
    ----------
    table_id : str
        One of :func:`gunmane_analysis.tables.table_ids`.

    Returns
    -------
    DataFrame
        Checked against its description when it was built; no rows while no source is filed.

    Raises
    ------
    SourceError, TableError
        If a raw file is missing, altered or faulty, or the table breaks its description.

    Examples
    --------
    >>> len(load_table("kpi")) > 0
    True
    """
    table = describe(table_id)
    if not _sources(table):
        return _kept_or_made((table_id,), b"", table.empty)
    path, fingerprint = _refreshed(table)
    return _kept_or_made((path,), fingerprint, functools.partial(read_processed, path))


def _kept_or_made(
    name: tuple[object, ...], fingerprint: bytes, make: Callable[[], pd.DataFrame]
) -> pd.DataFrame:
    """Return what was made of the same content before, or what is made now."""
    if name not in _kept or _kept[name][0] != fingerprint:
        _kept[name] = (fingerprint, make())
    return _kept[name][1].copy(deep=False)  # pandas copies a column when somebody changes it


def kept_while_unchanged(
    *table_ids: str,
) -> Callable[[Callable[_Arguments, pd.DataFrame]], Callable[_Arguments, pd.DataFrame]]:
    """Let a loader keep in memory what it makes of some tables, until one of them changes."""

    def decorated(load: Callable[_Arguments, pd.DataFrame]) -> Callable[_Arguments, pd.DataFrame]:
        @functools.wraps(load)
        def loaded(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> pd.DataFrame:
            called = (load, processed_dir(), args, *sorted(kwargs.items()))
            fingerprint = b"".join(_fingerprint(describe(table_id)) for table_id in table_ids)
            return _kept_or_made(called, fingerprint, functools.partial(load, *args, **kwargs))

        return loaded

    return decorated


def load_source_differences() -> pd.DataFrame:
    """Return where two sources of one table differ; the more trusted one is used.

    Returns
    -------
    DataFrame
        One row per table, column and year in which at least one value differs by more than
        the shipped figure's rounding: ``table_id``, ``column``, ``year``, ``source_id`` and
        ``other_source_id``, ``compared_count``, ``different_count``, and of the largest
        difference ``municipality_code``, ``value`` (used) and ``other_value``, as text.

    Examples
    --------
    >>> load_source_differences().columns[:3].tolist()
    ['table_id', 'column', 'year']
    """
    import pandas as pd

    from gunmane_analysis.loaders.reading import DIFFERENCE_COLUMNS

    frames = []
    for table in map(describe, table_ids()):
        if _sources(table):
            _refreshed(table)
        if (path := _path(table.table_id, _DIFFERENCES)).is_file():
            frames.append(read_processed(path))
    nothing = pd.DataFrame(columns=list(DIFFERENCE_COLUMNS))
    return pd.concat(frames, ignore_index=True) if frames else nothing


def load_synthetic_sources(area: Area) -> frozenset[str]:
    """Return the filed forms in which a row that an area's page uses is marked 合成データ or 仮.

    A municipality's page uses its prefecture's rows, too; rows without a place concern everybody.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> load_synthetic_sources(find_area("05"))
    frozenset()
    """
    found: set[str] = set()
    for table in map(describe, table_ids()):
        forms = [n for n, facts in table.sources.items() if facts.get("is_form") and is_filed(n)]
        if forms and _is_concerned(load_table(table.table_id).query(SYNTHETIC), area):
            found.update(forms)
    return frozenset(found)


def _is_concerned(rows: pd.DataFrame, area: Area) -> bool:
    """Whether any row is of the area, its prefecture or its forum, or of no place."""
    places = [name for name in rows if str(name).endswith("municipality_code")]
    if area.kind == "nation" or not (places or "block_id" in rows):
        return len(rows) > 0
    is_own = rows.reindex(columns=["block_id"])["block_id"].isin([a.area_id for a in area.lineage])
    for name in places:
        is_own |= rows[name].str[:2].isin(area.prefecture_codes)
    return bool(is_own.any())


def difference_lines() -> list[str]:
    """Word where two sources of one table differ, as far as the tables are built."""
    if not any(processed_dir().glob(f"*.{_DIFFERENCES}.parquet")):
        return []
    rows = load_source_differences().to_dict("records")
    labels = [describe(row["table_id"]).columns[row["column"]].label for row in rows]
    return [
        caution("sources-differ", label=label, **{str(name): fact for name, fact in row.items()})
        for row, label in zip(rows, labels, strict=True)
    ]


def _sources(table: TableDescription) -> list[str]:
    """Return the filed sources of a table, and the shipped ones that fill it."""
    filed = [name for name in table.sources if is_filed(name)]
    shipped = list(table.filled_from)
    return filed + shipped if all(map(is_filed, shipped)) else filed


def build_all() -> Iterator[tuple[str, int | None]]:
    """Bring every table up to date, and yield the name and the rows of each as it is built.

    A table of which no source is filed has no number of rows.

    Raises
    ------
    SourceError, TableError
        If a registered file is missing, altered or faulty.
    """
    for table in map(describe, table_ids()):
        if _sources(table):
            yield table.table_id, pq.read_metadata(_refreshed(table)[0]).num_rows
        elif table.sources:
            yield table.table_id, None


def _refreshed(table: TableDescription) -> tuple[Path, bytes]:
    """Bring a table up to date; return its file, and the digest that it was made with."""
    path, fingerprint = _path(table.table_id), _fingerprint(table)
    if stored_fingerprint(path) == fingerprint:
        return path, fingerprint
    frame, differences = build_table(table.table_id)
    checked = table.check(frame, f"資料 {'、'.join(_sources(table))} ")
    kept = _path(table.table_id, _DIFFERENCES)
    kept.unlink(missing_ok=True)
    if len(differences):
        as_text = differences.astype({"value": "str", "other_value": "str"})
        write_processed(as_text, kept, fingerprint)
    write_processed(checked, path, fingerprint)
    return path, fingerprint


def build_table(table_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Build one table from the registered files, and check what its figures mean.

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
    import pandas as pd  # here and with the readers: most processes find their tables built

    from gunmane_analysis.loaders.checks import check_meaning
    from gunmane_analysis.loaders.reading import read_table
    from gunmane_analysis.loaders.shipped import shipped_rows
    from gunmane_analysis.loaders.staffing import build_staffing

    if table_id == "staffing":
        return build_staffing(load_table("prefecture_items")), pd.DataFrame()
    parts = describe(table_id).filled_from
    shipped = shipped_rows(table_id, load_table) if parts and all(map(is_filed, parts)) else None
    table, differences = read_table(table_id, shipped)
    check_meaning(table_id, table, load_table)
    return table, differences


def _path(table_id: str, part: str = "") -> Path:
    return processed_dir() / f"{table_id}{f'.{part}' if part else ''}.parquet"


def _fingerprint(table: TableDescription) -> bytes:
    """Return the digest of all that a table's content depends on: files, register, code."""
    used = [table, *map(describe, (*table.uses, CHANGES))]
    behind = dict.fromkeys(source_id for each in used for source_id in _sources(each))
    files = [(source_id, name) for source_id in behind for name in find_source(source_id).files]
    for source_id, name in files:
        raw_file(source_id, name)
    return fingerprint_of(files)
