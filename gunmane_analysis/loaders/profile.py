"""Profile: which municipal tables have arrived, and how the others are filed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from gunmane_analysis.loaders.filed import is_filed
from gunmane_analysis.loaders.municipal import load_municipal
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables.municipal import (
    MunicipalFiscalIndex,
    MunicipalIndicators,
    PopulationProjection,
)

_ADD = "配布元のファイルを gunmane data add で登録"
_TELLS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "municipal_panel": ("土木費・道路・橋の年度別の表", "土木費、道路延長、橋の点検結果", _ADD),
        "ssdse_a": ("SSDSE-A", "一般行政部門職員数、建設業の事業所と従業者", _ADD),
        "mic_fiscal_index": ("主要財政指標", "財政力指数など", _ADD),
        "ipss_population": ("将来推計人口", "2050年までの人口", _ADD),
        "teiin": ("定員管理調査の第2表・第4表", "土木部門職員数、土木技師・建築技師数", _ADD),
        "municipal_staffing": (
            "職員数の様式",
            "市区町村から集めた職員数・技術者数",
            "gunmane data template municipal_staffing で様式を作り、記入して登録",
        ),
        "adjacency": ("隣接の表", "陸続きの市区町村", _ADD),
    }
)


def load_profile_filings() -> pd.DataFrame:
    """List the municipal tables that the profile uses.

    Returns
    -------
    DataFrame
        One row per source: ``source_id``, ``title``, ``tells``, ``how``, ``is_filed`` (or
        shipped) and ``state``.

    Examples
    --------
    >>> load_profile_filings()["source_id"].tolist()[:2]
    ['municipal_panel', 'ssdse_a']
    """
    return pd.DataFrame(
        {
            "source_id": name,
            "title": title,
            "tells": tells,
            "how": how,
            "is_filed": bool(sources_in_use(name)),
            "state": "登録済み"
            if is_filed(name)
            else "同梱の公表値"
            if sources_in_use(name)
            else "未登録",
        }
        for name, (title, tells, how) in _TELLS.items()
    )


def load_municipal_indicators() -> pd.DataFrame:
    """Load ``municipal_indicators``: items of SSDSE-A by municipality and year.

    Examples
    --------
    >>> "general_staff_count" in load_municipal_indicators().columns
    True
    """
    return load_municipal(MunicipalIndicators)


def load_municipal_fiscal_index() -> pd.DataFrame:
    """Load ``municipal_fiscal_index``: main fiscal indicators by municipality and year.

    Examples
    --------
    >>> "fiscal_strength_index" in load_municipal_fiscal_index().columns
    True
    """
    return load_municipal(MunicipalFiscalIndex)


def load_population_projection() -> pd.DataFrame:
    """Load ``population_projection``: projected population by municipality and year.

    Examples
    --------
    >>> "population_count" in load_population_projection().columns
    True
    """
    return load_municipal(PopulationProjection)
