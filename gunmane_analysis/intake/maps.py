"""Outlines of municipalities from N03 TopoJSON, decoded without a map library."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from gunmane_analysis.areas.master import former_codes, local_bodies, prefectures
from gunmane_analysis.intake.codes import NORTHERN_VILLAGES
from gunmane_analysis.intake.reading.issues import Issue, Issues

_POINTS_AT_MOST = 3_000_000


def is_topojson(document: Any) -> bool:
    """Tell whether a JSON document is a topology."""
    return isinstance(document, dict) and document.get("type") == "Topology"


def read_boundaries(document: Any, issues: Issues) -> list[dict[str, Any]] | None:
    """Return one record per ring: area code, polygon and ring number, longitudes, latitudes.

    Codes are checked against the municipalities; a geometry without a code (所属未定地) is
    left out and counted.
    """
    if not is_topojson(document):
        issues.add(
            Issue(
                "fault",
                "TopoJSON ではありません。",
                expected="type が Topology の JSON",
                advice="N03 の TopoJSON を指定してください。",
            )
        )
        return None
    try:
        arcs = list(_decoded_arcs(document))
        geometries = [g for o in document["objects"].values() for g in o["geometries"]]
        records, nameless, unknown = _records(geometries, arcs)
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as fault:
        issues.add(
            Issue(
                "fault",
                f"TopoJSON の形が正しくありません（{type(fault).__name__}: {fault}）。",
                expected="objects、arcs、transform のある TopoJSON",
                advice="配布元から取り直してください。",
            )
        )
        return None
    if nameless:
        issues.add(
            Issue("warning", f"コードのない図形 {nameless} は読みません（所属未定地など）。")
        )
    if unknown:
        issues.add(
            Issue(
                "fault",
                f"登録のないコードの図形が {len(unknown)} あります（"
                f"{'、'.join(sorted(unknown)[:5])} など）。",
                expected="5桁の市区町村コード、または都道府県名",
                advice="基準日の違う境界でないかを確かめてください。",
            )
        )
    if not records:
        issues.add(
            Issue(
                "fault",
                "図形がありません。",
                expected="1つ以上の図形",
                advice="配布元から取り直してください。",
            )
        )
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
