"""One cell to one number, or to the mark that stands in its place, or to a reason why not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from gunmane_analysis.intake.reading.plain_text import half_width, plain_minus

_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:\.[0-9]+)?[Ee][+-]?[0-9]{1,3}")
_KANJI = re.compile(
    r"[0-9.,]*[一二三四五六七八九〇零十百千万億兆][一二三四五六七八九〇零十百千万億兆0-9]*"
)
_WITH_TAIL = re.compile(r"([+-]?[0-9][0-9,]*(?:\.[0-9]+)?)\s*(\S.*)")
_MOST_DIGITS = 15
MARK_LABELS: Mapping[str, str] = {
    "none": "皆無",
    "unknown": "不詳",
    "suppressed": "秘匿",
    "not_applicable": "該当なし",
    "empty": "空欄",
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as read; ``note`` says what had to be changed to read it."""

    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A declared mark in place of a number; never counted as 0."""

    status: str


@dataclass(frozen=True, slots=True)
class NoNumber:
    """Why a cell is no number, what would be right, and what to do."""

    reason: str
    expected: str
    advice: str


def read_number(
    text: str,
    marks: Mapping[str, str],
    *,
    is_stored_number: bool = False,
    is_percent: bool = False,
    allows_parentheses: bool = True,
) -> Number | Mark | NoNumber:
    """Read one cell of a numeric column.

    Parameters
    ----------
    text : str
        The cell as it stands.
    marks : mapping of str to str
        The marks that the source declares, as half-width text, and their status.
    is_stored_number : bool
        The cell is stored as a number, so that its text needs no reading.
    is_percent : bool
        The column is declared in percent, so that a percent sign is no fault.
    allows_parentheses : bool
        Whether ``(123)`` is a negative number.

    Returns
    -------
    Number, Mark or NoNumber

    Examples
    --------
    >>> read_number("１５，０００", {}).value, read_number("△1,200", {}).value
    (15000.0, -1200.0)
    >>> read_number("15,00", {}).reason
    '桁区切りの位置が正しくありません'
    >>> read_number("-", {"-": "none"})
    Mark(status='none')
    """
    if is_stored_number:
        return _stored(text)
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
        return Number(float(text))
    plain = plain_minus(half_width(text))
    if plain in marks:
        return Mark(marks[plain])
    if not plain:
        return Mark("empty")
    if is_percent:
        plain = plain.removesuffix("%").removesuffix("％").strip()
    signed, note = _signed(plain, allows_parentheses)
    if _PLAIN.fullmatch(signed):
        return _checked(signed, text, note)
    if _GROUPED.fullmatch(signed):
        return _checked(signed.replace(",", ""), text, note)
    return _refused(signed)


def _stored(text: str) -> Number | NoNumber:
    digits = text.lstrip("-").replace(".", "").lstrip("0")
    if "e" not in text.lower() and len(digits) > _MOST_DIGITS:
        return _too_long()
    value = float(text)
    if not math.isfinite(value):
        return NoNumber("数値ではありません", "有限の数値", "元の資料を確かめてください。")
    return Number(value)


def _checked(digits: str, text: str, note: str) -> Number | NoNumber:
    bare = digits.lstrip("+-").replace(".", "").lstrip("0")
    if len(bare) > _MOST_DIGITS:
        return _too_long()
    return Number(float(digits), note)


def _too_long() -> NoNumber:
    return NoNumber(
        f"{_MOST_DIGITS}桁を超える数です。Excel は{_MOST_DIGITS}桁までしか保たず、"
        "下の桁が失われています",
        f"{_MOST_DIGITS}桁以下の数値。番号なら文字列",
        "番号の列なら、元の資料から文字列として入れ直してください。",
    )


def _signed(plain: str, allows_parentheses: bool) -> tuple[str, str]:
    """Return a text with an ASCII minus for △, ▲ and enclosing parentheses, and a note."""
    if plain[:1] in ("△", "▲"):
        return f"-{plain[1:].strip()}", ""
    if allows_parentheses and len(plain) > 2 and plain[0] == "(" and plain[-1] == ")":
        inner = plain[1:-1].strip()
        if inner[:1].isdigit():
            return f"-{inner}", "括弧の数を負の数として読みました。"
    return plain, ""


def _refused(plain: str) -> NoNumber:
    if "%" in plain or "％" in plain or "パーセント" in plain:
        return NoNumber(
            "割合の記号が付いています",
            "記号のない数値",
            "割合か数かを確かめ、単位は見出しに書いてください。",
        )
    if _KANJI.fullmatch(plain):
        return NoNumber(
            "漢数字です", "算用数字", "算用数字に直してください（例: 一万五千 → 15000）。"
        )
    if re.fullmatch(r"[+-]?[0-9]+(?:,[0-9]*)+(?:\.[0-9]*)?", plain):
        return NoNumber(
            "桁区切りの位置が正しくありません",
            "3桁ごとの桁区切り、または桁区切りなし",
            "小数点の打ち間違いか桁の落ちかを元の資料で確かめてください。",
        )
    if _SCIENTIFIC.fullmatch(plain):
        return NoNumber(
            "指数の形で、失われた桁があるかもしれません",
            "全ての桁の数値",
            "列の表示を「数値」に直して保存し直してください。",
        )
    if match := _WITH_TAIL.fullmatch(plain):
        return NoNumber(
            f"数値の後に「{match[2][:20]}」が付いています",
            "数値だけのセル",
            "単位は見出しに、注は欄外に書いてください。",
        )
    if set(plain) <= set("-…‥*xX×?？・.…"):
        return NoNumber(
            f"記号「{plain[:20]}」の意味が決められていません",
            "数値、または取り決めた記号（-=皆無、…=不詳、x=秘匿）",
            "記号の意味を配布元に確かめ、取り決めた記号に直してください。",
        )
    return NoNumber("数値ではありません", "数値", "元の資料と照らし合わせてください。")
