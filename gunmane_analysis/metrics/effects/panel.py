"""A panel made ready for effect estimates: checked, renamed, and counted.

What is left out is counted in the warnings; what cannot be estimated is refused with the reason
(the words of both are in ``messages/metrics.yml``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from gunmane_analysis.refusals import caution, refuse_if
from gunmane_analysis.results import Result

Control = Literal["never", "notyet"]
Unbalanced = Literal["complete", "all"]
NEVER = 0
_FEW_CLUSTERS = 30
_FEW_ADOPTING_CLUSTERS = 5
_ADOPTED = "導入した時点の整数。導入しない単位は0または空欄"


@dataclass(frozen=True, eq=False, repr=False)
class EffectPanel(Result):
    """A checked panel.

    Attributes
    ----------
    table : DataFrame
        One row per unit and time: ``unit`` (0, 1, …), ``time``, ``outcome``, ``first_treat``
        (``NEVER`` = 0 for units that never adopt), covariates ``x0``, ``x1``, … and
        ``cluster`` if one was named.
    labels : tuple
        The caller's unit names in the order of ``unit``.
    covariate_names : tuple of str
        The covariates' names in the caller's table.
    warnings : tuple of str
        What was left out, and why.
    """

    table: pd.DataFrame
    labels: tuple[object, ...]
    covariate_names: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def covariates(self) -> list[str]:
        """The covariates' names in ``table``."""
        return [f"x{place}" for place in range(len(self.covariate_names))]

    @property
    def has_cluster(self) -> bool:
        """Whether a column of clusters was named."""
        return "cluster" in self.table

    @property
    def is_balanced(self) -> bool:
        """Whether every unit is observed at every time."""
        return len(self.table) == self.table["unit"].nunique() * len(self.times)

    @property
    def is_exchangeable(self) -> bool:
        """Whether adoption can be reassigned: nothing but the unit's own path counts."""
        return self.is_balanced and not self.covariate_names and not self.has_cluster

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
        return tuple(sorted(set(self.table["first_treat"].tolist()) - {NEVER}))

    @property
    def group_sizes(self) -> pd.Series:
        """How many units, or clusters where these are named, adopt at each time (index)."""
        groups = self.table[self.table["first_treat"] != NEVER].groupby("first_treat")
        return groups["cluster" if self.has_cluster else "unit"].nunique()

    @property
    def comparison_count(self) -> int:
        """How many units the treated are compared with, where they are fewest.

        The units that never adopt; where all adopt, the last group.
        """
        adoption = self.adoption
        return int((adoption == NEVER).sum() or (adoption == adoption.max()).sum())

    def last_group_as_control(self) -> EffectPanel:
        """Return the panel before the last adoption, its last adopters as never adopting."""
        last = max(self.cohorts)
        kept = self.table[self.table["time"] < last]
        return replace(
            self, table=kept.assign(first_treat=kept["first_treat"].replace(last, NEVER))
        )

    def without(self, units: Sequence[int]) -> EffectPanel:
        """Return the same panel without some units."""
        return replace(self, table=self.table[~self.table["unit"].isin(list(units))])


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
    refuse_if(unbalanced not in ("complete", "all"), "panel-unbalanced-word", unbalanced=unbalanced)
    given = (covariates,) if isinstance(covariates, str) else tuple(covariates)
    _check_columns(panel, [outcome, unit, time, adopted], given, [cluster] if cluster else [])
    times = _whole(panel[time], time)
    numbers = {f"x{place}": _numeric(panel[name], name) for place, name in enumerate(given)}
    table = pd.DataFrame(
        {
            "label": _labels(panel[unit], unit),
            "time": times,
            "outcome": _numeric(panel[outcome], outcome),
            "first_treat": _adoption_times(panel[adopted], adopted, times),
            **numbers,
            **({"cluster": _labels(panel[cluster], cluster)} if cluster else {}),
        }
    )
    _check_grain(table, unit, time, adopted)
    warnings: list[str] = []
    table = _settle_adoption(_drop_missing(table, ["outcome", *numbers], warnings), warnings)
    if unbalanced == "complete":
        table = _keep_complete(table, warnings)
    _check_comparison(table, control)
    spread = table.groupby("label")["outcome"].agg(np.ptp)
    refuse_if(spread.max() == 0.0, "panel-outcome-constant", name=outcome)
    if cluster:
        _check_clusters(table, cluster, warnings)
    labels = table["label"].drop_duplicates().tolist()
    table["unit"] = pd.Categorical(table.pop("label"), categories=labels).codes.astype("int64")
    table = table.sort_values(["unit", "time"], ignore_index=True)
    ready = EffectPanel(table, tuple(labels), tuple(map(str, given)), ())
    short = [str(cohort) for cohort in ready.cohorts if (ready.times < cohort).sum() == 1]
    if short:
        warnings.append(caution("one-time-before", cohorts="、".join(short)))
    return replace(ready, warnings=tuple(warnings))


