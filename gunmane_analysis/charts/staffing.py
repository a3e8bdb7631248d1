"""Charts of the theme ``staffing``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.grammar import plot_bars, plot_lines
from gunmane_analysis.charts.style import AREA_COLOR, NATION_COLOR, line_styles, looks
from gunmane_analysis.metrics.staffing.breaks import AreaBreaks
from gunmane_analysis.metrics.staffing.change import STAFF, StaffingTrend
from gunmane_analysis.metrics.staffing.projection import Projection


def plot_staffing_trend(trend: StaffingTrend) -> Figure:
    """Draw the area's staff from zero."""
    lines = {trend.area.name: trend.series.set_index("fiscal_year")[STAFF]}
    return plot_lines({"人": lines}, line_styles([trend.area]), zero=True)


def plot_staffing_index(index: pd.DataFrame, lineage: Sequence[Area]) -> Figure:
    """Draw the staff index of the area, its block and the nation (first year = 100)."""
    return plot_lines({_base(index): _by_area(index, "staff_index")}, line_styles(lineage))


def plot_staffing_density(density: pd.DataFrame, lineage: Sequence[Area]) -> Figure:
    """Draw the three densities side by side, each from zero."""
    name = "expenditure_per_staff_jpy"
    shown = density.assign(**{name: density[name] / 1_000_000.0})
    panels = {title: _by_area(shown, name) for name, title in looks()["densities"].items()}
    return plot_lines(panels, line_styles(lineage), zero=True)


def plot_staffing_breaks(breaks: Sequence[AreaBreaks]) -> Figure:
    """Draw each area's index as dots and its course, and the range of the first one's turn."""
    lines: dict[str, pd.Series] = {}
    styles: dict[str, Mapping[str, Any]] = {}
    drawn = line_styles([each.area for each in breaks])
    for marker, each, (name, look) in zip("os^", breaks, drawn.items(), strict=False):
        first = each.staff.iloc[0] / 100.0
        lines |= {name: each.fitted / first, f"_{name}": each.staff / first}
        styles |= {name: look, f"_{name}": {**look, "linestyle": "none", "marker": marker}}
    spans = [breaks[0].shift.year_range] if breaks[0].shift.exists else []
    return plot_lines({f"{breaks[0].staff.index[0]}年度＝100": lines}, styles, spans=spans)


def plot_staffing_projection(projection: Projection) -> Figure:
    """Draw the counts, the projected path with its range, and the scenarios."""
    now, path = projection.series.iloc[[-1]], projection.path.set_index("fiscal_year")
    lines, ranges = {"_実績": projection.series}, {}
    styles: dict[str, Mapping[str, Any]] = {
        "_実績": {"color": AREA_COLOR},
        "見通し": {"color": AREA_COLOR, "linestyle": "--"},
    }
    if len(path):
        lines["見通し"] = pd.concat([now, path["projected_count"]])
        ends = {"low": path["count_low"], "high": path["count_high"]}
        ranges["見通し"] = pd.DataFrame(
            {name: pd.concat([now, each]) for name, each in ends.items()}
        )
    for scenario, rows in projection.scenarios.groupby("scenario", sort=False):
        name, dash = looks()["scenarios"][scenario]
        lines[name] = pd.concat([now, rows.set_index("fiscal_year")["staff_count"]])
        styles[name] = {"color": NATION_COLOR, "linestyle": dash, "linewidth": 1.0}
    return plot_lines({"人": lines}, styles, ranges=ranges, zero=True)


def plot_national_points(points: pd.DataFrame) -> Figure:
    """Draw the printed national falls as bars with the range that rounding leaves open."""
    rows = points[points["point_id"].str.endswith("_change_rate")]
    fall, half = -rows["value"] * 100.0, rows["precision"].fillna(0.0) * 50.0
    years = rows["from_year"].map("（{:.0f}→".format) + rows["to_year"].map("{:.0f}）".format)
    bars = pd.DataFrame({"value": fall, "low": fall - half, "high": fall + half})
    bars["label"] = rows["label_ja"].str.removesuffix("の増減率")
    bars["words"] = rows["value_text"] + years
    return plot_bars(bars, "減少率（%）")


def _by_area(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a column per area's name (北海道 is two areas), the fiscal years as index."""
    named = rows.drop_duplicates(["fiscal_year", "area_name"])
    return named.pivot(index="fiscal_year", columns="area_name", values=name)


def _base(index: pd.DataFrame) -> str:
    return f"{index['base_fiscal_year'].iloc[0]}年度＝100"
