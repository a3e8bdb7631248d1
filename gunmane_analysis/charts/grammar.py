"""The few kinds of picture that pages use, drawn at the width and type size they are printed in.

Every function takes a plain table and returns a matplotlib ``Figure`` that a caller may go on
with. Call them in the house style (:mod:`gunmane_analysis.charts.style`); a figure is ``FULL`` or
``HALF`` wide, its text 8 to 9 points, and nothing scales it afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from gunmane_analysis.charts import style
from gunmane_analysis.charts.style import AREA_COLOR, FULL, HALF, INK_COLOR, PEER_COLOR, SMALL_TEXT

Lines = Mapping[str, pd.Series] | pd.DataFrame

_INCHES_PER_POINT = 1.0 / 72.0
# of a position chart, across: what its left and right edge are where its strips go from 0 to 1,
# and where its columns of words end
_EDGES = (-1.095, 2.08)
_COLUMNS = {"label": -0.05, "value_words": 1.3, "reference_words": 1.66, "rank_words": _EDGES[1]}
_ROW_INCHES = 0.27
_PANELS_ACROSS = 6


def plot_positions(
    rows: pd.DataFrame, kind: Literal["band", "dots"], headings: Sequence[str]
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
    """
    is_band = kind == "band"
    row_inches = _ROW_INCHES if is_band else _ROW_INCHES * 1.5
    height = row_inches * len(rows) + 0.32
    figure = Figure(figsize=(FULL, height))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0), xlim=_EDGES, ylim=(height, 0.0))
    axes.set_axis_off()
    levels = 0.3 + row_inches * (np.arange(len(rows)) + (0.5 if is_band else 0.36))
    marks, marked = np.concatenate([*rows["marks"]]), np.repeat(levels, rows["marks"].map(len))
    if is_band:
        axes.barh(levels, 1.0, 0.15, color=style.BAND_COLOR)
        axes.barh(levels, 0.5, 0.15, 0.25, color=style.MIDDLE_COLOR)
        ticks = np.column_stack([marked - 0.055, marked + 0.055, np.full_like(marked, np.nan)])
        # one path: a third of the bytes of many
        axes.plot(np.repeat(marks, 3), ticks.ravel(), color=PEER_COLOR, linewidth=0.7)
    else:
        axes.hlines(levels, 0.0, 1.0, color=style.GRID_COLOR, linewidth=1.0)
        import seaborn as sns

        sns.stripplot(
            x=marks, y=marked, orient="h", native_scale=True, jitter=False, color=PEER_COLOR,
            size=5.5, clip_on=False, zorder=2, ax=axes,
        )  # fmt: skip
    axes.vlines(rows["reference"], levels - 0.1, levels + 0.1, color=INK_COLOR, linewidth=1.2)
    axes.plot(
        rows["place"], levels, "o", color=AREA_COLOR, markersize=7.5, markeredgecolor="white",
        markeredgewidth=0.8, clip_on=False,
    )  # fmt: skip
    small: dict[str, Any] = {"va": "center", "fontsize": SMALL_TEXT}
    axes.text(0.0, 0.13, "小さい", **small)
    axes.text(1.0, 0.13, "大きい", ha="right", **small)
    for (name, place), heading in zip(_COLUMNS.items(), ("", *headings), strict=True):
        axes.text(place, 0.13, heading, ha="right", **small)
        color = AREA_COLOR if name == "value_words" else INK_COLOR
        for level, words in zip(levels, rows[name], strict=True):
            axes.text(place, level, words, ha="right", va="center", color=color)
    for name, side in () if is_band else (("below", "right"), ("above", "left")):
        near = rows[[f"{name}_place", f"{name}_words"]].assign(level=levels + 0.175).dropna()
        for place, words, level in near.itertuples(index=False):
            axes.text(place, level, words, ha=side, color=style.FAINT_COLOR, **small)
    return figure


