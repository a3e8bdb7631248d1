"""What a run is asked for, what of it is up to date, and what becomes of each area."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gunmane_analysis.areas import Area
from gunmane_analysis.page.records import AreaRecord, fingerprint_of, is_current, read_record
from gunmane_analysis.page.themes import Notebooks, Theme
from gunmane_analysis.refusals import refusal, refuse_if

DEFAULT_CELL_LIMIT = 300.0


@dataclass(frozen=True)
class ReportRequest:
    """What is to be made: a fiscal year's pages of these areas from these notebooks.

    Attributes
    ----------
    jobs : int
        Areas at once; 0 for one per core.
    cell_limit : float
        Seconds that one cell may take.
    scheduler : str
        Address of a Dask scheduler, to use its workers; empty for this machine.
    keeps_notebooks : bool
        Publish the executed notebooks too.
    prints_pdf : bool
        Print the pages as PDF too.
    """

    fiscal_year: int
    areas: tuple[Area, ...]
    notebooks: Notebooks
    target: Path
    force: bool = False
    jobs: int = 0
    cell_limit: float = DEFAULT_CELL_LIMIT
    scheduler: str = ""
    keeps_notebooks: bool = False
    prints_pdf: bool = False

    def used_notebooks(self) -> tuple[Theme, ...]:
        """Return the notebooks that any of the areas is made from, each once.

        Raises
        ------
        ReportError
            If nothing makes the page of an area's level.
        """
        used: dict[str, Theme] = {}
        for area in self.areas:
            themes = self.notebooks.of(area)
            if not themes:
                raise refusal("area-without-notebook", area=area.name)
            used |= {theme.theme_id: theme for theme in themes}
        return tuple(used.values())


@dataclass(frozen=True)
class RunContext:
    """What all areas of a run have in common.

    Attributes
    ----------
    inputs : mapping of str to str
        SHA-256 of each delivered file.
    inputs_fingerprint : str
        One hash over delivered files, register, program and installed versions.
    """

    fiscal_year: int
    made_at: str
    inputs: Mapping[str, str]
    inputs_fingerprint: str
    versions: Mapping[str, str]
    cell_limit: float = DEFAULT_CELL_LIMIT
    keeps_notebooks: bool = False


@dataclass(frozen=True)
class AreaJob:
    """One area's share of a run."""

    area: Area
    themes: tuple[Theme, ...]
    parameters: Mapping[str, str | int]
    fingerprint: str


@dataclass(frozen=True)
class AreaResult:
    """What became of one area.

    Attributes
    ----------
    trace : str
        The traceback of a failure, for ``--debug``.
    files : mapping of str to bytes
        The finished files, by their path inside the area's folder.
    """

    record: AreaRecord
    seconds: float
    trace: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)


def parameters_of(area: Area, fiscal_year: int) -> dict[str, str | int]:
    """Return what the notebooks are given for an area."""
    return {"area_id": area.area_id, "fiscal_year": fiscal_year, "scheme_id": area.scheme_id}


def check_libraries() -> None:
    """Refuse a run that would end in the middle because a library is not installed.

    Raises
    ------
    ReportError
        Naming all that the package requires and this environment lacks.
    """
    import importlib.metadata  # 12 ms that no other command has to wait for

    missing: list[str] = []
    for needed in importlib.metadata.requires("gunmane-analysis") or ():
        name = re.split(r"[^\w.-]", needed, maxsplit=1)[0]
        try:
            if "extra ==" not in needed:
                importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    refuse_if(missing, "library-missing", names=missing)


def split_up_to_date(
    request: ReportRequest, context: RunContext
) -> tuple[list[AreaRecord], list[AreaJob]]:
    """Return the records of areas whose files are as they should be, and jobs for the others."""
    unchanged, waiting = [], []
    for area in request.areas:
        themes = request.notebooks.of(area)
        parameters = parameters_of(area, request.fiscal_year)
        fingerprint = fingerprint_of(
            context.inputs_fingerprint,
            parameters,
            [(theme.theme_id, theme.text) for theme in themes],
        )
        folder = request.target / area.area_id
        record = None if request.force else read_record(folder)
        is_kept = record is not None and (not request.keeps_notebooks or record.keeps_notebooks)
        if record is not None and is_kept and is_current(folder, record, fingerprint):
            unchanged.append(record)
        else:
            waiting.append(AreaJob(area, themes, parameters, fingerprint))
    return unchanged, waiting


def record_of(context: RunContext, job: AreaJob, **outcome: object) -> AreaRecord:
    """Return the record of an area, with its status and what else came of it."""
    return AreaRecord(
        area_id=job.area.area_id,
        name=job.area.name,
        kana=job.area.kana,
        kind=job.area.kind,
        fingerprint=job.fingerprint,
        inputs_fingerprint=context.inputs_fingerprint,
        parameters=job.parameters,
        themes=tuple(theme.theme_id for theme in job.themes),
        made_at=context.made_at,
        **outcome,  # type: ignore[arg-type]
    )


def failed(
    context: RunContext, job: AreaJob, reason: str, seconds: float = 0.0, trace: str = ""
) -> AreaResult:
    """Return the result of an area that has no page, with the reason why."""
    return AreaResult(record_of(context, job, status="failed", reason=reason), seconds, trace)
