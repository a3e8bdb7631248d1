"""What an area's page says of the area first: its points, its cards, its place among its peers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area, children, list_areas
from gunmane_analysis.charts.chart import Chart, draw
from gunmane_analysis.charts.grammar import plot_positions
from gunmane_analysis.charts.maps import plot_tile_map
from gunmane_analysis.findings.described import absent_finding, defined, described_finding, sentence
from gunmane_analysis.findings.finding import Column, Finding, KeyFigure
from gunmane_analysis.metrics.position.position import Position, ranks
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables.indicators import Level, indicators, latest_known
from gunmane_analysis.wording import change_words, is_missing, short_name, signed_words

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
COUNTERS: Mapping[str, str] = {
    "municipality": "市区町村",
    "prefecture": "都道府県",
    "block": "ブロック",
}
_SPLIT_POINTS = 0.015  # members whose changes lie further apart than this went separate ways


def level_of(area: Area) -> Level:
    """Return by which sources an area's indicators are known."""
    return "municipality" if area.kind == "municipality" else "regional"


def indicator_columns(
    names: Sequence[str],
    years: Mapping[str, float] = MappingProxyType({}),
    usual: float = 0,
    ranked: Sequence[str] = (),
) -> tuple[Column, ...]:
    """Return the columns of indicators, headed with their year where it is not the usual one.

    After one that is ``ranked`` comes ``<name>_rank``.
    """
    columns = []
    for found in map(indicators().__getitem__, names):
        name, year = found.indicator_id, years.get(found.indicator_id)
        heading = found.heading(None if is_missing(year) or year == usual else year)
        columns.append(Column(name, heading, found.unit, found.kind, found.decimals))
        if name in ranked:
            columns.append(Column(f"{name}_rank", "順位", "", "count"))
    return tuple(columns)


def indicator_sources(names: Sequence[str], level: Level, *others: str) -> tuple[str, ...]:
    """Return the registered sources of indicators at a level, in the order of first use."""
    used = (source for name in names for source in indicators()[name].sources[level])
    return sources_in_use(*others, *used)


