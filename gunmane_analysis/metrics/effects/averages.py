"""Errors of the averages that diff-diff 3.13 gives without one: by group and by calendar time.

Sun-Abraham and imputation estimates are weighted sums of the outcome. Once the weights of an
average are known, its clustered variance is the sum over clusters of the squared sum of weight
times residual. The tests hold these errors against the library's own wherever it has one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from gunmane_analysis.metrics.effects.panel import NEVER, EffectPanel

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]
_NOTHING_LEFT = 1e-8


def imputation_errors(panel: EffectPanel, averages: Sequence[Rows]) -> Floats:
    """Return the errors of plain averages of imputed effects.

    Parameters
    ----------
    panel : EffectPanel
    averages : sequence of array of bool
        For each average the rows of ``panel.table`` that it is over; rows that are not
        treated or cannot be imputed are left out.

    Returns
    -------
    array
        One standard error per average, conservative where effects differ within a group and
        time; missing where no row is left or the two-way effects are not identified.

    References
    ----------
    Borusyak, K., Jaravel, X. and Spiess, J. (2024). Review of Economic Studies 91(6),
    3253-3285, theorem 3.
    """
    table = panel.table
    treated = ((table["first_treat"] != NEVER) & (table["time"] >= table["first_treat"])).to_numpy()
    imputable = treated.copy()
    for name in ("unit", "time"):
        imputable &= table[name].isin(table.loc[~treated, name]).to_numpy()
    design = _two_way_design(table, panel.covariates, ~treated)
    own, other = design[imputable], design[~treated]
    solve = _least_squares(other)
    if solve is None:
        return np.full(len(averages), np.nan)
    outcome = table["outcome"].to_numpy("float64")
    fitted = solve(other.T @ outcome[~treated])
    effects = outcome[imputable] - own @ fitted
    cells = pd.factorize(pd.MultiIndex.from_frame(table.loc[imputable, ["first_treat", "time"]]))[0]
    parts = np.zeros(len(table))
    errors = []
    for rows in averages:
        chosen = rows[imputable]
        if not chosen.any():
            errors.append(np.nan)
            continue
        share = chosen / chosen.sum()
        usual = pd.Series(effects[chosen]).groupby(cells[chosen]).transform("mean").to_numpy()
        parts[:] = 0.0
        parts[np.flatnonzero(imputable)[chosen]] = share[chosen] * (effects[chosen] - usual)
        parts[~treated] = -(other @ solve(own.T @ share)) * (outcome[~treated] - other @ fitted)
        errors.append(float(np.sqrt((_cluster_sums(panel, parts) ** 2).sum())))
    return np.array(errors)


def interaction_errors(
    panel: EffectPanel, cells: Sequence[tuple[int, int]], weights: Floats
) -> Floats:
    """Return the errors of weighted averages of Sun-Abraham effects.

    Parameters
    ----------
    panel : EffectPanel
    cells : sequence of (group, time)
        All interactions of the regression: every group's times but the one before adoption.
    weights : array
        One row per average, one column per cell; taken as known, as the library does.

    Returns
    -------
    array
        One standard error per average, clustered, with the usual correction for few clusters
        and many coefficients; missing where the regression is not identified.

    References
    ----------
    Sun, L. and Abraham, S. (2021). Journal of Econometrics 225(2), 175-199.
    """
    table = panel.table
    interactions = np.column_stack(
        [((table["first_treat"] == group) & (table["time"] == time)) for group, time in cells]
    ).astype("float64")
    fixed = _two_way_design(table, (), np.ones(len(table), dtype=bool))
    solve = _least_squares(fixed)
    if solve is None:
        return np.full(len(weights), np.nan)
    given = table[["outcome", *panel.covariates]].to_numpy("float64")
    regressors = np.column_stack([interactions, given[:, 1:]])
    left = regressors - fixed @ solve(fixed.T @ regressors)
    scale = np.linalg.norm(regressors, axis=0)
    left = left[:, np.linalg.norm(left, axis=0) > _NOTHING_LEFT * np.maximum(scale, 1.0)]
    outcome = given[:, 0] - fixed @ solve(fixed.T @ given[:, 0])
    if left.shape[1] < len(cells) or np.linalg.matrix_rank(left) < left.shape[1]:
        return np.full(len(weights), np.nan)
    inverse = np.linalg.inv(left.T @ left)
    residuals = outcome - left @ (inverse @ (left.T @ outcome))
    scores = _cluster_sums(panel, left * residuals[:, None])
    clusters, rows = len(scores), len(table)
    # effects of units lie within clusters and do not count as coefficients
    coefficients = left.shape[1] + len(panel.times)
    correction = clusters / (clusters - 1) * (rows - 1) / (rows - coefficients)
    covariance = inverse @ (scores.T @ scores) @ inverse * correction
    padded = np.zeros((len(weights), left.shape[1]))
    padded[:, : len(cells)] = weights
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", padded, covariance, padded)))


def _two_way_design(
    table: pd.DataFrame, covariates: Sequence[str], rows: Rows
) -> sparse.csr_matrix:
    """Return indicators of the units and times (but one) of ``rows``, and covariates."""
    parts = []
    for name, left_out in (("unit", 0), ("time", 1)):
        kept = pd.Index(table.loc[rows, name].unique()[left_out:])
        codes = kept.get_indexer(table[name])
        found = np.flatnonzero(codes >= 0)
        parts.append(
            sparse.csr_matrix(
                (np.ones(len(found)), (found, codes[found])), shape=(len(table), len(kept))
            )
        )
    given = table[list(covariates)].to_numpy("float64")
    for column in given.T:
        centred = sparse.csr_matrix((column - column.mean())[:, None])
        solve = _least_squares(sparse.hstack([part[rows] for part in (*parts, centred)]).tocsr())
        if solve is not None:
            parts.append(centred)
    return sparse.hstack(parts).tocsr()


def _least_squares(design: sparse.csr_matrix) -> Callable[[Floats], Floats] | None:
    """Return what solves the normal equations, or None if they have no single solution."""
    normal = (design.T @ design).tocsc()
    try:
        factor = splu(normal)
    except RuntimeError:
        return None
    pivots = np.abs(factor.U.diagonal())
    if pivots.min() < _NOTHING_LEFT * pivots.max():
        return None
    return lambda right: np.asarray(factor.solve(np.ascontiguousarray(right)), dtype="float64")


def _cluster_sums(panel: EffectPanel, values: Floats) -> Floats:
    labels = panel.table["cluster" if panel.has_cluster else "unit"]
    return np.asarray(pd.DataFrame(values).groupby(labels.to_numpy()).sum().to_numpy())
