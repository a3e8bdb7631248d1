"""Charts of the theme ``staffing``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.style import (
    AREA_COLOR,
    CONTEXT_COLOR,
    FAINT_COLOR,
    FIGURE_WIDTH,
    GRID_COLOR,
    LINES,
    NATION_COLOR,
    LineStyle,
    count_axis,
    label_line_ends,
    year_axis,
    year_ticks,
)
from gunmane_analysis.metrics.staffing.change import DENSITIES, STAFF, StaffingTrend

DENSITY_TITLES = {
    "staff_per_1000_residents": "人口千人当たり（人）",
    "staff_per_100km": "市町村道100km当たり（人）",
    "expenditure_per_staff_jpy": "職員1人当たり土木費（百万円）",
}
_JPY_PER_SHOWN = {"expenditure_per_staff_jpy": 1_000_000.0}
_PANELS_PER_ROW = 5
_PANEL_HEIGHT = 1.55


def plot_staffing_trend(trend: StaffingTrend) -> Figure:
    """Draw the area's staff from zero, with first, lowest and latest year labelled."""
    figure = Figure()
    axes = figure.subplots()
    axes.plot(trend.series["fiscal_year"], trend.series[STAFF], **_keywords(LINES["area"]))
    labelled = {point.fiscal_year: point for point in (trend.first, trend.trough, trend.latest)}
    for year, point in labelled.items():
        above = year != trend.trough.fiscal_year or trend.is_at_lowest
        axes.annotate(
            f"{year}年度\n{point.value:,.0f}人",
            (year, point.value),
            xytext=(0, 8 if above else -8),
            textcoords="offset points",
            ha="center",
            va="bottom" if above else "top",
            fontsize=9,
        )
    count_axis(axes, "人")
    axes.set_ylim(top=float(trend.series[STAFF].max()) * 1.22)
    year_axis(axes)
    axes.margins(x=0.08)
    return figure


def plot_staffing_index(index: pd.DataFrame, lineage: Sequence[Area]) -> Figure:
    """Draw the staff index of the area, its block and the nation (first year = 100)."""
    figure = Figure()
    axes = figure.subplots()
    ends: list[tuple[str, float, str]] = []
    for area, line in zip(lineage, line_styles(lineage), strict=True):
        rows = index[index["area_id"] == area.area_id]
        axes.plot(rows["fiscal_year"], rows["staff_index"], markevery=2, **_keywords(line))
        ends.append((area.name, float(rows["staff_index"].iloc[-1]), line.color))
    base = int(index["base_fiscal_year"].iloc[0])
    axes.axhline(100, color=FAINT_COLOR, linewidth=0.8)
    axes.set_ylabel(f"{base}年度=100", rotation=0, ha="left", va="bottom", y=1.02)
    axes.yaxis.set_label_coords(-0.05, 1.02)
    year_axis(axes)
    label_line_ends(axes, ends)
    return figure


def plot_staffing_density(density: pd.DataFrame, lineage: Sequence[Area]) -> Figure:
    """Draw the three densities side by side, each from zero."""
    figure = Figure(figsize=(FIGURE_WIDTH, 2.9))
    panels = figure.subplots(1, len(DENSITIES))
    figure.subplots_adjust(wspace=0.62)
    for axes, name in zip(panels, DENSITIES, strict=True):
        ends: list[tuple[str, float, str]] = []
        for area, line in zip(lineage, line_styles(lineage), strict=True):
            rows = density[density["area_id"] == area.area_id].dropna(subset=[name])
            shown = rows[name] / _JPY_PER_SHOWN.get(name, 1.0)
            axes.plot(rows["fiscal_year"], shown, markevery=4, **_keywords(line))
            if len(rows):
                ends.append((area.name, float(shown.iloc[-1]), line.color))
        axes.set_title(DENSITY_TITLES[name], fontsize=9)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(year_ticks(4))
        axes.tick_params(labelsize=8)
        label_line_ends(axes, ends, fontsize=8)
    return figure


