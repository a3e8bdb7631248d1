"""Outlines of municipalities made coarse enough for a chart of a page's width."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

_STEPS_ACROSS = 700  # points closer than this part of the map's width are one on the page
_SMALLEST_STEPS = 3  # rings smaller than this many steps are islets that nobody could see
_FAR = 1.5  # a map may grow by this factor to show islands; beyond it they are left out

Ring = NDArray[np.float64]


@dataclass(frozen=True)
class Extent:
    """A map's sides in degrees, and whether something lies outside it."""

    west: float
    south: float
    east: float
    north: float
    leaves_out: bool

    @property
    def step(self) -> float:
        """Degrees that are one point on the page."""
        return max(self.east - self.west, self.north - self.south) / _STEPS_ACROSS

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


def coarse(ring: Ring, step: float) -> Ring | None:
    """Leave out points within a step of the last one kept; None for a ring too small to see.

    Examples
    --------
    >>> square = np.array([[0.0, 0], [0.01, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
    >>> len(coarse(square, 0.1))
    5
    """
    if float((ring.max(axis=0) - ring.min(axis=0)).max()) < _SMALLEST_STEPS * step:
        return None
    cells = np.floor(ring / step).astype("int64")
    is_new = np.r_[True, (np.diff(cells, axis=0) != 0).any(axis=1)]
    is_new[-1] = True
    return np.asarray(ring[is_new], dtype="float64")


def draw_outline(
    axes: Axes, rings: Sequence[Ring], step: float, *, fill: str, edge: str, width: float
) -> None:
    """Fill a municipality's rings, holes left open."""
    shown = [kept for ring in rings if (kept := coarse(ring, step)) is not None]
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
