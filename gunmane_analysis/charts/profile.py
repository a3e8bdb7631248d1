"""Charts of the theme ``profile``."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.staffing import line_styles
from gunmane_analysis.charts.style import (
    AREA_COLOR,
    FIGURE_WIDTH,
    HALF,
    NATION_COLOR,
    count_axis,
    label_line_ends,
)


def plot_outlook(outlook: pd.DataFrame, area: Area) -> Figure:
    """Draw projected population of the area, its block and the nation, 2020 = 100."""
    figure = Figure(figsize=(HALF, 1.6))
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
