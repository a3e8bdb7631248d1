"""What one area has computed and another need not compute again."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from gunmane_analysis.charts import chart
from gunmane_analysis.memory import Memory, enclosed, recall, remembered, using


@pytest.fixture
def memory() -> Iterator[Memory]:
    memory = Memory()
    with using(memory):
        yield memory


class Counter:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> list[int]:
        self.calls += 1
        return [1, 2]


def next_process(memory: Memory) -> None:
    """What the parent does with a child's findings: the next child begins without its own."""
    memory.learn(memory.found)
    memory.found = {}


def test_without_a_memory_everything_is_computed() -> None:
    compute = Counter()
    assert recall("a", compute) == recall("a", compute) == [1, 2]
    assert compute.calls == 2


def test_what_two_areas_computed_the_third_finds(memory: Memory) -> None:
    compute = Counter()
    for _ in range(3):
        assert recall(("nation", 2024), compute) == [1, 2]
        next_process(memory)
    assert compute.calls == 2


def test_what_only_one_area_needs_is_not_kept(memory: Memory) -> None:
    for number in range(100):
        recall(("area", number), Counter())
        next_process(memory)
    assert all(memory.recall(key) is None for key in memory._met)


def test_what_is_kept_longest_is_forgotten_first() -> None:
    memory = Memory(bytes_at_most=10)
    for key, result in ((b"a", b"12345"), (b"b", b"12345"), (b"c", b"1234567")):
        memory.learn({key: result})
        memory.learn({key: result})
    assert [memory.recall(key) for key in (b"a", b"b", b"c")] == [None, None, b"1234567"]


def test_a_remembered_function_answers_for_its_arguments(memory: Memory) -> None:
    calls: list[int] = []

    @remembered
    def plus(number: int, other: int = 1) -> int:
        calls.append(number)
        return number + other

    for _ in range(3):
        assert (plus(1), plus(1, other=2), plus(2)) == (2, 3, 3)
        next_process(memory)
    assert calls == [1, 1, 2] * 2


def test_other_arguments_are_another_result(memory: Memory) -> None:
    assert recall(("a", 1), lambda: "one") == "one"
    assert recall(("a", 2), lambda: "two") == "two"


def test_a_recalled_result_is_a_copy_that_may_be_changed(memory: Memory) -> None:
    recall("a", lambda: [1, 2]).append(3)
    assert recall("a", Counter()) == [1, 2]


def test_what_cannot_be_pickled_is_computed(memory: Memory) -> None:
    compute = Counter()
    with open(__file__) as open_file:
        recall(open_file, compute)
        recall(open_file, compute)
    assert compute.calls == 2


def test_a_lambda_of_a_notebook_is_never_recalled() -> None:
    cell: dict[str, object] = {"__name__": "__main__"}
    exec("rows = [1]\nplot = lambda: rows", cell)
    assert enclosed(cell["plot"]) is None


def test_lambdas_of_one_line_are_told_apart() -> None:
    """They share place and bytecode; only the names and constants they call differ."""
    module: dict[str, object] = {"__name__": "gunmane_analysis.charts.chart"}
    exec("few, many, other = lambda: plot(1), lambda: plot(2), lambda: draw(1)", module)
    few, many, other = (enclosed(module[name]) for name in ("few", "many", "other"))
    assert few is not None
    assert few not in (many, other)


def test_the_same_drawing_of_other_figures_is_drawn(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def line(heights: list[int]) -> chart.Chart:
        def plot() -> Figure:
            figure, axes = plt.subplots()
            axes.plot(heights)
            return figure

        monkeypatch.setattr(plot, "__module__", chart.__name__)  # as a finding of the package
        return chart.draw(plot, "線")

    first, again, other = line([1, 2]), line([1, 2]), line([3, 1, 2])
    assert first == again
    assert other.content != first.content
    assert len(memory.found) == 2


def test_a_changed_setting_is_another_drawing(memory: Memory) -> None:
    with mpl.rc_context({"axes.linewidth": 3.0}):
        thick = recall((dict(mpl.rcParams),), lambda: "thick")
    assert thick == "thick"
    assert recall((dict(mpl.rcParams),), lambda: "thin") == "thin"
