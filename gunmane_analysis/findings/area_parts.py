"""What an area's page says of its course, its members, the forum of its block, and the funnel."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.charts.chart import draw
from gunmane_analysis.charts.grammar import plot_funnel, plot_lines, plot_panels
from gunmane_analysis.charts.style import AREA_COLOR, FULL, HALF, NATION_COLOR
from gunmane_analysis.findings.area import NOT_CIVIL
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.metrics.staffing.breaks import AreaBreaks
from gunmane_analysis.metrics.staffing.projection import Projection
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables import label_of
from gunmane_analysis.tables.indicators import indicators, latest_known
from gunmane_analysis.wording import change_words

_SERIES = ("prefecture_series",)


def course_finding(breaks: Sequence[AreaBreaks], projection: Projection, area: Area) -> Finding:
    """Show the course of an area's staff: index, nation, turn with its range, outlook.

    Parameters
    ----------
    breaks : sequence of AreaBreaks
        Of the area first, and of the nation.
    projection : Projection
        Of the area.
    area : Area

    Examples
    --------
    >>> from gunmane_analysis import (
    ...     find_area, load_staffing, staffing_breaks, staffing_projection)
    >>> staffing, akita = load_staffing(), find_area("05")
    >>> breaks = staffing_breaks(staffing, [akita, find_area("japan")], 2024)
    >>> course_finding(breaks, staffing_projection(staffing, akita, 2024), akita).finding_id
    'area.course'
    """
    own, nation = breaks[0], breaks[-1]
    first, last = int(own.staff.index[0]), int(own.staff.index[-1])
    series = {each.area.name: each.staff / each.staff.iloc[0] * 100 for each in (nation, own)}
    points = pd.concat(
        pd.DataFrame({"series": name, "year": line.index, "value": line.to_numpy()})
        for name, line in series.items()
    )
    scale = 100.0 / float(own.staff.iloc[0])
    path = projection.path
    ranges = pd.DataFrame(
        {
            "year": [last, *path["fiscal_year"]],
            "low": [series[area.name].iloc[-1], *(path["count_low"] * scale)],
            "high": [series[area.name].iloc[-1], *(path["count_high"] * scale)],
        }
    )
    styles = {area.name: {"color": AREA_COLOR, "linewidth": 2.0}}
    if nation.area != area:
        styles[nation.area.name] = {"color": NATION_COLOR, "linestyle": ":", "linewidth": 1.4}
    spans = [own.shift.year_range] if own.shift.exists else []
    now = float(series[area.name].iloc[-1])
    headline = (
        f"{area.name}の職員数は、{first}年度を100とすると{last}年度に{now:.1f}である"
        + (f"（全国{series[nation.area.name].iloc[-1]:.1f}）。" if nation.area != area else "。")
        + _turn_words(own)
        + _outlook_words(projection)
    )
    table = points.pivot(index="year", columns="series", values="value").reset_index()
    return Finding(
        finding_id="area.course",
        title=f"{area.name}の職員数（{first}年度＝100）",
        headline=headline,
        table=table,
        columns=(
            Column("year", "年度", kind="year"),
            *(Column(name, name, "", "number", 1) for name in styles),
        ),
        source_ids=_SERIES,
        caveats=(
            NOT_CIVIL,
            "網掛けの縦の帯は動きの変わり目の範囲、右端の網掛けは見通しの幅"
            "（過去の当たり外れから求めたもので、実績ではない）。",
        ),
        chart=draw(
            lambda: plot_lines(
                points, styles, f"{first}年度＝100", FULL, 2.3, spans=spans, ranges=ranges
            ),
            f"折れ線図。{area.name}は{first}年度の100から{last}年度の{now:.1f}まで動き、"
            f"最も低いのは{int(series[area.name].idxmin())}年度の{series[area.name].min():.1f}。",
        ),
    )


def _turn_words(breaks: AreaBreaks) -> str:
    shift = breaks.shift
    if not shift.exists:
        return "動きの変わり目は区別できない。"
    low, high = shift.year_range
    before, after = (change_words(level) for level in shift.levels)
    return (
        f"{shift.last_year}年度ごろ（{low}〜{high}年度）を境に、年{before}から年{after}に変わった。"
    )


def _outlook_words(projection: Projection) -> str:
    if projection.path.empty:
        return ""
    last = projection.path.iloc[-1]
    return (
        f"これまでの動きが続けば、{last['fiscal_year']:.0f}年度は"
        f"{last['count_low']:,.0f}〜{last['count_high']:,.0f}人である。"
    )


def panels_finding(index: pd.DataFrame, members: Sequence[Area], area: Area) -> Finding | None:
    """Show the course of each area inside an area, the nation dashed in each panel.

    Parameters
    ----------
    index : DataFrame
        From :func:`staffing_index` of the members and the nation.
    members : sequence of Area
    area : Area

    Examples
    --------
    >>> from gunmane_analysis import children, find_area, load_staffing, staffing_index
    >>> tohoku = find_area("tohoku")
    >>> members = children(tohoku)
    >>> index = staffing_index(load_staffing(), (*members, find_area("japan")), 2024)
    >>> panels_finding(index, members, tohoku).title
    '東北の6県の職員数（1998年度＝100）'
    """
    if len(members) < 2:
        return None
    points = index.rename(columns={"area_id": "series", "fiscal_year": "year"})
    points = points.rename(columns={"staff_index": "value"})[["series", "year", "value"]]
    first, last = int(points["year"].min()), int(points["year"].max())
    now = points[points["year"] == last].set_index("series")["value"]
    titles = {member.area_id: f"{member.name} {now[member.area_id]:.0f}" for member in members}
    ordered = now[list(titles)].sort_values()
    names = {member.area_id: member.name for member in members}
    unit = "県" if all(member.name.endswith("県") for member in members) else "都道府県"
    if members[0].kind == "block":
        unit = "ブロック"
    headline = (
        f"{last}年度の指数は、{names[ordered.index[0]]}の{ordered.iloc[0]:.0f}から"
        f"{names[ordered.index[-1]]}の{ordered.iloc[-1]:.0f}まである（全国{now['japan']:.0f}）。"
    )
    nation = points[points["series"] == "japan"]
    inside = points[points["series"].isin(titles)]
    table = inside.pivot(index="year", columns="series", values="value").reset_index()
    return Finding(
        finding_id="area.panels",
        title=f"{area.name}の{len(members)}{unit}の職員数（{first}年度＝100）",
        headline=headline,
        table=table,
        columns=(
            Column("year", "年度", kind="year"),
            *(Column(code, name, "", "number", 1) for code, name in names.items()),
        ),
        source_ids=_SERIES,
        caveats=(f"破線は全国。名の右は{last}年度の値。{NOT_CIVIL}",),
        chart=draw(
            lambda: plot_panels(inside, nation, titles, f"{first}年度＝100"),
            f"{len(members)}枚の小さな折れ線図。{headline}",
        ),
    )


def areas_table_finding(
    values: pd.DataFrame, areas: Sequence[Area], fiscal_year: int, title: str, key: str
) -> Finding:
    """List areas in one table: staff, its change, its load, money, bridges, outlook.

    Parameters
    ----------
    values : DataFrame
        ``area_id``, ``indicator_id``, ``year``, ``value``.
    areas : sequence of Area
    fiscal_year : int
    title, key : str
        The caption, and the last part of the finding's id.

    Examples
    --------
    >>> from gunmane_analysis import area_values, list_areas, load_municipal_values, load_staffing
    >>> values = area_values(load_municipal_values(), load_staffing())
    >>> len(areas_table_finding(values, list_areas("block"), 2024, "10ブロック", "blocks").table)
    10
    """
    shown = (
        "general_staff_count", "staff_change_since_1998", "staff_change_since_low",
        "staff_change_yearly", "staff_per_1000_residents", "staff_per_100km",
        "expenditure_per_resident_jpy", "repair_share", "population_2050_share",
    )  # fmt: skip
    names = {area.area_id: area.name for area in areas}
    newest = latest_known(values[values["area_id"].isin(names)], fiscal_year)
    newest = newest.astype({"area_id": "str", "indicator_id": "str"})
    wide = newest.pivot(index="area_id", columns="indicator_id", values="value")
    known = [name for name in shown if name in wide]
    years = newest.groupby("indicator_id")["year"].max()
    table = wide.reindex(list(names))[known].reset_index()
    table["area_name"] = table["area_id"].map(names)
    load = wide["staff_per_100km"].dropna().sort_values()
    described = [indicators()[name] for name in known]
    return Finding(
        finding_id=f"area.{key}",
        title=title,
        headline=(
            f"市町村道100km当たりの職員は、{names[load.index[0]]}の{load.iloc[0]:.1f}人から"
            f"{names[load.index[-1]]}の{load.iloc[-1]:.1f}人まで開いている。"
        ),
        table=table,
        columns=(
            Column("area_name", "地域"),
            *(
                Column(
                    each.indicator_id,
                    f"{each.label} {years[each.indicator_id]:.0f}年度",
                    each.unit,
                    each.kind,
                    each.decimals,
                )
                for each in described
            ),
        ),
        source_ids=sources_in_use(*sorted({s for i in described for s in i.sources["regional"]})),
        caveats=(NOT_CIVIL, "年度は見出しのとおり。2050年の人口の年度は推計の公表年。"),
    )


def calendar_finding(lines: pd.DataFrame, area: Area, fiscal_year: int) -> Finding | None:
    """List what the forum of an area planned for a year: event, place, day, kind.

    Parameters
    ----------
    lines : DataFrame
        From :func:`planned_activities`.

    Returns
    -------
    Finding or None
        None where nothing is known for that year.

    Examples
    --------
    >>> from gunmane_analysis import find_area, load_activity_plan, planned_activities
    >>> tohoku = find_area("tohoku")
    >>> found = calendar_finding(
    ...     planned_activities(load_activity_plan(), tohoku, 2024), tohoku, 2024)
    >>> len(found.table)
    6
    """
    if lines.empty:
        return None
    table = lines.assign(
        kind=lines["activity_kind"].map(label_of),
        what=lines["event_name"].fillna(lines["description"]),
        whose=lines["organisation_name"],
    ).sort_values(["month_from", "line_no"], na_position="last")
    named = lines["forum_name"].dropna().unique()
    forum = "・".join(map(str, named[:2])) if len(named) <= 2 else f"{len(named)}の地方フォーラム"
    trials = int((lines["activity_kind"] == "field_trial").sum())
    return Finding(
        finding_id="area.calendar",
        title=f"{forum}の活動計画（{fiscal_year}年度）",
        headline=(
            f"{fiscal_year}年度は{len(lines)}件の活動を計画した"
            + (f"（うち実証実験・試験{trials}件）。" if trials else "。")
        ),
        table=table.reset_index(drop=True),
        columns=(
            Column("what", "活動"),
            Column("whose", "場所・相手"),
            Column("date_as_given", "時期"),
            Column("kind", "種別"),
        ),
        source_ids=("activity_plan",),
        caveats=("計画であり、実施の記録ではない。",),
        status="planned",
    )


def funnel_card_finding(counts: pd.DataFrame, own_words: str = "") -> Finding | None:
    """Show the nation's matching funnel at half width, both readings named.

    Parameters
    ----------
    counts : DataFrame
        From :func:`published_counts`.
    own_words : str
        What is known of the area's own cases.

    Returns
    -------
    Finding or None
        None where no counts were known.

    Examples
    --------
    >>> from gunmane_analysis import load_kpi, published_counts
    >>> funnel_card_finding(published_counts(load_kpi(), 2024)).finding_id
    'area.funnel'
    """
    if counts.empty:
        return None
    table = counts[["stage", "case_count"]].assign(label=counts["stage"].map(label_of))
    first, last = (int(table["case_count"].iloc[place]) for place in (0, -1))
    total = int(table["case_count"].sum())
    words = [f"{first}件"] + [
        f"{count}件（検討{first}件に対し{count / first * 100:.1f}%）"
        for count in table["case_count"].iloc[1:]
    ]
    bars = pd.DataFrame({"label": table["label"], "count": table["case_count"], "words": words})
    return Finding(
        finding_id="area.funnel",
        title="マッチングの段階別の件数（全国）",
        headline=(
            f"{own_words}全国では、検討{first}件に対し社会実装は{last}件"
            f"（{last / first * 100:.1f}%）。ほかの段階にある案件も合わせた{total}件に対しては"
            f"{last / total * 100:.1f}%である。"
        ),
        table=table,
        columns=(Column("label", "段階"), Column("case_count", "件数", "件", "count")),
        source_ids=("kpi",),
        caveats=(
            "件数は一年の活動の数で、同じ案件を追ったものではない。段階の数え方は資料に示されていない。",
        ),
        chart=draw(
            lambda: plot_funnel(bars, HALF),
            f"段階別の件数の図。検討{first}件から社会実装{last}件まで段階ごとに少なくなる。",
        ),
    )
