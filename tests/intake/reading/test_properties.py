"""What must hold for every number, every day of every era, every code."""

from __future__ import annotations

import datetime

from hypothesis import given
from hypothesis import strategies as st

from gunmane_analysis.areas import check_digit
from gunmane_analysis.areas.master import local_bodies, northern_villages
from gunmane_analysis.intake.forms import read_form
from gunmane_analysis.intake.places import CodeRules, ResolvedCode
from gunmane_analysis.intake.reading.issues import CellError
from gunmane_analysis.intake.reading.text_files import decode, split_records
from gunmane_analysis.intake.reading.values import (
    ERAS,
    Mark,
    Number,
    fiscal_year_of,
    read_date,
    read_number,
)

FULL_WIDTH = str.maketrans("0123456789,.-", "０１２３４５６７８９，．－")
NAMES = ["札幌市", "大館市", "那珂川市", "京都市", "〒〜①髙﨑"]

FORM = read_form("municipal_staffing")


@given(st.integers(-(10**12), 10**12), st.booleans(), st.sampled_from(["-", "△", "▲", "−", "－"]))
def test_a_whole_number_is_read_however_it_is_written(
    number: int, is_full_width: bool, minus: str
) -> None:
    for written in (str(number), f"{number:,}"):
        shown = written.translate(FULL_WIDTH) if is_full_width else written
        shown = minus + shown[1:] if number < 0 else shown
        assert read_number(shown, {}) == Number(float(number))


@given(st.text(max_size=30))
def test_any_text_is_a_number_a_mark_or_a_reason(text: str) -> None:
    found = read_number(text, {"-": "none"})
    assert isinstance(found, Number | Mark | CellError)
    if isinstance(found, Number):
        assert not any(letter.isalpha() for letter in text)


@given(st.integers(1_000, 999_999), st.integers(1, 5))
def test_a_separator_in_another_place_is_refused(number: int, place: int) -> None:
    digits = str(number)
    if place < len(digits) and len(digits) - place != 3:
        assert isinstance(read_number(f"{digits[:place]},{digits[place:]}", {}), CellError)


@given(st.dates(datetime.date(1873, 1, 1), datetime.date(2099, 12, 31)))
def test_every_day_is_read_in_its_era_and_refused_in_the_others(day: datetime.date) -> None:
    for era in ERAS:
        year = day.year - era.first_on.year + 1
        if not 1 <= year <= 99:
            continue
        for written in (
            f"{era.name}{year}年{day.month}月{day.day}日",
            f"{era.letter}{year}.{day.month}.{day.day}",
        ):
            found = read_date(written)
            assert (found == day) == (era.first_on <= day <= era.last_on)


@given(st.dates(datetime.date(1990, 1, 1), datetime.date(2060, 1, 1)))
def test_a_fiscal_year_holds_its_day(day: datetime.date) -> None:
    year = fiscal_year_of(day)
    assert datetime.date(year, 4, 1) <= day < datetime.date(year + 1, 4, 1)


@given(st.sampled_from(sorted(local_bodies())), st.integers(0, 9))
def test_only_the_right_check_digit_is_read(code: str, digit: int) -> None:
    found = CodeRules("six", "2024-04-01", FORM).read(f"{code}{digit}")
    if str(digit) == check_digit(code):
        assert isinstance(found, ResolvedCode)
        assert found.code == code
    else:
        assert isinstance(found, CellError)


@given(
    st.lists(st.sampled_from(NAMES[:4]), min_size=1, max_size=5),
    st.sampled_from(["utf-8", "utf-8-sig", "cp932", "utf-16"]),
)
def test_a_text_survives_its_encoding(names: list[str], encoding: str) -> None:
    text = "団体コード,団体名\n" + "".join(f"011002,{name}\n" for name in names)
    decoded, _ = decode(text.encode(encoding))
    assert decoded == text
    assert [row[1] for row in split_records(decoded)[0][1:]] == names


def test_four_digits_of_a_column_of_five_mean_the_code_with_its_zero() -> None:
    def read(digits: str) -> ResolvedCode | CellError:
        return CodeRules("five", "2024-04-01", FORM).read(digits)

    listed = [code for code in local_bodies() if code.startswith("0")]
    for code in (*listed, "01000", "09000", *northern_villages(), "05801"):
        assert read(code[1:]) == read(code)
        assert isinstance(read(code), ResolvedCode)
    nobody = read("9199")
    assert isinstance(nobody, CellError) and nobody.code == "code-of-nobody"
