"""What runs for ever beside the calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog

from hotline.app.house import House
from hotline.callback.blending import CallbackWork
from hotline.callers.watch import CallerWatch
from hotline.calls.blending import Blending
from hotline.calls.intake import ReportIntake
from hotline.metrics import watch_loop
from hotline.outbound.cut_off import CutOffCallers
from hotline.phones.watching import LineWatch, talks_of
from hotline.quality.tally import OutcomeTally
from hotline.registry.verifying import VerificationWork
from hotline.speech.recogniser import RecogniserPool
from hotline.speech.service import TranscriptionService
from hotline.storage.journal import Journal
from hotline.storage.records import Record

Job = Callable[[], Awaitable[None]]

WAKE_VOICE_AFTER_S = 20.0

logger = structlog.get_logger(__name__)


async def start_jobs(house: House, stack: AsyncExitStack) -> None:
    """Keep every job running until ``stack`` is left."""
    for name, job in _jobs(house).items():
        await stack.enter_async_context(_running(name, job))


async def start_speech(house: House, stack: AsyncExitStack) -> None:
    """Turn spoken reports into text, where a recogniser is configured."""
    ground = house.ground
    pool = RecogniserPool(ground.clock, ground.config.speech)
    if pool.configured:
        await pool.start()
        stack.push_async_callback(pool.stop)
    transcription = TranscriptionService(
        ground.journal, ground.database, pool, ground.clock, ground.config.recording.dir
    )
    await transcription.start()
    stack.push_async_callback(transcription.stop)


def _jobs(house: House) -> dict[str, Job]:
    ground, registry, placing = house.ground, house.registry, house.placing
    day = house.people.day
    return {
        **registry.cases.jobs(),
        "callbacks": placing.dialler.run,
        "outbound": placing.outbound_dialler.run,
        "cut off": CutOffCallers(ground.journal, ground.clock).run,
        **_between_calls(house),
        "storm": registry.storm.run,
        "callers": _caller_watch(house).run,
        "caller facts": registry.caller_facts.run,
        "day": lambda: _follow(ground.journal, day.seq, day.apply),
        "passages": registry.passages.run,
        "waits": house.ivr.waits.run,
        "tally": _tally(house),
        "intake": _intake(house).run,
        "lines": _line_watch(house).run,
        "phone logins": house.telephony.phone_logins.run,
        "messages": registry.outbox.run,
        "voice": partial(_wake_voice, house),
        "loop lag": lambda: watch_loop(ground.metrics, ground.clock),
    }


def _between_calls(house: House) -> dict[str, Job]:
    ground, config = house.ground, house.ground.config
    work = partial(Blending, calls=house.calls.calls, journal=ground.journal, clock=ground.clock)
    called_back = work(CallbackWork(), skill=config.callback.blended_skill)
    verified = work(VerificationWork(), skill=config.report.blended_skill)
    return {
        "callbacks between calls": called_back.run,
        "verifications between calls": verified.run,
    }


def _caller_watch(house: House) -> CallerWatch:
    ground = house.ground
    return CallerWatch(house.registry.callers, ground.journal, ground.config.recording.dir)


def _tally(house: House) -> Job:
    metrics, journal = house.ground.metrics, house.ground.journal
    tally = OutcomeTally(lambda outcome: metrics.calls.labels(outcome).inc())
    return lambda: _follow(journal, None, lambda record: tally.apply(record.event))


def _intake(house: House) -> ReportIntake:
    ground, config = house.ground, house.ground.config
    return ReportIntake(
        recordings=config.recording.dir,
        min_report_s=config.report.min_seconds,
        node=config.pbx.node,
        journal=ground.journal,
        lookups=ground.lookups,
        living=house.calls.calls,
        clock=ground.clock,
    )


def _line_watch(house: House) -> LineWatch:
    ground, telephony = house.ground, house.telephony
    core = house.calls.core
    return LineWatch(
        lambda: talks_of(core), telephony.pbx, telephony.up, ground.journal, ground.clock
    )


async def _wake_voice(house: House) -> None:
    """Have the names of those whom callers are handed over to spoken before they are needed,
    but after the calls that a restart has to take over."""
    await house.ground.clock.sleep(WAKE_VOICE_AFTER_S)
    speaker = house.calls.speaker
    await speaker.wake()
    for language, names in house.calls.targets.names().items():
        await speaker.prepare(names, language)
    await asyncio.Event().wait()


async def _follow(journal: Journal, after: int | None, take: Callable[[Record], None]) -> None:
    async for record in journal.follow(after):
        take(record)


@asynccontextmanager
async def _running(name: str, job: Job) -> AsyncIterator[None]:
    """Keep a job running: one that fails is logged and begun again after a second."""

    async def forever() -> None:
        while True:
            try:
                await job()
            except Exception:
                logger.exception("controller.job_failed", job=name)
                await asyncio.sleep(1)

    task = asyncio.create_task(forever(), name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
