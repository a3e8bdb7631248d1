from .keyed_csv import read_csv_cells as read_csv_cells
from .keyed_csv import to_numbers as to_numbers
from .remarks import Remark as Remark
from .remarks import Remarks as Remarks
from .workbook import Sheet as Sheet
from .workbook import Workbook as Workbook
from .workbook import read_workbook as read_workbook
