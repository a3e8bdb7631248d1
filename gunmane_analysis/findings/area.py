"""What an area's page says of the area first: its points, its cards, its place among its peers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area, children, list_areas
from gunmane_analysis.charts.chart import Chart, draw
from gunmane_analysis.charts.grammar import plot_positions
from gunmane_analysis.findings.finding import Column, Finding, KeyFigure
from gunmane_analysis.metrics.groups.question import AreaGroups
from gunmane_analysis.metrics.position.position import Position, ranks
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables.indicators import Level, indicators, latest_known
from gunmane_analysis.wording import change_words

SHOWN: Mapping[str, tuple[str, ...]] = {
    "municipality": (
        "staff_per_1000_residents", "staff_per_100km", "staff_change_since_2021",
        "expenditure_per_resident_jpy", "expenditure_change_since_2015", "fiscal_strength_index",
        "debt_service_ratio", "future_burden_ratio", "repair_share", "population_2050_share",
    ),
    "regional": (
        "staff_change_since_1998", "staff_change_since_low", "staff_change_yearly",
        "staff_per_1000_residents", "staff_per_100km", "expenditure_per_resident_jpy",
        "repair_share", "population_2050_share",
    ),
}  # fmt: skip
_CARDS: Mapping[str, tuple[str, ...]] = {
    "municipality": (
        "general_staff_count", "staff_per_1000_residents", "expenditure_per_resident_jpy",
        "repair_share",
    ),
    "regional": (
        "general_staff_count", "staff_change_since_1998", "staff_per_1000_residents",
        "staff_per_100km",
    ),
}  # fmt: skip
_WEIGHED = (
    "repair_share", "staff_per_100km", "population_2050_share", "fiscal_strength_index",
    "future_burden_ratio", "debt_service_ratio", "staff_per_1000_residents",
)  # fmt: skip
_COUNTERS: Mapping[str, str] = {
    "municipality": "市区町村",
    "prefecture": "都道府県",
    "block": "ブロック",
}
_SPLIT_POINTS = 0.015  # members whose changes lie further apart than this went separate ways
NOT_CIVIL = "職員は一般行政部門の職員で、土木部門の職員ではない。"


def level_of(area: Area) -> Level:
    """Return by which sources an area's indicators are known."""
    return "municipality" if area.kind == "municipality" else "regional"


def points_finding(
    found: Position, values: pd.DataFrame, inside: pd.DataFrame | None = None
) -> Finding:
    """Say in up to four sentences where an area stands, and give its cards.

    The sentences follow from the figures by rule: the staff and how it moved; what weighs most
    among its peers; how its members differ; what moved its staff per resident, or its outlook.

    Parameters
    ----------
    found : Position
        Of the area among all its peers, with every indicator.
    values : DataFrame
        ``area_id``, ``indicator_id``, ``year``, ``value`` of the area and its peers.
    inside : DataFrame, optional
        The same of the areas inside it, where ``values`` has them not.

    Examples
    --------
    >>> from gunmane_analysis import area_values, load_municipal_values, load_staffing, position
    >>> values = area_values(load_municipal_values(), load_staffing())
    >>> points_finding(position(values, "tohoku", 2024), values).table["point"].iloc[1][:32]
    '市町村道100km当たり職員数は42.6人で、10ブロックで最も'
    """
    rows = _rows(found)
    newest = latest_known(values, found.fiscal_year)
    of_members = newest if inside is None else latest_known(inside, found.fiscal_year)
    points = [
        _staff_point(rows, found),
        *_weights(rows, found, newest),
        _member_point(found, of_members) if found.area.kind != "municipality" else "",
        _density_point(rows, found, values),
        _outlook_point(rows, found),
    ]
    worded = [point for point in points if point]
    unknown = _unknown_point(rows, found)
    chosen = [*worded[:3], unknown] if unknown else worded[:4]
    level = level_of(found.area)
    used = {source for name in rows for source in indicators()[name].sources.get(level, ())}
    return Finding(
        finding_id="area.points",
        title=f"{found.area.name}の要点",
        headline="".join(chosen) or f"{found.area.name}の数値は得られていない。",
        table=pd.DataFrame({"point": chosen}),
        columns=(Column("point", "要点"),),
        source_ids=sources_in_use(*sorted(used)),
        caveats=(NOT_CIVIL,),
        key_figures=_cards(rows, found),
        placement="summary",
    )


