"""Contracts: published cases in comparable amounts, their steps, and who resembles whom.

The documents print neither whether an amount contains tax nor at which year's prices it
stands, nor the cost before bundling: nothing here is a saving.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, find_area
from gunmane_analysis.metrics.people.steps import placed
from gunmane_analysis.metrics.validation import known_until
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result
from gunmane_analysis.tables.indicators import indicators

_MONTHS_PER_YEAR = 12.0
_JPY_PER_OKU = 100_000_000.0
_OWN = ["population_count", "civil_staff_count", "population_count_year"]
_WHOLE_AREA = "全域"
_PRINTED_AMOUNT = r"(\d+)(?:\.(\d+))?.*億円"


@dataclass(frozen=True, eq=False, repr=False)
class NearestCases(Result):
    """The published cases compared with an area: which lie in its block, and how far each is.

    ``cases`` has one row per case: the columns of :func:`contract_cases` and
    ``is_in_area``, ``is_in_block``, ``population_ratio``, ``civil_staff_ratio`` (case over
    area), ``distance`` and ``measure_count``; the last four are missing for an area that is
    no municipality or has no figures. ``own_source_ids`` and ``own_as_of_on`` say where the
    area's own population comes from and of which day it is, where it is not a case's.
    """

    area: Area
    fiscal_year: int
    cases: pd.DataFrame
    own_source_ids: tuple[str, ...] = ()
    own_as_of_on: str = ""

    @property
    def has_distance(self) -> bool:
        """Whether the cases are ordered by their distance to the area."""
        return bool(self.cases["distance"].notna().any())


@dataclass(frozen=True, eq=False, repr=False)
class MowingBreakEven(Result):
    """The printed unit prices, and how many performance cuts cost as much as specified ones.

    ``table`` has one row per number of specified cuts: ``specified_times``,
    ``specified_cost_jpy``, ``equal_cost_times`` (performance cuts of the same cost) and
    ``whole_times`` (the most whole cuts that cost no more).
    """

    specified_price_jpy: float
    performance_price_jpy: float
    area_m2: float
    price_ratio: float
    table: pd.DataFrame


def contract_cases(cases: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Put the published cases on one footing: amount per year, per resident where that holds.

    Parameters
    ----------
    cases : DataFrame
        One row per case (the table ``contract_cases``).
    fiscal_year : int
        Cases not known by then, or begun later, are left out.

    Returns
    -------
    DataFrame
        One row per case with ``annual_low_jpy`` and ``annual_high_jpy`` (amount / months of
        term x 12; equal unless a range is printed), ``annual_rounding_jpy`` (half a unit of
        the last printed digit, per year) and ``annual_per_resident_jpy``. The last is given
        only where the contract covers the whole municipality, since the population of a part
        is not printed.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_contract_cases
    >>> known = contract_cases(load_contract_cases(), 2024).set_index("case_id")
    >>> known["annual_low_jpy"].round(-4).astype("int64").to_dict()
    {'odate': 100000000, 'yokkaichi': 315750000, 'sanjo': 226000000, 'meiwa': 43330000}
    """
    known = known_until(known_until(cases, fiscal_year), fiscal_year, "first_fiscal_year")
    known = known.reset_index(drop=True)
    per_year = _MONTHS_PER_YEAR / known["term_months"]
    is_whole = (known["per_unit"] == "whole") & known["area_label"].str.endswith(_WHOLE_AREA)
    annual = known["amount_low_jpy"] * per_year
    digits = known["amount_text"].str.extract(_PRINTED_AMOUNT)
    unread = known.loc[digits[0].isna(), "amount_text"]
    refuse_if(len(unread), "contract-amount", printed="、".join(unread))
    last_digit = _JPY_PER_OKU * 10.0 ** -digits[1].str.len().fillna(0).astype("float64")
    return known.assign(
        annual_low_jpy=annual,
        annual_high_jpy=known["amount_high_jpy"] * per_year,
        annual_rounding_jpy=last_digit / 2.0 * per_year,
        annual_per_resident_jpy=(annual / known["population_count"]).where(is_whole),
    )


def nearest_cases(
    cases: pd.DataFrame,
    area: AreaLike,
    fiscal_year: int,
    municipalities: pd.DataFrame | None = None,
) -> NearestCases:
    """Order the published cases by how much they resemble a municipality.

    The distance is the mean, over population and civil-engineering staff as far as both are
    known, of |ln(case / area)|; a distance of ln 2 means "on average twice or half the size".

    Parameters
    ----------
    cases : DataFrame
        One row per case, as loaded.
    area : Area or str
        For nation, block and prefecture no distance is given: their cases come first and the
        others after them.
    fiscal_year : int
    municipalities : DataFrame, optional
        From :func:`gunmane_analysis.load_municipalities`: residents in the register of 1 January
        and, where known, civil-engineering staff. An area that is itself a case needs none.

    Returns
    -------
    NearestCases

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_contract_cases
    >>> near = nearest_cases(load_contract_cases(), find_area("05204"), 2024)
    >>> near.cases["case_id"].tolist()
    ['odate', 'sanjo', 'meiwa', 'yokkaichi']
    """
    area = find_area(area)
    known = contract_cases(cases, fiscal_year)
    own = _own_figures(known, area, municipalities)
    ratios = pd.DataFrame(
        {
            name.replace("_count", "_ratio"): known[name] / own[name]
            for name in ("population_count", "civil_staff_count")
        }
    )
    logs = ratios.apply(np.log).abs()
    found = (
        placed(known, area)
        .assign(**ratios, distance=logs.mean(axis=1), measure_count=logs.notna().sum(axis=1))
        .sort_values(
            ["distance", "is_in_area", "is_in_block"],
            ascending=[True, False, False],
            kind="stable",
            ignore_index=True,
        )
    )
    if math.isnan(own["population_count_year"]):
        return NearestCases(area, fiscal_year, found)
    sources = indicators()["population_count"].sources["municipality"]
    day = f"{own['population_count_year'] + 1:.0f}-01-01"
    return NearestCases(area, fiscal_year, found, own_source_ids=sources, own_as_of_on=day)


