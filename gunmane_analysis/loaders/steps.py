"""Steps: the standard path as keyed in, and the register of positions once it is filed."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.loaders.filed import load_filed_table
from gunmane_analysis.loaders.keyed import read_keyed_table
from gunmane_analysis.loaders.store import load_processed
from gunmane_analysis.tables.steps import StandardSteps, StepPositions

STEPS = "standard_steps"


def build_standard_steps() -> pd.DataFrame:
    """Build ``standard_steps``: one row per step and task."""
    return read_keyed_table(StandardSteps)


def load_standard_steps() -> pd.DataFrame:
    """Load ``standard_steps``: the path from preparation to the next round, task by task.

    Examples
    --------
    >>> steps = load_standard_steps()
    >>> steps.groupby("step_no").size().tolist()
    [3, 2, 4, 5, 3, 4, 2]
    """
    return load_processed(StandardSteps, build_standard_steps, [STEPS])


def load_step_positions() -> pd.DataFrame:
    """Load ``step_positions``: entries of municipalities into steps; no rows until filed.

    Examples
    --------
    >>> "entered_on" in load_step_positions().columns
    True
    """
    return load_filed_table(StepPositions)
