"""What an area's page says of the area first: its points, its cards, its place among its peers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
)
from gunmane_analysis.findings.finding import Finding, KeyFigure
from gunmane_analysis.findings.indicators import indicator_sources, level_of, newest_values
from gunmane_analysis.metrics.contracts.cases import NearestCases
from gunmane_analysis.metrics.position.position import PEER_WORDS, Position, ranks
from gunmane_analysis.refusals import Unanswered
from gunmane_analysis.tables.indicators import Indicator, indicators
from gunmane_analysis.wording import MISSING, is_missing, short_name, signed_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_POINTS = "area.points"
_SPLIT_POINTS = 0.015  # members whose changes lie further apart than this went separate ways
_NAMED = 5  # at most, of those that recover less
_DENSITY = "staff_per_1000_residents"
_CENSUS_NOTED = 0.8  # below this share of the residents registered: eight of 1,741
_WORDED = ("value", "median", "nation", "lower_quartile", "upper_quartile")
Fact = dict[Any, Any]  # a row of a position with its indicator and the words of its figures


def points_finding(
    found: Position,
    values: pd.DataFrame,
    nearest: NearestCases | None = None,
    themes: Sequence[Finding] = (),
) -> Finding:
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
    nearest : NearestCases, optional
        Of a municipality, whose own case prints its civil-engineering staff.
    themes : sequence of Finding
        Of the nation, whose summaries come after the staff: engineers, matching, contracts.

    Examples
    --------
    >>> from gunmane_analysis import area_values, load_municipal_values, load_staffing, position
    >>> values = area_values(load_municipal_values(), load_staffing())
    >>> points_finding(position(values, "tohoku", 2024), values).table["point"].iloc[1][:32]
    '市町村道100km当たり職員数は42.6人で、10ブロックで最も'
    """
    area, facts, level = found.area, _facts(found), level_of(found.area)
    is_town, heaviest = level == "municipality", _heaviest(facts)
    density = "" if is_town else _density_point(facts.get(_DENSITY), area, values)
    staff, low = (facts.get(name) for name in ("general_staff_count", "staff_change_since_low"))
    words: dict[str, Any] = {
        "area": area.name,
        "whose": "" if is_town else "市区町村の",
        "staff": staff,
        "long": facts.get("staff_change_since_1998") or facts.get("staff_change_since_2021"),
        "recovery": sentence(_POINTS, "recovery", low=low if low and low["value"] > 0 else None),
        "fact": facts.get(heaviest) if heaviest != _DENSITY or not density else None,
        "outlook": facts.get("population_2050_share"),
    }
    shown, plot = _gravest_members(area, values, heaviest, found.fiscal_year)
    words |= shown
    cases = [] if nearest is None else nearest.cases.query("is_in_area").to_dict("records")
    own_count = {"civil": "civil_staff_count", "technicians": "technician_count"}
    filed = {word: facts.get(name) for word, name in own_count.items()}
    printed = cases[0] if cases and not any(filed.values()) else None
    points = [
        sentence(_POINTS, "staff", **words),
        *(theme.summary for theme in themes),
        sentence(_POINTS, f"weight_{level}", **words),
        _member_point(area, values, found.fiscal_year),
        density,
        sentence(_POINTS, "outlook", **words),
        sentence(_POINTS, "engineers", printed=printed, **filed) if is_town else "",
    ]
    chosen = [point for point in points if point][:4]
    others = [*["contract_cases"] * bool(printed), *(i for each in themes for i in each.source_ids)]
    reference = {"municipality": "median", "nation": ""}.get(area.kind, "nation")
    cards = [facts[name] for name in listed(_POINTS, f"cards_{level}") if name in facts]
    return described_finding(
        _POINTS,
        pd.DataFrame({"point": chosen}),
        points="".join(chosen),
        source_ids=indicator_sources(facts, level, *others),
        key_figures=tuple(_card(fact, reference) for fact in cards),
        plot=plot,
        **words,
    )


def _facts(found: Position) -> dict[str, Fact]:
    """Return what is known of an area, by indicator."""
    facts: dict[str, Fact] = {}
    for row in found.table.dropna(subset=["value"]).to_dict("records"):
        indicator = indicators()[row["indicator_id"]]
        words = [None if is_missing(row[name]) else indicator.words(row[name]) for name in _WORDED]
        change = row["change"]
        facts[indicator.indicator_id] = {
            **row,
            **{f"{name}_words": word for name, word in zip(_WORDED, words, strict=True)},
            "is": indicator,
            "peers": PEER_WORDS.get(found.area.kind, ""),
            "place": None if is_missing(row["rank"]) else _place(row, indicator, found.area),
            "more": change if change > 0 else None,
            "fewer": -change if change < 0 else None,
            "same": "" if change == 0 else None,
            "moved": abs(change) / (row["previous_value"] or np.nan),
        }
    return facts


