"""A code cell to the municipality it means at the table's date, or to the reason why not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from gunmane_analysis.areas import check_digit, read_code
from gunmane_analysis.areas.code_reading import CodeForm
from gunmane_analysis.areas.master import former_codes, known_name, local_bodies, prefectures
from gunmane_analysis.errors import AreaError
from gunmane_analysis.intake.old_codes import FormerMunicipality
from gunmane_analysis.intake.reading.plain_text import half_width

AreaLevel = Literal[
    "nation",
    "prefecture",
    "district",
    "municipality",
    "ward",
    "association",
    "declared",
    "absorbed",
    "former",
    "event",
]
_CODE_LIKE = re.compile(r"[0-9]{1,6}(?:\.0+)?|[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,2}")
_POINT_ZERO = re.compile(r"\.0+$")
_SIX = re.compile(r"[0-9]{6}")
NORTHERN_VILLAGES: Mapping[str, str] = {
    "01695": "色丹村",
    "01696": "泊村",
    "01697": "留夜別村",
    "01698": "留別村",
    "01699": "紗那村",
    "01700": "蘂取村",
}


@dataclass(frozen=True, slots=True)
class ResolvedCode:
    """What a code cell means.

    Attributes
    ----------
    code : str
        Two digits for a prefecture, five otherwise; a code that was in force at the table's
        date but is not today stands as its successor of today.
    level : str
    note : str
        What had to be mended; empty if nothing.
    delivered_code : str
        The five digits as delivered.
    """

    code: str
    level: AreaLevel
    note: str = ""
    delivered_code: str = ""


@dataclass(frozen=True, slots=True)
class CodeError:
    """Why a cell is no code in force, what would be right, and what to do."""

    reason: str
    expected: str
    advice: str


def column_form(texts: Iterable[str]) -> CodeForm:
    """Decide how a column writes its codes: six digits as soon as one of them has six.

    Examples
    --------
    >>> column_form(["11002", "131016"]), column_form(["01100", "13101"]), column_form(["13101"])
    ('six', 'five', 'any')
    """
    digits = [_POINT_ZERO.sub("", half_width(text)) for text in texts]
    if any(_SIX.fullmatch(text) for text in digits):
        return "six"
    return "five" if any(re.fullmatch(r"0[0-9]{4}", text) for text in digits) else "any"


def form_of_format(number_format: str) -> CodeForm | None:
    """Return the form that a zero-padding number format gives away ("000000": six digits).

    Examples
    --------
    >>> form_of_format("000000"), form_of_format("0.00")
    ('six', None)
    """
    return {"000000": "six", "00000": "five"}.get(number_format)  # type: ignore[return-value]


def looks_like_code(text: str) -> bool:
    """Tell whether a cell was meant as a code."""
    return _CODE_LIKE.fullmatch(half_width(text)) is not None


def read_code_cell(
    text: str,
    form: CodeForm,
    *,
    as_of_on: str | None,
    declared: Mapping[str, str],
    allows_districts: bool = False,
    keeps_former: bool = False,
    old: Mapping[str, FormerMunicipality] = MappingProxyType({}),
) -> ResolvedCode | CodeError:
    """Read one code cell.

    Parameters
    ----------
    text : str
        The cell as it stands.
    form : {"any", "five", "six"}
        How the column writes its codes.
    as_of_on : str or None
        ISO date of the row's figures, against which a code must have been in force.
    declared : mapping
        Areas of the source that are no municipality (IPSS 07999), by five digits.
    allows_districts : bool
        Whether the source lists 郡 with codes of their own.
    keeps_former : bool
        Whether the source is a list of codes, in which one out of force stands as delivered.
    old : mapping of str to FormerMunicipality
        Bodies that ended before the package's own knowledge begins, from the filed list.

    Examples
    --------
    >>> read_code_cell("403059", "six", as_of_on="2018-04-01", declared={}).code
    '40231'
    """
    plain = half_width(text)
    if any(not character.isascii() for character in plain):
        return CodeError(
            "団体の番号ではありません", "5桁または6桁の数字", "番号だけを書いてください。"
        )
    if form == "five" and re.fullmatch(r"[0-9]{4}(?:\.0+)?", plain):
        digits = plain.partition(".")[0]
        if f"0{digits}" in old:
            return _of_old_body(old[f"0{digits}"], as_of_on)
        return _padded(digits, as_of_on, declared)
    five = _five(plain, form)
    if five in declared:
        return ResolvedCode(five, "declared", "", five)
    if special := _special(plain, five, allows_districts):
        return special
    ended = _old_body(plain, form, old)
    try:
        reading = read_code(plain, form, former="keep")
    except AreaError as fault:
        if ended is not None:
            return _of_old_body(ended, as_of_on)
        if re.fullmatch(r"[0-9]{5,6}", plain) and not old:
            return CodeError(
                fault.found.rstrip("。"), fault.expected, f"{fault.advice}{_FILE_CHANGES}"
            )
        return CodeError(fault.found.rstrip("。"), fault.expected, fault.advice)
    is_other = ended is not None and ended.code != reading.code and len(plain) == 5
    if is_other and ended is not None and as_of_on is not None and ended.is_in_force(as_of_on):
        return CodeError(
            f"「{plain}」は二通りに読めます: {ended.ended_on}までの {ended.code} {ended.name}か、"
            f"先頭の0が落ちた {reading.code}（{known_name(reading.code)}）です",
            "6桁の団体コード",
            "検査数字のある6桁の番号を、文字列で書いてください。",
        )
    if keeps_former and reading.code in former_codes():
        return ResolvedCode(reading.code, "former", "", reading.code)
    if len(reading.code) == 2:
        return ResolvedCode(reading.code, "prefecture", reading.note, f"{reading.code}000")
    if reading.code in former_codes():
        return _former(reading.code, "", as_of_on)
    level: AreaLevel = "ward" if local_bodies()[reading.code].is_ward else "municipality"
    return ResolvedCode(reading.code, level, reading.note if reading.repaired else "", reading.code)


_FILE_CHANGES = (
    "2013年以前になくなった番号なら、市区町村の変更の一覧（municipal_changes）を "
    "gunmane data add で登録すると、日付により読み替えます。"
)


def _old_body(
    plain: str, form: CodeForm, old: Mapping[str, FormerMunicipality]
) -> FormerMunicipality | None:
    """Return the one body of the filed list that the digits may mean."""
    digits = _POINT_ZERO.sub("", plain)
    candidates = set()
    if len(digits) == 6 and digits.isdigit() and check_digit(digits[:5]) == digits[5]:
        candidates.add(digits[:5])
    if len(digits) == 5 and digits.isdigit():
        if form != "six":
            candidates.add(digits)
        if form != "five" and check_digit(f"0{digits[:4]}") == digits[4]:
            candidates.add(f"0{digits[:4]}")
    found = [old[code] for code in sorted(candidates) if code in old]
    return found[0] if len(found) == 1 else None


def _of_old_body(body: FormerMunicipality, as_of_on: str | None) -> ResolvedCode | CodeError:
    """Map a code of the filed list by date to the one that its area lies in today."""
    successors = "・".join(f"{successor} {known_name(successor)}" for successor in body.successors)
    if as_of_on is None or not body.is_in_force(as_of_on):
        began = f"{body.began_on} にでき、" if body.began_on else ""
        return CodeError(
            f"{body.code} {body.name}は {began}{body.ended_on} の{body.reason}で廃止された番号で、"
            f"{successors} になりました",
            "その時点で有効な市区町村コード",
            "表の時点を確かめ、後継の番号に置き換えてください。",
        )
    if body.name.endswith(("郡", "支庁")):
        return ResolvedCode(body.code, "district", "", body.code)
    if len(body.successors) != 1:
        return CodeError(
            f"{body.code} {body.name}は {body.ended_on} の{body.reason}で {successors} に分かれ、"
            "一つに決まりません",
            "現在の区域に対応する番号",
            "後継の区域に組み替えた資料を用いてください。",
        )
    successor = body.successors[0]
    if successor in local_bodies() and local_bodies()[successor].is_ward:
        return ResolvedCode(body.code, "ward", "", body.code)
    told = (
        f"{body.code} {body.name}は、{body.ended_on}の{body.reason}により、"
        f"今の {successor} {known_name(successor)}として読みました。"
    )
    return ResolvedCode(successor, "municipality" if body.is_whole else "absorbed", told, body.code)


def _padded(
    digits: str, as_of_on: str | None, declared: Mapping[str, str]
) -> ResolvedCode | CodeError:
    """Read four digits of a column declared as five: its leading zero is not written."""
    five = f"0{digits}"
    if five in declared:
        return ResolvedCode(five, "declared", "", five)
    if five.endswith("000") and five[:2] in prefectures():
        return ResolvedCode(five[:2], "prefecture", "", five)
    if five in former_codes():
        return _former(five, "", as_of_on)
    if five not in local_bodies():
        return CodeError(
            f"「{digits}」に当たる団体がありません",
            "5桁の市区町村コード",
            "番号を確かめてください。",
        )
    return ResolvedCode(five, "ward" if local_bodies()[five].is_ward else "municipality", "", five)


def _five(plain: str, form: CodeForm) -> str:
    digits = _POINT_ZERO.sub("", plain)
    if len(digits) == 6 and digits.isdigit() and check_digit(digits[:5]) == digits[5]:
        return digits[:5]
    return digits if len(digits) == 5 and form != "six" else ""


def _special(plain: str, five: str, allows_districts: bool) -> ResolvedCode | None:
    """Read codes that the master of municipalities does not hold but that are no mistake."""
    if not five or not five.isdigit() or five[:2] not in prefectures() or known_name(five):
        return None
    if five in NORTHERN_VILLAGES:
        return ResolvedCode(five, "municipality", "", five)
    if five[2] in "89":
        return ResolvedCode(five, "association", "", five)
    if allows_districts and five[2] in "34567" and len(plain) == 6:
        return ResolvedCode(five, "district", "", five)
    return None


def _former(code: str, note: str, as_of_on: str | None) -> ResolvedCode | CodeError:
    """Map a code that was in force at the date to its one successor; refuse it otherwise."""
    gone = former_codes()[code]
    successors = "・".join(
        f"{successor} {known_name(successor)}" for successor in gone.succeeded_by
    )
    if as_of_on is None or as_of_on >= gone.changed_on:
        return CodeError(
            f"{code} {gone.name}は {gone.changed_on} の{gone.reason}で廃止された番号で、"
            f"{successors} になりました",
            "その時点で有効な市区町村コード",
            "表の時点を確かめ、後継の番号に置き換えてください。",
        )
    if " " in gone.name:  # a ward of that time: no row of a municipality's table
        return ResolvedCode(code, "ward", note, code)
    if len(gone.succeeded_by) > 1:
        return CodeError(
            f"{code} {gone.name}は {gone.changed_on} の{gone.reason}で {successors} に分かれ、"
            "一つに決まりません",
            "現在の区域に対応する番号",
            "後継の区域に組み替えた資料を用いてください。",
        )
    successor = gone.succeeded_by[0]
    told = (
        f"{note}{code} {gone.name}は、{gone.changed_on}からの番号 "
        f"{successor} {known_name(successor)}として読みました。"
    )
    if gone.reason == "編入":  # the successor has a row of its own in such a table
        return ResolvedCode(successor, "absorbed", told, code)
    return ResolvedCode(successor, "municipality", told, code)
