"""From executed theme notebooks to one self-contained page per area."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from gunmane_analysis.areas import Area, children, read_scheme
from gunmane_analysis.report.findings import MIME_TYPE, Definition, Finding, KeyFigure
from gunmane_analysis.report.rendering import TEMPLATES, environment
from gunmane_analysis.report.themes import Theme
from gunmane_analysis.sources import Source, find_source

SUMMARY_SENTENCES = 6


@dataclass(frozen=True)
class Provenance:
    """What a page was made from, and when."""

    made_at: str
    fingerprint: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """A link to another page of the same report."""

    href: str
    text: str


@dataclass(frozen=True)
class AreaPage:
    """Everything an area's page shows, taken from its executed notebooks."""

    area: Area
    fiscal_year: int
    themes: tuple[Theme, ...]
    findings: tuple[Finding, ...]
    provenance: Provenance
    scheme_title: str
    scheme_note: str
    neighbours: tuple[Link, ...]

    @property
    def title(self) -> str:
        """The page's title."""
        return f"{self.area.name} インフラメンテナンス地域分析（{self.fiscal_year}年度）"

    @property
    def summary(self) -> list[str]:
        """At most six sentences, the most telling first."""
        offered = sorted(
            (finding for finding in self.findings if finding.summary),
            key=lambda finding: finding.summary_rank,
        )
        return [finding.summary for finding in offered[:SUMMARY_SENTENCES]]

    @property
    def key_figures(self) -> list[KeyFigure]:
        """The cards, in the order of the findings."""
        return [figure for finding in self.findings for figure in finding.key_figures]

    @property
    def comparisons(self) -> list[Finding]:
        """Findings whose table stands in the comparison section."""
        return [finding for finding in self.findings if finding.placement == "comparison"]

    @property
    def certainties(self) -> list[Finding]:
        """Findings that say how certain they are."""
        return [finding for finding in self.findings if finding.certainty]

    @property
    def definitions(self) -> list[Definition]:
        """Every term once, in the order of first use."""
        return list(
            {item.term: item for finding in self.findings for item in finding.definitions}.values()
        )

    @property
    def sources(self) -> list[Source]:
        """Every source once, in the order of first use."""
        ids = dict.fromkeys(
            source_id for finding in self.findings for source_id in finding.source_ids
        )
        return [find_source(source_id) for source_id in ids]

    @property
    def status_labels(self) -> list[str]:
        """What is not a plain measurement on this page, each kind once."""
        labels = (finding.status_label for finding in self.findings)
        return list(dict.fromkeys(label for label in labels if label))


def findings_in(notebook: NotebookNode) -> Iterator[Finding]:
    """Yield the findings that a notebook's cells have shown, in order."""
    for cell in notebook.cells:
        yield from findings_of(cell)


def findings_of(cell: NotebookNode) -> Iterator[Finding]:
    """Yield the findings that one cell has shown."""
    for output in cell.get("outputs", []):
        record = output.get("data", {}).get(MIME_TYPE)
        if record is not None:
            yield Finding.from_record(record)


def merge_notebooks(executed: Mapping[str, NotebookNode]) -> NotebookNode:
    """Put executed theme notebooks one behind the other, each cell marked with its theme."""
    merged = new_notebook()
    for theme_id, notebook in executed.items():
        for cell in notebook.cells:
            marked = copy.copy(cell)
            marked.metadata = NotebookNode(copy.copy(dict(cell.metadata)), gunmane_theme=theme_id)
            merged.cells.append(marked)
    return merged


class AreaPageExporter(TemplateExporter):
    """nbconvert's exporter for area pages: our template, our escaping, no code cells."""

    file_extension = ".html"
    output_mimetype = "text/html"
    template_name = "gunmane"
    template_file = "area_page.html.j2"

    @property
    def template_paths(self) -> list[str]:
        """Where the templates stand."""
        return [str(TEMPLATES)]

    def _create_environment(self) -> Environment:
        made = environment().overlay()
        made.filters["findings"] = findings_of
        return made

    def _init_preprocessors(self) -> None:
        self._preprocessors: list[Any] = []


def make_page(
    area: Area,
    fiscal_year: int,
    themes: tuple[Theme, ...],
    executed: Mapping[str, NotebookNode],
    provenance: Provenance,
) -> AreaPage:
    """Gather what the executed notebooks found into one page."""
    scheme = read_scheme(area.scheme_id)
    return AreaPage(
        area=area,
        fiscal_year=fiscal_year,
        themes=themes,
        findings=tuple(
            finding for theme in themes for finding in findings_in(executed[theme.theme_id])
        ),
        provenance=provenance,
        scheme_title=scheme.title,
        scheme_note=scheme.note,
        neighbours=_neighbours(area),
    )


def _neighbours(area: Area) -> tuple[Link, ...]:
    near = [*area.lineage[1:], *children(area)] if area.kind != "municipality" else area.lineage[1:]
    return tuple(
        Link(f"../{other.area_id}/index.html", other.name)
        for other in near
        if other.kind != "municipality"
    )


def render_page(
    exporter: AreaPageExporter, page: AreaPage, executed: Mapping[str, NotebookNode]
) -> str:
    """Render an area's page through nbconvert."""
    html, _ = exporter.from_notebook_node(merge_notebooks(executed), {"page": page})
    return html
