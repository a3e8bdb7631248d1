"""The typeface of charts: IPAex Gothic, cut down to the characters that a page shows.

The IPA Font License v1.0 lets a document carry the outlines of the characters it shows.
"""

from __future__ import annotations

import base64
import functools
import io
from pathlib import Path

from gunmane_analysis.areas import list_areas

FAMILY = "IPAexGothic"


@functools.cache
def font_path() -> Path:
    """Return where the font file of the typeface is."""
    import matplotlib as mpl

    with mpl.rc_context():  # matplotlib_fontja sets rcParams when imported; only its file is wanted
        import matplotlib_fontja

    return Path(matplotlib_fontja.get_font_ttf_path())


@functools.lru_cache(maxsize=8)
def font_face(characters: frozenset[str]) -> str:
    """Return a ``@font-face`` rule with these characters; empty without any.

    Parameters
    ----------
    characters : frozenset of str
        All that the page's charts write.
    """
    if not characters:
        return ""
    is_usual = characters <= _usual_characters()
    content = _cut(_small_font() if is_usual else font_path().read_bytes(), characters, "woff")
    return (
        f"@font-face{{font-family:{FAMILY};src:url(data:font/woff;base64,"
        f"{base64.b64encode(content).decode('ascii')}) format('woff')}}"
    )


@functools.cache
def _usual_characters() -> frozenset[str]:
    """Return the characters that charts commonly need: ``typeface.txt`` and all areas' names."""
    areas = (*list_areas("block"), *list_areas("prefecture"), *list_areas("municipality"))
    usual = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    return frozenset(usual).union(*(area.name for area in areas))


@functools.cache
def _small_font() -> bytes:
    """Return the font of the usual characters: what a page needs is cut from it sooner."""
    return _cut(font_path().read_bytes(), _usual_characters())


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
