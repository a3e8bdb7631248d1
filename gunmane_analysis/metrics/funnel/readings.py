"""The matching funnel: considered, established, trialled, implemented.

The documents give four counts and do not say how they were counted. Both ways of reading them
are worked out side by side: ``nested`` (each count is contained in the one before) and
``status`` (each case is counted once, at the stage where it stands).

An area's counts, where the secretariat has filed them, and the two kinds of forum are read alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gunmane_analysis.areas import Area, find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.funnel.activities import forum_ids
from gunmane_analysis.metrics.funnel.ledger import cases_of_area, counts_of_cases
from gunmane_analysis.metrics.funnel.rates import (
    IntervalMethod,
    RateDifference,
    TestMethod,
    estimate_rate,
    rate_difference,
)
from gunmane_analysis.tables import choices
from gunmane_analysis.tables.funnel import STAGES

Reading = Literal["nested", "status"]
READINGS: tuple[Reading, ...] = ("nested", "status")
FUNNEL_ITEM = "matching_trial_implementation_count"


@dataclass(frozen=True)
class FunnelReadings:
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
    known = kpi[
        (kpi["item_id"] == FUNNEL_ITEM)
        & (kpi["forum_level"] == forum_level)
        & (kpi["known_fiscal_year"] <= fiscal_year)
    ].dropna(subset=["stage", "result"])
    latest = known[known["fiscal_year"] == known["fiscal_year"].max()]
    counts = pd.DataFrame(
        {
            "fiscal_year": latest["fiscal_year"],
            "stage": latest["stage"],
            "case_count": latest["result"].astype("int64"),
        }
    )
    return counts.reset_index(drop=True)


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
    if reading == "status":
        reached = counts[::-1].cumsum()[::-1]
    elif reading == "nested":
        reached = counts
        _refuse_widening(counts)
    else:
        raise DesignError(f"読み方「{reading}」はありません。", expected="、".join(READINGS))
    return pd.DataFrame({"stage": STAGES, "case_count": counts, "reached_count": reached})


def _ordered_counts(stage_counts: pd.DataFrame) -> NDArray[np.int64]:
    columns = getattr(stage_counts, "columns", ())
    missing = [name for name in ("stage", "case_count") if name not in columns]
    if missing:
        raise DesignError(
            f"段階の件数の表に列「{'」「'.join(missing)}」がありません。",
            expected="列 stage と case_count のある DataFrame",
        )
    if sorted(map(str, stage_counts["stage"])) != sorted(STAGES):
        raise DesignError(
            f"段階がそろいません（見つかった段階: {'、'.join(map(str, stage_counts['stage']))}）。",
            expected=f"{'、'.join(STAGES)} が一度ずつ",
        )
    counts = stage_counts.set_index("stage")["case_count"].loc[list(STAGES)]
    given = pd.to_numeric(counts, errors="coerce").astype("float64").to_numpy()
    if not np.isfinite(given).all() or (given < 0).any() or (given != np.round(given)).any():
        shown = "、".join("空欄" if pd.isna(count) else f"{count}" for count in counts)
        raise DesignError(
            f"段階の件数に、件数でない値があります（{shown}）。",
            expected="0以上の整数",
        )
    return given.astype("int64")


def _refuse_widening(counts: NDArray[np.int64]) -> None:
    for position in range(1, len(STAGES)):
        before, after = int(counts[position - 1]), int(counts[position])
        if after > before:
            earlier, later = (choices("stage")[STAGES[p]] for p in (position - 1, position))
            raise DesignError(
                f"{later}の{after}件が、{earlier}の{before}件より多いため、"
                "各段階が前の段階に含まれるという読み方（入れ子）はできません。",
                advice="一件を一つの段階に数えた読み方（状態別）を使ってください。",
            )


def conversion_rates(
    stage_counts: pd.DataFrame,
    reading: Reading = "nested",
    method: IntervalMethod = "wilson",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Share of cases that go on from each stage of the matching funnel.

    Parameters
    ----------
    stage_counts : DataFrame
        One row per stage: ``stage`` and ``case_count`` (cases).
    reading : {"nested", "status"}
        "nested": each stage's count is contained in the one before (98, 50, 31, 5).
        "status": each case is counted at exactly one stage, so that "reached at least"
        is the sum from that stage on (184, 86, 36, 5).
    method : {"wilson", "clopper_pearson", "jeffreys"}
    confidence : float

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
    if reached[0] == 0:
        raise DesignError("検討した案件が0件のため、割合を求められません。")
    for name, bases in (("previous", [0, *reached[:-1]]), ("first", [0, *reached[:1] * 3])):
        found = [
            estimate_rate(count, base, method, confidence) if base else None
            for count, base in zip(reached, bases, strict=True)
        ]
        rates = rates.assign(
            **{
                f"rate_from_{name}": [rate.rate if rate else np.nan for rate in found],
                f"{name}_low": [rate.low if rate else np.nan for rate in found],
                f"{name}_high": [rate.high if rate else np.nan for rate in found],
            }
        )
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
    levels = {"全国フォーラム": "national", "地方フォーラム": "regional"}
    parts = {name: published_counts(kpi, fiscal_year, level) for name, level in levels.items()}
    of_year = {
        name: counts
        for name, counts in parts.items()
        if len(counts) and counts["fiscal_year"].iloc[0] == total["fiscal_year"].iloc[0]
    }
    return funnel_readings(total, parts=of_year)


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


FORUM_NAMES: Mapping[str, str] = {"regional": "地方フォーラム", "national": "全国フォーラム"}


@dataclass(frozen=True)
class GroupComparison:
    """How far the cases of two groups went, stage by stage.

    Attributes
    ----------
    fiscal_year : int or None
        The year of the counts; None when no counts are known.
    reading : {"nested", "status"}
    names : (str, str)
        The groups in a reader's words, in the order first, second.
    differences : mapping of stage to RateDifference
        Share of all considered cases that reached the stage at least, first minus second.
    """

    fiscal_year: int | None
    reading: Reading
    names: tuple[str, str]
    differences: Mapping[str, RateDifference]


def compare_groups(
    first: pd.DataFrame,
    second: pd.DataFrame,
    reading: Reading = "status",
    test: TestMethod = "fisher",
) -> dict[str, RateDifference]:
    """Compare two sets of stage counts at every stage after the first.

    Parameters
    ----------
    first, second : DataFrame
        One row per stage: ``stage`` and ``case_count`` (cases).
    reading : {"nested", "status"}
        Both groups are read alike, so that like is compared with like.
    test : {"fisher", "boschloo"}

    Returns
    -------
    dict of stage to RateDifference
        The stages are not independent of each other: their p-values are one comparison seen
        at three places, not three pieces of evidence.

    Raises
    ------
    DesignError
        If one group's counts contradict the reading, or a group has no cases.

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
        reached_counts(group, reading).set_index("stage")["reached_count"]
        for group in (first, second)
    ]
    bases = [int(group[STAGES[0]]) for group in counts]
    return {
        stage: rate_difference(
            (int(counts[0][stage]), bases[0]), (int(counts[1][stage]), bases[1]), test
        )
        for stage in STAGES[1:]
    }


