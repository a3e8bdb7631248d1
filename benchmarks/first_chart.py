"""Processor seconds of a kernel from its start to a notebook's first chart, one process each.

What a researcher waits for after Run All, without JupyterLab and the browser: imports, loading, and
the cells up to the first that shows a finding with a chart.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
RUNS = 3


def seconds_to_first_chart(notebook: Path) -> float:
    """Run the notebook's cells in this process until one shows a chart; infinite without one."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            done = shell.run_cell("".join(cell["source"]))
            done.raise_error()
            if getattr(done.result, "chart", None) is not None:
                return time.process_time()
    return float("inf")


def main() -> None:
    """Print the median of each notebook, or the seconds of the one that is named."""
    if len(sys.argv) > 1:
        print(seconds_to_first_chart(Path(sys.argv[1])))
        return
    for notebook in NOTEBOOKS:
        command = [sys.executable, __file__, str(notebook)]
        runs = [
            subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(RUNS)
        ]
        seconds = [float(run.stdout.split()[-1]) for run in runs]
        middle, least, most = statistics.median(seconds), min(seconds), max(seconds)
        print(f"{notebook.stem:14} {middle:.2f} ({least:.2f}-{most:.2f})")


if __name__ == "__main__":
    main()
