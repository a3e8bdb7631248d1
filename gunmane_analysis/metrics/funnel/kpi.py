"""KPI against target, membership, and participation: the national conference in figures."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.metrics.validation import known_until
from gunmane_analysis.refusals import refuse_if

FOUNDING_KINDS = ("total", "government", "company", "organisation", "individual")


def kpi_progress(kpi: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Put each KPI's latest result with its target, and the target that follows it.

    Parameters
    ----------
    kpi : DataFrame
        One row per fiscal year, forum level and item or stage
        (the table ``kpi``).
    fiscal_year : int
        Rows that became known later are left out.

    Returns
    -------
    DataFrame
        One row per item of the whole conference, in printed order: ``item_id``,
        ``item_label``, ``unit``, ``result_fiscal_year``, ``target``, ``result``,
        ``achievement_rate`` (result / target, 1 = just met), ``next_fiscal_year``,
        ``next_target`` and ``next_target_rate`` (next target / result, above 1 = more than
        was reached). Missing where nothing is printed; no rows if nothing was known.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_kpi
    >>> progress = kpi_progress(load_kpi(), 2024).set_index("item_id")
    >>> float(progress.loc["supported_municipality_count", "achievement_rate"])
    2.52
    """
    known = known_until(kpi, fiscal_year)
    known = known[(known["forum_level"] == "total") & known["stage"].isna()]
    by_year = known.sort_values("fiscal_year", kind="stable")
    done = by_year.dropna(subset=["result"]).drop_duplicates("item_id", keep="last")
    done = done[["item_id", "fiscal_year", "target", "result"]]
    done = done.rename(columns={"fiscal_year": "result_fiscal_year"})
    ahead = by_year.drop(columns=["target", "result"]).assign(next_target=by_year["target"])
    ahead = ahead.merge(done, on="item_id", how="left").dropna(subset=["next_target"])
    ahead = ahead[ahead["fiscal_year"] > ahead["result_fiscal_year"].fillna(0)]
    ahead = ahead.drop_duplicates("item_id").rename(columns={"fiscal_year": "next_fiscal_year"})
    items = known.drop_duplicates("item_id")[["item_id", "item_label", "unit"]]
    progress = items.merge(done, on="item_id", how="left").merge(
        ahead[["item_id", "next_fiscal_year", "next_target"]], on="item_id", how="left"
    )
    target, result = progress["target"], progress["result"]
    return progress.assign(
        achievement_rate=result / target.where(target > 0),
        next_target_rate=progress["next_target"] / result.where(result > 0),
    )


def membership_trend(membership: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Members by kind at each date, filling a count from its printed increase and saying so.

    Parameters
    ----------
    membership : DataFrame
        One row per date and kind (the table ``membership``).
    fiscal_year : int
        Rows that became known later are left out.

    Returns
    -------
    DataFrame
        One row per date: ``as_of_on``, one column per kind of member (members; missing where
        the kinds are not printed) and ``is_computed`` (the counts are the founding count plus
        the printed increase).

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_membership
    >>> trend = membership_trend(load_membership(), 2025)
    >>> trend["total"].astype(int).tolist(), trend["is_computed"].tolist()
    ([199, 2980, 3162, 3231], [False, False, False, True])
    """
    known = known_until(membership, fiscal_year)
    if known.empty:
        return pd.DataFrame(columns=["as_of_on", *FOUNDING_KINDS, "is_computed"])
    founding = known[known["as_of_on"] == known["as_of_on"].min()]
    base = founding.set_index("member_kind")["member_count"]
    computed = known["member_kind"].map(base) + known["increase_printed"]
    filled = known.assign(
        member_count=known["member_count"].fillna(computed),
        is_computed=known["member_count"].isna() & computed.notna(),
    )
    wide = filled.pivot(index="as_of_on", columns="member_kind", values="member_count")
    wide = wide.reindex(columns=list(FOUNDING_KINDS))
    wide = wide.assign(is_computed=filled.groupby("as_of_on")["is_computed"].any())
    wide.columns.name = None
    return wide.reset_index()


def participation_rates(participation: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Share of all municipalities that take part, by programme and date.

    Every municipality is counted, so that the shares carry no sampling interval.

    Parameters
    ----------
    participation : DataFrame
        One row per date and programme.
    fiscal_year : int
        Rows that became known later are left out.

    Returns
    -------
    DataFrame
        The known rows with ``participation_rate`` (count / denominator, 0-1; missing where
        the denominator is not printed).

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_participation
    >>> rates = participation_rates(load_participation(), 2024)
    >>> rates["participation_rate"].round(3).tolist()
    [nan, 0.625, 0.782]
    """
    known = known_until(participation, fiscal_year)
    rate = known["municipality_count"] / known["municipality_total"]
    refuse_if((rate > 1).any(), "participation-above-one")
    return known.assign(participation_rate=rate).reset_index(drop=True)