def points_finding(
    found: Position, values: pd.DataFrame, inside: pd.DataFrame | None = None
) -> Finding:
    """Say in up to four sentences where an area stands, give its cards, and map a block.

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
    area, rows = found.area, _rows(found)
    newest = latest_known(values, found.fiscal_year)
    of_members = newest if inside is None else latest_known(inside, found.fiscal_year)
    heaviest = _heaviest(rows)
    density = _density_point(rows, found, values)
    is_explained = heaviest == "staff_per_1000_residents" and bool(density)
    points = [
        _staff_point(rows, found),
        _weight_point(rows[heaviest], found, newest) if heaviest and not is_explained else "",
        _member_point(area, of_members) if area.kind != "municipality" else "",
        density,
        _outlook_point(rows, found),
    ]
    worded = [point for point in points if point]
    is_unknown = area.kind == "municipality" and "technician_count" not in rows
    unknown = ["土木部門の職員数と技術者の数は提出されておらず、分からない。"] * is_unknown
    chosen = [*worded[: 4 - len(unknown)], *unknown]
    return described_finding(
        "area.points",
        pd.DataFrame({"point": chosen}),
        "".join(chosen) or f"{area.name}の数値は得られていない。",
        words={"area": area.name},
        source_ids=indicator_sources(list(rows), level_of(area)),
        key_figures=_cards(rows, found),
        chart=_block_map(area, newest, heaviest) if area.kind == "block" else None,
    )


def _rows(found: Position) -> dict[str, Mapping[Hashable, Any]]:
    rows = {str(row["indicator_id"]): row for row in found.table.to_dict("records")}
    return {name: row for name, row in rows.items() if not pd.isna(row["value"])}


def rank_words(
    row: Mapping[Hashable, Any], found: Position, ends: tuple[str, str] | None = None
) -> str:
    """Word a rank from its nearer end: 「10ブロックで最も少ない」「47都道府県で3番目に多い」."""
    count, rank = int(row["known_count"]), int(row["rank"])
    indicator = indicators()[str(row["indicator_id"])]
    is_share = indicator.kind in ("rate", "change") or (
        indicator.unit in ("", "%") and indicator.kind == "number"
    )
    more, less = ends or (("高い", "低い") if is_share else ("多い", "少ない"))
    from_below = count + 1 - rank - int(row["tied_count"])
    place, word = (rank, more) if rank <= from_below else (from_below, less)
    nth = "最も" if place == 1 else f"{place:,}番目に"
    return f"{count:,}{COUNTERS[found.area.kind]}で{nth}{word}"


def _change_rank(row: Mapping[Hashable, Any], found: Position) -> str:
    """Word the rank of a change by its size: falls from the deepest, rises from the largest."""
    if row["value"] < 0:
        return f"減り方は{rank_words(row, found, ('小さい', '大きい'))}"
    return rank_words(row, found, ("大きい", "小さい"))


def _staff_point(rows: Mapping[str, Mapping[Hashable, Any]], found: Position) -> str:
    staff = rows.get("general_staff_count")
    if staff is None:
        return ""
    text = f"{'市区町村の' if found.area.kind != 'municipality' else ''}一般行政部門職員は"
    text += f"{staff['value']:,.0f}人（{staff['year']:.0f}年度）で、"
    if staff["change"] == 0:
        text += "前年度と同数である"
    elif not pd.isna(staff["change"]):
        share = abs(staff["change"]) / staff["previous_value"] * 100
        text += f"前年度から{abs(staff['change']):,.0f}人（{share:.1f}%）"
        text += "増えた" if staff["change"] > 0 else "減った"
    long = rows.get("staff_change_since_1998") or rows.get("staff_change_since_2021")
    if long is not None:
        text += f"。{str(long['indicator_id'])[-4:]}年度からは{change_words(long['value'])}"
        if not pd.isna(long["rank"]):
            text += f"（{_change_rank(long, found)}）"
    low = rows.get("staff_change_since_low")
    if low is not None and low["value"] > 0:
        text += f"、最も少なかった年度からの回復は{low['value'] * 100:.1f}%"
        if not pd.isna(low["rank"]):
            text += f"（{_change_rank(low, found)}、全国{low['nation'] * 100:.1f}%）"
    return f"{text}である。" if long is not None else f"{text}。"


def _heaviest(rows: Mapping[str, Mapping[Hashable, Any]]) -> str:
    """Return the indicator that weighs most: the furthest from the middle on its graver side."""
    depths = {
        name: (rows[name]["percentile"] - 0.5) * (1 if indicators()[name].graver == "high" else -1)
        for name in _WEIGHED
        if name in rows and not pd.isna(rows[name]["percentile"])
    }
    heaviest = max(depths, key=lambda name: (depths[name], name), default="")
    return heaviest if heaviest and depths[heaviest] > 0 else ""


def _weight_point(row: Mapping[Hashable, Any], found: Position, newest: pd.DataFrame) -> str:
    indicator = indicators()[str(row["indicator_id"])]
    text = f"{indicator.label}は{indicator.words(row['value'])}で、{rank_words(row, found)}"
    if found.area.kind == "municipality":
        return f"{text}（中央値は{indicator.words(row['median'])}）。"
    compared = f"全国は{indicator.words(row['nation'])}" if not pd.isna(row["nation"]) else ""
    inside = _members(found.area, newest, indicator.indicator_id)
    if found.area.kind == "block" and len(inside) > 2:
        worst = inside.sort_values(ascending=indicator.graver == "low").head(2)
        compared += "。" + "、".join(f"{name}は{indicator.words(v)}" for name, v in worst.items())
    return f"{text}（{compared}）。"


def _members(area: Area, newest: pd.DataFrame, indicator_id: str) -> pd.Series:
    """Return the newest value of each area inside an area, by name."""
    names = {member.area_id: member.name for member in children(area)}
    return _values_of(newest, names, indicator_id).rename(index=names)


def _values_of(newest: pd.DataFrame, ids: Mapping[str, str], indicator_id: str) -> pd.Series:
    rows = newest[(newest["indicator_id"] == indicator_id) & newest["area_id"].isin(ids)]
    return rows.set_index(rows["area_id"].astype("str"))["value"].sort_values()


def members_unit(members: Sequence[Area]) -> str:
    """Return what the members of an area are counted as: 県, 都道府県 or ブロック."""
    if members[0].kind == "block":
        return "ブロック"
    return "県" if all(member.name.endswith("県") for member in members) else "都道府県"


def _member_point(area: Area, newest: pd.DataFrame) -> str:
    """Word how the members of an area differ: those that recover and those that do not."""
    of_towns = area.kind == "prefecture"
    known = _members(area, newest, f"staff_change_since_{'2021' if of_towns else 'low'}")
    if len(known) < 3:
        return ""
    if of_towns:
        ends = [f"{known.index[end]}の{change_words(known.iloc[end])}" for end in (0, -1)]
        return (
            f"{len(known)}市区町村のうち、2021年度から職員が減ったのは{(known < 0).sum()}、"
            f"増えたのは{(known > 0).sum()}である（{ends[0]}から{ends[1]}まで）。"
        )
    gaps = known.diff().iloc[1:]
    place = int(np.argmax(gaps.to_numpy())) + 1
    low, high = known.iloc[:place], known.iloc[place:]
    unit = members_unit(children(area))
    if gaps.max() < _SPLIT_POINTS:
        return (
            f"{len(known)}{unit}の職員数は、それぞれ最も少なかった年度から{_range(known)}増えた。"
        )
    return (
        f"{len(known)}{unit}の動きは分かれている。それぞれ最も少なかった年度から、"
        f"{_named(high)}は{_range(high)}増えたが、{_named(low)}は{_range(low)}にとどまる。"
    )


def _named(members: pd.Series) -> str:
    return "・".join(map(short_name, map(str, members.index)))


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
    last = int(density["year"])
    own = values[(values["area_id"] == found.area.area_id) & (values["year"] <= last)]
    series = own.pivot_table("value", "year", "indicator_id", observed=True)
    both = series.reindex(columns=["general_staff_count", "population_count"]).dropna()
    start = int(str(both["general_staff_count"].idxmin())) if len(both) else last
    if start >= last:
        return ""
    staff, people = np.log(both.loc[last] / both.loc[start])
    text = f"人口千人当たりの職員は{density['value']:.2f}人"
    if not pd.isna(density["rank"]):
        text += f"（全国{density['nation']:.2f}人、{rank_words(density, found)}）"
    if staff - people <= 0:
        return f"{text}である。"
    cause = (
        "職員が増えたこと" if staff > -people
        else f"主に人口が減ったこと（{change_words(float(np.expm1(people)))}）"
    )  # fmt: skip
    before = 1000 * both["general_staff_count"][start] / both["population_count"][start]
    return f"{text}で、{start}年度の{before:.2f}人から増えたのは、{cause}による。"


def _outlook_point(rows: Mapping[str, Mapping[Hashable, Any]], found: Position) -> str:
    row = rows.get("population_2050_share")
    if row is None:
        return ""
    median = "" if pd.isna(row["rank"]) else (
        f"（{rank_words(row, found)}、中央値は{row['median'] * 100:.0f}%）"
    )  # fmt: skip
    return f"2050年の人口は2020年の{row['value'] * 100:.0f}%と見込まれる{median}。"


def _cards(rows: Mapping[str, Mapping[Hashable, Any]], found: Position) -> tuple[KeyFigure, ...]:
    level = level_of(found.area)
    return tuple(_card(rows[name], found, level) for name in _CARDS[level] if name in rows)


def _card(row: Mapping[Hashable, Any], found: Position, level: Level) -> KeyFigure:
    indicator = indicators()[str(row["indicator_id"])]
    is_count = indicator.kind == "count"
    notes = [f"{row['year']:.0f}年度"]
    if not pd.isna(row["rank"]):
        notes.append(f"{row['known_count']:,}{COUNTERS[found.area.kind]}中{row['rank']:,.0f}位")
    if is_count and not pd.isna(row["change"]):
        notes.append(f"前年度差 {signed_words(row['change'])}{indicator.unit}")
    nation = row["nation" if level == "regional" else "median"]
    shown = None if is_count or pd.isna(nation) else float(nation)
    if shown is not None and level == "municipality":
        notes[-1] += "。全国は市区町村の中央値"
    return KeyFigure(
        key=f"area.{indicator.indicator_id}",
        label=indicator.label,
        value=float(row["value"]),
        unit=indicator.unit,
        kind=indicator.kind,
        decimals=indicator.decimals,
        nation=shown,
        note="、".join(notes),
    )


def _block_map(area: Area, newest: pd.DataFrame, indicator_id: str) -> Chart | None:
    """Map the prefectures of a block by what weighs most, shaded among all prefectures."""
    members = {member.area_id: member.name for member in children(area)}
    if len(members) < 2 or not indicator_id:
        return None
    indicator = indicators()[indicator_id]
    names = {each.area_id: each.name for each in list_areas("prefecture", area.scheme_id)}
    known = _values_of(newest, names, indicator_id)
    own = known[known.index.isin(members)]
    words = {str(code): indicator.words(value) for code, value in own.items()}
    title = f"{indicator.label}\n{'少ない' if indicator.graver == 'low' else '高い'}ほど濃い"
    return draw(
        lambda: plot_tile_map(known, words, members, darker=indicator.graver, title=title),
        f"{area.name}の都道府県を四角で表した地図。{title.replace(chr(10), '、')}。"
        + "、".join(f"{members[code]} {words[code]}" for code in words)
        + "。",
    )


def place_finding(
    found: Position, values: pd.DataFrame, similar: Position | None = None
) -> Finding:
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
    Finding
        Absent for the nation.

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
        return absent_finding("area.place")
    is_town = area.kind == "municipality"
    middle = "全国の中央値" if is_town else "全国"
    alike = {} if similar is None else dict(similar.table.set_index("indicator_id")["median"])
    table = pd.DataFrame([_place_row(rows[name], is_town, alike) for name in shown])
    graver = [indicators()[n].label for n in shown if rows[n]["is_graver_than_most"]]
    strips = table.assign(rank_words=table["rank_text"])
    strips = _bands(strips, found, values, shown) if is_town else _dots(strips, found, values)
    headings = (area.name[:6], middle, "順位（大きい順）")
    listed = "、".join(
        table["label"] + " " + table["value_words"] + "（" + table["rank_text"] + "）"
    )
    words: dict[str, object] = {
        "area": area.name,
        "peers": found.peers_label,
        "prefecture": area.ancestor("prefecture").name if is_town else "",
        "middle": middle,
        "graver": graver,
        "count": len(shown),
        "listed": listed,
    }
    for name in ("sides", "key"):
        words[name] = sentence("area.place", f"{name}_{level_of(area)}", **words)
    return described_finding(
        "area.place",
        table,
        words=words,
        columns=list(table.columns) if alike else list(table.columns.drop("similar_words")),
        source_ids=indicator_sources(shown, level_of(area)),
        caveats=[sentence("area.place", "bands", **words)] if is_town else [],
        definitions=defined("likeness") if alike else (),
        plot=lambda: plot_positions(strips, "band" if is_town else "dots", headings),
    )


def _place_row(
    row: Mapping[Hashable, Any], is_town: bool, alike: Mapping[str, float]
) -> dict[str, Any]:
    indicator = indicators()[str(row["indicator_id"])]
    words, is_share = indicator.words, indicator.kind in ("rate", "change")
    change = signed_words(row["change"] * (100 if is_share else 1), indicator.decimals)
    unit = "ポイント" if is_share or indicator.unit == "%" else indicator.unit
    return {
        "label": indicator.label,
        "year": row["year"],
        "value_words": words(row["value"]),
        "change_words": "…" if pd.isna(row["change"]) else f"{change}{unit}",
        "rank_text": f"{row['rank']:,.0f}／{row['known_count']:,}",
        "reference_words": words(row["median" if is_town else "nation"]),
        "quartiles_words": f"{words(row['lower_quartile'])}〜{words(row['upper_quartile'])}",
        "similar_words": words(alike.get(indicator.indicator_id, float("nan"))),
    }


def _bands(
    strips: pd.DataFrame, found: Position, values: pd.DataFrame, shown: Sequence[str]
) -> pd.DataFrame:
    """Return the strips with the percentiles of a municipality and of its prefecture's others."""
    placed = ranks(values, "municipality", found.fiscal_year)
    in_prefecture = placed[placed["area_id"].astype("str").str[:2] == found.area.area_id[:2]]
    place = 1.0 - (in_prefecture["rank"] - 1) / (in_prefecture["known_count"] - 1).clip(lower=1)
    marks = [place[in_prefecture["indicator_id"] == name].tolist() for name in shown]
    rows = _rows(found)
    return strips.assign(
        place=[rows[name]["percentile"] for name in shown],
        marks=pd.Series(marks, dtype="object"),
        reference=0.5,
    )


