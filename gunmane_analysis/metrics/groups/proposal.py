"""Groups: candidate sets of neighbouring municipalities that together reach a threshold.

Max-p regionalisation: as many contiguous groups as possible, each reaching the threshold;
among divisions with as many groups, the one whose town halls lie closest together. The
problem is NP-hard, so a heuristic is run from several seeds and what it found more than once
can be distinguished from what it found by chance.

The search grows groups from random places; what is left over joins a neighbour; groups (and
pairs of neighbouring groups) large enough are divided along random spanning trees; last, single
nodes move to the neighbour they lie closer to. Every step keeps contiguity, threshold and
conditions. spopt's ``MaxPHeuristic`` (0.7.0) knows no conditions, and its annealing loops for
ever where no node of a group above the threshold can move (a row of three with amounts 1, 2, 1
and threshold 2).

References
----------
Duque, J. C., Anselin, L., Rey, S. J. (2012). The max-p-regions problem. Journal of Regional
Science 52(3), 397-419.
Wei, R., Rey, S., Knaap, E. (2021). Efficient regionalization for spatially explicit
neighborhood delineation. International Journal of Geographical Information Science 35(1).
DeFord, D., Duchin, M., Solomon, J. (2021). Recombination: a family of Markov chains for
redistricting. Harvard Data Science Review 3(1): division along spanning trees.
"""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.areas import distances_km
from gunmane_analysis.cache import cached
from gunmane_analysis.metrics.groups.problem import GroupProblem, components
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result

DEFAULT_SEEDS = 8
_NEAR_BEST = 1  # divisions with one group fewer than the best are still shown

Division = tuple[frozenset[int], ...]


@dataclass(frozen=True, eq=False, repr=False)
class GroupProposals(Result):
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
    problem: GroupProblem, seeds: int = DEFAULT_SEEDS, seed: int = 0
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
    refuse_if(seeds < 1, "groups-seeds")
    found = Counter(_one_run(problem, seed + run) for run in range(seeds))
    ranked = sorted(found, key=lambda division: _rank(problem, division))
    near = [item for item in ranked if len(item) >= len(ranked[0]) - _NEAR_BEST]
    return GroupProposals(
        problem=problem,
        solutions=pd.DataFrame(
            {
                "solution_no": number,
                "group_count": len(division),
                "within_distance_km": within_distance_km(problem, division),
                "grouped_count": sum(len(_codes(problem, group)) for group in division),
                "seed_count": found[division],
            }
            for number, division in enumerate(near, start=1)
        ),
        membership=pd.concat(
            [_membership(problem, division, no) for no, division in enumerate(near, start=1)],
            ignore_index=True,
        ),
        together=_together(problem, near),
        seed_count=seeds,
    )


def _rank(problem: GroupProblem, division: Division) -> tuple[float, ...]:
    grouped = sum(len(_codes(problem, group)) for group in division)
    return (-len(division), -grouped, within_distance_km(problem, division))


def _codes(problem: GroupProblem, group: frozenset[int]) -> list[str]:
    return sorted(code for node in group for code in problem.nodes[node])


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


def _membership(problem: GroupProblem, division: Division, number: int) -> pd.DataFrame:
    group_of = {
        code: group_no
        for group_no, group in enumerate(division, start=1)
        for code in _codes(problem, group)
    }
    codes = sorted(code for node in problem.nodes for code in node)
    return pd.DataFrame(
        {
            "solution_no": number,
            "municipality_code": codes,
            "group_no": pd.array([group_of.get(code) for code in codes], dtype="Int64"),
        }
    )


def _together(problem: GroupProblem, divisions: Sequence[Division]) -> pd.DataFrame:
    counts = Counter(
        pair
        for division in divisions
        for group in division
        for pair in itertools.combinations(_codes(problem, group), 2)
    )
    return pd.DataFrame(
        [(one, other, count / len(divisions)) for (one, other), count in sorted(counts.items())],
        columns=["municipality_code", "other_municipality_code", "together_share"],
    )