def _place(row: Mapping[Any, Any], indicator: Indicator, area: Area) -> str:
    """Word a rank from its nearer end: 「10ブロックで最も少ない」「47都道府県で3番目に多い」.

    A change is ranked by its size: falls from the deepest, rises from the largest.
    """
    is_fall = bool(indicator.since) and row["value"] < 0
    more, less = ("高い", "低い") if indicator.unit in ("", "%") else ("多い", "少ない")
    if indicator.since:
        more, less = ("小さい", "大きい") if is_fall else ("大きい", "小さい")
    count, rank = int(row["known_count"]), int(row["rank"])
    from_below = count + 1 - rank - int(row["tied_count"])
    place, word = (rank, more) if rank <= from_below else (from_below, less)
    nth = "最も" if place == 1 else f"{place:,}番目に"
    return f"{'減り方は' if is_fall else ''}{count:,}{PEER_WORDS[area.kind]}で{nth}{word}"


def _heaviest(facts: Mapping[str, Fact]) -> str:
    """Return the indicator that weighs most: the furthest from the middle on its graver side."""
    known = [facts[name] for name in listed(_POINTS, "weighed") if name in facts]
    side = {"high": 1, "low": -1}
    depths = {f["indicator_id"]: side[f["is"].graver] * (f["percentile"] - 0.5) for f in known}
    return max((n for n in depths if depths[n] > 0), key=lambda n: (depths[n], n), default="")


def members_unit(members: Sequence[Area]) -> str:
    """Return what the members of an area are counted as: 県, 都道府県 or ブロック."""
    if members[0].kind == "block":
        return "ブロック"
    return "県" if all(member.name.endswith("県") for member in members) else "都道府県"


def _member_point(area: Area, values: pd.DataFrame, fiscal_year: int) -> str:
    """Word how the members of an area differ: those that recover and those that do not."""
    names = {member.area_id: member.name for member in children(area)}
    of_towns = area.kind == "prefecture"
    base = "staff_change_since_2021" if of_towns else "staff_change_since_low"
    known = newest_values(values, names, base, fiscal_year).rename(index=names)
    if len(known) < 3:
        return ""
    words: dict[str, object] = {"count": len(known), "all": _range(known)}
    if of_towns:
        words["ends"] = list(known.iloc[[0, -1]].items())
        words |= {"fell": (known < 0).sum(), "rose": (known > 0).sum()}
        return sentence(_POINTS, "members_prefecture", **words)
    words["unit"] = members_unit(children(area))
    gaps = known.diff().to_numpy()
    split = int(np.nanargmax(gaps))
    for name, part in (("low", known.iloc[:split]), ("high", known.iloc[split:])):
        words |= {name: "・".join(map(short_name, part.index)), f"{name}_range": _range(part)}
    if split > _NAMED:
        words["low"] = sentence(_POINTS, "others", count=split, unit=words["unit"])
    is_split = gaps[split] >= _SPLIT_POINTS
    return sentence(_POINTS, "members_apart" if is_split else "members_together", **words)


def _range(members: pd.Series) -> str:
    ends = [f"{end * 100:.1f}" for end in members.iloc[[0, -1]]]
    return f"{'〜'.join(dict.fromkeys(ends))}%"


def _density_point(fact: Fact | None, area: Area, values: pd.DataFrame) -> str:
    """Word why staff per resident moved since the staff's lowest year: staff or residents."""
    if fact is None or is_missing(fact["nation"]):
        return ""
    last = int(fact["year"])
    own = values[(values["area_id"] == area.area_id) & (values["year"] <= last)]
    series = own.pivot_table("value", "year", "indicator_id", observed=True)
    both = series.reindex(columns=list(fact["is"].share)).dropna()
    staff, people = (both[name] for name in both)
    start = both.index[int(staff.argmin())] if len(both) else last
    if start >= last:
        return ""
    more_staff, more_people = np.log(both.loc[last] / both.loc[start])
    return sentence(
        _POINTS,
        "density",
        fact=fact,
        start=start if more_staff > more_people else None,
        before=fact["is"].per * staff[start] / people[start],
        residents=np.expm1(more_people) if more_staff <= -more_people else None,
    )


