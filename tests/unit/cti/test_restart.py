"""The controller ends and another one begins: agents stand as they stood."""

from __future__ import annotations

import pytest

from hotline import events
from hotline.acd.engine import Engine
from hotline.acd.model import QueueRules
from hotline.calls import model
from hotline.calls.core import CallCore, CallRules
from hotline.calls.pauses import Used
from hotline.calls.restoring import living_call, restored_agent
from hotline.clock import midnight
from hotline.cti.restoring import remember_states
from hotline.storage.journal import Journal
from hotline.storage.lookups import Lookups
from hotline.telephony.snapshot import PbxSnapshot
from tests.databases import CITY, MORNING, HandClock

AGENTS = ("agent1", "agent2", "agent3")
QUIET = PbxSnapshot((), frozenset({"1001", "1002", "1003"}), MORNING)


class Controller:
    """A core whose events go to the journal at once."""

    def __init__(self, journal: Journal, clock: HandClock) -> None:
        rules = CallRules("pbx1", "hotline", 20.0, "2", CITY, 120.0)
        self.core = CallCore(rules, Engine({"hotline": QueueRules(wrap_up_extra_s=120.0)}))
        self.journal, self.clock = journal, clock
        for number, agent_id in enumerate(AGENTS, 1001):
            self.core.handle(model.AgentKnown(agent_id, agent_id, str(number)), clock.now())

    async def start(self) -> None:
        """As :mod:`hotline.app` does it."""
        now, lookups = self.clock.now(), Lookups(self.journal.database)
        last_at = await remember_states(self.core, self.journal, now)
        living = [living_call(row, None, None, ()) for row in await lookups.living_calls()]
        agents = [
            restored_agent(row, self.core.routing.served_by(row.agent_id))
            for row in await lookups.presence()
            if row.state != "offline"
        ]
        restored = self.core.load(living, agents, now)
        await self.journal.append(events.ControllerStarted("1", last_at), *restored.events)

    async def tell(self, *given: model.Input) -> None:
        for one in given:
            outcome = self.core.handle(one, self.clock.now())
            await self.journal.append(*outcome.events)

    def used(self, agent_id: str) -> dict[str, Used]:
        return self.core.pauses.today(agent_id, midnight(self.clock.now(), CITY))


@pytest.fixture
async def before(journal: Journal, clock: HandClock) -> Controller:
    """agent1 rested for 5 min and eats since 2 min; agent2 extended a wrap-up that a meeting
    follows; a supervisor paused agent3."""
    made = Controller(journal, clock)
    await made.start()
    await made.tell(model.PbxSeen(QUIET), model.AgentAsks("agent1", "paused", "rest"))
    clock.advance(300)
    await made.tell(model.AgentAsks("agent1", "paused", "meal"), model.AgentAsks("agent2", "ready"))
    reached = model.CallReached("pbx1-1.1", "PJSIP/citizens-1", "12319", "13800138000", "")
    await made.tell(reached, model.MayWait("pbx1-1.1", "hotline"))
    await made.tell(model.DialAnswered("pbx1-1.1", "PJSIP/1002-1"))
    clock.advance(110)
    await made.tell(
        model.DialReturned("pbx1-1.1", "pbx1-1.1/1", "ANSWER"),
        model.CallerGone("pbx1-1.1", "Normal Clearing"),
        model.AgentExtendsWrapUp("agent2", 90.0),
        model.AgentAsks("agent2", "paused", "meeting"),
        model.AgentAsks("agent3", "ready"),
        model.SupervisorSets("agent3", "paused", "人手调整", "supervisor", "赵主任", "training"),
    )
    clock.advance(10)
    return made


async def restarted(before: Controller, gone_s: float) -> Controller:
    before.clock.advance(gone_s)
    made = Controller(before.journal, before.clock)
    await made.start()
    return made


async def test_every_agent_stands_as_before_a_restart(before: Controller) -> None:
    seen = before.core.engine.agents()
    after = await restarted(before, 2)
    assert [row.state for row in seen] == ["paused", "wrap_up", "paused"]
    for old, new in zip(seen, after.core.engine.agents(), strict=True):
        for name in ("state", "since", "reason", "until", "next_state", "next_reason"):
            assert getattr(new, name) == getattr(old, name), (old.agent_id, name)


async def test_the_extension_of_a_wrap_up_holds_and_has_its_limit_still(before: Controller) -> None:
    wrap_up = before.core.engine.agents()[1]
    assert wrap_up.until == wrap_up.since + 30 + 90
    after = await restarted(before, 2)
    await after.tell(model.AgentExtendsWrapUp("agent2", 60.0))
    assert after.core.engine.agents()[1].until == wrap_up.since + 30 + 120


async def test_the_allowance_goes_on_and_what_nobody_saw_is_unknown(before: Controller) -> None:
    after = await restarted(before, 50)
    used = after.used("agent1")
    assert used["rest"] == Used(300.0, 1, 0.0, None)
    began = MORNING + 300
    # 110 s after it began the last record was written; a controller was there for 10 s more.
    assert used["meal"] == Used(0.0, 1, 60.0, began + 60)
    after.clock.advance(30)
    await after.tell(model.AgentAsks("agent1", "ready"))
    assert after.used("agent1")["meal"] == Used(140.0, 1, 60.0, None)


async def test_an_absence_stays_unknown_after_another_restart(before: Controller) -> None:
    after = await restarted(await restarted(before, 50), 20)
    assert after.used("agent1")["meal"].unknown_s == 80.0


async def test_who_changed_a_state_and_why_is_still_known(before: Controller) -> None:
    after = await restarted(before, 2)
    at, forced = after.core.forced["agent3"]
    assert (at, forced.by, forced.why) == (MORNING + 410, "supervisor", "人手调整")


async def test_who_does_not_come_back_after_a_restart_is_away(before: Controller) -> None:
    await before.tell(model.AgentAsks("agent3", "ready"))
    after = await restarted(before, 2)
    await after.tell(model.PbxSeen(QUIET))
    back = after.clock.now()
    after.clock.advance(60)
    await after.tell(model.TimePassed())
    assert after.core.engine.agents()[2].state == "ready"
    assert (after.core.attendance.gone_since["agent3"], back) == (back, back)
    after.clock.advance(60)
    await after.tell(model.TimePassed())
    row = after.core.engine.agents()[2]
    assert (row.state, row.reason) == ("paused", "away")
