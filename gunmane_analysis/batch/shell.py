"""A notebook's shell without its kernel: cells run in this process, outputs are collected.

It is ipykernel's own shell, display hook and publisher; only the session that would send
their messages over a socket is replaced by one that keeps them. What a cell shows is
therefore what JupyterLab would show.
"""

from __future__ import annotations

import builtins
import getpass
import io
import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from jupyter_client.session import Session
from nbformat import NotebookNode, from_dict
from traitlets.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

INLINE_BACKEND = "module://matplotlib_inline.backend_inline"
# what of a message stands in a cell, by the notebook format
_KEPT = {
    "stream": ("name", "text"),
    "display_data": ("metadata", "data"),
    "execute_result": ("metadata", "data", "execution_count"),
    "error": ("ename", "evalue", "traceback"),
}


class OutputCollector:
    """Turns messages of a kernel's output channel into the outputs of cells, as nbclient does."""

    def __init__(self) -> None:
        self._outputs: list[NotebookNode] = []
        self._shown: dict[str, list[NotebookNode]] = {}
        self._clear_first = False

    def open_cell(self, outputs: list[NotebookNode]) -> None:
        """Collect into this list from now on."""
        self._outputs = outputs
        self._clear_first = False

    def open_notebook(self, shown: dict[str, list[NotebookNode]]) -> None:
        """Update, from now on, the displays that one notebook has shown under an id."""
        self._shown = shown

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """Take one message.

        Parameters
        ----------
        kind : str
            The message's type, as in the Jupyter protocol.
        content : dict
            Its content; nothing in it is shared with the cell that made it.
        """
        if kind == "clear_output":
            self._clear_first = bool(content.get("wait"))
            if not self._clear_first:
                self._clear()
            return
        display_id = (content.get("transient") or {}).get("display_id")
        if display_id and kind in ("display_data", "update_display_data", "execute_result"):
            for output in self._shown.get(display_id, ()):
                output["data"], output["metadata"] = content["data"], content["metadata"]
        if kind not in _KEPT:
            return
        if self._clear_first:
            self._clear()
            self._clear_first = False
        last = self._outputs[-1] if self._outputs else None
        if kind == "stream" and last is not None and last.get("name") == content["name"]:
            last["text"] += content["text"]
            return
        # not nbformat's own maker, which holds every output against the schema in every child
        output = from_dict({"output_type": kind, **{name: content[name] for name in _KEPT[kind]}})
        self._outputs.append(output)
        if display_id:
            self._shown.setdefault(display_id, []).append(output)

    def _clear(self) -> None:
        cleared = {id(output) for output in self._outputs}
        self._outputs.clear()
        for shown in self._shown.values():
            shown[:] = [output for output in shown if id(output) not in cleared]


class CollectingSession(Session):
    """A session that hands messages over instead of sending them through a socket."""

    def attach(self, collector: OutputCollector, before: Callable[[], None]) -> None:
        """Hand messages to a collector, after calling ``before`` for each."""
        self._collector, self._before = collector, before

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any) -> None:
        """Hand over a message, through the packing it would go through on its way."""
        if isinstance(msg_or_type, str):
            kind = msg_or_type
        else:
            kind, content = msg_or_type["header"]["msg_type"], msg_or_type["content"]
        self._before()
        self._collector.take(kind, self.unpack(self.pack(content)))


class CellStream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a cell."""

    encoding = "UTF-8"
    errors = "strict"

    def __init__(self, name: str, collector: OutputCollector, before: Callable[[], None]) -> None:
        self.name = name
        self._collector, self._before = collector, before

    def write(self, text: str) -> int:
        """Show text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if text:
            self._before()
            self._collector.take("stream", {"name": self.name, "text": text})
        return len(text)

    def writable(self) -> bool:
        """Say yes."""
        return True

    def isatty(self) -> bool:
        """Say no."""
        return False

    def fileno(self) -> int:
        """Return the descriptor that is captured too."""
        return {"stdout": 1, "stderr": 2}[self.name]


