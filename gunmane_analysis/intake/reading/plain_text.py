"""Texts made comparable: full-width ASCII, minus signs and invisible characters, nothing else.

NFKC on a whole cell would turn ``12①`` into ``121`` and ``m²`` into ``m2``; so numbers and codes
are only freed of full width, and NFKC is kept for names and headings, where it is a key and
never a value.
"""

from __future__ import annotations

import functools
import re
import unicodedata

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_MINUS = dict.fromkeys(map(ord, "−‐‑‒–—―－ー"), "-")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACES = re.compile(r"\s+")
_NOTE_MARK = re.compile(r"(?:※|\*|注)\s*[0-9]*$|[(（](?:注|※)[0-9、,]*[)）]$")
# Characters that one register writes one way and another register another way.
_VARIANTS = str.maketrans(
    "ヶヵ﨑髙濵濱邊邉澤齋斎德槇淸靑黑瀨穗緖鷗曽檜籠檮惠櫻國龍嶋瀧渕",
    "ケカ崎高浜浜辺辺沢斉斉徳槙清青黒瀬穂緒鴎曾桧篭梼恵桜国竜島滝淵",
)


def half_width(text: str) -> str:
    """Return a text with full-width ASCII and spaces made half-width, trimmed.

    Examples
    --------
    >>> half_width("　１２，３４５ ")
    '12,345'
    """
    if text.isascii():
        return text.strip()
    return _INVISIBLE.sub("", text).translate(_HALF_WIDTH).replace("\u00a0", " ").strip()


def plain_minus(text: str) -> str:
    """Return a text whose dashes of every kind are hyphens.

    Examples
    --------
    >>> plain_minus("−5"), plain_minus("―")
    ('-5', '-')
    """
    return text.translate(_MINUS)


@functools.lru_cache(maxsize=20_000)
def name_key(name: str) -> str:
    """Return the key under which two spellings of a place name are one.

    NFKC, no spaces or invisible characters, one form for known variant characters.

    Examples
    --------
    >>> name_key("茅ヶ崎市") == name_key("茅ケ﨑 市"), name_key("ﾊﾟﾙ市")
    (True, 'パル市')
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", name))
    return _SPACES.sub("", plain).translate(_VARIANTS).replace("〜", "~").replace("~", "~")


@functools.lru_cache(maxsize=100_000)
def heading_key(heading: str) -> str:
    r"""Return the key under which a heading is looked up: NFKC, no spaces, no note marks.

    Examples
    --------
    >>> heading_key("ラスパイレス指数\n参考値※"), heading_key("総人口 （ 人 ）")
    ('ラスパイレス指数参考値', '総人口(人)')
    """
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", heading)))
    return _NOTE_MARK.sub("", plain).replace("～", "~").replace("〜", "~").lower()


def bare_key(heading: str) -> str:
    """Return the key of a heading's name, without the unit after it."""
    return split_unit(heading_key(heading))[0]


def split_unit(key: str) -> tuple[str, str]:
    """Split a heading's key into its name and the unit in trailing parentheses.

    Examples
    --------
    >>> split_unit("経費(千円)"), split_unit("職員数")
    (('経費', '千円'), ('職員数', ''))
    """
    if key.endswith(")") and "(" in key:
        name, _, unit = key[:-1].rpartition("(")
        if name and unit.removeprefix("単位:") in _UNITS:
            return name, unit.removeprefix("単位:")
    return key, ""


_MANY = ("十", "百", "千", "万", "十万", "百万", "千万", "億", "十億")
_UNITS = frozenset(
    """人 円 千円 百万円 億円 万円 % ‰ 割合 パーセント km m ha km2 m2 平方キロメートル ヘクタール
    メートル キロメートル 件 世帯 橋 日 月 か月 年 時間 回 団体 事業所 社""".split()  # noqa: SIM905
) | {f"{many}{unit}" for many in _MANY for unit in ("人", "円", "件", "世帯", "m", "m2", "km")}
