"""The templates and the filters they use: everything that becomes HTML passes here, escaped."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mistune
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gunmane_analysis.sources import find_source

if TYPE_CHECKING:
    from gunmane_analysis.report.findings.finding import Finding

TEMPLATES = Path(__file__).parent / "templates"
_HEADING_SHIFT = 1


class _ShiftedHeadings(mistune.HTMLRenderer):
    """A notebook's ``#`` is a page's ``h2``: the page has one ``h1`` of its own."""

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return super().heading(text, min(level + _HEADING_SHIFT, 6), **attrs)


@functools.cache
def _markdown() -> mistune.Markdown:
    return mistune.create_markdown(renderer=_ShiftedHeadings(escape=True), plugins=["table"])


def markdown(text: str) -> Markup:
    """Turn prose into HTML; HTML inside it is shown as text."""
    return Markup(_markdown()(text))


@functools.cache
def mathml(formula: str) -> Markup:
    """Turn a LaTeX formula of ours into MathML."""
    from latex2mathml.converter import convert

    return Markup(convert(formula))


@functools.cache
def environment() -> Environment:
    """Return the template environment, made once: escaping on, undefined names refused."""
    loader = FileSystemLoader(TEMPLATES)
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["markdown"] = markdown
    made.filters["mathml"] = mathml
    made.filters["inline_svg"] = inline_svg
    made.filters["source"] = find_source
    return made


def inline_svg(svg: str, prefix: str) -> Markup:
    """Make an SVG of ours fit to stand beside others in one page: its ids get a prefix."""
    for before in ('id="', 'href="#', "url(#"):
        svg = svg.replace(before, f"{before}{prefix}-")
    return Markup(svg)


def finding_html(finding: Finding) -> str:
    """Return a finding as it shows itself in JupyterLab."""
    template = environment().get_template("finding_in_lab.html.j2")
    return template.render(finding=finding)
