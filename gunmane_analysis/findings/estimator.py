"""Findings of the effect-estimation tool: cost before and after, cash apart from hours."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.contracts import plot_cost_comparison
from gunmane_analysis.errors import DesignError
from gunmane_analysis.findings.finding import Column, Definition, Finding
from gunmane_analysis.metrics.contracts.estimator import (
    CostComparison,
    break_even_outsourcing_factor,
    break_even_unit_labour_cost,
)
from gunmane_analysis.tables.estimate import TAX_WORDS
from gunmane_analysis.wording import yen

RELEASED = Definition(
    "縮減時間",
    "導入前と導入後の直営対応時間の差。職員の数が変わらなければ現金の支出は減らず、"
    "他の業務に充てられる時間が生まれる。",
)
_TOTAL = Definition(
    "直営＋委託の総費用",
    "委託金額に、直営対応時間へ人件費単価を掛けた額を加えた費用。",
    r"C = O + h \times w",
)
HOURS_ARE_NOT_CASH = (
    "縮減時間の金額は、職員の数を減らさない限り支出の減少にならない。"
    "資料も、土木部署の人員削減につなげず新たな業務に充てることを勧めている。"
)


def cost_comparison_finding(comparison: CostComparison) -> Finding:
    """Word direct plus outsourced cost before and after, with cash and hours kept apart.

    Examples
    --------
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> from gunmane_analysis.metrics.contracts.estimator import cost_comparison
    >>> cost_comparison_finding(cost_comparison(load_cost_illustration(2024))).status
    'illustrative'
    """
    given, sums = comparison.given, comparison.yearly.sum(numeric_only=True)
    years = given.fiscal_years
    span = (
        f"{years[0]}年度" if len(years) == 1 else f"{years[0]}〜{years[-1]}年度の{len(years)}年間"
    )
    name = "例示の値では" if given.is_illustrative else f"「{given.title}」では"
    headline = (
        f"{name}、{span}の直営＋委託の総費用は{yen(sums['total_before_jpy'])}から"
        f"{yen(sums['total_after_jpy'])}へ（{_change(sums['total_saving_jpy'])}）。"
        f"そのうち現金の支出は{_change(sums['cash_saving_jpy'])}、"
        f"直営の時間は{_hours(comparison.released_hours)}である。"
    )
    return Finding(
        finding_id="contracts.cost_comparison",
        title="効果試算：直営＋委託の総費用" + ("（例示）" if given.is_illustrative else ""),
        headline=headline,
        table=_before_after(sums),
        columns=(
            Column("row_ja", "区分"),
            Column("before", "導入前", "円・時間", "count"),
            Column("after", "導入後", "円・時間", "count"),
            Column("difference", "差（導入後−導入前）", "円・時間", "count"),
        ),
        source_ids=("stated_effects",) if given.is_illustrative else (),
        caveats=(
            *(
                ("金額・時間・人件費単価はすべて計算を示すための例示で、どの自治体の値でもない。",)
                if given.is_illustrative
                else ()
            ),
            HOURS_ARE_NOT_CASH,
            "資料の事例では、職員の負担は減る一方で費用はある程度必要になるとの声がある。",
            _price_words(comparison),
        ),
        chart=draw(lambda: plot_cost_comparison(comparison), f"積み上げ横棒図。{headline}"),
        definitions=(_TOTAL, RELEASED),
        status="illustrative" if given.is_illustrative else "measured",
        certainty=_break_even_words(comparison),
    )


def _before_after(sums: pd.Series) -> pd.DataFrame:
    hours = ("直営対応時間（時間）", sums["direct_hours_before"], sums["direct_hours_after"])
    rows = [
        ("委託金額（円）", sums["outsourcing_before_jpy"], sums["outsourcing_after_jpy"]),
        ("導入時の費用（円）", 0.0, sums["startup_cost_jpy"]),
        hours,
        (
            "直営対応の人件費換算（円）",
            sums["direct_cost_before_jpy"],
            sums["direct_cost_after_jpy"],
        ),
        ("直営＋委託の総費用（円）", sums["total_before_jpy"], sums["total_after_jpy"]),
    ]
    table = pd.DataFrame(rows, columns=["row_ja", "before", "after"])
    return table.assign(difference=table["after"] - table["before"])


def _change(saving_jpy: float) -> str:
    if round(saving_jpy) == 0:
        return "増減なし"
    return f"{yen(abs(saving_jpy))}の{'減少' if saving_jpy > 0 else '増加'}"


def _hours(released: float) -> str:
    return f"{abs(released):,.0f}時間の{'縮減' if released >= 0 else '増加'}"


def _price_words(comparison: CostComparison) -> str:
    settings = comparison.given.settings
    deflated = "物価指数で換算した" if settings.deflators else "入力の"
    return f"{settings.price_base_fiscal_year}年度価格（{deflated}額）、{TAX_WORDS[settings.tax]}。"


def _break_even_words(comparison: CostComparison) -> str:
    """Where the sign of the total saving turns, as far as it turns at all."""
    sentences = []
    try:
        level = break_even_unit_labour_cost(comparison)
        sentences.append(f"総費用が等しくなる人件費単価は{level:,.0f}円/時間")
    except DesignError as fault:
        sentences.append(fault.found.rstrip("。"))
    try:
        factor = break_even_outsourcing_factor(comparison)
        sentences.append(f"導入後の委託金額が入力の{factor:.3f}倍になると総費用は等しくなる")
    except DesignError as fault:
        sentences.append(fault.found.rstrip("。"))
    return "。".join(sentences) + "。"
