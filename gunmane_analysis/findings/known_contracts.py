"""Every known bundled contract of an area, or of the municipalities nearest in size."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gunmane_analysis.areas import Area
from gunmane_analysis.findings.effects import effect_sentence
from gunmane_analysis.findings.finding import Column, Finding
from gunmane_analysis.metrics.contracts.effects import ContractEffect
from gunmane_analysis.sources import sources_in_use
from gunmane_analysis.tables import label_of

_BASIS = {"annual": "年額", "total": "総額", "limit": "上限", ";": "、"}
_CONFIDENCE = {"document": "資料の印字", "registered": "事務局の登録"}


def known_contracts_finding(
    contracts: pd.DataFrame, area: Area, effects: Sequence[ContractEffect] = ()
) -> Finding | None:
    """Word the contracts of an area and, for a municipality, of those nearest in size.

    Parameters
    ----------
    contracts : DataFrame
        From :func:`gunmane_analysis.metrics.contracts.known.nearest_contracts`.
    area : Area
    effects : sequence of ContractEffect
        Of the nation; adds one sentence on what they show.

    Returns
    -------
    Finding or None
        None where neither a contract nor an effect is known.

    Examples
    --------
    >>> from gunmane_analysis import find_area
    >>> known_contracts_finding(pd.DataFrame(), find_area("47"))
    """
    effect = effect_sentence(effects)
    if contracts.empty and not effect:
        return None
    own, others = contracts[contracts["is_in_area"]], contracts[~contracts["is_in_area"]]
    bodies = "、".join(dict.fromkeys(own["body_name"]))
    headline = (
        f"{area.name}で知られる包括的民間委託は、{own['body_code'].nunique()}団体"
        f"（{bodies}）の{len(own)}件である。"
        if len(own)
        else f"{area.name}の包括的民間委託は、用いた資料では知られていない。"
    )
    if len(others):
        headline += (
            "規模の近い順に、ほかの市町の契約は"
            f"{'、'.join(dict.fromkeys(others['body_name']))}のものがある。"
        )
    table = contracts.assign(
        fields_ja=[_fields(each) for each in contracts["infrastructure_fields"]],
        start_ja=contracts["started_on"].fillna("公表なし"),
        confidence_ja=[_CONFIDENCE.get(each) or label_of(each) for each in contracts["confidence"]],
        basis_ja=contracts["amount_basis"].fillna("").replace(_BASIS, regex=True),
    )
    return Finding(
        finding_id="contracts.known",
        title=f"{area.name}から見た包括的民間委託（資料・公表・登録のすべて）",
        headline=headline + effect,
        table=table,
        columns=(
            Column("body_name", "団体"),
            Column("scheme_name", "契約"),
            Column("fields_ja", "分野"),
            Column("start_ja", "開始"),
            Column("term_months", "期間", "月", "count"),
            Column("amount_jpy", "金額", "円", "count"),
            Column("basis_ja", "金額の性質"),
            Column("confidence_ja", "確かさ"),
            Column("source_title", "出典"),
        ),
        source_ids=sources_in_use(*dict.fromkeys(contracts["source_id"]), "municipal_panel"),
        caveats=(
            "件数は出典の行の数で、重複があり、網羅していない。",
            "金額は性質と税の扱いが異なり、比べられない。確かさは当方の区分。",
        ),
    )


def _fields(text: str) -> str:
    """Word the fields of a contract: ids of the documents, words of the other sources."""
    try:
        return label_of(text)
    except KeyError:
        return text.replace(";", "・")
