"""A figure's SVG made fit for a page: only known elements and attributes, its text kept as text.

The page's content policy refuses every style but its own, so what matplotlib writes into ``style``
attributes becomes presentation attributes; scripts, links and references to anything outside the
figure are left out. The typeface is the page's (:mod:`gunmane_analysis.charts.typeface`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from gunmane_analysis.paths import read_yaml

_SAFE = re.compile(r"[\w\s.,#()+%-]*", re.ASCII)
_OWN_REFERENCE = re.compile(r"url\(#[\w-]+\)|#[\w-]+", re.ASCII)
_PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=\s]+", re.ASCII)
_STYLED = re.compile(r'<path id="([^"]*)"[^>]* stroke=')
_USE = re.compile(r'<use href="#([^"]*)"[^>]*>')
_STROKE = re.compile(r' stroke[a-z-]*="[^"]*"')
_NUMBER = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
_PLACES = {"d": 1, "x": 1, "y": 1}  # decimals of a point: a 28th of a millimetre
_SPARE_SPACE = re.compile(r"\s*([A-Za-z])\s*")
_NO_TURN = "rotate(-0 "
_MOVE = re.compile(r"translate\(([-\d.]+) ([-\d.]+)\)")
_REFERENCES = re.compile(r'(?:href="|url\()#([\w-]+)', re.ASCII)
_ID = re.compile(r' id="([^"]*)"')
_SVG = "http://www.w3.org/2000/svg"


def clean_svg(svg: str) -> str:
    """Return an SVG with only known elements and attributes, in one line.

    Parameters
    ----------
    svg : str
        An ``<svg>`` element as matplotlib writes it with ``svg.fonttype: none``.

    Returns
    -------
    str
        Styles are attributes, numbers have two decimals and places one, ids are ``i0``, ``i1``, …
        where something refers to them, and nothing refers to anything outside.

    Examples
    --------
    >>> clean_svg('<svg xmlns="http://www.w3.org/2000/svg"><script>x</script>'
    ...           '<path d="M 0 0.123" style="fill: red" onclick="x"/><text>5</text></svg>')
    '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0.1" fill="red"/><text>5</text></svg>'
    """
    pieces: list[str] = []
    _write(ElementTree.fromstring(svg), pieces)
    text = "".join(pieces)
    names = {
        name: f"i{number}" for number, name in enumerate(dict.fromkeys(_REFERENCES.findall(text)))
    }
    styled = set(_STYLED.findall(text))  # whose strokes their uses need not repeat
    text = _USE.sub(lambda m: _STROKE.sub("", m[0]) if m[1] in styled else m[0], text)
    text = _ID.sub(lambda m: f' id="{names[m[1]]}"' if m[1] in names else "", text)
    return _REFERENCES.sub(lambda m: m[0][: -len(m[1])] + names[m[1]], text)


def text_of(svg: str) -> str:
    """Return all that is written in an SVG.

    Examples
    --------
    >>> text_of('<svg xmlns="http://www.w3.org/2000/svg"><text>秋田</text><text>県</text></svg>')
    '秋田県'
    """
    return "".join(ElementTree.fromstring(svg).itertext())


@functools.cache
def _allowed() -> dict[str, Any]:
    return dict(read_yaml(Path(__file__).with_suffix(".yml")))


def _write(element: ElementTree.Element, pieces: list[str]) -> None:
    tag = element.tag.rpartition("}")[2]
    if tag not in _allowed()["elements"]:
        return
    attributes = _attributes(element, tag)
    if tag in ("use", "image") and "href" not in attributes:
        return
    if tag == "path" and attributes.get("fill") == "none" and "stroke" not in attributes:
        return  # nobody sees it
    is_text = tag in ("text", "tspan")
    inner = [escape(element.text)] if is_text and element.text else []
    for child in element:
        _write(child, inner)
        if is_text and child.tail:
            inner.append(escape(child.tail))
    if tag in ("g", "defs", "text") and not inner:
        return
    if tag == "g" and not attributes:
        pieces += inner
        return
    head = tag + "".join(f' {name}="{value}"' for name, value in attributes.items())
    pieces += [f"<{head}>", *inner, f"</{tag}>"] if inner else [f"<{head}/>"]


def _attributes(element: ElementTree.Element, tag: str) -> dict[str, str]:
    raw = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    raw |= _declarations(raw.pop("style", ""))
    kept = {"xmlns": _SVG} if tag == "svg" else {}
    if tag == "svg" and "viewBox" in raw:
        kept |= _allowed()["root"]
    if tag == "text" and (moved := _MOVE.fullmatch(raw.get("transform", ""))):
        raw |= {"x": moved[1], "y": moved[2], "transform": ""}  # half the bytes
    if tag == "g":
        raw.pop("id", None)
    known = _allowed()["attributes"]
    for name, value in raw.items():
        if name in known and value != known[name] and _is_safe(name, value):
            kept[name] = value if name == "href" else _rounded(value, _PLACES.get(name, 2))
    if "d" in kept:
        kept["d"] = _SPARE_SPACE.sub(r"\1", kept["d"]).strip()
    if kept.get("transform", "").startswith(_NO_TURN):
        del kept["transform"]
    return kept


def _is_safe(name: str, value: str) -> bool:
    if name == "href":
        return _OWN_REFERENCE.fullmatch(value) is not None or _PICTURE.fullmatch(value) is not None
    if "url(" in value:
        return _OWN_REFERENCE.fullmatch(value) is not None
    return _SAFE.fullmatch(value) is not None


@functools.lru_cache(maxsize=1024)
def _declarations(style: str) -> Mapping[str, str]:
    parts = (declaration.partition(":") for declaration in style.split(";"))
    return {name.strip(): value.strip() for name, colon, value in parts if colon}


def _rounded(value: str, decimals: int) -> str:
    def rounded(match: re.Match[str]) -> str:
        return f"{float(match[0]):.{decimals}f}".rstrip("0").rstrip(".") or "0"

    return _NUMBER.sub(rounded, value)
