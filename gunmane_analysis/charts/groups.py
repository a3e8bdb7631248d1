"""Charts of the theme ``groups``."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gunmane_analysis.areas import find_area, town_hall
from gunmane_analysis.charts.outlines import draw_outlines, extent_of, rings_of, simplified
from gunmane_analysis.charts.style import FAINT_COLOR, FULL, GRID_COLOR, SMALL_TEXT

# eight colours distinct in hue and lightness, with eight markers: no group is known by colour
# alone, and each group prints its number
_COLORS = (
    "#0017C1", "#B3540C", "#197A4B", "#8A1C9C", "#00718A", "#9C1C3A", "#6B6B00", "#4A3AA7",
)  # fmt: skip
_TINTS = (
    "#C9D4FF", "#FAD9BF", "#BFE5CF", "#EBC9F1", "#BFE6EE", "#F5C6D2", "#E3E3A6", "#D8D2F7",
)  # fmt: skip
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
_NAMED_AT_MOST = 40
_HEIGHTS = (3.6, 7.6)  # inches: neither flat nor endless
_MARK = 8.0  # points: the side of a square that a marker fills
_LINE_STEP = 6.0  # points between those of a line that names keep off
_LEADING = 1.1
_FAR = 16.0  # points from a name to its place: beyond, a line joins them

Points = NDArray[Any]


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
        One row per ring (the table ``boundaries``), of every municipality of the division.
    """
    group = division.set_index("municipality_code")["group_no"].dropna().astype("int64")
    halls = {code: np.array(town_hall(code)[::-1]) for code in division["municipality_code"]}
    both = adjacency[["municipality_code", "neighbour_municipality_code"]]
    pairs: list[list[str]] = both[both.isin(list(halls)).all(axis=1)].to_numpy().tolist()
    look = group.map(_looks(group, pairs))
    rings = {} if boundaries is None else rings_of(boundaries, list(halls))
    points = {code: np.vstack(rings.get(code, [hall])) for code, hall in halls.items()}
    extent = extent_of(points, sorted({code for pair in pairs for code in pair}))
    height = float(np.clip(FULL * extent.shape, *_HEIGHTS))
    figure = Figure(figsize=(FULL, height))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    extent.fit(axes)
    joined: list[Points] = []
    if rings:
        across = 72.0 * min(FULL, height / extent.shape)
        coarse = simplified(rings, extent, across)
        fills = look.map(dict(enumerate(_TINTS))).reindex(list(coarse)).fillna("#FFFFFF")
        for fill, codes in fills.groupby(fills).groups.items():  # one path a tint
            own = [ring for code in codes for ring in coarse[str(code)]]
            draw_outlines(axes, own, extent, across, fill=str(fill), edge=FAINT_COLOR, width=0.4)
    else:
        joined = _draw_graph(axes, halls, group, look, pairs)
    if len(halls) <= _NAMED_AT_MOST:
        numbers = group.astype("str") + " "
        names = {code: numbers.get(code, "") + find_area(code).name for code in halls}
        _write_names(axes, names, halls, joined, marked=not rings)
    else:
        for number, codes in group.groupby(group).groups.items():
            if len(codes) > 1:
                middle = np.mean([halls[str(code)] for code in codes], axis=0)
                axes.text(
                    middle[0], middle[1], str(number), ha="center", va="center", zorder=5,
                    fontsize=SMALL_TEXT, clip_on=True,
                )  # fmt: skip
    return figure


def _looks(group: pd.Series, pairs: Sequence[Sequence[str]]) -> dict[int, int]:
    """Give each group the first look that no bordering group has yet."""
    bordering: dict[int, set[int]] = {number: set() for number in sorted(group)}
    for one, other in pairs:
        if one in group and other in group:
            bordering[group[one]].add(group[other])
            bordering[group[other]].add(group[one])
    given: dict[int, int] = {}
    for number, near in bordering.items():
        taken = {given[each] for each in near - {number} if each in given}
        free = [look for look in range(len(_TINTS)) if look not in taken]
        given[number] = free[0] if free else number % len(_TINTS)
    return given


def _draw_graph(
    axes: Axes, halls: Mapping[str, Points], group: pd.Series, look: pd.Series,
    pairs: Sequence[Sequence[str]],
) -> list[Points]:  # fmt: skip
    """Draw town halls and who borders whom; return the lines inside groups."""
    joined = []
    for one, other in pairs:
        ends = np.array([halls[one], halls[other]])
        if one in group and group[one] == group.get(other):
            axes.plot(*ends.T, color=_COLORS[look[one]], linewidth=2.4, zorder=2)
            joined.append(ends)
        else:
            axes.plot(*ends.T, color=GRID_COLOR, linewidth=0.6, zorder=1)
    for each, codes in look.groupby(look).groups.items():
        where = np.array([halls[str(code)] for code in codes])
        color, marker = _COLORS[int(str(each))], _MARKERS[int(str(each))]
        axes.scatter(where[:, 0], where[:, 1], s=52, color=color, marker=marker, zorder=3)
    for code in halls.keys() - set(group.index):
        axes.plot(*halls[code], "o", markersize=6, color="#FFFFFF", markeredgecolor=FAINT_COLOR)
    return joined


