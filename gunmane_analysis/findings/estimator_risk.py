"""Findings of the effect-estimation tool: by year, at the break-even, and how sure it is."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.estimator import (
    plot_break_even,
    plot_saving_draws,
    plot_tornado,
)
from gunmane_analysis.findings.estimator import HOURS_ARE_NOT_CASH, RELEASED
from gunmane_analysis.findings.finding import Column, Definition, Finding
from gunmane_analysis.findings.finding import Status as FindingStatus
from gunmane_analysis.metrics.contracts.estimator import (
    CostComparison,
    Tornado,
    break_even_outsourcing_factor,
)
from gunmane_analysis.metrics.contracts.estimator_risk import SimulatedSaving
from gunmane_analysis.tables import choices
from gunmane_analysis.tables.estimate import EstimateInput
from gunmane_analysis.wording import percent, yen

_NPV = Definition(
    "現在価値",
    "将来の金額を割引率で初年度の価値に直して足した額。初年度は割り引かない。",
    r"\sum_{t}\frac{x_{t}}{(1+r)^{t}}",
)
_INDEPENDENT = "幅のある項目は互いに無関係に動くとみなした。関係があれば確率は変わる。"
_MEASURES = {
    "total_saving_npv_jpy": "総費用の減少（現在価値、円）",
    "cash_saving_npv_jpy": "現金の支出の減少（現在価値、円）",
    "released_hours": "縮減時間（期間計、時間）",
}


def _status(given: EstimateInput) -> FindingStatus:
    return "illustrative" if given.is_illustrative else "planned"


def cost_years_finding(comparison: CostComparison) -> Finding:
    """Word the present values of cash and of released hours, year by year in the table.

    Examples
    --------
    >>> from gunmane_analysis import break_even_curve, cost_comparison, tornado
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> cost_years_finding(cost_comparison(given)).theme
    'estimate'
    """
    given = comparison.given
    rate = given.settings.discount_rate.value
    headline = (
        f"割引率{percent(rate)}の現在価値で、現金の支出は"
        f"{_signed(comparison.cash_saving_npv_jpy)}、縮減時間の換算額は"
        f"{yen(comparison.released_value_npv_jpy)}、合わせて総費用は"
        f"{_signed(comparison.total_saving_npv_jpy)}となる。"
    )
    money = {
        "outsourcing_before_jpy": "委託（導入前）",
        "outsourcing_after_jpy": "委託（導入後）",
        "startup_cost_jpy": "導入時の費用",
        "cash_saving_jpy": "現金の減少",
        "released_value_jpy": "縮減時間の換算額",
        "total_saving_jpy": "総費用の減少",
    }
    return Finding(
        finding_id="estimate.years",
        title="年度別の現金の支出と縮減時間",
        headline=headline,
        table=comparison.yearly,
        columns=(
            Column("fiscal_year", "年度", kind="year"),
            *(Column(name, label, "円", "count") for name, label in money.items()),
            Column("released_hours", "縮減時間", "時間", "count"),
            Column("discount_factor", "割引係数", kind="number", decimals=4),
        ),
        source_ids=(),
        caveats=(HOURS_ARE_NOT_CASH,),
        definitions=(_NPV, RELEASED),
        status=_status(given),
    )


def _signed(saving_jpy: float) -> str:
    return f"{yen(abs(saving_jpy))}の{'減少' if saving_jpy >= 0 else '増加'}"


def break_even_finding(comparison: CostComparison, curve: pd.DataFrame) -> Finding:
    """Word how far outsourcing after bundling may rise, over unit labour costs.

    Examples
    --------
    >>> from gunmane_analysis import break_even_curve, cost_comparison, tornado
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> break_even_finding(cost_comparison(given), break_even_curve(given)).theme
    'estimate'
    """
    settings = comparison.given.settings
    factor = break_even_outsourcing_factor(comparison)
    cost = settings.unit_labour_cost_jpy_per_hour.value
    zero = curve.iloc[0]["outsourcing_after_factor"]
    headline = (
        f"人件費単価が{cost:,.0f}円/時間のとき、導入後の委託金額が入力の{factor:.3f}倍までなら総費用は増えない。"
        f"時間を金額に換算しなければ（単価0円）{zero:.3f}倍までである。"
    )
    return Finding(
        finding_id="estimate.break_even",
        title="総費用が等しくなる人件費単価と委託金額",
        headline=headline,
        table=curve,
        columns=(
            Column("unit_labour_cost_jpy_per_hour", "人件費単価", "円/時間", "count"),
            Column("outsourcing_after_factor", "導入後の委託金額", "入力の倍", "number", 3),
        ),
        source_ids=(),
        caveats=("線より下が、導入後の総費用が下がる組合せである。",),
        chart=draw(
            lambda: plot_break_even(curve, cost, settings.outsourcing_after_factor.value),
            f"折れ線図。{headline}",
        ),
        status=_status(comparison.given),
    )


def tornado_finding(tornado: Tornado, given: EstimateInput) -> Finding:
    """Word which setting moves the saving most.

    Examples
    --------
    >>> from gunmane_analysis import break_even_curve, cost_comparison, tornado
    >>> from gunmane_analysis.loaders.assumed import load_cost_illustration
    >>> given = load_cost_illustration(2024, years=3, with_ranges=True)
    >>> tornado_finding(tornado(given), given).theme
    'estimate'
    """
    widest = tornado.swings.iloc[0]
    crossing = tornado.swings[
        (tornado.swings[["saving_at_low_jpy", "saving_at_high_jpy"]].min(axis=1) < 0)
        & (tornado.swings[["saving_at_low_jpy", "saving_at_high_jpy"]].max(axis=1) > 0)
    ]
    named = "、".join(choices("estimate_setting")[name] for name in crossing["setting"])
    turn = (
        f"幅の中で総費用の増減が逆になるのは{named}である。"
        if named
        else "どの項目も、幅の中で総費用の増減の向きは変わらない。"
    )
    headline = (
        f"総費用の減少額を最も動かすのは{choices('estimate_setting')[str(widest['setting'])]}で、"
        f"幅の端から端まで{yen(float(widest['swing_jpy']))}動く。{turn}"
    )
    return Finding(
        finding_id="estimate.tornado",
        title="一つの項目だけを動かしたときの総費用の減少額",
        headline=headline,
        table=tornado.swings.assign(
            label=tornado.swings["setting"].map(choices("estimate_setting"))
        ),
        columns=(
            Column("label", "項目"),
            Column("low", "最小", kind="number", decimals=3),
            Column("high", "最大", kind="number", decimals=3),
            Column("saving_at_low_jpy", "最小のときの減少額", "円", "count"),
            Column("saving_at_high_jpy", "最大のときの減少額", "円", "count"),
            Column("swing_jpy", "動く幅", "円", "count"),
        ),
        source_ids=(),
        caveats=("他の項目は入力の値のまま動かさない。",),
        chart=draw(lambda: plot_tornado(tornado), f"横棒図。{headline}"),
        status=_status(given),
    )


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
    total = simulated.quantiles.set_index("measure").T["total_saving_npv_jpy"]
    shape = {"pert": "PERT分布", "triangular": "三角分布"}[simulated.shape]
    headline = (
        f"幅の中で{simulated.draw_count:,}回試すと、総費用が減る割合は"
        f"{percent(simulated.probability_of_saving)}、現金の支出だけで減る割合は"
        f"{percent(simulated.probability_of_cash_saving)}である。"
        f"総費用の増減は9割の場合に{_signed(float(total['q05']))}から"
        f"{_signed(float(total['q95']))}までの間に入る。"
    )
    table = simulated.quantiles.assign(label=simulated.quantiles["measure"].map(_MEASURES))
    return Finding(
        finding_id="estimate.probability",
        title="総費用の減少額の広がり",
        headline=headline,
        table=table,
        columns=(
            Column("label", "項目"),
            Column("mean", "平均", kind="count"),
            *(
                Column(f"q{level:02d}", f"{level}%点", kind="count")
                for level in (5, 25, 50, 75, 95)
            ),
        ),
        source_ids=(),
        caveats=(
            f"{shape}、乱数の種{simulated.seed}。幅は入力した人の見込みであり、測定ではない。",
            _INDEPENDENT,
            f"試す回数が限られることによる割合の誤差は±{1.96 * simulated.monte_carlo_error:.1%}"
            "（95%）である。",
        ),
        chart=draw(lambda: plot_saving_draws(simulated), f"柱状図。{headline}"),
        status=_status(given),
        method="モンテカルロ法",
    )
