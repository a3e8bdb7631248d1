"""Indicators by which areas are compared, as ``reference_data/indicators.yml`` describes them."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pandas as pd

from gunmane_analysis.paths import read_yaml
from gunmane_analysis.wording import Kind, format_value, is_missing, yen

Level = Literal["municipality", "regional"]
KEY = ["area_id", "year"]
TIDY = ["area_id", "indicator_id", "year", "value"]


@dataclass(frozen=True)
class Indicator:
    """What is compared: its label, unit and wording, and how it is computed from quantities.

    ``value`` names a quantity, ``share`` a numerator and a denominator of one year; ``since``
    makes it a change against that year, ``low`` or ``year_before``. ``graver`` says which end
    weighs more: ``high``, ``low`` or ``none``. ``sources`` are source ids by level.
    """

    indicator_id: str
    label: str
    unit: str
    kind: Kind
    graver: Literal["high", "low", "none"]
    note: str
    sources: Mapping[str, tuple[str, ...]]
    decimals: int = 0
    value: str = ""
    share: tuple[str, ...] = ()
    per: float = 1.0
    since: str = ""

    def words(self, value: float) -> str:
        """Word a value with its unit; amounts of money in 億円 or 万円.

        Examples
        --------
        >>> indicators()["repair_share"].words(0.1723)
        '17.2%'
        """
        if self.kind == "money" and not is_missing(value):
            return yen(value)
        shown = format_value(value, self.kind, self.decimals)
        return shown if is_missing(value) else f"{shown}{self.unit}"

    def heading(self, year: float | None, oldest: float | None = None) -> str:
        """Return the label with the year of the values, each year once; None leaves it out.

        ``year`` is the newest of them and ``oldest`` the oldest, where they differ.

        Examples
        --------
        >>> indicators()["staff_change_since_2021"].heading(2024)
        '職員数の変化 2021〜2024年度'
        """
        base = self.label.partition("（")[0]
        if self.since.isdigit():
            until = "年度から" if year is None else f"〜{year:.0f}年度"
            return f"{base} {self.since}{until}"
        is_plain = year is None or self.label.startswith("2050")
        span = "" if oldest in (None, year) else f"{oldest:.0f}〜"
        return self.label if is_plain else f"{self.label} {span}{year:.0f}年度"


@functools.cache
def indicators() -> Mapping[str, Indicator]:
    """Return every indicator by its id, in the order in which they are shown.

    Examples
    --------
    >>> indicators()["staff_per_100km"].graver
    'low'
    """
    path = Path(__file__).parents[1] / "reference_data" / "indicators.yml"
    described = {}
    for name, entry in read_yaml(path).items():
        levels = entry.pop("levels", list(entry["sources"]))
        sources = {level: tuple(entry["sources"][level]) for level in levels}
        entry |= {"sources": sources, "share": tuple(entry.get("share", ()))}
        described[name] = Indicator(name, **entry | {"since": str(entry.get("since", ""))})
    return MappingProxyType(described)


def indicator_table() -> pd.DataFrame:
    """Return the indicators as a table, for workbooks and the index.

    Examples
    --------
    >>> indicator_table().set_index("indicator_id").loc["area_km2", "unit"]
    'km²'
    """
    columns = ["indicator_id", "label", "unit", "graver", "note"]
    return pd.DataFrame(
        {name: getattr(indicator, name) for name in columns}
        | {"source_ids": "、".join(dict.fromkeys(sum(indicator.sources.values(), ())))}
        for indicator in indicators().values()
    )


def indicator_values(quantities: pd.DataFrame, level: Level) -> pd.DataFrame:
    """Compute every indicator of a level from the quantities of areas and years.

    Parameters
    ----------
    quantities : DataFrame
        One row per area and year: ``area_id``, ``year`` and the quantities that are known.
    level : {"municipality", "regional"}

    Returns
    -------
    DataFrame
        One row per area, indicator and year with a value: ``area_id``, ``indicator_id``,
        ``year``, ``value``; in the order of the indicators.
    """
    rows = quantities.sort_values(KEY, ignore_index=True)
    parts = []
    for indicator in indicators().values():
        needed = indicator.share or (indicator.value,)
        if level not in indicator.sources or not set(needed) <= set(rows):
            continue
        value = rows[needed[0]]
        if indicator.share:
            below = rows[needed[1]]
            value = value / below.where(below > 0) * indicator.per
        if indicator.since:
            value = _change(rows[KEY].assign(value=value), indicator.since)
        known = rows[KEY].assign(indicator_id=indicator.indicator_id, value=value)
        parts.append(known[value.notna()])
    found = pd.concat(parts, ignore_index=True)[TIDY]
    return found.astype({"area_id": "category", "indicator_id": "category"})


def latest_known(
    values: pd.DataFrame,
    fiscal_year: int | None = None,
    *,
    keys: Sequence[str] = ("area_id", "indicator_id"),
    year: str = "year",
    value: str = "value",
) -> pd.DataFrame:
    """Return the newest value of each area and indicator (or of other keys), up to a year.

    The newest year is each area's own: a new return of one municipality leaves the others
    known. A missing value in the newest year says that there is none, and is left out.

    Parameters
    ----------
    values : DataFrame
        One row per key and year.
    fiscal_year : int, optional
        Later years are left out.
    keys, year, value : str
        The columns.

    Examples
    --------
    >>> values = pd.DataFrame({"area_id": ["a", "a", "b"], "indicator_id": "x",
    ...                        "year": [2023, 2024, 2023], "value": [1.0, 2.0, 3.0]})
    >>> latest_known(values)["value"].tolist()
    [2.0, 3.0]
    """
    known = values if fiscal_year is None else values[values[year] <= fiscal_year]
    newest = known.sort_values(year, kind="stable").drop_duplicates(list(keys), keep="last")
    return newest.dropna(subset=[value]).sort_index()


def _change(rows: pd.DataFrame, since: str) -> pd.Series:
    """Return the change of each row's value against its area's base, missing before the base."""
    of_area = rows.groupby("area_id", sort=False)["value"]
    if since == "low":
        base = of_area.cummin()
    elif since == "year_before":
        is_next = rows.groupby("area_id", sort=False)["year"].diff() == 1
        base = of_area.shift(1).where(is_next)
    else:
        first = rows[rows["year"] == int(since)].set_index("area_id")["value"]
        base = rows["area_id"].map(first).where(rows["year"] > int(since))
    return rows["value"] / base.where(base > 0) - 1.0
