"""検算 as a finding: the national figures that documents print, compared with a recomputation."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.metrics.position.claims import AGREES, DIFFERS, NOT_COMPARABLE
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.wording import format_value


def claims_finding(claims: pd.DataFrame, area: Area) -> Finding | None:
    """Word how many printed figures agree with what other figures give; the nation's page only.

    Parameters
    ----------
    claims : DataFrame
        From :func:`gunmane_analysis.metrics.position.claims.check_claims`.
    area : Area

    Examples
    --------
    >>> from gunmane_analysis import find_area
    >>> claims_finding(pd.DataFrame(), find_area("tohoku"))
    """
    if area.kind != "nation" or claims.empty:
        return None
    counts = claims["verdict"].value_counts()
    table = claims.assign(
        recomputed_text=[
            _words(value, unit)
            for value, unit in zip(claims["recomputed"], claims["unit"], strict=True)
        ],
        remark=[a or b for a, b in zip(claims["obstacle"], claims["reason"], strict=True)],
    )
    differing = "、".join(
        f"{row['label']}は印字{row['printed_text']}に対し{row['recomputed_text']}"
        for row in table[table["verdict"] == DIFFERS].to_dict("records")
    )
    return Finding(
        finding_id="profile.claims",
        title="資料の全国の数値の検算",
        headline=f"資料に印字された数値のうち、ほかの公表値から計算できる{len(claims)}件を検算した。"
        f"印字の桁で合うもの{counts.get(AGREES, 0)}件、合わないもの{counts.get(DIFFERS, 0)}件"
        f"{f'（{differing}）' if differing else ''}、"
        f"範囲や年が違い比べられないもの{counts.get(NOT_COMPARABLE, 0)}件である。",
        table=table,
        columns=(
            Column("label", "数値"),
            Column("printed_text", "印字"),
            Column("recomputed_text", "計算した値"),
            Column("computation", "計算"),
            Column("verdict", "検算"),
            Column("remark", "備考"),
        ),
        source_ids=sources_in_use(
            *dict.fromkeys(name for names in claims["source_ids"] for name in names),
            "national_points",
        ),
        caveats=(
            "「約」の付く割は一桁の丸めとみて、0.5割までの差を合うとした。",
            "合うことは、元の統計が正しいことを示すものではない。",
        ),
    )


def _words(value: float, unit: str) -> str:
    if unit == "%":
        return f"{format_value(value, 'rate', 1)}%"
    if unit == "ポイント":
        return f"{format_value(value, 'rate', 0)}ポイント"
    decimals = 0 if float(value).is_integer() else 2
    return f"{format_value(value, 'number', decimals)}{unit}"
