"""Charts of the theme ``contracts``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gunmane_analysis.charts.grammar import empty_axes, grid_upright
from gunmane_analysis.charts.style import AREA_COLOR, BLOCK_COLOR, NATION_COLOR, SMALL_TEXT
from gunmane_analysis.tables import label_of

_LOOKS: dict[str, dict[str, Any]] = {
    "": {"facecolor": AREA_COLOR, "edgecolor": AREA_COLOR},
    "（終わりの印字なし）": {
        "facecolor": "#C9D3F5", "edgecolor": AREA_COLOR, "linestyle": "--",
    },
    "（予定）": {"facecolor": "white", "edgecolor": BLOCK_COLOR, "hatch": "////"},
}  # fmt: skip


def plot_contract_phases(phases: pd.DataFrame, fiscal_year: int) -> Figure:
    """Draw every phase as a bar over its fiscal years, grouped by place.

    An end that is not printed is drawn as an open bar up to the latest year; a planned phase
    is hatched.
    """
    first = int(phases["from_fiscal_year"].min())
    last = int(max(phases["to_fiscal_year"].max(), fiscal_year))
    _, open_ended, planned = _LOOKS
    bars = phases.rename(columns={"from_fiscal_year": "start", "to_fiscal_year": "end"}).assign(
        line=np.arange(len(phases)) + phases.groupby("place_id", sort=False).ngroup() + 1.0,
        mark=np.select([phases["is_planned"], phases["is_open_ended"]], [planned, open_ended], ""),
    )
    bars[["start", "end"]] = bars[["start", "end"]].astype("float64")
    bars["length"] = bars["end"].mask(bars["is_open_ended"], last) + 1.0 - bars["start"]
    figure, axes = empty_axes(0.26 * (bars["line"].max() + 1) + 0.5, "年度")
    for mark, own in bars.groupby("mark", sort=False):
        look = {"height": 0.6, "linewidth": 0.9, **_LOOKS[str(mark)]}
        drawn = axes.barh(own["line"], own["length"], left=own["start"], **look)
        axes.bar_label(drawn, own["step_up_kind"].map(label_of) + str(mark), padding=3)
    for name, line in bars.groupby("place_name", sort=False)["line"].min().items():
        axes.text(first - 0.3, line - 1.0, str(name), va="center", backgroundcolor="white")
    axes.axvline(fiscal_year + 1, color=NATION_COLOR, linewidth=0.8, linestyle=":")
    axes.text(fiscal_year + 1.1, -0.8, f"{fiscal_year}年度末", fontsize=SMALL_TEXT, va="bottom")
    axes.set(xlim=(first - 0.4, last + 9.5), ylim=(bars["line"].max() + 0.6, -0.8))
    axes.set(xticks=range(first, last + 2, 2), yticks=[])
    axes.spines["left"].set_visible(False)
    grid_upright(axes)
    return figure