def _own_figures(
    known: pd.DataFrame, area: Area, municipalities: pd.DataFrame | None
) -> dict[str, float]:
    """Return an area's own row: that of the case it is, else that of the municipalities."""
    for table in [known] if municipalities is None else [known, municipalities]:
        rows = table[table["municipality_code"] == area.area_id].reindex(columns=_OWN)
        if rows["population_count"].notna().any():
            return dict(zip(_OWN, rows.iloc[0].astype("float64"), strict=True))
    return dict.fromkeys(_OWN, float("nan"))


def contract_phases(phases: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Return the phase lines known by a year, those still to come only where marked planned.

    Parameters
    ----------
    phases : DataFrame
        One row per place and phase (the table ``contract_phases``).
    fiscal_year : int

    Returns
    -------
    DataFrame
        One row per place and phase line, places by first year, with ``is_open_ended`` (no end
        printed) and ``first_fiscal_year`` of the place.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_contract_phases
    >>> len(contract_phases(load_contract_phases(), 2024))
    17
    """
    known = known_until(phases, fiscal_year)
    known = known[(known["from_fiscal_year"] <= fiscal_year) | known["is_planned"]]
    first = known.groupby("place_id")["from_fiscal_year"].transform("min")
    return (
        known.assign(is_open_ended=known["to_fiscal_year"].isna(), first_fiscal_year=first)
        .sort_values(["first_fiscal_year", "place_id", "phase_no"], kind="stable")
        .reset_index(drop=True)
    )


def stated_effects(effects: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Return the statements known by a year, in the order orderer, contractor, resident, unsaid.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_stated_effects
    >>> len(stated_effects(load_stated_effects(), 2024))
    23
    """
    order = {"orderer": 0, "contractor": 1, "resident": 2, "not_stated": 3}
    known = known_until(effects, fiscal_year)
    return known.sort_values(
        "stated_by", key=lambda speakers: speakers.map(order), kind="stable", ignore_index=True
    )


def bundle_kinds(kinds: pd.DataFrame, cases: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Count the published cases under each kind of bundle that their pages name.

    Returns
    -------
    DataFrame
        One row per kind: its columns and ``case_count`` (cases known by ``fiscal_year``).
        Empty if no case is known by then: the same pages define the kinds.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_bundle_kinds, load_contract_cases
    >>> len(bundle_kinds(load_bundle_kinds(), load_contract_cases(), 2024))
    10
    """
    known = contract_cases(cases, fiscal_year)
    counts = known["bundle_kind"].value_counts()
    counted = kinds.assign(case_count=kinds["kind_id"].map(counts).fillna(0).astype("int64"))
    return counted if len(known) else counted.iloc[:0]


def mowing_break_even(mowing: pd.DataFrame, fiscal_year: int) -> MowingBreakEven:
    """Find how many cuts under performance specification cost as much as the specified ones.

    Parameters
    ----------
    mowing : DataFrame
        One row per kind of requirement, with ``unit_price_jpy_per_m2`` and ``area_m2``.
    fiscal_year : int
        An example not known by then gives an empty table.

    Returns
    -------
    MowingBreakEven
        ``equal_cost_times`` = specified cuts x 135 / 88. The two prices are of different work
        items (除草工, 機械芝刈工): equal cost is not equal work.

    Raises
    ------
    DesignError
        If one of the two kinds is missing.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_mowing_example
    >>> even = mowing_break_even(load_mowing_example(), 2024)
    >>> round(even.price_ratio, 3), even.table["equal_cost_times"].round(2).tolist()
    (1.534, [3.07, 4.6])
    """
    is_known = len(known_until(mowing, fiscal_year)) == len(mowing)
    by_form = {str(row["contract_form"]): row for row in mowing.to_dict("records")}
    refuse_if(set(by_form) != {"specification", "performance"}, "mowing-rows")
    specified = by_form["specification"]
    price = float(specified["unit_price_jpy_per_m2"])
    other = float(by_form["performance"]["unit_price_jpy_per_m2"])
    area_m2 = float(specified["area_m2"])
    times = np.arange(float(specified["times_low"]), float(specified["times_high"]) + 1.0)
    table = pd.DataFrame(
        {
            "specified_times": times,
            "specified_cost_jpy": times * price * area_m2,
            "equal_cost_times": times * price / other,
            "whole_times": np.floor(times * price / other),
        }
    )
    return MowingBreakEven(
        price, other, area_m2, price / other, table if is_known else table.iloc[:0]
    )
