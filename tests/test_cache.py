"""Results kept by the content that they were computed from."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from gunmane_analysis import cache
from gunmane_analysis.cache import cached, closure_content, get_or_compute
from gunmane_analysis.charts import chart


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


def test_a_lambda_of_a_notebook_has_no_content() -> None:
    cell: dict[str, object] = {"__name__": "__main__"}
    exec("rows = [1]\nplot = lambda: rows", cell)
    assert closure_content(cell["plot"]) is None


def test_lambdas_of_one_line_are_told_apart() -> None:
    """They share place and bytecode; only the names and constants they call differ."""
    module: dict[str, object] = {"__name__": "gunmane_analysis.charts.chart"}
    exec("few, many, other = lambda: plot(1), lambda: plot(2), lambda: draw(1)", module)
    few, many, other = (closure_content(module[name]) for name in ("few", "many", "other"))
    assert few is not None
    assert few not in (many, other)


def test_the_same_drawing_of_other_figures_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def line(heights: list[int]) -> chart.Chart:
        def plot() -> Figure:
            figure, axes = plt.subplots()
            axes.plot(heights)
            return figure

        monkeypatch.setattr(plot, "__module__", chart.__name__)  # as a finding of the package
        return chart.draw(plot, "線")

    first, again, other = line([1, 2]), line([1, 2]), line([3, 1, 2])
    assert first.content == again.content
    assert other.content != first.content
    assert len(cache._kept) == 2


def test_a_changed_setting_is_another_drawing() -> None:
    with mpl.rc_context({"axes.linewidth": 3.0}):
        assert get_or_compute((dict(mpl.rcParams),), lambda: "thick") == "thick"
    assert get_or_compute((dict(mpl.rcParams),), lambda: "thin") == "thin"
