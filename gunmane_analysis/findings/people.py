"""Findings about people: the municipalities' steps and participation, experts, technologies."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from gunmane_analysis.areas import Area, AreaLike, area_with_series, children, find_area, list_areas
from gunmane_analysis.charts.grammar import plot_bars
from gunmane_analysis.charts.maps import plot_tile_map
from gunmane_analysis.findings.described import absent_finding, described_finding
from gunmane_analysis.findings.finding import Finding, has_synthetic
from gunmane_analysis.metrics.people.matching import AreaSupport
from gunmane_analysis.metrics.people.seeds import RankingQuality
from gunmane_analysis.metrics.people.steps import StepStanding
from gunmane_analysis.metrics.people.support import NextStep
from gunmane_analysis.metrics.staffing.thresholds import FEW_TECHNICIANS
from gunmane_analysis.refusals import Unanswered
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables import choices
from gunmane_analysis.wording import is_missing

_NEEDS_SHOWN = 40


def next_step_finding(step: NextStep) -> Finding:
    """Show the 「次の一歩」 box: tasks, desk, cases, courses, model region.

    Examples
    --------
    >>> import gunmane_analysis as g
    >>> standing = g.step_standing(g.load_standard_steps(), g.load_step_positions(), "秋田県", 2024)
    >>> step = g.next_step(
    ...     standing, g.nearest_cases(g.load_contract_cases(), "秋田県", 2024),
    ...     g.desks_of(g.load_consultation_desks(), "秋田県"), g.load_me_courses(),
    ...     g.load_model_regions())
    >>> next_step_finding(step).finding_id
    'steps.next'
    """
    topics, is_town = step.table["topic"], step.area.kind == "municipality"
    offices = step.table.loc[topics == "desk", "name"]
    return described_finding(
        "steps.next",
        step.table,
        area=step.area.name,
        step=step,
        first_name=step.step_name if is_town else None,
        desks=list(offices) if len(offices) <= 2 else ["地方整備局等の窓口"],
        source_ids=tuple(step.table["source_id"].unique()),
        tasks="" if "task" in set(topics) else None,
        caveats=["chosen_by_documents" if "case" in set(topics) else "no_case_here"],
    )


def step_standing_finding(standing: StepStanding) -> Finding:
    """Show the path with how many municipalities stand where, how long, and what delays them.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_standard_steps, load_step_positions
    >>> from gunmane_analysis.metrics.people.steps import step_standing
    >>> asked = (load_standard_steps(), load_step_positions(), find_area("05"), 2024)
    >>> standing = step_standing(*asked)
    >>> step_standing_finding(standing).finding_id
    'steps.standing'
    """
    area, table = standing.area, standing.table
    if not standing.is_filed:
        path = table[["step_no", "step_name", "tasks"]]
        return described_finding("steps.standing", path, case="not_filed", area=area.name)
    counts = table.set_index("step_no")["municipality_count"]
    held = standing.obstacles.groupby("obstacle")["municipality_count"].sum()
    obstacles = held.sort_values(ascending=False, kind="stable").reset_index()
    started = counts.loc[1:].sum()
    label = "STEP" + table["step_no"].astype("str") + " " + table["step_name"]
    bars = pd.DataFrame({"label": label, "value": counts.array, "words": counts.array})
    return described_finding(
        "steps.standing",
        table.drop(columns="tasks"),
        standing=standing,
        top=table.iloc[counts.argmax()],
        started=started,
        share=started / standing.reported_count,
        obstacles=obstacles,
        plot=partial(plot_bars, bars, "市区町村"),
        is_synthetic=standing.has_synthetic,
    )


def steps_by_area_finding(by_area: pd.DataFrame, standing: StepStanding) -> Finding:
    """Compare the areas inside on the path; absent where there are none or nothing is filed.

    Examples
    --------
    >>> import gunmane_analysis as g
    >>> positions = g.load_step_positions()
    >>> standing = g.step_standing(g.load_standard_steps(), positions, "tohoku", 2024)
    >>> steps_by_area_finding(g.steps_by_area(positions, "tohoku", 2024), standing).finding_id
    'steps.by_area'
    """
    named = by_area["obstacle"].dropna()
    obstacle = named.mode().get(0)
    return described_finding(
        "steps.by_area",
        by_area,
        area=standing.area.name,
        kind="ブロック" if standing.area.kind == "nation" else "都道府県",
        named=len(named),
        obstacle=obstacle,
        most=(named == obstacle).sum(),
        is_synthetic=standing.has_synthetic,
    )


def membership_finding(trend: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word the growth of the conference's membership.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_membership
    >>> from gunmane_analysis.metrics.funnel.kpi import membership_trend
    >>> trend = membership_trend(load_membership(), 2024)
    >>> membership_finding(trend, 2024).finding_id
    'participation.membership'
    """
    return described_finding(
        "participation.membership",
        trend,
        fiscal_year=fiscal_year,
        later_on=trend["as_of_on"].iloc[-1] if len(trend) > 1 else None,
        computed="（計算した数）" if trend["is_computed"].tail(1).any() else "",
    )


