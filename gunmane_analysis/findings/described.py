"""Findings whose fixed words are data: ``<theme>.yml`` beside this module describes them.

An entry of ``<theme>.yml`` is headed by the second half of a finding's id and holds what does not
depend on the figures:

``title``
    The caption. As in every text of an entry, ``{area}`` and the like are filled in by ``words``.
``columns``
    What the table shows, in order: a name of ``_columns.yml``, or a name with its label alone,
    with ``[label, unit, kind, decimals]``, or with these by name. A column that the table lacks is
    made of its row: by the sentence ``text``; or, if it is called ``<name>_ja``, of its ``<name>``
    by the mapping or the list of choices that ``words`` gives (``areas``: the names of areas), else
    by the one word that an id has in all lists of choices.
``headline``, ``summary``, ``certainty``, ``method``, ``alt``
    Sentences about the figures, filled in by :func:`filled`. The last four may name the
    ``{headline}``; ``alt`` is the chart's alternative text.
``sources``, ``caveats``, ``definitions``
    Ids of the register; sentences, or names of ``_notes.yml``; names of ``_definitions.yml``.
``unknown``, ``is_dated``
    What was not known yet in an early year; whether the source prints the day of each figure, so
    that none counts as known in 2024 only.
``status``, ``placement``, ``summary_rank``
    As in :class:`~gunmane_analysis.findings.finding.Finding`.
``cases``
    By name, what is in place of the entry's texts where there are no figures, or others: such a
    case has its own caveats, terms, cards, certainty, method and summary, or none. Those of
    ``_cases.yml`` are of every entry.
``absent_when_empty``
    Whether the finding is absent while its table has no row.
``is_partial``
    Whether the table may lack some of the columns; those that it has are shown.
``rows_shown``
    How many of the table's first rows are shown.
``cards``
    Key figures, by the fields of :class:`~gunmane_analysis.findings.finding.KeyFigure`: ``value``,
    ``block`` and ``nation`` name a figure (``{score.group_count}``), the others are texts. A card
    of a ``column`` takes its heading and unit, and the column's figure in each of the words
    ``own``, ``block`` and ``nation``, which are rows.
``marked_by``
    Columns whose texts say 合成 where a row is made up.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import string
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from gunmane_analysis import wording
from gunmane_analysis.areas import find_area
from gunmane_analysis.findings.finding import (
    Column,
    Definition,
    Finding,
    KeyFigure,
    has_synthetic,
    mark_synthetic,
)
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.tables import choices, label_of
from gunmane_analysis.tables.description import marked_rows
from gunmane_analysis.wording import FALL, is_missing

if TYPE_CHECKING:  # what draws nothing shall not load matplotlib
    from matplotlib.figure import Figure

_FOLDER = Path(__file__).parent
_OF_FIGURES = ("caveats", "definitions", "certainty", "method", "summary", "cards")
_CARD_FIGURES = {"value": "own", "block": "block", "nation": "nation"}
_MADE = {"columns", "caveats", "definitions"}  # described, and then made of the descriptions
_FIELDS = [field.name for field in dataclasses.fields(Finding) if field.name not in _MADE]
_REPLACED = ("source_ids", "status", "summary", "key_figures", "definitions")
_OF_CELLS = ("words", "text")


@functools.cache
def _texts(name: str) -> dict[str, Any]:
    """Return the content of one file of texts."""
    texts: dict[str, Any] = read_yaml(_FOLDER / f"{name}.yml")
    return texts


def _word(ids: Any, by: str | Mapping[Any, str] | None = None) -> str:
    """Word an id, or several joined by ``;``: what has no word is left as it is."""
    if by is None:
        return label_of(ids)
    if by == "areas":
        return find_area(ids).name
    words = choices(by) if isinstance(by, str) else by
    parts = ids.split(";") if isinstance(ids, str) else [ids]
    return "・".join(word for each in parts if (word := words.get(each, each)))


class _Lacking(Exception):
    """A sentence names a figure that is missing."""


class _Formatter(string.Formatter):
    """Format as ``str.format`` does, and also by the functions of ``wording``; see ``filled``."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.entry = entry

    def fill(self, text: Any, words: Mapping[str, object]) -> Any:
        """Fill a text, or the parts of a list; what is neither is returned as it is."""
        if isinstance(text, list):
            return "".join(
                next(filter(None, (self.fill(each, words) for each in part)), "")
                if isinstance(part, list)
                else self.fill(part, words)
                for part in text
            )
        try:
            return self.vformat(text, (), words) if isinstance(text, str) else text
        except _Lacking:
            return ""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Return the word that a field begins with, or another text of the entry."""
        if key in self.entry and key not in kwargs:
            value = self.fill(self.entry[str(key)], kwargs) or None
        else:
            value = super().get_value(key, args, kwargs)
        if value is None:
            raise _Lacking
        return value

    def format_field(self, value: Any, format_spec: str) -> str:
        """Word one figure; names are joined by 、, sentences by nothing."""
        kind, _, by = format_spec.partition(" ")
        if kind == "each":
            value, format_spec = self.each(by, value), ""
        elif kind == "word" and isinstance(value, str | list):
            ids = [value] if isinstance(value, str) else value
            value, format_spec = [word for each in ids if (word := _word(each, by or None))], ""
        if isinstance(value, list):
            value = ("" if str(*value[-1:]).endswith("。") else "、").join(value) or None
        if is_missing(value) or (isinstance(value, float) and math.isinf(value)):
            raise _Lacking
        name = format_spec.rstrip(string.digits)
        if worded := getattr(wording, name, None) or getattr(wording, f"{name}_words", None):
            return str(worded(value, *map(int, format_spec[len(name) :].split())))
        shown = str(super().format_field(value, format_spec))
        return shown.replace("-", FALL) if format_spec.startswith("+") else shown

    def each(self, name: str, table: pd.DataFrame) -> list[str]:
        """Return one text of the entry for each row of a table, whose columns are its words."""
        return [self.fill(self.entry[name], row) for row in _rows(_worded(table, self.entry))]


def filled(text: str | list[Any], words: Mapping[str, object]) -> str:
    """Fill the braces of a text of an entry; empty where a figure that it names is missing.

    A figure is one of ``words``, or an attribute or item of one (``{effect.p_value:.2f}``), or
    another text of the entry. Besides Python's there are formats by the functions of ``wording``,
    as ``{amount:yen}`` or ``{rate:change}`` (``change_words``), some with decimals after them
    (``percent0``); one with a sign (``:+,.2f``) writes △ for less than zero; ``{ids:word stage}``
    words one id or several by a list of choices, ``{ids:word}`` by the one word that an id has in
    all lists; ``{rows:each item}`` is the entry's text ``item`` of each row of a table. A list of
    names is joined by 、, one of sentences by nothing. An empty list and what is not finite count
    as missing. A text may be a list of parts: those that lack a figure are left out, and of a list
    within it the first is taken that lacks none.

    Examples
    --------
    >>> parts = ["全{count}件", "（{names}）", [["最大{most:yen}"], "金額は不明"], "。"]
    >>> filled(parts, {"count": 2, "names": ["三条市", "府中市"], "most": None})
    '全2件（三条市、府中市）金額は不明。'
    """
    return str(_Formatter({}).fill(text, words))


def sentence(finding_id: str, name: str, /, **words: object) -> str:
    """Return one text of an entry, filled in: see :func:`filled`."""
    entry = _entry(finding_id)
    return str(_Formatter(entry).fill(entry[name], words))


def sentences(finding_id: str, name: str, table: pd.DataFrame) -> list[str]:
    """Return one text of an entry for each row of a table, whose columns are its words."""
    return _Formatter(_entry(finding_id)).each(name, table)


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]


def listed(finding_id: str, name: str) -> list[Any]:
    """Return a list of an entry, such as the indicators that its finding shows; empty if none."""
    items: list[Any] = _entry(finding_id).get(name, [])
    return items


def described_finding(
    finding_id: str,
    table: pd.DataFrame,
    /,
    *,
    case: str = "",
    more_columns: Sequence[Column] = (),
    caveats: Sequence[str] = (),
    plot: Callable[[], Figure] | None = None,
    is_synthetic: bool = False,
    **words: Any,
) -> Finding:
    """Return a finding with the title, columns, sources and caveats that its entry describes.

    Parameters
    ----------
    finding_id : str
        ``<theme>.<name>``: the entry ``name`` of ``<theme>.yml``, or of ``_entries.yml``.
    case : str
        One of the entry's ``cases``. An empty table of an entry with ``unknown`` is one of
        ``_cases.yml``: nothing was known in the ``fiscal_year`` that ``words`` give.
    more_columns : sequence of Column
        Those whose labels depend on the figures, after the entry's own.
    caveats : sequence of str
        Those that depend on the figures, after the entry's own; names of ``_notes.yml``, too.
    plot : callable, optional
        Returns the chart's figure; its alternative text is the entry's ``alt``.
    is_synthetic : bool
        Mark the finding 合成データ, whatever its table's marks say.
    words
        Fill the braces in all texts of the entry (:func:`filled`). Of the table there are
        ``row_count``, ``rows_shown`` (at most), ``shown_count``, ``left_out``, and the ``first``
        and the ``last`` of the rows shown, with the words of their ids; and all as ``table``. The
        names of ``_REPLACED`` are fields of the finding, in place of the entry's.

    Raises
    ------
    KeyError
        If there is no such entry, or the table lacks one of its columns.
    """
    entry = _entry(finding_id)
    if entry.get("absent_when_empty") and table.empty:
        return absent_finding(finding_id)
    if "unknown" in entry and table.empty and not case:
        case = "not_known" if entry.get("is_dated") else "not_known_before_2024"
        table, plot = pd.DataFrame(columns=list(_described(entry))), None
        words["year"] = words["fiscal_year"]
    if case:
        kept = {name: each for name, each in entry.items() if name not in _OF_FIGURES}
        entry = kept | (_texts("_cases") | entry.get("cases", {}))[case]
    limit = entry.get("rows_shown", len(table))
    worded = _with_texts(_worded(table.head(limit), entry), entry)
    ends: list[Any] = _rows(worded.iloc[[0, -1]]) if len(worded) else [None, None]
    given: dict[str, Any] = {
        "row_count": len(table),
        "rows_shown": limit,
        "shown_count": len(worded),
        "left_out": len(table) - len(worded) or None,
        "first": ends[0],
        "last": ends[1],
        "table": worded,
        **words,
    }
    fill = functools.partial(_Formatter(entry).fill, words=given)
    described = {
        name: Column(name, **{key: fill(each) for key, each in how.items() if key not in _OF_CELLS})
        for name, how in _described(entry).items()
    }
    notes = _texts("_notes")
    own = (
        fill(notes.get(each, each) if isinstance(each, str) else each)
        for each in entry.get("caveats", ())
    )
    chart = None
    if plot is not None:
        from gunmane_analysis.charts.chart import draw

        chart = draw(plot, fill(entry["alt"]))
    fields: dict[str, Any] = {
        "headline": "",
        "source_ids": tuple(entry.get("sources", ())),
        "definitions": defined(*entry.get("definitions", ())),
        "key_figures": tuple(_card(card, described, fill) for card in entry.get("cards", ())),
        **{name: fill(entry[name]) for name in _FIELDS if name in entry},
        **{name: given[name] for name in _REPLACED if name in given},
    }
    shown = [name for name in described if name in worded or not entry.get("is_partial")]
    finding = Finding(
        finding_id=finding_id,
        table=worded,
        columns=(*(described[name] for name in shown), *more_columns),
        caveats=(*filter(None, own), *(notes.get(text, text) for text in caveats)),
        chart=chart,
        **fields,
    )
    marks = (marked_rows(table), *(table[name] for name in entry.get("marked_by", ())))
    return mark_synthetic(finding) if is_synthetic or has_synthetic(*marks) else finding


def defined(*names: str) -> tuple[Definition, ...]:
    """Return terms of ``_definitions.yml``."""
    return tuple(Definition(**_texts("_definitions")[name]) for name in names)


def absent_finding(finding_id: str) -> Finding:
    """Return the finding of what is not known or not asked: one line in the Lab, none on a page."""
    why = _texts("_absent")[finding_id]
    return Finding(finding_id, why, why, pd.DataFrame(), (), (), placement="absent")


def _entry(finding_id: str) -> dict[str, Any]:
    theme, name = finding_id.split(".", 1)
    entry: dict[str, Any] = (_texts("_entries") | _texts(theme))[name]
    return entry


def _described(entry: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return how each of the entry's columns is described, by name and in order."""
    shared, found = _texts("_columns"), {}
    for item in entry.get("columns", ()):
        ((name, how),) = item.items() if isinstance(item, dict) else ((item, shared[item]),)
        if not isinstance(how, dict):
            parts = [how] if isinstance(how, str) else how
            how = dict(zip(("label", "unit", "kind", "decimals"), parts, strict=False))
        found[name] = how
    return found


