"""What is registered, what each theme still lacks, and what the columns of a table mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from gunmane_analysis.paths import processed_dir, raw_dir
from gunmane_analysis.sources import is_filed, read_register
from gunmane_analysis.tables import describe, table_ids, table_of_source


def list_sources() -> dict[str, Any]:
    """Return every registered source, and by theme the sources that are not filed.

    Returns
    -------
    dict
        ``sources``: a dict each with its as-of date, files with their SHA-256, what was replaced
        or removed, rows and covered years;
        ``lacking``: by theme a list of ids.
    """
    sources = []
    for source in read_register().values():
        table_id = table_of_source().get(source.source_id, source.source_id)
        rows, coverage = _rows_and_coverage(table_id)
        facts = {name: getattr(source, name) for name in ("source_id", "title", "as_of")}
        replaced = {name: dict(facts) for name, facts in source.replaced.items()}
        facts |= {
            "producer": source.cited[0].producer,
            "files": dict(source.files),
            "replaced": replaced,
        }
        sources.append({**facts, "table": table_id, "rows": rows, "coverage": coverage})
    lacking: dict[str, list[str]] = defaultdict(list)
    for table in map(describe, table_ids()):
        for theme in table.shown:
            lacking[theme] += [name for name in table.sources if not is_filed(name)]
    return {"sources": sources, "lacking": dict(sorted(lacking.items()))}


def _rows_and_coverage(table_id: str) -> tuple[int | None, str]:
    """Return a processed table's rows, and the years and areas it covers, without loading it."""
    path = processed_dir() / f"{table_id}.parquet"
    if not path.is_file():
        return None, ""
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        found = {}
        for name in ("fiscal_year", "year", "municipality_code", "prefecture_code"):
            cells = file.read([name], use_threads=False).column(name) if name in names else []
            found[name] = sorted({cell.as_py() for cell in cells} - {None})
        years, towns = found["fiscal_year"] or found["year"], found["municipality_code"]
        parts = [f"{years[0]}〜{years[-1]}年度"] if years else []
        if codes := towns or found["prefecture_code"]:
            parts.append(f"{len(codes):,}{'市区町村' if towns else '都道府県'}")
        return file.metadata.num_rows, "、".join(parts)


def words_of(kind: str, *facts: Any) -> str:
    """Word a listing by its macro in ``listing.txt``: sources, files, tables or one table."""
    from jinja2 import Environment  # not where the listing is JSON

    environment = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=False)
    template = environment.from_string(Path(__file__).with_suffix(".txt").read_text("utf-8"))
    return str(getattr(template.module, kind)(*facts)).strip()


def words_of_listing(listing: Mapping[str, Any]) -> str:
    """Word the listing: one paragraph a source, then what each theme lacks."""
    titles = {
        name: facts.get("title", table.title)
        for table in map(describe, table_ids())
        for name, facts in table.sources.items()
    }
    return words_of("sources", listing, titles, table_ids())


def words_of_files() -> str:
    """Word every registered file by source, and what was replaced or removed with its reason."""
    register = read_register().values()
    kept = [place for each in register for place in each.replaced if (raw_dir() / place).is_file()]
    return words_of("files", register, kept)


def words_of_tables(table_id: str = "") -> str:
    """Word the codebook of a table, or the list of tables: name, title and grain.

    Raises
    ------
    TableError
        If there is no such table.
    """
    if table_id:
        return words_of("table", describe(table_id))
    return words_of("tables", map(describe, table_ids()))
