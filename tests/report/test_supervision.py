"""How many children the supervisor lets live at once."""

from __future__ import annotations

import os

import pytest

from gunmane_analysis.batch.jobs import AreaJob, RunPlan
from gunmane_analysis.batch.processes import Inbox, Outbox, can_fork
from gunmane_analysis.batch.supervision import Child, Supervisor

pytestmark = pytest.mark.skipif(not can_fork(), reason="forking is for Linux")


@pytest.mark.parametrize(
    ("at_work", "leaving", "has_room"),
    [
        (0, 0, True),
        (1, 0, True),
        (2, 0, False),
        (1, 1, True),  # one tears down its memory while the next begins
        (2, 1, False),
        (1, 3, False),  # if none of them gets away, no more are started
        (0, 4, False),
    ],
)
def test_a_child_that_leaves_makes_room(at_work: int, leaving: int, has_room: bool) -> None:
    plan, job = object.__new__(RunPlan), object.__new__(AreaJob)
    supervisor = Supervisor(plan, 2, {}, Inbox(0), Outbox(1), os.getpid())
    for number in range(at_work + leaving):
        supervisor._children[number] = Child(
            number, job, Inbox(number), 0.0, 0.0, is_leaving=number >= at_work
        )
    assert supervisor._has_room() is has_room
