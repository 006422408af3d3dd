"""The living calls: the core that decides, the loop around it, and what a restart remembers."""

from __future__ import annotations

from functools import partial

from hotline import __version__, events
from hotline.acd.engine import Engine
from hotline.app.ground import Ground
from hotline.app.telephony import TelephonyParts
from hotline.callback.placing import DialSettings
from hotline.calls import keeping
from hotline.calls.core import CallCore, CallRules
from hotline.calls.remembering import remember
from hotline.calls.service import CallService
from hotline.config import Config
from hotline.cti.restoring import remember_states
from hotline.handover.placing import Thirds
from hotline.handover.targets import Targets
from hotline.ivr.prompts import voice_of
from hotline.ivr.spoken import Speaker
from hotline.replay.digest import engine_digest
from hotline.replay.storing import EngineLog
from hotline.routing.rules import Routing, plan_of
from hotline.waiting.ringing import PlaceRinger

# What callers do within this time shares a write to the disk.
PACE_S = 0.025


class CallParts:
    """The calls, and those whom callers can be handed over to."""

    def __init__(self, ground: Ground, telephony: TelephonyParts) -> None:
        config = ground.config
        self._ground = ground
        self.speaker = Speaker(config.hotline.data_dir / "prompts", voice_of(config), ground.clock)
        self.targets = Targets.of(config)
        self.thirds = Thirds(
            telephony.pbx,
            self.targets,
            self.speaker,
            language=config.hotline.language,
            caller_id=config.hotline.number,
            recordings=config.recording.dir,
        )
        first = Routing(plan_of(config), config.queue.name)
        self.core = CallCore(_rules(config), Engine(first.rules()))
        self.engine_log = EngineLog(
            version=__version__, engine=engine_digest(), keep_days=config.replay.keep_days
        )
        self.calls = CallService(
            core=self.core,
            journal=ground.journal,
            pbx=telephony.pbx,
            thirds=self.thirds,
            places=PlaceRinger.of(config, telephony.pbx),
            clock=ground.clock,
            recordings=config.recording.dir,
            min_report_s=config.report.min_seconds,
            pace_s=PACE_S,
            engine_log=self.engine_log,
        )

    async def remember_states(self, now: float) -> float | None:
        """Take in the agents' states; when the last controller told of itself, None when never."""
        await self._mark_blind()
        return await remember_states(self.core, self._ground.journal, now)

    async def begin(self, now: float, last_at: float | None) -> None:
        """Take in the calls that lived, and journal the start."""
        journal = self._ground.journal
        restored = await remember(self.core, journal, self._ground.lookups, now)
        started = events.ControllerStarted(__version__, last_at)
        noting = partial(
            self.engine_log.begin,
            now=now,
            rules=self.core.engine.rules,
            entries=self.core.tape.take(),
        )
        await journal.append(started, *restored.events, at=now, also=noting)

    async def _mark_blind(self) -> None:
        """What happened since the last record of a controller that was killed is unknown."""
        journal = self._ground.journal
        last = await journal.read(max(0, journal.last_seq - 1), 1)
        if last and self._may_rest(last[0].event):
            self.core.rested_since = last[0].at
        elif last:
            self.core.blind_since = last[0].at

    def _may_rest(self, last: events.Event) -> bool:
        """Whether the PBX may have gone down with the last controller, in order: then nobody could
        ring. What is seen of it tells."""
        orderly = isinstance(last, events.ControllerStopped)
        return orderly and self._ground.config.pbx.mode == "managed"


def _rules(config: Config) -> CallRules:
    return CallRules(
        config.pbx.node,
        config.queue.name,
        config.queue.ring_seconds,
        config.queue.report_key,
        config.zone,
        config.queue.away_seconds,
        keeps=_keeps_places(config),
        park_places=config.handover.park_places,
        park_s=config.handover.park_seconds,
    )


def _keeps_places(config: Config) -> bool:
    # The keys that the callers are told: 1 keeps a place, 0 stays.
    free = config.queue.report_key not in (keeping.KEEP_KEY, "0")
    return config.queue.keep_places and DialSettings.of(config).has_trunk and free
