"""What one notebook must not leave behind for the next one in the same process."""

from __future__ import annotations

import hashlib
import os
import random
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

_SEED_BYTES = 16
_BLOCK_BITS = 624 * 32
_BLOCKS_FOLLOWED = 2000
# set once for the process when pyplot is first imported, by whichever notebook does so
_OF_PYPLOT = frozenset({"backend", "backend_fallback", "interactive"})


@dataclass
class ProcessState:
    """The settings of a process that a cell can change and another cell would feel.

    matplotlib's rcParams and pandas' options, environment, working folder, module search path,
    warning filters, and the two global random generators.
    """

    folder: str
    environment: dict[str, str]
    search_path: list[str]
    filters: list[Any]
    stdlib_random: Any
    numpy_random: Any = None
    rc_params: dict[str, Any] = field(default_factory=dict)
    pandas_options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def take(cls) -> ProcessState:
        """Take down the state as it is."""
        state = cls(
            folder=os.getcwd(),
            environment=dict(os.environ),
            search_path=list(sys.path),
            filters=list(warnings.filters),
            stdlib_random=random.getstate(),
        )
        if "numpy.random" in sys.modules:
            state.numpy_random = sys.modules["numpy.random"].get_state()
        if "matplotlib" in sys.modules:
            rc_params = sys.modules["matplotlib"].rcParams
            state.rc_params = {n: v for n, v in rc_params.items() if n not in _OF_PYPLOT}
        if "pandas" in sys.modules:
            state.pandas_options = _flat(sys.modules["pandas"].options.d)
        return state

    def restore(self) -> None:
        """Put the state back."""
        os.chdir(self.folder)
        if dict(os.environ) != self.environment:
            os.environ.clear()
            os.environ.update(self.environment)
        sys.path[:] = self.search_path
        warnings.filters[:] = self.filters  # type: ignore[index]
        warnings._filters_mutated()  # type: ignore[attr-defined]  # a warning may be shown anew
        random.setstate(self.stdlib_random)
        if self.numpy_random is not None:
            sys.modules["numpy.random"].set_state(self.numpy_random)
        if self.rc_params:
            dict.update(sys.modules["matplotlib"].rcParams, self.rc_params)
        if self.pandas_options:
            _restore_pandas(self.pandas_options)

    def since(self, before: ProcessState) -> ProcessState:
        """Return the state without the options that were the same before.

        Where the process is as it was before, restoring it does as much in a fraction of the time.
        """
        return replace(
            self,
            rc_params=_changed(self.rc_params, before.rc_params),
            pandas_options=_changed(self.pandas_options, before.pandas_options),
        )

    def has_own_seed(self, before: ProcessState) -> tuple[bool, bool]:
        """Whether the stdlib's and NumPy's generators were seeded since ``before``.

        A notebook that seeds before its parameters wants the same numbers for every area; one
        that merely draws, or does neither, must get others for each. Drawing leads through
        a generator's blocks of 624 words one by one; seeding leaps elsewhere.
        """
        stdlib = _has_leapt(
            lambda rng: rng.getrandbits(_BLOCK_BITS),
            lambda rng: rng.getstate()[1][:-1],
            _stdlib_generator(before.stdlib_random),
            self.stdlib_random[1][:-1],
        )
        if self.numpy_random is None or before.numpy_random is None:
            return stdlib, False
        generator = sys.modules["numpy.random"].RandomState()
        generator.set_state(before.numpy_random)
        return stdlib, _has_leapt(
            lambda rng: rng.bytes(_BLOCK_BITS // 8),
            lambda rng: rng.get_state()[1].tobytes(),
            generator,
            self.numpy_random[1].tobytes(),
        )


def _stdlib_generator(state: Any) -> random.Random:
    generator = random.Random()
    generator.setstate(state)
    return generator


def _has_leapt(
    draw_block: Callable[[Any], object],
    block_of: Callable[[Any], object],
    generator: Any,
    block: object,
) -> bool:
    for _ in range(_BLOCKS_FOLLOWED):
        if block_of(generator) == block:
            return False
        draw_block(generator)
    return True


def _flat(options: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in options.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _changed(options: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in options.items()
        if before.get(name) is not value and before.get(name) != value
    }


def _restore_pandas(options: dict[str, Any]) -> None:
    pandas = sys.modules["pandas"]
    for name, value in _changed(options, _flat(pandas.options.d)).items():
        pandas.set_option(name, value)


def seed_of(*parts: object) -> int:
    """Return a seed that depends on nothing but the parts, the same on every machine.

    Examples
    --------
    >>> seed_of("staffing", "05", 2024) == seed_of("staffing", "05", 2024)
    True
    >>> seed_of("staffing", "05", 2024) == seed_of("staffing", "06", 2024)
    False
    """
    text = "\x1f".join(map(str, parts)).encode("utf-8")
    return int.from_bytes(hashlib.sha256(text).digest()[:_SEED_BYTES], "big")


def reseed(seed: int, *, stdlib: bool = True, numpy: bool = True) -> None:
    """Seed the global generators, so that no two areas draw the same numbers."""
    if stdlib:
        random.seed(seed)
    if numpy and "numpy.random" in sys.modules:
        words = [(seed >> shift) & 0xFFFFFFFF for shift in range(0, _SEED_BYTES * 8, 32)]
        sys.modules["numpy.random"].seed(words)