def participation_finding(rates: pd.DataFrame, fiscal_year: int) -> Finding:
    """Word the share of municipalities that take part in the conference's two programmes.

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_participation
    >>> from gunmane_analysis.metrics.funnel.kpi import participation_rates
    >>> rates = participation_rates(load_participation(), 2024)
    >>> participation_finding(rates, 2024).finding_id
    'participation.rates'
    """
    latest = rates.dropna(subset=["participation_rate"]).groupby("programme", sort=False).tail(1)
    on = latest["as_of_on"].max()
    return described_finding(
        "participation.rates", rates, fiscal_year=fiscal_year, shares=latest, on=on
    )


def municipal_participation_finding(
    by_area: pd.DataFrame, printed: pd.DataFrame, area: AreaLike
) -> Finding:
    """Word an area's participation and the nation's; absent while no register is filed.

    Parameters
    ----------
    by_area : DataFrame
        From :func:`gunmane_analysis.metrics.people.participation.participation_by_area` for the
        area, those above it and every prefecture; no rows while nothing is filed.
    printed : DataFrame
        From :func:`gunmane_analysis.metrics.funnel.kpi.participation_rates`.
    area : Area or str

    Examples
    --------
    >>> import gunmane_analysis as g
    >>> by_area = g.participation_by_area(g.load_municipal_participation(), ["05"], 2024)
    >>> printed = g.participation_rates(g.load_participation(), 2024)
    >>> municipal_participation_finding(by_area, printed, "05").finding_id
    'participation.by_area'
    """
    area = find_area(area)
    published = printed.dropna(subset=["participation_rate"])
    rates = published.groupby("programme")["participation_rate"].last()
    own = by_area[by_area["area_id"] == area.area_id]
    own = own.assign(printed_rate=own["programme"].map(rates))
    inside = area.prefecture_codes if area.kind == "block" else ()
    places = [*(place.area_id for place in area.distinct_lineage), *inside]
    names = {place.area_id: place.name for place in list_areas("prefecture")}
    known = by_area[by_area["area_id"].isin(names)].dropna(subset=["participation_rate"])
    return described_finding(
        "participation.by_area",
        by_area[by_area["area_id"].isin(places)],
        area=area.name,
        own=own,
        map=None if known.empty else "図",
        plot=None if known.empty else partial(_map, known, names, area),
    )


def _map(known: pd.DataFrame, names: dict[str, str], area: Area) -> Figure:
    """Map the prefectures by the first programme's share; the others' are written below it."""
    shares = known.pivot(index="area_id", columns="programme", values="participation_rate")
    words = {
        str(code): "・".join("…" if is_missing(rate) else f"{rate * 100:.0f}" for rate in row)
        for code, *row in shares.itertuples(name=None)
    }
    title = f"{'・'.join(shares.columns.map(choices('programme')))}の参画率（%）"
    framed = () if area.kind == "nation" else area.prefecture_codes
    return plot_tile_map(shares.iloc[:, 0], words, names, framed, darker="low", title=title)


