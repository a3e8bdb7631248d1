"""Effects of bundling from the tables that are filed: who adopted when, what moved since.

Two sources can answer. Municipal tables are public and tell 土木費, of which the bundled
maintenance is only a part; the yearly outcomes that the secretariat collects tell what the
contract itself is about. Both compare adopters with municipalities that did not adopt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from gunmane_analysis.areas import Area, find_area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.bundling import BundlingEffect, bundling_effect
from gunmane_analysis.metrics.effects.checks import EffectChecks, effect_checks
from gunmane_analysis.metrics.people.steps import in_area
from gunmane_analysis.metrics.position.profile import similar_municipalities

UNIT, TIME, ADOPTED = "municipality_code", "fiscal_year", "adopted_fiscal_year"
EXPENDITURE = "expenditure_per_resident_jpy"
_METRES_PER_KM = 1000.0
# What is compared, what it is divided by (None: a figure of its own), its name and unit.
OUTCOMES: Mapping[str, tuple[str, str | None, str, str]] = MappingProxyType(
    {
        "cost_per_km_jpy": ("maintenance_cost_jpy", "road_length_km", "道路1km当たり経費", "円"),
        "direct_hours_per_km": (
            "direct_hours", "road_length_km", "道路1km当たり直営作業時間", "時間",
        ),
        "response_days": ("response_days", None, "対応日数", "日"),
        "complaints_per_1000": (
            "complaint_count", "thousand_residents", "人口千人当たり苦情", "件",
        ),
        "failed_bid_count": ("failed_bid_count", None, "不調・不落", "件"),
        "works_ordered_count": ("works_ordered_count", None, "発注", "件"),
    }
)  # fmt: skip


@dataclass(frozen=True)
class ContractEffect:
    """What one outcome says, or why it cannot say anything.

    Attributes
    ----------
    outcome : str
        Column of the panel that was compared.
    label, unit : str
        Its name and unit in Japanese; money is nominal, its tax treatment not stated.
    effect : BundlingEffect or None
    reason : str
        Why there is no effect; empty if there is one.
    adopters : DataFrame
        One row per adopter of the panel: ``municipality_code``, ``area_name``,
        ``adopted_fiscal_year``.
    checks : EffectChecks or None
        Other methods, and the estimate without each adopter; there with an effect.
    """

    outcome: str
    label: str
    unit: str
    effect: BundlingEffect | None
    reason: str
    adopters: pd.DataFrame
    checks: EffectChecks | None = None


def adoption_years(contracts: pd.DataFrame, cases: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Return the first year of bundling by municipality.

    Parameters
    ----------
    contracts : DataFrame
        The register of contracts with ``start_on``.
    cases : DataFrame
        The published cases with ``first_fiscal_year``. The earliest start over both counts, so
        that a renewal that is registered later moves no adoption.
    fiscal_year : int
        Adoptions after it are left out.

    Returns
    -------
    DataFrame
        One row per municipality: ``municipality_code``, ``area_name``,
        ``adopted_fiscal_year``, ``is_published_case``.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_contract_cases
    >>> from gunmane_analysis.tables import empty_table
    >>> years = adoption_years(empty_table("contracts"), load_contract_cases(), 2024)
    >>> dict(zip(years["area_name"], years["adopted_fiscal_year"]))
    {'大館市': 2022, '三条市': 2017, '四日市市': 2019, '明和町': 2024}
    """
    started = pd.to_datetime(contracts["start_on"])
    registered = pd.DataFrame(
        {
            UNIT: contracts["municipality_code"],
            ADOPTED: (started.dt.year - (started.dt.month < 4)).astype("float64"),
            "is_published_case": False,
        }
    )
    published = pd.DataFrame(
        {
            UNIT: cases["municipality_code"],
            ADOPTED: cases["first_fiscal_year"].astype("float64"),
            "is_published_case": True,
        }
    )
    both = pd.concat([registered, published] if len(registered) else [published])
    known = both[both[ADOPTED] <= fiscal_year].sort_values(
        [ADOPTED, "is_published_case"], ascending=[True, False], kind="stable"
    )
    first = known.drop_duplicates(UNIT).sort_values(UNIT, ignore_index=True)
    first.insert(1, "area_name", [find_area(code).name for code in first[UNIT]])
    return first.astype({ADOPTED: "int64"})


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
    area: Area,
    fiscal_year: int,
) -> ContractEffect | None:
    """Compare 土木費 per resident of adopters with that of the municipalities most like them.

    Parameters
    ----------
    panel : DataFrame
        ``municipal_panel``: 土木費 and residents by municipality and fiscal year.
    adoption : DataFrame
        From :func:`adoption_years`.
    profile : DataFrame
        From :func:`gunmane_analysis.loaders.indicators.load_municipalities`; each adopter is
        compared with its 20 most similar municipalities.
    area : Area
        Whose page asks; the estimate itself is the same everywhere.
    fiscal_year : int
        Later years are left out.

    Returns
    -------
    ContractEffect or None
        None where nobody in the area adopted.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.tables import empty_table
    >>> odate = pd.DataFrame({"municipality_code": ["05204"], "adopted_fiscal_year": [2022]})
    >>> expenditure_effect(
    ...     empty_table("municipal_panel"), odate, pd.DataFrame(), find_area("05"), 2024).reason
    '市区町村別の土木費（municipal_panel）が登録されていない。'
    """
    if not concerns(adoption, area):
        return None
    label = "住民1人当たり土木費（名目、税の扱いの記載なし）"
    rows = panel[panel[TIME] <= fiscal_year]
    if rows.empty:
        reason = "市区町村別の土木費（municipal_panel）が登録されていない。"
        return ContractEffect(EXPENDITURE, label, "円", None, reason, adoption)
    per_head = rows[[UNIT, TIME]].assign(
        **{
            EXPENDITURE: rows["civil_engineering_expenditure_jpy"]
            / rows["population_count"].where(rows["population_count"] > 0)
        }
    )
    usable = adoption[adoption[ADOPTED] > int(rows[TIME].min())]
    try:
        compared = {
            code
            for adopter in usable[UNIT]
            for code in similar_municipalities(profile, find_area(adopter))["municipality_code"]
        } - set(adoption[UNIT])
    except DesignError as fault:
        return ContractEffect(EXPENDITURE, label, "円", None, fault.found, usable)
    chosen = per_head[per_head[UNIT].isin(compared | set(usable[UNIT]))]
    return _estimated(chosen, EXPENDITURE, label, "円", usable)


