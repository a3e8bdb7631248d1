"""What an area's page says of the area first: its points, its cards, its place among its peers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gunmane_analysis.areas import Area, children, list_areas
from gunmane_analysis.charts.grammar import plot_positions
from gunmane_analysis.charts.maps import plot_tile_map
from gunmane_analysis.findings.described import (
    absent_finding,
    defined,
    described_finding,
    listed,
    sentence,
    sentences,
)
from gunmane_analysis.findings.finding import Column, Finding, KeyFigure
from gunmane_analysis.metrics.position.position import PEER_WORDS, Position, ranks
from gunmane_analysis.refusals import Unanswered
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables.indicators import Indicator, Level, indicators, latest_known
from gunmane_analysis.wording import is_missing, short_name, signed_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_POINTS = "area.points"
_SPLIT_POINTS = 0.015  # members whose changes lie further apart than this went separate ways
_DENSITY = "staff_per_1000_residents"
Fact = dict[str, Any]  # a row of a position with its indicator and the words of its figures


def level_of(area: Area) -> Level:
    """Return by which sources an area's indicators are known."""
    return "municipality" if area.kind == "municipality" else "regional"


def indicator_columns(
    names: Iterable[str], table: pd.DataFrame | None = None, usual: float = 0
) -> tuple[Column, ...]:
    """Return the columns of indicators.

    Each is headed with the newest year in the table's ``<name>_year``, where that is not the usual
    one. After it comes its rank, where the table has ``<name>_rank``.
    """
    columns, given = [], pd.DataFrame() if table is None else table
    for found in map(indicators().__getitem__, names):
        name = found.indicator_id
        year = given[f"{name}_year"].max() if f"{name}_year" in given else None
        heading = found.heading(None if is_missing(year) or year == usual else year)
        columns.append(Column(name, heading, found.unit, found.kind, found.decimals))
        if f"{name}_rank" in given:
            columns.append(Column(f"{name}_rank", "順位", "", "count"))
    return tuple(columns)


def indicator_sources(names: Iterable[str], level: Level, *others: str) -> tuple[str, ...]:
    """Return the registered sources of indicators at a level, in the order of first use."""
    used = (source for name in names for source in indicators()[name].sources[level])
    return sources_in_use(*others, *used)


def points_finding(found: Position, values: pd.DataFrame) -> Finding:
    """Say in up to four sentences where an area stands, give its cards, and map a block.

    The sentences follow from the figures by rule: the staff and how it moved; what weighs most
    among its peers; how its members differ; what moved its staff per resident, or its outlook.

    Parameters
    ----------
    found : Position
        Of the area among all its peers, with every indicator.
    values : DataFrame
        ``area_id``, ``indicator_id``, ``year``, ``value`` of the area, its peers and the areas
        inside it: :func:`gunmane_analysis.area_values`.

    Examples
    --------
    >>> from gunmane_analysis import area_values, load_municipal_values, load_staffing, position
    >>> values = area_values(load_municipal_values(), load_staffing())
    >>> points_finding(position(values, "tohoku", 2024), values).table["point"].iloc[1][:32]
    '市町村道100km当たり職員数は42.6人で、10ブロックで最も'
    """
    area, facts, is_town = found.area, _facts(found), found.area.kind == "municipality"
    heaviest, density = _heaviest(facts), _density_point(facts.get(_DENSITY), found, values)
    points = [
        _staff_point(facts, is_town),
        "" if heaviest == _DENSITY and density else _weight_point(facts, heaviest, found, values),
        "" if is_town else _member_point(area, values, found.fiscal_year),
        density,
        sentence(_POINTS, "outlook", fact=facts.get("population_2050_share")),
    ]
    is_unknown = is_town and "technician_count" not in facts
    unknown = [sentence(_POINTS, "not_submitted")] * is_unknown
    chosen = [*[point for point in points if point][: 4 - len(unknown)], *unknown]
    drawn = _block_map(area, values, heaviest, found.fiscal_year) if heaviest else None
    return described_finding(
        _POINTS,
        pd.DataFrame({"point": chosen}),
        words={"area": area.name, "points": "".join(chosen)} | (drawn[1] if drawn else {}),
        source_ids=indicator_sources(facts, level_of(area)),
        key_figures=_cards(facts, area),
        plot=drawn[0] if drawn else None,
    )