def not_joined_finding(outside: pd.DataFrame, area: AreaLike) -> Finding:
    """Count, or inside a prefecture name, the municipalities of few technicians outside.

    Parameters
    ----------
    outside : DataFrame
        From :func:`gunmane_analysis.metrics.people.participation.not_joined`.
    area : Area or str

    Examples
    --------
    >>> import gunmane_analysis as g
    >>> technicians = g.latest_technicians(g.load_municipal_staffing(), 2024)
    >>> outside = g.not_joined(g.load_municipal_participation(), technicians, "05", 2024)
    >>> not_joined_finding(outside, "05").finding_id
    'participation.not_joined'
    """
    area = find_area(area)
    return described_finding(
        "participation.not_joined",
        _by_place(outside, area) if area.kind in ("nation", "block") else outside,
        area=area.name,
        limit=FEW_TECHNICIANS,
        count=outside["municipality_code"].nunique(),
        source_ids=("municipal_participation", *sources_in_use("teiin", "municipal_staffing")),
    )


def _by_place(table: pd.DataFrame, area: Area) -> pd.DataFrame:
    """Count by block of the nation, or by prefecture of a block, in their order."""
    names = {code: place.name for place in children(area) for code in place.prefecture_codes}
    counted = table.groupby([table["municipality_code"].str[:2].map(names), "programme"]).agg(
        municipality_count=("municipality_code", "nunique"),
        none_count=("technician_count", lambda counts: (counts == 0).sum()),
    )
    ordered = counted.reindex(list(dict.fromkeys(names.values())), level=0)
    return ordered.rename_axis(["area_name", "programme"]).reset_index()


def support_gaps_finding(found: AreaSupport | Unanswered) -> Finding:
    """Word how many requests find an expert, and what kind of expert is missing where.

    Examples
    --------
    >>> support_gaps_finding(Unanswered("")).placement
    'absent'
    """
    if not found:
        return absent_finding("matching.gaps")
    asked = found.table
    counts = found.gaps.groupby("field", sort=False)[["open_count"]].sum().reset_index()
    return described_finding(
        "matching.gaps",
        _gap_table(found),
        found=found,
        request_count=len(asked),
        placed_count=asked["advisor_id"].notna().sum(),
        lacking=counts[counts["open_count"] > 0],
        nation=found.area.name if found.area.kind == "nation" else None,
        is_synthetic=has_synthetic(asked["request_id"], asked["advisor_id"]),
    )


def _gap_table(found: AreaSupport) -> pd.DataFrame:
    """Return the gaps; for the nation by field, then the blocks where something is open."""
    gaps = found.gaps
    if found.area.kind == "nation":
        how = dict.fromkeys(gaps.filter(regex="_count$"), "sum")
        how["free_count"] = "first"  # the nation's in every row
        whole = gaps.groupby("field", as_index=False).agg(how)
        whole = whole.sort_values("open_count", ascending=False, kind="stable")
        parts = [whole.assign(block_name=found.area.name), gaps[gaps["open_count"] > 0]]
        gaps = pd.concat(parts, ignore_index=True)
    return gaps.assign(busy_count=gaps["open_count"] - gaps["no_expert_count"])


def area_support_finding(found: AreaSupport | Unanswered) -> Finding:
    """List the requests of a prefecture or municipality with their experts, part by part.

    A block's or the nation's requests are counted by field (:func:`support_gaps_finding`), not
    listed.

    Examples
    --------
    >>> area_support_finding(Unanswered("")).placement
    'absent'
    """
    if not found or found.area.kind in ("nation", "block"):
        return absent_finding("matching.assignment")
    return described_finding(
        "matching.assignment",
        found.table.sort_values("reason", kind="stable"),
        area=found.area.name,
    )


