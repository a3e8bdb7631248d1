"""社会・人口統計体系: fetched from the e-Stat API, its JSON, its CSV, one item per JSON file.

The API answers HTTP 200 with a STATUS of its own, gives one class or value as an object and
several as a list, splits long answers (NEXT_KEY), and writes marks in place of numbers.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gunmane_analysis.areas.master import prefectures
from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.reading.issues import CellError, Issues, grouped, issue
from gunmane_analysis.intake.reading.plain_text import half_width, heading_key
from gunmane_analysis.intake.reading.sheet import Sheet
from gunmane_analysis.intake.reading.values import Mark, read_number
from gunmane_analysis.intake.reading.workbook import Workbook
from gunmane_analysis.refusals import refusal, refuse_if
from gunmane_analysis.tables import describe

DEFAULT_BASE_URL = "https://api.e-stat.go.jp/rest/3.0/app/json/getStatsData"
SECONDS_PER_REQUEST = 30.0
SECONDS_AT_MOST = 300.0
TRIES = 4
PAGES_AT_MOST = 200
_BYTES_AT_MOST = 100 * 1024 * 1024
_RETRIED = frozenset({429, 500, 502, 503, 504})
_ITEM = re.compile(r"#?([A-Z][0-9]{4,7})")
_ITEM_HEADING = re.compile(r"([a-z][0-9]{4,7})[_ ]?(.*?)(?:【(.+)】|\[(.+)\])?")
_TIME = re.compile(r"((?:19|20)[0-9]{2})(?:100000|年度?|[0-9]{6})?")
_HEADING_ROWS = 30

Value = dict[str, Any]


@functools.cache
def _described() -> Mapping[str, Any]:
    """Return the marks, the units and the headings of the source, from its table's description."""
    return describe("prefecture_items").sources["ssds"]


def is_ssds_document(document: Any) -> bool:
    """Whether a JSON document is an answer of the API, pages of it, or one item's file."""
    if isinstance(document, list):
        return bool(document) and all(is_ssds_document(page) for page in document)
    return isinstance(document, dict) and (
        "GET_STATS_DATA" in document or {"code", "values"} <= set(document)
    )


def is_ssds_sheet(sheet: Sheet) -> bool:
    """Whether a sheet is a CSV downloaded from e-Stat's database."""
    return _heading_row(sheet) is not None


def read_ssds(workbook: Workbook, issues: Issues) -> list[Value]:
    """Return one record per item, area and year; none where nothing can be read.

    Returns
    -------
    list of dict
        ``item_code``, ``item_name``, ``unit``, ``area_code`` (two digits for a prefecture,
        ``00`` for the nation), ``level``, ``fiscal_year``, ``value``, ``status``.
    """
    document, readings = workbook.document, _Readings(issues)
    if workbook.kind != "json":
        readings.add_sheets(workbook.sheets)
    elif isinstance(document, dict) and {"code", "values"} <= document.keys():
        readings.add_item(document)
    else:
        readings.add_pages(document if isinstance(document, list) else [document])
    if not readings.found and not issues.has_faults:
        issues.add(issue("estat-no-values"))
    return list(readings.found.values())


def _part(parent: Any, name: str) -> dict[str, Any]:
    """Return an object of an answer, empty where it is absent; refuse anything else there."""
    found = parent.get(name) if isinstance(parent, dict) else None
    if not isinstance(found, dict | None):
        raise refusal("estat-part-malformed", part=name, value=str(found)[:80])
    return found or {}


def as_list(found: Any, name: str = "VALUE") -> list[dict[str, Any]]:
    """Return what the API gives as one object or as a list, as a list of objects.

    Examples
    --------
    >>> as_list({"a": 1}), as_list(None)
    ([{'a': 1}], [])
    """
    members = [] if found is None else found if isinstance(found, list) else [found]
    for number, each in enumerate(members, start=1):
        if not isinstance(each, dict):
            raise refusal("estat-entry-malformed", part=name, number=number, value=str(each)[:80])
    return members


