"""Charts of the theme ``groups``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gunmane_analysis.areas import find_area, town_hall
from gunmane_analysis.charts.outlines import (
    Extent,
    Ring,
    draw_outlines,
    extent_of,
    rings_of,
    simplified,
)
from gunmane_analysis.charts.style import FAINT_COLOR, FIGURE_WIDTH, GRID_COLOR, NATION_COLOR

# eight colours told apart by hue and lightness, with eight markers: no group is known by
# colour alone, and each group prints its number
_COLORS = (
    "#0017C1", "#B3540C", "#197A4B", "#8A1C9C", "#00718A", "#9C1C3A", "#6B6B00", "#4A3AA7",
)  # fmt: skip
_TINTS = (
    "#C9D4FF", "#FAD9BF", "#BFE5CF", "#EBC9F1", "#BFE6EE", "#F5C6D2", "#E3E3A6", "#D8D2F7",
)  # fmt: skip
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
_NAMED_AT_MOST = 40
_NAME_SIZE = 8.0
_LEADING = 8.5

Place = tuple[float, float]  # longitude, latitude


def plot_groups(
    division: pd.DataFrame, adjacency: pd.DataFrame, boundaries: pd.DataFrame | None = None
) -> Figure:
    """Draw the groups, each numbered: outlines where they are filed, town halls otherwise.

    Parameters
    ----------
    division : DataFrame
        One row per municipality: ``municipality_code``, ``group_no`` (missing = ungrouped).
    adjacency : DataFrame
        One row per pair of neighbours.
    boundaries : DataFrame, optional
        One row per ring (the table ``boundaries``). Used only
        where every municipality of the division has an outline.
    """
    places = {code: town_hall(code)[::-1] for code in division["municipality_code"]}
    group_of = {
        str(code): int(number)
        for code, number in division.dropna(subset=["group_no"]).to_numpy().tolist()
    }
    pairs = [
        (one, other)
        for one, other in zip(
            adjacency["municipality_code"], adjacency["neighbour_municipality_code"], strict=True
        )
        if one in places and other in places
    ]
    rings = rings_of(boundaries, list(places)) if boundaries is not None else {}
    has_outlines = bool(rings) and places.keys() <= rings.keys()
    points = (
        {code: np.vstack(own) for code, own in rings.items()}
        if has_outlines
        else {code: np.array([place]) for code, place in places.items()}
    )
    extent = extent_of(points, sorted({code for pair in pairs for code in pair}))
    height = _height(extent)
    figure = Figure(figsize=(FIGURE_WIDTH, height))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    if has_outlines:
        _draw_outlines(axes, rings, group_of, pairs, extent)
    else:
        _draw_graph(axes, places, group_of, pairs)
    is_named = len(places) <= _NAMED_AT_MOST
    if not (has_outlines and is_named):
        _write_numbers(axes, places, group_of, is_small=not is_named)
    if is_named:
        _write_names(axes, places, group_of if has_outlines else {}, extent)
    extent.fit(axes)
    return figure


def _height(extent: Extent) -> float:
    """Return a figure's height (inches) for the map's own shape, neither flat nor endless."""
    return float(np.clip(FIGURE_WIDTH * extent.shape, 3.6, 7.6))


def _points_across(extent: Extent) -> float:
    """Return the map's width in points: the figure's, or less where its height is limited."""
    return 72.0 * min(FIGURE_WIDTH, _height(extent) / extent.shape)


def _draw_outlines(
    axes: Axes,
    rings: Mapping[str, Sequence[Ring]],
    group_of: Mapping[str, int],
    pairs: Iterable[tuple[str, str]],
    extent: Extent,
) -> None:
    """Draw one path a tint: what a reader sees in eight colours is not sent in 200 parts."""
    tint_of, across = _tints(group_of, pairs), _points_across(extent)
    by_fill: dict[str, list[Ring]] = {}
    for code, own in simplified(rings, extent, across).items():
        fill = _TINTS[tint_of[group_of[code]]] if code in group_of else "#FFFFFF"
        by_fill.setdefault(fill, []).extend(own)
    for fill, shown in sorted(by_fill.items()):
        draw_outlines(axes, shown, extent, across, fill=fill, edge=FAINT_COLOR, width=0.4)


def _tints(group_of: Mapping[str, int], pairs: Iterable[tuple[str, str]]) -> dict[int, int]:
    """Give each group the first tint that no bordering group has yet."""
    bordering: dict[int, set[int]] = {number: set() for number in group_of.values()}
    for one, other in pairs:
        first, second = group_of.get(one), group_of.get(other)
        if first is not None and second is not None and first != second:
            bordering[first].add(second)
            bordering[second].add(first)
    given: dict[int, int] = {}
    for number in sorted(bordering):
        taken = {given[near] for near in bordering[number] if near in given}
        free = [tint for tint in range(len(_TINTS)) if tint not in taken]
        given[number] = free[0] if free else number % len(_TINTS)
    return given


def _draw_graph(
    axes: Axes,
    places: Mapping[str, Place],
    group_of: Mapping[str, int],
    pairs: Iterable[tuple[str, str]],
) -> None:
    for one, other in pairs:
        number = group_of.get(one)
        ends = np.array([places[one], places[other]]).T
        if number is not None and number == group_of.get(other):
            axes.plot(*ends, color=_COLORS[(number - 1) % len(_COLORS)], linewidth=2.4, zorder=2)
        else:
            axes.plot(*ends, color=GRID_COLOR, linewidth=0.6, zorder=1)
    for number, halls in _halls(places, group_of).items():
        look = (number - 1) % len(_COLORS)
        axes.scatter(
            halls[:, 0], halls[:, 1], s=52, color=_COLORS[look], marker=_MARKERS[look], zorder=3
        )
    for code in places.keys() - group_of.keys():
        axes.plot(*places[code], "o", markersize=6, color="#FFFFFF", markeredgecolor=FAINT_COLOR)


def _halls(places: Mapping[str, Place], group_of: Mapping[str, int]) -> dict[int, Ring]:
    """Return the places of each group's town halls, one row each."""
    return {
        number: np.array([places[code] for code in group_of if group_of[code] == number])
        for number in sorted(set(group_of.values()))
    }


