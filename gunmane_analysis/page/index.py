"""The index of a year's report: the nation's summary, the map of prefectures, every area."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from gunmane_analysis.areas import (
    DEFAULT_SCHEME_ID,
    KIND_NAMES,
    NATION_ID,
    Area,
    find_area,
    list_areas,
)
from gunmane_analysis.areas.tiles import CLASSES, prefecture_tiles, tile_css
from gunmane_analysis.cache import cached
from gunmane_analysis.findings import Column, Finding
from gunmane_analysis.findings.rendering import environment
from gunmane_analysis.page.records import PAGE_NAME, AreaRecord
from gunmane_analysis.page.sheets import StatisticsBook
from gunmane_analysis.page.tables import csv_bytes
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.sources import find_source, sources_in_use
from gunmane_analysis.tables.indicators import Indicator, indicators, latest_known
from gunmane_analysis.wording import JPY_PER_MAN, format_value

FIGURES_NAME = "全地域_主な指標"
_NOT_ASKED = "－"


@dataclass(frozen=True)
class IndexFigure:
    """One indicator with each area's newest value, and the year of most in each kind of area."""

    indicator: Indicator
    values: Mapping[str, float]
    years: Mapping[Any, int]

    def heading(self, *kinds: str) -> str:
        """Return unit and year for some kinds of areas, each with its own year if they differ."""
        unit = "万円" if self._in_man_yen else self.indicator.unit
        years = {kind: f"{self.years[kind]}" for kind in kinds if kind in self.years}
        if len({*years.values()}) > 1:
            years = {kind: f"{kind}{year}" for kind, year in years.items()}
        year = "" if "2050" in self.indicator.label else "・".join(dict.fromkeys(years.values()))
        return "、".join(filter(None, (unit, year and f"{year}年度")))

    @property
    def _in_man_yen(self) -> bool:
        return self.indicator.unit == "円"

    def words(self, area: Area) -> str:
        """Word an area's value without its unit; － where the indicator is of another level."""
        level = "municipality" if area.kind == "municipality" else "regional"
        if level not in self.indicator.sources:
            return _NOT_ASKED
        return self.shown(self.values.get(area.area_id))

    def shown(self, value: float | None) -> str:
        """Word a value without its unit."""
        if self._in_man_yen and value is not None:
            return format_value(value / JPY_PER_MAN, "number", 1)
        return format_value(value, self.indicator.kind, self.indicator.decimals)

    @functools.cached_property
    def mapped(self) -> pd.Series:
        """The prefectures' values as precise as they are shown: classes are disjoint as printed."""
        known = pd.Series(dict(self.values)).filter(items=list(prefecture_tiles()))
        if self._in_man_yen:
            return (known / JPY_PER_MAN).round(1) * JPY_PER_MAN
        is_share = self.indicator.kind in ("rate", "change")
        return known.round(self.indicator.decimals + (2 if is_share else 0))

    @functools.cached_property
    def colours(self) -> pd.Series:
        """Each prefecture's colour from 1, in classes of nearly equal numbers: graver is darker."""
        places = np.linspace(1 / CLASSES, 1.0, CLASSES)
        uppers = np.unique(np.quantile(self.mapped, places, method="inverted_cdf"))
        numbers = pd.Series(np.searchsorted(uppers, self.mapped) + 1, self.mapped.index)
        return len(uppers) + 1 - numbers if self.indicator.graver == "low" else numbers

    @property
    def legend(self) -> list[tuple[int, str]]:
        """Each colour with its least and its greatest value, the least colour first."""
        ends = self.mapped.groupby(self.colours).agg(["min", "max"]).sort_values("min")
        return [
            (int(str(colour)), f"{self.shown(low)}〜{self.shown(high)}")
            for colour, low, high in ends.itertuples(name=None)
        ]


@dataclass(frozen=True)
class IndexRow:
    """One area of the list: made, failed or not made; ``state`` is a place in ``states``."""

    area: Area
    state: int

    @property
    def is_made(self) -> bool:
        """Whether there is a page to open."""
        return self.state not in (1, 2)


