"""The master held against official lists in ../shared, where that folder is present."""

import csv
import json
from pathlib import Path

import pytest

from gunmane_analysis.areas import list_areas, read_code
from gunmane_analysis.areas.master import former_codes, local_bodies, prefectures
from gunmane_analysis.errors import AreaError

OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "official"
BAD_INPUTS = OFFICIAL.parent / "bad_inputs"

pytestmark = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="../shared is not here")


def rows(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_row_of_localgovjp_is_known_by_its_six_digits() -> None:
    official = rows(OFFICIAL / "municipality_master" / "localgovjp-utf8.csv")
    assert len(official) == 1916
    assert len(official) + len(prefectures()) == 1963
    for row in official:
        code = read_code(row["lgcode"], former="keep").code
        known = local_bodies().get(code) or former_codes()[code]
        assert known.name == row["city"]
        if code in local_bodies():
            assert local_bodies()[code].kana == row["citykana"]
            assert prefectures()[code[:2]].name == row["pref"]


def test_fifteen_of_its_codes_are_ambiguous_without_their_zero() -> None:
    official = [
        row["lgcode"] for row in rows(OFFICIAL / "municipality_master" / "localgovjp-utf8.csv")
    ]
    five = {code[:5] for code in official}
    ambiguous = [code[1:] for code in official if code[0] == "0" and code[1:] in five]
    assert len(ambiguous) == 15
    for text in ambiguous:
        with pytest.raises(AreaError, match="二通り"):
            read_code(text)


def test_the_municipalities_are_those_of_ssdse_2026() -> None:
    with (OFFICIAL / "nstac_ssdse" / "SSDSE-A-2026.csv").open(encoding="cp932") as stream:
        official = {line[0][1:]: (line[1], line[2]) for line in csv.reader(stream)}
    ours = {
        town.area_id: (town.ancestor("prefecture").name, town.name)
        for town in list_areas("municipality")
    }
    assert ours.items() <= official.items()
    assert len([code for code in official if code.isdigit() and code != "00000"]) == 1741


def test_the_former_codes_are_all_that_ended_since_2014() -> None:
    path = OFFICIAL / "municipality_master" / "municipal_changes.json"
    changes = json.loads(path.read_text(encoding="utf-8"))["changes"]
    official: dict[str, tuple[str, str, list[str]]] = {}
    for change in changes:
        if change["date"] >= "2014-01-01":
            name, successors = (
                change["old"]["name"],
                official.get(change["old"]["code"], ("", "", []))[2],
            )
            official[change["old"]["code"]] = (
                change["date"],
                name,
                [*successors, change["new"]["code"]],
            )
    ours = {
        code: (gone.ended_on, gone.name.split(" ")[-1], list(gone.successors))
        for code, gone in former_codes().items()
    }
    assert ours == official


def test_the_model_regions_are_read_to_their_names() -> None:
    for row in rows(OFFICIAL / "model_regions" / "model_regions_2023-12-01.csv"):
        code = read_code(row["lgcode6"]).code
        known = prefectures()[code] if len(code) == 2 else local_bodies()[code]
        assert known.name == row["name"]


@pytest.mark.parametrize(
    ("name", "repaired", "refused"),
    [
        ("k01_leadzero_lost.csv", 2, 0),
        ("k03_bad_check.csv", 0, 2),
        ("k04_float_code.csv", 4, 0),
        ("k06_hamamatsu_old.csv", 0, 5),
        ("k09_same_name.csv", 0, 0),
        ("k11_rename.csv", 0, 1),
    ],
)
def test_awkward_files_are_repaired_or_refused(name: str, repaired: int, refused: int) -> None:
    mended = stopped = 0
    for row in rows(BAD_INPUTS / name):
        try:
            mended += bool(read_code(row["団体コード"]).note)
        except AreaError:
            stopped += 1
    assert (mended, stopped) == (repaired, refused)
