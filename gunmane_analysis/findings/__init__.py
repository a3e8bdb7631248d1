"""Findings: what notebooks show, and what pages, cards, tables and files are taken from."""

from gunmane_analysis.findings.finding import (
    JPY_SHORTENED,
    MIME_TYPE,
    Column,
    Definition,
    Finding,
    KeyFigure,
)

__all__ = ["JPY_SHORTENED", "MIME_TYPE", "Column", "Definition", "Finding", "KeyFigure"]
