"""Findings of the theme ``staffing``: what the notebook shows, worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.staffing import (
    plot_peer_panels,
    plot_staffing_density,
    plot_staffing_index,
    plot_staffing_trend,
)
from gunmane_analysis.charts.staffing_course import (
    plot_staffing_breaks,
    plot_staffing_projection,
)
from gunmane_analysis.findings.described import described_finding
from gunmane_analysis.findings.finding import Column, Definition, Finding, KeyFigure
from gunmane_analysis.metrics.staffing.breaks import AreaBreaks
from gunmane_analysis.metrics.staffing.change import (
    DENSITIES,
    STAFF,
    StaffingTrend,
    latest_density,
)
from gunmane_analysis.metrics.staffing.projection import CONFIDENCE, FEWEST_POINTS, Projection
from gunmane_analysis.wording import change_words, is_missing, people, percent

SERIES = "prefecture_series"
NOT_CIVIL = "一般行政部門職員の数であり、土木部門職員の数ではない。一部事務組合等の職員を含む。"
CENSUS = (
    "定員管理調査は全団体を数える調査であり、標本誤差はない。"
    "団体の合併、事務の移管、部門の分け方の変更による動きは区別できない。"
)
CAUSES = (
    "2000〜2001年度の段差や2005〜2006年度の前後には、市町村合併、事務の移管、部門の分け方の変更が"
    "重なり得る。系列だけからは、これらと職員の増減を区別できない。"
)
SCENARIO_NAMES: Mapping[str, str] = {
    "level": "横ばいの仮定",
    "long_run": "全期間の率の仮定",
    "recent": "最近の率の仮定",
}
_COUNT = Column(STAFF, "一般行政部門職員数", "人", "count")


def staffing_trend_finding(trend: StaffingTrend) -> Finding:
    """Word the level of staff and its change since the first, peak and lowest year.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, staffing_trend
    >>> trend = staffing_trend(load_staffing(), find_area("tohoku"), 2024)
    >>> "21.7%減" in staffing_trend_finding(trend).headline
    True
    """
    area = trend.area
    span = f"{trend.first.fiscal_year}年度の{people(trend.first.value)}"
    now = f"{trend.latest.fiscal_year}年度の{people(trend.latest.value)}"
    headline = (
        f"{area.name}の市区町村の一般行政部門職員は、{span}から{now}へ"
        f"{change_words(trend.change_since_first)}となった{_turn(trend)}。"
    )
    table = trend.series.assign(
        change_rate=trend.series[STAFF] / trend.first.value - 1.0,
    )
    return described_finding(
        "staffing.trend",
        table,
        headline,
        words={"area": area.name, "first_year": trend.first.fiscal_year},
        chart=draw(lambda: plot_staffing_trend(trend), f"折れ線図。{headline}"),
        summary=headline,
        certainty=f"{CENSUS}年平均では{change_words(trend.annual_growth_rate, 2)}に当たる。",
    )


def _turn(trend: StaffingTrend) -> str:
    if trend.is_at_lowest:
        return "（対象期間で最も少ない）"
    fall = change_words(trend.change_first_to_trough)
    rise = change_words(trend.change_since_trough)
    return (
        f"（最も少ない{trend.trough.fiscal_year}年度の{people(trend.trough.value)}までに{fall}、"
        f"その後は{rise}）"
    )


def staffing_index_finding(index: pd.DataFrame, area: Area) -> Finding:
    """Word how the area's fall compares with its block's and the nation's.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, staffing_index
    >>> area = find_area("tohoku")
    >>> index = staffing_index(load_staffing(), area.lineage, 2024)
    >>> "全国 83.7" in staffing_index_finding(index, area).headline
    True
    """
    lineage, year = area.distinct_lineage, int(index["fiscal_year"].max())
    latest = index[index["fiscal_year"] == year].set_index("area_id")["staff_index"]
    base = int(index["base_fiscal_year"].iloc[0])
    shown = "、".join(f"{place.name} {float(latest[place.area_id]):.1f}" for place in lineage)
    headline = f"{base}年度を100とした{year}年度の職員数の指数は、{shown}である。"
    table = index.pivot(index="fiscal_year", columns="area_id", values="staff_index").reset_index()
    return described_finding(
        "staffing.index",
        table,
        headline,
        words={"base_year": base},
        columns=(
            "fiscal_year",
            *(Column(place.area_id, place.name, "指数", "number", 1) for place in lineage),
        ),
        chart=draw(lambda: plot_staffing_index(index, lineage), f"折れ線図。{headline}"),
    )


_DENSITY_COLUMNS = {
    "staff_per_1000_residents": ("人口千人当たり職員数", "人", 2),
    "staff_per_100km": ("市町村道100km当たり職員数", "人", 1),
    "expenditure_per_staff_jpy": ("一般行政部門職員1人当たり土木費", "円", 0),
}


def staffing_density_finding(density: pd.DataFrame, area: Area) -> Finding:
    """Word staff per resident and per road length, and expenditure per staff member.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, staffing_density
    >>> area = find_area("japan")
    >>> density = staffing_density(load_staffing(), area.lineage, 2024)
    >>> "人口千人当たり5.73人" in staffing_density_finding(density, area).headline
    True
    """
    latest = latest_density(density)
    own, nation = latest.iloc[0], latest.iloc[-1]
    years = {name: own[f"{name}_fiscal_year"] for name in DENSITIES}
    compared = (
        "" if area.kind == "nation" else f"（全国 {nation['staff_per_1000_residents']:.2f}人）"
    )
    headline = (
        f"{area.name}の職員は、人口千人当たり{own['staff_per_1000_residents']:.2f}人{compared}、"
        f"市町村道100km当たり{own['staff_per_100km']:.1f}人である。"
    )
    table = density.loc[
        density["area_id"].isin([place.area_id for place in area.distinct_lineage])
        & density[list(DENSITIES)].notna().any(axis=1)
    ]
    return Finding(
        finding_id="staffing.density",
        title="人口・道路延長・土木費に対する職員数",
        headline=headline,
        table=table,
        columns=(
            Column("area_name", "地域"),
            Column("fiscal_year", "年度", kind="year"),
            *(
                Column(name, label, unit, "number", decimals)
                for name, (label, unit, decimals) in _DENSITY_COLUMNS.items()
            ),
        ),
        source_ids=(SERIES,),
        caveats=(
            NOT_CIVIL,
            "分子と分母は同じ年度のもの。公表の最新年度は、人口千人当たりが"
            f"{years['staff_per_1000_residents']}年度、道路100km当たりが"
            f"{years['staff_per_100km']}年度、職員1人当たり土木費が"
            f"{years['expenditure_per_staff_jpy']}年度。",
            "土木費は市町村の決算額（名目）で、特別区と市町村の合計。道路は市町村道の実延長。",
        ),
        chart=draw(
            lambda: plot_staffing_density(density, area.distinct_lineage),
            f"折れ線図3枚。{headline}",
        ),
        key_figures=_density_figures(latest, area),
        summary=headline,
        summary_rank=30,
    )


def _density_figures(latest: pd.DataFrame, area: Area) -> tuple[KeyFigure, ...]:
    return tuple(
        KeyFigure(
            key=f"staffing.{name}",
            label=label,
            unit=unit,
            kind="number",
            decimals=decimals,
            note=f"{latest[f'{name}_fiscal_year'].iloc[0]}年度",
            **_beside(latest, name, area),
        )
        for name, (label, unit, decimals) in _DENSITY_COLUMNS.items()
    )


def _beside(rows: pd.DataFrame, name: str, area: Area) -> dict[str, Any]:
    values = rows.set_index("area_id")[name]
    blocks = [place for place in area.distinct_lineage[1:] if place.kind == "block"]
    return {
        "area_id": area.area_id,
        "value": float(values[area.area_id]),
        "block": float(values[blocks[0].area_id]) if blocks else None,
        "nation": float(values["japan"]) if area.kind != "nation" else None,
        "others": {
            str(area_id): None if is_missing(value) else float(value)
            for area_id, value in values.items()
            if area_id != area.area_id
        },
    }


def peer_panels_finding(index: pd.DataFrame, peers: Sequence[Area], area: Area) -> Finding:
    """Word the spread of change among the areas of the same rank.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, peers, staffing_index
    >>> area = find_area("05")
    >>> index = staffing_index(load_staffing(), peers(area), 2024)
    >>> len(peer_panels_finding(index, peers(area), area).table)
    6
    """
    latest = (
        index[index["fiscal_year"] == index["fiscal_year"].max()]
        .sort_values("staff_index", kind="stable")
        .reset_index(drop=True)
    )
    lowest, highest = latest.iloc[0], latest.iloc[-1]
    base, year = int(latest["base_fiscal_year"].iloc[0]), int(latest["fiscal_year"].iloc[0])
    blocks = peers[0].kind == "block"
    group = "10ブロック" if blocks else f"{area.ancestor('block').name}の{len(peers)}都道府県"
    headline = (
        f"{group}の指数（{base}年度=100）は、{year}年度に"
        f"{lowest['area_name']}の{lowest['staff_index']:.1f}から"
        f"{highest['area_name']}の{highest['staff_index']:.1f}までの幅がある。"
    )
    ordered = latest.set_index("area_id").loc[[peer.area_id for peer in peers]].reset_index()
    return Finding(
        finding_id="staffing.peers",
        title=f"{group}の職員数の指数",
        headline=headline,
        table=ordered,
        columns=(
            Column("area_name", "地域"),
            _COUNT,
            Column("staff_index", f"{base}年度=100", "指数", "number", 1),
        ),
        source_ids=(SERIES,),
        caveats=(NOT_CIVIL, "並びはコード順であり、順位ではない。"),
        chart=draw(
            lambda: plot_peer_panels(index, peers, area),
            f"{len(peers)}枚の小さな折れ線図。{headline}",
        ),
    )


def staffing_comparison_finding(comparison: pd.DataFrame, area: Area) -> Finding:
    """Put the area beside its block, the nation and its peers, and fill the key-figure cards.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, comparison_areas, staffing_comparison
    >>> area = find_area("05")
    >>> beside = staffing_comparison(load_staffing(), comparison_areas(area), 2024)
    >>> staffing_comparison_finding(beside, area).placement
    'comparison'
    """
    own = comparison.iloc[0]
    first = int(own["first_fiscal_year"])
    headline = (
        f"{area.name}の職員数は{first}年度比で{change_words(own['change_since_first'])}、"
        f"最も少なかった年度（{own['trough_fiscal_year']}年度）からは"
        f"{change_words(own['change_since_trough'])}である。"
    )
    return Finding(
        finding_id="staffing.comparison",
        title="職員数の地域比較",
        headline=headline,
        table=comparison,
        columns=(
            Column("area_name", "地域"),
            _COUNT,
            Column("change_since_first", f"{first}年度比", "%", "change", 1),
            Column("trough_fiscal_year", "最少の年度", kind="year"),
            Column("change_since_trough", "最少の年度比", "%", "change", 1),
            Column("annual_growth_rate", "年平均増減率", "%", "change", 2),
            *(
                Column(name, label, unit, "number", decimals)
                for name, (label, unit, decimals) in _DENSITY_COLUMNS.items()
            ),
        ),
        source_ids=(SERIES,),
        caveats=(NOT_CIVIL,),
        placement="comparison",
        key_figures=(
            KeyFigure(
                f"staffing.{STAFF}",
                "一般行政部門職員数",
                unit="人",
                note="土木部門職員数ではない",
                **_beside(comparison, STAFF, area),
            ),
            KeyFigure(
                "staffing.change_since_first",
                f"職員数の{first}年度比",
                unit="%",
                kind="change",
                decimals=1,
                **_beside(comparison, "change_since_first", area),
            ),
            KeyFigure(
                "staffing.change_since_trough",
                "職員数の最少年度比",
                unit="%",
                kind="change",
                decimals=1,
                note=f"最少は{own['trough_fiscal_year']}年度",
                **_beside(comparison, "change_since_trough", area),
            ),
        ),
    )


def staffing_breaks_finding(breaks: Sequence[AreaBreaks], area: Area) -> Finding:
    """Word in which year the course of staff turned, here and above.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, staffing_breaks
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
    sizes = [f"{size * 100.0:+.1f}".replace("-", "△") for size in jumps]
    told = zip(jumps.index.astype("int64"), sizes, strict=True)
    return "、".join(f"{year}（{size}ポイント）" for year, size in told) or "なし"


