"""Findings of the theme ``contracts``: how contracts were stepped up, and what was said of them."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.contracts import plot_contract_phases, plot_mowing_break_even
from gunmane_analysis.findings.finding import Column, Definition, Finding
from gunmane_analysis.findings.unknown import not_known_finding
from gunmane_analysis.metrics.contracts.cases import MowingBreakEven
from gunmane_analysis.tables import label_of

CASES = "contract_cases"
PHASES = "contract_phases"
_PERFORMANCE = Definition(
    "仕様規定・性能規定",
    "仕様規定は発注者が時期・回数・方法を決める方式、性能規定は発注者が保つべき水準を示し、"
    "受注者が方法を選ぶ方式。",
)


def contract_phases_finding(phases: pd.DataFrame, area: Area, fiscal_year: int) -> Finding:
    """Word how the places stepped their contracts up, with every phase line and what is planned.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_contract_phases
    >>> from gunmane_analysis.metrics.contracts.cases import contract_phases
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
    >>> from gunmane_analysis.loaders.tables import load_stated_effects
    >>> from gunmane_analysis.metrics.contracts.cases import stated_effects
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
    >>> from gunmane_analysis.loaders.tables import load_bundle_kinds, load_contract_cases
    >>> from gunmane_analysis.metrics.contracts.cases import bundle_kinds
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
    >>> from gunmane_analysis.loaders.tables import load_mowing_example
    >>> from gunmane_analysis.metrics.contracts.cases import mowing_break_even
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
