"""From delivered files to cells: text with positions first, numbers only where every cell is one.

A delivered file is parsed in a child process (:mod:`.child`) under limits of time and memory;
what stands here is imported when first asked for, so that the child starts without pandas.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
