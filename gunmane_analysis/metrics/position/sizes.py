"""How large each municipality is, from whichever tables are filed: the last figure known."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.cache import cached
from gunmane_analysis.metrics.people.steps import last_day
from gunmane_analysis.tables.indicators import latest_known

_COLUMNS = (
    "municipality_code",
    "population_count",
    "population_as_of_on",
    "population_source_id",
    "civil_staff_count",
    "civil_staff_fiscal_year",
)


@cached
def municipal_sizes(
    population: pd.DataFrame,
    panel: pd.DataFrame,
    indicators: pd.DataFrame,
    staffing: pd.DataFrame,
    fiscal_year: int,
) -> pd.DataFrame:
    """Return the last known residents and civil-engineering staff of every municipality.

    Parameters
    ----------
    population : DataFrame
        ``municipal_population``: residents in the register, with their day.
    panel : DataFrame
        ``municipal_panel``: residents on 1 January after the fiscal year.
    indicators : DataFrame
        ``municipal_indicators``: residents of the census (1 October).
    staffing : DataFrame
        ``municipal_staffing``: ``civil_staff_count`` (土木部門職員数, 1 April). General
        administration staff never stand in for it.
    fiscal_year : int
        Figures of a later day are left out.

    Returns
    -------
    DataFrame
        One row per municipality with either figure: ``municipality_code``,
        ``population_count``, ``population_as_of_on``, ``population_source_id`` (the table it
        is taken from), ``civil_staff_count``, ``civil_staff_fiscal_year``. On one day the
        register goes before the panel and the panel before the census.

    Examples
    --------
    >>> from gunmane_analysis.tables import empty_table
    >>> census = pd.DataFrame({"municipality_code": ["05204"], "fiscal_year": [2020],
    ...                        "population_count": [69_237.0]})
    >>> sizes = municipal_sizes(empty_table("municipal_population"),
    ...                         empty_table("municipal_panel"), census,
    ...                         empty_table("municipal_staffing"), 2024)
    >>> sizes["population_as_of_on"].tolist()
    ['2020-10-01']
    """
    day = last_day(fiscal_year)
    dated = [
        _dated(population, population["as_of_on"], "mic_population"),
        _dated(panel, _days(panel["fiscal_year"] + 1, "01-01"), "municipal_panel"),
        _dated(indicators, _days(indicators["fiscal_year"], "10-01"), "ssdse_a"),
    ]
    every = pd.concat([part for part in dated if len(part)] or dated, ignore_index=True)
    residents = (
        every[every["population_as_of_on"] <= day]
        .sort_values("population_as_of_on", ascending=False, kind="stable")
        .drop_duplicates("municipality_code")
    )
    civil = latest_known(
        staffing.dropna(subset=["civil_staff_count"]),
        fiscal_year,
        keys=["municipality_code"],
        year="fiscal_year",
        value="civil_staff_count",
    ).rename(columns={"fiscal_year": "civil_staff_fiscal_year"})
    joined = residents.merge(
        civil[["municipality_code", "civil_staff_count", "civil_staff_fiscal_year"]],
        on="municipality_code",
        how="outer",
    )
    return joined.sort_values("municipality_code", ignore_index=True)[list(_COLUMNS)]


def _days(years: pd.Series, day: str) -> pd.Series:
    return years.astype("int64").astype("str") + f"-{day}"


def _dated(table: pd.DataFrame, days: pd.Series, source_id: str) -> pd.DataFrame:
    """Return the known residents of a table with their day."""
    return (
        table[["municipality_code", "population_count"]]
        .assign(population_as_of_on=days.astype("str"), population_source_id=source_id)
        .dropna(subset=["population_count"])
    )
