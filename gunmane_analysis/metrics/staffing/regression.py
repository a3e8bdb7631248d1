"""What municipal staff move with, net of municipality and year: a description, not a cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.areas.master import former_codes
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.people.steps import in_area
from gunmane_analysis.metrics.staffing.panel import (
    PanelResult,
    combine_merged,
    fixed_effects_regression,
)

KEY = ["municipality_code", "fiscal_year"]
STAFF = "general_staff_count"
_REGRESSORS = ("population_count", "civil_engineering_expenditure_jpy")
_FEWEST_YEARS = 2


@dataclass(frozen=True)
class StaffRegression:
    """Elasticities of general administration staff in an area's municipalities.

    ``result`` is None where the filed tables cannot give them, for the ``reason`` told.
    ``years`` are the fiscal years used; ``dropped_count`` the municipalities and years that
    have staff but not both other figures, or a zero.
    """

    area: Area
    result: PanelResult | None
    reason: str
    years: tuple[int, ...] = ()
    dropped_count: int = 0


def staff_regression(
    indicators: pd.DataFrame, panel: pd.DataFrame, area: Area, fiscal_year: int
) -> StaffRegression | None:
    """Regress log general administration staff on log population and log 土木費.

    By :func:`~gunmane_analysis.metrics.staffing.panel.fixed_effects_regression`, clustered by
    municipality. Municipalities that were merged or renamed are summed under today's code.

    Parameters
    ----------
    indicators : DataFrame
        ``municipal_indicators`` (SSDSE-A): general staff on 1 April of the year; these are
        not civil-engineering staff.
    panel : DataFrame
        ``municipal_panel``: residents, 土木費 (yen, nominal) of the fiscal year.
    area : Area
        Nation or block; smaller areas have too few municipalities.
    fiscal_year : int
        Later years are left out.

    Returns
    -------
    StaffRegression or None
        None for a prefecture or a municipality.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.tables import empty_table
    >>> asked = (empty_table("municipal_indicators"), empty_table("municipal_panel"))
    >>> staff_regression(*asked, find_area("japan"), 2024).result is None
    True
    """
    if area.kind not in ("nation", "block"):
        return None
    staff = _on_todays_codes(indicators[[*KEY, STAFF]].dropna(subset=[STAFF]))
    others = _on_todays_codes(panel[[*KEY, *_REGRESSORS]])
    staff = staff[(staff["fiscal_year"] <= fiscal_year) & in_area(staff[KEY[0]], area)]
    joined = staff.merge(others, on=KEY, how="left", validate="one_to_one")
    whole = joined[(joined[[STAFF, *_REGRESSORS]] > 0).all(axis=1)]
    years = tuple(sorted(whole["fiscal_year"].unique().tolist()))
    if len(years) < _FEWEST_YEARS:
        return StaffRegression(
            area,
            None,
            "職員数（ssdse_a）と人口・土木費（municipal_panel）がともにある年度が2つ以上必要である。",
            years,
        )
    logs = whole[KEY].assign(**{name: np.log(whole[name]) for name in (STAFF, *_REGRESSORS)})
    try:
        result = fixed_effects_regression(logs, STAFF, _REGRESSORS)
    except DesignError as fault:
        return StaffRegression(area, None, fault.found, years)
    # a municipality without two years says nothing beside its own effect, and is not an error
    missing = joined["fiscal_year"].isin(years) & ~joined.index.isin(whole.index)
    return StaffRegression(area, result, "", years, int(missing.sum()))


def _on_todays_codes(rows: pd.DataFrame) -> pd.DataFrame:
    successors = {
        code: change.succeeded_by[0]
        for code, change in former_codes().items()
        if len(change.succeeded_by) == 1
    }
    if not rows[KEY[0]].isin(list(successors)).any():
        return rows
    return combine_merged(rows, successors)
