"""The few kinds of picture that pages use, drawn at the width and type size they are printed in.

Every function takes a plain table and returns a matplotlib ``Figure`` that a caller may go on
with. Call them inside :func:`gunmane_analysis.charts.style.chart_style`; a figure is ``FULL`` or
``HALF`` wide, its text 8 to 9 points, and nothing scales it afterwards.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gunmane_analysis.areas.tiles import TILES
from gunmane_analysis.charts.outlines import Ring, draw_outlines, extent_of, simplified
from gunmane_analysis.charts.style import (
    AREA_COLOR,
    BAND_COLOR,
    BLOCK_COLOR,
    FAINT_COLOR,
    FULL,
    GRID_COLOR,
    HALF,
    INK_COLOR,
    MIDDLE_COLOR,
    PEER_COLOR,
    SHADES,
    SMALL_TEXT,
    TEXT,
    UNKNOWN_COLOR,
)

_INCHES_PER_POINT = 1.0 / 72.0
_STRIP = (0.345, 0.315)  # where the strip of a position chart begins, and its length
_HEADINGS = ("値", "中央値", "順位")
_ROW_INCHES = 0.27
_TILE_INCHES = (0.5, 0.42)
_MAP_INCHES = 4.5  # of the longer side of a map of outlines


def plot_positions(
    rows: pd.DataFrame,
    kind: Literal["band", "dots"] = "band",
    headings: Sequence[str] = _HEADINGS,
    ends: tuple[str, str] = ("小さい", "大きい"),
) -> Figure:
    """Draw one strip an indicator: where an area stands among its peers.

    Parameters
    ----------
    rows : DataFrame
        One row per indicator, drawn from the top: ``label``, ``place`` (where the area stands
        on the strip, 0-1), ``marks`` (sequence of 0-1: the places of the peers to be marked),
        ``reference`` (0-1, the place of the upright line; missing = none), and the words
        ``value_words``, ``reference_words``, ``rank_words``. For ``kind="dots"`` also
        ``below_place``, ``below_words``, ``above_place`` and ``above_words`` of the peers next in
        rank (missing = none).
    kind : {"band", "dots"}
        "band": places are percentiles of many peers, the middle half is darker and the marks
        are ticks. "dots": places are values between the peers' least and largest, each mark
        a dot.
    headings : sequence of str
        Of the three columns of words.
    ends : (str, str)
        What the left and the right end of the strip mean.
    """
    row_inches = _ROW_INCHES if kind == "band" else _ROW_INCHES * 1.5
    height = row_inches * len(rows) + 0.32
    figure = Figure(figsize=(FULL, height))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(height, 0.0)
    axes.set_axis_off()
    start, length = _STRIP
    columns = (0.755, 0.868, 1.0)
    for place, heading in zip(columns, headings, strict=True):
        axes.text(place, 0.13, heading, ha="right", va="center", fontsize=SMALL_TEXT)
    axes.text(start, 0.13, ends[0], ha="left", va="center", fontsize=SMALL_TEXT)
    axes.text(start + length, 0.13, ends[1], ha="right", va="center", fontsize=SMALL_TEXT)
    for number, row in enumerate(rows.to_dict("records")):
        level = 0.3 + row_inches * (number + (0.5 if kind == "band" else 0.36))
        axes.text(start - 0.015, level, row["label"], ha="right", va="center")
        (_draw_band if kind == "band" else _draw_dots)(axes, row, level)
        _draw_place(axes, row, level)
        for place, name in zip(columns, ("value", "reference", "rank"), strict=True):
            color = AREA_COLOR if name == "value" else INK_COLOR
            axes.text(place, level, row[f"{name}_words"], ha="right", va="center", color=color)
    return figure


def _on_strip(share: float) -> float:
    start, length = _STRIP
    return start + length * share


def _draw_band(axes: Axes, row: Mapping[Hashable, Any], level: float) -> None:
    start, length = _STRIP
    tall = 0.15
    corner = level - tall / 2
    axes.add_patch(Rectangle((start, corner), length, tall, facecolor=BAND_COLOR))
    quarter = length / 4
    axes.add_patch(Rectangle((start + quarter, corner), quarter * 2, tall, facecolor=MIDDLE_COLOR))
    marks = [_on_strip(share) for share in _shares(row["marks"])]
    ends = (corner + 0.02, corner + tall - 0.02, np.nan)  # one path: a third of the bytes of many
    axes.plot(np.repeat(marks, 3), np.tile(ends, len(marks)), color=PEER_COLOR, linewidth=0.7)
    _draw_reference(axes, row, level)


def _draw_dots(axes: Axes, row: Mapping[Hashable, Any], level: float) -> None:
    start, length = _STRIP
    axes.hlines(level, start, start + length, color=GRID_COLOR, linewidth=1.0)
    marks = [_on_strip(share) for share in _shares(row["marks"])]
    axes.plot(marks, [level] * len(marks), "o", color=PEER_COLOR, markersize=4.5, clip_on=False)
    _draw_reference(axes, row, level)
    for name, side in (("below", "right"), ("above", "left")):
        if not np.isnan(row[f"{name}_place"]):
            axes.text(
                _on_strip(row[f"{name}_place"]),
                level + 0.175,
                row[f"{name}_words"],
                ha=side,
                va="center",
                fontsize=SMALL_TEXT,
                color=FAINT_COLOR,
            )


def _draw_reference(axes: Axes, row: Mapping[Hashable, Any], level: float) -> None:
    (share,) = _shares([row["reference"]]) or (None,)
    if share is not None:
        place = _on_strip(share)
        axes.vlines(place, level - 0.1, level + 0.1, color=INK_COLOR, linewidth=1.2)


def _draw_place(axes: Axes, row: Mapping[Hashable, Any], level: float) -> None:
    (share,) = _shares([row["place"]]) or (None,)
    if share is not None:
        axes.plot(
            [_on_strip(share)],
            [level],
            "o",
            color=AREA_COLOR,
            markersize=7.5,
            markeredgecolor="white",
            markeredgewidth=0.8,
            clip_on=False,
        )


def _shares(values: object) -> list[float]:
    return [float(v) for v in np.atleast_1d(np.asarray(values, dtype="float64")) if not np.isnan(v)]


def plot_lines(
    points: pd.DataFrame,
    styles: Mapping[str, Mapping[str, Any]],
    unit: str,
    width: float = FULL,
    height: float = 2.5,
    spans: Sequence[tuple[float, float]] = (),
    ranges: pd.DataFrame | None = None,
    zero: bool = False,
    panels: Mapping[str, str] | None = None,
    xlabel: str = "",
) -> Figure:
    """Draw lines over fiscal years, each named at its end.

    Parameters
    ----------
    points : DataFrame
        One row per ``series`` and ``year`` with ``value``; series in the order of ``styles``.
    styles : mapping
        Line properties of each series (colour and dash together), the first one the area's. A
        name that begins with ``_`` is not written.
    unit : str
        Above the vertical axis.
    spans : sequence of (first year, last year)
        Shaded upright: where a turn may lie.
    ranges : DataFrame, optional
        ``year``, ``low``, ``high``: the range of the first series, or of each ``series``.
    zero : bool
        Begin the vertical axis at zero.
    panels : mapping, optional
        Units of panels drawn from left to right, by the value of the points' ``panel``.
    xlabel : str
        What lies along the lower axis, where it is not fiscal years.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    first_name = next(iter(styles))
    titles = panels or {"": unit}
    if ranges is None:
        ranges = pd.DataFrame(columns=["series"])
    elif "series" not in ranges:
        ranges = ranges.assign(series=first_name)
    drawn = figure.subplots(1, len(titles), squeeze=False).flat
    for axes, (panel, title) in zip(drawn, titles.items(), strict=True):
        shown = points[points["panel"] == panel] if panels else points
        for first, last in spans:
            color = styles[first_name].get("color", AREA_COLOR)
            axes.axvspan(first - 0.5, last + 0.5, color=color, alpha=0.12, linewidth=0)
        for name, style in styles.items():
            own = ranges[ranges["series"] == name]
            if len(own):
                axes.fill_between(
                    own["year"], own["low"], own["high"], alpha=0.18, linewidth=0,
                    color=style.get("color", AREA_COLOR),
                    step="post" if "drawstyle" in style else None,
                )  # fmt: skip
            line = shown[shown["series"] == name]
            sns.lineplot(
                data=line, x="year", y="value", ax=axes, legend=False, errorbar=None, **style
            )
        axes.set_xlabel(xlabel, fontsize=SMALL_TEXT)
        axes.set_ylabel("")
        axes.set_title(title, fontsize=SMALL_TEXT)
        nbins = 8 if width > HALF and len(titles) == 1 else 4
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=nbins))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
        if zero:
            axes.set_ylim(bottom=0)
        _label_ends(axes, shown, styles, height)
    return figure


