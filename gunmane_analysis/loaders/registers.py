"""Which registers of the secretariat have arrived, and what each would tell."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from gunmane_analysis.loaders.filed import is_filed, load_filed_table
from gunmane_analysis.tables.groups import GroupConditions, ModelRegions
from gunmane_analysis.tables.matching import Advisors, SupportRequests
from gunmane_analysis.tables.participation import MunicipalParticipation
from gunmane_analysis.tables.seeds import JudgedPairs, TechnologyNeeds, TechnologySeeds
from gunmane_analysis.tables.steps import StepPositions
from gunmane_analysis.tables.table import Table

_TELLS: Mapping[type[Table], tuple[str, str, str]] = MappingProxyType(
    {
        StepPositions: ("steps", "群マネの段階", "どの段階にあり、何が妨げているか"),
        MunicipalParticipation: ("participation", "市区町村別の参画", "どこが参画し、どこがまだか"),
        ModelRegions: ("groups", "モデル地域", "どのモデル地域に属するか"),
        GroupConditions: ("groups", "群の条件", "群の候補が守るべき条件は何か"),
        Advisors: ("matching", "助言者", "誰がどの分野・段階を助けられるか"),
        SupportRequests: ("matching", "相談", "どの自治体が何を求めているか"),
        TechnologyNeeds: ("seeds", "ニーズ", "どの自治体がどの技術を求めているか"),
        TechnologySeeds: ("seeds", "シーズ", "どの技術があるか"),
        JudgedPairs: ("seeds", "ニーズとシーズの判断", "技術の候補の順位がどれだけ当たるか"),
    }
)


def load_register_status() -> pd.DataFrame:
    """List the registers that the secretariat may file, with the rows that have arrived.

    Returns
    -------
    DataFrame
        One row per register: ``theme``, ``source_id``, ``title``, ``grain``, ``tells``,
        ``is_filed`` and ``row_count`` (0 while nothing is filed).

    Examples
    --------
    >>> load_register_status()["source_id"].tolist()[:2]
    ['step_positions', 'municipal_participation']
    """
    return pd.DataFrame(
        {
            "theme": theme,
            "source_id": model.table_id(),
            "title": title,
            "grain": model.grain(),
            "tells": tells,
            "is_filed": is_filed(model.table_id()),
            "row_count": len(load_filed_table(model)),
        }
        for model, (theme, title, tells) in _TELLS.items()
    )
