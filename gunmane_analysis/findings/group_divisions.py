"""Finding of the theme ``groups``: other divisions about as good, and who stays together."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import find_area
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.findings.groups import group_sources
from gunmane_analysis.metrics.groups.question import AreaGroups

_PAIRS_SHOWN = 30


def near_divisions_finding(found: AreaGroups, filings: pd.DataFrame) -> Finding | None:
    """List the near-best divisions; None where there is no second one.

    Examples
    --------
    >>> missing = AreaGroups(find_area("05"), "not_filed")
    >>> near_divisions_finding(missing, pd.DataFrame())
    """
    if found.proposals is None or found.region is None or len(found.proposals.solutions) < 2:
        return None
    table = found.proposals.solutions
    most = table["group_count"].max()
    return Finding(
        finding_id="groups.divisions",
        title="同じくらい良い分け方",
        headline=(
            f"{found.region.name}では、群の数が{most}か{most - 1}になる分け方が"
            f"{len(table)}通り見つかった。候補に示したのは1番の分け方である。"
        ),
        table=table,
        columns=(
            Column("solution_no", "分け方", kind="year"),
            Column("group_count", "群の数", "群", "count"),
            Column("grouped_count", "群に入る数", "市区町村", "count"),
            Column("within_distance_km", "群の中の役所間の距離の合計", "km", "number", 0),
            Column("seed_count", "見つけた乱数", "通り", "count"),
        ),
        source_ids=group_sources(found.measure, filings),
        caveats=("群の数が多い順、同じなら群に入る市区町村が多く、距離の合計が小さい順に並べた。",),
    )


def pairs_finding(found: AreaGroups, filings: pd.DataFrame) -> Finding | None:
    """List who shares a group in how many of the near-best divisions.

    A municipality's page lists its own pairs, others the pairs that stay together most.

    Examples
    --------
    >>> missing = AreaGroups(find_area("05"), "not_filed")
    >>> pairs_finding(missing, pd.DataFrame())
    """
    if found.proposals is None or found.proposals.together.empty:
        return None
    pairs = found.proposals.together
    sides = ["municipality_code", "other_municipality_code"]
    is_one = found.area.kind == "municipality"
    if is_one:
        pairs = pairs[(pairs[sides] == found.area.area_id).any(axis=1)]
    if pairs.empty:
        return None
    always = int((pairs["together_share"] == 1.0).sum())
    shown = pairs.sort_values("together_share", ascending=False, kind="stable").head(_PAIRS_SHOWN)
    divisions = len(found.proposals.solutions)
    place = found.area.name if is_one else (found.region or found.area).name
    headline = (
        f"{place}では、{divisions}通りの分け方のどれかで同じ群になる組が{len(pairs)}あり、"
        f"うち{always}はどの分け方でも同じ群になる。"
    )
    return Finding(
        finding_id="groups.pairs",
        title="一緒になりやすい市区町村の組",
        headline=headline,
        table=shown.assign(
            one=[find_area(code).name for code in shown[sides[0]]],
            other=[find_area(code).name for code in shown[sides[1]]],
        ),
        columns=(
            Column("one", "市区町村"),
            Column("other", "相手の市区町村"),
            Column("together_share", "一緒になる割合", "%", "rate", 0),
        ),
        source_ids=group_sources(found.measure, filings),
        caveats=(
            f"割合は、群の数が最多か一つ少ない{divisions}通りの分け方に占める割合。"
            f"多い順に{_PAIRS_SHOWN}組まで示す。",
        ),
    )
