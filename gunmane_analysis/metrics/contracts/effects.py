"""Effects of bundling from the tables at hand: who adopted when, what moved since.

Two sources can answer. Municipal tables are public and give 土木費, of which the bundled
maintenance is only a part; the yearly outcomes that the secretariat collects are what the
contract itself is about. Both are asked by one function, against similar municipalities.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, find_area, list_areas
from gunmane_analysis.cache import cached
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.contracts.known import fiscal_year_of
from gunmane_analysis.metrics.effects.matched import MatchedEffect, matched_effect
from gunmane_analysis.metrics.people.steps import in_area
from gunmane_analysis.metrics.position.context import SIMILAR_COUNT, similar_municipalities
from gunmane_analysis.metrics.validation import known_until
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.refusals import caution
from gunmane_analysis.results import Result
from gunmane_analysis.tables.description import marked_rows

UNIT, TIME, ADOPTED = "municipality_code", "fiscal_year", "adopted_fiscal_year"


@dataclass(frozen=True)
class Outcome:
    """What is compared, as ``outcomes.yml`` describes it."""

    name: str
    label: str
    unit: str
    is_log: bool = False
    column: str = ""
    per: str = ""
    units: float = 1.0


@functools.cache
def described_outcomes(kind: Literal["expenditure", "contracts"]) -> tuple[Outcome, ...]:
    """Return the outcomes of a kind, the primary one first."""
    described = read_yaml(Path(__file__).with_name("outcomes.yml"))[kind]
    return tuple(Outcome(**each) for each in described)


@dataclass(frozen=True, eq=False, repr=False)
class ContractEffect(Result):
    """What one outcome says, or why it cannot say anything.

    Attributes
    ----------
    effect : MatchedEffect or None
    reason : str
        Why there is no effect; empty if there is one.
    adopters : DataFrame
        All known adopters: ``municipality_code``, ``area_name``, ``adopted_fiscal_year``
        (missing where no source gives the year).
    is_primary : bool
        Declared before the data were seen; its p-value needs no adjustment.
    holm_p_value : float
        Of the other outcomes: adjusted among themselves (Holm).
    """

    outcome: Outcome
    effect: MatchedEffect | None
    reason: str
    adopters: pd.DataFrame
    is_primary: bool
    holm_p_value: float = float("nan")

    @property
    def unused(self) -> dict[str, str]:
        """Why each adopter that the effect does not rest on was left out."""
        undated = self.adopters.loc[self.adopters[ADOPTED].isna(), UNIT]
        left = {} if self.effect is None else self.effect.unused
        return {**left, **dict.fromkeys(undated, "開始の年度が分からない")}


def adoption_years(
    contracts: pd.DataFrame, cases: pd.DataFrame, public_cases: pd.DataFrame, fiscal_year: int
) -> pd.DataFrame:
    """Return the first year of bundling of every municipality known to have begun it.

    Parameters
    ----------
    contracts : DataFrame
        The register of contracts (``start_on``).
    cases : DataFrame
        The cases of the source documents (``first_fiscal_year``).
    public_cases : DataFrame
        Cases published elsewhere (``first_start``, a year or a month; may be blank);
        prefectures among them are left out.
    fiscal_year : int
        Adoptions after it are left out.

    Returns
    -------
    DataFrame
        One row per municipality: ``municipality_code``, ``area_name``,
        ``adopted_fiscal_year`` (the earliest of all sources; missing where no source gives a
        year, so that the municipality is known to be no comparison).

    Examples
    --------
    >>> from gunmane_analysis import load_contract_cases, load_contract_cases_public, load_contracts
    >>> years = adoption_years(
    ...     load_contracts(), load_contract_cases(), load_contract_cases_public(), 2024)
    >>> dict(zip(years["area_name"], years["adopted_fiscal_year"].fillna(0).astype(int)))
    {'大館市': 2022, '府中市': 2014, '三条市': 2017, '下田市': 2023, '四日市市': 2019, \
'明和町': 2024, '芦屋市': 0}
    """
    rows = pd.concat(
        [
            pd.DataFrame({UNIT: table[UNIT], ADOPTED: years.astype("float64")})
            for table, years in (
                (contracts, contracts["start_on"].map(fiscal_year_of)),
                (cases, cases["first_fiscal_year"]),
                (public_cases, public_cases["first_start"].map(fiscal_year_of)),
            )
        ]
    )
    first = rows.groupby(UNIT)[ADOPTED].min().reset_index()
    names = {each.area_id: each.name for each in list_areas("municipality")}
    first.insert(1, "area_name", first[UNIT].map(names))
    is_used = first["area_name"].notna() & ~(first[ADOPTED] > fiscal_year)
    return first.loc[is_used].reset_index(drop=True)


def concerns(adoption: pd.DataFrame, area: Area) -> bool:
    """Whether an area's page tells effects: the nation's, and where a municipality adopted.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> odate = pd.DataFrame({"municipality_code": ["05204"]})
    >>> concerns(odate, find_area("05")), concerns(odate, find_area("47"))
    (True, False)
    """
    return area.kind == "nation" or bool(in_area(adoption[UNIT], area).any())


def expenditure_effect(
    panel: pd.DataFrame,
    adoption: pd.DataFrame,
    profile: pd.DataFrame,
    area: AreaLike,
    fiscal_year: int,
) -> tuple[ContractEffect, ...]:
    """Compare 土木費 of adopters with that of the municipalities most like them.

    Parameters
    ----------
    panel : DataFrame
        ``municipal_panel``: 土木費 and residents by municipality and fiscal year.
    adoption : DataFrame
        From :func:`adoption_years`.
    profile : DataFrame
        From :func:`gunmane_analysis.loaders.indicators.load_municipalities`; each adopter is
        compared with its 20 most similar municipalities.
    area : Area or str
        Whose page asks; the estimate itself is the same everywhere.
    fiscal_year : int
        Later years are left out.

    Returns
    -------
    tuple of ContractEffect
        The log of 土木費 (primary) and 土木費 per resident; none where nobody in the area
        adopted.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> odate = pd.DataFrame({"municipality_code": ["05204"], "adopted_fiscal_year": [2022.0],
    ...                       "area_name": ["大館市"]})
    >>> expenditure_effect(pd.DataFrame(), odate, pd.DataFrame(), find_area("47"), 2024)
    ()
    """
    area = find_area(area)
    if not concerns(adoption, area):
        return ()
    rows = known_until(panel, fiscal_year, TIME)
    spent = rows["civil_engineering_expenditure_jpy"].astype("float64")
    residents = rows["population_count"].astype("float64")
    values = rows[[UNIT, TIME]].assign(
        log_expenditure=spent.where(spent > 0).map(np.log),
        expenditure_per_resident_jpy=spent / residents.where(residents > 0),
    )
    return _estimated(values, described_outcomes("expenditure"), adoption, profile)


def outcome_effects(
    outcomes: pd.DataFrame,
    sizes: pd.DataFrame,
    adoption: pd.DataFrame,
    profile: pd.DataFrame,
    area: AreaLike,
    fiscal_year: int,
) -> tuple[ContractEffect, ...]:
    """Estimate the effect on every outcome that the secretariat's yearly form holds.

    Parameters
    ----------
    outcomes : DataFrame
        ``contract_outcomes``: one row per municipality and fiscal year.
    sizes : DataFrame
        ``municipal_panel``, for road length and residents; may have no rows.
    adoption : DataFrame
        From :func:`adoption_years`.
    profile : DataFrame
        From :func:`gunmane_analysis.loaders.indicators.load_municipalities`.
    area : Area or str
        Whose page asks.
    fiscal_year : int

    Returns
    -------
    tuple of ContractEffect
        One per outcome with any figure; none while nothing is filed, or where nobody in the
        area adopted. Where a denominator is not filed the reason says so.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.tables import empty_table
    >>> nobody = pd.DataFrame({"municipality_code": pd.Series([], dtype="str")})
    >>> outcome_effects(empty_table("contract_outcomes"), empty_table("municipal_panel"), nobody,
    ...                 pd.DataFrame(), find_area("05"), 2024)
    ()
    """
    area = find_area(area)
    rows = known_until(outcomes, fiscal_year, TIME)
    if not concerns(adoption, area) or rows.empty:
        return ()
    joined = rows.merge(sizes, on=[UNIT, TIME], how="left", validate="one_to_one")
    values, filed = joined[[UNIT, TIME]].copy(), []
    for outcome in described_outcomes("contracts"):
        if rows[outcome.column].notna().any():
            per, units = outcome.per, outcome.units
            divisor = joined[per].where(joined[per] > 0) / units if per else 1.0
            values[outcome.name] = (joined[outcome.column] / divisor).astype("float64")
            filed.append(outcome)
    marked = adoption.assign(is_synthetic=bool(marked_rows(rows).any()))
    return _estimated(values, filed, marked, profile)


@cached  # the same on every page
def _estimated(
    values: pd.DataFrame, outcomes: Sequence[Outcome], adoption: pd.DataFrame, profile: pd.DataFrame
) -> tuple[ContractEffect, ...]:
    dated = adoption.dropna(subset=[ADOPTED]).astype({ADOPTED: "int64"})
    found = []
    primary = [described_outcomes(kind)[0] for kind in ("expenditure", "contracts")]
    for outcome in outcomes:
        rows = values[[UNIT, TIME, outcome.name]].dropna()
        effect, reason = None, ""
        try:
            effect = matched_effect(
                rows,
                dict(zip(dated[UNIT], dated[ADOPTED], strict=True)),
                _matches(rows, adoption, profile),
                outcome=outcome.name,
            )
        except DesignError:
            reason = caution("effect-no-values" if rows.empty else "effect-no-adopter")
        found.append(ContractEffect(outcome, effect, reason, adoption, outcome in primary))
    others = [each for each in found if each.effect and not each.is_primary]
    p_values = _holm([each.effect.p_value for each in others if each.effect])
    adjusted = {each.outcome.name: p for each, p in zip(others, p_values, strict=True)}
    return tuple(
        replace(each, holm_p_value=adjusted.get(each.outcome.name, float("nan"))) for each in found
    )


def _holm(p_values: Sequence[float]) -> Sequence[float]:
    """Adjust p-values for their number."""
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(p_values, method="holm")[1]] if p_values else []


def _matches(
    values: pd.DataFrame, adoption: pd.DataFrame, profile: pd.DataFrame
) -> dict[str, list[str]]:
    """Return for each adopter its most similar municipalities with a value at every time."""
    counted = values.groupby(UNIT).size()
    whole = set(counted.index[counted == values[TIME].nunique()]) - set(adoption[UNIT])
    eligible = profile[profile[UNIT].isin(whole | set(adoption[UNIT]))]
    found = {}
    for code in adoption[UNIT]:
        try:
            near = similar_municipalities(eligible, find_area(code), len(eligible))[UNIT]
        except DesignError:
            continue
        found[code] = [str(each) for each in near if each in whole][:SIMILAR_COUNT]
    return found
