"""Sources that are no table on a sheet: JSON from e-Stat, TopoJSON, the list of changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gunmane_analysis.intake.maps import is_topojson, read_boundaries
from gunmane_analysis.intake.reading.issues import Issue, Issues
from gunmane_analysis.intake.reading.workbook import Workbook
from gunmane_analysis.intake.ssds import is_ssds_document, read_ssds
from gunmane_analysis.intake.ssds_slips import series_slips

_MOST_NAMED = 5


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
        issues.add(
            Issue(
                "fault",
                "どの資料の JSON か分かりません。"
                if source_id is None
                else f"「{source_id}」は JSON では届きません。",
                row=1,
                expected="e-Stat の API の応答、TopoJSON、市区町村の変更の一覧のどれか",
                advice="--source で資料を指定するか、配布元の形式を確かめてください。",
            )
        )
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
    issues.extend(series_slips(values, confirmed))
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
            issues.add(
                Issue(
                    "fault",
                    f"{number}番目の変更が読み取れません。",
                    value=str(entry)[:80],
                    expected="date、reason、old.code、old.name、new.code、new.name（番号は5桁）",
                    advice="配布元から取り直してください。",
                )
            )
            continue
        records.append(record)
    if not entries:
        issues.add(
            Issue(
                "fault",
                "変更の一覧（changes）がありません。",
                expected="changes の配列",
                advice="配布元から取り直してください。",
            )
        )
        return None
    return Document(tuple(records), {}, {}, len(records))
