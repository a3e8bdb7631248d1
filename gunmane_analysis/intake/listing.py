"""What is registered, what each theme still lacks, and what the columns of a table mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pyarrow.parquet as pq

from gunmane_analysis.intake.forms import DOCUMENT_SOURCES, form_ids, read_form
from gunmane_analysis.paths import processed_dir
from gunmane_analysis.sources import read_register
from gunmane_analysis.tables.table import table_named, tables

_TABLE_OF: Mapping[str, str] = MappingProxyType(
    {
        "ssdse_a": "municipal_indicators",
        "mic_fiscal_index": "municipal_fiscal_index",
        "mic_population": "municipal_population",
        "ipss_population": "population_projection",
        "teiin": "municipal_staffing",
        "ssds": "prefecture_items",
        "prefecture_series": "staffing",
    }
)
# Which sources, by their register's name, a theme uses beside those that are delivered with it.
_WANTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "staffing": ("teiin", "municipal_staffing"),
        "funnel": ("funnel_counts", "funnel_cases"),
        "contracts": ("contracts", "contract_outcomes"),
        "profile": (
            "municipal_panel", "ssdse_a", "mic_fiscal_index", "ipss_population", "teiin",
            "municipal_staffing", "adjacency",
        ),
        "steps": ("step_positions", "municipal_participation"),
        "groups": ("adjacency", "boundaries", "teiin", "group_conditions"),
        "matching": ("advisors", "support_requests"),
        "seeds": ("technology_needs", "technology_seeds"),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """The registered sources, one dict each, and by theme the sources that are not filed."""

    sources: tuple[dict[str, Any], ...]
    lacking: Mapping[str, tuple[str, ...]]

    def to_record(self) -> dict[str, Any]:
        """Return the listing for JSON."""
        return {
            "sources": list(self.sources),
            "lacking": {theme: list(names) for theme, names in self.lacking.items()},
        }


def list_sources() -> Listing:
    """Return every registered source with its as-of date, files, rows and covered years."""
    register = read_register()
    sources = []
    for source in register.values():
        table_id = _TABLE_OF.get(source.source_id, source.source_id)
        rows, coverage = _rows_and_coverage(table_id)
        sources.append(
            {
                "source_id": source.source_id,
                "title": source.title,
                "producer": source.document.producer if source.document else source.producer,
                "as_of": source.as_of,
                "files": list(source.files),
                "table": table_id,
                "rows": rows,
                "coverage": coverage,
            }
        )
    lacking = {
        theme: tuple(name for name in names if name not in register)
        for theme, names in _WANTED.items()
    }
    return Listing(tuple(sources), lacking)


def _rows_and_coverage(table_id: str) -> tuple[int | None, str]:
    """Return a processed table's rows, and the years and areas it covers, without loading it."""
    path = processed_dir() / f"{table_id}.parquet"
    if not path.is_file():
        return None, ""
    with pq.ParquetFile(path) as file:
        names = set(file.schema_arrow.names)
        parts = []
        year = next((n for n in ("fiscal_year", "year") if n in names), None)
        if year:
            years = file.read([year], use_threads=False).column(year).to_pylist()
            known = sorted({value for value in years if value is not None})
            parts += [f"{known[0]}〜{known[-1]}年度"] if known else []
        for name, word in (("municipality_code", "市区町村"), ("prefecture_code", "都道府県")):
            if name in names:
                codes = file.read([name], use_threads=False).column(name).to_pylist()
                parts.append(f"{len(set(codes) - {None}):,}{word}")
                break
        return file.metadata.num_rows, "、".join(parts)


def words_of_listing(listing: Listing) -> str:
    """Word the listing: one paragraph a source, then what each theme lacks."""
    lines = ["登録されている資料"]
    for entry in listing.sources:
        rows = _rows_in_words(entry)
        told = f"、{entry['coverage']}" if entry["coverage"] else ""
        as_of = f"（{entry['as_of']}）" if entry["as_of"] else ""
        lines.append(f"・{entry['source_id']}: {entry['title']}{as_of}")
        lines.append(f"    表 {entry['table']}: {rows}{told}、ファイル {len(entry['files'])}")
    lines += ["", "各テーマで、登録するとさらに分かる資料"]
    for theme, names in listing.lacking.items():
        told = "、".join(f"{name}（{_title(name)}）" for name in names) or "なし（そろっています）"
        lines.append(f"・{theme}: {told}")
    lines.append("様式のある資料は gunmane data template で、登録は gunmane data add で行います。")
    return "\n".join(lines)


def _rows_in_words(entry: Mapping[str, Any]) -> str:
    if entry["rows"] is not None:
        return f"{entry['rows']:,}行"
    if entry["table"] not in tables():
        return "表を作らず、そのまま読む"
    return "未作成（gunmane data build で作る）"


def _title(source_id: str) -> str:
    if source_id in DOCUMENT_SOURCES:
        return DOCUMENT_SOURCES[source_id]
    match = next((i for i in form_ids() if source_id in (i, read_form(i).register_id)), source_id)
    return read_form(match).title


def words_of_table(table_id: str) -> str:
    """Word the codebook of a table: its grain, then name, label, unit and note per column.

    Raises
    ------
    SchemaError
        If there is no such table.
    """
    model = table_named(table_id)
    lines = [f"表 {table_id}: 1行 = {model.grain()}", ""]
    for row in model.codebook().to_dict("records"):
        unit = f"［{row['unit']}］" if row["unit"] else ""
        missing = "" if row["required"] else "（空欄あり）"
        note = f" {row['note']}" if row["note"] else ""
        lines.append(f"・{row['column']}: {row['label']}{unit}{missing}{note}")
    return "\n".join(lines)
