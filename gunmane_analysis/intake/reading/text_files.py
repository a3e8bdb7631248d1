"""Text files to rows of cells: never a guessed encoding, quotes and delimiters strictly."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from gunmane_analysis.intake.reading.issues import Refusal

CELLS_AT_MOST = 2_000_000
DELIMITERS = {",": "コンマ", "\t": "タブ", ";": "セミコロン", "|": "縦線「|」"}
_RECORDS_TRIED = 60
_LONGEST_CELL = 32_767  # what a cell of Excel holds

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Characters that appear when UTF-8 Japanese is read as cp932: they lead almost every kana.
_MOJIBAKE = re.compile("[縺繧繝蜿螟譁蝗驛蟶逕蜀]")
_KANA_OR_COMMON = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text, and the name of the encoding it was in."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """Return the text of a delivered text file.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    Decoded
        Without BOM and without a final end-of-file mark (0x1A).

    Raises
    ------
    Refusal
        With line and byte: mixed encodings, a character cut in half, bytes of no encoding,
        text that was already damaged (U+FFFD), control characters.

    Examples
    --------
    >>> decode("団体コード".encode("cp932"))
    Decoded(text='団体コード', encoding='cp932')
    """
    body = data.rstrip(b"\x1a") if data.endswith(b"\x1a") else data
    decoded = _decode(body)
    _check_characters(decoded.text)
    return decoded


def _decode(data: bytes) -> Decoded:
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise Refusal("text-is-utf32")
    if data.startswith(b"\xef\xbb\xbf"):
        return Decoded(_strict(data[3:], "utf-8", 3), "utf-8-sig")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Decoded(_strict(data, "utf-16", 0).removeprefix("\ufeff"), "utf-16")
    if b"\x00" in data:
        position = data.index(b"\x00")
        raise Refusal(
            "text-has-nul", line=_line(data, position), byte=position + 1, row=_line(data, position)
        )
    if b"\x1b" in data and data.isascii():
        return Decoded(_iso2022(data), "iso2022_jp")
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as fault:
        return Decoded(_as_cp932(data, fault), "cp932")


def _strict(data: bytes, encoding: str, offset: int) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        line = data[: fault.start].decode(encoding, "ignore").count("\n") + 1
        raise Refusal(
            "text-not-decodable",
            line=line,
            byte=fault.start + offset + 1,
            encoding=encoding.upper(),
            row=line,
        ) from fault


def _iso2022(data: bytes) -> str:
    for encoding in ("iso2022_jp", "iso2022_jp_ext"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as fault:
            position = fault.start
    line = _line(data, position)
    raise Refusal(
        "text-not-decodable", line=line, byte=position + 1, encoding="ISO-2022-JP", row=line
    )


def _as_cp932(data: bytes, utf8_fault: UnicodeDecodeError) -> str:
    """Return the text in cp932, unless another encoding shows through anywhere."""
    if _is_cut(data, utf8_fault):
        line = _line(data, utf8_fault.start)
        raise Refusal("text-cut", line=line, byte=utf8_fault.start + 1, row=line)
    _refuse_mixture(data)
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError as fault:
        line = _line(data, fault.start)
        raise Refusal("text-in-no-encoding", line=line, byte=fault.start + 1, row=line) from fault
    if _is_euc(data, text):
        raise Refusal("text-is-euc")
    return text


def _is_cut(data: bytes, fault: UnicodeDecodeError) -> bool:
    is_at_end = fault.start >= len(data) - 3 and fault.reason == "unexpected end of data"
    return is_at_end and not data[: fault.start].isascii()


def _refuse_mixture(data: bytes) -> None:
    """Stop where some lines can only be UTF-8 and others cannot be UTF-8."""
    kinds: list[tuple[int, int, str]] = []
    offset = 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.isascii():
            kinds.append((number, offset, _line_kind(line)))
        offset += len(line) + 1
    first = next((entry for entry in kinds if entry[2] != "any"), None)
    if first is None or not {"utf-8", "other"} <= {kind for _, _, kind in kinds}:
        return
    other = next(entry for entry in kinds if entry[2] not in ("any", first[2]))
    raise Refusal(
        "text-mixed-encodings",
        first_line=first[0],
        first=_named(first[2]),
        line=other[0],
        byte=other[1] + 1,
        other=_named(other[2]),
        row=other[0],
    )


def _line_kind(line: bytes) -> str:
    try:
        as_utf8 = line.decode("utf-8")
    except UnicodeDecodeError:
        return "other"
    try:
        as_cp932 = line.decode("cp932")
    except UnicodeDecodeError:
        return "utf-8"
    return "utf-8" if _KANA_OR_COMMON.search(as_utf8) and looks_garbled(as_cp932) else "any"


def _named(kind: str) -> str:
    return "UTF-8" if kind == "utf-8" else "Shift_JIS（cp932）など"


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
    position = text.find("\ufffd")
    if position >= 0:
        line = text.count("\n", 0, position) + 1
        garbled = "文字化けした文章も見られます。" if looks_garbled(text[:400]) else ""
        raise Refusal("text-has-lost-characters", line=line, garbled=garbled, row=line)
    if match := _CONTROL.search(text):
        line = text.count("\n", 0, match.start()) + 1
        raise Refusal("text-has-control", line=line, byte=ord(match[0]), row=line)


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of a delimited file.

    Attributes
    ----------
    rows : list of list of str
        Cells as they stand, quotes removed.
    lines : list of int
        The physical line on which each row begins.
    delimiter : str
    """

    rows: list[list[str]]
    lines: list[int]
    delimiter: str


def split_records(text: str) -> Records:
    r"""Split a text into rows of cells by the delimiter that divides it most evenly.

    Raises
    ------
    Refusal
        Naming the line on which an unclosed or misplaced quotation mark begins.

    Examples
    --------
    >>> split_records('a,b\n1,"x\ny"\n2,z\n').lines
    [1, 2, 4]
    """
    delimiter = _find_delimiter(text)
    rows: list[list[str]] = []
    lines: list[int] = []
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return Records(rows, lines, delimiter)
        except csv.Error as fault:
            if "field larger" in str(fault) or "end of data" in str(fault):
                raise Refusal("text-quote-unclosed", start=start, row=start) from fault
            raise Refusal("text-quote-misplaced", start=start, row=start) from fault
        rows.append(row)
        lines.append(start)
        start = reader.line_num + 1


def _find_delimiter(text: str) -> str:
    """Return the delimiter under which most rows have the same number of cells."""
    best, best_score = ",", (0.0, 0)
    head = text[:200_000]
    for delimiter in DELIMITERS:
        if delimiter not in head:
            continue
        widths = _widths(head, delimiter)
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        score = (count / len(widths), width)
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                widths.append(len(row))
            if len(widths) >= _RECORDS_TRIED:
                break
    except csv.Error:  # told, with its line, by the strict reading that follows
        return widths
    return widths
