"""What the engine itself costs: near-empty notebooks at the size of the whole country.

    python -m benchmarks.empty --areas 10,100,1741

Prints for each number of areas the seconds, the milliseconds an area, the growth of the fork
server's memory and open files, the largest PSS of a child, an unchanged rerun, and what is left
behind afterwards.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from gunmane_analysis.paths import project_root

PARAMETERS = 'area_id = "05"\nfiscal_year = 2024\nscheme_id = "regional_bureaus"'
_BETWEEN_LOOKS = 0.5


def near_empty_project(home: Path) -> None:
    (home / "notebooks").mkdir(parents=True)
    shutil.copytree(project_root() / "data" / "raw", home / "data" / "raw")
    tagged = new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    cells = [new_markdown_cell("# 空"), new_code_cell("x = 1"), tagged, new_code_cell("x")]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(content, home / "notebooks" / "empty.ipynb")


class Meter(threading.Thread):
    """Looks at the fork server of a batch and its children, seldom enough not to hinder them."""

    def __init__(self, batch: int) -> None:
        super().__init__(daemon=True)
        self.batch = batch
        self.over = threading.Event()
        self.server: list[tuple[int, int]] = []
        self.child_pss = 0
        self.pids: set[int] = set()

    def run(self) -> None:
        while not self.over.wait(_BETWEEN_LOOKS):
            with contextlib.suppress(psutil.Error, OSError):
                for server in psutil.Process(self.batch).children():
                    self.pids.add(server.pid)
                    children = server.children()
                    if children:
                        self.server.append((server.memory_info().rss, server.num_fds()))
                    for child in children:
                        self.pids.add(child.pid)
                        self.child_pss = max(self.child_pss, proportional_share(child.pid))


def proportional_share(pid: int) -> int:
    """Bytes of a process's memory, what it shares divided among those that share it (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def processor_seconds() -> float:
    """Processor seconds of all processes that have ended below this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(home: Path, areas: list[str]) -> dict[str, object]:
    command = f"{sys.executable} -m gunmane_analysis.cli report --json --year 2024".split()
    command += ["--regions", ",".join(areas)]
    shutil.rmtree(home / "reports", ignore_errors=True)
    temporary = home / "tmp"
    temporary.mkdir(exist_ok=True)
    started, used = time.monotonic(), processor_seconds()
    environment = {**os.environ, "TMPDIR": str(temporary)}
    batch = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    meter = Meter(batch.pid)
    meter.start()
    told, _ = batch.communicate()
    wall = time.monotonic() - started
    meter.over.set()
    meter.join()
    used = processor_seconds() - used
    made = json.loads(told)
    again = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    samples = meter.server or [(0, 0)]
    return {
        "areas": len(made["made"]),
        "wall_s": round(wall, 2),
        "run_s": made["seconds"],
        "processor_s": round(used, 2),
        "unchanged_rerun_s": again["seconds"],
        "unchanged": len(again["unchanged"]),
        "server_growth_mb": round((samples[-1][0] - samples[0][0]) / 1e6, 1),
        "server_open_files": [samples[0][1], samples[-1][1]],
        "largest_child_pss_mb": round(meter.child_pss / 1e6, 1),
        "processes_left": sum(psutil.pid_exists(pid) for pid in meter.pids),
        "temporary_files_left": len(os.listdir(temporary)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--areas", default="10,100,1741")
    options = parser.parse_args()
    from gunmane_analysis.areas import DEFAULT_SCHEME_ID, list_areas

    everywhere = [area.area_id for area in list_areas("municipality", DEFAULT_SCHEME_ID)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "project"
        near_empty_project(home)
        os.environ["GUNMANE_HOME"] = str(home)
        for count in map(int, options.areas.split(",")):
            print(json.dumps(measure(home, everywhere[:count])), flush=True)


if __name__ == "__main__":
    main()
