"""Charts of effects from data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from gunmane_analysis.charts.style import (
    AREA_COLOR,
    BLOCK_COLOR,
    FAINT_COLOR,
    FIGURE_WIDTH,
    NATION_COLOR,
)
from gunmane_analysis.metrics.contracts.effects import Outcome
from gunmane_analysis.metrics.effects.bundling import BundlingEffect
from gunmane_analysis.metrics.effects.matched import MatchedEffect


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


def plot_matched_effect(
    effect: MatchedEffect, outcome: Outcome, names: Mapping[str, str]
) -> Figure:
    """Draw each adopter's gap to its matched units, their mean, and its simultaneous band."""
    figure = Figure(figsize=(FIGURE_WIDTH, 3.6))
    axes = figure.subplots()

    def shown(values: np.ndarray) -> np.ndarray:
        return np.expm1(values) * 100.0 if outcome.is_log else values

    for unit, path in effect.paths.groupby("unit", sort=False):
        gaps = shown(path["gap"].to_numpy())
        axes.plot(path["event_time"], gaps, color=BLOCK_COLOR, linewidth=0.9, alpha=0.8)
        axes.annotate(
            names.get(str(unit), str(unit)),
            (float(path["event_time"].iloc[-1]), float(gaps[-1])),
            xytext=(4, 3),
            textcoords="offset points",
            color=BLOCK_COLOR,
            fontsize=8,
        )
    events = effect.by_event_time
    is_shared = (events["adopter_count"] > 1).to_numpy()
    times = events["event_time"].to_numpy()
    mean, low, high = (shown(events[name].to_numpy()) for name in ("estimate", "low", "high"))
    axes.errorbar(
        times[is_shared],
        mean[is_shared],
        yerr=np.vstack([(mean - low)[is_shared], (high - mean)[is_shared]]),
        fmt="o",
        color=AREA_COLOR,
        capsize=3,
        markersize=4.5,
        linewidth=1.1,
    )
    axes.axhline(0, color=NATION_COLOR, linewidth=0.9)
    axes.axvline(-0.5, color=FAINT_COLOR, linewidth=0.9, linestyle=":")
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    axes.margins(x=0.08)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(
        "導入からの年数（負は導入前、-1年を0とする）。"
        "細い線は各市区町村、点と縦線は2件以上の平均と同時95%の帯",
        fontsize=8,
    )
    axes.set_title(f"{outcome.label}：似た市区町村との差（{outcome.unit}）", fontsize=9)
    return figure
