"""Findings of the theme ``steps``: what to do next, and where the municipalities stand."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.steps import plot_step_counts
from gunmane_analysis.findings.finding import Column, Finding, KeyFigure
from gunmane_analysis.findings.synthetic import as_made_up
from gunmane_analysis.metrics.people.steps import StepStanding
from gunmane_analysis.metrics.people.support import NextStep
from gunmane_analysis.tables import choices
from gunmane_analysis.wording import percent

STEPS = "standard_steps"
POSITIONS = "step_positions"
TOPICS = {
    "task": "取り組む作業",
    "desk": "相談窓口",
    "case": "公表された事例",
    "course": "技術者の養成",
    "model_region": "モデル地域",
}


def next_step_finding(step: NextStep) -> Finding:
    """Show the 「次の一歩」 box: tasks, desk, cases, courses, model region.

    Examples
    --------
    >>> from gunmane_analysis.metrics.people.support import next_step
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_standard_steps, load_step_positions
    >>> from gunmane_analysis.metrics.people.steps import step_standing
    >>> asked = (load_standard_steps(), load_step_positions(), find_area("05"), 2024)
    >>> standing = step_standing(*asked)
    >>> from gunmane_analysis.loaders.tables import load_contract_cases
    >>> from gunmane_analysis.loaders.tables import load_model_regions
    >>> from gunmane_analysis.loaders.tables import load_consultation_desks, load_me_courses
    >>> from gunmane_analysis.metrics.contracts.cases import nearest_cases
    >>> from gunmane_analysis.metrics.people.support import desks_of
    >>> nearest = nearest_cases(load_contract_cases(), standing.area, 2024)
    >>> desks = desks_of(load_consultation_desks(), standing.area)
    >>> step = next_step(standing, nearest, desks, load_me_courses(), load_model_regions())
    >>> next_step_finding(step).finding_id
    'steps.next'
    """
    area = step.area
    named = {str(topic): group for topic, group in step.table.groupby("topic")}
    desks = "、".join(named["desk"]["name"]) if len(named["desk"]) <= 2 else "地方整備局等の窓口"
    if step.step_no is not None:
        held = (
            f"（進まない理由は「{choices('obstacle')[step.obstacle]}」）" if step.obstacle else ""
        )
        headline = (
            f"{area.name}はSTEP{step.step_no}「{step.step_name}」にある{held}。"
            f"相談先は{desks}である。"
        )
    elif area.kind == "municipality":
        headline = (
            f"{area.name}がどの段階にあるかは届いていない。"
            f"これから始める場合はSTEP0「{step.step_name}」からで、相談先は{desks}である。"
        )
    else:
        headline = f"{area.name}の自治体が次に進むときの相談先は{desks}である。"
    return Finding(
        finding_id="steps.next",
        title="次の一歩",
        headline=headline,
        table=step.table.assign(topic_ja=step.table["topic"].map(TOPICS)),
        columns=(
            Column("topic_ja", "項目"),
            Column("name", "名"),
            Column("detail", "内容"),
        ),
        source_ids=tuple(dict.fromkeys(step.table["source_id"])),
        caveats=(
            "作業は資料の標準的な流れの要約で、順序の前後や後戻りがあってよい。",
            *_case_caveat(named),
        ),
    )


def _case_caveat(named: dict[str, pd.DataFrame]) -> Sequence[str]:
    if "case" not in named:
        return ("この地域に公表された包括的民間委託の事例はない。",)
    return ("事例は資料が選んだもので、全国を代表しない。",)


def step_standing_finding(standing: StepStanding) -> Finding:
    """Show the path with how many municipalities stand where, how long, and what holds them.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_standard_steps, load_step_positions
    >>> from gunmane_analysis.metrics.people.steps import step_standing
    >>> asked = (load_standard_steps(), load_step_positions(), find_area("05"), 2024)
    >>> standing = step_standing(*asked)
    >>> step_standing_finding(standing).theme
    'steps'
    """
    area = standing.area
    columns: tuple[Column, ...] = (
        Column("step_no", "STEP", kind="year"),
        Column("step_name", "段階"),
        Column("tasks", "作業"),
    )
    if not standing.is_filed:
        return Finding(
            finding_id="steps.standing",
            title="群マネの標準的な7段階",
            headline=(
                f"{area.name}の市区町村がどの段階にあるかは公表されておらず、"
                "台帳も届いていない。標準的な流れだけを示す。"
            ),
            table=standing.table,
            columns=columns,
            source_ids=(STEPS,),
            caveats=("資料に、各段階にかかる期間の記載はない。",),
        )
    known = standing.reported_count
    top = standing.table.sort_values("municipality_count", ascending=False, kind="stable").iloc[0]
    started = int(standing.table.loc[standing.table["step_no"] >= 1, "municipality_count"].sum())
    headline = (
        f"{area.name}の{standing.area_municipality_count:,}市区町村のうち段階の分かる{known:,}では、"
        f"STEP{top['step_no']}「{top['step_name']}」が{top['municipality_count']}と最も多く、"
        f"STEP1以上は{started}（{percent(started / known)}）である。"
    )
    finding = Finding(
        finding_id="steps.standing",
        title=f"{area.name}の市区町村の段階",
        headline=headline,
        table=standing.table,
        columns=(
            *columns[:2],  # the tasks would leave no room for the counts
            Column("municipality_count", "市区町村数", "市区町村", "count"),
            Column("completed_count", "次へ進んだ延べ数", "件", "count"),
            Column("returned_count", "前へ戻った延べ数", "件", "count"),
            Column("median_days", "次へ進むまでの日数（中央値）", "日", "count"),
            Column("median_low_days", "95%下限", "日", "count"),
            Column("median_high_days", "95%上限", "日", "count"),
        ),
        source_ids=(STEPS, POSITIONS),
        caveats=(
            "段階は届け出によるもので、届け出のない市区町村を含まない。",
            "日数は、続いている段階と前へ戻った段階を打ち切りとしたカプラン・マイヤー法の中央値。"
            "半数が次へ進んでいない段階は「…」とする。",
            *_obstacle_caveat(standing.obstacles),
        ),
        chart=draw(lambda: plot_step_counts(standing), f"横棒図。{headline}"),
        key_figures=(
            KeyFigure(
                "steps.started_count",
                "STEP1以上の市区町村",
                float(started),
                unit="市区町村",
                area_id=area.area_id,
                note=f"段階の分かる{known}のうち",
            ),
        ),
        summary=headline,
        summary_rank=60,
    )
    return as_made_up(finding) if standing.is_made_up else finding


def steps_by_area_finding(by_area: pd.DataFrame, standing: StepStanding) -> Finding | None:
    """Compare the areas inside on the path; None where there are none or nothing is filed.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> empty = StepStanding(find_area("05"), "", pd.DataFrame(), pd.DataFrame(), 0, 25)
    >>> steps_by_area_finding(pd.DataFrame(), empty)
    """
    if by_area.empty:
        return None
    named = by_area.dropna(subset=["obstacle"])
    kind = "ブロック" if standing.area.kind == "nation" else "都道府県"
    most = named.groupby("obstacle").size().sort_values(ascending=False, kind="stable")
    headline = (
        f"{standing.area.name}の{len(by_area)}{kind}のうち、進まない理由の届いた{len(named)}では、"
        f"「{choices('obstacle')[str(most.index[0])]}」を最も多く挙げたものが{most.iloc[0]}ある。"
        if len(named)
        else f"{standing.area.name}の{len(by_area)}{kind}から、進まない理由は届いていない。"
    )
    finding = Finding(
        finding_id="steps.by_area",
        title=f"{kind}ごとの段階と進まない理由",
        headline=headline,
        table=by_area.assign(obstacle_ja=by_area["obstacle"].map(choices("obstacle"))),
        columns=(
            Column("area_name", "地域"),
            Column("municipality_total", "市区町村数", "市区町村", "count"),
            Column("reported_count", "段階の分かる数", "市区町村", "count"),
            Column("started_count", "STEP1以上", "市区町村", "count"),
            Column("median_days", "STEP0から進むまでの日数（中央値）", "日", "count"),
            Column("held_count", "理由を挙げた数", "市区町村", "count"),
            Column("obstacle_ja", "最も多い理由"),
            Column("obstacle_count", "その数", "市区町村", "count"),
        ),
        source_ids=(POSITIONS,),
        caveats=("日数は打ち切りを考えた中央値。半数が次へ進んでいなければ「…」とする。",),
    )
    return as_made_up(finding) if standing.is_made_up else finding


def _obstacle_caveat(obstacles: pd.DataFrame) -> Sequence[str]:
    if obstacles.empty:
        return ()
    by_kind = (
        obstacles.groupby("obstacle")["municipality_count"]
        .sum()
        .sort_values(ascending=False, kind="stable")
    )
    told = "、".join(f"{choices('obstacle')[str(name)]} {count}" for name, count in by_kind.items())
    return (f"進まない理由として届いたもの: {told}（市区町村）。",)
