"""Municipalities by indicator: one tidy table of every year, one wide table of the newest."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import list_areas
from gunmane_analysis.loaders.store import kept_while_unchanged, load_table
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.tables.indicators import KEY, TIDY, indicator_values, indicators, latest_known
from gunmane_analysis.tables.people import technician_counts

_KEY = ["municipality_code", "fiscal_year"]
_TABLES = (
    "municipal_fiscal_index",
    "municipal_indicators",
    "municipal_panel",
    "municipal_population",
    "municipal_staffing",
    "population_projection",
)
_FIRST_REPORTED_YEAR = 1995  # of the prefectures' series
_METRES_PER_KM = 1000.0
_OUTLOOK_YEAR = 2050
_PUBLISHED_AFTER_YEARS = 3  # the institute publishes three years after the census it starts from


@kept_while_unchanged(*_TABLES)
def load_municipal_values() -> pd.DataFrame:
    """Load every indicator of every municipality and year.

    Returns
    -------
    DataFrame
        One row per municipality, indicator and year: ``area_id``, ``indicator_id``, ``year``
        (fiscal; of the projection the year of its publication), ``value``. Numerator and
        denominator of a ratio are of one year. A missing value says that there is none in
        that year (将来負担比率 「－」), so that no older one is taken for it. What each
        indicator is says :func:`gunmane_analysis.tables.indicators.indicators`.

    Examples
    --------
    >>> values = load_municipal_values().set_index(["area_id", "indicator_id", "year"])["value"]
    >>> round(float(values[("05204", "staff_per_1000_residents", 2024)]), 2)
    7.13
    """
    panel, items = load_table("municipal_panel").set_index(_KEY), load_table("municipal_indicators")
    index, staffing = load_table("municipal_fiscal_index"), load_table("municipal_staffing")
    technicians = staffing.assign(technician_count=technician_counts(staffing))
    parts = [
        panel.assign(road_length_km=panel["road_length_m"] / _METRES_PER_KM),
        # the census is of another day than the register
        items.set_index(_KEY).rename(columns={"population_count": "census_population_count"}),
        index.set_index(_KEY),
        technicians.set_index(_KEY),
        _residents(load_table("municipal_population")),
        _outlook(load_table("population_projection")),
    ]
    wanted = {name for each in indicators().values() for name in (each.value, *each.share)}
    found: dict[str, pd.Series] = {}
    for part in parts:
        for name in wanted & set(part):
            known = part[name].dropna()
            found[name] = found[name].combine_first(known) if name in found else known
    quantities = pd.DataFrame(found).rename_axis(["area_id", "year"]).reset_index()
    values = indicator_values(quantities, "municipality")
    has_none = index.loc[index["future_burden_ratio_status"] != "", _KEY].set_axis(KEY, axis=1)
    none = has_none.assign(indicator_id="future_burden_ratio", value=float("nan"))
    kinds = values.dtypes.to_dict()
    return pd.concat([values, none[TIDY].astype(kinds)], ignore_index=True)


def _residents(population: pd.DataFrame) -> pd.DataFrame:
    """Return residents on 1 January by the fiscal year in which that day falls."""
    january = population[population["as_of_on"].str.endswith("-01-01")]
    year = january["as_of_on"].str[:4].astype("int64") - 1
    return january.assign(fiscal_year=year).set_index(_KEY)[["population_count"]]


def _outlook(projection: pd.DataFrame) -> pd.DataFrame:
    """Return the first and the last projected population by the year of publication."""
    first = projection["year"].min()
    ends = projection[projection["year"].isin([first, _OUTLOOK_YEAR])]
    named = ends.assign(column="population_" + ends["year"].astype("str") + "_count")
    outlook = named.pivot(index="municipality_code", columns="column", values="population_count")
    published = outlook.assign(fiscal_year=first + _PUBLISHED_AFTER_YEARS)
    return published.set_index("fiscal_year", append=True)


@kept_while_unchanged(*_TABLES)
def load_municipalities(fiscal_year: int | None = None) -> pd.DataFrame:
    """Load the 1,741 municipalities side by side, each figure the newest known.

    Parameters
    ----------
    fiscal_year : int, optional
        Later figures are left out.

    Returns
    -------
    DataFrame
        One row per municipality in force, in code order: ``municipality_code``,
        ``area_name``, ``prefecture_code``, ``prefecture_name``, ``block_id``, one column an
        indicator, ``<indicator>_year``, the year of that municipality's figure, and
        ``<indicator>_rank`` (1 = largest; equal values share the better rank). What is not
        known is missing; columns that nobody fills are there and empty.
        ``codebook("municipalities")`` has each indicator's label, unit and note.

    Raises
    ------
    DesignError
        If the year is before every series; from 1995 on, when the prefectures' begins, until
        the first figure of a municipality all are missing, as a page of those years needs it.

    Examples
    --------
    >>> odate = load_municipalities(2024).set_index("municipality_code").loc["05204"]
    >>> int(odate["general_staff_count"]), int(odate["general_staff_count_year"])
    (467, 2024)
    >>> odate["prefecture_name"], int(odate["repair_share_rank"])
    ('秋田県', 162)
    """
    values = load_municipal_values()
    newest = latest_known(values, fiscal_year)
    since = values["year"].min()
    is_before_all = fiscal_year is not None and fiscal_year < _FIRST_REPORTED_YEAR
    refuse_if(is_before_all, "municipalities-no-year", year=fiscal_year, since=since)
    names = [name for name, each in indicators().items() if "municipality" in each.sources]
    figures, years = (
        newest.pivot(index="area_id", columns="indicator_id", values=of)
        .astype("float64")
        .reindex(columns=names)
        for of in ("value", "year")
    )
    municipalities = pd.DataFrame(
        {
            "municipality_code": area.area_id,
            "area_name": area.name,
            "prefecture_code": area.prefecture_codes[0],
            "prefecture_name": area.ancestor("prefecture").name,
            "block_id": area.ancestor("block").area_id,
        }
        for area in list_areas("municipality")
    )
    figures = figures.reindex(municipalities["municipality_code"])  # others are ranked by none
    ranked = figures.rank(ascending=False, method="min").add_suffix("_rank")
    columns = figures.join([years.add_suffix("_year"), ranked])
    return municipalities.join(columns, on="municipality_code")
