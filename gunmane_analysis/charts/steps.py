"""Charts of the theme ``steps``."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gunmane_analysis.charts.style import AREA_COLOR, FIGURE_WIDTH
from gunmane_analysis.metrics.people.steps import StepStanding


def plot_step_counts(standing: StepStanding) -> Figure:
    """Draw how many municipalities stand at each step, STEP 0 at the top."""
    rows = standing.table.iloc[::-1]
    figure = Figure(figsize=(FIGURE_WIDTH, 2.8))
    axes = figure.subplots()
    labels = [
        f"STEP{step_no} {name}"
        for step_no, name in zip(rows["step_no"], rows["step_name"], strict=True)
    ]
    bars = axes.barh(labels, rows["municipality_count"], color=AREA_COLOR, height=0.6)
    axes.bar_label(bars, padding=4, fontsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("市区町村")
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x")
    return figure
