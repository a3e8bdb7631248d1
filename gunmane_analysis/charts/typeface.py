"""The typeface of charts: IPAex Gothic, cut down to the characters that a page shows.

The IPA Font License v1.0 lets a document carry the outlines of the characters it shows.
"""

from __future__ import annotations

import base64
import functools
import io
from pathlib import Path

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
    import uharfbuzz
    from fontTools.ttLib import TTFont

    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.update(map(ord, characters))
    wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
    wanted.layout_feature_tag_set.clear()
    wanted.name_id_set.clear()
    cut = uharfbuzz.subset(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(font_path())), wanted)
    font = TTFont(io.BytesIO(cut.blob.data), lazy=True, recalcTimestamp=False)
    font.flavor = "woff"  # compressed
    written = io.BytesIO()
    font.save(written)
    content = base64.b64encode(written.getvalue()).decode("ascii")
    return f"@font-face{{font-family:{FAMILY};src:url(data:font/woff;base64,{content})}}"