def plot_peer_panels(index: pd.DataFrame, peers: Sequence[Area], area: Area) -> Figure:
    """Draw one small panel per peer: its own index within the range of all."""
    lines = -(-len(peers) // _PANELS_PER_ROW)
    columns = -(-len(peers) // lines)
    figure = Figure(figsize=(FIGURE_WIDTH, _PANEL_HEIGHT * lines + 0.35))
    panels = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).ravel()
    figure.subplots_adjust(hspace=0.42, wspace=0.12)
    spread = index.groupby("fiscal_year")["staff_index"].agg(["min", "max"])
    for axes, peer in zip(panels, peers, strict=False):
        axes.fill_between(
            spread.index, spread["min"], spread["max"], color=GRID_COLOR, edgecolor=CONTEXT_COLOR
        )
        _draw_peer(axes, index[index["area_id"] == peer.area_id], peer, peer == area)
    for axes in panels[len(peers) :]:
        axes.set_visible(False)
    base = int(index["base_fiscal_year"].iloc[0])
    figure.text(
        0.125,
        0.955 if lines > 1 else 1.0,
        f"{base}年度=100（灰色は全地域の幅）",
        fontsize=8,
        va="bottom",
    )
    return figure


def _draw_peer(axes: Axes, rows: pd.DataFrame, peer: Area, is_own: bool) -> None:
    color = AREA_COLOR if is_own else NATION_COLOR
    axes.plot(rows["fiscal_year"], rows["staff_index"], color=color)
    latest = rows.iloc[-1]
    axes.plot(latest["fiscal_year"], latest["staff_index"], marker="o", color=color)
    axes.set_title(
        f"{peer.name} {latest['staff_index']:.0f}",
        fontsize=8.5,
        color=color,
        pad=3,
    )
    axes.axhline(100, color=FAINT_COLOR, linewidth=0.6)
    axes.set_xlabel("")
    axes.set_ylabel("")
    axes.xaxis.set_major_locator(year_ticks(2))
    axes.tick_params(labelsize=7.5, length=2)


def plot_national_points(points: pd.DataFrame) -> Figure:
    """Draw the printed national falls as bars with the range that rounding leaves open."""
    changes = points[points["point_id"].str.endswith("_change_rate")].iloc[::-1]
    figure = Figure(figsize=(FIGURE_WIDTH, 0.62 * len(changes) + 0.7))
    axes = figure.subplots()
    shown = -changes["value"] * 100.0
    axes.barh(changes["label_ja"].str.removesuffix("の増減率"), shown, color=AREA_COLOR, height=0.5)
    half = (changes["precision"].fillna(0.0) / 2.0) * 100.0
    axes.errorbar(shown, range(len(changes)), xerr=half, fmt="none", ecolor=NATION_COLOR, capsize=4)
    labels = changes["value_text"] + [
        f"（{first:.0f}→{last:.0f}）"
        for first, last in zip(changes["from_year"], changes["to_year"], strict=True)
    ]
    for position, (size, label) in enumerate(zip(shown, labels, strict=True)):
        axes.annotate(
            label,
            (size, position),
            xytext=(10, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    axes.set_xlim(0, 45)
    axes.set_xlabel("減少率（%）")
    axes.grid(axis="x")
    axes.grid(visible=False, axis="y")
    return figure


def line_styles(lineage: Sequence[Area]) -> list[LineStyle]:
    """Return one style per area of a lineage: the area's own first, the nation's last."""
    kinds = ["area", "block", "nation"] if len(lineage) > 2 else ["area", "nation"]
    return [LINES[kind] for kind in kinds[: len(lineage)]]


def _keywords(line: LineStyle) -> dict[str, Any]:
    return {"color": line.color, "linestyle": line.linestyle, "marker": line.marker}
