"""What tests of several modules share: a project folder of their own, and the shared folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

from gunmane_analysis.loaders.store import build_all
from gunmane_analysis.paths import HOME_VARIABLE, project_root
from tests.report.projects import UNFINISHED

# A busy machine is no defect: examples are judged by their outcome, never by their time.
hypothesis.settings.register_profile("gunmane", deadline=None, print_blob=True)
hypothesis.settings.load_profile("gunmane")

# Begun first, so that the processes of a test run end together; by processor time.
SLOW_FILES = (
    "browser/test_lab.py",
    "report/test_batch.py",
    "browser/test_page.py",
    "report/test_parity.py",
    "intake/test_official.py",
    "metrics/test_effects.py",
    "house/test_readme.py",
    "loaders/test_filing.py",
    "report/test_faults.py",
    "house/test_api_reference.py",
    "packaging/test_wheel.py",
    "report/test_staffing_findings.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first; a file is run by one process (Makefile)."""
    folder = Path(__file__).parent
    place = {folder / name: number for number, name in enumerate(SLOW_FILES)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let no test be skipped in CI but those that need the folder beside the project."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if "shared" not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped, which CI does not allow: {reason}"
    return report


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are cores: tests wait for browsers and batches."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def own_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the project's data, tables built, and notebooks that a test may spoil."""
    list(build_all())
    home = tmp_path / "project"
    for name in ("notebooks", "data/raw", "data/processed"):
        shutil.copytree(project_root() / name, home / name, ignore=UNFINISHED)
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    return home
