"""From needs and technologies that fit each other to the first stage of the matching funnel."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area, find_area, list_areas
from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.funnel.activities import forum_ids
from gunmane_analysis.tables import describe, empty_table


def matched_cases(
    needs: pd.DataFrame,
    judged: pd.DataFrame,
    known_cases: pd.DataFrame,
    considered_on: str,
) -> pd.DataFrame:
    """Turn pairs that people judged to fit into first-stage rows of the case ledger.

    A pair enters only where a person has judged it: a ranking alone is no case.

    Parameters
    ----------
    needs : DataFrame
        One row per need (the table ``technology_needs``).
    judged : DataFrame
        One row per pair (the table ``judged_pairs``); those that are
        not relevant are left aside.
    known_cases : DataFrame
        The ledger as filed. A pair whose case it already holds is not written again.
    considered_on : str
        The day the matching began to be considered (YYYY-MM-DD), told by whoever runs this.

    Returns
    -------
    DataFrame
        One row per new case in the columns of
        the table ``funnel_cases``: ``case_id`` is
        ``<need_id>×<seed_id>``, every later stage is blank.

    Raises
    ------
    DesignError
        If the day is none, a judged need is not filed, or a need has no place.

    Examples
    --------
    >>> needs = pd.DataFrame({"need_id": ["n1"], "field": ["road"], "municipality_code": ["05204"],
    ...                       "body_name": ["大館市"], "technology_theme": ["橋梁の点検"]})
    >>> judged = pd.DataFrame({"need_id": ["n1"], "seed_id": ["s1"], "is_relevant": [True]})
    >>> cases = matched_cases(needs, judged, empty_table("funnel_cases"), "2024-06-01")
    >>> cases[["case_id", "block_id", "considered_on"]].iloc[0].tolist()
    ['n1×s1', 'tohoku', '2024-06-01']
    """
    if pd.isna(pd.to_datetime(considered_on, format="%Y-%m-%d", errors="coerce")):
        raise DesignError(f"「{considered_on}」は日付ではありません。", expected="YYYY-MM-DD")
    pairs = judged[judged["is_relevant"]].merge(
        needs, on="need_id", how="left", validate="many_to_one"
    )
    unknown = pairs.loc[pairs["body_name"].isna(), "need_id"]
    if len(unknown):
        raise DesignError(
            f"判断の表のニーズ（{'、'.join(unknown.unique())}）が、ニーズの表にありません。",
            advice="ニーズの番号を確かめるか、technology_needs を登録してください。",
        )
    pairs = pairs.assign(case_id=pairs["need_id"] + "×" + pairs["seed_id"])
    new = pairs[~pairs["case_id"].isin(known_cases["case_id"])].reset_index(drop=True)
    if new.empty:
        return empty_table("funnel_cases")
    places = [
        _place(code, str(name))
        for code, name in zip(new["municipality_code"], new["body_name"], strict=True)
    ]
    cases = pd.DataFrame(
        {
            "case_id": new["case_id"],
            "block_id": [forum_ids(place)[0] for place in places],
            "prefecture_code": [place.prefecture_codes[0] for place in places],
            "municipality_code": new["municipality_code"],
            "field": new["field"],
            "considered_on": considered_on,
            "as_of_on": considered_on,
            "theme_text": new["technology_theme"],
            "is_synthetic": False,
        }
    )
    whole = empty_table("funnel_cases").reindex(range(len(cases))).assign(**cases)
    return describe("funnel_cases").check(whole, "ニーズとシーズの組")


def _place(code: object, body_name: str) -> Area:
    if isinstance(code, str):
        return find_area(code)
    found = [place for place in list_areas("prefecture") if place.name == body_name]
    if not found:
        raise DesignError(
            f"ニーズの自治体「{body_name}」の場所が分かりません。",
            expected="市区町村コード、または都道府県の名",
        )
    return found[0]
