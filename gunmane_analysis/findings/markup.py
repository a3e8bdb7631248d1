"""What becomes HTML outside the templates: prose, formulas, figures, table rows. All escaped."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from xml.etree import ElementTree

import mistune
from markupsafe import Markup, escape
from mistune.plugins.math import math as math_plugin

from gunmane_analysis.charts.svg import clean_svg, text_of
from gunmane_analysis.charts.typeface import font_face
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.wording import FALL, MARKERS

if TYPE_CHECKING:
    from gunmane_analysis.findings.finding import Finding

_HEADING_SHIFT = 1
_LONG_ROW_HEADER = 16
_SHORT_CELL = 10
_FALL_SPOKEN = "マイナス"
_NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'
_ID_PLACE = re.compile(r'( id="|href="#|url\(#)')
_MATHML = "http://www.w3.org/1998/Math/MathML"


class _ProseRenderer(mistune.HTMLRenderer):
    """A notebook's ``#`` is a page's ``h2``; pictures from elsewhere become their text."""

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return super().heading(text, min(level + _HEADING_SHIFT, 6), **attrs)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return str(escape(Markup(text).striptags()))

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if not url.startswith(("#", "http://", "https://", "mailto:")):
            return text
        return super().link(text, url, title)

    def inline_math(self, text: str) -> str:
        return mathml(text, "inline")

    def block_math(self, text: str) -> str:
        return f"<p>{mathml(text)}</p>\n"


@functools.cache
def _prose() -> mistune.Markdown:
    return mistune.create_markdown(renderer=_ProseRenderer(escape=True), plugins=[math_plugin])


@functools.lru_cache(maxsize=256)
def markdown(text: str) -> Markup:
    r"""Turn prose into HTML; HTML inside it is shown as text, formulas become MathML.

    Examples
    --------
    >>> markdown("# 職員 <b>")
    Markup('<h2>職員 &lt;b&gt;</h2>\n')
    """
    return Markup(_prose()(text))


@functools.lru_cache(maxsize=256)
def mathml(formula: str, display: Literal["inline", "block"] = "block") -> Markup:
    """Turn a LaTeX formula into MathML of known elements; one that cannot be read stays text."""
    from latex2mathml.converter import convert

    try:
        root = ElementTree.fromstring(convert(formula, display=display))
    except Exception:  # noqa: BLE001 - whatever the converter cannot read is shown as it stands
        return escape(formula)
    allowed = _allowed_mathml()
    for element in list(root.iter()):
        for name in element.attrib.keys() - allowed["attributes"]:
            del element.attrib[name]
        element[:] = [e for e in element if e.tag.rpartition("}")[2] in allowed["elements"]]
    ElementTree.register_namespace("", _MATHML)
    return Markup(ElementTree.tostring(root, encoding="unicode"))


@functools.cache
def _allowed_mathml() -> dict[str, set[str]]:
    """Return the elements and attributes of ``_mathml.yml``."""
    described = read_yaml(Path(__file__).with_name("_mathml.yml"))
    return {kind: set(names) for kind, names in described.items()}


def inline_svg(svg: str, prefix: str, title: str, alt: str) -> Markup:
    """Make an SVG fit for a page: cleaned, with ids of its own, a title and its description.

    Parameters
    ----------
    svg : str
    prefix : str
        Put before every id, so that figures do not share any.
    title, alt : str
        The figure's name, and the sentence that says what it shows.
    """
    figure = _ID_PLACE.sub(rf"\g<1>{prefix}", cleaned(svg).replace(_NAMESPACE, "", 1))
    opening, _, rest = figure.partition(">")
    return Markup(
        f'{opening} role="img" aria-labelledby="{prefix}title {prefix}alt">'
        f'<title id="{prefix}title">{escape(title)}</title>'
        f'<desc id="{prefix}alt">{escape(alt)}</desc>{rest}'
    )


@functools.lru_cache(maxsize=64)
def cleaned(svg: str) -> str:
    """Return what of an SVG may be in a page; nothing of what is none."""
    try:
        clean = clean_svg(svg)
    except ElementTree.ParseError:
        clean = ""
    return clean if clean.startswith("<svg") else f"<svg{_NAMESPACE}></svg>"


def charts_font_face(findings: Iterable[Finding]) -> Markup:
    """Return the rule that brings the typeface of the charts of a page; empty without charts."""
    charts = [finding.chart for finding in findings if finding.chart is not None]
    return Markup(font_face(frozenset("".join(text_of(cleaned(c.content)) for c in charts))))


def spoken(shown: str) -> Markup:
    """Wrap markers and △ so that they are seen as signs and heard as words.

    Examples
    --------
    >>> spoken("12.0")
    Markup('12.0')
    >>> spoken("…")
    Markup('<i aria-hidden=true>…</i><b class=h>数値なし</b>')
    """
    sign = shown if shown in MARKERS else FALL if shown.startswith(FALL) else ""
    if not sign:
        return escape(shown)
    words = MARKERS.get(sign, _FALL_SPOKEN)
    rest = escape(shown.removeprefix(sign))
    return Markup(f"<i aria-hidden=true>{sign}</i><b class=h>{words}</b>{rest}")


def table_rows(finding: Finding, own: str = "", plain: bool = False) -> Markup:
    """Return the ``<tr>`` elements of a finding's table, without the end tags HTML can spare.

    Parameters
    ----------
    finding : Finding
    own : str
        The row headed so is the page's own area and stands out.
    plain : bool
        Without hidden words, where no style sheet of ours hides them (JupyterLab).
    """
    wording, columns = escape if plain else spoken, finding.columns
    tags = ["th scope=row", *["td"] * (len(columns) - 1)]
    limits = [
        _LONG_ROW_HEADER,
        *(math.inf if each.is_number else _SHORT_CELL for each in columns[1:]),
    ]
    lines = []
    for row in finding.rows():
        shown = [column.words(value) for column, value in zip(columns, row, strict=True)]
        cells = (
            f"<{tag}{' class=long' if len(words) > limit else ''}>{wording(words)}"
            for tag, limit, words in zip(tags, limits, shown, strict=True)
        )
        start = '<tr class="own">' if own and shown[0] == own else "<tr>"
        lines.append(f"{start}{''.join(cells)}")
    return Markup("\n".join(lines))


def number_columns(finding: Finding) -> str:
    """Return the classes that set a table's number columns flush right: ``n2 n3``."""
    return " ".join(
        f"n{place}" for place, column in enumerate(finding.columns, start=1) if column.is_number
    )
