"""A file of tickets given back with what is wrong beside each row, and the cells marked."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill

from hotline.registry.exchange.importing import RowFault
from hotline.registry.exchange.sheet import Sheet

_WRONG = PatternFill("solid", fgColor="FFF4B6B0")


def marked(
    sheet: Sheet, faults: Sequence[RowFault], headers: tuple[str, str], say: Callable[[str], str]
) -> bytes:
    """The sheet as an Excel file. Two columns stand behind the others, headed by ``headers``: what
    is wrong, and the number of the row in the file that was brought. ``say`` puts a fault's key
    into words."""
    by_row: dict[int, list[RowFault]] = defaultdict(list)
    for fault in faults:
        by_row[fault.row].append(fault)
    book = Workbook(write_only=True)
    page = book.create_sheet()
    names = [column.header for column in sheet.columns]
    head = [_cell(page, name) for name in (*names, *headers)]
    for cell in head:
        cell.font = Font(bold=True)
    page.append(head)
    for row in sheet.rows:
        own = by_row.get(row.number, [])
        wrong = {fault.header for fault in own}
        cells = [_cell(page, row.cells.get(name), wrong=name in wrong) for name in names]
        told = "\n".join(f"{fault.header}（{fault.column}）：{say(fault.key)}" for fault in own)
        page.append([*cells, _cell(page, told, wrong=bool(own)), _cell(page, row.number)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: Any, value: Any, *, wrong: bool = False) -> Any:
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
    cell = WriteOnlyCell(page, value)
    if isinstance(value, str):
        # Never a formula: what somebody typed stays what they typed.
        cell.data_type = "s"
    if wrong:
        cell.fill = _WRONG
    return cell
