"""The finding that stands where nothing was known yet in the year reported."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.findings.finding import Column, Finding


def not_known_finding(
    finding_id: str,
    title: str,
    what: str,
    fiscal_year: int,
    table: pd.DataFrame,
    columns: tuple[Column, ...],
    source_id: str,
) -> Finding:
    """Say that a year's page holds nothing here, because nothing was known by then."""
    return Finding(
        finding_id=finding_id,
        title=title,
        headline=(
            f"{fiscal_year}年度の時点で知られていた{what}は、登録された資料にない"
            "（資料の数値は2024年度に知られたものとして扱う）。"
        ),
        table=table,
        columns=columns,
        source_ids=(source_id,),
        caveats=("この年度のページには、後の年度に知られた内容を載せない。",),
    )
