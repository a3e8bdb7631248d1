"""Findings of the theme ``contracts``: cases, their steps, kinds of bundle, stated effects."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.contracts import (
    plot_case_amounts,
    plot_contract_phases,
    plot_mowing_break_even,
)
from gunmane_analysis.findings.effects import effect_sentence
from gunmane_analysis.findings.finding import Column, Definition, Finding, KeyFigure
from gunmane_analysis.findings.unknown import not_known_finding
from gunmane_analysis.metrics.contracts.cases import MowingBreakEven, NearestCases
from gunmane_analysis.metrics.contracts.effects import ContractEffect
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables import label_of

CASES, PHASES = "contract_cases", "contract_phases"
_JPY_PER_MILLION = 1_000_000.0
TAX_AND_PRICES = "金額に消費税を含むか、どの年度の価格かは、資料に印字がない。"
_CHOSEN = "資料が選んだ先行事例であり、全国の包括的民間委託を代表しない。"
_NO_SAVING = "導入前の委託金額と直営の費用は印字がなく、費用の増減は分からない。"
_BUNDLED = Definition(
    "包括的民間委託",
    "道路・河川・公園などの維持の業務をまとめ、複数年度などの契約で民間に委ねる方式。",
)
_PERFORMANCE = Definition(
    "仕様規定・性能規定",
    "仕様規定は発注者が時期・回数・方法を決める方式、性能規定は発注者が保つべき水準を示し、"
    "受注者が方法を選ぶ方式。",
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
    >>> from gunmane_analysis import find_area, load_contract_cases, contract_cases
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


def nearest_cases_finding(nearest: NearestCases, effects: Sequence[ContractEffect] = ()) -> Finding:
    """Word which cases lie in the area's block, and which resemble a municipality most.

    Parameters
    ----------
    nearest : NearestCases
    effects : sequence of ContractEffect
        Of the nation; adds one sentence on what they show.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_contract_cases, nearest_cases
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
        headline=_nearest_headline(nearest) + effect_sentence(effects),
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


