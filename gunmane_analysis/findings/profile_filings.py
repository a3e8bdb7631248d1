"""Findings of the theme ``profile`` on what is filed, and in place of what is not."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.sources import sources_in_use

_DIFFERENCES_NAMED = 5


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
    """Word where filed and shipped figures differ; the filed ones are used."""
    if differences is None or differences.empty:
        return ()
    total = int(differences["different_count"].sum())
    named = [
        f"{row['table_id']}の{row['column']} {row['year']}年: {row['compared_count']:,}件のうち"
        f"{row['different_count']:,}件。最も違う{row['municipality_code']}は"
        f"{row['filed_value']:,.10g}と{row['shipped_value']:,.10g}"
        for row in differences.head(_DIFFERENCES_NAMED).to_dict("records")
    ]
    rest = len(differences) - len(named)
    return (
        f"登録した資料と同梱の公表値は{total:,}件で値が違う。登録した値を用いた。",
        *named,
        *([f"ほかに{rest:,}の列と年で違う。"] if rest else []),
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
