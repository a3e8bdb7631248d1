"""Regions as typed on the command line."""

from pathlib import Path

import pytest
import yaml

from gunmane_analysis.areas import list_areas, parse_regions
from gunmane_analysis.errors import AreaError


def ids(text: str) -> list[str]:
    return [area.area_id for area in parse_regions(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tohoku,05,japan,05204", ["tohoku", "05", "japan", "05204"]),
        ("秋田県,東北,大館市", ["05", "tohoku", "05204"]),
        ("秋田県、全国", ["05", "japan"]),
        (" 05 , tohoku ,", ["05", "tohoku"]),
        ("０５，ｔｏｈｏｋｕ", ["05", "tohoku"]),
        ("05,秋田県,050008,052043", ["05", "05204"]),
        ("11100", ["11100"]),
        ("広島県府中市,東京都府中市", ["34208", "13206"]),
        ("栃木県那珂川町,福岡県那珂川市,那珂川市", ["09411", "40231"]),
        ("沖縄,沖縄県", ["okinawa", "47"]),
    ],
)
def test_ids_and_unique_names_are_found_in_order_and_once(text: str, found: list[str]) -> None:
    assert ids(text) == found


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("府中市", ["13206", "34208"]),
        ("伊達市", ["01233", "07213"]),
        ("池田町", ["01644", "18382", "20481", "21404"]),
        ("美郷町", ["05434", "32448", "45431"]),
        ("北海道", ["hokkaido", "01"]),
        ("中央区", ["13102"]),
        ("那珂川町", ["09411", "40305", "40231"]),
    ],
)
def test_a_shared_name_is_refused_with_the_codes_to_choose_from(
    name: str, codes: list[str]
) -> None:
    with pytest.raises(AreaError, match="一つの地域に決まりません") as refused:
        parse_regions(name)
    assert all(code in refused.value.found for code in codes)


def test_25_names_are_shared_by_municipalities() -> None:
    # published count of names that repeat nationwide
    names = [town.name for town in list_areas("municipality")]
    shared = sorted({name for name in names if names.count(name) > 1})
    assert len(shared) == 25
    for name in shared:
        with pytest.raises(AreaError):
            parse_regions(name)


def test_every_unknown_item_is_in_one_message() -> None:
    with pytest.raises(AreaError, match="4 件") as refused:
        parse_regions("05,tohokuu,秋田,../x,05999")
    told = refused.value.found.splitlines()
    assert len(told) == 5
    assert "tohoku（東北）" in told[1]
    assert "05（秋田県）" in told[2]
    assert "「../x」" in told[3]
    assert "05999" in told[4]


def test_romaji_of_a_prefecture_leads_to_its_code() -> None:
    with pytest.raises(AreaError) as refused:
        parse_regions("Akita")
    assert "もしや: 05（秋田県）" in refused.value.found
    assert "11" not in refused.value.found


def test_a_name_that_ended_leads_to_its_heir() -> None:
    with pytest.raises(AreaError, match="04216 富谷市"):
        parse_regions("富谷町")


@pytest.mark.parametrize("text", ["", " ", ",", "、,"])
def test_an_empty_request_is_refused(text: str) -> None:
    with pytest.raises(AreaError, match="空"):
        parse_regions(text)


@pytest.mark.parametrize(
    "item", ["../x", "-rf", ".hidden", "05\n", "a/b", "\x1b[31m", "11002", "1100"]
)
def test_nothing_dangerous_passes(item: str) -> None:
    with pytest.raises(AreaError) as refused:
        parse_regions(f"05,{item}")
    assert "\x1b" not in str(refused.value)


def test_names_of_blocks_follow_the_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [f"{number:02d}" for number in range(1, 48)]
    for folder in ("notebooks", "data/raw", "schemes"):
        (tmp_path / folder).mkdir(parents=True)
    content = {
        "title": "東西",
        "source": "試し",
        "note": "合成データ",
        "blocks": [
            {"block_id": "east", "name": "東", "kana": "ひがし", "prefectures": codes[:23]},
            {"block_id": "west", "name": "西", "kana": "にし", "prefectures": codes[23:]},
        ],
    }
    (tmp_path / "schemes" / "halves.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    monkeypatch.setenv("GUNMANE_HOME", str(tmp_path))
    east, odate = parse_regions("東,05204", "halves")
    assert (east.area_id, odate.ancestor("block")) == ("east", east)
    with pytest.raises(AreaError):
        parse_regions("東北", "halves")
    with pytest.raises(AreaError):
        parse_regions("東")
