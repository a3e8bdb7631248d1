"""From executed theme notebooks to one self-contained page per area."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets import default

from gunmane_analysis.areas import (
    DEFAULT_SCHEME_ID,
    Area,
    Scheme,
    children,
    find_area,
    list_areas,
    read_scheme,
)
from gunmane_analysis.findings import MIME_TYPE, Definition, Finding, KeyFigure
from gunmane_analysis.findings.finding import mark_by_source
from gunmane_analysis.findings.markup import charts_font_face
from gunmane_analysis.findings.rendering import TEMPLATES, environment
from gunmane_analysis.loaders.store import load_synthetic_sources
from gunmane_analysis.page.exhibits import Exhibit, number_exhibits
from gunmane_analysis.page.themes import Theme, injected_parameters, theme_of
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.sources import Source, find_source, read_register

SUMMARY_SENTENCES = 6


@dataclass(frozen=True)
class Provenance:
    """What a page was made from, and when."""

    made_at: str
    fingerprint: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AreaPage:
    """Everything an area's page shows, taken from its executed notebooks.

    Attributes
    ----------
    cells : tuple of (str, str or tuple of str)
        Of each notebook cell its theme, and its prose or the ids of the findings that it shows.
    """

    area: Area
    fiscal_year: int
    themes: tuple[Theme, ...]
    findings: tuple[Finding, ...]
    provenance: Provenance
    cells: tuple[tuple[str, str | tuple[str, ...]], ...] = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> AreaPage:
        """Return the page itself: nbconvert copies what it is handed, and nothing here changes."""
        return self

    @property
    def title(self) -> str:
        """The page's title."""
        return f"{self.area.name} インフラメンテナンス地域分析（{self.fiscal_year}年度）"

    @property
    def workbook_name(self) -> str:
        """The area's Excel file beside the page."""
        return f"{self.area.area_id}.xlsx"

    @property
    def csv_archive_name(self) -> str:
        """The zip of CSV files beside the page."""
        return f"{self.area.area_id}_csv.zip"

    @functools.cached_property
    def scheme(self) -> Scheme:
        """The scheme of blocks."""
        return read_scheme(self.area.scheme_id)

    @functools.cached_property
    def coverage(self) -> str:
        """Which places the page covers."""
        return coverage(self.area)

    @property
    def neighbours(self) -> list[tuple[str, tuple[Area, ...]]]:
        """The areas above, on the same level and below, each group with its heading."""
        area = self.area
        groups = [("上位の地域", area.lineage[1:])]
        if area.kind != "municipality" and area.parent is not None:
            others = tuple(other for other in children(area.parent) if other != area)
            groups.append(("同じ階層の地域", others))
        if area.kind in ("nation", "block"):
            groups.append(("含まれる地域", children(area)))
        return [group for group in groups if group[1]]

    @functools.cached_property
    def exhibits(self) -> tuple[Exhibit, ...]:
        """The findings, numbered in page order."""
        return number_exhibits(self.findings)

    @functools.cached_property
    def exhibit_by_id(self) -> dict[str, Exhibit]:
        """The numbered findings by their ids."""
        return {exhibit.finding.finding_id: exhibit for exhibit in self.exhibits}

    @functools.cached_property
    def font_face(self) -> Markup:
        """The rule that brings the characters of the charts' typeface; empty without charts."""
        return charts_font_face(self.findings)

    def placed(self, placement: str) -> list[Finding]:
        """Return the findings of a place: ``summary`` (points, cards, a map first), ``annex``."""
        return [finding for finding in self.findings if finding.placement == placement]

    @property
    def points(self) -> list[str]:
        """The sentences on the area itself that a page notebook puts first."""
        return [str(row[0]) for finding in self.placed("summary") for row in finding.rows()]

    @property
    def is_report(self) -> bool:
        """Whether a page notebook made it, and not theme notebooks."""
        return any(theme.levels for theme in self.themes)

    @functools.cached_property
    def sections(self) -> list[tuple[str, list[Exhibit]]]:
        """The prose of a page notebook with what is shown below it; none without exhibits."""
        sections: list[tuple[str, list[Exhibit]]] = []
        for _, cell in self.cells:
            if isinstance(cell, str):
                sections.append((cell, []))
            elif sections:
                sections[-1][1].extend(
                    self.exhibit_by_id[name] for name in cell if name in self.exhibit_by_id
                )
        return [section for section in sections if section[1]]

    @property
    def summarised(self) -> list[Exhibit]:
        """The findings whose sentences make the 要約: at most six, the most telling first."""
        offered = (exhibit for exhibit in self.exhibits if exhibit.finding.summary)
        return sorted(offered, key=lambda exhibit: exhibit.finding.summary_rank)[:SUMMARY_SENTENCES]

    @property
    def summary(self) -> list[str]:
        """The points of the area; of theme notebooks at most six sentences, by their rank."""
        return self.points or [exhibit.finding.summary for exhibit in self.summarised]

    @property
    def key_figures(self) -> list[KeyFigure]:
        """The cards: the area's own, those of areas around it, and last those without a value."""
        speaking = self.placed("summary") or self.findings
        figures = [figure for finding in speaking for figure in finding.key_figures]
        return sorted(
            figures, key=lambda figure: (figure.value is None, self._is_of_another(figure))
        )

    def _is_of_another(self, figure: KeyFigure) -> bool:
        return figure.area_id not in ("", self.area.area_id)

    def card_label(self, figure: KeyFigure) -> str:
        """Return a card's label, with the name of the area that it tells of if that is another."""
        names = {place.area_id: place.name for place in self.area.lineage}
        of = f"{names[figure.area_id]}の" if self._is_of_another(figure) else ""
        return f"{of}{figure.label}"

    @property
    def definitions(self) -> list[Definition]:
        """Every term once, in the order of first use."""
        return list(
            {item.term: item for finding in self.findings for item in finding.definitions}.values()
        )

    @functools.cached_property
    def source_by_id(self) -> dict[str, Source]:
        """Every source once, by its id, in the order of first use."""
        ids = dict.fromkeys(
            source_id for exhibit in self.exhibits for source_id in exhibit.finding.source_ids
        )
        register = read_register()  # once: each look at it asks the disk whether it is new
        return {source_id: register.get(source_id) or find_source(source_id) for source_id in ids}

    def _cited(self, source: Source) -> str:
        return source.citation if self.area.kind == "nation" else source.brief

    @functools.cached_property
    def references(self) -> list[str]:
        """What the annex lists: citations on the nation's page, short ones elsewhere, each once."""
        return list(dict.fromkeys(map(self._cited, self.source_by_id.values())))

    def source_numbers(self, finding: Finding) -> str:
        """Return the numbers of a finding's sources in the annex: ``1〜4、7``."""
        cited = {self._cited(self.source_by_id[name]) for name in finding.source_ids}
        numbers = [n for n, text in enumerate(self.references, start=1) if text in cited]
        runs = [[*run] for _, run in groupby(numbers, lambda n: n - numbers.index(n))]
        return "、".join(
            f"{run[0]}〜{run[-1]}" if len(run) > 2 else "、".join(map(str, run)) for run in runs
        )

    @functools.cached_property
    def notes_by_id(self) -> dict[str, tuple[str, ...]]:
        """The notes of each exhibit; one that several have stands at the first of them."""
        seen: set[str] = set()
        notes: dict[str, tuple[str, ...]] = {}
        for finding in (exhibit.finding for exhibit in self.exhibits):
            own = tuple(note for note in dict.fromkeys(finding.caveats) if note not in seen)
            seen.update(own)
            notes[finding.finding_id] = own
        return notes

    @property
    def flags(self) -> dict[str, list[Exhibit]]:
        """What is not a plain measurement on this page: each kind, and where it stands."""
        flags: dict[str, list[Exhibit]] = {}
        for exhibit in self.exhibits:
            if exhibit.finding.status_label:
                flags.setdefault(exhibit.finding.status_label, []).append(exhibit)
        return flags


