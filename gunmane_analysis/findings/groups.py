"""Findings of the theme ``groups``: candidate groups, how sure, and the real model regions."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area
from gunmane_analysis.charts.chart import Chart, draw
from gunmane_analysis.charts.groups import plot_groups
from gunmane_analysis.findings.described import absent_finding, described_finding
from gunmane_analysis.findings.finding import Column, Finding, KeyFigure, has_synthetic
from gunmane_analysis.findings.profile_context import sources_of
from gunmane_analysis.metrics.groups.question import AreaGroups
from gunmane_analysis.wording import yen

UNITS = "group_units"
ADJACENCY = "adjacency"
BOUNDARIES = "boundaries"
MODEL_REGIONS = "model_regions"
CONDITIONS = "group_conditions"
STEPS = "standard_steps"
MEASURES = {
    "technician_count": ("技術系職員", "人", "4月1日現在"),
    "general_staff_count": (
        "一般行政部門職員（土木部門職員ではない）", "人", "4月1日現在",
    ),
    "civil_engineering_expenditure_jpy": ("土木費", "円", "決算"),
}  # fmt: skip
_GIVEN_BY = {
    "technician_count": (UNITS, "municipal_staffing", "teiin"),
    "general_staff_count": (UNITS, "ssdse_a"),
    "civil_engineering_expenditure_jpy": (UNITS, "municipal_panel", "ssdse_a"),
}
_OBSTACLES = {
    "not_filed": (
        "{name}の群の候補は求められない。市区町村別の職員数または土木費と、"
        "隣り合う市区町村の組（adjacency）が届いていないためである。"
    ),
    "too_large": "群の候補は都道府県とブロックごとに求め、それぞれの頁に示す。",
    "below": "{name}では、地続きの市区町村をすべて合わせても、どこも基準に届かない。",
}
_NEEDED = pd.DataFrame(
    {
        "need": [
            "市区町村別の技術系職員数（これがなければ次の行を用いる）",
            "市区町村別の一般行政部門職員数・土木費",
            "隣り合う市区町村の組",
        ],
        "form": ["teiin または municipal_staffing", "ssdse_a または municipal_panel", ADJACENCY],
    }
)


def area_groups_finding(
    found: AreaGroups,
    adjacency: pd.DataFrame,
    filings: pd.DataFrame,
    boundaries: pd.DataFrame | None = None,
) -> Finding:
    """Show a region's candidate groups with how sure each is, or what is missing.

    Parameters
    ----------
    found : AreaGroups
    adjacency : DataFrame
        One row per pair of neighbours.
    filings : DataFrame
        One row per source that may have been filed: ``source_id``, ``is_filed``
        (:func:`gunmane_analysis.loaders.profile.load_profile_filings`).
    boundaries : DataFrame, optional
        Outlines; without them the chart stands on town halls.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> filings = pd.DataFrame({"source_id": [], "is_filed": []}).astype({"is_filed": "bool"})
    >>> missing = AreaGroups(find_area("05"), "not_filed")
    >>> area_groups_finding(missing, pd.DataFrame(), filings).finding_id
    'groups.proposal'
    """
    if found.obstacle or found.proposals is None or found.score is None or found.region is None:
        return Finding(
            finding_id="groups.proposal",
            title="群の候補",
            headline=_OBSTACLES[found.obstacle].format(name=(found.region or found.area).name),
            table=_NEEDED,
            columns=(Column("need", "用いる資料"), Column("form", "資料の名")),
            source_ids=(STEPS,),
            caveats=(
                "様式は gunmane data template に様式の名を付けて作り、"
                "gunmane data add で登録する。",
            ),
        )  # fmt: skip
    label, unit = f"{_date_words(found)}の{MEASURES[found.measure][0]}", MEASURES[found.measure][1]
    score, region = found.score, found.region
    alone = int((score.table["municipality_count"] == 1).sum())
    threshold = _words(found.threshold, unit)
    headline = (
        f"{region.name}の{len(found.proposals.best)}市区町村は、"
        f"{label}を{threshold}以上とする"
        f"{score.group_count}の群の候補にまとめられる"
        f"（うち1市区町村だけで届くもの{alone}"
        + (f"、県境をまたぐもの{found.crossing_count}" if region.kind == "block" else "")
        + f"、最も少ない群で{_words(score.worst_amount, unit)}、"
        f"どの群にも入らないもの{score.ungrouped_count}市区町村）。"
    )
    table, outlines = _member_table(found), _outlines(found, boundaries)
    return described_finding(
        "groups.proposal",
        table[table["municipality_count"] > 1] if region.kind == "block" else table,
        headline,
        words={"area": region.name, "measure": MEASURES[found.measure][0], "unit": unit},
        source_ids=(
            *group_sources(found.measure, filings, has_outlines=outlines is not None),
            *([] if found.conditions is None or found.conditions.empty else [CONDITIONS]),
        ),
        caveats=_group_caveats(found, threshold),
        chart=_chart(found, adjacency, outlines, headline),
        key_figures=(
            KeyFigure(
                "groups.group_count",
                "群の候補",
                float(score.group_count),
                unit="群",
                area_id=found.region.area_id,
            ),
        ),
        summary=headline,
    )


def group_sources(
    measure: str, filings: pd.DataFrame, *, has_outlines: bool = False
) -> tuple[str, ...]:
    """Return the filed sources that a proposal stands on; the path's own where none is named."""
    wanted = (*_GIVEN_BY[measure], "municipal_panel", ADJACENCY)
    return (*sources_of(filings, wanted), *([BOUNDARIES] if has_outlines else [])) or (STEPS,)


