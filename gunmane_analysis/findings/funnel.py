"""Findings of the theme ``funnel``: how far cases go, in which forums and areas, and the KPI."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.funnel import (
    plot_funnel_readings,
    plot_group_comparison,
    plot_kpi_progress,
)
from gunmane_analysis.findings.finding import Column, Definition, Finding, KeyFigure
from gunmane_analysis.metrics.funnel.rates import Rate
from gunmane_analysis.metrics.funnel.readings import (
    AreaFunnel,
    FunnelReadings,
    GroupComparison,
    Reading,
)
from gunmane_analysis.tables import choices
from gunmane_analysis.wording import MISSING, interval_words, is_missing, percent

KPI = "kpi"
READING_NAMES = {"nested": "検討に対する比", "status": "内訳の計に対する割合"}
READING_BASES = {
    "nested": "検討{}件に対する比で",
    "status": "四つの件数を内訳とみた計{}件に対する割合で",
}
NOTHING_KNOWN = "登録した資料に、{year}年度までのマッチングの件数はない。"
CHANCE = (
    "件数は全数であり標本誤差はない。区間は、同じ条件で同じ数の案件を扱ったときに偶然で生じる幅"
    "（Wilson法、95%）を示す。フォーラムの間に違いがあれば幅は足りない（級内相関.05で実際の信頼度は約93%）。"
)
MIXED = (
    "件数は年度の活動を数えたもので、案件の世代が混じる（計画では提案から試行まで3〜20か月）。"
    "割合は、検討した案件がその後どうなったかを示さない。"
)
TWO_READINGS = (
    "公表資料は四つの件数の数え方を示していない。一つは、検討の件数に対する比である。もう一つは、"
    "四つの件数をKPIの件数の内訳（一件を一つの段階に数える）とみて、その計に対する割合を求める読み方で、"
    "四つの和がKPIの件数に等しいことと合う。"
)
DEFINITIONS = (
    Definition(
        "次の段階に進んだ割合",
        "ある段階に達した案件のうち、次の段階以上に達したものの割合。",
        r"\hat p_s = n_{s+1}/n_s",
    ),
    Definition(
        "95%区間（Wilson）",
        "割合の偶然による幅を示す区間。件数が少なくても0%より下や100%より上に出ない。",
        r"\frac{\hat p+\frac{z^2}{2n}\pm z\sqrt{\frac{\hat p(1-\hat p)}{n}+\frac{z^2}{4n^2}}}"
        r"{1+\frac{z^2}{n}}",
    ),
)
READING_COLUMNS = (
    Column("reading_name", "読み方"),
    Column("stage_name", "段階"),
    Column("reached_count", "達した件数", "件", "count"),
    Column("rate_from_previous", "前の段階から", "%", "rate", 1),
    Column("previous_low", "前の段階からの下限", "%", "rate", 1),
    Column("previous_high", "前の段階からの上限", "%", "rate", 1),
    Column("rate_from_first", "検討から", "%", "rate", 1),
    Column("first_low", "検討からの下限", "%", "rate", 1),
    Column("first_high", "検討からの上限", "%", "rate", 1),
)


def funnel_finding(readings: FunnelReadings, fiscal_year: int) -> Finding:
    """Word the nation's funnel in every reading that its counts allow.

    Examples
    --------
    >>> from gunmane_analysis import load_kpi, funnel_readings, published_counts
    >>> readings = funnel_readings(published_counts(load_kpi(), 2023))
    >>> funnel_finding(readings, 2023).finding_id
    'funnel.rates'
    """
    table = readings_table(readings)
    if not readings.is_known:
        headline = NOTHING_KNOWN.format(year=fiscal_year)
        return Finding("funnel.rates", "マッチングの段階別の件数", headline, table,
                       READING_COLUMNS, (KPI,))  # fmt: skip
    headline = f"全国では、{readings.fiscal_year}年度に、{readings_sentence(readings)}"
    return Finding(
        finding_id="funnel.rates",
        title=f"マッチングの段階別の件数と進んだ割合（全国、{readings.fiscal_year}年度）",
        headline=headline,
        table=table,
        columns=READING_COLUMNS,
        source_ids=(KPI,),
        caveats=(MIXED, TWO_READINGS, *refusals(readings)),
        chart=draw(lambda: plot_funnel_readings(readings), f"横棒図。{headline}"),
        definitions=DEFINITIONS,
        summary=headline,
        summary_rank=15,
        certainty=f"{CHANCE}{interval_sentence(readings)}",
    )


def readings_table(readings: FunnelReadings) -> pd.DataFrame:
    """Put the readings one below the other, with names for readers; no rows if none is known."""
    parts = [
        rates.assign(
            reading_name=READING_NAMES[reading],
            stage_name=[choices("stage")[stage] for stage in rates["stage"]],
        )
        for reading, rates in readings.rates.items()
    ]
    if not parts:
        return pd.DataFrame(columns=[column.name for column in READING_COLUMNS])
    return pd.concat(parts, ignore_index=True)


def refusals(readings: FunnelReadings) -> tuple[str, ...]:
    """Word which readings the counts refuse, or a known part of them."""
    return (
        *readings.refused.values(),
        *(
            f"{READING_NAMES[reading]}は合計では求められるが、{reason}"
            for reading, reason in readings.part_refusals.items()
        ),
    )


def readings_sentence(readings: FunnelReadings, *, is_followed: bool = False) -> str:
    """Word the counts and each reading's last share with its interval.

    ``is_followed`` says that the same cases were followed (a ledger), not counted by activity.
    """
    first = next(iter(readings.rates.values()))
    told = "、".join(
        f"{choices('stage')[stage]}{int(count)}件"
        for stage, count in zip(first["stage"], first["case_count"], strict=True)
    )
    if is_followed:
        return f"{told}であった。検討した案件のうち社会実装は{_last_share(first)}である。"
    shares = "、".join(
        f"{READING_BASES[reading].format(rates['reached_count'].iloc[0])}{_last_share(rates)}"
        for reading, rates in readings.rates.items()
    )
    return f"{told}であった。社会実装は、{shares}である。同じ案件を追った割合ではない。"


def _last_share(rates: pd.DataFrame) -> str:
    last = rates.iloc[-1]
    return (
        f"{percent(last['rate_from_first'])}（{last['reached_count']}件／"
        f"{rates['reached_count'].iloc[0]}件、95%区間"
        f"{interval_words(last['first_low'], last['first_high'])}）"
    )


def interval_sentence(readings: FunnelReadings) -> str:
    """Word the interval of the last step in each reading."""
    told = []
    for reading, rates in readings.rates.items():
        last, before = rates.iloc[-1], rates.iloc[-2]
        if pd.notna(last["previous_low"]):
            told.append(
                f"{READING_NAMES[reading]}で見ると、社会実装の現場試行に対する割合は"
                f"{percent(last['rate_from_previous'])}"
                f"（{last['reached_count']}件／{before['reached_count']}件）、区間は"
                f"{interval_words(last['previous_low'], last['previous_high'])}である。"
            )
    return "".join(told)


def forum_comparison_finding(comparison: GroupComparison, fiscal_year: int) -> Finding:
    """Word the difference between the regional and the national forums' cases.

    Examples
    --------
    >>> from gunmane_analysis import compare_forums, load_kpi
    >>> forum_comparison_finding(compare_forums(load_kpi(), 2024), 2024).finding_id
    'funnel.forums'
    """
    columns = (
        Column("stage_name", "段階"),
        Column("first_count", comparison.names[0], "件", "count"),
        Column("first_rate", f"{comparison.names[0]}の割合", "%", "rate", 1),
        Column("second_count", comparison.names[1], "件", "count"),
        Column("second_rate", f"{comparison.names[1]}の割合", "%", "rate", 1),
        Column("difference", "差", "ポイント", "change", 1),
        Column("low", "区間の下限", "ポイント", "change", 1),
        Column("high", "区間の上限", "ポイント", "change", 1),
        Column("p_value", "p値", kind="number", decimals=4),
    )
    table = _comparison_table(comparison, [column.name for column in columns])
    if comparison.fiscal_year is None:
        return Finding("funnel.forums", "地方フォーラムと全国フォーラム",
                       NOTHING_KNOWN.format(year=fiscal_year), table, columns, (KPI,))  # fmt: skip
    established = comparison.differences["established"]
    headline = (
        f"{comparison.fiscal_year}年度のマッチング成立以上の件数は、四つの件数を内訳とみると、"
        f"{comparison.names[0]}で{percent(established.first.rate)}"
        f"（{established.first.success_count}件／{established.first.trial_count}件）、"
        f"{comparison.names[1]}で{percent(established.second.rate)}"
        f"（{established.second.success_count}件／{established.second.trial_count}件）である。"
    )
    points = f"{established.difference * 100.0:.1f}ポイント"
    return Finding(
        finding_id="funnel.forums",
        title=f"地方フォーラムと全国フォーラム（{comparison.fiscal_year}年度、四つの件数を内訳とみた割合）",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=(KPI,),
        caveats=(
            MIXED,
            "全国フォーラムの件数（15、0、2、0）は、検討に対する比としては読めない。",
            "全国フォーラムと地方フォーラムは役割が違い、扱う案件も違う。差は運営の良し悪しを示さない。",
            "三つの段階の差は同じ案件を見たもので、独立した三つの証拠ではない。",
        ),
        chart=draw(lambda: plot_group_comparison(comparison), f"点と区間の図。{headline}"),
        definitions=(
            Definition(
                "割合の差の区間（Newcombe）",
                "二つの割合それぞれのWilson区間を組み合わせた、差の区間。",
            ),
            Definition(
                "p値（Fisherの正確検定）",
                "二つの割合が本当は等しいとき、偶然だけで今回以上の偏りが生じる確率（両側）。",
            ),
        ),
        certainty=(
            f"マッチング成立以上の割合の差は{points}、95%区間は"
            f"{established.low * 100.0:.1f}〜{established.high * 100.0:.1f}ポイント"
            f"（Newcombe）、p値は{established.p_value:.4f}（Fisherの正確検定、両側）である。"
        ),
    )


def _comparison_table(comparison: GroupComparison, names: list[str]) -> pd.DataFrame:
    rows = [
        {
            "stage_name": f"{choices('stage')[stage]}以上",
            "first_count": found.first.success_count,
            "first_rate": found.first.rate,
            "second_count": found.second.success_count,
            "second_rate": found.second.rate,
            "difference": found.difference,
            "low": found.low,
            "high": found.high,
            "p_value": found.p_value,
        }
        for stage, found in comparison.differences.items()
    ]
    return pd.DataFrame(rows, columns=names)


FILED_SOURCES = {"counts": "funnel_counts", "cases": "funnel_cases"}


def area_funnel_finding(funnel: AreaFunnel, fiscal_year: int) -> Finding:
    """Say what is known of the area's own cases, beside the nation's; fill the card.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_kpi
    >>> from gunmane_analysis.loaders.tables import load_funnel_cases, load_funnel_counts
    >>> from gunmane_analysis.metrics.funnel.readings import area_funnel
    >>> filed = load_funnel_counts(), load_funnel_cases()
    >>> funnel = area_funnel(load_kpi(), *filed, find_area("tohoku"), 2024)
    >>> area_funnel_finding(funnel, 2024).finding_id
    'funnel.area'
    """
    area, own, nation = funnel.area, funnel.own, funnel.nation
    if funnel.origin == "none":
        headline = _unpublished(area, nation, fiscal_year)
    elif funnel.origin == "published":
        headline = (
            f"地方別の件数は公表されていない。全国の{own.fiscal_year}年度の件数"
            f"（{_steps(own)}）だけが分かる。"
        )
    else:
        year, held = own.fiscal_year, f"（届いた{funnel.forum_count}フォーラムの件数）"
        followed = funnel.origin == "cases"
        told = readings_sentence(own, is_followed=followed)
        headline = f"{area.name}{held}では、{year}年度に、{told}"
    table, columns = _area_table(funnel)
    filed = (FILED_SOURCES[funnel.origin],) if funnel.origin in FILED_SOURCES else ()
    return Finding(
        finding_id="funnel.area",
        title=f"{area.name}の段階別の件数",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=(*filed, KPI),
        caveats=(
            *((MIXED,) if funnel.nation.is_known else ()),
            *refusals(own),
            "全国の割合を地域の件数に当てはめた推計はしない。"
            "事務局が地方フォーラム別の件数か案件の一覧を登録すると、この節に地域の値が載る。",
        ),
        chart=draw(lambda: plot_funnel_readings(own), f"横棒図。{headline}") if filed else None,
        key_figures=_implementation_figures(funnel),
        certainty=f"{CHANCE}{interval_sentence(own)}" if filed else "",
    )


def _area_table(funnel: AreaFunnel) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Both funnels in full where the area has one; else the nation's counts beside a gap."""
    if funnel.origin in FILED_SOURCES:
        named = {funnel.area.name: funnel.own, "全国": funnel.nation}
        parts = [readings_table(found).assign(area_name=name) for name, found in named.items()]
        return pd.concat(parts, ignore_index=True), (Column("area_name", "地域"), *READING_COLUMNS)
    own = (
        ()
        if funnel.area.kind == "nation"
        else (Column("own_count", funnel.area.name, "件", "count"),)
    )
    columns = (
        Column("stage_name", "段階"),
        *own,
        Column("nation_count", "全国", "件", "count"),
    )
    if not funnel.nation.is_known:
        return pd.DataFrame(columns=["stage_name", "own_count", "nation_count"]), columns
    first = next(iter(funnel.nation.rates.values()))
    table = pd.DataFrame(
        {
            "stage_name": [choices("stage")[stage] for stage in first["stage"]],
            "own_count": float("nan"),
            "nation_count": first["case_count"],
        }
    )
    return table, columns


