"""Finding on the registers of a theme that have not arrived."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.findings.finding import Column, Finding


def registers_finding(status: pd.DataFrame, theme: str) -> Finding | None:
    """List a theme's registers that have not arrived, what each would tell, and how to file it.

    Parameters
    ----------
    status : DataFrame
        From :func:`gunmane_analysis.loaders.registers.load_register_status`.
    theme : str

    Examples
    --------
    >>> from gunmane_analysis.loaders.tables import load_register_status
    >>> status = load_register_status().assign(is_filed=False)
    >>> registers_finding(status, "matching").finding_id
    'matching.registers'
    """
    own = status[status["theme"] == theme]
    missing = own[~own["is_filed"]].reset_index(drop=True)
    if missing.empty:
        return None
    told = "、".join(missing["answers"])
    return Finding(
        finding_id=f"{theme}.registers",
        title="届いていない台帳",
        headline=(
            f"この節の台帳{len(own)}件のうち{len(missing)}件が届いていないため、"
            f"{told}は分からない。"
        ),
        table=missing,
        columns=(
            Column("title", "台帳"),
            Column("answers", "届けば分かること"),
            Column("source_id", "様式の名"),
        ),
        source_ids=(),
        caveats=(
            "様式は gunmane data template に様式の名を付けて作り、gunmane data add で登録する。",
            *(
                ["model_regions に様式はなく、公表されたファイルをそのまま登録する。"]
                if "model_regions" in set(missing["source_id"])
                else []
            ),
        ),
    )
