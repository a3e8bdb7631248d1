"""Results kept by the content that they were computed from."""

from __future__ import annotations

from functools import partial

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from gunmane_analysis import cache
from gunmane_analysis.cache import cached, get_or_compute
from gunmane_analysis.charts import chart
from gunmane_analysis.charts.grammar import plot_lines

LINE = [1.0, 2.0]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache._kept.clear()


class Counter:
    """A computation that counts how often it is run."""

    def __init__(self, result: object = (1, 2)) -> None:
        self.calls, self.result = 0, result

    def __call__(self) -> object:
        self.calls += 1
        return self.result


def test_the_same_content_is_computed_once() -> None:
    compute = Counter()
    assert [get_or_compute(("nation", 2024), compute) for _ in range(3)] == [(1, 2)] * 3
    assert compute.calls == 1


def test_a_function_is_kept_by_its_arguments() -> None:
    calls: list[int] = []

    @cached
    def plus(number: int, other: int = 1) -> int:
        calls.append(number)
        return number + other

    for _ in range(3):
        assert (plus(1), plus(1, other=2), plus(2)) == (2, 3, 3)
    assert calls == [1, 1, 2]


def test_a_result_is_a_copy_that_may_be_changed() -> None:
    get_or_compute("a", lambda: [1, 2]).append(3)
    get_or_compute("a", Counter()).append(4)
    assert get_or_compute("a", Counter()) == [1, 2]


def test_what_is_computed_from_a_kept_result_is_found_again() -> None:
    compute = Counter()
    for _ in range(2):
        kept = get_or_compute("years", lambda: pd.DataFrame({"year": [2023, 2024]}))
        get_or_compute(kept.assign(later=np.array([2024, 2025])), compute)
    assert compute.calls == 1


def test_what_is_used_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_BYTES_AT_MOST", 2500)
    computes = {name: Counter(name * 1000) for name in "abc"}
    for name in "abacab":  # c is one too many: b, used longest ago, gives way
        get_or_compute(name, computes[name])
    assert [computes[name].calls for name in "abc"] == [1, 2, 1]


def test_what_cannot_be_pickled_is_computed() -> None:
    compute = Counter()
    with open(__file__) as open_file:
        get_or_compute(open_file, compute)
        get_or_compute(open_file, compute)
    get_or_compute(None, compute)
    assert compute.calls == 3


def test_the_same_drawing_of_other_figures_is_drawn() -> None:
    first, again, other = (
        chart.draw(partial(plot_lines, {"人": {"a": pd.Series(line)}}, {"a": {"color": "k"}}), "線")
        for line in (LINE, LINE, [3.0, 3.0])
    )
    assert first.content == again.content
    assert other.content != first.content
    assert len(cache._kept) == 2


def test_a_drawing_of_a_notebook_is_not_kept() -> None:
    """It may read a variable of the notebook, which its arguments do not say."""
    for plot in (plt.figure, partial(plt.figure, figsize=(1, 1))):
        chart.draw(plot, "図")
    assert len(cache._kept) == 0


def test_a_changed_setting_is_another_drawing() -> None:
    with mpl.rc_context({"axes.linewidth": 3.0}):
        assert get_or_compute((dict(mpl.rcParams),), lambda: "thick") == "thick"
    assert get_or_compute((dict(mpl.rcParams),), lambda: "thin") == "thin"
