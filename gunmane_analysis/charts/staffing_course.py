"""Charts of how staff moves: its course, projections, the split of the decline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from gunmane_analysis.charts.staffing import line_styles
from gunmane_analysis.charts.style import (
    AREA_COLOR,
    BLOCK_COLOR,
    FAINT_COLOR,
    FIGURE_WIDTH,
    NATION_COLOR,
    count_axis,
    label_line_ends,
    year_axis,
)
from gunmane_analysis.metrics.staffing.breaks import AreaBreaks
from gunmane_analysis.metrics.staffing.decline_decomposition import DeclineSplit
from gunmane_analysis.metrics.staffing.projection import Projection

_SCENARIO_DASHES: Mapping[str, str] = {"level": ":", "long_run": "--", "recent": "-."}


def plot_staffing_breaks(breaks: Sequence[AreaBreaks]) -> Figure:
    """Draw each area's index as dots, its course, and its turn with the range."""
    figure = Figure()
    axes = figure.subplots()
    ends: list[tuple[str, float, str]] = []
    for each, line in zip(breaks, line_styles([each.area for each in breaks]), strict=True):
        base = float(each.staff.iloc[0])
        color = line.color
        axes.plot(
            each.staff.index,
            each.staff / base * 100.0,
            linestyle="none",
            marker=line.marker,
            color=color,
        )
        fitted = each.fitted / base * 100.0
        axes.plot(fitted.index, fitted, linestyle=line.linestyle, color=color)
        if each.shift.exists:
            low, high = each.shift.year_range
            axes.axvspan(low - 0.5, high + 0.5, color=color, alpha=0.08, linewidth=0)
            axes.axvline(each.shift.last_year, color=color, linestyle=line.linestyle, linewidth=0.8)
        ends.append((each.area.name, float(fitted.iloc[-1]), color))
    axes.set_ylabel(f"{breaks[0].staff.index[0]}年度=100", rotation=0, ha="left", va="bottom")
    axes.yaxis.set_label_coords(-0.05, 1.02)
    year_axis(axes)
    label_line_ends(axes, ends)
    return figure


def plot_staffing_projection(projection: Projection, scenario_names: Mapping[str, str]) -> Figure:
    """Draw the counts, the projected path with its range, and the scenarios."""
    figure = Figure()
    axes = figure.subplots()
    series, path = projection.series, projection.path
    last = int(series.index[-1])
    axes.plot(series.index, series, color=AREA_COLOR, marker="o")
    ends: list[tuple[str, float, str]] = []
    if len(path):
        years = [last, *path["fiscal_year"]]
        bounds = [[float(series[last]), *path[name]] for name in ("count_low", "count_high")]
        axes.fill_between(years, bounds[0], bounds[1], color=AREA_COLOR, alpha=0.15, linewidth=0)
        axes.plot(years, [float(series[last]), *path["projected_count"]], color=AREA_COLOR)
        ends.append(("見通し", float(path["projected_count"].iloc[-1]), AREA_COLOR))
    for scenario, rows in projection.scenarios.groupby("scenario", sort=False):
        counts = [float(series[last]), *rows["staff_count"]]
        axes.plot(
            [last, *rows["fiscal_year"]],
            counts,
            color=NATION_COLOR,
            linestyle=_SCENARIO_DASHES[str(scenario)],
            linewidth=1.0,
        )
        ends.append((scenario_names[str(scenario)], counts[-1], NATION_COLOR))
    axes.axvline(last + 0.5, color=FAINT_COLOR, linewidth=0.8)
    count_axis(axes, "人")
    year_axis(axes)
    label_line_ends(axes, ends, fontsize=8.0)
    return figure


def plot_decline_split(split: DeclineSplit) -> Figure:
    """Draw the shared and the own part of the change, in log points."""
    figure = Figure(figsize=(FIGURE_WIDTH, 1.6))
    axes = figure.subplots()
    parts = [split.own_log_change * 100.0, split.shared_log_change * 100.0]
    axes.barh([0, 1], parts, height=0.6, color=[BLOCK_COLOR, AREA_COLOR])
    axes.set_yticks(
        [0, 1],
        [
            f"{name} {value:.1f}".replace("-", "△")
            for name, value in zip(("固有", "共通"), parts, strict=True)
        ],
    )
    axes.axvline(0, color=NATION_COLOR, linewidth=0.8)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}".replace("-", "△"))
    axes.set_xlabel("対数で見た変化（×100。△は減少）")
    axes.grid(axis="x")
    axes.grid(visible=False, axis="y")
    return figure
