"""Findings of the theme ``groups``: candidate groups, how sure, and the real model regions."""

from __future__ import annotations

from functools import partial

import pandas as pd

from gunmane_analysis.areas import AreaLike, area_with_series, find_area
from gunmane_analysis.charts.maps import plot_groups
from gunmane_analysis.findings.described import absent_finding, described_finding, listed, sentence
from gunmane_analysis.findings.finding import Finding, has_synthetic
from gunmane_analysis.metrics.groups.proposal import GroupProposals
from gunmane_analysis.metrics.groups.question import AreaGroups, GroupScore
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables.indicators import indicators

_SIDES = ["municipality_code", "other_municipality_code"]


def area_groups_finding(
    found: AreaGroups, adjacency: pd.DataFrame, boundaries: pd.DataFrame | None = None
) -> Finding:
    """Show a region's candidate groups with how sure each is, or what is missing.

    Parameters
    ----------
    found : AreaGroups
    adjacency : DataFrame
        One row per pair of neighbours.
    boundaries : DataFrame, optional
        Outlines; without them the chart stands on town halls.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> missing = AreaGroups(find_area("05"), "not_filed")
    >>> area_groups_finding(missing, pd.DataFrame()).finding_id
    'groups.proposal'
    """
    if found.obstacle or found.proposals is None or found.score is None or found.region is None:
        name = (found.region or found.area).name
        needs = pd.DataFrame(listed("groups.proposal", "needs"))
        return described_finding("groups.proposal", needs, case=found.obstacle, name=name)
    region, outlines, proposals = found.region, _outlines(found, boundaries), found.proposals
    table, score = _member_table(found.score, proposals), found.score
    label, measure = sentence("groups.proposal", found.measure), indicators()[found.measure]
    filed = pd.DataFrame(columns=["condition", "label", "reason"])
    filed = filed if found.conditions is None else found.conditions
    is_block = region.kind == "block"
    return described_finding(
        "groups.proposal",
        table[table["municipality_count"] > 1] if is_block else table,
        region=region,
        measure=label,
        unit=measure.unit,
        date=f"{found.fiscal_year}{'年度決算' if measure.kind == 'money' else '年4月1日現在'}",
        municipality_count=len(proposals.best),
        threshold=measure.words(found.threshold),
        score=score,
        least=measure.words(score.worst_amount),
        alone_count=(score.table["municipality_count"] == 1).sum(),
        proposals=proposals,
        division_count=len(proposals.solutions),
        instead=None if found.measure == "technician_count" else label,
        conditions=filed.groupby("condition", sort=False)["label"].nunique().reset_index(),
        synthetic="（合成データを含む）" if has_synthetic(filed["label"], filed["reason"]) else "",
        crossing_count=found.crossing_count if is_block else None,
        way="役所の位置の" if outlines is None else "市区町村の区域を群ごとに塗り分けた",
        source_ids=(
            *group_sources(found.measure, *["boundaries"] * (outlines is not None)),
            *["group_conditions"] * (not filed.empty),
        ),
        plot=partial(plot_groups, proposals.best, adjacency, outlines),
        is_synthetic=found.is_synthetic,
    )


def group_sources(measure: str, *others: str) -> tuple[str, ...]:
    """Return the filed sources that a proposal rests on; the path's own where none is named."""
    given_by = indicators()[measure].sources["municipality"]
    used = sources_in_use("group_units", *given_by, "municipal_panel", "adjacency")
    return (*used, *others) or ("standard_steps",)


def _outlines(found: AreaGroups, boundaries: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return the outlines where every municipality of the region has one."""
    if boundaries is None or found.units is None:
        return None
    codes = set(found.units["municipality_code"])
    return boundaries if codes <= set(boundaries["area_code"]) else None


def model_regions_finding(compared: pd.DataFrame, area: AreaLike) -> Finding:
    """Word how the real model regions score, and what the method proposes around each.

    Parameters
    ----------
    compared : DataFrame
        From :func:`gunmane_analysis.metrics.groups.question.model_region_comparison`; the
        finding is absent while it has no rows.
    area : Area or str

    Examples
    --------
    >>> model_regions_finding(pd.DataFrame(), "05").placement
    'absent'
    """
    area = find_area(area)
    if compared.empty:
        return absent_finding("groups.model_regions")
    asked = compared[["measure", "threshold"]].drop_duplicates()
    labels = {name: sentence("groups.proposal", name) for name in asked["measure"]}
    first, *others = labels
    return described_finding(
        "groups.model_regions",
        compared,
        place=area_with_series(area).name,
        body_count=compared["body_count"].sum(),
        measures=sorted(
            f"{labels[name]}{indicators()[name].words(least)}"
            for name, least in asked.itertuples(index=False)
        ),
        reaching_count=compared["reaches_threshold"].sum(),
        equal_count=(compared["overlap"] == 1.0).sum(),
        measure="用いた値" if others else labels[first],
        unit="" if others else indicators()[first].unit,
        source_ids=group_sources(first, "model_regions"),
    )


def _member_table(score: GroupScore, proposals: GroupProposals) -> pd.DataFrame:
    """Return the groups with their members' codes and the least firm of their pairs."""
    best = proposals.best.dropna(subset=["group_no"]).sort_values("municipality_code")
    number = best.set_index("municipality_code")["group_no"]
    pairs, table = proposals.together, score.table
    one, other = (pairs[side].map(number) for side in _SIDES)
    firmness = pairs[one == other].groupby(one)["together_share"].min()
    members = best.groupby("group_no")["municipality_code"].agg(list)
    return table.assign(
        codes=table["group_no"].map(members),
        firmness=table["group_no"].map(firmness).fillna(1.0),  # of one municipality alone
    )


def near_divisions_finding(found: AreaGroups) -> Finding:
    """List the near-best divisions; absent where there is no second one.

    Examples
    --------
    >>> missing = AreaGroups(find_area("05"), "not_filed")
    >>> near_divisions_finding(missing).placement
    'absent'
    """
    if found.proposals is None or found.region is None or len(found.proposals.solutions) < 2:
        return absent_finding("groups.divisions")
    table = found.proposals.solutions
    return described_finding(
        "groups.divisions",
        table,
        area=found.region.name,
        most=table["group_count"].max(),
        one_less=table["group_count"].max() - 1,
        source_ids=group_sources(found.measure),
        is_synthetic=found.is_synthetic,
    )


def pairs_finding(found: AreaGroups) -> Finding:
    """List who shares a group in how many of the near-best divisions.

    A municipality's page lists its own pairs, others the pairs that stay together most.

    Examples
    --------
    >>> missing = AreaGroups(find_area("05"), "not_filed")
    >>> pairs_finding(missing).placement
    'absent'
    """
    if found.proposals is None or found.proposals.together.empty:
        return absent_finding("groups.pairs")
    pairs, is_one = found.proposals.together, found.area.kind == "municipality"
    if is_one:
        pairs = pairs[(pairs[_SIDES] == found.area.area_id).any(axis=1)]
    if pairs.empty:
        return absent_finding("groups.pairs")
    place = found.area if is_one else found.region or found.area
    return described_finding(
        "groups.pairs",
        pairs.sort_values("together_share", ascending=False, kind="stable"),
        place=place.name,
        division_count=len(found.proposals.solutions),
        always_count=(pairs["together_share"] == 1.0).sum(),
        source_ids=group_sources(found.measure),
        is_synthetic=found.is_synthetic,
    )
