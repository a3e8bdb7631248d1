"""The filed list of changes of municipalities: what became of a code, and when.

The package itself knows the codes that ended since 2014 (``reference_data/municipalities.csv``).
Where e-Stat's list (``municipal_changes``, since 1970) is registered, earlier ones are known too.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path

from gunmane_analysis.areas.master import FormerMunicipality, former_municipalities, local_bodies
from gunmane_analysis.sources import find_source, is_filed, raw_file

CHANGES = "municipal_changes"  # every table may depend on this filed list


def load_old_bodies() -> Mapping[str, FormerMunicipality]:
    """Return the bodies of the filed list that are no longer in force, by code.

    Returns
    -------
    Mapping of str to FormerMunicipality
        Empty while the list is not registered.

    Raises
    ------
    SourceError
        If the registered list is missing or altered.

    Examples
    --------
    >>> isinstance(load_old_bodies(), Mapping)
    True
    """
    if not is_filed(CHANGES):
        return {}
    files = find_source(CHANGES).files
    return _read(tuple(raw_file(CHANGES, name) for name in files), tuple(files.values()))


@functools.lru_cache(maxsize=4)
def _read(paths: tuple[Path, ...], sha256: tuple[str, ...]) -> Mapping[str, FormerMunicipality]:
    changes = [
        change
        for path in paths
        for change in json.loads(path.read_text(encoding="utf-8-sig"))["changes"]
    ]
    return former_municipalities(changes, frozenset(local_bodies()))