def _label_ends(
    axes: Axes, points: pd.DataFrame, styles: Mapping[str, Mapping[str, Any]], height: float
) -> None:
    """Name each line at its right end, pushed apart so that no two names overlap."""
    low, high = axes.get_ylim()
    gap = TEXT * 1.2 * _INCHES_PER_POINT / (height * 0.82) * (high - low)
    last = points.sort_values("year").groupby("series", sort=False)["value"].last()
    placed = -np.inf
    named = [name for name in styles if not name.startswith("_")]
    for name, value in last.reindex(named).dropna().sort_values().items():
        placed = max(float(value), placed + gap)
        axes.annotate(
            str(name),
            (1.01, (placed - low) / (high - low)),
            xycoords="axes fraction",
            va="center",
            color=str(styles[str(name)].get("color", INK_COLOR)),
            annotation_clip=False,
        )


def plot_panels(
    points: pd.DataFrame,
    reference: pd.DataFrame,
    titles: Mapping[str, str],
    unit: str,
    across: int = 6,
    marked: Sequence[str] = (),
) -> Figure:
    """Draw one small panel a series, all on the same axes, the reference dashed in each.

    Parameters
    ----------
    points : DataFrame
        One row per ``series`` and ``year`` with ``value``.
    reference : DataFrame
        ``year`` and ``value`` of the nation.
    titles : mapping
        The heading of each series' panel, in the order of drawing.
    unit : str
        Of the vertical axis, above the first panel.
    across : int
        Panels a row.
    marked : sequence of str
        Series whose heading has the area's colour.
    """
    down = -(-len(titles) // across)
    across = -(-len(titles) // down)
    figure = Figure(figsize=(FULL, 1.25 * down + 0.15), layout="constrained")
    panels = list(figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).flat)
    for axes, (name, title) in zip(panels, titles.items(), strict=False):
        axes.plot(reference["year"], reference["value"], "--", color=FAINT_COLOR, linewidth=1.0)
        line = points[points["series"] == name]
        axes.plot(line["year"], line["value"], color=AREA_COLOR, linewidth=1.6)
        axes.set_title(
            title, fontsize=SMALL_TEXT, color=AREA_COLOR if name in marked else INK_COLOR
        )
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=2))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
        axes.tick_params(labelsize=SMALL_TEXT, length=0)
    for axes in panels[len(titles) :]:
        axes.set_visible(False)
    figure.supylabel(unit, fontsize=SMALL_TEXT)
    return figure


