"""What the plain two-way estimate is made of, comparison by comparison."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.estimators import NAMES, library, library_messages
from gunmane_analysis.metrics.effects.panel import NEVER, EffectPanel


def bacon_weights(panel: EffectPanel) -> pd.DataFrame:
    """Split the two-way fixed-effects estimate into its two-by-two comparisons.

    Returns
    -------
    DataFrame
        One row per comparison: ``treated_group``, ``control_group`` (0 = never),
        ``comparison`` (``treated_vs_never``, ``earlier_vs_later``, ``later_vs_earlier``),
        ``estimate`` and ``weight`` (they sum to 1). ``later_vs_earlier`` uses units already
        treated as controls: its weight says how far the plain estimate can be trusted.

    Raises
    ------
    DesignError
        If the panel is not balanced.

    References
    ----------
    Goodman-Bacon, A. (2021). Journal of Econometrics 225(2), 254-277.

    Examples
    --------
    >>> from gunmane_analysis.metrics.effects.bundling import bundling_effect
    >>> from gunmane_analysis.metrics.effects.simulation import simulate_adoption
    >>> made = simulate_adoption(units=40, adopters=12, effect=-5.0, seed=1)
    >>> effect = bundling_effect(made.panel, outcome="outcome", unit="unit",
    ...                          time="fiscal_year", adopted="adopted_fiscal_year")
    >>> float(round(bacon_weights(effect.panel)["weight"].sum(), 6))
    1.0
    """
    if not panel.is_balanced:
        raise DesignError(
            "時点がそろわない表は、Bacon分解ができません。",
            advice="unbalanced='complete' を指定してください。",
        )
    with library_messages():
        fit = library().BaconDecomposition().fit(panel.table, **NAMES)
    found = fit.to_dataframe()
    is_never = found["control_group"].astype("str") == "never_treated"
    return pd.DataFrame(
        {
            "treated_group": found["treated_group"].astype("int64"),
            "control_group": found["control_group"].where(~is_never, NEVER).astype("int64"),
            "comparison": found["comparison_type"].astype("str"),
            "estimate": found["estimate"].astype("float64"),
            "weight": found["weight"].astype("float64"),
        }
    )
