"""Open a notebook in a real JupyterLab, Run All, and wait for its first chart: wall and processor.

    python -m benchmarks.lab [staffing.ipynb …] [--runs 3]

What a researcher waits for on this machine, in headless Chromium: server, kernel and browser are
counted. Lab itself is open already; tables are built, as after a first report.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from gunmane_analysis.loaders.store import build_all
from gunmane_analysis.page.pdf import open_browser
from gunmane_analysis.paths import HOME_VARIABLE, project_root

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOTEBOOKS = ("staffing.ipynb", "profile.ipynb", "groups.ipynb", "nation.ipynb")
SECONDS = 1000  # in Playwright's unit
FINDING = ".jp-OutputArea-output .gunmane-finding"
TRACKER = "@jupyterlab/notebook-extension/tracker"
SETTINGS = {
    TRACKER: {"kernelShutdown": True},
    # nothing is asked of a network
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/lab\b\S*")
_IDLE = "text=(ipykernel) | Idle"  # in the status bar


def copied_home(folder: Path) -> Path:
    """Return a copy of the project whose notebooks Lab may save."""
    for name in ("notebooks", "data/raw"):
        shutil.copytree(project_root() / name, folder / "project" / name)
    return folder / "project"


@contextmanager
def started_lab(home: Path, settings: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Start JupyterLab on a free port and give its address."""
    environment = {
        **os.environ,
        HOME_VARIABLE: str(home),
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "JUPYTERLAB_SETTINGS_DIR": str(home.parent / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home.parent / "workspaces"),
    }
    for name, content in settings.items():
        path = home.parent / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    words = ["--no-browser", "--ServerApp.port=0", "--IdentityProvider.token=", "--allow-root"]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *words, f"--notebook-dir={home / 'notebooks'}"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    try:
        for line in server.stderr:
            if found := _ADDRESS.search(line):
                yield found[0].split("?")[0]
                break
    finally:
        server.terminate()
        server.wait(20)


def open_lab(page: Page, address: str) -> None:
    page.goto(f"{address}?reset")
    page.locator(".jp-Launcher").wait_for(timeout=120 * SECONDS)


def open_notebook(page: Page, name: str) -> None:
    choose(page, "File", "Open from Path…")
    page.locator(".jp-Dialog input").fill(name)
    page.keyboard.press("Enter")
    page.locator(_IDLE).wait_for(timeout=120 * SECONDS)  # its kernel has started


def close_notebook(page: Page) -> None:
    """Save the notebook and close its tab."""
    page.locator(".lm-DockPanel .lm-TabBar-tab.lm-mod-current").click()  # takes the keyboard
    page.keyboard.press("Control+s")
    page.locator(".jp-mod-dirty").wait_for(state="detached", timeout=30 * SECONDS)
    page.keyboard.press("Alt+w")
    page.locator(".jp-NotebookPanel").wait_for(state="detached")
    page.locator(".jp-DirListing-item.jp-mod-running").wait_for(state="detached")  # its kernel


def choose(page: Page, *words: str) -> None:
    """Choose an entry of the menu bar by mouse."""
    page.locator(".lm-MenuBar-item", has_text=re.compile(f"^{words[0]}$")).click()
    for word in words[1:]:
        page.locator(".lm-Menu-item", has_text=re.compile(f"^{word}$")).last.click()


def processor_seconds() -> dict[str, float]:
    """Return what the processes begun here have used so far, by their part."""
    seconds = {"server": 0.0, "kernel": 0.0, "browser": 0.0}
    for process in psutil.Process().children(recursive=True):
        with process.oneshot():
            words = " ".join(process.cmdline())
            used = process.cpu_times()
        is_server, is_kernel = "jupyterlab" in words, "ipykernel_launcher" in words
        part = "server" if is_server else "kernel" if is_kernel else "browser"
        seconds[part] += used.user + used.system
    return seconds


def first_chart(page: Page, name: str) -> dict[str, float]:
    """Open a notebook, run it to its first chart, and return the seconds of each part."""
    before, begun = processor_seconds(), time.perf_counter()
    open_notebook(page, name)
    opened = time.perf_counter()
    choose(page, "Run", "Run All Cells")
    page.wait_for_selector(f"{FINDING} svg", state="attached", timeout=240 * SECONDS)
    drawn, after = time.perf_counter(), processor_seconds()
    used = {part: after[part] - before[part] for part in after}
    wall = {"opened": opened - begun, "chart": drawn - opened, "wall": drawn - begun}
    page.locator(".jp-InputPrompt:has-text('[*]')").first.wait_for(
        state="detached", timeout=240 * SECONDS
    )
    close_notebook(page)
    return {**wall, "processor": sum(used.values()), **used}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="*", default=NOTEBOOKS)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's kernels find what is compiled
    with tempfile.TemporaryDirectory() as folder:
        home = copied_home(Path(folder))
        os.environ[HOME_VARIABLE] = str(home)
        build_all()
        with started_lab(home, SETTINGS) as address, open_browser() as browser:
            page = browser.new_page()
            open_lab(page, address)
            first_chart(page, options.notebooks[0])  # what the machine reads from disk once
            for name in options.notebooks:
                runs = [first_chart(page, name) for _ in range(options.runs)]
                print(name)
                for part in runs[0]:
                    seconds = [run[part] for run in runs]
                    middle = statistics.median(seconds)
                    print(f"  {part:9} {middle:.2f} ({min(seconds):.2f}-{max(seconds):.2f})")


if __name__ == "__main__":
    main()
