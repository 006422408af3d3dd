"""An agent who calls somebody is kept free of callers until that is over."""

from __future__ import annotations

import pytest

from hotline.acd.views import AgentRow
from hotline.calls import model
from hotline.calls.service import CallService
from hotline.cti.calling_out import CALLING_OUT, CallingOut
from hotline.cti.desk import NotNow
from tests.databases import HandClock
from tests.deadline import until
from tests.unit.calls.house import CALL, REACHED

REST_S = 30.0


@pytest.fixture
def calling(calls: CallService, clock: HandClock) -> CallingOut:
    return CallingOut(calls, clock, REST_S)


def row(calls: CallService) -> AgentRow:
    (only,) = calls.core.engine.agents()
    return only


async def caller_waits(calls: CallService) -> None:
    await calls.tell(REACHED)
    await calls.tell(model.MayWait(CALL, "hotline"))


async def test_no_caller_comes_meanwhile_and_the_agent_is_free_again_after_a_rest(
    calls: CallService, calling: CallingOut, clock: HandClock
) -> None:
    await calling.begin("agent1")
    await caller_waits(calls)
    assert (row(calls).state, row(calls).reason) == ("paused", CALLING_OUT)
    await calling.over("agent1")
    assert row(calls).until == clock.now() + REST_S
    clock.advance(REST_S + 0.1)
    # The caller has waited for them.
    await until(lambda: row(calls).state == "offered", what="the caller to be offered")


async def test_an_agent_with_a_caller_cannot_call_out(
    calls: CallService, calling: CallingOut
) -> None:
    await caller_waits(calls)
    with pytest.raises(NotNow, match=r"outbound\.busy"):
        await calling.begin("agent1")
    assert (row(calls).state, row(calls).next_state) == ("offered", "")


async def test_a_pause_of_ones_own_choice_goes_on(calls: CallService, calling: CallingOut) -> None:
    await calls.tell(model.AgentAsks("agent1", "paused", "meal"))
    before = row(calls)
    await calling.begin("agent1")
    await calling.over("agent1")
    assert row(calls) == before


async def test_who_chose_another_state_meanwhile_keeps_it(
    calls: CallService, calling: CallingOut
) -> None:
    await calling.begin("agent1")
    await calls.tell(model.AgentAsks("agent1", "paused", "rest"))
    await calling.over("agent1")
    assert (row(calls).reason, row(calls).until) == ("rest", None)


async def test_in_wrap_up_no_caller_follows_until_the_call_is_over(
    calls: CallService, calling: CallingOut
) -> None:
    await caller_waits(calls)
    await calls.tell(model.DialAnswered(CALL, "PJSIP/1001-1"))
    await calls.tell(model.DialReturned(CALL, "", "ANSWER"))
    assert row(calls).state == "wrap_up"
    await calling.begin("agent1")
    assert (row(calls).state, row(calls).next_reason) == ("wrap_up", CALLING_OUT)
    await calling.over("agent1")
    assert (row(calls).state, row(calls).next_reason) == ("wrap_up", "")


async def test_who_is_not_signed_on_is_free(calls: CallService, calling: CallingOut) -> None:
    await calls.tell(model.AgentAsks("agent1", "offline"))
    await calling.begin("agent1")
    await calling.over("agent1")
    assert calls.core.engine.agents() == ()
