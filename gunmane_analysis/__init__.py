"""Analysis and reporting for regional infrastructure management (群マネ).

The names that notebooks use; each is imported when it is first asked for.

.. include:: ../docs/questions.md
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
