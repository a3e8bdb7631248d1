"""A figure's SVG made small and safe: only known elements and attributes, short numbers.

matplotlib styles elements through ``style`` attributes and a ``<style>`` that would reach the
whole page; both become presentation attributes here, so that the page's content policy can
refuse every style but its own.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from xml.etree import ElementTree

from gunmane_analysis.report.charts.svg_path import short_path, trimmed

_ELEMENTS = (
    "svg", "g", "path", "use", "defs", "clipPath", "rect", "circle", "ellipse", "line",
    "polyline", "polygon", "pattern", "image",
)  # fmt: skip
_ATTRIBUTES = [
    "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "points", "width",
    "height", "viewBox", "id", "href", "transform", "clip-path", "clip-rule", "fill",
    "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray",
    "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "opacity",
    "patternUnits", "patternTransform", "preserveAspectRatio", "xmlns",
]  # fmt: skip
_HREF = r"(?:#[\w-]+|data:image/png;base64,[A-Za-z0-9+/=\s]+)"
_VALUE = r"[\w\s.,#()+-]*"
_TIDY = re.compile(
    rf"(?:</?(?:{'|'.join(_ELEMENTS)})"
    rf'(?: (?:href="{_HREF}"|(?:clip-path|fill)="url\(#[\w-]+\)"|xmlns="http://www.w3.org/2000/svg"'
    rf'|(?:{"|".join(name for name in _ATTRIBUTES if name not in ("href", "xmlns"))})="{_VALUE}"))*'
    r"/?>)*",
    re.ASCII,
)
_SHORT_COLORS = {"#000000": "#000", "#ffffff": "#fff"}
_DEFAULTS = {
    "fill": "#000000",
    "fill-opacity": "1",
    "stroke-opacity": "1",
    "stroke-linecap": "square",  # matplotlib's own for lines; set once on the root
    "stroke-linejoin": "round",
    "stroke-miterlimit": "100000",
    "opacity": "1",
}
_NAMESPACE = re.compile(r"^\{[^}]*\}")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_TRANSLATION = re.compile(r"translate\((-?[\d.]+)(?:[ ,]+(-?[\d.]+))?\)")
_SCALING = re.compile(r"scale\([^)]*\)")
_STRAIGHT = re.compile(r"M[^MLQCz]*L[^MLQCz]*")
_REFERENCE = re.compile(r'(?:href="|url\()#([\w-]+)')
_NATURAL_SCALE = 1.48  # px per pt: text of 10 pt then stands at nearly the size of the page's notes

_GLYPH_SCALE = "scale(0.015625)"
# A letter's grid: 160 units to the em, a sixteenth of a point in a printed note.
_GLYPH_UNIT = 0.625
_FONT = "IPAexGothic-"
_GLYPH_ID = re.compile(r"[A-Za-z]\w*-[0-9a-f]+")  # font and character code


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
    '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 .12l1 1.88"/></svg>'
    """
    root = ElementTree.fromstring(svg)
    pieces: list[str] = []
    _drop_backgrounds(root)
    _drop_repeated_style(root)
    _coarsen_letters(root)
    _write(root, pieces)
    return _short_ids("".join(pieces))


def _drop_repeated_style(root: ElementTree.Element) -> None:
    """Drop from ``use`` the style that the element it shows carries itself."""
    styles = {
        element.get("id"): element.get("style")
        for element in root.iter()
        if element.get("id") and element.get("style")
    }
    for element in root.iter():
        href = next((value for name, value in element.items() if name.endswith("href")), "")
        style = element.get("style")
        if style and href.startswith("#") and href[1:] in styles:
            kept = set(style.split("; ")) - set(str(styles[href[1:]]).split("; "))
            names = {declaration.partition(":")[0] for declaration in kept}
            own = {item.partition(":")[0] for item in str(styles[href[1:]]).split("; ")}
            element.set("style", "; ".join(sorted(kept)) if names - own else "")


def _drop_backgrounds(root: ElementTree.Element) -> None:
    """Drop the white grounds of figure and axes: the page is white."""
    for element in root.iter():
        first = next(iter(element), None)
        if first is None or not str(element.get("id")).startswith(("figure_", "axes_")):
            continue
        if [path.get("style") for path in first] == ["fill: #ffffff"]:
            element.remove(first)


def _coarsen_letters(root: ElementTree.Element) -> None:
    """Put letters on a coarser grid: their group shrinks less, their places shrink with it."""
    for group in root.iter():
        runs = [
            child
            for child in group
            if any(
                name.endswith("href") and _GLYPH_ID.fullmatch(value[1:])
                for name, value in child.items()
            )
        ]
        if not runs:
            continue
        group.set("transform", _scaled(_SCALING, group.get("transform", ""), _GLYPH_UNIT))
        for run in runs:
            if run.get("transform"):
                moved = _scaled(_TRANSLATION, run.get("transform", ""), 1.0 / _GLYPH_UNIT)
                run.set("transform", moved)


def _scaled(pattern: re.Pattern[str], transform: str, factor: float) -> str:
    """Multiply the numbers of one kind of transformation."""
    return pattern.sub(
        lambda match: re.sub(
            r"-?\d+(?:\.\d+)?", lambda number: f"{float(number[0]) * factor:.6g}", match[0]
        ),
        transform,
    )


