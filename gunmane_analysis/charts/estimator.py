"""Charts of the effect-estimation tool."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gunmane_analysis.charts.style import (
    AREA_COLOR,
    BLOCK_COLOR,
    FAINT_COLOR,
    FIGURE_WIDTH,
    NATION_COLOR,
)
from gunmane_analysis.metrics.contracts.estimator import Tornado
from gunmane_analysis.metrics.contracts.estimator_risk import SimulatedSaving
from gunmane_analysis.tables import choices
from gunmane_analysis.wording import yen

_JPY_PER_MILLION = 1_000_000.0
_BINS = 40


def plot_break_even(curve: pd.DataFrame, unit_labour_cost_jpy: float, factor: float) -> Figure:
    """Draw the outsourcing factor at which costs are equal, and where the estimate stands."""
    figure = Figure(figsize=(FIGURE_WIDTH, 3.4))
    axes = figure.subplots()
    costs, factors = curve["unit_labour_cost_jpy_per_hour"], curve["outsourcing_after_factor"]
    axes.plot(costs, factors, color=AREA_COLOR)
    low = min(float(factors.min()), factor)
    span = max(float(factors.max()) - low, 0.02)
    axes.fill_between(costs, low - 0.15 * span, factors, color="#E3E8FA", linewidth=0)
    axes.plot(unit_labour_cost_jpy, factor, marker="D", color=BLOCK_COLOR, markersize=6)
    axes.annotate(
        "入力の値",
        (unit_labour_cost_jpy, factor),
        xytext=(7, -12),
        textcoords="offset points",
        fontsize=9,
        color=BLOCK_COLOR,
    )
    axes.text(
        float(costs.max()) * 0.98,
        low - 0.1 * span,
        "導入後の総費用が下がる",
        ha="right",
        fontsize=9,
    )
    axes.text(
        float(costs.max()) * 0.02, float(factors.max()), "総費用が上がる", fontsize=9, va="top"
    )
    axes.set_ylim(low - 0.15 * span, float(factors.max()) + 0.1 * span)
    axes.set_xlim(0, float(costs.max()))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("人件費単価（円/時間）")
    axes.set_title("総費用が等しくなる導入後の委託金額（入力の何倍か）", fontsize=9)
    return figure


def plot_tornado(tornado: Tornado) -> Figure:
    """Draw how far the saving moves when one setting goes to its ends, the widest at the top."""
    swings = tornado.swings
    figure = Figure(figsize=(FIGURE_WIDTH, 0.5 * len(swings) + 1.0))
    axes = figure.subplots()
    base = tornado.base_jpy / _JPY_PER_MILLION
    for position, row in enumerate(swings.to_dict("records")):
        ends = {
            "最小": (row["low"], row["saving_at_low_jpy"] / _JPY_PER_MILLION, AREA_COLOR),
            "最大": (row["high"], row["saving_at_high_jpy"] / _JPY_PER_MILLION, BLOCK_COLOR),
        }
        for word, (setting, saving, color) in ends.items():
            axes.barh(position, saving - base, left=base, height=0.55, color=color)
            axes.annotate(
                f"{word} {setting_words(row['setting'], setting)}",
                (saving, position),
                xytext=(4 if saving >= base else -4, 0),
                textcoords="offset points",
                ha="left" if saving >= base else "right",
                va="center",
                fontsize=8,
            )
    axes.axvline(base, color=NATION_COLOR, linewidth=0.9)
    axes.axvline(0, color=FAINT_COLOR, linewidth=0.8, linestyle=":")
    axes.set_yticks(
        range(len(swings)), [choices("estimate_setting")[name] for name in swings["setting"]]
    )
    axes.invert_yaxis()
    axes.margins(x=0.28)
    axes.set_xlabel("総費用の減少額の現在価値（百万円、負は増加）")
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    return figure


def setting_words(name: str, value: float) -> str:
    """Word a setting's value in its own unit.

    Examples
    --------
    >>> setting_words("discount_rate", 0.04), setting_words("startup_cost_jpy", 5_000_000)
    ('4%', '500万円')
    """
    if name == "discount_rate":
        return f"{value * 100:g}%"
    if name == "startup_cost_jpy":
        return yen(value)
    return f"{value:,.0f}円/時間" if name.endswith("per_hour") else f"{value:.3g}倍"


def plot_saving_draws(simulated: SimulatedSaving) -> Figure:
    """Draw the histogram of the saving over the draws, with zero and the 5-95 % range."""
    figure = Figure(figsize=(FIGURE_WIDTH, 3.0))
    axes = figure.subplots()
    shown = simulated.draws / _JPY_PER_MILLION
    counts, edges = np.histogram(shown, bins=_BINS)
    middle = (edges[:-1] + edges[1:]) / 2.0
    colors = [AREA_COLOR if value > 0 else BLOCK_COLOR for value in middle]
    axes.bar(middle, counts / len(shown) * 100.0, width=np.diff(edges), color=colors)
    axes.axvline(0, color=NATION_COLOR, linewidth=1.0)
    total = simulated.quantiles.set_index("measure").T["total_saving_npv_jpy"]
    top = float(counts.max()) / len(shown) * 100.0
    low, high = (float(total[name]) / _JPY_PER_MILLION for name in ("q05", "q95"))
    axes.plot([low, high], [top * 1.08] * 2, color=NATION_COLOR, marker="|", markersize=8)
    axes.text(
        (low + high) / 2,
        top * 1.12,
        f"90%の範囲 {low:,.1f}〜{high:,.1f}百万円",
        ha="center",
        fontsize=9,
    )
    axes.set_ylim(0, top * 1.28)
    axes.set_xlabel("総費用の減少額の現在価値（百万円、負は増加）")
    axes.set_ylabel("%", rotation=0, ha="right", va="bottom", y=1.0)
    return figure
