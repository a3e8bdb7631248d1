"""合成データ is marked on every finding that uses a source with marked rows, and on no other."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.findings.finding import Column, Finding, mark_by_source


def finding(finding_id: str, *source_ids: str) -> Finding:
    return Finding(
        finding_id=finding_id,
        title="題",
        headline="秋田県の技術者は6人である。",
        table=pd.DataFrame({"a": [1]}),
        columns=(Column("a", "列"),),
        source_ids=source_ids,
        summary="技術者は6人。",
    )


def test_a_finding_is_marked_where_one_of_its_sources_has_marked_rows() -> None:
    findings = (
        finding("staffing.technicians", "municipal_series", "municipal_staffing"),
        finding("staffing.trend", "prefecture_series"),
    )
    own, other = mark_by_source(findings, frozenset({"municipal_staffing"}))
    assert (own.status, own.headline) == (
        "synthetic",
        "合成データでは、秋田県の技術者は6人である。",
    )
    assert own.summary == "合成データでは、技術者は6人。"
    assert other is findings[1]
    assert mark_by_source((own,), frozenset({"municipal_staffing"})) == (own,)  # once only
