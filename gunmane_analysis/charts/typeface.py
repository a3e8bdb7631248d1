"""The typeface of charts: IPAex Gothic, cut down to the characters that a page shows.

The IPA Font License v1.0 lets a document carry the outlines of the characters it shows.
"""

from __future__ import annotations

import base64
import functools
import io
import string
from collections.abc import Iterable

from gunmane_analysis.areas import list_areas

FAMILY = "IPAexGothic"
_COMMON = (
    string.printable.strip()
    + "".join(map(chr, range(0x3041, 0x30FF)))
    + (
        " △％（）「」、。・〜～－ー／＋−×＝…年度全国人口千当職員数市区町村道府県都変化割合住民土"
        "木費財政力指位順中央値大小多少円公債負担実質率将来要措置済"
    )
)


@functools.cache
def font_path() -> str:
    """Return where the font file of the typeface is."""
    import matplotlib as mpl

    with mpl.rc_context():  # matplotlib_fontja sets rcParams when imported; only its file is wanted
        import matplotlib_fontja

    return str(matplotlib_fontja.get_font_ttf_path())


def font_face(texts: Iterable[str]) -> str:
    """Return a ``@font-face`` rule with the characters of some texts; empty without any.

    Parameters
    ----------
    texts : iterable of str
        All that the page's charts write.
    """
    characters = frozenset().union(*map(frozenset, texts))
    return _font_face(characters) if characters else ""


@functools.lru_cache(maxsize=8)
def _font_face(characters: frozenset[str]) -> str:
    small = _small_font()
    source = small if characters <= _usual_characters() else _file()
    content = base64.b64encode(_cut(source, characters, "woff")).decode("ascii")
    return (
        f"@font-face{{font-family:{FAMILY};"
        f"src:url(data:font/woff;base64,{content}) format('woff')}}"
    )


@functools.cache
def _usual_characters() -> frozenset[str]:
    areas = (*list_areas("block"), *list_areas("prefecture"), *list_areas("municipality"))
    return frozenset(_COMMON).union(*(area.name for area in areas))


@functools.cache
def _small_font() -> bytes:
    """Return the font with the names of all areas only: what a page needs is cut from it sooner."""
    return _cut(_file(), _usual_characters())


@functools.cache
def _file() -> bytes:
    with open(font_path(), "rb") as stream:
        return stream.read()


def _cut(source: bytes, characters: frozenset[str], flavor: str | None = None) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(layout_features=[], hinting=False, name_IDs=[], notdef_outline=True)
    options.drop_tables += ["vhea", "vmtx", "gasp"]
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(characters))
    font = TTFont(io.BytesIO(source), lazy=True, recalcTimestamp=False)
    cutter.subset(font)
    font.flavor = flavor
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()
