"""Files of 12345 tickets for tests: good ones, and ones that are wrong in many ways."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook

HEADERS = (
    "工单编号", "受理时间", "诉求类型", "紧急程度", "问题分类", "标题", "内容", "地址", "姓名",
    "联系电话", "是否保密", "经度", "纬度", "办理期限",
)  # fmt: skip
_AT = {header: number for number, header in enumerate(HEADERS)}

# What is wrong, in which column, and the fault that must be told.
FAULTS: tuple[tuple[str, Any, str], ...] = (
    ("工单编号", None, "required"),
    ("工单编号", "WT 1 2", "bad_id"),
    ("工单编号", "W" * 65, "too_long"),
    ("工单编号", 20261120123456789, "digits_lost"),
    ("工单编号", "=A2", "formula"),
    ("受理时间", None, "required"),
    ("受理时间", "昨天上午", "not_a_date"),
    ("受理时间", "2026-02-30 08:00", "not_a_date"),
    ("受理时间", "2026-12-31 08:00", "future_date"),
    ("受理时间", 46345.5, "not_a_date"),
    ("受理时间", "11/20/2026", "not_a_date"),
    ("诉求类型", None, "required"),
    ("诉求类型", "唠叨", "unknown_value"),
    ("诉求类型", True, "unknown_value"),
    ("紧急程度", "超级急", "unknown_value"),
    ("问题分类", "不存在的分类", "category"),
    ("问题分类", "event/9999", "category"),
    ("标题", None, "required"),
    ("标题", "   ", "required"),
    ("标题", True, "not_text"),
    ("标题", "=1+1", "formula"),
    ("标题", "路灯\u200b不亮", "hidden_characters"),
    ("内容", None, "required"),
    ("内容", "字" * 10_001, "too_long"),
    ("内容", "翻转\u202e文字", "hidden_characters"),
    ("地址", "路" * 501, "too_long"),
    ("地址", "#REF!", "cell_error"),
    ("联系电话", "一三八", "not_a_phone"),
    ("联系电话", "1.38E+10", "digits_lost"),
    ("联系电话", "12", "not_a_phone"),
    ("联系电话", 13800000000.5, "not_text"),
    ("是否保密", "也许", "not_yes_or_no"),
    ("经度", 481.5, "out_of_range"),
    ("经度", "东经", "not_a_number"),
    ("纬度", -91, "out_of_range"),
    # The last two are made by the whole file: a merged pair, and a number that stands twice.
    ("地址", "合并", "merged"),
    ("工单编号", "T00001", "repeated"),
)


def good(number: int) -> list[Any]:
    """A row without a fault."""
    row: list[Any] = [None] * len(HEADERS)
    values = {
        "工单编号": f"T{number:05d}",
        "受理时间": f"2026-11-{1 + number % 19:02d} {number % 24:02d}:15",
        "诉求类型": ("咨询", "求助", "投诉", "举报")[number % 4],
        "紧急程度": ("一般", "紧急")[number % 2],
        "标题": f"第{number}号路灯不亮",
        "内容": "夜里很黑，走路不便。",
        "地址": f"人民路{number}号",
        "姓名": "王某",
        # As a number, as Excel likes to keep it.
        "联系电话": 13812340000 + number if number % 3 else f"138-1234-{number:04d}",
        "是否保密": "否",
        "经度": 120.1 + number / 1e5,
        "纬度": 30.2,
    }
    for name, value in values.items():
        row[_AT[name]] = value
    return row


def workbook(
    rows: int, faulty: bool, *, mend: Callable[[int, list[Any]], None] = lambda number, row: None
) -> tuple[bytes, dict[int, str]]:
    """A file with so many tickets; each of :data:`FAULTS` once when ``faulty``. Also gives the
    fault of each wrong row by the row's number in Excel."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(HEADERS)
    wrong: dict[int, str] = {}
    every = max(1, rows // (len(FAULTS) + 1))
    for number in range(1, rows + 1):
        row = good(number)
        place, rest = divmod(number, every)
        if faulty and rest == 0 and 0 < place <= len(FAULTS):
            header, value, key = FAULTS[place - 1]
            row[_AT[header]] = value
            wrong[number + 1] = key
        mend(number, row)
        page.append(row)
        if faulty and wrong.get(number + 1) == "merged":
            at = _AT["地址"] + 1
            page.merge_cells(
                start_row=number + 1, end_row=number + 1, start_column=at, end_column=at + 1
            )
        if faulty and wrong.get(number + 1) == "cell_error":
            page.cell(number + 1, _AT["地址"] + 1).data_type = "e"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), wrong
