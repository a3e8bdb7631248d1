"""The finding on what municipal staff move with; headed by what kind of staff these are."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.findings.finding import Column, Definition, Finding
from gunmane_analysis.metrics.staffing.panel import PanelResult, StaffRegression
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.wording import signed_words

_LABELS = {"population_count": "人口", "civil_engineering_expenditure_jpy": "土木費（名目）"}
_TITLE = "一般行政部門職員数（土木部門職員数ではない）と人口・土木費の動き"
_ELASTICITY = Definition(
    "弾力性（団体と年度の効果を除く）",
    "人口または土木費が1%多い年に、同じ市区町村の職員数が平均して何%多いか。"
    "市区町村ごとの水準の違いと、全国に共通する年ごとの動きは除いてある。",
    r"\ln y_{it}=\alpha_i+\lambda_t+\beta_1\ln x_{1it}+\beta_2\ln x_{2it}+\varepsilon_{it}",
)


def staff_regression_finding(found: StaffRegression | None) -> Finding | None:
    """Word the elasticities with their intervals, or what is missing; None for small areas.

    Examples
    --------
    >>> staff_regression_finding(None)
    """
    if found is None:
        return None
    columns = (
        Column("label", "ともに動いたもの"),
        Column("estimate", "弾力性", "", "number", 3),
        Column("low", "95%区間の下限", "", "number", 3),
        Column("high", "95%区間の上限", "", "number", 3),
        Column("p_value", "p値", "", "number", 3),
    )
    if found.result is None:
        return Finding(
            finding_id="profile.staff_regression",
            title=_TITLE,
            headline=f"{found.area.name}の市区町村について、職員数と人口・土木費の動きは"
            f"求められない。{found.reason}",
            table=pd.DataFrame(columns=["label"]),
            columns=(),
            source_ids=("prefecture_series",),
        )
    result = found.result
    table = result.coefficients.assign(label=result.coefficients["regressor"].map(_LABELS))
    years = "・".join(map(str, found.years))
    return Finding(
        finding_id="profile.staff_regression",
        title=_TITLE,
        headline=_headline(found, result, years),
        table=table,
        columns=columns,
        source_ids=sources_in_use("ssdse_a", "municipal_panel"),
        caveats=(
            "一般行政部門職員は企画・税・福祉などを含み、土木部門職員ではない。",
            "ともに動いたことを示すもので、人口や土木費が職員数を変えたことを示さない。"
            f"用いたのは{years}の{result.year_count}年度だけで、その間の動きは小さい。",
            f"区間の計算では、同じ市区町村の年ごとのずれが互いに関わることを許した"
            f"（{result.cluster_count:,}市区町村）。"
            + (f"値がそろわない{found.dropped_count}件は除いた。" if found.dropped_count else ""),
            *result.warnings,
        ),
        definitions=(_ELASTICITY,),
        certainty=f"市区町村{result.unit_count:,}、年度{result.year_count}、"
        f"観測{result.observation_count:,}。水準と年を除いた残りの動きのうち"
        f"{result.within_r_squared:.1%}を説明する。",
        method="団体と年度の固定効果、団体でまとめた頑健な標準誤差",
    )


def _headline(found: StaffRegression, result: PanelResult, years: str) -> str:
    told = "、".join(
        f"{_LABELS[str(row['regressor'])]}が1%多いと{signed_words(row['estimate'], 2)}%"
        f"（95%の区間 {signed_words(row['low'], 2)}〜{signed_words(row['high'], 2)}%）"
        for row in result.coefficients.to_dict("records")
    )
    return (
        f"{found.area.name}の{result.unit_count:,}市区町村の一般行政部門職員数"
        f"（土木部門職員数ではない、{years}年度）は、市区町村と年度の違いを除くと、{told}である。"
    )
