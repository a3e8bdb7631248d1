"""How good a division into groups is, and how the real model regions would have scored."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.areas import distance_km, town_hall
from gunmane_analysis.cache import cached
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.contracts.estimator import cost_comparison
from gunmane_analysis.metrics.groups.problem import GroupProblem
from gunmane_analysis.tables.estimate import EstimateInput


@dataclass(frozen=True)
class GroupScore:
    """Scores of one division.

    ``table`` has one row per group: ``group_no``, ``municipality_count``, ``amount``
    (pooled), ``population_count``, ``fiscal_index_low`` and ``fiscal_index_high``,
    ``span_km`` (longest distance between two town halls), and, where estimates are given for
    every member, ``saving_npv_jpy`` and ``cash_saving_npv_jpy``.
    """

    table: pd.DataFrame
    group_count: int
    ungrouped_count: int
    worst_amount: float
    longest_span_km: float
    population_ratio: float
    fiscal_index_range: float


@cached
def score_groups(
    division: pd.DataFrame,
    units: pd.DataFrame,
    amount: str,
    estimates: Mapping[str, EstimateInput] | None = None,
) -> GroupScore:
    """Score a division.

    Parameters
    ----------
    division : DataFrame
        One row per municipality: ``municipality_code``, ``group_no`` (missing = ungrouped).
    units : DataFrame
        One row per municipality: ``municipality_code``, the column ``amount`` and, where
        known, ``population_count`` and ``fiscal_index``.
    amount : str
        Column of ``units`` that is pooled.
    estimates : mapping of str to EstimateInput, optional
        What bundling would change in each municipality, as filled in for the estimation tool.

    Returns
    -------
    GroupScore
        ``population_ratio`` is the largest group's population over the smallest's,
        ``fiscal_index_range`` the widest spread of the fiscal index inside a group; both are
        missing where a member's figure is.

    Raises
    ------
    DesignError
        If a municipality of a group has no row in ``units``, or there is no group.

    Examples
    --------
    >>> from gunmane_analysis.metrics.groups.problem import group_problem
    >>> from gunmane_analysis.metrics.groups.proposal import propose_groups
    >>> amounts = {"05204": 6.0, "05303": 1.0, "05209": 5.0, "05201": 20.0}
    >>> pairs = pd.DataFrame({"municipality_code": ["05204", "05204", "05209"],
    ...                       "neighbour_municipality_code": ["05303", "05209", "05201"]})
    >>> best = propose_groups(group_problem(amounts, pairs, threshold=10.0)).best
    >>> units = pd.DataFrame({"municipality_code": list(amounts), "staff": list(amounts.values())})
    >>> score_groups(best, units, "staff").worst_amount
    12.0
    """
    grouped = division.dropna(subset=["group_no"])
    if grouped.empty:
        raise DesignError("評価する群がありません。", advice="群の基準を下げてください。")
    names = ["municipality_code", amount]
    names += [name for name in ("population_count", "fiscal_index") if name in units]
    joined = grouped.merge(units[names], on="municipality_code", how="left", validate="one_to_one")
    missing = joined.loc[joined[amount].isna(), "municipality_code"]
    if len(missing):
        raise DesignError(
            f"群に、値のない市区町村があります（{'、'.join(missing)}）。",
            advice="その市区町村の値を届けるか、群から除いてください。",
        )
    rows = [
        {"group_no": number, **_group_row(group, amount, estimates or {})}
        for number, group in joined.astype({"group_no": "int64"}).groupby("group_no")
    ]
    table = pd.DataFrame(rows)
    return GroupScore(
        table=table,
        group_count=len(table),
        ungrouped_count=int(division["group_no"].isna().sum()),
        worst_amount=float(table["amount"].min()),
        longest_span_km=float(table["span_km"].max()),
        population_ratio=float(table["population_count"].max() / table["population_count"].min())
        if table["population_count"].notna().all()
        else float("nan"),
        fiscal_index_range=float((table["fiscal_index_high"] - table["fiscal_index_low"]).max()),
    )


def _group_row(
    group: pd.DataFrame, amount: str, estimates: Mapping[str, EstimateInput]
) -> dict[str, object]:
    codes = group["municipality_code"].tolist()
    unknown = pd.Series(float("nan"), index=group.index)
    population = group.get("population_count", unknown)
    fiscal = group.get("fiscal_index", unknown)
    savings = [cost_comparison(estimates[code]) for code in codes if code in estimates]
    is_complete = len(savings) == len(codes)
    return {
        "municipality_count": len(codes),
        "amount": float(group[amount].sum()),
        "population_count": float(population.sum(skipna=False)),
        "fiscal_index_low": float(fiscal.min(skipna=False)),
        "fiscal_index_high": float(fiscal.max(skipna=False)),
        "span_km": span_km(codes),
        "saving_npv_jpy": sum(saving.total_saving_npv_jpy for saving in savings)
        if is_complete
        else float("nan"),
        "cash_saving_npv_jpy": sum(saving.cash_saving_npv_jpy for saving in savings)
        if is_complete
        else float("nan"),
    }


def span_km(codes: list[str]) -> float:
    """Return the longest distance between two town halls (km; 0 for one).

    Examples
    --------
    >>> round(span_km(["05204", "05201"]))
    73
    """
    halls = [town_hall(code) for code in codes]
    return max(
        (distance_km(one, other) for one, other in itertools.combinations(halls, 2)), default=0.0
    )


def score_model_regions(
    model_regions: pd.DataFrame,
    problem: GroupProblem,
    division: pd.DataFrame,
) -> pd.DataFrame:
    """Score the real model regions, and find what the method proposed around each.

    Parameters
    ----------
    model_regions : DataFrame
        One row per model region and body; prefectures (two digits) are counted apart.
    problem : GroupProblem
        Of the same municipalities; regions with a member outside it are left out.
    division : DataFrame
        The proposal: ``municipality_code``, ``group_no``.

    Returns
    -------
    DataFrame
        One row per model region: ``group_no``, ``pattern``, ``municipality_count``,
        ``has_prefecture``, ``amount``, ``reaches_threshold``, ``is_contiguous``, ``span_km``,
        ``proposed_group_no`` (the proposal that shares most with it), ``shared_count``,
        ``proposed_count`` and ``overlap`` (shared over all members of either, 0-1).

    Examples
    --------
    >>> from gunmane_analysis.metrics.groups.problem import group_problem
    >>> from gunmane_analysis.metrics.groups.proposal import propose_groups
    >>> amounts = {"05204": 6.0, "05303": 1.0, "05209": 5.0, "05201": 20.0}
    >>> pairs = pd.DataFrame({"municipality_code": ["05204", "05204", "05209"],
    ...                       "neighbour_municipality_code": ["05303", "05209", "05201"]})
    >>> regions = pd.DataFrame({"group_no": 2, "pattern": "多分野連携",
    ...     "municipality_code": ["05204"], "body_name": "大館市", "is_representative": True})
    >>> problem = group_problem(amounts, pairs, threshold=10.0)
    >>> scored = score_model_regions(regions, problem, propose_groups(problem).best)
    >>> bool(scored.loc[0, "reaches_threshold"])
    False
    """
    node_of = {code: place for place, node in enumerate(problem.nodes) for code in node}
    grouped = division.dropna(subset=["group_no"]).astype({"group_no": "int64"})
    proposals = {
        number: frozenset(group["municipality_code"])
        for number, group in grouped.groupby("group_no")
    }
    rows = []
    for number, bodies in model_regions.groupby("group_no"):
        is_prefecture = bodies["municipality_code"].str.len() == 2
        codes = sorted(bodies.loc[~is_prefecture, "municipality_code"])
        if not codes or any(code not in node_of for code in codes):
            continue
        nodes = frozenset(node_of[code] for code in codes)
        members = frozenset(codes)
        nearest = max(proposals, key=lambda key: _overlap(members, proposals[key]), default=None)
        proposed = proposals[nearest] if nearest is not None else frozenset()
        rows.append(
            {
                "group_no": number,
                "pattern": bodies["pattern"].iloc[0],
                "municipality_count": len(codes),
                "has_prefecture": bool(is_prefecture.any()),
                "amount": problem.total(nodes),
                "reaches_threshold": problem.total(nodes) >= problem.threshold,
                "is_contiguous": problem.is_contiguous(nodes),
                "span_km": span_km(codes),
                "proposed_group_no": nearest if members & proposed else None,
                "shared_count": len(members & proposed),
                "proposed_count": len(proposed) if members & proposed else 0,
                "overlap": _overlap(members, proposed),
            }
        )
    return pd.DataFrame(rows, columns=list(_REGION_COLUMNS))


_REGION_COLUMNS = (
    "group_no",
    "pattern",
    "municipality_count",
    "has_prefecture",
    "amount",
    "reaches_threshold",
    "is_contiguous",
    "span_km",
    "proposed_group_no",
    "shared_count",
    "proposed_count",
    "overlap",
)


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    either = one | other
    return len(one & other) / len(either) if either else 0.0
