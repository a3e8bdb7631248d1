"""From what is filed to a question about groups: which measure, which threshold, whose area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.metrics.group_problem import GroupProblem, group_problem
from gunmane_analysis.metrics.group_scores import GroupScore, score_groups, score_model_regions
from gunmane_analysis.metrics.groups import GroupProposals, propose_groups
from gunmane_analysis.metrics.steps import in_area

MEASURES = ("technician_count", "general_staff_count", "civil_engineering_expenditure_jpy")


@dataclass(frozen=True)
class AreaGroups:
    """Candidate groups of one prefecture, or why there are none.

    ``obstacle`` is empty, or ``not_filed`` (no adjacency or no amounts), ``too_large`` (the
    area is larger than a prefecture, see its prefectures), ``below`` (all together do not
    reach the threshold).
    """

    area: Area
    obstacle: str
    measure: str = ""
    threshold: float = float("nan")
    fiscal_year: int | None = None
    units: pd.DataFrame | None = None
    problem: GroupProblem | None = None
    proposals: GroupProposals | None = None
    score: GroupScore | None = None
    model_regions: pd.DataFrame | None = None


def area_groups(
    units: pd.DataFrame,
    adjacency: pd.DataFrame,
    area: Area,
    fiscal_year: int,
    thresholds: Mapping[str, float],
    conditions: pd.DataFrame | None = None,
    model_regions: pd.DataFrame | None = None,
) -> AreaGroups:
    """Propose groups inside the prefecture of an area.

    Parameters
    ----------
    units : DataFrame
        One row per municipality and year (:class:`gunmane_analysis.schemas.groups.GroupUnits`).
        Technicians are pooled where all municipalities of the prefecture have them, else
        general staff, else civil-engineering expenditure.
    adjacency : DataFrame
        One row per pair of neighbours.
    area : Area
        A prefecture, or a municipality (whose prefecture is taken).
    fiscal_year : int
        The last year whose figures may be used.
    thresholds : mapping of str to float
        By measure.
    conditions, model_regions : DataFrame, optional
        As filed; none, or no rows, while they are not.
    """
    if area.kind in ("nation", "block"):
        return AreaGroups(area, "too_large" if len(units) and len(adjacency) else "not_filed")
    prefecture = area.ancestor("prefecture")
    own = units[in_area(units["municipality_code"], prefecture)]
    own = own[own["fiscal_year"] <= fiscal_year]
    year = own["fiscal_year"].max() if len(own) else None
    own = own[own["fiscal_year"] == year].reset_index(drop=True)
    measure = next((name for name in MEASURES if len(own) and own[name].notna().all()), "")
    if not measure or adjacency.empty:
        return AreaGroups(area, "not_filed")
    threshold = thresholds[measure]
    amounts = dict(zip(own["municipality_code"], own[measure].astype("float64"), strict=True))
    problem = group_problem(amounts, adjacency, threshold, conditions)
    proposals = propose_groups(problem)
    used_year = int(year or 0)
    if proposals.group_count == 0:
        return AreaGroups(area, "below", measure, threshold, used_year, own, problem)
    regions = (
        score_model_regions(model_regions, problem, proposals.best)
        if model_regions is not None and len(model_regions)
        else None
    )
    score = score_groups(proposals.best, own, measure)
    return AreaGroups(
        area, "", measure, threshold, used_year, own, problem, proposals, score, regions
    )
