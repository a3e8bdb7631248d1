"""Where an area stands among its peers, indicator by indicator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from gunmane_analysis.areas import Area, AreaKind, AreaLike, find_area, find_areas, list_areas
from gunmane_analysis.cache import cached
from gunmane_analysis.metrics.staffing.change import staffing_by_area
from gunmane_analysis.metrics.validation import known_until
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result
from gunmane_analysis.tables.indicators import (
    TIDY,
    Indicator,
    indicator_values,
    indicators,
    latest_known,
)

_SUMMED = (
    "bridges_inspected_count",
    "bridges_needing_repair_count",
    "population_2020_count",
    "population_2050_count",
)
COLUMNS = [
    "indicator_id", "label", "unit", "year", "value", "rank", "tied_count", "known_count",
    "peer_count", "percentile", "minimum", "lower_quartile", "median", "upper_quartile", "maximum",
    "nation", "previous_year", "previous_value", "change", "is_graver_than_most", "note",
]  # fmt: skip
WHOLE_FROM = 0.95  # of the municipalities: a sum, share or median of fewer is not the whole's
PEER_WORDS = {"municipality": "市区町村", "prefecture": "都道府県", "block": "ブロック"}


@dataclass(frozen=True, eq=False, repr=False)
class Position(Result):
    """One area among its peers.

    Attributes
    ----------
    table : DataFrame
        One row per indicator that the area or a peer has a value of, in the order of the
        indicators: ``indicator_id``, ``label``, ``unit``, ``year`` and ``value`` (the area's
        newest), ``rank`` (1 = largest; equal values share the better rank), ``tied_count``
        (peers with the same value), ``known_count`` (peers with a value, the area included),
        ``peer_count``, ``percentile`` (share of the known peers with a lower value, ties half,
        0-1), ``minimum``, ``lower_quartile``, ``median``, ``upper_quartile``, ``maximum``,
        ``nation`` (the nation's own value), ``previous_year``, ``previous_value``, ``change``
        (value minus previous), ``is_graver_than_most`` (in the graver quarter) and ``note``
        (ties, peers without a value, years that differ).
    peers_label : str
        「1,741市区町村」
    """

    area: Area
    fiscal_year: int
    peers_label: str
    table: pd.DataFrame

    def row(self, indicator_id: str) -> pd.Series:
        """Return the row of one indicator, by its id or its label.

        Raises
        ------
        DesignError
            If nobody has a value of it.
        """
        rows = self.table[(self.table[["indicator_id", "label"]] == indicator_id).any(axis=1)]
        known = self.table["label"]
        refuse_if(rows.empty, "position-indicator", unknown=indicator_id, known=known)
        return rows.iloc[0]


def regional_values(
    staffing: pd.DataFrame, municipal: pd.DataFrame, scheme_id: str = "regional_bureaus"
) -> pd.DataFrame:
    """Compute every indicator of the prefectures, the blocks and the nation.

    Parameters
    ----------
    staffing : DataFrame
        The table ``staffing``, one row per prefecture and year.
    municipal : DataFrame
        :func:`load_municipal_values`: bridges and the outlook are sums over municipalities, of
        the years in which nearly as many are known as in the fullest.
    scheme_id : str

    Returns
    -------
    DataFrame
        ``area_id``, ``indicator_id``, ``year``, ``value``.

    Examples
    --------
    >>> from gunmane_analysis import load_municipal_values, load_staffing
    >>> values = regional_values(load_staffing(), load_municipal_values())
    >>> values = values.set_index(["area_id", "indicator_id", "year"])["value"]
    >>> round(float(values[("tohoku", "staff_per_100km", 2023)]), 1)
    42.6
    """
    counts = municipal[municipal["indicator_id"].isin(_SUMMED)]
    counts = counts.dropna(subset=["value"]).astype({"area_id": "str", "indicator_id": "str"})
    return _regional_values(staffing, counts, scheme_id)


@cached
def _regional_values(staffing: pd.DataFrame, counts: pd.DataFrame, scheme_id: str) -> pd.DataFrame:
    nation = find_area("japan", scheme_id)
    areas = [*list_areas("prefecture", scheme_id), *list_areas("block", scheme_id), nation]
    series = staffing_by_area(staffing, areas, int(staffing["fiscal_year"].max()))
    series = series.rename(
        columns={"fiscal_year": "year", "municipal_road_length_km": "road_length_km"}
    )
    by_prefecture = counts.assign(prefecture_code=counts["area_id"].str[:2])
    members = pd.DataFrame(
        [(area.area_id, code) for area in areas for code in area.prefecture_codes],
        columns=["area_id", "prefecture_code"],
    )
    inside = members.merge(by_prefecture.drop(columns="area_id"), on="prefecture_code")
    of_area = inside.groupby(["area_id", "indicator_id", "year"])["value"].agg(["sum", "count"])
    fullest = of_area["count"].groupby(["area_id", "indicator_id"]).transform("max")
    whole = of_area.loc[of_area["count"] >= WHOLE_FROM * fullest, "sum"]
    sums = whole.unstack("indicator_id").reset_index()
    return indicator_values(series.merge(sums, on=["area_id", "year"], how="outer"), "regional")


@cached  # the same on every page
def area_values(
    municipal: pd.DataFrame, staffing: pd.DataFrame, scheme_id: str = "regional_bureaus"
) -> pd.DataFrame:
    """Return the indicators of all areas in one table; see :func:`regional_values`.

    Examples
    --------
    >>> from gunmane_analysis import load_municipal_values, load_staffing
    >>> area_values(load_municipal_values(), load_staffing())["area_id"].nunique()
    1800
    """
    parts = [municipal, regional_values(staffing, municipal, scheme_id)]
    both = {
        name: union_categoricals([part[name] for part in parts], sort_categories=True)
        if name in ("area_id", "indicator_id")
        else np.concatenate([part[name] for part in parts])
        for name in TIDY
    }
    return pd.DataFrame(both)


def peers_of(area: Area) -> tuple[str, ...]:
    """Return the ids of all areas of an area's rank: 1,741, 47 or 10; none for the nation."""
    if area.kind == "nation":
        return ()
    return tuple(other.area_id for other in list_areas(area.kind, area.scheme_id))


def position(
    values: pd.DataFrame,
    area: AreaLike,
    fiscal_year: int,
    peers: Iterable[AreaLike] | None = None,
    indicator_ids: Sequence[str] | None = None,
) -> Position:
    """Place an area among its peers by each of some indicators.

    Parameters
    ----------
    values : DataFrame
        One row per area, indicator and year: ``area_id``, ``indicator_id``, ``year``,
        ``value``; :func:`load_municipal_values` for a municipality, :func:`regional_values`
        for the others.
    area : Area or str
    fiscal_year : int
        Later values are left out. Each area stands with its own newest value.
    peers : sequence of Area or str, optional
        Areas, ids, codes or names, such as those of similar municipalities; all areas of the
        same rank when left out. The area itself is always counted among them.
    indicator_ids : sequence of str, optional
        Which indicators, by id or label, in this order.

    Returns
    -------
    Position

    Raises
    ------
    DesignError
        If a row stands twice, or an indicator is not described.

    Examples
    --------
    >>> from gunmane_analysis import load_municipal_values
    >>> found = position(load_municipal_values(), "05204", 2024)
    >>> row = found.row("staff_per_1000_residents")
    >>> int(row["rank"]), int(row["known_count"]), round(float(row["median"]), 1)
    (1005, 1741, 7.9)
    """
    place = find_area(area)
    others = peers_of(place) if peers is None else [each.area_id for each in find_areas(peers)]
    known = known_until(values, fiscal_year, "year")
    described = indicators()
    by_label = {each.label: name for name, each in described.items()}
    asked = [by_label.get(name, name) for name in indicator_ids or ()]
    unknown = sorted(set(asked) - set(described))
    refuse_if(unknown, "position-indicator", unknown=unknown, known=by_label)
    every = list(dict.fromkeys([*others, place.area_id]))
    newest_of = _newest_of_all if peers is None else _newest_of
    newest = newest_of(values, [*every, "japan"], fiscal_year)
    newest = newest.assign(
        is_own=newest["area_id"] == place.area_id,
        is_nation=newest["area_id"] == "japan",
        is_peer=newest["area_id"].isin(every),
    )
    found = {str(name): rows for name, rows in newest.groupby("indicator_id", observed=True)}
    own = known[known["area_id"] == place.area_id]
    earlier = own.set_index(["indicator_id", "year"])["value"]
    rows = [
        _row(described[name], found[name], len(every), earlier)
        for name in (asked or described)
        if name in found and found[name]["is_peer"].any()
    ]
    label = f"比べた{len(every):,}地域" if peers else f"{len(every):,}{PEER_WORDS.get(place.kind)}"
    label = label if place.kind != "nation" else ""
    return Position(place, fiscal_year, label, pd.DataFrame(rows, columns=COLUMNS))


def _newest_of(values: pd.DataFrame, ids: Sequence[str], fiscal_year: int) -> pd.DataFrame:
    """Return the newest value of some areas by indicator; refuse rows that stand twice."""
    rows = values[values["area_id"].isin(ids) & (values["year"] <= fiscal_year)]
    refuse_if(rows.duplicated(TIDY[:3]).any(), "position-twice")
    return latest_known(rows)


_newest_of_all = cached(_newest_of)  # the same for all areas of a kind: 38 of 55 ms


@cached  # the same on every municipality's page: 25 of 34 ms
def ranks(values: pd.DataFrame, kind: AreaKind, fiscal_year: int) -> pd.DataFrame:
    """Rank every area of one kind by every indicator.

    Returns
    -------
    DataFrame
        One row per area and indicator with a value: ``area_id``, ``indicator_id``, ``year``,
        ``value``, ``rank`` (1 = largest; equal values share the better rank) and
        ``known_count``.

    Examples
    --------
    >>> from gunmane_analysis import load_municipal_values
    >>> placed = ranks(load_municipal_values(), "municipality", 2024)
    >>> odate = placed[placed["area_id"] == "05204"].set_index("indicator_id")
    >>> int(odate["rank"]["repair_share"]), int(odate["known_count"]["repair_share"])
    (162, 1722)
    """
    known = known_until(values, fiscal_year, "year")
    inside = known[known["area_id"].isin([area.area_id for area in list_areas(kind)])]
    newest = latest_known(inside)
    by_indicator = newest.groupby("indicator_id", observed=True)["value"]
    return newest.assign(
        rank=by_indicator.rank(method="min", ascending=False).astype("int64"),
        known_count=by_indicator.transform("size"),
    ).reset_index(drop=True)


def _row(
    indicator: Indicator, known: pd.DataFrame, peer_count: int, earlier: pd.Series
) -> dict[str, object]:
    """Return one row of :attr:`Position.table`."""
    name, is_peer = indicator.indicator_id, known["is_peer"].to_numpy()
    values, years = known["value"].to_numpy(), known["year"].to_numpy()
    others, is_own = values[is_peer], known["is_own"].to_numpy()
    quartiles = np.quantile(others, [0.0, 0.25, 0.5, 0.75, 1.0])
    nation = values[known["is_nation"].to_numpy()]
    row: dict[str, object] = {
        **dict.fromkeys(COLUMNS, np.nan),
        **{"indicator_id": name, "label": indicator.label, "unit": indicator.unit},
        **dict(zip(COLUMNS[10:15], quartiles, strict=True)),
        "tied_count": 0,
        "known_count": len(others),
        "peer_count": peer_count,
        "nation": nation[0] if len(nation) else np.nan,
        "is_graver_than_most": False,
    }
    ties = 0
    if is_own.any():
        value, year = float(values[is_own][0]), int(years[is_own][0])
        above, lower = int((others > value).sum()), int((others < value).sum())
        ties = len(others) - above - lower - 1
        previous = float(earlier.get((name, year - 1), np.nan))
        row |= {
            "year": year,
            "value": value,
            "previous_year": year - 1 if not np.isnan(previous) else np.nan,
            "previous_value": previous,
            "change": value - previous,
        }
        if len(others) > 1:
            row |= {
                "rank": above + 1,
                "tied_count": ties,
                "percentile": (lower + ties / 2.0) / (len(others) - 1),
                "is_graver_than_most": (indicator.graver == "low" and value <= quartiles[1])
                or (indicator.graver == "high" and value >= quartiles[3]),
            }
    row["note"] = _note(peer_count - len(others), ties, sorted(set(years[is_peer].tolist())))
    return row


def _note(missing: int, ties: int, years: list[int]) -> str:
    said = [
        f"同じ値がほかに{ties:,}" if ties else "",
        f"値のない地域が{missing:,}" if missing else "",
        f"年度は地域により{years[0]}〜{years[-1]}" if len(years) > 1 else "",
    ]
    return "。".join(part for part in said if part)
