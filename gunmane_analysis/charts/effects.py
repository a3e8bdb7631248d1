"""Charts of effects from data."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from gunmane_analysis.charts.style import (
    AREA_COLOR,
    FAINT_COLOR,
    FIGURE_WIDTH,
    NATION_COLOR,
)
from gunmane_analysis.metrics.effects.bundling import BundlingEffect


def plot_event_study(effect: BundlingEffect, label: str) -> Figure:
    """Draw the effect by time since adoption, with intervals; before adoption hollow marks."""
    figure = Figure(figsize=(FIGURE_WIDTH, 3.4))
    axes = figure.subplots()
    events = effect.by_event_time
    times, estimates = events["event_time"].to_numpy(), events["estimate"].to_numpy()
    axes.axhline(0, color=NATION_COLOR, linewidth=0.9)
    axes.axvline(-0.5, color=FAINT_COLOR, linewidth=0.9, linestyle=":")
    reach = np.vstack([estimates - events["low"], events["high"] - estimates])
    has_interval = np.isfinite(reach).all(axis=0)
    axes.errorbar(
        times[has_interval],
        estimates[has_interval],
        yerr=reach[:, has_interval],
        fmt="none",
        ecolor=AREA_COLOR,
        capsize=3,
        linewidth=1.2,
    )
    for is_before, face in ((True, "white"), (False, AREA_COLOR)):
        chosen = (times < 0) == is_before
        axes.plot(
            times[chosen],
            estimates[chosen],
            linestyle="none",
            marker="o",
            markersize=5.5,
            markerfacecolor=face,
            markeredgecolor=AREA_COLOR,
        )
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    axes.set_xticks(times)
    axes.set_xlabel("導入からの年数（負は導入前）")
    axes.set_title(label, fontsize=9)
    return figure
