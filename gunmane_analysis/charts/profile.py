"""Charts of the theme ``profile``."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.grammar import plot_lines, plot_stacked
from gunmane_analysis.charts.style import HALF, line_styles


def plot_outlook(outlook: pd.DataFrame, area: Area) -> Figure:
    """Draw projected population of the area, its block and the nation, 2020 = 100."""
    above = [place for place in area.lineage[1:] if place.kind != "prefecture"]
    drawn = [area, *(place for place in above if place.name != area.name)]  # 北海道 is two areas
    names, styles = {place.area_id: place.name for place in drawn}, line_styles(drawn)
    if area.area_id not in set(outlook["area_id"]):  # projected together with others
        pooled = "まとめた推計"
        styles = {pooled if name == area.name else name: each for name, each in styles.items()}
        ids = outlook.loc[outlook["area_id"].str.endswith("999"), "area_id"]
        names |= dict.fromkeys(ids, pooled)
    lines = outlook.pivot(index="year", columns="area_id", values="population_index")
    return plot_lines({"2020年＝100": lines.rename(columns=names)}, styles, HALF, 1.6, zero=True)


def plot_thresholds(thresholds: pd.DataFrame) -> Figure:
    """Draw the share of municipalities with no technician and with 1 to 5, by block."""
    shown = thresholds[thresholds["known_count"] > 0].set_index("area_name")
    none, few = shown["zero_share"] * 100.0, shown["few_share"] * 100.0
    return plot_stacked(pd.DataFrame({"0人": none, "1〜5人": few - none}), "市区町村の割合（%）")
