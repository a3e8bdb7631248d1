"""Codes and names of municipalities as delivered: what each means at the table's date.

A code is read by its check digit and by the day of the figures; a name is compared with its
code's; a former municipality is followed to the codes of today.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from gunmane_analysis.areas import check_digit, read_code
from gunmane_analysis.areas.code_reading import CodeForm
from gunmane_analysis.areas.master import former_codes, known_name, local_bodies, prefectures
from gunmane_analysis.errors import AreaError
from gunmane_analysis.intake.reading.issues import CellError
from gunmane_analysis.intake.reading.plain_text import half_width, name_key, plain_minus

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
_WITH_HYPHEN = re.compile(r"([0-9]{5})-([0-9])")
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
    note : CellError or None
        What had to be mended.
    delivered_code : str
        The five digits as delivered.
    """

    code: str
    level: AreaLevel
    delivered_code: str = ""
    note: CellError | None = None


_REASONS: Mapping[str, str] = {
    "abolishmentOfDistrict": "郡の廃止",
    "absorption": "編入",
    "changesOfBoundaries": "境界変更",
    "changesOfBoundariesOfDistrict": "郡の区域変更",
    "changesOfNames": "名称変更",
    "changesToCity": "市制施行",
    "changesToTown": "町制施行",
    "divisionIntoSeveralMunicipalities": "分割",
    "establishmentOfNewMunicipalityByMerging": "新設合併",
    "reorganizationOfWards": "区の再編",
    "separation": "分離",
    "shiftToDesignatedCity": "政令指定都市への移行",
}
_ONE_TO_ONE = frozenset({"市制施行", "町制施行", "名称変更", "政令指定都市への移行"})


@dataclass(frozen=True, slots=True)
class FormerMunicipality:
    """A municipality that is no longer in force under its code.

    Attributes
    ----------
    began_on : str
        ISO date of the change that gave it its code; empty if it had it from the beginning.
    ended_on : str
    reason : str
        Of its end, in Japanese.
    successors : tuple of str
        Codes in force today that its area lies in.
    is_whole : bool
        Whether it became its successor unchanged, by renames and changes of kind alone.
    """

    code: str
    name: str
    began_on: str
    ended_on: str
    reason: str
    successors: tuple[str, ...]
    is_whole: bool

    def is_in_force(self, day: str) -> bool:
        """Whether it bore its code on a day.

        Examples
        --------
        >>> fuji = FormerMunicipality("19341", "上九一色村", "", "2006-03-01", "分割", (), False)
        >>> fuji.is_in_force("2006-02-28"), fuji.is_in_force("2006-03-01")
        (True, False)
        """
        return self.began_on <= day < self.ended_on


def former_municipalities(
    changes: Sequence[Mapping[str, Any]], in_force: frozenset[str]
) -> dict[str, FormerMunicipality]:
    """Follow every code that has ended to the codes of today.

    Parameters
    ----------
    changes : list of mapping
        ``date``, ``reason``, ``old`` and ``new`` (each ``code`` and ``name``), as e-Stat gives
        them.
    in_force : frozenset of str
        Codes in force today.

    Examples
    --------
    >>> town = {"code": "12304", "name": "我孫子町"}
    >>> city = {"code": "12222", "name": "我孫子市"}
    >>> change = {"date": "1970-07-01", "reason": "changesToCity", "old": town, "new": city}
    >>> former_municipalities([change], frozenset({"12222"}))["12304"].successors
    ('12222',)
    """
    following: dict[str, list[Mapping[str, Any]]] = {}
    began: dict[str, str] = {}
    for change in changes:
        old, new = change["old"]["code"], change["new"]["code"]
        if old != new:
            following.setdefault(old, []).append(change)
            began[new] = min(change["date"], began.get(new, "9999"))
    # an absorbing body existed before the first change that names it as new
    for change in changes:
        if _reason(change) == "編入":
            began.pop(change["new"]["code"], None)
    found = {}
    for code, steps in following.items():
        if code in in_force:
            continue
        last = max(steps, key=lambda step: str(step["date"]))
        found[code] = FormerMunicipality(
            code,
            str(last["old"]["name"]),
            began.get(code, ""),
            str(last["date"]),
            _reason(last),
            tuple(sorted(_successors(code, following, in_force, frozenset()))),
            _is_whole(code, following, in_force),
        )
    return found