def _unpublished(area: Area, nation: FunnelReadings, fiscal_year: int) -> str:
    if not nation.is_known:
        return NOTHING_KNOWN.format(year=fiscal_year)
    return (
        f"{area.name}の段階別の件数は公表されていない。"
        f"公表されているのは全国の{nation.fiscal_year}年度の件数（{_steps(nation)}）だけである。"
    )


def _steps(readings: FunnelReadings) -> str:
    first = next(iter(readings.rates.values()))
    return "→".join(f"{count}" for count in first["case_count"]) + "件"


def _implementation_figures(funnel: AreaFunnel) -> tuple[KeyFigure, ...]:
    """One card a reading, so that neither stands for both."""
    cards: tuple[tuple[str, Reading, str], ...] = (
        ("funnel.implementation_rate", "nested", "社会実装の、検討の件数に対する比"),
        ("funnel.implementation_share", "status", "社会実装の、四つの件数の計に対する割合"),
    )
    return tuple(
        _implementation_figure(funnel, key, label, reading) for key, reading, label in cards
    )


def _implementation_figure(funnel: AreaFunnel, key: str, label: str, reading: Reading) -> KeyFigure:
    own, nation = (_last_rate(readings, reading) for readings in (funnel.own, funnel.nation))
    noted = own or nation
    note = "公表なし"
    if noted is not None:
        note = (
            f"{'' if own else '地域の値は公表なし。全国は'}"
            f"{noted.success_count}件／{noted.trial_count}件、"
            f"95%区間{interval_words(noted.low, noted.high)}"
        )
    return KeyFigure(
        key=key,
        label=label,
        value=own.rate if own else None,
        unit="%",
        kind="rate",
        decimals=1,
        nation=nation.rate if nation and funnel.area.kind != "nation" else None,
        note=note,
    )


