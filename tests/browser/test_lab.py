"""A real JupyterLab, driven as a researcher does: every notebook by Run All, sliders by mouse."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.image
import nbformat
import pytest

from benchmarks.lab import (
    FINDING,
    SECONDS,
    SETTINGS,
    TRACKER,
    choose,
    close_notebook,
    copied_home,
    open_lab,
    open_notebook,
    started_lab,
)
from gunmane_analysis.loaders.store import build_all
from gunmane_analysis.paths import project_root
from tests.report.projects import UNFINISHED

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.timeout(600)
HAS_RUN = """() => document.querySelector('[data-mime-type$="error"]') ||
    [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
        .every(prompt => /\\d/.test(prompt.textContent))"""
NOTEBOOKS = sorted(
    path.relative_to(project_root() / "notebooks").as_posix()
    for folder in ("", "exploration")
    for path in (project_root() / "notebooks" / folder).glob("*.ipynb")
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    list(build_all())
    home = copied_home(tmp_path_factory.mktemp("lab"))
    built = project_root() / "data" / "processed"
    shutil.copytree(built, home / "data" / "processed", ignore=UNFINISHED)
    return home


@pytest.fixture(scope="module")
def page(browser: Browser, home: Path) -> Iterator[Page]:
    """Load Lab once, which takes longer than to open a notebook in it (4 against 2 s)."""
    # a cell out of sight is on the page, too
    tracker = {**SETTINGS[TRACKER], "windowingMode": "none"}
    with started_lab(home, SETTINGS | {TRACKER: tracker}) as address:
        page = browser.new_page()
        open_lab(page, address)
        yield page
        page.close()


def run_all(page: Page) -> None:
    choose(page, "Run", "Run All Cells")
    page.wait_for_function(HAS_RUN, timeout=240 * SECONDS, polling=300)


def sliders_are_moved_by_mouse_and_the_result_follows(page: Page) -> None:
    sliders = page.locator(".widget-slider .noUi-target")
    widths = sliders.evaluate_all("each => each.map(slider => slider.clientWidth)")
    assert len(widths) == 9
    assert min(widths) > 100  # a mouse meets it
    reading = page.locator(".widget-slider .widget-readout").first
    before = (reading.inner_text(), page.locator(FINDING).first.inner_text())
    sliders.first.scroll_into_view_if_needed()
    track = sliders.first.bounding_box()
    assert track is not None
    sliders.first.locator(".noUi-handle").hover()
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] * 0.9, track["y"] + track["height"] / 2, steps=5)
    page.mouse.up()
    page.wait_for_function(
        "([found, before]) => document.querySelector(found)?.innerText !== before",
        arg=[FINDING, before[1]],
        timeout=60 * SECONDS,
    )
    assert reading.inner_text() != before[0]


def findings_can_be_read_on_the_dark_theme(page: Page) -> None:
    choose(page, "Settings", "Theme", "JupyterLab Dark")
    page.locator('body[data-jp-theme-light="false"]').wait_for(state="attached")
    page.locator("#jupyterlab-splash").wait_for(state="detached")  # it covers the change
    ink = page.locator(FINDING).first.evaluate("element => getComputedStyle(element).color")
    assert ink == "rgb(255, 255, 255)"
    picture = page.locator(f"{FINDING} svg").first.screenshot()
    corner = matplotlib.image.imread(io.BytesIO(picture))[3, 3, :3]
    assert corner.min() > 0.95  # the chart, whose ink is black, stands on white


READ = {
    "exploration/estimator.ipynb": sliders_are_moved_by_mouse_and_the_result_follows,
    "staffing.ipynb": findings_can_be_read_on_the_dark_theme,
}


@pytest.mark.parametrize("half", [0, 1])
def test_every_notebook_runs_by_run_all(page: Page, home: Path, half: int) -> None:
    before = files_of(home)
    for name in NOTEBOOKS[half::2]:
        open_notebook(page, name)
        run_all(page)
        READ.get(name, lambda page: None)(page)
        close_notebook(page)
        cells = nbformat.read(home / "notebooks" / name, as_version=4).cells
        code = [cell for cell in cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1)), name
        faults = [each for cell in code for each in cell.outputs if each.output_type == "error"]
        assert faults == [], name
    assert files_of(home) == before


def files_of(home: Path) -> set[Path]:
    """Return the project's files but for what Lab and the tables' store keep."""
    kept = {".ipynb_checkpoints", "processed"}
    return {path for path in home.rglob("*") if path.is_file() and not kept & set(path.parts)}
