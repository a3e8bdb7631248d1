"""What a reader must know of a method on a panel, and of what the library said, in Japanese."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gunmane_analysis.metrics.effects.panel import NEVER, Control, EffectPanel

_IN_OUR_WORDS = (
    (
        re.compile("separation|Propensity scores|did not converge|Low Events Per Variable"),
        "共変量だけで導入した単位がほぼ見分けられ、似た相手のいない単位がある。"
        "推定は共変量の選び方に左右される。",
    ),
    (
        re.compile("^Rank-deficient design|^Rank-deficient matrix|collinear"),
        "共変量の一部は、ほかの変数や固定効果と同じ情報しか持たないため、推定に使われていない。",
    ),
    (
        re.compile("could not be estimated|Rank condition violated|Horizons .* not identified"),
        "比べる相手がないために推定できない導入群・時点があり、平均に含めていない。",
    ),
    (
        re.compile("allow_unbalanced_panel=True"),
        "時点のそろわない単位も含める Callaway・Sant'Anna の推定は、単位ごとの変化でなく"
        "各時点の平均を比べるため、単位の水準が違うと誤差が大きい。"
        "水準を除く imputation・sun_abraham や unbalanced='complete' の結果と"
        "見比べること。年度別の効果には区間を付けない。",
    ),
)
_OF_THE_SOLVER = re.compile("falling back to a sparse LSMR")


def method_warnings(
    panel: EffectPanel, method: str, control: Control, covariates: Sequence[str]
) -> list[str]:
    """Return where a method does not do what its arguments say."""
    found = []
    if method == "imputation" and control == "never":
        found.append(
            "imputationは、導入していない時点の値をすべて比較に使う（control の指定は働かない）。"
        )
    if method == "sun_abraham" and control == "notyet":
        found.append(
            "sun_abrahamは、一度も導入しない単位だけと比べる（control の指定は働かない）。"
            if (panel.adoption == NEVER).any()
            else f"一度も導入しない単位がないため、最後に導入した群（時点{max(panel.cohorts)}）を、"
            "その導入前まで比べる相手とした。"
        )
    if method == "callaway_santanna":
        return found
    constant = [
        given
        for name, given in zip(panel.covariates, covariates, strict=True)
        if panel.table.groupby("unit")[name].nunique().max() == 1
    ]
    if constant:
        found.append(
            f"共変量「{'」「'.join(constant)}」は単位の中で変わらないため、この方法では固定効果に含まれ、"
            "推定は共変量のない場合と同じである（callaway_santanna は導入前の値で条件をそろえる）。"
        )
    return found


def message_warnings(messages: Sequence[str]) -> list[str]:
    """Return the library's cautions in Japanese; what has no words of ours is counted."""
    told: dict[str, None] = {}
    other = 0
    for message in messages:
        words = [words for pattern, words in _IN_OUR_WORDS if pattern.search(message)]
        told.update(dict.fromkeys(words[:1]))
        other += not words and not _OF_THE_SOLVER.search(message)
    if other:
        told[f"ライブラリがほかに{other}つの注意を示した（原文は結果の messages にある）。"] = None
    return list(told)
