"""合成データ: seeded registers of experts, requests, positions and texts, for demonstration.

Nothing here is about a real municipality, expert or company, although codes of real
municipalities stand in it: every table carries ``data_kind`` = 合成データ.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd

from gunmane_analysis.metrics.effects.simulation import SYNTHETIC_LABEL
from gunmane_analysis.metrics.validation import seeded
from gunmane_analysis.tables import choices

_FIRST_DAY = date(2022, 4, 1)
_LAST_DAY = date(2025, 3, 31)
_LAST_STEP = 6
_OBJECTS = ("橋", "道路", "河川堤防", "トンネル", "公園遊具", "下水道管", "港の岸壁", "法面")
_TASKS = ("点検", "劣化の把握", "補修", "台帳の管理", "監視", "清掃", "巡回")
_TECHNOLOGIES = ("ドローン", "衛星画像", "車載カメラ", "センサー", "音響解析", "自動走行ロボット")


def simulate_positions(
    municipality_codes: Sequence[str], mean_days: float = 240.0, *, seed: int
) -> pd.DataFrame:
    """Make up positions on the path, exponential stays of a known mean.

    Parameters
    ----------
    municipality_codes : sequence of str
    mean_days : float
        True mean stay in each step; its median is ``mean_days * ln 2``.
    seed : int

    Returns
    -------
    DataFrame
        Columns of the table ``step_positions`` and ``data_kind``.

    Examples
    --------
    >>> simulate_positions(["05204"], seed=1)["municipality_code"].unique().tolist()
    ['05204']
    """
    draw = seeded(seed)
    rows = []
    for code in municipality_codes:
        day = _FIRST_DAY + timedelta(days=int(draw.integers(0, 365)))
        step = 0
        while day <= _LAST_DAY and step <= _LAST_STEP:
            rows.append([code, step, day.isoformat(), _LAST_DAY.isoformat(), None])
            day += timedelta(days=1 + int(draw.exponential(mean_days)))
            step += 1
        if draw.random() < 0.6:
            rows[-1][-1] = str(draw.choice(list(choices("obstacle"))))
    names = ["municipality_code", "step_no", "entered_on", "as_of_on", "obstacle"]
    made = pd.DataFrame(rows, columns=names).assign(remark=None, data_kind=SYNTHETIC_LABEL)
    return made.astype({"obstacle": "str", "remark": "str"})


def simulate_requests(municipality_codes: Sequence[str], count: int, *, seed: int) -> pd.DataFrame:
    """Make up requests for advice.

    Returns
    -------
    DataFrame
        Columns of the table ``support_requests`` and ``data_kind``.

    Examples
    --------
    >>> len(simulate_requests(["05204"], 3, seed=1))
    3
    """
    draw = seeded(seed)
    return pd.DataFrame(
        {
            "request_id": [f"合成相談{number + 1}" for number in range(count)],
            "municipality_code": draw.choice(list(municipality_codes), count),
            "field": draw.choice(list(choices("field")), count),
            "stage": draw.choice(list(choices("advice_stage")), count),
            "population_count": (10 ** draw.uniform(3.3, 5.7, count)).round(-2),
            "requested_on": "2024-06-01",
            "remark": pd.Series([None] * count, dtype="str"),
            "data_kind": SYNTHETIC_LABEL,
        }
    )


def simulate_advisors(municipality_codes: Sequence[str], count: int, *, seed: int) -> pd.DataFrame:
    """Make up experts.

    Returns
    -------
    DataFrame
        Columns of the table ``advisors`` and ``data_kind``.

    Examples
    --------
    >>> len(simulate_advisors(["05204"], 3, seed=1))
    3
    """
    draw = seeded(seed)
    fields, stages = list(choices("field")), list(choices("advice_stage"))
    low = (10 ** draw.uniform(3.0, 4.5, count)).round(-2)
    return pd.DataFrame(
        {
            "advisor_id": [f"合成助言者{number + 1}" for number in range(count)],
            "organisation_kind": draw.choice(list(choices("expert_organisation")), count),
            "fields": [";".join(draw.choice(fields, 3, replace=False)) for _ in range(count)],
            "stages": [";".join(draw.choice(stages, 2, replace=False)) for _ in range(count)],
            "base_municipality_code": draw.choice(list(municipality_codes), count),
            "available_days": draw.integers(3, 19, count).astype("float64"),
            "suited_population_low": low,
            "suited_population_high": low * 10,
            "as_of_on": "2024-04-01",
            "data_kind": SYNTHETIC_LABEL,
        }
    )


def simulate_texts(count: int, *, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Make up needs, technologies, and which technology answers which need.

    Returns
    -------
    needs, seeds, judged : DataFrame
        ``need_id`` and ``text``; ``seed_id`` and ``text``; ``need_id``, ``seed_id`` and
        ``is_relevant`` (the technology of the same object and task); each with ``data_kind``.

    Examples
    --------
    >>> needs, seeds, judged = simulate_texts(3, seed=1)
    >>> len(needs), len(seeds)
    (3, 3)
    """
    draw = seeded(seed)
    topics = [(thing, task) for thing in _OBJECTS for task in _TASKS]
    chosen = [topics[place] for place in draw.permutation(len(topics))[:count]]
    needs = pd.DataFrame(
        {
            "need_id": [f"合成ニーズ{number + 1}" for number in range(len(chosen))],
            "text": [f"{thing}の{task}を少ない人数で済ませたい" for thing, task in chosen],
            "data_kind": SYNTHETIC_LABEL,
        }
    )
    tools = draw.choice(list(_TECHNOLOGIES), len(chosen))
    seeds = pd.DataFrame(
        {
            "seed_id": [f"合成シーズ{number + 1}" for number in range(len(chosen))],
            "text": [
                f"{tool}を用いて{thing}の{task}を効率化する技術"
                for tool, (thing, task) in zip(tools, chosen, strict=True)
            ],
            "data_kind": SYNTHETIC_LABEL,
        }
    )
    judged = pd.DataFrame(
        {
            "need_id": needs["need_id"],
            "seed_id": seeds["seed_id"],
            "is_relevant": True,
            "data_kind": SYNTHETIC_LABEL,
        }
    )
    return needs, seeds, judged