class _Item(NamedTuple):
    """An item of the system: its code, its name and the unit that the file states."""

    code: str
    name: str = ""
    unit: str = ""


class _Readings:
    """The values of a file by item, area and year; what is wrong with them goes to the issues."""

    def __init__(self, issues: Issues) -> None:
        self.issues = issues
        self.found: dict[tuple[str, str, int], Value] = {}
        self.marks = dict(_described()["marks"])
        self.judged: set[_Item] = set()

    def add_pages(self, pages: Iterable[Any]) -> None:
        """Add the values of the pages of one API answer, in their order."""
        number, expected, seen, last_key = 0, 0, 0, None
        try:
            for number, page in enumerate(pages, start=1):
                body = _part(page, "GET_STATS_DATA")
                refuse_if(not body, "estat-no-answer", number=number)
                result = _part(body, "RESULT")
                status, message = str(result.get("STATUS", "")), str(result.get("ERROR_MSG", ""))
                refuse_if(status != "0", "estat-error", status=status, message=message[:80])
                data = _part(body, "STATISTICAL_DATA")
                inf = _part(data, "RESULT_INF")
                total = str(inf.get("TOTAL_NUMBER") or 0)
                if not total.isdigit():
                    raise refusal("estat-part-malformed", part="TOTAL_NUMBER", value=total[:80])
                expected, last_key = int(total) or expected, inf.get("NEXT_KEY")
                seen += self._add_page(data)
        except SourceError as refused:
            self.issues.add(issue(refused.code, **refused.facts))
            if refused.code.endswith("malformed"):
                self.issues.add(issue("estat-page-malformed", number=number))
            return
        if last_key is not None:
            self.issues.add(issue("estat-incomplete", key=last_key))
        elif expected and expected != seen:
            self.issues.add(issue("estat-count-differs", seen=seen, expected_count=expected))

    def _add_page(self, data: dict[str, Any]) -> int:
        """Add the values of one page, and return how many it holds."""
        items = {
            str(item.get("@code")): item
            for entry in as_list(_part(data, "CLASS_INF").get("CLASS_OBJ"), "CLASS_OBJ")
            for item in as_list(entry.get("CLASS"), "CLASS")
            if entry.get("@id") == "cat01"
        }
        content = _part(data, "DATA_INF")
        for note in as_list(content.get("NOTE"), "NOTE"):
            self.marks.setdefault(half_width(str(note.get("@char"))), "unknown")
        entries = as_list(content.get("VALUE"))
        for number, entry in enumerate(entries, start=1):
            item = items.get(str(entry.get("@cat01")), {})
            name = re.sub(r"^[A-Z][0-9]+[_ ]", "", str(item.get("@name", "")))
            unit = str(entry.get("@unit") or item.get("@unit") or "")
            named = _Item(str(entry.get("@cat01", "")).lstrip("#"), name, unit)
            area, year = str(entry.get("@area", "")), str(entry.get("@time", ""))
            self._add(named, area, year, entry.get("$"), cell=f"VALUE[{number}]")
        return len(entries)

    def add_item(self, document: dict[str, Any]) -> None:
        """Add the values of one item's file."""
        item = _Item(*(str(document.get(name) or "") for name in ("code", "name", "unit")))
        for year in _part(document, "values"):
            for area, text in _part(document["values"], year).items():
                place = f"{area}000" if len(str(area)) == 2 else str(area)
                self._add(item, place, str(year), text)

    def add_sheets(self, sheets: Iterable[Sheet]) -> None:
        """Add the values of a CSV from e-Stat's data base, long or with a column an item."""
        for sheet in sheets:
            top = _heading_row(sheet)
            if top is not None:
                self._add_sheet(sheet, top)
            elif any(map(any, sheet.rows)):
                self.issues.add(issue("estat-columns-missing", sheet=sheet.name))

    def _add_sheet(self, sheet: Sheet, top: int) -> None:
        width, columns = len(sheet.rows[top]), _columns(sheet.rows[top])
        item, value, unit = (columns.get(part) for part in ("item", "value", "unit"))
        if item is not None and value is None:
            row = sheet.number_of(top)
            self.issues.add(issue("estat-value-column-missing", row=row, sheet=sheet.name))
            return
        named = _items(sheet.rows[top])
        for position in range(top + 1, len(sheet.rows)):
            cells, row = sheet.rows[position], sheet.number_of(position)
            if not any(cell.strip() for cell in cells):
                continue
            if sheet.is_csv and len(cells) != width:
                self.issues.add(issue("row-width-differs", found=len(cells), width=width, row=row))
                continue
            texts = [cell.strip() for cell in cells] + [""] * (width + 1 - len(cells))
            if item is not None and value is not None:
                stated = "" if unit is None else texts[unit]
                named = {value: _Item(texts[item].lstrip("#"), texts[item + 1], stated)}
            for column, each in named.items():
                area, year = texts[columns["area"]], texts[columns["time"]]
                self._add(each, area, year, texts[column], row=row)

    def _add(self, item: _Item, area: str, year_text: str, text: Any, **place: Any) -> None:
        """Add the value of one item, area and year, or say why it is none."""
        year, code = _TIME.fullmatch(year_text), area.zfill(5)
        delivered = "" if text is None else str(text)
        facts: dict[str, Any] = {**place, "value": delivered[:80]}
        if not (_ITEM.fullmatch(item.code) and year and re.fullmatch("[0-9]{5}", code)):
            facts |= {"item": item.code[:20], "area": area[:12], "year": year_text[:12]}
            self.issues.add(issue("estat-key-unreadable", **facts))
            return
        self._check_unit(item, place.get("row"))
        found = read_number(delivered, self.marks)
        if isinstance(found, CellError):
            facts |= {"column": f"{item.code} {code} {year[1]}年", **found.facts}
            self.issues.add(issue(found.code, **facts))
            return
        is_nation = code == "00000"
        is_prefecture = code.endswith("000") and code[:2] in prefectures()
        value: Value = {
            "item_code": item.code,
            "item_name": item.name,
            "unit": item.unit,
            "area_code": code[:2] if is_nation or is_prefecture else code,
            "level": "nation" if is_nation else "prefecture" if is_prefecture else "municipality",
            "fiscal_year": int(year[1]),
            "value": None if isinstance(found, Mark) else found.value,
            "status": found.status if isinstance(found, Mark) else "",
        }
        key = (item.code, value["area_code"], value["fiscal_year"])
        known = self.found.setdefault(key, value)
        if (known["value"], known["status"]) != (value["value"], value["status"]):
            both = "、".join(e["status"] or f"{e['value']:,.10g}" for e in (known, value))
            keys: dict[str, Any] = dict(zip(("item", "area", "year"), key, strict=True))
            self.issues.add(issue("estat-value-twice", value=both, **keys))

    def _check_unit(self, item: _Item, row: int | None) -> None:
        """Refuse another unit than the declared one, and money whose unit nobody states."""
        declared = _described()["units"].get(item.code, "")
        if item in self.judged or not declared:
            return
        self.judged.add(item)
        facts: dict[str, Any] = {"item": item.code, "declared": declared, "column": item.code}
        if not item.unit and declared.endswith("円"):
            self.issues.add(issue("estat-unit-unknown", row=row, **facts))
        elif item.unit and heading_key(item.unit) != heading_key(declared):
            facts |= {"unit": item.unit, "value": item.unit}
            self.issues.add(issue("estat-unit-differs", row=row, **facts))


