"""Contracts: the published cases, their steps, and what was stated about them."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.loaders.keyed import read_keyed_table
from gunmane_analysis.loaders.store import load_processed
from gunmane_analysis.sources import assumed_value
from gunmane_analysis.tables.contracts import (
    BundleKinds,
    ContractCases,
    ContractPhases,
    MowingExample,
    StatedEffects,
)
from gunmane_analysis.tables.estimate import EstimateInput, EstimateSettings, Uncertain
from gunmane_analysis.tables.shipped import ContractCasesPublic

CASES = "contract_cases"
PUBLIC_CASES = "contract_cases_public"
PHASES = "contract_phases"
MOWING = "mowing_example"
EFFECTS = "stated_effects"
KINDS = "bundle_kinds"
_ILLUSTRATED_ITEM = "道路と河川の維持（例示）"


def build_contract_cases() -> pd.DataFrame:
    """Build ``contract_cases``: one row per published case."""
    return read_keyed_table(ContractCases)


def load_contract_cases() -> pd.DataFrame:
    """Load ``contract_cases``: one row per published case (see its codebook).

    Returns
    -------
    DataFrame
        Columns of :class:`gunmane_analysis.tables.contracts.ContractCases`. Amounts as
        printed, in yen; whether they contain tax and at which prices is not printed.

    Examples
    --------
    >>> load_contract_cases()["municipality_name"].tolist()
    ['大館市', '四日市市', '三条市', '明和町']
    """
    return load_processed(ContractCases, build_contract_cases, [CASES])


def build_contract_phases() -> pd.DataFrame:
    """Build ``contract_phases``: one row per place and phase line."""
    return read_keyed_table(ContractPhases)


def load_contract_phases() -> pd.DataFrame:
    """Load ``contract_phases``: one row per place and phase line of the step-up table.

    Examples
    --------
    >>> load_contract_phases()["place_id"].nunique()
    6
    """
    return load_processed(ContractPhases, build_contract_phases, [PHASES])


def build_contract_cases_public() -> pd.DataFrame:
    """Build ``contract_cases_public``: one row per contract or phase."""
    return read_keyed_table(ContractCasesPublic)


def load_contract_cases_public() -> pd.DataFrame:
    """Load ``contract_cases_public``: contracts beyond the documents, each with its source.

    Examples
    --------
    >>> load_contract_cases_public()["confidence"].value_counts().to_dict()
    {'high': 9, 'medium': 5}
    """
    return load_processed(ContractCasesPublic, build_contract_cases_public, [PUBLIC_CASES])


def build_mowing_example() -> pd.DataFrame:
    """Build ``mowing_example``: one row per kind of requirement."""
    return read_keyed_table(MowingExample)


def load_mowing_example() -> pd.DataFrame:
    """Load ``mowing_example``: the printed unit prices of mowing, one row per requirement.

    Examples
    --------
    >>> load_mowing_example()["unit_price_jpy_per_m2"].tolist()
    [135.0, 88.0]
    """
    return load_processed(MowingExample, build_mowing_example, [MOWING])


def build_stated_effects() -> pd.DataFrame:
    """Build ``stated_effects``: one row per statement."""
    return read_keyed_table(StatedEffects)


def load_stated_effects() -> pd.DataFrame:
    """Load ``stated_effects``: one row per statement, none of them a measurement.

    Examples
    --------
    >>> sorted(load_stated_effects()["stated_by"].unique())
    ['contractor', 'not_stated', 'orderer', 'resident']
    """
    return load_processed(StatedEffects, build_stated_effects, [EFFECTS])


def build_bundle_kinds() -> pd.DataFrame:
    """Build ``bundle_kinds``: one row per kind of 群マネ and of bundle."""
    return read_keyed_table(BundleKinds)


def load_bundle_kinds() -> pd.DataFrame:
    """Load ``bundle_kinds``: the two kinds of 群マネ and the eight bundles.

    Examples
    --------
    >>> load_bundle_kinds()["kind_group"].value_counts().to_dict()
    {'bundle': 8, 'gunmane': 2}
    """
    return load_processed(BundleKinds, build_bundle_kinds, [KINDS])


def load_cost_illustration(
    fiscal_year: int, years: int = 1, *, with_ranges: bool = False
) -> EstimateInput:
    """Return the invented example on which the effect-estimation tool is shown.

    Parameters
    ----------
    fiscal_year : int
        The first year; the assumptions in force on its 1 April are taken.
    years : int
        The term.
    with_ranges : bool
        Give the settings ranges, start-up costs and the social discount rate, as in the form.

    Returns
    -------
    EstimateInput
        Marked ``is_illustrative``: no figure in it belongs to any municipality.

    Examples
    --------
    >>> load_cost_illustration(2024).is_illustrative
    True
    """
    first_day = f"{fiscal_year}-04-01"

    def value(name: str) -> float:
        return assumed_value(f"illustration_{name}", first_day).value

    def ranged(name: str) -> Uncertain:
        middle = value(name)
        share = value("range_share") if with_ranges else 0.0
        return Uncertain(middle, middle * (1.0 - share), middle * (1.0 + share))

    items = pd.DataFrame(
        {
            "fiscal_year": range(fiscal_year, fiscal_year + years),
            "item": _ILLUSTRATED_ITEM,
            "outsourcing_before_jpy": value("outsourcing_before_jpy"),
            "outsourcing_after_jpy": value("outsourcing_after_jpy"),
            "direct_hours_before": value("direct_hours_before"),
            "direct_hours_after": value("direct_hours_after"),
        }
    )
    nothing = Uncertain.certain(0.0)
    factor = ranged("factor")
    settings = EstimateSettings(
        unit_labour_cost_jpy_per_hour=ranged("unit_labour_cost_jpy_per_hour"),
        startup_cost_jpy=ranged("startup_cost_jpy") if with_ranges else nothing,
        discount_rate=Uncertain.certain(assumed_value("social_discount_rate", first_day).value)
        if with_ranges
        else nothing,
        price_base_fiscal_year=fiscal_year,
        tax="included" if with_ranges else "not_stated",
        outsourcing_after_factor=factor,
        hours_after_factor=factor,
    )
    return EstimateInput("例示", items, settings, is_illustrative=True)
