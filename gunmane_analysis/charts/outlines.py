"""Outlines of municipalities on a chart: in points of the page, and as coarse as can be seen."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.path import Path
from numpy.typing import NDArray

_TOLERANCE = 3.0  # points on the page: corners of smaller triangles are straightened
_SMALLEST = 3.0  # points on the page: parts smaller than this are islets that nobody could see
_FAR = 1.5  # a map may grow by this factor to show islands; beyond it they are left out

Points = NDArray[Any]  # one row per point: longitude and latitude, or across and up on the page


@dataclass(frozen=True)
class Extent:
    """The corners of a map in degrees, and whether something lies outside it."""

    low: Points
    high: Points
    leaves_out: bool

    @property
    def _per_degree(self) -> Points:
        """How long a degree of longitude and of latitude are, one of latitude being 1."""
        return np.array([math.cos(math.radians(float((self.low + self.high)[1]) / 2)), 1.0])

    @property
    def shape(self) -> float:
        """Height to width."""
        width, height = (self.high - self.low) * self._per_degree
        return float(height / width)

    def on_page(self, degrees: Points, size: Points) -> Points:
        """Return longitudes and latitudes as points in the middle of a map of this size."""
        scale = self._per_degree * float((size / (self.high - self.low) / self._per_degree).min())
        placed: Points = (degrees - (self.low + self.high) / 2) * scale + size / 2
        return placed


def extent_of(places: Mapping[str, Points], main: Collection[str]) -> Extent:
    """Return the corners of a map of all places, or of the main ones where others lie far off.

    Examples
    --------
    >>> near = {"a": np.array([[139.0, 35.0], [140.0, 36.0]])}
    >>> extent_of({**near, "b": np.array([[142.0, 27.0]])}, ["a"]).leaves_out
    True
    """
    low, high = _sides(places.values())
    inner = _sides([places[code] for code in main if code in places] or places.values())
    span, inner_span = high - low, inner[1] - inner[0]
    leaves_out = bool((span > _FAR * np.maximum(inner_span, inner_span.max() / 2)).any())
    if leaves_out:
        low, high = inner
    margin = 0.03 * float((high - low).max()) + 0.01
    return Extent(low - margin, high + margin, leaves_out)


def _sides(places: Collection[Points]) -> tuple[Points, Points]:
    points = np.vstack(list(places))
    return points.min(axis=0), points.max(axis=0)


def outlines_of(boundaries: pd.DataFrame, codes: Sequence[str]) -> pd.Series:
    """Return the outline (shapely, in degrees) of each municipality that the table has one of."""
    own = boundaries[boundaries["area_code"].isin(codes)]
    if own.empty:
        return pd.Series(dtype="object")
    import shapely

    rings = [
        shapely.linearrings(np.column_stack([east, north]))
        for east, north in zip(own["longitudes"], own["latitudes"], strict=True)
    ]
    by_code = pd.Series(rings, own["area_code"].astype("str"), dtype="object").groupby(level=0)
    return by_code.agg(lambda each: shapely.build_area(shapely.geometrycollections([*each])))


def degrees_of(outlines: pd.Series) -> dict[str, Points]:
    """Return each outline's corners."""
    import shapely

    return {str(code): shapely.get_coordinates(outline) for code, outline in outlines.items()}


def bordering(outlines: pd.Series) -> list[str]:
    """Return the municipalities that have a land neighbour among these."""
    import shapely

    shapes = outlines.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    return sorted({str(code) for code in outlines.index[one[one != other]]})


def simplified(outlines: pd.Series, extent: Extent, size: Points) -> pd.Series:
    """Leave out what a map of this size cannot show, the same on both sides of a border.

    Parameters
    ----------
    outlines : Series
        Of :func:`outlines_of`.
    extent : Extent
    size : array
        The map's width and height in points.

    Returns
    -------
    Series
        Outlines in points on the page; parts too small to see are gone.
    """
    import shapely

    on_page = shapely.transform(outlines.to_numpy(), lambda each: extent.on_page(each, size))
    coarse = shapely.coverage_simplify(on_page, _TOLERANCE)
    parts, places = shapely.get_parts(coarse, return_index=True)
    west, south, east, north = shapely.bounds(parts).T
    seen = np.maximum(east - west, north - south) >= _SMALLEST
    kept = pd.Series(parts[seen], outlines.index[places[seen]], dtype="object").groupby(level=0)
    return kept.agg(lambda each: shapely.multipolygons([*each]))


def path_of(outline: Any) -> Path:
    """Return an outline as one path, in whole points, holes left open."""
    import shapely

    rings = shapely.get_rings(shapely.get_parts(shapely.normalize(outline)))
    corners = (np.round(shapely.get_coordinates(ring)) for ring in rings)
    return Path.make_compound_path(*(Path(each, closed=True) for each in corners))
