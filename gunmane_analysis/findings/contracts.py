"""Findings of the theme ``contracts``: cases, steps, kinds, stated effects, effects from data.

An estimate is shown with what it rests on, never with stars.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from gunmane_analysis.areas import AreaLike, area_with_series, find_area
from gunmane_analysis.charts.contracts import plot_contract_phases
from gunmane_analysis.charts.effects import plot_event_study, plot_matched_effect
from gunmane_analysis.findings.described import absent_finding, described_finding, sentence
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.metrics.contracts.cases import MowingBreakEven, NearestCases
from gunmane_analysis.metrics.contracts.effects import ContractEffect, Outcome, described_outcomes
from gunmane_analysis.metrics.effects.bundling import SELECTION, BundlingEffect
from gunmane_analysis.metrics.people.steps import in_area
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables.description import marked_rows
from gunmane_analysis.wording import MISSING, rounded, signed_words

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
    is_range = cases["annual_low_jpy"] < cases["annual_high_jpy"]
    codes = cases["municipality_code"]
    counts: dict[str, Any] = {"own": in_area(codes, area).sum(), "block": None, "nation": None}
    counts |= {place.kind: in_area(codes, place).sum() for place in area.distinct_lineage[1:]}
    return described_finding(
        "contracts.cases",
        _in_millions(cases.assign(upper_jpy=cases["annual_high_jpy"].where(is_range))),
        fiscal_year=fiscal_year,
        **counts,
    )


def _in_millions(table: pd.DataFrame) -> pd.DataFrame:
    """Add every amount in millions of yen: ``annual_low_jpy`` as ``annual_low_million``."""
    amounts = table.filter(regex="_jpy$").astype("float64") / _JPY_PER_MILLION
    return table.join(amounts.rename(columns=lambda name: name.replace("_jpy", "_million")))


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
        fiscal_year=nearest.fiscal_year,
        area=area.name,
        block=area.name if area.kind == "nation" else area.ancestor("block").name,
        national_count=len(cases) if area.kind == "nation" else None,
        names=cases["municipality_name"].tolist(),
        inside=cases.loc[cases["is_in_block"], "municipality_name"].tolist(),
        inside_count=cases["is_in_block"].sum(),
        near=None if others.empty else others.iloc[0],
        distance=_distance_words(nearest),
        source_ids=sources_in_use("contract_cases", *nearest.own_source_ids),
    )


def _distance_words(nearest: NearestCases) -> str:
    if nearest.has_distance:
        name = "of_population" if nearest.cases["measure_count"].max() == 1 else "of_both"
    else:
        name = "unknown" if nearest.area.kind == "municipality" else "of_none"
    words = {"area": nearest.area.name, "as_of_on": nearest.own_as_of_on or None}
    return sentence("contracts.nearest", f"distance_{name}", **words)


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
    lines = phases["place_id"].value_counts()
    is_inside = phases["prefecture_code"].isin(area.prefecture_codes) & (area.kind != "nation")
    return described_finding(
        "contracts.phases",
        phases,
        fiscal_year=fiscal_year,
        place_count=len(lines),
        stepped_count=(lines > 1).sum(),
        planned_count=phases["is_planned"].sum(),
        place=area_with_series(area).name,
        inside=phases.loc[is_inside, "place_name"].drop_duplicates().tolist(),
        plot=partial(plot_contract_phases, phases, fiscal_year),
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
    return described_finding(
        "contracts.stated_effects",
        effects,
        fiscal_year=fiscal_year,
        speakers=effects["stated_by"].value_counts(sort=False).reset_index(),
        numbered_count=effects["value_text"].count(),
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
    counts, used = kinds["kind_group"].value_counts(), kinds[kinds["case_count"] > 0]
    return described_finding(
        "contracts.bundle_kinds", kinds, fiscal_year=fiscal_year, counts=counts, used=used
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
    return described_finding("contracts.mowing", even.table, even=even, fiscal_year=fiscal_year)


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
        Absent where neither a contract nor an effect is known; a municipality's says so.

    Examples
    --------
    >>> from gunmane_analysis import find_area
    >>> known_contracts_finding(pd.DataFrame(), find_area("47")).placement
    'absent'
    """
    area = find_area(area)
    effect = effect_sentence(effects)
    town = area.name if area.kind == "municipality" else None
    if contracts.empty and not effect and not town:
        return absent_finding("contracts.known")
    own = contracts[contracts["is_in_area"]]
    others = contracts[~contracts["is_in_area"]]
    panel = ["municipal_panel"] * bool(effect)
    return described_finding(
        "contracts.known",
        _in_millions(contracts),
        area=area.name,
        body_count=own["body_code"].nunique(),
        contract_count=len(own),
        town=town,
        since=own["first_fiscal_year"].min(),
        own=own["body_name"].unique().tolist(),
        others=others["body_name"].unique().tolist(),
        effect=effect,
        case="none" if contracts.empty else "",
        caveats=["not_contract_cost"] * bool(effect),
        source_ids=sources_in_use(*contracts["source_id"].unique(), *panel),
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
    return described_finding(
        "contracts.desks",
        desks,
        case="town" if area.kind == "municipality" else "",
        area=area.name,
        desks=desks if len(desks) <= _DESKS_NAMED else None,
        disputed=desks.loc[desks["is_email_disputed"], "block_name"].tolist(),
    )


def bundling_effect_finding(
    effect: BundlingEffect, *, outcome: str, unit: str, is_synthetic: bool = False
) -> Finding:
    """Word an effect with its interval, its adopters and its warnings.

    Parameters
    ----------
    effect : BundlingEffect
    outcome, unit : str
        What was measured and in what, in Japanese; for money, say the denominator, the tax
        and the price base in ``outcome``.
    is_synthetic : bool
        Mark the finding 合成データ.

    Examples
    --------
    >>> from gunmane_analysis.metrics.effects.bundling import bundling_effect
    >>> from gunmane_analysis.metrics.effects.simulation import simulate_adoption
    >>> made = simulate_adoption(units=40, adopters=12, effect=-5.0, seed=1)
    >>> effect = bundling_effect(made.panel, outcome="outcome", unit="unit",
    ...                          time="fiscal_year", adopted="adopted_fiscal_year")
    >>> bundling_effect_finding(effect, outcome="指標", unit="点", is_synthetic=True).status_label
    '合成データ'
    """
    placebo, is_tested = effect.placebo, np.isnan(effect.overall.standard_error)
    shown = f"{outcome}（{unit}）、縦線は{effect.confidence:.0%}の区間"
    return described_finding(
        "contracts.effect",
        effect.by_event_time,
        effect=effect,
        outcome=outcome,
        unit=unit,
        compared=None if is_tested else effect.control,
        placebo=placebo,
        way="全" if placebo is not None and placebo.is_exact else "無作為の",
        unlikely="" if placebo is not None and placebo.p_value < 1 - effect.confidence else None,
        caveats=effect.warnings,
        plot=partial(plot_event_study, effect, shown),
        is_synthetic=is_synthetic or effect.is_synthetic,
    )


def effect_sentence(effects: Sequence[ContractEffect]) -> str:
    """Say in one sentence what is known of the effect on 土木費; empty where nothing is.

    Parameters
    ----------
    effects : sequence of ContractEffect
        From :func:`gunmane_analysis.metrics.contracts.effects.expenditure_effect`.
    """
    first = next((each for each in effects if each.effect is not None), None)
    if first is None:
        return ""
    return sentence("contracts.expenditure_effect", "in_short", **_matched_words(first))


def expenditure_effect_finding(effects: Sequence[ContractEffect]) -> Finding:
    """Word what 土木費 did after adoption, and what cannot be said; absent elsewhere.

    Parameters
    ----------
    effects : sequence of ContractEffect
        From :func:`gunmane_analysis.metrics.contracts.effects.expenditure_effect`.

    Examples
    --------
    >>> expenditure_effect_finding(()).placement
    'absent'
    """
    if not effects:
        return absent_finding("contracts.expenditure_effect")
    return _effects_finding(
        effects, "contracts.expenditure_effect", described_outcomes("expenditure")[0]
    )


def outcome_effects_finding(
    effects: Sequence[ContractEffect], area: AreaLike, *, is_filed: bool
) -> Finding:
    """Word the effects on every filed outcome, or say what would have to be filed.

    Parameters
    ----------
    effects : sequence of ContractEffect
        From :func:`gunmane_analysis.metrics.contracts.effects.outcome_effects`.
    area : Area or str
    is_filed : bool
        Whether ``contract_outcomes`` has any row.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> outcome_effects_finding((), find_area("05"), is_filed=False).finding_id
    'contracts.outcome_effects'
    """
    area, finding_id = find_area(area), "contracts.outcome_effects"
    if effects:
        return _effects_finding(effects, finding_id, described_outcomes("contracts")[0])
    case = "not_here" if is_filed else "not_filed"
    return described_finding(finding_id, pd.DataFrame(), case=case, area=area.name)


def _effects_finding(
    effects: Sequence[ContractEffect], finding_id: str, declared: Outcome
) -> Finding:
    """Word the declared outcome in full, or that it has no effect and the first that has one.

    The others, and each adopter, are rows of the table.
    """
    first = next((each for each in effects if each.effect is not None), effects[0])
    effect, outcome, words = first.effect, first.outcome, _matched_words(first)
    reasons = {each.outcome: each.reason for each in effects}
    others = [each for each in effects if each is not first and each.effect is not None]
    is_other = effect is not None and not first.is_primary
    words |= {
        "undeclared": declared.label if is_other else None,
        "why": reasons.get(declared, "値が登録されていない。").rstrip("。"),
        "another": _matched_words(others[0]) if others else None,
        "more_count": len(others) - 1 if len(others) > 1 else None,
        "primary": declared.label if is_other or others else None,
    }
    return described_finding(
        finding_id,
        pd.concat([_effect_rows(each) for each in effects], ignore_index=True),
        **words,
        case="no_effect" if effect is None else "",
        is_synthetic=bool(marked_rows(first.adopters).any()),
        plot=partial(plot_matched_effect, effect, outcome, _names(first)) if effect else None,
    )


def _amount(value: float, outcome: Outcome) -> str | None:
    """Word an effect in the outcome's unit; one on a log as a change in percent."""
    if not np.isfinite(value):
        return None
    if outcome.unit == "円":
        return f"{signed_words(rounded(value))}円"
    shown = float(np.expm1(value)) * 100.0 if outcome.is_log else value
    return f"{signed_words(shown, 1 if outcome.is_log else 2)}{outcome.unit}"


def _range(low: float, high: float, outcome: Outcome, joined_by: str = "〜") -> str:
    ends = (_amount(low, outcome), _amount(high, outcome))
    return joined_by.join(end for end in ends if end) if all(ends) else "定まらない"


def _names(found: ContractEffect) -> dict[str, str]:
    return dict(zip(found.adopters["municipality_code"], found.adopters["area_name"], strict=True))


def _matched_words(found: ContractEffect) -> dict[str, Any]:
    """Return what the sentences name, the figures in the outcome's unit; None without an effect."""
    effect, outcome = found.effect, found.outcome
    fixed = {"outcome": outcome, "selection": SELECTION}
    if effect is None:
        return {**fixed, "reason": found.reason, "known_count": None}
    names, size = _names(found), effect.minimum_detectable_effect
    p_value = effect.p_value if found.is_primary else found.holm_p_value
    adopters, left = effect.adopters, effect.adopters["without_it"].dropna()
    return {
        **fixed,
        "effect": effect,
        "adopter_count": len(adopters),
        "known_count": len(names),
        "adopters": adopters.assign(area_name=adopters["unit"].map(names)),
        "estimate": _amount(effect.estimate, outcome) or MISSING,
        "interval": _range(effect.low, effect.high, outcome),
        "p_value": p_value,
        "detectable": _range(-size, size, outcome, "または"),
        "unlikely": "" if p_value < 1 - effect.confidence else None,
        "without_one": _range(left.min(), left.max(), outcome) if len(left) else None,
        "unused": [f"{names[code]}（{why}）" for code, why in found.unused.items()],
    }


def _effect_rows(found: ContractEffect) -> pd.DataFrame:
    """One row for the average, and one for each adopter."""
    outcome, effect = found.outcome, found.effect
    if effect is None:
        return pd.DataFrame([{"label": outcome.label, "name": "全体", "note": found.reason}])
    names, words, adopters = _names(found), _matched_words(found), effect.adopters
    left_out = [f"{names[code]}は{why}ため除いた" for code, why in found.unused.items()]
    average = {
        "name": f"{len(adopters)}市区町村の平均",
        "compared_count": adopters["compared_count"].sum(),
        **{name: words[name] for name in ("estimate", "interval", "p_value", "detectable")},
        "note": f"{'、'.join(left_out)}。" if left_out else "",
    }
    each = adopters.assign(
        name=adopters["unit"].map(names) + "（" + adopters["adopted"].astype("str") + "）",
        estimate=adopters["estimate"].map(lambda value: _amount(value, outcome)),
        p_value=adopters["rank"] / (adopters["compared_count"] + 1),
        without_it=adopters["without_it"].map(lambda value: _amount(value, outcome)),
    )
    return pd.concat([pd.DataFrame([average]), each]).assign(label=outcome.label)
