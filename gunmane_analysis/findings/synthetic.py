"""合成データ is marked wherever it is seen: a filed record that says so marks its finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from gunmane_analysis.findings.finding import Finding

_MARK = "合成"


def is_made_up(*texts: pd.Series) -> bool:
    """Whether any of the records' ids, names, remarks or marks say that they are made up.

    Examples
    --------
    >>> is_made_up(pd.Series([False, True], name="is_synthetic"))
    True
    >>> is_made_up(pd.Series(["相談1", None]), pd.Series(["合成データ"]))
    True
    """
    return any(
        column.any()
        if column.dtype == "bool"
        else column.dropna().astype("str").str.contains(_MARK).any()
        for column in texts
    )


def marked(finding: Finding, *texts: pd.Series) -> Finding:
    """Mark a finding as 合成データ where one of its records says that it is."""
    return as_made_up(finding) if is_made_up(*texts) else finding


def marked_by_source(
    findings: Iterable[Finding], synthetic_sources: frozenset[str]
) -> tuple[Finding, ...]:
    """Mark the findings that use a source with rows of 合成データ or 仮."""
    return tuple(
        as_made_up(finding)
        if finding.status != "synthetic" and synthetic_sources & set(finding.source_ids)
        else finding
        for finding in findings
    )


def as_made_up(finding: Finding) -> Finding:
    """Return a finding with the mark, in its headline and its sentence for the summary too."""
    summary = f"合成データでは、{finding.summary}" if finding.summary else ""
    headline = f"合成データでは、{finding.headline}"
    return replace(finding, status="synthetic", headline=headline, summary=summary)