def _rows(found: Position) -> dict[str, Mapping[Hashable, Any]]:
    rows = {str(row["indicator_id"]): row for row in found.table.to_dict("records")}
    return {name: row for name, row in rows.items() if not pd.isna(row["value"])}


def rank_words(row: Mapping[Hashable, Any], found: Position) -> str:
    """Word a rank from its nearer end: 「10ブロックで最も少ない」「47都道府県で3番目に多い」."""
    count, rank = int(row["known_count"]), int(row["rank"])
    indicator = indicators()[str(row["indicator_id"])]
    more, less = ("高い", "低い") if indicator.kind in ("rate", "change") else ("多い", "少ない")
    if indicator.unit in ("", "%") and indicator.kind == "number":
        more, less = "高い", "低い"
    from_below = count + 1 - rank - int(row["tied_count"])
    place, word = (rank, more) if rank <= from_below else (from_below, less)
    peers = f"{count:,}{_COUNTERS[found.area.kind]}"
    return f"{peers}で最も{word}" if place == 1 else f"{peers}で{place:,}番目に{word}"


def _staff_point(rows: Mapping[str, Mapping[Hashable, Any]], found: Position) -> str:
    staff = rows.get("general_staff_count")
    if staff is None:
        return ""
    text = f"{'市区町村の' if found.area.kind != 'municipality' else ''}一般行政部門職員は"
    text += f"{staff['value']:,.0f}人（{staff['year']:.0f}年度）で、"
    if not pd.isna(staff["change"]):
        change, share = float(staff["change"]), float(staff["change"]) / staff["previous_value"]
        text += (
            "前年度と同数である"
            if change == 0
            else f"前年度から{abs(change):,.0f}人（{abs(share) * 100:.1f}%）"
            f"{'増えた' if change > 0 else '減った'}"
        )
    long = rows.get("staff_change_since_1998") or rows.get("staff_change_since_2021")
    if long is not None:
        since = str(long["indicator_id"])[-4:]
        text += f"。{since}年度からは{change_words(long['value'])}"
        if not pd.isna(long["rank"]):
            text += f"（{_change_rank(long, found)}）"
    low = rows.get("staff_change_since_low")
    if low is not None and low["value"] > 0:
        text += f"、最も少なかった年度からの回復は{low['value'] * 100:.1f}%"
        if not pd.isna(low["rank"]):
            text += f"（{_change_rank(low, found)}、全国{low['nation'] * 100:.1f}%）"
    return f"{text}である。" if long is not None else f"{text}。"


def _change_rank(row: Mapping[Hashable, Any], found: Position) -> str:
    """Word the rank of a change by its size: falls from the deepest, rises from the largest."""
    count, rank = int(row["known_count"]), int(row["rank"])
    peers = f"{count:,}{_COUNTERS[found.area.kind]}"
    if row["value"] < 0:
        deepest = count + 1 - rank - int(row["tied_count"])
        return f"減り方は{peers}で{_nth(deepest, count)}"
    return f"{peers}で{_nth(rank, count)}"


def _nth(place: int, count: int) -> str:
    if place <= (count + 1) / 2:
        return "最大" if place == 1 else f"{place:,}番目に大きい"
    last = count + 1 - place
    return "最小" if last == 1 else f"{last:,}番目に小さい"


def _weights(
    rows: Mapping[str, Mapping[Hashable, Any]], found: Position, newest: pd.DataFrame
) -> list[str]:
    """Word the indicators that weigh most: the furthest from the middle on their graver side."""
    weighed = []
    for name in _WEIGHED:
        row, graver = rows.get(name), indicators()[name].graver
        if row is None or pd.isna(row["percentile"]):
            continue
        depth = row["percentile"] - 0.5 if graver == "high" else 0.5 - row["percentile"]
        weighed.append((depth, name))
    chosen = sorted(weighed, reverse=True)[:1]
    return [_weight_words(rows[name], found, newest) for depth, name in chosen if depth > 0]


