"""The IVR's parts, put together: the flows in force, their voice, their facts, their callers."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from hotline.calendar.service import CalendarService
from hotline.callers.facts import CallerFacts
from hotline.callers.familiar import Familiar
from hotline.callers.priority import Priority, priority_of
from hotline.calls import model
from hotline.calls.service import CallService
from hotline.clock import Clock
from hotline.config import Config
from hotline.handover.connecting import Connecting
from hotline.ivr import acts
from hotline.ivr.configured import configured_ground
from hotline.ivr.facts import Caller, FactBook, Source
from hotline.ivr.flow import FlowRules, InboundFlow
from hotline.ivr.foretelling import foretell, words_of
from hotline.ivr.library import FlowLibrary, shipped_flows
from hotline.ivr.prompts import Wording, voice_of
from hotline.ivr.report_desk import ReportDesk
from hotline.ivr.settling import Settling
from hotline.ivr.spoken import Speaker
from hotline.ivr.surroundings import Settings, Surroundings, Waits
from hotline.ivr.walk import Walk
from hotline.speech.listening import Listener
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storm.service import StormDesk
from hotline.telephony.pbx import Pbx

log = structlog.get_logger(__name__)


class Ivr:
    """What callers hear and are asked. ``open`` it before the first call."""

    def __init__(
        self,
        *,
        config: Config,
        clock: Clock,
        database: Database,
        journal: Journal,
        calls: CallService,
        pbx: Pbx,
        calendar: CalendarService,
        storm: StormDesk,
        facts: CallerFacts,
        settling: Settling,
        connecting: Connecting,
        reports: ReportDesk,
        listener: Listener,
        waits: Waits,
    ) -> None:
        self._config = config
        self._calendar = calendar
        self._storm = storm
        self._listener = listener
        self._facts = facts
        self._clock = clock
        self._calls = calls
        self.library = FlowLibrary(
            database,
            journal,
            shipped_flows(),
            lambda: configured_ground(config, clock, calls.core.routing.plan.by_queue),
        )
        self.speaker = Speaker(config.hotline.data_dir / "prompts", voice_of(config), clock)
        around = Surroundings(
            calls=calls,
            pbx=pbx,
            clock=clock,
            voice=self.speaker,
            settle=settling,
            rank=self._rank,
            familiar=self._familiar,
            connecting=connecting,
            reports=reports,
            listener=listener,
            waits=waits,
            settings=Settings(
                queue=config.queue.name,
                lease_s=config.pbx.lease_seconds,
                report_max_s=config.report.max_seconds,
                report_silence_s=config.report.silence_seconds,
                recordings=config.recording.dir,
            ),
        )
        self.callers = InboundFlow(
            around,
            FlowRules(
                node=config.pbx.node,
                zone=config.zone,
                language=config.hotline.language,
                snapshot=self.library.snapshot,
                entry=self.library.entry,
                sources=self._sources(),
            ),
        )

    async def open(self) -> None:
        """Read the flows in force. Raises as :meth:`FlowLibrary.open` does."""
        await self.library.open()

    def hears(self, at: float) -> list[str]:
        """What a caller who presses nothing would hear at ``at`` by the flows in force now."""
        config = self._config
        language, number = config.hotline.language, config.hotline.number
        facts = FactBook(Caller("", number, ""), config.zone, self._sources())
        walk = Walk(self.library.snapshot(), self.library.entry(number), facts, language)
        return foretell(walk, at, words_of(Wording.of(config), language))

    def see(self, given: model.Input) -> None:
        """What the PBX tells of, as far as it concerns callers' guides."""
        match given:
            case model.KeySeen(call_id=call_id, key=key):
                self.callers.key(call_id, key)
            case model.CallerGone(call_id=call_id):
                self.callers.gone(call_id)

    # --- facts --------------------------------------------------------------------------

    def _sources(self) -> Mapping[str, Source]:
        return {
            "queue": self._queue_fact,
            "calendar": self._calendar_fact,
            "announcement": self._calendar_fact,
            "announcement_en": self._calendar_fact,
            "storm": lambda name, now, _: self._storm.facts(now).get(name),
            "hotline": self._hotline_fact,
            "speech": self._speech_fact,
            "caller": self._caller_fact,
        }

    def _calendar_fact(self, name: str, now: float, caller: Caller) -> object:
        return self._calendar.facts(now).get(name)

    def _caller_fact(self, name: str, now: float, caller: Caller) -> object:
        return self._facts(caller.calling, now).get(name)

    def _speech_fact(self, name: str, now: float, caller: Caller) -> object:
        return self._listener.on if name == "speech.menus" else None

    def _hotline_fact(self, name: str, now: float, caller: Caller) -> object:
        return self._config.queue.report_key or None if name == "hotline.report_key" else None

    def _queue_fact(self, name: str, now: float, caller: Caller) -> object:
        queue, _, fact = name.removeprefix("queue.").rpartition(".")
        core = self._calls.core
        if queue not in core.routing.plan.by_queue:
            return None
        match fact:
            case "open":
                known = queue in self._calendar.queues
                return self._calendar.is_open(queue, now) if known else None
            case "staffed":
                there = (agent for agent in core.engine.agents() if queue in agent.queues)
                return any(agent.state not in ("offline", "paused") for agent in there)
            case "waiting":
                return sum(call.queue == queue for call in core.engine.waiting())
        return None

    async def _rank(
        self, caller: Caller, matter: acts.ToQueue, kept: Mapping[str, str]
    ) -> Priority:
        known = self._facts(caller.calling, self._clock.now())
        return priority_of({**kept, **known}, matter.priority, matter.reason)

    def _familiar(self, caller: Caller) -> tuple[Familiar, ...]:
        return self._facts.familiar(caller.calling, self._clock.now())
