"""A tile map: one square a prefecture, roughly where it lies, shaded by a share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gunmane_analysis.areas import Area, list_areas
from gunmane_analysis.areas.tiles import COLUMNS, ROWS, TILES
from gunmane_analysis.charts.style import AREA_COLOR, FIGURE_WIDTH, NATION_COLOR

# from light to dark; the tile also prints its figure, so that shade never stands alone
_SHADES = ((0.1, "#FFFFFF"), (0.3, "#D9E6FF"), (0.5, "#A9C6FF"), (0.7, "#6B9BFA"), (1.0, "#2F5FD0"))
_DARK = (_SHADES[-1][1], AREA_COLOR)
_UNKNOWN = "#EFEFEF"
_SIDE = 0.94


def plot_share_tiles(shares: Mapping[str, Mapping[str, float]], area: Area) -> Figure:
    """Draw one tile map a programme, one below the other, the area's prefectures framed.

    Parameters
    ----------
    shares : mapping
        Title of a map to the share (0-1) of each prefecture by code; a missing prefecture
        is drawn grey.
    area : Area
        Its prefectures are framed, unless it is the nation.
    """
    figure = Figure(figsize=(FIGURE_WIDTH, 5.6 * len(shares)))
    panels = figure.subplots(len(shares), 1, squeeze=False)[:, 0]
    framed = () if area.kind == "nation" else area.prefecture_codes
    for axes, (title, by_code) in zip(panels, shares.items(), strict=True):
        _draw_tiles(axes, by_code, framed)
        axes.set_title(title)
    return figure


def _draw_tiles(axes: Axes, by_code: Mapping[str, float], framed: Sequence[str]) -> None:
    names = {place.area_id: place.name for place in list_areas("prefecture")}
    for code, (column, row) in TILES.items():
        share = by_code.get(code)
        color = _UNKNOWN if share is None else _shade(share)
        axes.add_patch(
            Rectangle(
                (column, -row),
                _SIDE,
                _SIDE,
                facecolor=color,
                edgecolor=NATION_COLOR if code in framed else "#9A9A9A",
                linewidth=1.8 if code in framed else 0.5,
            )
        )
        name = names[code] if code == "01" else names[code][:-1]
        axes.text(
            column + _SIDE / 2,
            -row + _SIDE / 2,
            f"{name}\n{'…' if share is None else f'{share * 100:.0f}%'}",
            ha="center",
            va="center",
            fontsize=8,
            color="#FFFFFF" if color in _DARK else NATION_COLOR,
        )
    axes.set_xlim(0.9, COLUMNS + 1.1)
    axes.set_ylim(-ROWS - 0.1, 0.1)
    axes.set_aspect("equal")
    axes.set_axis_off()


def _shade(share: float) -> str:
    return next((color for below, color in _SHADES if share < below), AREA_COLOR)