def plot_lines(
    panels: Mapping[str, Lines],
    styles: Mapping[str, Mapping[str, Any]],
    width: float = FULL,
    height: float = 2.5,
    spans: Sequence[tuple[float, float]] = (),
    ranges: Mapping[str, pd.DataFrame] | None = None,
    zero: bool = False,
    xlabel: str = "",
) -> Figure:
    """Draw lines over fiscal years, each named at its end.

    Parameters
    ----------
    panels : mapping
        By the unit above its vertical axis, the panels from left to right: by name, each line's
        values with the years as index (a table of such columns, too).
    styles : mapping
        By name, a line's properties (colour and dash together), in the order of drawing. A name
        that begins with ``_`` is not written.
    spans : sequence of (first year, last year)
        Shaded upright in the area's colour: where a turn may lie.
    ranges : mapping, optional
        By name of a line, ``low`` and ``high`` with the years as index.
    zero : bool
        Begin the vertical axis at zero.
    xlabel : str
        What lies along the lower axis, where it is not fiscal years.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    drawn = figure.subplots(1, len(panels), squeeze=False).flat
    for axes, (title, lines) in zip(drawn, panels.items(), strict=True):
        for first, last in spans:
            axes.axvspan(first - 0.5, last + 0.5, color=AREA_COLOR, alpha=0.12, linewidth=0)
        for name, span in (ranges or {}).items():
            axes.fill_between(
                span.index, span["low"], span["high"], color=styles[name]["color"], alpha=0.18,
                linewidth=0, step="post" if "drawstyle" in styles[name] else None,
            )  # fmt: skip
        for name, look in styles.items():
            if name in lines:
                axes.plot(lines[name], **look)
        axes.set(xlabel=xlabel, title=title)
        nbins = 8 if width > HALF and len(panels) == 1 else 4
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=nbins))
        axes.yaxis.set_major_formatter("{x:,.10g}")
        if zero:
            axes.set_ylim(bottom=0)
        named = {name: lines[name].dropna() for name in styles if name in lines and name[0] != "_"}
        ends = [(line.iloc[-1], 1.01, name) for name, line in named.items() if len(line)]
        colors = {name: look["color"] for name, look in styles.items()}
        name_ends(axes, ends, colors, height, transform=axes.get_yaxis_transform())
    return figure


def name_ends(
    axes: Axes,
    ends: Iterable[tuple[float, float, str]],
    colors: Mapping[str, str],
    height: float,
    **how: Any,
) -> None:
    """Write names at the ends of lines (up, across, name), pushed up where two would overlap."""
    low, high = axes.get_ylim()
    gap = style.TEXT * 1.2 * _INCHES_PER_POINT / (height * 0.82) * (high - low)
    placed = -np.inf
    for up, across, name in sorted(ends):
        placed = max(float(up), placed + gap)
        axes.text(across, placed, name, va="center", color=colors[name], **how)


def plot_panels(
    lines: pd.DataFrame,
    reference: pd.Series,
    titles: Mapping[str, str],
    marked: Collection[str] = (),
) -> Figure:
    """Draw one small panel a line, all on the same axes, the reference dashed in each.

    Parameters
    ----------
    lines : DataFrame
        One column per line; the years are the index.
    reference : Series
        Of the nation, by year.
    titles : mapping
        The heading of each line's panel by its column, in the order of drawing.
    marked : collection of str
        Columns whose headings have the area's colour.
    """
    down = -(-len(titles) // _PANELS_ACROSS)
    across = -(-len(titles) // down)
    figure = Figure(figsize=(FULL, 1.25 * down + 0.15), layout="constrained")
    panels = list(figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).flat)
    for axes, (name, title) in zip(panels, titles.items(), strict=False):
        axes.plot(reference, "--", color=style.FAINT_COLOR, linewidth=1)
        axes.plot(lines[name], color=AREA_COLOR, linewidth=1.6)
        axes.set_title(title, color=AREA_COLOR if name in marked else INK_COLOR)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=2))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
        axes.tick_params(labelsize=SMALL_TEXT, length=0)
    for axes in panels[len(titles) :]:
        axes.set_visible(False)
    return figure


def plot_bars(rows: pd.DataFrame, unit: str, reference: tuple[str, float] | None = None) -> Figure:
    """Draw horizontal bars from zero, each with its value in words.

    Parameters
    ----------
    rows : DataFrame
        From the top: ``label``, ``value``, ``words``; a line is drawn from ``low`` to ``high``.
        Panels of the same labels, from left to right, are headed by their ``panel``.
    unit : str
        Below the axis.
    reference : (str, float), optional
        An upright line with its name.
    """
    is_one = "panel" not in rows
    panels = [("", rows)] if is_one else list(rows.groupby("panel", sort=False))
    high = 0.24 * len(rows) / len(panels) + (0.55 if is_one else 0.75)
    figure = Figure(figsize=(FULL, high), layout="constrained")
    drawn = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False).flat
    for axes, (title, shown) in zip(drawn, panels, strict=True):
        axes.barh(shown["label"], shown["value"], height=0.62, color=AREA_COLOR)
        ends = shown["value"].clip(lower=0.0)
        if "high" in shown:
            axes.hlines(
                shown["label"], shown["low"], shown["high"], color=INK_COLOR, linewidth=1.0,
                path_effects=[withStroke(linewidth=2.6, foreground="white")],
            )  # fmt: skip
            ends = shown[["value", "high"]].max(axis=1)
        unseen = axes.barh(shown["label"], ends, color="none")  # up to where the words begin
        plate = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
        axes.bar_label(unseen, shown["words"], padding=4, bbox=plate)
        whole = rows["value"].dtype.kind == "i"
        axes.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=whole))
        axes.margins(x=0.18 if is_one else 0.45)
        axes.set(title=str(title), ylim=(len(shown) - 0.5, -0.5))
        axes.tick_params(axis="y", length=0)
        grid_upright(axes)
        if reference is not None:
            axes.axvline(reference[1], color=INK_COLOR, linewidth=1.2, linestyle="--")
            axes.text(
                reference[1], 1.01, reference[0], transform=axes.get_xaxis_transform(),
                ha="center", va="bottom", fontsize=SMALL_TEXT,
            )  # fmt: skip
    figure.supxlabel(unit, fontsize=SMALL_TEXT)
    return figure


def empty_axes(height: float, xlabel: str) -> tuple[Figure, Axes]:
    """Return a figure with one pair of axes, and what lies along the lower one."""
    figure = Figure(figsize=(FULL, height), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(xlabel)
    return figure, axes


def grid_upright(axes: Axes) -> None:
    """Draw the grid of a chart whose values lie along the lower axis."""
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")


def plot_stacked(parts: pd.DataFrame, unit: str, totals: Sequence[str] = ()) -> Figure:
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
    figure, axes = empty_axes(0.26 * len(parts) + 0.8, unit)
    starts = parts.cumsum(axis="columns") - parts
    looks = ((INK_COLOR, ""), (AREA_COLOR, "//"), (style.BLOCK_COLOR, ".."))
    for name, (color, hatch) in zip(parts, looks, strict=False):
        bars = axes.barh(
            parts.index, parts[name], left=starts[name], height=0.62, label=str(name),
            color=color, hatch=hatch, edgecolor="white",
        )  # fmt: skip
    if totals:
        axes.bar_label(bars, totals, padding=4)
    axes.invert_yaxis()
    axes.margins(x=0.18 if totals else 0.0)
    grid_upright(axes)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(parts.columns))
    return figure