def _check_columns(
    panel: pd.DataFrame, main: Sequence[str], covariates: Sequence[str], cluster: Sequence[str]
) -> None:
    """Refuse what is no table, lacks a column, or names one column twice."""
    refuse_if(not isinstance(panel, pd.DataFrame), "panel-no-table", kind=type(panel).__name__)
    names = [*main, *covariates, *cluster]
    missing = "」「".join(str(name) for name in names if name not in panel.columns)
    columns = "、".join(map(str, panel.columns))
    refuse_if(missing, "panel-columns-missing", missing=missing, columns=columns)
    refuse_if(panel.empty, "panel-no-rows")
    repeated = _repeated(panel.columns[panel.columns.isin(names)])
    refuse_if(repeated, "panel-columns-repeated", repeated="、".join(repeated))
    twice = [*_repeated(main), *_repeated(covariates)]
    refuse_if(twice, "panel-column-twice", twice="」「".join(twice))


def _repeated(names: Sequence[str] | pd.Index) -> list[str]:
    given = pd.Series(names, dtype="object")
    return sorted(map(str, given[given.duplicated()].unique()))


def _labels(values: pd.Series, name: str) -> pd.Series:
    """Return labels of units or clusters, refusing what cannot be distinguished."""
    is_wrong = values.map(lambda value: isinstance(value, (list, dict, set))).any()
    refuse_if(is_wrong, "panel-labels", name=name)
    return values


def _is_date(values: pd.Series) -> bool:
    return isinstance(values.dtype, pd.PeriodDtype) or values.dtype.kind in "mM"


def _numeric(values: pd.Series, name: str, expected: str = "数値か空欄") -> pd.Series:
    """Return numbers; dates, complex numbers, words and infinities are refused."""
    refuse_if(_is_date(values), "panel-dates", name=name, expected=expected)
    refuse_if(values.dtype.kind == "c", "panel-complex", name=name, expected=expected)
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    is_wrong = (numbers.isna() & values.notna()) | np.isinf(numbers)
    count, shown = int(is_wrong.sum()), "、".join(dict.fromkeys(values[is_wrong].head(3).map(str)))
    refuse_if(count, "panel-no-numbers", name=name, count=count, shown=shown, expected=expected)
    return numbers


def _whole(values: pd.Series, name: str) -> pd.Series:
    """Return times as integers."""
    refuse_if(values.dtype.kind == "b", "panel-time-boolean", name=name)
    numbers = _numeric(values, name, "年度などの整数")
    refuse_if((numbers % 1 != 0).any(), "panel-time-not-whole", name=name)  # a blank too
    return numbers.astype("int64")


