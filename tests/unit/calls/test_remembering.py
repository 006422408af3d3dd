"""A controller that takes over from the journal shares calls as the one before would have."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import groupby
from typing import get_args

import pytest

from hotline import events
from hotline.acd import model as acd
from hotline.acd.engine import Engine
from hotline.calls import model
from hotline.calls.core import CallCore, CallRules
from hotline.calls.counting import Waited, counted
from hotline.calls.model import Outcome, Stage
from hotline.calls.remembering import remember
from hotline.routing.model import Agent, Overflow, Queue, RoutingPlan
from hotline.routing.rules import Routing
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.lookups import Lookups
from hotline.telephony.snapshot import PbxSnapshot
from tests.databases import CITY, MORNING

AGENTS = ("agent1", "agent2", "agent3", "agent4")
PHONES = {agent_id: f"100{number}" for number, agent_id in enumerate(AGENTS)}


def routing(strategy: acd.Strategy) -> Routing:
    """Two queues; who waits too long in the first goes to the second, or leaves a report."""
    first = Queue(
        name="hotline",
        title={"zh": "热线"},
        strategy=strategy,
        wrap_up_s=10,
        overflow_s=60,
        target_window_s=900,
        overflow=(Overflow(when="wait", value=40, to="queue:other"),),
    )
    other = first.model_copy(update={"name": "other", "overflow": ()})
    serve = {"hotline": 1, "other": 1}
    agents = tuple(Agent(agent_id=name, queues=serve) for name in AGENTS)
    return Routing(RoutingPlan(queues=(first, other), agents=agents), "hotline")


class House:
    """A core, and chance at its door; ``unwritten`` is what the journal has yet to be told."""

    def __init__(self, by: Routing, seed: int) -> None:
        self.core = begun(by)
        self.dice = random.Random(seed)
        self.now = MORNING
        self.unwritten: list[tuple[float, events.Event]] = []
        self.calls = 0
        for agent_id in AGENTS:
            self.take(model.AgentAsks(agent_id, "ready"))
            self.now += 1.0

    def take(self, given: model.Input) -> Outcome:
        """One input, and what is to be journalled of it."""
        out = self.core.handle(given, self.now)
        self.unwritten += [(self.now, event) for event in out.events]
        return out

    def step(self) -> None:
        """Something happens, after a while."""
        end = self.now + self.dice.choice((0.5, 2.0, 9.0))
        while (due := self.core.next_deadline()) is not None and due <= end:
            self.now = due
            self.take(model.TimePassed())
        self.now = end
        what = (self.ring_in, self.an_offer_ends, self.a_talk_ends, self.an_agent_acts)
        self.dice.choices(what, (3, 5, 4, 4))[0]()
        if self.dice.random() < 0.1:
            self.somebody_leaves()

    def ring_in(self) -> str:
        """A new caller is led to a queue."""
        self.calls += 1
        call_id = f"pbx1-1.{self.calls}"
        number = f"139{self.calls:08}"
        self.take(model.CallReached(call_id, f"PJSIP/citizens-{call_id}", "12319", number, ""))
        self.take(model.MayWait(call_id, self.dice.choice(("hotline", "hotline", "other"))))
        return call_id

    def an_offer_ends(self) -> None:
        """By an answer mostly."""
        for call in self.of(Stage.OFFERED)[:1]:
            status = self.dice.choice(("ANSWER", "ANSWER", "ANSWER", "BUSY", "NOANSWER"))
            if status == "ANSWER":
                self.answer(call)
            else:
                self.take(model.DialReturned(call.call_id, call.offer_id, status))

    def answer(self, call: model.Call) -> None:
        """The agent whom the call is offered to picks up."""
        channel = f"PJSIP/{PHONES[call.agent_id]}-00000001"
        self.take(model.DialAnswered(call.call_id, channel))

    def a_talk_ends(self) -> None:
        """And the caller hangs up."""
        for call in self.of(Stage.TALKING)[:1]:
            self.take(model.CallerGone(call.call_id, "16"))

    def somebody_leaves(self) -> None:
        """Who waits hangs up, or speaks a report."""
        for call in self.of(Stage.WAITING)[-1:]:
            if self.dice.random() < 0.5:
                self.take(model.KeySeen(call.call_id, "2"))
                self.take(model.WantsReport(call.call_id, "asked"))
            else:
                self.take(model.CallerGone(call.call_id, "16"))

    def an_agent_acts(self) -> None:
        """Ends a wrap-up, pauses, or is ready again."""
        agent_id = self.dice.choice(AGENTS)
        state = self.dice.choice((*["ready"] * 8, "paused", "offline"))
        self.take(model.AgentEndsWrapUp(agent_id))
        self.take(model.AgentAsks(agent_id, state, "rest" if state == "paused" else ""))

    def of(self, stage: Stage) -> list[model.Call]:
        """The calls that are there now, the oldest first."""
        return [call for call in self.core.calls.values() if call.stage is stage]

    async def write(self, journal: Journal) -> None:
        """Tell the journal."""
        for at, told in groupby(self.unwritten, key=lambda row: row[0]):
            await journal.append(*(event for _, event in told), at=at)
        self.unwritten.clear()


def begun(by: Routing) -> CallCore:
    """A core that knows the people and the plan, and sees their phones."""
    made = CallCore(CallRules("pbx1", "hotline", 20.0, "2", CITY), Engine(by.rules()))
    made.routing = by
    for agent_id, extension in PHONES.items():
        made.handle(model.AgentKnown(agent_id, agent_id, extension), MORNING)
    seen = PbxSnapshot((), frozenset(PHONES.values()), MORNING)
    made.handle(model.PbxSeen(seen), MORNING)
    return made


def choices(house: House) -> list[tuple[str, str]]:
    """Everybody says ready; who is offered the next callers, one after the other."""
    offered: list[tuple[str, str]] = []
    for agent_id in AGENTS:
        house.take(model.AgentEndsWrapUp(agent_id))
        house.take(model.AgentAsks(agent_id, "ready"))
    house.unwritten.clear()
    house.now += 100.0
    house.take(model.TimePassed())
    for _ in range(10):
        house.ring_in()
        house.now += 3.0
        for call in house.of(Stage.OFFERED):
            offered.append((call.call_id, call.agent_id))
            house.answer(call)
            house.now += 30.0
            house.take(model.CallerGone(call.call_id, "16"))
            house.take(model.AgentEndsWrapUp(call.agent_id))
    return offered


@pytest.mark.parametrize("strategy", get_args(acd.Strategy))
async def test_choices_and_service_levels_after_a_restart_are_those_without_one(
    journal: Journal, database: Database, strategy: acd.Strategy
) -> None:
    by = routing(strategy)
    house = House(by, seed=len(strategy))
    for _ in range(250):
        house.step()
    for call in [*house.of(Stage.OFFERED), *house.of(Stage.WAITING)]:
        house.take(model.CallerGone(call.call_id, "16"))
    talking = [call.call_id for call in house.of(Stage.TALKING)]
    await house.write(journal)

    core = begun(by)
    out = await remember(core, journal, Lookups(database), house.now)
    assert [call_id for call_id, call in core.calls.items() if call.stage is Stage.TALKING] == (
        talking
    )
    for queue in ("hotline", "other"):
        level = house.core.engine.service_level(queue)
        assert core.engine.service_level(queue) == level
        assert level.counted > level.within > 0
    assert not [line for line in out.ignored if "RestoreLevel" in line]
    after = House(by, 0)
    after.core, after.now, after.calls = core, house.now, house.calls
    house.dice = random.Random(7)
    after.dice = random.Random(7)
    assert choices(after) == choices(house) != []


# --- who was counted ---------------------------------------------------------------------------

RULES = {"hotline": acd.QueueRules(target_s=15), "other": acd.QueueRules(target_s=100)}
NOW = 10_000.0


def levels(*waits: Waited) -> dict[str, tuple[int, int]]:
    """Callers in time and counted, by queue."""
    restored, _ = counted(waits, RULES, NOW)
    engine = Engine(RULES)
    engine.adopt(restored, NOW)
    found = {queue: engine.service_level(queue) for queue in RULES}
    return {queue: (level.within, level.counted) for queue, level in found.items() if level.counted}


WAITS = Waited("c1", "hotline", 9_900.0, 9_890.0)


@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        (replace(WAITS, answered_at=9_915.0), {"hotline": (1, 1)}),
        (replace(WAITS, answered_at=9_915.5), {"hotline": (0, 1)}),
        (replace(WAITS, left_at=9_914.0), {}),
        (replace(WAITS, left_at=9_915.0), {"hotline": (0, 1)}),
        (WAITS, {"hotline": (0, 1)}),
        (replace(WAITS, since=9_990.0), {}),
        (replace(WAITS, since=1_000.0, answered_at=1_001.0), {}),
        (replace(WAITS, queue="other", moves=((9_920.0, "hotline"),)), {"hotline": (0, 1)}),
        (
            replace(WAITS, queue="other", moves=((9_910.0, "hotline"),), answered_at=9_930.0),
            {"other": (1, 1)},
        ),
        (replace(WAITS, queue="closed"), {}),
    ],
)
def test_a_caller_counts_once_where_they_were_when_answered_or_late(
    wait: Waited, expected: dict[str, tuple[int, int]]
) -> None:
    assert levels(wait) == expected


def test_only_who_was_counted_is_said_to_be() -> None:
    early = Waited("c2", "hotline", NOW - 5, NOW - 5)
    assert counted((WAITS, early), RULES, NOW)[1] == {"c1"}
