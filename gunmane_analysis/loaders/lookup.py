"""What can be looked up offline: cases, desks, steps, terms, columns and metrics, with sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from gunmane_analysis.loaders.store import load_table
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.sources import find_source
from gunmane_analysis.tables import ColumnDescription, describe, table_ids

_PACKAGE = Path(__file__).resolve().parents[1]
_COLUMNS = ["kind", "title", "text", "source"]
Entry = tuple[str, str, str, str]


def load_lookup_entries() -> pd.DataFrame:
    """Load everything that can be looked up.

    Returns
    -------
    DataFrame
        One row per entry: ``kind`` (事例, 経過, 声, 窓口, 段階, 束, 取組, 講座, 積算例, 用語, 図表,
        表の列, 指標), ``title``, ``text`` and ``source`` (the register's citation, or the file and
        line of the program).

    Examples
    --------
    >>> entries = load_lookup_entries()
    >>> entries.loc[entries["kind"] == "窓口", "title"].iloc[0]
    '北海道開発局'
    """
    rows = [
        *_rows(),
        *_columns(),
        *_definitions(),
        *_findings(),
        *_metrics(),
    ]
    return pd.DataFrame(rows, columns=_COLUMNS).drop_duplicates(ignore_index=True)


def _joined(*values: object) -> str:
    return "、".join(str(value) for value in values if isinstance(value, str) and value)


def _rows() -> Iterator[Entry]:
    """Rows of the tables that say in their description how they are found."""
    for table in (each for each in map(describe, table_ids()) if each.found_as):
        kind, title, names = (table.found_as[part] for part in ("kind", "title", "text"))
        source = find_source(table.table_id).citation
        for row in load_table(table.table_id).to_dict("records"):
            words = [_worded(table.columns[name], row[name]) for name in names]
            yield kind, row[title], _joined(*words, table.title), source


def _worded(column: ColumnDescription, value: Any) -> str:
    if value != value or value is None or value is False:
        return ""
    if column.choices:
        return "・".join(column.words[each] for each in value.split(";"))
    if column.kind == "flag":
        return column.label
    return str(value) if isinstance(value, str) else f"{column.label}{value:g}{column.unit}"


def _columns() -> Iterator[Entry]:
    for table in map(describe, table_ids()):
        for column in table.columns.values():
            text = _joined(f"表 {table.table_id} の列 {column.name}", column.unit, column.note)
            yield "表の列", column.label, text, f"表 {table.table_id}（{table.title}）"


def _definitions() -> Iterator[Entry]:
    """Terms that findings define: none is repeated here."""
    terms = _PACKAGE / "findings" / "_definitions.yml"
    for term in read_yaml(terms).values():
        yield "用語", term["term"], term["meaning"], "報告の用語"
    for path in sorted((_PACKAGE / "findings").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Definition":
                words = [word.value for word in node.args[:2] if isinstance(word, ast.Constant)]
                if len(words) == 2:
                    yield "用語", str(words[0]), str(words[1]), _place(path, node.lineno)


def _findings() -> Iterator[Entry]:
    """Titles of tables and charts, in the words that a page heads them with."""
    for path in sorted((_PACKAGE / "findings").glob("[a-z]*.yml")):
        for name, entry in read_yaml(path).items():
            yield "図表", entry["title"], f"頁の節 {path.stem} の図表 {name}", "報告の図表"
    for path in sorted((_PACKAGE / "findings").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                told = {word.arg: word.value for word in node.keywords}
                title, name = (told.get(key) for key in ("title", "finding_id"))
                if isinstance(title, ast.Constant) and isinstance(name, ast.Constant):
                    theme, _, rest = str(name.value).partition(".")
                    text = f"頁の節 {theme} の図表 {rest}"
                    yield "図表", str(title.value), text, _place(path, node.lineno)


def _metrics() -> Iterator[Entry]:
    for path in sorted((_PACKAGE / "metrics").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                told = (ast.get_docstring(node) or "").split("\n\n")[0]
                yield "指標", node.name, " ".join(told.split()), _place(path, node.lineno)


def _place(path: Path, line: int) -> str:
    return f"{path.relative_to(_PACKAGE.parent).as_posix()} {line}行目"
