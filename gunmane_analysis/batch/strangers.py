"""Packages that our libraries load where they happen to be installed, kept out of a batch."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

# jsonschema, which nbformat loads, would check internationalised addresses with it; no notebook
# has one, and its grammar costs a second and 34 MB
GRAMMAR = "rfc3987_syntax"
# statsmodels (through formulaic), pandera and papermill load them, which costs seconds and
# starts threads
OPTIONAL = ("polars", "dask", "black")
_SOUGHT_OFTEN = frozenset({"black"})  # by papermill, in every area


class _Hidden(MetaPathFinder, Loader):
    """Lets packages fail to import as if they were not installed.

    An entry of None in ``sys.modules`` would do so faster, but scikit-learn takes it for the
    package itself; it is used for what is sought often, which scikit-learn does not ask for.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname in self.names else None

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        raise ModuleNotFoundError(f"{module.__name__} is kept out", name=module.__name__)


_HIDDEN = _Hidden()


def keep_out(names: Iterable[str]) -> None:
    """Let these packages fail to import from now on in this process.

    Call it before the library that would load them is imported itself.
    """
    if _HIDDEN not in sys.meta_path:
        sys.meta_path.insert(0, _HIDDEN)
    for name in names:
        _HIDDEN.names.add(name)
        if name in _SOUGHT_OFTEN:
            sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def let_in(names: Iterable[str]) -> None:
    """Let these packages be imported again."""
    for name in names:
        _HIDDEN.names.discard(name)
        if sys.modules.get(name, _HIDDEN) is None:
            del sys.modules[name]


@contextmanager
def kept_out(names: Sequence[str]) -> Iterator[None]:
    """Keep these packages out inside the ``with`` block; what it loads stays without them."""
    keep_out(names)
    try:
        yield
    finally:
        let_in(names)
