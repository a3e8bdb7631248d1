"""Findings of the theme ``profile``: what is filed, the outlook, technicians."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.profile import plot_outlook, plot_thresholds
from gunmane_analysis.findings.described import described_finding
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.metrics.position.context import FEW_TECHNICIANS
from gunmane_analysis.sources import find_source, sources_in_use
from gunmane_analysis.tables import describe
from gunmane_analysis.wording import change_words, percent

_DIFFERENCES_NAMED = 5
_TWO_SOURCES = ("source_id", "other_source_id")


def profile_filings_finding(
    filings: pd.DataFrame, differences: pd.DataFrame | None = None
) -> Finding:
    """Word which municipal tables have arrived, how to file the others, and what differs.

    Parameters
    ----------
    filings : DataFrame
    differences : DataFrame, optional
        From :func:`gunmane_analysis.load_source_differences`: where a filed value replaces a
        shipped one that says otherwise.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_profile_filings
    >>> profile_filings_finding(load_profile_filings()).finding_id
    'profile.filings'
    """
    missing = filings[~filings["is_filed"]]
    headline = (
        "この節に用いる市区町村別の資料は、すべて登録されている。"
        if missing.empty
        else f"市区町村別の資料{len(filings)}のうち{len(missing)}が登録されていない"
        f"（{'、'.join(missing['title'])}）。登録すると、その数値がこの節に載る。"
    )
    return described_finding(
        "profile.filings",
        filings,
        headline,
        source_ids=sources_of(filings),
        caveats=_difference_words(differences),
    )


def _difference_words(differences: pd.DataFrame | None) -> tuple[str, ...]:
    """Word where two sources of one table differ; the more trusted one is used."""
    if differences is None or differences.empty:
        return ()
    total = int(differences["different_count"].sum())
    named = []
    for row in differences.head(_DIFFERENCES_NAMED).to_dict("records"):
        label = describe(str(row["table_id"])).columns[str(row["column"])].label
        used, other = (find_source(str(row[name])).title for name in _TWO_SOURCES)
        named.append(
            f"{label} {row['year']}年: {row['compared_count']:,}件のうち"
            f"{row['different_count']:,}件。"
            f"最も違う団体コード{row['municipality_code']}は、用いた「{used}」が{row['value']}、"
            f"「{other}」が{row['other_value']}。"
        )
    rest = len(differences) - len(named)
    return (
        f"同じ項目を載せる二つの資料で、{total:,}件の値が違う。信頼の順の高い方を用いた。",
        *named,
        *([f"ほかに{rest:,}の項目と年で違う。"] if rest else []),
    )


def _asked_finding(
    finding_id: str, headline: str, filings: pd.DataFrame, wanted: tuple[str, ...], **fields: Any
) -> Finding:
    """Say one sentence, with the sources that would say more and how they are filed."""
    return described_finding(
        finding_id,
        filings[filings["source_id"].isin(wanted)],
        headline,
        columns=(Column("title", "要る資料"), Column("how", "登録の方法")),
        is_empty=True,
        **{"source_ids": sources_of(filings, wanted), "status": "measured", **fields},
    )


def sources_of(filings: pd.DataFrame, among: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Return the sources in use, of all or of some, with the shipped ones in their place."""
    return sources_in_use(*(filings["source_id"] if among is None else among))


POINTS = "national_points"
_THRESHOLD_WORDS = {"zero_share": "技術系職員が0人の", "few_share": "5人以下の"}
_WHOLE_FROM = 0.95  # of the municipalities; below it those missing could explain any gap
_ROUGH_SLACK = 0.05  # how far 「約半数」 may lie from one half


