"""Findings of the theme ``contracts``: what the notebook shows, worded."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.contracts import (
    plot_case_amounts,
)
from gunmane_analysis.findings.finding import Column, Definition, Finding, KeyFigure
from gunmane_analysis.findings.unknown import not_known_finding
from gunmane_analysis.metrics.contracts.cases import NearestCases
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables import label_of

CASES = "contract_cases"
_JPY_PER_MILLION = 1_000_000.0
TAX_AND_PRICES = "金額に消費税を含むか、どの年度の価格かは、資料に印字がない。"
_CHOSEN = "資料が選んだ先行事例であり、全国の包括的民間委託を代表しない。"
_NO_SAVING = "導入前の委託金額と直営の費用は印字がなく、費用の増減は分からない。"
_BUNDLED = Definition(
    "包括的民間委託",
    "道路・河川・公園などの維持の業務をまとめ、複数年度などの契約で民間に委ねる方式。",
)
_ANNUALISED = Definition(
    "1年当たりの金額",
    "印刷された金額を契約の月数で割り、12を掛けた額。",
    r"\frac{\mathrm{amount}}{\mathrm{months}}\times 12",
)


def contract_cases_finding(cases: pd.DataFrame, area: Area, fiscal_year: int) -> Finding:
    """Word the published cases with their amounts per year, and count those of the area.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_contract_cases
    >>> from gunmane_analysis.metrics.contracts.cases import contract_cases
    >>> cases = contract_cases(load_contract_cases(), 2024)
    >>> len(contract_cases_finding(cases, find_area("tohoku"), 2024).table)
    4
    """
    columns = (
        Column("municipality_name", "市町"),
        Column("area_label", "区域"),
        Column("population_count", "人口（全域）", "人", "count"),
        Column("technician_count", "技術者", "人", "count"),
        Column("civil_staff_count", "土木部門職員", "人", "count"),
        Column("fields_ja", "分野"),
        Column("tasks_ja", "業務"),
        Column("organisation_ja", "体制"),
        Column("first_fiscal_year", "包括開始", "年度", "year"),
        Column("term_months", "契約期間", "月", "count"),
        Column("amount_text", "印刷の金額"),
        Column("annual_low_million", "1年当たり（下限）", "百万円", "number", 2),
        Column("annual_high_million", "1年当たり（上限）", "百万円", "number", 2),
        Column("rounding_million", "丸めの幅 ±", "百万円", "number", 2),
        Column("annual_per_resident_jpy", "人口1人当たり年額", "円", "count"),
        Column("basis_ja", "金額の性質"),
        Column("pricing_ja", "支払い方式"),
        Column("performance_ja", "性能規定"),
    )
    table = cases.assign(
        fields_ja=cases["infrastructure_fields"].map(label_of),
        tasks_ja=cases["tasks"].map(label_of),
        organisation_ja=cases["organisation_type"].map(label_of),
        pricing_ja=cases["pricing"].map(label_of),
        basis_ja=[
            label_of(row["amount_basis"]) + ("・1地区" if row["per_unit"] == "per_district" else "")
            for row in cases.to_dict("records")
        ],
        performance_ja=cases["is_performance_based"].map({True: "あり", False: "なし"}),
        annual_low_million=cases["annual_low_jpy"] / _JPY_PER_MILLION,
        annual_high_million=cases["annual_high_jpy"] / _JPY_PER_MILLION,
        rounding_million=cases["annual_rounding_jpy"] / _JPY_PER_MILLION,
    )
    if cases.empty:
        return not_known_finding(
            "contracts.cases",
            "包括的民間委託の先行事例",
            "先行事例",
            fiscal_year,
            table,
            columns,
            CASES,
        )
    shown = "、".join(_annual_words(row) for row in cases.to_dict("records"))
    headline = f"公表された{len(cases)}事例の1年当たりの金額は、{shown}である。"
    whole = cases.dropna(subset=["annual_per_resident_jpy"])
    per_resident = "".join(
        f"人口1人当たりにできるのは全域を対象とする{row['municipality_name']}だけで、"
        f"人口約{row['population_count'] / 10_000:.1f}万人に対し"
        f"年{row['annual_per_resident_jpy']:,.0f}円となる。"
        for row in whole.to_dict("records")
    )
    return Finding(
        finding_id="contracts.cases",
        title="包括的民間委託の先行事例と1年当たりの金額",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=(CASES,),
        caveats=(
            _CHOSEN,
            "分野・区域・業務が事例ごとに違うため、金額の大小は効率の差を示さない。",
            _NO_SAVING,
            "四日市市は指示限度額で、契約額でも支払額でもなく、地区の数の印字がないため市全体の額は求められない。"
            "期間の印字（R6.3〜R7.7）は暦では17か月にまたがるが、印字の契約年数1年4か月（16か月）で割った。",
            "三条市の11.3億円がどの年度の契約かは印字がない。",
            "人口1人当たりは、契約の区域が市町の全域である事例だけに示す（一部の区域の人口は印字がない）。",
            TAX_AND_PRICES,
        ),
        chart=draw(lambda: plot_case_amounts(cases), f"横棒図。{headline}"),
        key_figures=(_case_count(cases, area),),
        definitions=(_BUNDLED, _ANNUALISED),
        summary=f"{headline}{TAX_AND_PRICES}",
        summary_rank=45,
        certainty=(
            "1年当たりの金額は丸めて印刷された金額から求めており、"
            + "、".join(
                f"{row['municipality_name']}で±{row['rounding_million']:.1f}百万円"
                for row in table.to_dict("records")
            )
            + f"の幅がある。{per_resident}"
        ),
    )


def _annual_words(row: Mapping[Hashable, Any]) -> str:
    low, high = (
        f"{value / _JPY_PER_MILLION:,.2f}".rstrip("0").rstrip(".")
        if value % 1e6
        else f"{value / _JPY_PER_MILLION:,.1f}"
        for value in (row["annual_low_jpy"], row["annual_high_jpy"])
    )
    amount = f"{low}百万円" if low == high else f"1地区{low}〜{high}百万円（指示限度額）"
    return f"{row['municipality_name']}{amount}"


def _case_count(cases: pd.DataFrame, area: Area) -> KeyFigure:
    def within(codes: tuple[str, ...]) -> float:
        return float(cases["prefecture_code"].isin(codes).sum())

    blocks = [place for place in area.distinct_lineage[1:] if place.kind == "block"]
    own = (
        float((cases["municipality_code"] == area.area_id).sum())
        if area.kind == "municipality"
        else within(area.prefecture_codes)
    )
    return KeyFigure(
        key="contracts.case_count",
        label="公表された包括的民間委託の先行事例",
        value=own,
        unit="件",
        block=within(blocks[0].prefecture_codes) if blocks else None,
        nation=float(len(cases)) if area.kind != "nation" else None,
        note="資料が選んだ事例の数",
    )


def nearest_cases_finding(nearest: NearestCases) -> Finding:
    """Word which cases lie in the area's block, and which resemble a municipality most.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_contract_cases
    >>> from gunmane_analysis.metrics.contracts.cases import nearest_cases
    >>> nearest = nearest_cases(load_contract_cases(), find_area("05"), 2024)
    >>> nearest_cases_finding(nearest).finding_id
    'contracts.nearest'
    """
    area, cases = nearest.area, nearest.cases
    columns: tuple[Column, ...] = (
        Column("municipality_name", "市町"),
        Column("place_ja", "所在"),
        Column("population_count", "人口", "人", "count"),
        Column("civil_staff_count", "土木部門職員", "人", "count"),
        Column("fields_ja", "分野"),
    )
    if nearest.has_distance:
        columns += (
            Column("population_ratio", "人口の比", "倍", "number", 2),
            Column("civil_staff_ratio", "土木部門職員の比", "倍", "number", 2),
            Column("distance", "隔たり", kind="number", decimals=2),
        )
    else:
        columns += (
            Column("residents_per_civil_staff", "土木部門職員1人当たり人口", "人", "count"),
            Column("organisation_ja", "体制"),
        )
    table = cases.assign(
        place_ja=[_place_words(row, area) for row in cases.to_dict("records")],
        fields_ja=cases["infrastructure_fields"].map(label_of),
        organisation_ja=cases["organisation_type"].map(label_of),
        residents_per_civil_staff=cases["population_count"] / cases["civil_staff_count"],
    )
    title = f"{area.name}から見た先行事例"
    if cases.empty:
        return not_known_finding(
            "contracts.nearest", title, "先行事例", nearest.fiscal_year, table, columns, CASES
        )
    return Finding(
        finding_id="contracts.nearest",
        title=title,
        headline=_nearest_headline(nearest),
        table=table,
        columns=columns,
        source_ids=sources_in_use(CASES, *nearest.own_source_ids),
        caveats=(
            _CHOSEN,
            _distance_words(nearest),
            "体制の人数は事例の調査時点のもので、調査日の印字がない。",
        ),
    )


def _distance_words(nearest: NearestCases) -> str:
    if nearest.has_distance and nearest.cases["measure_count"].max() == 1:
        return (
            f"隔たりは、人口の比の対数の絶対値で、0.69は2倍（または半分）に当たる。"
            f"{nearest.area.name}の土木部門職員数は登録されていないため用いていない"
            f"（{_own_day(nearest)}）。地形・施設量・財政は見ていない。"
        )
    if nearest.has_distance:
        return (
            "隔たりは、人口と土木部門職員数それぞれの比の対数の絶対値を平均した値で、"
            "0.69は平均して2倍（または半分）に当たる。地形・施設量・財政は見ていない。"
        )
    if nearest.area.kind == "municipality":
        return (
            f"{nearest.area.name}の人口と土木部門職員数が登録されていないため、隔たりを示さない。"
        )
    return "市区町村ではない地域には、規模の隔たりを示さない。"


def _own_day(nearest: NearestCases) -> str:
    return f"人口は{nearest.own_as_of_on}現在" if nearest.own_as_of_on else "人口は概数"


def _place_words(row: Mapping[Hashable, Any], area: Area) -> str:
    if row["is_in_area"]:
        return area.name
    return "同じ地方" if row["is_in_block"] else "他の地方"


def _nearest_headline(nearest: NearestCases) -> str:
    area, cases = nearest.area, nearest.cases
    names = "、".join(cases["municipality_name"])
    if area.kind == "nation":
        return f"資料に載る先行事例は全国で{len(cases)}件（{names}）である。"
    block = next((place for place in area.lineage if place.kind == "block"), area)
    inside = cases[cases["is_in_block"]]
    if len(inside):
        own = "、".join(inside["municipality_name"])
        where = f"{block.name}の先行事例は{own}の{len(inside)}件である"
    else:
        where = (
            f"{block.name}には資料に載る先行事例がなく、"
            f"他の地方の{len(cases)}件（{names}）を参考に示す"
        )
    others = cases[cases["distance"].notna() & ~cases["is_in_area"]]
    if others.empty:
        return f"{where}。"
    near = others.iloc[0]
    return (
        f"{where}。規模が{area.name}に最も近い事例は{near['municipality_name']}"
        f"（人口は{near['population_ratio']:.2f}倍{_civil_words(near)}）である。"
    )


def _civil_words(near: pd.Series) -> str:
    ratio = near["civil_staff_ratio"]
    return "" if ratio != ratio else f"、土木部門職員は{ratio:.2f}倍"
