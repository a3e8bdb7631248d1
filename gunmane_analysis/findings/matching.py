"""Findings of the theme ``matching``: which expert could help, and what kind is missing."""

from __future__ import annotations

import dataclasses

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area, list_areas
from gunmane_analysis.findings.described import absent_finding, described_finding, sentences
from gunmane_analysis.findings.finding import Finding, has_synthetic
from gunmane_analysis.metrics.people.matching import AreaSupport


def support_gaps_finding(found: AreaSupport | None) -> Finding:
    """Word how many requests find an expert, and what kind of expert is missing where.

    Examples
    --------
    >>> support_gaps_finding(None).placement
    'absent'
    """
    if found is None:
        return absent_finding("matching.gaps")
    asked = found.table
    counts = found.gaps.groupby("field", sort=False)[["open_count"]].sum().reset_index()
    return described_finding(
        "matching.gaps",
        _gap_table(found),
        words={
            "found": found,
            "request_count": len(asked),
            "placed_count": asked["advisor_id"].notna().sum(),
            "lacking": sentences("matching.gaps", "lacking", counts[counts["open_count"] > 0]),
            "nation": found.area.name if found.area.kind == "nation" else None,
        },
        is_synthetic=has_synthetic(asked["request_id"], asked["advisor_id"]),
    )


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
    return gaps.assign(busy_count=gaps["open_count"] - gaps["no_expert_count"])


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
    return described_finding(
        "matching.assignment",
        found.table.sort_values("reason", kind="stable"),
        words={"area": found.area.name},
    )


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
    tried = experts.dropna(subset=["opened_count"])
    worst = tried.sort_values(["opened_count", "moved_count"], ascending=False, kind="stable")
    return described_finding(
        "matching.advisors",
        experts,
        words={
            "area": found.area.name,
            "idle_count": (experts["free_count"] > 0).sum(),
            "worst": None if worst.empty else worst.iloc[0],
        },
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
    place = area.ancestor("prefecture") if area.kind == "municipality" else area
    return described_finding(
        "steps.programmes",
        table,
        words={
            "course_count": len(courses),
            "block": area.name if area.kind == "block" else None,
            "own": own["prefecture_name"].tolist(),
            "place": place.name,
        },
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
    finding = described_finding(
        "matching.registers",
        missing,
        words={
            "register_count": len(own),
            "answers": missing["answers"].tolist(),
        },
    )
    return dataclasses.replace(finding, finding_id=f"{theme}.registers")
