"""The API reference: made without a network by the command of `make docs`."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from pdoc.__main__ import cli

ROOT = Path(__file__).parents[2]


def pdoc_modules() -> list[str]:
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("\ndocs:")[2].partition("\n\n")[0]
    words = shlex.split(recipe.replace("\\\n", " ").partition("pdoc ")[2].partition("\n")[0])
    return [word for word in words if word.startswith("gunmane_analysis")]


def test_make_docs_writes_a_page_for_every_part(tmp_path: Path) -> None:
    cli(["--docformat", "numpy", "-o", str(tmp_path), *pdoc_modules()])
    pages = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    parts = {
        path.relative_to(ROOT).with_suffix(".html").as_posix()
        for path in (ROOT / "gunmane_analysis").glob("metrics/**/*.py")
        if path.name != "__init__.py"
    }
    assert parts <= pages
    assert "gunmane_analysis.html" in pages
    page = (tmp_path / "gunmane_analysis" / "metrics" / "staffing" / "projection.html").read_text(
        "utf-8"
    )
    assert "staffing_projection" in page
    assert not re.search(r'(?:src|href)="https?://[^"]*\.(?:js|css)"', page), "needs a network"
