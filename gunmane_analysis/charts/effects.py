"""Charts of effects from data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gunmane_analysis.charts.grammar import empty_axes, name_ends
from gunmane_analysis.charts.style import AREA_COLOR, BLOCK_COLOR, FAINT_COLOR, NATION_COLOR, PLATE
from gunmane_analysis.metrics.contracts.effects import Outcome
from gunmane_analysis.metrics.effects.bundling import BundlingEffect
from gunmane_analysis.metrics.effects.matched import MatchedEffect

_BEFORE = "導入からの年数（負は導入前"
_INCHES = 2.8  # of a chart's height
_BEHIND = 0.1  # years from the end of a line to its name


def plot_event_study(effect: BundlingEffect, label: str) -> Figure:
    """Draw the effect by time since adoption, with intervals; before adoption hollow marks."""
    return _plot_events(effect.by_event_time, label, f"{_BEFORE}）")[0]


def plot_matched_effect(
    effect: MatchedEffect, outcome: Outcome, names: Mapping[str, str]
) -> Figure:
    """Draw each adopter's gap to its matched units, their mean, and its simultaneous band."""

    def shown(values: pd.Series) -> pd.Series:
        return np.expm1(values) * 100.0 if outcome.is_log else values

    events = effect.by_event_time[effect.by_event_time["adopter_count"] > 1].set_index("event_time")
    figure, axes = _plot_events(
        events[["estimate", "low", "high"]].apply(shown).reset_index(),
        f"{outcome.label}：似た市区町村との差（{outcome.unit}）",
        f"{_BEFORE}、-1年を0とする）。細い線は各市区町村、点と縦線は2件以上の平均と同時95%の帯",
    )
    paths = effect.paths.pivot(index="event_time", columns="unit", values="gap").apply(shown)
    axes.plot(paths, color=BLOCK_COLOR, linewidth=0.9, alpha=0.8)
    axes.margins(x=0.08)
    drawn = {names[str(unit)]: path.dropna() for unit, path in paths.items()}
    ends = [(path.iloc[-1], path.index[-1] + _BEHIND, name) for name, path in drawn.items()]
    name_ends(axes, ends, dict.fromkeys(drawn, BLOCK_COLOR), _INCHES, bbox=PLATE, zorder=4)
    return figure


def _plot_events(events: pd.DataFrame, title: str, xlabel: str) -> tuple[Figure, Axes]:
    """Draw estimates with their intervals, before adoption hollow, and lines at no effect."""
    figure, axes = empty_axes(_INCHES, xlabel)
    axes.axhline(0, color=NATION_COLOR, linewidth=0.9)
    axes.axvline(-0.5, color=FAINT_COLOR, linewidth=0.9, linestyle=":")
    times = events["event_time"]
    axes.vlines(times, events["low"], events["high"], color=AREA_COLOR, linewidth=1.2, zorder=3)
    faces = np.where(times < 0, "white", AREA_COLOR)
    axes.scatter(times, events["estimate"], s=28, c=faces, edgecolors=AREA_COLOR, zorder=3)
    axes.yaxis.set_major_formatter("{x:,.10g}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(title)
    return figure, axes
