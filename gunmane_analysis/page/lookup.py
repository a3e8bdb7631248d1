"""Looking things up offline: documents, notebooks, tables and their rows, each with its place."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gunmane_analysis import findings
from gunmane_analysis.errors import DesignError
from gunmane_analysis.loaders.store import load_table
from gunmane_analysis.paths import notebooks_dir, project_root, read_yaml
from gunmane_analysis.sources import find_source, read_register
from gunmane_analysis.tables import ColumnDescription, TableDescription, describe, table_ids
from gunmane_analysis.tables.indicators import indicators

_COLUMNS = ["種類", "名", "内容", "出典"]
_TITLE_WEIGHT = 0.5
_LEAST_SHARE = 1 / 4  # of the query's weight that a hit has
_WORD = re.compile(r"[a-z0-9_]+|[^\W_a-z0-9ぁ-ん]+")  # hiragana between words carries little
_EXPLAIN = "gunmane data explain "
_EXPLORED = "notebooks/exploration/municipalities.ipynb（load_municipalities の列）"
Entry = tuple[str, str, str, str]


def find(query: str, top: int = 10) -> pd.DataFrame:
    """Look up cases, desks, steps, terms, tables, sources, documents and notebooks, offline.

    Entries that share the query's rarer pairs of characters come first, those that share them
    in their title before others.

    Parameters
    ----------
    query : str
        Words or a question, e.g. ``"除草の費用"``; width and letter case do not matter.
    top : int
        Entries at most.

    Returns
    -------
    DataFrame
        One row per hit, best first: 種類, 名, 内容, and 出典, the document, notebook or command
        in which it stands. No rows where nothing has a quarter of the query.

    Raises
    ------
    DesignError
        If the query is empty.

    Examples
    --------
    >>> find("相談窓口 東北")["名"].iloc[0]
    '東北地方整備局'
    """
    wanted = set(_pairs(_reworded(query)))
    if not wanted:
        raise DesignError("調べる言葉がありません。", expected="例: gunmane find 除草の費用")
    entries = pd.DataFrame(_entries(), columns=_COLUMNS).drop_duplicates(ignore_index=True)
    texts = entries["種類"] + " " + entries["名"] + " " + entries["内容"]
    parts = [set(_pairs(text)) for text in texts]
    counts = Counter(chain(wanted, *parts))
    # by hand, since the import of scikit-learn takes longer than all the rest (0.8 of 1.7 s)
    rarity = {pair: 1 + math.log((2 + len(parts)) / (1 + count)) for pair, count in counts.items()}

    def weight(pairs: set[str], power: int = 1) -> float:
        return sum(rarity[pair] ** power for pair in pairs)

    share = np.array([weight(part & wanted) for part in parts]) / weight(wanted)
    titles = [set(_pairs(title)) for title in entries["名"]]
    cosine = [
        weight(title & wanted, 2) / math.sqrt(max(weight(title, 2), 1.0) * weight(wanted, 2))
        for title in titles
    ]
    best = (-share - _TITLE_WEIGHT * np.array(cosine)).argsort(kind="stable")
    found: pd.DataFrame = entries.iloc[best[share[best] >= _LEAST_SHARE][:top]]
    return found.reset_index(drop=True)


def _reworded(query: str) -> str:
    """Return a query with the report's words for a reader's, where these differ."""
    plain = unicodedata.normalize("NFKC", query).lower()
    for theirs, ours in read_yaml(Path(__file__).with_name("synonyms.yml")).items():
        plain = plain.replace(theirs, f" {ours} ")
    return plain


def _pairs(text: str) -> list[str]:
    """Return the pairs of characters in each Japanese word of a text, and its other words."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    return [
        pair
        for word in words
        for pair in ([word] if len(word) < 3 or word.isascii() else map("".join, pairwise(word)))
    ]


def _entries() -> Iterator[Entry]:
    register, tables = read_register(), [*map(describe, table_ids())]
    by_label: dict[str, list[tuple[str, str]]] = {}
    for table in tables:
        yield from _rows(table)
        labels = [column.label for column in table.columns.values()]
        text, place = _joined(table.table_id, table.answers, *labels), f"{_EXPLAIN}{table.table_id}"
        yield "表", table.title, text, place
        for column in (each for each in table.columns.values() if not each.is_derived):
            text = _joined(column.name, column.unit, column.note, table.title)
            by_label.setdefault(column.label, []).append((text, place))
    for label, facts in by_label.items():
        texts, places = (dict.fromkeys(part) for part in zip(*facts, strict=True))
        yield "表の列", label, _joined(*texts), _joined(*places)
    for source in register.values():
        if source.title not in {table.title for table in tables}:
            yield "資料", source.title, _joined(source.unit, source.caveat), source.citation
    for each in indicators().values():
        yield "指標", each.label, _joined(each.unit, each.note, each.indicator_id), _EXPLORED
    for term in read_yaml(Path(findings.__path__[0]) / "_definitions.yml").values():
        yield "用語", term["term"], term["meaning"], "報告書のページの「用語」"
    root = project_root()
    for path in sorted(notebooks_dir().rglob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        yield from _parts("問い", path.relative_to(root), "\n".join(map(_cell_text, cells)))
    for path in (root / "README.ja.md", *sorted((root / "docs").glob("*.md"))):
        if path.is_file():
            yield from _parts("文書", path.relative_to(root), path.read_text("utf-8"))


def _parts(kind: str, path: Path, markdown: str) -> Iterator[Entry]:
    """Yield the parts of a text under its headings."""
    for part in re.split(r"^#+ ", markdown, flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        yield kind, title, " ".join(text.split()), f"{path.as_posix()} の「{title}」"


def _cell_text(cell: dict[str, Any]) -> str:
    """Return prose as it is, of a cell of code the functions that it calls."""
    source = "".join(cell["source"])
    is_prose = cell["cell_type"] == "markdown"
    return source if is_prose else "、".join(re.findall(r"[a-z]\w+(?=\()", source))


def _rows(table: TableDescription) -> Iterator[Entry]:
    """Yield the rows of a table that says in its description how they are found."""
    if table.found_as:
        source = find_source(table.table_id).citation
        for row in load_table(table.table_id).to_dict("records"):
            words = [_worded(table.columns[name], row[name]) for name in table.found_as["text"]]
            title = row[table.found_as["title"]]
            yield table.found_as["kind"], title, _joined(*words, table.title), source


def _joined(*values: object) -> str:
    return "、".join(str(value) for value in values if value)


def _worded(column: ColumnDescription, value: Any) -> str:
    if pd.isna(value) or value is False:
        return ""
    if column.kind == "flag":
        return column.label
    text = value if isinstance(value, str) else f"{value:g}{column.unit}"
    return f"{column.label} {'・'.join(column.words.get(each, each) for each in text.split(';'))}"
