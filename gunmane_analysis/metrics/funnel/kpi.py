"""KPI against target, membership, and participation: the national conference in figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gunmane_analysis.errors import DesignError

FOUNDING_KINDS = ("total", "government", "company", "organisation", "individual")


def kpi_progress(kpi: pd.DataFrame, fiscal_year: int) -> pd.DataFrame:
    """Put each KPI's latest result beside its target, and the target that follows it.

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
    whole = kpi[(kpi["forum_level"] == "total") & kpi["stage"].isna()]
    known = whole[whole["known_fiscal_year"] <= fiscal_year]
    rows = []
    for item_id, item in known.groupby("item_id", sort=False):
        by_year = item.set_index("fiscal_year").sort_index()
        with_result = by_year[by_year["result"].notna()]
        if with_result.empty:
            year, target, result = None, np.nan, np.nan
        else:
            year = int(with_result.index[-1])
            target, result = with_result["target"].iloc[-1], with_result["result"].iloc[-1]
        ahead = by_year[by_year.index > (year or 0)]
        ahead = ahead[ahead["target"].notna()]
        next_target = float(ahead["target"].iloc[0]) if len(ahead) else np.nan
        rows.append(
            {
                "item_id": item_id,
                "item_label": item["item_label"].iloc[0],
                "unit": item["unit"].iloc[0],
                "result_fiscal_year": year,
                "target": target,
                "result": result,
                "achievement_rate": result / target if target > 0 else np.nan,
                "next_fiscal_year": int(ahead.index[0]) if len(ahead) else None,
                "next_target": next_target,
                "next_target_rate": next_target / result if result > 0 else np.nan,
            }
        )
    columns = [
        "item_id", "item_label", "unit", "result_fiscal_year", "target", "result",
        "achievement_rate", "next_fiscal_year", "next_target", "next_target_rate",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


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
    known = membership[membership["known_fiscal_year"] <= fiscal_year]
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
    known = participation[participation["known_fiscal_year"] <= fiscal_year]
    rate = known["municipality_count"] / known["municipality_total"]
    if (rate > 1).any():
        raise DesignError("参加する市区町村の数が、分母の市区町村の数を超えています。")
    return known.assign(participation_rate=rate).reset_index(drop=True)
