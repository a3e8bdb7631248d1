"""Municipalities like one: near in population, area, roads and fiscal strength."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.position.position import Position, position

SIMILAR_COUNT = 20
# The measure of likeness: each standardised over all municipalities, sizes in logarithms.
LIKENESS: Mapping[str, bool] = MappingProxyType(
    {
        "population_count": True,
        "area_km2": True,
        "road_length_km": True,
        "fiscal_strength_index": False,
    }
)


def similar_municipalities(
    profile: pd.DataFrame, area: Area, count: int = SIMILAR_COUNT
) -> pd.DataFrame:
    """Return the municipalities most like one, nearest first.

    Parameters
    ----------
    profile : DataFrame
        From :func:`gunmane_analysis.loaders.indicators.load_municipalities`.
    area : Area
        A municipality.
    count : int
        How many to return.

    Returns
    -------
    DataFrame
        ``municipality_code``, ``area_name``, ``block_id`` and ``distance``: the Euclidean
        distance over log population, log area, log road length and fiscal strength index,
        each standardised (mean 0, standard deviation 1) over all municipalities that have
        all four.

    Raises
    ------
    DesignError
        If the area is no municipality, or one of the four is not known for it.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_municipalities
    >>> len(similar_municipalities(load_municipalities(2024), find_area("05204")))
    20
    """
    if area.kind != "municipality":
        raise DesignError(f"{area.name}は市区町村ではないため、似た市区町村を選べません。")
    features = pd.DataFrame(
        {
            name: np.log(profile[name].where(profile[name] > 0)) if is_size else profile[name]
            for name, is_size in LIKENESS.items()
        }
    ).astype("float64")
    whole = features.dropna()
    own = profile.index[profile["municipality_code"] == area.area_id]
    if len(own) == 0 or own[0] not in whole.index:
        raise DesignError(
            f"{area.name}の人口・面積・道路延長・財政力指数がそろわず、似た市区町村を選べません。",
            advice="municipal_panel などの資料を登録してください。",
        )
    spread = whole.std(ddof=0)
    standard = (whole - whole.mean()) / spread.where(spread > 0, 1.0)
    distance = np.sqrt(((standard - standard.loc[own[0]]) ** 2).sum(axis=1))
    nearest = distance.drop(own[0]).sort_values(kind="stable").head(count)
    found: pd.DataFrame = profile.loc[
        nearest.index, ["municipality_code", "area_name", "block_id"]
    ].assign(distance=nearest)
    return found.reset_index(drop=True)


def similar_position(
    values: pd.DataFrame, municipalities: pd.DataFrame, area: Area, fiscal_year: int
) -> Position | None:
    """Place a municipality among the 20 most like it.

    Returns
    -------
    Position or None
        None for other areas, or where what makes municipalities alike is not known.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_municipal_values, load_municipalities
    >>> found = similar_position(
    ...     load_municipal_values(), load_municipalities(2024), find_area("05204"), 2024)
    >>> int(found.row("general_staff_count")["peer_count"])
    21
    """
    try:
        similar = similar_municipalities(municipalities, area)
    except DesignError:
        return None
    return position(values, area, fiscal_year, similar["municipality_code"].tolist())
