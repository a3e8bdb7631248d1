"""What surrounds a municipality: its outlook, neighbours, size, and the municipalities like it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, children, find_area, list_areas
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.position.position import Position, position
from gunmane_analysis.metrics.staffing.thresholds import FEW_TECHNICIANS
from gunmane_analysis.refusals import Unanswered, refuse_if

_BY_BLOCK = [
    "area_id", "area_name", "municipality_count", "known_count", "zero_count", "few_count",
    "zero_share", "few_share",
]  # fmt: skip
_PUBLISHED_AFTER_YEARS = 3


def population_outlook(projection: pd.DataFrame, area: AreaLike, fiscal_year: int) -> pd.DataFrame:
    """Projected population of an area, its block and the nation, 2020 = 100.

    Parameters
    ----------
    projection : DataFrame
        The table ``population_projection``; 13 municipalities of 浜通り stand as one area.
    area : Area or str
    fiscal_year : int
        The year reported. The institute publishes a projection three years after the census
        that it starts from (2013, 2018, 2023); before that there is none to show.

    Returns
    -------
    DataFrame
        One row per area of the lineage and year: ``area_id``, ``area_name``, ``year``,
        ``population_count``, ``population_index``. A municipality without a projection of its
        own has no rows; the part of its prefecture that is projected as one (07999) has them.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> projection = pd.DataFrame({"municipality_code": "05204", "year": [2020, 2050],
    ...                            "population_count": [69_237.0, 34_600.0]})
    >>> population_outlook(projection, find_area("05204"), 2024)["year"].unique().tolist()
    [2020, 2050]
    """
    area = find_area(area)
    if fiscal_year < projection["year"].min() + _PUBLISHED_AFTER_YEARS:
        projection = projection.iloc[:0]
    parts = []
    for place in area.lineage:
        if place.kind == "municipality":
            rows = projection[projection["municipality_code"] == place.area_id]
            if rows.empty:
                parts.append(_projected_together(projection, place))
                continue
        else:
            rows = projection[projection["municipality_code"].str[:2].isin(place.prefecture_codes)]
        summed = rows.groupby("year", as_index=False)["population_count"].sum()
        parts.append(summed.assign(area_id=place.area_id, area_name=place.name))
    outlook = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    first = outlook.groupby("area_id")["population_count"].transform("first")
    columns = ["area_id", "area_name", "year", "population_count"]
    indexed: pd.DataFrame = outlook[columns].assign(
        population_index=outlook["population_count"] / first * 100.0
    )
    return indexed


def _projected_together(projection: pd.DataFrame, area: Area) -> pd.DataFrame:
    """Return the projection of the part of its prefecture that is projected as one, if any."""
    code = f"{area.prefecture_codes[0]}999"
    rows = projection[projection["municipality_code"] == code]
    missing = {place.area_id for place in children(area.ancestor("prefecture"))} - set(
        projection["municipality_code"]
    )
    return rows[["year", "population_count"]].assign(
        area_id=code, area_name=f"{area.name}を含む{len(missing)}市町村"
    )


def neighbour_profile(
    profile: pd.DataFrame, adjacency: pd.DataFrame, area: AreaLike
) -> pd.DataFrame:
    """Return the rows of a municipality's land neighbours, in code order.

    Parameters
    ----------
    adjacency : DataFrame
        One row per pair: ``municipality_code``, ``neighbour_municipality_code``.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_adjacency, load_municipalities
    >>> profile = load_municipalities(2024)
    >>> near = neighbour_profile(profile, load_adjacency(), find_area("05204"))
    >>> near["area_name"].tolist()[:2]
    ['弘前市', '平川市']
    """
    area = find_area(area)
    pairs = adjacency[["municipality_code", "neighbour_municipality_code"]].to_numpy()
    codes = set(pairs[(pairs == area.area_id).any(axis=1)].ravel()) - {area.area_id}
    return profile[profile["municipality_code"].isin(codes)].reset_index(drop=True)


def technicians_by_block(profile: pd.DataFrame) -> pd.DataFrame:
    """Count the municipalities with no technician and with five or fewer, by block.

    Returns
    -------
    DataFrame
        One row per block and last the nation: ``area_id``, ``area_name``,
        ``municipality_count``, ``known_count``
        (municipalities whose technicians are known), ``zero_count``, ``few_count`` (0 to 5),
        ``zero_share`` and ``few_share`` of those known. No rows where none is known.

    Notes
    -----
    Published for the nation: 25 % without technicians, about half with five or fewer.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_adjacency, load_municipalities
    >>> profile = load_municipalities(2024)
    >>> technicians_by_block(profile).empty
    True
    """
    if profile["technician_count"].isna().all():
        return pd.DataFrame(columns=_BY_BLOCK)
    rows = []
    for area in (*list_areas("block"), find_area("japan")):
        inside = profile if area.kind == "nation" else profile[profile["block_id"] == area.area_id]
        counts = inside["technician_count"].dropna()
        few = [int((counts <= limit).sum()) for limit in (0, FEW_TECHNICIANS)]
        rows.append((area.area_id, area.name, len(inside), len(counts), *few))
    table = pd.DataFrame(rows, columns=_BY_BLOCK[:6])
    shares = table[["zero_count", "few_count"]].div(table["known_count"], axis=0)
    return table.assign(zero_share=shares["zero_count"], few_share=shares["few_count"])


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
    profile: pd.DataFrame, area: AreaLike, count: int = SIMILAR_COUNT
) -> pd.DataFrame:
    """Return the municipalities most like one, nearest first.

    Parameters
    ----------
    profile : DataFrame
        From :func:`gunmane_analysis.loaders.indicators.load_municipalities`.
    area : Area or str
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
    area = find_area(area)
    refuse_if(area.kind != "municipality", "similar-no-municipality", area=area.name)
    features = pd.DataFrame(
        {
            name: np.log(profile[name].where(profile[name] > 0)) if is_size else profile[name]
            for name, is_size in LIKENESS.items()
        }
    ).astype("float64")
    whole = features.dropna()
    own = profile.index[profile["municipality_code"] == area.area_id]
    refuse_if(not own.isin(whole.index).any(), "similar-unknown", area=area.name)
    spread = whole.std(ddof=0)
    standard = (whole - whole.mean()) / spread.where(spread > 0, 1.0)
    distance = np.sqrt(((standard - standard.loc[own[0]]) ** 2).sum(axis=1))
    nearest = distance.drop(own[0]).sort_values(kind="stable").head(count)
    found: pd.DataFrame = profile.loc[
        nearest.index, ["municipality_code", "area_name", "block_id"]
    ].assign(distance=nearest)
    return found.reset_index(drop=True)


def similar_position(
    values: pd.DataFrame, municipalities: pd.DataFrame, area: AreaLike, fiscal_year: int
) -> Position | Unanswered:
    """Place a municipality among the 20 most like it.

    Returns
    -------
    Position or Unanswered
        Unanswered for other areas, or where what makes municipalities alike is not known.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_municipal_values, load_municipalities
    >>> found = similar_position(
    ...     load_municipal_values(), load_municipalities(2024), find_area("05204"), 2024)
    >>> int(found.row("general_staff_count")["peer_count"])
    21
    """
    area = find_area(area)
    try:
        similar = similar_municipalities(municipalities, area)
    except DesignError as fault:
        return Unanswered(fault.found)
    return position(values, area, fiscal_year, similar["municipality_code"].tolist())
