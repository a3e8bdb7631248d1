"""A finding: the table, the sentence that reads it, its chart, its sources, its limits."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from gunmane_analysis.refusals import refusal, refuse_if
from gunmane_analysis.tables import choices
from gunmane_analysis.wording import MISSING, Kind, format_value, is_missing, yen

if TYPE_CHECKING:  # the index, which draws nothing, shall not load matplotlib
    from matplotlib.figure import Figure

    from gunmane_analysis.charts.chart import Chart

MIME_TYPE = "application/vnd.gunmane.finding+json"

Status = Literal[
    "measured", "stated", "planned", "projected", "provisional", "illustrative", "synthetic"
]
_JPY_SHORTENED = 100_000
_SYNTHETIC = "合成"  # in a filed record that is made up
_FINDING_ID = re.compile(r"[a-z0-9_]+\.[a-z0-9_-]+")
Placement = Literal["theme", "comparison", "summary", "annex", "absent"]


@dataclass(frozen=True)
class Column:
    """How one column of a finding's table is headed and worded."""

    name: str
    label: str
    unit: str = ""
    kind: Kind = "text"
    decimals: int = 0

    @property
    def is_number(self) -> bool:
        """Whether the cells are numbers, set flush right."""
        return self.kind != "text"

    @property
    def heading(self) -> str:
        """Label with unit, as a machine-readable table heads it."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label

    def words(self, value: object) -> str:
        """Word one cell."""
        return format_value(value, self.kind, self.decimals)


@dataclass(frozen=True)
class KeyFigure:
    """One figure for the cards and the index: the area's, with the block's and the nation's.

    Values are in the unit of ``kind`` (shares 0-1 for rates and changes).

    Attributes
    ----------
    area_id : str
        The area that ``value`` belongs to, where a page may show it for a smaller one (a
        prefecture's staff on the page of a municipality); empty if it is the page's own.
    """

    key: str
    label: str
    value: float | None
    unit: str = ""
    kind: Kind = "count"
    decimals: int = 0
    block: float | None = None
    nation: float | None = None
    note: str = ""
    area_id: str = ""

    def words(self, value: float | None) -> str:
        """Word one of the values with its unit; yen as 万円 or 億円."""
        if value is None or is_missing(value):
            return MISSING
        compared = (value, self.value, self.block, self.nation)  # shortened together or not at all
        known = [abs(each) for each in compared if each is not None and not is_missing(each)]
        if self.unit == "円" and min(known) >= _JPY_SHORTENED:
            return yen(value)
        return f"{format_value(value, self.kind, self.decimals)}{self.unit}"


@dataclass(frozen=True)
class Definition:
    """A term of the report, what it means, and (if there is one) its formula in LaTeX."""

    term: str
    meaning: str
    formula: str = ""


_PARTS = {"columns": Column, "key_figures": KeyFigure, "definitions": Definition}


@dataclass(frozen=True, eq=False, repr=False)
class Finding:
    """What a notebook shows and a page prints; see the module's first line.

    Attributes
    ----------
    finding_id : str
        ``<theme>.<name>``, unique on a page.
    title : str
        The caption of table and chart.
    headline : str
        One sentence with the numbers that matter and their denominators.
    table : DataFrame
        Raw values; ``columns`` says how each is headed and worded.
    source_ids : tuple of str
        Entries of the register.
    caveats : tuple of str
        What the figures do not show.
    summary : str
        The sentence offered for the page's 要約; empty if none. ``summary_rank`` orders them.
    certainty : str
        How certain the headline is, in words and figures.
    """

    finding_id: str
    title: str
    headline: str
    table: pd.DataFrame
    columns: tuple[Column, ...]
    source_ids: tuple[str, ...]
    caveats: tuple[str, ...] = ()
    chart: Chart | None = None
    key_figures: tuple[KeyFigure, ...] = ()
    definitions: tuple[Definition, ...] = ()
    summary: str = ""
    summary_rank: int = 50
    certainty: str = ""
    status: Status = "measured"
    placement: Placement = "theme"
    method: str = ""

    def __post_init__(self) -> None:
        """Refuse columns that the table has not, and an id unfit to name files and anchors."""
        if not _FINDING_ID.fullmatch(self.finding_id):
            raise ValueError(f"finding_id {self.finding_id!r}: expected <theme>.<name> in a-z0-9_-")
        absent = [column.name for column in self.columns if column.name not in self.table.columns]
        if absent:
            raise KeyError(f"finding {self.finding_id}: no column {absent} in its table")

    def __repr__(self) -> str:
        return f"Finding({self.finding_id!r}, {self.headline!r}, {len(self.rows())} rows)"

    def figure(self) -> Figure:
        """Return the finding's chart as a matplotlib figure to go on with.

        Raises
        ------
        DesignError
            If the finding has no chart.
        """
        return self._drawn().figure()

    def save(self, path: str | Path) -> None:
        """Write the chart (.svg, .png, .pdf) or the table (.csv) as the path's ending says."""
        ending = Path(path).suffix.lower()
        if ending == ".csv":
            headed = {column.name: column.heading for column in self.columns}
            shown = self.table[list(headed)].rename(columns=headed)
            shown.to_csv(path, index=False, encoding="utf-8-sig")
        else:
            refuse_if(ending not in (".svg", ".png", ".pdf"), "save-ending", ending=ending)
            self._drawn().save(path)

    def _drawn(self) -> Chart:
        if self.chart is None:
            raise refusal("finding-without-chart", title=self.title)
        return self.chart

    @property
    def status_label(self) -> str:
        """What kind of figures these are, where they are not plain measurements."""
        return choices("finding_status")[self.status]

    def rows(self) -> list[list[Any]]:
        """Return the table's rows as plain Python values in column order."""
        return self._rows

    @functools.cached_property
    def _rows(self) -> list[list[Any]]:
        columns = [map(_plain, self.table[column.name].tolist()) for column in self.columns]
        return [list(row) for row in zip(*columns, strict=True)]

    def to_record(self) -> dict[str, Any]:
        """Return the machine-readable copy that travels in the notebook's output."""
        record = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        del record["table"]
        for name in _PARTS:
            record[name] = [dataclasses.asdict(part) for part in record[name]]
        if self.chart is not None:
            record["chart"] = {"content": self.chart.content, "alt": self.chart.alt}
        return {**record, "rows": self.rows()}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Finding:
        """Rebuild a finding from its machine-readable copy."""
        from gunmane_analysis.charts.chart import Chart

        fields: dict[str, Any] = dict(record)
        for name in ("source_ids", "caveats"):
            fields[name] = tuple(record[name])
        for name, part in _PARTS.items():
            fields[name] = tuple(part(**each) for each in record[name])
        names = [column.name for column in fields["columns"]]
        fields["table"] = pd.DataFrame(fields.pop("rows"), columns=names, dtype="object")
        fields["chart"] = Chart(**record["chart"]) if record["chart"] else None
        return cls(**fields)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        from gunmane_analysis.findings.rendering import finding_html

        if self.placement == "absent":  # one line in the Lab; a page reads no record
            return {"text/plain": self.headline}
        return {
            "text/plain": self.headline,
            "text/html": finding_html(self),
            MIME_TYPE: self.to_record(),
        }


def _plain(value: Any) -> Any:
    if value is pd.NA or is_missing(value):
        return None
    return value.item() if hasattr(value, "item") else value


def has_synthetic(*texts: pd.Series) -> bool:
    """Whether any of the records' ids, names, remarks or marks say that they are made up.

    Examples
    --------
    >>> has_synthetic(pd.Series([False, True], name="is_synthetic"))
    True
    >>> has_synthetic(pd.Series(["相談1", None]), pd.Series(["合成データ"]))
    True
    """
    return any(
        column.any()
        if column.dtype == "bool"
        else column.dropna().astype("str").str.contains(_SYNTHETIC).any()
        for column in texts
    )


def mark_by_source(
    findings: Iterable[Finding], synthetic_sources: frozenset[str]
) -> tuple[Finding, ...]:
    """Mark the findings that use a source with rows of 合成データ or 仮."""
    return tuple(
        mark_synthetic(finding) if synthetic_sources & set(finding.source_ids) else finding
        for finding in findings
    )


def mark_synthetic(finding: Finding) -> Finding:
    """Return a finding with the mark, in its headline and its sentence for the summary; once."""
    if finding.status == "synthetic":
        return finding
    summary = f"合成データでは、{finding.summary}" if finding.summary else ""
    headline = f"合成データでは、{finding.headline}"
    return dataclasses.replace(finding, status="synthetic", headline=headline, summary=summary)