def plot_bars(
    rows: pd.DataFrame,
    unit: str,
    width: float = FULL,
    marked: Sequence[str] = (),
    reference: tuple[str, float] | None = None,
    panels: Mapping[str, str] | None = None,
) -> Figure:
    """Draw horizontal bars from zero, each with its value in words.

    Parameters
    ----------
    rows : DataFrame
        From the top: ``label``, ``value``, ``words``; a line is drawn from ``low`` to ``high``.
    unit : str
        Below the axis.
    marked : sequence of str
        Labels whose bars have the area's colour; all of them when left out.
    reference : (str, float), optional
        An upright line with its name.
    panels : mapping, optional
        Headings of panels of the same labels, from left to right, by the rows' ``panel``.
    """
    titles = panels or {"": ""}
    tall = len(rows) // len(titles)
    high = 0.24 * tall + (0.75 if panels else 0.55)
    figure = Figure(figsize=(width, high), layout="constrained")
    drawn = figure.subplots(1, len(titles), sharex=True, sharey=True, squeeze=False).flat
    for axes, (panel, title) in zip(drawn, titles.items(), strict=True):
        _draw_bars(axes, rows[rows["panel"] == panel] if panels else rows, marked)
        axes.set_title(title, fontsize=SMALL_TEXT)
        whole = rows["value"].dtype.kind == "i"
        axes.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=whole))
        axes.margins(x=0.18 if not panels else 0.45)
        axes.set_xlim(left=min(0.0, float(rows["value"].min())))
        if reference is not None:
            axes.axvline(reference[1], color=INK_COLOR, linewidth=1.2, linestyle="--")
            axes.annotate(
                reference[0], (reference[1], 1.0), (0, 2), xycoords=("data", "axes fraction"),
                textcoords="offset points", ha="center", va="bottom", fontsize=SMALL_TEXT,
            )  # fmt: skip
    figure.axes[0].invert_yaxis()  # panels share it
    figure.supxlabel(unit, fontsize=SMALL_TEXT)
    return figure


