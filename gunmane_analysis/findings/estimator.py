"""Findings of the effect-estimation tool: costs, cash apart from hours, and how sure it is."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.estimator import (
    plot_break_even,
    plot_cost_comparison,
    plot_saving_draws,
    plot_tornado,
)
from gunmane_analysis.errors import DesignError
from gunmane_analysis.findings.described import described_finding
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.metrics.contracts.estimator import (
    CostComparison,
    Tornado,
    break_even_outsourcing_factor,
    break_even_unit_labour_cost,
)
from gunmane_analysis.metrics.contracts.estimator_risk import SimulatedSaving
from gunmane_analysis.tables import choices
from gunmane_analysis.tables.estimate import TAX_WORDS, EstimateInput
from gunmane_analysis.wording import percent, yen

_ROWS = {
    "委託金額（円）": ("outsourcing_before_jpy", "outsourcing_after_jpy"),
    "導入時の費用（円）": (None, "startup_cost_jpy"),
    "直営対応時間（時間）": ("direct_hours_before", "direct_hours_after"),
    "直営対応の人件費換算（円）": ("direct_cost_before_jpy", "direct_cost_after_jpy"),
    "直営＋委託の総費用（円）": ("total_before_jpy", "total_after_jpy"),
}
_SHAPES = {"pert": "PERT分布", "triangular": "三角分布"}
_MEASURES = {
    "total_saving_npv_jpy": "総費用の減少（現在価値、円）",
    "cash_saving_npv_jpy": "現金の支出の減少（現在価値、円）",
    "released_hours": "縮減時間（期間計、時間）",
}


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
    years, settings, is_example = given.fiscal_years, given.settings, given.is_illustrative
    span = f"{years[0]}" if len(years) == 1 else f"{years[0]}〜{years[-1]}"
    span += "年度" if len(years) == 1 else f"年度の{len(years)}年間"
    name = "例示の値では" if is_example else f"「{given.title}」では"
    hours = comparison.released_hours
    headline = (
        f"{name}、{span}の直営＋委託の総費用は{yen(sums['total_before_jpy'])}から"
        f"{yen(sums['total_after_jpy'])}へ（{_change(sums['total_saving_jpy'])}）。"
        f"そのうち現金の支出は{_change(sums['cash_saving_jpy'])}、"
        f"直営の時間は{abs(hours):,.0f}時間の{'縮減' if hours >= 0 else '増加'}である。"
    )
    rows = [
        (label, *(0.0 if name is None else sums[name] for name in names))
        for label, names in _ROWS.items()
    ]
    table = pd.DataFrame(rows, columns=["row_ja", "before", "after"])
    deflated = "物価指数で換算した" if settings.deflators else "入力の"
    return described_finding(
        "contracts.cost_comparison",
        table.assign(difference=table["after"] - table["before"]),
        headline,
        words={"mark": "（例示）" if is_example else ""},
        source_ids=("stated_effects",) if is_example else (),
        caveats=(
            *(["only_illustrative"] if is_example else []),
            "hours_are_not_cash",
            "資料の事例では、職員の負担は減る一方で費用はある程度必要になるとの声がある。",
            f"{settings.price_base_fiscal_year}年度価格（{deflated}額）、{TAX_WORDS[settings.tax]}。",
        ),
        chart=draw(lambda: plot_cost_comparison(sums), f"積み上げ横棒図。{headline}"),
        status="illustrative" if is_example else "measured",
        certainty=_break_even_words(comparison),
    )


def _change(saving_jpy: float) -> str:
    return "増減なし" if round(saving_jpy) == 0 else _signed(saving_jpy)


def _signed(saving_jpy: float) -> str:
    return f"{yen(abs(saving_jpy))}の{'減少' if saving_jpy >= 0 else '増加'}"


def _break_even_words(comparison: CostComparison) -> str:
    """Word where the sign of the total saving turns, as far as it turns at all."""
    sentences = []
    for words, level in (
        ("総費用が等しくなる人件費単価は{:,.0f}円/時間", break_even_unit_labour_cost),
        (
            "導入後の委託金額が入力の{:.3f}倍になると総費用は等しくなる",
            break_even_outsourcing_factor,
        ),
    ):
        try:
            sentences.append(words.format(level(comparison)))
        except DesignError as fault:
            sentences.append(fault.found.rstrip("。"))
    return "。".join(sentences) + "。"


def cost_years_finding(comparison: CostComparison) -> Finding:
    """Word the present values of cash and of released hours, year by year in the table.

    Examples
    --------
    >>> from gunmane_analysis import cost_comparison
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> cost_years_finding(cost_comparison(given)).theme
    'estimate'
    """
    given = comparison.given
    return _estimate_finding(
        "estimate.years",
        comparison.yearly,
        f"割引率{percent(given.settings.discount_rate.value)}の現在価値で、現金の支出は"
        f"{_signed(comparison.cash_saving_npv_jpy)}、縮減時間の換算額は"
        f"{yen(comparison.released_value_npv_jpy)}、合わせて総費用は"
        f"{_signed(comparison.total_saving_npv_jpy)}となる。",
        given,
    )


def _estimate_finding(
    finding_id: str, table: pd.DataFrame, headline: str, given: EstimateInput, **fields: Any
) -> Finding:
    status = "illustrative" if given.is_illustrative else "planned"
    return described_finding(finding_id, table, headline, status=status, **fields)


def break_even_finding(comparison: CostComparison, curve: pd.DataFrame) -> Finding:
    """Word how far outsourcing after bundling may rise, over unit labour costs.

    Examples
    --------
    >>> from gunmane_analysis import break_even_curve, cost_comparison
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> break_even_finding(cost_comparison(given), break_even_curve(given)).theme
    'estimate'
    """
    settings = comparison.given.settings
    factor = break_even_outsourcing_factor(comparison)
    cost, entered = (
        settings.unit_labour_cost_jpy_per_hour.value,
        settings.outsourcing_after_factor.value,
    )
    headline = (
        f"人件費単価が{cost:,.0f}円/時間のとき、導入後の委託金額が入力の{factor:.3f}倍までなら"
        "総費用は増えない。時間を金額に換算しなければ（単価0円）"
        f"{curve.iloc[0]['outsourcing_after_factor']:.3f}倍までである。"
    )
    chart = draw(lambda: plot_break_even(curve, cost, entered), f"折れ線図。{headline}")
    return _estimate_finding("estimate.break_even", curve, headline, comparison.given, chart=chart)


def tornado_finding(tornado: Tornado, given: EstimateInput) -> Finding:
    """Word which setting moves the saving most.

    Examples
    --------
    >>> from gunmane_analysis import tornado
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> tornado_finding(tornado(given), given).theme
    'estimate'
    """
    swings = tornado.swings.assign(label=tornado.swings["setting"].map(choices("estimate_setting")))
    ends = swings[["saving_at_low_jpy", "saving_at_high_jpy"]]
    crossing = swings.loc[(ends.min(axis=1) < 0) & (ends.max(axis=1) > 0), "label"]
    turn = (
        f"幅の中で総費用の増減が逆になるのは{'、'.join(crossing)}である。"
        if len(crossing)
        else "どの項目も、幅の中で総費用の増減の向きは変わらない。"
    )
    widest = swings.iloc[0]
    headline = (
        f"総費用の減少額を最も動かすのは{widest['label']}で、"
        f"幅の端から端まで{yen(float(widest['swing_jpy']))}動く。{turn}"
    )
    chart = draw(lambda: plot_tornado(tornado), f"横棒図。{headline}")
    return _estimate_finding("estimate.tornado", swings, headline, given, chart=chart)


def saving_probability_finding(simulated: SimulatedSaving, given: EstimateInput) -> Finding:
    """Word the probability that total cost, and that cash alone, falls.

    Examples
    --------
    >>> from gunmane_analysis.metrics.contracts.estimator_risk import simulate_saving
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> saving_probability_finding(simulate_saving(given, seed=1, draws=200), given).theme
    'estimate'
    """
    table = simulated.quantiles.assign(label=simulated.quantiles["measure"].map(_MEASURES))
    total = table.set_index("measure").T["total_saving_npv_jpy"]
    headline = (
        f"幅の中で{simulated.draw_count:,}回試すと、総費用が減る割合は"
        f"{percent(simulated.probability_of_saving)}、現金の支出だけで減る割合は"
        f"{percent(simulated.probability_of_cash_saving)}である。"
        f"総費用の増減は9割の場合に{_signed(float(total['q05']))}から"
        f"{_signed(float(total['q95']))}までの間に入る。"
    )
    return _estimate_finding(
        "estimate.probability",
        table,
        headline,
        given,
        words={
            "shape": _SHAPES[simulated.shape],
            "seed": simulated.seed,
            "error": f"{1.96 * simulated.monte_carlo_error:.1%}",
        },
        chart=draw(lambda: plot_saving_draws(simulated), f"柱状図。{headline}"),
    )
