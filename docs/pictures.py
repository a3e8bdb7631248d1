"""Make the pictures in docs/: a page, the index and a printed sheet.

Run after ``gunmane report`` as ``make pictures`` (or ``python docs/pictures.py [YEAR]``). It needs
Chromium, Chrome or Edge, and poppler's ``pdftoppm`` for the printed sheet.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image

from gunmane_analysis.errors import GunmaneError, ReportError
from gunmane_analysis.page.pdf import open_browser
from gunmane_analysis.paths import reports_dir

PICTURES = Path(__file__).parent / "pictures"
AREA_ID = "tohoku"
SCREEN = {"width": 1280, "height": 1500}
COLOURS = 128
SHEET = 2
DOTS_PER_INCH = "110"


def save(content: bytes, name: str) -> None:
    """Save a picture small: these pages have few colours."""
    PICTURES.mkdir(exist_ok=True)
    picture = Image.open(io.BytesIO(content)).convert("RGB").quantize(COLOURS)
    picture.save(PICTURES / name, optimize=True)
    sys.stdout.write(f"{PICTURES / name}\n")


def printed_sheet(pdf: bytes) -> bytes:
    """Return one sheet of a PDF as a picture."""
    program = shutil.which("pdftoppm")
    if program is None:
        raise ReportError(
            "印刷した頁の絵を作る pdftoppm がありません。",
            advice="poppler-utils を入れてください（Debian では apt-get install poppler-utils）。",
        )
    options = ["-png", "-r", DOTS_PER_INCH, "-f", str(SHEET), "-l", str(SHEET), "-"]
    return subprocess.run([program, *options], input=pdf, capture_output=True, check=True).stdout


def main(year: str) -> None:
    """Make all pictures from a year's report."""
    folder = reports_dir() / year
    pages = {"index.png": folder / "index.html", "page.png": folder / AREA_ID / "index.html"}
    absent = [str(path) for path in pages.values() if not path.is_file()]
    if absent:
        raise ReportError(
            f"報告書がありません（{'、'.join(absent)}）。",
            advice=f"gunmane report --year {year} で作成してください。",
        )
    with open_browser() as browser:
        for name, path in pages.items():
            tab = browser.new_page(viewport=SCREEN)
            tab.goto(path.resolve().as_uri())
            save(tab.screenshot(), name)
        pdf = tab.pdf(tagged=True, prefer_css_page_size=True)
    save(printed_sheet(pdf), "sheet.png")


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "2024")
    except GunmaneError as fault:
        sys.exit(f"エラー: {fault}")
