"""Bytes to text without guessing: BOM, strict UTF-8, then strict cp932; never a replacement."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gunmane_analysis.intake.reading.refusal import Refusal

_SAVE_AS_UTF8 = "元のファイルを開き、「CSV UTF-8（コンマ区切り）」で保存し直してください。"
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
        raise Refusal("文字コードが UTF-32 です。", expected="UTF-8", advice=_SAVE_AS_UTF8)
    if data.startswith(b"\xef\xbb\xbf"):
        return Decoded(_strict(data[3:], "utf-8", 3), "utf-8-sig")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Decoded(_strict(data, "utf-16", 0).removeprefix("\ufeff"), "utf-16")
    if b"\x00" in data:
        position = data.index(b"\x00")
        raise Refusal(
            f"文字でない値（0x00）が {_line(data, position)}行目（{position + 1}バイト目）"
            "にあります。",
            expected="UTF-8 の文字だけのファイル",
            advice=f"表のファイルではないか、壊れています。{_SAVE_AS_UTF8}",
            row=_line(data, position),
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
            f"{line}行目（{fault.start + offset + 1}バイト目）に、{encoding.upper()} として"
            "読めない文字があります。",
            expected=f"終わりまで {encoding.upper()} のファイル",
            advice=f"途中で切れたか、別の文字コードが混ざっています。{_SAVE_AS_UTF8}",
            row=line,
        ) from fault


def _iso2022(data: bytes) -> str:
    for encoding in ("iso2022_jp", "iso2022_jp_ext"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as fault:
            position = fault.start
    raise Refusal(
        f"{_line(data, position)}行目（{position + 1}バイト目）に、"
        "ISO-2022-JP として読めない文字があります。",
        expected="UTF-8",
        advice=_SAVE_AS_UTF8,
        row=_line(data, position),
    )


def _as_cp932(data: bytes, utf8_fault: UnicodeDecodeError) -> str:
    """Return the text in cp932, unless another encoding shows through anywhere."""
    if _is_cut(data, utf8_fault):
        line = _line(data, utf8_fault.start)
        raise Refusal(
            f"UTF-8 の文字が {line}行目（{utf8_fault.start + 1}バイト目）で途中で切れています。",
            expected="終わりまでそろったファイル",
            advice="写し取りが途中で止まっています。配布元から取り直してください。",
            row=line,
        )
    _refuse_mixture(data)
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError as fault:
        line = _line(data, fault.start)
        raise Refusal(
            f"{line}行目（{fault.start + 1}バイト目）の文字が、UTF-8 としても Shift_JIS（cp932）"
            "としても"
            "読めません。",
            expected="UTF-8 か Shift_JIS のどちらか一つ",
            advice=_SAVE_AS_UTF8,
            row=line,
        ) from fault
    if _is_euc(data, text):
        raise Refusal("文字コードが EUC-JP です。", expected="UTF-8", advice=_SAVE_AS_UTF8)
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
        f"文字コードが途中で変わっています（{first[0]}行目は{_named(first[2])}、"
        f"{other[0]}行目・{other[1] + 1}バイト目からは{_named(other[2])}）。",
        expected="一つの文字コードだけのファイル",
        advice="二つのファイルをつないだものと見られます。元のファイルを別々に開いて保存し直してください。",
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
    """Tell whether a text looks like UTF-8 Japanese that was read as cp932.

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
        raise Refusal(
            f"{line}行目に、すでに失われた文字（U+FFFD）があります。{garbled}",
            expected="文字化けしていない元のファイル（1行目に団体コードなどの見出しがあるもの）",
            advice="前の保存で文字が壊れています。元の資料を取り直してください。",
            row=line,
        )
    if match := _CONTROL.search(text):
        line = text.count("\n", 0, match.start()) + 1
        raise Refusal(
            f"{line}行目に、文字でない値（0x{ord(match[0]):02X}）があります。",
            expected="文字だけのファイル",
            advice=_SAVE_AS_UTF8,
            row=line,
        )


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1
