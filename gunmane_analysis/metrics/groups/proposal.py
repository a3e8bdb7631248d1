"""Groups: candidate sets of neighbouring municipalities that together reach a threshold.

Max-p regionalisation: as many contiguous groups as possible, each reaching the threshold;
among divisions with as many groups, the one whose town halls lie closest together. The
problem is NP-hard, so a heuristic is run from several seeds and what it found more than once
can be told from what it found by chance.

References
----------
Duque, J. C., Anselin, L., Rey, S. J. (2012). The max-p-regions problem. Journal of Regional
Science 52(3), 397-419.
Wei, R., Rey, S., Knaap, E. (2021). Efficient regionalization for spatially explicit
neighborhood delineation. International Journal of Geographical Information Science 35(1).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.areas import distances_km
from gunmane_analysis.cache import cached
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.groups.problem import GroupProblem, components
from gunmane_analysis.metrics.groups.search import search_groups

DEFAULT_SEEDS = 8
_NEAR_BEST = 1  # divisions with one group fewer than the best are still shown

Division = tuple[frozenset[int], ...]


@dataclass(frozen=True)
class GroupProposals:
    """Divisions found, the best first.

    Attributes
    ----------
    problem : GroupProblem
    solutions : DataFrame
        One row per distinct near-best division: ``solution_no`` (1 = best), ``group_count``,
        ``within_distance_km`` (sum over groups of distances between its nodes),
        ``grouped_count`` (municipalities), ``seed_count`` (seeds that found it).
    membership : DataFrame
        One row per solution and municipality: ``solution_no``, ``municipality_code``,
        ``group_no`` (1, 2, …; missing where no group reaches the threshold).
    together : DataFrame
        One row per pair that shares a group in a near-best division: ``municipality_code``,
        ``other_municipality_code``, ``together_share`` (0-1, of near-best divisions).
    seed_count : int
    """

    problem: GroupProblem
    solutions: pd.DataFrame
    membership: pd.DataFrame
    together: pd.DataFrame
    seed_count: int

    @property
    def best(self) -> pd.DataFrame:
        """The best division: ``municipality_code`` and ``group_no``."""
        rows = self.membership[self.membership["solution_no"] == 1]
        return rows[["municipality_code", "group_no"]].reset_index(drop=True)

    @property
    def group_count(self) -> int:
        """Groups of the best division."""
        return int(self.solutions["group_count"].iloc[0])


@cached
def propose_groups(
    problem: GroupProblem,
    seeds: int = DEFAULT_SEEDS,
    seed: int = 0,
    tell: Callable[[int], None] | None = None,
) -> GroupProposals:
    """Propose divisions into groups.

    Parameters
    ----------
    problem : GroupProblem
        From :func:`gunmane_analysis.metrics.groups.problem.group_problem`.
    seeds : int
        Independent runs of the heuristic.
    seed : int
        The first run's seed; the others follow it.
    tell : callable, optional
        Called with the number of runs done.

    Returns
    -------
    GroupProposals

    Raises
    ------
    DesignError
        If ``seeds`` is not positive.

    Examples
    --------
    >>> from gunmane_analysis.metrics.groups.problem import group_problem
    >>> amounts = {"05204": 6.0, "05303": 1.0, "05209": 5.0, "05201": 20.0}
    >>> pairs = pd.DataFrame({"municipality_code": ["05204", "05204", "05209"],
    ...                       "neighbour_municipality_code": ["05303", "05209", "05201"]})
    >>> propose_groups(group_problem(amounts, pairs, threshold=10.0)).group_count
    2
    """
    if seeds < 1:
        raise DesignError("群の探索の回数は1以上にしてください。")
    found: dict[Division, int] = {}
    for run in range(seeds):
        division = _one_run(problem, seed + run)
        found[division] = found.get(division, 0) + 1
        if tell is not None:
            tell(run + 1)
    ranked = sorted(found, key=lambda division: _rank(problem, division))
    near = [item for item in ranked if len(item) >= len(ranked[0]) - _NEAR_BEST]
    return GroupProposals(
        problem=problem,
        solutions=pd.DataFrame(
            {
                "solution_no": number,
                "group_count": len(division),
                "within_distance_km": within_distance_km(problem, division),
                "grouped_count": sum(
                    len(problem.nodes[node]) for group in division for node in group
                ),
                "seed_count": found[division],
            }
            for number, division in enumerate(near, start=1)
        ),
        membership=pd.concat(
            [
                _membership(problem, division).assign(solution_no=number)
                for number, division in enumerate(near, start=1)
            ],
            ignore_index=True,
        )[["solution_no", "municipality_code", "group_no"]],
        together=_together(problem, near),
        seed_count=seeds,
    )


def _rank(problem: GroupProblem, division: Division) -> tuple[float, ...]:
    grouped = sum(len(problem.nodes[node]) for group in division for node in group)
    return (-len(division), -grouped, within_distance_km(problem, division))


def within_distance_km(problem: GroupProblem, division: Division) -> float:
    """Sum, over groups, of the distances between every two nodes (km)."""
    far = distances_km(problem.places, problem.places)
    return math.fsum(
        float(far[one, other])
        for group in division
        for one, other in itertools.combinations(sorted(group), 2)
    )


def _one_run(problem: GroupProblem, seed: int) -> Division:
    groups: list[frozenset[int]] = []
    for part in components(range(len(problem.nodes)), problem.neighbours):
        if problem.total(part) >= problem.threshold:
            groups += search_groups(problem, sorted(part), seed)
    return tuple(sorted(groups, key=min))


def _membership(problem: GroupProblem, division: Division) -> pd.DataFrame:
    group_of = {
        code: number
        for number, group in enumerate(division, start=1)
        for node in group
        for code in problem.nodes[node]
    }
    codes = sorted(code for node in problem.nodes for code in node)
    return pd.DataFrame(
        {
            "municipality_code": codes,
            "group_no": pd.array([group_of.get(code) for code in codes], dtype="Int64"),
        }
    )


def _together(problem: GroupProblem, divisions: Sequence[Division]) -> pd.DataFrame:
    counts: dict[tuple[str, str], int] = {}
    for division in divisions:
        for group in division:
            codes = sorted(code for node in group for code in problem.nodes[node])
            for pair in itertools.combinations(codes, 2):
                counts[pair] = counts.get(pair, 0) + 1
    return pd.DataFrame(
        [(one, other, count / len(divisions)) for (one, other), count in sorted(counts.items())],
        columns=["municipality_code", "other_municipality_code", "together_share"],
    )