def _reason(change: Mapping[str, Any]) -> str:
    return _REASONS.get(str(change["reason"]), "変更")


def _successors(
    code: str,
    following: Mapping[str, list[Mapping[str, Any]]],
    in_force: frozenset[str],
    seen: frozenset[str],
) -> set[str]:
    found: set[str] = set()
    for step in following.get(code, ()):
        successor = str(step["new"]["code"])
        if successor in in_force:
            found.add(successor)
        elif successor not in seen:
            found |= _successors(successor, following, in_force, seen | {code})
    return found


def _is_whole(
    code: str, following: Mapping[str, list[Mapping[str, Any]]], in_force: frozenset[str]
) -> bool:
    steps, seen = following.get(code, []), {code}
    while len(steps) == 1 and _reason(steps[0]) in _ONE_TO_ONE:
        successor = str(steps[0]["new"]["code"])
        if successor in in_force:
            return True
        if successor in seen:
            return False
        seen.add(successor)
        steps = following.get(successor, [])
    return False


def column_form(texts: Iterable[str]) -> CodeForm:
    """Decide how a column writes its codes: six digits as soon as one of them has six.

    Examples
    --------
    >>> column_form(["11002", "131016"]), column_form(["01100", "13101"]), column_form(["13101"])
    ('six', 'five', 'any')
    """
    digits = [bare_code(text) for text in texts]
    if any(re.fullmatch(r"[0-9]{6}", text) for text in digits):
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


@functools.lru_cache(maxsize=16_384)
def bare_code(text: str) -> str:
    """Return a code without what programs put around it: an apostrophe, a hyphen, ``.0``.

    Examples
    --------
    >>> bare_code("'131016"), bare_code("01100-2"), bare_code("11002.0")
    ('131016', '011002', '11002')
    """
    plain = half_width(text).lstrip("'’‘＇`").strip()
    hyphen = _WITH_HYPHEN.fullmatch(plain_minus(plain))
    if hyphen and check_digit(hyphen[1]) == hyphen[2]:
        return f"{hyphen[1]}{hyphen[2]}"
    return _POINT_ZERO.sub("", plain)


def looks_like_code(text: str) -> bool:
    """Whether a cell was meant as a code."""
    return _CODE_LIKE.fullmatch(bare_code(text)) is not None


