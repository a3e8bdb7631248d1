"""Scatters of more than a thousand points: the points as a small PNG, all else as in any chart."""

from __future__ import annotations

import base64
import functools
import io
import re
from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from gunmane_analysis.charts.chart import Chart, svg_of
from gunmane_analysis.charts.style import (
    AREA_COLOR,
    BLOCK_COLOR,
    CONTEXT_COLOR,
    NATION_COLOR,
    chart_style,
)
from gunmane_analysis.charts.svg import tidy_svg

_DPI = 120  # nearly twice the page's own pixels
_PICTURE = re.compile(r"(?<=data:image/png;base64,)[A-Za-z0-9+/=\s]+")


def draw_dense(plot: Callable[[], Figure], alt: str) -> Chart:
    """Draw a figure in the house style, what it marks ``rasterized`` as a PNG with a palette.

    Axes and texts stay sharp at every size. The points have a handful of flat colours; without
    the blends at their edges they take a third of the bytes, and stand as sharp beside the axes.

    Parameters
    ----------
    plot : callable
        Returns the figure; it is called inside the style.
    alt : str
        The alternative text.
    """
    with chart_style():
        svg = svg_of(plot(), dpi=_DPI)
    return Chart(tidy_svg(_PICTURE.sub(_of_few_colours, svg)), alt)


def _of_few_colours(match: re.Match[str]) -> str:
    from PIL import Image

    packed = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(match[0]))) as picture:
        drawn = picture.convert("RGBA")
        flat = Image.new("RGB", drawn.size, "white")
        flat.paste(drawn, mask=drawn.getchannel("A"))
    few = flat.quantize(palette=_palette(), dither=Image.Dither.NONE)
    few.save(packed, "PNG", optimize=True, transparency=0)
    return base64.b64encode(packed.getvalue()).decode("ascii")


@functools.cache
def _palette() -> Any:
    """Return an image whose palette holds white, which is seen through, and the house colours."""
    from PIL import Image, ImageColor

    colours = ("white", AREA_COLOR, BLOCK_COLOR, NATION_COLOR, CONTEXT_COLOR)
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for colour in colours for channel in ImageColor.getrgb(colour)])
    return palette
