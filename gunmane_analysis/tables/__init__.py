"""What each table holds, described once in ``tables/<table>.yml``."""

from gunmane_analysis.tables.description import (
    ColumnDescription,
    TableDescription,
    choices,
    codebook,
    describe,
    empty_table,
    label_of,
    table_ids,
    table_of_source,
)

__all__ = [
    "ColumnDescription",
    "TableDescription",
    "choices",
    "codebook",
    "describe",
    "empty_table",
    "label_of",
    "table_ids",
    "table_of_source",
]
