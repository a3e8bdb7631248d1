"""Run as a child process: parse one file under limits, and write its cells as JSON.

``python -P -m gunmane_analysis.intake.reading.child FILE SECONDS MEGABYTES``
"""

from __future__ import annotations

import gc
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

from gunmane_analysis.errors import SourceError
from gunmane_analysis.refusals import refusal

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_EXCEL_NAMES = (".xls", ".xlsx", ".xlsm", ".xlsb", ".xltx")
_ARCHIVES = {b"\x1f\x8b": "gzip ", b"7z\xbc\xaf'\x1c": "7-Zip ", b"Rar!": "RAR ", b"BZh": "bzip2 "}
_PAGE_STARTS = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")
_CONSTANT_FORMULA = re.compile(r'="([^"]*)"')


def main(arguments: list[str]) -> int:
    """Parse the file named first and write one JSON object to standard output."""
    path, seconds, megabytes = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    _limit(seconds, megabytes)
    gc.disable()  # cells hold no cycles, and the process ends with its file
    try:
        answer = parse(path)
    except SourceError as refused:
        answer = {"refused": refused.code, "facts": refused.facts}
    except MemoryError:
        answer = {"refused": "file-needs-too-much-memory", "facts": {"megabytes": megabytes}}
    except Exception as fault:  # noqa: BLE001 - parsers of broken files raise anything; it is reported
        detail = f"{type(fault).__name__}: {fault}"
        answer = {"refused": "file-broken", "facts": {"detail": detail}}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=True).encode("ascii"))
    sys.stdout.buffer.flush()
    return 0


def _limit(seconds: int, megabytes: int) -> None:
    """Limit this process where the system can (POSIX); elsewhere the caller's clock remains."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for kind, limit in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, megabytes * 1024 * 1024),
        (resource.RLIMIT_FSIZE, 0),
    ):
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):  # macOS refuses some of them
            continue


def parse(path: Path) -> dict[str, Any]:
    """Read one file by what it is, not by what it is called.

    Returns
    -------
    dict
        ``kind``, ``encoding``, ``sheets`` (as :class:`.workbook.Sheet` takes them), or
        ``json`` for a JSON document.

    Raises
    ------
    SourceError
        If it is no table, or cannot be read safely.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(_OLE):
        from gunmane_analysis.intake.reading.excel_cells import read_xls

        return {"kind": "xls", "sheets": read_xls(path)}
    if head.startswith(_ZIP):
        _refuse_other_packages(path)
        from gunmane_analysis.intake.reading.excel_cells import read_xlsx

        return {"kind": "xlsx", "sheets": read_xlsx(path)}
    _refuse_other_kinds(head, path)
    return _text(path)


def _refuse_other_packages(path: Path) -> None:
    """Refuse what is a ZIP file but no .xlsx, named as what it is."""
    try:
        with zipfile.ZipFile(path) as package:
            listed = package.namelist()
            mime = package.read("mimetype")[:100] if "mimetype" in listed else b""
    except (zipfile.BadZipFile, OSError, RuntimeError):
        return  # named by the reader of Excel files
    names = {name.replace("\\", "/").lower() for name in listed}
    starts = {name.partition("/")[0] for name in names}
    document = "Word" if "word" in starts else "PowerPoint" if "ppt" in starts else ""
    contents = f"中身: {'、'.join(listed[:5])}" if listed else "中身はありません。"
    if "xl/workbook.bin" in names:
        raise refusal("file-is-xlsb", name=path.name)
    if b"opendocument.spreadsheet" in mime:
        raise refusal("file-is-ods", name=path.name)
    if any(name.endswith(".iwa") or name == "index.zip" for name in names):
        raise refusal("file-is-numbers", name=path.name)
    if document or b"opendocument" in mime:
        raise refusal("file-is-document", name=path.name, kind=document or "OpenDocument ")
    if "[content_types].xml" not in names and "xl" not in starts:
        raise refusal("file-is-zip", name=path.name, contents=contents)


def _refuse_other_kinds(head: bytes, path: Path) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    facts: dict[str, Any] = {"name": path.name}
    for signature, kind in _ARCHIVES.items():
        if head.startswith(signature):
            raise refusal("file-is-archive", kind=kind, **facts)
    if start.startswith(_PAGE_STARTS):
        raise refusal(
            "file-is-web-page", row=1, value=head[:40].decode("ascii", "replace"), **facts
        )
    if start.startswith((b"<?xml", b"<workbook")):
        is_page = b"<html" in head.lower()
        raise refusal("file-is-web-page" if is_page else "file-is-xml", row=1, **facts)
    if start.startswith(b"%pdf"):
        raise refusal("file-is-pdf", **facts)
    if head.startswith(b"PAR1"):
        raise refusal("file-is-parquet", **facts)
    if path.suffix.lower() in _EXCEL_NAMES and b"\x00" in head:
        raise refusal("xlsx-broken")


def _text(path: Path) -> dict[str, Any]:
    from gunmane_analysis.intake.reading.text_files import (
        CELLS_AT_MOST,
        DELIMITERS,
        decode,
        split_records,
    )

    decoded = decode(path.read_bytes())
    if decoded.text.lstrip()[:1] in ("{", "[") and path.suffix.lower() != ".csv":
        return {"kind": "json", "encoding": decoded.encoding, "document": _json(decoded.text)}
    if not decoded.text.strip():
        raise refusal("text-empty")
    records = split_records(decoded.text)
    counted = sum(map(len, records.rows))
    if counted > CELLS_AT_MOST:
        raise refusal("text-too-many-cells", count=counted, most=CELLS_AT_MOST)
    sheet = {"name": "", "rows": records.rows, "lines": records.lines}
    if '="' in decoded.text:
        sheet["unwrapped"] = _unwrap(records.rows)
    answer = {
        "kind": "csv",
        "encoding": decoded.encoding,
        "delimiter": DELIMITERS[records.delimiter],
    }
    return {**answer, "sheets": [sheet]}


def _unwrap(rows: list[list[str]]) -> list[tuple[int, int, str]]:
    """Replace ``="011002"``, by which programs keep Excel from reading a number, by its text."""
    found = []
    for position, row in enumerate(rows):
        for column, cell in enumerate(row):
            if match := _CONSTANT_FORMULA.fullmatch(cell.strip()):
                found.append((position, column, cell))
                row[column] = match[1]
    return found


def _json(text: str) -> Any:
    def refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            raise refusal("json-name-twice", name=next(n for n in names if names.count(n) > 1)[:40])
        return found

    try:
        return json.loads(text, object_pairs_hook=refuse_twice)
    except json.JSONDecodeError as fault:
        raise refusal("json-broken", row=fault.lineno, detail=fault.msg) from fault
    except RecursionError as fault:
        raise refusal("json-too-deep") from fault


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
