"""An engine that takes over chooses as the one before it would have."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.acd.engine import Engine
from hotline.acd.model import (
    AgentBecame,
    AgentMemory,
    AgentPauses,
    CallWaits,
    Command,
    Counted,
    Ignored,
    Input,
    MakeOffer,
    OverflowRule,
    QueueRules,
    RestoreAgent,
    RestoreLevel,
    Strategy,
    TalkEnded,
    Tick,
    WrapUpEnds,
)
from tests.acd.chance import ENDINGS, WAITS, Action
from tests.acd.floor import Floor, Q
from tests.acd.world import World

ACTIONS: tuple[Action, ...] = (
    lambda w, d: w.sign_on(d.randrange(5), d.randrange(12)),
    *[lambda w, d: w.agent_does(d.randrange(5), 0)] * 4,
    lambda w, d: w.agent_does(d.randrange(5), d.randrange(8)),
    *[lambda w, d: w.call_waits(d.randrange(2), d.randint(-1, 11), d.choice(WAITS), 0)] * 4,
    lambda w, d: w.call_waits(d.randrange(2), 0, 1.0, d.choice((2, 3, 4))),
    lambda w, d: w.call_gone(d.randrange(12)),
    *[lambda w, d: w.open_offer_ends(d.randrange(12), d.choice(ENDINGS))] * 4,
    *[lambda w, d: w.talk_ended(d.randrange(12))] * 3,
    *[lambda w, d: w.pass_time(d.choice(WAITS))] * 3,
)


class Twins(World):
    """A world in which the engine from before the restart goes on beside the new one."""

    def __init__(self, strategy: Strategy) -> None:
        rules = QueueRules(
            strategy=strategy,
            overflow=(OverflowRule("target", 45, "target:12345"),),
            target_share=0.4,
            target_window_s=300,
            overflow_s=600,
        )
        super().__init__({"hotline": rules, "urgent": rules})
        self.unscathed: Engine | None = None
        self.compared = 0

    def put(self, *events: Input) -> list[Command]:
        """Both are given the same, and say the same."""
        commands = super().put(*events)
        if self.unscathed:
            other = self.unscathed.adopt(events, self.now)
            assert told(commands) == told(other), f"at {self.now} on {events}"
            assert self.engine.next_deadline() == self.unscathed.next_deadline()
            self.compared += sum(isinstance(command, MakeOffer) for command in commands)
        return commands

    def part(self) -> None:
        """The process dies while nobody's phone rings."""
        while self.oracle.open:
            self.open_offer_ends(0, "answered")
        old = self.engine
        self.restart(ringing_survives=True)
        self.unscathed = old
        old.handle(Tick(), self.now)


def told(commands: list[Command]) -> list[Command]:
    """What leaves a trace, without what was merely ignored. Of turns only the order means
    something: the last one may have been that of somebody who has gone home."""
    return [
        replace(command, memory=command.memory._replace(turn=0))
        if isinstance(command, AgentBecame) and command.memory
        else command
        for command in commands
        if not isinstance(command, Ignored)
    ]


@pytest.mark.parametrize("strategy", get_args(Strategy))
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), before=st.integers(20, 150))
def test_choices_after_a_restart_are_those_without_one(
    strategy: Strategy, seed: int, before: int
) -> None:
    world, dice = Twins(strategy), random.Random(seed)
    for number in range(before + 60):
        if number == before:
            world.part()
        dice.choice(ACTIONS)(world, dice)
    assert not world.oracle.broken


def test_an_agent_keeps_idle_time_shift_and_turn(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.call("c1")
    floor.answer("c1")
    floor.now += 100
    floor.tell(TalkEnded("c1"), WrapUpEnds("zhang"))
    floor.now += 7
    floor.tell(AgentPauses("zhang", "meal"))
    kept = floor.heard(AgentBecame)[-1].memory
    assert kept == AgentMemory(signed_on=0.0, idled=7.0, busied=100.0, turn=3)


def test_who_was_asked_longest_ago_is_asked_first_after_a_restart() -> None:
    after = Floor({Q: QueueRules(strategy="round_robin")})
    after.now = 1_000.0
    after.tell(
        RestoreAgent("li", (Q,), "ready", 900.0, memory=AgentMemory(0.0, 0.0, 0.0, 8)),
        RestoreAgent("zhang", (Q,), "ready", 950.0, memory=AgentMemory(0.0, 0.0, 0.0, 7)),
        RestoreAgent("wang", (Q,), "ready", 950.0),
    )
    for call_id, agent_id in (("c1", "zhang"), ("c2", "li"), ("c3", "wang")):
        after.call(call_id)
        assert after.offered() == {call_id: agent_id}


def test_a_refusal_counts_from_when_it_was(floor: Floor) -> None:
    floor.now = 100.0
    floor.tell(RestoreAgent("zhang", (Q,), "ready", 0.0))
    call = CallWaits("c1", Q, 0, 50.0, ("zhang",), 1, admitted=True, refused_at=(85.0,))
    floor.tell(call)
    assert floor.engine.next_deadline() == 105.0


def test_a_breached_target_is_still_breached(floor: Floor) -> None:
    floor.now = 10_000.0
    floor.tell(RestoreLevel(Q, (Counted(9_900.0, 1, 4), Counted(9_960.0, 1, 1))))
    level = floor.engine.service_level(Q)
    assert (level.within, level.counted, level.breached) == (2, 5, True)
    floor.tell(RestoreLevel(Q, (Counted(9_900.0, 1, 1),)))
    assert floor.heard(Ignored)
    floor.after(1_760 + 1)
    assert floor.engine.service_level(Q).counted == 1


def test_a_caller_whom_the_service_level_has_is_not_counted_again(floor: Floor) -> None:
    floor.now = 100.0
    floor.tell(CallWaits("c1", Q, 0, 10.0, admitted=True, counted=True))
    floor.tell(CallWaits("c2", Q, 0, 10.0, admitted=True))
    assert floor.engine.service_level(Q).counted == 1
