"""Listening to every leg of a call: what its phones hear, and how far they have come, when."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hotline.demo.phone import BaresipPhone, recorded_samples, recording_of
from tests import who_heard
from tests.system import HotlineSystem
from tests.who_heard import Leg, Pair

log = logging.getLogger(__name__)

LOOKS_EVERY_S = 0.04
# What has just been said is still on its way to the ears.
ON_ITS_WAY_S = 0.6


@dataclass(slots=True)
class Listening:
    """Follows phones, each by the name of its leg; ``since`` is when it began, Unix seconds."""

    phones: dict[str, tuple[BaresipPhone, float]]
    since: float
    _marks: dict[tuple[str, Path], list[tuple[float, int]]] = field(default_factory=dict)

    def also(self, name: str, phone: BaresipPhone, hertz: float) -> None:
        """Follow one more."""
        self.phones[name] = (phone, hertz)

    def look(self) -> None:
        """Note how much each phone has heard by now."""
        for name, (phone, _) in self.phones.items():
            for path in phone.recordings():
                marks = self._marks.setdefault((name, path), [])
                count = recorded_samples(path)
                if count and (not marks or marks[-1][1] != count):
                    marks.append((time.time(), count))

    def legs(self) -> list[Leg]:
        """What all of them have heard."""
        self.look()
        return [
            Leg(name, self.phones[name][1], recording_of(path)[: marks[-1][1]], marks)
            for (name, path), marks in self._marks.items()
            if marks
        ]


@dataclass(frozen=True, slots=True)
class Agreed:
    """How a call's journal and its legs' recordings compare."""

    pairs: tuple[Pair, ...]
    largest_s: float

    def __str__(self) -> str:
        pairs = ", ".join(" and ".join(sorted(pair)) for pair in self.pairs)
        return f"{pairs}: at most {self.largest_s:.2f} s"


@asynccontextmanager
async def listening(**phones: tuple[BaresipPhone, float]) -> AsyncIterator[Listening]:
    """Follow these phones, each with its tone, from now on."""
    them = Listening(dict(phones), time.time())

    async def follow() -> None:
        while True:
            them.look()
            await asyncio.sleep(LOOKS_EVERY_S)

    following = asyncio.create_task(follow())
    try:
        yield them
    finally:
        following.cancel()


async def timeline_compared(
    system: HotlineSystem, them: Listening, call_id: str, names: Mapping[str, str]
) -> Agreed:
    """Hold the journal's timeline of a call, up to now, against what was said to whom.

    Raises AssertionError when the two disagree for longer than the tolerance, or when a leg that
    should have heard somebody, or music, heard nothing.
    """
    until = time.time()
    await asyncio.sleep(ON_ITS_WAY_S)
    legs, entries = them.legs(), system.journal(call_id=call_id)
    by_journal = who_heard.told(entries, names, until)
    worst, pairs = who_heard.compared(who_heard.heard(legs), by_journal, them.since, until)
    story = "\n".join(f"{e.at:.2f} {e.kind} {e.data}" for e in entries if e.at > them.since - 5)
    largest = worst.span.seconds if worst else 0.0
    assert largest <= who_heard.TOLERANCE_S, f"{worst}; the journal:\n{story}"
    quiet = who_heard.unexplained(who_heard.silences(legs), by_journal, them.since, until)
    assert not quiet, f"heard nothing: {quiet}; the journal:\n{story}"
    agreed = Agreed(tuple(pairs), largest)
    log.info("%s: %s", call_id, agreed)
    return agreed
