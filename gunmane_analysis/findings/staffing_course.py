"""Findings of the theme ``staffing``: in which years it turned, and where it may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.staffing_course import (
    plot_staffing_breaks,
    plot_staffing_projection,
)
from gunmane_analysis.findings.finding import Column, Definition, Finding
from gunmane_analysis.findings.staffing import NOT_CIVIL, SERIES
from gunmane_analysis.metrics.staffing.breaks import AreaBreaks
from gunmane_analysis.metrics.staffing.projection import FEWEST_POINTS, Projection
from gunmane_analysis.wording import change_words, people, percent

CAUSES = (
    "2000〜2001年度の段差や2005〜2006年度の前後には、市町村合併、事務の移管、部門の分け方の変更が"
    "重なり得る。系列だけからは、これらと職員の増減を区別できない。"
)
MODEL_NAMES: Mapping[str, str] = {
    "rwdrift": "一定の増減率に毎年の揺れが積み重なる型（ドリフト付きランダムウォーク、状態空間）",
    "arima_drift": "一定の増減率に毎年の揺れが積み重なる型（ARIMA(0,1,0)＋ドリフト）",
    "rtrend": "増減率そのものが毎年変わる型（確率的トレンド、状態空間）",
    "strend": "増減率がなだらかに変わり、年ごとの揺れが加わる型（平滑トレンド、状態空間）",
}
SCENARIO_NAMES: Mapping[str, str] = {
    "level": "横ばいの仮定",
    "long_run": "全期間の率の仮定",
    "recent": "最近の率の仮定",
}


def staffing_breaks_finding(breaks: Sequence[AreaBreaks], area: Area) -> Finding:
    """Word in which year the course of staff turned, here and above.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> from gunmane_analysis.metrics.staffing.breaks import staffing_breaks
    >>> area = find_area("tohoku")
    >>> breaks = staffing_breaks(load_staffing(), area.lineage, 2024)
    >>> staffing_breaks_finding(breaks, area).headline.split("（")[0]
    '東北の職員数は、2012年度ごろ'
    """
    title = f"{area.name}の職員数の動きが変わった年度"
    if not breaks:
        return Finding(
            finding_id="staffing.breaks",
            title=title,
            headline="系列が9年分に満たないため、動きの変わり目は求められない。",
            table=pd.DataFrame({"area_name": [area.name]}),
            columns=(Column("area_name", "地域"),),
            source_ids=(SERIES,),
            caveats=(NOT_CIVIL,),
        )
    above = "、".join(f"{each.area.name}は{_turn_words(each)}" for each in breaks[1:])
    headline = f"{area.name}の職員数は、{_turn_words(breaks[0])}" + (
        f"（{above}）。" if above else "。"
    )
    table = pd.DataFrame(
        {
            "area_name": each.area.name,
            "course": _course_words(each),
            "turn": _turn_year(each) or "区別できない",
            "p_value": each.shift.p_value,
            "jumps": _jump_words(each.jumps),
        }
        for each in breaks
    )
    return Finding(
        finding_id="staffing.breaks",
        title=title,
        headline=headline,
        table=table,
        columns=(
            Column("area_name", "地域"),
            Column("course", "区間ごとの年率"),
            Column("turn", "増減率が変わった年度（幅）"),
            Column("p_value", "変わり目がない場合の確率", kind="number", decimals=3),
            Column("jumps", "前後の年から外れた年度（差）"),
        ),
        source_ids=(SERIES,),
        caveats=(NOT_CIVIL, CAUSES),
        chart=draw(lambda: plot_staffing_breaks(breaks), f"点と折れ線。{headline}"),
        definitions=(
            Definition(
                "動きの変わり目",
                "毎年の増減率の水準が、ある年度を境に変わったといえるか。変わり目のない系列でも"
                "どこかに折れ目があるように見えるため、まずあるかどうかを5%の水準で検定し、"
                "あるといえる場合だけ年度を示す。",
            ),
        ),
        summary=headline,
        summary_rank=15,
        certainty=(
            "職員数は全数調査であり、標本による誤差はない。年度の幅は、境をそこに動かしても"
            "5%の水準で棄却されない年度である。"
        ),
        method=(
            "対数の増減率のsup F検定。変わり目がなく、前年の動きを引きずる増減率の系列を"
            "模擬的に999本作って比べた。幅は尤度比の反転による。前後5年の中央値から"
            "ばらつきの4倍かつ1ポイント以上外れた年度は、中央値に置き換えて検定した。"
        ),
    )


def _turn_words(breaks: AreaBreaks) -> str:
    rates = [f"年{change_words(rate)}" for rate in breaks.annual_rates]
    if len(rates) == 1:
        return f"平均して{rates[0]}で、動きの変わり目は区別できない"
    return f"{_turn_year(breaks)}を境に{rates[0]}から{rates[1]}に変わった"


def _turn_year(breaks: AreaBreaks) -> str:
    shift, (low, high) = breaks.shift, breaks.shift.year_range
    if not shift.exists:
        return ""
    if low == high:
        return f"{shift.last_year}年度"
    return f"{shift.last_year}年度ごろ（{low}〜{high}年度）"


def _course_words(breaks: AreaBreaks) -> str:
    corners = breaks.corner_years
    stretches = zip(corners[:-1], corners[1:], breaks.annual_rates, strict=True)
    return "、".join(f"{start}〜{end} {change_words(rate, 2)}" for start, end, rate in stretches)


def _jump_words(jumps: pd.Series) -> str:
    return "、".join(f"{year}（{_points(size)}ポイント）" for year, size in jumps.items()) or "なし"


def _points(size: float) -> str:
    return f"{'△' if size < 0 else '+'}{abs(size) * 100.0:.1f}"


def staffing_projection_finding(projection: Projection) -> Finding:
    """Word the five years ahead, and how such projections did in the past.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.staffing import load_staffing
    >>> from gunmane_analysis.metrics.staffing.projection import staffing_projection
    >>> early = staffing_projection(load_staffing(), find_area("tohoku"), 2004)
    >>> staffing_projection_finding(early).status_label
    '見通し（実績ではない）'
    """
    area, last = projection.area, int(projection.series.index[-1])
    base: dict[str, Any] = {
        "finding_id": "staffing.projection",
        "source_ids": (SERIES,),
        "status": "projected",
    }
    if projection.scenarios.empty:
        return Finding(
            **base,
            title=f"{area.name}の職員数の見通し",
            headline="職員数が1年分しかないため、見通しは立てられない。",
            table=pd.DataFrame({"area_name": [area.name]}),
            columns=(Column("area_name", "地域"),),
        )
    chart = draw(
        lambda: plot_staffing_projection(projection, SCENARIO_NAMES),
        f"折れ線図。{area.name}の{last}年度までの職員数と、その後の{_kind(projection)}。",
    )
    scenario_columns = _scenario_columns(projection.scenarios)
    scenarios = (
        projection.scenarios.pivot(index="fiscal_year", columns="scenario", values="staff_count")
        .reset_index()
        .rename_axis(columns=None)
    )
    caveats = (
        NOT_CIVIL,
        "採用計画、定年の引上げ、合併などの今後の変化は織り込んでいない。"
        "「仮定」の列は置いた率で延ばしただけの試算で、予測ではない。",
        CAUSES,
    )
    if projection.model is None:
        return Finding(
            **base,
            title=f"{area.name}の職員数の試算（仮定による）",
            headline=_scenario_headline(projection),
            table=scenarios,
            columns=(Column("fiscal_year", "年度", kind="year"), *scenario_columns),
            caveats=(
                f"系列が{len(projection.series)}年分（{FEWEST_POINTS}年以下）のため、予測はせず、"
                "仮定による試算だけを示す。",
                *caveats,
            ),
            chart=chart,
        )
    coverage = projection.coverage
    trials = pd.DataFrame(
        {
            "fiscal_year": coverage["years_ahead"] + last,
            "held": coverage["origin_count"].astype(str)
            + "回中"
            + coverage["covered_count"].astype(str)
            + "回",
            "median_abs_error": coverage["median_abs_error"],
        }
    )
    # A short series has no origin from which the last years ahead can be judged.
    table = projection.path.merge(scenarios, on="fiscal_year").merge(
        trials, on="fiscal_year", how="left"
    )
    return Finding(
        **base,
        title=f"{area.name}の職員数の5年先までの見通し",
        headline=_projection_headline(projection),
        table=table,
        columns=(
            Column("fiscal_year", "年度", kind="year"),
            Column("projected_count", "見通し", "人", "count"),
            Column("count_low", "95%の範囲の下限", "人", "count"),
            Column("count_high", "95%の範囲の上限", "人", "count"),
            Column("held", "過去の検証で範囲に入った回数"),
            Column("median_abs_error", "過去の検証での外れの中央値", "%", "rate", 1),
            *scenario_columns,
        ),
        caveats=caveats,
        chart=chart,
        certainty=_projection_certainty(projection),
        method=_projection_method(projection),
    )


def _kind(projection: Projection) -> str:
    return "見通しと、仮定による試算" if projection.model else "仮定による試算"


def _scenario_columns(scenarios: pd.DataFrame) -> tuple[Column, ...]:
    rates = scenarios.drop_duplicates("scenario").set_index("scenario")["annual_rate"]
    return tuple(
        Column(
            name,
            f"{label}（年{change_words(float(rates[name]), 2)}）" if name != "level" else label,
            "人",
            "count",
        )
        for name, label in SCENARIO_NAMES.items()
    )


def _scenario_headline(projection: Projection) -> str:
    last = projection.scenarios.groupby("scenario", sort=False).last()
    year = int(last["fiscal_year"].iloc[0])
    low, high = last["staff_count"].min(), last["staff_count"].max()
    return (
        f"{projection.area.name}の{year}年度の職員数は、置いた増減率によって"
        f"{people(low)}から{people(high)}になる（仮定による試算）。"
    )


def _projection_headline(projection: Projection) -> str:
    end = projection.path.iloc[-1]
    trial = projection.coverage.iloc[-1]
    return (
        f"{projection.area.name}の職員数は、これまでの動き方が続けば{int(end['fiscal_year'])}年度に"
        f"{people(end['projected_count'])}（95%の範囲 {people(end['count_low'])}〜"
        f"{people(end['count_high'])}）と見通される。過去の年度から同じ方法で{int(trial['years_ahead'])}年先を見通すと、"
        f"{int(trial['origin_count'])}回のうち{int(trial['covered_count'])}回が範囲に入った。"
    )


def _projection_certainty(projection: Projection) -> str:
    trials = projection.coverage[["covered_count", "origin_count"]].sum()
    share = float(trials["covered_count"] / trials["origin_count"])
    return (
        "職員数は全数調査であり、範囲は標本の誤差ではなく、動き方が変わらないとした場合に"
        f"起こり得る将来の幅である。過去の検証では名目95%の範囲に{percent(share)}が入った"
        f"（1〜{len(projection.coverage)}年先の計{int(trials['origin_count'])}回。起点が重なるため互いに独立ではない）。"
        f"{_pooled_words(projection)}"
    )


def _pooled_words(projection: Projection) -> str:
    own = projection.pooled[projection.pooled["model"] == projection.model]
    if own.empty:
        return ""
    share = float(own["covered_count"].sum() / own["origin_count"].sum())
    return f"全国と{own['area_id'].nunique() - 1}ブロックを合わせると{percent(share)}である。"


def _projection_method(projection: Projection) -> str:
    judged_on = projection.backtest if projection.pooled.empty else projection.pooled
    totals = judged_on.groupby("model", sort=False)[["covered_count", "origin_count"]].sum()
    judged = "、".join(
        f"{MODEL_NAMES[str(name)]} {percent(row['covered_count'] / row['origin_count'])}"
        for name, row in totals.iterrows()
    )
    return (
        "職員数の対数に4つの型を当て、各年度を起点とする検証（起点までの系列だけを使う）で"
        "範囲に入った割合が90%以上の型のうち、区間得点が最も小さいものを、全国と各ブロックを"
        "合わせた検証で選び、どの地域にも同じ型を用いた"
        f"（採用: {MODEL_NAMES[str(projection.model)]}）。範囲に入った割合: {judged}。"
    )