_CONSTRUCTIONS = 20
_NEAREST_TRIED = 3
_TREES = 4
_PASSES = 12


def search_groups(problem: GroupProblem, part: Sequence[int], seed: int) -> list[frozenset[int]]:
    """Divide one connected part of a problem into groups.

    Parameters
    ----------
    problem : GroupProblem
    part : sequence of int
        Positions of its nodes.
    seed : int

    Returns
    -------
    list of frozenset of int
        Contiguous groups that reach the threshold and respect every condition; nodes that
        no group can take are in none.
    """
    search = _Search(problem, frozenset(part), seed)
    built = [search.construct() for _ in range(_CONSTRUCTIONS)]
    best = max(built, key=lambda groups: (len(groups), sum(map(len, groups))))
    search.take_leftovers(best)
    search.divide(best)
    search.move_nearer(best)
    return [frozenset(group) for group in best]


class _Search:
    """One seeded search over one connected part."""

    def __init__(self, problem: GroupProblem, part: frozenset[int], seed: int) -> None:
        self.problem = problem
        self.part = part
        self.draw = random.Random(seed)
        self.near = {node: problem.neighbours[node] & part for node in part}
        self.ordered = {node: sorted(near) for node, near in self.near.items()}
        self.far: list[list[float]] = distances_km(problem.places, problem.places).tolist()

    def construct(self) -> list[set[int]]:
        """Grow groups one after another from random places, outlying places first."""
        free = set(self.part)
        groups: list[set[int]] = []
        spread = self.draw.uniform(0.5, 6.0)
        order = sorted(
            sorted(self.part), key=lambda node: len(self.near[node]) + self.draw.random() * spread
        )
        for start in order:
            if start in free:
                grown = self._grow(start, free)
                if grown is not None:
                    groups.append(grown)
                    free -= grown
        return groups

    def _grow(self, start: int, free: set[int]) -> set[int] | None:
        grown, total = {start}, self.problem.amounts[start]
        border = self.near[start] & free
        while total < self.problem.threshold:
            fitting = [node for node in border if not self._breaks(node, grown)]
            if not fitting:
                return None
            closest = sorted(fitting, key=lambda node: (self._added_km(node, grown), node))
            chosen = self.draw.choice(closest[:_NEAREST_TRIED])
            grown.add(chosen)
            total += self.problem.amounts[chosen]
            border = (border | (self.near[chosen] & free)) - grown
        return grown

    def _breaks(self, node: int, group: set[int]) -> bool:
        limit = self.problem.max_distance_km
        if limit is not None and any(self.far[node][other] > limit for other in group):
            return True
        apart = self.problem.apart
        return bool(apart) and any((min(node, o), max(node, o)) in apart for o in group)

    def _added_km(self, node: int, group: set[int]) -> float:
        row = self.far[node]
        return sum(row[other] for other in group) / len(group)

    def take_leftovers(self, groups: list[set[int]]) -> None:
        """Give every node without a group to a neighbouring group that may take it."""
        loose = self.part - set().union(*groups) if groups else set()
        waiting = sorted(loose)
        settled = True
        while settled and waiting:
            settled = False
            for node in list(waiting):
                fitting = [
                    group
                    for group in groups
                    if group & self.near[node] and not self._breaks(node, group)
                ]
                if fitting:
                    min(fitting, key=lambda group: self._added_km(node, group)).add(node)
                    waiting.remove(node)
                    settled = True

    def divide(self, groups: list[set[int]]) -> None:
        """Divide groups, then pairs of neighbouring groups, as far as the threshold allows."""
        self._divide_each(groups)
        place = 0
        while place < len(groups):
            if self._divide_with_neighbour(groups, groups[place]):
                self._divide_each(groups)
            else:
                place += 1

    def _divide_each(self, groups: list[set[int]]) -> None:
        place = 0
        while place < len(groups):
            halves = self._halves(groups[place])
            if halves is None:
                place += 1
            else:
                groups[place : place + 1] = halves

    def _divide_with_neighbour(self, groups: list[set[int]], one: set[int]) -> bool:
        needed = 3 * self.problem.threshold - self.problem.total(one)
        adjoining = set().union(*(self.near[node] for node in one)) - one
        for other in groups:
            if other.isdisjoint(adjoining) or self.problem.total(other) < needed:
                continue
            for _ in range(_TREES):
                first = self._halves(one | other, least=True)
                if first is None or any(map(self._broken, first)):
                    continue
                rest = self._halves(first[1])
                if rest is not None:
                    groups.remove(one)
                    groups.remove(other)
                    groups.extend([first[0], *rest])
                    return True
        return False

    def _broken(self, group: set[int]) -> bool:
        return any(self._breaks(node, group - {node}) for node in group)

    def _halves(self, group: set[int], least: bool = False) -> tuple[set[int], set[int]] | None:
        """Divide a group in two that both reach the threshold, the smaller (by amount) first."""
        total = self.problem.total(group)
        if total < 2 * self.problem.threshold:
            return None
        for _ in range(_TREES):
            tree, parent = self._spanning_tree(group)
            below = {node: self.problem.amounts[node] for node in tree}
            for node in reversed(tree[1:]):
                below[parent[node]] += below[node]
            cuts = [
                node
                for node in tree[1:]
                if min(below[node], total - below[node]) >= self.problem.threshold
            ]
            if cuts:
                aim = self.problem.threshold if least else total / 2
                chosen = min(
                    cuts, key=lambda node: abs(min(below[node], total - below[node]) - aim)
                )
                side = {chosen}
                for node in tree[tree.index(chosen) + 1 :]:
                    if parent.get(node) in side:
                        side.add(node)
                halves = (side, group - side)
                return halves if below[chosen] <= total / 2 else halves[::-1]
        return None

    def _spanning_tree(self, group: set[int]) -> tuple[list[int], dict[int, int]]:
        """Return a random spanning tree: nodes from the root outwards, and each one's parent."""
        root = self.draw.choice(sorted(group))
        tree, parent = [root], {}
        left = group - {root}
        border = [(root, node) for node in self.ordered[root] if node in left]
        while left and border:
            at = int(self.draw.random() * len(border))
            border[at], border[-1] = border[-1], border[at]
            source, node = border.pop()
            if node in left:
                left.discard(node)
                parent[node] = source
                tree.append(node)
                border += [(node, other) for other in self.ordered[node] if other in left]
        return tree, parent

    def move_nearer(self, groups: list[set[int]]) -> None:
        """Move single nodes to the neighbouring group that shortens the sum of distances."""
        group_of = {node: group for group in groups for node in group}
        for _ in range(_PASSES):
            order = sorted(group_of)
            self.draw.shuffle(order)
            moves = sum(self._move(node, group_of) for node in order)
            if moves == 0:
                return

    def _move(self, node: int, group_of: dict[int, set[int]]) -> bool:
        own = group_of[node]
        rest = own - {node}
        if not rest or self.problem.total(rest) < self.problem.threshold:
            return False
        row = self.far[node]
        here = sum(row[other] for other in rest)
        adjoining = {
            id(group_of[other]): group_of[other]
            for other in sorted(self.near[node])
            if other in group_of and group_of[other] is not own
        }
        gains = [
            (here - sum(row[other] for other in group), group)
            for group in adjoining.values()
            if not self._breaks(node, group)
        ]
        gain, nearest = max(gains, key=lambda pair: pair[0], default=(0.0, own))
        if gain <= 1e-9 or len(components(rest, self.near)) > 1:
            return False
        own.discard(node)
        nearest.add(node)
        group_of[node] = nearest
        return True
