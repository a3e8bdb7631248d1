"""A figure's SVG made small and safe: only known elements and attributes, short numbers.

matplotlib styles elements through ``style`` attributes and a ``<style>`` that would reach the
whole page; both become presentation attributes here, so that the page's content policy can
refuse every style but its own.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Mapping
from xml.etree import ElementTree

from gunmane_analysis.charts.letter_path import letter_path
from gunmane_analysis.charts.svg_merge import merge_repeated
from gunmane_analysis.charts.svg_path import short_path, trimmed

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
# A figure's own ids are i0, i1, …; letters bear capitals, so that no page's id is like them.
_ID = r"(?:i\d+|[A-Z][\w-]*)"
_PICTURE = r"data:image/png;base64,[A-Za-z0-9+/=\s]+"
_CHECKED = ("href", "xmlns", "id")
_VALUE = r"[\w\s.,#()+-]*"
_TIDY = re.compile(
    rf"(?:</?(?:{'|'.join(_ELEMENTS)})"
    rf'(?: (?:href="(?:#{_ID}|{_PICTURE})"|id="{_ID}"|(?:clip-path|fill)="url\(#{_ID}\)"'
    r'|xmlns="http://www.w3.org/2000/svg"'
    rf'|(?:{"|".join(name for name in _ATTRIBUTES if name not in _CHECKED)})="{_VALUE}"))*'
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
    "stroke-dashoffset": "0",
    "opacity": "1",
}
_NAMESPACE = re.compile(r"^\{[^}]*\}")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_TRANSLATION = re.compile(r"translate\((-?[\d.]+)(?:[ ,]+(-?[\d.]+))?\)")
_SCALING = re.compile(r"scale\((-?[\d.]+)[ ,]+-\1\)")
_GAP = re.compile(r"\) +")
_STRAIGHT = re.compile(r"(?:M[^MLQCz]*L[^MLQCz]*)+")
_LEVEL_OR_UPRIGHT = frozenset("hvHV")
_REFERENCE = re.compile(r'(?:href="|url\()#([\w-]+)')
_NATURAL_SCALE = 1.48  # px per pt: text of 10 pt then stands at nearly the size of the page's notes

_GLYPH_SCALE = "scale(0.015625)"
# A letter's grid: 125 units to the em, less than a tenth of a point in a printed note.
_GLYPH_UNIT = 0.8
_CAPITALS = string.ascii_uppercase
_LETTERS = string.ascii_letters
_FONT = "IPAexGothic-"
_GLYPH_ID = re.compile(r"[A-Z]\w*-[0-9a-f]+")  # font and number of its letter


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
    '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0,.12l1,1.88"/></svg>'
    """
    root = ElementTree.fromstring(svg)
    _drop_backgrounds(root)
    _drop_blanks(root)
    merge_repeated(root)
    _drop_repeated_style(root)
    _coarsen_letters(root)
    return _short_ids("".join(_Writer().written(root)))


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
    for group in root.iter():
        _hoist_style(group)


def _hoist_style(group: ElementTree.Element) -> None:
    """Let a group of marks bear the style that all of them bear."""
    styles = {mark.get("style") if _bare(mark.tag) == "use" else None for mark in group}
    if len(group) > 1 and len(styles) == 1 and not group.get("style"):
        style = styles.pop()
        if style:
            group.set("style", style)
            for mark in group:
                del mark.attrib["style"]


def _drop_backgrounds(root: ElementTree.Element) -> None:
    """Drop the white grounds of figure and axes: the page is white."""
    for element in root.iter():
        first = next(iter(element), None)
        if first is None or not str(element.get("id")).startswith(("figure_", "axes_")):
            continue
        if [path.get("style") for path in first] == ["fill: #ffffff"]:
            element.remove(first)


def _drop_blanks(root: ElementTree.Element) -> None:
    """Drop the letters that show nothing (spaces): what follows them has its own place."""
    blanks = {
        f"#{element.get('id')}"
        for element in root.iter()
        if _bare(element.tag) == "path" and element.get("id") and not element.get("d")
    }
    if not blanks:
        return
    for element in root.iter():
        for child in list(element):
            is_blank = f"#{child.get('id')}" in blanks
            if is_blank or not blanks.isdisjoint(child.attrib.values()):
                element.remove(child)


def _coarsen_letters(root: ElementTree.Element) -> None:
    """Put letters on a coarser grid, the right way up: what places them is adapted to it."""
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
        group.set("transform", _SCALING.sub(_coarse_scale, group.get("transform", "")))
        for run in runs:
            if run.get("transform"):
                run.set("transform", _TRANSLATION.sub(_coarse_place, run.get("transform", "")))