def _columns(headings: Sequence[str]) -> dict[str, int]:
    """Return the column of each part of a value (area, time, item, value, unit) that is headed."""
    keys = [heading_key(heading) for heading in headings]
    wanted: Mapping[str, list[str]] = _described()["headings"]
    columns = ((part, [i for i, key in enumerate(keys) if key in wanted[part]]) for part in wanted)
    return {part: found[0] for part, found in columns if found}


def _items(headings: Sequence[str]) -> dict[int, _Item]:
    """Return the items that head columns of their values."""
    matches = ((i, _ITEM_HEADING.fullmatch(heading_key(each))) for i, each in enumerate(headings))
    return {i: _Item(m[1].upper(), m[2], m[3] or m[4] or "") for i, m in matches if m}


def _heading_row(sheet: Sheet) -> int | None:
    for position, row in enumerate(sheet.rows[:_HEADING_ROWS]):
        columns = _columns(row)
        if {"area", "time"} <= columns.keys() and ("item" in columns or _items(row)):
            return position
    return None


def fetch_ssds(
    app_id: str,
    stats_id: str,
    items: Sequence[str] = (),
    *,
    base_url: str = DEFAULT_BASE_URL,
    wait_seconds: float = 1.0,
) -> list[dict[str, Any]]:
    """Return every page of one statistical table.

    Parameters
    ----------
    app_id : str
        The key that e-Stat gives a registered user; it is sent and never stored.
    stats_id : str
        統計表ID.
    items : sequence of str
        Item codes (``cdCat01``); all when empty.
    base_url : str
        Where the API is.
    wait_seconds : float
        Wait before the first retry; doubled each time.

    Returns
    -------
    list of dict
        The API's answers, in order, checked for STATUS and completeness.

    Raises
    ------
    SourceError
        If the server does not answer in time, answers with an error, or the pages do not
        hold what they announce.
    """
    import urllib.parse  # here and below: a check of a file needs no network

    ends_at = time.monotonic() + SECONDS_AT_MOST
    query = {"appId": app_id, "statsDataId": stats_id, "limit": "100000"}
    query |= {"cdCat01": ",".join(items)} if items else {}
    pages: list[dict[str, Any]] = []
    while True:
        page = _get(f"{base_url}?{urllib.parse.urlencode(query)}", ends_at, wait_seconds)
        pages.append(page)
        data = _part(_part(page, "GET_STATS_DATA"), "STATISTICAL_DATA")
        following = _part(data, "RESULT_INF").get("NEXT_KEY")
        if following is None:
            break
        if str(following) == query.get("startPosition") or len(pages) >= PAGES_AT_MOST:
            raise refusal("fetch-stuck", key=following)
        query["startPosition"] = str(following)
    issues = Issues()
    _Readings(issues).add_pages(pages)
    faults = "\n".join(grouped(issues.of("fault")))
    refuse_if(faults, "estat-unusable", faults=faults)
    return pages


