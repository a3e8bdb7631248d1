"""The wheel in an environment of its own: what somebody has who only installed the package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

import pytest

from gunmane_analysis.version import __version__

ROOT = Path(__file__).parents[2]
SCRIPT = """\
from gunmane_analysis import find_area, load_staffing

area = find_area("秋田県")
staff = load_staffing()
print(area.name, len(staff))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel; the libraries are those of the environment that tests."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    wheel = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    subprocess.run(wheel, check=True, timeout=300)
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}, scheme="venv"))
    (built,) = folder.glob("*.whl")
    install = [*pip, "--python", str(environment), "install", "--no-deps", str(built)]
    subprocess.run(install, check=True, timeout=300)
    (packages / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return environment


def run(environment: Path, folder: Path, *command: str) -> str:
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    clean = {key: value for key, value in os.environ.items() if key != "GUNMANE_HOME"}
    done = subprocess.run(
        [str(scripts / command[0]), *command[1:]],
        cwd=folder,
        env={**clean, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_package_is_the_wheels_own(installed: Path, tmp_path: Path) -> None:
    where = "import gunmane_analysis as g; print(g.__file__, g.__version__)"
    file, version = run(installed, tmp_path, "python", "-c", where).split()
    assert Path(file).is_relative_to(installed)
    assert version == __version__
    assert run(installed, tmp_path, "gunmane", "--version") == f"gunmane {__version__}\n"


def test_its_metadata_state_licence_authors_and_source(installed: Path) -> None:
    (found,) = installed.rglob("gunmane_analysis-*.dist-info")
    stated = metadata.Distribution.at(found).metadata
    assert stated["License-Expression"] == "MIT"  # an SPDX expression, as PEP 639 has it
    assert stated["Author"] == "The gunmane_analysis developers"
    (address,) = stated.get_all("Project-URL") or []
    assert address.startswith("Background (MLIT), https://www.mlit.go.jp/")
    (licence,) = stated.get_all("License-File") or []
    text = (found / "licenses" / licence).read_text("utf-8")
    assert text.startswith("MIT License")
    assert "The gunmane_analysis developers" in text
    assert not [each for each in stated.get_all("Classifier") or [] if "License" in each]


def test_a_folder_is_laid_out_and_a_report_made_in_it(installed: Path, tmp_path: Path) -> None:
    run(installed, tmp_path, "gunmane", "init", "home")
    home = tmp_path / "home"
    assert (home / "notebooks" / "staffing.ipynb").is_file()
    assert (home / "data" / "raw" / "sources.yml").is_file()
    run(installed, home, "gunmane", "report", "--year", "2024", "--regions", "秋田県")
    assert (home / "reports" / "2024" / "05" / "index.html").is_file()


def test_a_script_of_a_user_is_checked_against_our_types(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(SCRIPT.replace("area.name", "area.nam"), encoding="utf-8")
    python = str(installed / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    cache = tmp_path / "cache"  # of the libraries, where `make types` has been run
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", cache)
    words = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(cache)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *words, "--python-executable", python, "own.py", "wrong.py"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    (fault,) = done.stdout.splitlines()[:-1]
    assert fault.startswith("wrong.py:")
    assert 'has no attribute "nam"' in fault


def test_a_folder_with_something_in_it_is_left_alone(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    scripts = installed / ("Scripts" if os.name == "nt" else "bin")
    refused = subprocess.run(
        [str(scripts / "gunmane"), "init", "."],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert refused.returncode == 2
    assert "空ではありません" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
