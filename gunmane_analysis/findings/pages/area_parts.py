"""What an area's page says of its course, its members, its map, its forum and its groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area, find_areas, town_hall
from gunmane_analysis.areas.tiles import tiles_of
from gunmane_analysis.charts.grammar import plot_lines, plot_panels
from gunmane_analysis.charts.maps import plot_outline_map, plot_tile_map
from gunmane_analysis.charts.outlines import outlines_of
from gunmane_analysis.charts.style import FULL, line_styles
from gunmane_analysis.findings.described import absent_finding, described_finding, listed
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.findings.funnel import differing_sentences, readings_sentence
from gunmane_analysis.findings.indicators import indicator_finding
from gunmane_analysis.findings.pages.area import members_unit
from gunmane_analysis.findings.staffing import turn_facts
from gunmane_analysis.metrics.funnel.readings import AreaFunnel
from gunmane_analysis.metrics.groups.question import AreaGroups
from gunmane_analysis.metrics.position.position import PEER_WORDS, ranks
from gunmane_analysis.metrics.staffing.breaks import AreaBreaks
from gunmane_analysis.metrics.staffing.projection import Projection
from gunmane_analysis.tables.indicators import indicators, latest_known
from gunmane_analysis.wording import NOT_APPLICABLE, format_value

_HEAVIEST: Mapping[str, str] = {"staff_per_100km": "heaviest", "repair_share": "bridges"}
_FEWEST = 10  # bridges, of which the share to be repaired is listed: one of one is 100 %


def course_finding(breaks: Sequence[AreaBreaks], projection: Projection, area: AreaLike) -> Finding:
    """Show the course of an area's staff: index, nation, turn with its range, outlook.

    Parameters
    ----------
    breaks : sequence of AreaBreaks
        Of the area first, and of the nation.
    projection : Projection
        Of the area.
    area : Area or str

    Examples
    --------
    >>> from gunmane_analysis import (
    ...     find_area, load_staffing, staffing_breaks, staffing_projection)
    >>> staffing, akita = load_staffing(), find_area("05")
    >>> breaks = staffing_breaks(staffing, [akita, find_area("japan")], 2024)
    >>> course_finding(breaks, staffing_projection(staffing, akita, 2024), akita).finding_id
    'area.course'
    """
    area = find_area(area)
    if not breaks:
        return absent_finding("area.course")
    own, nation, shift = breaks[0], breaks[-1], breaks[0].shift
    series = {each.area.name: each.staff / each.staff.iloc[0] * 100 for each in (nation, own)}
    lines, index, path = pd.DataFrame(series), series[area.name], projection.path
    outlook = path.set_index("fiscal_year")[["count_low", "count_high"]].astype("float64")
    outlook.loc[own.staff.index[-1]] = own.staff.iloc[-1]
    ranges = outlook.set_axis(["low", "high"], axis=1).sort_index() * 100.0 / own.staff.iloc[0]
    styles = line_styles(list(dict.fromkeys([own.area, nation.area])))
    return described_finding(
        "area.course",
        lines.rename_axis("year").reset_index(),
        area=area.name,
        now=index.iloc[-1],
        nation=series[nation.area.name].iloc[-1] if nation.area != area else None,
        **turn_facts(own),
        band="" if shift.exists else None,
        outlook=path.iloc[-1] if len(path) else None,
        lowest_year=index.idxmin(),
        lowest=index.min(),
        more_columns=[Column(name, name, "", "number", 1) for name in styles],
        plot=partial(
            plot_lines, {"": lines}, styles, FULL, 2.0,
            spans=[shift.year_range] if shift.exists else [], ranges={area.name: ranges},
        ),
    )  # fmt: skip


def panels_finding(index: pd.DataFrame, members: Iterable[AreaLike], area: AreaLike) -> Finding:
    """Show the course of each of some areas side by side, the nation dashed in each panel.

    Parameters
    ----------
    index : DataFrame
        From :func:`staffing_index` of the members and the nation.
    members : sequence of Area or str
        All that are inside one area.
    area : Area or str
        The page's own; its name has the area's colour where it is one of the members.

    Examples
    --------
    >>> from gunmane_analysis import children, find_area, load_staffing, staffing_index
    >>> tohoku = find_area("tohoku")
    >>> members = children(tohoku)
    >>> index = staffing_index(load_staffing(), (*members, find_area("japan")), 2024)
    >>> panels_finding(index, members, tohoku).title
    '東北の6県の職員数（1998年度＝100、破線は全国、名の右は2024年度）'
    """
    members, area = find_areas(members), find_area(area)
    if len(members) < 2:
        return absent_finding("area.panels")
    names = {member.area_id: member.name for member in members}
    table = index.rename(columns={"fiscal_year": "year"}).pivot(
        index="year", columns="area_id", values="staff_index"
    )
    now = table.iloc[-1]
    ordered = now[list(names)].sort_values()
    return described_finding(
        "area.panels",
        table[list(names)].reset_index(),
        area=members[0].lineage[1].name,
        count=len(members),
        unit=members_unit(members),
        ends=[(names[code], ordered[code]) for code in ordered.index[[0, -1]]],
        nation=now["japan"],
        more_columns=[Column(code, name, "", "number", 1) for code, name in names.items()],
        plot=partial(
            plot_panels,
            table,
            table["japan"],
            {code: f"{name} {now[code]:.0f}" for code, name in names.items()},
            [place.area_id for place in area.lineage],
        ),
    )


def areas_table_finding(
    values: pd.DataFrame,
    areas: Iterable[AreaLike],
    fiscal_year: int,
    title: str,
    key: str,
    references: Iterable[AreaLike] = (),
) -> Finding:
    """List areas in one table: staff, its change, its load, money, bridges, outlook.

    Parameters
    ----------
    values : DataFrame
        ``area_id``, ``indicator_id``, ``year``, ``value``.
    areas : sequence of Area or str
    fiscal_year : int
    title, key : str
        The caption, and the last part of the finding's id: blocks, prefectures or members.
    references : sequence of Area or str
        Rows to compare with, below the others.

    Examples
    --------
    >>> from gunmane_analysis import area_values, list_areas, load_municipal_values, load_staffing
    >>> values = area_values(load_municipal_values(), load_staffing())
    >>> len(areas_table_finding(values, list_areas("block"), 2024, "10ブロック", "blocks").table)
    10
    """
    areas, references = find_areas(areas), find_areas(references)
    names = {area.area_id: area.name for area in (*areas, *references)}
    newest = latest_known(values[values["area_id"].isin(names)], fiscal_year)
    placed = ranks(values, areas[0].kind, fiscal_year)
    figures, years, rank = (
        rows.astype({"area_id": "str", "indicator_id": "str"})
        .pivot(index="area_id", columns="indicator_id", values=of)
        .reindex(list(names))
        for rows, of in ((newest, "value"), (newest, "year"), (placed, "rank"))
    )
    ranked = [name for name in listed(f"area.{key}", "ranked") if name in figures]
    rank = rank[ranked].astype("object").fillna(NOT_APPLICABLE)
    table = figures.join([years.add_suffix("_year"), rank.add_suffix("_rank")])
    table.insert(0, "area_name", pd.Series(names))
    load = table.loc[[area.area_id for area in areas]].dropna(subset=["staff_per_100km"])
    load = load.sort_values("staff_per_100km")
    return indicator_finding(
        f"area.{key}",
        table.rename_axis("area_id").reset_index(),
        "regional",
        title=title,
        peers=f"{placed['area_id'].nunique()}{PEER_WORDS[areas[0].kind]}",
        low=load.iloc[0],
        high=load.iloc[-1] if len(load) > 1 else None,
    )


def heaviest_municipalities_finding(
    municipalities: pd.DataFrame,
    area: AreaLike,
    indicator_id: str = "staff_per_100km",
    count: int = 10,
) -> Finding:
    """Count an area's municipalities in the nation's gravest fifth, and list the gravest.

    Parameters
    ----------
    municipalities : DataFrame
        :func:`load_municipalities`: all of the nation.
    area : Area or str
    indicator_id : str
        A key of ``_HEAVIEST``.
    count : int
        Rows.

    Returns
    -------
    Finding
        Absent where no value is known.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_municipalities
    >>> found = heaviest_municipalities_finding(load_municipalities(2024), find_area("tohoku"))
    >>> found.headline[:15]
    '東北の227市区町村のうち、市'
    """
    area, indicator = find_area(area), indicators()[indicator_id]
    finding_id, is_low = f"area.{_HEAVIEST[indicator_id]}", indicator.graver == "low"
    known = municipalities.dropna(subset=[indicator_id])
    known = known.sort_values(indicator_id, ascending=is_low, kind="stable")
    places = known["prefecture_code"].map({c: find_area(c).name for c in area.prefecture_codes})
    inside = known.assign(place=places).dropna(subset=["place"])
    if inside.empty:
        return absent_finding("area.heaviest")
    limit = float(known[indicator_id].quantile(0.2 if is_low else 0.8))
    values = inside[indicator_id]
    grave = inside[values <= limit if is_low else values >= limit]
    rows = (inside if is_low else inside[inside["bridges_inspected_count"] >= _FEWEST]).head(count)
    return indicator_finding(
        finding_id,
        rows.assign(area_name=rows["place"] + rows["area_name"]).reset_index(drop=True),
        area=area.name,
        label=indicator.label,
        fewest=_FEWEST,
        all=len(inside),
        limit=indicator.words(limit),
        grave=len(grave),
        share=len(grave) / len(inside),
        where=[f"{n}の{size}" for n, size in grave["place"].value_counts()[:2].items()],
    )


def calendar_finding(
    lines: pd.DataFrame, area: AreaLike, fiscal_year: int, funnel: AreaFunnel | None = None
) -> Finding:
    """List what the forum of an area planned for a year, and word how far cases came.

    Parameters
    ----------
    lines : DataFrame
        From :func:`planned_activities`.
    area : Area or str
    fiscal_year : int
    funnel : AreaFunnel, optional
        The area's own counts, where filed, and the nation's.

    Returns
    -------
    Finding
        Absent where nothing is known for that year.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_activity_plan, planned_activities
    >>> tohoku = find_area("tohoku")
    >>> found = calendar_finding(
    ...     planned_activities(load_activity_plan(), tohoku, 2024), tohoku, 2024)
    >>> len(found.table)
    6
    """
    area, words = find_area(area), _funnel_words(funnel)
    is_counted = any(words.values())
    if lines.empty and not is_counted:
        return absent_finding("area.calendar")
    table = lines.assign(
        what=lines["event_name"].fillna(lines["description"]),
        organisation_name=lines["organisation_name"].str.replace("; ", "、"),
    )
    forums = lines["forum_name"].dropna().unique()
    return described_finding(
        "area.calendar",
        table.sort_values(["month_from", "line_no"], na_position="last", ignore_index=True),
        area=area.name,
        case="town" if area.kind == "municipality" else "",
        forum="・".join(forums) if 0 < len(forums) <= 2 else None,
        forums=len(forums) or None,
        fiscal_year=fiscal_year,
        planned=len(lines) or None,
        trials=(lines["activity_kind"] == "field_trial").sum() or None,
        **words,
        caveats=[] if funnel is None else differing_sentences(funnel),
        source_ids=(*["activity_plan"] * (not lines.empty), *["kpi"] * is_counted),
        status="measured" if lines.empty else "planned",
    )


def _funnel_words(funnel: AreaFunnel | None) -> dict[str, Any]:
    """Return the words of the area's own counts, where filed, and the nation's."""
    words: dict[str, Any] = dict.fromkeys(("own", "year", "considered", "adopted"))
    if funnel is not None and funnel.origin in ("counts", "cases"):
        words["own"] = readings_sentence(funnel.own, is_followed=funnel.origin == "cases")
        words["year"] = funnel.own.fiscal_year
    if funnel is not None and funnel.nation.is_known:
        counts = next(iter(funnel.nation.rates.values()))["case_count"].tolist()
        words |= {"considered": counts[0], "adopted": counts[-1], "total": sum(counts)}
        words |= {"share": counts[-1] / counts[0], "of_all": counts[-1] / sum(counts)}
    return words


def municipal_map_finding(
    municipalities: pd.DataFrame,
    area: AreaLike,
    boundaries: pd.DataFrame,
    neighbours: pd.DataFrame | None = None,
    indicator_id: str = "staff_per_100km",
) -> Finding:
    """Map the municipalities of a prefecture, or one with its neighbours, by one indicator.

    Outlines where boundaries are filed for all of them, else tiles placed by the town halls.

    Parameters
    ----------
    municipalities : DataFrame
        :func:`load_municipalities`: all, among which those shown are shaded.
    area : Area or str
    boundaries : DataFrame
        :func:`load_boundaries`; may have no rows.
    neighbours : DataFrame, optional
        Of a municipality, as :func:`neighbour_profile` returns them.
    indicator_id : str

    Returns
    -------
    Finding
        Absent for fewer than three municipalities, or none with a value.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_boundaries, load_municipalities
    >>> found = municipal_map_finding(
    ...     load_municipalities(2024), find_area("05"), load_boundaries())
    >>> len(found.table), found.chart.alt[:14]
    (25, '市区町村を四角で表した地図。')
    """
    area, indicator = find_area(area), indicators()[indicator_id]
    is_town = area.kind == "municipality"
    chosen = municipalities["prefecture_code"].isin(area.prefecture_codes)
    if is_town:
        near = [] if neighbours is None else list(neighbours["municipality_code"])
        chosen = municipalities["municipality_code"].isin([area.area_id, *near])
    rows = municipalities[chosen].sort_values(indicator_id, ignore_index=True)
    known = rows.dropna(subset=[indicator_id])
    known = known.assign(words=known[indicator_id].map(indicator.words))
    if len(rows) < 3 or known.empty:
        return absent_finding("area.map")
    names = dict(zip(rows["municipality_code"], rows["area_name"], strict=True))
    values = municipalities.set_index("municipality_code")[indicator_id]
    outlines = outlines_of(boundaries, list(names))
    is_drawn = set(outlines.index) == set(names)
    look: Any = {"framed": [area.area_id] if is_town else [], "darker": indicator.graver}
    halls = {code: town_hall(code)[::-1] for code in names}
    shown = {c: format_value(values[c], indicator.kind, indicator.decimals) for c in names}
    return indicator_finding(
        "area.map",
        rows,
        names=[indicator_id],
        area=area.name,
        near="と隣" if is_town else "",
        label=indicator.label,
        unit=f"、{indicator.unit}" if indicator.unit else "",
        low=known.iloc[0],
        high=known.iloc[-1],
        darker="少ない" if indicator.graver == "low" else "多い",
        tiles=None if is_drawn else "四角",
        plot=partial(plot_outline_map, outlines, values, names, **look)
        if is_drawn
        else partial(plot_tile_map, values, shown, names, tiles=tiles_of(halls), **look),
    )


def unsubmitted_finding(filings: pd.DataFrame, registers: pd.DataFrame) -> Finding:
    """List what has not been submitted, one row each: what it is, and what it would show.

    Parameters
    ----------
    filings, registers : DataFrame
        ``title``, ``answers``, ``is_filed``, as :func:`load_profile_filings` and
        :func:`load_register_status` return them.

    Examples
    --------
    >>> from gunmane_analysis import load_profile_filings, load_register_status
    >>> unsubmitted_finding(load_profile_filings(), load_register_status()).title
    '未提出の資料'
    """
    both = pd.concat([filings, registers])[["title", "answers", "is_filed"]]
    missing = both[~both["is_filed"].astype("bool")].reset_index(drop=True)
    return described_finding("area.unsubmitted", missing, count=len(missing))


def pooled_groups_finding(
    found: AreaGroups, municipalities: pd.DataFrame, area: AreaLike
) -> Finding:
    """List the candidate groups of a prefecture, or those a municipality may be part of.

    Parameters
    ----------
    found : AreaGroups
    municipalities : DataFrame
        One row per municipality, as :func:`load_municipalities` returns it.
    area : Area or str
        A prefecture (the best division) or a municipality (every group with it in a division
        that is about as good).

    Returns
    -------
    Finding
        Absent where no group can be proposed.

    Examples
    --------
    >>> from gunmane_analysis import (
    ...     area_groups, find_area, load_adjacency, load_group_thresholds, load_group_units,
    ...     load_municipalities)
    >>> odate = find_area("05204")
    >>> found = area_groups(
    ...     load_group_units(), load_adjacency(), odate, 2024, load_group_thresholds(2024), seeds=2)
    >>> pooled_groups_finding(found, load_municipalities(2024), odate).finding_id
    'area.groups'
    """
    area = find_area(area)
    if found.proposals is None or found.region is None:
        return absent_finding("area.groups")
    is_town = area.kind == "municipality"
    membership = found.proposals.membership.dropna(subset=["group_no"])
    divisions = membership["solution_no"].nunique()
    if not is_town:
        membership = membership[membership["solution_no"] == 1]
    grouped = membership.groupby(["solution_no", "group_no"])["municipality_code"].agg(frozenset)
    counted = Counter(group for group in grouped if not is_town or area.area_id in group)
    if not counted:
        return absent_finding("area.groups")
    measure, by_code = indicators()[found.measure], municipalities.set_index("municipality_code")
    shown = list(dict.fromkeys((found.measure, *listed("area.groups", "indicators"))))
    rows = [
        {"members": "・".join(inside["area_name"]), "share": times / divisions}
        | dict(inside[shown].sum(min_count=len(group)))
        for group, times in counted.items()
        for inside in [by_code[by_code.index.isin(group)]]
    ]
    table = pd.DataFrame(rows).sort_values(
        ["share", found.measure], ascending=False, ignore_index=True
    )
    is_alone = list(counted) == [frozenset({area.area_id})]  # a sentence, and no table
    return indicator_finding(
        "area.groups",
        table.head(6) if is_town else table.drop(columns="share"),
        names=[] if is_alone else shown,
        area=area.name,
        own=area.name if is_town else None,
        region=found.region.name,
        label=measure.label,
        least=measure.words(found.threshold),
        count=len(table),
        pooled=measure.words(table[found.measure].iloc[0]),
        others=["adjacency", *measure.sources["municipality"]],
        case="alone" if is_alone else "",
    )
