"""Charts of the theme ``groups``."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gunmane_analysis.areas import find_area, town_hall
from gunmane_analysis.report.charts.style import FAINT_COLOR, FIGURE_WIDTH, GRID_COLOR, NATION_COLOR

# eight colours told apart by hue and lightness, with eight markers: no group is told by
# colour alone, and each group prints its number
_COLORS = (
    "#0017C1", "#B3540C", "#197A4B", "#8A1C9C", "#00718A", "#9C1C3A", "#6B6B00", "#4A3AA7",
)  # fmt: skip
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
_NAMED_AT_MOST = 40

Place = tuple[float, float]  # longitude, latitude


def plot_groups(division: pd.DataFrame, adjacency: pd.DataFrame) -> Figure:
    """Draw town halls where they stand, neighbours of a group joined, each group numbered.

    Parameters
    ----------
    division : DataFrame
        One row per municipality: ``municipality_code``, ``group_no`` (missing = ungrouped).
    adjacency : DataFrame
        One row per pair of neighbours.
    """
    places = {code: town_hall(code)[::-1] for code in division["municipality_code"]}
    group_of = {
        str(code): int(number)
        for code, number in division.dropna(subset=["group_no"]).to_numpy().tolist()
    }
    figure = Figure(figsize=(FIGURE_WIDTH, 5.6))
    axes = figure.subplots()
    for one, other in zip(
        adjacency["municipality_code"], adjacency["neighbour_municipality_code"], strict=True
    ):
        if one in places and other in places:
            _draw_border(axes, (places[one], places[other]), group_of.get(one), group_of.get(other))
    for number in sorted(set(group_of.values())):
        _draw_group(axes, number, [places[code] for code in group_of if group_of[code] == number])
    for code in places.keys() - group_of.keys():
        axes.plot(*places[code], "o", markersize=6, color="#FFFFFF", markeredgecolor=FAINT_COLOR)
    if len(places) <= _NAMED_AT_MOST:
        for code, place in places.items():
            axes.annotate(
                find_area(code).name,
                place,
                xytext=(5, -9),
                textcoords="offset points",
                fontsize=7,
                color=NATION_COLOR,
            )
    latitude = sum(north for _, north in places.values()) / len(places)
    axes.set_aspect(1.0 / math.cos(math.radians(latitude)))
    axes.set_axis_off()
    return figure


def _draw_border(axes: Axes, ends: tuple[Place, Place], one: int | None, other: int | None) -> None:
    is_inside = one is not None and one == other
    axes.plot(
        [east for east, _ in ends],
        [north for _, north in ends],
        color=_COLORS[((one or 1) - 1) % len(_COLORS)] if is_inside else GRID_COLOR,
        linewidth=2.4 if is_inside else 0.6,
        zorder=2 if is_inside else 1,
    )


def _draw_group(axes: Axes, number: int, halls: Sequence[Place]) -> None:
    color = _COLORS[(number - 1) % len(_COLORS)]
    easts, norths = [east for east, _ in halls], [north for _, north in halls]
    axes.scatter(
        easts, norths, s=52, color=color, marker=_MARKERS[(number - 1) % len(_MARKERS)], zorder=3
    )
    axes.annotate(
        str(number),
        (sum(easts) / len(halls), sum(norths) / len(halls)),
        xytext=(0, 8),
        textcoords="offset points",
        ha="center",
        fontsize=11,
        color=color,
        zorder=5,
    )
