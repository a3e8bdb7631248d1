"""How often no effect is called one: adopters of the real panel of 土木費, and simulated ones.

Run with ``nice .venv/bin/python -m benchmarks.effects``; the tables are in docs/benchmarks.md.
Municipalities are drawn as if they had adopted in the years of the real ones; each is compared
with its 20 most similar, and nothing is added, so that every rejection is a false one. The
noisiest and the quietest quarter are those whose residuals vary most and least over all years.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from gunmane_analysis import load_municipal_panel, load_municipalities
from gunmane_analysis.metrics.effects.bundling import bundling_effect
from gunmane_analysis.metrics.effects.checks import pre_trend
from gunmane_analysis.metrics.effects.matched import matched_effect
from gunmane_analysis.metrics.effects.simulation import simulate_adoption
from gunmane_analysis.metrics.position.context import LIKENESS

RUNS = 1000
YEARS = (2017, 2019, 2022, 2023, 2024)
COMPARED = 20
THREE, TWO = (2018, 2020, 2022), (2018, 2021)
DESIGNS = (
    (40, 12, THREE),
    (60, 20, THREE),
    (200, 60, THREE),
    *((120, adopters, TWO) for adopters in (6, 8, 10, 12, 16, 20, 30)),
    (600, 300, (2018,) * 3 + (2020,) * 5 + (2022,) * 7),  # 60, 100 and 140: by Wald's test
)
_CITY = "2"  # the third digit of a city's code; 1 for wards and cities under ordinance


def residual_panel() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return log 土木費 net of municipality and year, and the standardised likeness."""
    panel = load_municipal_panel()
    wide = panel.pivot(
        index="municipality_code", columns="fiscal_year", values="civil_engineering_expenditure_jpy"
    ).astype("float64")
    logs = wide[(wide > 0).all(axis=1)].map(np.log)
    profile = load_municipalities(2024).set_index("municipality_code")
    likeness = pd.DataFrame(
        {
            name: profile[name].astype("float64").map(np.log) if is_log else profile[name]
            for name, is_log in LIKENESS.items()
        }
    ).astype("float64")
    likeness = likeness.reindex(logs.index).dropna()
    logs = logs.loc[likeness.index]
    residuals = logs.sub(logs.mean(axis=1), axis=0).sub(logs.mean(axis=0)) + logs.mean(axis=None)
    return residuals, (likeness - likeness.mean()) / likeness.std(ddof=0)


def false_rejections(runs: int = RUNS, draws: int = 399, seed: int = 0) -> pd.DataFrame:
    """Print and return the share of runs with p at most 5 %, by where adopters come from."""
    residuals, likeness = residual_panel()
    codes = residuals.index.to_numpy()
    is_city = np.array([code[2] in ("1", _CITY) for code in codes])
    quarter = pd.qcut(residuals.std(axis=1), 4, labels=False).to_numpy()
    groups = {
        "無作為": codes,
        "町村": codes[~is_city],
        "市と特別区": codes[is_city],
        "変動の大きい4分の1": codes[quarter == 3],
        "変動の小さい4分の1": codes[quarter == 0],
    }
    random = np.random.default_rng(seed)
    rows = []
    for name, pool in groups.items():
        found = []
        for run in range(runs):
            chosen = random.choice(pool, len(YEARS), replace=False)
            adopted = dict(zip(chosen, YEARS, strict=True))
            matches = {}
            for code in chosen:
                distance = ((likeness - likeness.loc[code]) ** 2).sum(axis=1).drop(list(chosen))
                matches[code] = distance.nsmallest(COMPARED).index.tolist()
            used = residuals.loc[list({*chosen, *(each for m in matches.values() for each in m)})]
            panel = used.stack().rename("log").reset_index()
            effect = matched_effect(panel, adopted, matches, outcome="log", seed=run, draws=draws)
            events = effect.by_event_time
            is_inside = (events["low"] <= 0.0) & (events["high"] >= 0.0)
            covers = effect.low <= 0.0 <= effect.high
            found.append(
                (effect.p_value <= 0.05, covers, is_inside.all(), effect.pre_trend_p_value <= 0.05)
            )
        rows.append((name, len(pool), runs, *np.mean(found, axis=0)))
    shares = ["rejected_at_5", "interval_covers_0", "band_covers_0", "pre_trend_at_5"]
    table = pd.DataFrame(rows, columns=["adopters_from", "pool", "runs", *shares])
    print(table.round(3).to_string(index=False))
    return table


def without_effect(
    runs: int = 200, designs: Iterable[tuple[int, int, Sequence[int]]] = DESIGNS
) -> pd.DataFrame:
    """Print and return shares of simulated panels (合成データ) without effect or drift."""
    rows = []
    for units, adopters, years in designs:
        found = []
        for seed in range(runs):
            made = simulate_adoption(
                units=units, adopters=adopters, adoption_years=years, effect=0.0, seed=seed
            )
            effect = bundling_effect(
                made.panel, outcome="outcome", unit="unit", time="fiscal_year",
                adopted="adopted_fiscal_year",
            )  # fmt: skip
            events = effect.by_event_time
            found.append(
                (
                    effect.p_value <= 0.05,
                    effect.overall.low <= 0.0 <= effect.overall.high,
                    ((events["low"] <= 0.0) & (events["high"] >= 0.0)).mean(),
                    ((events["band_low"] <= 0.0) & (events["band_high"] >= 0.0)).all(),
                    pre_trend(effect).p_value <= 0.05,
                )
            )
        rows.append((units, adopters, len(set(years)), runs, *np.mean(found, axis=0)))
        print(rows[-1], flush=True)
    shares = ["rejected_at_5", "interval_covers_0", "year_covers_0", "band_covers_0", "pre_trend"]
    return pd.DataFrame(rows, columns=["units", "adopters", "groups", "runs", *shares])


if __name__ == "__main__":
    false_rejections()
    without_effect()
