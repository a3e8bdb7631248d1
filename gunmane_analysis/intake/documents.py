"""Sources that are no table on a sheet: series of e-Stat, TopoJSON, the list of changes.

Outlines of municipalities are decoded from N03 TopoJSON without a map library.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gunmane_analysis.areas.master import all_names, northern_villages, prefectures
from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.estat import is_ssds_document, read_ssds
from gunmane_analysis.intake.magnitude import series_issues
from gunmane_analysis.intake.reading.issues import Issues, issue
from gunmane_analysis.intake.reading.workbook import Workbook
from gunmane_analysis.refusals import refusal, refuse_if

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_POINTS_AT_MOST = 3_000_000

Record = dict[str, Any]


def read_document(
    workbook: Workbook,
    source_id: str | None,
    issues: Issues,
    confirmed: frozenset[str] = frozenset(),
) -> tuple[list[Record], str | None]:
    """Read a JSON document (or an e-Stat CSV) as the source that it is.

    Returns
    -------
    (list of dict, str or None)
        Its records in the columns of its table, and the source it was read as.
    """
    found, records = source_id or _source_of(workbook), []
    try:
        if found == "ssds":
            records = read_ssds(workbook, issues)
            issues.extend(series_issues(records, confirmed))
        elif read := {"boundaries": read_boundaries, "municipal_changes": _changes}.get(
            found or ""
        ):
            records = read(workbook.document, issues)
        else:
            code = "document-not-json" if found else "document-unknown"
            issues.add(issue(code, row=1, source_id=found))
    except SourceError as refused:
        issues.add(issue(refused.code, **refused.facts))
    return records, found


def _source_of(workbook: Workbook) -> str | None:
    content = workbook.document
    if workbook.kind != "json" or is_ssds_document(content):
        return "ssds"
    if is_topojson(content):
        return "boundaries"
    is_changes = isinstance(content, dict) and isinstance(content.get("changes"), list)
    return "municipal_changes" if is_changes else None


def prefecture_totals(records: Sequence[Record]) -> dict[str, float]:
    """Return the sum of the prefectures for each item and year of a series."""
    totals: dict[str, float] = defaultdict(float)
    for each in records:
        if each.get("level") == "prefecture" and each["value"] is not None:
            totals[f"{each['item_code']}_{each['fiscal_year']}"] += each["value"]
    return {key: int(total) if total.is_integer() else total for key, total in totals.items()}


def _changes(content: Any, issues: Issues) -> list[Record]:
    """Read e-Stat's list of changes: one record per change from one body to another."""
    entries = content.get("changes") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise refusal("changes-missing")
    records: list[Record] = []
    for number, entry in enumerate(entries, start=1):
        try:
            record = {"changed_on": str(entry["date"]), "reason": str(entry["reason"])}
            for age in ("old", "new"):
                record |= {f"{age}_{part}": str(entry[age][part]) for part in ("code", "name")}
        except (KeyError, TypeError):
            record = {}
        codes = [record.get(name, "") for name in ("old_code", "new_code")]
        if all(re.fullmatch("[0-9]{5}", code) for code in codes):
            records.append(record)
        else:
            issues.add(issue("change-unreadable", number=number, value=str(entry)[:80]))
    return records


def is_topojson(document: Any) -> bool:
    """Whether a JSON document is a topology."""
    return isinstance(document, dict) and document.get("type") == "Topology"


def read_boundaries(document: Any, issues: Issues) -> list[Record]:
    """Return one record per ring: area code, polygon and ring number, longitudes, latitudes.

    Codes are checked against the municipalities; a geometry without a code (所属未定地) is
    left out and counted.
    """
    refuse_if(not is_topojson(document), "map-not-topojson")
    try:
        records, codes = _rings(document)
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as fault:
        raise refusal("map-broken", detail=f"{type(fault).__name__}: {fault}") from fault
    if nameless := codes.count(None):
        issues.add(issue("map-nameless", count=nameless))
    if unknown := sorted({code for code in codes if code is not None} - _bodies()):
        issues.add(issue("map-unknown-codes", count=len(unknown), names="、".join(unknown[:5])))
    if not records:
        issues.add(issue("map-empty"))
    return records


def _bodies() -> set[str]:
    return {*prefectures(), *all_names(), *northern_villages()}


def _decoded_arcs(document: Record) -> list[NDArray[np.float64]]:
    """Return each line's points: whole-number steps from point to point under a transform."""
    import numpy as np  # no other file that is checked needs it

    if sum(map(len, document["arcs"])) > _POINTS_AT_MOST:
        raise ValueError("too many points")
    arcs = [np.array(arc, dtype="float64")[:, :2] for arc in document["arcs"]]
    if transform := document.get("transform"):
        return [a.cumsum(axis=0) * transform["scale"] + transform["translate"] for a in arcs]
    return arcs


def _rings(document: Record) -> tuple[list[Record], list[str | None]]:
    """Return the rings of the areas of known codes, and the code of every geometry."""
    arcs, bodies = _decoded_arcs(document), _bodies()
    records: list[Record] = []
    codes: list[str | None] = []
    for geometry in [g for each in document["objects"].values() for g in each["geometries"]]:
        codes.append(_code_of(geometry.get("properties") or {}))
        found = geometry.get("arcs") or []
        polygons = {"Polygon": [found], "MultiPolygon": found}.get(str(geometry.get("type")), [])
        for polygon_no, polygon in enumerate(polygons if codes[-1] in bodies else []):
            for ring_no, ring in enumerate(polygon):
                place = {"area_code": codes[-1], "polygon_no": polygon_no, "ring_no": ring_no}
                longitudes, latitudes = _ring(ring, arcs).T.round(6).tolist()
                records.append({**place, "longitudes": longitudes, "latitudes": latitudes})
    return records, codes


def _code_of(properties: Record) -> str | None:
    if code := properties.get("N03_007"):
        return str(code)
    name = properties.get("N03_001")
    if not name or any(properties.get(key) for key in ("N03_003", "N03_004")):
        return None
    return next((code for code, entry in prefectures().items() if entry.name == name), None)


def _ring(numbers: list[int], arcs: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    import numpy as np

    lines = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
    return np.concatenate([lines[0], *(line[1:] for line in lines[1:])])
