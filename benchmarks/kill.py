"""Kill a batch at random moments and see that nothing is half-written, left over or different.

    python -m benchmarks.kill --times 200

Every round starts `gunmane report` on an empty target, kills it with SIGKILL at a random moment
of the time that an undisturbed run takes, waits at most three seconds for its processes to end,
reads every file that is there, then runs it again to the end and compares all files with
those of the undisturbed run, byte for byte.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from gunmane_analysis.loaders.store import build_all
from gunmane_analysis.paths import project_root

EPOCH = "1735689600"  # any fixed moment: pages then repeat to the byte
RUN_FILES = {"run.json", ".lock"}


def batch(home: Path, options: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "gunmane_analysis.cli", "report", *options],
        env={**os.environ, "GUNMANE_HOME": str(home), "SOURCE_DATE_EPOCH": EPOCH},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def content(target: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(target)): path.read_bytes()
        for path in sorted(target.rglob("*"))
        if path.is_file() and path.name not in RUN_FILES
    }


def half_written(found: dict[str, bytes], whole: dict[str, bytes]) -> list[str]:
    """Files in their places that are not what the undisturbed run wrote there."""
    return [
        name
        for name, text in found.items()
        if not name.startswith(".writing/") and name != "index.html" and text != whole[name]
    ]


def family(home: Path) -> list[int]:
    mine = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("GUNMANE_HOME") == str(home) and process.pid != os.getpid():
                mine.append(process.pid)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return mine


def survivors(home: Path, seconds: float = 3.0) -> tuple[list[int], float]:
    """Processes of the batch that live on after so long, and how long the last one lived."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        left = family(home)
        if not left:
            return [], time.monotonic() - started
        time.sleep(0.02)
    return left, seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--options", default="--regions japan,tohoku,05,06 --theme staffing")
    parser.add_argument("--project", type=Path, help="a project folder; default: this one")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chosen = options.options.split()
    list(build_all())  # so that no round is spent on it
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "project"
        for name in ("notebooks", "data/raw", "data/processed"):
            shutil.copytree((options.project or project_root()) / name, home / name)
        reports = home / "reports"
        started = time.monotonic()
        assert batch(home, chosen).wait() == 0
        usual = time.monotonic() - started
        (target,) = reports.iterdir()
        whole = content(target)
        faults: list[str] = []
        killed_running, longest = 0, 0.0
        for round_number in range(options.times):
            shutil.rmtree(reports)
            process = batch(home, chosen)
            moment = draw.uniform(0.0, usual)
            time.sleep(moment)
            killed_running += process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
            left, lived = survivors(home)
            longest = max(longest, lived)
            if left:
                faults.append(f"{round_number} at {moment:.2f} s: processes left {left}")
            wrong = half_written(content(target), whole) if target.is_dir() else []
            if wrong:
                faults.append(f"{round_number} at {moment:.2f} s: half-written {wrong}")
            status = batch(home, chosen).wait()
            again = content(target)
            if status != 0 or again != whole:
                differing = [
                    name for name in {*whole, *again} if whole.get(name) != again.get(name)
                ]
                faults.append(f"{round_number} at {moment:.2f} s: rerun {status}, {differing}")
            if round_number % 20 == 19:
                print(f"{round_number + 1} rounds, faults {faults}", file=sys.stderr, flush=True)
    print(
        json.dumps(
            {
                "rounds": options.times,
                "killed_while_running": killed_running,
                "undisturbed_seconds": round(usual, 2),
                "longest_afterlife_seconds": round(longest, 3),
                "faults": faults,
            },
            ensure_ascii=False,
            indent=1,
        )
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