def _draw_bars(axes: Axes, rows: pd.DataFrame, marked: Sequence[str]) -> None:
    colors = [AREA_COLOR if not marked or n in marked else PEER_COLOR for n in rows["label"]]
    places = np.arange(len(rows))
    axes.barh(places, rows["value"], color=colors, height=0.62)
    ends = rows["value"]
    if {"low", "high"} <= set(rows):
        white = [withStroke(linewidth=2.6, foreground="white")]
        axes.hlines(
            places, rows["low"], rows["high"], color=INK_COLOR, linewidth=1.0, path_effects=white
        )
        ends = rows[["value", "high"]].max(axis=1)
    for place, end, words in zip(places, ends, rows["words"], strict=True):
        axes.annotate(
            str(words), (max(float(end), 0.0), place), (4, 0), textcoords="offset points",
            va="center", bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )  # fmt: skip
    axes.set_yticks(places, rows["label"])
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    axes.tick_params(axis="y", length=0)


def plot_stacked(
    parts: pd.DataFrame, unit: str, totals: Sequence[str] = (), width: float = FULL
) -> Figure:
    """Draw horizontal bars from zero, each of parts that differ in colour and hatching.

    Parameters
    ----------
    parts : DataFrame
        One row per bar from the top, headed by its index; one column per part, at most three.
    unit : str
        Below the axis.
    totals : sequence of str
        Words at the ends of the bars.
    """
    figure = Figure(figsize=(width, 0.26 * len(parts) + 0.8), layout="constrained")
    axes = figure.subplots()
    ends = np.zeros(len(parts))
    looks = ((INK_COLOR, ""), (AREA_COLOR, "//"), (BLOCK_COLOR, ".."))
    for (name, sizes), (color, hatch) in zip(parts.items(), looks, strict=False):
        axes.barh(
            parts.index, sizes, left=ends, height=0.62, label=str(name),
            color=color, hatch=hatch, edgecolor="white",
        )  # fmt: skip
        ends = ends + sizes.to_numpy()
    for place, (end, words) in enumerate(zip(ends, totals, strict=False)):
        axes.annotate(words, (end, place), (4, 0), textcoords="offset points", va="center")
    axes.invert_yaxis()
    axes.margins(x=0.18 if totals else 0.0)
    axes.set_xlabel(unit, fontsize=SMALL_TEXT)
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(parts.columns))
    return figure


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
    shades = _fifths(values, darker)
    places = np.array([tiles[code] for code in names])
    (left, top), (right, bottom) = places.min(axis=0), places.max(axis=0)
    width, height = _TILE_INCHES
    across, down = (right - left + 1) * width, (bottom - top + 1) * height
    lines = title.splitlines()
    wide = max([across, *(len(line) * SMALL_TEXT * _INCHES_PER_POINT for line in lines)])
    high = down + 1.3 * len(lines) * SMALL_TEXT * _INCHES_PER_POINT
    figure = Figure(figsize=(wide, high))
    figure.text(0.5, 1.0, title, ha="center", va="top", fontsize=SMALL_TEXT)
    axes = figure.add_axes((0.5 - across / wide / 2, 0.0, across / wide, down / high))
    for code, (column, row) in zip(names, places, strict=True):
        shade = shades.get(code, UNKNOWN_COLOR)
        is_framed = code in framed
        axes.add_patch(
            Rectangle(
                (column + 0.03, row + 0.03), 0.94, 0.94, facecolor=shade, clip_on=False,
                edgecolor=INK_COLOR if is_framed else FAINT_COLOR,
                linewidth=1.8 if is_framed else 0.4,
            )
        )  # fmt: skip
        axes.text(
            column + 0.5, row + 0.5, f"{_in_tile(names[code])}\n{words.get(code, '…')}",
            ha="center", va="center", fontsize=SMALL_TEXT, linespacing=1.1,
            color="white" if shade in SHADES[3:] else INK_COLOR,
        )  # fmt: skip
    axes.set_xlim(left, right + 1)
    axes.set_ylim(bottom + 1, top)
    axes.set_axis_off()
    return figure


