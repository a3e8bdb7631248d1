"""Outlines of municipalities on a chart: in points of the page, and as coarse as can be seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
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
    def sides(self) -> Points:
        """Width and height where a degree of latitude is 1 long."""
        narrower = math.cos(math.radians(float(self.low[1] + self.high[1]) / 2))
        sides: Points = (self.high - self.low) * (narrower, 1.0)
        return sides

    def on_page(self, shapes: pd.Series, size: Points) -> pd.Series:
        """Return shapes in degrees as shapes in points in the middle of a map of this size."""
        scale = self.sides * (size / self.sides).min() / (self.high - self.low)
        middle = (self.low + self.high) / 2
        placed = shapely.transform(
            shapes.to_numpy(), lambda degrees: (degrees - middle) * scale + size / 2
        )
        return pd.Series(placed, shapes.index, dtype="object")


def extent_of(shapes: pd.Series, main: pd.Series) -> Extent:
    """Return the corners of a map of all shapes, or of the main ones where others lie far off.

    Examples
    --------
    >>> shapes = pd.Series([shapely.box(139.0, 35.0, 140.0, 36.0), shapely.Point(142.0, 27.0)])
    >>> extent_of(shapes, shapes[:1]).leaves_out
    True
    """
    low, high = shapely.total_bounds(shapes.to_numpy()).reshape(2, 2)
    inner = shapely.total_bounds((shapes if main.empty else main).to_numpy()).reshape(2, 2)
    span, inner_span = high - low, inner[1] - inner[0]
    leaves_out = bool((span > _FAR * np.maximum(inner_span, inner_span.max() / 2)).any())
    if leaves_out:
        low, high = inner
    margin = 0.03 * float((high - low).max()) + 0.01
    return Extent(low - margin, high + margin, leaves_out)


def outlines_of(boundaries: pd.DataFrame, codes: Sequence[str]) -> pd.Series:
    """Return the outline (shapely, in degrees) of each municipality that the table has one of."""
    own = boundaries[boundaries["area_code"].isin(codes)]
    rings = [
        shapely.linearrings(np.column_stack([east, north]))
        for east, north in zip(own["longitudes"], own["latitudes"], strict=True)
    ]
    by_code = pd.Series(rings, own["area_code"].astype("str"), dtype="object").groupby(level=0)
    return by_code.agg(lambda each: shapely.build_area(shapely.geometrycollections([*each])))


def bordering(outlines: pd.Series) -> pd.Series:
    """Return the outlines that border another one on land."""
    shapes = outlines.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    return outlines.iloc[np.unique(one[one != other])]


def simplified(outlines: pd.Series) -> pd.Series:
    """Leave out what cannot be seen of outlines in points, the same on both sides of a border."""
    coarse = shapely.coverage_simplify(outlines.to_numpy(), _TOLERANCE)
    parts, places = shapely.get_parts(coarse, return_index=True)
    west, south, east, north = shapely.bounds(parts).T
    seen = np.maximum(east - west, north - south) >= _SMALLEST
    kept = pd.Series(parts[seen], outlines.index[places[seen]], dtype="object").groupby(level=0)
    return kept.agg(lambda each: shapely.multipolygons([*each]))


def path_of(outline: Any) -> Path:
    """Return an outline as one path, in whole points, holes left open."""
    rings = shapely.get_rings(shapely.get_parts(shapely.normalize(outline)))
    corners = (np.round(shapely.get_coordinates(ring)) for ring in rings)
    return Path.make_compound_path(*(Path(each, closed=True) for each in corners))