def _coarse_scale(match: re.Match[str]) -> str:
    return f"scale({float(match[1]) * _GLYPH_UNIT:.6g})"


def _coarse_place(match: re.Match[str]) -> str:
    right, up = (float(size or "0") / _GLYPH_UNIT for size in match.groups())
    return f"translate({right:.6g} {-up:.6g})"


def is_tidy(svg: str) -> bool:
    """Whether an SVG holds nothing but what :func:`tidy_svg` lets through."""
    return svg.startswith("<svg") and _TIDY.fullmatch(svg) is not None


class _Writer:
    """Writes an SVG's known elements, the outlines of its letters before everything else."""

    def __init__(self) -> None:
        self._outlines: list[str] = []

    def written(self, root: ElementTree.Element) -> list[str]:
        """Return the text of an SVG in pieces."""
        pieces: list[str] = []
        self._write(root, pieces, frozenset())
        if self._outlines and pieces:
            opening = pieces[0].index(">") + 1
            pieces[0:1] = [
                pieces[0][:opening],
                f"<defs>{''.join(self._outlines)}</defs>",
                pieces[0][opening:],
            ]
        return pieces

    def _write(
        self, element: ElementTree.Element, pieces: list[str], inherited: frozenset[str]
    ) -> None:
        tag = _bare(element.tag)
        if tag not in _ELEMENTS:
            return
        attributes = _attributes(element, tag, inherited)
        if tag in ("use", "image") and "href" not in attributes:
            return
        head = tag + "".join([f' {name}="{value}"' for name, value in attributes.items()])
        if tag == "path" and attributes.keys() == {"id", "d"} and _is_letter(attributes["id"]):
            self._outlines.append(f"<{head}/>")
            return
        beneath = inherited
        if tag != "svg":  # what the root sets are the defaults themselves
            beneath = inherited | (_DEFAULTS.keys() if tag == "defs" else attributes.keys())
        inner: list[str] = []
        for child in element:
            self._write(child, inner, beneath)
        if tag == "g" and not attributes:
            pieces.extend(inner)
        elif inner:
            pieces.append(f"<{head}>{''.join(inner)}</{tag}>")
        elif tag not in ("g", "defs"):
            pieces.append(f"<{head}/>")


def _is_letter(name: str) -> bool:
    return _GLYPH_ID.fullmatch(name) is not None


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
        return {**kept, "d": letter_path(raw["d"], 1.0 / 64.0 / _GLYPH_UNIT)}
    kept["d"] = short_path(raw["d"])
    if _STRAIGHT.fullmatch(raw["d"].strip()):
        kept.pop("fill", None)  # a straight line has no inside, and nothing to join
        kept.pop("stroke-linejoin", None)
        if not _LEVEL_OR_UPRIGHT.isdisjoint(kept["d"]):
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
        return re.fullmatch(rf"#[\w-]+|{_PICTURE}", value) is not None
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
        value = _GAP.sub(")", value).replace(", ", ",").replace(" ", ",")
    return _NUMBER.sub(_rounded, value)


def _rounded(match: re.Match[str]) -> str:
    number = float(match[0])
    # A letter's scale must keep its digits; a coordinate need not.
    shown = f"{number:.2f}" if abs(number) >= 0.1 or number == 0 else f"{number:.5f}"
    return trimmed(shown)


def _short_ids(svg: str) -> str:
    referred = dict.fromkeys(_REFERENCE.findall(svg))
    own = (name for name in referred if not _is_letter(name))
    used = {name: f"i{position}" for position, name in enumerate(own)}
    used |= {name: letter_id(name) for name in referred if _is_letter(name)}

    def shortened(match: re.Match[str]) -> str:
        return f' id="{used[match[1]]}"' if match[1] in used else ""

    svg = re.sub(r' id="([^"]*)"', shortened, svg)
    return _REFERENCE.sub(lambda match: match[0].replace(match[1], used[match[1]]), svg)


@functools.lru_cache(maxsize=4096)
def letter_id(name: str) -> str:
    """Return the id of a letter of our font, the same in every figure: two or three marks.

    Examples
    --------
    >>> letter_id("IPAexGothic-13"), letter_id("IPAexGothic-8e3"), letter_id("DejaVuSans-41")
    ('T', 'NJb', 'DejaVuSans-41')
    """
    if not name.startswith(_FONT):
        return name
    number, first = divmod(int(name.removeprefix(_FONT), 16), len(_CAPITALS))
    marks = _CAPITALS[first]
    while number:
        number, place = divmod(number, len(_LETTERS))
        marks += _LETTERS[place]
    return marks
