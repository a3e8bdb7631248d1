"""How long an area's files take beyond drawing its figures, and how large they are.

Runs the notebooks of some areas once, then makes their files again and again from what the
notebooks left; the best of several rounds is told, in milliseconds of processor time.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat

from gunmane_analysis.areas import parse_regions
from gunmane_analysis.batch.batch import ReportRequest, run_report
from gunmane_analysis.page.files import NOTEBOOKS_FOLDER, notebook_bytes
from gunmane_analysis.page.page import AreaPage, Provenance, make_page, render_page
from gunmane_analysis.page.themes import read_notebooks
from gunmane_analysis.page.workbook import workbook_bytes

ROUNDS = 15


def best(step: Callable[[], object]) -> float:
    """Return the shortest of several runs in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        step()
        times.append(time.process_time() - start)
    return min(times) * 1000.0


def main(regions: str) -> None:
    """Measure and print one line an area."""
    areas, themes = parse_regions(regions), read_notebooks().themes
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        run_report(ReportRequest(2024, areas, themes, target))
        print("area      findings  page ms  workbook ms  notebooks ms   page kB  index kB")
        index_kb = (target / "index.html").stat().st_size / 1000
        for area in areas:
            executed = {
                theme.theme_id: nbformat.read(
                    target / area.area_id / NOTEBOOKS_FOLDER / f"{theme.theme_id}.ipynb", 4
                )
                for theme in themes
            }

            def made() -> AreaPage:
                origin = Provenance("2026-11-20T10:00:00+09:00", "0" * 64)
                return make_page(area, 2024, themes, executed, origin)  # noqa: B023

            page = made()
            html = render_page(page, executed)
            print(
                f"{area.area_id:<9} {len(page.exhibits):>8} "
                f"{best(lambda: render_page(made(), executed)):>8.1f} "  # noqa: B023
                f"{best(lambda: workbook_bytes(page)):>12.1f} "  # noqa: B023
                f"{best(lambda: [notebook_bytes(item) for item in executed.values()]):>13.1f} "  # noqa: B023
                f"{len(html.encode()) / 1000:>9.1f} {index_kb:>9.1f}"
            )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "japan,tohoku,05")
