"""The controller: builds the parts, starts and stops them in order. The only place that knows
them all."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from twisted.internet import asyncioreactor

from hotline import __version__, events, log, secrets
from hotline.acd.engine import Engine
from hotline.calendar.service import CalendarService
from hotline.callback.blending import CallbackWork
from hotline.callback.dialler import CallbackDialler, DialSettings
from hotline.callback.model import CallbackRules
from hotline.callback.placing import Line
from hotline.callback.planning import CallbackPlanner
from hotline.callback.service import CallbackDesk
from hotline.callers.facts import CallerFacts
from hotline.callers.service import CallerDesk
from hotline.callers.watch import CallerWatch
from hotline.calls import keeping, model, wire
from hotline.calls.blending import Blending
from hotline.calls.core import CallCore, CallRules
from hotline.calls.intake import ReportIntake
from hotline.calls.remembering import remember
from hotline.calls.service import CallService
from hotline.clock import Clock, LoopClock
from hotline.config import Config, load
from hotline.cti.calling_out import CallingOut
from hotline.cti.desk import AgentDesk
from hotline.cti.pauses import PauseReasons
from hotline.cti.restoring import remember_states
from hotline.floor.room import Floor
from hotline.handover.connecting import Connecting
from hotline.handover.placing import Thirds
from hotline.handover.targets import Targets
from hotline.ivr.prompts import voice_of
from hotline.ivr.report_desk import ReportDesk
from hotline.ivr.room import Ivr
from hotline.ivr.settling import Settling
from hotline.ivr.shelf import PromptShelf
from hotline.ivr.spoken import Speaker
from hotline.ivr.studio import Studio
from hotline.knowledge.room import KnowledgeRoom
from hotline.messages.service import Outbox
from hotline.metrics import Metrics, watch_loop
from hotline.outbound.dialler import OutboundDialler
from hotline.outbound.service import OutboundDesk
from hotline.pacing import PacedSelector
from hotline.phones.logins import PhoneLogins
from hotline.phones.watching import LineWatch, talks_of
from hotline.quality.tally import OutcomeTally
from hotline.registry.room import CaseRoom
from hotline.registry.verifying import VerificationWork
from hotline.replay.digest import engine_digest
from hotline.replay.storing import EngineLog
from hotline.routing.configured import configured_library
from hotline.routing.gate import Gate
from hotline.routing.model import PublishedPlan
from hotline.routing.rules import PlanInForce, Routing, plan_of
from hotline.speech.hearing import Hearing
from hotline.speech.recogniser import RecogniserPool
from hotline.speech.service import TranscriptionService
from hotline.storage.database import Database, DatabaseUnavailable
from hotline.storage.day import DayProjection, catch_up
from hotline.storage.journal import Journal, JournalUnavailable
from hotline.storage.lookups import Lookups
from hotline.storage.passages import Passages
from hotline.storage.records import Record
from hotline.storage.tables import UserRow
from hotline.storage.users import Users
from hotline.storm.service import StormDesk
from hotline.telephony.ami import AmiEvent, AmiLink
from hotline.telephony.fastagi import FastAgiServer
from hotline.telephony.keys import Keypads
from hotline.telephony.pbx import Pbx
from hotline.telephony.session import AgiSession
from hotline.telephony.snapshot import PbxSnapshot
from hotline.waiting.ringing import PlaceRinger
from hotline.waiting.service import Waits
from hotline.web.app import create_app
from hotline.web.ports import Component
from hotline.web.server import WebServer
from hotline.web.web import WebParts

logger = structlog.get_logger(__name__)

# How long a start waits for the PBX before it answers calls without having seen it.
FIRST_SIGHT_S = 3.0
WAKE_VOICE_AFTER_S = 20.0
# How many objects come, and how many collections of younger ones, before garbage is looked for.
# By Python's own measure (700, 10, 10) a busy controller spends a tenth of its time on that.
GARBAGE_AFTER = (20_000, 10, 10)
# What callers do within this time shares a write to the disk.
PACE_S = 0.025


class Controller:
    """The controller's parts. ``run`` starts them, calls ``on_ready``, waits for ``stop`` and ends
    them in turn."""

    def __init__(
        self, config: Config, clock: Clock, reactor: Any, on_ready: Callable[[], None]
    ) -> None:
        self.config = config
        self.clock = clock
        self._on_ready = on_ready
        self.metrics = Metrics()
        self.database = Database(config.database_url)
        self.journal = Journal(self.database, clock, on_written=self.metrics.journal_write.observe)
        self.lookups = Lookups(self.database)
        self.calendar = CalendarService.of(config, self.journal)
        self.secrets = secrets.load_or_make(config)
        self.link = AmiLink(
            config.pbx.node,
            host=config.pbx.ami_host,
            port=config.pbx.ami_port,
            user=config.pbx.ami_user,
            secret=self.secrets.ami,
            clock=clock,
            on_event=self._on_event,
            on_up=self._on_up,
            on_down=self._on_down,
        )
        self.pbx = Pbx(self.link)
        self.phone_logins = PhoneLogins(self.database, self.link, clock)
        self._keypads = Keypads()
        self.users = Users(
            self.database,
            clock,
            extensions=config.pbx.extension_numbers(),
            demo=config.hotline.demo,
            on_user=self._know,
        )
        callback_rules = CallbackRules.of(config)
        self.cases = CaseRoom.of(
            config, self.database, self.journal, clock, CallbackPlanner(callback_rules)
        )
        self.registry = self.cases.registry
        self.knowledge = KnowledgeRoom.of(config, self.journal, clock, self.cases)
        self.storm = StormDesk(self.journal, self.registry, clock)
        self.callers = CallerDesk(self.journal, lambda now: self.storm.active(now) is not None)
        self.caller_facts = CallerFacts(self.callers, self.journal, config.queue.first_agent_days)
        self.callbacks = CallbackDesk(self.journal, self.registry, callback_rules)
        self.dialler = CallbackDialler(
            desk=self.callbacks,
            pbx=self.pbx,
            pbx_up=lambda: self.link.up,
            journal=self.journal,
            clock=clock,
            settings=DialSettings.of(config),
        )
        self.prompts = PromptShelf.of(config, self.journal, clock)
        self.studio = Studio(
            self.prompts,
            self.pbx,
            lambda: self.link.up,
            clock,
            recordings=config.recording.dir,
            number=config.hotline.number,
        )
        self.speaker = Speaker(config.hotline.data_dir / "prompts", voice_of(config), clock)
        self.pause_reasons = PauseReasons(self.journal)
        self.targets = Targets.of(config)
        self.thirds = Thirds(
            self.pbx,
            self.targets,
            self.speaker,
            language=config.hotline.language,
            caller_id=config.hotline.number,
        )
        first = Routing(plan_of(config), config.queue.name)
        self.core = CallCore(_call_rules(config), Engine(first.rules()))
        self.engine_log = EngineLog(
            version=__version__, engine=engine_digest(), keep_days=config.replay.keep_days
        )
        self.calls = CallService(
            core=self.core,
            journal=self.journal,
            pbx=self.pbx,
            thirds=self.thirds,
            places=PlaceRinger.of(config, self.pbx),
            clock=clock,
            recordings=config.recording.dir,
            min_report_s=config.report.min_seconds,
            pace_s=PACE_S,
            engine_log=self.engine_log,
        )
        keeps_free = CallingOut(self.calls, clock, config.queue.wrap_up_seconds)
        outbound = OutboundDesk(self.journal, config.pbx.node, keeps_free.over)
        line = Line(self.pbx, lambda: self.link.up, self.journal, clock, DialSettings.of(config))
        self.outbound_dialler = OutboundDialler(outbound, line, keeps_free)
        self.floor = Floor.of(self.journal, outbound, self.outbound_dialler)
        self.hearing = Hearing(
            config, reactor, clock, self.pbx, lambda _kind: self.metrics.audio_faults.inc()
        )
        self.outbox = Outbox.of(config, self.journal, self.database, clock)
        self.waits = Waits(
            self.calls,
            self.journal,
            self.database,
            clock,
            offer_report=bool(config.queue.report_key),
        )
        self.passages = Passages(self.database, self.journal, clock)
        self.ivr = Ivr(
            config=config,
            clock=clock,
            database=self.database,
            journal=self.journal,
            calls=self.calls,
            pbx=self.pbx,
            calendar=self.calendar,
            storm=self.storm,
            facts=self.caller_facts,
            settling=Settling(
                progress=self.cases.progress,
                storm=self.storm,
                clock=clock,
                zone=config.zone,
                webhook_hosts=config.flows.webhook_hosts,
            ),
            connecting=Connecting(self.targets, self.thirds, config.handover.ring_seconds),
            reports=ReportDesk(
                calls=self.calls,
                cases=self.registry,
                clock=clock,
                recordings=config.recording.dir,
                sends_messages=self.outbox.reaches,
            ),
            listener=self.hearing.listener,
            waits=self.waits,
        )
        self.plans = configured_library(config, self.journal, self.ivr.library.snapshot)
        self.gate = Gate(config, self.plans, self.database, clock)
        self.agi = FastAgiServer(
            clock,
            host=config.pbx.agi_host,
            port=config.pbx.agi_port,
            handler=self._answer,
            on_fault=lambda _kind: self.metrics.agi_faults.inc(),
            call_of=lambda env: f"{config.pbx.node}-{env.variables.get('agi_uniqueid', '')}",
        )
        self._seen = asyncio.Event()
        self._answers = asyncio.Event()
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Ask :meth:`run` to end."""
        self._stop.set()

    async def run(self) -> None:
        """Serve until :meth:`stop`."""
        async with AsyncExitStack() as stack:
            await self._open(stack)
            await self._take_over(stack)
            await self._serve(stack)
            # What a start has made stays, and need not be looked through each time.
            gc.freeze()
            self._on_ready()
            logger.info("controller.ready")
            await self._stop.wait()
            logger.info("controller.stopping")
            try:
                await self.journal.append(events.ControllerStopped())
            except JournalUnavailable as error:
                logger.warning("controller.stop_not_journalled", why=str(error))

    # --- starting, in order -------------------------------------------------------------

    async def _open(self, stack: AsyncExitStack) -> None:
        """Open the database, and take in what the journal knew."""
        stack.push_async_callback(self.database.close)
        await self.journal.open()
        await self._open_plan()
        await self.cases.open()
        await self.knowledge.base.open()
        await self.storm.load()
        await self.pause_reasons.load()
        await self.callers.load()
        await self.caller_facts.load(self.clock.now())
        await self.ivr.open()
        now = self.clock.now()
        await self._mark_blind(now)
        last_at = await remember_states(self.core, self.journal, now)
        await self._know_people()
        self.day = DayProjection(self.config.zone, now)
        self.desk = AgentDesk(
            self.calls,
            self.day,
            self.lookups,
            self.clock,
            lambda: self.journal.last_seq,
            targets=self.targets,
            third_ring_s=self.config.handover.ring_seconds,
            reasons=self.pause_reasons,
        )
        restored = await remember(self.core, self.journal, self.lookups, now)
        started = events.ControllerStarted(__version__, last_at)
        noting = partial(
            self.engine_log.begin,
            now=now,
            rules=self.core.engine.rules,
            entries=self.core.tape.take(),
        )
        await self.journal.append(started, *restored.events, at=now, also=noting)

    async def _open_plan(self) -> None:
        """Share calls by the plan in force, also in the hotline's very first decision."""
        await self.plans.open()
        routing = Routing(self.plans.current.plan, self.config.queue.name)
        self.core.routing = routing
        self.core.engine = Engine(routing.rules())
        await self.calendar.serve(routing.plan.by_queue)
        self.plans.told.append(self._share_by)

    async def _share_by(self, published: PublishedPlan) -> None:
        self.calls.post(PlanInForce(Routing(published.plan, self.config.queue.name)))
        await self.calendar.serve(published.plan.by_queue)

    async def _mark_blind(self, now: float) -> None:
        """What happened since the last record of a controller that was killed is unknown."""
        last = await self.journal.read(max(0, self.journal.last_seq - 1), 1)
        if last and self._may_rest(last[0].event):
            self.core.rested_since = last[0].at
        elif last:
            self.core.blind_since = last[0].at

    def _may_rest(self, last: events.Event) -> bool:
        """Whether the PBX may have gone down with the last controller, in order: then nobody could
        ring. What is seen of it tells."""
        orderly = isinstance(last, events.ControllerStopped)
        return orderly and self.config.pbx.mode == "managed"

    async def _know_people(self) -> None:
        if self.config.hotline.demo:
            await self.users.seed_demo()
        else:
            await self.users.retire_demo()
        for row in await self.lookups.agents():
            if row.extension:
                known = model.AgentKnown(row.user_id, row.name, row.extension)
                self.core.handle(known, self.clock.now())

    def _know(self, row: UserRow) -> None:
        if row.role == "agent" and row.active and row.extension:
            self.calls.post(model.AgentKnown(row.user_id, row.name, row.extension))
        elif row.user_id in self.core.people.by_id:
            self.calls.post(model.AgentAsks(row.user_id, "offline"))

    async def _take_over(self, stack: AsyncExitStack) -> None:
        """See the PBX before any of its callers is answered.

        They are listened to before: who is fetched back asks at once.
        """
        await self.calls.start()
        stack.push_async_callback(self.calls.stop)
        await self.link.start()
        stack.push_async_callback(self.link.stop)
        await self.hearing.start()
        stack.push_async_callback(self.hearing.stop)
        await self.agi.start()
        stack.push_async_callback(self.agi.stop)
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_SIGHT_S):
                await self._seen.wait()
        self._answers.set()

    async def _answer(self, session: AgiSession) -> None:
        await self._answers.wait()
        await self.ivr.callers(session)

    async def _serve(self, stack: AsyncExitStack) -> None:
        """Start what lives beside the calls."""
        # Callers do not wait for the day to be counted.
        await catch_up(self.day, self.journal)
        for name, job in self._jobs().items():
            await stack.enter_async_context(_running(name, job))
        await self._start_speech(stack)
        await self._start_web(stack)

    async def _start_speech(self, stack: AsyncExitStack) -> None:
        pool = RecogniserPool(self.clock, self.config.speech)
        if pool.configured:
            await pool.start()
            stack.push_async_callback(pool.stop)
        transcription = TranscriptionService(
            self.journal, self.database, pool, self.clock, self.config.recording.dir
        )
        await transcription.start()
        stack.push_async_callback(transcription.stop)

    async def _start_web(self, stack: AsyncExitStack) -> None:
        self.metrics.watch_board(self.desk.board)
        self.metrics.watch_agi(lambda: self.agi.sessions)
        self.metrics.watch_disk(
            {"data": self.config.hotline.data_dir, "recordings": self.config.recording.dir}
        )
        parts = WebParts(
            config=self.config,
            clock=self.clock,
            database=self.database,
            journal=self.journal,
            calls=self.desk,
            users=self.users,
            accounts=self.users,
            room=self.cases,
            knowledge=self.knowledge,
            callbacks=self.callbacks,
            callers=self.callers,
            dialler=self.dialler,
            prompts=self.prompts,
            studio=self.studio,
            flows=self.ivr.library,
            plans=self.plans,
            gate=self.gate,
            passages=self.passages,
            phone_password=self._phone_password,
            health=self.health,
            metrics=self.metrics,
            calendar=self.calendar,
            storm=self.storm,
            pause_reasons=self.pause_reasons,
            floor=self.floor,
            hears=self.ivr.hears,
        )
        stack.push_async_callback(self.gate.stop)
        web = WebServer(create_app(parts), self.config.web.host, self.config.web.port)
        await web.start()
        stack.push_async_callback(web.stop)

    def _jobs(self) -> dict[str, Callable[[], Awaitable[None]]]:
        intake = ReportIntake(
            recordings=self.config.recording.dir,
            min_report_s=self.config.report.min_seconds,
            node=self.config.pbx.node,
            journal=self.journal,
            lookups=self.lookups,
            living=self.calls,
            clock=self.clock,
        )
        between_calls = partial(Blending, calls=self.calls, journal=self.journal, clock=self.clock)
        called_back = between_calls(CallbackWork(), skill=self.config.callback.blended_skill)
        verified = between_calls(VerificationWork(), skill=self.config.report.blended_skill)
        tally = OutcomeTally(lambda outcome: self.metrics.calls.labels(outcome).inc())
        lines = LineWatch(
            lambda: talks_of(self.core), self.pbx, lambda: self.link.up, self.journal, self.clock
        )
        callers = CallerWatch(self.callers, self.journal, self.config.recording.dir)
        return {
            **self.cases.jobs(),
            "callbacks": self.dialler.run,
            "outbound": self.outbound_dialler.run,
            "callbacks between calls": called_back.run,
            "verifications between calls": verified.run,
            "storm": self.storm.run,
            "callers": callers.run,
            "caller facts": self.caller_facts.run,
            "day": lambda: self._follow(self.day.seq, self.day.apply),
            "passages": self.passages.run,
            "waits": self.waits.run,
            "tally": lambda: self._follow(None, lambda record: tally.apply(record.event)),
            "intake": intake.run,
            "lines": lines.run,
            "phone logins": self.phone_logins.run,
            "messages": self.outbox.run,
            "voice": self._wake_voice,
            "loop lag": lambda: watch_loop(self.metrics, self.clock),
        }

    async def _phone_password(self, extension: str, session_id: str) -> str:
        """A web phone's: of this login where the PBX is ours, else the one in its files."""
        if self.config.pbx.mode == "managed":
            return await self.phone_logins.give(extension, session_id)
        return secrets.sip_password(self.secrets.key, extension)

    async def _wake_voice(self) -> None:
        """Have the names of those whom callers are handed over to spoken before they are needed,
        but after the calls that a restart has to take over."""
        await self.clock.sleep(WAKE_VOICE_AFTER_S)
        await self.speaker.wake()
        for language, names in self.targets.names().items():
            await self.speaker.prepare(names, language)
        await asyncio.Event().wait()

    async def _follow(self, after: int | None, take: Callable[[Record], None]) -> None:
        async for record in self.journal.follow(after):
            take(record)

    # --- the PBX ------------------------------------------------------------------------

    def _on_event(self, event: AmiEvent) -> None:
        if not self._keypads.is_news(event):
            return
        self.dialler.on_event(event)
        self.outbound_dialler.on_event(event)
        self.hearing.on_event(event)
        self.studio.on_event(event)
        given = wire.read(self.config.pbx.node, event)
        if given is None or (self._stop.is_set() and isinstance(given, model.InFallback)):
            # Callers whom our end sends to the dialplan's own path are the next controller's.
            return
        self.calls.post(given)
        self.ivr.see(given)

    async def _on_up(self, snapshot: PbxSnapshot) -> None:
        self.metrics.ami_up.labels(self.config.pbx.node).set(1)
        await self.calls.tell(model.PbxSeen(snapshot))
        self.dialler.on_up(snapshot)
        self.outbound_dialler.on_up(snapshot)
        self.studio.on_up(snapshot)
        self.ivr.callers.forget_ended()
        self._seen.set()

    def _on_down(self, why: str) -> None:
        self.metrics.ami_up.labels(self.config.pbx.node).set(0)
        self.calls.post(model.PbxUnseen(why))

    async def health(self) -> Sequence[Component]:
        """Each component that a call needs."""
        return [
            await self._database_health(),
            Component("pbx", "up" if self.link.up else "down", self.link.trouble),
            Component("agi", "up" if self._answers.is_set() else "down"),
            Component("journal", "up" if self.calls.journal_ok else "down"),
        ]

    async def _database_health(self) -> Component:
        try:
            await self.database.ping()
        except DatabaseUnavailable as error:
            return Component("database", "down", error.why)
        return Component("database", "up")


