"""社会・人口統計体系: the e-Stat API's JSON, its downloaded CSV, and one item per JSON file.

The API answers HTTP 200 with a STATUS of its own, gives one class or value as an object and
several as a list, splits long answers (NEXT_KEY), and writes marks in place of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gunmane_analysis.areas.master import prefectures
from gunmane_analysis.intake.reading.issues import Issue, Issues
from gunmane_analysis.intake.reading.numbers import Mark, NoNumber, read_number
from gunmane_analysis.intake.reading.plain_text import half_width, heading_key
from gunmane_analysis.intake.reading.workbook import Sheet, Workbook

MARKS: Mapping[str, str] = {
    "***": "unknown",
    "**": "unknown",
    "-": "none",
    "X": "suppressed",
    "x": "suppressed",
    "…": "unknown",
    "...": "unknown",
    "": "empty",
}
_ITEM = re.compile(r"#?([A-Z][0-9]{4,7})")
_ITEM_HEADING = re.compile(r"([a-z][0-9]{4,7})[_ ]?(.*?)(?:【(.+)】|\[(.+)\])?")
_TIME = re.compile(r"((?:19|20)[0-9]{2})(?:100000|年度?|[0-9]{6})?")
_AREA_HEADINGS = frozenset({"area_code", "地域コード", "地域_コード"})
_TIME_HEADINGS = frozenset({"time_code", "調査年コード", "時間軸コード", "調査年"})
_ITEM_HEADINGS = frozenset({"cat01_code", "項目コード"})

Value = dict[str, Any]


def is_ssds_document(document: Any) -> bool:
    """Tell whether a JSON document is an answer of the API, pages of it, or one item's file."""
    if isinstance(document, list):
        return bool(document) and all(is_ssds_document(page) for page in document)
    return isinstance(document, dict) and (
        "GET_STATS_DATA" in document or {"code", "values"} <= set(document)
    )


def is_ssds_sheet(sheet: Sheet) -> bool:
    """Tell whether a sheet is a CSV downloaded from e-Stat's database."""
    return _heading_row(sheet) is not None


def read_ssds(workbook: Workbook, issues: Issues) -> list[Value] | None:
    """Return one record per item, area and year; ``None`` where nothing can be read.

    Returns
    -------
    list of dict
        ``item_code``, ``item_name``, ``unit``, ``area_code`` (two digits for a prefecture,
        ``00`` for the nation), ``level``, ``fiscal_year``, ``value``, ``status``.
    """
    if workbook.kind != "json":
        return _checked(_from_sheets(workbook.sheets, issues), issues)
    document = workbook.document
    if isinstance(document, dict) and {"code", "values"} <= set(document):
        return _checked(_from_item(document, issues), issues)
    pages = document if isinstance(document, list) else [document]
    return _checked(from_pages(pages, issues), issues)


def from_pages(pages: Iterable[Any], issues: Issues) -> Iterator[Value]:
    """Yield the values of the pages of one API answer, in their order."""
    expected, seen = None, 0
    last_key: object = None
    for number, page in enumerate(pages, start=1):
        body = page.get("GET_STATS_DATA") if isinstance(page, dict) else None
        if not isinstance(body, dict):
            _fault(
                issues,
                f"{number}番目の応答が e-Stat の応答ではありません。",
                "GET_STATS_DATA のある JSON",
            )
            return
        result = body.get("RESULT") or {}
        status = str(result.get("STATUS", ""))
        if status != "0":
            _fault(
                issues,
                "e-Stat がエラーを返しています（"
                f"STATUS {status}: {str(result.get('ERROR_MSG', ''))[:80]}）。",
                "STATUS 0",
                "appId と統計表IDを確かめ、取り直してください。",
            )
            return
        data = body.get("STATISTICAL_DATA") or {}
        info = data.get("RESULT_INF") or {}
        expected = int(info.get("TOTAL_NUMBER", 0)) or expected
        last_key = info.get("NEXT_KEY")
        for value in _page_values(data, issues):
            seen += 1
            yield value
    if last_key is not None:
        _fault(
            issues,
            f"続きがあります（NEXT_KEY {last_key}）が、そこまでしかありません。",
            "最後の頁までそろった応答",
            "gunmane data fetch ssds で取り直してください。",
        )
    elif expected is not None and expected != seen:
        _fault(
            issues,
            f"値が {seen:,} 件で、応答の示す {expected:,} 件と合いません。",
            f"{expected:,} 件",
            "gunmane data fetch ssds で取り直してください。",
        )


