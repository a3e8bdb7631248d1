"""Areas: what they are, how they nest, and what is no area."""

import dataclasses

import pytest

from gunmane_analysis.areas import Area, children, find_area, list_areas
from gunmane_analysis.errors import AreaError


def test_the_nation() -> None:
    nation = find_area("japan")
    assert (nation.kind, nation.name, nation.parent) == ("nation", "全国", None)
    assert nation.prefecture_codes == tuple(f"{number:02d}" for number in range(1, 48))
    assert nation.lineage == (nation,)


def test_a_municipality_and_its_lineage() -> None:
    odate = find_area("05204")
    assert (odate.kind, odate.name, odate.kana) == ("municipality", "大館市", "おおだてし")
    assert odate.prefecture_codes == ("05",)
    assert odate.full_name == "秋田県大館市"
    assert [area.name for area in odate.lineage] == ["大館市", "秋田県", "東北", "全国"]
    assert {area.scheme_id for area in odate.lineage} == {"regional_bureaus"}


@pytest.mark.parametrize(
    ("area_id", "found"),
    [("05", "05"), ("05204", "05204"), ("052043", "05204"), ("010006", "01"), ("05000", "05"),
     ("kanto", "kanto"), ("11100", "11100")],
)  # fmt: skip
def test_ids_and_six_digit_codes_are_found(area_id: str, found: str) -> None:
    assert find_area(area_id).area_id == found


@pytest.mark.parametrize(
    ("prefecture", "block"),
    [("15", "北陸"), ("18", "近畿"), ("19", "関東"), ("20", "関東"), ("22", "中部"), ("24", "中部"),
     ("35", "中国")],
)  # fmt: skip
def test_prefectures_at_the_seams_lie_in_the_bureau_s_block(prefecture: str, block: str) -> None:
    assert find_area(prefecture).ancestor("block").name == block


def test_ancestors() -> None:
    odate = find_area("05204")
    assert odate.ancestor("municipality") is odate
    assert odate.ancestor("nation").area_id == "japan"
    with pytest.raises(AreaError, match="東北（地方）を含む都道府県はありません"):
        find_area("tohoku").ancestor("prefecture")


def test_how_many_of_each() -> None:
    counts = [len(list_areas(kind)) for kind in ("nation", "block", "prefecture", "municipality")]
    assert counts == [1, 10, 47, 1741]


def test_lists_come_in_code_order_and_blocks_from_north_to_south() -> None:
    for kind in ("prefecture", "municipality"):
        codes = [area.area_id for area in list_areas(kind)]
        assert codes == sorted(set(codes))
    assert [area.area_id for area in list_areas("block")] == [
        "hokkaido", "tohoku", "kanto", "hokuriku", "chubu", "kinki", "chugoku", "shikoku",
        "kyushu", "okinawa",
    ]  # fmt: skip


def test_children_of_each_kind() -> None:
    assert children(find_area("japan")) == list_areas("block")
    assert [child.area_id for child in children(find_area("kinki"))] == [
        "18", "25", "26", "27", "28", "29", "30"
    ]  # fmt: skip
    # 秋田県: 13 cities, 9 towns, 3 villages
    assert len(children(find_area("05"))) == 25
    # 北海道: 179 municipalities, the largest number
    assert len(children(find_area("01"))) == 179
    assert children(find_area("05204")) == ()


def test_the_children_of_all_blocks_and_prefectures_are_everything_once() -> None:
    prefectures = [child for block in list_areas("block") for child in children(block)]
    assert sorted(area.area_id for area in prefectures) == [
        area.area_id for area in list_areas("prefecture")
    ]
    towns = [child for prefecture in list_areas("prefecture") for child in children(prefecture)]
    assert tuple(towns) == list_areas("municipality")


def test_full_names_are_unique_where_names_are_not() -> None:
    towns = list_areas("municipality")
    assert len({town.full_name for town in towns}) == 1741
    assert len({town.name for town in towns}) < 1741


