from .issues import Issue as Issue
from .issues import Issues as Issues
from .keyed_csv import read_csv_cells as read_csv_cells
from .keyed_csv import to_numbers as to_numbers
from .workbook import Sheet as Sheet
from .workbook import Workbook as Workbook
from .workbook import read_workbook as read_workbook
