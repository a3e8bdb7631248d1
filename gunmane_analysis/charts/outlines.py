"""Outlines of municipalities made coarse enough for a chart of a page's width."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

_TOLERANCE = 1.0  # points on the page
_SMALLEST = 3.0  # points on the page: rings smaller than this are islets that nobody could see
_FEWEST_CORNERS = 3
_FAR = 1.5  # a map may grow by this factor to show islands; beyond it they are left out

Ring = NDArray[np.float64]
Point = tuple[float, float]


@dataclass(frozen=True)
class Extent:
    """A map's sides in degrees, and whether something lies outside it."""

    west: float
    south: float
    east: float
    north: float
    leaves_out: bool

    @property
    def shape(self) -> float:
        """Height to width, degrees as wide as they are there."""
        middle = math.radians((self.south + self.north) / 2)
        return (self.north - self.south) / ((self.east - self.west) * math.cos(middle))

    def fit(self, axes: Axes) -> None:
        """Show this much of the world, degrees as wide as they are there."""
        axes.set_xlim(self.west, self.east)
        axes.set_ylim(self.south, self.north)
        axes.set_aspect(1.0 / math.cos(math.radians((self.south + self.north) / 2)))
        axes.set_axis_off()


def rings_of(boundaries: pd.DataFrame, codes: Sequence[str]) -> Mapping[str, tuple[Ring, ...]]:
    """Return each municipality's rings (longitude, latitude) of a filed ``boundaries`` table."""
    found: dict[str, list[Ring]] = {}
    own = boundaries[boundaries["area_code"].isin(codes)]
    for code, east, north in zip(
        own["area_code"], own["longitudes"], own["latitudes"], strict=True
    ):  # fmt: skip
        ring = np.column_stack([np.asarray(east, "float64"), np.asarray(north, "float64")])
        found.setdefault(str(code), []).append(ring)
    return {code: tuple(rings) for code, rings in found.items()}


def extent_of(places: Mapping[str, Ring], main: Sequence[str]) -> Extent:
    """Return the sides of a map of all places, or of the main ones where others lie far off.

    Examples
    --------
    >>> near = {"a": np.array([[139.0, 35.0], [140.0, 36.0]])}
    >>> extent_of({**near, "b": np.array([[142.0, 27.0]])}, ["a"]).leaves_out
    True
    """
    every = _sides(list(places.values()))
    inner = _sides([places[code] for code in main if code in places] or list(places.values()))
    span, inner_span = every[1] - every[0], inner[1] - inner[0]
    leaves_out = bool((span > _FAR * np.maximum(inner_span, inner_span.max() / 2)).any())
    low, high = inner if leaves_out else every
    margin = 0.03 * float((high - low).max()) + 0.01
    (west, south), (east, north) = (low - margin).tolist(), (high + margin).tolist()
    return Extent(west, south, east, north, leaves_out)


def _sides(rings: Sequence[Ring]) -> tuple[Ring, Ring]:
    points = np.vstack(rings)
    return points.min(axis=0), points.max(axis=0)


def simplified(
    rings: Mapping[str, Sequence[Ring]], extent: Extent, points_across: float
) -> dict[str, tuple[Ring, ...]]:
    """Leave out what a map of this width cannot show, the same on both sides of a border.

    Parameters
    ----------
    rings : mapping
        Each place's rings (longitude, latitude).
    extent : Extent
    points_across : float
        The map's width on the page in points.

    Returns
    -------
    dict of str to tuple of arrays
        Rings in points on the page, whole-numbered, upwards from the extent's corner; rings too
        small to see are gone.
    """
    scale = points_across / (extent.east - extent.west)
    stretch = scale / math.cos(math.radians((extent.south + extent.north) / 2))
    on_page = {
        code: [(ring - (extent.west, extent.south)) * (scale, stretch) for ring in own]
        for code, own in rings.items()
    }
    neighbours = _neighbours(ring for own in on_page.values() for ring in own)
    return {
        code: tuple(
            np.round(_few_points(ring, neighbours))
            for ring in own
            if float((ring.max(axis=0) - ring.min(axis=0)).max()) >= _SMALLEST
        )
        for code, own in on_page.items()
    }


def _neighbours(rings: Iterable[Ring]) -> dict[Point, set[Point]]:
    """Return each point's neighbours along any ring: a border's inner points have two."""
    neighbours: dict[Point, set[Point]] = {}
    for ring in rings:
        points = [_key(point) for point in ring]
        for one, other in itertools.pairwise(points):
            neighbours.setdefault(one, set()).add(other)
            neighbours.setdefault(other, set()).add(one)
    return neighbours


def _key(point: Ring) -> Point:
    return round(float(point[0]), 4), round(float(point[1]), 4)


def _few_points(ring: Ring, neighbours: Mapping[Point, set[Point]]) -> Ring:
    """Straighten each stretch of a ring between the points where borders meet."""
    keys = [_key(point) for point in ring]
    corners = [place for place, key in enumerate(keys) if len(neighbours[key]) != 2]
    if not corners or corners[0] != 0:  # a ring that meets others somewhere else starts there
        start = corners[0] if corners else keys.index(min(keys))
        ring = np.vstack([ring[start:-1], ring[: start + 1]])
        keys = [_key(point) for point in ring]
        corners = [place for place, key in enumerate(keys) if len(neighbours[key]) != 2]
    if len(corners) < 2:  # no border meets it, or only one: its furthest point halves it
        far = int(((ring - ring[0]) ** 2).sum(axis=1).argmax())
        corners = [0, far, len(ring) - 1]
    stretches = [_straightened(ring[one : other + 1]) for one, other in itertools.pairwise(corners)]
    return np.vstack([stretches[0], *(stretch[1:] for stretch in stretches[1:])])


def _straightened(line: Ring) -> Ring:
    """Keep the points that lie further than a tolerance off the line through those kept.

    Douglas, D. H. and Peucker, T. K. (1973). Cartographica 10(2), 112-122. Run from the same end
    whichever way a border is walked, so that both sides stay on each other.
    """
    if _key(line[0]) > _key(line[-1]):
        return _straightened(line[::-1])[::-1]
    kept = {0, len(line) - 1}
    waiting = [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        way, inner = line[last] - line[first], line[first + 1 : last] - line[first]
        length = math.hypot(*way)
        off = (
            np.abs(way[0] * inner[:, 1] - way[1] * inner[:, 0]) / length
            if length
            else np.hypot(inner[:, 0], inner[:, 1])
        )
        furthest = int(off.argmax())
        if off[furthest] > _TOLERANCE:
            middle = first + 1 + furthest
            kept.add(middle)
            waiting += [(first, middle), (middle, last)]
    return np.asarray(line[sorted(kept)], dtype="float64")


def draw_outlines(
    axes: Axes, rings: Iterable[Ring], extent: Extent, points_across: float,
    *, fill: str, edge: str, width: float,
) -> None:  # fmt: skip
    """Fill simplified rings in one colour, holes left open, as one path."""
    scale = points_across / (extent.east - extent.west)
    stretch = scale / math.cos(math.radians((extent.south + extent.north) / 2))
    shown = [
        ring / (scale, stretch) + (extent.west, extent.south)
        for ring in rings
        if len(ring) > _FEWEST_CORNERS
    ]
    if not shown:
        return
    codes = [
        code
        for ring in shown
        for code in (Path.MOVETO, *[Path.LINETO] * (len(ring) - 2), Path.CLOSEPOLY)
    ]
    axes.add_patch(
        PathPatch(
            Path(np.vstack(shown), codes), facecolor=fill, edgecolor=edge, linewidth=width, zorder=2
        )
    )
