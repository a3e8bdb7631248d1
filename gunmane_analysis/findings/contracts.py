"""Findings of the theme ``contracts``: cases, their steps, kinds of bundle, stated effects."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, area_with_series, find_area
from gunmane_analysis.charts.contracts import plot_contract_phases
from gunmane_analysis.findings.described import (
    absent_finding,
    described_finding,
    not_known_finding,
    sentence,
    sentences,
)
from gunmane_analysis.findings.effects import effect_sentence
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.metrics.contracts.cases import MowingBreakEven, NearestCases
from gunmane_analysis.metrics.contracts.effects import ContractEffect
from gunmane_analysis.sources import sources_in_use

_JPY_PER_MILLION = 1_000_000.0
_DESKS_NAMED = 2


def contract_cases_finding(cases: pd.DataFrame, area: AreaLike, fiscal_year: int) -> Finding:
    """Word the published cases with their amounts per year, and count those of the area.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_contract_cases, contract_cases
    >>> cases = contract_cases(load_contract_cases(), 2024)
    >>> len(contract_cases_finding(cases, find_area("tohoku"), 2024).table)
    4
    """
    area = find_area(area)
    if cases.empty:
        return not_known_finding("contracts.cases", fiscal_year)
    is_range = cases["annual_low_jpy"] < cases["annual_high_jpy"]
    named = cases.assign(upper_jpy=cases["annual_high_jpy"].where(is_range))
    above = {place.kind: _count_within(cases, place) for place in area.distinct_lineage[1:]}
    return described_finding(
        "contracts.cases",
        _in_millions(cases),
        words={
            "amounts": sentences("contracts.cases", "amount", named),
            "roundings": sentences("contracts.cases", "rounding", cases),
            "per_resident": "".join(sentences("contracts.cases", "per_resident", cases)),
            "own_count": _count_within(cases, area),
            "block_count": above.get("block"),
            "nation_count": above.get("nation"),
        },
    )


def _in_millions(table: pd.DataFrame) -> pd.DataFrame:
    """Add every amount in millions of yen: ``annual_low_jpy`` as ``annual_low_million``."""
    amounts = table.filter(regex="_jpy$").astype("float64") / _JPY_PER_MILLION
    return table.join(amounts.rename(columns=lambda name: name.replace("_jpy", "_million")))


def _count_within(cases: pd.DataFrame, place: Area) -> int:
    if place.kind == "municipality":
        return int((cases["municipality_code"] == place.area_id).sum())
    return int(cases["prefecture_code"].isin(place.prefecture_codes).sum())


def nearest_cases_finding(nearest: NearestCases) -> Finding:
    """Word which cases lie in the area's block, and which resemble a municipality most.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_contract_cases, nearest_cases
    >>> nearest = nearest_cases(load_contract_cases(), find_area("05"), 2024)
    >>> nearest_cases_finding(nearest).finding_id
    'contracts.nearest'
    """
    area, cases = nearest.area, nearest.cases
    if cases.empty:
        return not_known_finding("contracts.nearest", nearest.fiscal_year, {"area": area.name})
    block = next((place for place in area.lineage if place.kind == "block"), area)
    others = cases[cases["distance"].notna() & ~cases["is_in_area"]]
    elsewhere = cases["is_in_block"].map({True: "同じ地方", False: "他の地方"})
    table = cases.assign(place_ja=elsewhere.mask(cases["is_in_area"], area.name))
    if nearest.has_distance:
        table = table.drop(columns="organisation_type")
    else:
        ratio = cases["population_count"] / cases["civil_staff_count"]
        table = table.assign(residents_per_civil_staff=ratio)
    return described_finding(
        "contracts.nearest",
        table.dropna(axis="columns", how="all"),
        words={
            "area": area.name,
            "block": block.name,
            "national_count": len(cases) if area.kind == "nation" else None,
            "names": cases["municipality_name"].tolist(),
            "inside_count": cases["is_in_block"].sum(),
            "inside": cases.loc[cases["is_in_block"], "municipality_name"].tolist(),
            "near": None if others.empty else others.iloc[0],
            "distance": _distance_words(nearest),
        },
        source_ids=sources_in_use("contract_cases", *nearest.own_source_ids),
    )


def _distance_words(nearest: NearestCases) -> str:
    if nearest.has_distance:
        is_one = nearest.cases["measure_count"].max() == 1
        name = "distance_of_population" if is_one else "distance_of_both"
    else:
        is_town = nearest.area.kind == "municipality"
        name = "distance_unknown" if is_town else "distance_of_none"
    as_of_on = nearest.own_as_of_on or None
    return sentence("contracts.nearest", name, area=nearest.area.name, as_of_on=as_of_on)


def contract_phases_finding(phases: pd.DataFrame, area: AreaLike, fiscal_year: int) -> Finding:
    """Word how the places stepped their contracts up, with every phase line and what is planned.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_contract_phases, contract_phases
    >>> phases = contract_phases(load_contract_phases(), 2024)
    >>> contract_phases_finding(phases, find_area("tohoku"), 2024).finding_id
    'contracts.phases'
    """
    area = find_area(area)
    if phases.empty:
        return not_known_finding("contracts.phases", fiscal_year)
    lines = phases["place_id"].value_counts()
    is_inside = phases["prefecture_code"].isin(area.prefecture_codes) & (area.kind != "nation")
    return described_finding(
        "contracts.phases",
        phases,
        words={
            "place_count": len(lines),
            "stepped_count": (lines > 1).sum(),
            "planned_count": phases["is_planned"].sum(),
            "place": area_with_series(area).name,
            "inside": phases.loc[is_inside, "place_name"].drop_duplicates().tolist(),
        },
        plot=lambda: plot_contract_phases(phases, fiscal_year),
    )


def stated_effects_finding(effects: pd.DataFrame, fiscal_year: int) -> Finding:
    """Show what orderers, contractors and residents said, as said and not as measured.

    Examples
    --------
    >>> from gunmane_analysis import load_stated_effects, stated_effects
    >>> effects = stated_effects(load_stated_effects(), 2024)
    >>> stated_effects_finding(effects, 2024).status
    'stated'
    """
    if effects.empty:
        return not_known_finding("contracts.stated_effects", fiscal_year)
    speakers = effects["stated_by"].value_counts(sort=False).reset_index()
    return described_finding(
        "contracts.stated_effects",
        effects,
        words={
            "speakers": sentences("contracts.stated_effects", "speaker", speakers),
            "numbered_count": effects["value_text"].notna().sum(),
        },
    )


def bundle_kinds_finding(kinds: pd.DataFrame, fiscal_year: int) -> Finding:
    """List the kinds of bundle, and under which the published cases stand.

    Examples
    --------
    >>> from gunmane_analysis import load_bundle_kinds, load_contract_cases, bundle_kinds
    >>> kinds = bundle_kinds(load_bundle_kinds(), load_contract_cases(), 2024)
    >>> bundle_kinds_finding(kinds, 2024).finding_id
    'contracts.bundle_kinds'
    """
    if kinds.empty:
        return not_known_finding("contracts.bundle_kinds", fiscal_year)
    return described_finding(
        "contracts.bundle_kinds",
        kinds,
        words={
            "counts": kinds["kind_group"].value_counts(),
            "placed": sentences("contracts.bundle_kinds", "placed", kinds[kinds["case_count"] > 0]),
        },
    )


def mowing_break_even_finding(even: MowingBreakEven, fiscal_year: int) -> Finding:
    """Word how many performance cuts cost as much as the specified number.

    Examples
    --------
    >>> from gunmane_analysis import load_mowing_example, mowing_break_even
    >>> even = mowing_break_even(load_mowing_example(), 2024)
    >>> mowing_break_even_finding(even, 2024).finding_id
    'contracts.mowing'
    """
    words = {"even": even, "pairs": sentences("contracts.mowing", "pair", even.table)}
    if even.table.empty:
        return not_known_finding("contracts.mowing", fiscal_year, words)
    return described_finding("contracts.mowing", even.table, words=words)


def known_contracts_finding(
    contracts: pd.DataFrame, area: AreaLike, effects: Sequence[ContractEffect] = ()
) -> Finding:
    """Word the contracts of an area and, for a municipality, of those nearest in size.

    Parameters
    ----------
    contracts : DataFrame
        From :func:`gunmane_analysis.metrics.contracts.known.nearest_contracts`.
    area : Area or str
    effects : sequence of ContractEffect
        Of the nation; adds one sentence on what they show.

    Returns
    -------
    Finding
        Absent where neither a contract nor an effect is known.

    Examples
    --------
    >>> from gunmane_analysis import find_area
    >>> known_contracts_finding(pd.DataFrame(), find_area("47")).placement
    'absent'
    """
    area = find_area(area)
    effect = effect_sentence(effects)
    if contracts.empty and not effect:
        return absent_finding("contracts.known")
    own = contracts[contracts["is_in_area"]]
    others = contracts[~contracts["is_in_area"]]
    return described_finding(
        "contracts.known",
        _in_millions(contracts),
        words={
            "area": area.name,
            "body_count": own["body_code"].nunique(),
            "contract_count": len(own),
            "own": own["body_name"].unique().tolist(),
            "others": others["body_name"].unique().tolist(),
            "effect": effect,
        },
        source_ids=sources_in_use(*contracts["source_id"].unique(), "municipal_panel"),
    )


def consultation_desks_finding(desks: pd.DataFrame, area: AreaLike) -> Finding:
    """Show the desks to which the area's municipalities can turn.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_consultation_desks
    >>> from gunmane_analysis.metrics.people.support import desks_of
    >>> akita = find_area("05")
    >>> consultation_desks_finding(desks_of(load_consultation_desks(), akita), akita).finding_id
    'contracts.desks'
    """
    area = find_area(area)
    offices = sentences("contracts.desks", "desk", desks)
    return described_finding(
        "contracts.desks",
        desks,
        words={
            "area": area.name,
            "desks": offices if len(desks) <= _DESKS_NAMED else None,
            "disputed": desks.loc[desks["is_email_disputed"], "block_name"].tolist(),
        },
    )
