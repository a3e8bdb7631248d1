"""Codes and names of municipalities as delivered: what each means at the table's date.

A code is read by its check digit and by the day of the figures; a name is compared with its
code's; a former municipality is followed to the codes of today.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from gunmane_analysis.areas import check_digit, master
from gunmane_analysis.areas.code_reading import CodeForm, possible_codes, read_code
from gunmane_analysis.areas.codes import quoted
from gunmane_analysis.errors import AreaError
from gunmane_analysis.intake.forms import Form, words
from gunmane_analysis.intake.reading.issues import CellError
from gunmane_analysis.intake.reading.plain_text import half_width, name_key, plain_minus

AreaLevel = Literal[
    "nation", "prefecture", "district", "municipality", "ward", "association", "declared",
    "absorbed", "former", "event",
]  # fmt: skip
# number formats that pad with zeros give away how many digits a code has
CODE_FORMATS: Mapping[str, CodeForm] = MappingProxyType({"000000": "six", "00000": "five"})
_CODE_LIKE = re.compile(r"[0-9]{1,6}(?:\.0+)?|[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,2}")
_POINT_ZERO = re.compile(r"\.0+$")
_WITH_HYPHEN = re.compile(r"([0-9]{4,5})-([0-9])")
_UNKNOWN = ("code-unknown", "code-zero-lost", "code-near-another")
_QUOTES = "'’‘＇`"
_NAMED_LEVELS = ("municipality", "ward", "prefecture", "absorbed", "association")
_ASSOCIATION = re.compile("組合|連合|企業団|事業団|財産区|港務局")  # of what a code of 8 or 9 is
_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}


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


@functools.lru_cache(maxsize=16_384)
def bare_code(text: str) -> str:
    """Return a code without what programs put around it: an apostrophe, a hyphen, ``.0``.

    Examples
    --------
    >>> bare_code("'131016"), bare_code("1100-2"), bare_code("11002.0")
    ('131016', '011002', '11002')
    """
    plain = half_width(text).lstrip(_QUOTES).strip()
    hyphen = _WITH_HYPHEN.fullmatch(plain_minus(plain))
    if hyphen and check_digit(five := hyphen[1].zfill(5)) == hyphen[2]:
        return f"{five}{hyphen[2]}"
    return _POINT_ZERO.sub("", plain)


def looks_like_code(text: str) -> bool:
    """Whether a cell was meant as a code."""
    return _CODE_LIKE.fullmatch(bare_code(text)) is not None


@dataclass(frozen=True, slots=True)
class CodeRules:
    """How the codes of a row are read.

    Attributes
    ----------
    form : {"any", "five", "six"}
        How the column writes its codes.
    day : str or None
        ISO date of the row's figures, against which a code must have been in force.
    source : Form
        Its declared areas are no municipality (IPSS 07999); it may list 郡, or be a list of
        codes in which one out of force stands as delivered.
    old : mapping of str to master.FormerMunicipality
        Those that ended before the package's own knowledge begins.
    """

    form: CodeForm
    day: str | None
    source: Form
    old: Mapping[str, master.FormerMunicipality] = field(default_factory=dict)

    def read(self, text: str, name: str = "") -> ResolvedCode | CellError:
        """Read one code cell.

        The name in the same row decides where it agrees with one reading of the digits.

        Examples
        --------
        >>> from gunmane_analysis.intake.forms import read_form
        >>> rules = CodeRules("six", "2018-04-01", read_form("municipal_staffing"))
        >>> rules.read("403059").code, rules.read("1100", name="札幌市").code
        ('40231', '01100')
        """
        plain, delivered = half_width(text), text.strip()
        if not plain.lstrip(_QUOTES).isascii():
            return CellError("code-not-digits", {"shown": quoted(delivered)})
        bare, note = bare_code(plain), None
        if plain[:1] in _QUOTES or "-" in plain_minus(plain):
            plain, note = bare, CellError("code-mended", {"delivered": delivered, "bare": bare})
        found = self._resolve(plain)
        if isinstance(found, CellError) and (meant := _code_by_name(bare, name)):
            facts = {"delivered": delivered, "meant": meant, "name": name}
            note = CellError("code-by-name", facts)
            found = dataclasses.replace(self, form="five")._resolve(meant)
        if isinstance(found, ResolvedCode) and note and found.note is None:
            return dataclasses.replace(found, note=note)
        return found

    def _resolve(self, plain: str) -> ResolvedCode | CellError:
        digits = bare_code(plain)
        if self.form == "five" and re.fullmatch(r"[0-9]{4}", digits):  # no leading zero is written
            found = self._resolve(f"0{digits}")
            is_unknown = isinstance(found, CellError) and found.code in _UNKNOWN
            return CellError("code-of-nobody", {"digits": digits}) if is_unknown else found
        meant = possible_codes(digits, self.form)
        five = next((code for code in meant if digits.startswith(code)), "")
        if level := self._level_of_unlisted(five, digits):
            return ResolvedCode(five, level, five)
        filed = [self.old[code] for code in meant if code in self.old]
        ended = filed[0] if len(filed) == 1 else None
        try:
            reading = read_code(plain, self.form, former="keep")
        except AreaError as fault:
            if ended is not None:
                return self._succeeded(ended)
            may_be_old = not self.old and fault.code in (*_UNKNOWN, "code-unregistered")
            changes = words()["changes"] if may_be_old else ""
            return CellError(fault.code, {**fault.facts, "changes": changes})
        code, day = reading.code, self.day
        if ended and ended.code != code and len(plain) == 5 and day and ended.is_in_force(day):
            return CellError("code-two-meanings", {"body": ended, "known": _named(code)})
        if code in master.former_codes():
            if self.source.declares_former:
                return ResolvedCode(code, "former", code)
            return self._succeeded(master.former_codes()[code])
        note = CellError("code-repaired", {"note": reading.note}) if reading.note else None
        if len(code) == 2:
            return ResolvedCode(code, "prefecture", f"{code}000", note)
        return ResolvedCode(code, "ward" if _is_ward(code) else "municipality", code, note)

    def _level_of_unlisted(self, five: str, digits: str) -> AreaLevel | None:
        """Return the level of a code that is right although the master lacks it."""
        if five in self.source.declared_areas:
            return "declared"
        if five[:2] not in master.prefectures() or master.known_name(five):
            return None
        if five in master.northern_villages():
            return "municipality"
        if five[2] in "89":
            return "association"
        is_district = self.source.allows_districts and five[2] in "34567" and len(digits) == 6
        return "district" if is_district else None

    def _succeeded(self, body: master.FormerMunicipality) -> ResolvedCode | CellError:
        """Map a former municipality by date to the code that its area lies in today."""
        began = f"{body.began_on} にでき、" if body.began_on else ""
        successors = "・".join(map(_named, body.successors))
        facts = {"body": body, "began": began, "successors": successors}
        if self.day is None or not body.is_in_force(self.day):
            return CellError("code-abolished", facts)
        if body.name.endswith(("郡", "支庁")):
            return ResolvedCode(body.code, "district", body.code)
        if " " in body.name or list(map(_is_ward, body.successors)) == [True]:
            return ResolvedCode(body.code, "ward", body.code)  # no row of a municipality's table
        if len(body.successors) != 1:
            return CellError("code-divided", facts)
        level: AreaLevel = "municipality" if body.is_whole else "absorbed"
        succeeded = CellError("code-succeeded", facts)
        return ResolvedCode(body.successors[0], level, body.code, succeeded)


def _named(code: str) -> str:
    return f"{code} {master.known_name(code)}"


def _code_by_name(digits: str, name: str) -> str:
    """Return the code whose name is the delivered one: four digits, or the other form."""
    candidates = {4: [f"0{digits}"], 5: possible_codes(digits)}.get(len(digits), [])
    wanted = name_key(name)
    fitting = [
        code for code in candidates if wanted and name_key(master.known_name(code) or "") == wanted
    ]
    return fitting[0] if len(fitting) == 1 else ""


def _is_ward(code: str) -> bool:
    return code in master.local_bodies() and master.local_bodies()[code].is_ward


@functools.cache
def _codes_by_name() -> Mapping[str, frozenset[str]]:
    """Return the codes that bear each name, now or formerly; wards by both parts and whole."""
    found: dict[str, set[str]] = {}
    for code, whole in master.all_names().items():
        for name in {whole, whole.rpartition(" ")[2]}:
            found.setdefault(name_key(name), set()).add(code)
    for code, prefecture in master.prefectures().items():
        found.setdefault(name_key(prefecture.name), set()).add(code)
    return {key: frozenset(codes) for key, codes in found.items()}


def compare_name(
    cell: ResolvedCode,
    name: str,
    old: Mapping[str, master.FormerMunicipality] = MappingProxyType({}),
) -> Literal["same", "unknown", "other"]:
    """Compare the delivered name with the code's: the same, unknown, or another body's.

    A prefecture or 郡 before the name, spaces, variant characters, 再掲 or 計, and a dash in place
    of a name are set aside; only prefectures and municipal bodies are compared.

    Examples
    --------
    >>> compare_name(ResolvedCode("08208", "municipality", "08208"), "龍ヶ崎市")
    'same'
    >>> compare_name(ResolvedCode("13101", "municipality", "13101"), "札幌市")
    'other'
    """
    key = re.sub(r"[(（]?再掲[)）]?|計$", "", name_key(name)).strip("-—―")
    is_joint = cell.level == "association" and _ASSOCIATION.search(key)
    if not key or is_joint or cell.level not in _NAMED_LEVELS:
        return "same"
    body = master.local_bodies().get(cell.code)
    names = [master.known_name(code.ljust(5, "0")) for code in (cell.code, cell.delivered_code)]
    if cell.delivered_code in old:
        names = [old[cell.delivered_code].name]
    elif cell.level == "ward" and body:
        names.append(body.name.rpartition(" ")[2])
    names.append(master.northern_villages().get(cell.code))
    known = {name_key(each) for each in names if each}
    if key in known or any(key.endswith(each) and _is_prefix(key, each, cell) for each in known):
        return "same"
    if body and key == name_key(body.kana.translate(_KATAKANA)):
        return "same"
    is_known = _codes_by_name().get(key, frozenset()) - {cell.code} or any(
        name_key(each.name) == key for each in old.values()
    )
    return "other" if is_known else "unknown"


def _is_prefix(key: str, known: str, cell: ResolvedCode) -> bool:
    """Whether the text before the name is its prefecture, 郡 or designated city."""
    before = key.removesuffix(known)
    prefecture = name_key(master.prefectures()[cell.code[:2]].name)
    return before.removeprefix(prefecture) == "" or before.endswith(("郡", "市", "支庁"))


def code_of_place(prefecture: str, name: str) -> str | None:
    """Return the one code that a prefecture and a name mean, or None.

    Examples
    --------
    >>> code_of_place("青森県", "六ケ所村"), code_of_place("北海道", "上湧別町")
    ('02411', None)
    """
    codes = [
        code
        for code in _codes_by_name().get(name_key(name), ())
        if " " not in master.all_names().get(code, " ")
        and name_key(master.prefectures()[code[:2]].name) == name_key(prefecture)
    ]
    return codes[0] if len(codes) == 1 else None
