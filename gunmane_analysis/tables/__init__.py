"""What each table holds, described once in ``tables/<table>.yml``."""

from gunmane_analysis.tables.description import ColumnDescription as ColumnDescription
from gunmane_analysis.tables.description import TableDescription as TableDescription
from gunmane_analysis.tables.description import choices as choices
from gunmane_analysis.tables.description import codebook as codebook
from gunmane_analysis.tables.description import describe as describe
from gunmane_analysis.tables.description import empty_table as empty_table
from gunmane_analysis.tables.description import label_of as label_of
from gunmane_analysis.tables.description import table_ids as table_ids
from gunmane_analysis.tables.description import table_of_source as table_of_source
