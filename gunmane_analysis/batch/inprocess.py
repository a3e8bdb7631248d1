"""Nothing: environments installed before the engine left pyproject.toml still look here."""


class InProcessEngine:
    """Nothing that papermill would run."""
