"""The Nu HTML checker on the pages."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(900)  # the first test waits for the report


def test_nu_finds_no_error(nu_checker: list[str], report_folder: Path) -> None:
    pages = sorted(str(path) for path in report_folder.rglob("*.html"))
    assert len(pages) == 4  # three areas and the index
    done = subprocess.run(
        [*nu_checker, "--format", "json", *pages], capture_output=True, text=True, check=False
    )
    messages = json.loads(done.stderr)["messages"]
    assert [message for message in messages if message["type"] == "error"] == []