def _weight_words(row: Mapping[Hashable, Any], found: Position, newest: pd.DataFrame) -> str:
    indicator = indicators()[str(row["indicator_id"])]
    text = f"{indicator.label}は{indicator.words(row['value'])}で、{rank_words(row, found)}"
    if found.area.kind == "municipality":
        return f"{text}（中央値は{indicator.words(row['median'])}）。"
    beside = f"全国は{indicator.words(row['nation'])}" if not pd.isna(row["nation"]) else ""
    inside = _members(found.area, newest, indicator.indicator_id)
    if found.area.kind == "block" and len(inside) > 2:
        worst = inside.sort_values(ascending=indicator.graver == "low").head(2)
        beside += "。" + "、".join(f"{name}は{indicator.words(v)}" for name, v in worst.items())
    return f"{text}（{beside}）。"


def _members(area: Area, newest: pd.DataFrame, indicator_id: str) -> pd.Series:
    """Return the newest value of each area inside an area, by name."""
    names = {member.area_id: member.name for member in children(area)}
    rows = newest[(newest["indicator_id"] == indicator_id) & newest["area_id"].isin(names)]
    return rows.set_index(rows["area_id"].astype("str").map(names))["value"]


def _member_point(found: Position, newest: pd.DataFrame) -> str:
    """Word how the members of an area differ: those that recover and those that do not."""
    area = found.area
    of_towns = area.kind == "prefecture"
    name = "staff_change_since_2021" if of_towns else "staff_change_since_low"
    known = _members(area, newest, name).sort_values()
    if len(known) < 3:
        return ""
    if of_towns:
        fell, rose = known[known < 0], known[known > 0]
        return (
            f"{len(known)}市区町村のうち、2021年度から職員が減ったのは{len(fell)}、増えたのは"
            f"{len(rose)}である（{known.index[0]}の{change_words(known.iloc[0])}から"
            f"{known.index[-1]}の{change_words(known.iloc[-1])}まで）。"
        )
    gaps = known.diff().iloc[1:]
    place = int(np.argmax(gaps.to_numpy())) + 1
    low, high = known.iloc[:place], known.iloc[place:]
    unit = "県" if all(str(n).endswith("県") for n in known.index) else "都道府県"
    unit = "ブロック" if area.kind == "nation" else unit
    if gaps.max() < _SPLIT_POINTS:
        return (
            f"{len(known)}{unit}の職員数は、それぞれ最も少なかった年度から"
            f"{known.iloc[0] * 100:.1f}〜{known.iloc[-1] * 100:.1f}%増えた。"
        )
    return (
        f"{len(known)}{unit}の動きは分かれている。それぞれ最も少なかった年度から、"
        f"{_named(high)}は{_range(high)}増えたが、{_named(low)}は{_range(low)}にとどまる。"
    )


def _named(members: pd.Series) -> str:
    return "・".join(str(name).removesuffix("県") for name in members.index)


def _range(members: pd.Series) -> str:
    low, high = f"{members.min() * 100:.1f}", f"{members.max() * 100:.1f}"
    return f"{low}%" if low == high else f"{low}〜{high}%"


def _density_point(
    rows: Mapping[str, Mapping[Hashable, Any]], found: Position, values: pd.DataFrame
) -> str:
    """Word why staff per resident moved since the staff's lowest year: staff or residents."""
    density = rows.get("staff_per_1000_residents")
    if density is None or found.area.kind == "municipality" or pd.isna(density["nation"]):
        return ""
    own = values[(values["area_id"] == found.area.area_id) & (values["year"] <= density["year"])]
    series = own.pivot_table("value", "year", "indicator_id", observed=True)
    if not {"general_staff_count", "population_count"} <= set(series):
        return ""
    both = series[["general_staff_count", "population_count"]].dropna()
    start = int(both["general_staff_count"].idxmin())
    last = int(density["year"])
    if start >= last:
        return ""
    staff = float(
        np.log(both.loc[last, "general_staff_count"] / both.loc[start, "general_staff_count"])
    )
    people = float(np.log(both.loc[last, "population_count"] / both.loc[start, "population_count"]))
    before = float(1000 * both.loc[start].iloc[0] / both.loc[start].iloc[1])
    text = f"人口千人当たりの職員は{density['value']:.2f}人"
    if not pd.isna(density["rank"]):
        text += f"（全国{density['nation']:.2f}人、{rank_words(density, found)}）"
    if staff - people <= 0:
        return f"{text}である。"
    cause = (
        "職員が増えたこと" if staff > -people else
        f"主に人口が減ったこと（{change_words(float(np.exp(people)) - 1)}）"
    )  # fmt: skip
    return f"{text}で、{start}年度の{before:.2f}人から増えたのは、{cause}による。"


