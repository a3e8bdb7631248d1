"""How much of one area's page stands word for word on another's.

    python -m benchmarks.likeness reports/2024 tohoku shikoku

Lines are those of the printed sheets (Chromium prints them, poppler's pdftotext reads them) with
the names of areas masked. A line counts as the other's, too, if its words stand anywhere in the
other's print, so that another wrap of the same sentence does not hide it. Lines of fewer than
four characters and page numbers are not counted.
"""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from gunmane_analysis.areas import list_areas
from gunmane_analysis.page.pdf import write_pdfs

_SHORTEST = 4
_PAGE_NUMBER = re.compile(r"\d+/\d+")


@functools.cache
def _names() -> re.Pattern[str]:
    names = {
        name
        for kind in ("block", "prefecture", "municipality")
        for area in list_areas(kind)  # type: ignore[arg-type]
        for name in (area.name, area.name.removesuffix("県"))
        if len(name) > 1
    }
    return re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))


def masked_lines(text: str) -> list[str]:
    """Return the lines of a print without spaces, the names of areas masked."""
    lines = (re.sub(r"\s+", "", _names().sub("＿", line)) for line in text.splitlines())
    return [x for x in lines if len(x) >= _SHORTEST and not _PAGE_NUMBER.fullmatch(x)]


def shared_lines(own: Sequence[str], other: Sequence[str]) -> list[str]:
    """Return the lines whose words stand in the other print, too."""
    whole = "".join(other)
    return [line for line in own if line in whole]


def main(arguments: Sequence[str]) -> None:
    """Print the share of the first area's printed lines that are the second's."""
    folder, *areas = arguments or ("reports/2024", "tohoku", "shikoku")
    write_pdfs(Path(folder), areas)
    own, other = (
        masked_lines(
            subprocess.run(
                ["pdftotext", "-layout", Path(folder) / area / f"{area}.pdf", "-"],
                capture_output=True, encoding="utf-8", check=True, timeout=60,
            ).stdout
        )
        for area in areas
    )  # fmt: skip
    same = shared_lines(own, other)
    print(f"{areas[0]}と{areas[1]}: 印刷の行 {len(same)}／{len(own)}", end="")
    print(f"（{len(same) / len(own):.1%}）、文字 {sum(map(len, same)) / sum(map(len, own)):.1%}")


if __name__ == "__main__":
    main(sys.argv[1:])