def render_index(
    fiscal_year: int,
    records: tuple[AreaRecord, ...],
    failures: tuple[AreaRecord, ...] = (),
    outdated: Set[str] = frozenset(),
    values: pd.DataFrame | None = None,
) -> dict[str, bytes]:
    """Render a year's index and the files of figures that it links to.

    Parameters
    ----------
    fiscal_year : int
    records : tuple of AreaRecord
        Every area whose page stands in the year's folder.
    failures : tuple of AreaRecord
        The areas that the last run could not make.
    outdated : set of str
        The areas whose page was made from other data than today's.
    values : DataFrame, optional
        :func:`gunmane_analysis.metrics.position.position.area_values`; without it there are no
        figures, no map and no files of figures.

    Returns
    -------
    dict of str to bytes
        ``全地域_主な指標.xlsx``, ``全地域_主な指標.csv`` and, last, ``index.html``.
    """
    made = {record.area_id: record for record in records}
    rows = _rows(made, {record.area_id: record for record in failures}, outdated)
    newest = None if values is None else latest_known(values, fiscal_year)
    kinds = {row.area.area_id: KIND_NAMES[row.area.kind] for row in rows}
    figures = [] if newest is None else _figures(newest, kinds)
    mapped = [figure for figure in figures if _is_mapped(figure)]
    first, ids = _layout()["mapped_first"], [figure.indicator.indicator_id for figure in mapped]
    by_id = {row.area.area_id: row for row in rows}
    html = environment().get_template("index_page.html.j2").render(
        fiscal_year=fiscal_year,
        nation=made.get(NATION_ID),
        rows=[row for row in rows if row.area.kind != "municipality"],
        areas=_data(rows, figures),
        count=len(rows),
        prefectures=list_areas("prefecture"),
        figures=figures,
        kinds=KIND_NAMES,
        states=_layout()["states"],
        files_name=FIGURES_NAME if figures else "",
        mapped=mapped,
        chosen=ids.index(first) if first in ids else 0,
        tiles=[by_id[code] for code in prefecture_tiles()],
        failures=failures,
        made=made,
        outdated_count=len(outdated & made.keys()),
        map_css=_map_css(len(mapped)),
        updated_on=max((record.made_at[:10] for record in records), default=""),
    )  # fmt: skip
    files = {}
    if newest is not None:
        citations = {name: find_source(name).citation for name in _source_ids()}
        files = _figure_files(fiscal_year, tuple(row.area for row in rows), newest, citations)
    return {**files, PAGE_NAME: html.encode("utf-8")}


@functools.cache
def _layout() -> Mapping[str, Any]:
    layout: dict[str, Any] = read_yaml(Path(__file__).with_name("index.yml"))
    return layout


def _figures(newest: pd.DataFrame, kinds: Mapping[str, str]) -> list[IndexFigure]:
    newest = newest.assign(kind=newest["area_id"].astype("str").map(kinds))
    by_indicator = dict(iter(newest.groupby("indicator_id", observed=True)))
    return [
        IndexFigure(
            indicators()[name],
            dict(zip(part["area_id"].astype(str), part["value"].astype(float), strict=True)),
            part.groupby("kind")["year"].agg(lambda years: int(years.mode().iloc[-1])).to_dict(),
        )
        for name in _layout()["shown"]
        if (part := by_indicator.get(name)) is not None
    ]


def _is_mapped(figure: IndexFigure) -> bool:
    is_wanted = figure.indicator.indicator_id not in _layout()["not_mapped"]
    is_regional = "regional" in figure.indicator.sources
    return is_wanted and is_regional and not prefecture_tiles().keys().isdisjoint(figure.values)


def _scheme_of(record: AreaRecord) -> str:
    return str(record.parameters.get("scheme_id", DEFAULT_SCHEME_ID))


def index_scheme(records: Iterable[AreaRecord]) -> str:
    """Return the block scheme of the newest page, whose blocks the index lists."""
    newest = max(records, key=lambda record: record.made_at, default=None)
    return _scheme_of(newest) if newest else DEFAULT_SCHEME_ID


