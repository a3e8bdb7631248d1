"""Findings of the theme ``groups``: candidate groups, how sure, and the real model regions."""

from __future__ import annotations

import dataclasses

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area
from gunmane_analysis.charts.maps import plot_groups
from gunmane_analysis.findings.described import absent_finding, described_finding, sentence
from gunmane_analysis.findings.finding import Finding, KeyFigure, has_synthetic
from gunmane_analysis.findings.profile_context import sources_of
from gunmane_analysis.metrics.groups.proposal import GroupProposals
from gunmane_analysis.metrics.groups.question import AreaGroups, GroupScore
from gunmane_analysis.wording import yen

UNITS = "group_units"
ADJACENCY = "adjacency"
BOUNDARIES = "boundaries"
MODEL_REGIONS = "model_regions"
CONDITIONS = "group_conditions"
STEPS = "standard_steps"
# Of each measure: its name, its unit, and the day or period after the year.
MEASURES = {
    "technician_count": ("技術系職員", "人", "年4月1日現在"),
    "general_staff_count": ("一般行政部門職員（土木部門職員ではない）", "人", "年4月1日現在"),
    "civil_engineering_expenditure_jpy": ("土木費", "円", "年度決算"),
}
_GIVEN_BY = {
    "technician_count": (UNITS, "municipal_staffing", "teiin"),
    "general_staff_count": (UNITS, "ssdse_a"),
    "civil_engineering_expenditure_jpy": (UNITS, "municipal_panel", "ssdse_a"),
}
_CONDITIONS = {"together": "一緒にする", "apart": "分ける", "within": "流域・土木事務所"}
_NEEDED = pd.DataFrame(
    {
        "need": [
            "市区町村別の技術系職員数（これがなければ次の行を用いる）",
            "市区町村別の一般行政部門職員数・土木費",
            "隣り合う市区町村の組",
        ],
        "form": ["teiin または municipal_staffing", "ssdse_a または municipal_panel", ADJACENCY],
    }
)


def area_groups_finding(
    found: AreaGroups,
    adjacency: pd.DataFrame,
    filings: pd.DataFrame,
    boundaries: pd.DataFrame | None = None,
) -> Finding:
    """Show a region's candidate groups with how sure each is, or what is missing.

    Parameters
    ----------
    found : AreaGroups
    adjacency : DataFrame
        One row per pair of neighbours.
    filings : DataFrame
        One row per source that may have been filed: ``source_id``, ``is_filed``
        (:func:`gunmane_analysis.loaders.profile.load_profile_filings`).
    boundaries : DataFrame, optional
        Outlines; without them the chart stands on town halls.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> filings = pd.DataFrame({"source_id": [], "is_filed": []}).astype({"is_filed": "bool"})
    >>> missing = AreaGroups(find_area("05"), "not_filed")
    >>> area_groups_finding(missing, pd.DataFrame(), filings).finding_id
    'groups.proposal'
    """
    if found.obstacle or found.proposals is None or found.score is None or found.region is None:
        name = (found.region or found.area).name
        headline = sentence("groups.needed", found.obstacle, name=name)
        needed = described_finding("groups.needed", _NEEDED, headline)
        return dataclasses.replace(needed, finding_id="groups.proposal")
    region, outlines, table = found.region, _outlines(found, boundaries), _member_table(found)
    proposals, is_block = found.proposals, region.kind == "block"
    best = proposals.best
    return described_finding(
        "groups.proposal",
        table[table["municipality_count"] > 1] if is_block else table,
        words=_proposal_words(found, found.score, proposals)
        | {
            "area": region.name,
            "crossing_count": found.crossing_count if is_block else None,
            "way": "役所の位置の" if outlines is None else "市区町村の区域を群ごとに塗り分けた",
        },
        source_ids=(
            *group_sources(found.measure, filings, has_outlines=outlines is not None),
            *([] if found.conditions is None or found.conditions.empty else [CONDITIONS]),
        ),
        plot=lambda: plot_groups(best, adjacency, outlines),
        key_figures=(
            KeyFigure(
                "groups.group_count",
                "群の候補",
                float(found.score.group_count),
                unit="群",
                area_id=region.area_id,
            ),
        ),
    )


def _proposal_words(
    found: AreaGroups, score: GroupScore, proposals: GroupProposals
) -> dict[str, object]:
    label, unit, when = MEASURES[found.measure]
    balance = (
        sentence("groups.proposal", name, score=score)
        for name in ("population_ratio", "fiscal_spread")
    )
    return {
        "measure": label,
        "unit": unit,
        "date": f"{found.fiscal_year}{when}",
        "municipality_count": len(proposals.best),
        "threshold": _words(found.threshold, unit),
        "score": score,
        "least": _words(score.worst_amount, unit),
        "alone_count": (score.table["municipality_count"] == 1).sum(),
        "proposals": proposals,
        "division_count": len(proposals.solutions),
        "instead": None if found.measure == "technician_count" else label,
        "balance": [words for words in balance if words],
        **_condition_words(found.conditions),
    }


def _condition_words(conditions: pd.DataFrame | None) -> dict[str, object]:
    """Return how many groups of each condition were filed, in words, and whether they are real."""
    if conditions is None or conditions.empty:
        return {"conditions": None}
    counts = conditions.groupby("condition")["label"].nunique()
    is_made_up = has_synthetic(conditions["label"], conditions["reason"])
    return {
        "conditions": [
            f"{_CONDITIONS[name]}{counts[name]}" for name in _CONDITIONS if name in counts
        ],
        "synthetic": "（合成データを含む）" if is_made_up else "",
    }