def staffing_projection_finding(projection: Projection) -> Finding:
    """Word the five years ahead, and how such projections did in the past.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_staffing, staffing_projection
    >>> early = staffing_projection(load_staffing(), find_area("tohoku"), 2004)
    >>> staffing_projection_finding(early).status_label
    '見通し（実績ではない）'
    """
    name, last = projection.area.name, int(projection.series.index[-1])
    calibration, scenarios = projection.calibration, projection.scenarios
    base: dict[str, Any] = {
        "finding_id": "staffing.projection",
        "source_ids": (SERIES,),
        "status": "projected",
    }
    if scenarios.empty:
        return Finding(
            **base,
            title=f"{name}の職員数の見通し",
            headline="職員数が1年分しかないため、見通しは立てられない。",
            table=pd.DataFrame({"area_name": [name]}),
            columns=(Column("area_name", "地域"),),
        )
    table = (
        scenarios.pivot(index="fiscal_year", columns="scenario", values="staff_count")
        .reset_index()
        .rename_axis(columns=None)
    )
    rates = scenarios.drop_duplicates("scenario").set_index("scenario")["annual_rate"]
    scenario_columns = tuple(
        Column(
            key,
            label if key == "level" else f"{label}（年{change_words(float(rates[key]), 2)}）",
            "人",
            "count",
        )
        for key, label in SCENARIO_NAMES.items()
    )
    shown = "見通しと、仮定による試算" if calibration else "仮定による試算"
    base |= {
        "chart": draw(
            lambda: plot_staffing_projection(projection, SCENARIO_NAMES),
            f"折れ線図。{name}の{last}年度までの職員数と、その後の{shown}。",
        )
    }
    caveats = (
        NOT_CIVIL,
        "採用計画、定年の引上げ、合併などの今後の変化は織り込んでいない。"
        "「仮定」の列は置いた率で延ばしただけの試算で、予測ではない。",
        CAUSES,
    )
    if calibration is None:
        ends = scenarios.groupby("scenario", sort=False).last()
        return Finding(
            **base,
            title=f"{name}の職員数の試算（仮定による）",
            headline=f"{name}の{int(ends['fiscal_year'].iloc[0])}年度の職員数は、置いた増減率によって"
            f"{people(ends['staff_count'].min())}から{people(ends['staff_count'].max())}"
            "になる（仮定による試算）。",
            table=table,
            columns=(Column("fiscal_year", "年度", kind="year"), *scenario_columns),
            caveats=(
                f"系列が{len(projection.series)}年分（{FEWEST_POINTS}年未満）のため、予測はせず、"
                "仮定による試算だけを示す。",
                *caveats,
            ),
        )
    record, own = calibration.coverage(), calibration.coverage(projection.area.area_id)
    trials = pd.DataFrame(
        {
            "fiscal_year": record["years_ahead"] + last,
            "covered": _times(record),
            "own_covered": _times(own) if len(own) else "",
            "median_abs_error": record["median_abs_error"],
        }
    )
    # a short series has no origin from which the last years ahead can be judged
    table = projection.path.merge(table, on="fiscal_year").merge(
        trials, on="fiscal_year", how="left"
    )
    series_count = calibration.record["area_id"].nunique()
    end = projection.path.iloc[-1]
    headline = (
        f"{name}の職員数は、最近の増減が弱まりながら続けば{int(end['fiscal_year'])}年度に"
        f"{people(end['projected_count'])}（過去の当たり外れの幅 {people(end['count_low'])}〜"
        f"{people(end['count_high'])}）と見通される。"
    )
    if len(record):
        furthest = record.iloc[-1]
        headline += (
            f"全国・ブロック・都道府県の{series_count}系列を過去の年度から同じ方法で"
            f"{int(furthest['years_ahead'])}年先まで見通すと、{int(furthest['trial_count'])}回のうち"
            f"{int(furthest['covered_count'])}回（{percent(furthest['coverage'])}）が幅に入った。"
        )
    return Finding(
        **base,
        title=f"{name}の職員数の5年先までの見通し",
        headline=headline,
        table=table,
        columns=(
            Column("fiscal_year", "年度", kind="year"),
            Column("projected_count", "見通し", "人", "count"),
            Column("count_low", "過去の当たり外れの幅の下限", "人", "count"),
            Column("count_high", "過去の当たり外れの幅の上限", "人", "count"),
            Column("covered", "過去の検証で幅に入った回数（全系列）"),
            Column("own_covered", f"そのうち{name}"),
            Column("median_abs_error", "過去の検証での外れの中央値", "%", "rate", 1),
            *scenario_columns,
        ),
        caveats=caveats,
        certainty=(
            "職員数は全数調査であり、幅は標本の誤差ではない。幅は、それまでに同じ方法で見通した"
            f"全系列の外れの{percent(CONFIDENCE, 0)}が収まる広さである。検証の起点は重なり、"
            "系列どうしも似て動くため、回数は互いに独立ではない。転換点が来ればこの幅を外れ得る。"
        ),
        method=(
            "減衰トレンド（直近1年の増減率が毎年一定の割合で弱まる）。弱まり方は0.8・0.9・1.0"
            "のうち、それまでの5年先の外れが最も小さいものを各年度の時点で選び直した"
            f"（{_damping_words(projection)}）。幅は、外れを系列ごとの増減率の標準偏差で割った値の"
            "分位点による（分割コンフォーマル予測）。"
        ),
    )


def _times(record: pd.DataFrame) -> pd.Series:
    return record["trial_count"].astype(str) + "回中" + record["covered_count"].astype(str) + "回"


def _damping_words(projection: Projection) -> str:
    """Word which damping was chosen, and whether the choice was the same in every past year."""
    if projection.calibration is None:
        return ""
    chosen, past = projection.calibration.damping, projection.calibration.dampings_by_origin
    if past.nunique() <= 1:
        return f"今回は{chosen:.1f}"
    spans = "、".join(
        f"{years.min()}〜{years.max()}年度は{damping:.1f}"
        for damping, years in past.index.to_series().groupby(past, sort=False)
    )
    return f"{spans}、今回は{chosen:.1f}で、選び方は一定していない"