def _call_rules(config: Config) -> CallRules:
    return CallRules(
        config.pbx.node,
        config.queue.name,
        config.queue.ring_seconds,
        config.queue.report_key,
        config.zone,
        config.queue.away_seconds,
        keeps=_keeps_places(config),
    )


def _keeps_places(config: Config) -> bool:
    # The keys that the callers are told: 1 keeps a place, 0 stays.
    free = config.queue.report_key not in (keeping.KEEP_KEY, "0")
    return config.queue.keep_places and DialSettings.of(config).has_trunk and free


@asynccontextmanager
async def _running(name: str, job: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
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


def serve(config_path: Path) -> int:
    """Run the controller until SIGTERM or SIGINT; the process's exit code.

    Raises :class:`hotline.config.ConfigError`.
    """
    config = load(config_path)
    log.set_up(config.log)
    selector = PacedSelector()
    loop = asyncio.SelectorEventLoop(selector)
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]
    from twisted.internet import reactor  # noqa: PLC0415 - not before it is installed

    log.take_in_twisted()
    controller = Controller(config, LoopClock(loop), reactor, on_ready=selector.pace)
    # What is there by now stays, and need not be looked through each time.
    gc.freeze()
    gc.enable()
    gc.set_threshold(*GARBAGE_AFTER)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, controller.stop)
    return _run(loop, reactor, controller)


def _run(loop: asyncio.AbstractEventLoop, reactor: Any, controller: Controller) -> int:
    failures: list[BaseException] = []

    async def main() -> None:
        try:
            await controller.run()
        except Exception as error:
            logger.exception("controller.failed")
            failures.append(error)
        finally:
            reactor.callLater(0, reactor.stop)

    main_task = loop.create_task(main())
    reactor.run(installSignalHandlers=False)
    if not main_task.done():
        main_task.cancel()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(serve(Path(sys.argv[1])))
