"""Where to turn: consultation desks, courses for maintenance experts, programmes."""

from __future__ import annotations

import pandas as pd

from gunmane_analysis.loaders.keyed import read_keyed_table
from gunmane_analysis.loaders.store import load_processed
from gunmane_analysis.tables.support import (
    ConsultationDesks,
    MaintenanceCourses,
    SupportProgrammes,
)

DESKS = "consultation_desks"
COURSES = "me_courses"
PROGRAMMES = "support_programmes"


def build_consultation_desks() -> pd.DataFrame:
    """Build ``consultation_desks``: one row per document and desk."""
    return read_keyed_table(ConsultationDesks)


def load_consultation_desks() -> pd.DataFrame:
    """Load ``consultation_desks``: one row per document and desk, as printed.

    Examples
    --------
    >>> desks = load_consultation_desks()
    >>> sorted(set(desks.loc[desks["block_id"] == "tohoku", "phone"]))
    ['022-225-2171']
    """
    return load_processed(ConsultationDesks, build_consultation_desks, [DESKS])


def build_me_courses() -> pd.DataFrame:
    """Build ``me_courses``: one row per prefecture with a course."""
    return read_keyed_table(MaintenanceCourses)


def load_me_courses() -> pd.DataFrame:
    """Load ``me_courses``: one row per prefecture with a course for maintenance experts.

    Examples
    --------
    >>> load_me_courses()["prefecture_name"].tolist()
    ['新潟県', '岐阜県', '京都府', '山口県', '愛媛県', '長崎県']
    """
    return load_processed(MaintenanceCourses, build_me_courses, [COURSES])


def build_support_programmes() -> pd.DataFrame:
    """Build ``support_programmes``: one row per document and programme."""
    return read_keyed_table(SupportProgrammes)


def load_support_programmes() -> pd.DataFrame:
    """Load ``support_programmes``: examples of programmes that the documents name.

    Examples
    --------
    >>> load_support_programmes()["category_ja"].iloc[0]
    '資格'
    """
    return load_processed(SupportProgrammes, build_support_programmes, [PROGRAMMES])
