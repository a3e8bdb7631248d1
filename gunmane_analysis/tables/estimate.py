"""What goes into the effect-estimation tool (導入効果試算ツール): items by year, and settings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result
from gunmane_analysis.tables.description import choices

if TYPE_CHECKING:
    import pandas as pd

TaxBase = Literal["included", "excluded", "not_stated"]
TAX_WORDS: Mapping[TaxBase, str] = {
    "included": "税込",
    "excluded": "税抜",
    "not_stated": "税の扱いの記載なし",
}


@dataclass(frozen=True)
class Uncertain:
    """A most likely value with the range it may take; without a range it is taken as certain.

    Examples
    --------
    >>> Uncertain(3500.0, 3000.0, 4200.0).is_certain
    False
    """

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        facts = {"low": self.low, "value": self.value, "high": self.high}
        refuse_if(not all(map(math.isfinite, facts.values())), "range-endless", **facts)
        refuse_if(not self.low <= self.value <= self.high, "range-order", **facts)

    @property
    def is_certain(self) -> bool:
        """Whether the range has no width."""
        return self.low == self.high

    @classmethod
    def certain(cls, value: float) -> Uncertain:
        """Return a value without a range."""
        return cls(value, value, value)


@dataclass(frozen=True)
class EstimateSettings:
    """What holds for all years and items.

    Attributes
    ----------
    unit_labour_cost_jpy_per_hour : Uncertain
        Turns direct hours into yen; at prices of ``price_base_fiscal_year``.
    startup_cost_jpy : Uncertain
        Paid once, in the first year (study, tender, supervision set-up).
    discount_rate : Uncertain
        Real annual rate, 0-1; the first year is not discounted.
    outsourcing_before_factor, outsourcing_after_factor : Uncertain
        Multiplies every amount of that column (1 = as entered).
    hours_before_factor, hours_after_factor : Uncertain
        Multiplies every number of hours of that column (1 = as entered).
    price_base_fiscal_year : int
        The year whose prices results are told in.
    tax : {"included", "excluded", "not_stated"}
    deflators : mapping of int to float
        Price index of outsourcing by fiscal year (any base). Empty: amounts already stand at
        prices of the base year.
    """

    unit_labour_cost_jpy_per_hour: Uncertain
    startup_cost_jpy: Uncertain
    discount_rate: Uncertain
    price_base_fiscal_year: int
    tax: TaxBase
    outsourcing_before_factor: Uncertain = Uncertain(1.0, 1.0, 1.0)
    outsourcing_after_factor: Uncertain = Uncertain(1.0, 1.0, 1.0)
    hours_before_factor: Uncertain = Uncertain(1.0, 1.0, 1.0)
    hours_after_factor: Uncertain = Uncertain(1.0, 1.0, 1.0)
    deflators: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, uncertain in self.uncertain.items():
            setting = choices("estimate_setting")[name]
            refuse_if(uncertain.low < 0, "setting-negative", setting=setting, low=uncertain.low)
        refuse_if(self.discount_rate.high > 1.0, "discount-rate", high=self.discount_rate.high)
        refuse_if(self.tax not in TAX_WORDS, "tax-unknown", tax=self.tax, known=TAX_WORDS)
        refuse_if(min(self.deflators.values(), default=1.0) <= 0, "deflator-not-positive")

    @property
    def uncertain(self) -> dict[str, Uncertain]:
        """Every setting that may carry a range, by name."""
        return {name: each for name, each in vars(self).items() if isinstance(each, Uncertain)}


@dataclass(frozen=True, eq=False, repr=False)
class EstimateInput(Result):
    """One estimate: its items, its settings, its name, and whether the figures are examples."""

    title: str
    items: pd.DataFrame
    settings: EstimateSettings
    is_illustrative: bool = False

    @property
    def fiscal_years(self) -> tuple[int, ...]:
        """The years of the term, in order."""
        return tuple(sorted(int(year) for year in self.items["fiscal_year"].unique()))
