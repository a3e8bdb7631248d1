"""Text files to rows of cells: never a guessed encoding, quotes and delimiters strictly."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import Counter
from itertools import islice
from typing import Any

from gunmane_analysis.refusals import refusal, refuse_if

CELLS_AT_MOST = 2_000_000
DELIMITERS = {",": "", "\t": "タブ", ";": "セミコロン", "|": "縦線「|」"}
_RECORDS_TRIED = 60
_LONGEST_CELL = 32_767  # what a cell of Excel holds

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Characters that appear when UTF-8 Japanese is read as cp932: they lead almost every kana.
_MOJIBAKE = re.compile("[縺繧繝蜿螟譁蝗驛蟶逕蜀]")
_KANA_OR_COMMON = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of a delivered text file, and the name of its encoding.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    tuple of str
        Without BOM and without a final end-of-file mark (0x1A).

    Raises
    ------
    SourceError
        With line and byte: mixed encodings, a character cut in half, bytes of no encoding,
        text that was already damaged (U+FFFD), control characters.

    Examples
    --------
    >>> decode("団体コード".encode("cp932"))
    ('団体コード', 'cp932')
    """
    text, encoding = _decode(data.rstrip(b"\x1a"))
    _check_characters(text)
    return text, encoding


def _decode(data: bytes) -> tuple[str, str]:
    refuse_if(data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")), "text-is-utf32")
    if data.startswith(b"\xef\xbb\xbf"):
        return _strict(data, "utf-8").removeprefix("\ufeff"), "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(data, "utf-16").removeprefix("\ufeff"), "utf-16"
    if b"\x00" in data:
        raise refusal("text-has-nul", **_place(data, data.index(b"\x00")))
    if b"\x1b" in data and data.isascii():
        return _strict(data, "iso-2022-jp", "iso2022_jp_ext"), "iso2022_jp"
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as fault:
        return _as_cp932(data, fault), "cp932"


def _place(data: bytes, position: int, encoding: str = "latin-1") -> dict[str, Any]:
    """Return the line and the byte of a position, both counted from 1."""
    row = data[:position].decode(encoding, "ignore").count("\n") + 1
    return {"row": row, "byte": position + 1}


def _strict(data: bytes, encoding: str, wider: str = "") -> str:
    """Return the text in an encoding, or in a wider one of its kind."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        if wider:
            return _strict(data, wider)
        shown = encoding.upper().removesuffix("_EXT").replace("ISO2022_", "ISO-2022-")
        place = _place(data, fault.start, encoding)
        raise refusal("text-not-decodable", encoding=shown, **place) from fault


def _as_cp932(data: bytes, utf8_fault: UnicodeDecodeError) -> str:
    """Return the text in cp932, unless another encoding shows through anywhere."""
    start = utf8_fault.start
    is_at_end = start >= len(data) - 3 and utf8_fault.reason == "unexpected end of data"
    if is_at_end and not data[:start].isascii():
        raise refusal("text-cut", **_place(data, start))
    _refuse_mixture(data)
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError as fault:
        raise refusal("text-in-no-encoding", **_place(data, fault.start)) from fault
    refuse_if(_is_euc(data, text), "text-is-euc")
    return text


def _refuse_mixture(data: bytes) -> None:
    """Stop where some lines can only be UTF-8 and others cannot be UTF-8."""
    first: dict[str, dict[str, Any]] = {}
    offset = 0
    for line in data.split(b"\n"):
        kind = "" if line.isascii() else _line_kind(line)
        if kind and kind not in first:
            first[kind] = _place(data, offset)
        offset += len(line) + 1
    if len(first) == 2:
        (one, place), (other, place_of_other) = first.items()
        facts = {"first_line": place["row"], "first": one, "other": other}
        raise refusal("text-mixed-encodings", **facts, **place_of_other)


def _line_kind(line: bytes) -> str:
    """Return the encoding that a line can only be in, as readers call it; empty if either."""
    try:
        as_utf8 = line.decode("utf-8")
    except UnicodeDecodeError:
        return "Shift_JIS（cp932）など"
    try:
        is_utf8 = looks_garbled(line.decode("cp932")) and bool(_KANA_OR_COMMON.search(as_utf8))
    except UnicodeDecodeError:
        is_utf8 = True
    return "UTF-8" if is_utf8 else ""


def _is_euc(data: bytes, as_cp932: str) -> bool:
    try:
        text = data.decode("euc_jp")
    except UnicodeDecodeError:
        return False
    half_width = sum("｡" <= character <= "ﾟ" for character in as_cp932)
    return half_width > len(text) // 4 and bool(_KANA_OR_COMMON.search(text))


def looks_garbled(text: str) -> bool:
    """Whether a text looks like UTF-8 Japanese that was read as cp932.

    Examples
    --------
    >>> looks_garbled("団体コード".encode().decode("cp932", "ignore")), looks_garbled("団体コード")
    (True, False)
    """
    marks = len(_MOJIBAKE.findall(text))
    return marks >= 2 and marks * 12 >= len(text)


def _check_characters(text: str) -> None:
    if match := re.search("\ufffd", text) or _CONTROL.search(text):
        row = text.count("\n", 0, match.start()) + 1
        refuse_if(match[0] != "\ufffd", "text-has-control", byte=ord(match[0]), row=row)
        garbled = "文字化けした文章も見られます。" if looks_garbled(text[:400]) else ""
        raise refusal("text-has-lost-characters", garbled=garbled, row=row)


def split_records(text: str) -> tuple[list[list[str]], list[int], str]:
    r"""Split a text into rows of cells by the delimiter that divides it most evenly.

    Returns
    -------
    (list of list of str, list of int, str)
        Cells as they are, quotes removed; the physical line on which each row begins; and the
        delimiter's name, empty for the usual comma.

    Raises
    ------
    SourceError
        Naming the line on which an unclosed or misplaced quotation mark begins.

    Examples
    --------
    >>> split_records('a,b\n1,"x\ny"\n2,z\n')[1]
    [1, 2, 4]
    """
    delimiter = max(DELIMITERS, key=lambda each: _evenness(text[:200_000], each))
    rows: list[list[str]] = []
    lines: list[int] = []
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for row in reader:
            rows.append(row)
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error as fault:
        is_open = "field larger" in str(fault) or "end of data" in str(fault)
        code = "text-quote-unclosed" if is_open else "text-quote-misplaced"
        raise refusal(code, row=start) from fault
    return rows, lines, DELIMITERS[delimiter]


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    """Return the share of the first rows that have the most frequent number of cells, and it."""
    widths: list[int] = []
    with contextlib.suppress(csv.Error):  # named, with its line, by the strict reading
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        filled = (len(row) for row in rows if any(cell.strip() for cell in row))
        widths.extend(islice(filled, _RECORDS_TRIED))
    width, count = Counter(widths).most_common(1)[0] if widths else (1, 0)
    return (count / len(widths), width) if width > 1 else (0.0, 0)