def _in_tile(name: str) -> str:
    """Return a name as a tile has room for it: without its kind, in lines of four."""
    short = name[:-1] if len(name) > 2 and name[-1] in "都府県市区町村" else name
    return short if len(short) < 5 else f"{short[: len(short) // 2]}\n{short[len(short) // 2 :]}"


def _fifths(values: pd.Series, darker: str) -> Mapping[str, str]:
    """Return the shade of each area with a value, by fifths of all values."""
    order = values.astype("float64").dropna().rank(pct=True, ascending=darker != "low")
    return {str(code): SHADES[min(int(place * 4.999), 4)] for code, place in order.items()}


def plot_outline_map(
    rings: Mapping[str, Sequence[Ring]],
    values: pd.Series,
    names: Mapping[str, str],
    framed: Sequence[str] = (),
    darker: str = "high",
) -> Figure:
    """Draw municipalities in their outlines, shaded by fifths of all values.

    Parameters
    ----------
    rings : mapping
        Rings of longitude and latitude by code.
    values, names, framed, darker
        As of :func:`plot_tile_map`; a name stands where its municipality is wide enough.
    """
    extent = extent_of({code: np.vstack(own) for code, own in rings.items()}, list(rings))
    width = min(_MAP_INCHES, _MAP_INCHES / extent.shape)
    figure = Figure(figsize=(width, width * extent.shape))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    shades = _fifths(values, darker)
    across = width * 72.0
    for code, own in simplified(rings, extent, across).items():
        is_framed, fill = code in framed, shades.get(code, UNKNOWN_COLOR)
        draw_outlines(
            axes, own, extent, across, fill=fill,
            edge=AREA_COLOR if is_framed else FAINT_COLOR, width=1.8 if is_framed else 0.4,
        )  # fmt: skip
        largest = max(rings[code], key=len)
        (west, south), (east, north) = largest.min(axis=0), largest.max(axis=0)
        if (east - west) / (extent.east - extent.west) * across > len(names[code]) * SMALL_TEXT:
            color = "white" if fill in SHADES[3:] else INK_COLOR
            axes.text((west + east) / 2, (south + north) / 2, names[code], ha="center",
                      va="center", fontsize=SMALL_TEXT, color=color, zorder=4)  # fmt: skip
    extent.fit(axes)
    return figure
