"""A code cell to the municipality it means at the table's date, or to the reason why not."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from gunmane_analysis.areas import check_digit, read_code
from gunmane_analysis.areas.code_reading import CodeForm
from gunmane_analysis.areas.master import former_codes, known_name, local_bodies, prefectures
from gunmane_analysis.errors import AreaError
from gunmane_analysis.loaders.reading.plain_text import half_width, name_key

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
class CodeCell:
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
class NoCode:
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
) -> CodeCell | NoCode:
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

    Examples
    --------
    >>> read_code_cell("403059", "six", as_of_on="2018-04-01", declared={}).code
    '40231'
    """
    plain = half_width(text)
    if any(not character.isascii() for character in plain):
        return NoCode(
            "団体の番号ではありません", "5桁または6桁の数字", "番号だけを書いてください。"
        )
    if form == "five" and re.fullmatch(r"[0-9]{4}(?:\.0+)?", plain):
        return _padded(plain.partition(".")[0], as_of_on, declared)
    five = _five(plain, form)
    if five in declared:
        return CodeCell(five, "declared", "", five)
    if special := _special(plain, five, allows_districts):
        return special
    try:
        reading = read_code(plain, form, former="keep")
    except AreaError as fault:
        return NoCode(fault.found.rstrip("。"), fault.expected, fault.advice)
    if keeps_former and reading.code in former_codes():
        return CodeCell(reading.code, "former", "", reading.code)
    if len(reading.code) == 2:
        return CodeCell(reading.code, "prefecture", reading.note, f"{reading.code}000")
    if reading.code in former_codes():
        return _former(reading.code, "", as_of_on)
    level: AreaLevel = "ward" if local_bodies()[reading.code].is_ward else "municipality"
    return CodeCell(reading.code, level, reading.note if reading.repaired else "", reading.code)


def _padded(digits: str, as_of_on: str | None, declared: Mapping[str, str]) -> CodeCell | NoCode:
    """Read four digits of a column declared as five: its leading zero is not written."""
    five = f"0{digits}"
    if five in declared:
        return CodeCell(five, "declared", "", five)
    if five.endswith("000") and five[:2] in prefectures():
        return CodeCell(five[:2], "prefecture", "", five)
    if five in former_codes():
        return _former(five, "", as_of_on)
    if five not in local_bodies():
        return NoCode(
            f"「{digits}」に当たる団体がありません",
            "5桁の市区町村コード",
            "番号を確かめてください。",
        )
    return CodeCell(five, "ward" if local_bodies()[five].is_ward else "municipality", "", five)


def _five(plain: str, form: CodeForm) -> str:
    digits = _POINT_ZERO.sub("", plain)
    if len(digits) == 6 and digits.isdigit() and check_digit(digits[:5]) == digits[5]:
        return digits[:5]
    return digits if len(digits) == 5 and form != "six" else ""


def _special(plain: str, five: str, allows_districts: bool) -> CodeCell | None:
    """Read codes that the master of municipalities does not hold but that are no mistake."""
    if not five or not five.isdigit() or five[:2] not in prefectures() or known_name(five):
        return None
    if five in NORTHERN_VILLAGES:
        return CodeCell(five, "municipality", "", five)
    if five[2] in "89":
        return CodeCell(five, "association", "", five)
    if allows_districts and five[2] in "34567" and len(plain) == 6:
        return CodeCell(five, "district", "", five)
    return None


def _former(code: str, note: str, as_of_on: str | None) -> CodeCell | NoCode:
    """Map a code that was in force at the date to its one successor; refuse it otherwise."""
    gone = former_codes()[code]
    heirs = "・".join(f"{heir} {known_name(heir)}" for heir in gone.succeeded_by)
    if as_of_on is None or as_of_on >= gone.changed_on:
        return NoCode(
            f"{code} {gone.name}は {gone.changed_on} の{gone.reason}で廃止された番号で、"
            f"{heirs} になりました",
            "その時点で有効な市区町村コード",
            "表の時点を確かめ、後継の番号に置き換えてください。",
        )
    if " " in gone.name:  # a ward of that time: no row of a municipality's table
        return CodeCell(code, "ward", note, code)
    if len(gone.succeeded_by) > 1:
        return NoCode(
            f"{code} {gone.name}は {gone.changed_on} の{gone.reason}で {heirs} に分かれ、"
            "一つに決まりません",
            "現在の区域に対応する番号",
            "後継の区域に組み替えた資料を用いてください。",
        )
    heir = gone.succeeded_by[0]
    told = (
        f"{note}{code} {gone.name}は、{gone.changed_on}からの番号 "
        f"{heir} {known_name(heir)}として読みました。"
    )
    if gone.reason == "編入":  # the heir has a row of its own in such a table
        return CodeCell(heir, "absorbed", told, code)
    return CodeCell(heir, "municipality", told, code)


