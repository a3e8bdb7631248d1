"""Yearly costs of municipalities made comparable before anybody compares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.errors import DesignError
from gunmane_analysis.tables.estimate import TAX_WORDS, TaxBase

KEY = ["municipality_code", "fiscal_year"]
DENOMINATORS: Mapping[str, tuple[str, str]] = {
    "road_length_km": ("cost_per_km_jpy", "円/km"),
    "mown_area_m2": ("cost_per_m2_jpy", "円/m²"),
    "population_count": ("cost_per_resident_jpy", "円/人"),
    "facility_count": ("cost_per_facility_jpy", "円/施設"),
}
_CODES_NAMED = 5


@dataclass(frozen=True)
class ComparableCosts:
    """A panel whose costs have one denominator, one price base and one tax treatment.

    ``panel`` has one row per ``municipality_code`` and ``fiscal_year`` with ``outcome`` (the
    name of its cost column), ready for
    :func:`~gunmane_analysis.metrics.effects.bundling.bundling_effect`; ``basis`` says in Japanese
    what one figure is.
    """

    panel: pd.DataFrame
    outcome: str
    unit: str
    basis: str


def comparable_costs(
    outcomes: pd.DataFrame,
    sizes: pd.DataFrame,
    *,
    per: str,
    tax: TaxBase,
    deflators: Mapping[int, float] | None = None,
    price_base_fiscal_year: int | None = None,
) -> ComparableCosts:
    """Divide yearly costs by what they maintain, at the prices of one year.

    Parameters
    ----------
    outcomes : DataFrame
        One row per ``municipality_code`` and ``fiscal_year`` with ``maintenance_cost_jpy``
        (the secretariat's form ``contract_outcomes``); other columns are kept.
    sizes : DataFrame
        One row per ``municipality_code`` and ``fiscal_year`` with the denominator.
    per : {"road_length_km", "mown_area_m2", "population_count", "facility_count"}
    tax : {"included", "excluded", "not_stated"}
        How the costs were delivered; it is told, not converted.
    deflators : mapping of int to float, optional
        Price index by fiscal year. Without one, costs stay at each year's prices.
    price_base_fiscal_year : int, optional
        Needed with deflators.

    Returns
    -------
    ComparableCosts

    Raises
    ------
    DesignError
        If the denominator is unknown, or missing or not positive for a row that has a cost; if
        rows repeat, a cost is negative, or a deflator is missing.

    Examples
    --------
    >>> costs = pd.DataFrame({"municipality_code": ["05204"], "fiscal_year": [2024],
    ...                       "maintenance_cost_jpy": [150e6]})
    >>> roads = costs[["municipality_code", "fiscal_year"]].assign(road_length_km=1000.0)
    >>> comparable = comparable_costs(costs, roads, per="road_length_km", tax="not_stated")
    >>> float(comparable.panel[comparable.outcome].iloc[0]), comparable.basis
    (150000.0, '円/km、各年度の価格、税の扱いの記載なし')
    """
    if per not in DENOMINATORS:
        raise DesignError(
            f"分母「{per}」では比べられません。",
            expected="、".join(DENOMINATORS),
            advice="金額は、延長・面積・人口・施設数のどれかで割ってから比べます。",
        )
    for table, name, needed in (
        (outcomes, "実績", [*KEY, "maintenance_cost_jpy"]),
        (sizes, "規模", [*KEY, per]),
    ):
        _check(table, name, needed)
    joined = outcomes.merge(sizes[[*KEY, per]], on=KEY, how="left", validate="one_to_one")
    joined = joined[joined["maintenance_cost_jpy"].notna()]
    _refuse(
        joined[joined["maintenance_cost_jpy"] < 0], "経費が負の行", "元の資料を確かめてください。"
    )
    _refuse(
        joined[~(joined[per] > 0)],
        f"分母（{per}）がないか0以下の行",
        "規模の表に、その団体と年度の値を加えてください。",
    )
    outcome, unit = DENOMINATORS[per]
    factor, prices = _price_factor(joined["fiscal_year"], deflators, price_base_fiscal_year)
    panel = joined.assign(**{outcome: joined["maintenance_cost_jpy"] * factor / joined[per]})
    return ComparableCosts(
        panel.reset_index(drop=True), outcome, unit, f"{unit}、{prices}、{TAX_WORDS[tax]}"
    )


def _check(table: pd.DataFrame, name: str, needed: list[str]) -> None:
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise DesignError(f"{name}の表に列「{'」「'.join(missing)}」がありません。")
    repeated = table[table.duplicated(KEY)]
    _refuse(repeated, f"{name}の表で団体と年度が重なる行", "一方を除いてください。")


def _refuse(rows: pd.DataFrame, what: str, advice: str) -> None:
    if len(rows):
        named = "、".join(
            f"{row['municipality_code']}（{row['fiscal_year']}年度）"
            for row in rows.head(_CODES_NAMED).to_dict("records")
        )
        raise DesignError(f"{what}が{len(rows)}行あります（{named}）。", advice=advice)


def _price_factor(
    years: pd.Series, deflators: Mapping[int, float] | None, base: int | None
) -> tuple[pd.Series | float, str]:
    if not deflators:
        return 1.0, "各年度の価格"
    if base is None:
        raise DesignError("価格の基準年度がありません。", expected="price_base_fiscal_year の指定")
    missing = sorted({*map(int, years), base} - set(deflators))
    if missing:
        raise DesignError(f"物価指数に{'、'.join(map(str, missing))}年度がありません。")
    return deflators[base] / years.map(deflators), f"{base}年度の価格"
