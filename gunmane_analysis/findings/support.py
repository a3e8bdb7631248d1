"""Findings on where to turn."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area, list_areas
from gunmane_analysis.findings.finding import Column, Finding


def support_programmes_finding(
    programmes: pd.DataFrame, courses: pd.DataFrame, area: Area
) -> Finding | None:
    """List the qualifications, courses and support that the documents name, the area's own first.

    Parameters
    ----------
    programmes : DataFrame
        One row per document and programme
        (the table ``support_programmes``).
    courses : DataFrame
        One row per prefecture with a course for maintenance experts (ME).
    area : Area

    Returns
    -------
    Finding or None
        None while neither table has a row.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_me_courses, load_support_programmes
    >>> found = support_programmes_finding(
    ...     load_support_programmes(), load_me_courses(), find_area("21"))
    >>> found.table.loc[0, "where"]
    '新潟県、岐阜県、京都府、山口県、愛媛県、長崎県'
    """
    if programmes.empty and courses.empty:
        return None
    names = {place.area_id: place.name for place in list_areas("prefecture")}
    codes = programmes["prefecture_codes"].fillna("").str.split(";")
    is_own = [bool(set(row) & set(area.prefecture_codes)) for row in codes]
    table = programmes.assign(
        where=["、".join(names[code] for code in row if code) or "全国" for row in codes],
        is_own=is_own,
    )
    table = (
        table.drop_duplicates(["category_ja", "name", "where"])
        .sort_values("is_own", ascending=False, kind="stable")
        .reset_index(drop=True)
    )
    own = courses[courses["prefecture_code"].isin(area.prefecture_codes)]
    place = (
        f"{area.name}では{'、'.join(own['prefecture_name'])}で開かれる"
        if area.kind in ("nation", "block") and len(own)
        else f"{'、'.join(own['prefecture_name'])}で開かれる"
        if len(own)
        else f"{area.ancestor('prefecture').name if area.kind == 'municipality' else area.name}"
        "で開かれるものは資料にない"
    )
    return Finding(
        finding_id="steps.programmes",
        title="人材育成・認定・支援の取組",
        headline=(
            f"資料には技術者の資格・研修・支援の取組が{len(table)}挙げられ、社会基盤メンテナンス"
            f"エキスパート（ME）の養成講座は全国の{len(courses)}府県のうち{place}。"
        ),
        table=table,
        columns=(
            Column("category_ja", "区分"),
            Column("name", "取組"),
            Column("organiser", "実施機関"),
            Column("where", "対象"),
        ),
        source_ids=("support_programmes", "me_courses"),
        caveats=(
            "資料が例として挙げたもので、すべてではない。対象に府県名のないものは「全国」とした。"
            "定員・日程・費用は資料にない。",
        ),
    )
