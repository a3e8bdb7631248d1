"""Reading a code as somebody wrote it: with or without check digit, or mangled by Excel.

A text of five digits has two meanings: the five-digit code as it stands, or a six-digit code
(prefectures 01-09) whose leading zero was lost. Where only one of the two is known, that one
is meant. For 15 texts both are known ("11100" is さいたま市, or 札幌市清田区 as 011100); they
stop the reading unless the caller says which form the column has. The count holds over the
1,963 codes of the master with the wards of designated cities, before and after its
corrections; among the 1,741 municipalities alone it is 12.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from gunmane_analysis.areas.codes import check_digit, quoted
from gunmane_analysis.areas.master import former_codes, known_name, prefectures
from gunmane_analysis.errors import AreaError

CodeForm = Literal["any", "five", "six"]
FormerRule = Literal["refuse", "keep"]

_EXPECTED = "5桁の市区町村コード（01100）、6桁の団体コード（011002）、2桁の都道府県コード（05）"
_KEEP_AS_TEXT = "原資料の番号を確かめ、表計算ソフトでは番号の列を文字列にして保存し直してください。"
_POINT_ZERO = re.compile(r"([0-9]+)\.0+")
_SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?[Ee]\+?([0-9]{1,2})")


@dataclass(frozen=True, slots=True)
class CodeReading:
    """What a written code means, and what had to be mended to read it.

    Attributes
    ----------
    code : str
        Five digits for a municipality or ward, two for a prefecture.
    repaired : bool
        Whether the text as written had to be changed in any way but dropping its check digit.
    note : str
        Japanese sentences on each repair, and on a code no longer in force; else empty.
    succeeded_by : tuple of str
        For a code no longer in force, the codes that took its place.
    """

    code: str
    repaired: bool = False
    note: str = ""
    succeeded_by: tuple[str, ...] = ()


@functools.lru_cache(maxsize=16_384)  # tables name the same bodies again and again
def read_code(text: str, form: CodeForm = "any", former: FormerRule = "refuse") -> CodeReading:
    """Read a municipality, ward or prefecture code as written in a delivered table.

    Parameters
    ----------
    text : str
        Two, five or six digits. A lost leading zero is repaired only where the check digit
        proves it. "11002.0" and, when every digit is printed, "1.31016E+05" are repaired;
        full-width digits and surrounding spaces are normalised. All of it is reported.
    form : {"any", "five", "six"}
        How a text of five digits is read: either way, as a five-digit code only, or as a
        six-digit code that lost its zero only.
    former : {"refuse", "keep"}
        What happens to a code no longer in force (since 2014): an error that names its
        successors, or a reading that carries them.

    Returns
    -------
    CodeReading

    Raises
    ------
    AreaError
        If the code is unknown, ambiguous, out of force, or its check digit is wrong; the
        message gives the value and the digit expected.

    Examples
    --------
    >>> read_code("052043").code, read_code("010006").code
    ('05204', '01')
    >>> read_code("11002").note
    '「11002」は、先頭の0が落ちた団体コード 011002（札幌市）として読みました。'
    """
    digits, notes = _plain_digits(text)
    five, zero_note = _five_digits(digits, form, text)
    notes += zero_note
    if five.endswith("000"):
        return CodeReading(five[:2], bool(notes), notes)
    gone = former_codes().get(five)
    if gone is None:
        return CodeReading(five, bool(notes), notes)
    change = former_sentence(five)
    if former == "refuse":
        raise AreaError(
            f"{quoted(text)}は廃止された番号です。{change}",
            expected="現在の市区町村コード",
            advice="表の時点を確かめ、後継の番号に置き換えてください。",
        )
    return CodeReading(five, bool(notes), notes + change, gone.succeeded_by)


def former_sentence(five_digits: str) -> str:
    """Say when a former code ended and what took its place.

    Examples
    --------
    >>> former_sentence("40305")
    '40305 那珂川町は、2018-10-01の市制施行により 40231 那珂川市 になりました。'
    """
    gone = former_codes()[five_digits]
    heirs = "・".join(f"{code} {known_name(code)}" for code in gone.succeeded_by)
    return (
        f"{gone.code} {gone.name}は、{gone.changed_on}の{gone.reason}により {heirs} になりました。"
    )


def _plain_digits(text: str) -> tuple[str, str]:
    """Return the digits of a text, and a note on what stood around or between them."""
    plain = unicodedata.normalize("NFKC", text).strip()
    note = "" if plain == text else f"{quoted(text)}の全角文字・空白を整えました。"
    if re.fullmatch(r"[0-9]+", plain):
        return plain, note
    if match := _POINT_ZERO.fullmatch(plain):
        return match[1], f"{note}{quoted(text)}は、小数の形から番号に戻しました。"
    if match := _SCIENTIFIC.fullmatch(plain):
        printed = 1 + len(match[2] or "")
        # fewer digits than the number has means that some were rounded away
        if printed == int(match[3]) + 1:
            note += f"{quoted(text)}は、指数の形から番号に戻しました。"
            return str(int(Decimal(plain))), note
        raise AreaError(
            f"{quoted(text)}は指数の形で保存され、失われた桁があるため番号に戻せません。",
            expected=_EXPECTED,
            advice=_KEEP_AS_TEXT,
        )
    raise AreaError(
        f"{quoted(text)}は団体の番号ではありません。", expected=_EXPECTED, advice=_KEEP_AS_TEXT
    )


def _five_digits(digits: str, form: CodeForm, text: str) -> tuple[str, str]:
    """Return the known five-digit code (prefectures with ``000``), and a note on a lost zero."""
    if len(digits) == 2 and digits in prefectures():
        return f"{digits}000", ""
    if len(digits) == 6:
        return _checked_six(digits, text), ""
    if len(digits) == 5:
        return _settled_five(digits, form, text)
    advice = _KEEP_AS_TEXT
    if len(digits) == 4 and known_name(f"0{digits}"):
        advice = (
            f"先頭の0が落ちた 0{digits}（{known_name(f'0{digits}')}）とも見えますが、5桁の番号には"
            f"検査数字がなく確かめられません。{_KEEP_AS_TEXT}"
        )
    raise AreaError(
        f"{quoted(text)}（{len(digits)}桁）に当たる団体がありません。",
        expected=_EXPECTED,
        advice=advice,
    )


def _checked_six(digits: str, text: str) -> str:
    expected = check_digit(digits[:5])
    if digits[5] != expected:
        name = known_name(digits[:5])
        raise AreaError(
            f"{quoted(text)}の検査数字（6桁目）が {digits[5]} ですが、"
            f"{digits[:5]}{f'（{name}）' if name else ''} なら {expected} です。",
            expected="検査数字の合う6桁の団体コード",
            advice="番号の打ち間違いか、桁の入れ替わりです。原資料で確かめてください。",
        )
    if known_name(digits[:5]) is None:
        raise AreaError(
            f"{quoted(text)}に当たる団体がありません（検査数字は合っています）。",
            expected=_EXPECTED,
            advice="一部事務組合や、合併前の市町村の番号でないか確かめてください。",
        )
    return digits[:5]


def _settled_five(digits: str, form: CodeForm, text: str) -> tuple[str, str]:
    """Decide between a five-digit code as it stands and a six-digit code without its zero."""
    six = f"0{digits}"
    name_as_five = known_name(digits) if form != "six" else None
    proven = check_digit(six[:5]) == six[5]
    name_as_six = known_name(six[:5]) if form != "five" and proven else None
    if name_as_five and name_as_six:
        raise AreaError(
            f"{quoted(text)}は二通りに読めます: 5桁の番号なら {digits}（{name_as_five}）、"
            f"先頭の0が落ちた6桁の団体コードなら {six}（{name_as_six}）。",
            expected="どちらか一つに決まる番号",
            advice="列の番号が5桁か6桁かを指定するか、番号を文字列で保存し直してください。",
        )
    if name_as_five:
        return digits, ""
    if name_as_six:
        return six[:5], (
            f"{quoted(text)}は、先頭の0が落ちた団体コード {six}（{name_as_six}）として読みました。"
        )
    raise AreaError(
        f"{quoted(text)}に当たる団体がありません。",
        expected="6桁の団体コード" if form == "six" else _EXPECTED,
        advice=_advice_on_five(digits, form, proven=proven),
    )


def _advice_on_five(digits: str, form: CodeForm, *, proven: bool) -> str:
    if form == "six" and (name := known_name(digits)):
        return f"5桁の番号なら {digits}（{name}）です。列の番号が5桁か6桁かを確かめてください。"
    name = known_name(f"0{digits[:4]}")
    if name is None:
        return "合併前の市町村の番号でないか、原資料で確かめてください。"
    six = f"0{digits[:4]}{check_digit(f'0{digits[:4]}')}"
    if proven:
        return f"先頭の0が落ちた団体コードなら {six}（{name}）です。"
    return f"{name}の団体コードは {six} です。原資料で確かめてください。"
