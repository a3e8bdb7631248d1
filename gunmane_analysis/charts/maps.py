"""Maps: tiles or outlines shaded by one figure, and the groups of municipalities."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from gunmane_analysis.areas import find_area, town_hall
from gunmane_analysis.areas.tiles import TILES
from gunmane_analysis.charts import style
from gunmane_analysis.charts.outlines import (
    Points,
    bordering,
    degrees_of,
    extent_of,
    outlines_of,
    path_of,
    simplified,
)
from gunmane_analysis.charts.style import FAINT_COLOR, FULL, GRID_COLOR, INK_COLOR, SMALL_TEXT
from gunmane_analysis.wording import short_name

# eight colours distinct in hue and lightness, with eight markers: no group is known by colour
# alone, and each group prints its number
_COLORS = (
    "#0017C1", "#B3540C", "#197A4B", "#8A1C9C", "#00718A", "#9C1C3A", "#6B6B00", "#4A3AA7",
)  # fmt: skip
_TINTS = (
    "#C9D4FF", "#FAD9BF", "#BFE5CF", "#EBC9F1", "#BFE6EE", "#F5C6D2", "#E3E3A6", "#D8D2F7",
)  # fmt: skip
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
_POINTS = 72.0  # an inch
_TILE = np.array([36.0, 30.0])  # points
_OUTLINE_MAP = 324.0  # points of its longer side
_GROUPS_MAP = (260.0, 548.0)  # points of its height: neither flat nor endless
_NAMED_AT_MOST = 40
_MARK = 8.0  # points: the side of a square that a marker fills
_LINE_STEP = 6.0  # points between those of a line that names keep off
_LEADING = 1.1
_FAR = 11.0  # points from a name to its place: beyond, a line joins them
_PLATE = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.5}
_LEFT_OUT = "離れた島は図に入らない"


def plot_tile_map(
    values: pd.Series,
    words: Mapping[str, str],
    names: Mapping[str, str],
    framed: Sequence[str] = (),
    tiles: Mapping[str, tuple[int, int]] = TILES,
    darker: str = "high",
    title: str = "",
) -> Figure:
    """Draw areas as tiles, roughly where they lie, shaded by fifths of all values.

    Parameters
    ----------
    values : Series
        By code, of all areas among which those shown are shaded.
    words, names : mapping
        By code, of the areas shown: the two lines written in a tile.
    framed : sequence of str
        Codes drawn with a strong frame.
    tiles : mapping
        Column and row by code; prefectures have theirs.
    darker : {"high", "low"}
        Which end of the values is the graver and so the darker.
    title : str
        Lines above the tiles.
    """
    places = np.array([tiles[code] for code in names])
    columns, rows = (places - places.min(axis=0)).T
    corners = np.column_stack([columns, rows.max() - rows]) * _TILE
    middles = corners + _TILE / 2
    across, down = corners.max(axis=0) + _TILE
    lines = title.splitlines()
    wide = max([across, *(len(line) * SMALL_TEXT for line in lines)])
    figure, axes = _page(np.array([wide, down + 1.3 * len(lines) * SMALL_TEXT]))
    axes.set_xlim((across - wide) / 2, (across + wide) / 2)
    figure.text(0.5, 1.0, title, ha="center", va="top", fontsize=SMALL_TEXT)
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]) * (_TILE - 2) + 1
    fills = _fifths(values, darker).reindex(list(names), fill_value=style.UNKNOWN_COLOR)
    paths = {code: Path(corner + square) for code, corner in zip(names, corners, strict=True)}
    _draw_areas(axes, paths, fills, framed)
    for code, middle in zip(names, middles, strict=True):
        axes.text(
            middle[0], middle[1], f"{_in_tile(names[code])}\n{words.get(code, '…')}", ha="center",
            va="center", fontsize=SMALL_TEXT, linespacing=1.1, color=_ink_on(fills[code]),
        )  # fmt: skip
    return figure


def _page(size: Points) -> tuple[Figure, Axes]:
    """Return a figure of this size whose coordinates are its points."""
    figure = Figure(figsize=tuple(size / _POINTS))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0), xlim=(0.0, size[0]), ylim=(0.0, size[1]))
    axes.set_axis_off()
    return figure, axes


def _draw_areas(
    axes: Axes, paths: Mapping[str, Path], fills: pd.Series, framed: Collection[str] = ()
) -> None:
    """Fill areas, one path a colour, and draw a strong frame round some."""
    parts = [(fill, codes, FAINT_COLOR, 0.4) for fill, codes in fills.groupby(fills).groups.items()]
    for fill, codes, edge, width in [*parts, ("none", framed, INK_COLOR, 1.8)]:
        shown = [paths[code] for code in codes if code in paths]
        if shown:
            axes.add_patch(
                PathPatch(
                    Path.make_compound_path(*shown), facecolor=str(fill), edgecolor=edge,
                    linewidth=width, zorder=2,
                )
            )  # fmt: skip


def _in_tile(name: str) -> str:
    """Return a name as a tile has room for it: without its kind, in lines of four."""
    short = short_name(name)
    return short if len(short) < 5 else f"{short[: len(short) // 2]}\n{short[len(short) // 2 :]}"


def _fifths(values: pd.Series, darker: str) -> pd.Series:
    """Return the shade of each area with a value, by fifths of all values."""
    order = values.astype("float64").dropna().rank(pct=True, ascending=darker != "low")
    return (order * 4.999).astype("int64").clip(upper=4).map(dict(enumerate(style.SHADES)))


def _ink_on(shade: str) -> str:
    return "white" if shade in style.SHADES[3:] else INK_COLOR


def plot_outline_map(
    outlines: pd.Series,
    values: pd.Series,
    names: Mapping[str, str],
    framed: Sequence[str] = (),
    darker: str = "high",
) -> Figure:
    """Draw municipalities in their outlines, shaded by fifths of all values.

    Parameters
    ----------
    outlines : Series
        Of :func:`gunmane_analysis.charts.outlines.outlines_of`.
    values, names, framed, darker
        As of :func:`plot_tile_map`; a name is written where its municipality is wide enough.
    """
    extent = extent_of(degrees_of(outlines), bordering(outlines))
    longer = np.array([1.0, extent.shape]) / max(1.0, extent.shape)
    size = np.ceil(_OUTLINE_MAP * longer)
    figure, axes = _page(size)
    coarse = simplified(outlines, extent, size)
    fills = _fifths(values, darker).reindex(coarse.index, fill_value=style.UNKNOWN_COLOR)
    _draw_areas(axes, _paths(coarse), fills, framed)
    wide = {
        str(code): names[str(code)]
        for code, outline in coarse.items()
        if outline.bounds[2] - outline.bounds[0] > _width(names[str(code)])
    }
    _write_names(axes, wide, _inside(coarse), size, plate=True)
    _say_left_out(axes, leaves_out=extent.leaves_out)
    return figure


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
    outlines = None if boundaries is None else outlines_of(boundaries, list(halls))
    points = {code: np.array([hall]) for code, hall in halls.items()}
    extent = extent_of(
        points if outlines is None else degrees_of(outlines), {c for pair in pairs for c in pair}
    )
    width = FULL * _POINTS
    size = np.array([width, np.clip(round(width * extent.shape), *_GROUPS_MAP)])
    figure, axes = _page(size)
    joined: list[Points] = []
    if outlines is None:
        places = {code: extent.on_page(hall, size) for code, hall in halls.items()}
        joined = _draw_graph(axes, places, group, look, pairs)
    else:
        coarse = simplified(outlines, extent, size)
        fills = look.map(dict(enumerate(_TINTS))).reindex(coarse.index).fillna("#FFFFFF")
        _draw_areas(axes, _paths(coarse), fills)
        places = _inside(coarse)
    if len(halls) <= _NAMED_AT_MOST:
        numbers = group.astype("str") + " "
        names = {code: numbers.get(code, "") + find_area(code).name for code in places}
        _write_names(axes, names, places, size, joined, marked=outlines is None)
    else:
        members = group[group.index.isin(list(places)) & group.duplicated(keep=False)]
        middles = {
            str(number): np.mean([places[str(code)] for code in codes], axis=0)
            for number, codes in members.groupby(members).groups.items()
        }
        _write_names(axes, dict(zip(middles, middles, strict=True)), middles, size)
    _say_left_out(axes, leaves_out=extent.leaves_out)
    return figure


def _paths(outlines: pd.Series) -> dict[str, Path]:
    return {str(code): path_of(outline) for code, outline in outlines.items()}


def _inside(outlines: pd.Series) -> dict[str, Points]:
    """Return a point well inside each outline."""
    return {
        str(code): np.array(each.point_on_surface().coords[0]) for code, each in outlines.items()
    }


def _say_left_out(axes: Axes, *, leaves_out: bool) -> None:
    if leaves_out:
        axes.text(0.0, 0.0, _LEFT_OUT, va="bottom", fontsize=SMALL_TEXT, color=FAINT_COLOR)


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
    axes: Axes, names: Mapping[str, str], places: Mapping[str, Points], frame: Points,
    lines: Sequence[Points] = (), *, marked: bool = False, plate: bool = False,
) -> None:  # fmt: skip
    """Write names at their places (on them where no mark shows them), none over another."""
    shown = [code for code in names if (places[code].clip(0.0, frame) == places[code]).all()]
    at = np.array([places[code] for code in shown]).reshape(-1, 2)
    spots = place_names([names[code] for code in shown], at, frame, lines, marked=marked)
    for code, place, spot in zip(shown, at, spots, strict=True):
        reach = np.array([_width(names[code]), SMALL_TEXT * _LEADING]) / 2
        is_far = (np.abs(spot - place) - reach).max() > _FAR
        axes.annotate(
            names[code], tuple(place), tuple(spot), ha="center", va="center",
            fontsize=SMALL_TEXT, zorder=4, bbox=_PLATE if plate else None,
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