def _rows(
    made: Mapping[str, AreaRecord], failed: Mapping[str, AreaRecord], outdated: Set[str]
) -> list[IndexRow]:
    """Return the areas of the newest page's scheme, then those of other schemes."""
    known = {**failed, **made}
    scheme_id = index_scheme(known.values())
    listed = [area for kind in KIND_NAMES for area in list_areas(kind, scheme_id)]
    others = sorted(known.keys() - {area.area_id for area in listed})
    listed[1:1] = [find_area(area_id, _scheme_of(known[area_id])) for area_id in others]

    def state(area_id: str) -> int:
        if area_id in failed:
            return 3 if area_id in made else 2
        return 1 if area_id not in made else 4 * (area_id in outdated)

    return [IndexRow(area, state(area.area_id)) for area in listed]


def _data(rows: list[IndexRow], figures: list[IndexFigure]) -> Markup:
    """Return all areas as the script reads them: one text a row, nothing that ends a script."""
    lines = []
    for area, state in ((row.area, row.state) for row in rows):
        code = area.prefecture_codes[0] if area.kind in ("prefecture", "municipality") else ""
        fields = (area.area_id, area.name, area.kana, area.kind, code, str(state))
        lines.append("|".join((*fields, *(figure.words(area) for figure in figures))))
    content = {"kinds": {**KIND_NAMES}, "states": _layout()["states"], "rows": lines}
    return Markup(json.dumps(content, ensure_ascii=False).replace("<", "\\u003c"))


def _source_ids() -> tuple[str, ...]:
    used = [s for each in indicators().values() for level in each.sources.values() for s in level]
    return sources_in_use(*used)


@cached  # 0.8 of the 0.9 s that an index takes, and the same until a figure or a source changes
def _figure_files(
    fiscal_year: int, areas: tuple[Area, ...], newest: pd.DataFrame, citations: dict[str, str]
) -> dict[str, bytes]:
    """Return every indicator of every area as workbook and CSV, each with its year."""
    wide = newest.astype({"area_id": "str", "indicator_id": "str"}).pivot(
        index="area_id", columns="indicator_id", values=["value", "year"]
    )
    wide.columns = wide.columns.map(lambda c: c[1] if c[0] == "value" else f"{c[1]}_year")
    names = {area.area_id: area.name for area in list_areas("prefecture")}
    table = pd.DataFrame(
        [(a.area_id, KIND_NAMES[a.kind], a.name, names.get(a.area_id[:2], "")) for a in areas],
        columns=["area_id", "kind", "name", "prefecture"],
    ).join(wide, on="area_id")
    columns = [
        Column("area_id", "地域の番号"), Column("kind", "区分"), Column("name", "地域"),
        Column("prefecture", "都道府県"),
    ]  # fmt: skip
    for each in (each for name, each in indicators().items() if name in wide):
        kind = "number" if each.kind == "money" else each.kind
        columns += [
            Column(each.indicator_id, each.label, each.unit, kind, each.decimals),
            Column(f"{each.indicator_id}_year", f"{each.label}の年度", "", "year"),
        ]
    title = f"全地域の主な指標（{fiscal_year}年度）"
    finding = Finding(
        finding_id="index.areas",
        title=title,
        headline=f"全国、地方、都道府県、市区町村の{len(areas):,}地域。"
        f"各指標は、{fiscal_year}年度までの最も新しい値。",
        table=table,
        columns=tuple(columns),
        source_ids=tuple(citations),
        caveats=tuple(f"{each.label}：{each.note}" for each in indicators().values() if each.note),
    )
    book = StatisticsBook(title, datetime(fiscal_year + 1, 3, 31))  # as an area's workbook
    book.add_finding("主な指標", finding, title, "、".join(dict.fromkeys(citations.values())))
    return {f"{FIGURES_NAME}.xlsx": book.content(), f"{FIGURES_NAME}.csv": csv_bytes(finding)}


def _map_css(count: int) -> str:
    shown = ",".join(f"main:has(#figure-{n}:checked) .v{n}" for n in range(count))
    return tile_css() + (f"{shown}{{display:block}}" if count else "")
