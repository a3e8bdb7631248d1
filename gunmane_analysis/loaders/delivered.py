"""Delivered files to tables: every registered file of a source, through the intake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from gunmane_analysis.errors import SourceMismatchError
from gunmane_analysis.intake.check import check_file
from gunmane_analysis.intake.forms import DOCUMENT_SOURCES, form_ids, read_form
from gunmane_analysis.intake.frames import frame_of
from gunmane_analysis.intake.reading.workbook import Workbook, read_workbook
from gunmane_analysis.loaders.former import CHANGES, load_old_bodies
from gunmane_analysis.sources import find_source, raw_file
from gunmane_analysis.tables.table import Table

_EXAMPLES_TOLD = 5


def read_delivered(
    model: type[Table],
    path: Path,
    source_id: str | None = None,
    fiscal_year: int | None = None,
    confirmed: frozenset[str] = frozenset(),
    read: Callable[[Path], Workbook] = read_workbook,
) -> pd.DataFrame:
    """Read one delivered file as the rows of a table.

    Parameters
    ----------
    model : Table
    path : Path
    source_id : str, optional
        The source it is; the one that registers itself under the table's id when left out.
    fiscal_year : int, optional
        For files that do not say their year.
    confirmed : frozenset of str
        Codes whose great change from one year to another was confirmed when it was filed.
    read : callable
        Parses the file; for a caller that has begun to do so already.

    Raises
    ------
    SourceError
        Listing every fault of the file.
    """
    source_id = source_id or intake_id(model.table_id())
    old = {} if source_id == CHANGES else load_old_bodies()
    checked = check_file(path, source_id, fiscal_year, confirmed, old, read)
    return frame_of(checked, model)


def intake_id(register_id: str) -> str:
    """Return the source id of the intake whose files are registered under an entry.

    Examples
    --------
    >>> intake_id("municipal_participation"), intake_id("ssdse_a")
    ('participation', 'ssdse_a')
    """
    if register_id in DOCUMENT_SOURCES:
        return register_id
    return next(
        (each for each in form_ids() if read_form(each).register_id == register_id), register_id
    )


def read_every_file(
    model: type[Table], register_ids: Sequence[str], *, newest_wins: bool = False
) -> pd.DataFrame:
    """Read every registered file of some sources into one table.

    Where two files speak of the same row, values that one of them lacks are taken from the
    other.

    Parameters
    ----------
    model : Table
        Its key tells when two rows are the same.
    register_ids : sequence of str
        In order of trust, the most trusted last.
    newest_wins : bool
        Whether a later edition (by file name) may revise an earlier one.

    Raises
    ------
    SourceMismatchError
        If two files give different values for the same cell.
    """
    key = list(model.to_schema().unique or [])
    merged: pd.DataFrame | None = None
    for name, frame in _frames(model, register_ids):
        if not key:
            merged = frame if merged is None else pd.concat([merged, frame], ignore_index=True)
            continue
        indexed = frame.set_index(key)
        if merged is None:
            merged = indexed
            continue
        if not newest_wins:
            _stop_at_contradictions(merged, indexed, name)
        merged = indexed.combine_first(merged)
    assert merged is not None  # asked only of sources with files
    table = merged.reset_index() if key else merged
    table = table[list(model.to_schema().columns)]
    statuses = {name: "" for name in table.columns if name.endswith("_status") or name == "status"}
    kinds = {name: str(c.dtype) for name, c in model.to_schema().columns.items()}
    whole = {name: kind for name, kind in kinds.items() if kind in ("int64", "bool", "float64")}
    return table.fillna(statuses).astype(whole)


def _frames(model: type[Table], register_ids: Sequence[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each registered file's name and rows; the next file is parsed meanwhile."""
    files = [
        (source, register_id, name, raw_file(register_id, name.removeprefix(f"{register_id}/")))
        for register_id in register_ids
        for source in (find_source(register_id),)
        for name in sorted(source.files)
    ]
    with ThreadPoolExecutor(1) as ahead:  # one file ahead: more would only fill the memory
        begun = [ahead.submit(read_workbook, path) for *_, path in files[:1]]
        for number, (source, register_id, name, path) in enumerate(files, start=1):
            workbook = begun.pop()
            begun += [
                ahead.submit(read_workbook, later) for *_, later in files[number : number + 1]
            ]
            frame = read_delivered(
                model,
                path,
                intake_id(register_id),
                source.fiscal_years.get(name),
                source.confirmed.get(name, frozenset()),
                _parsed(workbook),
            )
            yield name, frame


def _parsed(workbook: Future[Workbook]) -> Callable[[Path], Workbook]:
    return lambda _: workbook.result()


def _stop_at_contradictions(earlier: pd.DataFrame, later: pd.DataFrame, name: str) -> None:
    common = earlier.index.intersection(later.index)
    if common.empty:
        return
    told = []
    for column in later.columns:
        if column.endswith("_status") or column == "status":
            continue
        old, new = earlier.loc[common, column], later.loc[common, column]
        wrong = old.notna() & new.notna() & (old.astype("object") != new.astype("object"))
        told += [
            f"{'・'.join(map(str, key if isinstance(key, tuple) else (key,)))} の {column}: "
            f"{old[key]} と {new[key]}"
            for key in common[wrong.to_numpy()][:_EXAMPLES_TOLD]
        ]
    if told:
        raise SourceMismatchError(
            f"「{name}」が、ほかの登録済みのファイルと違う値を持っています。\n  "
            + "\n  ".join(told[:_EXAMPLES_TOLD]),
            expected="同じ団体・同じ年には一つの値",
            advice="古い方のファイルの登録を外すか、値を確かめて直したファイルに差し替えてください。",
        )
