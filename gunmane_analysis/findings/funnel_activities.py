"""Findings of the theme ``funnel``: the planned activities of the regional forums."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.funnel import plot_activity_kinds, plot_pitch_to_trial
from gunmane_analysis.findings.finding import Column, Finding, KeyFigure
from gunmane_analysis.metrics.funnel.activities import activities_by_kind, planned_trials

ACTIVITY_KIND_NAMES = {
    "needs_survey": "ニーズ調査",
    "committee": "委員会・運営会議",
    "meeting": "会議・面談",
    "workshop": "ワークショップ・班別討議",
    "municipality_visit": "自治体訪問",
    "pitch_event": "ピッチイベント",
    "matching_event": "マッチングイベント",
    "field_trial": "実証実験・試験",
    "advisor_dispatch": "アドバイザー派遣・相談",
    "study_meeting": "勉強会",
    "seminar": "セミナー・講習会・報告会",
    "lecture": "講義・講演",
    "symposium": "シンポジウム・討論",
    "demonstration": "技術の実演",
    "exhibition": "展示・出展",
    "citizen_activity": "市民の活動",
    "other": "その他",
}
NOT_COMPARABLE = (
    "計画の行の数であり、実施した回数ではない。一行が複数の回を表すことがあり、"
    "書き方の細かさがフォーラムごとに違うため、活動の多さの比較には使えない。"
)
NO_PLAN = "登録した資料に、{year}年度までの活動計画はない。"


def activity_finding(lines: pd.DataFrame, area: Area, fiscal_year: int) -> Finding:
    """Word what the area's regional forum planned, by kind of activity.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_activity_plan
    >>> from gunmane_analysis.metrics.funnel.activities import planned_activities
    >>> area = find_area("chugoku")
    >>> lines = planned_activities(load_activity_plan(), area, 2024)
    >>> activity_finding(lines, area, 2024).finding_id
    'funnel.activities'
    """
    columns = (
        Column("forum_name", "フォーラム"),
        Column("event_name", "活動・行事"),
        Column("date_as_given", "日程（計画のとおり）"),
        Column("kind_name", "種別（当方の分類）"),
        Column("organisation_name", "団体・場所"),
        Column("named_words", "この地域の名"),
    )
    table = lines.assign(
        kind_name=lines["activity_kind"].map(ACTIVITY_KIND_NAMES),
        named_words=["有" if named else "" for named in lines["names_area"]],
    )
    if lines.empty:
        headline = NO_PLAN.format(year=fiscal_year)
        return Finding("funnel.activities", "地方フォーラムの活動計画", headline, table, columns,
                       ("activity_plan",))  # fmt: skip
    kinds = activities_by_kind(lines)
    year = int(lines["known_fiscal_year"].iloc[0])
    is_marked = area.kind in ("prefecture", "municipality")
    headline = _activity_headline(lines, kinds, area, year)
    return Finding(
        finding_id="funnel.activities",
        title=f"{_forums(lines, area)}の活動計画（{year}年度）",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=("activity_plan",),
        caveats=(NOT_COMPARABLE, "計画は策定時の予定であり、変わることがある。"),
        chart=draw(
            lambda: plot_activity_kinds(
                kinds, [ACTIVITY_KIND_NAMES[kind] for kind in kinds["activity_kind"]], is_marked
            ),
            f"横棒図。{headline}",
        ),
        key_figures=(_planned_figure(lines, area),),
        summary=headline if area.kind != "nation" else "",
        summary_rank=40,
        status="planned",
    )


def _activity_headline(lines: pd.DataFrame, kinds: pd.DataFrame, area: Area, year: int) -> str:
    counts = kinds.set_index("activity_kind")["line_count"]
    top = counts[counts == counts.max()]
    shown = "、".join(ACTIVITY_KIND_NAMES[str(kind)] for kind in top.index[:3])
    most = (
        f"最も多い種別は{shown}（{'各' if len(top) > 1 else ''}{top.iloc[0]}行）である。"
        if len(counts) > 1 and len(top) <= 3
        else ""
    )
    named = lines[lines["names_area"]]
    naming = ""
    if area.kind in ("prefecture", "municipality"):
        naming = (
            f"{area.name}の名が挙がる行は{len(named)}行ある。"
            if len(named)
            else f"{area.name}の名が挙がる行はない。"
        )
    return f"{_forums(lines, area)}の{year}年度の活動計画は{len(lines)}行である。{most}{naming}"


def _forums(lines: pd.DataFrame, area: Area) -> str:
    names = list(dict.fromkeys(lines["forum_name"]))
    return "、".join(names) if area.kind != "nation" else f"地方フォーラム{len(names)}か所"


def _planned_figure(lines: pd.DataFrame, area: Area) -> KeyFigure:
    trials = lines[lines["activity_kind"] == "field_trial"]
    forums = set(lines["block_id"])
    return KeyFigure(
        key="funnel.planned_trial_lines",
        label="計画にある実証実験・試験の行数",
        value=float(len(trials)),
        unit="行",
        area_id=next((place.area_id for place in area.lineage if {place.area_id} == forums), ""),
        note=f"{'全国' if area.kind == 'nation' else '地方フォーラム'}の計画の行の数。実績ではない",
    )


def trial_finding(lines: pd.DataFrame, area: Area, fiscal_year: int) -> Finding:
    """Word the planned field trials and the months that they follow their pitch event.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_activity_plan
    >>> from gunmane_analysis.metrics.funnel.activities import planned_activities
    >>> area = find_area("chugoku")
    >>> lines = planned_activities(load_activity_plan(), area, 2024)
    >>> len(trial_finding(lines, area, 2024).table)
    7
    """
    columns = (
        Column("forum_name", "フォーラム"),
        Column("event_name", "実証実験・試験"),
        Column("organisation_name", "場所"),
        Column("description", "内容"),
        Column("date_as_given", "日程（計画のとおり）"),
        Column("pitch_on", "元のピッチイベント"),
        Column("lag_months", "予定月までの間隔", "か月", "number"),
        Column("named_words", "この地域の名"),
    )
    trials = planned_trials(lines)
    table = trials.assign(named_words=["有" if named else "" for named in trials["names_area"]])
    if lines.empty or trials.empty:
        headline = (
            NO_PLAN.format(year=fiscal_year)
            if lines.empty
            else f"{_forums(lines, area)}の計画に、実証実験・試験の行はない。"
        )
        return Finding("funnel.trials", "計画にある実証実験・試験", headline, table, columns,
                       ("activity_plan",))  # fmt: skip
    known = trials[trials["lag_months"].notna()]
    lag = ""
    if len(known):
        months = sorted(known["lag_months"])
        lag = (
            f"元のピッチイベントの開催日が分かる{len(known)}件では、開催から試験の予定月まで"
            f"{months[0]:.0f}〜{months[-1]:.0f}か月（中央値{known['lag_months'].median():.0f}か月）"
            "である。"
        )
    headline = f"{_forums(lines, area)}の計画に、実証実験・試験の行が{len(trials)}行ある。{lag}"
    return Finding(
        finding_id="funnel.trials",
        title="計画にある実証実験・試験",
        headline=headline,
        table=table,
        columns=columns,
        source_ids=("activity_plan",),
        caveats=(
            "間隔の終わりは予定の月であり、実施の月ではない。「未定」の印のある予定を含む。",
            "試験に至らなかったピッチイベントは計画に載らないため、間隔から試験に進む割合は分からない。",
            "一行が複数の実証を表すことがある（近畿は年度内に複数回、回数の印字なし）。",
        ),
        chart=draw(lambda: plot_pitch_to_trial(trials), f"期間の図。{headline}")
        if len(known)
        else None,
        status="planned",
    )
