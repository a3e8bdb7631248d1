"""Pages as tagged PDF, printed by the Chromium, Chrome or Edge that the machine already has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gunmane_analysis.page.publishing import publish
from gunmane_analysis.page.records import PAGE_NAME
from gunmane_analysis.refusals import refusal

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSER_VARIABLE = "GUNMANE_BROWSER"
_COMMANDS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge",
    "microsoft-edge-stable", "msedge", "chrome"
)  # fmt: skip
_UNDER_PROGRAMS = ("Microsoft/Edge/Application/msedge.exe", "Google/Chrome/Application/chrome.exe")
_PROGRAM_FOLDERS = ("PROGRAMFILES(X86)", "PROGRAMFILES", "LOCALAPPDATA")
_ON_MACOS = ("Google Chrome", "Microsoft Edge", "Chromium")
_ARGUMENTS = ("--no-first-run", "--disable-background-networking", "--disable-component-update")


def find_browser() -> Path:
    """Return the browser to print with: the one named in GUNMANE_BROWSER, else one installed.

    Raises
    ------
    ReportError
        If there is none; nothing is ever downloaded.
    """
    named = os.environ.get(BROWSER_VARIABLE)
    if named:
        if Path(named).is_file():
            return Path(named)
        raise refusal("browser-named", variable=BROWSER_VARIABLE, named=named)
    commands = (shutil.which(command) for command in _COMMANDS)
    places = (path for path in _usual_places() if path.is_file())
    found = next((Path(command) for command in commands if command), None) or next(places, None)
    if found is None:
        raise refusal("browser-none", variable=BROWSER_VARIABLE)
    return found


def _usual_places() -> Iterator[Path]:
    for variable in _PROGRAM_FOLDERS:
        folder = os.environ.get(variable)
        if folder:
            yield from (Path(folder) / place for place in _UNDER_PROGRAMS)
    for name in _ON_MACOS:
        yield Path(f"/Applications/{name}.app/Contents/MacOS/{name}")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Run the machine's browser, without a window, for the time of the ``with`` block.

    Raises
    ------
    ReportError
        If there is no browser, playwright is not installed, or the browser does not start.
    """
    executable = find_browser()
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as fault:
        raise refusal("browser-library") from fault
    # Chromium refuses to be sandboxed for root, as in a container.
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    arguments = [*_ARGUMENTS, *(["--no-sandbox"] if as_root else [])]
    with sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=executable, args=arguments)
        except Error as fault:
            why = fault.message.splitlines()[0]
            raise refusal("browser-start", executable=executable, fault=why) from fault
        try:
            yield browser
        finally:
            browser.close()


def write_pdfs(target: Path, area_ids: Sequence[str], force: bool = False) -> tuple[Path, ...]:
    """Print areas' pages beside them as ``<area_id>.pdf``, and the index as ``index.pdf``.

    Parameters
    ----------
    target : Path
        A year's folder.
    area_ids : sequence of str
        Areas whose page stands in it.
    force : bool
        Print also what is younger than its page.

    Returns
    -------
    tuple of Path
        What was printed; a PDF younger than its page is left as it is.

    Raises
    ------
    ReportError
        If there is no browser, or a file cannot be written.
    """
    pages = {target / area_id / PAGE_NAME: f"{area_id}.pdf" for area_id in area_ids}
    pages[target / PAGE_NAME] = "index.pdf"
    waiting = [
        (page, page.with_name(name))
        for page, name in pages.items()
        if page.is_file() and (force or _is_older(page.with_name(name), page))
    ]
    if not waiting:
        return ()
    with open_browser() as browser:
        context = browser.new_context(offline=True)
        for page, pdf in waiting:
            tab = context.new_page()
            tab.goto(page.resolve().as_uri())
            content = tab.pdf(tagged=True, outline=True, prefer_css_page_size=True)
            publish(target, pdf.relative_to(target).as_posix(), content)
            tab.close()
    return tuple(pdf for _, pdf in waiting)


def _is_older(pdf: Path, page: Path) -> bool:
    return not pdf.is_file() or pdf.stat().st_mtime < page.stat().st_mtime
