"""How many past projections held: nation, blocks and prefectures, every year ahead.

Run with ``.venv/bin/python -m benchmarks.projection``; the table stands in docs/benchmarks.md.
"""

from __future__ import annotations

import pandas as pd

from gunmane_analysis import find_area, load_staffing
from gunmane_analysis.metrics.staffing.projection import staffing_projection

FIRST, LAST = 2008, 2019


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
    print("today:", calibration.damping, [round(reach, 2) for reach in calibration.reach])
    return table


if __name__ == "__main__":
    main()
