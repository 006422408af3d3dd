"""``hotline calendar at``: what a caller meets at a moment, in lines for a terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy.engine import make_url
from twisted.internet.task import Clock as StillClock

from hotline.calendar.model import QueueState
from hotline.calendar.service import DAY_NAMES, CalendarService
from hotline.clock import ReactorClock, local
from hotline.config import Config
from hotline.storage.database import Database, migrate
from hotline.storage.journal import Journal
from hotline.storm.model import Storm
from hotline.storm.service import storm_at
from hotline.web.catalogue import load_catalogue

Words = Callable[..., str]
Hears = Callable[[float], Sequence[str]]


def ask(config: Config, at: float, hears: Hears | None = None) -> list[str]:
    """The answer for ``at`` (Unix seconds) from the configured database, in the hotline's first
    language. ``hears`` tells the rest of what a caller hears, one line each.

    Before the hotline's first start the configuration alone answers. Raises
    :class:`~hotline.storage.database.MigrationError` and
    :class:`~hotline.storage.database.DatabaseUnavailable`.
    """

    async def run() -> list[str]:
        database = Database(config.database_url)
        journal = Journal(database, ReactorClock(StillClock(), time.time))
        service = CalendarService.of(config, journal)
        language = config.hotline.language
        try:
            if _not_there_yet(config.database_url):
                default = load_catalogue().text(language, "calendar.default")
                return [*told(service, None, at, language, hears), default]
            await migrate(config.database_url)
            await service.load()
            return told(service, await storm_at(database, at), at, language, hears)
        finally:
            await database.close()

    return asyncio.run(run())


def told(
    service: CalendarService,
    storm: Storm | None,
    at: float,
    language: str,
    hears: Hears | None = None,
) -> list[str]:
    """The day, each queue, what closures and a storm say, and what is heard besides."""
    t: Words = partial(load_catalogue().text, language)
    calendar = service.calendar
    day = calendar.day(at)
    moment = local(at, calendar.zone)
    head = [
        moment.strftime("%Y-%m-%d %H:%M"),
        t(f"calendar.day.{DAY_NAMES[moment.weekday()]}"),
        t(f"calendar.kind.{day.kind}"),
        day.title(language),
    ]
    if not day.known:
        head.append(f"({t('calendar.unknown_year', year=moment.year)})")
    lines = [" ".join(word for word in head if word)]
    for queue in service.queues:
        lines += _queue(service.state(queue, at), service, language, t)
    if storm is not None:
        text = storm.text_en if language == "en" and storm.text_en else storm.text_zh
        lines.append(f"{t('storm.title')}: {text}")
    return lines + [f"{n}. {line}" for n, line in enumerate(hears(at) if hears else (), 1)]


def _queue(state: QueueState, service: CalendarService, language: str, t: Words) -> list[str]:
    until = t("calendar.no_change")
    if state.until is not None:
        moment = local(state.until, service.calendar.zone).strftime("%Y-%m-%d %H:%M")
        until = t("calendar.until", when=moment)
    word = t("calendar.open" if state.open else "calendar.closed")
    line = f"{state.queue}: {word} · {t(f'calendar.why.{state.why}')} · {until}"
    said = state.announcement(language)
    return [line, f"  “{said}”"] if said else [line]


def _not_there_yet(url: str) -> bool:
    """Whether the hotline was never started: then only its configuration can be asked."""
    parsed = make_url(url)
    file = parsed.database if parsed.get_backend_name() == "sqlite" else None
    return file is not None and not Path(file).exists()
