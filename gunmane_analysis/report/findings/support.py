"""Findings on where to turn."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.report.findings.finding import Column, Finding

_DESKS_NAMED = 2


def consultation_desks_finding(desks: pd.DataFrame, area: Area) -> Finding:
    """Show the desks to which the area's municipalities can turn."""
    disputed = desks.loc[desks["is_email_disputed"], "block_name"]
    offices = (
        "、".join(
            f"{row['office']}（{row['section']}、電話{row['phone']}）"
            for row in desks.to_dict("records")
        )
        if len(desks) <= _DESKS_NAMED
        else f"国土交通省と地方整備局等の{len(desks)}か所"
    )
    caveats = ["資料の公表時の担当部署であり、変わることがある。"]
    if len(disputed):
        caveats.append(
            f"{'、'.join(disputed)}の電子メールは資料により違うため載せない。国土交通省の頁で確かめること。"
        )
    return Finding(
        finding_id="contracts.desks",
        title="自治体メンテ相談窓口",
        headline=f"{area.name}の自治体が包括的民間委託について相談できる窓口は、{offices}である。",
        table=desks,
        columns=(
            Column("block_name", "地域"),
            Column("office", "機関"),
            Column("section", "部署"),
            Column("phone", "電話"),
            Column("email", "電子メール"),
        ),
        source_ids=("consultation_desks",),
        caveats=tuple(caveats),
    )
