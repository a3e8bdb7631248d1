"""``gunmane init``: lay out a working folder where there is no checkout of the project."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from gunmane_analysis.paths import shipped_home
from gunmane_analysis.refusals import caution, refusal, refuse_if


def run_init(options: argparse.Namespace) -> None:
    """Lay out the folder, and say how to begin."""
    folder = options.folder.expanduser()
    lay_out(folder)
    print(caution("home-laid-out", folder=str(folder)))


def lay_out(folder: Path) -> None:
    """Copy the shipped notebooks and delivered files into a folder that is empty or new.

    Raises
    ------
    ReportError
        If the folder has something in it, or cannot be written.
    """
    try:
        refuse_if(folder.exists() and any(folder.iterdir()), "folder-not-empty", path=folder)
        for name in ("notebooks", "data/raw"):
            shutil.copytree(
                shipped_home() / name,
                folder / name,
                ignore=shutil.ignore_patterns(".ipynb_checkpoints"),
            )
        for name in ("data/processed", "reports"):
            (folder / name).mkdir(parents=True)
    except OSError as fault:
        raise refusal("output-unwritable", path=folder, cause=fault.strerror or fault) from fault