def advisors_finding(found: AreaSupport | Unanswered) -> Finding:
    """List an area's experts: their places, who is idle, what changes when one leaves.

    Examples
    --------
    >>> advisors_finding(Unanswered("")).placement
    'absent'
    """
    if not found or found.advisors.empty:
        return absent_finding("matching.advisors")
    experts = found.advisors
    tried = experts.dropna(subset=["opened_count"])
    worst = tried.sort_values(["opened_count", "moved_count"], ascending=False, kind="stable")
    return described_finding(
        "matching.advisors",
        experts,
        area=found.area.name,
        idle_count=(experts["free_count"] > 0).sum(),
        worst=None if worst.empty else worst.iloc[0],
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
    codes = programmes["prefecture_codes"].str.split(";")
    inside = set(area.prefecture_codes)
    is_own = codes.map(inside.isdisjoint, na_action="ignore").eq(False)
    table = programmes.assign(codes=codes, is_own=is_own)
    table = table.drop_duplicates(["category_ja", "name", "prefecture_codes"])
    own = courses[courses["prefecture_code"].isin(inside)]
    return described_finding(
        "steps.programmes",
        table.sort_values("is_own", ascending=False, kind="stable", ignore_index=True),
        course_count=len(courses),
        block=area.name if area.kind == "block" else None,
        own=own["prefecture_name"].tolist(),
        place=area_with_series(area).name,
    )


def registers_finding(status: pd.DataFrame, theme: str) -> Finding:
    """List a theme's registers that have not arrived, and what each would answer.

    Parameters
    ----------
    status : DataFrame
        From :func:`gunmane_analysis.loaders.tables.load_register_status`.
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
    return described_finding(
        f"{theme}.registers", missing, register_count=len(own), answers=list(missing["answers"])
    )


def published_trials_finding(trials: pd.DataFrame, area: AreaLike) -> Finding:
    """Show the technologies that published pitches led to a planned trial of.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> from gunmane_analysis.loaders.tables import load_activity_plan
    >>> from gunmane_analysis.metrics.people.seeds import published_trials
    >>> area = find_area("chugoku")
    >>> published_trials_finding(published_trials(load_activity_plan(), area), area).finding_id
    'seeds.published'
    """
    area = find_area(area)
    place = area.name if area.kind == "nation" else area.ancestor("block").name
    return described_finding(
        "seeds.published", trials, place=place, trial_count=len(trials) or None
    )


def area_technologies_finding(ranked: pd.DataFrame, area: AreaLike) -> Finding:
    """Word which needs have a technology that resembles them, and which have none.

    Prefectures and municipalities list up to three technologies a need; blocks and the nation
    one, the needs without any first.

    Examples
    --------
    >>> from gunmane_analysis.areas import find_area
    >>> area_technologies_finding(pd.DataFrame(), find_area("05")).placement
    'absent'
    """
    area = find_area(area)
    if ranked.empty:
        return absent_finding("seeds.technologies")
    is_answered = ranked.groupby("need_id")["technology_name"].any()
    is_wide = area.kind in ("nation", "block")
    rows = ranked[ranked["rank"].isna() | (ranked["rank"] == 1)] if is_wide else ranked
    if is_wide or len(is_answered) > _NEEDS_SHOWN:
        rows = rows.sort_values("score", na_position="first", kind="stable")
    kept = rows["need_id"].drop_duplicates().head(_NEEDS_SHOWN)
    return described_finding(
        "seeds.technologies",
        rows[rows["need_id"].isin(kept)],
        area=area.name,
        need_count=len(is_answered),
        answered_count=is_answered.sum(),
        open_count=(~is_answered).sum(),
        shown_count=len(kept),
        left_out=len(is_answered) - len(kept) or None,
        is_synthetic=has_synthetic(ranked["need_id"], ranked["seed_id"]),
    )


def ranking_quality_finding(quality: RankingQuality | Unanswered) -> Finding:
    """Word how often the ranking finds what people judged to fit; absent while nothing is judged.

    Examples
    --------
    >>> ranking_quality_finding(Unanswered("")).placement
    'absent'
    """
    if not quality:
        return absent_finding("seeds.quality")
    return described_finding(
        "seeds.quality",
        quality.table,
        quality=quality,
        is_synthetic=has_synthetic(quality.has_synthetic_of),
    )
