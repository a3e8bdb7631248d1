"""What loaders and metrics share about technicians, experts and requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

LIST_MARK = ";"


@dataclass(frozen=True)
class MatchingWeights:
    """What each mismatch costs; see ``reference_data/assumptions.yml``."""

    field: float
    stage: float
    size: float
    distance: float
    limit: float
    days_per_request: float


def technician_counts(staffing: pd.DataFrame) -> pd.Series:
    """Return civil engineers plus architects of each row; 皆無 is no technician.

    A count is missing where one of the two is unknown or was not filed.
    """
    parts = [
        staffing[f"{name}_count"].mask(staffing[f"{name}_count_status"] == "none", 0.0)
        for name in ("civil_engineer", "architect")
    ]
    return parts[0] + parts[1]