def _date_words(found: AreaGroups) -> str:
    is_yearly = found.measure == "civil_engineering_expenditure_jpy"
    return f"{found.fiscal_year}{'年度' if is_yearly else '年'}{MEASURES[found.measure][2]}"


def _group_caveats(found: AreaGroups, threshold: str) -> tuple[str, ...]:
    assert found.proposals is not None and found.region is not None
    told = [
        f"計算による候補であり、各自治体の意向や実際の連携を示さない。基準の"
        f"{threshold}は例示で、公表された基準ではない。",
        f"{found.proposals.seed_count}通りの乱数で探し、群の数が最多か一つ少ない"
        f"{len(found.proposals.solutions)}通りの分け方のうち、同じ群に入る割合を示した。"
        "最適であることは保証されない。",
        "距離は役所の間の直線距離。海を隔てる市区町村は隣り合うとみなさない。"
        "図は遠くの島を含まないことがある。",
        _condition_words(found),
        *_balance_words(found),
    ]
    if found.measure != "technician_count":
        told.insert(
            1,
            f"技術系職員数が区域内の全市区町村についてそろわないため、"
            f"{MEASURES[found.measure][0]}を用いた。",
        )
    if found.region.kind == "block":
        told.append("表には2市区町村以上の群だけを示す。図の番号は表の群の番号。")
    return tuple(told)


def _condition_words(found: AreaGroups) -> str:
    given = found.conditions
    if given is None or given.empty:
        return "一緒にする、分ける、流域・土木事務所の中だけで組むという条件は届いていない。"
    counts = given.groupby("condition")["label"].nunique()
    words = {"together": "一緒にする", "apart": "分ける", "within": "流域・土木事務所"}
    told = "、".join(f"{word}{counts[name]}" for name, word in words.items() if name in counts)
    mark = "（合成データを含む）" if has_synthetic(given["label"], given["reason"]) else ""
    return f"届いた条件（{told}）{mark}を守った。"


def _balance_words(found: AreaGroups) -> tuple[str, ...]:
    assert found.score is not None
    ratio, spread = found.score.population_ratio, found.score.fiscal_index_range
    told = [
        f"最大の群の人口は最小の群の{ratio:,.1f}倍" if ratio == ratio else "",
        f"群の中の財政力指数の開きは最大{spread:.2f}" if spread == spread else "",
    ]
    return (f"{'、'.join(filter(None, told))}。",) if any(told) else ()


def _chart(
    found: AreaGroups, adjacency: pd.DataFrame, outlines: pd.DataFrame | None, headline: str
) -> Chart:
    assert found.proposals is not None
    best = found.proposals.best
    way = "市区町村の区域を群ごとに塗り分けた図" if outlines is not None else "役所の位置の図"
    return draw(
        lambda: plot_groups(best, adjacency, outlines),
        f"{way}。{headline}",
    )


