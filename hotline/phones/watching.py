"""Looks at the agents' legs again and again, and journals what the watchdog finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from hotline import events
from hotline.calls.core import CallCore
from hotline.calls.model import Stage
from hotline.clock import Clock
from hotline.phones.limits import Light, Line
from hotline.phones.watchdog import Finding, Talk, Watchdog, Watched
from hotline.storage.journal import Journal, JournalUnavailable
from hotline.telephony.ami import AmiLost, AmiRefused
from hotline.telephony.pbx import Pbx
from hotline.telephony.rtp import FUNCTION, RtpStatistics, read_statistics

EVERY_S = 2.0
# Of a shorter talk the statistics say little.
FEWEST_PACKETS = 250

_log = structlog.get_logger(__name__)


def talks_of(core: CallCore) -> Sequence[Watched]:
    """The talks in which an agent is on the line now."""
    return [
        Watched(
            Talk(call.call_id, call.agent_id, call.agent_channel),
            both=call.on_hold_since is None and not (call.handover and call.handover.joined),
        )
        for call in core.calls.values()
        if call.stage is Stage.TALKING and call.agent_channel and call.held_until is None
    ]


def line_of(seen: RtpStatistics) -> Line:
    """How a leg was, as the PBX's statistics of it say."""
    expected = seen.received + max(0, seen.lost)
    shares = [max(0, seen.lost) / expected] if expected else []
    if seen.lost_there is not None and seen.sent:
        shares.append(max(0, seen.lost_there) / seen.sent)
    return Line(
        max(shares, default=None),
        seen.jitter_s * 1000 if seen.received else None,
        None if seen.round_trip_s is None else seen.round_trip_s * 1000,
    )


@dataclass(slots=True)
class LineWatch:
    """Watches every talk's line while the PBX can be asked."""

    talks: Callable[[], Sequence[Watched]]
    pbx: Pbx
    pbx_up: Callable[[], bool]
    journal: Journal
    clock: Clock

    async def run(self) -> None:
        """Look every two seconds, until cancelled."""
        dog = Watchdog()
        last: dict[Talk, RtpStatistics] = {}
        while True:
            if self.pbx_up():
                await self._look(dog, last)
            await self.clock.sleep(EVERY_S)

    async def _look(self, dog: Watchdog, last: dict[Talk, RtpStatistics]) -> None:
        watched = self.talks()
        talks = [one.talk for one in watched]
        over = [talk for talk in last if talk not in talks]
        happened = [_told(finding, ended=True) for finding in dog.keep(talks)]
        happened += [event for talk in over if (event := _measured(talk, last.pop(talk)))]
        for talk, both in ((one.talk, one.both) for one in watched):
            seen = await self._statistics(talk)
            if seen is None:
                continue
            last[talk] = seen
            finding = dog.see(talk, seen.received, seen.sent, self.clock.now(), both)
            if finding is not None:
                happened.append(_told(finding))
        if happened:
            try:
                await self.journal.append(*happened)
            except JournalUnavailable as error:
                _log.warning("line.not_journalled", why=str(error), events=len(happened))

    async def _statistics(self, talk: Talk) -> RtpStatistics | None:
        try:
            return read_statistics(await self.pbx.get_variable(talk.channel, FUNCTION))
        except (AmiLost, AmiRefused) as error:
            # The next look tells; a leg that is gone leaves the talks by itself.
            _log.debug("line.not_seen", channel=talk.channel, why=str(error))
            return None


def _told(finding: Finding, ended: bool = False) -> events.Event:
    talk = finding.talk
    if finding.silent is None:
        return events.AudioRestored(talk.call_id, talk.agent_id, ended)
    return events.OneWayAudio(talk.call_id, talk.agent_id, finding.silent, finding.since)


def _measured(talk: Talk, seen: RtpStatistics) -> events.LineMeasured | None:
    line = line_of(seen)
    if line.light in (None, Light.GOOD) or seen.received + seen.sent < FEWEST_PACKETS:
        return None
    return events.LineMeasured(
        talk.call_id,
        talk.agent_id,
        str(line.light),
        line.loss,
        line.jitter_ms,
        line.round_trip_ms,
    )
