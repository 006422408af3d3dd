"""``hotline calendar at``: what a caller meets at a moment, in lines for a terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from twisted.internet.task import Clock as StillClock

from hotline.calendar.model import QueueState
from hotline.calendar.service import DAY_NAMES, CalendarService
from hotline.clock import ReactorClock, local
from hotline.config import Config
from hotline.ivr.configured import configured_ground
from hotline.ivr.facts import Caller, FactBook
from hotline.ivr.foretelling import foretell, words_of
from hotline.ivr.library import FlowLibrary, shipped_flows
from hotline.ivr.prompts import Wording
from hotline.ivr.walk import Walk
from hotline.routing.configured import configured_library
from hotline.storage.database import Database, migrate, never_made
from hotline.storage.journal import Journal
from hotline.storm.model import Storm, storm_facts
from hotline.storm.service import storm_at
from hotline.web.catalogue import load_catalogue

Words = Callable[..., str]


def ask(config: Config, at: float) -> list[str]:
    """The answer for ``at`` (Unix seconds) from the configured database, in the hotline's first
    language.

    Before the hotline's first start the configuration alone answers, and nothing is said of the
    flow. Raises :class:`~hotline.storage.database.MigrationError` and
    :class:`~hotline.storage.database.DatabaseUnavailable`.
    """

    async def run() -> list[str]:
        clock = ReactorClock(StillClock(), time.time)
        database = Database(config.database_url)
        journal = Journal(database, clock)
        service = CalendarService.of(config, journal)
        language = config.hotline.language
        try:
            if never_made(config.database_url):
                default = load_catalogue().text(language, "calendar.default")
                return [*told(service, None, at, language), default]
            await migrate(config.database_url)
            plans = configured_library(config, journal, dict)
            await plans.open()
            queues = plans.current.plan.by_queue
            await service.serve(queues)
            storm = await storm_at(database, at)
            library = FlowLibrary(
                database, journal, shipped_flows(), lambda: configured_ground(config, clock, queues)
            )
            await library.open()
        finally:
            await database.close()
        heard = _heard(config, library, {**service.facts(at), **storm_facts(storm)}, at)
        return told(service, storm, at, language, heard)

    return asyncio.run(run())


def _heard(
    config: Config, library: FlowLibrary, known: Mapping[str, object], at: float
) -> list[str]:
    """What a caller who presses nothing hears by the flows in force; who is on duty and who
    waits then is not known."""
    language, number = config.hotline.language, config.hotline.number
    facts = {**known, "hotline.report_key": config.queue.report_key or None}

    def source(name: str, now: float, caller: Caller) -> object:
        return facts.get(name)

    book = FactBook(
        Caller("", number, ""),
        config.zone,
        dict.fromkeys({name.partition(".")[0] for name in facts}, source),
    )
    walk = Walk(library.snapshot(), library.entry(number), book, language)
    return foretell(walk, at, words_of(Wording.of(config), language))


def told(
    service: CalendarService,
    storm: Storm | None,
    at: float,
    language: str,
    heard: Sequence[str] = (),
) -> list[str]:
    """The day, each queue, what closures and a storm say, and what is heard line by line."""
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
    return lines + [f"{n}. {line}" for n, line in enumerate(heard, 1)]


def _queue(state: QueueState, service: CalendarService, language: str, t: Words) -> list[str]:
    until = t("calendar.no_change")
    if state.until is not None:
        moment = local(state.until, service.calendar.zone).strftime("%Y-%m-%d %H:%M")
        until = t("calendar.until", when=moment)
    word = t("calendar.open" if state.open else "calendar.closed")
    line = f"{state.queue}: {word} · {t(f'calendar.why.{state.why}')} · {until}"
    said = state.announcement(language)
    return [line, f"  “{said}”"] if said else [line]