def contract_phases_finding(phases: pd.DataFrame, area: Area, fiscal_year: int) -> Finding:
    """Word how the places stepped their contracts up, with every phase line and what is planned.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_contract_phases, contract_phases
    >>> phases = contract_phases(load_contract_phases(), 2024)
    >>> contract_phases_finding(phases, find_area("tohoku"), 2024).finding_id
    'contracts.phases'
    """
    columns = (
        Column("place_name", "箇所"),
        Column("phase_no", "順", kind="count"),
        Column("period_text", "期間"),
        Column("years_printed", "契約年数"),
        Column("description", "内容"),
        Column("kinds_ja", "変えたもの"),
        Column("status_ja", "状態"),
    )
    table = phases.assign(
        kinds_ja=phases["step_up_kind"].map(label_of),
        status_ja=["予定" if planned else "" for planned in phases["is_planned"]],
    )
    title = "先行事例の事業のステップアップ"
    if phases.empty:
        return not_known_finding(
            "contracts.phases", title, "経過", fiscal_year, table, columns, PHASES
        )
    places = phases["place_id"].nunique()
    stepped = int((phases.groupby("place_id").size() > 1).sum())
    planned = int(phases["is_planned"].sum())
    inside = phases.loc[
        phases["prefecture_code"].isin(area.prefecture_codes), "place_name"
    ].unique()
    place = area.ancestor("prefecture") if area.kind == "municipality" else area
    block_words = (
        f"{place.name}では{'、'.join(inside)}が該当する。"
        if len(inside) and area.kind != "nation"
        else ""
    )
    headline = (
        f"資料に経過の載る{places}か所のうち{stepped}か所が、"
        f"区域・分野・契約年数・性能規定などを2段階以上に分けて広げている"
        f"（全{len(phases)}段階、うち予定{planned}）。{block_words}"
    )
    return Finding(
        finding_id="contracts.phases",
        title=title,
        headline=headline,
        table=table,
        columns=columns,
        source_ids=(PHASES,),
        caveats=(
            "終わりの印字がない段階は、続いているかどうか分からない（薄い破線の棒）。",
            "斜線の棒は資料が予定とした段階で、実施されたかどうかは分からない。",
            "期間が重なる段階がある。「変えたもの」は当方の分類である。",
            "資料の調査日の印字がなく、2024年度に知られた内容として扱う。",
        ),
        chart=draw(lambda: plot_contract_phases(phases, fiscal_year), f"帯の年表。{headline}"),
        definitions=(_PERFORMANCE,),
        summary=headline,
        summary_rank=46,
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
    columns = (
        Column("speaker_ja", "述べた人"),
        Column("effect", "述べられた効果"),
        Column("detail", "内訳"),
        Column("place_name", "箇所"),
        Column("value_text", "資料の数値"),
        Column("as_of_on", "聞き取り"),
    )
    table = effects.assign(speaker_ja=effects["stated_by"].map(label_of))
    title = "先行事例で述べられた効果"
    if effects.empty:
        return not_known_finding(
            "contracts.stated_effects", title, "声", fiscal_year, table, columns, "stated_effects"
        )
    counts = table["speaker_ja"].value_counts(sort=False)
    numbered = int(effects["value_text"].notna().sum())
    headline = (
        f"資料には{len(effects)}の効果が述べられている（"
        + "、".join(f"{speaker}{count}" for speaker, count in counts.items())
        + f"）。数値を伴うのは{numbered}で、いずれも測定の方法が示されていない。"
    )
    return Finding(
        finding_id="contracts.stated_effects",
        title=title,
        headline=headline,
        table=table,
        columns=columns,
        source_ids=("stated_effects",),
        caveats=(
            "関係者の発言または資料の記述であり、測定の結果ではない。比べた時期・対照・件数は示されず、"
            "載っているのは良い効果だけである。発言の数は効果の大きさを示さない。",
            "明和町の約1／3・約1／5は、短縮後に残る時間の割合と読むのが自然だが、資料に明記がない。",
            "三条市の約8倍は工事の発注規模で、件数ではない。比べた年度と規模の単位の印字がない。",
        ),
        status="stated",
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
    columns = (
        Column("name_ja", "種類"),
        Column("description", "内容"),
        Column("case_count", "公表された事例", "件", "count"),
    )
    title = "群マネの2類型と8つの束"
    if kinds.empty:
        return not_known_finding(
            "contracts.bundle_kinds", title, "種類", fiscal_year, kinds, columns, "bundle_kinds"
        )
    named = kinds[kinds["case_count"] > 0]
    headline = (
        f"資料は群マネを{int((kinds['kind_group'] == 'gunmane').sum())}類型、"
        f"それを支える束を{int((kinds['kind_group'] == 'bundle').sum())}種類に分け、"
        + "、".join(
            f"公表された{row['case_count']}事例を{row['name_ja']}"
            for row in named.to_dict("records")
        )
        + "に置いている。"
    )
    return Finding(
        finding_id="contracts.bundle_kinds",
        title=title,
        headline=headline,
        table=kinds,
        columns=columns,
        source_ids=("bundle_kinds", CASES),
        caveats=("概念の分類であり、普及の度合いは分からない。件数は資料の頁が示す束による。",),
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
    columns = (
        Column("specified_times", "仕様規定の回数", "回", "count"),
        Column("specified_cost_jpy", f"{even.area_m2:,.0f}m²の費用", "円", "count"),
        Column("equal_cost_times", "同じ費用になる性能規定の回数", "回", "number", 2),
        Column("whole_times", "費用を超えない回数", "回", "count"),
    )
    title = "除草の仕様規定と性能規定：同じ費用になる回数"
    if even.table.empty:
        return not_known_finding(
            "contracts.mowing", title, "積算例", fiscal_year, even.table, columns, "mowing_example"
        )
    pairs = "、".join(
        f"{row['specified_times']:.0f}回に対し{row['equal_cost_times']:.2f}回"
        for row in even.table.to_dict("records")
    )
    headline = (
        f"単価は仕様規定{even.specified_price_jpy:.0f}円/m²、性能規定{even.performance_price_jpy:.0f}円/m²"
        f"（{even.price_ratio:.2f}対1）であり、費用が等しくなる回数は{pairs}である。"
    )
    return Finding(
        finding_id="contracts.mowing",
        title=title,
        headline=headline,
        table=even.table,
        columns=columns,
        source_ids=("mowing_example",),
        caveats=(
            "二つの単価は工種が違い（除草工、機械芝刈工）、同じ作業の値段の差ではない。",
            "性能規定では回数を受注者が決めるため総額は定まらない。ここでは1回ごとに単価を払うと仮定した。",
            "説明のための例で、契約の実績ではない。単価の年度・地域の印字がない。",
        ),
        chart=draw(lambda: plot_mowing_break_even(even), f"折れ線図。{headline}"),
        definitions=(_PERFORMANCE,),
    )
