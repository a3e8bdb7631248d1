"""The processed tables: rebuilt from raw when anything they stand on has changed."""

from __future__ import annotations

import functools
import hashlib
import inspect
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gunmane_analysis import intake, tables
from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake import reading
from gunmane_analysis.paths import processed_dir
from gunmane_analysis.sources import find_source, raw_file
from gunmane_analysis.tables import Table

_FINGERPRINT = b"gunmane.fingerprint"


def load_processed(
    model: type[Table], build: Callable[[], pd.DataFrame], source_ids: Sequence[str]
) -> pd.DataFrame:
    """Return a processed table, rebuilding it first when its raw files or its code changed.

    Parameters
    ----------
    model : Table
        The schema, which also names the file under ``data/processed``.
    build : callable
        Reads the raw files and returns the table.
    source_ids : sequence of str
        The sources the table is built from; their hashes are checked at every load.

    Returns
    -------
    DataFrame
        Checked against ``model``.

    Raises
    ------
    SourceError, SchemaError
        If a raw file is missing or altered, or the table breaks its schema.
    """
    path = processed_dir() / f"{model.table_id()}.parquet"
    fingerprint = _fingerprint(build, source_ids)
    if _stored_fingerprint(path) != fingerprint:
        table = model.check(build(), f"資料 {'、'.join(source_ids)} ")
        _write(table, path, fingerprint)
    return _read(path)


def _read(path: Path) -> pd.DataFrame:
    # without Arrow's threads: the batch forks the process that has read its tables, which is
    # safe only while it has one thread, and tables of this size gain nothing from more
    with pq.ParquetFile(path, pre_buffer=False) as file:
        table: pd.DataFrame = file.read(use_threads=False).to_pandas(use_threads=False)
    return table


def _fingerprint(build: Callable[[], pd.DataFrame], source_ids: Sequence[str]) -> bytes:
    digest = hashlib.sha256()
    for source_id in source_ids:
        for name, sha256 in sorted(find_source(source_id).files.items()):
            raw_file(source_id, name.removeprefix(f"{source_id}/"))
            digest.update(f"{name}={sha256}\n".encode())
    builder = inspect.getsourcefile(inspect.unwrap(build))
    assert builder is not None  # builders are functions of this package, never built-ins
    digest.update(_code_digest(Path(builder)))
    return digest.hexdigest().encode()


@functools.cache
def _code_digest(builder: Path) -> bytes:
    """Return the digest of the code that a table's content depends on."""
    loaders = Path(__file__).parent
    places = tuple(Path(package.__path__[0]) for package in (tables, intake, reading))
    code = [builder, loaders / "delivered.py", loaders / "shipped.py"]
    code += (file for p in places for file in p.glob("*.py"))
    code += (loaders.parent / "reference_data" / "column_maps").glob("*.yml")
    digest = hashlib.sha256()
    for file in sorted(set(code)):
        digest.update(file.read_bytes())
    return digest.digest()


def _stored_fingerprint(path: Path) -> bytes | None:
    if not path.is_file():
        return None
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowInvalid):  # a damaged cache is rebuilt, it is not data
        return None
    return metadata.get(_FINGERPRINT)


def _write(table: pd.DataFrame, path: Path, fingerprint: bytes) -> None:
    stored = pa.Table.from_pandas(table, preserve_index=False)
    stored = stored.replace_schema_metadata(
        {**(stored.schema.metadata or {}), _FINGERPRINT: fingerprint}
    )
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(stored, beside)
        os.replace(beside, path)
    except OSError as fault:
        raise SourceError(
            f"「{path}」に書き込めません（{fault.strerror or fault}）。",
            advice="空き容量と書き込み権限を確認してください。",
        ) from fault
    finally:
        beside.unlink(missing_ok=True)