def outlook_finding(outlook: pd.DataFrame, area: AreaLike, filings: pd.DataFrame) -> Finding:
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
    area = find_area(area)
    words = {"area": area.name}
    own = outlook[outlook["area_id"] == area.area_id]
    if outlook.empty:
        wanted = ("ipss_population",)
        asked = filings[filings["source_id"].isin(wanted)]
        lack = "には、この年度までの数値がない" if asked["is_filed"].all() else "が登録されていない"
        headline = f"{'、'.join(asked['title'])}{lack}ため、この項目を示せない。"
        return _asked_finding("profile.outlook", headline, filings, wanted, words=words)
    last_year = int(outlook["year"].max())
    at_last = outlook[outlook["year"] == last_year].set_index("area_id")["population_index"]
    if own.empty:
        headline = f"{area.name}には個別の将来推計がない。{_together_words(outlook, last_year)}"
    else:
        compared = "、".join(
            f"{place.name}は{change_words(float(at_last[place.area_id]) / 100.0 - 1.0)}"
            for place in area.lineage[1:]
            if place.kind in ("block", "nation")
        )
        headline = (
            f"{area.name}の人口は、{int(own['year'].iloc[0])}年の{own['population_count'].iloc[0]:,.0f}人から"
            f"{last_year}年に{own['population_count'].iloc[-1]:,.0f}人へ"
            f"{change_words(float(at_last[area.area_id]) / 100.0 - 1.0)}となる見通しである"
            f"{f'（{compared}）' if compared else ''}。"
        )
    return described_finding(
        "profile.outlook",
        outlook,
        headline,
        words=words,
        source_ids=sources_in_use("ipss_population"),
        chart=draw(lambda: plot_outlook(outlook, area), f"折れ線図。{headline}"),
        summary=headline if area.kind == "municipality" and len(own) else "",
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
    thresholds: pd.DataFrame, published: pd.DataFrame, area: AreaLike, filings: pd.DataFrame
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
    area = find_area(area)
    wanted = ("teiin", "municipal_staffing")
    if thresholds.empty:
        return _asked_finding(
            "profile.technicians",
            "市区町村別の土木技師・建築技師の数が登録されていないため、地方別の数を示せない。"
            + _published_words(published),
            filings,
            wanted,
            source_ids=(*sources_of(filings, wanted), POINTS),
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
    return described_finding(
        "profile.technicians",
        thresholds,
        headline,
        source_ids=(*sources_of(filings, wanted), POINTS),
        chart=draw(lambda: plot_thresholds(thresholds), f"積み上げ横棒図。{headline}"),
    )


def _published_words(published: pd.DataFrame) -> str:
    if published.empty:
        return "対象年度までに公表された全国の割合も、用いた資料にない。"
    texts = published["value_text"]
    words = [
        f"{word}市区町村が{texts[name]}"
        for name, word in _THRESHOLD_WORDS.items()
        if name in texts.index
    ]
    return f"公表値では、全国で{'、'.join(words)}である。"


def _against_published(nation: pd.Series, published: pd.DataFrame) -> str:
    """Hold the nation's shares against the published ones, where nearly all are known."""
    known = float(nation["known_count"]) / float(nation["municipality_count"])
    if known < _WHOLE_FROM:
        return (
            f"数の届いたのは全国の市区町村の{percent(known)}で、公表値と比べるには足りない。"
            f"{_published_words(published)}"
        )
    words = []
    for name, row in published.iterrows():
        gap = float(nation[str(name)]) - float(row["value"])
        slack = _ROUGH_SLACK if pd.isna(row["precision"]) else float(row["precision"]) / 2.0
        agrees = abs(gap) <= slack + 1e-9
        outcome = (
            "と合う" if agrees else f"より{points(gap)}ポイント{'高い' if gap > 0 else '低い'}"
        )
        words.append(f"{_THRESHOLD_WORDS[str(name)]}割合は公表値（{row['value_text']}）{outcome}")
    return f"{'、'.join(words)}。" if words else ""


def points(gap: float) -> str:
    """Word a difference of two shares in percentage points, without its sign.

    Examples
    --------
    >>> points(-0.031)
    '3.1'
    """
    return f"{abs(gap) * 100.0:.1f}"
