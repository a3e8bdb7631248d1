"""Analysis and reporting for regional infrastructure management (群マネ).

The names that notebooks use; each is imported when it is first asked for.

.. include:: ../docs/questions.md
"""

from typing import Any

import lazy_loader

_imported, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    """Import a public name; its functions refuse in words what they cannot use."""
    found = _imported(name)  # an AttributeError for what is not public, as a submodule
    from gunmane_analysis.arguments import refusing

    globals()[name] = refusing(found)
    return globals()[name]