def _outlines(found: AreaGroups, boundaries: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return the outlines where every municipality of the region has one."""
    if boundaries is None or found.units is None:
        return None
    codes = set(found.units["municipality_code"])
    return boundaries if codes <= set(boundaries["area_code"]) else None


def model_regions_finding(compared: pd.DataFrame, area: AreaLike, filings: pd.DataFrame) -> Finding:
    """Word how the real model regions score, beside what the method proposes around each.

    Parameters
    ----------
    compared : DataFrame
        From :func:`gunmane_analysis.metrics.groups.question.model_region_comparison`; the
        finding is absent while it has no rows.
    area : Area or str
    filings : DataFrame
        One row per source that may have been filed: ``source_id``, ``is_filed``.

    Examples
    --------
    >>> model_regions_finding(pd.DataFrame(), "05", pd.DataFrame()).placement
    'absent'
    """
    area = find_area(area)
    if compared.empty:
        return absent_finding("groups.model_regions")
    reaching = int(compared["reaches_threshold"].sum())
    whole = int((compared["overlap"] == 1.0).sum())
    measures = sorted(
        {
            f"{MEASURES[measure][0]}{_words(threshold, MEASURES[measure][1])}"
            for measure, threshold in zip(compared["measure"], compared["threshold"], strict=True)
        }
    )
    place = area.ancestor("prefecture") if area.kind == "municipality" else area
    headline = (
        f"{place.name}のモデル地域は{len(compared)}（{int(compared['body_count'].sum())}団体）"
        f"で、例示の基準（{'、'.join(measures)}）に{reaching}が届き、"
        f"計算による群の候補と構成がすべて同じものは{whole}である。"
    )
    one_measure = compared["measure"].iloc[0] if compared["measure"].nunique() == 1 else ""
    label, unit, _ = MEASURES.get(one_measure, ("用いた値", "", ""))
    return described_finding(
        "groups.model_regions",
        compared.assign(
            reaches_ja=compared["reaches_threshold"].map({True: "届く", False: "届かない"}),
            contiguous_ja=compared["is_contiguous"].map({True: "はい", False: "いいえ"}),
        ),
        headline,
        source_ids=(*group_sources(str(compared["measure"].iloc[0]), filings), MODEL_REGIONS),
        words={"measure": label, "unit": unit},
    )


def _words(amount: float, unit: str) -> str:
    return yen(amount) if unit == "円" else f"{amount:,.0f}{unit}"


def _member_table(found: AreaGroups) -> pd.DataFrame:
    assert found.proposals is not None and found.score is not None
    best = found.proposals.best.dropna(subset=["group_no"])
    shares = found.proposals.together.set_index(["municipality_code", "other_municipality_code"])[
        "together_share"
    ]
    members, firmness = {}, {}
    for number, rows in best.astype({"group_no": "int64"}).groupby("group_no"):
        codes = sorted(rows["municipality_code"])
        members[number] = "、".join(find_area(code).name for code in codes)
        pairs = [(a, b) for place, a in enumerate(codes) for b in codes[place + 1 :]]
        firmness[number] = min((float(shares[pair]) for pair in pairs), default=1.0)
    table = found.score.table
    return table.assign(
        members=table["group_no"].map(members), firmness=table["group_no"].map(firmness)
    )


_PAIRS_SHOWN = 30


def near_divisions_finding(found: AreaGroups, filings: pd.DataFrame) -> Finding:
    """List the near-best divisions; absent where there is no second one.

    Examples
    --------
    >>> missing = AreaGroups(find_area("05"), "not_filed")
    >>> near_divisions_finding(missing, pd.DataFrame()).placement
    'absent'
    """
    if found.proposals is None or found.region is None or len(found.proposals.solutions) < 2:
        return absent_finding("groups.divisions")
    table = found.proposals.solutions
    most = table["group_count"].max()
    return described_finding(
        "groups.divisions",
        table,
        f"{found.region.name}では、群の数が{most}か{most - 1}になる分け方が"
        f"{len(table)}通り見つかった。候補に示したのは1番の分け方である。",
        source_ids=group_sources(found.measure, filings),
    )


def pairs_finding(found: AreaGroups, filings: pd.DataFrame) -> Finding:
    """List who shares a group in how many of the near-best divisions.

    A municipality's page lists its own pairs, others the pairs that stay together most.

    Examples
    --------
    >>> missing = AreaGroups(find_area("05"), "not_filed")
    >>> pairs_finding(missing, pd.DataFrame()).placement
    'absent'
    """
    if found.proposals is None or found.proposals.together.empty:
        return absent_finding("groups.pairs")
    pairs = found.proposals.together
    sides = ["municipality_code", "other_municipality_code"]
    is_one = found.area.kind == "municipality"
    if is_one:
        pairs = pairs[(pairs[sides] == found.area.area_id).any(axis=1)]
    if pairs.empty:
        return absent_finding("groups.pairs")
    always = int((pairs["together_share"] == 1.0).sum())
    shown = pairs.sort_values("together_share", ascending=False, kind="stable").head(_PAIRS_SHOWN)
    divisions = len(found.proposals.solutions)
    place = found.area.name if is_one else (found.region or found.area).name
    headline = (
        f"{place}では、{divisions}通りの分け方のどれかで同じ群になる組が{len(pairs)}あり、"
        f"うち{always}はどの分け方でも同じ群になる。"
    )
    return described_finding(
        "groups.pairs",
        shown.assign(
            one=[find_area(code).name for code in shown[sides[0]]],
            other=[find_area(code).name for code in shown[sides[1]]],
        ),
        headline,
        source_ids=group_sources(found.measure, filings),
        caveats=(
            f"割合は、群の数が最多か一つ少ない{divisions}通りの分け方に占める割合。"
            f"多い順に{_PAIRS_SHOWN}組まで示す。",
        ),
    )
