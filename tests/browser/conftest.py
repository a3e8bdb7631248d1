"""A real browser, a real report of two areas, and a page full of hostile texts."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from filelock import FileLock

from gunmane_analysis.areas import find_area
from gunmane_analysis.batch.batch import run_report
from gunmane_analysis.batch.plan import ReportRequest
from gunmane_analysis.errors import ReportError
from gunmane_analysis.page.pdf import open_browser
from gunmane_analysis.page.themes import read_notebooks

if TYPE_CHECKING:
    from playwright.sync_api import Browser

AREA_IDS = ("05", "05204", "japan")
FISCAL_YEAR = 2024
NU_VERSION = "26.9.27"
IN_CI = bool(os.environ.get("CI"))


def missing(what: str) -> NoReturn:
    """Say what is not there: a failure where the checks must be complete, else a skip."""
    if IN_CI:
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")  # its event loop must be gone before other tests start theirs
def browser() -> Iterator[Browser]:
    """Return the machine's own Chromium, Chrome or Edge."""
    try:
        with open_browser() as opened:
            yield opened
    except ReportError as fault:
        missing(f"browser tests not run: {fault}")


@pytest.fixture(scope="session")
def common_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all processes of one test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def report_folder(common_folder: Path) -> Path:
    """Return a year's folder with pages of a prefecture, a town and the nation, made once."""
    target = common_folder / "browser_reports" / str(FISCAL_YEAR)
    with FileLock(common_folder / "browser_reports.lock"):
        outcome = run_report(
            ReportRequest(
                fiscal_year=FISCAL_YEAR,
                areas=tuple(find_area(area_id) for area_id in AREA_IDS),
                notebooks=read_notebooks(),
                target=target,
                jobs=1,  # what the areas share is computed once
            )
        )
    assert [result.record.reason for result in outcome.failed] == []
    return target


@pytest.fixture(scope="session")
def nu_checker(request: pytest.FixtureRequest) -> list[str]:
    """Return the command that runs the Nu HTML checker, installed through npm when first used."""
    java, npm = shutil.which("java"), shutil.which("npm")
    if java is None or npm is None:
        missing("Nu HTML checker not run: it needs java and npm (apt: default-jre-headless npm)")
    folder = Path(request.config.cache.mkdir("nu"))
    jar = folder / "node_modules/vnu-jar/build/dist/vnu.jar"
    with FileLock(folder / "install.lock"):
        if not jar.is_file():
            command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(
                [*command, "--prefix", str(folder), f"vnu-jar@{NU_VERSION}"],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode or not jar.is_file():
                missing(f"Nu HTML checker not run: npm cannot get vnu-jar ({done.stderr[-300:]})")
    return [java, "-jar", str(jar)]
