"""Candidate groups of an area from what is filed, their scores, and the real model regions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, distances_km, find_area, find_areas, town_hall
from gunmane_analysis.cache import cached
from gunmane_analysis.metrics.groups.problem import GroupProblem, group_problem
from gunmane_analysis.metrics.groups.proposal import DEFAULT_SEEDS, GroupProposals, propose_groups
from gunmane_analysis.metrics.people.steps import in_area, municipality_count
from gunmane_analysis.metrics.validation import known_until
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result
from gunmane_analysis.tables.description import marked_rows

MEASURES = ("technician_count", "general_staff_count", "civil_engineering_expenditure_jpy")
BLOCK_SEEDS = 4  # a block is searched as one region, several times as large as a prefecture
_COUNT_COLUMNS = [
    "area_id", "area_name", "municipality_count", "group_count", "grouped_count", "alone_count",
    "measure", "measure_fiscal_year", "threshold",
]  # fmt: skip
_TOLD_ALONG = ("population_count", "fiscal_index")


@dataclass(frozen=True, eq=False, repr=False)
class AreaGroups(Result):
    """Candidate groups of one region (a prefecture or a block), or why there are none.

    ``obstacle`` is empty, or ``not_filed`` (no adjacency or no amounts), ``too_large`` (the
    nation, see its blocks), ``below`` (all together do not reach the threshold). ``units``
    are the region's municipalities in ``fiscal_year``, the year of ``measure``;
    ``conditions`` the filed conditions that name any of them.
    """

    area: Area
    obstacle: str
    region: Area | None = None
    measure: str = ""
    threshold: float = float("nan")
    fiscal_year: int | None = None
    units: pd.DataFrame | None = None
    problem: GroupProblem | None = None
    proposals: GroupProposals | None = None
    score: GroupScore | None = None
    conditions: pd.DataFrame | None = None

    @property
    def crossing_count(self) -> int:
        """Groups of the best division whose members lie in more than one prefecture."""
        if self.proposals is None:
            return 0
        best = self.proposals.best.dropna(subset=["group_no"])
        prefectures = best["municipality_code"].str[:2].groupby(best["group_no"]).nunique()
        return int((prefectures > 1).sum())

    @property
    def is_synthetic(self) -> bool:
        """Whether a row that the groups stand on is marked 合成データ or 仮."""
        return self.units is not None and bool(marked_rows(self.units).any())


def area_groups(
    units: pd.DataFrame,
    adjacency: pd.DataFrame,
    area: AreaLike,
    fiscal_year: int,
    thresholds: Mapping[str, float],
    conditions: pd.DataFrame | None = None,
    seeds: int | None = None,
    max_distance_km: float | None = None,
) -> AreaGroups:
    """Propose groups inside the prefecture of an area, or inside a block across prefectures.

    Parameters
    ----------
    units : DataFrame
        One row per municipality and year (the table ``group_units``).
        Technicians are pooled where all municipalities of the region have them, else general
        staff, else civil-engineering expenditure; each in its last year that all have.
    adjacency : DataFrame
        One row per pair of neighbours.
    area : Area or str
        A block, a prefecture, or a municipality (whose prefecture is taken).
    fiscal_year : int
        The last year whose figures may be used.
    thresholds : mapping of str to float
        By measure.
    conditions : DataFrame, optional
        As filed; none, or no rows, while they are not.
    seeds : int, optional
        Runs of the search; 8 for a prefecture and 4 for a block when left out.
    max_distance_km : float, optional
        Longest distance between two town halls of a group; none when left out.

    Examples
    --------
    >>> from gunmane_analysis.areas import children, find_area
    >>> codes = [place.area_id for place in children(find_area("18"))]
    >>> units = pd.DataFrame({"municipality_code": codes, "fiscal_year": 2024,
    ...     "technician_count": 5.0, "general_staff_count": 100.0,
    ...     "civil_engineering_expenditure_jpy": 1e9,
    ...     "population_count": 10_000.0, "fiscal_index": 0.5})
    >>> chain = pd.DataFrame({"municipality_code": codes[:-1],
    ...                       "neighbour_municipality_code": codes[1:]})
    >>> found = area_groups(units, chain, find_area("18"), 2024, {"technician_count": 10.0})
    >>> found.score.group_count
    8
    """
    area = find_area(area)
    units = known_until(units, fiscal_year, "fiscal_year")
    if area.kind == "nation":
        return AreaGroups(area, "too_large" if len(units) and len(adjacency) else "not_filed")
    region = area if area.kind == "block" else area.ancestor("prefecture")
    own = units[in_area(units["municipality_code"], region)]
    measure, year, rows = _measured(own)
    if not measure or adjacency.empty:
        return AreaGroups(area, "not_filed", region)
    refuse_if(measure not in thresholds, "groups-measure", measure=measure, expected=MEASURES)
    threshold = thresholds[measure]
    amounts = _amounts(rows, measure)
    problem = group_problem(amounts, adjacency, threshold, conditions, max_distance_km)
    applied = None
    if conditions is not None:
        is_named = conditions["municipality_code"].isin(rows["municipality_code"])
        applied = conditions[is_named].reset_index(drop=True)
    usual = BLOCK_SEEDS if region.kind == "block" else DEFAULT_SEEDS
    asked = AreaGroups(
        area, "below", region, measure, threshold, year, rows, problem, conditions=applied
    )
    proposals = propose_groups(problem, seeds or usual)
    if proposals.group_count == 0:
        return asked
    score = score_groups(proposals.best, rows, measure)
    return replace(asked, obstacle="", proposals=proposals, score=score)


@cached
def candidate_group_counts(
    units: pd.DataFrame,
    adjacency: pd.DataFrame,
    areas: Iterable[AreaLike],
    fiscal_year: int,
    thresholds: Mapping[str, float],
    conditions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Count the candidate groups of each prefecture, and of all together.

    Parameters
    ----------
    units, adjacency, fiscal_year, thresholds, conditions
        As for :func:`area_groups`, which searches each prefecture on its own.
    areas : sequence of Area or str
        Prefectures.

    Returns
    -------
    DataFrame
        One row per prefecture and last their sum (``area_id`` "total"): ``area_id``,
        ``area_name``, ``municipality_count``, ``group_count`` (groups of two or more),
        ``grouped_count`` (municipalities in them), ``alone_count`` (those that reach the
        threshold by themselves), ``measure``, ``measure_fiscal_year`` and ``threshold``
        (blank in the sum where prefectures differ), ``is_synthetic``. Counts are missing
        where nothing is filed, and so is a sum with a missing part.

    Notes
    -----
    How many groups could form says nothing of whether they should; thresholds are
    assumptions, and no group crosses a prefecture's border.

    Examples
    --------
    >>> units = pd.DataFrame({"municipality_code": ["18201"], "fiscal_year": 2024,
    ...     "technician_count": 12.0, "general_staff_count": 1.0,
    ...     "civil_engineering_expenditure_jpy": 1.0, "population_count": 1.0,
    ...     "fiscal_index": 1.0})
    >>> pairs = pd.DataFrame({"municipality_code": ["18201"],
    ...                       "neighbour_municipality_code": ["18202"]})
    >>> counted = candidate_group_counts(
    ...     units, pairs, [find_area("18")], 2024, {"technician_count": 10.0})
    >>> counted[["group_count", "alone_count"]].to_numpy().tolist()
    [[0.0, 1.0], [0.0, 1.0]]
    """
    areas = find_areas(areas)
    rows, marks = [], []
    for area in areas:
        found = area_groups(units, adjacency, area, fiscal_year, thresholds, conditions)
        marks.append(found.is_synthetic)
        counts = (0.0 if found.obstacle == "below" else float("nan"),) * 3
        if found.score is not None:
            sizes = found.score.table["municipality_count"]
            joint = sizes[sizes > 1]
            counts = float(len(joint)), float(joint.sum()), float(len(sizes) - len(joint))
        measured = found.measure, found.fiscal_year, found.threshold
        rows.append((area.area_id, area.name, municipality_count(area), *counts, *measured))
    table = pd.DataFrame(rows, columns=_COUNT_COLUMNS)
    summed, shared = table[_COUNT_COLUMNS[2:6]], table[_COUNT_COLUMNS[6:]]
    total = summed.sum(skipna=False).to_dict() | {"area_id": "total", "area_name": "計"}
    if len(shared.drop_duplicates()) == 1:
        total |= shared.iloc[0].to_dict()
    counted = pd.concat([table, pd.DataFrame([total])], ignore_index=True)
    return counted.assign(is_synthetic=[*marks, any(marks)])


