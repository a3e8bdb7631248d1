"""Schemes: the published division by regional bureau, and what a scheme file may not hold."""

import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from gunmane_analysis.areas import read_scheme, scheme_ids
from gunmane_analysis.areas.schemes import check_scheme
from gunmane_analysis.errors import AreaError
from gunmane_analysis.paths import HOME_VARIABLE

# jurisdiction of the regional bureaus by prefecture (国土交通省)
BUREAUS = {
    "hokkaido": ("北海道", [1]),
    "tohoku": ("東北", range(2, 8)),
    "kanto": ("関東", [*range(8, 15), 19, 20]),
    "hokuriku": ("北陸", range(15, 18)),
    "chubu": ("中部", range(21, 25)),
    "kinki": ("近畿", [18, *range(25, 31)]),
    "chugoku": ("中国", range(31, 36)),
    "shikoku": ("四国", range(36, 40)),
    "kyushu": ("九州", range(40, 47)),
    "okinawa": ("沖縄", [47]),
}


def halves() -> dict[str, Any]:
    """Return the content of a sound scheme of two blocks."""
    codes = [f"{number:02d}" for number in range(1, 48)]
    return {
        "title": "東西",
        "source": "試し",
        "note": "合成データ",
        "blocks": [
            {"block_id": "east", "name": "東", "kana": "ひがし", "prefectures": codes[:23]},
            {"block_id": "west", "name": "西", "kana": "にし", "prefectures": codes[23:]},
        ],
    }


@pytest.fixture
def schemes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a project's own schemes."""
    for name in ("notebooks", "data/raw", "schemes"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path / "schemes"


def write(folder: Path, scheme_id: str, content: Any) -> None:
    (folder / f"{scheme_id}.yml").write_text(
        yaml.safe_dump(content, allow_unicode=True), encoding="utf-8"
    )


def test_the_bureaus_and_their_prefectures() -> None:
    scheme = read_scheme("regional_bureaus")
    found = {
        block.block_id: (block.name, list(map(int, block.prefecture_codes)))
        for block in scheme.blocks
    }
    assert found == {key: (name, list(codes)) for key, (name, codes) in BUREAUS.items()}
    assert list(found) == list(BUREAUS)


def test_the_bureaus_are_the_default_and_say_what_they_are() -> None:
    scheme = read_scheme()
    assert scheme.scheme_id == "regional_bureaus"
    assert scheme.title == "地方整備局等の管轄による区分"
    assert "フォーラム" in scheme.note
    assert "組織令" in scheme.source


def test_every_packaged_scheme_is_sound() -> None:
    for scheme_id in scheme_ids():
        codes = [code for block in read_scheme(scheme_id).blocks for code in block.prefecture_codes]
        assert sorted(codes) == [f"{number:02d}" for number in range(1, 48)]


def test_a_scheme_of_the_project_is_found_beside_the_packaged_ones(schemes: Path) -> None:
    packaged = set(scheme_ids())
    write(schemes, "halves", halves())
    assert set(scheme_ids()) == packaged | {"halves"}
    assert [block.name for block in read_scheme("halves").blocks] == ["東", "西"]
    assert read_scheme("regional_bureaus") == read_scheme()


def test_an_edited_scheme_is_read_again(schemes: Path) -> None:
    write(schemes, "halves", halves())
    assert read_scheme("halves").title == "東西"
    write(schemes, "halves", halves() | {"title": "東と西"})
    later = (schemes / "halves.yml").stat().st_mtime_ns + 1_000_000_000
    os.utime(schemes / "halves.yml", ns=(later, later))
    assert read_scheme("halves").title == "東と西"


def test_a_scheme_of_the_project_may_not_hide_a_packaged_one(schemes: Path) -> None:
    write(schemes, "regional_bureaus", halves())
    with pytest.raises(AreaError, match="二つあります"):
        read_scheme("regional_bureaus")


@pytest.mark.parametrize(
    "scheme_id",
    ["", "none", "../regional_bureaus", "schemes/regional_bureaus", "regional_bureaus.yml", "-rf",
     ".hidden", "regional_bureaus\n", "REGIONAL_BUREAUS", "/etc/passwd", "地方"],
)  # fmt: skip
def test_only_a_known_id_is_read_and_never_a_path(scheme_id: str) -> None:
    with pytest.raises(AreaError, match="ありません") as refused:
        read_scheme(scheme_id)
    assert "regional_bureaus" in refused.value.expected


def test_a_file_outside_the_folder_cannot_be_reached(schemes: Path) -> None:
    write(schemes.parent, "halves", halves())
    with pytest.raises(AreaError):
        read_scheme("../halves")


def test_all_faults_are_told_at_once() -> None:
    content = halves()
    content["title"] = " "
    content["blocks"][0]["block_id"] = "../east"
    content["blocks"][0]["prefectures"].remove("05")
    content["blocks"][1]["prefectures"] += ["01", 13, "99"]
    del content["blocks"][1]["kana"]
    with pytest.raises(AreaError) as stopped:
        check_scheme("halves", content)
    for part in (
        "title がありません",
        "「../east」 は使えません",
        "05 秋田県 が入っていません",
        "01 北海道 が 2 回",
        "都道府県 13 が文字列ではありません",
        "都道府県 '99' はありません",
        "kana がありません",
        "7 件",
    ):
        assert part in stopped.value.found


@pytest.mark.parametrize("block_id", ["japan", "East", "1a", "e ast", "_x", "東", "a-b", "east\n"])
def test_a_block_id_must_be_usable_as_an_area_id(block_id: str) -> None:
    content = halves()
    content["blocks"][0]["block_id"] = block_id
    with pytest.raises(AreaError, match="使えません"):
        check_scheme("halves", content)


@pytest.mark.parametrize("key", ["block_id", "name"])
def test_blocks_may_not_share_an_id_or_a_name(key: str) -> None:
    content = halves()
    content["blocks"][1][key] = content["blocks"][0][key]
    with pytest.raises(AreaError, match=f"{key} .* が 2 回"):
        check_scheme("halves", content)


@pytest.mark.parametrize("content", [None, [], "text", {}, {"blocks": "all"}, {"blocks": ["x"]}])
def test_content_of_another_shape_is_refused(content: object) -> None:
    before = deepcopy(content)
    with pytest.raises(AreaError, match="blocks の"):
        check_scheme("shape", content)
    assert content == before


@pytest.mark.parametrize("raw", [b"title: [", "title: 東西".encode("cp932"), b"a: b: c"])
def test_a_file_that_is_no_yaml_is_named(raw: bytes, schemes: Path) -> None:
    (schemes / "broken.yml").write_bytes(raw)
    with pytest.raises(AreaError, match=r"broken\.yml"):
        read_scheme("broken")
