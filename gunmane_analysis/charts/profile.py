"""Charts of the theme ``profile``."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.grammar import plot_lines
from gunmane_analysis.charts.style import (
    AREA_COLOR,
    FIGURE_WIDTH,
    HALF,
    NATION_COLOR,
    line_styles,
)


def plot_outlook(outlook: pd.DataFrame, area: Area) -> Figure:
    """Draw projected population of the area, its block and the nation, 2020 = 100."""
    drawn = [place for place in area.lineage if place.kind != "prefecture" or place == area]
    names, styles = {place.area_id: place.name for place in drawn}, line_styles(drawn)
    if area.area_id not in set(outlook["area_id"]):  # projected together with others
        pooled = "まとめた推計"
        styles = {pooled if name == area.name else name: each for name, each in styles.items()}
        ids = outlook.loc[outlook["area_id"].str.endswith("999"), "area_id"]
        names |= dict.fromkeys(ids, pooled)
    points = outlook.assign(series=outlook["area_id"].map(names), value=outlook["population_index"])
    return plot_lines(points, styles, "2020年＝100", HALF, 1.6, zero=True)


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
