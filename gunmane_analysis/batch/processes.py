"""Processes on Linux: that they end with their parent, what they send, whether a fork is safe."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import site
import struct
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import gunmane_analysis
from gunmane_analysis.paths import HOME_VARIABLE, project_root

_PR_SET_PDEATHSIG = 1
_LENGTH = struct.Struct("<Q")
_READ_BYTES = 1 << 16  # as much as a pipe holds
TASKS = Path("/proc/self/task")


def can_fork() -> bool:
    """Whether this system is one where a process full of libraries can be forked at all."""
    return sys.platform == "linux" and TASKS.is_dir()


def end_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent dies, however it dies."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before it was asked
        os._exit(1)


class ParentGone(BaseException):
    """The process that started this one has ended, wherever this one stands."""


def hear_of_parents_end(parent: int) -> None:
    """From now on raise :class:`ParentGone` when the parent dies, in place of being killed.

    So that what this process has started can be ended first. The kernel also tells of the end of
    the parent's thread that started us, which means nothing.
    """

    def gone(*_: object) -> None:
        if os.getppid() != parent:
            raise ParentGone

    signal.signal(signal.SIGTERM, gone)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    gone()  # it may have died between


def environment_for_workers(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process of ours that works for this one.

    It finds the same project folder and the same package, wherever it is started.
    """
    package_home = str(Path(gunmane_analysis.__file__).resolve().parents[1])
    environment = {**os.environ, **extra, HOME_VARIABLE: str(project_root())}
    if package_home not in {*site.getsitepackages(), site.getusersitepackages()}:
        known = os.environ.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [package_home, known]))
    return environment


def threads() -> list[str]:
    """Return the names of this process's threads beyond the first.

    Counted by the kernel, so that threads of C libraries (OpenMP, BLAS, Arrow) are seen too: a
    lock that one of them holds would stay locked in a forked child for ever.
    """
    others = []
    for task in TASKS.iterdir():
        if task.name != str(threading.main_thread().native_id):
            try:
                others.append((task / "comm").read_text().strip())
            except FileNotFoundError:  # ended meanwhile
                continue
    return sorted(others)


@dataclass(frozen=True)
class Unsafe:
    """Why a process must not be forked, or cannot run these notebooks."""

    reason: str


def unsafe_threads() -> Unsafe | None:
    """Return why this process can no longer be forked, or None while it has one thread."""
    found = threads()
    if not found:
        return None
    named = "、".join(found)
    return Unsafe(f"読み込んだライブラリが別のスレッド（{named}）を動かしている")


class Outbox:
    """Sends Python objects through a pipe."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def send(self, message: object) -> None:
        """Send one object whole."""
        content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        rest = memoryview(_LENGTH.pack(len(content)) + content)
        while rest:
            rest = rest[os.write(self.descriptor, rest) :]


class Inbox:
    """Receives Python objects from a pipe without ever waiting for the rest of one."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.is_closed = False
        self._waiting = bytearray()

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self.descriptor

    def receive(self) -> Iterator[object]:
        """Read what is there and yield each object that is complete."""
        found = os.read(self.descriptor, _READ_BYTES)
        self.is_closed = not found
        self._waiting += found
        while len(self._waiting) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._waiting)
            end = _LENGTH.size + length
            if len(self._waiting) < end:
                return
            content = bytes(self._waiting[_LENGTH.size : end])
            del self._waiting[:end]
            yield pickle.loads(content)  # from a process that this one has started