def compare_forums(
    kpi: pd.DataFrame,
    fiscal_year: int,
    reading: Reading = "status",
    test: TestMethod = "fisher",
) -> GroupComparison:
    """Compare the regional forums' published cases with those of the national forums.

    Parameters
    ----------
    kpi : DataFrame
        One row per fiscal year, forum level and item or stage.
    fiscal_year : int
        Counts that became known later are left out.
    reading, test
        See :func:`compare_groups`. The published counts of the national forums (15, 0, 2, 0)
        allow only "status".

    Returns
    -------
    GroupComparison
        Without differences where no counts were known.

    Raises
    ------
    DesignError
        If the counts contradict the reading.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_kpi
    >>> compare_forums(load_kpi(), 2019).fiscal_year is None
    True
    """
    groups = {level: published_counts(kpi, fiscal_year, level) for level in FORUM_NAMES}
    names = (FORUM_NAMES["regional"], FORUM_NAMES["national"])
    if any(group.empty for group in groups.values()):
        return GroupComparison(None, reading, names, {})
    years = {int(group["fiscal_year"].iloc[0]) for group in groups.values()}
    if len(years) > 1:
        raise DesignError(
            f"全国フォーラムと地方フォーラムの件数の年度が違います（{sorted(years)}）。",
            advice="同じ年度の件数を登録してください。",
        )
    differences = compare_groups(groups["regional"], groups["national"], reading, test)
    return GroupComparison(years.pop(), reading, names, differences)
