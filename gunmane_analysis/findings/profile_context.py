"""Findings of the theme ``profile`` on outlook, neighbours and technicians."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.profile import plot_outlook, plot_thresholds
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.findings.profile_filings import not_filed, plain_finding, sources_of
from gunmane_analysis.metrics.position.context import FEW_TECHNICIANS
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.wording import change_words, percent

POINTS = "national_points"
_THRESHOLD_WORDS = {"zero_share": "技術系職員が0人の", "few_share": "5人以下の"}
_WHOLE_FROM = 0.95  # of the municipalities; below it those missing could explain any gap
_ROUGH_SLACK = 0.05  # how far 「約半数」 may lie from one half


def outlook_finding(outlook: pd.DataFrame, area: Area, filings: pd.DataFrame) -> Finding:
    """Word projected population to the last year of the projection.

    Examples
    --------
    >>> import pandas as pd
    >>> from gunmane_analysis.metrics.position.context import population_outlook
    >>> from gunmane_analysis.loaders.tables import load_profile_filings
    >>> from gunmane_analysis.areas import find_area
    >>> projection = pd.DataFrame({"municipality_code": "05204", "year": [2020, 2050],
    ...                            "population_count": [69_237.0, 34_600.0]})
    >>> outlook = population_outlook(projection, find_area("05204"), 2024)
    >>> outlook_finding(outlook, find_area("05204"), load_profile_filings()).finding_id
    'profile.outlook'
    """
    title = f"{area.name}の人口の見通し"
    own = outlook[outlook["area_id"] == area.area_id]
    if outlook.empty:
        return not_filed("profile.outlook", title, filings)
    last_year = int(outlook["year"].max())
    at_last = outlook[outlook["year"] == last_year].set_index("area_id")["population_index"]
    if own.empty:
        headline = f"{area.name}には個別の将来推計がない。{_together_words(outlook, last_year)}"
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
        source_ids=sources_in_use("ipss_population"),
        caveats=("2020年は国勢調査の実績、2025年以後は推計。推計の幅は示されていない。",),
        chart=draw(lambda: plot_outlook(outlook, area), f"折れ線図。{headline}"),
        summary=headline if area.kind == "municipality" and len(own) else "",
        summary_rank=3,
        status="projected",
    )


def _together_words(outlook: pd.DataFrame, last_year: int) -> str:
    """Word the projection of the part of the prefecture that is projected as one."""
    together = outlook[outlook["area_id"].str.endswith("999")]
    if together.empty:
        return ""
    rows = together.set_index("year")
    first_year = int(rows.index[0])
    return (
        f"{rows['area_name'].iloc[0]}をまとめた推計では、"
        f"{first_year}年の{rows['population_count'].iloc[0]:,.0f}人から"
        f"{last_year}年に{rows['population_count'].iloc[-1]:,.0f}人へ"
        f"{change_words(float(rows['population_index'].iloc[-1]) / 100.0 - 1.0)}"
        "となる見通しである。"
    )


def technicians_finding(
    thresholds: pd.DataFrame, published: pd.DataFrame, area: Area, filings: pd.DataFrame
) -> Finding:
    """Word how many municipalities have no technician, or five or fewer, by block.

    Parameters
    ----------
    thresholds : DataFrame
        From :func:`gunmane_analysis.metrics.position.context.technicians_by_block`.
    published : DataFrame
        From :func:`gunmane_analysis.metrics.position.context.published_technician_shares`.

    Examples
    --------
    >>> from gunmane_analysis import (
    ...     find_area, load_municipalities, load_profile_filings, published_technician_shares,
    ...     technicians_by_block)
    >>> thresholds = technicians_by_block(load_municipalities(2024))
    >>> from gunmane_analysis import load_national_points
    >>> published = published_technician_shares(load_national_points(), 2024)
    >>> asked = (thresholds, published, find_area("05"), load_profile_filings())
    >>> technicians_finding(*asked).finding_id
    'profile.technicians'
    """
    title = "技術者のいない、又は少ない市区町村"
    if thresholds.empty:
        return plain_finding(
            "profile.technicians",
            title,
            "市区町村別の土木技師・建築技師の数が登録されていないため、地方別の数を示せない。"
            + _published_words(published),
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
        f"（全国では{percent(float(nation['zero_share']))}と{percent(float(nation['few_share']))}）。"
        f"{_against_published(nation, published)}"
    )
    return Finding(
        finding_id="profile.technicians",
        title=title,
        headline=headline,
        table=thresholds,
        columns=(
            Column("area_name", "地方"),
            Column("municipality_count", "市区町村", kind="count"),
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


def _published_words(published: pd.DataFrame) -> str:
    if published.empty:
        return "対象年度までに公表された全国の割合も、用いた資料にない。"
    texts = published["value_text"]
    told = [
        f"{word}市区町村が{texts[name]}"
        for name, word in _THRESHOLD_WORDS.items()
        if name in texts.index
    ]
    return f"公表値では、全国で{'、'.join(told)}である。"


def _against_published(nation: pd.Series, published: pd.DataFrame) -> str:
    """Hold the nation's shares against the published ones, where nearly all are known."""
    known = float(nation["known_count"]) / float(nation["municipality_count"])
    if known < _WHOLE_FROM:
        return (
            f"数の届いたのは全国の市区町村の{percent(known)}で、公表値と比べるには足りない。"
            f"{_published_words(published)}"
        )
    told = []
    for name, row in published.iterrows():
        gap = float(nation[str(name)]) - float(row["value"])
        slack = _ROUGH_SLACK if pd.isna(row["precision"]) else float(row["precision"]) / 2.0
        agrees = abs(gap) <= slack + 1e-9
        outcome = (
            "と合う" if agrees else f"より{points(gap)}ポイント{'高い' if gap > 0 else '低い'}"
        )
        told.append(f"{_THRESHOLD_WORDS[str(name)]}割合は公表値（{row['value_text']}）{outcome}")
    return f"{'、'.join(told)}。" if told else ""


def points(gap: float) -> str:
    """Word a difference of two shares in percentage points, without its sign.

    Examples
    --------
    >>> points(-0.031)
    '3.1'
    """
    return f"{abs(gap) * 100.0:.1f}"
