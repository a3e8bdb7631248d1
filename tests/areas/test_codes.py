"""Check digits against published 団体コード; the form of area ids; text fit for a message."""

import pytest

from gunmane_analysis.areas.codes import check_digit, is_area_id, quoted
from gunmane_analysis.errors import AreaError

# 総務省「全国地方公共団体コード」: 札幌市, 室蘭市, 足立区, 千代田区, 大阪市, 那覇市, 大館市,
# 浜松市中央区, then the prefectures 北海道, 東京都, 秋田県
PUBLISHED = ["011002", "012050", "131211", "131016", "271004", "472018", "052043", "221384",
             "010006", "130001", "050008"]  # fmt: skip


@pytest.mark.parametrize("code", PUBLISHED)
def test_check_digit_is_the_published_one(code: str) -> None:
    assert check_digit(code[:5]) == code[5]


@pytest.mark.parametrize(
    ("five", "digit"),
    [
        # 1*4 = 4, 11 - 4 = 7; 1*3 + 4*2 = 11, r = 0, 11 - 0 = 11 -> 1; 1*6 + 3*2 = 12, r = 1 -> 0
        ("00100", "7"),
        ("00014", "1"),
        ("10003", "0"),
    ],
)
def test_check_digit_worked_by_hand(five: str, digit: str) -> None:
    assert check_digit(five) == digit


@pytest.mark.parametrize("text", ["", "1100", "011002", "0110a", "０１１００", "01100\n", "-1100"])
def test_check_digit_takes_five_ascii_digits_only(text: str) -> None:
    with pytest.raises(AreaError, match="半角数字5桁"):
        check_digit(text)


@pytest.mark.parametrize("area_id", ["japan", "tohoku", "05", "05204", "kyushu_okinawa"])
def test_ids_that_may_become_a_path(area_id: str) -> None:
    assert is_area_id(area_id)


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "../x", "a/b", "a\\b", "-rf", ".hidden", "05\n", "tohoku\n", "Tohoku", "052043",
     "５", "05 ", " 05", "~", "C:", "05\x00", "東北", "tohoku1"],
)  # fmt: skip
def test_anything_else_is_no_id(text: str) -> None:
    assert not is_area_id(text)


def test_a_message_shows_no_control_character_and_no_long_text() -> None:
    assert (
        quoted("\x1b[31m\u202e赤") == "「\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}赤」"
    )
    assert quoted("あ" * 50) == f"「{'あ' * 40}…」"