def _card(
    card: Mapping[str, Any], columns: Mapping[str, Column], fill: Callable[[Any], Any]
) -> KeyFigure:
    """Return one key figure of an entry."""
    if "column" in card:
        column = columns[card["column"]]
        shown = {name: getattr(column, name) for name in ("label", "unit", "kind", "decimals")}
        places = {name: f"{{{row}[{column.name}]}}" for name, row in _CARD_FIGURES.items()}
        card = {**shown, **places, **card}
    fields = {name: fill(each) for name, each in card.items() if name != "column"}
    figures = {name: float(fields[name]) for name in _CARD_FIGURES if fields.get(name)}
    return KeyFigure(**fields | dict.fromkeys(_CARD_FIGURES) | figures)


def _worded(table: pd.DataFrame, entry: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table with the columns that word the ids of another one."""
    found: dict[str, Any] = {}
    for name, how in _described(entry).items():
        source = name.removesuffix("_ja")
        if name not in table and source in table:
            by = functools.partial(_word, by=how.get("words"))
            found[name] = table[source].map(by, na_action="ignore")
    return table.assign(**found)


def _with_texts(table: pd.DataFrame, entry: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table with the columns that are a sentence about the row."""
    texts = {name: how["text"] for name, how in _described(entry).items() if "text" in how}
    formatter = _Formatter(texts)
    return table.assign(**{name: formatter.each(name, table) for name in texts})