def _outlook_point(rows: Mapping[str, Mapping[Hashable, Any]], found: Position) -> str:
    row = rows.get("population_2050_share")
    if row is None:
        return ""
    if pd.isna(row["rank"]):
        return f"2050年の人口は2020年の{row['value'] * 100:.0f}%と見込まれる。"
    return (
        f"2050年の人口は2020年の{row['value'] * 100:.0f}%と見込まれる"
        f"（{rank_words(row, found)}、中央値は{row['median'] * 100:.0f}%）。"
    )


def _unknown_point(rows: Mapping[str, Mapping[Hashable, Any]], found: Position) -> str:
    if "technician_count" in rows or found.area.kind != "municipality":
        return ""
    return "土木部門の職員数と技術者の数は提出されておらず、分からない。"


def _cards(rows: Mapping[str, Mapping[Hashable, Any]], found: Position) -> tuple[KeyFigure, ...]:
    level, cards = level_of(found.area), []
    for name in _CARDS[level]:
        row = rows.get(name)
        if row is None:
            continue
        indicator = indicators()[name]
        notes = [f"{row['year']:.0f}年度"]
        if not pd.isna(row["rank"]):
            notes.append(
                f"{row['known_count']:,}{_COUNTERS[found.area.kind]}中{row['rank']:,.0f}位"
            )
        if indicator.kind == "count" and not pd.isna(row["change"]):
            notes.append(f"前年度差 {row['change']:+,.0f}{indicator.unit}".replace("-", "△"))
        nation = row["nation"] if level == "regional" else row["median"]
        shown = None if indicator.kind == "count" or pd.isna(nation) else float(nation)
        cards.append(
            KeyFigure(
                key=f"area.{name}",
                label=indicator.label,
                value=float(row["value"]),
                unit=indicator.unit,
                kind=indicator.kind,
                decimals=indicator.decimals,
                nation=shown,
                note="、".join(notes)
                + ("。全国は市区町村の中央値" if shown is not None and level != "regional" else ""),
            )
        )
    return tuple(cards)


def place_finding(
    found: Position, values: pd.DataFrame, similar: Position | None = None
) -> Finding | None:
    """Show where an area stands among its peers, one strip an indicator.

    Parameters
    ----------
    found : Position
    values : DataFrame
        ``area_id``, ``indicator_id``, ``year``, ``value`` of all areas.
    similar : Position, optional
        A municipality among those most like it.

    Returns
    -------
    Finding or None
        None for the nation.

    Examples
    --------
    >>> from gunmane_analysis import load_municipal_values, position
    >>> values = load_municipal_values()
    >>> place_finding(position(values, "05204", 2024), values).title
    '大館市の位置（1,741市区町村の中で）'
    """
    area, rows = found.area, _rows(found)
    shown = [name for name in SHOWN[level_of(area)] if name in rows]
    if area.kind == "nation" or not shown:
        return None
    alike = {} if similar is None else dict(similar.table.set_index("indicator_id")["median"])
    table = pd.DataFrame([_place_row(rows[name], found, alike) for name in shown])
    graver = [indicators()[n].label for n in shown if rows[n]["is_graver_than_most"]]
    headline = (
        f"{area.name}が{_COUNTERS[area.kind]}の重い側の4分の1に入るのは、{'、'.join(graver)}である。"
        if graver
        else f"{area.name}は、どの指標でも{_COUNTERS[area.kind]}の重い側の4分の1に入らない。"
    )
    middle = "中央値" if area.kind == "municipality" else "全国"
    sources = {s for name in shown for s in indicators()[name].sources[level_of(area)]}
    return Finding(
        finding_id="area.place",
        title=f"{area.name}の位置（{found.peers_label}の中で）",
        headline=headline,
        table=table,
        columns=(
            Column("label", "指標"),
            Column("year", "年度", kind="year"),
            Column("value_words", area.name),
            Column("change_words", "前年度差"),
            Column("rank_text", "順位（大きい順）"),
            Column("reference_words", f"{middle}"),
            Column("quartiles_words", "中央の半分"),
            *([Column("similar_words", "似た20市区町村の中央値")] if alike else []),
        ),
        source_ids=sources_in_use(*sorted(sources)),
        caveats=(
            NOT_CIVIL,
            _chart_note(area),
            "重い側とは、職員・財政力・将来の人口が少ない側、措置の要る橋・負担の比率が高い側をいう。"
            "土木費と順位は良し悪しを示さない。",
        ),
        chart=_place_chart(found, values, table, shown, middle),
    )