def _adoption_times(values: pd.Series, name: str, times: pd.Series) -> pd.Series:
    """Return first treated times, ``NEVER`` for 0, blanks and infinity."""
    refuse_if(values.dtype.kind == "b", "panel-adopted-boolean", name=name)
    if not _is_date(values) and values.dtype.kind not in "cS":
        numbers = pd.to_numeric(values, errors="coerce").astype("float64")
        values = values.mask(np.isposinf(numbers))
    settled = _numeric(values, name, _ADOPTED)
    refuse_if(times.min() < 1 and (settled == NEVER).any(), "panel-adopted-zero", name=name)
    settled = settled.fillna(float(NEVER))
    is_wrong = (settled % 1 != 0) | (settled < 0)
    refuse_if(is_wrong.any(), "panel-adopted-not-whole", name=name)
    return settled.astype("int64")


def _check_grain(table: pd.DataFrame, unit: str, time: str, adopted: str) -> None:
    blanks = table["label"].isna().sum()
    refuse_if(blanks, "panel-unit-blank", name=unit, count=blanks)
    repeated = table.duplicated(["label", "time"]).sum()
    refuse_if(repeated, "panel-rows-repeated", unit=unit, time=time, count=repeated)
    changing = table.groupby("label")["first_treat"].nunique().loc[lambda counts: counts > 1].index
    units = "、".join(map(str, changing[:5]))
    refuse_if(
        len(changing), "panel-adopted-changes", name=adopted, count=len(changing), units=units
    )


def _drop_missing(table: pd.DataFrame, names: Sequence[str], warnings: list[str]) -> pd.DataFrame:
    complete = table.dropna(subset=list(names))
    if len(complete) < len(table):
        warnings.append(caution("rows-blank", count=len(table) - len(complete)))
    refuse_if(complete.empty, "panel-no-values")
    return complete


def _settle_adoption(table: pd.DataFrame, warnings: list[str]) -> pd.DataFrame:
    first, last = int(table["time"].min()), int(table["time"].max())
    later = table["first_treat"] > last
    if later.any():
        count = table.loc[later, "label"].nunique()
        warnings.append(caution("adopted-later", last=last, count=count))
        table = table.assign(first_treat=table["first_treat"].mask(later, NEVER))
    always = (table["first_treat"] != NEVER) & (table["first_treat"] <= first)
    if always.any():
        count = table.loc[always, "label"].nunique()
        warnings.append(caution("adopted-before", first=first, count=count))
    return table[~always]


def _keep_complete(table: pd.DataFrame, warnings: list[str]) -> pd.DataFrame:
    periods = table["time"].nunique()
    is_short = table.groupby("label")["time"].transform("size") < periods
    if is_short.any():
        count = table.loc[is_short, "label"].nunique()
        warnings.append(caution("units-short", periods=periods, count=count))
    return table[~is_short]


def _check_comparison(table: pd.DataFrame, control: Control) -> None:
    adoption = set(table["first_treat"])
    refuse_if(not adoption - {NEVER}, "panel-no-adopter")
    refuse_if(table["time"].nunique() < 2, "panel-one-time")
    refuse_if(NEVER not in adoption and control == "never", "panel-no-never")
    refuse_if(len(adoption) < 2, "panel-one-cohort")


def _check_clusters(table: pd.DataFrame, cluster: str, warnings: list[str]) -> None:
    """Refuse clusters that give no variance; warn where they, or those adopting, are few."""
    missing = table["cluster"].isna().sum()
    refuse_if(missing, "panel-cluster-blank", name=cluster, count=missing)
    split = (table.groupby("label")["cluster"].nunique() > 1).sum()
    refuse_if(split, "panel-cluster-split", count=split)
    count = table["cluster"].nunique()
    refuse_if(count < 2, "panel-cluster-one", name=cluster)
    adopting = table.loc[table["first_treat"] != NEVER, "cluster"].nunique()
    if count < _FEW_CLUSTERS or adopting <= _FEW_ADOPTING_CLUSTERS:
        warnings.append(caution("few-clusters", count=count, adopting=adopting))
