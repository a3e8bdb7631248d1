"""Analysis and reporting for regional infrastructure management (群マネ).

The names that notebooks use; each is imported when it is first asked for.

.. include:: ../docs/questions.md
"""

import lazy_loader

_imported, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    found = _imported(name)
    if name not in __all__:  # a module
        return found
    from gunmane_analysis.arguments import checked  # imports modules of this package

    globals()[name] = checked(found)
    return globals()[name]
