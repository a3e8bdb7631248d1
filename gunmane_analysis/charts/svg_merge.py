"""What matplotlib writes many times in an SVG and can be written once: grids, ticks, marks.

Works on the tree as matplotlib writes it, before :mod:`gunmane_analysis.charts.svg` makes
it short. What is seen stays the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from xml.etree.ElementTree import Element

_AXIS = "matplotlib.axis_"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_WAY = re.compile(r"M 0 0 \s*L (-?[\d.]+) (-?[\d.]+)\s*")
_CIRCLE = re.compile(r"M 0 ([\d.]+)\s*(?:C[^A-Z]*){8}z\s*")
_POLYGON = re.compile(r"M[^A-Zz]*(?:L[^A-Zz]*)+z\s*")
_SIDES = 5
_CURVED = re.compile(r"[^MLQCz\d\s.e-]")
_CLIP = re.compile(r"url\(#([^)]+)\)")
Place = tuple[float, float]
_LINE_ROOM = 0.6  # a line of this many points beyond the frame is half a spine's width
_MARK_ROOM = -3.0  # a mark is wholly inside where its middle is this far from the frame


def merge_repeated(root: Element) -> None:
    """Draw in one path what one axis repeats: its grid, its ticks; and the marks of a line.

    Clipping is left out where nothing reaches beyond the frame.
    """
    marks = {
        f"#{path.get('id')}": path
        for path in root.iter()
        if _bare(path) == "path" and path.get("id")
    }
    for group in root.iter():
        if str(group.get("id")).startswith(_AXIS):
            _join_grid(group)
            _join_ticks(group, marks)
        elif not _is_text(group):
            _join_marks(group, marks)
    _drop_idle_clips(root)
    _drop_unused(root)


def _bare(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _is_text(group: Element) -> bool:
    return "scale(" in str(group.get("transform"))


def _href(element: Element) -> str:
    return next((value for name, value in element.items() if name.endswith("href")), "")


def _style(element: Element) -> dict[str, str]:
    parts = (item.partition(":") for item in str(element.get("style") or "").split(";"))
    return {name.strip(): value.strip() for name, colon, value in parts if colon}


def _inside(group: Element, tag: str) -> Iterator[tuple[Element, Element]]:
    """Yield the parents and elements of a kind, letters aside."""
    for parent in group.iter():
        if not _is_text(parent):
            yield from ((parent, child) for child in list(parent) if _bare(child) == tag)


def _join_grid(axis: Element) -> None:
    first: dict[tuple[str | None, str | None], Element] = {}
    for parent, path in _inside(axis, "path"):
        if path.get("id"):
            continue
        looks = path.get("style"), path.get("clip-path")
        if looks in first:
            joined = first[looks]
            joined.set("d", f"{joined.get('d')} {path.get('d')}")
            parent.remove(path)
        else:
            first[looks] = path


def _join_ticks(axis: Element, marks: dict[str, Element]) -> None:
    first: dict[str, Element] = {}
    for parent, use in _inside(axis, "use"):
        mark = marks.get(_href(use))
        way = _WAY.fullmatch(mark.get("d", "")) if mark is not None else None
        if mark is None or way is None:
            continue
        x, y = float(use.get("x", 0)), float(use.get("y", 0))
        drawn = f"M {x} {y} L {x + float(way[1])} {y + float(way[2])}"
        parent.remove(use)
        if _href(use) in first:
            joined = first[_href(use)]
            joined.set("d", f"{joined.get('d')} {drawn}")
        else:
            style = f"{mark.get('style')}; stroke-linecap: butt"
            path = Element(mark.tag, {"d": drawn, "style": style})
            first[_href(use)] = path
            parent.append(path)


def _join_marks(group: Element, marks: dict[str, Element]) -> None:
    """Write a line's marks, if all are alike, as one path."""
    uses = list(group)
    mark = marks.get(_href(uses[0])) if uses else None
    if mark is None or any(_href(use) != _href(uses[0]) for use in uses):
        return
    if len({use.get("style") for use in uses}) > 1:
        return
    places = [(float(use.get("x", 0)), float(use.get("y", 0))) for use in uses]
    style = {**_style(mark), **_style(uses[0])}
    joined = _dots(mark, style, places)
    if joined is None:
        joined = _polygons(mark, style, places)
    if joined is not None:
        for use in uses:
            group.remove(use)
        group.append(joined)


