"""Sources that are no table on a sheet: series of e-Stat, TopoJSON, the list of changes.

Outlines of municipalities are decoded from N03 TopoJSON without a map library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from gunmane_analysis.areas.master import former_codes, local_bodies, prefectures
from gunmane_analysis.intake.estat import is_ssds_document, read_ssds
from gunmane_analysis.intake.magnitude import series_issues
from gunmane_analysis.intake.places import NORTHERN_VILLAGES
from gunmane_analysis.intake.reading.issues import Issues, issue
from gunmane_analysis.intake.reading.workbook import Workbook

_POINTS_AT_MOST = 3_000_000


@dataclass(frozen=True)
class Document:
    """The records of a JSON source, in the columns of its table."""

    records: tuple[Mapping[str, Any], ...]
    totals: Mapping[str, float] = field(default_factory=dict)
    totals_by_level: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    row_count: int = 0


def read_document(
    workbook: Workbook,
    source_id: str | None,
    issues: Issues,
    confirmed: frozenset[str] = frozenset(),
) -> tuple[Document | None, str | None]:
    """Read a JSON document (or an e-Stat CSV) as the source that it is.

    Returns
    -------
    (Document or None, str or None)
        Its records and the source it was read as.
    """
    content = workbook.document
    readers: dict[str, Callable[[], Document | None]] = {
        "ssds": lambda: _ssds(workbook, issues, confirmed),
        "boundaries": lambda: _boundaries(content, issues),
        "municipal_changes": lambda: _changes(content, issues),
    }
    found = source_id or _source_of(workbook)
    if found not in readers:
        code = "document-unknown" if source_id is None else "document-not-json"
        issues.add(issue(code, row=1, source_id=source_id))
        return None, source_id
    return readers[found](), found


def _source_of(workbook: Workbook) -> str | None:
    if workbook.kind != "json" or is_ssds_document(workbook.document):
        return "ssds"
    if is_topojson(workbook.document):
        return "boundaries"
    if isinstance(workbook.document, dict) and isinstance(workbook.document.get("changes"), list):
        return "municipal_changes"
    return None


def _ssds(workbook: Workbook, issues: Issues, confirmed: frozenset[str]) -> Document | None:
    values = read_ssds(workbook, issues)
    if values is None:
        return None
    issues.extend(series_issues(values, confirmed))
    totals: dict[str, float] = {}
    for value in values:
        if value["level"] == "prefecture" and value["value"] is not None:
            key = f"{value['item_code']}_{value['fiscal_year']}"
            totals[key] = totals.get(key, 0.0) + value["value"]
    tidy = {
        key: int(total) if float(total).is_integer() else total for key, total in totals.items()
    }
    return Document(tuple(values), tidy, {"prefecture": tidy}, len(values))


def _boundaries(content: Any, issues: Issues) -> Document | None:
    shapes = read_boundaries(content, issues)
    return None if shapes is None else Document(tuple(shapes), {}, {}, len(shapes))


def _changes(content: Any, issues: Issues) -> Document | None:
    """Read e-Stat's list of changes: one record per change from one body to another."""
    records = []
    entries = content.get("changes") if isinstance(content, dict) else None
    entries = entries if isinstance(entries, list) else None
    for number, entry in enumerate(entries or (), start=1):
        try:
            record = {
                "changed_on": str(entry["date"]),
                "reason": str(entry["reason"]),
                "old_code": str(entry["old"]["code"]),
                "old_name": str(entry["old"]["name"]),
                "new_code": str(entry["new"]["code"]),
                "new_name": str(entry["new"]["name"]),
            }
        except (KeyError, TypeError):
            record = {}
        if not record or not all(
            len(record[name]) == 5 and record[name].isdigit() for name in ("old_code", "new_code")
        ):
            issues.add(issue("change-unreadable", number=number, value=str(entry)[:80]))
            continue
        records.append(record)
    if not entries:
        issues.add(issue("changes-missing"))
        return None
    return Document(tuple(records), {}, {}, len(records))


def is_topojson(document: Any) -> bool:
    """Whether a JSON document is a topology."""
    return isinstance(document, dict) and document.get("type") == "Topology"


def read_boundaries(document: Any, issues: Issues) -> list[dict[str, Any]] | None:
    """Return one record per ring: area code, polygon and ring number, longitudes, latitudes.

    Codes are checked against the municipalities; a geometry without a code (所属未定地) is
    left out and counted.
    """
    if not is_topojson(document):
        issues.add(issue("map-not-topojson"))
        return None
    try:
        arcs = list(_decoded_arcs(document))
        geometries = [g for o in document["objects"].values() for g in o["geometries"]]
        records, nameless, unknown = _records(geometries, arcs)
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as fault:
        issues.add(issue("map-broken", detail=f"{type(fault).__name__}: {fault}"))
        return None
    if nameless:
        issues.add(issue("map-nameless", count=nameless))
    if unknown:
        names = "、".join(sorted(unknown)[:5])
        issues.add(issue("map-unknown-codes", count=len(unknown), names=names))
    if not records:
        issues.add(issue("map-empty"))
        return None
    return records


def _decoded_arcs(document: dict[str, Any]) -> Iterator[list[tuple[float, float]]]:
    transform = document.get("transform")
    scale, shift = (transform["scale"], transform["translate"]) if transform else ((1, 1), (0, 0))
    count = 0
    for arc in document["arcs"]:
        count += len(arc)
        if count > _POINTS_AT_MOST:
            raise ValueError("too many points")
        if transform:
            xs = accumulate(point[0] for point in arc)
            ys = accumulate(point[1] for point in arc)
        else:
            xs, ys = (point[0] for point in arc), (point[1] for point in arc)  # type: ignore[assignment]
        yield [
            (x * scale[0] + shift[0], y * scale[1] + shift[1]) for x, y in zip(xs, ys, strict=True)
        ]


def _records(
    geometries: list[dict[str, Any]], arcs: list[list[tuple[float, float]]]
) -> tuple[list[dict[str, Any]], int, set[str]]:
    records: list[dict[str, Any]] = []
    nameless, unknown = 0, set()
    for geometry in geometries:
        code = _code_of(geometry.get("properties") or {})
        if code is None:
            nameless += 1
            continue
        if not _is_known(code):
            unknown.add(code)
            continue
        kind = geometry.get("type")
        polygons = {"Polygon": [geometry.get("arcs")], "MultiPolygon": geometry.get("arcs")}.get(
            str(kind), []
        )
        for polygon_no, polygon in enumerate(polygons or []):
            for ring_no, ring in enumerate(polygon):
                points = _ring(ring, arcs)
                records.append(
                    {
                        "area_code": code,
                        "polygon_no": polygon_no,
                        "ring_no": ring_no,
                        "longitudes": [round(x, 6) for x, _ in points],
                        "latitudes": [round(y, 6) for _, y in points],
                    }
                )
    return records, nameless, unknown


def _code_of(properties: dict[str, Any]) -> str | None:
    code = properties.get("N03_007")
    if code:
        return str(code)
    name = properties.get("N03_001")
    if name and not any(properties.get(key) for key in ("N03_003", "N03_004")):
        return next((c for c, p in prefectures().items() if p.name == name), None)
    return None


def _is_known(code: str) -> bool:
    return (
        code in prefectures()
        or code in local_bodies()
        or code in former_codes()
        or code in NORTHERN_VILLAGES
    )


def _ring(numbers: list[int], arcs: list[list[tuple[float, float]]]) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return points