def findings_of(cell: NotebookNode) -> tuple[Finding, ...]:
    """Return the findings that a notebook's cell has shown, in order."""
    shown = (output.get("data", {}).get(MIME_TYPE) for output in cell.get("outputs", []))
    return tuple(Finding.from_record(record) for record in shown if record is not None)


# What a page shows is in its AreaPage; nbconvert copies and walks a notebook only to hand it over.
_EMPTY_NOTEBOOK = NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(), cells=[])


class AreaPageExporter(TemplateExporter):
    """nbconvert's exporter for pages: our templates, our escaping, no code cells.

    ``jupyter nbconvert --to gunmane NOTEBOOK.ipynb`` uses it for a notebook that was run for an
    area, by hand or by papermill; the batch hands over the page that it has gathered.
    """

    file_extension = ".html"
    output_mimetype = "text/html"
    template_name = "gunmane"

    @default("template_paths")
    def _our_templates(self) -> list[str]:
        return [str(TEMPLATES)]

    @default("default_preprocessors")
    def _no_preprocessors(self) -> list[str]:
        return []

    @property
    def environment(self) -> Environment:
        """The environment of our templates."""
        return environment()

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Convert an executed notebook, or the page that is handed over with it, to one page."""
        given = dict(resources or {})
        if "page" not in given:
            given["page"] = page_of_notebook(nb, str(given.get("metadata", {}).get("name", "")))
        self.template_file = f"area_{'report' if given['page'].is_report else 'page'}.html.j2"
        return super().from_notebook_node(_EMPTY_NOTEBOOK, given, **kw)


def page_of_notebook(notebook: NotebookNode, name: str) -> AreaPage:
    """Gather the page of one executed notebook; its parameters say which area and year.

    Raises
    ------
    NotebookError
        If the notebook declares no area and year, or shows no result.
    """
    theme = theme_of(notebook, Path(f"{name or 'notebook'}.ipynb"))
    given = {**theme.parameters, **injected_parameters(notebook)}
    is_whole = {"area_id", "fiscal_year"} <= given.keys() and any(map(findings_of, notebook.cells))
    refuse_if(not is_whole, "notebook-without-result", name=theme.path.name)
    area = find_area(given["area_id"], given.get("scheme_id", DEFAULT_SCHEME_ID))
    made_at = datetime.now().astimezone().isoformat(timespec="seconds")
    executed = {theme.theme_id: notebook}
    return make_page(area, given["fiscal_year"], (theme,), executed, Provenance(made_at, ""))


def make_page(
    area: Area,
    fiscal_year: int,
    themes: tuple[Theme, ...],
    executed: Mapping[str, NotebookNode],
    provenance: Provenance,
) -> AreaPage:
    """Gather what the executed notebooks found into one page."""
    findings: list[Finding] = []
    cells: list[tuple[str, str | tuple[str, ...]]] = []
    for theme in themes:
        for cell in executed[theme.theme_id].cells:
            shown = findings_of(cell)
            findings += shown
            ids = tuple(finding.finding_id for finding in shown)
            cells.append((theme.theme_id, cell.source if cell.cell_type == "markdown" else ids))
    marked = mark_by_source(findings, load_synthetic_sources(area))
    return AreaPage(area, fiscal_year, themes, marked, provenance, tuple(cells))


def coverage(area: Area) -> str:
    """Word which places a page covers, by the municipalities of today.

    Examples
    --------
    >>> coverage(find_area("16")), coverage(find_area("japan"))
    ('富山県の15市町村', '全国の47都道府県、1,741市区町村')
    """
    if area.kind == "municipality":
        return f"{area.ancestor('prefecture').name}{area.name}"
    covered = frozenset(area.prefecture_codes)
    bodies = list_areas("municipality", area.scheme_id)
    count = sum(covered.issuperset(body.prefecture_codes) for body in bodies)
    inside = f"{count:,}{'市区町村' if '13' in covered else '市町村'}"
    if area.kind == "nation":
        return f"全国の{len(covered)}都道府県、{inside}"
    names = (find_area(code, area.scheme_id).name for code in area.prefecture_codes)
    return f"{'、'.join(names)}の{inside}"


@functools.cache
def _exporter() -> AreaPageExporter:
    return AreaPageExporter()  # type: ignore[no-untyped-call]


def render_page(page: AreaPage) -> str:
    """Render an area's page through nbconvert."""
    return str(_exporter().from_notebook_node(_EMPTY_NOTEBOOK, {"page": page})[0])
