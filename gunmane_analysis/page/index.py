"""The index of a year's report: the nation's summary, the map of prefectures, every area."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Set
from dataclasses import dataclass

from gunmane_analysis.areas import (
    DEFAULT_SCHEME_ID,
    KIND_NAMES,
    NATION_ID,
    Area,
    find_area,
    list_areas,
)
from gunmane_analysis.areas.tiles import TILES, Classes, class_values, tile_css
from gunmane_analysis.findings import JPY_SHORTENED, KeyFigure
from gunmane_analysis.findings.rendering import environment
from gunmane_analysis.page.records import AreaRecord
from gunmane_analysis.wording import JPY_PER_MAN, format_value

_FEWEST = 2


@dataclass(frozen=True)
class IndexFigure:
    """One key figure over all areas for which any page gives it."""

    figure: KeyFigure
    values: Mapping[str, float]

    @property
    def label(self) -> str:
        """What it counts."""
        return self.figure.label

    @property
    def unit(self) -> str:
        """The unit, as headings and legends show it."""
        return "万円" if self._in_man_yen else self.figure.unit

    @functools.cached_property
    def _in_man_yen(self) -> bool:
        largest = max((abs(value) for value in self.values.values()), default=0.0)
        return self.figure.unit == "円" and largest >= JPY_SHORTENED

    def words(self, area_id: str) -> str:
        """Word an area's value without its unit."""
        return self.shown(self.values.get(area_id))

    def shown(self, value: float | None) -> str:
        """Word a value without its unit."""
        if self._in_man_yen and value is not None:
            return format_value(value / JPY_PER_MAN, "number")
        return format_value(value, self.figure.kind, self.figure.decimals)

    @functools.cached_property
    def classes(self) -> Classes:
        """The map's classes of colour."""
        return class_values([self.values[code] for code in TILES if code in self.values])

    @property
    def legend(self) -> list[tuple[int, str]]:
        """Each class of colour with the values it stands for."""
        return [
            (number, f"{self.shown(lower)}〜{self.shown(upper)}")
            for number, (lower, upper) in enumerate(
                zip(self.classes.lowers, self.classes.uppers, strict=True), start=1
            )
        ]

    def class_of(self, area_id: str) -> int:
        """Return an area's class of colour; 0 where there is no value."""
        value = self.values.get(area_id)
        return 0 if value is None else self.classes.number(value)


@dataclass(frozen=True)
class IndexRow:
    """One area of the list: made, failed or not made."""

    area: Area
    record: AreaRecord | None
    failed: bool
    outdated: bool = False

    @property
    def kind(self) -> str:
        """What rank of area it is."""
        return KIND_NAMES[self.area.kind]

    @property
    def status(self) -> str:
        """Whether its page is there."""
        if self.failed:
            return "失敗（以前の頁）" if self.record else "失敗"
        if self.outdated:
            return "作成後に資料・プログラムが変わった"
        return "" if self.record else "未作成"

    @property
    def search_key(self) -> str:
        """What the search box looks through: name, reading, code."""
        return f"{self.area.name} {self.area.kana} {self.area.area_id}"


@dataclass(frozen=True)
class Tile:
    """One prefecture on the map."""

    area: Area
    href: str

    @property
    def short_name(self) -> str:
        """The name without 都・府・県, which a tile has no room for."""
        return self.area.name if self.area.area_id == "01" else self.area.name[:-1]


def render_index(
    fiscal_year: int,
    records: tuple[AreaRecord, ...],
    failures: tuple[AreaRecord, ...],
    outdated: Set[str] = frozenset(),
) -> bytes:
    """Render a year's index from the records of its areas.

    Parameters
    ----------
    fiscal_year : int
    records : tuple of AreaRecord
        Every area whose page stands in the year's folder.
    failures : tuple of AreaRecord
        The areas that the last run could not make.
    outdated : set of str
        The areas whose page was made from other data, or by another program, than today's.
    """
    made = {record.area_id: record for record in records}
    rows = _rows(made, {record.area_id: record for record in failures}, outdated)
    figures = index_figures(records)
    mapped = _for_map(figures)
    template = environment().get_template("index_page.html.j2")
    html = template.render(
        fiscal_year=fiscal_year,
        nation=made.get(NATION_ID),
        rows=rows,
        missing=[row for row in rows if row.record is None and not row.failed],
        figures=[figure for figure in figures if len(figure.values) >= _FEWEST],
        mapped=mapped,
        chosen=_first_shown(mapped),
        tiles=[_tile(row.area, made) for row in rows if row.area.area_id in TILES],
        failures=failures,
        made=made,
        map_css=_map_css(len(mapped)),
        updated_on=max((record.made_at[:10] for record in records), default=""),
    )
    return html.encode("utf-8")