def _write_names(
    axes: Axes, names: Mapping[str, str], halls: Mapping[str, Points], joined: Sequence[Points],
    *, marked: bool,
) -> None:  # fmt: skip
    """Write names at town halls (on them where no mark shows them), none over another."""
    axes.apply_aspect()
    to_points = 72.0 / axes.figure.dpi
    frame = np.array(axes.figure.bbox.size) * to_points
    places = axes.transData.transform(np.array([halls[code] for code in names])) * to_points
    is_shown = ((places >= 0) & (places <= frame)).all(axis=1)  # islands may be left out
    shown = np.array(list(names))[is_shown].tolist()
    places = places[is_shown]
    ends = [axes.transData.transform(line) * to_points for line in joined]
    spots = place_names([names[code] for code in shown], places, frame, ends, marked=marked)
    for code, place, spot in zip(shown, places, spots, strict=True):
        is_far = marked and np.abs(spot[1] - place[1]) > _FAR
        axes.annotate(
            names[code], tuple(halls[code]), tuple(spot - place), textcoords="offset points",
            ha="center", va="center", fontsize=SMALL_TEXT, zorder=4,
            arrowprops={"arrowstyle": "-", "linewidth": 0.5, "shrinkB": 3} if is_far else None,
        )  # fmt: skip


def place_names(
    names: Sequence[str], places: Points, frame: Points, lines: Sequence[Points], *, marked: bool
) -> Points:
    """Return the middle of each name, near its place, over no other name, mark or edge.

    Parameters
    ----------
    names : sequence of str
    places : array
        Of each name, in points from the lower left corner, one row each.
    frame : array
        Width and height of the map in points.
    lines : sequence of arrays
        The two ends of each line that names keep off where they can.
    marked : bool
        Whether a mark fills each place; else a name may stand on it.

    Examples
    --------
    >>> near = np.array([[50.0, 50.0], [52.0, 50.0]])
    >>> frame = np.array([100.0, 100.0])
    >>> place_names(["甲", "乙"], near, frame, [], marked=False).round(1).tolist()
    [[50.0, 50.0], [52.0, 58.8]]
    """
    on_lines: Points = np.vstack([np.empty((0, 2)), *map(_steps_along, lines)])
    sizes = np.array([[_width(name), SMALL_TEXT * _LEADING] for name in names])
    taken, taken_sizes = places[:0], sizes[:0]
    if marked:
        taken, taken_sizes = places, np.full_like(places, _MARK)
    spots = []
    for place, size in zip(places, sizes, strict=True):
        middles = place + _moves(size, marked=marked)
        over = _overlap(middles, size, taken, taken_sizes)
        crossed = _overlap(middles, size, on_lines, np.zeros_like(on_lines))
        outside = (np.abs(middles - frame / 2) + size / 2 > frame / 2).any(axis=1)
        cost = 1000.0 * (over + outside) + 5.0 * crossed + np.hypot(*(middles - place).T)
        spots.append(middles[int(cost.argmin())])
        taken, taken_sizes = np.vstack([taken, spots[-1]]), np.vstack([taken_sizes, size])
    return np.array(spots)


def _moves(size: Points, *, marked: bool) -> Points:
    """Return how far a name's middle may go from its place: each side, then further."""
    reach = (size + _MARK) / 2 if marked else np.zeros(2)
    sides = np.array([(x, y) for x in (1, 0, -1) for y in (0, 1, -1) if x or y])
    further = [
        sides * (reach + np.array([0.5, 1.0]) * step * SMALL_TEXT * _LEADING) for step in range(9)
    ]
    return np.vstack(further)


def _overlap(middles: Points, size: Points, taken: Points, sizes: Points) -> Points:
    """Return over how many of the taken rectangles each place of a rectangle lies."""
    gaps = np.abs(middles[:, None] - taken[None]) - (size + sizes) / 2
    over: Points = (gaps < -1e-6).all(axis=2).sum(axis=1)
    return over


def _steps_along(line: Points) -> Points:
    count = 2 + int(np.hypot(*(line[1] - line[0])) / _LINE_STEP)
    steps: Points = line[0] + np.linspace(0.0, 1.0, count)[:, None] * (line[1] - line[0])
    return steps


def _width(name: str) -> float:
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in name)
    return SMALL_TEXT * (wide + 0.6 * (len(name) - wide))
