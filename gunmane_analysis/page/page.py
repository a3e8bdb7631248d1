"""From executed theme notebooks to one self-contained page per area."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
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
    children,
    find_area,
    list_areas,
    read_scheme,
)
from gunmane_analysis.errors import NotebookError
from gunmane_analysis.findings import MIME_TYPE, Definition, Finding, KeyFigure
from gunmane_analysis.findings.finding import mark_by_source
from gunmane_analysis.findings.markup import charts_font_face
from gunmane_analysis.findings.rendering import TEMPLATES, environment
from gunmane_analysis.loaders.store import load_synthetic_sources
from gunmane_analysis.page.exhibits import Exhibit, number_exhibits
from gunmane_analysis.page.themes import Theme, injected_parameters, theme_of
from gunmane_analysis.sources import Source, find_source, read_register

SUMMARY_SENTENCES = 6


@dataclass(frozen=True)
class Provenance:
    """What a page was made from, and when."""

    made_at: str
    fingerprint: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None


@dataclass(frozen=True)
class Link:
    """A link to another page of the same report."""

    href: str
    text: str


@dataclass(frozen=True)
class Section:
    """What a page notebook says and shows under one heading."""

    prose: str
    exhibits: tuple[Exhibit, ...]


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
    neighbours: tuple[tuple[str, tuple[Link, ...]], ...]
    coverage: str = ""
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

    @property
    def first(self) -> list[Finding]:
        """What a page notebook puts first: points of the area itself, cards, a map."""
        return self._of("summary")

    @property
    def points(self) -> list[str]:
        """The sentences on the area itself that a page notebook puts first."""
        return [str(row[0]) for finding in self.first for row in finding.rows()]

    @property
    def is_report(self) -> bool:
        """Whether a page notebook made it, and not theme notebooks."""
        return any(theme.levels for theme in self.themes)

    @functools.cached_property
    def sections(self) -> tuple[Section, ...]:
        """The headings of a page notebook with what is shown below them; none without exhibits."""
        sections: list[Section] = []
        prose, shown = "", list[Exhibit]()
        for _, cell in (*self.cells, ("", "")):
            if not isinstance(cell, str):
                shown += [self.exhibit_by_id[n] for n in cell if n in self.exhibit_by_id]
                continue
            if shown:
                sections.append(Section(prose, tuple(shown)))
            prose, shown = cell, []
        return tuple(sections)

    @property
    def unsubmitted(self) -> list[Finding]:
        """What has not been submitted, for the annex."""
        return self._of("annex")

    def _of(self, placement: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.placement == placement]

    @property
    def summarised(self) -> list[Exhibit]:
        """The findings whose sentences make the 要約: at most six, the most telling first."""
        offered = sorted(
            (exhibit for exhibit in self.exhibits if exhibit.finding.summary),
            key=lambda exhibit: exhibit.finding.summary_rank,
        )
        return offered[:SUMMARY_SENTENCES]

    @property
    def summary(self) -> list[str]:
        """The points of the area; of theme notebooks at most six sentences, by their rank."""
        return self.points or [exhibit.finding.summary for exhibit in self.summarised]

    @property
    def key_figures(self) -> list[KeyFigure]:
        """The cards: the area's own, those of areas around it, and last those without a value."""
        speaking = self.first or self.findings
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
    def comparisons(self) -> list[Exhibit]:
        """Findings whose table stands in the comparison section."""
        return [item for item in self.exhibits if item.finding.placement == "comparison"]

    @property
    def certainties(self) -> list[Exhibit]:
        """Findings that say how certain they are."""
        return [exhibit for exhibit in self.exhibits if exhibit.finding.certainty]

    @property
    def methods(self) -> list[Exhibit]:
        """Findings that say how they were worked out."""
        return [exhibit for exhibit in self.exhibits if exhibit.finding.method]

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
        return list(dict.fromkeys(map(self._cited, self.sources)))

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
        first: dict[str, str] = {}
        for exhibit in self.exhibits:
            for note in exhibit.finding.caveats:
                first.setdefault(note, exhibit.finding.finding_id)
        return {
            exhibit.finding.finding_id: tuple(
                note
                for note in dict.fromkeys(exhibit.finding.caveats)
                if first[note] == exhibit.finding.finding_id
            )
            for exhibit in self.exhibits
        }

    @property
    def sources(self) -> list[Source]:
        """Every source once, in the order of first use."""
        return list(self.source_by_id.values())

    @property
    def flags(self) -> dict[str, list[Exhibit]]:
        """What is not a plain measurement on this page: each kind, and where it stands."""
        flags: dict[str, list[Exhibit]] = {}
        for exhibit in self.exhibits:
            if exhibit.finding.status_label:
                flags.setdefault(exhibit.finding.status_label, []).append(exhibit)
        return flags


