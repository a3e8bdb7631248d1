"""A figure's SVG made small and safe: only known elements and attributes, short numbers.

matplotlib styles elements through ``style`` attributes and a ``<style>`` that would reach the
whole page; both become presentation attributes here, so that the page's content policy can
refuse every style but its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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
_SHORT_COLORS = {"#000000": "#000", "#ffffff": "#fff"}
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


_GLYPH_SCALE = "scale(0.015625)"
_GLYPH_COARSER = 32  # leaves 200 units to the em, a twentieth of a point in a printed note
_GLYPH = re.compile(r'<path id="(g[\w-]+)" d="([^"]*)" transform="scale\(\.5\)"/>')
_EMPTY_DEFS = re.compile(r"<defs></defs>")
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
    '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 .12l1 1.88" fill="none"/></svg>'
    """
    root = ElementTree.fromstring(svg)
    pieces: list[str] = []
    _drop_repeated_style(root)
    _write(root, pieces)
    return _short_ids("".join(pieces))


def glyphs_of(svg: str) -> dict[str, str]:
    """Return the letters that a tidy SVG draws: their outlines by id, the same in every figure."""
    return dict(_GLYPH.findall(svg))


def without_glyphs(svg: str, shared: Mapping[str, str]) -> str:
    """Return a tidy SVG without the letters that the page already holds in ``shared``."""

    def dropped(match: re.Match[str]) -> str:
        return "" if shared.get(match[1]) == match[2] else match[0]

    return _EMPTY_DEFS.sub("", _GLYPH.sub(dropped, svg))


def glyph_sheet(shared: Mapping[str, str]) -> str:
    """Return the SVG that holds a page's letters once, for all its figures."""
    outlines = "".join(
        f'<path id="{name}" d="{outline}" transform="scale(.5)"/>'
        for name, outline in shared.items()
    )
    return f"<defs>{outlines}</defs>"


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
    if tag in ("use", "image") and "href" not in attributes:
        return
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
        name: _SHORT_COLORS.get(value) or _short(value)
        for name, value in raw.items()
        if name in _ATTRIBUTES
        and (_DEFAULTS.get(name) != value or name in inherited)
        and _is_safe(name, value)
    }
    if "d" in kept and raw.get("transform") == _GLYPH_SCALE:
        kept |= {"d": short_path(raw["d"], 1 / _GLYPH_COARSER, 0), "transform": "scale(.5)"}
    elif "d" in kept:
        kept["d"] = short_path(raw["d"])
    moved = _TRANSLATION.fullmatch(kept.get("transform", "")) if tag == "use" else None
    if moved and "x" not in kept and "y" not in kept:
        del kept["transform"]
        kept |= {
            name: f"{float(size):.0f}"
            for name, size in zip("xy", (moved[1], moved[2] or "0"), strict=True)
            if float(size) != 0.0
        }
    return kept


def short_path(path: str, scale: float = 1.0, decimals: int | None = None) -> str:
    """Rewrite a path's absolute commands (M L Q C Z, as matplotlib writes) as relative ones.

    Rounding does not add up: every point is rounded where it stands.

    Examples
    --------
    >>> short_path("M 10 20 L 10.004 25 L 15 25 Q 1 2 3 4 z")
    'M10 20v5h5q-14-23-12-21z'
    >>> short_path("M 0 0 L 0.5 0.25 L 1 0.75")
    'M0 0l.5.25.5.5'
    """
    tokens = _PATH_TOKEN.findall(path)
    if decimals is None:
        decimals = 1 if tokens.count("L") > _LONG_LINE and "Q" not in tokens else 2
    if not set(tokens).isdisjoint("mlhHvVqcsStTaA"):
        return " ".join(tokens)
    written = _PathWriter(decimals)
    here = start = (0.0, 0.0)
    position = 0
    while position < len(tokens):
        command = tokens[position]
        position += 1
        if command in "zZ":
            written.add("z")
            here = start
            continue
        numbers: list[float] = []
        while position < len(tokens) and not tokens[position].isalpha():
            numbers.append(round(float(tokens[position]) * scale, decimals))
            position += 1
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        moves = [size for x, y in points for size in (x - here[0], y - here[1])]
        if command == "M":
            start = points[0]
            written.add("M", *points[0])
        elif command == "L" and moves[1] == 0.0:
            written.add("h", moves[0])
        elif command == "L" and moves[0] == 0.0:
            written.add("v", moves[1])
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
        is_first = command != self._command or command in "Mz"
        if is_first:
            self.text += command
        self._command = command
        for number in numbers:
            shown = _trimmed(f"{number:.{self._decimals}f}")
            runs_on = shown.startswith("-") or (shown.startswith(".") and self._has_point)
            self.text += shown if is_first or runs_on else f" {shown}"
            is_first = False
            self._has_point = "." in shown


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
    used = {
        name: f"g{name.removeprefix(_FONT)}" if _GLYPH_ID.fullmatch(name) else f"i{position}"
        for position, name in enumerate(referred)
    }

    def shortened(match: re.Match[str]) -> str:
        return f' id="{used[match[1]]}"' if match[1] in used else ""

    svg = re.sub(r' id="([^"]*)"', shortened, svg)
    return _REFERENCE.sub(lambda match: match[0].replace(match[1], used[match[1]]), svg)
