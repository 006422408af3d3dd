"""The clocks of a case as its page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from hotline.registry.clocks.limits import read_limit
from hotline.registry.clocks.service import ClockView
from hotline.storage.tables_clocks import CaseClockRow
from hotline.web.formats import moment
from hotline.web.page import Page
from hotline.web.web import Web


@dataclass(frozen=True, slots=True)
class ShownClock:
    """One clock: ``left`` in words (what is left, or by how much it is over), ``percent`` of its
    limit used up (100 at most), and what happened to it."""

    view: ClockView
    limit: str
    left: str
    percent: int
    lines: Sequence[tuple[float, str, str]]

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.view.ended_at is None


def clocks_of(web: Web, rows: Sequence[CaseClockRow], page: Page) -> list[ShownClock]:
    """The clocks of a case, those that run first."""
    views = web.parts.room.clocks.views(rows, web.parts.clock.now())
    zone = web.parts.config.zone
    return [_shown(view, page, zone) for view in views]


def span(seconds: float) -> str:
    """Seconds as hours and minutes, ``12:05``; a rest of a minute counts as one."""
    hours, minutes = divmod(-(-int(abs(seconds)) // 60), 60)
    return f"{hours}:{minutes:02}"


def _shown(view: ClockView, page: Page, zone: tzinfo) -> ShownClock:
    time = page.t("clock.working" if view.by_calendar else "clock.wall", time=span(view.left))
    return ShownClock(
        view,
        read_limit(view.limit).text(page.language),
        page.t("clock.left" if view.left > 0 else "clock.over_by", time=time),
        min(100, round(100 * view.used)),
        [_line(entry, page, zone) for entry in view.trace],
    )


def _line(entry: Mapping[str, Any], page: Page, zone: tzinfo) -> tuple[float, str, str]:
    values = dict(entry)
    for name in ("until", "before", "after"):
        if isinstance(values.get(name), float | int):
            values[name] = moment(values[name], zone)
    if entry["what"] in ("started", "relimited"):
        for name in values.keys() & {"limit", "before"}:
            values[name] = read_limit(entry[name]).text(page.language)
    said = page.t(f"clock.what.{entry['what']}", **values)
    late = page.t("history.clock.late") if entry.get("late") else ""
    return entry["at"], said + late, str(entry.get("why", ""))
