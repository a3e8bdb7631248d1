"""Looking things up in a notebook or on the command line, with the source of every hit."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.loaders.lookup import load_lookup_entries
from gunmane_analysis.metrics.lookup import search_entries

_HEADINGS = {"kind": "種類", "title": "名", "text": "内容", "source": "出典"}


def find(query: str, top: int = 10) -> pd.DataFrame:
    """Look up cases, desks, steps, terms, columns and metrics, offline.

    Parameters
    ----------
    query : str
        Words divided by spaces, e.g. ``"性能規定 大館"``.
    top : int
        Entries at most.

    Returns
    -------
    DataFrame
        One row per hit, best first: 種類, 名, 内容, 出典.

    Examples
    --------
    >>> find("東北地方整備局")["種類"].tolist()[0]
    '窓口'
    """
    found = search_entries(load_lookup_entries(), query, top)
    return found[list(_HEADINGS)].rename(columns=_HEADINGS)
