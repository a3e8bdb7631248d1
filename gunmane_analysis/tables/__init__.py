"""What each table holds: its key, its columns, their units and limits."""

from gunmane_analysis.tables.staffing import NationalPoints, Staffing
from gunmane_analysis.tables.table import Table, table_named, tables

__all__ = ["NationalPoints", "Staffing", "Table", "table_named", "tables"]
