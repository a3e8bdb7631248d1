"""Findings of the theme ``matching``: which expert could help, and what kind is missing."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area, list_areas
from gunmane_analysis.findings.described import absent_finding, described_finding
from gunmane_analysis.findings.finding import Column, Finding, mark_if_synthetic
from gunmane_analysis.metrics.people.matching import AreaSupport
from gunmane_analysis.tables import choices
from gunmane_analysis.tables.people import LIST_MARK

_SOURCES = ("support_requests", "advisors")
_REASONS = {"no_expert": "合う助言者がいない", "all_busy": "合う助言者が手一杯"}
_ROWS_SHOWN = 60
_EXPERTS_SHOWN = 30


def support_gaps_finding(found: AreaSupport | None) -> Finding:
    """Word how many requests find an expert, and what kind of expert is missing where.

    Examples
    --------
    >>> support_gaps_finding(None).placement
    'absent'
    """
    if found is None:
        return absent_finding("matching.gaps")
    asked, gaps = found.table, found.gaps
    missing = gaps[gaps["open_count"] > 0]
    lacking = "、".join(
        f"{choices('field')[str(field)]}{count}件"
        for field, count in missing.groupby("field", sort=False)["open_count"].sum().items()
    )
    headline = (
        f"{found.area.name}の相談{len(asked)}件のうち{int(asked['advisor_id'].notna().sum())}件に"
        "助言者を割り当てられる。" + (f"割り当てられないのは{lacking}である。" if lacking else "")
    )
    finding = described_finding(
        "matching.gaps",
        _gap_table(found),
        headline,
        source_ids=_SOURCES,
        caveats=(
            *(
                ["全国の分野ごとの行に続けて、割り当てられない相談のあるブロックの行を示す。"]
                if found.area.kind == "nation"
                else []
            ),
            "複数の分野を持つ助言者の空きは、それぞれの分野に数えた。",
            f"割当より互いに近い相談と助言者の組は{found.blocking_count}である"
            "（多いほど、割当に納得されにくい）。",
        ),
        summary=headline,
    )
    return mark_if_synthetic(finding, asked["request_id"], asked["advisor_id"])


def _gap_table(found: AreaSupport) -> pd.DataFrame:
    """Return the gaps; for the nation by field, then the blocks where something is open."""
    gaps = found.gaps
    if found.area.kind == "nation":
        counts = {name: (name, "sum") for name in gaps.columns if name.endswith("_count")}
        counts["free_count"] = ("free_count", "first")  # the nation's in every row
        whole = gaps.groupby("field", as_index=False).agg(**counts)
        whole = whole.sort_values("open_count", ascending=False, kind="stable")
        parts = [whole.assign(block_name=found.area.name), gaps[gaps["open_count"] > 0]]
        gaps = pd.concat(parts, ignore_index=True)
    return gaps.assign(
        field_ja=gaps["field"].map(choices("field")),
        busy_count=gaps["open_count"] - gaps["no_expert_count"],
    )


def area_support_finding(found: AreaSupport | None) -> Finding:
    """List the requests of a prefecture or municipality with their experts, part by part.

    A block's or the nation's requests are counted by field (:func:`support_gaps_finding`), not
    listed.

    Examples
    --------
    >>> area_support_finding(None).placement
    'absent'
    """
    if found is None or found.area.kind in ("nation", "block"):
        return absent_finding("matching.assignment")
    table = found.table.assign(
        place=[find_area(code).name for code in found.table["municipality_code"]],
        field_ja=found.table["field"].map(choices("field")),
        stage_ja=found.table["stage"].map(choices("advice_stage")),
        reason_ja=found.table["reason"].map(_REASONS),
    )
    shown = table.sort_values("reason", kind="stable").head(_ROWS_SHOWN)
    left_out = len(table) - len(shown)
    finding = described_finding(
        "matching.assignment",
        shown,
        f"{found.area.name}の相談の割当の案は次のとおり"
        + (f"（割り当てられないものから{_ROWS_SHOWN}件、ほか{left_out}件）" if left_out else "")
        + "。隔たりの小さい組ほど合っている。",
        source_ids=_SOURCES,
    )
    return mark_if_synthetic(finding, table["request_id"], table["advisor_id"])


def advisors_finding(found: AreaSupport | None) -> Finding:
    """List an area's experts: their places, who is idle, what changes when one leaves.

    Examples
    --------
    >>> advisors_finding(None).placement
    'absent'
    """
    if found is None or found.advisors.empty:
        return absent_finding("matching.advisors")
    experts = found.advisors
    idle = int((experts["free_count"] > 0).sum())
    headline = (
        f"{found.area.name}に拠点があるか、その相談に割り当てられる助言者は{len(experts)}人で、"
        f"うち{idle}人にまだ空きがある。{_leaving_words(experts)}"
    )
    shown = experts.head(_EXPERTS_SHOWN)
    finding = described_finding(
        "matching.advisors",
        shown.assign(
            organisation=[
                f"{choices('expert_organisation')[str(kind)]}（{find_area(str(code)).name}）"
                for kind, code in zip(
                    shown["organisation_kind"], shown["base_municipality_code"], strict=True
                )
            ],
            fields_ja=[
                "、".join(choices("field")[name] for name in str(listed).split(LIST_MARK))
                for listed in shown["fields"]
            ],
        ),
        headline,
        source_ids=_SOURCES,
        caveats=(
            "枠は派遣できる日数から求めた受けられる数、割当はこの地域の相談。割当の多い順、"
            f"空きの多い順に{_EXPERTS_SHOWN}人まで示す。",
            "替わる・残るは、その人が抜けて全国を割り当て直したときに助言者の替わる相談と、"
            "いなくなる相談。割当の多い3人だけ求めた。",
        ),
    )
    return mark_if_synthetic(finding, experts["advisor_id"])


def _leaving_words(experts: pd.DataFrame) -> str:
    tried = experts.dropna(subset=["opened_count"])
    if tried.empty:
        return ""
    worst = tried.sort_values(["opened_count", "moved_count"], ascending=False, kind="stable").iloc[
        0
    ]
    return (
        f"{worst['advisor_id']}が抜けると、{worst['moved_count']:.0f}件の助言者が替わり、"
        f"{worst['opened_count']:.0f}件に助言者がいなくなる。"
    )


def support_programmes_finding(
    programmes: pd.DataFrame, courses: pd.DataFrame, area: AreaLike
) -> Finding:
    """List the qualifications, courses and support that the documents name, the area's own first.

    Parameters
    ----------
    programmes : DataFrame
        One row per document and programme
        (the table ``support_programmes``).
    courses : DataFrame
        One row per prefecture with a course for maintenance experts (ME).
    area : Area or str

    Returns
    -------
    Finding
        Absent while neither table has a row.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_me_courses, load_support_programmes
    >>> found = support_programmes_finding(
    ...     load_support_programmes(), load_me_courses(), find_area("21"))
    >>> found.table.loc[0, "where"]
    '新潟県、岐阜県、京都府、山口県、愛媛県、長崎県'
    """
    area = find_area(area)
    if programmes.empty and courses.empty:
        return absent_finding("steps.programmes")
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
    return described_finding(
        "steps.programmes",
        table,
        f"資料には技術者の資格・研修・支援の取組が{len(table)}挙げられ、社会基盤メンテナンス"
        f"エキスパート（ME）の養成講座は全国の{len(courses)}府県のうち{place}。",
    )


def registers_finding(status: pd.DataFrame, theme: str) -> Finding:
    """List a theme's registers that have not arrived, and what each would answer.

    Parameters
    ----------
    status : DataFrame
        From :func:`gunmane_analysis.loaders.registers.load_register_status`.
    theme : str

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_register_status
    >>> status = load_register_status().assign(is_filed=False)
    >>> registers_finding(status, "matching").finding_id
    'matching.registers'
    """
    own = status[status["theme"] == theme]
    missing = own[~own["is_filed"]].reset_index(drop=True)
    if missing.empty:
        return absent_finding(f"{theme}.registers")
    unanswered = "、".join(missing["answers"])
    return Finding(
        finding_id=f"{theme}.registers",
        title="届いていない台帳",
        headline=(
            f"この節の台帳{len(own)}件のうち{len(missing)}件が届いていないため、"
            f"{unanswered}は分からない。"
        ),
        table=missing,
        columns=(Column("title", "台帳"), Column("answers", "届けば分かること")),
        source_ids=(),
        caveats=("台帳の様式は事務局が配る。群マネモデル地域は公表された資料による。",),
    )
