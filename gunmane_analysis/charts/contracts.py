"""Charts of the theme ``contracts``."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gunmane_analysis.charts.style import (
    AREA_COLOR,
    BLOCK_COLOR,
    FIGURE_WIDTH,
    NATION_COLOR,
)
from gunmane_analysis.tables import label_of

_JPY_PER_MILLION = 1_000_000.0
_BAR_HEIGHT = 0.55
_NARROWEST_NAMED, _NARROW = 0.08, 0.16  # parts of the whole bar: with a name, with a small one
_PALE = "#C9D3F5"
_LINE_INCHES = 0.34


def plot_contract_phases(phases: pd.DataFrame, fiscal_year: int) -> Figure:
    """Draw every phase as a bar over its fiscal years, grouped by place.

    An end that is not printed is drawn as an open bar up to the latest year; a planned phase
    is hatched.
    """
    groups = list(phases.groupby("place_id", sort=False))
    heights = len(phases) + len(groups)
    figure = Figure(figsize=(FIGURE_WIDTH, _LINE_INCHES * heights * 0.92 + 0.5))
    axes = figure.subplots()
    last = int(max(phases["to_fiscal_year"].max(), phases["from_fiscal_year"].max(), fiscal_year))
    first = int(phases["from_fiscal_year"].min())
    line = 0.0
    for _, group in groups:
        axes.text(
            first - 0.3,
            line,
            str(group["place_name"].iloc[0]),
            fontsize=9.5,
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )
        for row in group.to_dict("records"):
            line += 1.0
            _draw_phase(axes, row, line, last)
        line += 1.0
    axes.set_ylim(line - 0.4, -0.8)
    axes.set_xlim(first - 0.4, last + 9.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xticks(range(first, last + 2, 2))
    axes.axvline(fiscal_year + 1, color=NATION_COLOR, linewidth=0.8, linestyle=":")
    axes.text(
        fiscal_year + 1.1,
        -0.75,
        f"{fiscal_year}年度末",
        fontsize=8,
        va="bottom",
        color=NATION_COLOR,
    )
    axes.set_xlabel("年度")
    _only_vertical_grid(axes)
    return figure


def _draw_phase(axes: Axes, row: Mapping[Hashable, Any], line: float, last: int) -> None:
    start = float(row["from_fiscal_year"])
    is_open, is_planned = bool(row["is_open_ended"]), bool(row["is_planned"])
    end = last + 1.0 if is_open else float(row["to_fiscal_year"]) + 1.0
    axes.barh(
        line,
        end - start,
        left=start,
        height=_BAR_HEIGHT,
        facecolor="white" if is_planned else _PALE if is_open else AREA_COLOR,
        edgecolor=BLOCK_COLOR if is_planned else AREA_COLOR,
        hatch="////" if is_planned else None,
        linestyle="--" if is_open else "-",
        linewidth=0.9,
    )
    kinds = label_of(str(row["step_up_kind"]))
    marks = "（予定）" if is_planned else "（終わりの印字なし）" if is_open else ""
    axes.text(end + 0.2, line, f"{kinds}{marks}", fontsize=8.5, va="center")


def _only_vertical_grid(axes: Axes) -> None:
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
