"""Saving a figure without drawing it twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.figure import Figure


@contextmanager
def drawn_once(figure: Figure) -> Iterator[None]:
    """Skip the draw without output by which ``bbox_inches="tight"`` prepares a figure.

    That draw lets a layout engine place the axes. Where there is no engine, what is measured
    next (``get_tightbbox``) places ticks, titles and aspect by itself, so that the saved bytes
    are the same (a test holds them against each other) and nearly half the drawing is saved.
    With an engine nothing is skipped.
    """
    if figure.get_layout_engine() is not None:
        yield
        return

    def skip(renderer: Any) -> None:
        del figure.draw  # the next draw is the class's own

    figure.draw = skip  # type: ignore[method-assign]
    try:
        yield
    finally:
        vars(figure).pop("draw", None)
