"""A bulletin on paper: PDF with vector charts, its own Chinese font, and page numbers.

Heavy: to be run in a thread. The same bulletin gives the same bytes. The font that is embedded
has GB 2312's characters; a rarer one is set in the reader's own Song, which every PDF reader for
Chinese has (ADR 35).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from reportlab.graphics.charts.barcharts import HorizontalBarChart, VerticalBarChart
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Spacer,
)

from hotline.registry.judging.bulletin import Bulletin
from hotline.registry.judging.model import Definitions, Line, MeanTime
from hotline.registry.judging.paper_base import (
    BAR,
    INK,
    LINE,
    MARGIN,
    MUTED,
    WIDTH,
    Paper,
    chart_in,
    lettering,
    numbered,
)
from hotline.registry.judging.patterns import HOURS, WEEK
from hotline.registry.judging.presenting import (
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
from hotline.registry.judging.ranking import FEWEST, Ranked
from hotline.registry.judging.rates import UNKNOWN, percent, rate_of

_MOST_BARS = 20
_TIMES = ("time", "meaning", "hours", "working_hours", "known", "unknown")


def paper(found: Bulletin, definitions: Definitions, t: Words, language: str, told: str) -> bytes:
    """The whole document; ``told`` is the line under its title: when it was counted or
    published."""
    made = Paper(found, definitions, t, language)
    out = io.BytesIO()
    title = t("judging.bulletin_of", month=found.month)
    document = BaseDocTemplate(
        out, pagesize=A4, title=title, author=t("judging.author"), invariant=1,
        leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
    )  # fmt: skip
    frame = Frame(MARGIN, MARGIN, WIDTH, A4[1] - 2 * MARGIN, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate("page", [frame]))
    document.build(
        [made.say(title, made.h1), made.say(told, made.small), *_story(made)],
        canvasmaker=numbered(t, title),
    )
    return out.getvalue()


def _story(made: Paper) -> list[Flowable]:
    return [
        *_rates(made),
        *_times(made),
        *_days(made),
        PageBreak(),
        *_ranking(made, "unit"),
        *_ranking(made, "street"),
        *_shares(made, "class"),
        *_shares(made, "source"),
        *_week(made),
        *_places(made),
        PageBreak(),
        *_counts(made),
        *_definitions(made),
    ]


def _rates(made: Paper) -> list[Flowable]:
    t = made.t
    names = ("rate", "value", "num_den", "change", "change_of_year")
    rows = [
        [row.name, row.shown, _counted(row.rate.numerator, row.rate.denominator), row.change,
         row.change_of_year]
        for row in rate_rows(made.found, made.definitions, made.language)
    ]  # fmt: skip
    head = [t(f"judging.column.{name}") for name in names]
    return [
        made.say(t("judging.rates"), made.h2),
        made.table(head, rows, (30, 14, 20, 14, 14), 1),
        made.say(t("judging.points_note"), made.small),
    ]


def _counted(numerator: int | None, denominator: int | None) -> str:
    def shown(value: int | None) -> str:
        return UNKNOWN if value is None else f"{value:,}"

    return f"{shown(numerator)} / {shown(denominator)}"


def _times(made: Paper) -> list[Flowable]:
    t = made.t
    head = [t(f"judging.column.{name}") for name in _TIMES]
    rows = []
    found = made.found
    for row in time_rows(found.total, made.definitions, made.language, found.working):
        means = [_hours(row.time), _hours(row.working)]
        counted = [f"{row.time.known:,}", f"{row.time.unknown:,}"]
        rows.append([row.name, row.meaning, *means, *counted])
    return [
        made.say(t("judging.times"), made.h2),
        made.table(head, rows, (22, 24, 14, 14, 12, 12), 2),
        made.say(t("judging.times_note"), made.small),
    ]


def _hours(time: MeanTime) -> str:
    mean = hours(time.mean)
    return UNKNOWN if mean is None else f"{mean:,.1f}"


def _days(made: Paper) -> list[Flowable]:
    days = list(days_of(made.found))
    chart = VerticalBarChart()
    chart.categoryAxis.categoryNames = [str(day) for day, _ in days]
    drawing = chart_in(chart, [cases for _, cases in days], 110, left=28)
    return [KeepTogether([made.say(made.t("judging.chart.days"), made.h2), drawing])]


def _ranking(made: Paper, dimension: str) -> list[Flowable]:
    t, definitions = made.t, made.definitions
    order = ranked(made.found, dimension, definitions)
    columns = ("closing_in_time", "closing", "handling_in_time", "rework")
    rates = [definitions.rate(name) for name in columns]
    names = [in_language(rate, made.language) for rate in rates]
    head = [
        t("judging.column.place"),
        t(f"judging.by.{dimension}"),
        t("judging.column.due"),
        *names,
    ]
    rows = [
        [str(each.place or UNKNOWN), title_of(dimension, each.line, t),
         f"{each.line.counts['should_close']:,}",
         *[percent(rate_of(rate, each.line.counts).value) for rate in rates]]
        for each in order
    ]  # fmt: skip
    heading = made.say(t(f"judging.ranking.{dimension}"), made.h2)
    if not rows:
        return [heading, made.say(t("judging.nothing"))]
    return [
        heading,
        *_rankingchart_in(made, dimension, order),
        made.table(head, rows, (8, 30, 12, 15, 13, 15, 13), 2),
        made.say(t("judging.ranking_note", fewest=FEWEST), made.small),
    ]


def _rankingchart_in(made: Paper, dimension: str, order: Sequence[Ranked]) -> list[Flowable]:
    shown = [each for each in order if each.place is not None][:_MOST_BARS]
    if not shown:
        return []
    chart = HorizontalBarChart()
    chart.categoryAxis.reverseDirection = 1
    names = [made.label(title_of(dimension, each.line, made.t)) for each in shown]
    chart.categoryAxis.categoryNames = names
    chart.valueAxis.valueMax, chart.valueAxis.valueStep = 100, 20
    chart.barLabelFormat = "%.1f"
    values = [float((each.rate.value or 0) * 100) for each in shown]
    drawing = chart_in(chart, values, 14 * len(shown) + 22, left=120)
    return [made.say(made.t(f"judging.chart.{dimension}"), made.small), drawing]


def _shares(made: Paper, dimension: str) -> list[Flowable]:
    t, total = made.t, made.found.total.counts["report"]
    lines = busiest(made.found.by[dimension])
    heading = made.say(t(f"judging.chart.{dimension}"), made.h2)
    if not lines:
        return [heading, made.say(t("judging.nothing"))]
    chart = HorizontalBarChart()
    chart.categoryAxis.reverseDirection = 1
    chart.categoryAxis.categoryNames = [made.label(title_of(dimension, x, t)) for x in lines]
    chart.barLabelFormat = "%d"
    drawing = chart_in(chart, [x.counts["report"] for x in lines], 14 * len(lines) + 22, left=120)
    head = [t(f"judging.by.{dimension}"), t("judging.column.reported"), t("judging.column.share")]
    rows = [[title_of(dimension, x, t), f"{x.counts['report']:,}", _share(x, total)] for x in lines]
    return [KeepTogether([heading, drawing]), made.table(head, rows, (60, 15, 15), 1)]


def _share(line: Line, total: int) -> str:
    return f"{100 * line.counts['report'] / total:.2f} %" if total else UNKNOWN


def _week(made: Paper) -> list[Flowable]:
    """Hours across, weekdays down; the number stands in its cell, so grey tells as much."""
    week, t = made.found.patterns.week, made.t
    most = max((max(day) for day in week), default=0)
    left, cell, height = 40.0, (WIDTH - 40) / HOURS, 15.0
    drawing = Drawing(WIDTH, (WEEK + 1) * height)
    for hour in range(HOURS):
        at = left + hour * cell + cell / 2
        drawing.add(lettering((at, WEEK * height + 4), f"{hour:02}", 6.5, MUTED))
    for weekday, day in enumerate(week):
        y = (WEEK - 1 - weekday) * height
        name = t(f"judging.weekday.{weekday}")
        drawing.add(lettering((0, y + 4), name, 7.5, INK, centred=False))
        for hour, cases in enumerate(day):
            part = cases / most if most else 0
            x = left + hour * cell
            look: dict[str, Any] = {"strokeColor": LINE, "strokeWidth": 0.25}
            drawing.add(Rect(x, y, cell, height, **(look | {"fillColor": _shade(part)})))
            ink = HexColor("#ffffff") if part > 0.55 else INK
            if cases:
                drawing.add(lettering((x + cell / 2, y + 4.5), str(cases), 6.5, ink))
    heading = made.say(t("judging.chart.week"), made.h2)
    return [KeepTogether([heading, drawing, Spacer(1, 4)])]


def _shade(part: float) -> Color:
    return Color(1 - part * (1 - BAR.red), 1 - part * (1 - BAR.green), 1 - part * (1 - BAR.blue))


def _places(made: Paper) -> list[Flowable]:
    t, places = made.t, made.found.patterns.places
    heading = made.say(t("judging.places"), made.h2)
    if not places:
        return [heading, made.say(t("judging.no_places"))]
    head = [t(f"judging.column.{name}") for name in ("grid", "street", "class", "cases")]
    rows = [[x.grid, x.street or UNKNOWN, x.category, f"{x.cases:,}"] for x in places[:10]]
    return [heading, made.table(head, rows, (25, 25, 35, 12), 3)]


def _counts(made: Paper) -> list[Flowable]:
    t = made.t
    head = [t(f"judging.column.{name}") for name in (
        "count", "meaning", "value_of_month", "before", "last_year")]  # fmt: skip
    rows = [
        [row.name, row.meaning, *[UNKNOWN if x is None else f"{x:,}" for x in (
            row.value, row.before, row.last_year)]]
        for row in count_rows(made.found, made.definitions, made.language)
    ]  # fmt: skip
    return [made.say(t("judging.counts"), made.h2), made.table(head, rows, (20, 52, 12, 12, 12), 2)]


def _definitions(made: Paper) -> list[Flowable]:
    t, definitions = made.t, made.definitions
    head = [t(f"judging.column.{name}") for name in ("rate", "formula", "source")]
    rows = [
        [in_language(rate, made.language), formula(rate, definitions, made.language), rate.source]
        for rate in definitions.rates
    ]
    names = [in_language(time, made.language) for time in definitions.times]
    spans = [meaning(time, made.language) for time in definitions.times]
    rows += [[name, span, ""] for name, span in zip(names, spans, strict=True)]
    note = t("judging.repeat_note", metres=f"{made.found.repeat_metres:g}",
             days=f"{made.found.repeat_days:g}", unknown=made.found.without_point)  # fmt: skip
    return [
        made.say(t("judging.definitions"), made.h2),
        made.table(head, rows, (28, 32, 50), 3),
        made.say(note, made.small),
    ]