def read_code_cell(
    text: str,
    form: CodeForm,
    *,
    as_of_on: str | None,
    declared: Mapping[str, str],
    allows_districts: bool = False,
    keeps_former: bool = False,
    name: str = "",
    old: Mapping[str, FormerMunicipality] = MappingProxyType({}),
) -> ResolvedCode | CellError:
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
    name : str
        The name beside the code: where it agrees with one reading of the digits, that one is
        meant.
    old : mapping of str to FormerMunicipality
        Those that ended before the package's own knowledge begins.

    Examples
    --------
    >>> read_code_cell("403059", "six", as_of_on="2018-04-01", declared={}).code
    '40231'
    >>> read_code_cell("1100", "six", as_of_on=None, declared={}, name="札幌市").code
    '01100'
    """
    plain, delivered = half_width(text), text.strip()
    if any(not character.isascii() for character in plain.lstrip("’‘")):
        return CellError("code-not-digits")
    bare = bare_code(plain)
    mended = CellError("code-mended", {"delivered": delivered, "bare": bare})
    note = mended if plain[:1] in "'’‘`" or "-" in plain_minus(plain) else None
    plain = bare if note else plain
    if form == "five" and re.fullmatch(r"[0-9]{4}(?:\.0+)?", plain):
        found: ResolvedCode | CellError = _padded(bare, as_of_on, declared, old)
    else:
        found = _read(plain, form, as_of_on, declared, allows_districts, keeps_former, old)
    if isinstance(found, CellError) and (meant := _code_by_name(bare, name)):
        note = CellError("code-by-name", {"delivered": delivered, "meant": meant, "name": name})
        found = _read(meant, "five", as_of_on, declared, allows_districts, keeps_former, old)
    if isinstance(found, ResolvedCode) and note and found.note is None:
        return ResolvedCode(found.code, found.level, found.delivered_code, note)
    return found


def _code_by_name(digits: str, name: str) -> str:
    """Return the code whose name is the delivered one: four digits, or the other form."""
    candidates = {4: [f"0{digits}"], 5: [digits], 6: []}.get(len(digits), [])
    if len(digits) == 5 and check_digit(f"0{digits[:4]}") == digits[4]:
        candidates.append(f"0{digits[:4]}")
    wanted = name_key(name)
    fitting = [code for code in candidates if wanted and name_key(known_name(code) or "") == wanted]
    return fitting[0] if len(fitting) == 1 else ""


def _read(
    plain: str,
    form: CodeForm,
    as_of_on: str | None,
    declared: Mapping[str, str],
    allows_districts: bool,
    keeps_former: bool,
    old: Mapping[str, FormerMunicipality],
) -> ResolvedCode | CellError:
    five = _five(plain, form)
    if five in declared:
        return ResolvedCode(five, "declared", five)
    if special := _special(plain, five, allows_districts=allows_districts):
        return special
    ended = _former_municipality(plain, form, old)
    try:
        reading = read_code(plain, form, former="keep")
    except AreaError as fault:
        if ended is not None:
            return _of_former_municipality(ended, as_of_on)
        advice = fault.advice
        if re.fullmatch(r"[0-9]{5,6}", plain) and not old:
            advice += _FILE_CHANGES
        facts = {"found": fault.found, "expected": fault.expected, "advice": advice}
        return CellError(_code_of_fault(plain), facts)
    is_other = ended is not None and ended.code != reading.code and len(plain) == 5
    if is_other and ended is not None and as_of_on is not None and ended.is_in_force(as_of_on):
        facts = {"ended_on": ended.ended_on, "former": f"{ended.code} {ended.name}"}
        known = f"{reading.code}（{known_name(reading.code)}）"
        return CellError("code-two-meanings", {**facts, "known": known})
    if keeps_former and reading.code in former_codes():
        return ResolvedCode(reading.code, "former", reading.code)
    repaired = CellError("code-repaired", {"note": reading.note}) if reading.repaired else None
    if len(reading.code) == 2:
        return ResolvedCode(reading.code, "prefecture", f"{reading.code}000", repaired)
    if reading.code in former_codes():
        return _former(reading.code, as_of_on)
    level: AreaLevel = "ward" if local_bodies()[reading.code].is_ward else "municipality"
    return ResolvedCode(reading.code, level, reading.code, repaired)


def _code_of_fault(plain: str) -> str:
    """Return the message code for digits that are no code in force."""
    digits = bare_code(plain)
    if "E" in plain.upper():
        return "code-exponent"
    if len(digits) == 6 and check_digit(digits[:5]) != digits[5]:
        return "code-check-digit"
    six = f"0{digits}"
    is_two = len(digits) == 5 and known_name(digits) and check_digit(six[:5]) == six[5]
    return "code-two-bodies" if is_two and known_name(six[:5]) else "code-unknown"


_FILE_CHANGES = (
    "2013年以前になくなった番号なら、市区町村の変更の一覧（municipal_changes）を "
    "gunmane data add で登録すると、日付により読み替えます。"
)


def _former_municipality(
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


def _named(codes: Iterable[str]) -> str:
    return "・".join(f"{code} {known_name(code)}" for code in codes)


def _of_former_municipality(
    body: FormerMunicipality, as_of_on: str | None
) -> ResolvedCode | CellError:
    """Map a former municipality by date to the code that its area lies in today."""
    facts = {
        "body": f"{body.code} {body.name}",
        "began": f"{body.began_on} にでき、" if body.began_on else "",
        "ended_on": body.ended_on,
        "reason": body.reason,
        "successors": _named(body.successors),
    }
    if as_of_on is None or not body.is_in_force(as_of_on):
        return CellError("code-abolished", facts)
    if body.name.endswith(("郡", "支庁")):
        return ResolvedCode(body.code, "district", body.code)
    if len(body.successors) != 1:
        return CellError("code-divided", facts)
    successor = body.successors[0]
    if successor in local_bodies() and local_bodies()[successor].is_ward:
        return ResolvedCode(body.code, "ward", body.code)
    level: AreaLevel = "municipality" if body.is_whole else "absorbed"
    return ResolvedCode(successor, level, body.code, CellError("code-succeeded", facts))


def _former(code: str, as_of_on: str | None) -> ResolvedCode | CellError:
    """Map a code that ended since 2014 by date to its one successor."""
    gone = former_codes()[code]
    if " " in gone.name and as_of_on is not None and as_of_on < gone.changed_on:
        return ResolvedCode(code, "ward", code)  # no row of a municipality's table
    body = FormerMunicipality(
        code, gone.name, "", gone.changed_on, gone.reason, gone.succeeded_by, gone.reason != "編入"
    )
    return _of_former_municipality(body, as_of_on)


def _padded(
    digits: str,
    as_of_on: str | None,
    declared: Mapping[str, str],
    old: Mapping[str, FormerMunicipality],
) -> ResolvedCode | CellError:
    """Read four digits of a column declared as five: its leading zero is not written."""
    five = f"0{digits}"
    if five in old:
        return _of_former_municipality(old[five], as_of_on)
    if five in declared:
        return ResolvedCode(five, "declared", five)
    if five.endswith("000") and five[:2] in prefectures():
        return ResolvedCode(five[:2], "prefecture", five)
    if five in former_codes():
        return _former(five, as_of_on)
    if five not in local_bodies():
        return CellError("code-of-nobody", {"digits": digits})
    return ResolvedCode(five, "ward" if local_bodies()[five].is_ward else "municipality", five)


def _five(plain: str, form: CodeForm) -> str:
    digits = _POINT_ZERO.sub("", plain)
    if len(digits) == 6 and digits.isdigit() and check_digit(digits[:5]) == digits[5]:
        return digits[:5]
    return digits if len(digits) == 5 and form != "six" else ""


def _special(plain: str, five: str, *, allows_districts: bool) -> ResolvedCode | None:
    """Read codes that are right although the master of municipalities lacks them."""
    if not five or not five.isdigit() or five[:2] not in prefectures() or known_name(five):
        return None
    if five in NORTHERN_VILLAGES:
        return ResolvedCode(five, "municipality", five)
    if five[2] in "89":
        return ResolvedCode(five, "association", five)
    if allows_districts and five[2] in "34567" and len(plain) == 6:
        return ResolvedCode(five, "district", five)
    return None


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


def compare_name(
    cell: ResolvedCode, name: str, old: Mapping[str, FormerMunicipality] = MappingProxyType({})
) -> NameCheck:
    """Compare the delivered name with the code's: the same, unknown, or another body's.

    A prefecture or 郡 before the name, spaces, variant characters and 再掲 or 計 are set aside.

    Examples
    --------
    >>> compare_name(ResolvedCode("08208", "municipality", "08208"), "龍ヶ崎市")
    'same'
    >>> compare_name(ResolvedCode("13101", "municipality", "13101"), "札幌市")
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
    if cell.delivered_code in old:
        own = {name_key(old[cell.delivered_code].name)}
    if cell.code in NORTHERN_VILLAGES:
        own.add(name_key(NORTHERN_VILLAGES[cell.code]))
    if key in own or any(key.endswith(known) and _is_prefix(key, known, cell) for known in own):
        return "same"
    kana = local_bodies()[cell.code].kana if cell.code in local_bodies() else ""
    if kana and key == name_key(_katakana(kana)):
        return "same"
    borne = _names_by_key().get(key, frozenset()) - {cell.code}
    return (
        "other" if borne or any(name_key(body.name) == key for body in old.values()) else "unknown"
    )


def _is_prefix(key: str, known: str, cell: ResolvedCode) -> bool:
    """Whether the text before the name is its prefecture, 郡 or designated city."""
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
