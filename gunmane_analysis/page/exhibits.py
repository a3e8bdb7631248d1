"""Findings in their order on a page: numbers of figures and tables, names of files and sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gunmane_analysis.findings import Finding
from gunmane_analysis.page.tables import safe_text
from gunmane_analysis.refusals import refuse_if

_SHEET_NAME_LIMIT = 31
_FORBIDDEN_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'\"<>|", "_"))  # of sheets and files


@dataclass(frozen=True)
class Exhibit:
    """One finding with its place on the page.

    Attributes
    ----------
    number : int
        Charts are 図1, 図2, … in page order, tables without a chart 表1, 表2, …; 0 for a sentence
        without either.
    """

    finding: Finding
    number: int

    @property
    def anchor(self) -> str:
        """The id of the finding's section on the page."""
        return self.finding.finding_id.replace(".", "-")

    @property
    def label(self) -> str:
        """How the page refers to it: 図2, or 表3 where there is no chart; empty for a sentence."""
        if not self.number:
            return ""
        return f"{'表' if self.finding.chart is None else '図'}{self.number}"

    @property
    def csv_name(self) -> str:
        """The CSV file's name in the area's zip."""
        return f"{self.sheet_name}.csv"

    @property
    def sheet_name(self) -> str:
        """The sheet's name in the area's workbook; Excel allows 31 characters, not all of them."""
        title = safe_text(f"{self.label}_{self.finding.title}".lstrip("_"))
        name = title.translate(_FORBIDDEN_IN_NAMES)
        if len(name) > _SHEET_NAME_LIMIT:
            name = name.partition("（")[0]  # rather without its bracket than cut inside it
        return name[:_SHEET_NAME_LIMIT]


def number_exhibits(findings: Sequence[Finding]) -> tuple[Exhibit, ...]:
    """Give findings their numbers as the page shows them: the comparison first, then the themes.

    Raises
    ------
    ReportError
        If two findings bear the same id: one file would overwrite the other.
    """
    ids = [finding.finding_id for finding in findings]
    repeated = sorted({finding_id for finding_id in ids if ids.count(finding_id) > 1})
    refuse_if(repeated, "finding-twice", repeated=repeated)
    ordered = [f for place in ("comparison", "theme") for f in findings if f.placement == place]
    counts = {True: 0, False: 0}
    exhibits = []
    for finding in ordered:
        is_shown = finding.chart is not None or bool(finding.rows())
        counts[finding.chart is None] += is_shown
        exhibits.append(Exhibit(finding, counts[finding.chart is None] if is_shown else 0))
    return tuple(exhibits)
