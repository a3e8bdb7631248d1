"""From what is filed to a question about groups: which measure, which threshold, whose area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.areas import Area, find_area
from gunmane_analysis.metrics.groups.problem import GroupProblem, group_problem
from gunmane_analysis.metrics.groups.proposal import DEFAULT_SEEDS, GroupProposals, propose_groups
from gunmane_analysis.metrics.groups.scores import GroupScore, score_groups, score_model_regions
from gunmane_analysis.metrics.people.steps import in_area

MEASURES = ("technician_count", "general_staff_count", "civil_engineering_expenditure_jpy")
BLOCK_SEEDS = 4  # a block is searched as one region, several times as large as a prefecture
_TOLD_ALONG = ("population_count", "fiscal_index")


@dataclass(frozen=True)
class AreaGroups:
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


def area_groups(
    units: pd.DataFrame,
    adjacency: pd.DataFrame,
    area: Area,
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
    area : Area
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
    if area.kind == "nation":
        return AreaGroups(area, "too_large" if len(units) and len(adjacency) else "not_filed")
    region = area if area.kind == "block" else area.ancestor("prefecture")
    own = units[in_area(units["municipality_code"], region)]
    measure, year, rows = _measured(own[own["fiscal_year"] <= fiscal_year])
    if not measure or adjacency.empty:
        return AreaGroups(area, "not_filed", region)
    threshold = thresholds[measure]
    amounts = dict(zip(rows["municipality_code"], rows[measure].astype("float64"), strict=True))
    problem = group_problem(amounts, adjacency, threshold, conditions, max_distance_km)
    told = None if conditions is None else _applying(conditions, rows)
    usual = BLOCK_SEEDS if region.kind == "block" else DEFAULT_SEEDS
    proposals = propose_groups(problem, seeds or usual)
    if proposals.group_count == 0:
        return AreaGroups(
            area, "below", region, measure, threshold, year, rows, problem, conditions=told
        )
    score = score_groups(proposals.best, rows, measure)
    return AreaGroups(
        area, "", region, measure, threshold, year, rows, problem, proposals, score, told
    )  # fmt: skip


def _applying(conditions: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the conditions that name a municipality of the region."""
    named = conditions["municipality_code"].isin(rows["municipality_code"])
    return conditions[named].reset_index(drop=True)


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


def model_region_comparison(
    units: pd.DataFrame,
    adjacency: pd.DataFrame,
    area: Area,
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
    area : Area
        Regions with a municipality in its prefectures are compared.
    model_regions : DataFrame
        One row per model region and body (the table ``model_regions``).

    Returns
    -------
    DataFrame
        One row per model region, with the columns of
        :func:`gunmane_analysis.metrics.groups.scores.score_model_regions`, and ``members``,
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
    in_prefectures = model_regions["municipality_code"].str[:2].isin(area.prefecture_codes)
    parts = []
    for code in sorted(model_regions.loc[in_prefectures, "municipality_code"].str[:2].unique()):
        found = area_groups(
            units, adjacency, find_area(code), fiscal_year, thresholds, conditions
        )  # fmt: skip
        if found.problem is None:
            continue
        best = (
            found.proposals.best
            if found.proposals is not None and found.score is not None
            else pd.DataFrame({"municipality_code": [], "group_no": []}, dtype="object")
        )
        scored = score_model_regions(
            model_regions[model_regions["municipality_code"].str[:2] == code], found.problem, best
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
