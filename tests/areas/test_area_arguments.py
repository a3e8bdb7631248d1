"""Every public function that takes an area takes its id, code or name, and refuses in words."""

from __future__ import annotations

import inspect
import re

import pytest

import gunmane_analysis as gunmane
from gunmane_analysis.errors import AreaError

FUNCTIONS = {
    name: inspect.signature(getattr(gunmane, name)).parameters
    for name in gunmane.__all__
    if inspect.isfunction(getattr(gunmane, name))
}
PARAMETERS = [
    (function, name)
    for function, parameters in FUNCTIONS.items()
    for name, parameter in parameters.items()
    if re.search(r"\bArea(Like)?\b", str(parameter.annotation))
]


def test_area_parameters_are_typed_alike() -> None:
    forms = {str(FUNCTIONS[function][name].annotation) for function, name in PARAMETERS}
    assert forms == {
        "AreaLike",
        "AreaLike | None",
        "Iterable[AreaLike]",
        "Iterable[AreaLike] | None",
    }
    assert len(PARAMETERS) > 60


@pytest.mark.parametrize(("function", "name"), PARAMETERS)
@pytest.mark.parametrize("unknown", ["トウホク州", 5])
def test_an_unknown_area_is_refused_before_all_else(
    function: str, name: str, unknown: object
) -> None:
    areas = dict.fromkeys((other for known, other in PARAMETERS if known == function), "05")
    required = {
        other: None
        for other, parameter in FUNCTIONS[function].items()
        if parameter.default is inspect.Parameter.empty
    }
    with pytest.raises(AreaError, match=f"「{unknown}」"):
        getattr(gunmane, function)(**{**required, **areas, name: unknown})


@pytest.mark.parametrize("area", ["tohoku", "東北", gunmane.find_area("tohoku")])
def test_an_area_may_be_named(area: str) -> None:
    # 総務省 地方公共団体定員管理調査: 東北6県の一般行政部門 56,663人（2024年4月1日）
    assert gunmane.staffing_trend(gunmane.load_staffing(), area, 2024).latest.value == 56_663
    index = gunmane.staffing_index(gunmane.load_staffing(), area, 2024)
    assert set(index["area_id"]) == {"tohoku"}


def test_peers_may_be_named() -> None:
    values = gunmane.load_municipal_values()
    by_code = gunmane.position(values, "大館市", 2024, ["05209", "05303"]).table
    by_name = gunmane.position(values, "05204", 2024, ["鹿角市", gunmane.find_area("05303")]).table
    assert by_name.equals(by_code)
    assert by_name["peer_count"].eq(3).all()
