"""The master of prefectures, municipalities and wards, and the codes that came before them.

``reference_data/municipalities.csv`` has a row for each code: the 1,741 municipalities (市町村 and
the 23 special wards) and 172 wards of the designated cities in force, and with the day of their
end those that went out of force since 2014-01-01. Names, kana and places of town halls are those
of PyPI ``japancode`` 0.1.0 (MIT), which shows Hamamatsu before 2024-01-01 (seven wards,
22131-22137); ``reference_data/corrections.yml`` says what is different here, and a test compares
the two. It lacks the six villages of the Northern Territories (01695-01700).

A ward of a designated city is a row whose name holds a space ("札幌市 中央区").
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gunmane_analysis.areas.codes import quoted
from gunmane_analysis.paths import read_yaml
from gunmane_analysis.refusals import caution, refusal

if TYPE_CHECKING:
    import numpy as np

Place = tuple[float, float]
_EARTH_RADIUS_KM = 6371.0088
REFERENCE_DATA = Path(__file__).resolve().parents[1] / "reference_data"
_ONE_TO_ONE = ("changesToCity", "changesToTown", "changesOfNames", "shiftToDesignatedCity")


@dataclass(frozen=True, slots=True)
class Prefecture:
    """One of the 47 prefectures; kana in hiragana.

    ``tile`` is the column and row of its tile on a map, on which every block is contiguous.
    """

    code: str
    name: str
    kana: str
    romaji: str
    tile: tuple[int, int] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LocalBody:
    """A municipality, or a ward of a designated city; kana in hiragana.

    ``town_hall`` is its latitude and longitude (degrees), None where it is not known.
    """

    code: str
    name: str
    kana: str
    town_hall: Place | None = field(default=None, repr=False)

    @property
    def is_ward(self) -> bool:
        """Whether this is a ward of a designated city (not a special ward of Tokyo)."""
        return " " in self.name


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


@functools.cache
def prefectures() -> Mapping[str, Prefecture]:
    """Return the 47 prefectures by two-digit code, in code order.

    Examples
    --------
    >>> prefectures()["05"]
    Prefecture(code='05', name='秋田県', kana='あきたけん', romaji='akita')
    """
    found = {}
    for row in _rows("prefectures.csv"):
        tile = int(row.pop("tile_column")), int(row.pop("tile_row"))
        found[row["code"]] = Prefecture(**row, tile=tile)
    return MappingProxyType(found)


@functools.cache
def _rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE_DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@functools.cache
def local_bodies() -> Mapping[str, LocalBody]:
    """Return the municipalities and wards in force, by five-digit code, in code order.

    Returns
    -------
    Mapping of str to LocalBody
        1,741 municipalities and 172 wards of designated cities.

    Examples
    --------
    >>> local_bodies()["05204"]
    LocalBody(code='05204', name='大館市', kana='おおだてし')
    """
    bodies = {}
    for row in _rows("municipalities.csv"):
        if not row["ended_on"]:
            place = (float(row["latitude"]), float(row["longitude"])) if row["latitude"] else None
            bodies[row["code"]] = LocalBody(row["code"], row["name"], row["kana"], place)
    return MappingProxyType(bodies)


@functools.cache
def usual_regions() -> Mapping[str, Sequence[str]]:
    """Return the areas that a usual name of several may mean, such as 関西, which no scheme has.

    Examples
    --------
    >>> usual_regions()["山陰"]
    ['31', '32']
    """
    regions: dict[str, Sequence[str]] = read_yaml(REFERENCE_DATA / "usual_regions.yml")
    return MappingProxyType(regions)


@functools.cache
def _code_facts() -> Any:
    return read_yaml(REFERENCE_DATA / "codes.yml")


@functools.cache
def former_codes() -> Mapping[str, FormerMunicipality]:
    """Return the municipalities and wards that went out of force since 2014-01-01, by code.

    Examples
    --------
    >>> former_codes()["40305"].successors
    ('40231',)
    """
    former = {}
    for row in _rows("municipalities.csv"):
        if row["ended_on"]:
            facts = {name: row[name] for name in ("code", "name", "ended_on", "reason")}
            successors, is_whole = tuple(row["successors"].split()), row["reason"] != "編入"
            former[row["code"]] = FormerMunicipality(
                **facts, began_on="", successors=successors, is_whole=is_whole
            )
    return MappingProxyType(former)


def northern_villages() -> Mapping[str, str]:
    """Return the six villages of the Northern Territories, which the master lacks, by code."""
    villages: Mapping[str, str] = _code_facts()["northern_villages"]
    return villages


def former_sentence(five_digits: str) -> str:
    """Say when a former code ended and what took its place.

    Examples
    --------
    >>> former_sentence("40305")
    '40305 那珂川町は、2018-10-01の市制施行により 40231 那珂川市 になりました。'
    """
    gone = former_codes()[five_digits]
    successors = "・".join(f"{code} {known_name(code)}" for code in gone.successors)
    return caution("code-of-former", gone=gone, successors=successors)


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
    reasons = _code_facts()["reasons"]
    steps: dict[str, list[Mapping[str, Any]]] = {}
    began: dict[str, str] = {}
    for change in sorted(changes, key=lambda each: str(each["date"])):
        if change["old"]["code"] != change["new"]["code"]:
            steps.setdefault(change["old"]["code"], []).append(change)
            began.setdefault(change["new"]["code"], change["date"])
    for change in changes:  # an absorbing body existed before the first change that names it
        if change["reason"] == "absorption":
            began.pop(change["new"]["code"], None)

    def follow(code: str) -> tuple[set[str], bool]:
        """Return the codes of today, and whether every step was a change of name or kind."""
        found, is_whole, ahead = set(), True, [code]
        for each in ahead:
            following = steps.get(each, [])
            is_whole &= [step["reason"] in _ONE_TO_ONE for step in following] == [True]
            codes = {step["new"]["code"] for step in following}
            found |= codes & in_force
            ahead += sorted(codes - in_force - set(ahead))
        return found, is_whole and bool(found)

    bodies = {}
    for code in steps.keys() - in_force:
        change = max(steps[code], key=lambda step: str(step["date"]))
        successors, is_whole = follow(code)
        bodies[code] = FormerMunicipality(
            code,
            change["old"]["name"],
            began.get(code, ""),
            change["date"],
            reasons.get(change["reason"], "変更"),
            tuple(sorted(successors)),
            is_whole,
        )
    return bodies


@functools.cache
def all_names() -> Mapping[str, str]:
    """Return the name of every municipality and ward by code, former ones included."""
    former = {code: gone.name for code, gone in former_codes().items()}
    return former | {code: body.name for code, body in local_bodies().items()}


@functools.cache
def cities_by_ward() -> Mapping[str, str]:
    """Return the designated city that each ward lies in, by codes; former wards included.

    Examples
    --------
    >>> cities_by_ward()["22138"], "13101" in cities_by_ward()
    ('22130', False)
    """
    cities = {(code[:2], body.name): code for code, body in local_bodies().items()}
    return {
        code: cities[(code[:2], name.split(" ")[0])]
        for code, name in all_names().items()
        if " " in name
    }


def known_name(five_digits: str) -> str | None:
    """Return the name behind a five-digit code, in force or former, or None.

    A prefecture is known by its code followed by ``000``.

    Examples
    --------
    >>> known_name("40231"), known_name("40305"), known_name("05000"), known_name("99999")
    ('那珂川市', '那珂川町', '秋田県', None)
    """
    if five_digits.endswith("000") and five_digits[:2] in prefectures():
        return prefectures()[five_digits[:2]].name
    return all_names().get(five_digits)


def town_hall(code: str) -> Place:
    """Return latitude and longitude of one town hall.

    Raises
    ------
    AreaError
        If the code has no town hall in the master.
    """
    body = local_bodies().get(code)
    if body is None or body.town_hall is None:
        raise refusal("town-hall", shown=quoted(code))
    return body.town_hall


def distances_km(ones: Sequence[Place], others: Sequence[Place]) -> np.ndarray:
    """Return the matrix of great-circle distances between places (km), one row for each of ones.

    Examples
    --------
    >>> distances_km([(35.0, 139.0)], [(36.0, 139.0), (35.0, 139.0)]).round(1).tolist()
    [[111.2, 0.0]]
    """
    import numpy as np

    here, there = (np.radians(np.reshape(places, (-1, 2))) for places in (ones, others))
    north, east = here[:, :1] - there[:, 0], here[:, 1:] - there[:, 1]
    half = np.sin(north / 2) ** 2 + np.cos(here[:, :1]) * np.cos(there[:, 0]) * (
        np.sin(east / 2) ** 2
    )
    return np.asarray(2 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
