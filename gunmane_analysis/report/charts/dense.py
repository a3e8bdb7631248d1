"""Scatters of more than a thousand points: a PNG of few colours instead of an SVG of many paths."""

from __future__ import annotations

import base64
import functools
import io
from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from gunmane_analysis.report.charts.chart import Chart
from gunmane_analysis.report.charts.saving import drawn_once
from gunmane_analysis.report.charts.style import (
    AREA_COLOR,
    BLOCK_COLOR,
    CONTEXT_COLOR,
    GRID_COLOR,
    NATION_COLOR,
    chart_style,
)

_DPI = 120
_BLEND_STEPS = 3


def draw_dense(plot: Callable[[], Figure], alt: str) -> Chart:
    """Draw a figure in the house style as a PNG with a palette.

    A house chart has a handful of flat colours and, at edges, their blends with white; this
    palette takes a third of the bytes of true colour, and looks the same.

    Parameters
    ----------
    plot : callable
        Returns the figure; it is called inside the style.
    alt : str
        The alternative text.
    """
    from PIL import Image

    drawn, packed = io.BytesIO(), io.BytesIO()
    with chart_style():
        figure = plot()
        with drawn_once(figure):
            figure.savefig(
                drawn, format="png", dpi=_DPI, metadata={"Software": None},
                pil_kwargs={"compress_level": 1},
            )  # fmt: skip
    drawn.seek(0)
    with Image.open(drawn) as picture:
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
        few = flat.quantize(palette=_palette(), dither=Image.Dither.NONE)
        few.save(packed, "PNG", optimize=True)
    return Chart(base64.b64encode(packed.getvalue()).decode("ascii"), alt, "png")


@functools.cache
def _palette() -> Any:
    """Return an image whose palette holds the house colours in steps towards white."""
    from PIL import Image, ImageColor

    shades: set[tuple[int, ...]] = {(255, 255, 255)}
    shades.add(ImageColor.getrgb(GRID_COLOR))  # its blends would pass for white
    for colour in (AREA_COLOR, BLOCK_COLOR, NATION_COLOR, CONTEXT_COLOR):
        channels = ImageColor.getrgb(colour)
        for step in range(1, _BLEND_STEPS + 1):
            share = step / _BLEND_STEPS
            shades.add(tuple(round(255 + (channel - 255) * share) for channel in channels))
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for shade in sorted(shades) for channel in shade])
    return palette
