"""How numbers are worded in Japanese: one place for units, signs and rounding."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Kind = Literal["text", "count", "number", "rate", "change", "year", "money"]
NOT_APPLICABLE = "－"
MISSING = "…"
CONCEALED = "x"
FALL = "△"
# What a reader sees in place of a number; screen readers hear the words.
MARKERS: Mapping[str, str] = MappingProxyType(
    {NOT_APPLICABLE: "該当なし", MISSING: "数値なし", CONCEALED: "秘匿"}
)
JPY_PER_MAN = 10_000.0
_SMALLEST_P = 0.001
_JPY_PER_OKU = 100_000_000.0


def is_missing(value: object) -> bool:
    """Whether a cell holds no value."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def format_value(value: object, kind: Kind, decimals: int = 0) -> str:
    """Word one cell without its unit (the unit stands in the column's heading).

    Rates are shown in percent, changes in percent with △ for a fall, money in yen.

    Examples
    --------
    >>> format_value(709421, "count"), format_value(-0.2169, "change", 1)
    ('709,421', '△21.7')
    >>> format_value(float("nan"), "count")
    '…'
    """
    if is_missing(value):
        return MISSING
    if kind == "text" or value in MARKERS:
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    if kind == "year":
        return str(int(number))
    if kind in ("rate", "change"):
        number *= 100.0
    shown = f"{abs(number):,.{decimals}f}"
    return f"{FALL}{shown}" if number < 0 and float(shown.replace(",", "")) != 0 else shown


def share(rate: float, decimals: int = 1) -> str:
    """Word a share in percent without the sign: 0.0510 is ``5.1``."""
    return format_value(rate, "rate", decimals)


def percent(rate: float, decimals: int = 1) -> str:
    """Word a share in percent: 0.0510 is ``5.1%``.

    Examples
    --------
    >>> percent(5 / 98)
    '5.1%'
    """
    return f"{share(rate, decimals)}%"


def change_words(rate: float, decimals: int = 1) -> str:
    """Word a change as a fall or a rise.

    Examples
    --------
    >>> change_words(-0.217), change_words(0.048), change_words(0.00001)
    ('21.7%減', '4.8%増', '横ばい')
    """
    size = f"{abs(rate) * 100.0:.{decimals}f}"
    if float(size) == 0.0:
        return "横ばい"
    return f"{size}%{'減' if rate < 0 else '増'}"


def signed_words(value: float, decimals: int = 0) -> str:
    """Word a number with its sign: ``+5``, ``△1,234``.

    Examples
    --------
    >>> signed_words(-1234.4), signed_words(0.125, 2)
    ('△1,234', '+0.12')
    """
    return f"{value:+,.{decimals}f}".replace("-", "△")


def short_name(name: str) -> str:
    """Return an area's name without its kind, where more than one character is left.

    Examples
    --------
    >>> short_name("京都府"), short_name("北海道"), short_name("津市")
    ('京都', '北海道', '津市')
    """
    return name[:-1] if len(name) > 2 and name[-1] in "都府県市区町村" else name


def p_words(p_value: float) -> str:
    """Word a p-value to three digits: ``0.345``, ``0.001未満``."""
    return f"{p_value:.3f}" if p_value >= _SMALLEST_P else f"{_SMALLEST_P}未満"


def people(count: float) -> str:
    """Word a number of persons: ``709,421人``."""
    return f"{count:,.0f}人"


def rounded(value: float) -> float:
    """Round to the three significant figures that a sentence gives; tables have them all.

    Examples
    --------
    >>> rounded(-21_457.3)
    -21500.0
    """
    return float(f"{value:.3g}")


def about_words(count: float) -> str:
    """Word a count in three significant figures: ``41,200``."""
    return f"{rounded(count):,.0f}"


def yen(amount: float) -> str:
    """Word an amount of yen in 億円, 万円 or 円, in three significant figures at most.

    Examples
    --------
    >>> yen(43_333_333), yen(226_000_000), yen(4_071_245_000), yen(9_420)
    ('4,330万円', '2.26億円', '40.7億円', '9,420円')
    """
    shown = rounded(amount)
    if abs(shown) < JPY_PER_MAN:
        return f"{shown:,.0f}円"
    if abs(shown) < _JPY_PER_OKU:
        return f"{shown / JPY_PER_MAN:,.0f}万円"
    count = shown / _JPY_PER_OKU
    return f"{count:,.{max(0, 3 - len(str(int(abs(count)))))}f}億円"


def saving_words(saving_jpy: float) -> str:
    """Word a saving in yen: ``360万円の減少``, for less than zero ``…の増加``."""
    if round(saving_jpy) == 0:
        return "増減なし"
    return f"{yen(abs(saving_jpy))}の{'減少' if saving_jpy > 0 else '増加'}"


def interval_words(low: float, high: float, decimals: int = 1) -> str:
    """Word the interval of a share: ``2.2〜11.4%``."""
    return f"{share(low, decimals)}〜{percent(high, decimals)}"
