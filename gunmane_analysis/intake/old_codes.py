"""Codes that ended before the package's own knowledge begins, from a list of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    """A body that is no longer in force under its code.

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


def old_bodies(
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
    >>> old_bodies([change], frozenset({"12222"}))["12304"].successors
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
