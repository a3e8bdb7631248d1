"""Two groups of forums side by side: how far their cases went, and whether they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.funnel.rates import (
    RateDifference,
    TestMethod,
    rate_difference,
)
from gunmane_analysis.metrics.funnel.readings import Reading, published_counts, reached_counts
from gunmane_analysis.tables.funnel import STAGES

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
