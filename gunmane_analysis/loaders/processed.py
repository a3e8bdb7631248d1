"""Tables as files under ``data/processed``, each with the digest of all that it was made from."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from gunmane_analysis.paths import processed_dir
from gunmane_analysis.refusals import refusal
from gunmane_analysis.sources import find_source

if TYPE_CHECKING:
    import pandas as pd

_FINGERPRINT = b"gunmane.fingerprint"
_CODE = ("areas", "intake", "loaders", "tables", "reference_data", "sources.py")


def code_behind_tables() -> list[Path]:
    """Return the files of the package that the content of tables depends on."""
    package = Path(__file__).parents[1]
    files = [
        file
        for place in _CODE
        for file in ([package / place] if "." in place else (package / place).rglob("*"))
        if file.suffix in (".py", ".yml", ".csv")
    ]
    return sorted(files)


@functools.cache
def code_digest() -> bytes:
    """Return the digest of the program and of all descriptions behind tables."""
    digest = hashlib.sha256()
    for file in code_behind_tables():
        digest.update(file.read_bytes())
    return digest.digest()


def fingerprint_of(files: Iterable[tuple[str, str]]) -> bytes:
    """Return the digest of the program and of what the register says of files of sources.

    That is, by source and name, the hash, the year and the confirmed codes.
    """
    digest = hashlib.sha256(code_digest())
    for source, name in ((find_source(source_id), name) for source_id, name in files):
        year, confirmed = source.read_as(name)
        digest.update(f"{name}={source.files[name]} {year, sorted(confirmed)}\n".encode())
    return digest.hexdigest().encode()


def delivered_path(sha256: str) -> Path:
    """Return where the checked rows of a delivered file are kept."""
    return processed_dir() / "delivered" / f"{sha256}.parquet"


def stored_fingerprint(path: Path) -> bytes | None:
    """Return the digest that a table was written with; None where it is missing or damaged."""
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowInvalid):  # a damaged file is made again, it is not data
        return None
    return metadata.get(_FINGERPRINT)


def read_processed(path: Path) -> pd.DataFrame:
    """Return the table in a file."""
    # without Arrow's threads: the batch forks the process that has read its tables, which is
    # safe only while it has one thread, and tables of this size gain nothing from more
    with pq.ParquetFile(path, pre_buffer=False) as file:
        table: pd.DataFrame = file.read(use_threads=False).to_pandas(use_threads=False)
    return table


def write_processed(table: pd.DataFrame, path: Path, fingerprint: bytes) -> None:
    """Write a table with the digest of all that it was made from.

    Raises
    ------
    SourceError
        If the file cannot be written.
    """
    stored = pa.Table.from_pandas(table, preserve_index=False)
    stored = stored.replace_schema_metadata(
        {**(stored.schema.metadata or {}), _FINGERPRINT: fingerprint}
    )
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(stored, partial)
        os.replace(partial, path)
    except OSError as fault:
        raise refusal("table-unwritable", path=path, cause=fault.strerror or fault) from fault
    finally:
        partial.unlink(missing_ok=True)
