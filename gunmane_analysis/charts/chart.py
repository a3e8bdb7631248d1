"""A drawn figure: its SVG for pages, the sentence that describes it, the figure for the Lab."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from gunmane_analysis.cache import get_or_compute
from gunmane_analysis.charts.style import FULL, HALF, use_house_style
from gunmane_analysis.charts.svg import clean_svg
from gunmane_analysis.refusals import refusal

_VIEW_BOX = re.compile(r'viewBox="\S+ \S+ ([\d.]+) ([\d.]+)"')


@dataclass(frozen=True, eq=False, repr=False)
class Chart:
    """A picture as a page shows it, and how it was drawn.

    Attributes
    ----------
    content : str
        The ``<svg>`` element.
    alt : str
        What the picture shows: its shape and its ends, with figures.
    plot : callable or None
        Draws the figure again; None where the chart was read from an executed notebook.
    """

    content: str
    alt: str
    plot: Callable[[], Figure] | None = field(default=None)

    def __repr__(self) -> str:
        return f"Chart({self.alt[:40]!r}…)"

    @property
    def is_half(self) -> bool:
        """Whether the picture is drawn for half the width of a page."""
        box = _VIEW_BOX.search(self.content, 0, 400)
        return box is not None and float(box[1]) < 72 * (FULL + HALF) / 2

    def figure(self) -> Figure:
        """Return the matplotlib figure, drawn in the house style, to go on with.

        Raises
        ------
        DesignError
            If the chart was read from an executed notebook, which holds its picture only.
        """
        if self.plot is None:
            raise refusal("chart-read")
        with use_house_style():
            return self.plot()

    def save(self, path: str | Path) -> None:
        """Write the chart as its ending says: .svg, .png or .pdf."""
        with use_house_style():
            self.figure().savefig(path, dpi=300)


def draw(plot: Callable[[], Figure], alt: str) -> Chart:
    """Draw a figure in the house style.

    Parameters
    ----------
    plot : callable
        Returns the figure; it is called inside the style, so no chart sets fonts or colours.
    alt : str
        The alternative text.
    """
    with use_house_style():
        is_ours = isinstance(plot, partial) and plot.func.__module__.startswith(f"{__package__}.")
        asked = (plot, dict(mpl.rcParams)) if is_ours else None  # others may read variables
        return Chart(get_or_compute(asked, lambda: _svg_of(plot())), alt, plot)


def _svg_of(figure: Figure) -> str:
    FigureCanvasSVG(figure)  # text is measured as it will be drawn
    if engine := figure.get_layout_engine():  # once: savefig draws a figure twice to lay it out
        engine.execute(figure)
        figure.set_layout_engine(None)
    stream = io.StringIO()
    figure.savefig(stream, format="svg")
    return clean_svg(stream.getvalue())
