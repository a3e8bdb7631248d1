"""Charts of the theme ``funnel``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gunmane_analysis.charts.grammar import plot_bars, plot_lines
from gunmane_analysis.charts.style import AREA_COLOR, BLOCK_COLOR, INK_COLOR, looks
from gunmane_analysis.metrics.funnel.readings import FunnelReadings, GroupComparison
from gunmane_analysis.metrics.funnel.regions import NARROW, RegionComparison, binomial_limits
from gunmane_analysis.tables import choices

_CURVES = ((AREA_COLOR, "-"), (BLOCK_COLOR, "--"), (INK_COLOR, ":"))


def plot_funnel_readings(readings: FunnelReadings) -> Figure:
    """Draw one funnel per reading: bars from zero, in percent of the considered cases."""
    columns = ["stage", "reached_count", "rate_from_first", "first_low", "first_high"]
    rows = []
    for reading, rates in readings.rates.items():
        title = looks()["readings"][reading].format(rates["reached_count"].iloc[0])
        shown = rates[columns].iloc[1:]  # the first stage is 100 % by definition
        for stage, *figures in shown.itertuples(index=False):
            rows.append((title, choices("stage")[stage], *figures))
    return _plot_rates(rows, "%。線は95%区間")


def plot_group_comparison(comparison: GroupComparison) -> Figure:
    """Draw each group's share of cases that reached a stage at least, with intervals."""
    rows = []
    for stage, each in comparison.differences.items():
        for name, rate in zip(comparison.names, (each.first, each.second), strict=True):
            heads = (f"{name}（{rate.trial_count}件）", f"{choices('stage')[stage]}以上")
            rows.append((*heads, rate.success_count, rate.rate, rate.low, rate.high))
    return _plot_rates(rows, "その段階以上の件数の割合（内訳の計に対する%）。線は95%区間")


def _plot_rates(rows: list[tuple[Any, ...]], unit: str) -> Figure:
    """Draw rates in percent: of each its panel, label, count of cases, rate and interval."""
    bars = pd.DataFrame(rows, columns=["panel", "label", "count", "value", "low", "high"])
    bars["words"] = bars["count"].map("{}件".format) + bars["value"].map("（{:.1%}）".format)
    bars[["value", "low", "high"]] *= 100.0
    return plot_bars(bars, unit)


def plot_kpi_progress(progress: pd.DataFrame) -> Figure:
    """Draw each result as a percentage of its target, with the line of 100 %.

    ``result_words`` and ``target_words`` are the figures in words.
    """
    rows = progress[progress["achievement_rate"].notna()].rename(columns={"item_label": "label"})
    rows["value"] = rows["achievement_rate"] * 100.0
    rows["words"] = rows["result_words"] + "／目標" + rows["target_words"]
    return plot_bars(rows, "目標に対する結果（%）", reference=("目標どおり", 100.0))


def plot_step_gains(steps: pd.DataFrame) -> Figure:
    """Draw the implementations expected when one step alone is raised, per reading."""
    now = float(steps["implemented_count"].iloc[0])
    names = {"reading_name": "panel", "step_name": "label", "raised_implemented_count": "value"}
    rows = steps.rename(columns=names)
    rows["words"] = rows["value"].map("{:.2f}件".format)
    rows["words"] += rows["gain_count"].map("（+{:.2f}）".format)
    unit = f"社会実装の期待件数（件）。破線は今の{now:.0f}件"
    return plot_bars(rows, unit, reference=("", now))


def plot_region_rates(comparison: RegionComparison) -> Figure:
    """Draw each forum's share, and the limits of chance at its number of cases as a line."""
    pooled = comparison.pooled_rate
    rows = comparison.table.reset_index(drop=True).rename(columns={"block_name": "label"})
    sizes = rows["considered_count"]
    rows["value"] = rows["rate"] * 100.0
    rows["words"] = rows["reached_count"].map("{}件／".format) + sizes.map("{}件".format)
    limits = binomial_limits(sizes.to_numpy(), pooled, NARROW)
    rows[["low", "high"]] = limits[["low", "high"]] * 100.0
    unit = f"{choices('stage')[comparison.stage]}以上の割合（%）。線は偶然の範囲（{NARROW:.0%}）"
    return plot_bars(rows, unit, reference=(f"計 {pooled:.1%}", pooled * 100.0))


def plot_time_to_stage(curves: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw the share of cases that have reached each stage by month, with intervals."""
    lines, styles, ranges = {}, {}, {}
    for (stage, curve), (color, dash) in zip(curves.items(), _CURVES, strict=False):
        name, shares = choices("stage")[stage], ["reached_share", "low", "high"]
        percents = curve.set_index("months")[shares].fillna({"low": 0.0, "high": 0.0}) * 100.0
        end = curve["followed_months"].iloc[0]
        if np.isfinite(end):  # a curve that is never cut off ends by itself
            percents.loc[end] = percents.iloc[-1]
        lines[name], ranges[name] = percents["reached_share"], percents
        styles[name] = {"color": color, "linestyle": dash, "drawstyle": "steps-post"}
    xlabel = "検討を始めてからの月数（か月）"
    return plot_lines({"%": lines}, styles, ranges=ranges, zero=True, xlabel=xlabel)