def _facts(found: Position) -> dict[str, Fact]:
    """Return what is known of an area, by indicator."""
    facts = {}
    for row in found.table.dropna(subset=["value"]).to_dict("records"):
        indicator = indicators()[str(row["indicator_id"])]
        nation = row["nation"]
        facts[indicator.indicator_id] = {str(name): value for name, value in row.items()} | {
            "is": indicator,
            "peers": PEER_WORDS.get(found.area.kind, ""),
            "shown": indicator.words(row["value"]),
            "median_shown": indicator.words(row["median"]),
            "nation_shown": None if is_missing(nation) else indicator.words(nation),
            "place": None if is_missing(row["rank"]) else _place(row, indicator, found.area),
        }
    return facts


def _place(row: Mapping[Any, Any], indicator: Indicator, area: Area) -> str:
    """Word a rank from its nearer end: 「10ブロックで最も少ない」「47都道府県で3番目に多い」.

    A change is ranked by its size: falls from the deepest, rises from the largest.
    """
    is_share = indicator.kind in ("rate", "change") or (
        indicator.unit in ("", "%") and indicator.kind == "number"
    )
    is_fall = bool(indicator.since) and row["value"] < 0
    more, less = ("高い", "低い") if is_share else ("多い", "少ない")
    if indicator.since:
        more, less = ("小さい", "大きい") if is_fall else ("大きい", "小さい")
    count, rank = int(row["known_count"]), int(row["rank"])
    from_below = count + 1 - rank - int(row["tied_count"])
    place, word = (rank, more) if rank <= from_below else (from_below, less)
    nth = "最も" if place == 1 else f"{place:,}番目に"
    return f"{'減り方は' if is_fall else ''}{count:,}{PEER_WORDS[area.kind]}で{nth}{word}"


def _staff_point(facts: Mapping[str, Fact], is_town: bool) -> str:
    staff, yearly = facts.get("general_staff_count"), None
    if staff is not None and not is_missing(staff["change"]):
        size, sign = abs(staff["change"]), int(np.sign(staff["change"]))
        name = ("staff_same", "staff_more", "staff_less")[sign]
        yearly = sentence(_POINTS, name, size=size, share=size / staff["previous_value"])
    long = facts.get("staff_change_since_1998") or facts.get("staff_change_since_2021")
    low = facts.get("staff_change_since_low")
    return sentence(
        _POINTS,
        "staff",
        whose="" if is_town else "市区町村の",
        staff=staff,
        yearly=yearly,
        long=long,
        recovery=sentence(_POINTS, "recovery", low=low if low and low["value"] > 0 else None),
    )


def _heaviest(facts: Mapping[str, Fact]) -> str:
    """Return the indicator that weighs most: the furthest from the middle on its graver side."""
    depths = {
        name: (facts[name]["percentile"] - 0.5) * (1 if facts[name]["is"].graver == "high" else -1)
        for name in listed(_POINTS, "weighed")
        if name in facts and not is_missing(facts[name]["percentile"])
    }
    heaviest = max(depths, key=lambda name: (depths[name], name), default="")
    return heaviest if heaviest and depths[heaviest] > 0 else ""


def _weight_point(
    facts: Mapping[str, Fact], heaviest: str, found: Position, values: pd.DataFrame
) -> str:
    if not heaviest:
        return ""
    fact, worst = facts[heaviest], []
    inside = _members(found.area, values, heaviest, found.fiscal_year)
    if found.area.kind == "block" and len(inside) > 2:
        gravest = inside.sort_values(ascending=fact["is"].graver == "low").head(2)
        worst = [f"{name}は{fact['is'].words(value)}" for name, value in gravest.items()]
    return sentence(_POINTS, f"weight_{level_of(found.area)}", fact=fact, worst=worst)


def newest_values(
    values: pd.DataFrame, ids: Iterable[str], indicator_id: str, fiscal_year: int
) -> pd.Series:
    """Return the newest value that each of some areas has of an indicator, the smallest first."""
    asked = (values["indicator_id"] == indicator_id) & values["area_id"].isin(list(ids))
    rows = latest_known(values[asked], fiscal_year)
    return rows.set_index(rows["area_id"].astype("str"))["value"].sort_values()


def _members(area: Area, values: pd.DataFrame, indicator_id: str, fiscal_year: int) -> pd.Series:
    """Return the newest value of each area inside an area, by name."""
    names = {member.area_id: member.name for member in children(area)}
    return newest_values(values, names, indicator_id, fiscal_year).rename(index=names)


def members_unit(members: Sequence[Area]) -> str:
    """Return what the members of an area are counted as: 県, 都道府県 or ブロック."""
    if members[0].kind == "block":
        return "ブロック"
    return "県" if all(member.name.endswith("県") for member in members) else "都道府県"


