"""Kill filing at each of its file operations in turn, and look at what stands afterwards.

    python -m benchmarks.kill_filing

A test goes through every fifth operation (--every 5). An audit hook counts the operations inside
the project's folder; the product knows nothing of it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from gunmane_analysis.intake.check import check_file
from gunmane_analysis.loaders.filing import register_file, remove_file
from gunmane_analysis.loaders.store import build_all, load_table
from gunmane_analysis.paths import HOME_VARIABLE
from gunmane_analysis.sources import check_all_raw_files, read_register, sha256_of

SOURCE = "municipal_staffing"
_OPERATIONS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.copyfile")


def kill_at(operation: int, home: Path) -> None:
    """End this process, as kill -9 does, at its n-th operation on a file of the project."""
    seen = itertools.count(1)

    def count(event: str, arguments: tuple[object, ...]) -> None:
        is_file = event in _OPERATIONS and str(arguments[0]).startswith(str(home))
        if is_file and next(seen) == operation:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def is_killed(home: Path, operation: int, change: Callable[[], object]) -> bool:
    """Run the change in a process that is killed; False where it came to its end before."""
    child = os.fork()
    if child == 0:
        kill_at(operation, home)
        change()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if status not in (0, signal.SIGKILL):
        raise AssertionError(f"operation {operation} ended with {status}")
    return status != 0


def fault_of(home: Path, delivered: set[str], outcomes: list[set[str]]) -> str:
    """Return what is wrong after a kill; empty where register and folder agree."""
    raw = home / "data" / "raw"
    source = read_register()[SOURCE]
    registered = dict(source.files)
    kept = {name: facts["sha256"] for name, facts in source.replaced.items()}
    inside = {
        path.relative_to(raw).as_posix(): sha256_of(path)
        for path in raw.rglob("*")
        if path.is_file() and path.relative_to(raw).parts[0] == SOURCE
    }
    check_all_raw_files()
    list(build_all())
    if inside != registered | kept:
        return f"folder {inside} and register {registered | kept}"
    if not delivered <= set(inside.values()):
        return "a file is lost"
    if set(load_table(SOURCE)["municipality_code"]) not in outcomes:
        return f"rows {load_table(SOURCE)}"
    left = {path.name for path in raw.iterdir()} - {SOURCE, "sources.yml", ".sources.lock"}
    left -= {".sources.yml.partial", "..filing.json.partial"}  # written anew by the next filing
    return f"left over: {left}" if left else ""


def main(folder: Path, every: int) -> int:
    """Print for each change how many points were tried and what was wrong."""
    files = {}
    for name, code, count in (("a", "052043", 61), ("b", "011002", 5), ("c", "052043", 60)):
        files[name] = folder / f"{name}.csv"
        files[name].write_text(f"団体コード,年度,土木部門職員数\n{code},2024,{count}\n", "utf-8")
    checked = {name: check_file(path) for name, path in files.items()}
    changes: dict[str, tuple[Callable[[], object], list[set[str]]]] = {
        "add": (lambda: register_file(checked["b"]), [{"05204"}, {"05204", "01100"}]),
        "replace": (
            lambda: register_file(checked["c"], replacing=f"{SOURCE}/a.csv", reason="訂正"),
            [{"05204"}],
        ),
        "remove": (lambda: remove_file(SOURCE, "a.csv", "取り下げ"), [{"05204"}, set()]),
    }
    result = {}
    for name, (change, outcomes) in changes.items():
        faults, points = [], 0
        for operation in itertools.count(1, every):
            home = folder / name / str(operation)
            (home / "notebooks").mkdir(parents=True)
            (home / "data" / "raw").mkdir(parents=True)
            (home / "data" / "raw" / "sources.yml").write_text("sources:\n", "utf-8")
            os.environ[HOME_VARIABLE] = str(home)
            register_file(checked["a"])
            if not is_killed(home, operation, change):
                break
            points += 1
            fault = fault_of(home, {sha256_of(files["a"])}, outcomes)
            faults += [f"{operation}: {fault}"] if fault else []
            shutil.rmtree(home)
        result[name] = {"points": points, "faults": faults}
    print(json.dumps(result, ensure_ascii=False))
    return 1 if any(each["faults"] for each in result.values()) else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="go through each n-th operation only")
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(main(Path(temporary).resolve(), parser.parse_args().every))
