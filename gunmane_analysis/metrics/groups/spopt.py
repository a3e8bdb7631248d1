"""spopt's max-p heuristic on a problem of ours: a cross-check, stopped when it does not end."""

from __future__ import annotations

import math
import multiprocessing
from collections.abc import Mapping, Sequence
from importlib.util import find_spec

import numpy as np
import pandas as pd

from gunmane_analysis.errors import DesignError
from gunmane_analysis.metrics.groups.problem import GroupProblem

_CONSTRUCTIONS = 99
_ENCLAVE_CHOICES = 2
_KM_PER_DEGREE = 111.2


def spopt_groups(
    problem: GroupProblem, part: Sequence[int], seed: int, limit_seconds: float = 120.0
) -> list[frozenset[int]]:
    """Divide one connected part with ``spopt.region.MaxPHeuristic``.

    It runs in a process of its own: it draws from NumPy's global generator, and its
    annealing may never end.

    Parameters
    ----------
    problem : GroupProblem
        Without conditions; spopt knows contiguity and threshold only.
    part : sequence of int
        Positions of the nodes.
    seed : int
    limit_seconds : float
        Including the start of the process and the imports.

    Raises
    ------
    DesignError
        If the extra ``[spatial]`` is not installed, the problem has conditions, or the time
        is over.
    """
    if find_spec("spopt") is None or find_spec("libpysal") is None:
        raise DesignError(
            "群の候補を照合するライブラリ spopt がありません。",
            expected="追加の環境 [spatial]（spopt、libpysal）",
            advice="pip install -e '.[spatial]' で入れてください。",
        )
    if problem.has_conditions:
        raise DesignError("spopt では、分ける条件と距離の条件を扱えません。")
    place = {node: position for position, node in enumerate(part)}
    near = {
        place[node]: [place[other] for other in sorted(problem.neighbours[node] & set(part))]
        for node in part
    }
    middle = math.radians(sum(problem.places[node][0] for node in part) / len(part))
    table = pd.DataFrame(
        {
            "amount": [problem.amounts[node] for node in part],
            "north_km": [problem.places[node][0] * _KM_PER_DEGREE for node in part],
            "east_km": [
                problem.places[node][1] * _KM_PER_DEGREE * math.cos(middle) for node in part
            ],
        }
    )
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        waiting = pool.apply_async(_labels, (table, near, problem.threshold, seed))
        try:
            labels = waiting.get(limit_seconds)
        except multiprocessing.TimeoutError as fault:
            raise DesignError(
                f"spopt の計算が{limit_seconds:.0f}秒で終わりませんでした。",
                advice="動かせる市区町村のない群があると終わらないことがあります。"
                "既定の探索を使ってください。",
            ) from fault
    return [
        frozenset(node for node, own in zip(part, labels, strict=True) if own == label)
        for label in sorted(set(labels))
    ]


def _labels(
    table: pd.DataFrame, near: Mapping[int, list[int]], threshold: float, seed: int
) -> list[int]:
    from libpysal.weights import W
    from spopt.region import MaxPHeuristic

    np.random.seed(seed)
    model = MaxPHeuristic(
        table,
        W(dict(near), silence_warnings=True),
        ["north_km", "east_km"],
        "amount",
        threshold,
        _ENCLAVE_CHOICES,
        max_iterations_construction=_CONSTRUCTIONS,
        max_iterations_sa=1,
        policy="keep",  # parts that cannot reach the threshold never come here
    )
    model.solve()
    return [int(label) for label in model.labels_]
