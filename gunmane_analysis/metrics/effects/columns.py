"""The columns of a caller's panel, each refused in words or turned into numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gunmane_analysis.errors import DesignError

NEVER = 0
_INTEGER_ADVICE = "日付は年度などの整数に直してください（例: table['date'].dt.year）。"


def check_columns(panel: pd.DataFrame, roles: Mapping[str, str], covariates: Sequence[str]) -> None:
    """Refuse what is no table, lacks a column, or names one column twice.

    Parameters
    ----------
    panel : DataFrame
        As the caller gave it.
    roles : mapping of str to str
        What a column is for, in Japanese, and its name.
    covariates : sequence of str

    Raises
    ------
    DesignError
    """
    if not isinstance(panel, pd.DataFrame):
        raise DesignError(
            f"分析の表が表（pandas の DataFrame）ではありません（{type(panel).__name__}）。",
            expected="単位と時点ごとに1行の DataFrame",
        )
    names = [*roles.values(), *covariates]
    missing = [name for name in names if name not in panel.columns]
    if missing:
        raise DesignError(
            f"分析の表に列「{'」「'.join(map(str, missing))}」がありません。"
            f"見つかった列: {'、'.join(map(str, panel.columns))}",
            advice="列の名前の指定を確かめてください。行の見出し（index）にあるときは "
            "reset_index() で列に直してください。",
        )
    if len(panel) == 0:
        raise DesignError("分析の表に行がありません。")
    repeated = sorted({str(name) for name in names if list(panel.columns).count(name) > 1})
    if repeated:
        raise DesignError(f"分析の表に同じ名前の列が2つ以上あります（{'、'.join(repeated)}）。")
    main = [name for role, name in roles.items() if role != "クラスター"]
    twice = sorted({str(name) for name in main if main.count(name) > 1})
    twice += sorted({str(name) for name in covariates if list(covariates).count(name) > 1})
    if twice:
        raise DesignError(
            f"列「{'」「'.join(twice)}」が2つの役割に指定されています。",
            expected="、".join(roles) + "・共変量に、それぞれ別の列",
        )


def labels(values: pd.Series, name: str) -> pd.Series:
    """Return labels of units or clusters, refusing what cannot be told apart."""
    if values.map(lambda value: isinstance(value, (list, dict, set))).any():
        raise DesignError(
            f"列「{name}」に、名前として使えない値（リストなど）があります。",
            expected="文字または数値",
        )
    return values


def numeric(values: pd.Series, name: str, expected: str = "数値か空欄") -> pd.Series:
    """Return numbers; dates, complex numbers, words and infinities are refused."""
    is_date = isinstance(values.dtype, pd.PeriodDtype) or values.dtype.kind in "mM"
    if is_date or values.dtype.kind == "c":
        raise DesignError(
            f"列「{name}」が{'日付または期間' if is_date else '複素数'}で、数値ではありません。",
            expected=expected,
            advice=_INTEGER_ADVICE if is_date else "",
        )
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    is_wrong = (numbers.isna() & values.notna()) | np.isinf(numbers)
    if is_wrong.any():
        shown = "、".join(dict.fromkeys(str(value) for value in values[is_wrong].head(3)))
        raise DesignError(
            f"列「{name}」に数値でない値または無限大が{int(is_wrong.sum())}個あります（{shown}）。",
            expected=expected,
        )
    return numbers


def whole(values: pd.Series, name: str) -> pd.Series:
    """Return times as integers."""
    if values.dtype.kind == "b":
        raise DesignError(
            f"列「{name}」が真偽値で、時点ではありません。", expected="年度などの整数"
        )
    numbers = numeric(values, name, "年度などの整数")
    if numbers.isna().any() or (numbers % 1 != 0).any():
        raise DesignError(
            f"列「{name}」に整数でない時点、または空欄の時点があります。",
            expected="年度などの整数",
            advice=_INTEGER_ADVICE,
        )
    return numbers.astype("int64")


def adoption_times(values: pd.Series, name: str, times: pd.Series) -> pd.Series:
    """Return first treated times, ``NEVER`` for 0, blanks and infinity."""
    expected = "導入した時点の整数。導入しない単位は0または空欄"
    if values.dtype.kind == "b":
        raise DesignError(
            f"列「{name}」が真偽値です。",
            expected=f"{expected}（導入したかどうかではなく、いつか）",
        )
    finite = values
    if values.dtype.kind not in "mMcS" and not isinstance(values.dtype, pd.PeriodDtype):
        numbers = pd.to_numeric(values, errors="coerce")
        finite = values.mask(np.isposinf(numbers.astype("float64")))
    settled = numeric(finite, name, expected)
    if times.min() < 1 and (settled == NEVER).any():
        raise DesignError(
            f"時点に0以下の値があるため、列「{name}」の0が「導入しない」か「時点0の導入」か分かりません。",
            expected="導入しない単位は空欄",
            advice="時点と導入の時点に同じ数を足し、1以上にしてください。",
        )
    settled = settled.fillna(float(NEVER))
    if (settled % 1 != 0).any() or (settled < 0).any():
        raise DesignError(
            f"列「{name}」に整数でない、または負の導入時点があります。", expected=expected
        )
    return settled.astype("int64")
