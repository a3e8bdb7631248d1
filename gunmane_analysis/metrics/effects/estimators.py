"""The estimators behind :func:`gunmane_analysis.metrics.effects.bundling.bundling_effect`.

Each turns a checked panel into the same tables. The library ``diff-diff`` is imported only where
it is used, and its data sets never.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.panel import NEVER, Control, EffectPanel

_COLUMNS = ("estimate", "standard_error", "low", "high")


@dataclass(frozen=True)
class Effect:
    """One estimate with its standard error and interval; what is missing is NaN."""

    estimate: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True)
class EffectTables:
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
    told: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield told
        except (ValueError, np.linalg.LinAlgError, ZeroDivisionError) as fault:
            raise DesignError(
                f"この表からは効果を推定できません（ライブラリの説明: {fault}）。",
                advice="導入した単位・比較する単位・共変量の数を確かめてください。",
            ) from fault
        finally:
            told.extend(dict.fromkeys(str(item.message).splitlines()[0] for item in caught))


NAMES = {"outcome": "outcome", "unit": "unit", "time": "time", "first_treat": "first_treat"}


def _fit(estimator: Any, panel: EffectPanel) -> Any:
    return estimator.fit(panel.table, **NAMES, covariates=list(panel.covariates) or None)


def callaway_santanna(panel: EffectPanel, control: Control, confidence: float) -> EffectTables:
    """Group-time effects by Callaway and Sant'Anna (2021), doubly robust, base period varying.

    References
    ----------
    Callaway, B. and Sant'Anna, P. H. C. (2021). Journal of Econometrics 225(2), 200-230.
    """
    with library_messages() as told:
        fit = _fit(callaway_santanna_estimator(panel, control, confidence), panel)
        event = fit.aggregate("event_study")
    columns = event.att, event.se, event.conf_int_lower, event.conf_int_upper
    return EffectTables(
        _overall(fit), _table(event.event_time, *columns), event.vcov, tuple(told), _p_value(fit)
    )


def callaway_santanna_estimator(
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


def sun_abraham(panel: EffectPanel, control: Control, confidence: float) -> EffectTables:
    """Interaction-weighted event study by Sun and Abraham (2021), with two-way effects.

    The units compared are those that never adopt, whatever ``control`` says; where all adopt,
    the last group to adopt, up to its adoption.

    References
    ----------
    Sun, L. and Abraham, S. (2021). Journal of Econometrics 225(2), 175-199.
    """
    del control
    used = panel if (panel.adoption == NEVER).any() else panel.last_group_as_control()
    _refuse_gaps(used)
    with library_messages() as told:
        fit = _fit(
            library().SunAbraham(
                control_group="never_treated",
                alpha=1.0 - confidence,
                cluster="cluster" if panel.has_cluster else None,
            ),
            used,
        )
    events = sorted(fit.event_study_effects)
    found = [fit.event_study_effects[event] for event in events]
    columns = (
        [one["effect"] for one in found],
        [one["se"] for one in found],
        [one["conf_int"][0] for one in found],
        [one["conf_int"][1] for one in found],
    )
    return EffectTables(
        _overall(fit), _table(events, *columns), fit.event_study_vcov, tuple(told), _p_value(fit)
    )


def _refuse_gaps(panel: EffectPanel) -> None:
    times = set(panel.times.tolist())
    without = [cohort for cohort in panel.cohorts if cohort - 1 not in times]
    if without:
        raise DesignError(
            f"導入時点{'、'.join(map(str, without))}の直前の時点が表になく、比べられません。",
            expected="導入の1つ前の時点の値がある表（時点は1ずつ進む）",
            advice="method='callaway_santanna' を使うか、時点を1、2、3…と振り直してください。",
        )


def imputation(panel: EffectPanel, control: Control, confidence: float) -> EffectTables:
    """Imputation by Borusyak, Jaravel and Spiess (2024): all untreated rows fit the two effects.

    ``control`` has no meaning here; rows not yet treated always serve.

    References
    ----------
    Borusyak, K., Jaravel, X. and Spiess, J. (2024). Review of Economic Studies 91(6), 3253-3285.
    """
    del control
    with library_messages() as told:
        fit = _fit(
            library().ImputationDiD(
                alpha=1.0 - confidence, cluster="cluster" if panel.has_cluster else None
            ),
            panel,
        )
        event = fit.aggregate("event_study")
    is_estimated = ~np.asarray(event.is_reference)
    columns = (event.att, event.se, event.conf_int_lower, event.conf_int_upper)
    return EffectTables(
        _overall(fit),
        _table(
            np.asarray(event.event_time)[is_estimated],
            *(np.asarray(column)[is_estimated] for column in columns),
        ),
        None,
        tuple(told),
        _p_value(fit),
    )


def _table(event_times: Any, *values: Any) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "event_time": [int(event) for event in event_times],
            **{
                name: np.asarray(column, dtype="float64")
                for name, column in zip(_COLUMNS, values, strict=True)
            },
        }
    )
    return table.sort_values("event_time").reset_index(drop=True)


def _p_value(fit: Any) -> float:
    return float(fit.overall_p_value)


def _overall(fit: Any) -> Effect:
    if not np.isfinite(fit.overall_att):
        raise DesignError(
            "どの導入群・時点についても、比べられる相手の値がそろわず、効果を推定できません。",
            expected="導入前後とも値のある導入単位と比較単位",
        )
    low, high = fit.overall_conf_int
    return Effect(float(fit.overall_att), float(fit.overall_se), float(low), float(high))
