"""A letter's outline on a coarse grid, without the points that nobody could see."""

from __future__ import annotations

import functools
import math
import re

from gunmane_analysis.charts.svg_path import Point, short_path

_COMMAND = re.compile(r"([MLQ])([^MLQz]*)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_POINT = r"\s+-?\d+(?:\.\d+)?\s+-?\d+(?:\.\d+)?"
_LETTER = re.compile(rf"(?:\s*M{_POINT}(?:\s*(?:L{_POINT}|Q{_POINT}{_POINT}|z))*)+\s*")
_FLAT = 1.0  # units of the grid: a curve whose handle is no further from its chord is a line
_ON_LINE = 0.7  # a corner no further from the line through its neighbours is none

Step = tuple[Point, ...]  # (end,) of a line, (handle, end) of a curve


@functools.lru_cache(maxsize=4096)  # the letters of one figure stand in the next one, too
def letter_path(path: str, scale: float) -> str:
    """Rewrite a letter's outline, which is drawn upwards, on a whole-numbered grid downwards.

    Parameters
    ----------
    path : str
        M, L, Q and z, as matplotlib writes them.
    scale : float
        Units of the grid to one of the path's.

    Returns
    -------
    str
        Open outlines: filling closes them.

    Examples
    --------
    >>> letter_path("M 0 0 L 0 8 L 0 20 Q 5 20.4 10 20 L 10 0 z", 1.0)
    'M0,0v-20h10V0'
    """
    if not _LETTER.fullmatch(path):
        return short_path(path)
    outlines: list[list[Step]] = []
    for command, rest in _COMMAND.findall(path):
        sizes = [float(number) * scale for number in _NUMBER.findall(rest)]
        points = tuple(
            (float(round(x)), float(round(-y)))
            for x, y in zip(sizes[::2], sizes[1::2], strict=True)
        )
        if command == "M":
            outlines.append([points])
        else:
            _go(outlines[-1], points)
    return short_path(" ".join(map(_written, outlines)), decimals=0)


def _go(outline: list[Step], step: Step) -> None:
    """Add a step to an outline, as a line if it is hardly curved, joined to the line before."""
    here, end = outline[-1][-1], step[-1]
    if end == here:
        return
    if len(step) > 1 and _distance(step[0], here, end) <= _FLAT:
        step = (end,)
    goes_on = len(step) == 1 and len(outline) > 1 and len(outline[-1]) == 1
    if goes_on and _distance(here, outline[-2][-1], end) <= _ON_LINE:
        outline.pop()
    outline.append(step)


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return how far a point is from the line through two others; beyond them, from the nearer."""
    right, down = end[0] - start[0], end[1] - start[1]
    length = right * right + down * down
    if length == 0.0:
        return math.dist(point, start)
    along = ((point[0] - start[0]) * right + (point[1] - start[1]) * down) / length
    along = min(max(along, 0.0), 1.0)
    return math.dist(point, (start[0] + along * right, start[1] + along * down))


def _written(outline: list[Step]) -> str:
    start, *steps = outline
    if steps and len(steps[-1]) == 1 and steps[-1] == start:
        steps.pop()  # filling draws it
    parts = [f"M {start[0][0]} {start[0][1]}"]
    for step in steps:
        numbers = " ".join(f"{x} {y}" for x, y in step)
        parts.append(f"{'L' if len(step) == 1 else 'Q'} {numbers}")
    return " ".join(parts)
