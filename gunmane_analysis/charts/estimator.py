"""Charts of the effect-estimation tool."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from gunmane_analysis.charts.grammar import empty_axes, grid_upright, plot_lines, plot_stacked
from gunmane_analysis.charts.style import AREA_COLOR, BLOCK_COLOR, FAINT_COLOR, NATION_COLOR
from gunmane_analysis.metrics.contracts.estimator import Tornado
from gunmane_analysis.metrics.contracts.estimator_risk import SimulatedSaving
from gunmane_analysis.tables import choices
from gunmane_analysis.wording import yen

_JPY_PER_MILLION = 1_000_000.0
_SAVING = "総費用の減少額の現在価値（百万円、負は増加）"


def plot_cost_comparison(sums: pd.Series) -> Figure:
    """Draw direct plus outsourced cost before and after as two stacked bars from zero."""
    parts = pd.DataFrame(
        {
            "委託": [sums["outsourcing_before_jpy"], sums["outsourcing_after_jpy"]],
            "直営": [sums["direct_cost_before_jpy"], sums["direct_cost_after_jpy"]],
            "導入時の費用": [0.0, sums["startup_cost_jpy"]],
        },
        index=["導入前", "導入後"],
    )
    totals = [f"計 {yen(total)}" for total in parts.sum(axis=1)]
    return plot_stacked(parts.loc[:, parts.any()] / _JPY_PER_MILLION, "百万円", totals)


def plot_break_even(curve: pd.DataFrame, unit_labour_cost_jpy: float, factor: float) -> Figure:
    """Draw the outsourcing factor at which costs are equal, and where the estimate stands."""
    lines = {
        "等しい": curve.set_index("unit_labour_cost_jpy_per_hour")["outsourcing_after_factor"],
        "入力の値": pd.Series([factor], [unit_labour_cost_jpy]),
    }
    return plot_lines(
        {"総費用が等しくなる導入後の委託金額（入力の何倍か）。線より下は総費用が下がる": lines},
        {"等しい": {"color": AREA_COLOR}, "入力の値": {"color": BLOCK_COLOR, "marker": "D"}},
        xlabel="人件費単価（円/時間）",
    )


def plot_tornado(tornado: Tornado) -> Figure:
    """Draw how far the saving moves when one setting goes to its ends, the widest at the top."""
    swings, base = tornado.swings, tornado.base_jpy / _JPY_PER_MILLION
    names = swings["setting"].map(choices("estimate_setting"))
    figure, axes = empty_axes(0.3 * len(swings) + 0.7, _SAVING)
    for end, words, color in (("low", "最小", AREA_COLOR), ("high", "最大", BLOCK_COLOR)):
        lengths = swings[f"saving_at_{end}_jpy"] / _JPY_PER_MILLION - base
        bars = axes.barh(names, lengths, left=base, height=0.6, color=color)
        settings = map(setting_words, swings["setting"], swings[end])
        axes.bar_label(bars, [f"{words} {setting}" for setting in settings], padding=4)
    axes.axvline(base, color=NATION_COLOR, linewidth=0.9)
    axes.axvline(0, color=FAINT_COLOR, linewidth=0.8, linestyle=":")
    axes.invert_yaxis()
    axes.margins(x=0.28)
    grid_upright(axes)
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
    import seaborn as sns

    figure, axes = empty_axes(2.2, _SAVING)
    shown = simulated.draws / _JPY_PER_MILLION
    sns.histplot(
        x=shown, hue=shown >= 0, palette={True: AREA_COLOR, False: BLOCK_COLOR}, bins=40,
        stat="percent", multiple="stack", alpha=1, linewidth=0, legend=False, ax=axes,
    )  # fmt: skip
    total = simulated.quantiles.set_index("measure").T["total_saving_npv_jpy"]
    low, high = total[["q05", "q95"]].astype("float64") / _JPY_PER_MILLION
    axes.axvline(0, color=NATION_COLOR, linewidth=1.0)
    axes.axvspan(low, high, color=AREA_COLOR, alpha=0.08, linewidth=0, zorder=0)
    title = f"試行の割合（%）。薄い帯は90%の範囲 {low:,.1f}〜{high:,.1f}百万円"
    axes.set(title=title, ylabel="")
    return figure
