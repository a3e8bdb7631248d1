"""An area's own funnel, where the secretariat has filed counts or cases, beside the nation's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from gunmane_analysis.areas import Area, find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.funnel.activities import forum_ids
from gunmane_analysis.metrics.funnel.ledger import cases_of_area, counts_of_cases
from gunmane_analysis.metrics.funnel.readings import (
    READINGS,
    FunnelReadings,
    funnel_readings,
    published_readings,
)

Origin = Literal["published", "counts", "cases", "none"]


@dataclass(frozen=True)
class AreaFunnel:
    """The funnel of one area and the nation's published one.

    Attributes
    ----------
    own : FunnelReadings
        Of the area (for the nation: the published counts).
    nation : FunnelReadings
    origin : {"published", "counts", "cases", "none"}
        Where the area's own counts come from; "none" if there are none.
    forum_count : int
        How many of the area's forums the own counts hold.
    """

    area: Area
    own: FunnelReadings
    nation: FunnelReadings
    origin: Origin
    forum_count: int


def area_funnel(
    kpi: pd.DataFrame,
    counts: pd.DataFrame,
    cases: pd.DataFrame,
    area: Area,
    fiscal_year: int,
) -> AreaFunnel:
    """Return the area's own funnel if one has been filed, with the nation's beside it.

    Parameters
    ----------
    kpi : DataFrame
        Published (the table ``kpi``).
    counts, cases : DataFrame
        Filed (the table ``funnel_counts`` and
        the table ``funnel_cases``); may hold no rows.
    area : Area
        A block is its forums; a prefecture or municipality needs the case ledger.
    fiscal_year : int
        Later figures are left out.

    Returns
    -------
    AreaFunnel
        A ledger comes before counts, since it knows how each case went on.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_kpi
    >>> from gunmane_analysis.tables import empty_table
    >>> none = (empty_table("funnel_counts"), empty_table("funnel_cases"))
    >>> area_funnel(load_kpi(), *none, find_area("tohoku"), 2024).origin
    'none'
    """
    published = published_readings(kpi, fiscal_year)
    if area.kind == "nation":
        origin: Origin = "published" if published.is_known else "none"
        return AreaFunnel(area, published, published, origin, len(forum_ids(area)))
    own_cases = cases_of_area(cases, area)
    by_ledger = counts_of_cases(own_cases, fiscal_year)
    if len(by_ledger):
        held = own_cases["block_id"].nunique()
        own = funnel_readings(by_ledger, ("nested",))
        return AreaFunnel(area, own, published, "cases", held)
    filed = counts_of_area(counts, area, fiscal_year)
    if filed.empty:
        return AreaFunnel(area, FunnelReadings(None, {}, {}), published, "none", 0)
    rules = set(filed["counting_rule"])
    if len(rules) > 1:
        raise DesignError(
            f"{area.name}に、数え方の違う件数が混じっています（{'、'.join(sorted(rules))}）。",
            advice="数え方のそろった件数だけを合わせてください。",
        )
    readings = READINGS if rules == {"unknown"} else tuple(r for r in READINGS if r in rules)
    summed = filed.groupby(["fiscal_year", "stage"], as_index=False).agg(
        case_count=("case_count", "sum")
    )
    forums = {find_area(str(block_id)).name: rows for block_id, rows in filed.groupby("block_id")}
    own = funnel_readings(summed, readings, forums if len(forums) > 1 else {})
    return AreaFunnel(area, own, published, "counts", filed["block_id"].nunique())


def counts_of_area(counts: pd.DataFrame, area: Area, fiscal_year: int) -> pd.DataFrame:
    """Return the filed counts of the area's forums in the latest year known.

    A prefecture or municipality has no counts of its own in this table, and none are made up
    for it from its block's.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> counts = pd.DataFrame({"fiscal_year": [2022, 2023], "block_id": "kinki"})
    >>> counts_of_area(counts, find_area("kinki"), 2024)["fiscal_year"].tolist()
    [2023]
    """
    if area.kind not in ("nation", "block"):
        return counts.iloc[:0]
    is_own = counts["block_id"].isin(forum_ids(area)) & (counts["fiscal_year"] <= fiscal_year)
    is_latest = counts["fiscal_year"] == counts.loc[is_own, "fiscal_year"].max()
    latest: pd.DataFrame = counts.loc[is_own & is_latest].reset_index(drop=True)
    return latest