def _last_rate(readings: FunnelReadings, reading: Reading) -> Rate | None:
    rates = readings.rates.get(reading)
    if rates is None:
        return None
    last = rates.iloc[-1]
    return Rate(
        int(last["reached_count"]),
        int(rates["reached_count"].iloc[0]),
        float(last["rate_from_first"]),
        float(last["first_low"]),
        float(last["first_high"]),
    )


def kpi_finding(progress: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word the results against their targets, and the targets that follow.

    Examples
    --------
    >>> from gunmane_analysis import load_kpi, kpi_progress
    >>> kpi_finding(kpi_progress(load_kpi(), 2024), 2024).finding_id
    'funnel.kpi'
    """
    columns = (
        Column("item_label", "項目"),
        Column("unit", "単位"),
        Column("target_words", "目標"),
        Column("result_words", "結果"),
        Column("achievement_rate", "目標に対する結果", "%", "rate", 0),
        Column("next_target_words", "次の目標"),
        Column("next_target_rate", "結果に対する次の目標", "%", "rate", 0),
    )
    table = progress.assign(
        **{
            f"{name}_words": [
                _amount_words(value, unit)
                for value, unit in zip(progress[name], progress["unit"], strict=True)
            ]
            for name in ("target", "result", "next_target")
        }
    )
    scored = progress[progress["achievement_rate"].notna()]
    if scored.empty:
        headline = f"登録した資料に、{fiscal_year}年度までのKPIの目標と結果はない。"
        return Finding("funnel.kpi", "KPIの目標と結果", headline, table, columns, ("kpi",))
    year = int(scored["result_fiscal_year"].iloc[0])
    met = scored[scored["achievement_rate"] >= 1.0]
    missed = scored[scored["achievement_rate"] < 1.0]
    headline = (
        f"{year}年度は、目標のあるKPI{len(scored)}項目のうち{len(met)}項目が目標に達し、"
        f"{_missed_words(missed)}"
    )
    ahead = progress[progress["next_target"].notna()]
    following = (
        f"{int(ahead['next_fiscal_year'].iloc[0])}年度は目標だけが公表され、結果は公表されていない。"
        if len(ahead)
        else "次の年度の目標は、この時点では公表されていない。"
    )
    return Finding(
        finding_id="funnel.kpi",
        title=f"国民会議のKPIの目標と結果（全国、{year}年度）",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=("kpi",),
        caveats=(
            following,
            "フォーラム実施数の結果は全国フォーラムの4回を含み、目標の項目名（地方フォーラム）と範囲が違う。"
            "支援自治体数に重複があるかは示されていない。",
        ),
        chart=draw(lambda: plot_kpi_progress(progress), f"横棒図。{headline}"),
        summary=headline,
        summary_rank=45,
    )


def _missed_words(missed: pd.DataFrame) -> str:
    if missed.empty:
        return "達しなかった項目はない。"
    named = "、".join(
        f"{label}（目標{_amount_words(target, unit)}に対し{_amount_words(result, unit)}）"
        for label, target, result, unit in zip(
            missed["item_label"], missed["target"], missed["result"], missed["unit"], strict=True
        )
    )
    return f"{named}が達しなかった。"


def _amount_words(value: float, unit: str) -> str:
    if is_missing(value):
        return MISSING
    return percent(value, 0) if unit == "割合" else f"{value:,.0f}{unit}"
