"""Colours, widths and line styles of charts; the rest is set in ``house.mplstyle``."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.typeface import font_path
from gunmane_analysis.paths import read_yaml

AREA_COLOR = "#0017C1"
BLOCK_COLOR = "#B3540C"
NATION_COLOR = "#1A1A1A"
FAINT_COLOR = "#767676"
GRID_COLOR = "#D9D9D9"
INK_COLOR = NATION_COLOR
BAND_COLOR, MIDDLE_COLOR = "#E3E6EE", "#C3C9D8"
PEER_COLOR = "#7C879D"
UNKNOWN_COLOR = "#F4F4F4"
SHADES = ("#E8EEFB", "#C2D1F5", "#8FA9EA", "#4F72D8", "#0B2FA8")  # distinct in grey, too
FULL, HALF = 178 / 25.4, 86 / 25.4  # inches: the widths in which a page prints a chart
TEXT, SMALL_TEXT = 8.5, 8.0  # points
PLATE = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.5}  # below a name

# Colour and dash together, so that colour never carries the meaning alone.
_LINES: Mapping[str, Mapping[str, Any]] = {
    "area": {"color": AREA_COLOR, "linewidth": 2.0},
    "block": {"color": BLOCK_COLOR, "linestyle": "--", "linewidth": 1.4},
    "nation": {"color": NATION_COLOR, "linestyle": ":", "linewidth": 1.4},
}


def line_styles(lineage: Sequence[Area]) -> dict[str, Mapping[str, Any]]:
    """Return how the line of each area is drawn, by its name: the area's first."""
    first, *above = lineage
    return {
        first.name: _LINES["area"],
        **{area.name: _LINES["nation" if area.kind == "nation" else "block"] for area in above},
    }


@functools.cache
def looks() -> dict[str, Any]:
    """Return what ``looks.yml`` says of charts, by kind."""
    return dict(read_yaml(Path(__file__).with_name("looks.yml")))


@functools.cache
def _settings() -> Any:
    font_manager.fontManager.addfont(font_path())
    path = Path(__file__).with_name("house.mplstyle")
    return mpl.rc_params_from_file(path, use_default_template=False)


class use_house_style:
    """Draw own plots in the house style: Japanese type, grid, colours.

    Called as a function it lasts for the session; in a ``with`` block it ends with the block.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with use_house_style():
    ...     mpl.rcParams["font.family"]
    ['IPAexGothic']
    """

    def __init__(self) -> None:
        self._before = dict(mpl.rcParams)
        mpl.rcParams.update(_settings())

    def __enter__(self) -> None:
        """Keep the style inside the block."""

    def __exit__(self, *_: object) -> None:
        """Put back the settings from before."""
        mpl.rcParams.update(self._before)