def _dots(strips: pd.DataFrame, found: Position, values: pd.DataFrame) -> pd.DataFrame:
    """Return the strips with the peers' values between the least and the largest.

    The peers next in rank have their names and values.
    """
    newest, area = latest_known(values, found.fiscal_year), found.area
    names = {a.area_id: a.name for a in list_areas(area.kind, area.scheme_id)}
    rows, drawn = _rows(found), []
    for name in (name for name in SHOWN[level_of(area)] if name in rows):
        known, words = _values_of(newest, names, name), indicators()[name].words
        places = (known - known.min()) / (float(np.ptp(known)) or 1.0)
        own = list(known.index).index(area.area_id)
        strip: dict[str, Any] = {"place": places.iloc[own], "marks": places.tolist()}
        strip["reference"] = (rows[name]["nation"] - known.min()) / (float(np.ptp(known)) or 1.0)
        for side, rank in (("below", own - 1), ("above", own + 1)):
            is_there = 0 <= rank < len(known)
            strip[f"{side}_place"] = places.iloc[rank] if is_there else np.nan
            strip[f"{side}_words"] = (
                f"{names[known.index[rank]]} {words(float(known.iloc[rank]))}" if is_there else ""
            )
        drawn.append(strip)
    return pd.concat([strips, pd.DataFrame(drawn)], axis=1)
