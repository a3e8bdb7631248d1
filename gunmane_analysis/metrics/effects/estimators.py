"""The estimators behind :func:`gunmane_analysis.metrics.effects.bundling.bundling_effect`.

Each turns a checked panel into the same four tables. The library ``diff-diff`` (extra
``causal``) is imported only where it is used, and its data sets never.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects.averages import imputation_errors, interaction_errors
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

    ``by_group``, ``by_calendar`` and ``by_event_time`` have one row per ``group``, ``time``
    and ``event_time`` with estimate, standard_error, low and high. ``event_covariance`` is
    the covariance of the event-time effects in that order, where the library gives it;
    ``p_value`` is of the overall effect, with the degrees of freedom of its interval.
    """

    overall: Effect
    by_group: pd.DataFrame
    by_calendar: pd.DataFrame
    by_event_time: pd.DataFrame
    event_covariance: np.ndarray | None
    messages: tuple[str, ...]
    p_value: float


def library() -> Any:
    """Return the module ``diff_diff``, or say how to install it.

    Raises
    ------
    DesignError
        If the extra ``causal`` is not installed.
    """
    try:
        import diff_diff
    except ImportError as fault:
        raise DesignError(
            "効果の推定に使うライブラリ diff-diff がありません。",
            advice="pip install 'gunmane-analysis[causal]' で加えてください。",
        ) from fault
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
        event, group = fit.aggregate("event_study"), fit.aggregate("group")
    overall = _overall(fit)
    return EffectTables(
        overall,
        _table(
            "group", group.label, group.att, group.se, group.conf_int_lower, group.conf_int_upper
        ),
        _calendar_effects(fit, panel, confidence),
        _table(
            "event_time",
            event.event_time,
            event.att,
            event.se,
            event.conf_int_lower,
            event.conf_int_upper,
        ),
        event.vcov,
        tuple(told),
        _p_value(fit),
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


def _calendar_effects(fit: Any, panel: EffectPanel, confidence: float) -> pd.DataFrame:
    """Average the group-time effects of each calendar time over the groups treated by then.

    diff-diff 3.13 does not aggregate by calendar time. The standard error follows from its
    influence functions plus that of the estimated group shares, as in the library's own
    aggregations.
    """
    shares = panel.adoption.value_counts(normalize=True)
    rows = []
    for time in panel.times:
        cells = [
            (group, effect["effect"])
            for (group, at), effect in fit.group_time_effects.items()
            if at == time and group <= time and np.isfinite(effect["effect"])
        ]
        if not cells:
            continue
        groups = [group for group, _ in cells]
        effects = np.array([effect for _, effect in cells])
        weights = shares.loc[groups].to_numpy() / shares.loc[groups].sum()
        error = share_weighted_error(fit, panel, [(g, time) for g in groups], effects)
        rows.append((int(time), float(weights @ effects), error))
    quantile = _quantile(fit, confidence)
    table = pd.DataFrame(rows, columns=["time", "estimate", "standard_error"])
    return table.assign(
        low=table["estimate"] - quantile * table["standard_error"],
        high=table["estimate"] + quantile * table["standard_error"],
    )


def share_weighted_error(
    fit: Any, panel: EffectPanel, cells: list[tuple[Any, Any]], effects: np.ndarray
) -> float:
    """Return the standard error of a share-weighted average of group-time effects."""
    kit = getattr(fit, "_aggregation_kit", None)
    if kit is None or not panel.is_balanced:
        return float("nan")
    cohort = np.asarray(kit.bookkeeping["unit_cohorts"])
    count = len(cohort)
    shares = np.array([(cohort == group).mean() for group, _ in cells])
    weights = shares / shares.sum()
    influence = np.zeros(count)
    for weight, cell in zip(weights, cells, strict=True):
        part = kit.influence[cell]
        influence[part["treated_idx"]] += weight * part["treated_inf"]
        influence[part["control_idx"]] += weight * part["control_inf"]
    member = np.array([cohort == group for group, _ in cells], dtype="float64").T - shares
    of_shares = member / shares.sum() - np.outer(member.sum(axis=1), shares) / shares.sum() ** 2
    influence += of_shares @ effects / count
    if not panel.has_cluster:
        return float(np.sqrt((influence**2).sum()))
    cluster = panel.table.groupby("unit")["cluster"].first().to_numpy()
    sums = pd.Series(influence).groupby(cluster).sum().to_numpy()
    return float(np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)))


