"""Charts of the theme ``funnel``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from gunmane_analysis.charts.style import (
    AREA_COLOR,
    BLOCK_COLOR,
    FAINT_COLOR,
    FIGURE_WIDTH,
    NATION_COLOR,
)
from gunmane_analysis.metrics.funnel.readings import FunnelReadings, GroupComparison
from gunmane_analysis.tables import choices

READING_TITLES: Mapping[str, str] = {
    "nested": "検討の件数に対する比",
    "status": "四つの件数を内訳とみた割合",
}
_BASES: Mapping[str, str] = {
    "nested": "検討{}件に対する比（%）",
    "status": "内訳の計{}件に対する割合（%）",
}
_BAR = 0.5
_ROOM_FOR_LABELS = 150.0


def plot_funnel_readings(readings: FunnelReadings) -> Figure:
    """Draw one funnel per reading: bars from zero, in percent of the considered cases."""
    count = len(readings.rates)
    figure = Figure(figsize=(FIGURE_WIDTH, 2.5))
    panels = figure.subplots(1, count, sharey=True, squeeze=False).ravel()
    figure.subplots_adjust(wspace=0.08)
    for axes, (reading, rates) in zip(panels, readings.rates.items(), strict=True):
        _draw_funnel(axes, rates, _BASES[reading])
        axes.set_title(READING_TITLES[reading], fontsize=9)
    panels[0].invert_yaxis()  # the panels share this axis
    return figure


def _draw_funnel(axes: Axes, rates: pd.DataFrame, basis: str) -> None:
    shares = rates["rate_from_first"].fillna(1.0) * 100.0
    rows = range(len(rates))
    axes.barh(rows, shares, height=_BAR, color=AREA_COLOR)
    later = rates["rate_from_first"].notna()
    whiskers = [
        (shares - rates["first_low"] * 100.0)[later],
        (rates["first_high"] * 100.0 - shares)[later],
    ]
    axes.errorbar(
        shares[later],
        [row for row, is_later in zip(rows, later, strict=True) if is_later],
        xerr=whiskers,
        fmt="none",
        ecolor=NATION_COLOR,
        elinewidth=1.4,
        capsize=4,
        path_effects=[withStroke(linewidth=3.4, foreground="white")],
    )
    for row, (share, count, high) in enumerate(
        zip(shares, rates["reached_count"], rates["first_high"].fillna(1.0), strict=True)
    ):
        label = f"{count}件" if row == 0 else f"{count}件（{share:.1f}%）"
        axes.annotate(
            label,
            (max(share, high * 100.0), row),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    axes.set_yticks(list(rows), [choices("stage")[stage] for stage in rates["stage"]])
    axes.set_xlim(0, _ROOM_FOR_LABELS)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.set_xlabel(basis.format(rates["reached_count"].iloc[0]))
    vertical_grid(axes)


def plot_group_comparison(comparison: GroupComparison) -> Figure:
    """Draw each group's share of cases that reached a stage at least, with intervals."""
    figure = Figure(figsize=(FIGURE_WIDTH, 2.7))
    axes = figure.subplots()
    stages = list(comparison.differences)
    looks = ((-0.14, AREA_COLOR, "o"), (0.14, BLOCK_COLOR, "s"))
    for side, (offset, color, marker) in enumerate(looks):
        rates = [
            (difference.first, difference.second)[side]
            for difference in comparison.differences.values()
        ]
        shares = [rate.rate * 100.0 for rate in rates]
        rows = [row + offset for row in range(len(stages))]
        axes.errorbar(
            shares,
            rows,
            xerr=[
                [(rate.rate - rate.low) * 100.0 for rate in rates],
                [(rate.high - rate.rate) * 100.0 for rate in rates],
            ],
            fmt=marker,
            color=color,
            capsize=4,
            markersize=6,
            label=f"{comparison.names[side]}（{rates[0].trial_count}件）",
        )
        for rate, row in zip(rates, rows, strict=True):
            axes.annotate(
                f"{rate.success_count}件",
                (rate.high * 100.0, row),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
                color=color,
            )
    axes.set_yticks(range(len(stages)), [f"{choices('stage')[stage]}以上" for stage in stages])
    axes.set_ylim(len(stages) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xlabel("その段階以上の件数の割合（内訳の計に対する%）。線は95%区間")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, fontsize=9)
    vertical_grid(axes)
    return figure


