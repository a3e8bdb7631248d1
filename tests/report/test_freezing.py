"""Memory gathered in large pages before forks: the same memory, in fewer pieces."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gunmane_analysis.batch.processes import can_fork

pytestmark = pytest.mark.skipif(not can_fork(), reason="forking is for Linux")

_FROZEN = """
import gc, hashlib, os
from gunmane_analysis.batch import freezing

def large():
    for line in open("/proc/self/smaps_rollup"):
        if line.startswith("AnonHugePages:"):
            return int(line.split()[1]) * 1024

held = [os.urandom(1000) for _ in range(30_000)]
digest = hashlib.sha256(b"".join(held)).digest()
accepted = freezing.freeze()
assert large() >= accepted * 2 * 2**20
assert gc.get_freeze_count() > 0
assert hashlib.sha256(b"".join(held)).digest() == digest
child = os.fork()
if child == 0:
    held[:] = [b""] * len(held)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert hashlib.sha256(b"".join(held)).digest() == digest
"""


def test_memory_holds_what_it_held_in_larger_pages() -> None:
    assert subprocess.run([sys.executable, "-c", _FROZEN], check=False).returncode == 0


def test_an_older_kernel_changes_nothing() -> None:
    refused = f"from gunmane_analysis.batch import freezing\nfreezing._COLLAPSE = -1{_FROZEN}"
    refused += "assert accepted == 0"
    assert subprocess.run([sys.executable, "-c", refused], check=False).returncode == 0


_RESERVED = """
import importlib
from gunmane_analysis.batch import freezing

freezing.reserve()
held = []
for name in ("decimal", "pandas", "lxml.etree"):
    held += [bytes(400) for _ in range(20_000)]
    importlib.import_module(name)
middle = sorted(map(id, held))[len(held) // 2]
for line in open("/proc/self/maps"):
    start, end = (int(bound, 16) for bound in line.split()[0].split("-"))
    if start <= middle < end:
        break
assert end - start >= 64 * 2**20
assert sum(start <= id(held_one) < end for held_one in held) > 0.95 * len(held)
"""


def test_small_objects_lie_together_whatever_is_loaded_between() -> None:
    assert subprocess.run([sys.executable, "-c", _RESERVED], check=False).returncode == 0
    scattered = _RESERVED.replace("freezing.reserve()", "")
    assert subprocess.run([sys.executable, "-c", scattered], check=False).returncode != 0
