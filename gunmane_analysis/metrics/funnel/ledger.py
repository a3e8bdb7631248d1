"""The case ledger: whose cases, what was known of them by a year, and their counts."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.metrics.funnel.activities import forum_ids
from gunmane_analysis.tables.funnel import STAGES

_LAST_MONTH_DAY = "03-31"
_DATES = (*(f"{stage}_on" for stage in STAGES), "closed_on")


def cases_of_area(cases: pd.DataFrame, area: Area) -> pd.DataFrame:
    """Return the ledger's cases of a nation, block, prefecture or municipality.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> cases = pd.DataFrame({"block_id": ["kinki", "chugoku"], "prefecture_code": ["27", "34"]})
    >>> len(cases_of_area(cases, find_area("34"))), len(cases_of_area(cases, find_area("japan")))
    (1, 2)
    """
    if area.kind == "municipality":
        return cases[cases["municipality_code"] == area.area_id]
    if area.kind == "prefecture":
        return cases[cases["prefecture_code"] == area.area_id]
    return cases[cases["block_id"].isin(forum_ids(area))]


def ledger_until(cases: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Return the ledger as it stood at the end of a fiscal year (31 March).

    Parameters
    ----------
    cases : DataFrame
        One row per case (the table ``funnel_cases``).
    fiscal_year : int

    Returns
    -------
    DataFrame
        The cases begun by then, later dates missing, last seen no later than that day.

    Examples
    --------
    >>> case = {"considered_on": "2023-05-01", "established_on": "2023-06-01",
    ...         "trialled_on": None, "implemented_on": "2024-06-01", "closed_on": None,
    ...         "as_of_on": "2024-10-01"}
    >>> ledger_until(pd.DataFrame([case]), 2023)[["implemented_on", "as_of_on"]].iloc[0].tolist()
    [nan, '2024-03-31']
    """
    last_day = f"{fiscal_year + 1}-{_LAST_MONTH_DAY}"
    begun = cases[cases["considered_on"] <= last_day]
    dated = begun.assign(**{name: begun[name].where(begun[name] <= last_day) for name in _DATES})
    seen = begun["as_of_on"].where(begun["as_of_on"] <= last_day, last_day)
    known: pd.DataFrame = dated.assign(as_of_on=seen)
    return known


def counts_of_cases(cases: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Count the ledger's cases at each stage by the end of a fiscal year.

    Parameters
    ----------
    cases : DataFrame
        One row per case (the table ``funnel_cases``).
    fiscal_year : int
        Dates after its last day (31 March) are left out.

    Returns
    -------
    DataFrame
        One row per stage: ``fiscal_year``, ``stage``, ``case_count`` (cases that reached the
        stage or a later one); no rows if no case had begun. A case that skipped a stage
        counts as having passed it, so that the counts are nested.

    Examples
    --------
    >>> case = {"considered_on": "2023-05-01", "established_on": None,
    ...         "trialled_on": "2024-02-01", "implemented_on": "2024-06-01",
    ...         "closed_on": None, "as_of_on": "2024-10-01"}
    >>> counts_of_cases(pd.DataFrame([case]), 2023)["case_count"].tolist()
    [1, 1, 1, 0]
    """
    known = ledger_until(cases, fiscal_year)
    reached = known[[f"{stage}_on" for stage in STAGES]].notna().set_axis(list(STAGES), axis=1)
    passed = reached.loc[:, ::-1].cummax(axis=1).loc[:, ::-1]
    counts = passed.sum()
    if known.empty:
        return pd.DataFrame(columns=["fiscal_year", "stage", "case_count"])
    return pd.DataFrame(
        {
            "fiscal_year": fiscal_year,
            "stage": list(STAGES),
            "case_count": counts.loc[list(STAGES)].to_numpy("int64"),
        }
    )
