"""Charts of the theme ``profile``."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.staffing import line_styles
from gunmane_analysis.charts.style import (
    AREA_COLOR,
    BLOCK_COLOR,
    CONTEXT_COLOR,
    FIGURE_WIDTH,
    NATION_COLOR,
    count_axis,
    label_line_ends,
)

_PANEL_HEIGHT = 3.1
_SHOWN_SHARE = 0.985
_DRAWN_ONE_BY_ONE = 60  # more points than these are a picture


def plot_places(
    profile: pd.DataFrame,
    area: Area,
    own_codes: list[str],
    similar_codes: list[str],
    measures: list[tuple[str, str, float]],
) -> Figure:
    """Draw every municipality by population, one panel per measure, with the area's own marked.

    Parameters
    ----------
    profile : DataFrame
        From :func:`gunmane_analysis.metrics.position.profile.municipal_profile`.
    area : Area
    own_codes, similar_codes : list of str
        Municipalities of the area, and those like it.
    measures : list of (column, title, scale)
        The value is divided by the scale.

    Notes
    -----
    The frame ends a tenth above the value that 98.5 % of the municipalities do not exceed; those
    beyond it are drawn as triangles at its upper edge, the area's own with its value.
    """
    figure = Figure(figsize=(FIGURE_WIDTH, _PANEL_HEIGHT))
    panels = figure.subplots(1, len(measures), squeeze=False)[0]
    figure.subplots_adjust(wspace=0.32)
    for axes, (name, title, scale) in zip(panels, measures, strict=True):
        _draw_places(axes, profile.assign(shown=profile[name] / scale), own_codes, similar_codes)
        axes.set_title(title)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        handles,
        [area.name if label == "own" else label for label in labels],
        loc="upper left",
        bbox_to_anchor=(0.1, -0.04),
        ncols=3,
        fontsize=8.5,
    )
    return figure


def _draw_places(
    axes: Axes, profile: pd.DataFrame, own_codes: list[str], similar_codes: list[str]
) -> None:
    known = profile["shown"].dropna()
    top = float(known.quantile(_SHOWN_SHARE)) * 1.1 if len(known) else 1.0
    groups = (
        (profile, CONTEXT_COLOR, "o", 5, "全国の市区町村"),
        (
            profile[profile["municipality_code"].isin(similar_codes)],
            BLOCK_COLOR,
            "s",
            16,
            "似た市区町村",
        ),
        (
            profile[profile["municipality_code"].isin(own_codes)],
            AREA_COLOR,
            "D",
            34 if len(own_codes) <= _DRAWN_ONE_BY_ONE else 9,
            "own",
        ),
    )
    for rows, color, marker, size, label in groups:
        shown = rows.dropna(subset=["population_count", "shown"])
        beyond = shown[shown["shown"] > top]
        inside = shown[shown["shown"] <= top]
        if shown.empty:  # no mark in the legend for what is not drawn
            continue
        axes.scatter(
            inside["population_count"], inside["shown"], s=size, c=color, marker=marker,
            linewidths=0, label=label, rasterized=len(inside) > _DRAWN_ONE_BY_ONE,
        )  # fmt: skip
        # what lies above the frame stands at its upper edge as a triangle
        axes.scatter(
            beyond["population_count"], [top] * len(beyond), s=2.2 * size, c=color, marker="^",
            linewidths=0, clip_on=False, zorder=3,
        )  # fmt: skip
        if label == "own" and len(beyond) == 1:
            axes.annotate(
                f"{beyond['shown'].iloc[0]:,.0f}",
                (float(beyond["population_count"].iloc[0]), top),
                xytext=(0, -14),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
                color=color,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
                zorder=4,
            )
    axes.set_xscale("log")
    axes.set_ylim(0, top)
    axes.xaxis.set_major_locator(LogLocator(base=10.0))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("人口（人、対数目盛）")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _people(value)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def _people(value: float) -> str:
    return f"{value / 10_000:,.0f}万" if value >= 10_000 else f"{value:,.0f}"


def plot_outlook(outlook: pd.DataFrame, area: Area) -> Figure:
    """Draw projected population of the area, its block and the nation, 2020 = 100."""
    figure = Figure()
    axes = figure.subplots()
    drawn = [place for place in area.lineage if place.kind != "prefecture" or place == area]
    ends: list[tuple[str, float, str]] = []
    for place, line in zip(drawn, line_styles(drawn), strict=True):
        rows = outlook[outlook["area_id"] == place.area_id]
        name = place.name
        if rows.empty and place == area:  # projected together with others
            rows = outlook[outlook["area_id"].str.endswith("999")]
            name = "まとめた推計"
        if rows.empty:
            continue
        axes.plot(
            rows["year"],
            rows["population_index"],
            color=line.color,
            linestyle=line.linestyle,
            marker=line.marker,
        )
        ends.append((name, float(rows["population_index"].iloc[-1]), line.color))
    count_axis(axes, "2020年=100")
    axes.set_ylim(0, max(110.0, float(outlook["population_index"].max()) * 1.08))
    axes.set_xlabel("年")
    label_line_ends(axes, ends)
    return figure


def plot_thresholds(thresholds: pd.DataFrame) -> Figure:
    """Draw the share of municipalities with no technician and with 1 to 5, by block."""
    shown = thresholds[thresholds["known_count"] > 0].iloc[::-1]
    figure = Figure(figsize=(FIGURE_WIDTH, 0.3 * len(shown) + 1.0))
    axes = figure.subplots()
    zero = shown["zero_share"] * 100.0
    some = (shown["few_share"] - shown["zero_share"]) * 100.0
    axes.barh(shown["area_name"], zero, color=NATION_COLOR, height=0.6, label="0人")
    axes.barh(
        shown["area_name"], some, left=zero, color=AREA_COLOR, height=0.6, hatch="//",
        edgecolor="white", label="1〜5人",
    )  # fmt: skip
    axes.set_xlim(0, 100)
    axes.set_xlabel("市区町村の割合（%）")
    axes.grid(axis="x")
    axes.grid(visible=False, axis="y")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, fontsize=8.5)
    return figure
