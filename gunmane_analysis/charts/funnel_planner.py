"""Charts of the theme ``funnel``: planning, forums against chance, and time to a stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gunmane_analysis.charts.funnel import READING_TITLES, vertical_grid
from gunmane_analysis.charts.style import (
    AREA_COLOR,
    BLOCK_COLOR,
    FAINT_COLOR,
    FIGURE_WIDTH,
    NATION_COLOR,
)
from gunmane_analysis.metrics.funnel.regions import (
    NARROW,
    WIDE,
    RegionComparison,
    binomial_limits,
)
from gunmane_analysis.tables import choices

_CURVE_LOOKS = (
    (AREA_COLOR, "-"),
    (BLOCK_COLOR, "--"),
    (NATION_COLOR, ":"),
    (FAINT_COLOR, "-."),
)
_LABEL_REACH = 0.12
_LABEL_HEIGHT = 0.06
_LIMIT_LOOKS = {NARROW: "--", WIDE: ":"}


def plot_step_gains(steps: pd.DataFrame, labels: Sequence[str]) -> Figure:
    """Draw the implementations expected when one step alone is raised, per reading."""
    readings = list(dict.fromkeys(steps["reading"]))
    figure = Figure(figsize=(FIGURE_WIDTH, 2.1))
    panels = figure.subplots(1, len(readings), sharey=True, squeeze=False).ravel()
    figure.subplots_adjust(wspace=0.1)
    longest = float(steps["raised_implemented_count"].max())
    for axes, reading in zip(panels, readings, strict=True):
        rows = steps[steps["reading"] == reading].reset_index(drop=True)
        axes.barh(rows.index, rows["implemented_count"], height=0.5, color=FAINT_COLOR)
        axes.barh(
            rows.index,
            rows["gain_count"],
            left=rows["implemented_count"],
            height=0.5,
            color=AREA_COLOR,
            hatch="//",
            edgecolor="white",
        )
        for place, (count, gain) in enumerate(
            zip(rows["raised_implemented_count"], rows["gain_count"], strict=True)
        ):
            axes.annotate(
                f"{count:.2f}件（+{gain:.2f}）",
                (count, place),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
        axes.set_title(READING_TITLES[reading], fontsize=9)
        axes.set_xlim(0, longest * 1.75)
        axes.set_xlabel("社会実装の期待件数（件）")
        vertical_grid(axes)
    panels[0].set_yticks(range(len(labels)), list(labels))
    panels[0].invert_yaxis()  # the panels share this axis
    return figure


def plot_region_funnel(comparison: RegionComparison) -> Figure:
    """Draw each forum's share over its number of cases, with the exact limits of chance."""
    figure = Figure(figsize=(FIGURE_WIDTH, 3.4))
    axes = figure.subplots()
    table = comparison.table
    sizes = np.arange(1, int(table["considered_count"].max() * 1.15) + 2)
    for coverage, line in _LIMIT_LOOKS.items():
        limits = binomial_limits(sizes, comparison.pooled_rate, coverage)
        name = f"偶然の範囲（{coverage * 100.0:g}%）"
        for side, label in (("low", None), ("high", name)):
            axes.step(
                sizes,
                limits[side] * 100.0,
                where="mid",
                color=NATION_COLOR,
                linestyle=line,
                linewidth=1.0,
                label=label,
            )
    axes.axhline(comparison.pooled_rate * 100.0, color=FAINT_COLOR, linewidth=1.0)
    axes.plot(table["considered_count"], table["rate"] * 100.0, "o", color=AREA_COLOR)
    _label_points(axes, table)
    top = max(float(table["rate"].max()) * 130.0, comparison.pooled_rate * 300.0)
    axes.set_ylim(-2, min(102.0, top))
    axes.set_xlabel("検討した案件（件）")
    axes.set_ylabel("%", rotation=0, ha="right", va="bottom", y=1.0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlim(left=0)
    basis = READING_TITLES[comparison.reading]
    axes.set_title(f"{choices('stage')[comparison.stage]}以上の件数：{basis}", fontsize=9)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, fontsize=8.5)
    return figure


def _label_points(axes: Axes, table: pd.DataFrame) -> None:
    """Name each point once, to the left where another point stands close to the right."""
    together = table.groupby(["considered_count", "rate"], as_index=False).agg(
        names=("block_name", "・".join)
    )
    reach = float(table["considered_count"].max()) * _LABEL_REACH
    counts, rates = together["considered_count"], together["rate"]
    for name, count, rate in zip(together["names"], counts, rates, strict=True):
        is_near = (counts > count) & (counts <= count + reach)
        is_crowded = bool((is_near & ((rates - rate).abs() < _LABEL_HEIGHT)).any())
        axes.annotate(
            name,
            (count, rate * 100.0),
            xytext=(-6 if is_crowded else 6, 0),
            textcoords="offset points",
            ha="right" if is_crowded else "left",
            va="center",
            fontsize=8.5,
            color=AREA_COLOR,
        )


def plot_time_to_stage(curves: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw the share of cases that have reached each stage by month, with intervals."""
    figure = Figure(figsize=(FIGURE_WIDTH, 3.2))
    axes = figure.subplots()
    for (stage, curve), (color, line) in zip(curves.items(), _CURVE_LOOKS, strict=False):
        axes.step(
            curve["months"],
            curve["reached_share"] * 100.0,
            where="post",
            color=color,
            linestyle=line,
            label=choices("stage")[stage],
        )
        if np.isfinite(curve["followed_months"].iloc[0]):
            axes.plot(
                [curve["months"].iloc[-1], curve["followed_months"].iloc[0]],
                [curve["reached_share"].iloc[-1] * 100.0] * 2,
                color=color,
                linestyle=line,
            )
        axes.fill_between(
            curve["months"],
            curve["low"].fillna(0.0) * 100.0,
            curve["high"].fillna(0.0) * 100.0,
            step="post",
            color=color,
            alpha=0.12,
            linewidth=0,
        )
    axes.set_ylim(0, 100)
    axes.set_xlim(left=0)
    axes.set_xlabel("検討を始めてからの月数（か月）")
    axes.set_ylabel("%", rotation=0, ha="right", va="bottom", y=1.0)
    axes.legend(loc="upper left", fontsize=9)
    return figure
