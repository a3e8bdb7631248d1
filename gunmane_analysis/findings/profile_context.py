"""Findings of the theme ``profile``: what is filed, the outlook, technicians."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area
from gunmane_analysis.charts.profile import plot_outlook, plot_thresholds
from gunmane_analysis.findings.described import described_finding, sentence, sentences
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.metrics.position.context import FEW_TECHNICIANS, WHOLE_FROM
from gunmane_analysis.sources import find_source, sources_in_use
from gunmane_analysis.tables import describe
from gunmane_analysis.wording import change_words

_DIFFERENCES_NAMED = 5
_THRESHOLD_WORDS = {"zero_share": "技術系職員が0人の", "few_share": "5人以下の"}
_ROUGH_SLACK = 0.05  # how far 「約半数」 may lie from one half


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
        words={"count": len(filings), "missing": list(missing), "missing_count": len(missing)},
        source_ids=sources_of(filings),
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


def _asked_finding(
    finding_id: str, filings: pd.DataFrame, wanted: tuple[str, ...], **fields: Any
) -> Finding:
    """Say one sentence, with the sources that would say more and how they are filed."""
    return described_finding(
        finding_id,
        filings[filings["source_id"].isin(wanted)],
        columns=(Column("title", "要る資料"), Column("how", "登録の方法")),
        **{"source_ids": sources_of(filings, wanted), **fields},
    )


def sources_of(filings: pd.DataFrame, among: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Return the sources in use, of all or of some, with the shipped ones in their place."""
    return sources_in_use(*(filings["source_id"] if among is None else among))


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
    words: dict[str, Any] = {"area": area.name}
    if outlook.empty:
        wanted = ("ipss_population",)
        asked = filings[filings["source_id"].isin(wanted)]
        case = "later" if asked["is_filed"].all() else "not_filed"
        words["titles"] = list(asked["title"])
        return _asked_finding("profile.outlook", filings, wanted, case=case, words=words)
    own = outlook[outlook["area_id"] == area.area_id]
    together = outlook[outlook["area_id"].str.endswith("999")]
    shown = own if len(own) else together
    last = outlook[outlook["year"] == outlook["year"].max()]
    change = last.set_index("area_id")["population_index"] / 100.0 - 1.0
    wider = [place for place in area.lineage[1:] if place.kind in ("block", "nation")]
    compared = [(place.name, change[place.area_id]) for place in wider] if len(own) else []
    words |= {
        "together": shown["area_name"].iloc[0] if own.empty and len(shown) else None,
        "own": area.name if len(own) else None,
        "first": shown.iloc[0] if len(shown) else None,
        "last": shown.iloc[-1] if len(shown) else None,
        "change": change[shown["area_id"].iloc[0]] if len(shown) else None,
        "compared": [f"{name}は{change_words(value)}" for name, value in compared],
    }
    is_summed = area.kind == "municipality" and len(own) > 0
    fields: dict[str, Any] = {} if is_summed else {"summary": ""}
    return described_finding(
        "profile.outlook",
        outlook,
        words=words,
        source_ids=sources_in_use("ipss_population"),
        plot=partial(plot_outlook, outlook, area),
        **fields,
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
    sources = (*sources_of(filings, wanted), "national_points")
    published = published.assign(label=published.index.map(_THRESHOLD_WORDS))
    words: dict[str, Any] = {
        "published": sentences("profile.technicians", "published_one", published),
        "limit": FEW_TECHNICIANS,
    }
    words["printed"] = sentence("profile.technicians", "printed", **words)
    if thresholds.empty:
        return _asked_finding(
            "profile.technicians",
            filings,
            wanted,
            case="not_filed",
            words=words,
            source_ids=sources,
        )
    block = next((place for place in area.lineage if place.kind == "block"), area.lineage[-1])
    nation = thresholds.iloc[-1]
    known = float(nation["known_count"]) / float(nation["municipality_count"])
    gap = nation[published.index].astype("float64") - published["value"]
    slack = (published["precision"] / 2.0).fillna(_ROUGH_SLACK) + 1e-9
    checked = published.assign(
        points=(gap.abs() * 100.0).where(gap.abs() > slack),
        way=gap.gt(0.0).map({True: "高い", False: "低い"}),
    )
    words |= {
        "block": block.name,
        "own": thresholds[thresholds["area_id"] == block.area_id].iloc[0],
        "nation": nation,
        "checked": sentences("profile.technicians", "checked_one", checked),
        "part": known if known < WHOLE_FROM else None,
        "answered": int(nation["known_count"]) if known < WHOLE_FROM else None,
    }
    words["whole"] = sentence("profile.technicians", "whole", **words)
    return described_finding(
        "profile.technicians",
        thresholds,
        words=words,
        source_ids=sources,
        plot=partial(plot_thresholds, thresholds),
    )
