"""From delivered files to cells: text with positions first, numbers only where every cell is one.

A delivered file is parsed in a child process (:mod:`.child`) under limits of time and memory.
"""