@functools.cache
def all_names() -> Mapping[str, str]:
    """Return the name of every municipality and ward by code, former ones included."""
    former = {code: gone.name for code, gone in former_codes().items()}
    return former | {code: body.name for code, body in local_bodies().items()}


@functools.cache
def _names_by_key() -> Mapping[str, frozenset[str]]:
    """Return the codes that bear each name, now or formerly; wards by both parts and whole."""
    found: dict[str, set[str]] = {}
    for code, whole in all_names().items():
        for name in {whole, whole.rpartition(" ")[2]}:
            found.setdefault(name_key(name), set()).add(code)
    for code, prefecture in prefectures().items():
        found.setdefault(name_key(prefecture.name), set()).add(code)
    return {key: frozenset(codes) for key, codes in found.items()}


NameCheck = Literal["same", "unknown", "other"]


def compare_name(cell: CodeCell, name: str) -> NameCheck:
    """Compare the delivered name with the code's: the same, unknown, or another body's.

    A prefecture or 郡 before the name, spaces, variant characters and 再掲 or 計 are set aside.

    Examples
    --------
    >>> compare_name(CodeCell("08208", "municipality", "", "08208"), "龍ヶ崎市")
    'same'
    >>> compare_name(CodeCell("13101", "municipality", "", "13101"), "札幌市")
    'other'
    """
    key = re.sub(r"[(（]?再掲[)）]?|計$", "", name_key(name))
    if not key or cell.level in ("association", "declared", "district", "nation"):
        return "same"
    own = {
        name_key(known)
        for code in (cell.code, cell.delivered_code)
        if (known := known_name(code if len(code) == 5 else f"{code}000"))
    }
    own |= (
        {name_key(local_bodies()[cell.code].name.rpartition(" ")[2])}
        if (cell.level == "ward" and cell.code in local_bodies())
        else set()
    )
    if cell.code in NORTHERN_VILLAGES:
        own.add(name_key(NORTHERN_VILLAGES[cell.code]))
    if key in own or any(key.endswith(known) and _is_prefix(key, known, cell) for known in own):
        return "same"
    kana = local_bodies()[cell.code].kana if cell.code in local_bodies() else ""
    if kana and key == name_key(_katakana(kana)):
        return "same"
    return "other" if _names_by_key().get(key, frozenset()) - {cell.code} else "unknown"


def _is_prefix(key: str, known: str, cell: CodeCell) -> bool:
    """Tell whether what stands before the name is its prefecture, 郡 or designated city."""
    before = key.removesuffix(known)
    prefecture = name_key(prefectures()[cell.code[:2]].name)
    return before.removeprefix(prefecture) == "" or before.endswith(("郡", "市", "支庁"))


def _katakana(hiragana: str) -> str:
    return "".join(
        chr(ord(letter) + 0x60) if "ぁ" <= letter <= "ゖ" else letter for letter in hiragana
    )


@functools.cache
def _codes_by_place() -> Mapping[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for code, name in all_names().items():
        if " " not in name:
            key = (name_key(prefectures()[code[:2]].name), name_key(name))
            found[key] = (*found.get(key, ()), code)
    return found


def code_of_place(prefecture: str, name: str) -> str | None:
    """Return the one code that a prefecture and a name mean, or None.

    Examples
    --------
    >>> code_of_place("青森県", "六ケ所村"), code_of_place("北海道", "上湧別町")
    ('02411', None)
    """
    codes = _codes_by_place().get((name_key(prefecture), name_key(name)), ())
    return codes[0] if len(codes) == 1 else None
