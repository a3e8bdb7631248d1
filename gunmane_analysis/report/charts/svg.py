"""A figure's SVG made small and safe: only known elements and attributes, short numbers.

matplotlib styles elements through ``style`` attributes and a ``<style>`` that would reach the
whole page; both become presentation attributes here, so that the page's content policy can
refuse every style but its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree

_ELEMENTS = [
    "svg",
    "g",
    "path",
    "use",
    "defs",
    "clipPath",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "pattern",
    "image",
]
_ATTRIBUTES = [
    "d",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "points",
    "width",
    "height",
    "viewBox",
    "id",
    "href",
    "transform",
    "clip-path",
    "clip-rule",
    "fill",
    "fill-opacity",
    "fill-rule",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "opacity",
    "patternUnits",
    "patternTransform",
    "preserveAspectRatio",
    "xmlns",
]
_HREF = r"(?:#[\w-]+|data:image/png;base64,[A-Za-z0-9+/=\s]+)"
_VALUE = r"[\w\s.,#()+-]*"
_TIDY = re.compile(
    rf"(?:</?(?:{'|'.join(_ELEMENTS)})"
    rf'(?: (?:href="{_HREF}"|(?:clip-path|fill)="url\(#[\w-]+\)"|xmlns="http://www.w3.org/2000/svg"'
    rf'|(?:{"|".join(name for name in _ATTRIBUTES if name not in ("href", "xmlns"))})="{_VALUE}"))*'
    r"/?>)*",
    re.ASCII,
)
_DEFAULTS = {
    "fill": "#000000",
    "fill-opacity": "1",
    "stroke-opacity": "1",
    "stroke-linecap": "butt",
    "stroke-linejoin": "round",
    "stroke-miterlimit": "100000",
    "opacity": "1",
}
_NAMESPACE = re.compile(r"^\{[^}]*\}")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_PATH_TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_LONG_LINE = 8  # points; a tenth of a point is finer than any screen or printer shows
_TRANSLATION = re.compile(r"translate\((-?[\d.]+)(?:[ ,]+(-?[\d.]+))?\)")
_REFERENCE = re.compile(r'(?:href="|url\()#([\w-]+)')
_NATURAL_SCALE = 1.48  # px per pt: text of 10 pt then stands at nearly the size of the page's notes


def tidy_svg(svg: str) -> str:
    """Return an SVG with only known elements and attributes, numbers of two decimals.

    Parameters
    ----------
    svg : str
        An ``<svg>`` element as matplotlib writes it, texts drawn as paths.

    Returns
    -------
    str
        One line; ``style`` turned into attributes, comments, scripts, links, texts and
        unused ids gone.

    Examples
    --------
    >>> tidy_svg('<svg xmlns="http://www.w3.org/2000/svg"><g><script>x</script>'
    ...          '<path d="M 0 0.123456 L 1 2" style="fill: none" onclick="x"/></g></svg>')
    '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 .12l1 1.88" fill="none"/></svg>'
    """
    root = ElementTree.fromstring(svg)
    pieces: list[str] = []
    _write(root, pieces)
    return _short_ids("".join(pieces))


def is_tidy(svg: str) -> bool:
    """Whether an SVG holds nothing but what :func:`tidy_svg` lets through."""
    return svg.startswith("<svg") and _TIDY.fullmatch(svg) is not None


def _write(
    element: ElementTree.Element, pieces: list[str], inherited: frozenset[str] = frozenset()
) -> None:
    tag = _NAMESPACE.sub("", element.tag)
    if tag not in _ELEMENTS:
        return
    attributes = _attributes(element, tag, inherited)
    beneath = inherited | (_DEFAULTS.keys() if tag == "defs" else attributes.keys())
    inner: list[str] = []
    for child in element:
        _write(child, inner, beneath)
    if tag == "g" and not attributes:
        pieces.extend(inner)
        return
    if tag in ("g", "defs") and not inner:
        return
    head = tag + "".join(f' {name}="{value}"' for name, value in attributes.items())
    pieces.append(f"<{head}>{''.join(inner)}</{tag}>" if inner else f"<{head}/>")


def _attributes(
    element: ElementTree.Element, tag: str, inherited: frozenset[str]
) -> dict[str, str]:
    raw = {_NAMESPACE.sub("", name): value for name, value in element.attrib.items()}
    for declaration in raw.pop("style", "").split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            raw[name.strip()] = value.strip()
    if tag == "svg":
        return _root_attributes(raw)
    if tag == "g":
        raw.pop("id", None)
    kept = {
        name: _short(value)
        for name, value in raw.items()
        if name in _ATTRIBUTES
        and (_DEFAULTS.get(name) != value or name in inherited)
        and _is_safe(name, value)
    }
    if "d" in kept:
        kept["d"] = short_path(raw["d"])
    moved = _TRANSLATION.fullmatch(kept.get("transform", "")) if tag == "use" else None
    if moved and "x" not in kept and "y" not in kept:
        del kept["transform"]
        kept |= {
            name: size
            for name, size in zip("xy", (moved[1], moved[2] or "0"), strict=True)
            if float(size) != 0.0
        }
    return kept


def short_path(path: str) -> str:
    """Rewrite a path's absolute commands (M L Q C Z, as matplotlib writes) as relative ones.

    Rounding does not add up: every point is rounded where it stands.

    Examples
    --------
    >>> short_path("M 10 20 L 10.004 25 L 15 25 Q 1 2 3 4 z")
    'M10 20v5h5q-14-23-12-21z'
    """
    tokens = _PATH_TOKEN.findall(path)
    decimals = 1 if tokens.count("L") > _LONG_LINE and "Q" not in tokens else 2
    if not set(tokens).isdisjoint("mlhHvVqcsStTaA"):
        return " ".join(tokens)
    written: list[str] = []
    here = (0.0, 0.0)
    start = here
    position = 0
    while position < len(tokens):
        command = tokens[position]
        position += 1
        if command in "zZ":
            written.append("z")
            here = start
            continue
        numbers: list[float] = []
        while position < len(tokens) and not tokens[position].isalpha():
            numbers.append(round(float(tokens[position]), decimals))
            position += 1
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command == "M":
            start = points[0]
            written.append("M" + _joined(points[0], decimals))
        elif command == "L":
            written.append(_line(here, points[0], decimals))
        else:
            moves = [size for x, y in points for size in (x - here[0], y - here[1])]
            written.append(command.lower() + _joined(moves, decimals))
        here = points[-1]
    return "".join(written)


def _line(here: tuple[float, float], there: tuple[float, float], decimals: int) -> str:
    if here[1] == there[1]:
        return "h" + _joined([there[0] - here[0]], decimals)
    if here[0] == there[0]:
        return "v" + _joined([there[1] - here[1]], decimals)
    return "l" + _joined([there[0] - here[0], there[1] - here[1]], decimals)


def _joined(numbers: Iterable[float], decimals: int) -> str:
    joined = ""
    for number in numbers:
        shown = _trimmed(f"{number:.{decimals}f}")
        joined += f" {shown}" if joined and not shown.startswith("-") else shown
    return joined


def _root_attributes(raw: dict[str, str]) -> dict[str, str]:
    kept = {"xmlns": "http://www.w3.org/2000/svg"}
    if "viewBox" in raw and _is_safe("viewBox", raw["viewBox"]):
        sizes = raw["viewBox"].split()
        width, height = (float(size) * _NATURAL_SCALE for size in sizes[2:])
        kept |= {
            "width": f"{width:.0f}",
            "height": f"{height:.0f}",
            "viewBox": _short(raw["viewBox"]),
            "stroke-linejoin": "round",
        }
    return kept


def _is_safe(name: str, value: str) -> bool:
    if name == "href":
        return re.fullmatch(_HREF, value) is not None
    if name in ("clip-path", "fill") and value.startswith("url("):
        return re.fullmatch(r"url\(#[\w-]+\)", value) is not None
    return re.fullmatch(_VALUE, value, re.ASCII) is not None


def _short(value: str) -> str:
    return _NUMBER.sub(_rounded, value)


def _rounded(match: re.Match[str]) -> str:
    number = float(match[0])
    # A glyph's scale of 0.015625 must keep its digits; a coordinate need not.
    shown = f"{number:.2f}" if abs(number) >= 0.1 or number == 0 else f"{number:.6f}"
    return _trimmed(shown)


def _trimmed(shown: str) -> str:
    """Drop the zeros that say nothing: ``0.50`` is ``.5``."""
    if "." not in shown:
        return shown
    shown = shown.rstrip("0").rstrip(".")
    if shown in ("-0", ""):
        return "0"
    return shown.replace("0.", ".", 1) if shown.lstrip("-").startswith("0.") else shown


def _short_ids(svg: str) -> str:
    referred = dict.fromkeys(_REFERENCE.findall(svg))
    used = {name: f"{position:x}" for position, name in enumerate(referred)}

    def shortened(match: re.Match[str]) -> str:
        return f' id="{used[match[1]]}"' if match[1] in used else ""

    svg = re.sub(r' id="([^"]*)"', shortened, svg)
    return _REFERENCE.sub(lambda match: match[0].replace(match[1], used[match[1]]), svg)
