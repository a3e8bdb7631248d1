"""What is committed: no addresses, secrets or traces of one machine, and nothing produced."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

UNWANTED = {
    "a package index": re.compile(
        r"--(extra-)?index[-]url|--find[-]links|\b(extra[_-])?index[_-]url\s*[=:]"
        r"|\bpypi[.]org/simple|files[.]pythonhosted[.]org|\bfile:[/]{2}"
    ),
    "a path of one machine": re.compile(
        r"(?<![\w.])/(work|farm|tmp|root|home|Users)/[A-Za-z]|\b[A-Z]:\\Users\\"
    ),
    "a secret": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}"
        r"|(?i:\b(password|passwd|secret|api_?key|token)\s*[=:]\s*[\"'][^\"'\s]{8,}[\"'])"
    ),
}
PRODUCED = re.compile(
    r"(data/processed|reports)/(?!\.gitkeep$)|\.(py[co]|log)$|(^|/)\.ipynb_checkpoints/|~\$"
)


def files_of_git(*options: str) -> list[Path]:
    """Files that git knows. Where the project is not a git checkout there is nothing to ask."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("git の作業フォルダーではないため、コミットされたものを調べられません")
    command = ["git", "-C", str(ROOT), "ls-files", "-z", *options]
    listed = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8")
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def unwanted_in(text: str) -> list[str]:
    return [what for what, pattern in UNWANTED.items() if pattern.search(text)]


def test_no_addresses_paths_or_secrets_are_committed() -> None:
    found = {}
    for path in files_of_git("--cached", "--others", "--exclude-standard"):
        content = (ROOT / path).read_bytes()
        if b"\0" not in content and (faults := unwanted_in(content.decode("utf-8", "replace"))):
            found[str(path)] = faults
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "pip install --index" + "-url https://example.jp/simple",
        "find" + "-links = x --find" + "-links wheels",
        "see file:/" + "/opt/x",
        "open('/ho" + "me/taro/data.csv')",
        r"C:" + r"\Users" + r"\taro",
        "pass" + "word = 'correct-horse'",
        "-----BEGIN RSA " + "PRIVATE KEY-----",
    ],
)
def test_what_is_unwanted_is_seen(text: str) -> None:
    assert len(unwanted_in(text)) == 1


@pytest.mark.parametrize(
    "text", ["https://example.jp/home/abc", "/usr/bin/chromium", "token = tokens[0]", "data/tmp/a"]
)
def test_what_is_harmless_is_let_through(text: str) -> None:
    assert unwanted_in(text) == []


def test_nothing_produced_is_committed() -> None:
    committed = [path.as_posix() for path in files_of_git("--cached")]
    assert committed != []
    assert [path for path in committed if PRODUCED.search(path)] == []


@pytest.mark.parametrize("readme", sorted(path.name for path in ROOT.glob("README*.md")))
def test_the_commands_a_readme_names_exist(readme: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = re.findall(
        r"(?:^|`)make ([a-z][a-z-]*)", (ROOT / readme).read_text("utf-8"), re.MULTILINE
    )
    assert {"reports", "test"} <= targets
    assert set(named) <= targets
