"""The templates, and the page's content policy: only scripts and styles of ours, by hash."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gunmane_analysis.findings import markup

if TYPE_CHECKING:
    from gunmane_analysis.findings.finding import Finding

TEMPLATES = Path(__file__).resolve().parents[1] / "page" / "templates"
_SPARE_SPACE = re.compile(r"\s*([{};,])\s*")
_INDENTATION = re.compile(r"^ +", re.MULTILINE)
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)


@functools.cache
def environment() -> Environment:
    """Return the template environment, made once: escaping on, undefined names refused."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("markdown", "mathml", "inline_svg", "number_columns", "spoken", "table_rows"):
        made.filters[name] = getattr(markup, name)
    made.filters["date"] = japanese_date
    made.globals |= {"style_sheet": style_sheet, "script": script, "policy": policy}
    return made


@functools.cache
def script(name: str) -> Markup:
    """Return one of our scripts as it stands in the page."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return Markup(_INDENTATION.sub("", text))


@functools.cache
def _css(name: str) -> str:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return _SPARE_SPACE.sub(r"\1", text).replace(": ", ":").replace(";}", "}") + "\n"


def style_sheet(running_head: str, *names: str) -> Markup:
    """Return the page's style sheet; the running head stands in every printed sheet's margin."""
    text = "".join(_css(name) for name in names)
    return Markup(text.replace('"RUNNING-HEAD"', css_string(running_head)))


def css_string(text: str) -> str:
    r"""Return a text as a CSS string in which nothing but letters and digits stands bare.

    Examples
    --------
    >>> css_string('秋田県 A"</style>')
    '"秋田県\\20 A\\22 \\3c \\2f style\\3e "'
    """
    escaped = (mark if mark.isalnum() else f"\\{ord(mark):x} " for mark in text)
    return f'"{"".join(escaped)}"'


def policy(styles: tuple[str, ...], scripts: tuple[str, ...] = ()) -> str:
    """Return the content security policy that lets these texts run and nothing else."""
    return _POLICY.format(
        scripts=" ".join(map(_hash_source, scripts)) or "'none'",
        styles=" ".join(map(_hash_source, styles)) or "'none'",
    )


def _hash_source(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def japanese_date(iso: str) -> str:
    """Word the day of an ISO date or time: ``2026年11月20日``.

    Examples
    --------
    >>> japanese_date("2026-01-05T10:00:00+09:00")
    '2026年1月5日'
    """
    year, month, day = iso[:10].split("-")
    return f"{int(year)}年{int(month)}月{int(day)}日"


def finding_html(finding: Finding) -> str:
    """Return a finding as it shows itself in JupyterLab."""
    template = environment().get_template("finding_in_lab.html.j2")
    return template.render(finding=finding)