def _page_values(data: dict[str, Any], issues: Issues) -> Iterator[Value]:
    classes = {
        entry.get("@id"): {
            item.get("@code"): item
            for item in as_list(entry.get("CLASS"))
            if isinstance(item, dict)
        }
        for entry in as_list((data.get("CLASS_INF") or {}).get("CLASS_OBJ"))
        if isinstance(entry, dict)
    }
    items = classes.get("cat01", {})
    declared = {
        str(note.get("@char")): str(note.get("$", ""))
        for note in as_list((data.get("DATA_INF") or {}).get("NOTE"))
        if isinstance(note, dict)
    }
    for entry in as_list((data.get("DATA_INF") or {}).get("VALUE")):
        code = str(entry.get("@cat01", "")).lstrip("#")
        item = items.get(entry.get("@cat01"), {})
        name = re.sub(r"^[A-Z][0-9]+[_ ]", "", str(item.get("@name", "")))
        yield from _value(
            code,
            name,
            str(entry.get("@unit", item.get("@unit", ""))),
            str(entry.get("@area", "")),
            str(entry.get("@time", "")),
            str(entry.get("$", "")),
            declared,
            issues,
        )


def as_list(found: Any) -> list[Any]:
    """Return what the API gives as one object or as a list, as a list.

    Examples
    --------
    >>> as_list({"a": 1}), as_list([1, 2]), as_list(None)
    ([{'a': 1}], [1, 2], [])
    """
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _from_item(document: dict[str, Any], issues: Issues) -> Iterator[Value]:
    for year, by_area in document["values"].items():
        for area, text in by_area.items():
            yield from _value(
                str(document["code"]),
                str(document.get("name", "")),
                str(document.get("unit", "")),
                f"{area}000" if len(str(area)) == 2 else str(area),
                str(year),
                str(text),
                {},
                issues,
            )


def _value(
    item: str,
    name: str,
    unit: str,
    area: str,
    time: str,
    text: str,
    declared: Mapping[str, str],
    issues: Issues,
    row: int | None = None,
) -> Iterator[Value]:
    year, place = _TIME.fullmatch(time), area.zfill(5)
    if not _ITEM.fullmatch(item) or year is None or len(place) != 5 or not place.isdigit():
        _fault(
            issues,
            f"項目「{item[:20]}」・地域「{area[:12]}」・年「{time[:12]}」の組が読み取れません。",
            "項目コード・5桁の地域コード・西暦",
            row=row,
            value=text,
        )
        return
    marks = {**MARKS, **{half_width(mark): "unknown" for mark in declared if mark not in MARKS}}
    found = read_number(text, marks)
    if isinstance(found, NoNumber):
        _fault(
            issues,
            f"{item} {place} {year[1]}年: {found.reason}。",
            found.expected,
            found.advice,
            row=row,
            value=text,
        )
        return
    is_prefecture = place.endswith("000") and place[:2] in prefectures()
    yield {
        "item_code": item,
        "item_name": name,
        "unit": unit,
        "area_code": "00" if place == "00000" else place[:2] if is_prefecture else place,
        "level": "nation"
        if place == "00000"
        else "prefecture"
        if is_prefecture
        else "municipality",
        "fiscal_year": int(year[1]),
        "value": None if isinstance(found, Mark) else found.value,
        "status": found.status if isinstance(found, Mark) else "",
    }