class DescriptorCapture:
    """Catches what is written to the descriptors 1 and 2 below Python: C code, subprocesses."""

    def __init__(self, collector: OutputCollector) -> None:
        self._collector = collector
        self._files: dict[str, int] = {}
        self._saved: dict[int, int] = {}
        self._read: dict[str, int] = {}

    def start(self) -> None:
        """Point both descriptors at memory; the ones before are kept."""
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            self._saved[descriptor] = os.dup(descriptor)
            memory = os.memfd_create(name)
            os.dup2(memory, descriptor)
            self._files[name], self._read[name] = memory, 0

    def stop(self) -> None:
        """Point both descriptors to where they pointed before."""
        for descriptor, saved in self._saved.items():
            os.dup2(saved, descriptor)
            os.close(saved)
        for memory in self._files.values():
            os.close(memory)
        self._files, self._saved, self._read = {}, {}, {}

    def drain(self) -> None:
        """Show what has been written since the last time."""
        for name, memory in self._files.items():
            size = os.fstat(memory).st_size
            if size > self._read[name]:
                found = os.pread(memory, size - self._read[name], self._read[name])
                self._read[name] = size
                text = found.decode("utf-8", "replace")
                self._collector.take("stream", {"name": name, "text": text})


@dataclass
class Namespace:
    """One notebook's variables and its count of executed cells."""

    module: ModuleType
    variables: dict[str, Any]
    hidden: dict[str, Any]
    inputs: list[str]
    raw_inputs: list[str]
    outputs: dict[int, Any]
    shown: dict[str, list[NotebookNode]]
    execution_count: int = 1
    last_results: tuple[Any, Any, Any] = ("", "", "")  # what _, __ and ___ stand for


class _NoKernel:
    """What ipykernel's shell asks of its kernel when a cell calls ``exit``."""

    eventloop = None


class NotebookShell(ZMQInteractiveShell):
    """Runs the cells of one notebook after another, each in its own namespace."""

    def __init__(self, **settings: Any) -> None:
        config: Any = Config()
        config.HistoryManager.enabled = False
        super().__init__(config=config, **settings)  # type: ignore[no-untyped-call]
        self.kernel = _NoKernel()
        self.collector = OutputCollector()
        self.descriptors = DescriptorCapture(self.collector)
        session = CollectingSession()
        session.attach(self.collector, self.descriptors.drain)
        sender: Any
        for sender in (self.displayhook, self.display_pub):
            sender.session = session
        self._streams = {
            name: CellStream(name, self.collector, self.descriptors.drain)
            for name in ("stdout", "stderr")
        }

    @contextmanager
    def capturing(self) -> Iterator[None]:
        """Show in cells what is printed inside the ``with`` block, and refuse ``input()``."""
        kept = sys.stdout, sys.stderr, builtins.input, getpass.getpass
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self.descriptors.start()
        sys.stdout, sys.stderr = self._streams["stdout"], self._streams["stderr"]
        builtins.input, getpass.getpass = _refuse_input, _refuse_input
        try:
            yield
        finally:
            sys.stdout, sys.stderr, builtins.input, getpass.getpass = kept
            self.descriptors.stop()

    def new_namespace(self) -> Namespace:
        """Make an empty namespace, with the names that every notebook starts with."""
        module, variables = self.prepare_user_module()  # type: ignore[no-untyped-call]
        namespace = Namespace(module, variables, {}, [""], [""], {}, {})
        self.enter(namespace)
        self.init_user_ns()  # type: ignore[no-untyped-call]
        return namespace

    def enter(self, namespace: Namespace) -> None:
        """Run the next cells in this namespace."""
        self.user_module, self.user_ns = namespace.module, namespace.variables
        self.user_ns_hidden = namespace.hidden
        history: Any = self.history_manager
        history.input_hist_parsed, history.input_hist_raw = namespace.inputs, namespace.raw_inputs
        history.output_hist = namespace.outputs
        self.execution_count = namespace.execution_count
        hook: Any = self.displayhook
        hook._, hook.__, hook.___ = namespace.last_results
        self.init_sys_modules()  # type: ignore[no-untyped-call]
        self.collector.open_notebook(namespace.shown)

    def run(self, cell: NotebookNode, namespace: Namespace) -> BaseException | None:
        """Run one code cell, fill its outputs, and return the error it stopped at, if any."""
        self.collector.open_cell(cell.outputs)
        cell.execution_count = self.execution_count
        run_cell: Any = self.run_cell
        result = run_cell(cell.source, store_history=True, cell_id=cell.get("id"))
        self.descriptors.drain()
        namespace.execution_count = self.execution_count
        hook: Any = self.displayhook
        namespace.last_results = hook._, hook.__, hook.___
        error: BaseException | None = result.error_before_exec or result.error_in_exec
        return error


def _refuse_input(*_: object, **__: object) -> NoReturn:
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def open_shell() -> NotebookShell:
    """Return this process's shell, made before pandas decides whether it sits in a notebook."""
    os.environ.setdefault("MPLBACKEND", INLINE_BACKEND)
    shell: NotebookShell = NotebookShell.instance()
    return shell
