"""What a bulletin on paper is made with: its font, its styles, tables, charts and page numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib.resources import as_file, files
from itertools import groupby
from typing import Any, cast
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, String
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table, TableStyle

from hotline.registry.judging.bulletin import Bulletin
from hotline.registry.judging.model import Definitions
from hotline.registry.judging.presenting import Words

FONT, RARE = "HotlineCJK", "STSong-Light"
MISSING = "〓"
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
INK, MUTED, LINE = HexColor("#1a1e24"), HexColor("#59626f"), HexColor("#b4bbc6")
BAR, HEAD = HexColor("#0a63b8"), HexColor("#eef0f3")
_LABEL_LENGTH = 12


class Paper:
    """What every part of the document is made with."""

    def __init__(self, found: Bulletin, definitions: Definitions, t: Words, language: str) -> None:
        self.found = found
        self.definitions = definitions
        self.t = t
        self.language = language
        self.known = _font().face.charToGlyph
        base: dict[str, Any] = {"fontName": FONT, "textColor": INK, "wordWrap": "CJK"}
        self.text = ParagraphStyle("text", fontSize=8.5, leading=12, **base)
        self.small = ParagraphStyle("small", fontSize=7, leading=10, **base | {"textColor": MUTED})
        self.number = ParagraphStyle("number", fontSize=8.5, leading=12, alignment=2, **base)
        self.h1 = ParagraphStyle("h1", fontSize=18, leading=26, spaceAfter=4, **base)
        self.h2 = ParagraphStyle(
            "h2", fontSize=12, leading=18, spaceBefore=10, spaceAfter=4, keepWithNext=1, **base
        )

    def say(self, text: str, style: ParagraphStyle | None = None) -> Paragraph:
        """A paragraph of plain text."""
        return Paragraph(self._marked(text), style or self.text)

    def label(self, text: str) -> str:
        """A short text for a chart, which has one font only."""
        short = text if len(text) <= _LABEL_LENGTH else text[: _LABEL_LENGTH - 1] + "…"
        return "".join(c if ord(c) in self.known else MISSING for c in short)

    def _marked(self, text: str) -> str:
        runs = groupby(text, lambda c: ord(c) in self.known)
        return "".join(
            escape("".join(run)) if known else f'<font name="{RARE}">{escape("".join(run))}</font>'
            for known, run in runs
        )

    def table(
        self, head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float], left: int
    ) -> Table:
        """A table whose first ``left`` columns are words and the rest numbers."""

        def cells(row: Sequence[str]) -> list[Paragraph]:
            return [
                self.say(text, self.text if n < left else self.number) for n, text in enumerate(row)
            ]

        total = sum(widths)
        made = Table(
            [cells(head), *map(cells, rows)],
            colWidths=[WIDTH * width / total for width in widths],
            repeatRows=1,
        )
        made.setStyle(_TABLE)
        return made


_TABLE = TableStyle(
    [
        ("BACKGROUND", (0, 0), (-1, 0), HEAD),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, LINE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
)


def chart_in(chart: Any, values: Sequence[float], height: float, *, left: float) -> Drawing:
    """A bar chart with one series, as wide as the page; ``left`` is the room for its labels."""
    drawing = Drawing(WIDTH, height)
    chart.x, chart.y, chart.width, chart.height = left, 16, WIDTH - left - 30, height - 22
    chart.data = [list(values)]
    chart.bars[0].fillColor, chart.bars[0].strokeColor = BAR, None
    chart.barWidth, chart.groupSpacing = 8, 4
    chart.valueAxis.valueMin, chart.valueAxis.labels.fontName = 0, FONT
    for axis in (chart.valueAxis, chart.categoryAxis):
        axis.labels.fontName, axis.labels.fontSize, axis.labels.fillColor = FONT, 7, INK
        axis.strokeColor, axis.strokeWidth = LINE, 0.5
    chart.valueAxis.visibleGrid, chart.valueAxis.gridStrokeColor = 1, HEAD
    chart.barLabels.fontName, chart.barLabels.fontSize, chart.barLabels.nudge = FONT, 6.5, 12
    drawing.add(chart)
    return drawing


def lettering(
    at: tuple[float, float], text: str, size: float, ink: Color, *, centred: bool = True
) -> String:
    """A short text in a drawing; ``at`` is where its baseline begins, or its middle."""
    look: dict[str, Any] = {"fontName": FONT, "fontSize": size, "fillColor": ink}
    return String(*at, text, textAnchor="middle" if centred else "start", **look)


def _font() -> TTFont:
    if FONT not in pdfmetrics.getRegisteredFontNames():
        kept = files("hotline.registry.judging") / "fonts" / "NotoSansSC-GB2312.ttf"
        with as_file(kept) as path:
            pdfmetrics.registerFont(TTFont(FONT, str(path)))
        pdfmetrics.registerFont(UnicodeCIDFont(RARE))
    return cast("TTFont", pdfmetrics.getFont(FONT))


def numbered(t: Words, title: str) -> Callable[..., Canvas]:
    """A canvas that knows how many pages there are when it writes their numbers."""

    class Numbered(Canvas):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                self.setFont(FONT, 7.5)
                self.setFillColor(MUTED)
                self.drawString(MARGIN, 10 * mm, title)
                text = t("judging.page_of", page=number, pages=len(self._pages))
                self.drawRightString(A4[0] - MARGIN, 10 * mm, text)
                super().showPage()
            super().save()

    return Numbered
