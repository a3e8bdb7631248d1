"""Synthetic control: one adopter against a weighted mix of units that never adopt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.panel import NEVER, EffectPanel

_LEAST_BEFORE = 3
_DONORS_AT_MOST = 20
_SUM_WEIGHT = 1e4  # how much more the sum of the weights counts than the fit


@dataclass(frozen=True)
class SyntheticControl:
    """One adopter and its synthetic control.

    Attributes
    ----------
    paths : DataFrame
        One row per time: ``time``, ``actual``, ``synthetic``, ``gap``, ``is_after``.
    weights : DataFrame
        Donors with a weight: ``donor``, ``weight`` (they sum to 1).
    effect : float
        Mean gap after adoption, in the unit of the outcome.
    fit_before : float
        Root mean squared gap before adoption.
    rank, placebo_count : int
        Rank of the ratio of the gaps after to those before among the adopter and the donors
        treated as if they had adopted (1 = the most extreme of ``placebo_count``).
    p_value : float
        rank / placebo_count; never below 1 / placebo_count.
    """

    unit: object
    adopted: int
    paths: pd.DataFrame
    weights: pd.DataFrame
    effect: float
    fit_before: float
    rank: int
    placebo_count: int
    p_value: float
    placebo_ratios: pd.DataFrame


def synthetic_control(
    panel: EffectPanel, adopter: object, donors_at_most: int = _DONORS_AT_MOST
) -> SyntheticControl:
    """Compare one adopter with the mix of never-adopters that moved most like it before.

    Parameters
    ----------
    panel : EffectPanel
        Balanced.
    adopter : object
        The adopter's name in the caller's panel.
    donors_at_most : int
        If more units never adopt, those nearest to the adopter before adoption are taken.

    Returns
    -------
    SyntheticControl

    Raises
    ------
    DesignError
        If the unit did not adopt, fewer than three times precede adoption, or fewer than two
        donors are left.

    References
    ----------
    Abadie, A., Diamond, A. and Hainmueller, J. (2010). JASA 105(490), 493-505.

    Examples
    --------
    >>> from gunmane_analysis.metrics.effects.bundling import bundling_effect
    >>> from gunmane_analysis.metrics.effects.simulation import simulate_adoption
    >>> made = simulate_adoption(units=40, adopters=12, effect=-5.0, seed=1)
    >>> effect = bundling_effect(made.panel, outcome="outcome", unit="unit",
    ...                          time="fiscal_year", adopted="adopted_fiscal_year")
    >>> adopter = made.panel.dropna()["unit"].iloc[0]
    >>> synthetic_control(effect.panel, adopter).unit == adopter
    True
    """
    unit, adopted = _adopter(panel, adopter)
    wide = panel.table.pivot(index="time", columns="unit", values="outcome")
    before = wide.index < adopted
    if int(before.sum()) < _LEAST_BEFORE or not panel.is_balanced:
        raise DesignError(
            f"合成コントロールには、導入前の時点が{_LEAST_BEFORE}つ以上あり、時点のそろった表が必要です"
            f"（導入前 {int(before.sum())}時点）。"
        )
    adoption = panel.adoption
    never = [int(one) for one in adoption.index[adoption == NEVER]]
    donors = _nearest(wide[before], unit, never, donors_at_most)
    if len(donors) < 2:
        raise DesignError("合成コントロールの相手（導入していない単位）が2件以上ありません。")
    own = _weights(wide[before], unit, donors)
    paths = _paths(wide, unit, own, adopted)
    ratios = {unit: _ratio(paths)}
    for donor in donors:
        others = [other for other in donors if other != donor]
        ratios[donor] = _ratio(_paths(wide, donor, _weights(wide[before], donor, others), adopted))
    table = pd.DataFrame(
        {"unit": str(panel.labels[key]), "is_adopter": key == unit, "ratio": value}
        for key, value in ratios.items()
    ).sort_values("ratio", ascending=False, kind="stable")
    rank = int((table["ratio"] >= ratios[unit]).sum())
    used = own[own > 1e-4].sort_values(ascending=False)
    return SyntheticControl(
        unit=adopter,
        adopted=adopted,
        paths=paths,
        weights=pd.DataFrame(
            {
                "donor": [str(panel.labels[int(key)]) for key in used.index],
                "weight": used.to_numpy(),
            }
        ),
        effect=float(paths.loc[paths["is_after"], "gap"].mean()),
        fit_before=float(np.sqrt((paths.loc[~paths["is_after"], "gap"] ** 2).mean())),
        rank=rank,
        placebo_count=len(ratios),
        p_value=rank / len(ratios),
        placebo_ratios=table.reset_index(drop=True),
    )


def _adopter(panel: EffectPanel, adopter: object) -> tuple[int, int]:
    if adopter not in panel.labels:
        raise DesignError(f"単位「{adopter}」は表にありません。")
    unit = panel.labels.index(adopter)
    adopted = int(panel.adoption.loc[unit])
    if adopted == NEVER:
        raise DesignError(f"単位「{adopter}」は期間中に導入していません。")
    return unit, adopted


def _nearest(before: pd.DataFrame, unit: int, never: list[int], at_most: int) -> list[int]:
    distance = ((before[never].sub(before[unit], axis=0)) ** 2).sum()
    return [int(one) for one in distance.sort_values(kind="stable").index[:at_most]]


def _weights(before: pd.DataFrame, unit: int, donors: list[int]) -> pd.Series:
    """Weights, not negative and adding up to 1, nearest to the outcomes before adoption.

    The plain objective: squared gaps, every time alike, outcomes neither scaled nor joined by
    predictors.
    """
    own, others = before[unit].to_numpy(), before[donors].to_numpy()
    level = own.mean()  # with weights that add up to 1 it moves both sides alike
    size = max(float(np.abs(others - level).max()), np.finfo("float64").tiny)
    design = np.vstack([(others - level) / size, np.full((1, len(donors)), _SUM_WEIGHT)])
    found, _ = nnls(design, np.append((own - level) / size, _SUM_WEIGHT))
    return pd.Series(found / found.sum(), index=donors)


def _paths(wide: pd.DataFrame, unit: int, weights: pd.Series, adopted: int) -> pd.DataFrame:
    synthetic = wide[weights.index.tolist()] @ weights
    return pd.DataFrame(
        {
            "time": wide.index,
            "actual": wide[unit].to_numpy(),
            "synthetic": synthetic.to_numpy(),
            "gap": (wide[unit] - synthetic).to_numpy(),
            "is_after": wide.index >= adopted,
        }
    )


def _ratio(paths: pd.DataFrame) -> float:
    after = float((paths.loc[paths["is_after"], "gap"] ** 2).mean())
    before = float((paths.loc[~paths["is_after"], "gap"] ** 2).mean())
    return float(np.sqrt(after / max(before, 1e-12)))