def _member_point(area: Area, values: pd.DataFrame, fiscal_year: int) -> str:
    """Word how the members of an area differ: those that recover and those that do not."""
    of_towns = area.kind == "prefecture"
    base = "staff_change_since_2021" if of_towns else "staff_change_since_low"
    known = _members(area, values, base, fiscal_year)
    if len(known) < 3:
        return ""
    if of_towns:
        return sentence(
            _POINTS, "members_prefecture", count=len(known), ends=list(known.iloc[[0, -1]].items()),
            fell=int((known < 0).sum()), rose=int((known > 0).sum()),
        )  # fmt: skip
    gaps = known.diff().iloc[1:]
    place = int(np.argmax(gaps.to_numpy())) + 1
    return sentence(
        _POINTS,
        "members_together" if gaps.max() < _SPLIT_POINTS else "members_apart",
        count=len(known),
        unit=members_unit(children(area)),
        all=_range(known),
        low=_named(known.iloc[:place]),
        low_range=_range(known.iloc[:place]),
        high=_named(known.iloc[place:]),
        high_range=_range(known.iloc[place:]),
    )


def _named(members: pd.Series) -> str:
    return "・".join(map(short_name, map(str, members.index)))


def _range(members: pd.Series) -> str:
    low, high = f"{members.min() * 100:.1f}", f"{members.max() * 100:.1f}"
    return f"{low}%" if low == high else f"{low}〜{high}%"


def _density_point(fact: Fact | None, found: Position, values: pd.DataFrame) -> str:
    """Word why staff per resident moved since the staff's lowest year: staff or residents."""
    if fact is None or found.area.kind == "municipality" or is_missing(fact["nation"]):
        return ""
    last = int(fact["year"])
    own = values[(values["area_id"] == found.area.area_id) & (values["year"] <= last)]
    series = own.pivot_table("value", "year", "indicator_id", observed=True)
    both = series.reindex(columns=["general_staff_count", "population_count"]).dropna()
    start = int(str(both["general_staff_count"].idxmin())) if len(both) else last
    if start >= last:
        return ""
    staff, people = np.log(both.loc[last] / both.loc[start])
    is_more = staff - people > 0
    return sentence(
        _POINTS,
        "density",
        fact=fact,
        start=start if is_more else None,
        before=1000 * both["general_staff_count"][start] / both["population_count"][start],
        residents=float(np.expm1(people)) if staff <= -people else None,
    )


def _cards(facts: Mapping[str, Fact], area: Area) -> tuple[KeyFigure, ...]:
    level = level_of(area)
    names = listed(_POINTS, f"cards_{level}")
    return tuple(_card(facts[name], level) for name in names if name in facts)


def _card(fact: Fact, level: Level) -> KeyFigure:
    indicator: Indicator = fact["is"]
    is_count = indicator.kind == "count"
    nation = fact["nation" if level == "regional" else "median"]
    shown = None if is_count or is_missing(nation) else float(nation)
    note = sentence(_POINTS, "card", **fact | {"change": fact["change"] if is_count else None})
    if shown is not None and level == "municipality":
        note += sentence(_POINTS, "card_median")
    return KeyFigure(
        key=f"area.{indicator.indicator_id}",
        label=indicator.label,
        value=float(fact["value"]),
        unit=indicator.unit,
        kind=indicator.kind,
        decimals=indicator.decimals,
        nation=shown,
        note=note,
    )


def _block_map(
    area: Area, values: pd.DataFrame, indicator_id: str, fiscal_year: int
) -> tuple[Callable[[], Figure], dict[str, object]] | None:
    """Map the prefectures of a block by what weighs most, shaded among all prefectures."""
    members = {member.area_id: member.name for member in children(area)}
    if area.kind != "block" or len(members) < 2:
        return None
    indicator = indicators()[indicator_id]
    every = [each.area_id for each in list_areas("prefecture", area.scheme_id)]
    known = newest_values(values, every, indicator_id, fiscal_year)
    words = {code: indicator.words(value) for code, value in known.items() if code in members}
    darker = "少ない" if indicator.graver == "low" else "高い"
    title = f"{indicator.label}\n{darker}ほど濃い"
    listed_words = [f"{members[code]} {shown}" for code, shown in words.items()]
    return (
        partial(plot_tile_map, known, words, members, darker=indicator.graver, title=title),
        {"label": indicator.label, "darker": darker, "listed": listed_words},
    )


