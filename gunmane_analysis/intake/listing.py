"""What is registered, what each theme still lacks, and what the columns of a table mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
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
        ``sources``: a dict each with its as-of date, files, rows and covered years;
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
            "files": list(source.files),
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


def words_of_listing(listing: Mapping[str, Any]) -> str:
    """Word the listing: one paragraph a source, then what each theme lacks."""
    lines = ["登録されている資料"]
    for entry in listing["sources"]:
        coverage = f"、{entry['coverage']}" if entry["coverage"] else ""
        as_of = f"（{entry['as_of']}）" if entry["as_of"] else ""
        is_built = entry["table"] in table_ids()
        rows = "未作成（gunmane data build で作る）" if is_built else "表を作らず、そのまま読む"
        rows = rows if entry["rows"] is None else f"{entry['rows']:,}行"
        lines.append(f"・{entry['source_id']}: {entry['title']}{as_of}")
        lines.append(f"    表 {entry['table']}: {rows}{coverage}、ファイル {len(entry['files'])}")
    lines += ["", "各テーマで、登録するとさらに分かる資料"]
    for theme, names in listing["lacking"].items():
        titled = "、".join(f"{name}（{_title(name)}）" for name in names)
        lines.append(f"・{theme}: {titled or 'なし（そろっています）'}")
    lines.append("様式のある資料は gunmane data template で、登録は gunmane data add で行います。")
    return "\n".join(lines)


def words_of_files() -> str:
    """Word every registered file by source, and what was replaced or removed with its reason."""
    lines = ["登録されているファイル（data/raw の下）"]
    for source in read_register().values():
        lines.append(f"・{source.source_id}: {source.title}")
        lines += [f"    {name}（SHA-256 {sha256[:12]}…）" for name, sha256 in source.files.items()]
        for kept, facts in source.replaced.items():
            by = facts.get("replaced_by", "")
            done = f"「{by}」に差し替え" if by else "登録から外した"
            lines.append(f"    {facts['on']} {facts['name']}: {done}。理由: {facts['reason']}")
            is_kept = (raw_dir() / kept).is_file()
            lines.append(f"      保管: {kept if is_kept else 'なし（外す前に失われていた）'}")
    return "\n".join(lines)


def words_of_tables() -> str:
    """Word the list of tables: name, title and grain."""
    tables = map(describe, table_ids())
    lines = (f"・{each.table_id}: {each.title}（1行 = {each.grain}）" for each in tables)
    title = "表の一覧（gunmane data explain 表の名前 で、列の意味と単位を示します）"
    return "\n".join([title, *lines])


def _title(source_id: str) -> str:
    table = describe(table_of_source()[source_id])
    return str(table.sources[source_id].get("title", table.title))


def words_of_table(table_id: str) -> str:
    """Word the codebook of a table: its grain, then name, label, unit and note per column.

    Raises
    ------
    TableError
        If there is no such table.
    """
    table = describe(table_id)
    lines = [f"表 {table_id}: {table.title}", f"1行 = {table.grain}", ""]
    for name, column in table.columns.items():
        unit = f"［{column.unit}］" if column.unit else ""
        missing = "（空欄あり）" if column.nullable else ""
        words = f" 選択肢: {'、'.join(column.words.values())}" if column.words else ""
        note = f" {column.note}" if column.note else ""
        lines.append(f"・{name}: {column.label}{unit}{missing}{note}{words}")
    return "\n".join(lines)