def findings_in(notebook: NotebookNode) -> Iterator[Finding]:
    """Yield the findings that a notebook's cells have shown, in order."""
    for cell in notebook.cells:
        for record in _records_of(cell):
            yield Finding.from_record(record)


def _records_of(cell: NotebookNode) -> Iterator[Mapping[str, Any]]:
    for output in cell.get("outputs", []):
        record = output.get("data", {}).get(MIME_TYPE)
        if record is not None:
            yield record


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

    @default("template_file")
    def _our_template(self) -> str:
        return "area_page.html.j2"

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
            self.template_file = _template_of(given["page"])
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
    if not {"area_id", "fiscal_year"} <= given.keys() or not any(findings_in(notebook)):
        raise NotebookError(
            f"ノートブック「{theme.path.name}」から、地域と年度の決まった結果を読み取れません。",
            expected="area_id と fiscal_year のある parameters セルと、実行の結果",
            advice="JupyterLab か papermill で最後まで実行し、保存してからもう一度行ってください。",
        )
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
    scheme = read_scheme(area.scheme_id)
    return AreaPage(
        area=area,
        fiscal_year=fiscal_year,
        themes=themes,
        findings=mark_by_source(
            (finding for theme in themes for finding in findings_in(executed[theme.theme_id])),
            load_synthetic_sources(area),
        ),
        provenance=provenance,
        scheme_title=scheme.title,
        scheme_note=scheme.note,
        neighbours=_neighbours(area),
        coverage=coverage(area),
        cells=tuple(
            (
                theme.theme_id,
                cell.source
                if cell.cell_type == "markdown"
                else tuple(record["finding_id"] for record in _records_of(cell)),
            )
            for theme in themes
            for cell in executed[theme.theme_id].cells
        ),
    )


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
    bodies = [
        body
        for body in list_areas("municipality", area.scheme_id)
        if covered.issuperset(body.prefecture_codes)
    ]
    word = "市区町村" if "13" in area.prefecture_codes else "市町村"
    if area.kind == "prefecture":
        return f"{area.name}の{len(bodies)}{word}"
    count = len(area.prefecture_codes)
    if area.kind == "nation":
        return f"全国の{count}都道府県、{len(bodies):,}{word}"
    names = "、".join(find_area(code, area.scheme_id).name for code in area.prefecture_codes)
    return f"{names}の{len(bodies):,}{word}"


def _neighbours(area: Area) -> tuple[tuple[str, tuple[Link, ...]], ...]:
    """Return the areas above, beside and below, by way of the index, which knows what is made."""
    groups: list[tuple[str, tuple[Area, ...]]] = []
    if area.kind == "municipality":
        groups = [("上位の地域", area.lineage[1:])]
    elif area.parent is not None:
        beside = tuple(other for other in children(area.parent) if other != area)
        groups = [("上位の地域", area.lineage[1:]), ("同じ階層の地域", beside)]
    if area.kind in ("nation", "block"):
        groups.append(("含まれる地域", children(area)))
    return tuple(
        (title, tuple(Link(f"../index.html#area-{other.area_id}", other.name) for other in others))
        for title, others in groups
        if others
    )


def _template_of(page: AreaPage) -> str:
    return "area_report.html.j2" if page.is_report else "area_page.html.j2"


@functools.cache
def _exporter(template: str) -> AreaPageExporter:
    return AreaPageExporter(template_file=template)  # type: ignore[no-untyped-call]


def render_page(page: AreaPage) -> str:
    """Render an area's page through nbconvert."""
    exporter = _exporter(_template_of(page))
    html: str
    html, _ = exporter.from_notebook_node(_EMPTY_NOTEBOOK, {"page": page})
    return html
