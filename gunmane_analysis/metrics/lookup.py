"""Looking things up: entries that hold every word of a query, the closest first."""

from __future__ import annotations

import unicodedata

import pandas as pd

from gunmane_analysis.errors import DesignError

_TITLE_WEIGHT = 3.0


def search_entries(entries: pd.DataFrame, query: str, top: int = 10) -> pd.DataFrame:
    """Find the entries that fit a query best.

    Parameters
    ----------
    entries : DataFrame
        One row per entry: ``kind``, ``title``, ``text``, ``source``.
    query : str
        Words divided by spaces; width and letter case do not matter. Without an entry that
        holds every word, entries that share at least half of the query's pairs of
        characters are shown.
    top : int
        Entries at most.

    Returns
    -------
    DataFrame
        The entries with ``score`` (larger = closer), best first; no rows if nothing fits.

    Raises
    ------
    DesignError
        If the query is empty.

    Examples
    --------
    >>> entries = pd.DataFrame({"kind": ["窓口", "段階"], "title": ["東北地方整備局", "STEP1"],
    ...     "text": ["電話", "目標の作成"], "source": ["甲", "乙"]})
    >>> search_entries(entries, "東北")["title"].tolist()
    ['東北地方整備局']
    """
    words = [plain for word in query.split() if (plain := _plain(word))]
    if not words:
        raise DesignError("調べる言葉がありません。", expected="例: gunmane find 性能規定")
    titles = entries["title"].map(_plain)
    texts = entries["kind"].map(_plain) + " " + entries["text"].map(_plain)
    held = pd.Series(
        [all(word in f"{title} {text}" for word in words)
         for title, text in zip(titles, texts, strict=True)], index=entries.index, dtype="bool"
    )  # fmt: skip
    scores = [
        sum(_TITLE_WEIGHT * (word in title) + (word in text) + (word == title) for word in words)
        for title, text in zip(titles, texts, strict=True)
    ]
    found = entries.assign(score=scores)[held]
    if found.empty:
        shares = [_shared_pairs("".join(words), title + text)
                  for title, text in zip(titles, texts, strict=True)]  # fmt: skip
        near = entries.assign(score=shares)
        found = near[near["score"] >= 0.5]
    return (
        found.sort_values("score", ascending=False, kind="stable").head(top).reset_index(drop=True)
    )


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def _shared_pairs(query: str, text: str) -> float:
    pairs = {query[place : place + 2] for place in range(len(query) - 1)}
    return sum(pair in text for pair in pairs) / len(pairs) if pairs else 0.0
