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
from typing import Any, Literal

from gunmane_analysis.areas.codes import check_digit, quoted
from gunmane_analysis.areas.master import former_codes, former_sentence, known_name, prefectures
from gunmane_analysis.errors import GunmaneError
from gunmane_analysis.refusals import caution, messages, refusal

CodeForm = Literal["any", "five", "six"]

_POINT_ZERO = re.compile(r"([0-9]+)\.0+")
_SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?[Ee]\+?([0-9]{1,2})")


@dataclass(frozen=True, slots=True)
class CodeReading:
    """What a written code means, and what had to be mended to read it.

    Attributes
    ----------
    code : str
        Five digits for a municipality or ward, two for a prefecture.
    note : str
        Japanese sentences on each change but dropping the check digit; else empty.
    """

    code: str
    note: str = ""


@functools.lru_cache(maxsize=16_384)  # tables name the same bodies again and again
def read_code(
    text: str, form: CodeForm = "any", former: Literal["refuse", "keep"] = "refuse"
) -> CodeReading:
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
        successors, or its reading.

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
    digits, note = _plain_digits(text)
    five = f"{digits}000" if digits in prefectures() else _known_code(digits, form, text)
    if not digits.startswith(five[:2]):
        note += caution("code-zero-restored", shown=quoted(text), named=_named(five, f"0{digits}"))
    if five in former_codes() and former == "refuse":
        raise _error("code-ended", text, change=former_sentence(five))
    return CodeReading(five[:2] if five.endswith("000") else five, note)


def possible_codes(digits: str, form: CodeForm = "any") -> list[str]:
    """Return the five-digit codes that digits may mean by their check digit, known or not.

    Examples
    --------
    >>> possible_codes("11100"), possible_codes("011002"), possible_codes("011003")
    (['11100', '01110'], ['01100'], [])
    """
    if not re.fullmatch("[0-9]{5,6}", digits):
        return []
    if len(digits) == 6:
        return [digits[:5]] if check_digit(digits[:5]) == digits[5] else []
    found = [digits] if form != "six" else []
    if form != "five" and check_digit(f"0{digits[:4]}") == digits[4]:
        found.append(f"0{digits[:4]}")
    return found


def _error(code: str, text: str, **facts: Any) -> GunmaneError:
    return refusal(code, shown=quoted(text), **{"changes": "", **facts})


def _named(code: str, written: str = "") -> str:
    return f"{written or code}（{known_name(code)}）"


def _plain_digits(text: str) -> tuple[str, str]:
    """Return the digits of a text, and a note on what stood around or between them."""
    plain = unicodedata.normalize("NFKC", text).strip()
    note = "" if plain == text else f"{quoted(text)}の全角文字・空白を整えました。"
    if re.fullmatch(r"[0-9]+", plain):
        return plain, note
    if match := _POINT_ZERO.fullmatch(plain):
        return match[1], f"{note}{quoted(text)}は、小数の形から番号に戻しました。"
    match = _SCIENTIFIC.fullmatch(plain)
    if not match:
        raise _error("code-not-digits", text)
    # fewer digits than the number has means that some were rounded away
    if 1 + len(match[2] or "") != int(match[3]) + 1:
        raise _error("code-exponent", text)
    return str(int(Decimal(plain))), f"{note}{quoted(text)}は、指数の形から番号に戻しました。"


def _known_code(digits: str, form: CodeForm, text: str) -> str:
    """Return the one known five-digit code (prefectures with ``000``) that digits mean."""
    codes = possible_codes(digits, form)
    known = [code for code in codes if known_name(code)]
    if len(known) == 1:
        return known[0]
    if known:
        five, six = known
        raise _error("code-two-bodies", text, five=_named(five), six=_named(six, f"0{digits}"))
    raise _unknown(digits, form, text)


def _unknown(digits: str, form: CodeForm, text: str) -> GunmaneError:
    """Return the error on digits that mean nobody, with the nearest body there is."""
    length = len(digits)
    if length == 6:
        if possible_codes(digits):
            return _error("code-unregistered", text)
        body = _named(digits[:5]) if known_name(digits[:5]) else digits[:5]
        right = check_digit(digits[:5])
        return _error("code-check-digit", text, last=digits[5], body=body, right=right)
    if length == 4 and (name := known_name(f"0{digits}")):
        return _error("code-of-four-digits", text, digits=digits, name=name)
    if length != 5:
        return _error("code-length", text, length=length)
    any_form = messages()["code-length"]["expected"]
    facts = {"wanted": "6桁の団体コード" if form == "six" else any_form}
    if form == "six" and known_name(digits):
        return _error("code-five-of-six", text, five=_named(digits), **facts)
    near = f"0{digits[:4]}"
    name = known_name(near)
    if name is None:
        return _error("code-unknown", text, **facts)
    if check_digit(near) == digits[4]:
        return _error("code-zero-lost", text, six=_named(near, f"0{digits}"), **facts)
    restored = f"{near}{check_digit(near)}"
    return _error("code-near-another", text, name=name, restored=restored, **facts)