def test_nakagawa_town_and_nakagawa_city_are_two() -> None:
    assert find_area("09411").full_name == "栃木県那珂川町"
    assert find_area("40231").full_name == "福岡県那珂川市"


@pytest.mark.parametrize(
    "area_id",
    ["", "../x", "..", "-rf", ".hidden", "05\n", "05204\n", " 05", "tohoku/", "/etc/passwd",
     "Japan", "０５", "秋田", "05204 ", "00", "48", "99999", "1", "5204", "0520430", "05\x00",
     "x" * 10_000],
)  # fmt: skip
def test_what_is_no_area_id_is_refused(area_id: str) -> None:
    with pytest.raises(AreaError) as refused:
        find_area(area_id)
    assert len(refused.value.found) < 200
    assert "\n" not in refused.value.found


def test_a_slip_of_the_hand_gets_a_suggestion() -> None:
    with pytest.raises(AreaError, match="登録がありません") as refused:
        find_area("tohokuu")
    assert "tohoku（東北）" in refused.value.advice


def test_nothing_is_repaired_in_an_id() -> None:
    with pytest.raises(AreaError) as refused:
        find_area("11002")
    assert "011002（札幌市）" in refused.value.advice
    with pytest.raises(AreaError, match="なら 3 です"):
        find_area("052044")


def test_a_ward_of_a_designated_city_leads_to_its_city() -> None:
    with pytest.raises(AreaError, match="札幌市 中央区") as refused:
        find_area("01101")
    assert refused.value.expected == "01100（北海道札幌市）"


def test_a_former_code_leads_to_its_heir() -> None:
    with pytest.raises(AreaError, match="40231 那珂川市"):
        find_area("40305")


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(AreaError, match="地方区分"):
        find_area("japan", "../regional_bureaus")


def test_an_area_cannot_be_changed_nor_made_with_a_dangerous_id() -> None:
    odate = find_area("05204")
    with pytest.raises(dataclasses.FrozenInstanceError):
        odate.name = "別"  # type: ignore[misc]
    with pytest.raises(AreaError, match="使えない"):
        Area("../x", "block", "東", "ひがし", ("01",), None, "regional_bureaus")


def test_equal_areas_are_equal_and_can_be_keys() -> None:
    assert find_area("052043") == find_area("05204")
    assert len({find_area("05"), find_area("050008"), find_area("06")}) == 2


@pytest.mark.parametrize(
    ("name", "area_id"),
    [("秋田県", "05"), ("大館市", "05204"), ("広島県府中市", "34208"), ("東北", "tohoku")],
)
def test_a_name_that_one_area_has_is_found(name: str, area_id: str) -> None:
    assert find_area(name).area_id == area_id


@pytest.mark.parametrize("name", ["府中市", "北海道", "中央区", "那珂川町"])
def test_a_name_that_several_areas_have_is_refused_with_the_choice(name: str) -> None:
    with pytest.raises(AreaError, match="一つの地域に決まりません"):
        find_area(name)


def test_an_area_is_returned_unchanged() -> None:
    odate = find_area("05204")
    assert find_area(odate) is odate


@pytest.mark.parametrize("number", [5, 5204, 5.0, None, ["05"]])
def test_a_code_that_became_a_number_is_refused_with_the_flag_to_use(number: object) -> None:
    with pytest.raises(AreaError, match=r"-r area_id 05"):
        find_area(number)  # type: ignore[arg-type]


def test_an_unknown_kind_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(AreaError, match="prefectures") as refused:
        list_areas("prefectures")
    assert "prefecture" in refused.value.expected.split("、")


def test_jupyterlab_shows_the_message_of_an_error_and_no_traceback() -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.io import capture_output

    shell = InteractiveShell()
    with capture_output() as shown:
        shell.run_cell("from gunmane_analysis import find_area\nfind_area('秋田')")
    assert "もしや: 05（秋田県）" in shown.stdout
    assert "Traceback" not in shown.stdout
    assert "lookup.py" not in shown.stdout
