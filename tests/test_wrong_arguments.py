"""What no public function can use is refused in words: a text, nothing, or a table of another kind.

In place of a table, an area, a year, a seed, or of what another function returned.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pytest

import gunmane_analysis as gunmane
from gunmane_analysis.arguments import refusing
from gunmane_analysis.errors import DesignError, GunmaneError

WRONG = ["三条市", None]
FUNCTIONS = {
    name: getattr(gunmane, name)
    for name in gunmane.__all__
    if inspect.isfunction(getattr(gunmane, name))
}


def required(function: Callable[..., object], kind: str) -> list[str]:
    """Return the required parameters of a kind: table, area, year or seed."""
    parameters = inspect.signature(function).parameters.values()
    needed = {each.name: str(each.annotation) for each in parameters if each.default is each.empty}
    return {
        "table": [name for name, of in needed.items() if of == "pd.DataFrame"],
        "area": [name for name, of in needed.items() if "AreaLike" in of],
        "year": [name for name in needed if name == "fiscal_year"],
        "seed": [name for name in needed if name == "seed" and needed[name] == "int"],
        "names": [name for name, of in needed.items() if of.startswith(("Sequence", "Mapping"))],
        "any": list(needed),
    }[kind]


def arguments(function: Callable[..., object], **wrong: object) -> Mapping[str, Any]:
    """Return a right area, year and seed, and in place of all else what is wrong."""
    given = dict.fromkeys(required(function, "any"), wrong["table"])
    rights = {
        "area": "05204" if function is gunmane.similar_position else "05",
        "year": 2024,
        "seed": 1,
        "names": (),
    }
    for kind, right in rights.items():
        given |= dict.fromkeys(required(function, kind), wrong.get(kind, right))
    several = [name for name in required(function, "area") if name in ("areas", "peers")]
    return given | {name: [given[name]] for name in several}


def of(kind: str) -> list[str]:
    return [
        name
        for name, function in FUNCTIONS.items()
        if required(function, kind) and not name.endswith("_finding")
    ]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", of("table"))
def test_what_is_no_table_is_refused(name: str, wrong: object) -> None:
    with pytest.raises(GunmaneError) as refused:
        FUNCTIONS[name](**arguments(FUNCTIONS[name], table=wrong))
    assert re.search("[ぁ-ん]", refused.value.found)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", of("year"))
def test_a_year_that_is_no_number_is_refused(name: str, wrong: object) -> None:
    with pytest.raises(DesignError, match=f"年度「{wrong}」が数ではありません"):
        FUNCTIONS[name](**arguments(FUNCTIONS[name], table=None, year=wrong))


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", [name for name in of("seed") if name != "simulate_saving"])
def test_a_seed_that_starts_no_random_numbers_is_refused(name: str, wrong: object) -> None:
    with pytest.raises(DesignError, match=f"乱数の種「{wrong}」"):
        FUNCTIONS[name](**arguments(FUNCTIONS[name], table=None, seed=wrong))


@pytest.mark.parametrize(
    "call",
    [
        lambda: gunmane.shared_terms("橋の点検", None),
        lambda: gunmane.decline_split("26%", -0.16, 28),
        lambda: gunmane.decline_split(-0.26, -0.16, None),
        lambda: gunmane.rate_difference((5, 31), 0.2),
        lambda: gunmane.rate_difference(None, (5, 31)),
        lambda: gunmane.estimate_rate("5", 31),
        lambda: gunmane.find(None),
    ],
)
def test_single_figures_and_texts_are_refused_in_words(call: Callable[[], object]) -> None:
    with pytest.raises(DesignError) as refused:
        call()
    assert re.search("[ぁ-ん]", refused.value.found)


@pytest.mark.parametrize("wrong", [*WRONG, 5, pd.DataFrame({"x": [1]})], ids=str)
def test_no_public_function_ends_in_pythons_error(wrong: object) -> None:
    ended = {}
    for name, function in FUNCTIONS.items():
        try:
            function(**arguments(function, table=wrong, names=wrong))
        except GunmaneError as refused:
            assert re.search("[ぁ-ん]", refused.found), name
        except Exception as fault:  # noqa: BLE001 - each is shown below
            ended[name] = fault
    assert ended == {}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gunmane.pre_trend(None), "effect に「None」は渡せません.*BundlingEffect"),
        (lambda: gunmane.cost_comparison(gunmane.load_staffing()), "given にDataFrame の値は"),
        (lambda: gunmane.expenditure_effect_finding("三条市"), "「三条市」.*ContractEffect"),
        (
            lambda: gunmane.simulate_saving(
                gunmane.load_cost_illustration(2024, with_ranges=True), seed="一"
            ),
            "seed に「一」は渡せません",
        ),
        (
            lambda: gunmane.staffing_index_finding(gunmane.load_staffing(), "05"),
            "列「base_fiscal_year」がありません",
        ),
    ],
)
def test_what_is_no_result_of_the_step_before_is_named(
    call: Callable[[], object], words: str
) -> None:
    with pytest.raises(DesignError, match=f"(?s){words}"):
        call()


def test_a_fault_of_our_own_is_not_laid_to_what_was_given() -> None:
    def broken(count: int, table: pd.DataFrame) -> object:
        return {}[table["x"].iloc[0] + count]

    with pytest.raises(KeyError):
        refusing(broken)(1, pd.DataFrame({"x": [1]}))
    with pytest.raises(TypeError, match="missing 1 required"):
        refusing(broken)(1)
