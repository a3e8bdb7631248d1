"""Findings of the theme ``profile`` on what is filed, and in place of what is not."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.sources import find_source, sources_in_use
from gunmane_analysis.tables import describe

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
    return Finding(
        finding_id="profile.filings",
        title="市区町村別の資料の登録の状況",
        headline=headline,
        table=filings,
        columns=(
            Column("title", "資料"),
            Column("answers", "分かること"),
            Column("state", "状況"),
            Column("how", "登録の方法"),
        ),
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


def not_filed(finding_id: str, title: str, filings: pd.DataFrame) -> Finding:
    """Say that nothing, or nothing up to the year, is filed for a finding, and what should be."""
    wanted = {
        "profile.outlook": ("ipss_population",),
    }[finding_id]
    asked = filings[filings["source_id"].isin(wanted)]
    lack = "には、この年度までの数値がない" if asked["is_filed"].all() else "が登録されていない"
    headline = f"{'、'.join(asked['title'])}{lack}ため、この項目を示せない。"
    return plain_finding(finding_id, title, headline, filings, wanted)


def plain_finding(
    finding_id: str,
    title: str,
    headline: str,
    filings: pd.DataFrame,
    wanted: tuple[str, ...],
    always: tuple[str, ...] = (),
) -> Finding:
    """Say one sentence, with the sources that would tell more and how they are filed."""
    return Finding(
        finding_id=finding_id,
        title=title,
        headline=headline,
        table=filings[filings["source_id"].isin(wanted)],
        columns=(Column("title", "要る資料"), Column("how", "登録の方法")),
        source_ids=(*sources_of(filings, wanted), *always),
    )


def sources_of(filings: pd.DataFrame, among: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Return the sources in use, of all or of some, with the shipped ones in their place."""
    return sources_in_use(*(filings["source_id"] if among is None else among))
