"""Letters and words drawn as paths: held once a page, however many figures show them."""

from __future__ import annotations

import collections
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_GLYPH = re.compile(r'<path id="(g[\w-]+)" d="([^"]*)"/>')
_EMPTY_DEFS = re.compile(r"<defs></defs>")
_WORD = re.compile(r"<g( [^>]*)>((?:<use href=\"#g[\w-]+\"[^>]*/>){2,})</g>")


@dataclass(frozen=True)
class Letters:
    """What a page's figures write, each letter and each repeated word once.

    Attributes
    ----------
    glyphs : mapping of str to str
        Outlines by id, the same id in every figure.
    words : mapping of str to str
        Ids of words by what they are made of.
    """

    glyphs: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[str]:
        """Every id that the page holds for its figures."""
        return frozenset(self.glyphs) | frozenset(self.words.values())

    @property
    def sheet(self) -> str:
        """The inside of the SVG that holds them."""
        outlines = [f'<path id="{name}" d="{path}"/>' for name, path in self.glyphs.items()]
        words = [f'<g id="{name}">{uses}</g>' for uses, name in self.words.items()]
        return f"<defs>{''.join([*outlines, *words])}</defs>"

    def taken_from(self, svg: str) -> str:
        """Return a tidy SVG that shows the page's letters and words instead of its own."""
        svg = _EMPTY_DEFS.sub("", _GLYPH.sub(self._without_glyph, svg))
        return _WORD.sub(self._with_word, svg)

    def _without_glyph(self, match: re.Match[str]) -> str:
        return "" if self.glyphs.get(match[1]) == match[2] else match[0]

    def _with_word(self, match: re.Match[str]) -> str:
        name = self.words.get(match[2])
        return match[0] if name is None else f'<use href="#{name}"{match[1]}/>'


def letters_of(svgs: Iterable[str]) -> Letters:
    """Return the letters of tidy SVGs, and the words that stand in them more than once."""
    drawn = list(svgs)
    glyphs: dict[str, str] = {}
    for svg in drawn:
        for name, outline in _GLYPH.findall(svg):
            glyphs.setdefault(name, outline)
    bare = Letters(glyphs)
    counts = collections.Counter(
        uses for svg in drawn for _, uses in _WORD.findall(bare.taken_from(svg))
    )
    repeated = [uses for uses, count in counts.items() if count > 1]
    return Letters(glyphs, {uses: f"w{number}" for number, uses in enumerate(repeated)})