def _get(url: str, ends_at: float, wait_seconds: float) -> dict[str, Any]:
    """Return one answer; a busy or failing server is asked again a few times."""
    import urllib.error
    import urllib.request

    reason = "no answer"
    for attempt in range(TRIES):
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        try:
            with urllib.request.urlopen(url, timeout=min(SECONDS_PER_REQUEST, left)) as answer:
                return _parsed(answer.read(_BYTES_AT_MOST + 1))
        except urllib.error.HTTPError as fault:
            reason = f"HTTP {fault.code}"
            if fault.code not in _RETRIED:
                break
        except (urllib.error.URLError, TimeoutError, ConnectionError) as fault:
            reason = str(getattr(fault, "reason", fault))
        time.sleep(min(wait_seconds * 2**attempt, max(ends_at - time.monotonic(), 0.0)))
    status = f"（{reason}）" if reason.startswith("HTTP") else ""
    raise refusal("fetch-failed", status=status, detail=reason)


def _parsed(data: bytes) -> dict[str, Any]:
    refuse_if(len(data) > _BYTES_AT_MOST, "fetch-too-large")
    with contextlib.suppress(ValueError):  # no JSON, or no UTF-8
        if isinstance(page := json.loads(data), dict):
            return page
    raise refusal("fetch-not-json")
