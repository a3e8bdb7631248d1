"""Findings of the theme ``contracts``: cases, their steps, kinds of bundle, stated effects."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, find_area
from gunmane_analysis.charts.contracts import plot_contract_phases
from gunmane_analysis.findings.described import absent_finding, described_finding, not_known_finding
from gunmane_analysis.findings.effects import effect_sentence
from gunmane_analysis.findings.finding import Finding, KeyFigure
from gunmane_analysis.metrics.contracts.cases import MowingBreakEven, NearestCases
from gunmane_analysis.metrics.contracts.effects import ContractEffect
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables import label_of

_JPY_PER_MILLION = 1_000_000.0
_BASIS = {"annual": "年額", "total": "総額", "limit": "上限", ";": "、"}
_CONFIDENCE = {"document": "資料の印字", "registered": "事務局の登録"}
_DESKS_NAMED = 2


def contract_cases_finding(cases: pd.DataFrame, area: AreaLike, fiscal_year: int) -> Finding:
    """Word the published cases with their amounts per year, and count those of the area.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_contract_cases, contract_cases
    >>> cases = contract_cases(load_contract_cases(), 2024)
    >>> len(contract_cases_finding(cases, find_area("tohoku"), 2024).table)
    4
    """
    area = find_area(area)
    if cases.empty:
        return not_known_finding("contracts.cases", fiscal_year)
    per_district = cases["per_unit"].eq("per_district").map({True: "・1地区", False: ""})
    table = cases.assign(
        fields_ja=cases["infrastructure_fields"].map(label_of),
        tasks_ja=cases["tasks"].map(label_of),
        organisation_ja=cases["organisation_type"].map(label_of),
        pricing_ja=cases["pricing"].map(label_of),
        basis_ja=cases["amount_basis"].map(label_of) + per_district,
        performance_ja=cases["is_performance_based"].map({True: "あり", False: "なし"}),
        annual_low_million=cases["annual_low_jpy"] / _JPY_PER_MILLION,
        annual_high_million=cases["annual_high_jpy"] / _JPY_PER_MILLION,
        rounding_million=cases["annual_rounding_jpy"] / _JPY_PER_MILLION,
    )
    rows = table.to_dict("records")
    shown = "、".join(f"{row['municipality_name']}{_annual_words(row)}" for row in rows)
    headline = f"公表された{len(cases)}事例の1年当たりの金額は、{shown}である。"
    rounding = "、".join(
        f"{row['municipality_name']}で±{row['rounding_million']:.1f}百万円" for row in rows
    )
    per_resident = "".join(
        f"人口1人当たりにできるのは全域を対象とする{row['municipality_name']}だけで、"
        f"人口約{row['population_count'] / 10_000:.1f}万人に対し"
        f"年{row['annual_per_resident_jpy']:,.0f}円となる。"
        for row in rows
        if not pd.isna(row["annual_per_resident_jpy"])
    )
    return described_finding(
        "contracts.cases",
        table,
        headline,
        key_figures=(_case_count(cases, area),),
        summary=f"{headline}金額に消費税を含むか、どの年度の価格かは、資料に印字がない。",
        certainty=f"1年当たりの金額は丸めて印刷された金額から求めており、{rounding}の幅がある。"
        f"{per_resident}",
    )


def _annual_words(row: Mapping[Hashable, Any]) -> str:
    low, high = (
        f"{million:,.2f}".rstrip("0") if million % 1 else f"{million:,.1f}"
        for million in (row["annual_low_million"], row["annual_high_million"])
    )
    return f"{low}百万円" if low == high else f"1地区{low}〜{high}百万円（指示限度額）"


def _case_count(cases: pd.DataFrame, area: Area) -> KeyFigure:
    def within(place: Area) -> float:
        return float(cases["prefecture_code"].isin(place.prefecture_codes).sum())

    block = next((place for place in area.distinct_lineage[1:] if place.kind == "block"), None)
    is_town = area.kind == "municipality"
    return KeyFigure(
        key="contracts.case_count",
        label="公表された包括的民間委託の先行事例",
        value=float((cases["municipality_code"] == area.area_id).sum())
        if is_town
        else within(area),
        unit="件",
        block=None if block is None else within(block),
        nation=float(len(cases)) if area.kind != "nation" else None,
        note="資料が選んだ事例の数",
    )


def nearest_cases_finding(nearest: NearestCases) -> Finding:
    """Word which cases lie in the area's block, and which resemble a municipality most.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_contract_cases, nearest_cases
    >>> nearest = nearest_cases(load_contract_cases(), find_area("05"), 2024)
    >>> nearest_cases_finding(nearest).finding_id
    'contracts.nearest'
    """
    area, cases = nearest.area, nearest.cases
    words = {"area": area.name, "distance": _distance_words(nearest)}
    if cases.empty:
        return not_known_finding("contracts.nearest", nearest.fiscal_year, words)
    compared = (
        ("population_ratio", "civil_staff_ratio", "distance")
        if nearest.has_distance
        else ("residents_per_civil_staff", "organisation_ja")
    )
    shown = ("municipality_name", "place_ja", "population_count", "civil_staff_count", "fields_ja")
    elsewhere = cases["is_in_block"].map({True: "同じ地方", False: "他の地方"})
    return described_finding(
        "contracts.nearest",
        cases.assign(
            place_ja=elsewhere.mask(cases["is_in_area"], area.name),
            fields_ja=cases["infrastructure_fields"].map(label_of),
            organisation_ja=cases["organisation_type"].map(label_of),
            residents_per_civil_staff=cases["population_count"] / cases["civil_staff_count"],
        ),
        _nearest_headline(nearest),
        words=words,
        columns=(*shown, *compared),
        source_ids=sources_in_use("contract_cases", *nearest.own_source_ids),
    )


def _distance_words(nearest: NearestCases) -> str:
    name = nearest.area.name
    if nearest.has_distance and nearest.cases["measure_count"].max() == 1:
        day = f"人口は{nearest.own_as_of_on}現在" if nearest.own_as_of_on else "人口は概数"
        return (
            f"隔たりは、人口の比の対数の絶対値で、0.69は2倍（または半分）に当たる。"
            f"{name}の土木部門職員数は登録されていないため用いていない"
            f"（{day}）。地形・施設量・財政は見ていない。"
        )
    if nearest.has_distance:
        return (
            "隔たりは、人口と土木部門職員数それぞれの比の対数の絶対値を平均した値で、"
            "0.69は平均して2倍（または半分）に当たる。地形・施設量・財政は見ていない。"
        )
    if nearest.area.kind == "municipality":
        return f"{name}の人口と土木部門職員数が登録されていないため、隔たりを示さない。"
    return "市区町村ではない地域には、規模の隔たりを示さない。"


def _nearest_headline(nearest: NearestCases) -> str:
    area, cases = nearest.area, nearest.cases
    names = "、".join(cases["municipality_name"])
    if area.kind == "nation":
        return f"資料に載る先行事例は全国で{len(cases)}件（{names}）である。"
    block = next((place for place in area.lineage if place.kind == "block"), area)
    inside = cases.loc[cases["is_in_block"], "municipality_name"]
    where = (
        f"{block.name}の先行事例は{'、'.join(inside)}の{len(inside)}件である"
        if len(inside)
        else f"{block.name}には資料に載る先行事例がなく、"
        f"他の地方の{len(cases)}件（{names}）を参考に示す"
    )
    others = cases[cases["distance"].notna() & ~cases["is_in_area"]]
    if others.empty:
        return f"{where}。"
    near = others.iloc[0]
    ratio = near["civil_staff_ratio"]
    civil = "" if pd.isna(ratio) else f"、土木部門職員は{ratio:.2f}倍"
    return (
        f"{where}。規模が{area.name}に最も近い事例は{near['municipality_name']}"
        f"（人口は{near['population_ratio']:.2f}倍{civil}）である。"
    )


def contract_phases_finding(phases: pd.DataFrame, area: AreaLike, fiscal_year: int) -> Finding:
    """Word how the places stepped their contracts up, with every phase line and what is planned.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_contract_phases, contract_phases
    >>> phases = contract_phases(load_contract_phases(), 2024)
    >>> contract_phases_finding(phases, find_area("tohoku"), 2024).finding_id
    'contracts.phases'
    """
    area = find_area(area)
    if phases.empty:
        return not_known_finding("contracts.phases", fiscal_year)
    lines = phases["place_id"].value_counts()
    is_inside = phases["prefecture_code"].isin(area.prefecture_codes) & (area.kind != "nation")
    place = area.ancestor("prefecture") if area.kind == "municipality" else area
    return described_finding(
        "contracts.phases",
        phases,
        words={
            "place_count": len(lines),
            "stepped_count": (lines > 1).sum(),
            "phase_count": len(phases),
            "planned_count": phases["is_planned"].sum(),
            "place": place.name,
            "inside": phases.loc[is_inside, "place_name"].drop_duplicates().tolist(),
        },
        plot=lambda: plot_contract_phases(phases, fiscal_year),
    )


def stated_effects_finding(effects: pd.DataFrame, fiscal_year: int) -> Finding:
    """Show what orderers, contractors and residents said, as said and not as measured.

    Examples
    --------
    >>> from gunmane_analysis import load_stated_effects, stated_effects
    >>> effects = stated_effects(load_stated_effects(), 2024)
    >>> stated_effects_finding(effects, 2024).status
    'stated'
    """
    if effects.empty:
        return not_known_finding("contracts.stated_effects", fiscal_year)
    speakers = effects["stated_by"].map(label_of).value_counts(sort=False)
    return described_finding(
        "contracts.stated_effects",
        effects,
        words={
            "effect_count": len(effects),
            "speakers": [f"{who}{count}" for who, count in speakers.items()],
            "numbered_count": effects["value_text"].notna().sum(),
        },
    )


def bundle_kinds_finding(kinds: pd.DataFrame, fiscal_year: int) -> Finding:
    """List the kinds of bundle, and under which the published cases stand.

    Examples
    --------
    >>> from gunmane_analysis import load_bundle_kinds, load_contract_cases, bundle_kinds
    >>> kinds = bundle_kinds(load_bundle_kinds(), load_contract_cases(), 2024)
    >>> bundle_kinds_finding(kinds, 2024).finding_id
    'contracts.bundle_kinds'
    """
    if kinds.empty:
        return not_known_finding("contracts.bundle_kinds", fiscal_year)
    counts = kinds["kind_group"].value_counts()
    named = "、".join(
        f"公表された{row['case_count']}事例を{row['name_ja']}"
        for row in kinds[kinds["case_count"] > 0].to_dict("records")
    )
    return described_finding(
        "contracts.bundle_kinds",
        kinds,
        f"資料は群マネを{counts['gunmane']}類型、"
        f"それを支える束を{counts['bundle']}種類に分け、{named}に置いている。",
    )


def mowing_break_even_finding(even: MowingBreakEven, fiscal_year: int) -> Finding:
    """Word how many performance cuts cost as much as the specified number.

    Examples
    --------
    >>> from gunmane_analysis import load_mowing_example, mowing_break_even
    >>> even = mowing_break_even(load_mowing_example(), 2024)
    >>> mowing_break_even_finding(even, 2024).finding_id
    'contracts.mowing'
    """
    words = {"area_m2": f"{even.area_m2:,.0f}"}
    if even.table.empty:
        return not_known_finding("contracts.mowing", fiscal_year, words)
    pairs = "、".join(
        f"{row['specified_times']:.0f}回に対し{row['equal_cost_times']:.2f}回"
        for row in even.table.to_dict("records")
    )
    return described_finding(
        "contracts.mowing",
        even.table,
        f"単価は仕様規定{even.specified_price_jpy:.0f}円/m²、"
        f"性能規定{even.performance_price_jpy:.0f}円/m²"
        f"（{even.price_ratio:.2f}対1）であり、費用が等しくなる回数は{pairs}である。",
        words=words,
    )


def known_contracts_finding(
    contracts: pd.DataFrame, area: AreaLike, effects: Sequence[ContractEffect] = ()
) -> Finding:
    """Word the contracts of an area and, for a municipality, of those nearest in size.

    Parameters
    ----------
    contracts : DataFrame
        From :func:`gunmane_analysis.metrics.contracts.known.nearest_contracts`.
    area : Area or str
    effects : sequence of ContractEffect
        Of the nation; adds one sentence on what they show.

    Returns
    -------
    Finding
        Absent where neither a contract nor an effect is known.

    Examples
    --------
    >>> from gunmane_analysis import find_area
    >>> known_contracts_finding(pd.DataFrame(), find_area("47")).placement
    'absent'
    """
    area = find_area(area)
    effect = effect_sentence(effects)
    if contracts.empty and not effect:
        return absent_finding("contracts.known")
    own, others = (
        contracts[contracts["is_in_area"] == is_own].drop_duplicates("body_name")["body_name"]
        for is_own in (True, False)
    )
    is_own = contracts["is_in_area"]
    headline = (
        f"{area.name}で知られる包括的民間委託は、{contracts.loc[is_own, 'body_code'].nunique()}団体"
        f"（{'、'.join(own)}）の{is_own.sum()}件である。"
        if len(own)
        else f"{area.name}の包括的民間委託は、用いた資料では知られていない。"
    )
    if len(others):
        headline += f"規模の近い順に、ほかの市町の契約は{'、'.join(others)}のものがある。"
    confidence = contracts["confidence"]
    return described_finding(
        "contracts.known",
        contracts.assign(
            fields_ja=contracts["infrastructure_fields"].map(_fields),
            start_ja=contracts["started_on"].fillna("公表なし"),
            confidence_ja=[_CONFIDENCE.get(each) or label_of(each) for each in confidence],
            basis_ja=contracts["amount_basis"].fillna("").replace(_BASIS, regex=True),
        ),
        headline + effect,
        words={"area": area.name},
        source_ids=sources_in_use(*dict.fromkeys(contracts["source_id"]), "municipal_panel"),
    )


def _fields(text: str) -> str:
    """Word the fields of a contract: ids of the documents, words of the other sources."""
    try:
        return label_of(text)
    except KeyError:
        return text.replace(";", "・")


def consultation_desks_finding(desks: pd.DataFrame, area: AreaLike) -> Finding:
    """Show the desks to which the area's municipalities can turn.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_consultation_desks
    >>> from gunmane_analysis.metrics.people.support import desks_of
    >>> akita = find_area("05")
    >>> consultation_desks_finding(desks_of(load_consultation_desks(), akita), akita).finding_id
    'contracts.desks'
    """
    area = find_area(area)
    disputed = "、".join(desks.loc[desks["is_email_disputed"], "block_name"])
    offices = (
        "、".join(desks["office"] + "（" + desks["section"] + "、電話" + desks["phone"] + "）")
        if len(desks) <= _DESKS_NAMED
        else f"国土交通省と地方整備局等の{len(desks)}か所"
    )
    email = f"{disputed}の電子メールは資料により違うため載せない。国土交通省の頁で確かめること。"
    return described_finding(
        "contracts.desks",
        desks,
        f"{area.name}の自治体が包括的民間委託について相談できる窓口は、{offices}である。",
        caveats=(email,) if disputed else (),
    )
