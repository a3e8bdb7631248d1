"""Findings of the theme ``profile`` on outlook, neighbours and technicians."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.metrics.profile_context import FEW_TECHNICIANS
from gunmane_analysis.report.charts.chart import draw
from gunmane_analysis.report.charts.profile import plot_outlook, plot_thresholds
from gunmane_analysis.report.findings.finding import Column, Finding
from gunmane_analysis.report.findings.profile import LABELS, NOT_CIVIL, PEOPLE_AND_MONEY
from gunmane_analysis.report.findings.profile_filings import not_filed, plain_finding, sources_of
from gunmane_analysis.report.wording import change_words, percent

POINTS = "national_points"


def outlook_finding(outlook: pd.DataFrame, area: Area, filings: pd.DataFrame) -> Finding:
    """Word projected population to the last year of the projection."""
    title = f"{area.name}の人口の見通し"
    own = outlook[outlook["area_id"] == area.area_id]
    if outlook.empty:
        return not_filed("profile.outlook", title, filings)
    last_year = int(outlook["year"].max())
    at_last = outlook[outlook["year"] == last_year].set_index("area_id")["population_index"]
    if own.empty:
        headline = (
            f"{area.name}には個別の将来推計がない"
            "（福島県浜通り地域の13市町村は、まとめて推計されている）。"
        )
    else:
        beside = "、".join(
            f"{place.name}は{change_words(float(at_last[place.area_id]) / 100.0 - 1.0)}"
            for place in area.lineage[1:]
            if place.kind in ("block", "nation")
        )
        headline = (
            f"{area.name}の人口は、{int(own['year'].iloc[0])}年の{own['population_count'].iloc[0]:,.0f}人から"
            f"{last_year}年に{own['population_count'].iloc[-1]:,.0f}人へ"
            f"{change_words(float(at_last[area.area_id]) / 100.0 - 1.0)}となる見通しである"
            f"{f'（{beside}）' if beside else ''}。"
        )
    return Finding(
        finding_id="profile.outlook",
        title=title,
        headline=headline,
        table=outlook,
        columns=(
            Column("area_name", "地域"),
            Column("year", "年", kind="year"),
            Column("population_count", "総人口", "人", "count"),
            Column("population_index", "2020年=100", "指数", "number", 1),
        ),
        source_ids=("ipss_population",),
        caveats=("2020年は国勢調査の実績、2025年以後は推計。推計の幅は示されていない。",),
        chart=draw(lambda: plot_outlook(outlook, area), f"折れ線図。{headline}"),
        summary=headline if area.kind == "municipality" and len(own) else "",
        summary_rank=45,
        status="projected",
    )


def neighbours_finding(neighbours: pd.DataFrame, area: Area, filings: pd.DataFrame) -> Finding:
    """Word who the land neighbours are, with their size and staff."""
    title = f"{area.name}と陸続きの市区町村"
    filed = set(filings.loc[filings["is_filed"], "source_id"])
    if area.kind != "municipality" or "adjacency" not in filed:
        headline = (
            "隣り合う市区町村は、市区町村のページに示す。"
            if area.kind != "municipality"
            else f"隣接の資料が登録されていないため、{area.name}の隣の市区町村を示せない。"
        )
        return plain_finding("profile.neighbours", title, headline, filings, ("adjacency",))
    names = "、".join(str(name) for name in neighbours["area_name"])
    headline = (
        f"{area.name}と陸続きの市区町村は{len(neighbours)}（{names}）である。"
        if len(neighbours)
        else f"{area.name}と陸続きの市区町村はない。"
    )
    known = [
        name for name in (*PEOPLE_AND_MONEY, "road_length_km") if neighbours[name].notna().any()
    ]
    columns = tuple(Column(name, *LABELS[name]) for name in known)
    return Finding(
        finding_id="profile.neighbours",
        title=title,
        headline=headline,
        table=neighbours,
        columns=(Column("area_name", "市区町村"), *columns),
        source_ids=sources_of(filings),
        caveats=("境界線を共有する市区町村。橋やトンネルだけでつながる島は数えない。", NOT_CIVIL),
    )


def technicians_finding(thresholds: pd.DataFrame, area: Area, filings: pd.DataFrame) -> Finding:
    """Word how many municipalities have no technician, or five or fewer, by block."""
    title = "技術者のいない、又は少ない市区町村"
    if thresholds.empty:
        return plain_finding(
            "profile.technicians",
            title,
            "市区町村別の土木技師・建築技師の数が登録されていないため、地方別の数を示せない。"
            "公表値では、全国の市区町村の25%に技術系職員がなく、約半数は5人以下である。",
            filings,
            ("teiin", "municipal_staffing"),
            always=(POINTS,),
        )
    block = next((place for place in area.lineage if place.kind == "block"), area.lineage[-1])
    own = thresholds[thresholds["area_id"] == block.area_id].iloc[0]
    nation = thresholds.iloc[-1]
    headline = (
        f"{block.name}では、数の分かる{int(own['known_count']):,}市区町村のうち、技術者が0人の市区町村は"
        f"{int(own['zero_count']):,}、{FEW_TECHNICIANS}人以下は{int(own['few_count']):,}である"
        f"（全国では{percent(float(nation['zero_share']))}と{percent(float(nation['few_share']))}、"
        "公表値は25%と約半数）。"
    )
    return Finding(
        finding_id="profile.technicians",
        title=title,
        headline=headline,
        table=thresholds,
        columns=(
            Column("area_name", "地方"),
            Column("known_count", "数の分かる市区町村", kind="count"),
            Column("zero_count", "技術者0人", kind="count"),
            Column("few_count", "5人以下", kind="count"),
            Column("zero_share", "0人の割合", "%", "rate", 1),
            Column("few_share", "5人以下の割合", "%", "rate", 1),
        ),
        source_ids=(*sources_of(filings, ("teiin", "municipal_staffing")), POINTS),
        caveats=(
            "技術者は土木技師と建築技師の和。どちらかが不詳・秘匿の市区町村は数えない。",
            "5人以下には0人を含む。割合の分母は数の分かる市区町村。",
        ),
        chart=draw(lambda: plot_thresholds(thresholds), f"積み上げ横棒図。{headline}"),
    )
