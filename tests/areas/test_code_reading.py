"""Codes as tables bring them: with check digit, without zero, as floats, wrong, ambiguous."""

import pytest

from gunmane_analysis.areas import check_digit, read_code
from gunmane_analysis.areas.code_reading import CodeReading
from gunmane_analysis.areas.master import former_codes, local_bodies, prefectures
from gunmane_analysis.errors import AreaError


def every_code() -> list[str]:
    return [*local_bodies(), *(f"{code}000" for code in prefectures())]


@pytest.mark.parametrize(
    ("text", "code"),
    [("05204", "05204"), ("052043", "05204"), ("011002", "01100"), ("012050", "01205"),
     ("131211", "13121"), ("221384", "22138"), ("01101", "01101"), ("05", "05"), ("47", "47"),
     ("010006", "01"), ("050008", "05"), ("05000", "05")],
)  # fmt: skip
def test_a_code_in_order_is_read_without_a_word(text: str, code: str) -> None:
    assert read_code(text) == CodeReading(code)


@pytest.mark.parametrize(
    ("text", "code", "restored"),
    [("11002", "01100", "011002"), ("12050", "01205", "012050"), ("10006", "01", "010006"),
     ("52043", "05204", "052043"), ("90000", "09", "090000")],
)  # fmt: skip
def test_a_lost_zero_that_the_check_digit_proves_is_repaired_and_told(
    text: str, code: str, restored: str
) -> None:
    reading = read_code(text)
    assert (reading.code, reading.note != "") == (code, True)
    assert text in reading.note
    assert restored in reading.note
    assert "先頭の0" in reading.note


def test_fifteen_texts_have_two_readings_and_stop() -> None:
    known = set(every_code())
    ambiguous = [
        five for five in known if f"0{five[:4]}" in known and check_digit(f"0{five[:4]}") == five[4]
    ]
    assert len(ambiguous) == 15
    for text in ambiguous:
        with pytest.raises(AreaError, match="二通り") as stopped:
            read_code(text)
        assert local_bodies()[text].name in stopped.value.found
        assert local_bodies()[f"0{text[:4]}"].name in stopped.value.found
        assert f"0{text}" in stopped.value.found


def test_twelve_of_them_are_between_municipalities() -> None:
    known = {code for code, body in local_bodies().items() if not body.is_ward}
    pairs = [
        five for five in known if f"0{five[:4]}" in known and check_digit(f"0{five[:4]}") == five[4]
    ]
    assert len(pairs) == 12


def test_the_form_of_the_column_settles_an_ambiguous_text() -> None:
    # さいたま市 is 11100; 札幌市清田区 is 011100
    assert read_code("11100", form="five") == CodeReading("11100")
    as_six = read_code("11100", form="six")
    assert (as_six.code, as_six.note != "") == ("01110", True)
    assert "011100" in as_six.note


def test_the_form_refuses_the_other_form() -> None:
    with pytest.raises(AreaError, match="05204（大館市）"):
        read_code("05204", form="six")
    with pytest.raises(AreaError, match="011002（札幌市）"):
        read_code("11002", form="five")


def test_every_code_is_read_back_from_six_digits() -> None:
    for code in every_code():
        wanted = code[:2] if code.endswith("000") else code
        for form in ("any", "five", "six"):
            assert read_code(code + check_digit(code), form=form) == CodeReading(wanted)


def test_every_code_of_the_first_nine_prefectures_survives_the_loss_of_its_zero() -> None:
    for code in every_code():
        if code.startswith("0"):
            reading = read_code((code + check_digit(code))[1:], form="six")
            assert reading.note
            assert reading.code == (code[:2] if code.endswith("000") else code)


@pytest.mark.parametrize("wrong", [digit for digit in "0123456789" if digit != "2"])
def test_a_wrong_check_digit_names_the_value_and_the_right_digit(wrong: str) -> None:
    with pytest.raises(AreaError, match=f"「01100{wrong}」.*なら 2 です"):
        read_code(f"01100{wrong}")


@pytest.mark.parametrize("text", ["271400", "131011", "052403"])
def test_swapped_and_mistyped_digits_are_refused(text: str) -> None:
    with pytest.raises(AreaError, match="検査数字"):
        read_code(text)


@pytest.mark.parametrize(
    ("text", "named"), [("1100", "01100（札幌市）"), ("5204", "05204（大館市）"), ("9201", "09201")]
)
def test_four_digits_have_nothing_that_proves_the_zero(text: str, named: str) -> None:
    with pytest.raises(AreaError, match="4桁") as refused:
        read_code(text)
    assert named in refused.value.advice
    assert "文字列" in refused.value.advice


@pytest.mark.parametrize(
    ("text", "code"),
    [("11002.0", "01100"), ("131016.00", "13101"), ("13101.0", "13101"), ("221384.0", "22138"),
     ("1.31016E+05", "13101"), ("1.1002e4", "01100"), ("2.71004E+05", "27100")],
)  # fmt: skip
def test_numbers_with_every_digit_left_are_repaired_and_told(text: str, code: str) -> None:
    reading = read_code(text)
    assert (reading.code, reading.note != "") == (code, True)
    assert text in reading.note


@pytest.mark.parametrize(
    "text",
    ["1.3102E+05", "1.31E+05", "1.310160E+05", "1E5", "1.31016E+06", "11002.5",
     "13101.6", "1.31016E-05", "11100.0"],
)  # fmt: skip
def test_numbers_that_lost_digits_or_stay_ambiguous_are_refused(text: str) -> None:
    with pytest.raises(AreaError, match=r"指数|番号ではありません|二通り"):
        read_code(text)


@pytest.mark.parametrize(
    "text", ["０１１００２", "０1１00２", " 011002", "011002\u3000", "011002\n"]
)
def test_full_width_digits_and_spaces_are_put_right_and_told(text: str) -> None:
    reading = read_code(text)
    assert (reading.code, reading.note != "") == ("01100", True)
    assert "整えました" in reading.note


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "札幌市", "japan", "tohoku", "0x1100", "-11002", "+11002", "1_1002", "01 1002",
     "٠١١٠٠", "../05204", "'011002", "1,100", "5", "00", "48", "99999", "000000", "0110020",
     "00000"],
)  # fmt: skip
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(AreaError):
        read_code(text)


def test_a_valid_check_digit_does_not_make_a_code_known() -> None:
    with pytest.raises(AreaError, match="検査数字は合っています"):
        read_code(f"05999{check_digit('05999')}")


def test_a_code_out_of_force_stops_and_names_its_date_and_heirs() -> None:
    with pytest.raises(AreaError, match=r"2018-10-01.*40231 那珂川市"):
        read_code("403059")
    with pytest.raises(AreaError, match="22138 浜松市 中央区・22139 浜松市 浜名区"):
        read_code("221350")


def test_a_code_out_of_force_can_be_kept_for_an_older_table() -> None:
    reading = read_code("40305", former="keep")
    assert (reading.code, reading.note != "") == ("40305", False)
    assert former_codes()["40305"].successors == ("40231",)
    # the town of the same name in Tochigi is another and in force
    assert read_code("094111", former="keep") == CodeReading("09411")


def test_the_seven_wards_that_hamamatsu_gave_up_keep_their_published_check_digits() -> None:
    # 総務省「全国地方公共団体コード」, before 2024-01-01
    published = ["221317", "221325", "221333", "221341", "221350"]
    read = [read_code(code, former="keep").code for code in published]
    assert read == ["22131", "22132", "22133", "22134", "22135"]
    assert all(code in former_codes() for code in read)