def _chart_note(area: Area) -> str:
    if area.kind == "municipality":
        return (
            "帯は全国の市区町村を小さい順に並べたもの（濃い部分は中央の半分、縦線は中央値）、"
            f"細い印は{area.ancestor('prefecture').name}の市区町村、青い点が{area.name}。"
        )
    return f"点は{_COUNTERS[area.kind]}、縦線は全国、青い点が{area.name}。"


def _place_row(
    row: Mapping[Hashable, Any], found: Position, alike: Mapping[str, float]
) -> dict[str, Any]:
    indicator = indicators()[str(row["indicator_id"])]
    is_town = found.area.kind == "municipality"
    words = indicator.words
    change = row["change"]
    points = indicator.kind in ("rate", "change")
    return {
        "label": indicator.label,
        "year": row["year"],
        "value_words": words(row["value"]),
        "reference_words": words(row["median"] if is_town else row["nation"]),
        "rank_text": f"{row['rank']:,.0f}／{row['known_count']:,}",
        "change_words": "…"
        if pd.isna(change)
        else f"{change * (100 if points else 1):+,.{indicator.decimals}f}"
        f"{'ポイント' if points else indicator.unit}".replace("-", "△"),
        "quartiles_words": f"{words(row['lower_quartile'])}〜{words(row['upper_quartile'])}",
        "similar_words": words(alike.get(str(row["indicator_id"]), float("nan"))),
    }


def _place_chart(
    found: Position, values: pd.DataFrame, table: pd.DataFrame, shown: Sequence[str], middle: str
) -> Chart:
    area, rows = found.area, _rows(found)
    is_town = area.kind == "municipality"
    strips = table[["label", "value_words", "reference_words"]].assign(
        rank_words=table["rank_text"]
    )
    if is_town:
        placed = ranks(values, "municipality", found.fiscal_year)
        beside = placed[placed["area_id"].astype("str").str[:2] == area.area_id[:2]]
        place = 1.0 - (beside["rank"] - 1) / (beside["known_count"] - 1).clip(lower=1)
        marks = [place[beside["indicator_id"] == name].tolist() for name in shown]
        strips = strips.assign(
            place=[rows[name]["percentile"] for name in shown],
            marks=pd.Series(marks, dtype="object"),
            reference=0.5,
        )
    else:
        newest = latest_known(values, found.fiscal_year)
        names = {a.area_id: a.name for a in list_areas(area.kind, area.scheme_id)}
        drawn = [_dots(newest, names, rows[name], name) for name in shown]
        strips = pd.concat([strips, pd.DataFrame(drawn)], axis=1)
    headings = (area.name[:6], "全国の中央値" if is_town else middle, "順位（大きい順）")
    said = "、".join(
        f"{row['label']} {row['value_words']}（{row['rank_text']}）"
        for row in table.to_dict("records")
    )
    return draw(
        lambda: plot_positions(strips, "band" if is_town else "dots", headings),
        f"{len(shown)}の指標について、{found.peers_label}の中での位置を帯の上の点で示す図。{said}",
    )


