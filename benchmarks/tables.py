"""Processor seconds of building, loading and checking, here and in another checkout beside it.

python -m benchmarks.tables [ANOTHER_CHECKOUT]
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 3
CLI = [sys.executable, "-m", "gunmane_analysis.cli"]
FORM = "団体コード,団体名,年度,職員数（人）\n052043,大館市,2024,467\n"


def seconds(command: list[str], code: Path, home: Path) -> float:
    """Return user and system time of one command of a checkout, on a home of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(code), "GUNMANE_HOME": str(home)}
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=home)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(code: Path) -> dict[str, float]:
    """Return the least of some runs of each command."""
    load = "from gunmane_analysis import load_kpi; load_kpi()"
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name in ("notebooks", "data/raw"):
            shutil.copytree(code / name, home / name)
        form = home / "form.csv"
        form.write_text(FORM, encoding="utf-8")
        for _ in range(RUNS):
            shutil.rmtree(home / "data" / "processed", ignore_errors=True)
            for name, command in (
                ("data build from nothing", [*CLI, "data", "build"]),
                ("data build unchanged", [*CLI, "data", "build"]),
                ("first load_kpi()", [sys.executable, "-c", load]),
                ("data check of a small form", [*CLI, "data", "check", str(form)]),
            ):
                found.setdefault(name, []).append(seconds(command, code, home))
    return {name: min(taken) for name, taken in found.items()}


def main() -> None:
    """Print one line a command: here, and in the other checkout."""
    checkouts = [ROOT, *map(Path, sys.argv[1:2])]
    measured = [measure(code) for code in checkouts]
    for name in measured[0]:
        print(f"{name:28}", *(f"{each[name]:6.2f} s" for each in measured))


if __name__ == "__main__":
    main()
