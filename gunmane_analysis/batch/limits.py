"""How long a cell may take before it counts as one that never ends."""

DEFAULT_CELL_LIMIT = 300.0
