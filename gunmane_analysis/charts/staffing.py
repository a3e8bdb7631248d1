"""Charts of the theme ``staffing``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.grammar import plot_bars, plot_lines, plot_panels
from gunmane_analysis.charts.style import AREA_COLOR, NATION_COLOR, line_styles
from gunmane_analysis.metrics.staffing.breaks import AreaBreaks
from gunmane_analysis.metrics.staffing.change import DENSITIES, STAFF, StaffingTrend
from gunmane_analysis.metrics.staffing.projection import Projection

_DENSITY_TITLES = {
    "staff_per_1000_residents": "人口千人当たり（人）",
    "staff_per_100km": "市町村道（実延長）100km当たり（人）",
    "expenditure_per_staff_jpy": "職員1人当たり土木費（名目、百万円）",
}
_SCENARIOS = {
    "level": ("横ばいの仮定", ":"),
    "long_run": ("全期間の率の仮定", "--"),
    "recent": ("最近の率の仮定", "-."),
}


def plot_staffing_trend(trend: StaffingTrend) -> Figure:
    """Draw the area's staff from zero."""
    points = _points(trend.series.assign(area_name=trend.area.name), STAFF)
    return plot_lines(points, line_styles([trend.area]), "人", zero=True)


def plot_staffing_index(index: pd.DataFrame, lineage: Sequence[Area]) -> Figure:
    """Draw the staff index of the area, its block and the nation (first year = 100)."""
    return plot_lines(_points(index, "staff_index"), line_styles(lineage), _base(index))


def plot_staffing_density(density: pd.DataFrame, lineage: Sequence[Area]) -> Figure:
    """Draw the three densities side by side, each from zero."""
    shown = density.assign(
        expenditure_per_staff_jpy=density["expenditure_per_staff_jpy"] / 1_000_000.0
    )
    points = shown.melt(["area_name", "fiscal_year"], list(DENSITIES), "panel").dropna()
    return plot_lines(
        _points(points, "value"), line_styles(lineage), "", zero=True, panels=_DENSITY_TITLES
    )


def plot_peer_panels(index: pd.DataFrame, peers: Sequence[Area], area: Area) -> Figure:
    """Draw one small panel per peer: its own index and, dashed, the median of all."""
    points = _points(index, "staff_index")
    latest = points.sort_values("year").groupby("series")["value"].last()
    return plot_panels(
        points,
        points.groupby("year")["value"].median().reset_index(),
        {peer.name: f"{peer.name} {latest[peer.name]:.0f}" for peer in peers},
        _base(index),
        marked=[area.name],
    )


def plot_staffing_breaks(breaks: Sequence[AreaBreaks]) -> Figure:
    """Draw each area's index as dots and its course, and the range of the first one's turn."""
    parts: list[pd.DataFrame] = []
    styles: dict[str, Mapping[str, Any]] = {}
    for marker, (name, style) in zip(
        "os^", line_styles([each.area for each in breaks]).items(), strict=False
    ):
        styles |= {name: style, f"_{name}": {**style, "linestyle": "none", "marker": marker}}
    for each in breaks:
        for prefix, counts in (("", each.fitted), ("_", each.staff)):
            points = (counts / each.staff.iloc[0] * 100.0).rename("value").rename_axis("year")
            parts.append(points.reset_index().assign(series=f"{prefix}{each.area.name}"))
    spans = [breaks[0].shift.year_range] if breaks[0].shift.exists else []
    unit = f"{breaks[0].staff.index[0]}年度＝100"
    return plot_lines(pd.concat(parts), styles, unit, spans=spans)


def plot_staffing_projection(projection: Projection) -> Figure:
    """Draw the counts, the projected path with its range, and the scenarios."""
    counts = projection.series.rename("value").rename_axis("year").reset_index()
    parts, now = [counts.assign(series="_実績")], counts.iloc[[-1]]
    styles: dict[str, Mapping[str, Any]] = {
        "_実績": {"color": AREA_COLOR},
        "見通し": {"color": AREA_COLOR, "linestyle": "--"},
    }
    path = projection.path.rename(columns={"fiscal_year": "year", "projected_count": "value"})
    ranges = None
    if len(path):
        parts.append(pd.concat([now, path[["year", "value"]]]).assign(series="見通し"))
        ranges = path.rename(columns={"count_low": "low", "count_high": "high"})
        ranges = pd.concat([now.assign(low=now["value"], high=now["value"]), ranges])
    for scenario, rows in projection.scenarios.groupby("scenario", sort=False):
        name, dash = _SCENARIOS[str(scenario)]
        ahead = rows.rename(columns={"fiscal_year": "year", "staff_count": "value"})
        parts.append(pd.concat([now, ahead[["year", "value"]]]).assign(series=name))
        styles[name] = {"color": NATION_COLOR, "linestyle": dash, "linewidth": 1.0}
    return plot_lines(pd.concat(parts), styles, "人", ranges=ranges, zero=True)


def plot_national_points(points: pd.DataFrame) -> Figure:
    """Draw the printed national falls as bars with the range that rounding leaves open."""
    rows = points[points["point_id"].str.endswith("_change_rate")]
    fall, half = -rows["value"] * 100.0, rows["precision"].fillna(0.0) * 50.0
    years = rows["from_year"].map("（{:.0f}→".format) + rows["to_year"].map("{:.0f}）".format)
    bars = pd.DataFrame(
        {
            "label": rows["label_ja"].str.removesuffix("の増減率"),
            "value": fall,
            "words": rows["value_text"] + years,
            "low": fall - half,
            "high": fall + half,
        }
    )
    return plot_bars(bars, "減少率（%）")


def _points(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    return rows.rename(columns={"area_name": "series", "fiscal_year": "year", name: "value"})


def _base(index: pd.DataFrame) -> str:
    return f"{index['base_fiscal_year'].iloc[0]}年度＝100"