def _quantile(fit: Any, confidence: float) -> float:
    freedom = fit.df_inference
    upper = (1.0 + confidence) / 2.0
    return float(norm.ppf(upper) if freedom is None else t.ppf(upper, freedom))


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
    overall = _overall(fit)
    events = sorted(fit.event_study_effects)
    found = [fit.event_study_effects[event] for event in events]
    cells = [(int(group), int(group + event)) for group, event in fit.cohort_effects]
    effects = np.array([effect["effect"] for effect in fit.cohort_effects.values()])
    sizes = used.table.groupby(["first_treat", "time"]).size()
    weights = np.array(
        [
            float(sizes[cell]) if cell[1] >= cell[0] and np.isfinite(effect) else 0.0
            for cell, effect in zip(cells, effects, strict=True)
        ]
    )
    quantile = _quantile_of(overall)

    def averaged(key: str, labels: np.ndarray) -> pd.DataFrame:
        chosen = np.unique(labels[weights > 0])
        shares = np.array([weights * (labels == label) for label in chosen])
        shares /= shares.sum(axis=1, keepdims=True)
        errors = interaction_errors(used, cells, shares)
        return _with_interval(key, chosen, shares @ np.nan_to_num(effects), errors, quantile)

    return EffectTables(
        overall,
        averaged("group", np.array([group for group, _ in cells])),
        averaged("time", np.array([time for _, time in cells])),
        _table(
            "event_time",
            events,
            [one["effect"] for one in found],
            [one["se"] for one in found],
            [one["conf_int"][0] for one in found],
            [one["conf_int"][1] for one in found],
        ),
        fit.event_study_vcov,
        tuple(told),
        _p_value(fit),
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
        event, group = fit.aggregate("event_study"), fit.aggregate("group")
    overall = _overall(fit)
    is_estimated = ~np.asarray(event.is_reference)
    single = fit.treatment_effects.dropna(subset=["tau_hat"])
    by_time = single.groupby("time")["tau_hat"].mean()
    at = panel.table["time"].to_numpy()
    errors = imputation_errors(panel, [at == time for time in by_time.index])
    return EffectTables(
        overall,
        _table(
            "group", group.label, group.att, group.se, group.conf_int_lower, group.conf_int_upper
        ),
        _with_interval("time", by_time.index, by_time.to_numpy(), errors, _quantile_of(overall)),
        _table(
            "event_time",
            np.asarray(event.event_time)[is_estimated],
            np.asarray(event.att)[is_estimated],
            np.asarray(event.se)[is_estimated],
            np.asarray(event.conf_int_lower)[is_estimated],
            np.asarray(event.conf_int_upper)[is_estimated],
        ),
        None,
        tuple(told),
        _p_value(fit),
    )


def _quantile_of(effect: Effect) -> float:
    """Return the quantile that the library used for its own interval."""
    if not effect.standard_error > 0:
        return float("nan")
    return (effect.high - effect.low) / (2.0 * effect.standard_error)


def _with_interval(
    key: str, labels: Any, estimates: np.ndarray, errors: np.ndarray, quantile: float
) -> pd.DataFrame:
    reach = quantile * errors
    return _table(key, labels, estimates, errors, estimates - reach, estimates + reach)


def _table(key: str, labels: Any, *values: Any) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            key: [int(label) for label in labels],
            **{
                name: np.asarray(column, dtype="float64")
                for name, column in zip(_COLUMNS, values, strict=True)
            },
        }
    )
    return table.sort_values(key).reset_index(drop=True)


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