def _measured(known: pd.DataFrame) -> tuple[str, int, pd.DataFrame]:
    """Return the first measure that all have, the last year all have it, and its rows."""
    everyone = known["municipality_code"].nunique()
    along = known.sort_values("fiscal_year").groupby("municipality_code")[list(_TOLD_ALONG)].last()
    for measure in MEASURES:
        counts = known.dropna(subset=[measure]).groupby("fiscal_year")["municipality_code"].size()
        whole = counts[counts == everyone]
        if len(whole):
            year = int(whole.index.max())
            rows = known[known["fiscal_year"] == year].drop(columns=list(_TOLD_ALONG))
            return measure, year, rows.merge(along.reset_index(), on="municipality_code")
    return "", 0, known


def _amounts(rows: pd.DataFrame, measure: str) -> dict[str, float]:
    """Return what each municipality brings."""
    return dict(zip(rows["municipality_code"], rows[measure].astype("float64"), strict=True))


def model_region_comparison(
    units: pd.DataFrame,
    adjacency: pd.DataFrame,
    area: AreaLike,
    fiscal_year: int,
    thresholds: Mapping[str, float],
    model_regions: pd.DataFrame,
    conditions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Score the real model regions of an area, with what the method proposes around each.

    Parameters
    ----------
    units, adjacency, fiscal_year, thresholds, conditions
        As for :func:`area_groups`; the method looks inside each region's prefecture.
    area : Area or str
        Regions with a municipality in its prefectures are compared.
    model_regions : DataFrame
        One row per model region and body (the table ``model_regions``).

    Returns
    -------
    DataFrame
        One row per model region, with the columns of
        :func:`gunmane_analysis.metrics.groups.question.score_model_regions`, and ``members``,
        ``proposed_members`` (names), ``body_count`` (with prefectures), ``measure``,
        ``measure_fiscal_year`` and ``threshold``. No rows while something is not filed.

    Examples
    --------
    >>> amounts = {"05204": 6.0, "05303": 1.0, "05209": 5.0, "05201": 20.0}
    >>> pairs = pd.DataFrame({"municipality_code": ["05204", "05204", "05209"],
    ...                       "neighbour_municipality_code": ["05303", "05209", "05201"]})
    >>> regions = pd.DataFrame({"group_no": 2, "pattern": "多分野連携",
    ...     "municipality_code": ["05204"], "body_name": "大館市", "is_representative": True})
    >>> units = pd.DataFrame({"municipality_code": list(amounts), "fiscal_year": 2024,
    ...     "technician_count": list(amounts.values()), "general_staff_count": float("nan"),
    ...     "civil_engineering_expenditure_jpy": float("nan"), "population_count": 1.0,
    ...     "fiscal_index": 0.5})
    >>> model_region_comparison(units, pairs, find_area("japan"), 2024,
    ...                         {"technician_count": 10.0}, regions)["members"].tolist()
    ['大館市']
    """
    area = find_area(area)
    in_prefectures = model_regions["municipality_code"].str[:2].isin(area.prefecture_codes)
    parts = []
    for code in sorted(model_regions.loc[in_prefectures, "municipality_code"].str[:2].unique()):
        found = area_groups(units, adjacency, code, fiscal_year, thresholds, conditions)
        if found.problem is None or found.units is None:
            continue
        amounts = _amounts(found.units, found.measure)
        best = pd.DataFrame({"municipality_code": [], "group_no": []}, dtype="object")
        if found.proposals is not None:
            best = found.proposals.best
        scored = score_model_regions(
            model_regions[model_regions["municipality_code"].str[:2] == code],
            group_problem(amounts, adjacency, found.threshold),  # a region's own members
            best,
        )
        proposed = best.groupby("group_no")["municipality_code"].agg(list).to_dict()
        parts.append(
            scored.assign(
                proposed_members=[
                    _names(proposed.get(number, [])) for number in scored["proposed_group_no"]
                ],
                measure=found.measure,
                measure_fiscal_year=found.fiscal_year,
                threshold=found.threshold,
                is_synthetic=found.is_synthetic,
            )
        )
    if not parts:
        return pd.DataFrame({"group_no": []})
    bodies = model_regions.groupby("group_no").agg(
        members=("body_name", "、".join), body_count=("body_name", "size")
    )
    joined = pd.concat(parts, ignore_index=True).merge(bodies.reset_index(), on="group_no")
    return joined.sort_values("group_no", ignore_index=True)


def _names(codes: list[str]) -> str:
    return "、".join(find_area(code).name for code in sorted(codes))


@dataclass(frozen=True, eq=False, repr=False)
class GroupScore(Result):
    """Scores of one division.

    ``table`` has one row per group: ``group_no``, ``municipality_count``, ``amount``
    (pooled), ``population_count``, ``fiscal_index_low`` and ``fiscal_index_high``, and
    ``span_km`` (longest distance between two town halls).
    """

    table: pd.DataFrame
    group_count: int
    ungrouped_count: int
    worst_amount: float
    longest_span_km: float
    population_ratio: float
    fiscal_index_range: float


@cached
def score_groups(division: pd.DataFrame, units: pd.DataFrame, amount: str) -> GroupScore:
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
    refuse_if(grouped.empty, "groups-none")
    known = units.reindex(columns=["municipality_code", amount, "population_count", "fiscal_index"])
    joined = grouped.merge(known, on="municipality_code", how="left", validate="one_to_one")
    missing = joined.loc[joined[amount].isna(), "municipality_code"]
    refuse_if(len(missing), "groups-no-amount", codes="、".join(missing))
    by_group = joined.astype({"group_no": "int64"}).groupby("group_no")
    fiscal = by_group["fiscal_index"]
    table = pd.DataFrame(
        {
            "municipality_count": by_group.size(),
            "amount": by_group[amount].sum(),
            "population_count": by_group["population_count"].sum(skipna=False),
            "fiscal_index_low": fiscal.min(skipna=False),
            "fiscal_index_high": fiscal.max(skipna=False),
            "span_km": by_group["municipality_code"].agg(list).map(span_km),
        }
    ).reset_index()
    residents = table["population_count"]
    smallest = residents.min(skipna=False) or float("nan")  # where everybody had to leave
    return GroupScore(
        table=table,
        group_count=len(table),
        ungrouped_count=int(division["group_no"].isna().sum()),
        worst_amount=float(table["amount"].min()),
        longest_span_km=float(table["span_km"].max()),
        population_ratio=float(residents.max(skipna=False) / smallest),
        fiscal_index_range=float((table["fiscal_index_high"] - table["fiscal_index_low"]).max()),
    )


def span_km(codes: list[str]) -> float:
    """Return the longest distance between two town halls (km; 0 for one).

    Examples
    --------
    >>> round(span_km(["05204", "05201"]))
    73
    """
    halls = [town_hall(code) for code in codes]
    return float(distances_km(halls, halls).max())


def score_model_regions(
    model_regions: pd.DataFrame, problem: GroupProblem, division: pd.DataFrame
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
    return pd.DataFrame(rows, columns=None if rows else ["group_no", "proposed_group_no"])


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    either = one | other
    return len(one & other) / len(either) if either else 0.0
