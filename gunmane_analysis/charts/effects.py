"""Charts of effects from data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gunmane_analysis.charts.grammar import empty_axes
from gunmane_analysis.charts.style import AREA_COLOR, BLOCK_COLOR, FAINT_COLOR, NATION_COLOR
from gunmane_analysis.metrics.contracts.effects import Outcome
from gunmane_analysis.metrics.effects.bundling import BundlingEffect
from gunmane_analysis.metrics.effects.matched import MatchedEffect

_BEFORE = "導入からの年数（負は導入前"


def plot_event_study(effect: BundlingEffect, label: str) -> Figure:
    """Draw the effect by time since adoption, with intervals; before adoption hollow marks."""
    figure, axes = _event_axes(label, f"{_BEFORE}）")
    _draw_intervals(axes, effect.by_event_time)
    return figure


def plot_matched_effect(
    effect: MatchedEffect, outcome: Outcome, names: Mapping[str, str]
) -> Figure:
    """Draw each adopter's gap to its matched units, their mean, and its simultaneous band."""
    figure, axes = _event_axes(
        f"{outcome.label}：似た市区町村との差（{outcome.unit}）",
        f"{_BEFORE}、-1年を0とする）。細い線は各市区町村、点と縦線は2件以上の平均と同時95%の帯",
    )

    def shown(values: pd.Series) -> pd.Series:
        return np.expm1(values) * 100.0 if outcome.is_log else values

    for unit, path in effect.paths.groupby("unit", sort=False):
        gaps = shown(path["gap"])
        axes.plot(path["event_time"], gaps, color=BLOCK_COLOR, linewidth=0.9, alpha=0.8)
        end = (path["event_time"].iloc[-1], gaps.iloc[-1])
        name = names.get(str(unit), str(unit))
        axes.annotate(name, end, (4, 3), textcoords="offset points", color=BLOCK_COLOR)
    events = effect.by_event_time[effect.by_event_time["adopter_count"] > 1]
    scaled = events[["estimate", "low", "high"]].apply(shown)
    _draw_intervals(axes, scaled.assign(event_time=events["event_time"]))
    axes.margins(x=0.08)
    return figure


def _event_axes(title: str, xlabel: str) -> tuple[Figure, Axes]:
    """Return axes with lines at no effect and at adoption."""
    figure, axes = empty_axes(2.8, xlabel)
    axes.axhline(0, color=NATION_COLOR, linewidth=0.9)
    axes.axvline(-0.5, color=FAINT_COLOR, linewidth=0.9, linestyle=":")
    axes.yaxis.set_major_formatter("{x:,.10g}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(title)
    return figure, axes


def _draw_intervals(axes: Axes, events: pd.DataFrame) -> None:
    """Draw estimates with their intervals; before adoption hollow."""
    times, estimates = events["event_time"], events["estimate"]
    axes.vlines(times, events["low"], events["high"], color=AREA_COLOR, linewidth=1.2)
    faces = np.where(times < 0, "white", AREA_COLOR)
    axes.scatter(times, estimates, s=28, c=faces, edgecolors=AREA_COLOR, zorder=3)
