"""How often a change of growth is found where there is none, and where there is one.

Run with ``nice .venv/bin/python -m benchmarks.breaks``; its table is in docs/benchmarks.md.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from gunmane_analysis import find_area, load_staffing
from gunmane_analysis.metrics.staffing.breaks import mean_shift, staffing_breaks

SERIES = 500
DRAWS = 399
YEARS = 27
NOISES = {
    **{f"levels AR {rho}": (rho, True) for rho in (0.0, 0.5, 0.8, 1.0)},
    **{f"growth AR {rho}": (rho, False) for rho in (0.3, 0.5, 0.65, 0.8)},
}


def steps(noise: str, spread: float, random: np.random.Generator) -> np.ndarray:
    """Yearly changes with a given standard deviation: of AR(1) levels, or AR(1) themselves."""
    rho, is_of_levels = NOISES[noise]
    series = lfilter([1.0], [1.0, -rho], random.normal(size=YEARS + 200))[-YEARS:]
    if is_of_levels:
        return np.asarray(np.diff(series) / np.sqrt(2.0 / (1.0 + rho)) * spread)
    return np.asarray(series[1:] * np.sqrt(1.0 - rho**2) * spread)


def main(series: int = SERIES, draws: int = DRAWS, seed: int = 1) -> pd.DataFrame:
    """Print and return one row per noise: share found without a change, and with the nation's."""
    (nation,) = staffing_breaks(load_staffing(), [find_area("japan")], 2024)
    before, after = nation.shift.levels
    growth = np.log(nation.staff.astype("float64")).diff().dropna().drop(nation.jumps.index)
    course = np.where(growth.index <= nation.shift.last_year, before, after)
    spread = float((growth - course).std(ddof=2))
    index = range(1999, 1998 + YEARS)
    turn = np.where(np.array(index) <= nation.shift.last_year, before, after)
    random = np.random.default_rng(seed)
    rows = []
    for noise in NOISES:
        without, found, inside = [], [], []
        for run in range(series):
            changes = steps(noise, spread, random)
            without.append(mean_shift(pd.Series(changes - 0.01, index), run, draws).exists)
            shift = mean_shift(pd.Series(changes + turn, index), run, draws)
            found.append(shift.exists)
            inside.append(shift.year_range[0] <= nation.shift.last_year <= shift.year_range[1])
        rows.append((noise, np.mean(without), np.mean(found), np.mean(inside)))
    table = pd.DataFrame(rows, columns=["noise", "found_without", "found_with", "year_in_range"])
    print(f"levels {before:.4f} -> {after:.4f}, spread {spread:.4f}, {series} series each")
    print(table.to_string(index=False))
    return table


if __name__ == "__main__":
    main()
