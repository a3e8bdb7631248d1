"""What an area's page says of its course, its members, its map, its forum and its groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from gunmane_analysis.areas import AreaLike, find_area, find_areas
from gunmane_analysis.areas.master import town_halls
from gunmane_analysis.areas.tiles import tiles_of
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.grammar import plot_lines, plot_panels
from gunmane_analysis.charts.maps import plot_outline_map, plot_tile_map
from gunmane_analysis.charts.outlines import outlines_of
from gunmane_analysis.charts.style import AREA_COLOR, FULL, NATION_COLOR
from gunmane_analysis.findings.described import absent_finding, described_finding
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.findings.funnel import readings_sentence
from gunmane_analysis.findings.pages.area import (
    COUNTERS,
    indicator_columns,
    indicator_sources,
    members_unit,
)
from gunmane_analysis.findings.staffing import turn_year
from gunmane_analysis.metrics.funnel.readings import AreaFunnel
from gunmane_analysis.metrics.groups.question import AreaGroups
from gunmane_analysis.metrics.position.position import ranks
from gunmane_analysis.metrics.staffing.breaks import AreaBreaks
from gunmane_analysis.metrics.staffing.projection import Projection
from gunmane_analysis.tables import label_of
from gunmane_analysis.tables.indicators import indicators, latest_known
from gunmane_analysis.wording import NOT_APPLICABLE, change_words

_TABLED = (
    "general_staff_count", "staff_change_since_1998", "staff_change_since_low",
    "staff_change_yearly", "staff_per_1000_residents", "staff_per_100km",
    "expenditure_per_resident_jpy", "repair_share", "population_2050_share",
)  # fmt: skip
_RANKED = ("staff_change_since_1998", "staff_per_100km", "population_2050_share")
# By what municipalities are listed: the entry of area.yml, and the columns.
_HEAVIEST: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "staff_per_100km": ("heaviest", (
        "general_staff_count", "population_count", "road_length_km", "staff_per_100km",
        "expenditure_per_resident_jpy", "repair_share",
    )),
    "repair_share": ("bridges", (
        "bridges_inspected_count", "bridges_needing_repair_count", "repair_share",
        "general_staff_count", "expenditure_per_resident_jpy", "fiscal_strength_index",
    )),
}  # fmt: skip
_POOLED = ("general_staff_count", "population_count", "road_length_km", "bridges_inspected_count")


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
    own, nation = breaks[0], breaks[-1]
    first, last = int(own.staff.index[0]), int(own.staff.index[-1])
    series = {each.area.name: each.staff / each.staff.iloc[0] * 100 for each in (nation, own)}
    table = pd.DataFrame(series).rename_axis("year").reset_index()
    points = table.melt("year", var_name="series")
    index = series[area.name]
    scale = 100.0 / float(own.staff.iloc[0])
    ends = projection.path[["fiscal_year", "count_low", "count_high"]].to_numpy("float64")
    ranges = pd.DataFrame(
        [(last, index.iloc[-1], index.iloc[-1]), *(ends * (1.0, scale, scale))],
        columns=["year", "low", "high"],
    )
    styles = {area.name: {"color": AREA_COLOR, "linewidth": 2.0}}
    nation_words = ""
    if nation.area != area:
        styles[nation.area.name] = {"color": NATION_COLOR, "linestyle": ":", "linewidth": 1.4}
        nation_words = f"（全国{series[nation.area.name].iloc[-1]:.1f}）"
    spans = [own.shift.year_range] if own.shift.exists else []
    return described_finding(
        "area.course",
        table,
        f"{area.name}の職員数は、{first}年度を100とすると{last}年度に{index.iloc[-1]:.1f}である"
        f"{nation_words}。{_turn_words(own)}{_outlook_words(projection)}",
        words={"area": area.name, "first": first},
        columns=("year", *(Column(name, name, "", "number", 1) for name in styles)),
        chart=draw(
            lambda: plot_lines(points, styles, "", FULL, 2.2, spans=spans, ranges=ranges),
            f"折れ線図。{area.name}は{first}年度の100から{last}年度の{index.iloc[-1]:.1f}まで動き、"
            f"最も低いのは{int(index.idxmin())}年度の{index.min():.1f}。",
        ),
    )


def _turn_words(breaks: AreaBreaks) -> str:
    shift = breaks.shift
    if not shift.exists:
        return "動きの変わり目は区別できない。"
    before, after = (change_words(level) for level in shift.levels)
    return f"{turn_year(breaks)}を境に、年{before}から年{after}に変わった。"


def _outlook_words(projection: Projection) -> str:
    if projection.path.empty:
        return ""
    last = projection.path.iloc[-1]
    return (
        f"これまでの動きが続けば、{last['fiscal_year']:.0f}年度は"
        f"{last['count_low']:,.0f}〜{last['count_high']:,.0f}人である。"
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
    inside = points[points["series"].isin(names)]
    headline = (
        f"{last}年度の指数は、{names[ordered.index[0]]}の{ordered.iloc[0]:.0f}から"
        f"{names[ordered.index[-1]]}の{ordered.iloc[-1]:.0f}まである（全国{now['japan']:.0f}）。"
    )
    return described_finding(
        "area.panels",
        inside.pivot(index="year", columns="series", values="value").reset_index(),
        headline,
        words={
            "area": area.name,
            "count": len(members),
            "unit": members_unit(members),
            "first": first,
            "last": last,
        },
        columns=("year", *(Column(code, name, "", "number", 1) for code, name in names.items())),
        chart=draw(
            lambda: plot_panels(
                inside,
                points[points["series"] == "japan"],
                {code: f"{name} {now[code]:.0f}" for code, name in names.items()},
            ),
            f"{len(members)}枚の小さな折れ線図。{headline}",
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
    wide = newest.pivot(index="area_id", columns="indicator_id", values="value")
    known = [name for name in _TABLED if name in wide]
    table = wide.reindex(list(names))[known].reset_index()
    table.insert(0, "area_name", table["area_id"].map(names))
    placed = ranks(values, areas[0].kind, fiscal_year)
    ranked = [name for name in _RANKED if name in known]
    for name in ranked:
        of_all = placed[placed["indicator_id"] == name].set_index("area_id")
        rank = table["area_id"].map(of_all["rank"]).astype("object")
        table[f"{name}_rank"] = rank.where(rank.notna(), NOT_APPLICABLE)
    load = wide["staff_per_100km"].reindex([area.area_id for area in areas]).dropna().sort_values()
    years = dict(newest.groupby("indicator_id")["year"].max())
    usual = int(newest["year"].mode().iloc[-1])
    ends = [f"{names[load.index[place]]}の{load.iloc[place]:.1f}人" for place in (0, -1)]
    return described_finding(
        f"area.{key}",
        table,
        f"市町村道100km当たりの職員は、{ends[0]}から{ends[1]}まで開いている。"
        if len(load) > 1
        else f"市町村道100km当たりの職員は、{ends[0]}である。",
        words={
            "title": title,
            "usual": usual,
            "peers": f"{placed['area_id'].nunique()}{COUNTERS[areas[0].kind]}",
        },
        columns=("area_name", *indicator_columns(known, years, usual, ranked)),
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
    area = find_area(area)
    indicator, (name, shown) = indicators()[indicator_id], _HEAVIEST[indicator_id]
    is_low = indicator.graver == "low"
    known = municipalities.dropna(subset=[indicator_id])
    known = known.sort_values(indicator_id, ascending=is_low, kind="stable")
    inside = known[known["prefecture_code"].isin(area.prefecture_codes)]
    if inside.empty:
        return absent_finding("area.heaviest")
    names = {code: find_area(code).name for code in area.prefecture_codes}
    rows = inside.head(count)
    rows = rows.assign(area_name=rows["prefecture_code"].map(names) + rows["area_name"])
    limit = float(known[indicator_id].quantile(0.2 if is_low else 0.8))
    years = {each: rows[f"{each}_year"].max() for each in shown}
    usual = pd.Series(years).mode().iloc[-1]
    end, bound = ("少ない", "以下") if is_low else ("高い", "以上")
    grave = inside[(inside[indicator_id] <= limit) if is_low else (inside[indicator_id] >= limit)]
    most = grave["prefecture_code"].map(names).value_counts().head(2)
    where = "、".join(f"{name}の{number}" for name, number in most.items())
    return described_finding(
        f"area.{name}",
        rows.reset_index(drop=True),
        f"{area.name}の{len(inside)}市区町村のうち、{indicator.label}が全国の{end}側の5分の1"
        f"（{indicator.words(limit)}{bound}）に入るのは{len(grave)}"
        f"（{len(grave) / len(inside):.0%}）である{f'（{where}など）' if where else ''}。",
        words={
            "area": area.name,
            "label": f"{indicator.label}の{end}",
            "count": len(rows),
            "usual": f"{usual:.0f}",
        },
        columns=("area_name", *indicator_columns(shown, years, usual)),
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
    table = lines.assign(
        kind=lines["activity_kind"].map(label_of),
        what=lines["event_name"].fillna(lines["description"]),
        whose=lines["organisation_name"],
    ).sort_values(["month_from", "line_no"], na_position="last")
    named = lines["forum_name"].dropna().unique()
    forum = "・".join(map(str, named[:2])) if len(named) <= 2 else f"{len(named)}の地方フォーラム"
    trials = int((lines["activity_kind"] == "field_trial").sum())
    planned = f"{fiscal_year}年度は{len(lines)}件の活動を計画した" if len(lines) else ""
    planned += f"（うち実証実験・試験{trials}件）" if trials else ""
    return described_finding(
        "area.calendar",
        table.reset_index(drop=True),
        (f"{planned}。" if planned else "") + counted,
        words={"forum": forum or "地方フォーラム", "fiscal_year": fiscal_year},
        source_ids=(*(["activity_plan"] if planned else []), *(["kpi"] if counted else [])),
        status="planned" if planned else "measured",
    )


def _funnel_words(funnel: AreaFunnel) -> str:
    """Word the area's own counts, where filed, and the nation's under each reading."""
    words = ""
    if funnel.origin in ("counts", "cases"):
        sentence = readings_sentence(funnel.own, is_followed=funnel.origin == "cases")
        words = f"{funnel.area.name}では、{funnel.own.fiscal_year}年度に{sentence}"
    if not funnel.nation.is_known:
        return words
    counts = next(iter(funnel.nation.rates.values()))["case_count"]
    first, last, total = int(counts.iloc[0]), int(counts.iloc[-1]), int(counts.sum())
    return (
        f"{words}全国では検討{first}件に対し社会実装は{last}件（{last / first:.1%}）、"
        f"ほかの段階も合わせた{total}件に対しては{last / total:.1%}である"
        "（一年の活動の数で、同じ案件を追ったものではない）。"
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
    halls = {code: town_halls()[code][::-1] for code in names if code in town_halls()}
    values = municipalities.set_index("municipality_code")[indicator_id]
    outlines = outlines_of(boundaries, list(names))
    is_drawn = set(outlines.index) == set(names)
    framed = [area.area_id] if is_town else []
    shown = {
        str(code): Column("", "", "", indicator.kind, indicator.decimals).words(values[code])
        for code in names
    }
    low, high = (
        f"{row['area_name']}（{indicator.words(row[indicator_id])}）"
        for row in (known.iloc[0], known.iloc[-1])
    )
    place = f"{area.name}と隣の市区町村" if is_town else f"{area.name}の市区町村"
    headline = f"{indicator.label}は、{low}が最も少なく、{high}が最も多い。"
    unit = f"、{indicator.unit}" if indicator.unit else ""
    return described_finding(
        "area.map",
        rows,
        headline,
        words={
            "place": place,
            "label": indicator.label,
            "year": f"{rows[f'{indicator_id}_year'].max():.0f}",
            "unit": unit,
            "darker": "少ない" if indicator.graver == "low" else "多い",
            "how": "" if is_drawn else "四角は役所の位置の順に置き、形と広さは実際と異なる。",
        },
        columns=("area_name", *indicator_columns([indicator_id])),
        source_ids=indicator_sources([indicator_id], "municipality"),
        chart=draw(
            (lambda: plot_outline_map(outlines, values, names, framed, indicator.graver))
            if is_drawn
            else lambda: plot_tile_map(
                values, shown, names, framed, tiles_of(halls), indicator.graver
            ),
            f"市区町村を{'境界' if is_drawn else '四角'}で表した地図。{headline}",
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
    headline = f"次の{len(missing)}の資料は提出されていないため、その内容は載せていない。"
    return described_finding("area.unsubmitted", missing, headline)


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
    shown = [name for name in _POOLED if municipalities[name].notna().any()]
    shown = list(dict.fromkeys((found.measure, *shown)))
    table = pd.DataFrame(
        [
            _pooled_row(group, municipalities, shown) | {"share": counted[group] / divisions}
            for group in own
        ]
    ).sort_values(["share", found.measure], ascending=False, ignore_index=True)
    measure = indicators()[found.measure]
    threshold = f"{measure.label}が合わせて{measure.words(found.threshold)}"
    best = table.iloc[0]
    columns: tuple[str | Column, ...] = ("members", *indicator_columns(shown))
    if own == [frozenset({area.area_id})]:  # no partner to name: a sentence, and no table
        columns = ()
        headline = (
            f"{area.name}は{measure.label}が{measure.words(best[found.measure])}で、単独で"
            f"{measure.words(found.threshold)}に届くため、群の候補を挙げない。"
        )
    elif is_town:
        columns = (*columns, "share")
        headline = (
            f"{area.name}が入る候補は{len(table)}組ある。最も多くの組み方に現れるのは"
            f"{best['members']}で、{measure.label}は合わせて{measure.words(best[found.measure])}になる。"
        )
    else:
        headline = (
            f"{found.region.name}の市区町村は、{threshold}以上になる、隣り合う{len(table)}組の候補に"
            "まとめられる。"
        )
    return described_finding(
        "area.groups",
        table.head(6) if is_town else table,
        headline,
        words={
            "area": area.name,
            "joined": "が入る" if is_town else "の",
            "threshold": threshold,
        },
        columns=columns,
        source_ids=indicator_sources(shown, "municipality", "adjacency"),
    )


def _pooled_row(
    group: frozenset[str], municipalities: pd.DataFrame, names: Sequence[str]
) -> dict[str, Any]:
    rows = municipalities[municipalities["municipality_code"].isin(group)]
    sums = {name: rows[name].sum(min_count=len(rows)) for name in names}
    return {"members": "・".join(map(str, rows["area_name"])), **sums}
