"""A tile map: one square a prefecture, roughly where it lies, shaded by a share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gunmane_analysis.areas import Area, list_areas
from gunmane_analysis.areas.master import REFERENCE_DATA
from gunmane_analysis.report.charts.style import FIGURE_WIDTH, NATION_COLOR

# from light to dark; the tile also prints its figure, so that shade never stands alone
_SHADES = ((0.1, "#FFFFFF"), (0.3, "#D9E6FF"), (0.5, "#A9C6FF"), (0.7, "#6B9BFA"), (1.0, "#2F5FD0"))
_FULL = "#0017C1"
_NONE = "#EFEFEF"
_HEIGHT = 5.4


def plot_share_tiles(shares: Mapping[str, Mapping[str, float]], area: Area) -> Figure:
    """Draw one tile map a programme, the area's prefectures framed.

    Parameters
    ----------
    shares : mapping
        Title of a map to the share (0-1) of each prefecture by code; a missing prefecture
        is drawn grey.
    area : Area
        Its prefectures are framed, unless it is the nation.
    """
    figure = Figure(figsize=(FIGURE_WIDTH, _HEIGHT if len(shares) == 1 else 3.6))
    panels = figure.subplots(1, len(shares), squeeze=False)[0]
    framed = () if area.kind == "nation" else area.prefecture_codes
    for axes, (title, by_code) in zip(panels, shares.items(), strict=True):
        _draw_tiles(axes, by_code, framed, fontsize=8 if len(shares) == 1 else 5.5)
        axes.set_title(title)
    return figure


def _draw_tiles(
    axes: Axes, by_code: Mapping[str, float], framed: Sequence[str], fontsize: float
) -> None:
    tiles = pd.read_csv(REFERENCE_DATA / "prefecture_tiles.csv", dtype={"prefecture_code": "str"})
    names = {place.area_id: _short(place.name) for place in list_areas("prefecture")}
    for tile in tiles.to_dict("records"):
        code = str(tile["prefecture_code"])
        share = by_code.get(code)
        color = _NONE if share is None else _shade(share)
        is_framed = code in framed
        axes.add_patch(
            Rectangle(
                (tile["column"], -tile["row"]),
                0.94,
                0.94,
                facecolor=color,
                edgecolor=NATION_COLOR if is_framed else "#9A9A9A",
                linewidth=1.8 if is_framed else 0.5,
            )
        )
        shown = "…" if share is None else f"{share * 100:.0f}%"
        axes.text(
            tile["column"] + 0.47,
            -tile["row"] + 0.47,
            f"{names[code]}\n{shown}",
            ha="center",
            va="center",
            fontsize=fontsize,
            color="#FFFFFF" if color in (_FULL, _SHADES[-1][1]) else NATION_COLOR,
        )
    axes.set_xlim(-0.1, tiles["column"].max() + 1.1)
    axes.set_ylim(-tiles["row"].max() - 0.1, 1.1)
    axes.set_aspect("equal")
    axes.set_axis_off()


def _shade(share: float) -> str:
    return next((color for below, color in _SHADES if share < below), _FULL)


def _short(name: str) -> str:
    return name if name == "北海道" else name[:-1]
