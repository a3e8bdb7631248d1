"""How much of one area's page stands word for word on another's: ``python -m benchmarks.likeness``.

    python -m benchmarks.likeness reports/2024 tohoku shikoku

Printed lines are taken from the page as it is printed (closed details and the parts that only a
screen shows are left out), names of areas are masked, and short lines are not counted.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

from gunmane_analysis.areas import list_areas

_NOT_PRINTED = {"details", "nav", "script", "style", "head", "title", "desc"}
_NOT_PRINTED_CLASSES = {"files", "h", "skip", "site", "screen-only", "sort-status"}
_BREAKS = {"p", "li", "tr", "h1", "h2", "h3", "h4", "figcaption", "caption", "dt", "dd", "text"}
_VOID = {"meta", "link", "br", "img", "input"}
_SHORTEST = 4


class _Lines(HTMLParser):
    """Gather a page's printed lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = set((dict(attrs).get("class") or "").split())
        is_hidden = tag in _NOT_PRINTED or bool(classes & _NOT_PRINTED_CLASSES)
        if is_hidden or (self.hidden and tag not in _VOID):
            self.hidden.append(tag)
        elif tag in _BREAKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.hidden:
            while self.hidden and self.hidden.pop() != tag:
                pass
        elif tag in _BREAKS and not self.hidden:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.lines[-1] += data


def printed_lines(page: str) -> list[str]:
    """Return a page's printed lines with the names of areas masked."""
    reader = _Lines()
    reader.feed(page)
    names = [
        name
        for kind in ("block", "prefecture", "municipality")
        for area in list_areas(kind)
        for name in {area.name, area.name.removesuffix("県")}
        if len(name) > 1
    ]
    mask = re.compile("|".join(map(re.escape, sorted(set(names), key=len, reverse=True))))
    lines = (re.sub(r"\s+", " ", mask.sub("＿", line)).strip() for line in reader.lines)
    return [line for line in lines if len(line) >= _SHORTEST]


def likeness(page: str, other: str) -> float:
    """Return the share of a page's printed characters on lines that the other page has, too."""
    known = set(printed_lines(other))
    own = printed_lines(page)
    return sum(len(line) for line in own if line in known) / sum(map(len, own))


def main(arguments: list[str]) -> None:
    """Print the share of the first area's printed lines that are the second's."""
    folder, first, second = arguments
    page, other = (
        (Path(folder) / area / "index.html").read_text("utf-8") for area in (first, second)
    )
    own, known = printed_lines(page), set(printed_lines(other))
    same = [line for line in own if line in known]
    print(f"{first}と{second}: 行 {len(same)}／{len(own)}（{len(same) / len(own):.1%}）、", end="")
    print(f"文字 {likeness(page, other):.1%}")


if __name__ == "__main__":
    main(sys.argv[1:])
