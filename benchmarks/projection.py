"""How many past projections held: nation, blocks and prefectures, every year ahead.

The form of the range is chosen as well, in every past year with the errors known by then: an error
may be divided by how much its series varies, measured in five ways, or by nothing. All forms
are as wide as 95 % of these errors ask; that with the least mean width at five years is chosen.

Run with ``.venv/bin/python -m benchmarks.projection``; the table stands in docs/benchmarks.md.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gunmane_analysis import find_area, load_staffing
from gunmane_analysis.areas import list_areas
from gunmane_analysis.metrics.staffing.change import STAFF, staffing_by_area
from gunmane_analysis.metrics.staffing.projection import (
    CONFIDENCE,
    DAMPINGS,
    FIRST_ORIGIN,
    HORIZON_YEARS,
    Floats,
    past_errors,
    staffing_projection,
)

FIRST, LAST = 2008, 2019
FORMS = ("none", "sd", "sd of 10 years", "sd of 5 years", "mean change", "mean turn")


def _scales(logs: Floats) -> Floats:
    """Return what the error of each series (columns) is divided by in each form (rows)."""
    changes = np.diff(logs, axis=1)
    found = [
        np.ones(len(logs)),
        changes.std(axis=1),
        changes[:, -10:].std(axis=1),
        changes[:, -5:].std(axis=1),
        np.abs(changes).mean(axis=1),
        np.abs(np.diff(changes, axis=1)).mean(axis=1),
    ]
    return np.maximum(np.array(found), 1e-6)


def mean_widths() -> pd.DataFrame:
    """Return half the mean width at five years (log) by origin (rows) and form (columns)."""
    areas = [each for kind in ("nation", "block", "prefecture") for each in list_areas(kind)]
    wide = staffing_by_area(load_staffing(), areas, 2024).pivot_table(
        index="area_id", columns="fiscal_year", values=STAFF
    )
    logs = np.log(wide.dropna(axis=1, how="all").dropna().to_numpy("float64"))
    errors = np.abs(past_errors(logs, DAMPINGS)[:, :, :, -1])
    widths = {}
    for known in range(FIRST_ORIGIN + HORIZON_YEARS, logs.shape[1]):
        origins = range(FIRST_ORIGIN, known - HORIZON_YEARS + 1)
        scales = np.stack([_scales(logs[:, :origin]) for origin in origins], axis=-1)
        seen = errors[:, :, origins.start : origins.stop]
        best = seen[seen.mean(axis=(1, 2)).argmin()]
        reach = np.quantile(best / scales, CONFIDENCE, axis=(1, 2), method="higher")
        widths[int(wide.columns[known - 1])] = reach * scales.mean(axis=(1, 2))
    return pd.DataFrame(widths, index=list(FORMS)).T


def main() -> pd.DataFrame:
    """Print and return the coverage, one row per level of area, one column per year ahead."""
    calibration = staffing_projection(load_staffing(), find_area("japan"), 2024).calibration
    assert calibration is not None
    record = calibration.record[calibration.record["origin"].between(FIRST, LAST)]
    level = record["area_id"].map(
        lambda area_id: (
            "全国" if area_id == "japan" else "都道府県" if area_id.isdigit() else "ブロック"
        )
    )
    parts = [record.assign(level=level), record.assign(level="全体")]
    table = pd.concat(parts).pivot_table(
        index="level", columns="years_ahead", values="is_covered", aggfunc="mean", sort=False
    )
    print(f"origins {FIRST} to {LAST}, {record['area_id'].nunique()} series")
    print(table.round(3).to_string())
    print(calibration.dampings_by_origin.to_string())
    print("today:", calibration.damping, [round(reach, 4) for reach in calibration.reach])
    print("half the mean width at five years by form of the range, by what was known in each year")
    widths = mean_widths()
    print(widths.assign(chosen=widths.idxmin(axis=1)).round(4).to_string())
    return table


if __name__ == "__main__":
    main()