def place_finding(
    found: Position, values: pd.DataFrame, similar: Position | Unanswered | None = None
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
    area, facts, level = found.area, _facts(found), level_of(found.area)
    shown = [name for name in listed("area.place", f"indicators_{level}") if name in facts]
    if area.kind == "nation" or not shown:
        return absent_finding("area.place")
    is_town = level == "municipality"
    middle = "全国の中央値" if is_town else "全国"
    alike = {} if not similar else dict(similar.table.set_index("indicator_id")["median"])
    table = pd.DataFrame([_place_row(facts[name], alike.get(name, np.nan)) for name in shown])
    places = (_percentiles if is_town else _dots)({n: facts[n] for n in shown}, found, values)
    strips = table.assign(rank_words=table["rank_text"], **places)
    headings = (area.name[:6], middle, "順位（大きい順）")
    words: dict[str, object] = {
        "area": area.name,
        "peers": found.peers_label,
        "prefecture": area.ancestor("prefecture").name if is_town else "",
        "middle": middle,
        "graver": [facts[name]["is"].label for name in shown if facts[name]["is_graver_than_most"]],
        "only": facts[shown[0]]["is"].label if len(shown) == 1 else None,
        "count": len(shown),
        "listed": sentences("area.place", "listed", table),
    }
    for name in ("sides", "key"):
        words[name] = sentence("area.place", f"{name}_{level}", **words)
    return described_finding(
        "area.place",
        table,
        words=words,
        columns=list(table.columns) if alike else list(table.columns.drop("similar_words")),
        source_ids=indicator_sources(shown, level),
        caveats=[sentence("area.place", "bands", **words)] if is_town else [],
        definitions=defined("likeness") if alike else (),
        plot=partial(plot_positions, strips, "band" if is_town else "dots", headings),
    )


def _place_row(fact: Fact, alike: float) -> dict[str, Any]:
    indicator: Indicator = fact["is"]
    words, is_share = indicator.words, indicator.kind in ("rate", "change")
    change = signed_words(fact["change"] * (100 if is_share else 1), indicator.decimals)
    unit = "ポイント" if is_share or indicator.unit == "%" else indicator.unit
    is_town = fact["peers"] == PEER_WORDS["municipality"]
    return {
        "label": indicator.label,
        "year": fact["year"],
        "value_words": fact["shown"],
        "change_words": "…" if is_missing(fact["change"]) else f"{change}{unit}",
        "rank_text": f"{fact['rank']:,.0f}／{fact['known_count']:,}",
        "reference_words": words(fact["median" if is_town else "nation"]),
        "quartiles_words": f"{words(fact['lower_quartile'])}〜{words(fact['upper_quartile'])}",
        "similar_words": words(alike),
    }


def _percentiles(
    facts: Mapping[str, Fact], found: Position, values: pd.DataFrame
) -> dict[str, Any]:
    """Return where a municipality and its prefecture's others lie among all, on each strip."""
    placed = ranks(values, "municipality", found.fiscal_year)
    near = [each.area_id for each in children(found.area.ancestor("prefecture"))]
    inside = placed[placed["area_id"].isin(near)]
    place = 1.0 - (inside["rank"] - 1) / (inside["known_count"] - 1).clip(lower=1)
    marks = [place[inside["indicator_id"] == name].tolist() for name in facts]
    return {
        "place": [fact["percentile"] for fact in facts.values()],
        "marks": pd.Series(marks, dtype="object"),
        "reference": 0.5,
    }


def _dots(facts: Mapping[str, Fact], found: Position, values: pd.DataFrame) -> pd.DataFrame:
    """Return where the peers' values lie between the least and the largest, on each strip.

    The peers next in rank have their names and values.
    """
    area, drawn = found.area, []
    names = {each.area_id: each.name for each in list_areas(area.kind, area.scheme_id)}
    for name, fact in facts.items():
        known = newest_values(values, names, name, found.fiscal_year)
        least, span = known.min(), float(np.ptp(known)) or 1.0
        own = list(known.index).index(area.area_id)
        strip: dict[str, Any] = {"marks": ((known - least) / span).tolist()}
        strip |= {"place": strip["marks"][own], "reference": (fact["nation"] - least) / span}
        for side, rank in (("below", own - 1), ("above", own + 1)):
            near = known.iloc[rank : rank + 1] if rank >= 0 else known.iloc[:0]
            strip[f"{side}_place"] = strip["marks"][rank] if len(near) else np.nan
            words = [
                f"{names[str(code)]} {fact['is'].words(value)}" for code, value in near.items()
            ]
            strip[f"{side}_words"] = "".join(words)
        drawn.append(strip)
    return pd.DataFrame(drawn)
