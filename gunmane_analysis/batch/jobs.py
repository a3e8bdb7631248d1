"""What a run asks for one area, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gunmane_analysis.areas import Area
from gunmane_analysis.batch.limits import DEFAULT_CELL_LIMIT
from gunmane_analysis.page.records import AreaRecord
from gunmane_analysis.page.themes import Theme

EngineName = Literal["forked", "stock"]


@dataclass(frozen=True)
class RunPlan:
    """What all areas of a run have in common.

    Attributes
    ----------
    run_id : str
        Unlike that of any other run.
    stand : str
        One hash over program, notebooks, delivered files and library versions.
    target : Path or None
        The year's folder, for a run that publishes where it works; None for a run that sends
        its files back.
    cell_limit : float
        Seconds that one cell may take.
    """

    run_id: str
    stand: str
    fiscal_year: int
    themes: tuple[Theme, ...]
    made_at: str
    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    target: Path | None
    cell_limit: float = DEFAULT_CELL_LIMIT


@dataclass(frozen=True)
class AreaJob:
    """One area's share of a run."""

    area: Area
    fingerprint: str
    theme_ids: tuple[str, ...] = ()

    def parameters(self, fiscal_year: int) -> dict[str, str | int]:
        """Return what the notebooks are given."""
        return {
            "area_id": self.area.area_id,
            "fiscal_year": fiscal_year,
            "scheme_id": self.area.scheme_id,
        }


@dataclass(frozen=True)
class AreaResult:
    """What became of one area.

    Attributes
    ----------
    record : AreaRecord
    seconds : float
    trace : str
        The traceback of a failure, for ``--debug``.
    files : mapping of str to bytes
        The finished files, when the run does not publish where it works.
    """

    record: AreaRecord
    seconds: float
    trace: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class CellBegun:
    """A process's word that it has begun a cell; -1 is the page itself."""

    theme_title: str
    position: int

    def __str__(self) -> str:
        if self.position < 0:
            return "ページの組み立て"
        return f"「{self.theme_title}」の{self.position + 1}番目のセル"


def failed(plan: RunPlan, job: AreaJob, reason: str, seconds: float, trace: str = "") -> AreaResult:
    """Return the result of an area that has no page, with the reason why."""
    return AreaResult(
        AreaRecord(
            area_id=job.area.area_id,
            name=job.area.name,
            kana=job.area.kana,
            kind=job.area.kind,
            status="failed",
            fingerprint=job.fingerprint,
            parameters=job.parameters(plan.fiscal_year),
            themes=job.theme_ids,
            made_at=plan.made_at,
            reason=reason,
        ),
        seconds,
        trace,
    )
