"""What tests of several modules share: a project folder of their own, and the shared folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import hypothesis
import pytest

from gunmane_analysis.paths import HOME_VARIABLE, project_root

# A busy machine is no defect: examples are judged by their outcome, never by their time.
hypothesis.settings.register_profile("gunmane", deadline=None, print_blob=True)
hypothesis.settings.load_profile("gunmane")


@pytest.fixture
def own_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the project's data and notebooks that a test may spoil."""
    home = tmp_path / "project"
    for name in ("notebooks", "data/raw"):
        shutil.copytree(project_root() / name, home / name)
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    return home
