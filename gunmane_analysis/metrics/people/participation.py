"""Participation of municipalities: by area, and who stays away with few technicians.

The printed national shares are the funnel's (:mod:`gunmane_analysis.metrics.funnel.kpi`).
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area, find_areas, list_areas
from gunmane_analysis.metrics.people.steps import in_area, municipality_count
from gunmane_analysis.metrics.staffing.thresholds import FEW_TECHNICIANS
from gunmane_analysis.metrics.validation import known_until
from gunmane_analysis.tables.description import SYNTHETIC, marked_rows
from gunmane_analysis.tables.indicators import latest_known
from gunmane_analysis.tables.people import technician_counts

_BY_AREA = [
    "area_id", "area_name", "programme", "as_of_on", "municipality_total", "listed_count",
    "member_count", "participation_rate", SYNTHETIC,
]  # fmt: skip
_NOT_JOINED = [
    "municipality_code", "municipality_name", "technician_count", "programme", "as_of_on",
    SYNTHETIC,
]  # fmt: skip


def latest_register(register: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Return each programme's rows of the last day known by a year."""
    known = known_until(register, fiscal_year, "as_of_on")
    newest = known.groupby("programme")["as_of_on"].transform("max")
    return known[known["as_of_on"] == newest].reset_index(drop=True)


def participation_by_area(
    register: pd.DataFrame, areas: Iterable[AreaLike], fiscal_year: int
) -> pd.DataFrame:
    """Count members among the municipalities of each area.

    Parameters
    ----------
    register : DataFrame
        One row per municipality, programme and day; may have no rows.
    areas : sequence of Area or str
        One that stands twice is counted once.
    fiscal_year : int

    Returns
    -------
    DataFrame
        One row per area and programme: ``municipality_total`` (municipalities of the area),
        ``listed_count`` (whose status is filed), ``member_count`` and ``participation_rate``
        (members over all municipalities), which is missing unless every one is listed: a
        municipality that is not listed has not been shown to stay away.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> register = pd.DataFrame({
    ...     "municipality_code": ["05204"], "programme": "government_membership",
    ...     "is_member": [False], "as_of_on": "2024-03-18"})
    >>> participation_by_area(register, [find_area("05204")], 2024)["participation_rate"].tolist()
    [0.0]
    """
    areas = find_areas(areas)
    newest = latest_register(register, fiscal_year)
    rows = []
    for area in {place.area_id: place for place in areas}.values():
        total = municipality_count(area)
        for (programme, day), group in newest.groupby(["programme", "as_of_on"]):
            own = group[in_area(group["municipality_code"], area)]
            listed, members = own["municipality_code"].nunique(), int(own["is_member"].sum())
            rate = members / total if listed == total else float("nan")
            counted = (area.area_id, area.name, programme, day, total, listed, members, rate)
            rows.append((*counted, marked_rows(own).any()))
    return pd.DataFrame(rows, columns=_BY_AREA)


def latest_technicians(staffing: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Return each municipality's last known technicians (civil engineers plus architects).

    Parameters
    ----------
    staffing : DataFrame
        One row per municipality and year
        (the table ``municipal_staffing``); may have no rows.
    fiscal_year : int
        Later counts are left out.

    Returns
    -------
    DataFrame
        One row per municipality whose count is known: ``municipality_code``, ``fiscal_year``,
        ``technician_count`` (persons on 1 April), ``is_synthetic``.

    Examples
    --------
    >>> from gunmane_analysis.tables import empty_table
    >>> latest_technicians(empty_table("municipal_staffing"), 2024).columns.tolist()
    ['municipality_code', 'fiscal_year', 'technician_count', 'is_synthetic']
    """
    counted = staffing[["municipality_code", "fiscal_year"]].assign(
        technician_count=technician_counts(staffing), is_synthetic=marked_rows(staffing)
    )
    last = latest_known(
        counted.dropna(subset=["technician_count"]),
        fiscal_year,
        keys=["municipality_code"],
        year="fiscal_year",
        value="technician_count",
    )
    return last.sort_values("municipality_code", ignore_index=True)


def not_joined(
    register: pd.DataFrame, technicians: pd.DataFrame, area: AreaLike, fiscal_year: int
) -> pd.DataFrame:
    """Name the municipalities of few technicians that have not joined a programme.

    Parameters
    ----------
    register : DataFrame
        One row per municipality, programme and day.
    technicians : DataFrame
        One row per municipality: ``municipality_code``, ``technician_count`` (persons). Few
        are five or fewer.
    area : Area or str
    fiscal_year : int

    Returns
    -------
    DataFrame
        One row per municipality and programme: ``municipality_code``, ``municipality_name``,
        ``technician_count``, ``programme``, ``as_of_on``; fewest technicians first.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> register = pd.DataFrame({
    ...     "municipality_code": ["05204"], "programme": "government_membership",
    ...     "is_member": [False], "as_of_on": "2024-03-18"})
    >>> technicians = pd.DataFrame({"municipality_code": ["05204"], "technician_count": [4.0]})
    >>> not_joined(register, technicians, find_area("05"), 2024)["municipality_name"].tolist()
    ['大館市']
    """
    area = find_area(area)
    newest = latest_register(register, fiscal_year)
    outside = newest[~newest["is_member"] & in_area(newest["municipality_code"], area)]
    few = technicians[technicians["technician_count"] <= FEW_TECHNICIANS]
    few = few[["municipality_code", "technician_count"]].assign(has_mark=marked_rows(few))
    names = {place.area_id: place.name for place in list_areas("municipality")}
    found = outside.merge(few, on="municipality_code", how="inner")
    found = found.assign(
        municipality_name=found["municipality_code"].map(names),
        is_synthetic=marked_rows(found) | found["has_mark"],
    ).sort_values(["technician_count", "municipality_code", "programme"], kind="stable")
    return found[_NOT_JOINED].reset_index(drop=True)