def _heading_row(sheet: Sheet) -> int | None:
    for position, row in enumerate(sheet.rows[:30]):
        keys = {heading_key(cell) for cell in row}
        if (
            keys & _AREA_HEADINGS
            and keys & _TIME_HEADINGS
            and (keys & _ITEM_HEADINGS or any(_ITEM_HEADING.fullmatch(key) for key in keys))
        ):
            return position
    return None


def _from_sheets(sheets: Iterable[Sheet], issues: Issues) -> Iterator[Value]:
    for sheet in sheets:
        top = _heading_row(sheet)
        if top is None:
            _fault(
                issues,
                "地域コード・調査年・項目の列がありません。",
                "e-Stat のデータベースから取った CSV",
            )
            continue
        keys = [heading_key(cell) for cell in sheet.rows[top]]
        area = next(i for i, key in enumerate(keys) if key in _AREA_HEADINGS)
        time = next(i for i, key in enumerate(keys) if key in _TIME_HEADINGS)
        item = next((i for i, key in enumerate(keys) if key in _ITEM_HEADINGS), None)
        columns = _item_columns(sheet.rows[top])
        for position in range(top + 1, len(sheet.rows)):
            cells = sheet.rows[position]
            if not any(cell.strip() for cell in cells):
                continue
            number = sheet.number_of(position)
            if sheet.is_csv and len(cells) != len(keys):
                _fault(
                    issues,
                    f"列の数が {len(cells)} で、見出しの {len(keys)} と合いません。",
                    f"{len(keys)} 列",
                    row=number,
                )
                continue
            if item is not None:
                yield from _long_row(keys, cells, area, time, item, issues, number)
            for column, (code, name, unit) in columns.items() if item is None else ():
                yield from _value(
                    code,
                    name,
                    unit,
                    cells[area].strip(),
                    cells[time].strip(),
                    cells[column],
                    {},
                    issues,
                    number,
                )


def _long_row(
    keys: list[str],
    cells: list[str],
    area: int,
    time: int,
    item: int,
    issues: Issues,
    number: int,
) -> Iterator[Value]:
    value = next((i for i, key in enumerate(keys) if key in ("value", "値")), None)
    if value is None:
        _fault(issues, "値の列（value）がありません。", "value", row=number)
        return
    unit = next((i for i, key in enumerate(keys) if key in ("unit", "単位")), None)
    yield from _value(
        cells[item].strip().lstrip("#"),
        cells[item + 1] if item + 1 < len(cells) else "",
        cells[unit] if unit is not None else "",
        cells[area].strip(),
        cells[time].strip(),
        cells[value],
        {},
        issues,
        number,
    )


def _item_columns(headings: list[str]) -> dict[int, tuple[str, str, str]]:
    found = {}
    for column, heading in enumerate(headings):
        match = _ITEM_HEADING.fullmatch(heading_key(heading))
        if match:
            found[column] = (match[1].upper(), match[2], match[3] or match[4] or "")
    return found


def _checked(values: Iterable[Value], issues: Issues) -> list[Value] | None:
    found: dict[tuple[str, str, int], Value] = {}
    for value in values:
        key = (value["item_code"], value["area_code"], value["fiscal_year"])
        if key in found and found[key]["value"] != value["value"]:
            _fault(
                issues,
                f"{key[0]} {key[1]} {key[2]}年の値が二つあり、異なります。",
                "一つの値",
                value=f"{found[key]['value']}、{value['value']}",
            )
        found[key] = value
    if not found and not issues.has_faults:
        _fault(issues, "値がありません。", "1件以上の値")
    return list(found.values()) or None


def _fault(
    issues: Issues,
    message: str,
    expected: str,
    advice: str = "配布元から取り直してください。",
    row: int | None = None,
    value: str = "",
) -> None:
    issues.add(Issue("fault", message, expected=expected, advice=advice, row=row, value=value[:80]))
