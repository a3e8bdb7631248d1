"""Letters and words drawn as paths: held once a page, however many figures show them."""

from __future__ import annotations

import collections
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_OUTLINES = re.compile(r"(<svg[^>]*>)<defs>((?:<path id=\"[A-Z][\w-]*\" d=\"[^\"]*\"/>)*)</defs>")
_OUTLINE = re.compile(r'id="([^"]*)" d="([^"]*)"')
# A word: where it stands, how it is turned and scaled, its colour, its letters.
_WORD = re.compile(
    r'<g transform="translate\(([-\d.]+),([-\d.]+)\)([^"]*)"([^>]*)>'
    r'((?:<use href="#[A-Z][^>]*/>)+)</g>'
)
_BEFORE_OWN_ID = (' id="', '="#', "url(#")  # a tidy figure's own ids are i0, i1, …


@dataclass(frozen=True)
class Letters:
    """What a page's figures write, each letter and each repeated word once.

    Attributes
    ----------
    glyphs : mapping of str to str
        Outlines by id, the same id in every figure.
    words : mapping of (str, str) to str
        Ids of words by how they are turned and scaled, and by what they are made of.
    """

    glyphs: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def sheet(self) -> str:
        """The inside of the SVG that holds them."""
        outlines = [f'<path id="{name}" d="{path}"/>' for name, path in self.glyphs.items()]
        words = [
            f'<g id="{name}" transform="{turned}">{uses}</g>'
            for (turned, uses), name in self.words.items()
        ]
        return f"<defs>{''.join([*outlines, *words])}</defs>"

    def taken_from(self, svg: str, prefix: str = "") -> str:
        """Return a tidy SVG that shows the page's letters and words instead of its own.

        Parameters
        ----------
        svg : str
        prefix : str
            Put before the figure's own ids.
        """
        opening, outlines, parts = _parts(svg)
        own = [item for item in outlines.items() if self.glyphs.get(item[0]) != item[1]]
        if own:
            defs = "".join(f'<path id="{name}" d="{path}"/>' for name, path in own)
            opening += f"<defs>{defs}</defs>"
        pieces = [opening, parts[0]]
        for place in range(1, len(parts), 6):
            pieces += [self._word(*parts[place : place + 5]), parts[place + 5]]
        figure = "".join(pieces)
        for before in _BEFORE_OWN_ID:
            figure = figure.replace(f"{before}i", f"{before}{prefix}i")
        return figure

    def _word(self, right: str, down: str, turned: str, style: str, uses: str) -> str:
        name = self.words.get((turned, uses))
        if name is None:
            return f'<g transform="translate({right},{down}){turned}"{style}>{uses}</g>'
        return f'<use href="#{name}" x="{right}" y="{down}"{style}/>'


@functools.lru_cache(maxsize=64)
def _parts(svg: str) -> tuple[str, dict[str, str], list[str]]:
    """Return a tidy SVG's opening, its letters' outlines, and its body split at its words."""
    head = _OUTLINES.match(svg)
    if head is None:
        return "", {}, _WORD.split(svg)
    return head[1], dict(_OUTLINE.findall(head[2])), _WORD.split(svg[head.end() :])


def letters_of(svgs: Iterable[str]) -> Letters:
    """Return the letters of tidy SVGs, and the words that stand in them more than once."""
    glyphs: dict[str, str] = {}
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    for svg in svgs:
        _, outlines, parts = _parts(svg)
        glyphs = {**outlines, **glyphs}
        counts.update(zip(parts[3::6], parts[5::6], strict=True))
    repeated = (word for word, count in counts.most_common() if count > 1)
    return Letters(glyphs, {word: f"w{number}" for number, word in enumerate(repeated)})
