"""What can be looked up offline: cases, desks, steps, terms, columns and metrics, with sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from gunmane_analysis.loaders.store import load_table
from gunmane_analysis.sources import find_source
from gunmane_analysis.tables import describe, label_of, table_ids

_PACKAGE = Path(__file__).resolve().parents[1]
_COLUMNS = ["kind", "title", "text", "source"]
Entry = tuple[str, str, str, str]


def load_lookup_entries() -> pd.DataFrame:
    """Load everything that can be looked up.

    Returns
    -------
    DataFrame
        One row per entry: ``kind`` (事例, 経過, 声, 窓口, 段階, 束, 取組, 講座, 用語, 図表,
        表の列, 指標), ``title``, ``text`` and ``source`` (the register's citation, or the file and
        line of the program).

    Examples
    --------
    >>> entries = load_lookup_entries()
    >>> entries.loc[entries["kind"] == "窓口", "title"].iloc[0]
    '北海道開発局'
    """
    rows = [
        *_cases(),
        *_support(),
        *_steps(),
        *_columns(),
        *_definitions(),
        *_findings(),
        *_metrics(),
    ]
    return pd.DataFrame(rows, columns=_COLUMNS).drop_duplicates(ignore_index=True)


def _joined(*values: object) -> str:
    return "、".join(str(value) for value in values if isinstance(value, str) and value)


def _cases() -> Iterator[Entry]:
    source = find_source("contract_cases").citation
    for row in load_table("contract_cases").to_dict("records"):
        text = _joined(
            row["area_label"],
            label_of(row["infrastructure_fields"]),
            label_of(row["tasks"]),
            label_of(row["organisation_type"]),
            row["amount_text"],
            "性能規定" if row["is_performance_based"] else "",
            f"{row['first_fiscal_year']:.0f}年度開始",
        )
        yield "事例", row["municipality_name"], text, source
    source = find_source("contract_phases").citation
    for row in load_table("contract_phases").to_dict("records"):
        yield "経過", row["place_name"], _joined(row["period_text"], row["description"]), source
    source = find_source("stated_effects").citation
    for row in load_table("stated_effects").to_dict("records"):
        speaker = label_of(row["stated_by"])
        yield "声", row["effect"], _joined(row["place_name"], speaker, row["detail"]), source


def _support() -> Iterator[Entry]:
    source = find_source("consultation_desks").citation
    for row in load_table("consultation_desks").to_dict("records"):
        yield (
            "窓口",
            row["office"],
            _joined("自治体メンテ相談窓口", row["section"], f"電話{row['phone']}"),
            source,
        )
    source = find_source("me_courses").citation
    for row in load_table("me_courses").to_dict("records"):
        text = _joined(row["prefecture_name"], row["organiser"], row["certified_name"])
        yield "講座", row["course_name"], text, source
    source = find_source("support_programmes").citation
    for row in load_table("support_programmes").to_dict("records"):
        yield "取組", row["name"], _joined(row["category_ja"], row["organiser"]), source


def _steps() -> Iterator[Entry]:
    source = find_source("standard_steps").citation
    for row in load_table("standard_steps").to_dict("records"):
        yield "段階", f"STEP{row['step_no']} {row['step_name']}", row["task"], source
    source = find_source("bundle_kinds").citation
    for row in load_table("bundle_kinds").to_dict("records"):
        yield "束", row["name_ja"], row["description"], source


def _columns() -> Iterator[Entry]:
    for table in map(describe, table_ids()):
        for column in table.columns.values():
            text = _joined(f"表 {table.table_id} の列 {column.name}", column.unit, column.note)
            yield "表の列", column.label, text, f"表 {table.table_id}（{table.title}）"


def _definitions() -> Iterator[Entry]:
    """Terms that findings define, read from the program's text: none is repeated here."""
    for path in sorted((_PACKAGE / "findings").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Definition":
                words = [word.value for word in node.args[:2] if isinstance(word, ast.Constant)]
                if len(words) == 2:
                    yield "用語", str(words[0]), str(words[1]), _place(path, node.lineno)


def _findings() -> Iterator[Entry]:
    """Titles of tables and charts, in the words that a page heads them with."""
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