def plot_kpi_progress(progress: pd.DataFrame) -> Figure:
    """Draw each result as a percentage of its target, with the line of 100 %."""
    shown = progress[progress["achievement_rate"].notna()]
    figure = Figure(figsize=(FIGURE_WIDTH, 0.48 * len(shown) + 0.8))
    axes = figure.subplots()
    rates = shown["achievement_rate"] * 100.0
    axes.barh(range(len(shown)), rates, height=_BAR, color=AREA_COLOR)
    for row, (rate, result, target, unit) in enumerate(
        zip(rates, shown["result"], shown["target"], shown["unit"], strict=True)
    ):
        axes.annotate(
            f"{_amount(result, unit)}／目標{_amount(target, unit)}",
            (rate, row),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )
    axes.axvline(100.0, color=NATION_COLOR, linewidth=1.2, zorder=2)
    axes.set_yticks(range(len(shown)), shown["item_label"])
    axes.invert_yaxis()
    axes.set_xlim(0, max(150.0, float(rates.max()) * 1.5))
    axes.set_xlabel("目標に対する結果（%）。縦線は目標どおり")
    vertical_grid(axes)
    return figure


def _amount(value: float, unit: str) -> str:
    return f"{value * 100.0:.0f}%" if unit == "割合" else f"{value:,.0f}{unit}"


def plot_activity_kinds(kinds: pd.DataFrame, labels: Sequence[str], is_marked: bool) -> Figure:
    """Draw the number of planned lines per kind; lines naming the area in a darker colour."""
    figure = Figure(figsize=(FIGURE_WIDTH, 0.3 * len(kinds) + 0.9))
    axes = figure.subplots()
    rows = range(len(kinds))
    color = FAINT_COLOR if is_marked else AREA_COLOR
    axes.barh(
        rows, kinds["line_count"], height=0.6, color=color, label="地方フォーラムの計画の全行"
    )
    if is_marked:
        axes.barh(
            rows,
            kinds["named_line_count"],
            height=0.6,
            color=AREA_COLOR,
            hatch="//",
            edgecolor="white",
            label="この地域の名が挙がる行",
        )
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, fontsize=9)
    for row, count in enumerate(kinds["line_count"]):
        axes.annotate(
            f"{count}", (count, row), xytext=(4, 0), textcoords="offset points", va="center",
            fontsize=9,
        )  # fmt: skip
    axes.set_yticks(rows, list(labels))
    axes.invert_yaxis()
    axes.set_xlim(0, float(kinds["line_count"].max()) * 1.15)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("計画の行の数（行）")
    vertical_grid(axes)
    return figure


def plot_pitch_to_trial(lags: pd.DataFrame) -> Figure:
    """Draw a line from each pitch event held to the month planned for its trial."""
    shown = lags[lags["lag_months"].notna()]
    figure = Figure(figsize=(FIGURE_WIDTH, 0.42 * len(shown) + 0.8))
    axes = figure.subplots()
    held = pd.to_datetime(shown["pitch_on"])
    planned = pd.to_datetime(shown["trial_planned_month"], format="%Y-%m")
    rows = range(len(shown))
    axes.hlines(rows, held, planned, color=AREA_COLOR, linewidth=1.6)
    axes.plot(held, rows, "o", color=AREA_COLOR, label="ピッチイベント（開催日）")
    axes.plot(
        planned, rows, "D", color=AREA_COLOR, markerfacecolor="white", label="実証試験（予定月）"
    )
    for row, (end, months) in enumerate(zip(planned, shown["lag_months"], strict=True)):
        axes.annotate(
            f"{months:.0f}か月", (end, row), xytext=(8, 0), textcoords="offset points",
            va="center", fontsize=9,
        )  # fmt: skip
    axes.set_yticks(rows, list(shown["event_name"]))
    axes.invert_yaxis()
    axes.margins(x=0.12, y=0.25)
    axes.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=2, fontsize=9)
    vertical_grid(axes)
    return figure


def plot_membership(trend: pd.DataFrame) -> Figure:
    """Draw the members of the conference over time; computed counts as hollow points."""
    figure = Figure(figsize=(FIGURE_WIDTH, 2.6))
    axes = figure.subplots()
    dates = pd.to_datetime(trend["as_of_on"])
    axes.plot(dates, trend["total"], color=AREA_COLOR)
    for is_computed, face in ((False, AREA_COLOR), (True, "white")):
        rows = trend["is_computed"] == is_computed
        axes.plot(
            dates[rows], trend.loc[rows, "total"], "o", color=AREA_COLOR, markerfacecolor=face
        )
    for date, count, day in zip(dates, trend["total"], trend["as_of_on"], strict=True):
        axes.annotate(
            f"{day}\n{count:,.0f}者", (date, count), xytext=(0, 7), textcoords="offset points",
            ha="center", va="bottom", fontsize=8,
        )  # fmt: skip
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_ylim(0, float(trend["total"].max()) * 1.35)
    axes.set_ylabel("者", rotation=0, ha="right", va="bottom", y=1.0)
    axes.margins(x=0.14)
    return figure


def vertical_grid(axes: Axes) -> None:
    """Rule a chart of horizontal bars along its values only."""
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
