"""Charts of how staff moves: broken lines, projections, shared decline, Lorenz curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
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
from gunmane_analysis.metrics.staffing.concentration import StaffingConcentration
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


def plot_decline_splits(rows: pd.DataFrame) -> Figure:
    """Draw for each comparison the shared and the own part of the change, in log points."""
    figure = Figure(figsize=(FIGURE_WIDTH, 0.85 * len(rows) + 0.8))
    axes = figure.subplots()
    drawn = rows.iloc[::-1].reset_index(drop=True)
    parts = (("shared_log_change", 0.19, AREA_COLOR), ("own_log_change", -0.19, BLOCK_COLOR))
    for name, offset, color in parts:
        values = drawn[name] * 100.0
        axes.barh(drawn.index + offset, values, height=0.34, color=color)
        for position, value in zip(drawn.index + offset, values, strict=True):
            word = "共通" if name == "shared_log_change" else "固有"
            axes.annotate(
                f"{word} {value:.1f}".replace("-", "△"),
                (min(value, 0.0), position),
                xytext=(-4, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                fontsize=8.5,
            )
    axes.set_yticks(drawn.index, drawn["subject"])
    axes.axvline(0, color=NATION_COLOR, linewidth=0.8)
    lowest = float(drawn[["shared_log_change", "own_log_change"]].to_numpy().min())
    axes.set_xlim(left=min(lowest, 0.0) * 130.0 - 2.0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}".replace("-", "△"))
    axes.set_xlabel("対数で見た変化（×100。△は減少）")
    axes.grid(axis="x")
    axes.grid(visible=False, axis="y")
    return figure


def plot_staffing_concentration(spread: StaffingConcentration) -> Figure:
    """Draw the Lorenz curves of staff over residents, first and last year."""
    figure = Figure(figsize=(FIGURE_WIDTH * 0.62, FIGURE_WIDTH * 0.55))
    axes = figure.subplots()
    axes.plot([0, 100], [0, 100], color=FAINT_COLOR, linewidth=0.8)
    curves = (
        (spread.first_fiscal_year, spread.first, NATION_COLOR, "--"),
        (spread.last_fiscal_year, spread.last, AREA_COLOR, "-"),
    )
    for position, (year, curve, color, dashes) in enumerate(curves):
        shown = curve.curve * 100.0
        axes.plot(shown["basis_share"], shown["value_share"], color=color, linestyle=dashes)
        axes.annotate(
            f"{year}年度（ジニ係数 {curve.gini:.3f}）",
            (97, 12 - 9 * position),
            ha="right",
            color=color,
            fontsize=9,
        )
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.set_xlabel("人口の累積割合（%、人口当たり職員の少ない県から）")
    axes.set_ylabel("職員の累積割合（%）")
    return figure
