"""The estimators behind :func:`gunmane_analysis.metrics.effects.bundling.bundling_effect`.

Each turns a checked panel into the same tables. The library ``diff-diff`` is imported only where
it is used, and its data sets never.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from gunmane_analysis.metrics.effects.panel import NEVER, Control, EffectPanel
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.results import Result

Method = Literal["callaway_santanna", "sun_abraham", "imputation"]
METHODS: tuple[Method, ...] = ("callaway_santanna", "sun_abraham", "imputation")
NAMES = {"outcome": "outcome", "unit": "unit", "time": "time", "first_treat": "first_treat"}
_COLUMNS = {
    "event_time": "event_time",
    "relative_period": "event_time",
    "att": "estimate",
    "effect": "estimate",
    "se": "standard_error",
    "conf_int_lower": "low",
    "conf_int_upper": "high",
}


@dataclass(frozen=True)
class Effect:
    """One estimate with its standard error and interval; what is missing is NaN."""

    estimate: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True, eq=False, repr=False)
class EffectTables(Result):
    """What an estimator gives.

    ``by_event_time`` has one row per ``event_time`` with estimate, standard_error, low and
    high. ``event_covariance`` is the covariance of these effects in that order, where the
    library gives it; ``p_value`` is of the overall effect, with the degrees of freedom of its
    interval.
    """

    overall: Effect
    by_event_time: pd.DataFrame
    event_covariance: np.ndarray | None
    messages: tuple[str, ...]
    p_value: float


def library() -> Any:
    """Return the module ``diff_diff``, which takes a second to load."""
    import diff_diff

    return diff_diff


@contextmanager
def library_messages() -> Iterator[list[str]]:
    """Collect the library's warnings, and turn its refusals into ours."""
    messages: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield messages
        except (ValueError, np.linalg.LinAlgError, ZeroDivisionError) as fault:
            refuse_if(True, "effect-library", fault=fault)
        finally:
            messages.extend(dict.fromkeys(str(item.message).splitlines()[0] for item in caught))


def estimate(
    method: Method, panel: EffectPanel, control: Control, confidence: float
) -> EffectTables:
    """Estimate the average effect and the effects by event time.

    ``control`` has a meaning for Callaway and Sant'Anna only (group-time effects, doubly robust,
    base period varying). Sun and Abraham compare with the units that never adopt; where all
    adopt, with the last group, up to its adoption. Imputation fits all rows not yet treated.

    References
    ----------
    Callaway, B. and Sant'Anna, P. H. C. (2021). Journal of Econometrics 225(2), 200-230;
    Sun, L. and Abraham, S. (2021). Journal of Econometrics 225(2), 175-199;
    Borusyak, K., Jaravel, X. and Spiess, J. (2024). Review of Economic Studies 91(6), 3253-3285.
    """
    options = {"alpha": 1.0 - confidence, "cluster": "cluster" if panel.has_cluster else None}
    if method == "sun_abraham":
        panel = panel if (panel.adoption == NEVER).any() else panel.last_group_as_control()
        gaps = [str(cohort) for cohort in panel.cohorts if cohort - 1 not in panel.times]
        refuse_if(gaps, "effect-time-missing", cohorts="、".join(gaps))
    with library_messages() as messages:
        if method == "sun_abraham":
            fit = fitted(library().SunAbraham(control_group="never_treated", **options), panel)
            events, covariance = fit.to_dataframe("event_study"), fit.event_study_vcov
        else:
            fit = fitted(
                callaway_santanna(panel, control, confidence)
                if method == "callaway_santanna"
                else library().ImputationDiD(**options),
                panel,
            )
            found = fit.aggregate("event_study")
            events, covariance = found.to_dataframe(), found.vcov
            events = events[~events["is_reference"].astype("bool")]
    refuse_if(not np.isfinite(fit.overall_att), "effect-not-estimated")
    table = events.rename(columns=_COLUMNS)[list(dict.fromkeys(_COLUMNS.values()))]
    low, high = map(float, fit.overall_conf_int)
    return EffectTables(
        Effect(float(fit.overall_att), float(fit.overall_se), low, high),
        table.astype("float64").astype({"event_time": "int64"}).reset_index(drop=True),
        covariance,
        tuple(messages),
        float(fit.overall_p_value),
    )


def fitted(estimator: Any, panel: EffectPanel) -> Any:
    """Return the library's result on a panel."""
    return estimator.fit(panel.table, **NAMES, covariates=panel.covariates or None)


def callaway_santanna(
    panel: EffectPanel, control: Control, confidence: float, base_period: str = "varying"
) -> Any:
    """Return the library's estimator, set up but not fitted."""
    return library().CallawaySantAnna(
        control_group="never_treated" if control == "never" else "not_yet_treated",
        alpha=1.0 - confidence,
        cluster="cluster" if panel.has_cluster else None,
        allow_unbalanced_panel=not panel.is_balanced,
        base_period=base_period,
    )


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
    refuse_if(not panel.is_balanced, "panel-not-balanced", what="Bacon分解")
    with library_messages():
        fit = library().BaconDecomposition().fit(panel.table, **NAMES)
    found = fit.to_dataframe().rename(columns={"comparison_type": "comparison"})
    found["control_group"] = found["control_group"].replace("never_treated", NEVER).astype("int64")
    columns = ["treated_group", "control_group", "comparison", "estimate", "weight"]
    parts: pd.DataFrame = found[columns]
    return parts
