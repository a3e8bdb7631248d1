"""Findings whose fixed words are data: ``<theme>.yml`` beside this module describes them.

An entry of ``<theme>.yml`` is headed by the second half of a finding's id and holds what does not
depend on the figures:

``title``
    The caption. As in every text of an entry, ``{area}`` and the like are filled in by ``words``.
``columns``
    What the table shows, in order: a name of ``_columns.yml``, or a name with its label alone, or
    with ``[label, unit, kind, decimals]``.
``sources``, ``caveats``, ``definitions``
    Ids of the register; sentences, or names of ``_notes.yml``; names of ``_definitions.yml``.
``unknown``, ``is_dated``
    What was not known yet, where the table of an early year is empty; whether the source prints
    the day of each figure, so that none counts as known in 2024 only.
``certainty``, ``method``, ``status``, ``placement``, ``summary_rank``
    As in :class:`~gunmane_analysis.findings.finding.Finding`; the first two are filled in.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from gunmane_analysis.findings.finding import Column, Definition, Finding
from gunmane_analysis.paths import read_yaml

_FOLDER = Path(__file__).parent
_PLAIN_FIELDS = ("status", "placement", "summary_rank")
_OF_FIGURES = ("caveats", "definitions", "certainty", "method")
_FILLED_FIELDS = ("title", "certainty", "method")


@functools.cache
def _texts(name: str) -> dict[str, Any]:
    """Return the content of one file of texts."""
    texts: dict[str, Any] = read_yaml(_FOLDER / f"{name}.yml")
    return texts


def described_finding(
    finding_id: str,
    table: pd.DataFrame,
    headline: str,
    *,
    words: Mapping[str, object] | None = None,
    columns: Sequence[str | Column] | None = None,
    caveats: Sequence[str] = (),
    is_empty: bool = False,
    **fields: Any,
) -> Finding:
    """Return a finding with the title, columns, sources and caveats that its entry describes.

    Parameters
    ----------
    finding_id : str
        ``<theme>.<name>``: the entry ``name`` of ``<theme>.yml``.
    words : mapping, optional
        Fills the braces in title, labels and caveats.
    columns : sequence, optional
        Names of the entry's columns, or columns whose labels depend on the figures; all of the
        entry's in their order when left out.
    caveats : sequence of str
        Those that depend on the figures, after the entry's own; names of ``_notes.yml``, too.
    is_empty : bool
        There are no figures: leave out the entry's caveats, terms, certainty and method.
    fields
        Any other field of a finding; ``source_ids`` replaces the entry's.

    Raises
    ------
    KeyError
        If there is no such entry, or the table lacks one of its columns.
    """
    entry, filled = _entry(finding_id), dict(words or {})
    if is_empty:
        entry = {name: each for name, each in entry.items() if name not in _OF_FIGURES}
    described = _columns(entry, filled)
    named = described if columns is None else columns
    chosen = (described[column] if isinstance(column, str) else column for column in named)
    notes = _texts("_notes")
    fixed: dict[str, Any] = {
        "source_ids": tuple(entry.get("sources", ())),
        "definitions": defined(*entry.get("definitions", ())),
        **{name: entry[name] for name in _PLAIN_FIELDS if name in entry},
        **{name: entry[name].format_map(filled) for name in _FILLED_FIELDS if name in entry},
    }
    own = [notes.get(text, text).format_map(filled) for text in entry.get("caveats", ())]
    return Finding(
        finding_id=finding_id,
        headline=headline,
        table=table,
        columns=tuple(chosen),
        caveats=(*own, *(notes.get(text, text) for text in caveats)),
        **{**fixed, **fields},
    )


def defined(*names: str) -> tuple[Definition, ...]:
    """Return terms of ``_definitions.yml``."""
    return tuple(Definition(**_texts("_definitions")[name]) for name in names)


def not_known_finding(
    finding_id: str, fiscal_year: int, words: Mapping[str, object] | None = None
) -> Finding:
    """Return the finding of a year in which nothing was known yet: no rows, and why."""
    entry, filled = _entry(finding_id), {"year": fiscal_year, **(words or {})}
    since, caveats = "", []
    if not entry.get("is_dated"):
        since = "（資料の数値は2024年度に知られたものとして扱う）"
        caveats = ["この年度のページには、後の年度に知られた内容を載せない。"]
    return described_finding(
        finding_id,
        pd.DataFrame(columns=list(_columns(entry, filled))),
        f"{fiscal_year}年度の時点で知られていた{entry['unknown']}は、登録された資料にない{since}。",
        words=filled,
        caveats=caveats,
        is_empty=True,
    )


def _entry(finding_id: str) -> dict[str, Any]:
    theme, name = finding_id.split(".", 1)
    entry: dict[str, Any] = _texts(theme)[name]
    return entry


def _columns(entry: Mapping[str, Any], words: Mapping[str, object]) -> dict[str, Column]:
    """Return the entry's columns by name, in order."""
    shared, found = _texts("_columns"), {}
    for item in entry.get("columns", ()):
        ((name, how),) = item.items() if isinstance(item, dict) else ((item, shared[item]),)
        label, *rest = [how] if isinstance(how, str) else how
        texts: Any = [each.format_map(words) if isinstance(each, str) else each for each in rest]
        found[name] = Column(name, label.format_map(words), *texts)
    return found
