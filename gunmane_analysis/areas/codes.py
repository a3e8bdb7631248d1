"""The arithmetic and the shape of local bodies' codes, without any table."""

from __future__ import annotations

import operator
import re
import unicodedata

from gunmane_analysis.refusals import refusal

_WEIGHTS = (6, 5, 4, 3, 2)
_AREA_ID = re.compile(r"japan|[a-z_]+|[0-9]{2}|[0-9]{5}")
_SHOWN_CHARACTERS = 40


def check_digit(five_digits: str) -> str:
    """Return the check digit of a five-digit code.

    The digits are weighted 6, 5, 4, 3, 2; with r the sum modulo 11, the check digit is the
    last digit of 11 - r.

    Parameters
    ----------
    five_digits : str
        A JIS X 0402 code, or a prefecture code followed by ``000``.

    Returns
    -------
    str
        One digit.

    Raises
    ------
    AreaError
        If the text is not five ASCII digits.

    References
    ----------
    総務省「全国地方公共団体コード」仕様（検査数字の算出方法）.

    Examples
    --------
    >>> check_digit("01100"), check_digit("13121")
    ('2', '1')
    """
    if not (len(five_digits) == 5 and five_digits.isascii() and five_digits.isdigit()):
        raise refusal("check-digit", shown=quoted(five_digits))
    weighted = sum(map(operator.mul, map(int, five_digits), _WEIGHTS))
    return str((11 - weighted % 11) % 10)


def is_area_id(text: str) -> bool:
    r"""Tell whether a text has the form of an area id, the only thing that becomes a path.

    Examples
    --------
    >>> [is_area_id(text) for text in ("05204", "tohoku", "../x", "05\n")]
    [True, True, False, False]
    """
    return _AREA_ID.fullmatch(text) is not None


def quoted(text: str) -> str:
    r"""Return a text for use in a message: control characters replaced, at most 40 characters.

    Examples
    --------
    >>> quoted("05\n204")
    '「05�204」'
    """
    shown = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character)[0] == "C" else character
        for character in text[:_SHOWN_CHARACTERS]
    )
    return f"「{shown}{'…' if len(text) > _SHOWN_CHARACTERS else ''}」"