def group_sources(
    measure: str, filings: pd.DataFrame, *, has_outlines: bool = False
) -> tuple[str, ...]:
    """Return the filed sources that a proposal stands on; the path's own where none is named."""
    wanted = (*_GIVEN_BY[measure], "municipal_panel", ADJACENCY)
    return (*sources_of(filings, wanted), *([BOUNDARIES] if has_outlines else [])) or (STEPS,)


def _outlines(found: AreaGroups, boundaries: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return the outlines where every municipality of the region has one."""
    if boundaries is None or found.units is None:
        return None
    codes = set(found.units["municipality_code"])
    return boundaries if codes <= set(boundaries["area_code"]) else None


def model_regions_finding(compared: pd.DataFrame, area: AreaLike, filings: pd.DataFrame) -> Finding:
    """Word how the real model regions score, and what the method proposes around each.

    Parameters
    ----------
    compared : DataFrame
        From :func:`gunmane_analysis.metrics.groups.question.model_region_comparison`; the
        finding is absent while it has no rows.
    area : Area or str
    filings : DataFrame
        One row per source that may have been filed: ``source_id``, ``is_filed``.

    Examples
    --------
    >>> model_regions_finding(pd.DataFrame(), "05", pd.DataFrame()).placement
    'absent'
    """
    area = find_area(area)
    if compared.empty:
        return absent_finding("groups.model_regions")
    used = compared.drop_duplicates(["measure", "threshold"])
    labels = {
        f"{MEASURES[measure][0]}{_words(threshold, MEASURES[measure][1])}"
        for measure, threshold in zip(used["measure"], used["threshold"], strict=True)
    }
    place = area.ancestor("prefecture") if area.kind == "municipality" else area
    one_measure = compared["measure"].iloc[0] if compared["measure"].nunique() == 1 else ""
    label, unit, _ = MEASURES.get(one_measure, ("用いた値", "", ""))
    return described_finding(
        "groups.model_regions",
        compared,
        words={
            "place": place.name,
            "region_count": len(compared),
            "body_count": compared["body_count"].sum(),
            "measures": sorted(labels),
            "reaching_count": compared["reaches_threshold"].sum(),
            "equal_count": (compared["overlap"] == 1.0).sum(),
            "measure": label,
            "unit": unit,
        },
        source_ids=(*group_sources(str(compared["measure"].iloc[0]), filings), MODEL_REGIONS),
    )


def _words(amount: float, unit: str) -> str:
    return yen(amount) if unit == "円" else f"{amount:,.0f}{unit}"


def _member_table(found: AreaGroups) -> pd.DataFrame:
    assert found.proposals is not None and found.score is not None
    best = found.proposals.best.dropna(subset=["group_no"])
    shares = found.proposals.together.set_index(["municipality_code", "other_municipality_code"])[
        "together_share"
    ]
    members, firmness = {}, {}
    for number, rows in best.astype({"group_no": "int64"}).groupby("group_no"):
        codes = sorted(rows["municipality_code"])
        members[number] = "、".join(find_area(code).name for code in codes)
        pairs = [(a, b) for place, a in enumerate(codes) for b in codes[place + 1 :]]
        firmness[number] = min((float(shares[pair]) for pair in pairs), default=1.0)
    table = found.score.table
    return table.assign(
        members=table["group_no"].map(members), firmness=table["group_no"].map(firmness)
    )


_PAIRS_SHOWN = 30


def near_divisions_finding(found: AreaGroups, filings: pd.DataFrame) -> Finding:
    """List the near-best divisions; absent where there is no second one.

    Examples
    --------
    >>> missing = AreaGroups(find_area("05"), "not_filed")
    >>> near_divisions_finding(missing, pd.DataFrame()).placement
    'absent'
    """
    if found.proposals is None or found.region is None or len(found.proposals.solutions) < 2:
        return absent_finding("groups.divisions")
    table = found.proposals.solutions
    return described_finding(
        "groups.divisions",
        table,
        words={
            "area": found.region.name,
            "most": table["group_count"].max(),
            "one_less": table["group_count"].max() - 1,
            "division_count": len(table),
        },
        source_ids=group_sources(found.measure, filings),
    )


def pairs_finding(found: AreaGroups, filings: pd.DataFrame) -> Finding:
    """List who shares a group in how many of the near-best divisions.

    A municipality's page lists its own pairs, others the pairs that stay together most.

    Examples
    --------
    >>> missing = AreaGroups(find_area("05"), "not_filed")
    >>> pairs_finding(missing, pd.DataFrame()).placement
    'absent'
    """
    if found.proposals is None or found.proposals.together.empty:
        return absent_finding("groups.pairs")
    pairs = found.proposals.together
    sides = ["municipality_code", "other_municipality_code"]
    is_one = found.area.kind == "municipality"
    if is_one:
        pairs = pairs[(pairs[sides] == found.area.area_id).any(axis=1)]
    if pairs.empty:
        return absent_finding("groups.pairs")
    shown = pairs.sort_values("together_share", ascending=False, kind="stable").head(_PAIRS_SHOWN)
    place = found.area if is_one else found.region or found.area
    return described_finding(
        "groups.pairs",
        shown.assign(
            one=[find_area(code).name for code in shown[sides[0]]],
            other=[find_area(code).name for code in shown[sides[1]]],
        ),
        words={
            "place": place.name,
            "division_count": len(found.proposals.solutions),
            "pair_count": len(pairs),
            "always_count": (pairs["together_share"] == 1.0).sum(),
            "shown_count": _PAIRS_SHOWN,
        },
        source_ids=group_sources(found.measure, filings),
    )
