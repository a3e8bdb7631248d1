"""Processor seconds of ``gunmane data check``: one workbook, a folder of files.

``python benchmarks/intake.py FILE.xlsx FOLDER`` checks the workbook as a command in a new process,
then every file of the folder in one process. A small form is measured by ``tables.py``.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from gunmane_analysis.intake.check import check_file

ROUNDS = 5


def seconds_of(run: Callable[[], object]) -> float:
    """Return the processor seconds of a call and of the processes that it starts."""

    def used() -> float:
        both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(each.ru_utime + each.ru_stime for each in both)

    before = used()
    run()
    return used() - before


def check_command(path: Path) -> None:
    """Run ``gunmane data check`` in a new process."""
    command = [sys.executable, "-m", "gunmane_analysis.cli", "data", "check", str(path)]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)


def main() -> None:
    """Print one line per measurement, the least of five rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workbook", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    files = [path for path in sorted(options.folder.rglob("*.*")) if path.suffix != ".md"]
    least = min(seconds_of(lambda: check_command(options.workbook)) for _ in range(ROUNDS))
    print(f"{least:6.2f} s  {options.workbook.name}")
    whole = seconds_of(lambda: [check_file(path) for path in files])
    print(f"{whole:6.2f} s  {len(files)} files")


if __name__ == "__main__":
    main()
