"""Findings of the theme ``profile``: municipalities side by side, outlook, technicians, filings."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, children, find_area
from gunmane_analysis.charts.profile import plot_outlook, plot_thresholds
from gunmane_analysis.findings.described import (
    absent_finding,
    described_finding,
    listed,
    sentence,
    sentences,
)
from gunmane_analysis.findings.finding import Finding
from gunmane_analysis.findings.indicators import indicator_finding
from gunmane_analysis.metrics.position.position import WHOLE_FROM
from gunmane_analysis.metrics.staffing.panel import StaffRegression
from gunmane_analysis.metrics.staffing.thresholds import FEW_TECHNICIANS
from gunmane_analysis.refusals import Unanswered
from gunmane_analysis.sources import find_source, sources_in_use
from gunmane_analysis.tables import describe
from gunmane_analysis.tables.indicators import indicators

_DIFFERENCES_NAMED = 5
_THRESHOLD_WORDS = {"zero_share": "技術系職員が0人の", "few_share": "5人以下の"}
_ROUGH_SLACK = 0.05  # how far 「約半数」 may lie from one half


def municipalities_finding(
    municipalities: pd.DataFrame, area: AreaLike, neighbours: pd.DataFrame | None = None
) -> Finding:
    """Put municipalities side by side: all of a prefecture, or one and its land neighbours.

    For a block or the nation, whose municipalities are too many, the medians of those of each
    prefecture or block.

    Parameters
    ----------
    municipalities : DataFrame
        From :func:`gunmane_analysis.loaders.indicators.load_municipalities`.
    area : Area or str
    neighbours : DataFrame, optional
        The neighbours' rows of a municipality
        (:func:`gunmane_analysis.metrics.position.context.neighbour_profile`).

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_municipalities
    >>> len(municipalities_finding(load_municipalities(2024), find_area("05")).table)
    25
    """
    area = find_area(area)
    inside = municipalities[municipalities["prefecture_code"].isin(area.prefecture_codes)]
    is_town = area.kind == "municipality"
    near = municipalities.iloc[:0] if neighbours is None or not is_town else neighbours
    if is_town:
        across = set(near["prefecture_code"]) - set(area.prefecture_codes)
        names = near["prefecture_code"].map({code: find_area(code).name for code in across})
        near = near.assign(area_name=names.fillna("") + near["area_name"])
        own = municipalities["municipality_code"] == area.area_id
        finding_id, rows = "profile.neighbours", pd.concat([municipalities[own], near])
    elif area.kind == "prefecture":
        finding_id, rows = "profile.municipalities", inside
    else:
        finding_id, rows = "profile.medians", _medians(inside, area)
    by_age = (listed("profile.municipalities", name) for name in ("indicators", "before_2020"))
    known = next((names for names in by_age if rows[names].notna().any(axis=None)), [])
    is_alone = is_town and (near.empty or not known)  # a sentence, and no table
    if not known and not is_town:
        return absent_finding("profile.municipalities")
    placed = [f"{name}_rank" for name in listed(finding_id, "ranked")]
    density = inside.set_index("area_name")["staff_per_1000_residents"].dropna().sort_values()
    return indicator_finding(
        finding_id,
        rows.reset_index(drop=True),
        names=[] if is_alone else known,
        usual=0,
        area=area.name,
        count=len(inside),
        ranked=len(municipalities) if rows[placed].notna().any(axis=None) else None,
        near=list(near["area_name"]),
        near_count=len(near),
        known=len(density),
        ends=list(density.iloc[[0, -1]].items()) if len(density) else None,
        median=density.median(),
        answers=_answers(inside),
        others=["adjacency"] * is_town,
        case="alone" if is_alone else "",
    )


def _answers(inside: pd.DataFrame) -> pd.DataFrame:
    """Return how many answered, of each indicator that too few have for a median of all."""
    counts = inside[listed("profile.medians", "indicators")].count()
    few = counts[(counts > 0) & (counts < WHOLE_FROM * len(inside))]
    return pd.DataFrame({"count": few, "label": [indicators()[name].label for name in few.index]})


def _medians(inside: pd.DataFrame, area: Area) -> pd.DataFrame:
    """Return the medians of the municipalities of each prefecture or block of an area."""
    places = {code: each.name for each in children(area) for code in each.prefecture_codes}
    of_place = inside.groupby(inside["prefecture_code"].map(places))
    medians = of_place.median(numeric_only=True).reindex(list(dict.fromkeys(places.values())))
    named = [f"{name}（{count:,}）" for name, count in of_place.size()[medians.index].items()]
    return medians.assign(area_name=named, municipality_code="")


def by_year_finding(values: pd.DataFrame, area: AreaLike, fiscal_year: int) -> Finding:
    """Put a municipality's own figures in one table, a row a year; absent for other areas.

    Parameters
    ----------
    values : DataFrame
        :func:`gunmane_analysis.load_municipal_values`.
    area : Area or str
    fiscal_year : int
        Later years are left out.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_municipal_values
    >>> len(by_year_finding(load_municipal_values(), find_area("05204"), 2024).table)
    10
    """
    area = find_area(area)
    own = values[(values["area_id"] == area.area_id) & (values["year"] <= fiscal_year)]
    own = own[own["indicator_id"].isin(listed("profile.by_year", "indicators"))]
    own = own.dropna(subset=["value"]).astype({"indicator_id": "str"})
    if area.kind != "municipality" or own.empty:
        return absent_finding("profile.by_year")
    table = own.pivot(index="year", columns="indicator_id", values="value")
    money = table.get("civil_engineering_expenditure_jpy", pd.Series(dtype="float64")).dropna()
    asked = [*money.index[[0, -1]], money.idxmax(), money.idxmin()] if len(money) > 1 else []
    return indicator_finding(
        "profile.by_year",
        table.reset_index(),
        area=area.name,
        money=[(year, money[year]) for year in asked] or None,
    )


def staff_regression_finding(found: StaffRegression | Unanswered, area: AreaLike) -> Finding:
    """Word the elasticities with their intervals, or what is missing; absent for small areas.

    Examples
    --------
    >>> staff_regression_finding(Unanswered(""), "秋田県").placement
    'absent'
    """
    area, finding_id = find_area(area), "profile.staff_regression"
    if area.kind not in ("nation", "block"):
        return absent_finding("profile.staff_regression")
    if isinstance(found, Unanswered):
        return described_finding(
            finding_id, pd.DataFrame(), case="not_computed", area=area.name, reason=found.reason
        )
    return described_finding(
        finding_id,
        found.result.coefficients,
        area=area.name,
        years="・".join(map(str, found.years)),
        result=found.result,
        dropped=found.dropped_count or None,
        source_ids=sources_in_use("ssdse_a", "municipal_panel"),
        caveats=found.result.warnings,
    )


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
    missing = filings.loc[~filings["is_filed"], "title"]
    return described_finding(
        "profile.filings",
        filings,
        missing=list(missing),
        missing_count=len(missing),
        source_ids=sources_in_use(*filings["source_id"]),
        caveats=() if differences is None or differences.empty else _differing(differences),
    )


def _differing(differences: pd.DataFrame) -> list[str]:
    """Word where two sources of one table differ; the more trusted one is used."""
    named = differences.head(_DIFFERENCES_NAMED)
    asked = zip(named["table_id"], named["column"], strict=True)
    named = named.assign(
        label=[describe(table).columns[column].label for table, column in asked],
        used=[find_source(name).title for name in named["source_id"]],
        other=[find_source(name).title for name in named["other_source_id"]],
    )
    total, rest = int(differences["different_count"].sum()), len(differences) - len(named)
    return [
        sentence("profile.filings", "differing", total=total),
        *sentences("profile.filings", "one", named),
        *[sentence("profile.filings", "rest", rest=rest)] * bool(rest),
    ]


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
    area, source = find_area(area), "ipss_population"
    words: dict[str, Any] = {"area": area.name, "source_ids": sources_in_use(source)}
    if outlook.empty:
        asked = filings[filings["source_id"] == source]
        case = "later" if asked["is_filed"].all() else "not_filed"
        words["titles"] = list(asked["title"])
        return described_finding("profile.outlook", asked, case=case, **words)
    rows = outlook.assign(change=outlook["population_index"] / 100.0 - 1.0)
    own, together = rows[rows["area_id"] == area.area_id], rows[rows["area_id"].str.endswith("999")]
    wider = [place.area_id for place in area.lineage[1:] if place.kind in ("block", "nation")]
    compared = rows[rows["area_id"].isin(wider) & (rows["year"] == rows["year"].max())]
    ends: list[Any] = list((own if len(own) else together).to_dict("records")) or [None]
    return described_finding(
        "profile.outlook",
        outlook,
        own=area.name if len(own) else None,
        together=ends[0]["area_name"] if ends[0] and own.empty else None,
        first=ends[0],
        last=ends[-1],
        compared=compared if len(own) else compared.iloc[:0],
        plot=partial(plot_outlook, outlook, area),
        in_summary="" if area.kind == "municipality" and len(own) else None,
        **words,
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
        From :func:`gunmane_analysis.metrics.staffing.thresholds.published_technician_shares`.

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
    area, wanted = find_area(area), ("teiin", "municipal_staffing")
    published = published.assign(label=published.index.map(_THRESHOLD_WORDS))
    words: dict[str, Any] = {
        "published": published,
        "limit": FEW_TECHNICIANS,
        "source_ids": (*sources_in_use(*wanted), "national_points"),
    }
    if thresholds.empty:
        asked = filings[filings["source_id"].isin(wanted)]
        return described_finding("profile.technicians", asked, case="not_filed", **words)
    block = next((place for place in area.lineage if place.kind == "block"), area.lineage[-1])
    nation = thresholds.iloc[-1]
    known = nation["known_count"] / nation["municipality_count"]
    gap = nation[published.index].astype("float64") - published["value"]
    slack = (published["precision"] / 2.0).fillna(_ROUGH_SLACK) + 1e-9
    return described_finding(
        "profile.technicians",
        thresholds,
        block=block.name,
        own=thresholds[thresholds["area_id"] == block.area_id].iloc[0],
        nation=nation,
        checked=published.assign(
            points=(gap.abs() * 100.0).where(gap.abs() > slack),
            way=gap.gt(0.0).map({True: "高い", False: "低い"}),
        ),
        part=known if known < WHOLE_FROM else None,
        answered=nation["known_count"] if known < WHOLE_FROM else None,
        plot=partial(plot_thresholds, thresholds),
        **words,
    )
