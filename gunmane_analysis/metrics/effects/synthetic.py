"""Synthetic control: one adopter against a weighted mix of units that never adopt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gunmane_analysis.metrics.effects.estimators import library, library_messages
from gunmane_analysis.metrics.effects.panel import NEVER, EffectPanel
from gunmane_analysis.metrics.validation import refuse_if

_LEAST_BEFORE = 3
_DONORS_AT_MOST = 20
_LEAST_WEIGHT = 1e-4


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


def synthetic_control(panel: EffectPanel, adopter: object) -> SyntheticControl:
    """Compare one adopter with the mix of never-adopters that moved most like it before.

    The plain objective: squared gaps, every time before adoption alike, no predictors. Of the
    units that never adopt the 20 nearest to the adopter before adoption are used.

    Parameters
    ----------
    panel : EffectPanel
        Balanced.
    adopter : object
        The adopter's name in the caller's panel.

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
    refuse_if(adopter not in panel.labels, "synthetic-no-unit", unit=adopter)
    unit, adoption = panel.labels.index(adopter), panel.adoption
    adopted, count = int(adoption[unit]), int((panel.times < adoption[unit]).sum())
    refuse_if(adopted == NEVER, "synthetic-never", unit=adopter)
    is_short = count < _LEAST_BEFORE or not panel.is_balanced
    refuse_if(is_short, "synthetic-short", least=_LEAST_BEFORE, count=count)
    wide = panel.table.pivot(index="time", columns="unit", values="outcome")
    apart = wide.sub(wide[unit], axis=0).loc[wide.index < adopted].pow(2).sum()
    donors = apart[adoption == NEVER].sort_values(kind="stable").index[:_DONORS_AT_MOST].tolist()
    refuse_if(len(donors) < 2, "synthetic-donors")
    treated = (panel.table["unit"] == unit) & (panel.table["time"] >= adopted)
    with library_messages():
        fit = library().SyntheticControl(
            v_method="custom", custom_v=np.ones(count), standardize="none"
        ).fit(
            panel.table.assign(treated=treated.astype("int64")),
            "outcome", "treated", "unit", "time",
            donor_pool=donors, pre_period_outcomes="all",
        )  # fmt: skip
        placebos = fit.in_space_placebo()
    gap = pd.Series(fit.gap_path).reindex(wide.index)
    ratios = pd.DataFrame(
        {
            "unit": [str(panel.labels[each]) for each in placebos["unit"]],
            "is_adopter": placebos["is_treated"].astype("bool"),
            "ratio": np.sqrt(placebos["post_mspe"] / placebos["pre_mspe"]),
        }
    ).sort_values("ratio", ascending=False, kind="stable", ignore_index=True)
    rank = int((ratios["ratio"] >= ratios.loc[ratios["is_adopter"], "ratio"].item()).sum())
    weights = fit.get_weights_df().query("weight > @_LEAST_WEIGHT")
    return SyntheticControl(
        unit=adopter,
        adopted=adopted,
        paths=pd.DataFrame(
            {
                "time": wide.index,
                "actual": wide[unit],
                "synthetic": wide[unit] - gap,
                "gap": gap,
                "is_after": wide.index >= adopted,
            }
        ).reset_index(drop=True),
        weights=pd.DataFrame(
            {
                "donor": [str(panel.labels[each]) for each in weights["unit"]],
                "weight": weights["weight"].to_numpy(),
            }
        ),
        effect=float(fit.att),
        fit_before=float(fit.pre_rmspe),
        rank=rank,
        placebo_count=len(ratios),
        p_value=rank / len(ratios),
        placebo_ratios=ratios,
    )
