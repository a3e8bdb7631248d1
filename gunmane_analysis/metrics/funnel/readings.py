"""The matching funnel: considered, established, trialled, implemented.

The documents give four counts and do not say how they were counted. Both ways of reading them
are worked out side by side: ``nested`` (each count is contained in the one before) and
``status`` (each case is counted once, at the stage where it stands).

An area's counts, where the secretariat has filed them, and the two kinds of forum are read alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gunmane_analysis.areas import Area, AreaLike, find_area
from gunmane_analysis.cache import cached
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.funnel.activities import forum_ids
from gunmane_analysis.metrics.funnel.ledger import cases_of_area, counts_of_cases
from gunmane_analysis.metrics.funnel.rates import (
    RateDifference,
    is_count,
    rate_difference,
    rate_table,
)
from gunmane_analysis.metrics.validation import check_has_columns, known_until
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result
from gunmane_analysis.tables import choices
from gunmane_analysis.tables.funnel import STAGES

Reading = Literal["nested", "status"]
READINGS: tuple[Reading, ...] = ("nested", "status")
FORUM_NAMES: Mapping[str, str] = {"national": "全国フォーラム", "regional": "地方フォーラム"}
FUNNEL_ITEM = "matching_trial_implementation_count"


@dataclass(frozen=True, eq=False, repr=False)
class FunnelReadings(Result):
    """One set of stage counts under every reading that they allow.

    Attributes
    ----------
    fiscal_year : int or None
        The year of the counts; None when no counts are known.
    rates : mapping of reading to DataFrame
        From :func:`conversion_rates`.
    refused : mapping of reading to str
        Why a reading is not there, in Japanese.
    part_refusals : mapping of reading to str
        Which known part of the counts (a forum, a level) refuses a reading that the total
        allows, and why, in Japanese.
    """

    fiscal_year: int | None
    rates: Mapping[Reading, pd.DataFrame]
    refused: Mapping[Reading, str]
    part_refusals: Mapping[Reading, str] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """Whether there are counts at all."""
        return self.fiscal_year is not None


def published_counts(
    kpi: pd.DataFrame, fiscal_year: int, forum_level: str = "total"
) -> pd.DataFrame:
    """Return the latest published stage counts that were known in a fiscal year.

    Parameters
    ----------
    kpi : DataFrame
        One row per fiscal year, forum level and item or stage
        (the table ``kpi``).
    fiscal_year : int
        Counts that became known later are left out.
    forum_level : {"total", "national", "regional"}

    Returns
    -------
    DataFrame
        One row per stage: ``fiscal_year``, ``stage``, ``case_count``; no rows if nothing had
        been published.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_kpi
    >>> published_counts(load_kpi(), 2024, "regional")["case_count"].tolist()
    [83, 50, 29, 5]
    >>> len(published_counts(load_kpi(), 2019))
    0
    """
    known = known_until(kpi, fiscal_year)
    is_asked = (known["item_id"] == FUNNEL_ITEM) & (known["forum_level"] == forum_level)
    known = known[is_asked].dropna(subset=["stage", "result"])
    latest = known[known["fiscal_year"] == known["fiscal_year"].max()].reset_index(drop=True)
    counts: pd.DataFrame = latest[["fiscal_year", "stage"]].assign(
        case_count=latest["result"].astype("int64")
    )
    return counts


def reached_counts(stage_counts: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """Return how many cases reached each stage at least.

    Parameters
    ----------
    stage_counts : DataFrame
        One row per stage: ``stage`` and ``case_count`` (cases).
    reading : {"nested", "status"}

    Returns
    -------
    DataFrame
        One row per stage in order: ``stage``, ``case_count``, ``reached_count`` (cases).

    Raises
    ------
    DesignError
        If a stage is missing or repeated, a count is no count, or the counts contradict the
        reading (a nested funnel that widens).

    Examples
    --------
    >>> counts = pd.DataFrame({"stage": STAGES, "case_count": [98, 50, 31, 5]})
    >>> reached_counts(counts, "status")["reached_count"].tolist()
    [184, 86, 36, 5]
    """
    counts = _ordered_counts(stage_counts)
    refuse_if(reading not in READINGS, "reading-unknown", reading=reading)
    if reading == "nested":
        words = [choices("stage")[stage] for stage in STAGES]
        for (earlier, before), (later, after) in pairwise(zip(words, counts, strict=True)):
            refuse_if(
                after > before, "stages-widen",
                earlier=earlier, before=before, later=later, after=after,
            )  # fmt: skip
    reached = counts if reading == "nested" else counts[::-1].cumsum()[::-1]
    return pd.DataFrame({"stage": STAGES, "case_count": counts, "reached_count": reached})


def _ordered_counts(stage_counts: pd.DataFrame) -> NDArray[np.int64]:
    check_has_columns(stage_counts, ("stage", "case_count"), "段階の件数の表")
    given = sorted(map(str, stage_counts["stage"]))
    stages = "、".join(STAGES)
    refuse_if(given != sorted(STAGES), "stages-differ", given="、".join(given), stages=stages)
    counts = stage_counts.set_index("stage")["case_count"].loc[list(STAGES)]
    shown = "、".join("空欄" if pd.isna(count) else f"{count}" for count in counts)
    refuse_if(not counts.map(is_count).all(), "stages-no-counts", shown=shown)
    return counts.to_numpy("int64")


def conversion_rates(stage_counts: pd.DataFrame, reading: Reading = "nested") -> pd.DataFrame:
    """Share of cases that go on from each stage of the matching funnel.

    Parameters
    ----------
    stage_counts : DataFrame
        One row per stage: ``stage`` and ``case_count`` (cases).
    reading : {"nested", "status"}
        "nested": each stage's count is contained in the one before (98, 50, 31, 5).
        "status": each case is counted at exactly one stage, so that "reached at least"
        is the sum from that stage on (184, 86, 36, 5).

    Returns
    -------
    DataFrame
        One row per stage, in order: ``stage``, ``case_count``, ``reached_count``,
        ``rate_from_previous`` with ``previous_low`` and ``previous_high``,
        ``rate_from_first`` with ``first_low`` and ``first_high`` (shares, 0-1). Missing at
        the first stage, and where nothing reached the stage before.

    Raises
    ------
    DesignError
        If the counts contradict the reading, or no case was considered.

    References
    ----------
    Wilson, E. B. (1927). JASA 22, 209-212.

    Examples
    --------
    >>> counts = pd.DataFrame({"stage": STAGES, "case_count": [98, 50, 31, 5]})
    >>> conversion_rates(counts)["rate_from_previous"].round(3).tolist()
    [nan, 0.51, 0.62, 0.161]
    """
    rates = reached_counts(stage_counts, reading)
    reached = rates["reached_count"].tolist()
    refuse_if(reached[0] == 0, "rate-no-cases")
    for name, bases in (("previous", [0, *reached[:-1]]), ("first", [0, *reached[:1] * 3])):
        columns = [f"rate_from_{name}", f"{name}_low", f"{name}_high"]
        rates[columns] = rate_table(reached, bases).to_numpy()
    return rates


def funnel_readings(
    stage_counts: pd.DataFrame,
    readings: Sequence[Reading] = READINGS,
    parts: Mapping[str, pd.DataFrame] = MappingProxyType({}),
) -> FunnelReadings:
    """Work out every reading that the counts allow, and keep the reason for the others.

    Parameters
    ----------
    stage_counts : DataFrame
        From :func:`published_counts`: ``fiscal_year``, ``stage``, ``case_count``; may hold no
        rows.
    readings : sequence of {"nested", "status"}
        The readings to try: one, where whoever counted says how.
    parts : mapping of str to DataFrame
        Counts that are contained in the total, by their name in Japanese.

    Returns
    -------
    FunnelReadings

    Raises
    ------
    DesignError
        If the counts allow no reading at all.

    Examples
    --------
    >>> counts = pd.DataFrame(
    ...     {"fiscal_year": 2023, "stage": STAGES, "case_count": [15, 0, 2, 0]}
    ... )
    >>> sorted(funnel_readings(counts).rates)
    ['status']
    """
    if stage_counts.empty:
        return FunnelReadings(None, {}, {})
    rates: dict[Reading, pd.DataFrame] = {}
    refused: dict[Reading, str] = {}
    for reading in readings:
        try:
            rates[reading] = conversion_rates(stage_counts, reading)
        except DesignError as reason:
            refused[reading] = reason.found
    if not rates:
        raise DesignError("\n".join(refused.values()))
    year = int(stage_counts["fiscal_year"].iloc[0])
    return FunnelReadings(year, rates, refused, _part_refusals(rates, parts))


def _part_refusals(
    rates: Mapping[Reading, pd.DataFrame], parts: Mapping[str, pd.DataFrame]
) -> dict[Reading, str]:
    found: dict[Reading, str] = {}
    for reading in rates:
        for name, counts in parts.items():
            try:
                reached_counts(counts, reading)
            except DesignError as reason:
                found[reading] = f"含まれる{name}の件数だけでは、{reason.found}"
                break
    return found


@cached  # the same on every page
def published_readings(kpi: pd.DataFrame, fiscal_year: int) -> FunnelReadings:
    """Read the nation's latest published counts, checked against their two known parts.

    Parameters
    ----------
    kpi : DataFrame
        One row per fiscal year, forum level and item or stage.
    fiscal_year : int
        Counts that became known later are left out.

    Returns
    -------
    FunnelReadings
    """
    total = published_counts(kpi, fiscal_year)
    parts = {name: published_counts(kpi, fiscal_year, level) for level, name in FORUM_NAMES.items()}
    of_year = {
        name: counts
        for name, counts in parts.items()
        if counts["fiscal_year"].isin(total["fiscal_year"]).any()
    }
    return funnel_readings(total, parts=of_year)


Origin = Literal["published", "counts", "cases", "none"]


@dataclass(frozen=True, eq=False, repr=False)
class AreaFunnel(Result):
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
    differing : DataFrame
        Where both a ledger and counts are filed, the stages at which they differ:
        ``fiscal_year`` (of the counts), ``stage``, ``case_count`` (of the ledger at that year's
        end), ``filed_count`` (cases that reached the stage at least).
    """

    area: Area
    own: FunnelReadings
    nation: FunnelReadings
    origin: Origin
    forum_count: int
    differing: pd.DataFrame = field(default_factory=pd.DataFrame)