def _card(fact: Fact, reference: str) -> KeyFigure:
    """Return an indicator's card; a count is compared with the year before, others with peers."""
    is_count = fact["is"].kind == "count"
    known = fact.get(reference, np.nan)
    compared = None if is_count or is_missing(known) else float(known)
    note = sentence(_POINTS, "card", **fact | {"change": fact["change"] if is_count else None})
    if compared is not None and reference == "median":
        note += sentence(_POINTS, "card_median")
    return KeyFigure(
        key=f"area.{fact['indicator_id']}",
        value=float(fact["value"]),
        nation=compared,
        note=note,
        **{name: getattr(fact["is"], name) for name in ("label", "unit", "kind", "decimals")},
    )


def _gravest_members(
    area: Area, values: pd.DataFrame, heaviest: str, fiscal_year: int
) -> tuple[dict[str, Any], Callable[[], Figure] | None]:
    """Word and map the prefectures of a block by what weighs most, shaded among all prefectures."""
    members = {member.area_id: member.name for member in children(area)}
    if area.kind != "block" or len(members) < 2 or not heaviest:
        return {"worst": None}, None
    indicator = indicators()[heaviest]
    every = {each.area_id: each.name for each in list_areas("prefecture", area.scheme_id)}
    known = newest_values(values, every, heaviest, fiscal_year)
    shown = known[known.index.isin(members)].map(indicator.words)
    gravest = (shown if indicator.graver == "low" else shown[::-1]).head(2)
    darker = "少ない" if indicator.graver == "low" else "高い"
    title = f"{indicator.label}\n{darker}ほど濃い"
    words = {
        "label": indicator.label,
        "darker": darker,
        "listed": [f"{name} {value}" for name, value in shown.rename(members).items()],
        "worst": [f"{name}は{value}" for name, value in gravest.rename(members).items()],
    }
    return words if len(shown) > 2 else words | {"worst": None}, partial(
        plot_tile_map, known, dict(shown), members, darker=indicator.graver, title=title
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
    area, level = found.area, level_of(found.area)
    known = _facts(found)
    facts = {n: known[n] for n in listed("area.place", f"indicators_{level}") if n in known}
    if area.kind == "nation" or not facts:
        return absent_finding("area.place")
    is_town, census = level == "municipality", known.get("census_share")
    middle = "全国の中央値" if is_town else "全国"
    alike = {} if not similar else dict(similar.table.set_index("indicator_id")["median"])
    table = pd.DataFrame([_place_row(fact, alike, is_town) for fact in facts.values()])
    table = table.dropna(axis="columns", how="all")
    strips = (_percentiles if is_town else _dots)(facts, found, values)
    strips = table.assign(rank_words=table["rank_text"], **strips)
    return described_finding(
        "area.place",
        table,
        area=area.name,
        census=census if census and census["value"] < _CENSUS_NOTED else None,
        peers=found.peers_label,
        prefecture=area.ancestor("prefecture").name if is_town else None,
        town="" if is_town else None,
        middle=middle,
        graver=[fact["label"] for fact in facts.values() if fact["is_graver_than_most"]],
        only=table["label"][0] if len(table) == 1 else None,
        source_ids=indicator_sources(facts, level),
        definitions=defined("likeness") if alike else (),
        plot=partial(
            plot_positions, strips, "band" if is_town else "dots",
            (area.name[:6], middle, "順位（大きい順）"),
        ),
    )  # fmt: skip


def _place_row(fact: Fact, alike: Mapping[str, float], is_town: bool) -> dict[str, Any]:
    indicator: Indicator = fact["is"]
    words, is_share = indicator.words, indicator.kind in ("rate", "change")
    change = signed_words(fact["change"] * (100 if is_share else 1), indicator.decimals)
    unit = "ポイント" if is_share or indicator.unit == "%" else indicator.unit
    return {
        "label": indicator.label,
        "year": fact["year"],
        "value_words": fact["value_words"],
        "change_words": MISSING if is_missing(fact["change"]) else f"{change}{unit}",
        "rank_text": f"{fact['rank']:,.0f}／{fact['known_count']:,}",
        "reference_words": fact["median_words" if is_town else "nation_words"] or MISSING,
        "quartiles_words": "{lower_quartile_words}〜{upper_quartile_words}".format_map(fact),
        "similar_words": words(alike.get(indicator.indicator_id, np.nan)) if alike else None,
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
        span = float(np.ptp(known)) or 1.0
        strip = pd.DataFrame({"place": (known - known.min()) / span})
        strip["words"] = known.index.map(names) + " " + known.map(fact["is"].words)
        for side, step in (("below", 1), ("above", -1)):
            strip[f"{side}_place"] = strip["place"].shift(step)
            strip[f"{side}_words"] = strip["words"].shift(step, fill_value="")
        reference = (fact["nation"] - known.min()) / span
        marks = strip["place"].tolist()
        drawn.append({**strip.loc[area.area_id], "marks": marks, "reference": reference})
    return pd.DataFrame(drawn).drop(columns="words")
