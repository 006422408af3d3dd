"""A bulletin as an Excel workbook: real numbers with formats, and charts that Excel draws.

Heavy: to be run in a thread. The same bulletin gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, cast

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from hotline.registry.judging.bulletin import Bulletin
from hotline.registry.judging.model import Definitions
from hotline.registry.judging.patterns import HOURS, WEEK
from hotline.registry.judging.presenting import (
    LINE_COUNTS,
    LINE_RATES,
    Words,
    busiest,
    count_rows,
    days_of,
    formula,
    hours,
    in_language,
    meaning,
    ranked,
    rate_rows,
    time_rows,
    title_of,
)
from hotline.registry.judging.rates import rate_of

PERCENT, WHOLE, HOURS_FORMAT, POINTS = "0.00%", "#,##0", "0.0", "+0.00;-0.00;0.00"
_HEAD = PatternFill("solid", fgColor="D8DCE2")
_BOLD = Font(bold=True)
_WIDEST, _NARROWEST = 48, 9
# ZIP knows no earlier time.
_EPOCH = (1980, 1, 1, 0, 0, 0)

Value = str | int | float | Fraction | None


class _Book:
    """A workbook while it is being written."""

    def __init__(self, found: Bulletin, definitions: Definitions, t: Words, language: str) -> None:
        self.book = Workbook()
        self.found = found
        self.definitions = definitions
        self.t = t
        self.language = language

    def sheet(self, title: str) -> Worksheet:
        """A new sheet; the workbook's first one is taken first."""
        if self.book.worksheets[0].title == "Sheet":
            sheet = self.book.worksheets[0]
            sheet.title = title
            return sheet
        return cast("Worksheet", self.book.create_sheet(title))


def workbook(found: Bulletin, definitions: Definitions, t: Words, language: str) -> bytes:
    """The whole file."""
    book = _Book(found, definitions, t, language)
    _overview(book)
    _counts(book)
    for dimension in ("unit", "street", "district"):
        _lines(book, dimension)
    _shares(book, "class")
    _shares(book, "source")
    _when(book)
    _places(book)
    _definitions(book)
    return _saved(book.book, found.counted_at)


def _overview(book: _Book) -> None:
    t, found = book.t, book.found
    sheet = book.sheet(t("judging.overview"))
    _row(sheet, [t("judging.bulletin_of", month=found.month)], bold=True)
    _row(sheet, [])
    _head(sheet, [t(f"judging.column.{name}") for name in (
        "rate", "value", "numerator", "denominator", "before", "change", "last_year",
        "change_of_year", "formula")])  # fmt: skip
    for row in rate_rows(found, book.definitions, book.language):
        values = (row.rate.value, row.before.value, row.last_year.value)
        now, before, year = values
        _row(
            sheet,
            [row.name, now, row.rate.numerator, row.rate.denominator, before, _change(now, before),
             year, _change(now, year), row.formula],
            ["", PERCENT, WHOLE, WHOLE, PERCENT, POINTS, PERCENT, POINTS],
        )  # fmt: skip
    _row(sheet, [])
    _head(
        sheet,
        [
            t(f"judging.column.{name}")
            for name in ("time", "hours", "working_hours", "known", "unknown")
        ],
    )
    for time in time_rows(found.total, book.definitions, book.language, found.working):
        means = [hours(time.time.mean), hours(time.working.mean)]
        _row(sheet, [time.name, *means, time.time.known, time.time.unknown],
             ["", HOURS_FORMAT, HOURS_FORMAT, WHOLE, WHOLE])  # fmt: skip
    _fit(sheet)


def _change(now: Fraction | None, before: Fraction | None) -> Fraction | None:
    return None if now is None or before is None else (now - before) * 100


