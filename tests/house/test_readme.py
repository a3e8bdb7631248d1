"""Every command that a README prints for its readers is run, in order, in a project of its own."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from gunmane_analysis.cli import main

ROOT = Path(__file__).parents[2]
READMES = sorted(ROOT.glob("README*.md"))
# a number that e-Stat gives, and the file that it answers with
WITH_AN_ACCOUNT = ("--app-id", "ssds_0000010104.json")
# set-up, and a run of eleven areas that other tests make one by one
SET_UP = re.compile(r"make |conda |python -m venv|\.venv/bin/|gunmane report --year 2024$")
pytestmark = pytest.mark.timeout(600)


def printed(readme: Path) -> list[str]:
    """Return the commands of its shell blocks, without their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", readme.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in dict.fromkeys(lines) if line]


def ready(commands: list[str]) -> list[str]:
    return [
        line
        for line in commands
        if not SET_UP.match(line) and not any(word in line for word in WITH_AN_ACCOUNT)
    ]


def test_the_english_readme_prints_no_other_command_for_its_readers() -> None:
    japanese = printed(ROOT / "README.ja.md")
    assert set(ready(printed(ROOT / "README.md"))) <= set(japanese)
    assert len(ready(japanese)) >= 10


def test_the_commands_run_as_printed(
    own_project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    filled = (
        "団体コード,団体名,年度,土木部門職員数（人）,土木技師数（人）\n052043,大館市,2024,12,6\n"
    )
    (own_project / "届いた資料").mkdir()
    (own_project / "届いた資料" / "大館市.csv").write_text(filled, encoding="utf-8")
    monkeypatch.chdir(own_project)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for line in ready(printed(ROOT / "README.ja.md")):
        program, *words = shlex.split(line)
        if program == "gunmane":
            code = main(words)
        else:
            code = subprocess.run([sys.executable, "-m", program, *words], check=False).returncode
        assert code == 0, f"{line}\n{capfd.readouterr()}"
    page = Path("05.html").read_text("utf-8")  # a notebook run by papermill, then by nbconvert
    assert "<h1>秋田県" in page
    assert "Content-Security-Policy" in page
    assert page.count("<figure") >= 4
    assert "find_area" not in page  # no code cell
    assert list(own_project.glob("reports/**/05_*.zip"))


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_what_needs_an_account_is_a_command(
    readme: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for line in printed(readme):
        if any(word in line for word in WITH_AN_ACCOUNT):
            with pytest.raises(SystemExit) as stop:
                main([*shlex.split(line)[1:], "--help"])
            assert stop.value.code == 0
            assert "usage: gunmane data" in capsys.readouterr().out


def test_the_python_of_the_readme_runs() -> None:
    blocks = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.DOTALL
    )
    assert blocks
    for block in blocks:
        exec(block, {})
