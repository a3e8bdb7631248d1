"""Where to turn: the desk in charge of an area, and what its municipalities can do next."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from gunmane_analysis.areas import Area, AreaLike, find_area
from gunmane_analysis.metrics.contracts.cases import NearestCases
from gunmane_analysis.metrics.funnel.activities import forum_ids
from gunmane_analysis.metrics.people.steps import StepStanding, block_of, in_area
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result

_DESK_COLUMNS = [
    "block_id", "block_name", "office", "section", "phone", "email", "is_email_disputed",
]  # fmt: skip


def desks_of(desks: pd.DataFrame, area: AreaLike) -> pd.DataFrame:
    """Return the consultation desks of an area, one row per desk however many documents print it.

    Parameters
    ----------
    desks : DataFrame
        One row per document and desk.
    area : Area or str
        Its desks are those of the regional bureaus in charge of its prefectures, whatever
        scheme of blocks the area stands in; the nation has the ministry's, too.

    Returns
    -------
    DataFrame
        One row per desk: ``block_id``, ``block_name``, ``office``, ``section``, ``phone`` and
        ``email``, which is missing where documents differ (``is_email_disputed``).

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_consultation_desks
    >>> desks_of(load_consultation_desks(), find_area("05204"))["office"].tolist()
    ['東北地方整備局']
    """
    area = find_area(area)
    names = {block_id: find_area(block_id).name for block_id in forum_ids(area)}
    if area.kind == "nation":
        names[area.area_id] = area.name
    printed = desks[desks["block_id"].isin(names)]
    missing = names.keys() - set(printed["block_id"])
    refuse_if(bool(missing), "desk-missing", block="、".join(names[each] for each in missing))
    length = printed["section"].str.len()
    fullest = printed.loc[length.groupby(printed["block_id"]).idxmax()].set_index("block_id")
    by_desk = printed.groupby("block_id")
    emails = by_desk["email"].agg(["first", "nunique"])
    found = fullest.assign(
        block_name=pd.Series(names),
        phone=by_desk["phone"].agg(lambda numbers: "、".join(numbers.unique())),
        email=emails["first"].where(emails["nunique"] == 1),
        is_email_disputed=emails["nunique"] > 1,
    )
    return found.loc[list(names)].reset_index()[_DESK_COLUMNS]


_CASES_NAMED = 2
_COURSES_NAMED = 6
Row = tuple[str, str, str, str]


@dataclass(frozen=True, eq=False, repr=False)
class NextStep(Result):
    """The 「次の一歩」 box of an area.

    ``step_no`` is missing for an area that is no municipality and for a municipality whose
    position is not filed. ``table`` has one row per thing to turn to: ``topic`` (``task``,
    ``desk``, ``case``, ``course``, ``model_region``), ``name``, ``detail`` and ``source_id``.
    """

    area: Area
    step_no: int | None
    step_name: str
    obstacle: str
    table: pd.DataFrame


def next_step(
    standing: StepStanding,
    nearest: NearestCases,
    desks: pd.DataFrame,
    courses: pd.DataFrame,
    model_regions: pd.DataFrame,
) -> NextStep:
    """Gather an area's tasks, desk, similar cases, courses and model region.

    Parameters
    ----------
    standing : StepStanding
        From :func:`gunmane_analysis.metrics.people.steps.step_standing`; for a municipality of
        known position its step's tasks are taken, else those of STEP 0.
    nearest : NearestCases
        The two nearest cases are named; without a distance, those of the block.
    desks : DataFrame
        From :func:`gunmane_analysis.metrics.people.support.desks_of`.
    courses : DataFrame
        One row per prefecture with a course. Those of the area's prefectures are named, else
        those of its block.
    model_regions : DataFrame
        One row per model region and body; may have no rows.

    Examples
    --------
    >>> import gunmane_analysis as g
    >>> standing = g.step_standing(g.load_standard_steps(), g.load_step_positions(), "秋田県", 2024)
    >>> step = next_step(
    ...     standing, g.nearest_cases(g.load_contract_cases(), "秋田県", 2024),
    ...     g.desks_of(g.load_consultation_desks(), "秋田県"), g.load_me_courses(),
    ...     g.load_model_regions())
    >>> "desk" in set(step.table["topic"])
    True
    """
    area = standing.area
    is_own, step_no = area.kind == "municipality", None
    if is_own and standing.is_filed:
        reached = standing.table[standing.table["municipality_count"] > 0]
        step_no = int(reached["step_no"].iloc[0])
    step = standing.table.set_index("step_no").loc[step_no or 0]
    obstacles = standing.obstacles["obstacle"].tolist() if is_own else []
    task = ("task", f"STEP{step_no or 0} {step['step_name']}", step["tasks"], "standard_steps")
    is_ministry = desks["block_id"] == "japan"
    rows = [
        *([task] if is_own else []),  # an area of many municipalities has no step of its own
        *_desk_rows(desks[is_ministry] if is_ministry.any() else desks),
        *_case_rows(nearest),
        *_course_rows(courses, area),
        *_region_rows(model_regions, area),
    ]
    table = pd.DataFrame(rows, columns=["topic", "name", "detail", "source_id"])
    return NextStep(area, step_no, str(step["step_name"]), obstacles[0] if obstacles else "", table)


def _desk_rows(desks: pd.DataFrame) -> list[Row]:
    details = desks["section"] + "、電話" + desks["phone"]
    named = zip(desks["office"], details, strict=True)
    return [("desk", office, detail, "consultation_desks") for office, detail in named]


def _case_rows(nearest: NearestCases) -> list[Row]:
    cases = nearest.cases
    others = cases[cases["municipality_code"] != nearest.area.area_id].head(_CASES_NAMED)
    chosen = others if nearest.has_distance else cases[cases["is_in_block"]]
    detail = "人口約{:.1f}万人、技術者{:.0f}人、{:.0f}年度開始".format
    numbers = chosen[["population_count", "technician_count", "first_fiscal_year"]].to_numpy()
    named = zip(chosen["municipality_name"], numbers, strict=True)
    return [
        ("case", name, detail(population / 10_000, technicians, year), "contract_cases")
        for name, (population, technicians, year) in named
    ]


def _course_rows(courses: pd.DataFrame, area: Area) -> list[Row]:
    own = courses[courses["prefecture_code"].isin(area.prefecture_codes)]
    near = courses[courses["prefecture_code"].isin(block_of(area).prefecture_codes)]
    found = own if len(own) else near
    if found.empty:
        return []
    organisers = "（" + found["organiser"] + "）"
    named = (found["prefecture_name"] + organisers.fillna("")).head(_COURSES_NAMED)
    return [("course", str(found["course_name"].iloc[0]), "、".join(named), "me_courses")]


def _region_rows(model_regions: pd.DataFrame, area: Area) -> list[Row]:
    touched = model_regions.loc[in_area(model_regions["municipality_code"], area), "group_no"]
    members = model_regions[model_regions["group_no"].isin(touched)]
    by_region = members.groupby(["group_no", "pattern"])["body_name"]
    return [
        ("model_region", f"モデル地域（{pattern}）", "、".join(names), "model_regions")
        for (_, pattern), names in by_region
    ]
