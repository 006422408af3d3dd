"""Rules and calls as tests need them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hotline import events
from hotline.callers.model import Because, Effect, Rule, State
from hotline.callers.service import CallerDesk
from hotline.registry.model import Person
from hotline.storage.journal import Journal
from tests.databases import HandClock

NUMBER = "13800138000"
AGENT = Person("agent1", "agent")
CHIEF, OTHER_CHIEF = Person("supervisor", "supervisor"), Person("deputy", "supervisor")
SILENT = 5

_MADE = Rule(
    rule_id=1,
    number=NUMBER,
    because=Because.SILENT,
    effect=Effect.REPORT,
    why="五次无声",
    evidence=("c1",),
    state=State.ACTIVE,
    proposed_at=0.0,
    made_by="supervisor",
    made_at=0.0,
    expires_at=None,
    ended_by=None,
    ended_at=None,
    ended_why="",
)


@dataclass
class Weather:
    """Whether a storm is on."""

    storm: bool = False

    def storm_on(self, now: float) -> bool:
        return self.storm


def rule(*, expires_at: float) -> Rule:
    """An active rule that ends at ``expires_at``."""
    return replace(_MADE, expires_at=expires_at)


async def call(
    journal: Journal, clock: HandClock, call_id: str, calling: str = NUMBER, seconds: float = 30.0
) -> None:
    """A call that came and went."""
    await journal.append(events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", calling))
    clock.advance(seconds)
    await journal.append(events.CallEnded(call_id, "citizen"))


async def silent_calls(
    journal: Journal, clock: HandClock, calling: str = NUMBER, count: int = SILENT, start: int = 1
) -> list[str]:
    """So many silent calls, a minute apart."""
    ids = [f"pbx1-{start + index}" for index in range(count)]
    for call_id in ids:
        await call(journal, clock, call_id, calling)
        await journal.append(events.SilentCall(call_id, 30.0, "report"))
        clock.advance(30)
    return ids


async def proposed(journal: Journal, clock: HandClock, desk: CallerDesk) -> Rule:
    """A proposal for :data:`NUMBER`."""
    ids = await silent_calls(journal, clock)
    found = await desk.consider(ids[-1])
    assert found is not None
    return found


async def in_force(
    journal: Journal, clock: HandClock, desk: CallerDesk, effect: Effect = Effect.REPORT
) -> Rule:
    """A rule for :data:`NUMBER`, for a week."""
    found = await proposed(journal, clock, desk)
    return await desk.confirm(found.rule_id, effect, 7, "五次无声来电", CHIEF)
