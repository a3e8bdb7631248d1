"""Values that somebody had to assume: weights, thresholds and the invented example."""

from __future__ import annotations

import functools
from dataclasses import fields
from typing import Any

import pandas as pd

from gunmane_analysis.areas.master import REFERENCE_DATA
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.refusals import refuse_if, refuse_year
from gunmane_analysis.tables import describe
from gunmane_analysis.tables.estimate import EstimateInput, EstimateSettings, Uncertain
from gunmane_analysis.tables.people import MatchingWeights

_ILLUSTRATED_ITEM = "道路と河川の維持（例示）"


def assumed_value(assumption_id: str, fiscal_year: int) -> float:
    """Return the value of an assumption in force on 1 April of a fiscal year.

    Parameters
    ----------
    assumption_id : str
        Its name in ``reference_data/assumptions.yml``, which gives unit and reference.
    fiscal_year : int

    Raises
    ------
    SourceError
        If there is no such assumption, or it had no value yet on that day.

    Examples
    --------
    >>> assumed_value("social_discount_rate", 2024)
    0.04
    """
    refuse_year(fiscal_year)
    on, known = f"{fiscal_year}-04-01", _assumptions()
    refuse_if(assumption_id not in known, "assumption-unknown", name=assumption_id, known=known)
    title, dated = known[assumption_id]["title"], known[assumption_id]["values"]
    past = [day for day in sorted(dated, key=str) if str(day) <= on]
    refuse_if(not past, "assumption-undated", title=title, on=on, first=min(dated))
    return float(dated[past[-1]])


@functools.cache
def _assumptions() -> dict[str, Any]:
    assumptions: dict[str, Any] = read_yaml(REFERENCE_DATA / "assumptions.yml")["assumptions"]
    return assumptions


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

    def value(name: str) -> float:
        return assumed_value(f"illustration_{name}", fiscal_year)

    share = value("range_share") if with_ranges else 0.0

    def ranged(name: str) -> Uncertain:
        middle = value(name)
        return Uncertain(middle, middle * (1.0 - share), middle * (1.0 + share))

    columns = describe("estimate_items").columns.values()
    amounts = {each.name: value(each.name) for each in columns if each.unit}
    term = range(fiscal_year, fiscal_year + years)
    items = pd.DataFrame({"fiscal_year": term, "item": _ILLUSTRATED_ITEM, **amounts})
    nothing, factor = Uncertain.certain(0.0), ranged("factor")
    rate = Uncertain.certain(assumed_value("social_discount_rate", fiscal_year))
    settings = EstimateSettings(
        unit_labour_cost_jpy_per_hour=ranged("unit_labour_cost_jpy_per_hour"),
        startup_cost_jpy=ranged("startup_cost_jpy") if with_ranges else nothing,
        discount_rate=rate if with_ranges else nothing,
        price_base_fiscal_year=fiscal_year,
        tax="included" if with_ranges else "not_stated",
        outsourcing_after_factor=factor,
        hours_after_factor=factor,
    )
    return EstimateInput("例示", items, settings, is_illustrative=True)


def load_matching_weights(fiscal_year: int) -> MatchingWeights:
    """Load the weights in force on 1 April of a fiscal year.

    Raises
    ------
    SourceError
        If a weight had no value yet.

    Examples
    --------
    >>> weights = load_matching_weights(2024)
    >>> weights.field > weights.limit  # an expert of another field is never assigned
    True
    """
    names = [field.name for field in fields(MatchingWeights)]
    return MatchingWeights(**{n: assumed_value(f"matching_{n}", fiscal_year) for n in names})


def load_group_thresholds(fiscal_year: int) -> dict[str, float]:
    """Load the thresholds in force on 1 April of a fiscal year, by measure (illustrative).

    Examples
    --------
    >>> load_group_thresholds(2024)["technician_count"]
    10.0
    """
    measures = ("technician_count", "general_staff_count", "civil_engineering_expenditure_jpy")
    return {name: assumed_value(f"group_{name}_threshold", fiscal_year) for name in measures}