def index_figures(records: tuple[AreaRecord, ...]) -> list[IndexFigure]:
    """Return each key figure with its values by area.

    An area's own page speaks for it; where it has none, a page that compares it or tells of it
    does. A block of a single prefecture speaks for that prefecture.
    """
    first: dict[str, KeyFigure] = {}
    own: dict[str, dict[str, float]] = {}
    told: dict[str, dict[str, float]] = {}
    for record in records:
        area = find_area(record.area_id, _scheme_of(record))
        for item in record.key_figures:
            figure = KeyFigure(**item)
            first.setdefault(figure.key, figure)
            others = {key: value for key, value in figure.others.items() if value is not None}
            told.setdefault(figure.key, {}).update(others)
            if figure.value is None:
                continue
            if figure.area_id not in ("", record.area_id):
                told[figure.key][figure.area_id] = figure.value
                continue
            own.setdefault(figure.key, {})[record.area_id] = figure.value
            if area.kind == "block" and len(area.prefecture_codes) == 1:
                told[figure.key][area.prefecture_codes[0]] = figure.value
    return [
        IndexFigure(figure, {**told.get(key, {}), **own.get(key, {})})
        for key, figure in first.items()
    ]


def _scheme_of(record: AreaRecord) -> str:
    return str(record.parameters.get("scheme_id", DEFAULT_SCHEME_ID))


def _rows(
    made: Mapping[str, AreaRecord], failed: Mapping[str, AreaRecord], outdated: Set[str]
) -> list[IndexRow]:
    """Return the nation, blocks and prefectures of the newest page's scheme, then the others.

    Pages of several schemes may stand in one year's folder: each is an area of its own scheme.
    """
    known = {**failed, **made}
    newest = max(known.values(), key=lambda record: record.made_at, default=None)
    scheme_id = _scheme_of(newest) if newest else DEFAULT_SCHEME_ID
    listed = [
        find_area(NATION_ID, scheme_id),
        *list_areas("block", scheme_id),
        *list_areas("prefecture", scheme_id),
    ]
    others = sorted(known.keys() - {area.area_id for area in listed})
    listed += [find_area(area_id, _scheme_of(known[area_id])) for area_id in others]
    return [
        IndexRow(area, made.get(area.area_id), area.area_id in failed, area.area_id in outdated)
        for area in listed
    ]


def _for_map(figures: list[IndexFigure]) -> list[IndexFigure]:
    """Return the figures that fill the map: at least half as many tiles as any figure does."""
    counted = [len(figure.values.keys() & TILES.keys()) for figure in figures]
    fewest = max(_FEWEST, max(counted, default=0) / 2)
    return [figure for figure, count in zip(figures, counted, strict=True) if count >= fewest]


def _first_shown(mapped: list[IndexFigure]) -> int:
    """Return the place of the first figure that can be compared across sizes of area."""
    kinds = [figure.figure.kind for figure in mapped]
    return next((place for place, kind in enumerate(kinds) if kind in ("change", "rate")), 0)


def _tile(area: Area, made: Mapping[str, AreaRecord]) -> Tile:
    nearest = next((place for place in area.lineage[:-1] if place.area_id in made), None)
    if nearest is None:
        return Tile(area, f"#area-{area.area_id}")
    return Tile(area, f"{nearest.area_id}/index.html")


def _map_css(count: int) -> str:
    shown = ",".join(f"main:has(#figure-{n}:checked) .v{n}" for n in range(count))
    return tile_css() + (f"{shown}{{display:block}}" if count else "")
