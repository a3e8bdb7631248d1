"""A drawn figure as text: SVG (or PNG for dense scatters) with the sentence that describes it."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import matplotlib as mpl
from matplotlib.figure import Figure

from gunmane_analysis.cache import closure_content, get_or_compute
from gunmane_analysis.charts.style import FULL, HALF, chart_style
from gunmane_analysis.charts.svg import clean_svg

_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_PNG_DPI = 144
_PICTURE_DPI = 144  # of what a figure marks rasterized
_VIEW_BOX = re.compile(r'viewBox="\S+ \S+ ([\d.]+) ([\d.]+)"')
_HEAD_LENGTH = 400
_HALF_POINTS = 72 * (FULL + HALF) / 2


@dataclass(frozen=True)
class Chart:
    """A picture ready to stand in a page.

    Attributes
    ----------
    content : str
        The ``<svg>`` element, or a base64 PNG.
    alt : str
        One sentence that says what the picture shows, with its figures.
    format : {"svg", "png"}
    """

    content: str
    alt: str
    format: Literal["svg", "png"] = "svg"

    @property
    def is_half(self) -> bool:
        """Whether the picture is drawn for half the width of a page."""
        box = _VIEW_BOX.search(self.content[:_HEAD_LENGTH])
        return box is not None and float(box[1]) < _HALF_POINTS


def draw(plot: Callable[[], Figure], alt: str, fmt: Literal["svg", "png"] = "svg") -> Chart:
    """Draw a figure in the house style and return it as text.

    Parameters
    ----------
    plot : callable
        Returns the figure; it is called inside the style, so no chart sets fonts or colours.
    alt : str
        The alternative text.
    fmt : {"svg", "png"}
        PNG is for scatters of more than a thousand points.
    """
    with chart_style():
        variables = closure_content(plot)
        asked = None if variables is None else (variables, fmt, dict(mpl.rcParams))
        return Chart(get_or_compute(asked, lambda: _content(plot, fmt)), alt, fmt)


def _content(plot: Callable[[], Figure], fmt: Literal["svg", "png"]) -> str:
    figure = plot()
    if fmt == "png":
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=_PNG_DPI, metadata={"Software": None})
        return base64.b64encode(stream.getvalue()).decode("ascii")
    return clean_svg(svg_of(figure))


def svg_of(figure: Figure) -> str:
    """Return the ``<svg>`` element that matplotlib writes; call it inside the house style."""
    stream = io.BytesIO()
    figure.savefig(stream, format="svg", dpi=_PICTURE_DPI, metadata={"Date": None, "Creator": None})
    return _PROLOGUE.sub("", stream.getvalue().decode("utf-8"), count=1)
