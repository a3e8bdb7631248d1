"""A panel made ready for effect estimates: checked, renamed, and counted.

Everything that is left out is counted and told; everything that cannot be estimated is
refused with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.effects import columns
from gunmane_analysis.metrics.effects.columns import NEVER

__all__ = ["NEVER", "Control", "EffectPanel", "Unbalanced", "prepare_panel"]

Control = Literal["never", "notyet"]
Unbalanced = Literal["complete", "all"]
_FEW_CLUSTERS = 30
_FEW_ADOPTING_CLUSTERS = 5


@dataclass(frozen=True)
class EffectPanel:
    """A checked panel.

    Attributes
    ----------
    table : DataFrame
        One row per unit and time: ``unit`` (0, 1, …), ``time``, ``outcome``, ``first_treat``
        (``NEVER`` = 0 for units that never adopt), covariates ``x0``, ``x1``, … and
        ``cluster`` if one was named.
    labels : tuple
        The caller's unit names in the order of ``unit``.
    covariates, covariate_names : tuple of str
        The covariates' names in ``table``, and in the caller's.
    is_balanced : bool
        Whether every unit is observed at every time.
    warnings : tuple of str
        What was left out, and why.
    """

    table: pd.DataFrame
    labels: tuple[object, ...]
    covariates: tuple[str, ...]
    has_cluster: bool
    is_balanced: bool
    warnings: tuple[str, ...]
    covariate_names: tuple[str, ...] = ()

    @property
    def times(self) -> np.ndarray:
        """The times, in order."""
        return np.sort(self.table["time"].unique())

    @property
    def adoption(self) -> pd.Series:
        """The first treated time of each unit, ``NEVER`` for units that never adopt."""
        return self.table.groupby("unit")["first_treat"].first()

    @property
    def adopters(self) -> np.ndarray:
        """The units that adopt."""
        adoption = self.adoption
        return adoption.index[adoption != NEVER].to_numpy()

    @property
    def cohorts(self) -> tuple[int, ...]:
        """The adoption times, in order."""
        adoption = self.adoption
        return tuple(sorted(int(time) for time in adoption[adoption != NEVER].unique()))

    @property
    def comparison_count(self) -> int:
        """How many units the treated are compared with, where they are fewest.

        The units that never adopt; where all adopt, the last group.
        """
        adoption = self.adoption
        never = int((adoption == NEVER).sum())
        return never or int((adoption == max(self.cohorts)).sum())

    def last_group_as_control(self) -> EffectPanel:
        """Return the panel before the last adoption, its last adopters as never adopting."""
        last = max(self.cohorts)
        kept = self.table[self.table["time"] < last]
        return replace(
            self, table=kept.assign(first_treat=kept["first_treat"].replace(last, NEVER))
        )

    def without(self, units: Sequence[int]) -> EffectPanel:
        """Return the same panel without some units."""
        kept = self.table[~self.table["unit"].isin(list(units))]
        return EffectPanel(
            kept,
            self.labels,
            self.covariates,
            self.has_cluster,
            _is_balanced(kept),
            self.warnings,
            self.covariate_names,
        )


def prepare_panel(
    panel: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    adopted: str,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    control: Control = "never",
    unbalanced: Unbalanced = "complete",
) -> EffectPanel:
    """Check a tidy panel and put it into the form the estimators take.

    Parameters
    ----------
    panel : DataFrame
        One row per unit and time.
    outcome, unit, time, adopted : str
        Columns; ``adopted`` holds the first treated time, and 0, a blank or infinity for
        units that never adopt.
    covariates : sequence of str
        Numeric columns; their value in the base period is used.
    cluster : str, optional
        Column of cluster labels.
    control : {"never", "notyet"}
        Units that never adopt, or also those that have not adopted yet.
    unbalanced : {"complete", "all"}
        Keep only units observed at every time, or all rows.

    Returns
    -------
    EffectPanel

    Raises
    ------
    DesignError
        If columns are missing, rows repeat, adoption changes within a unit, cluster labels are
        missing, or no adopter, no control or no time before adoption is left.

    Examples
    --------
    >>> panel = pd.DataFrame({"town": ["a", "a", "b", "b"], "year": [1, 2, 1, 2],
    ...                       "cost": [3.0, 2.0, 3.0, 3.0], "since": [2, 2, None, None]})
    >>> ready = prepare_panel(panel, outcome="cost", unit="town", time="year", adopted="since")
    >>> ready.cohorts, len(ready.adopters), ready.is_balanced
    ((2,), 1, True)
    """
    if unbalanced not in ("complete", "all"):
        raise DesignError(
            f"時点のそろわない単位の扱い「{unbalanced}」はありません。", expected="complete、all"
        )
    covariates = (covariates,) if isinstance(covariates, str) else tuple(covariates)
    roles = {"結果": outcome, "単位": unit, "時点": time, "導入の時点": adopted}
    columns.check_columns(panel, roles | ({"クラスター": cluster} if cluster else {}), covariates)
    warnings: list[str] = []
    times = columns.whole(panel[time], time)
    table = pd.DataFrame(
        {
            "label": columns.labels(panel[unit], unit),
            "time": times,
            "outcome": columns.numeric(panel[outcome], outcome),
            "first_treat": columns.adoption_times(panel[adopted], adopted, times),
            **{f"x{i}": columns.numeric(panel[name], name) for i, name in enumerate(covariates)},
            **({"cluster": columns.labels(panel[cluster], cluster)} if cluster else {}),
        }
    )
    names = tuple(f"x{i}" for i in range(len(covariates)))
    _check_grain(table, unit, time, adopted)
    _check_clusters(table, cluster)
    table = _drop_missing(table, ["outcome", *names], warnings)
    table = _settle_adoption(table, warnings)
    if unbalanced == "complete":
        table = _keep_complete(table, warnings)
    _check_comparison(table, control)
    _check_outcome(table, outcome)
    warnings += _few_clusters(table, cluster)
    labels = tuple(table["label"].drop_duplicates())
    coded = table.assign(unit=pd.Categorical(table["label"], categories=list(labels)).codes)
    coded = coded.drop(columns="label").astype({"unit": "int64"})
    warnings += _short_histories(coded)
    return EffectPanel(
        coded.sort_values(["unit", "time"]).reset_index(drop=True),
        labels,
        names,
        cluster is not None,
        _is_balanced(coded),
        tuple(warnings),
        tuple(map(str, covariates)),
    )


def _check_grain(table: pd.DataFrame, unit: str, time: str, adopted: str) -> None:
    if table["label"].isna().any():
        raise DesignError(f"列「{unit}」に空欄が{int(table['label'].isna().sum())}行あります。")
    repeated = int(table.duplicated(["label", "time"]).sum())
    if repeated:
        raise DesignError(
            f"同じ単位と時点（「{unit}」「{time}」）の行が{repeated}行重なっています。",
            expected="単位と時点ごとに1行",
        )
    changing = table.groupby("label")["first_treat"].nunique()
    changing = changing[changing > 1]
    if len(changing):
        named = "、".join(map(str, changing.index[:5]))
        raise DesignError(
            f"導入の時点（「{adopted}」）が途中で変わる単位が{len(changing)}件あります（{named}）。",
            expected="各単位の導入の時点は、すべての行で同じ値",
            advice="導入をやめた単位や再び導入した単位は、この方法では扱えません。",
        )


def _check_clusters(table: pd.DataFrame, cluster: str | None) -> None:
    if cluster is None:
        return
    missing = int(table["cluster"].isna().sum())
    if missing:
        raise DesignError(
            f"クラスターの列「{cluster}」に空欄が{missing}行あります。",
            expected="すべての行のクラスター名",
            advice="空欄を埋めるか、その行を除くか、cluster の指定を外してください。",
        )
    split = table.groupby("label")["cluster"].nunique()
    if (split > 1).any():
        raise DesignError(
            f"一つの単位が複数のクラスターに属しています（{int((split > 1).sum())}件）。",
            expected="単位は一つのクラスターに含まれる",
        )


def _drop_missing(table: pd.DataFrame, names: Sequence[str], warnings: list[str]) -> pd.DataFrame:
    complete = table[list(names)].notna().all(axis=1)
    if not complete.all():
        warnings.append(f"結果または共変量が空欄の{int((~complete).sum())}行を除いた。")
    return table[complete]


def _settle_adoption(table: pd.DataFrame, warnings: list[str]) -> pd.DataFrame:
    if table.empty:
        raise DesignError("値のある行が残りません。")
    first, last = int(table["time"].min()), int(table["time"].max())
    later = table["first_treat"] > last
    if later.any():
        warnings.append(
            f"導入が最後の時点（{last}）より後の{table.loc[later, 'label'].nunique()}件は、"
            "期間中は導入していない単位として扱った。"
        )
        table = table.assign(first_treat=table["first_treat"].mask(later, NEVER))
    always = (table["first_treat"] != NEVER) & (table["first_treat"] <= first)
    if always.any():
        warnings.append(
            f"最初の時点（{first}）までに導入済みの{table.loc[always, 'label'].nunique()}件は、"
            "導入前の値がないため除いた。"
        )
    return table[~always]


def _keep_complete(table: pd.DataFrame, warnings: list[str]) -> pd.DataFrame:
    periods = table["time"].nunique()
    observed = table.groupby("label")["time"].transform("size")
    short = table.loc[observed < periods, "label"].nunique()
    if short:
        warnings.append(f"{periods}時点がそろわない{short}件を除いた。")
    return table[observed == periods]


def _check_comparison(table: pd.DataFrame, control: Control) -> None:
    adoption = table.drop_duplicates("label")["first_treat"]
    if not (adoption != NEVER).any():
        raise DesignError(
            "導入した単位が残らないため、効果を推定できません。",
            expected="期間の途中で導入し、導入前の値のある単位",
            advice="欠けた時点で除かれた場合は unbalanced='all' を検討してください。",
        )
    if table["time"].nunique() < 2:
        raise DesignError("時点が一つしかないため、効果を推定できません。")
    if (adoption == NEVER).any():
        return
    if control == "never":
        raise DesignError(
            "導入していない単位が一つもありません。",
            expected="一度も導入しない単位",
            advice="後から導入する単位と比べるには control='notyet' を指定してください。",
        )
    if adoption[adoption != NEVER].nunique() < 2:
        raise DesignError(
            "すべての単位が同じ時点に導入しており、比べる相手がありません。",
            expected="導入していない単位か、後から導入する単位",
        )


def _check_outcome(table: pd.DataFrame, outcome: str) -> None:
    spread = table.groupby("label")["outcome"].agg(np.ptp).max()
    if spread == 0.0:
        raise DesignError(
            f"列「{outcome}」は、どの単位でも全時点で同じ値のため、効果を推定できません。",
            expected="時点によって動く値",
        )


def _few_clusters(table: pd.DataFrame, cluster: str | None) -> list[str]:
    """Count clusters, and those with an adopter; refuse what has no variance between them."""
    if cluster is None:
        return []
    count = table["cluster"].nunique()
    adopting = table.loc[table["first_treat"] != NEVER, "cluster"].nunique()
    if count < 2:
        raise DesignError(
            f"クラスターの列「{cluster}」に1種類の値しかないため、誤差を推定できません。",
            expected="2つ以上（実際には数十）のクラスター",
            advice="cluster の指定を外すか、より細かい区分を指定してください。",
        )
    if count < _FEW_CLUSTERS or adopting <= _FEW_ADOPTING_CLUSTERS:
        return [
            f"クラスターは{count}個、うち導入のあるものは{adopting}個である。クラスターが少ないと"
            "誤差は小さく出やすく、区間は名目より狭い。"
        ]
    return []


def _short_histories(table: pd.DataFrame) -> list[str]:
    times = np.sort(table["time"].unique())
    cohorts = sorted(set(table["first_treat"]) - {NEVER})
    short = [int(cohort) for cohort in cohorts if int((times < cohort).sum()) == 1]
    if not short:
        return []
    return [
        f"導入時点{'、'.join(map(str, short))}の群は導入前の時点が一つだけで、"
        "導入前の動きが並行していたかを確かめられない。"
    ]


def _is_balanced(table: pd.DataFrame) -> bool:
    key = "unit" if "unit" in table else "label"
    return len(table) == table[key].nunique() * table["time"].nunique()
