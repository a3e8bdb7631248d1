"""Every public function shows a runnable example; the examples themselves run as doctests."""

from __future__ import annotations

import inspect

import gunmane_analysis


def test_every_public_function_shows_a_runnable_example() -> None:
    public = {name: getattr(gunmane_analysis, name) for name in gunmane_analysis.__all__}
    without = [
        f"{thing.__module__}.{name}"
        for name, thing in public.items()
        if inspect.isfunction(thing) and ">>> " not in (inspect.getdoc(thing) or "")
    ]
    assert without == []
