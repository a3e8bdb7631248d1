"""Looking things up offline: documents, notebooks, tables and their rows, each with its place."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from gunmane_analysis import findings
from gunmane_analysis.areas import children, find_area, list_areas
from gunmane_analysis.loaders.store import load_table
from gunmane_analysis.paths import notebooks_dir, project_root, read_yaml
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.sources import find_source, read_register
from gunmane_analysis.tables import ColumnDescription, TableDescription, describe, table_ids
from gunmane_analysis.tables.indicators import indicators

_COLUMNS = ["種類", "名", "内容", "出典"]
_SATURATION, _LENGTH_WEIGHT = 1.2, 0.4  # BM25's k1 and b
_TITLE_WEIGHT = 3
_KIND_WEIGHTS = {"表の列": 0.75}  # a table's column after the table, term or question itself
_OUR_WEIGHT = 0.5  # of a word that the table of readers' words adds
_LEAST_SHARE = 1 / 4  # of the query's weight that a hit has
_WORD = re.compile(r"[a-z0-9_]+|[^\W_a-z0-9ぁ-ん]+")  # hiragana between words carries little
_LINE = re.compile(r"^(?:(?!gunmane find)(\S.*?) +# (.+)|\s*- (.+?)：(.+))$", re.MULTILINE)
_ITEM = re.compile(r"^\d+\. (.+?。)(.*(?:\n +.+)*)", re.MULTILINE)
_ANSWERED = re.compile(r"^\| ([^|]+) \| `([^`]+)` \|", re.MULTILINE)
_EXPLAIN = "gunmane data explain "
_EXPLORED = "notebooks/exploration/municipalities.ipynb（load_municipalities の列）"
Entry = tuple[str, str, str, str]


def find(query: str, top: int = 10) -> pd.DataFrame:
    """Look up cases, desks, steps, terms, tables, sources, documents and notebooks, offline.

    Ranked as search engines do (BM25) on pairs of characters, the title counted three times: an
    entry comes first that has the query's rarer words, in a short text and most of its title.
    A long word counts as the root of its pairs; ``asked.yml`` has what readers ask in other words
    than an entry's.

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
    refuse_if(not isinstance(query, str), "text-form", given=query)
    weights: dict[str, float] = {}
    rows = read_yaml(Path(__file__).with_name("synonyms.yml"))
    ours = {word: row for words, row in rows.items() for word in words.split()}
    towns = list_areas("municipality")  # whose prefectures lead to desks and cases
    prefectures = {town.name: town.ancestor("prefecture").name for town in towns}
    named = f"{query} {_replaced(query, prefectures)}"
    for words, weight in ((_replaced(query, ours), _OUR_WEIGHT), (named, 1.0)):
        for pairs in _words(words):
            weights |= dict.fromkeys(pairs, weight / math.sqrt(len(pairs)))
    refuse_if(not weights, "query-empty")
    entries = list(dict.fromkeys(findable()))
    asked = read_yaml(Path(__file__).with_name("asked.yml"))
    titles = [set(_pairs(title)) for _, title, *_ in entries]
    texts = [
        Counter(_pairs(f"{kind} {_TITLE_WEIGHT * f'{title} '} {text} {asked.get(title, '')}"))
        for kind, title, text, _ in entries
    ]
    entry_counts = Counter(chain.from_iterable(texts))
    average = sum(map(Counter.total, texts)) / len(texts)

    def rarity(pairs: set[str]) -> float:
        return sum(
            weights.get(pair, 1) * math.log(1 + len(texts) / (entry_counts[pair] + 0.5))
            for pair in pairs
        )

    wanted = weights.keys() & entry_counts.keys()
    least, scores = _LEAST_SHARE * rarity(wanted), []
    for (kind, *_), title, text in zip(entries, titles, texts, strict=True):
        found = wanted & set(text)
        length = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * text.total() / average)
        score = sum(rarity({pair}) * text[pair] / (text[pair] + length) for pair in found)
        score *= 1 + rarity(found & title) / max(rarity(title), 1) / 2
        scores.append(score * _KIND_WEIGHTS.get(kind, 1) if found and rarity(found) >= least else 0)
    ranked = sorted(filter(scores.__getitem__, range(len(entries))), key=lambda each: -scores[each])
    hits = pd.DataFrame([entries[each] for each in ranked], columns=_COLUMNS)
    again = hits.duplicated("名")  # e.g. a city's second contract, after other hits
    return pd.concat([hits[~again], hits[again]], ignore_index=True).head(top)


def _replaced(query: str, words: Mapping[str, str]) -> str:
    """Return the synonyms of a query's words; at each position the longest word counts."""
    plain = unicodedata.normalize("NFKC", query).lower()
    longest_first = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return " ".join(words[word] for word in re.findall(longest_first, plain))


def _words(text: str) -> list[list[str]]:
    """Return the words of a text, a Japanese one as its pairs of characters."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    return [
        [word] if len(word) < 3 or word.isascii() else list(map("".join, pairwise(word)))
        for word in words
    ]


def _pairs(text: str) -> Iterator[str]:
    return chain.from_iterable(_words(text))


def findable() -> Iterator[Entry]:
    """Yield all that can be found: its kind, name, text and place."""
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
    """Yield the parts of a text under its headings, and the lines that name one thing each."""
    for part in re.split(r"^#+ ", markdown, flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        place = f"{path.as_posix()} の「{title}」"
        yield kind, title, " ".join(text.split()), place
        for command, comment, item, its_text in _LINE.findall(text):
            yield kind, comment or item.strip("*"), command or its_text, place
        for sentence, rest in _ITEM.findall(text):
            yield kind, sentence, " ".join(rest.split()), place
        for question, expression in _ANSWERED.findall(text):
            yield "問い", question, _calls(expression), place


def _cell_text(cell: dict[str, Any]) -> str:
    """Return prose as it is, of a cell of code the functions that it calls."""
    source = "".join(cell["source"])
    return source if cell["cell_type"] == "markdown" else _calls(source)


def _calls(code: str) -> str:
    return "、".join(re.findall(r"\b[a-z]\w+(?=\()", code))


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
    if column.name == "block_id":
        return _joined(column.label, *(area.name for area in children(value)))
    if column.kind == "prefecture":
        return find_area(value).name
    text = value if isinstance(value, str) else f"{value:g}{column.unit}"
    return f"{column.label} {'・'.join(column.words.get(each, each) for each in text.split(';'))}"
