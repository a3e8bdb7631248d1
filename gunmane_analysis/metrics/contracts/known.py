"""Every bundled contract that is known: of the documents, published elsewhere, and registered."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area
from gunmane_analysis.cache import cached
from gunmane_analysis.metrics.people.steps import placed
from gunmane_analysis.metrics.validation import known_until

COLUMNS = [
    "body_code", "body_name", "prefecture_code", "scheme_name", "infrastructure_fields",
    "started_on", "first_fiscal_year", "term_months", "amount_low_jpy", "amount_high_jpy",
    "amount_basis", "status", "confidence", "source_id", "source_title", "is_synthetic",
]  # fmt: skip
_OURS = {
    "municipality_code": "body_code", "municipality_name": "body_name", "area_label": "scheme_name",
}  # fmt: skip
_UNDATED_KNOWN_IN = 2024  # as the documents' own cases, whose day of survey is not printed
_AVERAGE_MONTH_DAYS = 365.25 / 12.0
# How two municipalities are compared: the mean of |ln(ratio)| over what is known of both.
_SIZES = ["population_count", "road_length_km"]


@cached
def known_contracts(
    cases: pd.DataFrame, public_cases: pd.DataFrame, contracts: pd.DataFrame, fiscal_year: int
) -> pd.DataFrame:
    """Put the contracts of all sources in one table, as each prints them.

    Parameters
    ----------
    cases, public_cases, contracts : DataFrame
        ``contract_cases`` (the documents), ``contract_cases_public`` and ``contracts`` (the
        register of the secretariat, may have no rows).
    fiscal_year : int
        Contracts that began later, or were published later, are left out.

    Returns
    -------
    DataFrame
        One row per contract or phase and source, by body and start; the same contract may
        stand in two sources. ``body_code`` has two digits for a prefecture;
        ``amount_low_jpy`` and ``amount_high_jpy`` differ where a range is printed;
        ``amount_basis`` joins what is known of it by ``;``;
        ``first_fiscal_year`` is missing where no start is published; ``confidence`` is
        ``document``, ``registered`` or how sure the published row is.

    Examples
    --------
    >>> import gunmane_analysis as g
    >>> known = known_contracts(g.load_contract_cases(), g.load_contract_cases_public(),
    ...     g.load_contracts(), 2024)
    >>> known["body_name"].nunique()
    9
    """
    printed = known_until(cases, fiscal_year)
    documents = printed.rename(columns=_OURS).assign(
        started_on=printed["first_fiscal_year"].astype("str"),
        amount_basis=printed["amount_basis"] + ";total;" + printed["per_unit"],
        status="",
        confidence="document",
        source_id="contract_cases",
        source_title="群マネの手引きVer.1",
    )
    code = public_cases["municipality_code"]
    told_in = public_cases["source_date"].map(fiscal_year_of).fillna(_UNDATED_KNOWN_IN)
    public = public_cases.rename(columns={"name": "body_name", "first_start": "started_on"}).assign(
        body_code=code.mask(code.str.endswith("000"), code.str[:2]),
        prefecture_code=code.str[:2],
        first_fiscal_year=public_cases["first_start"].map(fiscal_year_of),
        amount_low_jpy=public_cases["amount_jpy"],
        amount_high_jpy=public_cases["amount_jpy"],
        source_id="contract_cases_public",
    )[told_in <= fiscal_year]
    days = pd.to_datetime(contracts["end_on"]) - pd.to_datetime(contracts["start_on"])
    registered = contracts.rename(columns=_OURS).assign(
        body_name=[find_area(code).name for code in contracts["municipality_code"]],
        prefecture_code=contracts["municipality_code"].str[:2],
        scheme_name=contracts["area_label"].fillna(contracts["contract_id"]),
        started_on=contracts["start_on"],
        first_fiscal_year=contracts["start_on"].map(fiscal_year_of),
        term_months=(days.dt.days / _AVERAGE_MONTH_DAYS).round(),
        amount_low_jpy=contracts["amount_jpy"],
        amount_high_jpy=contracts["amount_jpy"],
        amount_basis="contract;total",
        status="",
        confidence="registered",
        source_id="contracts",
        source_title="包括契約の登録簿",
    )
    parts = [part.reindex(columns=COLUMNS) for part in (documents, public, registered) if len(part)]
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    every = pd.concat(parts, ignore_index=True)
    begun = every[~(every["first_fiscal_year"].astype("float64") > fiscal_year)]
    return begun.sort_values(["body_code", "started_on"], kind="stable", ignore_index=True)


def fiscal_year_of(day: object) -> float:
    """Return the fiscal year of a day, a month, or a year as printed; missing for none."""
    if not isinstance(day, str):
        return float("nan")
    year, _, rest = day.partition("-")
    return float(int(year) - (bool(rest) and int(rest[:2]) < 4))


def nearest_contracts(
    known: pd.DataFrame, municipalities: pd.DataFrame, area: AreaLike, count: int = 4
) -> pd.DataFrame:
    """Return the contracts of an area, and for a municipality those of the nearest bodies.

    Parameters
    ----------
    known : DataFrame
        From :func:`known_contracts`.
    municipalities : DataFrame
        From :func:`gunmane_analysis.load_municipalities`.
    area : Area or str
        The nation has all of them; a block or prefecture those inside it.
    count : int
        For a municipality: how many other municipalities, nearest in size first.

    Returns
    -------
    DataFrame
        Rows of ``known`` with ``is_in_area``, ``is_in_block`` and ``distance``: the mean of
        |ln(body / area)| over residents and municipal road (ln 2 = twice or half as large);
        missing for prefectures' contracts and for other areas.

    Examples
    --------
    >>> import gunmane_analysis as g
    >>> known = known_contracts(g.load_contract_cases(), g.load_contract_cases_public(),
    ...     g.load_contracts(), 2024)
    >>> near = nearest_contracts(known, g.load_municipalities(2024), g.find_area("05203"))
    >>> near["body_name"].unique().tolist()[0]
    '三条市'
    """
    area = find_area(area)
    rows = placed(known, area, "body_code").assign(distance=np.nan)
    own = rows[rows["is_in_area"]]
    if area.kind != "municipality":
        return own.reset_index(drop=True)
    sizes = municipalities.set_index("municipality_code")[_SIZES].apply(np.log)
    gaps = (sizes - sizes.loc[area.area_id]).abs().mean(axis=1)
    rows = rows.assign(distance=rows["body_code"].map(gaps))
    own, others = rows[rows["is_in_area"]], rows[~rows["is_in_area"]]
    others = others.dropna(subset=["distance"]).sort_values("distance", kind="stable")
    nearest = list(dict.fromkeys(others["body_code"]))[:count]
    chosen = pd.concat([own, others[others["body_code"].isin(nearest)]])
    return chosen.reset_index(drop=True)
