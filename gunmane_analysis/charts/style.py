"""The one place where fonts, colours and line styles of charts are set."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes

from gunmane_analysis.charts.typeface import FAMILY, font_path

AREA_COLOR = "#0017C1"
BLOCK_COLOR = "#B3540C"
NATION_COLOR = "#1A1A1A"
FAINT_COLOR = "#767676"
CONTEXT_COLOR = "#8C8C8C"
GRID_COLOR = "#D9D9D9"
INK_COLOR = NATION_COLOR
BAND_COLOR, MIDDLE_COLOR = "#E3E6EE", "#C3C9D8"
PEER_COLOR = "#7C879D"
UNKNOWN_COLOR = "#F4F4F4"
SHADES = ("#E8EEFB", "#C2D1F5", "#8FA9EA", "#4F72D8", "#0B2FA8")  # distinct in grey, too
FULL, HALF = 178 / 25.4, 86 / 25.4  # inches: the widths in which a page prints a chart
TEXT, SMALL_TEXT = 8.5, 8.0  # points
FIGURE_WIDTH, FIGURE_HEIGHT = FULL, FULL / 2


@dataclass(frozen=True)
class LineStyle:
    """Colour, dash and marker together, so that colour never carries the meaning alone."""

    color: str
    linestyle: str
    marker: str


LINES = {
    "area": LineStyle(AREA_COLOR, "-", "o"),
    "block": LineStyle(BLOCK_COLOR, "--", "s"),
    "nation": LineStyle(NATION_COLOR, ":", "^"),
}


@functools.cache
def _register_font() -> None:
    font_manager.fontManager.addfont(font_path())


def _settings() -> Any:
    return {
        "font.family": FAMILY,
        "font.size": TEXT,
        "axes.unicode_minus": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": NATION_COLOR,
        "axes.facecolor": "none",
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "axes.titlesize": TEXT,
        "axes.titlelocation": "left",
        "grid.color": GRID_COLOR,
        "grid.linewidth": 0.6,
        "lines.linewidth": 1.8,
        "lines.markersize": 4.0,
        "legend.frameon": False,
        "figure.figsize": (FIGURE_WIDTH, FIGURE_HEIGHT),
        "figure.constrained_layout.use": False,
        "savefig.bbox": "tight",
        "savefig.pad_inches": 0.05,
        "svg.fonttype": "none",
        "svg.hashsalt": "gunmane",
    }


@contextmanager
def chart_style() -> Iterator[None]:
    """Draw in the house style inside the ``with`` block, and leave no trace behind it."""
    _register_font()
    with mpl.rc_context(_settings()):
        yield


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
        _register_font()
        self._before = dict(mpl.rcParams)
        mpl.rcParams.update(_settings())

    def __enter__(self) -> None:
        """Keep the style inside the block."""

    def __exit__(self, *_: object) -> None:
        """Put back the settings from before."""
        mpl.rcParams.update(self._before)


def count_axis(axes: Axes, unit: str) -> None:
    """Start a count's axis at zero, with thousands separators and its unit."""
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(mpl.ticker.StrMethodFormatter("{x:,.0f}"))
    axes.set_ylabel(unit, rotation=0, ha="right", va="bottom", y=1.0)


def year_axis(axes: Axes) -> None:
    """Label the fiscal years as whole numbers."""
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True, nbins=8))
    axes.set_xlabel("年度")


def year_ticks(count: int) -> mpl.ticker.MaxNLocator:
    """Return a locator of at most ``count`` whole years."""
    return mpl.ticker.MaxNLocator(integer=True, nbins=count)


def label_line_ends(
    axes: Axes, ends: Sequence[tuple[str, float, str]], fontsize: float = 9.0
) -> None:
    """Name each line at its right end, pushed apart so that no two labels overlap.

    Parameters
    ----------
    axes : Axes
        With its lines drawn and its limits set.
    ends : sequence of (name, value, colour)
        The last value of each line, in data units.
    fontsize : float
        Points.
    """
    low, high = axes.get_ylim()
    height_points = axes.bbox.height / axes.figure.dpi * 72.0
    gap = fontsize * 1.25 / height_points * (high - low)
    placed: list[float] = []
    for name, value, color in sorted(ends, key=lambda end: end[1]):
        position = value if not placed else max(value, placed[-1] + gap)
        placed.append(position)
        axes.annotate(
            name,
            (1.02, (position - low) / (high - low)),
            xycoords="axes fraction",
            va="center",
            color=color,
            fontsize=fontsize,
            annotation_clip=False,
        )
