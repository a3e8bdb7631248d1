"""The master: its counts, its check digits, its corrections and the codes before it."""

import subprocess
import sys
from collections import Counter

import pytest

from gunmane_analysis.areas import check_digit
from gunmane_analysis.areas.master import (
    LocalBody,
    correct_bodies,
    former_codes,
    local_bodies,
    prefectures,
    restore_bodies,
)
from gunmane_analysis.errors import AreaError

SAPPORO = {"pid": "1", "cid": "1100", "lgcode": "11002", "city": "札幌市", "citykana": "さっぽろし"}
CHIYODA = {
    "pid": "13",
    "cid": "13101",
    "lgcode": "131016",
    "city": "千代田区",
    "citykana": "ちよだく",
}


def test_there_are_1741_municipalities() -> None:
    # 総務省 (2018-10-01 on): 792 cities, 743 towns, 183 villages, 23 special wards
    kinds = Counter(body.name[-1] for body in local_bodies().values() if not body.is_ward)
    assert kinds == {"市": 792, "町": 743, "村": 183, "区": 23}
    assert kinds.total() == 1741


def test_the_special_wards_are_those_of_tokyo() -> None:
    wards = [code for code, body in local_bodies().items() if body.name.endswith("区")]
    special = [code for code in wards if not local_bodies()[code].is_ward]
    assert special == [f"131{number:02d}" for number in range(1, 24)]


def test_every_ward_belongs_to_one_of_the_twenty_designated_cities() -> None:
    cities = {(code[:2], body.name) for code, body in local_bodies().items() if not body.is_ward}
    owners = {
        (code[:2], body.name.split(" ")[0]) for code, body in local_bodies().items() if body.is_ward
    }
    assert owners <= cities
    assert len(owners) == 20


def test_hamamatsu_has_the_three_wards_of_2024() -> None:
    wards = [code for code, body in local_bodies().items() if body.name.startswith("浜松市 ")]
    assert wards == ["22138", "22139", "22140"]
    assert [code + check_digit(code) for code in wards] == ["221384", "221392", "221406"]


def test_the_northern_territories_are_not_in_the_master() -> None:
    assert not {f"0{number}" for number in range(1695, 1701)} & set(local_bodies())


def test_every_kana_is_hiragana_and_ends_as_its_name_does() -> None:
    endings = {"市": ("し",), "区": ("く",), "町": ("ちょう", "まち"), "村": ("むら", "そん")}
    for body in local_bodies().values():
        assert all("ぁ" <= character <= "ゖ" or character in "ー " for character in body.kana)
        assert body.kana.endswith(endings[body.name[-1]])
    for prefecture in prefectures().values():
        assert all("ぁ" <= character <= "ゖ" for character in prefecture.kana)


def test_there_are_47_prefectures_in_code_order() -> None:
    assert list(prefectures()) == [f"{number:02d}" for number in range(1, 48)]
    assert {code[:2] for code in local_bodies()} == set(prefectures())
    assert len({prefecture.romaji for prefecture in prefectures().values()}) == 47


def test_one_prefecture_from_each_end() -> None:
    assert [prefectures()[code].name for code in ("01", "13", "26", "27", "47")] == [
        "北海道", "東京都", "京都府", "大阪府", "沖縄県"
    ]  # fmt: skip
    assert prefectures()["30"].kana == "わかやまけん"


def test_zeros_come_back_and_rows_come_in_code_order() -> None:
    bodies = restore_bodies([CHIYODA, SAPPORO], 2)
    assert list(bodies) == ["01100", "13101"]
    assert bodies["01100"] == LocalBody("01100", "札幌市", "さっぽろし")


def test_all_contradictory_rows_are_told_at_once() -> None:
    rows = [SAPPORO | {"lgcode": "11003"}, CHIYODA | {"pid": "14"}, SAPPORO, SAPPORO]
    with pytest.raises(AreaError) as stopped:
        restore_bodies(rows, 5)
    for part in ("11003", "131016", "二重", "行数 4（5 のはず）"):
        assert part in stopped.value.found


CORRECTION = {
    "code": "01100",
    "found": {"name": "札幌市", "kana": "さっぽろし"},
    "correct": {"name": "札幌市", "kana": "サッポロシ"},
    "reason": "試し",
}


def test_a_correction_changes_a_copy() -> None:
    bodies = restore_bodies([SAPPORO, CHIYODA], 2)
    before = dict(bodies)
    corrected = correct_bodies(bodies, [CORRECTION], 2)
    assert corrected["01100"].kana == "サッポロシ"
    assert bodies == before


def test_a_correction_takes_away_and_adds() -> None:
    bodies = restore_bodies([SAPPORO], 1)
    added = {"code": "01101", "found": None, "correct": {"name": "新市", "kana": "しんし"}}
    corrected = correct_bodies(
        bodies, [CORRECTION | {"correct": None}, added | {"reason": "試し"}], 1
    )
    assert corrected == {"01101": LocalBody("01101", "新市", "しんし")}


@pytest.mark.parametrize("found", [None, {"name": "札幌村", "kana": "さっぽろし"}])
def test_a_correction_that_no_longer_matches_stops(found: dict[str, str] | None) -> None:
    with pytest.raises(AreaError, match="01100（試し）"):
        correct_bodies(restore_bodies([SAPPORO], 1), [CORRECTION | {"found": found}], 1)


def test_a_lost_municipality_stops() -> None:
    with pytest.raises(AreaError, match="0 あります"):
        correct_bodies(
            restore_bodies([SAPPORO], 1), [CORRECTION | {"correct": None}], municipality_count=1
        )


def test_former_codes_are_gone_and_their_heirs_are_there() -> None:
    assert not set(former_codes()) & set(local_bodies())
    for gone in former_codes().values():
        assert gone.successors
        assert set(gone.successors) <= set(local_bodies())


def test_the_masters_cannot_be_changed() -> None:
    for master in (local_bodies(), prefectures(), former_codes()):
        with pytest.raises(TypeError):
            master["01100"] = None  # type: ignore[index]


def test_importing_reads_nothing_and_runs_no_foreign_package() -> None:
    script = (
        "import sys, gunmane_analysis.areas\n"
        "from gunmane_analysis.areas import master\n"
        "count = lambda: master.local_bodies.cache_info().currsize\n"
        "print(count(), 'japancode' in sys.modules)\n"
        "gunmane_analysis.areas.find_area('05204')\n"
        "print(count(), 'japancode' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["0 False", "1 False"]
