"""The question behind a proposal of groups: who may join whom, and what each brings along.

Municipalities that must stay together become one node; borders that no group may cross are
cut; what then lies in a component too small to reach the threshold cannot be grouped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.areas import town_hall
from gunmane_analysis.refusals import refuse_if

Node = tuple[str, ...]


@dataclass(frozen=True)
class GroupProblem:
    """Nodes (municipalities that stay together), their amounts and who borders whom.

    Attributes
    ----------
    nodes : tuple of tuple of str
        Municipality codes of each node, in code order.
    amounts : tuple of float
        What each node brings, in the unit of the caller's amount.
    neighbours : mapping of int to frozenset of int
        Positions of bordering nodes, both ways.
    places : tuple of (latitude, longitude)
        Mean of the town halls of each node.
    threshold : float
        Each group must bring at least this.
    apart : frozenset of (int, int)
        Nodes that must not share a group (kept apart, or of two basins), lower position first.
    max_distance_km : float or None
        Longest distance between two town halls of a group.
    """

    nodes: tuple[Node, ...]
    amounts: tuple[float, ...]
    neighbours: Mapping[int, frozenset[int]]
    places: tuple[tuple[float, float], ...]
    threshold: float
    apart: frozenset[tuple[int, int]]
    max_distance_km: float | None

    def total(self, members: Iterable[int]) -> float:
        """Sum what nodes bring."""
        return sum(self.amounts[position] for position in members)

    def is_contiguous(self, members: frozenset[int]) -> bool:
        """Tell whether one can walk among nodes without leaving them."""
        return len(components(members, self.neighbours)) == 1


def group_problem(
    amounts: Mapping[str, float],
    adjacency: pd.DataFrame,
    threshold: float,
    conditions: pd.DataFrame | None = None,
    max_distance_km: float | None = None,
) -> GroupProblem:
    """Set up the question.

    Parameters
    ----------
    amounts : mapping of str to float
        Technicians, staff or yen by municipality code; every municipality that may be
        grouped.
    adjacency : DataFrame
        One row per pair of neighbours (the table ``adjacency``); an island has none;
        pairs with a municipality outside ``amounts`` are left aside.
    threshold : float
        In the unit of ``amounts``.
    conditions : DataFrame, optional
        One row per condition, label and municipality
        (the table ``group_conditions``). Municipalities without a
        ``within`` label may join any group.
    max_distance_km : float, optional
        Longest distance between two town halls of a group, as the crow flies.

    Raises
    ------
    DesignError
        If an amount is missing or negative, the threshold is not positive, or conditions
        contradict each other.

    Examples
    --------
    >>> amounts = {"05204": 6.0, "05303": 1.0, "05209": 5.0, "05201": 20.0}
    >>> pairs = pd.DataFrame({"municipality_code": ["05204", "05204", "05209"],
    ...                       "neighbour_municipality_code": ["05303", "05209", "05201"]})
    >>> group_problem(amounts, pairs, threshold=10.0).total([0, 1])
    26.0
    """
    wrong = sorted(code for code, amount in amounts.items() if not amount >= 0)
    refuse_if(wrong, "groups-amounts", codes="、".join(wrong[:10]))
    refuse_if(threshold <= 0, "groups-threshold", threshold=threshold)
    rules = _Conditions.read(conditions, set(amounts))
    nodes = rules.nodes(sorted(amounts))
    node_of = {code: position for position, node in enumerate(nodes) for code in node}
    places = tuple(_middle(node) for node in nodes)
    neighbours: dict[int, set[int]] = {position: set() for position in range(len(nodes))}
    for one, other in zip(
        adjacency["municipality_code"], adjacency["neighbour_municipality_code"], strict=True
    ):
        if one in node_of and other in node_of:
            neighbours[node_of[one]].add(node_of[other])
            neighbours[node_of[other]].add(node_of[one])
    apart = rules.apart_nodes(node_of)
    for one, other in apart:
        neighbours[one].discard(other)
        neighbours[other].discard(one)
    return GroupProblem(
        nodes=nodes,
        amounts=tuple(sum(amounts[code] for code in node) for node in nodes),
        neighbours={
            position: frozenset(near - {position}) for position, near in neighbours.items()
        },
        places=places,
        threshold=threshold,
        apart=apart,
        max_distance_km=max_distance_km,
    )


def components(
    members: Iterable[int], neighbours: Mapping[int, frozenset[int] | set[int]]
) -> list[frozenset[int]]:
    """Return the connected parts of a set of nodes, the one with the lowest node first."""
    left = set(members)
    found = []
    while left:
        part, waiting = set(), [min(left)]
        while waiting:
            node = waiting.pop()
            if node not in part:
                part.add(node)
                waiting.extend((neighbours[node] & left) - part)
        left -= part
        found.append(frozenset(part))
    return found


def _middle(node: Node) -> tuple[float, float]:
    halls = [town_hall(code) for code in node]
    return (
        sum(latitude for latitude, _ in halls) / len(halls),
        sum(longitude for _, longitude in halls) / len(halls),
    )


@dataclass(frozen=True)
class _Conditions:
    """Conditions by kind: label to municipalities, and the label within which each must stay."""

    together: tuple[frozenset[str], ...]
    apart: tuple[frozenset[str], ...]
    within: Mapping[str, str]

    @classmethod
    def read(cls, conditions: pd.DataFrame | None, known: set[str]) -> _Conditions:
        if conditions is None:
            return cls((), (), {})
        rows = conditions[conditions["municipality_code"].isin(known)]
        sets = rows.groupby(["condition", "label"])["municipality_code"].agg(frozenset)
        kinds = sets.index.get_level_values("condition")
        together, apart = (tuple(sets[kinds == kind]) for kind in ("together", "apart"))
        held = rows[rows["condition"] == "within"]
        twice = held[held["municipality_code"].duplicated()]["municipality_code"]
        refuse_if(len(twice), "groups-two-basins", codes="、".join(twice))
        within = dict(zip(held["municipality_code"], held["label"], strict=True))
        return cls(together, apart, within)

    def nodes(self, codes: list[str]) -> tuple[Node, ...]:
        parts = {code: {code} for code in codes}
        for group in self.together:
            joined = set().union(*(parts[code] for code in group))
            parts |= dict.fromkeys(joined, joined)
        nodes = tuple(sorted({tuple(sorted(part)) for part in parts.values()}))
        for node in nodes:
            clashes = [group for group in self.apart if len(group & set(node)) > 1]
            labels = {self.within[code] for code in node if code in self.within}
            is_wrong = clashes or len(labels) > 1
            refuse_if(is_wrong, "groups-clash", codes="、".join(node))
        return nodes

    def apart_nodes(self, node_of: Mapping[str, int]) -> frozenset[tuple[int, int]]:
        pairs = set()
        for group in self.apart:
            positions = sorted({node_of[code] for code in group})
            pairs |= {(a, b) for a in positions for b in positions if a < b}
        # two basins never share a group, not even by way of a municipality that names none
        held = {node_of[code]: label for code, label in self.within.items()}
        pairs |= {(a, b) for a in held for b in held if a < b and held[a] != held[b]}
        return frozenset(pairs)
