"""Run as a child process: parse one file under limits, and write its cells as JSON.

``python -P -m gunmane_analysis.intake.reading.child FILE SECONDS MEGABYTES``
"""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import Any

from gunmane_analysis.intake.reading.refusal import BROKEN, CELLS_AT_MOST, Refusal

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_EXCEL_NAMES = (".xls", ".xlsx", ".xlsm", ".xlsb", ".xltx")


def main(arguments: list[str]) -> int:
    """Parse the file named first and write one JSON object to standard output."""
    path, seconds, megabytes = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    _limit(seconds, megabytes)
    gc.disable()  # cells hold no cycles, and the process ends with its file
    try:
        answer = parse(path)
    except Refusal as refusal:
        answer = {"refused": refusal.record}
    except MemoryError:
        answer = {"refused": memory_refusal(megabytes).record}
    except Exception as fault:  # noqa: BLE001 - parsers of broken files raise anything; it is told
        answer = {
            "refused": Refusal(
                f"ファイルが壊れていて読み取れません（{type(fault).__name__}: {fault}）。",
                advice=BROKEN,
            ).record
        }
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=True).encode("ascii"))
    sys.stdout.buffer.flush()
    return 0


def memory_refusal(megabytes: int) -> Refusal:
    """Return what to say of a file that needs more memory than it may have."""
    return Refusal(
        f"読み取りに {megabytes:,} MB を超える記憶域が要ります。",
        expected="市区町村の表として普通の大きさのファイル",
        advice="必要な表だけを新しいファイルに写して保存してください。",
    )


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
    Refusal
        If it is no table, or cannot be read safely.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(_OLE):
        from gunmane_analysis.intake.reading.excel_cells import read_xls

        return {"kind": "xls", "sheets": read_xls(path)}
    if head.startswith(_ZIP):
        return _zip(path)
    _refuse_other_kinds(head, path)
    return _text(path)


def _zip(path: Path) -> dict[str, Any]:
    from gunmane_analysis.intake.reading.excel_cells import read_xlsx

    return {"kind": "xlsx", "sheets": read_xlsx(path)}


def _refuse_other_kinds(head: bytes, path: Path) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")):
        raise Refusal(
            f"「{path.name}」は Excel や CSV ではなく、HTML（ウェブページ）です。",
            expected=".xlsx か CSV",
            advice="Excel で開き、「名前を付けて保存」でファイルの種類を「Excel ブック（"
            "*.xlsx）」にして"
            "保存し直してください。",
            row=1,
            value=head[:40].decode("ascii", "replace"),
        )
    if start.startswith((b"<?xml", b"<workbook")):
        raise Refusal(
            f"「{path.name}」は XML です。",
            expected=".xlsx か CSV",
            advice="Excel で開き、「Excel ブック（*.xlsx）」で保存し直してください。",
            row=1,
        )
    if start.startswith(b"%pdf"):
        raise Refusal(
            f"「{path.name}」は PDF です。",
            expected=".xlsx か CSV",
            advice="表の元のファイルを取り寄せてください。",
        )
    if path.suffix.lower() in _EXCEL_NAMES and b"\x00" in head:
        raise Refusal(f"「{path.name}」は Excel のファイルとして壊れています。", advice=BROKEN)


def _text(path: Path) -> dict[str, Any]:
    from gunmane_analysis.intake.reading.csv_cells import split_records
    from gunmane_analysis.intake.reading.encodings import decode

    decoded = decode(path.read_bytes())
    if decoded.text.lstrip()[:1] in ("{", "[") and path.suffix.lower() != ".csv":
        return {"kind": "json", "encoding": decoded.encoding, "json": _json(decoded.text)}
    if not decoded.text.strip():
        raise Refusal("ファイルに文字がありません。", advice="配布元から取り直してください。")
    records = split_records(decoded.text)
    counted = sum(map(len, records.rows))
    if counted > CELLS_AT_MOST:
        raise Refusal(
            f"セルが {counted:,} あります。",
            expected=f"{CELLS_AT_MOST:,} セル以下",
            advice="必要な列と行だけの表に分けてください。",
        )
    return {
        "kind": "csv",
        "encoding": decoded.encoding,
        "delimiter": records.delimiter,
        "sheets": [{"name": "", "rows": records.rows, "lines": records.lines, "kinds": []}],
    }


def _json(text: str) -> Any:
    def refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise Refusal(
                f"JSON の中で名前「{twice[:40]}」が二重です。",
                advice="配布元から取り直してください。",
            )
        return found

    try:
        return json.loads(text, object_pairs_hook=refuse_twice)
    except json.JSONDecodeError as fault:
        raise Refusal(
            f"JSON が {fault.lineno}行目で壊れています（{fault.msg}）。",
            advice="配布元から取り直してください。",
            row=fault.lineno,
        ) from fault
    except RecursionError as fault:
        raise Refusal(
            "JSON の入れ子が深すぎます。", advice="配布元から取り直してください。"
        ) from fault


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
