"""Time the yearly run of this checkout and of another commit's, in turn, on one machine.

    git worktree add --detach ../old 42ac045    (with an environment of its own in ../old/.venv)
    python -m benchmarks.commits --other ../old --repeats 3

Each makes the pages of 47 prefectures anew in a project folder of its own, two workers, from the
notebooks and data of its own commit, and is then run again with nothing to do. What is compared
is thus what a user waits for; the contents differ, as the commits do. Tables are built before.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
MADE_ANEW, UNCHANGED = "47 prefectures made anew", "47 prefectures unchanged"


def seconds(command: list[str], home: Path) -> tuple[float, float]:
    """Return the processor and wall seconds of a command in a project folder."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    environment = {**os.environ, "GUNMANE_HOME": str(home)}
    environment.pop("PYTHONPATH", None)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=home)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, time.monotonic() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--other", type=Path, required=True, help="another commit's checkout")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    checkouts = [ROOT, options.other.resolve()]
    taken: dict[tuple[Path, str], list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for checkout in checkouts:
            for name in ("notebooks", "data/raw"):
                shutil.copytree(checkout / name, Path(folder) / checkout.name / name)
        for repeat in range(options.repeats + 1):
            for checkout in checkouts:
                home = Path(folder) / checkout.name
                report = [str(checkout / ".venv/bin/gunmane"), "report", "--year", "2024"]
                if repeat == 0:  # builds the tables, and is not counted
                    seconds([*report, "--regions", "05"], home)
                    continue
                report += ["--scheme", "prefectures"]
                for name, command in ((MADE_ANEW, [*report, "--force"]), (UNCHANGED, report)):
                    found = seconds(command, home)
                    taken.setdefault((checkout, name), []).append(found)
                    print(checkout.name, name, *(f"{each:.2f}" for each in found), flush=True)
    print("| what | checkout | n | processor, s: median (range) | wall, s: median (range) |")
    print("|---|---|---|---|---|")
    for (checkout, name), found in taken.items():
        columns = [
            f"{statistics.median(each):.2f} ({min(each):.2f}–{max(each):.2f})"
            for each in zip(*found, strict=True)
        ]
        print(f"| {name} | {checkout.name} | {len(found)} | {' | '.join(columns)} |")


if __name__ == "__main__":
    main()