def _counts(book: _Book) -> None:
    t = book.t
    sheet = book.sheet(t("judging.counts"))
    _head(sheet, [t(f"judging.column.{name}") for name in (
        "count", "value_of_month", "before", "last_year", "meaning")])  # fmt: skip
    for row in count_rows(book.found, book.definitions, book.language):
        _row(sheet, [row.name, row.value, row.before, row.last_year, row.meaning],
             ["", WHOLE, WHOLE, WHOLE])  # fmt: skip
    _fit(sheet)


def _lines(book: _Book, dimension: str) -> None:
    t, definitions = book.t, book.definitions
    sheet = book.sheet(t(f"judging.by.{dimension}"))
    rates = [definitions.rate(name) for name in LINE_RATES]
    counts = [definitions.count(name) for name in LINE_COUNTS]
    names = [in_language(rate, book.language) for rate in rates]
    names += [in_language(count, book.language) for count in counts]
    _head(sheet, [t("judging.column.place"), t(f"judging.by.{dimension}"), *names])
    order = ranked(book.found, dimension, definitions)
    for each in order:
        line = each.line
        values: list[Value] = [rate_of(rate, line.counts).value for rate in rates]
        values += [line.counts[count.id] for count in counts]
        formats = [WHOLE, "", *[PERCENT] * len(rates), *[WHOLE] * len(counts)]
        _row(sheet, [each.place, title_of(dimension, line, t), *values], formats)
    _fit(sheet)
    sheet.freeze_panes = "C2"
    if order:
        column = 3 + LINE_RATES.index("closing_in_time")
        chart = _bars(sheet, t(f"judging.chart.{dimension}"), column, 2, 1 + len(order))
        chart.y_axis.numFmt = "0%"
        sheet.add_chart(chart, f"B{len(order) + 4}")


def _shares(book: _Book, dimension: str) -> None:
    t, found = book.t, book.found
    sheet = book.sheet(t(f"judging.by.{dimension}"))
    counts = [book.definitions.count(name) for name in ("report", "filed", "repeat", "closed")]
    share = t("judging.column.share")
    names = [in_language(count, book.language) for count in counts]
    _head(sheet, [t(f"judging.by.{dimension}"), *names, share])
    lines = busiest(found.by[dimension], len(found.by[dimension]))
    total = found.total.counts["report"]
    for line in lines:
        part = Fraction(line.counts["report"], total) if total else None
        values = [line.counts[count.id] for count in counts]
        _row(sheet, [title_of(dimension, line, t), *values, part],
             ["", *[WHOLE] * len(counts), PERCENT])  # fmt: skip
    _fit(sheet)
    if lines:
        last = 1 + min(len(lines), 15)
        sheet.add_chart(_bars(sheet, t(f"judging.chart.{dimension}"), 2, 1, last), "H2")


def _when(book: _Book) -> None:
    t, found = book.t, book.found
    sheet = book.sheet(t("judging.when"))
    _head(sheet, [t("judging.column.day"), t("judging.column.reported")])
    days = list(days_of(found))
    for day, cases in days:
        _row(sheet, [day, cases], [WHOLE, WHOLE])
    chart = LineChart()
    chart.title, chart.legend, chart.height, chart.width = t("judging.chart.days"), None, 7.5, 24
    chart.add_data(Reference(sheet, min_col=2, min_row=2, max_row=1 + len(days)))
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=1 + len(days)))
    _show_axes(chart)
    sheet.add_chart(chart, "D2")
    _row(sheet, [])
    _head(sheet, [t("judging.column.weekday"), *[f"{hour:02}" for hour in range(HOURS)]])
    first = sheet.max_row + 1
    for weekday in range(WEEK):
        _row(sheet, [t(f"judging.weekday.{weekday}"), *found.patterns.week[weekday]])
    area = f"B{first}:{get_column_letter(1 + HOURS)}{sheet.max_row}"
    scale = ColorScaleRule(  # type: ignore[no-untyped-call]
        start_type="min", start_color="FFFFFF", end_type="max", end_color="0A63B8"
    )
    sheet.conditional_formatting.add(area, scale)
    sheet.column_dimensions["A"].width = 12


