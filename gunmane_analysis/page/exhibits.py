"""Findings in their order on a page: numbers of figures and tables, names of files and sheets."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from gunmane_analysis.errors import ReportError
from gunmane_analysis.findings import Finding
from gunmane_analysis.page.tables import PlainTable, plain_table, safe_text

_SHEET_NAME_LIMIT = 31
_FORBIDDEN_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", "_"))


@dataclass(frozen=True)
class Exhibit:
    """One finding with its place on the page.

    Attributes
    ----------
    table_number : int
        表1, 表2, … in page order; every finding has a table.
    figure_number : int or None
        図1, 図2, …; None where there is no chart.
    """

    finding: Finding
    table_number: int
    figure_number: int | None

    @property
    def anchor(self) -> str:
        """The id of the finding's section on the page."""
        return self.finding.finding_id.replace(".", "-")

    @property
    def label(self) -> str:
        """How a sentence refers to it: 図2, or 表3 where there is no chart."""
        if self.figure_number is None:
            return f"表{self.table_number}"
        return f"図{self.figure_number}"

    @property
    def csv_name(self) -> str:
        """The CSV file's name in the area's zip."""
        return f"{self.finding.finding_id.replace('.', '_')}.csv"

    @property
    def sheet_name(self) -> str:
        """The sheet's name in the area's workbook; Excel allows 31 characters, not all of them."""
        title = safe_text(f"表{self.table_number}_{self.finding.title}")
        name = title.translate(_FORBIDDEN_IN_SHEET_NAMES)
        if len(name) > _SHEET_NAME_LIMIT:
            name = name.partition("（")[0]  # rather without its bracket than cut inside it
        return name[:_SHEET_NAME_LIMIT]

    @functools.cached_property
    def plain(self) -> PlainTable:
        """The table as files hold it."""
        return plain_table(self.finding)

    @property
    def units(self) -> str:
        """The units of the table's columns, each once: ``人、%``."""
        units = (column.unit for column in self.finding.columns if column.unit)
        return "、".join(dict.fromkeys(units))


def number_exhibits(findings: Sequence[Finding]) -> tuple[Exhibit, ...]:
    """Give findings their numbers as the page shows them: the comparison first, then the themes.

    Raises
    ------
    ReportError
        If two findings bear the same id: one file would overwrite the other.
    """
    ids = [finding.finding_id for finding in findings]
    repeated = sorted({finding_id for finding_id in ids if ids.count(finding_id) > 1})
    if repeated:
        raise ReportError(
            f"同じ名前の結果が2つ以上あります（{'、'.join(repeated)}）。",
            expected="finding_id は頁の中で一つ",
            advice="ノートブックで同じ結果を二度表示していないか確認してください。",
        )
    ordered = sorted(findings, key=lambda finding: finding.placement != "comparison")
    exhibits = []
    figures = 0
    for number, finding in enumerate(ordered, start=1):
        figures += finding.chart is not None
        exhibits.append(Exhibit(finding, number, figures if finding.chart else None))
    return tuple(exhibits)