def is_tidy(svg: str) -> bool:
    """Whether an SVG holds nothing but what :func:`tidy_svg` lets through."""
    return svg.startswith("<svg") and _TIDY.fullmatch(svg) is not None


def _write(
    element: ElementTree.Element, pieces: list[str], inherited: frozenset[str] = frozenset()
) -> None:
    tag = _bare(element.tag)
    if tag not in _ELEMENTS:
        return
    attributes = _attributes(element, tag, inherited)
    if tag in ("use", "image") and "href" not in attributes:
        return
    beneath = inherited
    if tag != "svg":  # what the root sets are the defaults themselves
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
    raw = {_bare(name): value for name, value in element.attrib.items()}
    raw |= _declarations(raw.pop("style", ""))
    if tag == "svg":
        return _root_attributes(raw)
    if tag == "g":
        raw.pop("id", None)
    kept = {}
    for name, value in raw.items():
        if name not in _ATTRIBUTES or (_DEFAULTS.get(name) == value and name not in inherited):
            continue
        shown = _shown(name, value) if name != "d" else value if _is_safe(name, value) else None
        if shown is not None:
            kept[name] = shown
    if tag == "path" and "d" in kept:
        kept = _path_attributes(kept, raw)
    moved = _TRANSLATION.fullmatch(kept.get("transform", "")) if tag == "use" else None
    if moved and "x" not in kept and "y" not in kept:
        del kept["transform"]
        kept |= {
            name: f"{float(size):.0f}"
            for name, size in zip("xy", (moved[1], moved[2] or "0"), strict=True)
            if float(size) != 0.0
        }
    return kept


@functools.cache
def _bare(name: str) -> str:
    return _NAMESPACE.sub("", name)


@functools.lru_cache(maxsize=1024)
def _declarations(style: str) -> Mapping[str, str]:
    parts = (declaration.partition(":") for declaration in style.split(";"))
    return {name.strip(): value.strip() for name, colon, value in parts if colon}


@functools.lru_cache(maxsize=4096)
def _shown(name: str, value: str) -> str | None:
    """Return an attribute's value as written; None where it is not safe."""
    if not _is_safe(name, value):
        return None
    return _SHORT_COLORS.get(value) or _short(name, value)


def _path_attributes(kept: dict[str, str], raw: dict[str, str]) -> dict[str, str]:
    if raw.get("transform") == _GLYPH_SCALE:
        del kept["transform"]
        return {**kept, "d": short_path(raw["d"], 1.0 / 64.0 / _GLYPH_UNIT, 0)}
    kept["d"] = short_path(raw["d"])
    if _STRAIGHT.fullmatch(raw["d"].strip()):
        kept.pop("fill", None)  # a straight line has no inside, and nothing to join
        kept.pop("stroke-linejoin", None)
        if "h" in kept["d"] or "v" in kept["d"]:
            kept.pop("clip-path", None)  # axes, ticks and grids end where their axes end
    is_open = not kept["d"].endswith("z")
    if is_open and "stroke-linecap" not in raw and raw.get("stroke", "none") != "none":
        kept["stroke-linecap"] = "butt"
    return kept


def _root_attributes(raw: dict[str, str]) -> dict[str, str]:
    kept = {"xmlns": "http://www.w3.org/2000/svg"}
    if "viewBox" in raw and _is_safe("viewBox", raw["viewBox"]):
        sizes = raw["viewBox"].split()
        width, height = (float(size) * _NATURAL_SCALE for size in sizes[2:])
        kept |= {
            "width": f"{width:.0f}",
            "height": f"{height:.0f}",
            "viewBox": _short("viewBox", raw["viewBox"]),
            "stroke-linejoin": "round",
            "stroke-linecap": "square",
        }
    return kept


def _is_safe(name: str, value: str) -> bool:
    if name == "href":
        return re.fullmatch(_HREF, value) is not None
    if name in ("clip-path", "fill") and value.startswith("url("):
        return re.fullmatch(r"url\(#[\w-]+\)", value) is not None
    return re.fullmatch(_VALUE, value, re.ASCII) is not None


def _short(name: str, value: str) -> str:
    if name in ("x", "y"):
        return _NUMBER.sub(lambda match: trimmed(f"{float(match[0]):.1f}"), value)
    if name == "transform":
        value = _TRANSLATION.sub(
            lambda match: re.sub(
                r"-?[\d.]+", lambda number: trimmed(f"{float(number[0]):.1f}"), match[0]
            ),
            value,
        )
    return _NUMBER.sub(_rounded, value)


def _rounded(match: re.Match[str]) -> str:
    number = float(match[0])
    # A letter's scale must keep its digits; a coordinate need not.
    shown = f"{number:.2f}" if abs(number) >= 0.1 or number == 0 else f"{number:.5f}"
    return trimmed(shown)


def _short_ids(svg: str) -> str:
    referred = dict.fromkeys(_REFERENCE.findall(svg))
    used = {
        name: f"g{name.removeprefix(_FONT)}" if _GLYPH_ID.fullmatch(name) else f"i{position}"
        for position, name in enumerate(referred)
    }

    def shortened(match: re.Match[str]) -> str:
        return f' id="{used[match[1]]}"' if match[1] in used else ""

    svg = re.sub(r' id="([^"]*)"', shortened, svg)
    return _REFERENCE.sub(lambda match: match[0].replace(match[1], used[match[1]]), svg)