def _places(book: _Book) -> None:
    t = book.t
    sheet = book.sheet(t("judging.places"))
    _head(sheet, [t(f"judging.column.{name}") for name in ("grid", "street", "class", "cases")])
    for place in book.found.patterns.places:
        _row(sheet, [place.grid, place.street, place.category, place.cases], ["", "", "", WHOLE])
    _fit(sheet)


def _definitions(book: _Book) -> None:
    t, definitions = book.t, book.definitions
    sheet = book.sheet(t("judging.definitions"))
    _head(sheet, [t(f"judging.column.{name}") for name in ("rate", "formula", "source")])
    for rate in definitions.rates:
        name = in_language(rate, book.language)
        _row(sheet, [name, formula(rate, definitions, book.language), rate.source])
    _row(sheet, [])
    _head(sheet, [t(f"judging.column.{name}") for name in ("count", "meaning")])
    for count in definitions.counts:
        _row(sheet, [in_language(count, book.language), meaning(count, book.language)])
    _fit(sheet)


def _bars(sheet: Worksheet, title: str, column: int, names: int, last: int) -> BarChart:
    chart = BarChart()
    chart.type, chart.title, chart.legend = "col", title, None
    chart.height, chart.width, chart.gapWidth = 8, 26, 60
    chart.add_data(Reference(sheet, min_col=column, min_row=2, max_row=last))
    chart.set_categories(Reference(sheet, min_col=names, min_row=2, max_row=last))
    _show_axes(chart)
    return chart


def _show_axes(chart: BarChart | LineChart) -> None:
    # openpyxl hides them unless told.
    chart.x_axis.delete = False
    chart.y_axis.delete = False


def _head(sheet: Worksheet, names: Sequence[str]) -> None:
    _row(sheet, names, bold=True)
    for cell in sheet[sheet.max_row]:
        cell.fill = _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _row(
    sheet: Worksheet, values: Sequence[Value], formats: Sequence[str] = (), *, bold: bool = False
) -> None:
    sheet.append([_plain(value) for value in values] or [None])
    for n, cell in enumerate(cast("tuple[Cell, ...]", sheet[sheet.max_row])):
        if isinstance(cell.value, str):
            # Never a formula, whatever a name begins with.
            cell.data_type = "s"
        if n < len(formats) and formats[n]:
            cell.number_format = formats[n]
        if bold:
            cell.font = _BOLD


def _plain(value: Value) -> str | int | float | None:
    return float(value) if isinstance(value, Fraction) else value


def _fit(sheet: Worksheet) -> None:
    for column in sheet.columns:
        # A Chinese character is two digits wide.
        widths = [sum(2 if ord(c) > 0x2E80 else 1 for c in _text(cell.value)) for cell in column]
        letter = get_column_letter(column[0].column or 1)
        sheet.column_dimensions[letter].width = min(_WIDEST, max(_NARROWEST, *widths) + 2)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _saved(book: Workbook, counted_at: float) -> bytes:
    at = datetime.fromtimestamp(int(counted_at), UTC).replace(tzinfo=None)
    book.properties.creator = "Hotline 12319"
    book.properties.created = at
    written = io.BytesIO()
    book.save(written)
    return _settled(written, at)


def _settled(written: io.BytesIO, at: datetime) -> bytes:
    """The same archive without the moment of writing: openpyxl stamps it in two places."""
    stamp = at.isoformat() + "Z"
    out = io.BytesIO()
    with (
        zipfile.ZipFile(written) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == "docProps/core.xml":
                data = _with_modified(data, stamp)
            target.writestr(zipfile.ZipInfo(entry.filename, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _with_modified(core: bytes, stamp: str) -> bytes:
    head, opened, rest = core.partition(b"<dcterms:modified")
    attributes, end, tail = rest.partition(b">")
    _, closing, after = tail.partition(b"</dcterms:modified>")
    return head + opened + attributes + end + stamp.encode() + closing + after
