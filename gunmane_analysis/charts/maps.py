"""Maps: tiles or outlines shaded by one figure, and the groups of municipalities."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from gunmane_analysis.areas import find_area, town_hall
from gunmane_analysis.areas.tiles import prefecture_tiles
from gunmane_analysis.charts import style
from gunmane_analysis.charts.outlines import (
    Points,
    bordering,
    extent_of,
    outlines_of,
    path_of,
    simplified,
)
from gunmane_analysis.charts.style import FAINT_COLOR, FULL, GRID_COLOR, INK_COLOR, SMALL_TEXT
from gunmane_analysis.wording import short_name

_POINTS = 72.0  # an inch
_TILE = np.array([36.0, 30.0])  # points
_OUTLINE_MAP = 324.0  # points of its longer side
_GROUPS_MAP = (260.0, 548.0)  # points of its height: neither flat nor endless
_NAMED_AT_MOST = 40
_MARK = 8.0  # points: the side of a square that a marker fills
_LEADING = 1.1
_FAR = 11.0  # points from a name to its place: beyond, a line joins them
_LEFT_OUT = "離れた島は図に入らない"


def plot_tile_map(
    values: pd.Series,
    words: Mapping[str, str],
    names: Mapping[str, str],
    framed: Sequence[str] = (),
    tiles: Mapping[str, tuple[int, int]] | None = None,
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
    tiles = tiles or prefecture_tiles()
    places = np.array([tiles[code] for code in names])
    columns, rows = (places - places.min(axis=0)).T
    corners = np.column_stack([columns, rows.max() - rows]) * _TILE
    across, down = corners.max(axis=0) + _TILE
    lines = title.splitlines()
    wide = max([across, *(len(line) * SMALL_TEXT for line in lines)])
    figure, axes = _page(np.array([wide, down + 1.3 * len(lines) * SMALL_TEXT]))
    axes.set_xlim((across - wide) / 2, (across + wide) / 2)
    figure.text(0.5, 1.0, title, ha="center", va="top", fontsize=SMALL_TEXT)
    squares = shapely.box(*(corners + 1).T, *(corners + _TILE - 1).T)
    fills = _fifths(values, darker, names)
    _draw_areas(axes, pd.Series(squares, list(names), dtype="object"), fills, framed)
    for (code, name), (x, y) in zip(names.items(), corners + _TILE / 2, strict=True):
        axes.text(
            x, y, f"{_in_tile(name)}\n{words.get(code, '…')}", ha="center", va="center",
            fontsize=SMALL_TEXT, linespacing=1.1,
            color="white" if fills[code] in style.SHADES[3:] else INK_COLOR,
        )  # fmt: skip
    return figure


def _page(size: Points, leaves_out: bool = False) -> tuple[Figure, Axes]:
    """Return a figure whose coordinates are its points, with a note where islands are left out."""
    figure = Figure(figsize=tuple(size / _POINTS))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0), xlim=(0.0, size[0]), ylim=(0.0, size[1]))
    axes.set_axis_off()
    if leaves_out:
        axes.text(0.0, 0.0, _LEFT_OUT, va="bottom", fontsize=SMALL_TEXT, color=FAINT_COLOR)
    return figure, axes


def _draw_areas(
    axes: Axes, shapes: pd.Series, fills: pd.Series, framed: Collection[str] = ()
) -> None:
    """Fill areas, one path a colour, and draw a strong frame round some."""
    paths = shapes.map(path_of)
    parts = [(fill, own, FAINT_COLOR, 0.4) for fill, own in paths.groupby(fills)]
    parts.append(("none", paths[paths.index.isin(framed)], INK_COLOR, 1.8))
    for fill, own, edge, width in parts:
        if len(own):
            path = Path.make_compound_path(*own)
            axes.add_patch(
                PathPatch(path, facecolor=str(fill), edgecolor=edge, linewidth=width, zorder=2)
            )


def _in_tile(name: str) -> str:
    """Return a name as a tile has room for it: without its kind, in lines of four."""
    short = short_name(name)
    return short if len(short) < 5 else f"{short[: len(short) // 2]}\n{short[len(short) // 2 :]}"


def _fifths(values: pd.Series, darker: str, codes: Iterable[str]) -> pd.Series:
    """Return the shade of areas, by fifths of all values."""
    order = values.astype("float64").dropna().rank(pct=True, ascending=darker != "low")
    shades = (order * 4.999).astype("int64").clip(upper=4).map(dict(enumerate(style.SHADES)))
    return shades.reindex(list(codes), fill_value=style.UNKNOWN_COLOR)


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
    extent = extent_of(outlines, bordering(outlines))
    size = np.ceil(_OUTLINE_MAP * extent.sides / extent.sides.max())
    figure, axes = _page(size, extent.leaves_out)
    coarse = simplified(extent.on_page(outlines, size))
    _draw_areas(axes, coarse, _fifths(values, darker, coarse.index), framed)
    wide = {
        code: names[code]
        for code in sorted(names)
        if code in coarse and np.ptp(coarse[code].bounds[::2]) > _size(names[code])[0]
    }
    _write_names(axes, wide, _inside(coarse), size, plate=True)
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
    halls = pd.Series({c: shapely.Point(town_hall(c)[::-1]) for c in division["municipality_code"]})
    both = adjacency[["municipality_code", "neighbour_municipality_code"]]
    pairs = both[both.isin(list(halls.index)).all(axis=1)]
    looks = pd.DataFrame(style.looks()["groups"])
    look = looks.loc[group.map(_looks(group, pairs))].set_axis(group.index)
    shapes = halls if boundaries is None else outlines_of(boundaries, list(halls.index))
    extent = extent_of(shapes, shapes[shapes.index.isin(np.unique(pairs))])
    width = FULL * _POINTS
    height = np.clip(round(width * np.divide(*extent.sides[::-1])), *_GROUPS_MAP)
    size = np.array([width, height])
    figure, axes = _page(size, extent.leaves_out)
    drawn = extent.on_page(shapes, size)
    lines = shapely.MultiLineString()
    if boundaries is None:
        places = _inside(drawn)
        lines = _draw_graph(axes, places, group, look, pairs)
    else:
        drawn = simplified(drawn)
        places = _inside(drawn)
        _draw_areas(axes, drawn, look["tint"].reindex(drawn.index).fillna("#FFFFFF"))
    if len(halls) <= _NAMED_AT_MOST:
        numbers = group.astype("str") + " "
        names = {code: numbers.get(code, "") + find_area(code).name for code in places}
        _write_names(axes, names, places, size, lines, marked=boundaries is None)
    else:
        centres = pd.DataFrame(places).T.groupby(group[group.duplicated(keep=False)]).mean()
        shown = centres.index.astype("int64").astype("str")
        middles = dict(zip(shown, centres.to_numpy(), strict=True))
        _write_names(axes, {number: number for number in middles}, middles, size)
    return figure


def _inside(shapes: pd.Series) -> dict[str, Points]:
    """Return a point well inside each shape."""
    inside = shapely.get_coordinates(shapely.point_on_surface(shapes.to_numpy()))
    return dict(zip(map(str, shapes.index), inside, strict=True))


def _looks(group: pd.Series, pairs: pd.DataFrame) -> dict[int, int]:
    """Give each group the number of the first look that no bordering group has yet."""
    one, other = (pairs[side].map(group) for side in pairs)
    looks = range(len(style.looks()["groups"]))
    given: dict[int, int] = {}
    for number in sorted(group.unique()):
        taken = {given.get(each) for each in (*other[one == number], *one[other == number])}
        given[number] = next((look for look in looks if look not in taken), number % len(looks))
    return given


def _draw_graph(
    axes: Axes, places: Mapping[str, Points], group: pd.Series, look: pd.DataFrame,
    pairs: pd.DataFrame,
) -> Any:  # fmt: skip
    """Draw town halls and who borders whom; return the lines inside groups."""
    joined = []
    for one, other in pairs.itertuples(index=False):
        ends = np.array([places[one], places[other]])
        if one in group and group[one] == group.get(other):
            axes.plot(*ends.T, color=look["color"][one], linewidth=2.4, zorder=2)
            joined.append(ends)
        else:
            axes.plot(*ends.T, color=GRID_COLOR, linewidth=0.6, zorder=1)
    for (color, marker), own in look.groupby(["color", "marker"], sort=False):
        x, y = np.array([places[str(code)] for code in own.index]).T
        axes.scatter(x, y, s=52, color=str(color), marker=str(marker), zorder=3)
    for code in sorted(places.keys() - set(group.index)):
        axes.plot(*places[code], "o", markersize=6, color="#FFFFFF", markeredgecolor=FAINT_COLOR)
    return shapely.MultiLineString(joined)


def _write_names(
    axes: Axes, names: Mapping[str, str], places: Mapping[str, Points], frame: Points,
    lines: Any = None, *, marked: bool = False, plate: bool = False,
) -> None:  # fmt: skip
    """Write names at their places (on them where no mark shows them), none over another."""
    shown = [code for code in names if (places[code].clip(0.0, frame) == places[code]).all()]
    at = np.array([places[code] for code in shown]).reshape(-1, 2)
    spots = place_names([names[code] for code in shown], at, frame, lines, marked=marked)
    for code, place, spot in zip(shown, at, spots, strict=True):
        is_far = (np.abs(spot - place) - _size(names[code]) / 2).max() > _FAR
        axes.annotate(
            names[code], tuple(place), tuple(spot), ha="center", va="center",
            fontsize=SMALL_TEXT, zorder=4, bbox=style.PLATE if plate else None,
            arrowprops={"arrowstyle": "-", "linewidth": 0.5, "shrinkB": 3} if is_far else None,
        )  # fmt: skip


def place_names(
    names: Sequence[str], places: Points, frame: Points, lines: Any = None, *, marked: bool
) -> Points:
    """Return the middle of each name, near its place, over no other name, mark or edge.

    Parameters
    ----------
    names : sequence of str
    places : array
        Of each name, in points from the lower left corner, one row each.
    frame : array
        Width and height of the map in points.
    lines : geometry, optional
        What names keep off where they can.
    marked : bool
        Whether a mark fills each place; else a name may stand on it.

    Examples
    --------
    >>> near = np.array([[50.0, 50.0], [52.0, 50.0]])
    >>> place_names(["甲", "乙"], near, np.array([100.0, 100.0]), marked=False).round(1).tolist()
    [[50.0, 50.0], [52.0, 58.8]]
    """
    page, spots = shapely.box(0.0, 0.0, *frame), []
    taken = [*_boxes(places, np.full(2, _MARK))] if marked else []
    for name, place in zip(names, places, strict=True):
        size = _size(name)
        middles = place + _moves(size + _MARK if marked else np.zeros(2))
        boxes = _boxes(middles, size)
        over = shapely.intersects(boxes[:, None], np.array(taken, dtype="object")).sum(axis=1)
        crossed = 0.0 if lines is None else shapely.length(shapely.intersection(boxes, lines))
        away = np.hypot(*(middles - place).T)
        best = int((1000.0 * (over + ~shapely.covers(page, boxes)) + crossed + away).argmin())
        spots.append(middles[best])
        taken.append(boxes[best])
    return np.array(spots)


def _boxes(middles: Points, size: Points) -> Points:
    """Return rectangles of a size (a hair smaller: those side by side do not touch)."""
    half = size / 2 - 1e-6
    boxes: Points = shapely.box(*(middles - half).T, *(middles + half).T)
    return boxes


def _moves(reach: Points) -> Points:
    """Return how far a name's middle may go from its place: each side, then further."""
    sides = np.array([(x, y) for x in (1, 0, -1) for y in (0, 1, -1) if x or y])
    further = np.arange(9)[:, None, None] * np.array([0.5, 1.0]) * SMALL_TEXT * _LEADING
    moves: Points = (sides * (reach / 2 + further)).reshape(-1, 2)
    return moves


def _size(name: str) -> Points:
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in name)
    return SMALL_TEXT * np.array([wide + 0.6 * (len(name) - wide), _LEADING])
