"""Findings: what notebooks show, and what pages, cards, tables and files are taken from."""

from gunmane_analysis.findings.finding import MIME_TYPE, Column, Definition, Finding, KeyFigure

__all__ = ["MIME_TYPE", "Column", "Definition", "Finding", "KeyFigure"]