def _dots(
    newest: pd.DataFrame, names: Mapping[str, str], row: Mapping[Hashable, Any], name: str
) -> dict[str, Any]:
    """Return the places of the peers' values between the least and the largest."""
    known = newest[(newest["indicator_id"] == name) & newest["area_id"].isin(names)]
    by_area = known.set_index(known["area_id"].astype("str"))["value"]
    low, reach = float(by_area.min()), float(np.ptp(by_area)) or 1.0
    words = indicators()[name].words
    return {
        "place": (row["value"] - low) / reach,
        "marks": ((by_area - low) / reach).tolist(),
        "reference": (row["nation"] - low) / reach,
        "low_words": f"{names[str(by_area.idxmin())]} {words(low)}",
        "high_words": f"{names[str(by_area.idxmax())]} {words(float(by_area.max()))}",
    }


def unsubmitted_finding(filings: pd.DataFrame, registers: pd.DataFrame) -> Finding | None:
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
        return None
    return Finding(
        finding_id="area.unsubmitted",
        title="未提出の資料",
        headline=f"次の{len(missing)}の資料は提出されていないため、その内容は載せていない。",
        table=missing,
        columns=(Column("title", "資料"), Column("answers", "分かること")),
        source_ids=(),
        placement="annex",
    )


_POOLED = ("general_staff_count", "population_count", "road_length_km", "bridges_inspected_count")


def pooled_groups_finding(
    found: AreaGroups, municipalities: pd.DataFrame, area: Area
) -> Finding | None:
    """List the candidate groups of a prefecture, or those a municipality may be part of.

    Parameters
    ----------
    found : AreaGroups
    municipalities : DataFrame
        One row per municipality, as :func:`load_municipalities` returns it.
    area : Area
        A prefecture (the best division) or a municipality (every group with it in a division
        that is about as good).

    Returns
    -------
    Finding or None
        None where no group can be proposed.

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
    if found.proposals is None or found.region is None:
        return None
    membership = found.proposals.membership.dropna(subset=["group_no"])
    divisions = membership["solution_no"].nunique()
    if area.kind != "municipality":
        membership = membership[membership["solution_no"] == 1]
    grouped = membership.groupby(["solution_no", "group_no"])["municipality_code"].agg(frozenset)
    counted = grouped.value_counts()
    own = [group for group in counted.index if area.kind != "municipality" or area.area_id in group]
    if not own:
        return None
    table = pd.DataFrame([_pooled_row(group, municipalities) for group in own])
    table["share"] = [counted[group] / divisions for group in own]
    table = table.sort_values(["share", "general_staff_count"], ascending=False, ignore_index=True)
    is_town = area.kind == "municipality"
    threshold = f"{found.threshold:,.0f}人"
    headline = (
        f"{area.name}が入る候補は{len(table)}ある。最も多くの組み方に現れるのは"
        f"{table['members'].iloc[0]}で、職員は合わせて{table['general_staff_count'].iloc[0]:,.0f}人になる。"
        if is_town
        else f"{found.region.name}の市区町村は、隣り合う職員{threshold}以上の{len(table)}の候補に"
        "まとめられる。"
    )
    shown = [indicators()[name] for name in _POOLED]
    return Finding(
        finding_id="area.groups",
        title=f"{area.name}{'が入る' if is_town else 'の'}群の候補",
        headline=headline,
        table=table.head(6) if is_town else table,
        columns=(
            Column("members", "市区町村"),
            *(Column(i.indicator_id, i.label, i.unit, i.kind, i.decimals) for i in shown),
            *([Column("share", "現れる割合", "%", "rate", 0)] if is_town else []),
        ),
        source_ids=sources_in_use(
            "adjacency", *sorted({s for i in shown for s in i.sources["municipality"]})
        ),
        caveats=(
            f"職員が合わせて{threshold}に届く、陸続きの市区町村の組を数が最も多くなるように探した。"
            f"{threshold}は計算例の前提で、公の基準ではない。候補であり、連携の計画ではない。",
            NOT_CIVIL,
        ),
    )


def _pooled_row(group: frozenset[str], municipalities: pd.DataFrame) -> dict[str, Any]:
    rows = municipalities[municipalities["municipality_code"].isin(group)]
    sums = {name: rows[name].sum(min_count=len(rows)) for name in _POOLED}
    return {"members": "・".join(map(str, rows["area_name"])), **sums}