def outcome_effects(
    outcomes: pd.DataFrame,
    sizes: pd.DataFrame,
    adoption: pd.DataFrame,
    area: Area,
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
    area : Area
        Whose page asks.
    fiscal_year : int

    Returns
    -------
    tuple of ContractEffect
        One per outcome with any figure; none while nothing is filed, or where nobody in the
        area adopted. Costs, hours and
        complaints are divided first; where the denominator is not filed the reason says so.

    Examples
    --------
    >>> from gunmane_analysis.tables import empty_table
    >>> from gunmane_analysis.areas import find_area
    >>> nobody = pd.DataFrame({"municipality_code": pd.Series([], dtype="str")})
    >>> outcome_effects(
    ...     empty_table("contract_outcomes"), empty_table("municipal_panel"), nobody,
    ...     find_area("05"), 2024)
    ()
    """
    if not concerns(adoption, area):
        return ()
    rows = outcomes[outcomes[TIME] <= fiscal_year]
    lengths = sizes[[UNIT, TIME]].assign(
        road_length_km=sizes["road_length_m"] / _METRES_PER_KM,
        thousand_residents=sizes["population_count"] / 1000.0,
    )
    joined = rows.merge(lengths, on=[UNIT, TIME], how="left", validate="one_to_one")
    found = []
    for name, (column, per, label, unit) in OUTCOMES.items():
        if rows[column].isna().all():
            continue
        words = f"{label}（名目、税の扱いの記載なし）" if unit == "円" else label
        own = adoption[adoption[UNIT].isin(rows[UNIT])]
        if per is not None and joined[per].isna().all():
            reason = f"割る数（{per}）の資料（municipal_panel）が登録されていない。"
            found.append(ContractEffect(name, words, unit, None, reason, own))
            continue
        divided = joined[column] / (joined[per].where(joined[per] > 0) if per else 1.0)
        panel = joined[[UNIT, TIME]].assign(**{name: divided})
        found.append(_estimated(panel, name, words, unit, own))
    return tuple(found)


def _estimated(
    panel: pd.DataFrame, outcome: str, label: str, unit: str, adoption: pd.DataFrame
) -> ContractEffect:
    dated = panel.dropna(subset=[outcome]).merge(adoption[[UNIT, ADOPTED]], on=UNIT, how="left")
    try:
        effect = bundling_effect(dated, outcome=outcome, unit=UNIT, time=TIME, adopted=ADOPTED)
    except DesignError as fault:
        return ContractEffect(outcome, label, unit, None, fault.found, adoption)
    return ContractEffect(outcome, label, unit, effect, "", adoption, effect_checks(effect))
