"""The index of a year's report: every area with its key figures, and what failed."""

from __future__ import annotations

from dataclasses import dataclass

from gunmane_analysis.report.findings import KeyFigure
from gunmane_analysis.report.records import AreaRecord
from gunmane_analysis.report.rendering import environment

_KIND_ORDER = {"nation": 0, "block": 1, "prefecture": 2, "municipality": 3}
_KIND_TITLES = {
    "nation": "全国",
    "block": "ブロック",
    "prefecture": "都道府県",
    "municipality": "市区町村",
}


@dataclass(frozen=True)
class IndexGroup:
    """The areas of one kind with their key figures as one table."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[AreaRecord, tuple[str, ...]], ...]


def render_index(
    fiscal_year: int, records: tuple[AreaRecord, ...], failures: tuple[AreaRecord, ...]
) -> bytes:
    """Render a year's index from the records of its areas."""
    template = environment().get_template("index_page.html.j2")
    html = template.render(
        fiscal_year=fiscal_year,
        groups=_groups(records),
        failures=failures,
        made_ids={record.area_id for record in records},
        updated_on=max((record.made_at[:10] for record in records), default="…"),
    )
    return html.encode("utf-8")


def _groups(records: tuple[AreaRecord, ...]) -> list[IndexGroup]:
    groups = []
    for kind in _KIND_ORDER:
        chosen = [record for record in records if record.kind == kind]
        if not chosen:
            continue
        figures = {
            record.area_id: {item["key"]: KeyFigure(**item) for item in record.key_figures}
            for record in chosen
        }
        keys = list(dict.fromkeys(key for item in figures.values() for key in item))
        first = {key: next(item[key] for item in figures.values() if key in item) for key in keys}
        groups.append(
            IndexGroup(
                title=_KIND_TITLES[kind],
                headings=tuple(
                    f"{first[key].label}（{first[key].unit}）"
                    if first[key].unit
                    else first[key].label
                    for key in keys
                ),
                rows=tuple((record, _cells(figures[record.area_id], keys)) for record in chosen),
            )
        )
    return groups


def _cells(figures: dict[str, KeyFigure], keys: list[str]) -> tuple[str, ...]:
    return tuple(
        figures[key].words(figures[key].value).removesuffix(figures[key].unit)
        if key in figures
        else "…"
        for key in keys
    )
