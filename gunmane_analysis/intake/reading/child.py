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
from gunmane_analysis.refusals import refusal, refuse_if

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_EXCEL_NAMES = (".xls", ".xlsx", ".xlsm", ".xlsb", ".xltx")
# what a file begins with, in lower case, and the code of its refusal
_OTHER_KINDS = {
    (b"\x1f\x8b", b"7z\xbc\xaf'\x1c", b"rar!", b"bzh"): "file-is-archive",
    (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head"): "file-is-web-page",
    (b"<?xml", b"<workbook"): "file-is-xml",
    (b"%pdf",): "file-is-pdf",
    (b"par1",): "file-is-parquet",
}
_ARCHIVES = {b"\x1f\x8b": "gzip ", b"7z": "7-Zip ", b"ra": "RAR ", b"bz": "bzip2 "}
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
        ``kind``, ``encoding``, ``sheets`` (as :class:`.sheet.Sheet` takes them), or
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

        return {"kind": "xls", "sheets": list(map(vars, read_xls(path)))}
    if head.startswith(_ZIP):
        _refuse_other_packages(path)
        from gunmane_analysis.intake.reading.excel_cells import read_xlsx

        return {"kind": "xlsx", "sheets": list(map(vars, read_xlsx(path)))}
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
    kinds = {
        "file-is-xlsb": "xl/workbook.bin" in names,
        "file-is-ods": b"opendocument.spreadsheet" in mime,
        "file-is-numbers": any(each.endswith(".iwa") or each == "index.zip" for each in names),
        "file-is-document": document or b"opendocument" in mime,
        "file-is-zip": "[content_types].xml" not in names and "xl" not in starts,
    }
    contents = f"中身: {'、'.join(listed[:5])}" if listed else "中身はありません。"
    for code in (code for code, is_found in kinds.items() if is_found):
        raise refusal(code, name=path.name, kind=document or "OpenDocument ", contents=contents)


def _refuse_other_kinds(head: bytes, path: Path) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    code = next((code for starts, code in _OTHER_KINDS.items() if start.startswith(starts)), "")
    facts: dict[str, Any] = {"name": path.name, "kind": _ARCHIVES.get(start[:2])}
    if start.startswith(b"<"):
        facts |= {"row": 1, "value": head[:40].decode("ascii", "replace")}
    refuse_if(code, "file-is-web-page" if b"<html" in start else code, **facts)
    refuse_if(path.suffix.lower() in _EXCEL_NAMES and b"\x00" in head, "xlsx-broken")


def _text(path: Path) -> dict[str, Any]:
    from gunmane_analysis.intake.reading import text_files

    text, encoding = text_files.decode(path.read_bytes())
    if text.lstrip()[:1] in ("{", "[") and path.suffix.lower() != ".csv":
        return {"kind": "json", "encoding": encoding, "document": _json(text)}
    refuse_if(not text.strip(), "text-empty")
    rows, lines, delimiter = text_files.split_records(text)
    counted = sum(map(len, rows))
    most = text_files.CELLS_AT_MOST
    refuse_if(counted > most, "text-too-many-cells", count=counted, most=most)
    unwrapped = _unwrap(rows) if '="' in text else []
    sheet = {"name": "", "rows": rows, "lines": lines, "unwrapped": unwrapped}
    return {"kind": "csv", "encoding": encoding, "delimiter": delimiter, "sheets": [sheet]}


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
