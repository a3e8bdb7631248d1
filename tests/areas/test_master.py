"""The master: its counts, its check digits, its corrections and the codes before it."""

import importlib.util
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from gunmane_analysis.areas import check_digit
from gunmane_analysis.areas.master import REFERENCE_DATA, former_codes, local_bodies, prefectures


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


def test_the_master_is_the_list_of_japancode_with_the_documented_corrections() -> None:
    spec = importlib.util.find_spec("japancode")
    assert spec is not None and spec.origin is not None
    path = Path(spec.origin).parent / "data" / "municipalities.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    facts = yaml.safe_load((REFERENCE_DATA / "corrections.yml").read_text(encoding="utf-8"))
    documented = facts["municipality_master"]
    assert len(rows) == documented["delivered_rows"]
    delivered = {}
    for row in rows:  # its codes lost their leading zeros
        code = row["cid"].zfill(5)
        assert row["lgcode"].zfill(6) == code + check_digit(code)
        assert row["pid"].zfill(2) == code[:2]
        assert code not in delivered
        delivered[code] = {"name": row["city"], "kana": row["citykana"]}
        if code in local_bodies():
            assert local_bodies()[code].town_hall == (float(row["lat"]), float(row["lng"]))
    for correction in documented["corrections"]:
        code, correct = correction["code"], correction["correct"]
        assert delivered.pop(code, None) == correction["found"], correction["reason"]
        delivered |= {} if correct is None else {code: correct}
    ours = {code: {"name": b.name, "kana": b.kana} for code, b in local_bodies().items()}
    assert ours == delivered
    assert list(ours) == sorted(ours)


def test_every_municipality_has_its_town_hall() -> None:
    assert all(body.town_hall for body in local_bodies().values() if not body.is_ward)


def test_former_codes_are_gone_and_their_heirs_are_there() -> None:
    assert not set(former_codes()) & set(local_bodies())
    for gone in former_codes().values():
        assert gone.successors
        assert set(gone.successors) <= set(local_bodies())


def test_the_masters_cannot_be_changed() -> None:
    for master in (local_bodies(), prefectures(), former_codes()):
        with pytest.raises(TypeError):
            master["01100"] = None  # type: ignore[index]


def test_importing_reads_nothing() -> None:
    script = (
        "import gunmane_analysis.areas\n"
        "from gunmane_analysis.areas import master\n"
        "count = lambda: master.local_bodies.cache_info().currsize\n"
        "print(count())\n"
        "gunmane_analysis.areas.find_area('05204')\n"
        "print(count())\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["0", "1"]