def _dots(mark: Element, style: dict[str, str], places: Sequence[Place]) -> Element | None:
    """Return round marks of one colour as the round ends of strokes without length."""
    circle = _CIRCLE.fullmatch(mark.get("d", ""))
    is_flat = style.get("fill") == style.get("stroke") and style.get("fill", "none") != "none"
    if circle is None or not is_flat or style.keys() - {"fill", "stroke", "stroke-width"}:
        return None
    across = 2.0 * float(circle[1]) + float(style.get("stroke-width", 1.0))
    dots = " ".join(f"M {x} {y} L {x} {y}" for x, y in places)
    look = f"fill: none; stroke: {style['fill']}; stroke-width: {across}; stroke-linecap: round"
    return Element(mark.tag, {"d": dots, "style": look})


def _polygons(mark: Element, style: dict[str, str], places: Sequence[Place]) -> Element | None:
    """Return marks of a few straight sides, each where it stands."""
    path = mark.get("d", "")
    if not _POLYGON.fullmatch(path) or path.count("L") > _SIDES:
        return None
    sizes = [float(number) for number in _NUMBER.findall(path)]
    corners = list(zip(sizes[::2], sizes[1::2], strict=True))
    drawn = " ".join(
        f"M {' L '.join(f'{x + right:.4f} {y + down:.4f}' for right, down in corners)} z"
        for x, y in places
    )
    look = "; ".join(f"{name}: {value}" for name, value in style.items())
    return Element(mark.tag, {"d": drawn, "style": look})


def _drop_idle_clips(root: Element) -> None:
    frames: dict[str, tuple[float, ...]] = {}
    for clip in root.iter():
        if _bare(clip) == "clipPath" and [_bare(child) for child in clip] == ["rect"]:
            sides = (float(clip[0].get(name, 0)) for name in ("x", "y", "width", "height"))
            frames[str(clip.get("id"))] = tuple(sides)
    for element in root.iter():
        clipped = _CLIP.fullmatch(str(element.get("clip-path")))
        if clipped and clipped[1] in frames and _stays_inside(element, frames[clipped[1]]):
            del element.attrib["clip-path"]


def _stays_inside(element: Element, frame: tuple[float, ...]) -> bool:
    if _bare(element) == "path":
        return _is_path_within(element, frame, _LINE_ROOM)
    if _bare(element) != "g" or not len(element):
        return False
    if [_bare(child) for child in element] == ["path"]:
        return _is_path_within(element[0], frame, _MARK_ROOM)
    if any(_bare(child) != "use" for child in element):
        return False
    right = [float(use.get("x", "nan")) for use in element]
    down = [float(use.get("y", "nan")) for use in element]
    return _is_within(right, down, frame, _MARK_ROOM)


def _is_path_within(path: Element, frame: tuple[float, ...], room: float) -> bool:
    written = path.get("d", "")
    if _CURVED.search(written):
        return False
    numbers = [float(number) for number in _NUMBER.findall(written)]
    return _is_within(numbers[::2], numbers[1::2], frame, room)


def _is_within(
    right: list[float], down: list[float], frame: tuple[float, ...], room: float
) -> bool:
    x, y, width, height = frame
    return bool(right) and (
        all(x - room <= place <= x + width + room for place in right)
        and all(y - room <= place <= y + height + room for place in down)
    )


def _drop_unused(root: Element) -> None:
    """Drop marks and frames that nothing refers to any more."""
    used = {_href(element)[1:] for element in root.iter()}
    for element in root.iter():
        used.update(_CLIP.findall(" ".join(element.attrib.values())))
    _remove(root, lambda child: _bare(child) in ("path", "clipPath") and _is_idle(child, used))


def _is_idle(element: Element, used: set[str]) -> bool:
    name = element.get("id")
    return name is not None and name not in used


def _remove(root: Element, is_idle: Callable[[Element], bool]) -> None:
    for element in root.iter():
        if _bare(element) == "defs":
            for child in list(element):
                if is_idle(child):
                    element.remove(child)