def area_funnel(
    kpi: pd.DataFrame, counts: pd.DataFrame, cases: pd.DataFrame, area: AreaLike, fiscal_year: int
) -> AreaFunnel:
    """Return the area's own funnel if one has been filed, with the nation's.

    Parameters
    ----------
    kpi : DataFrame
        Published (the table ``kpi``).
    counts, cases : DataFrame
        Filed (the table ``funnel_counts`` and
        the table ``funnel_cases``); may hold no rows.
    area : Area or str
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
    area = find_area(area)
    published = published_readings(kpi, fiscal_year)
    if area.kind == "nation":
        origin: Origin = "published" if published.is_known else "none"
        return AreaFunnel(area, published, published, origin, len(forum_ids(area)))
    own_cases = cases_of_area(cases, area)
    by_ledger = counts_of_cases(own_cases, fiscal_year)
    filed = counts_of_area(counts, area, fiscal_year)
    if len(by_ledger):
        held = own_cases["block_id"].nunique()
        own = funnel_readings(by_ledger, ("nested",))
        return AreaFunnel(area, own, published, "cases", held, _differing(own_cases, filed))
    if filed.empty:
        return AreaFunnel(area, FunnelReadings(None, {}, {}), published, "none", 0)
    rules = set(filed["counting_rule"])
    rule_names = "、".join(sorted(rules))
    refuse_if(len(rules) > 1, "rules-mixed", area=area.name, rules=rule_names)
    readings = READINGS if rules == {"unknown"} else tuple(r for r in READINGS if r in rules)
    summed = filed.groupby(["fiscal_year", "stage"], as_index=False).agg(
        case_count=("case_count", "sum")
    )
    forums = {find_area(str(block_id)).name: rows for block_id, rows in filed.groupby("block_id")}
    own = funnel_readings(summed, readings, forums if len(forums) > 1 else {})
    return AreaFunnel(area, own, published, "counts", filed["block_id"].nunique())


def _differing(cases: pd.DataFrame, filed: pd.DataFrame) -> pd.DataFrame:
    """Return the stages at which a ledger and the counts of the same forums differ."""
    if filed.empty:
        return pd.DataFrame()
    own = cases[cases["block_id"].isin(filed["block_id"])]
    ledger = counts_of_cases(own, int(filed["fiscal_year"].iloc[0]))
    summed = filed.groupby("stage")["case_count"].sum().reindex(list(STAGES), fill_value=0)
    if set(filed["counting_rule"]) == {"status"}:
        summed = summed[::-1].cumsum()[::-1]
    both = ledger.assign(filed_count=ledger["stage"].map(summed))
    return both[both["case_count"] != both["filed_count"]].reset_index(drop=True)


def counts_of_area(counts: pd.DataFrame, area: Area, fiscal_year: int) -> pd.DataFrame:
    """Return the filed counts of the area's forums in the latest year known (:func:`latest_year`).

    A prefecture or municipality has no counts of its own in this table, and none are made up
    for it from its block's.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> counts = pd.DataFrame({"fiscal_year": [2022, 2023], "block_id": "kinki"})
    >>> counts_of_area(counts, find_area("kinki"), 2024)["fiscal_year"].tolist()
    [2023]
    """
    known = known_until(counts, fiscal_year, "fiscal_year")
    if area.kind not in ("nation", "block"):
        return counts.iloc[:0]
    own = known[known["block_id"].isin(forum_ids(area))]
    return own[own["fiscal_year"] == latest_year(own)].reset_index(drop=True)


def latest_year(counts: pd.DataFrame) -> float:
    """Return the latest year of counts in which two forums filed; of one, its own latest.

    One forum that files before the others does not replace them all.

    Examples
    --------
    >>> filed = {"fiscal_year": [2023, 2023, 2024], "block_id": ["kinki", "tohoku", "kinki"]}
    >>> int(latest_year(pd.DataFrame(filed)))
    2023
    """
    forums = counts.groupby("fiscal_year")["block_id"].nunique()
    return float(forums.index[forums >= min(2, forums.max())].max())


@dataclass(frozen=True)
class GroupComparison:
    """How far the cases of two groups went, stage by stage.

    Attributes
    ----------
    fiscal_year : int or None
        The year of the counts; None when no counts are known.
    names : (str, str)
        The groups in a reader's words, in the order first, second.
    differences : mapping of stage to RateDifference
        Share of all considered cases that reached the stage at least, first minus second.
    """

    fiscal_year: int | None
    names: tuple[str, str]
    differences: Mapping[str, RateDifference]


def compare_groups(first: pd.DataFrame, second: pd.DataFrame) -> dict[str, RateDifference]:
    """Compare two sets of stage counts, read as "status", at every stage after the first.

    Parameters
    ----------
    first, second : DataFrame
        One row per stage: ``stage`` and ``case_count`` (cases).

    Returns
    -------
    dict of stage to RateDifference
        The stages are not independent of each other: their p-values are one comparison seen
        at three places, not three pieces of evidence.

    Raises
    ------
    DesignError
        If a group has no cases.

    References
    ----------
    Newcombe, R. G. (1998). Statistics in Medicine 17, 873-890.

    Examples
    --------
    >>> regional = pd.DataFrame({"stage": STAGES, "case_count": [83, 50, 29, 5]})
    >>> national = pd.DataFrame({"stage": STAGES, "case_count": [15, 0, 2, 0]})
    >>> established = compare_groups(regional, national)["established"]
    >>> established.first.success_count, established.second.success_count
    (84, 2)
    >>> round(established.p_value, 4)
    0.0021
    """
    counts = [
        reached_counts(group, "status").set_index("stage")["reached_count"]
        for group in (first, second)
    ]
    bases = [int(group[STAGES[0]]) for group in counts]
    return {
        stage: rate_difference((int(counts[0][stage]), bases[0]), (int(counts[1][stage]), bases[1]))
        for stage in STAGES[1:]
    }


def compare_forums(kpi: pd.DataFrame, fiscal_year: int) -> GroupComparison:
    """Compare the regional forums' published cases with those of the national forums.

    Each case is read as counted at its own stage ("status"), the only reading that the published
    counts of the national forums (15, 0, 2, 0) allow.

    Parameters
    ----------
    kpi : DataFrame
        One row per fiscal year, forum level and item or stage.
    fiscal_year : int
        Counts that became known later are left out.

    Returns
    -------
    GroupComparison
        Without differences where no counts were known.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_kpi
    >>> compare_forums(load_kpi(), 2019).fiscal_year is None
    True
    """
    groups = {level: published_counts(kpi, fiscal_year, level) for level in FORUM_NAMES}
    names = (FORUM_NAMES["regional"], FORUM_NAMES["national"])
    if any(group.empty for group in groups.values()):
        return GroupComparison(None, names, {})
    years = {int(group["fiscal_year"].iloc[0]) for group in groups.values()}
    refuse_if(len(years) > 1, "forum-years-differ", years=sorted(years))
    return GroupComparison(
        years.pop(), names, compare_groups(groups["regional"], groups["national"])
    )
