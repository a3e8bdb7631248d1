"""What an area's page says of its course, its members, its map, its forum and its groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area, find_areas, town_hall
from gunmane_analysis.areas.tiles import tiles_of
from gunmane_analysis.charts.grammar import plot_lines, plot_panels
from gunmane_analysis.charts.maps import plot_outline_map, plot_tile_map
from gunmane_analysis.charts.outlines import outlines_of
from gunmane_analysis.charts.style import AREA_COLOR, FULL, NATION_COLOR
from gunmane_analysis.findings.described import absent_finding, described_finding, listed, sentence
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.findings.funnel import differing_sentences, readings_sentence
from gunmane_analysis.findings.pages.area import indicator_columns, indicator_sources, members_unit
from gunmane_analysis.findings.staffing import turn_year
from gunmane_analysis.metrics.funnel.readings import AreaFunnel
from gunmane_analysis.metrics.groups.question import AreaGroups
from gunmane_analysis.metrics.position.position import PEER_WORDS, ranks
from gunmane_analysis.metrics.staffing.breaks import AreaBreaks
from gunmane_analysis.metrics.staffing.projection import Projection
from gunmane_analysis.tables.indicators import indicators, latest_known
from gunmane_analysis.wording import NOT_APPLICABLE, format_value, rounded

_HEAVIEST: Mapping[str, str] = {"staff_per_100km": "heaviest", "repair_share": "bridges"}


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
    first, last = int(own.staff.index[0]), int(own.staff.index[-1])
    series = {each.area.name: each.staff / each.staff.iloc[0] * 100 for each in (nation, own)}
    table = pd.DataFrame(series).rename_axis("year").reset_index()
    index = series[area.name]
    scale = 100.0 / float(own.staff.iloc[0])
    ends = projection.path[["fiscal_year", "count_low", "count_high"]].to_numpy("float64")
    ranges = pd.DataFrame(
        [(last, index.iloc[-1], index.iloc[-1]), *(ends * (1.0, scale, scale))],
        columns=["year", "low", "high"],
    )
    styles = {area.name: {"color": AREA_COLOR, "linewidth": 2.0}}
    if nation.area != area:
        styles[nation.area.name] = {"color": NATION_COLOR, "linestyle": ":", "linewidth": 1.4}
    spans = [shift.year_range] if shift.exists else []
    return described_finding(
        "area.course",
        table,
        words={
            "area": area.name,
            "first": first,
            "last": last,
            "now": index.iloc[-1],
            "nation": series[nation.area.name].iloc[-1] if nation.area != area else None,
            "shift": shift if shift.exists else None,
            "turn": turn_year(own) if shift.exists else None,
            "outlook": [rounded(count) for count in ends[-1, 1:]] if len(ends) else None,
            "outlook_year": ends[-1, 0] if len(ends) else None,
            "lowest_year": int(index.idxmin()),
            "lowest": index.min(),
        },
        columns=("year", *(Column(name, name, "", "number", 1) for name in styles)),
        plot=partial(
            plot_lines,
            {"": table.set_index("year")},
            styles,
            FULL,
            2.2,
            spans=spans,
            ranges={area.name: ranges.set_index("year")},
        ),
    )


def panels_finding(index: pd.DataFrame, members: Iterable[AreaLike], area: AreaLike) -> Finding:
    """Show the course of each area inside an area, the nation dashed in each panel.

    Parameters
    ----------
    index : DataFrame
        From :func:`staffing_index` of the members and the nation.
    members : sequence of Area or str
    area : Area or str

    Examples
    --------
    >>> from gunmane_analysis import children, find_area, load_staffing, staffing_index
    >>> tohoku = find_area("tohoku")
    >>> members = children(tohoku)
    >>> index = staffing_index(load_staffing(), (*members, find_area("japan")), 2024)
    >>> panels_finding(index, members, tohoku).title
    '東北の6県の職員数（1998年度＝100、破線は全国、名の右は2024年度）'
    """
    members = find_areas(members)
    area = find_area(area)
    if len(members) < 2:
        return absent_finding("area.panels")
    names = {member.area_id: member.name for member in members}
    points = index.set_axis(index.columns.str.replace("fiscal_year", "year"), axis=1).rename(
        columns={"area_id": "series", "staff_index": "value"}
    )[["series", "year", "value"]]
    first, last = int(points["year"].min()), int(points["year"].max())
    now = points[points["year"] == last].set_index("series")["value"]
    ordered = now[list(names)].sort_values()
    lines = points.pivot(index="year", columns="series", values="value")
    return described_finding(
        "area.panels",
        lines[list(names)].reset_index(),
        words={
            "area": area.name,
            "count": len(members),
            "unit": members_unit(members),
            "first": first,
            "last": last,
            "low": (names[ordered.index[0]], ordered.iloc[0]),
            "high": (names[ordered.index[-1]], ordered.iloc[-1]),
            "nation": now["japan"],
        },
        columns=("year", *(Column(code, name, "", "number", 1) for code, name in names.items())),
        plot=partial(
            plot_panels,
            lines,
            lines["japan"],
            {code: f"{name} {now[code]:.0f}" for code, name in names.items()},
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
    areas = find_areas(areas)
    references = find_areas(references)
    names = {area.area_id: area.name for area in (*areas, *references)}
    newest = latest_known(values[values["area_id"].isin(names)], fiscal_year)
    newest = newest.astype({"area_id": "str", "indicator_id": "str"})
    wide = newest.pivot(index="area_id", columns="indicator_id", values=["value", "year"])
    known = [name for name in listed(f"area.{key}", "indicators") if name in wide["value"]]
    placed = ranks(values, areas[0].kind, fiscal_year).astype(
        {"area_id": "str", "indicator_id": "str", "rank": "object"}
    )
    rank = placed.pivot(index="area_id", columns="indicator_id", values="rank")
    ranked = [name for name in listed(f"area.{key}", "ranked") if name in known]
    table = wide["value"][known].join(
        [wide["year"].add_suffix("_year"), rank[ranked].add_suffix("_rank")]
    )
    table = table.reindex(list(names)).rename_axis("area_id").reset_index()
    table = table.fillna({f"{name}_rank": NOT_APPLICABLE for name in ranked})
    table.insert(0, "area_name", table["area_id"].map(names))
    inside = table["area_id"].isin([area.area_id for area in areas])
    load = table[inside].dropna(subset=["staff_per_100km"]).sort_values("staff_per_100km")
    usual = int(newest["year"].mode().iloc[-1])
    return described_finding(
        f"area.{key}",
        table,
        words={
            "title": title,
            "usual": usual,
            "peers": f"{placed['area_id'].nunique()}{PEER_WORDS[areas[0].kind]}",
            "low": load.iloc[0],
            "high": load.iloc[-1] if len(load) > 1 else None,
        },
        columns=("area_name", *indicator_columns(known, table, usual)),
        source_ids=indicator_sources(known, "regional"),
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
    finding_id = f"area.{_HEAVIEST[indicator_id]}"
    shown, is_low = listed(finding_id, "indicators"), indicator.graver == "low"
    known = municipalities.dropna(subset=[indicator_id])
    known = known.sort_values(indicator_id, ascending=is_low, kind="stable")
    inside = known[known["prefecture_code"].isin(area.prefecture_codes)]
    if inside.empty:
        return absent_finding("area.heaviest")
    names = {code: find_area(code).name for code in area.prefecture_codes}
    rows = inside.head(count)
    rows = rows.assign(area_name=rows["prefecture_code"].map(names) + rows["area_name"])
    usual = rows[[f"{name}_year" for name in shown]].max().mode().iloc[0]
    limit = float(known[indicator_id].quantile(0.2 if is_low else 0.8))
    grave = inside[(inside[indicator_id] <= limit) if is_low else (inside[indicator_id] >= limit)]
    most = grave["prefecture_code"].map(names).value_counts().head(2)
    return described_finding(
        finding_id,
        rows.reset_index(drop=True),
        words={
            "area": area.name,
            "label": indicator.label,
            "count": len(rows),
            "usual": usual,
            "all": len(inside),
            "limit": indicator.words(limit),
            "grave": len(grave),
            "share": len(grave) / len(inside),
            "where": [f"{name}の{number}" for name, number in most.items()],
        },
        columns=("area_name", *indicator_columns(shown, rows, usual)),
        source_ids=indicator_sources(shown, "municipality"),
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
    area = find_area(area)
    counted = _funnel_words(funnel) if funnel is not None else ""
    if lines.empty and not counted:
        return absent_finding("area.calendar")
    table = lines.assign(what=lines["event_name"].fillna(lines["description"]))
    forums = lines["forum_name"].dropna().unique()
    return described_finding(
        "area.calendar",
        table.sort_values(["month_from", "line_no"], na_position="last", ignore_index=True),
        words={
            "forum": "・".join(forums) if 0 < len(forums) <= 2 else None,
            "forums": len(forums) or None,
            "fiscal_year": fiscal_year,
            "planned": len(lines) or None,
            "trials": int((lines["activity_kind"] == "field_trial").sum()) or None,
            "counted": counted,
        },
        caveats=[] if funnel is None else differing_sentences(funnel),
        source_ids=(*["activity_plan"] * (not lines.empty), *["kpi"] * bool(counted)),
        status="measured" if lines.empty else "planned",
    )


def _funnel_words(funnel: AreaFunnel) -> str:
    """Word the area's own counts, where filed, and the nation's under each reading."""
    own, counts = None, pd.Series(dtype="float64")
    if funnel.origin in ("counts", "cases"):
        own = readings_sentence(funnel.own, is_followed=funnel.origin == "cases")
    if funnel.nation.is_known:
        counts = next(iter(funnel.nation.rates.values()))["case_count"].astype("int64")
    return sentence(
        "area.calendar",
        "counts",
        area=funnel.area.name,
        year=funnel.own.fiscal_year,
        own=own,
        first=counts.iloc[0] if len(counts) else None,
        last=counts.iloc[-1] if len(counts) else None,
        total=counts.sum(),
        share=counts.iloc[-1] / counts.iloc[0] if len(counts) else None,
        of_all=counts.iloc[-1] / counts.sum() if len(counts) else None,
    )


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
    area = find_area(area)
    is_town = area.kind == "municipality"
    chosen = municipalities["prefecture_code"].isin(area.prefecture_codes)
    if is_town:
        near = [] if neighbours is None else list(neighbours["municipality_code"])
        chosen = municipalities["municipality_code"].isin([area.area_id, *near])
    rows = municipalities[chosen].sort_values(indicator_id, ignore_index=True)
    known = rows.dropna(subset=[indicator_id])
    if len(rows) < 3 or known.empty:
        return absent_finding("area.map")
    indicator = indicators()[indicator_id]
    names = dict(zip(rows["municipality_code"], rows["area_name"], strict=True))
    values = municipalities.set_index("municipality_code")[indicator_id]
    outlines = outlines_of(boundaries, list(names))
    is_drawn = set(outlines.index) == set(names)
    framed = [area.area_id] if is_town else []
    halls = {code: town_hall(code)[::-1] for code in names}
    shown = {c: format_value(values[c], indicator.kind, indicator.decimals) for c in names}
    low, high = (
        f"{row['area_name']}（{indicator.words(row[indicator_id])}）"
        for row in (known.iloc[0], known.iloc[-1])
    )

    return described_finding(
        "area.map",
        rows,
        words={
            "area": area.name,
            "near": "と隣" if is_town else "",
            "label": indicator.label,
            "year": rows[f"{indicator_id}_year"].max(),
            "unit": f"、{indicator.unit}" if indicator.unit else "",
            "low": low,
            "high": high,
            "darker": "少ない" if indicator.graver == "low" else "多い",
            "drawn": "境界" if is_drawn else "四角",
            "tiles": None if is_drawn else "四角",
        },
        columns=("area_name", *indicator_columns([indicator_id])),
        source_ids=indicator_sources([indicator_id], "municipality"),
        plot=partial(plot_outline_map, outlines, values, names, framed, indicator.graver)
        if is_drawn
        else partial(
            plot_tile_map, values, shown, names, framed, tiles_of(halls), indicator.graver
        ),
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
    if missing.empty:
        return absent_finding("area.unsubmitted")
    return described_finding("area.unsubmitted", missing, words={"count": len(missing)})


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
    counted = grouped.value_counts()
    own = [group for group in counted.index if not is_town or area.area_id in group]
    if not own:
        return absent_finding("area.groups")
    measure = indicators()[found.measure]
    shown = [
        name for name in listed("area.groups", "indicators") if municipalities[name].notna().any()
    ]
    shown = list(dict.fromkeys((found.measure, *shown)))
    by_code = municipalities.set_index("municipality_code")
    rows = [
        {"members": "・".join(inside["area_name"]), "share": counted[group] / divisions}
        | dict(inside[shown].sum(min_count=len(group)))
        for group in own
        for inside in [by_code[by_code.index.isin(group)]]
    ]
    table = pd.DataFrame(rows).sort_values(
        ["share", found.measure], ascending=False, ignore_index=True
    )
    is_alone = own == [frozenset({area.area_id})]  # no partner to name: a sentence, and no table
    kind = "alone" if is_alone else "town" if is_town else "prefecture"
    words = {
        "area": area.name,
        "joined": "が入る" if is_town else "の",
        "region": found.region.name,
        "label": measure.label,
        "least": measure.words(found.threshold),
        "count": len(table),
        "best": table["members"].iloc[0],
        "pooled": measure.words(table[found.measure].iloc[0]),
    }
    columns: list[str | Column] = ["members", *indicator_columns(shown), *["share"] * is_town]
    return described_finding(
        "area.groups",
        table.head(6) if is_town else table,
        words=words | {"sentence": sentence("area.groups", kind, **words)},
        columns=() if is_alone else columns,
        source_ids=indicator_sources(shown, "municipality", "adjacency"),
    )
