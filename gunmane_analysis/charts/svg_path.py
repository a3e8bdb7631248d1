"""Paths of figures, written as short as they can be read back."""

from __future__ import annotations

import functools
import re

_NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?"
_PATH_TOKEN = re.compile(rf"[A-Za-z]|{_NUMBER}")
_PATH_NUMBER = re.compile(_NUMBER)
_COMMAND = re.compile(r"([MLQCZz])([^MLQCZz]*)")
_ABSOLUTE = re.compile(rf"\s*(?:[MLQCZz]\s*(?:{_NUMBER}[\s,]*)*)+")
_MARK = 15.0  # points from the middle of a mark or a hatch; its shape needs a second decimal

Point = tuple[float, float]


@functools.lru_cache(maxsize=1024)  # marks of one figure stand in the next one, too
def short_path(path: str, decimals: int | None = None) -> str:
    """Rewrite a path's absolute commands (M L Q C Z, as matplotlib writes) as relative ones.

    Rounding does not add up: every point is rounded where it stands.

    Parameters
    ----------
    path : str
    decimals : int, optional
        0 is a letter's whole-numbered grid; by default a tenth of a point, finer than any screen
        or printer shows, and a hundredth in a mark.

    Examples
    --------
    >>> short_path("M 10 20 L 10.004 25 L 15 25 Q 1 2 3 4 z")
    'M10,20v5h5q-14-23-12-21z'
    >>> short_path("M 0 0 L 0.5 0.25 L 1 0.75")
    'M0,0l.5.25.5.5'
    >>> short_path("M 30 2 L 30 4 L 9 4 L 30 2 z M 31 9 L 33 7", decimals=0)
    'M30,2v2H9zm1,7l2-2'
    """
    if not _ABSOLUTE.fullmatch(path):
        return " ".join(_PATH_TOKEN.findall(path))
    if decimals is None:
        is_mark = all(abs(float(number)) < _MARK for number in _PATH_NUMBER.findall(path))
        decimals = 2 if is_mark else 1
    written = _PathWriter(decimals)
    here = start = (0.0, 0.0)
    commands = _COMMAND.findall(path)
    for (command, rest), (following, _) in zip(commands, [*commands[1:], ("", "")], strict=True):
        if command in "zZ":
            written.add("z")
            here = start
            continue
        numbers = [float(number) for number in _PATH_TOKEN.findall(rest)]
        points = [
            (round(x, decimals), round(y, decimals))
            for x, y in zip(numbers[::2], numbers[1::2], strict=True)
        ]
        moves = [size for x, y in points for size in (x - here[0], y - here[1])]
        if decimals == 0 and command != "M" and not any(moves):
            continue  # rounded away
        if decimals == 0 and command == "L" and following in ("z", "Z") and points[-1] == start:
            continue  # z draws it
        if command == "M":
            start = points[0]
            written.move(start, (moves[0], moves[1]))
        elif command == "L" and moves[1] == 0.0:
            written.straight("h", points[0][0], moves[0])
        elif command == "L" and moves[0] == 0.0:
            written.straight("v", points[0][1], moves[1])
        else:
            written.add(command.lower(), *moves)
        here = points[-1]
    return written.text


class _PathWriter:
    """Joins commands and numbers with no mark that a reader of paths does not need."""

    def __init__(self, decimals: int) -> None:
        self.text = ""
        self._decimals = decimals
        self._command = ""
        self._has_point = False

    def add(self, command: str, *numbers: float) -> None:
        """Add one command; its letter is left out where it repeats the one before."""
        is_first = command != self._command or command in "Mmz"
        if is_first:
            self.text += command
        self._command = command
        for number in numbers:
            shown = self._shown(number)
            runs_on = shown.startswith("-") or (shown.startswith(".") and self._has_point)
            self.text += shown if is_first or runs_on else f",{shown}"
            is_first = False
            self._has_point = "." in shown

    def straight(self, command: str, place: float, way: float) -> None:
        """Go level or upright: to the place itself, if that is shorter to write than the way."""
        is_shorter = len(self._shown(place)) < len(self._shown(way))
        self.add(command.upper() if is_shorter else command, place if is_shorter else way)

    def move(self, point: Point, moves: Point) -> None:
        """Go to a point: from where the last outline ended, if that is shorter to write."""
        whole, relative = (sum(len(self._shown(size)) for size in way) for way in (point, moves))
        if self.text and relative < whole:
            self.add("m", *moves)
        else:
            self.add("M", *point)

    def _shown(self, number: float) -> str:
        if self._decimals == 0:
            return str(int(number))
        return trimmed(f"{number:.{self._decimals}f}")


def trimmed(shown: str) -> str:
    """Drop the zeros that say nothing: ``0.50`` is ``.5``."""
    if "." not in shown:
        return shown
    shown = shown.rstrip("0").rstrip(".")
    if shown in ("-0", ""):
        return "0"
    return shown.replace("0.", ".", 1) if shown.lstrip("-").startswith("0.") else shown