def _write_numbers(
    axes: Axes, places: Mapping[str, Place], group_of: Mapping[str, int], *, is_small: bool
) -> None:
    """Write each group's number amid its town halls; on a crowded map only true groups."""
    for number, halls in _halls(places, group_of).items():
        if is_small and len(halls) == 1:
            continue
        east, north = halls.mean(axis=0)
        axes.annotate(
            str(number), (east, north), (0, 0 if is_small else 8), textcoords="offset points",
            ha="center", va="center", fontsize=8 if is_small else 9, color=NATION_COLOR,
            zorder=5, annotation_clip=True,
        )  # fmt: skip


def _write_names(
    axes: Axes, places: Mapping[str, Place], number_of: Mapping[str, int], extent: Extent
) -> None:
    """Write names beside town halls, or, with the group's number before them, on them."""
    names = {code: find_area(code).name for code in places}
    names = {
        code: f"{number_of[code]} {name}" if code in number_of else name
        for code, name in names.items()
    }
    lowered = lowered_labels(names, places, extent, _points_across(extent))
    for code, place in places.items():
        axes.annotate(
            names[code],
            place,
            xytext=(0, -3 - lowered[code]) if number_of else (5, -9 - lowered[code]),
            textcoords="offset points",
            ha="center" if number_of else "left",
            fontsize=_NAME_SIZE,
            color=NATION_COLOR,
            zorder=4,
            annotation_clip=True,
        )


def lowered_labels(
    names: Mapping[str, str], places: Mapping[str, Place], extent: Extent, points_across: float
) -> dict[str, float]:
    """Return how far (points) each name must stand lower, so that none is written over another.

    Examples
    --------
    >>> near = {"a": (140.0, 39.0), "b": (140.0, 38.999), "c": (139.0, 36.0)}
    >>> lowered_labels(dict.fromkeys(near, "町名"), near, Extent(138, 36, 141, 40, False), 518.0)
    {'a': 0.0, 'b': 8.5, 'c': 0.0}
    """
    to_points = points_across / (extent.east - extent.west)
    stretch = points_across * extent.shape / (extent.north - extent.south)
    middles = {code: (east * to_points, north * stretch) for code, (east, north) in places.items()}
    lowered = dict.fromkeys(places, 0.0)
    placed: list[tuple[float, float, float]] = []
    for code in sorted(places, key=lambda code: -places[code][1]):
        right, up = middles[code]
        width = len(names[code]) * _NAME_SIZE
        while any(
            abs(right - other_right) < (width + other) / 2
            and abs(up - lowered[code] - height) < _LEADING
            for other_right, height, other in placed
        ):
            lowered[code] += _LEADING / 2
        placed.append((right, up - lowered[code], width))
    return lowered
