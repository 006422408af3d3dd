"""What a desk is shown of its agent, and what it is told when something cannot be."""

from __future__ import annotations

import pytest

from hotline import events
from hotline.callers.familiar import Familiar
from hotline.calls import model
from hotline.calls.service import CallService
from hotline.config import Config
from hotline.cti.desk import AgentDesk, NotNow
from hotline.cti.pauses import PauseReasons
from hotline.cti.views import DayCounts, ForcedView, IntervalCounts, PauseView
from hotline.handover.targets import Targets
from hotline.registry.model import Person
from hotline.storage.journal import Journal
from hotline.storage.lookups import Lookups
from hotline.web.drafts import Drafts
from tests.databases import MORNING, HandClock
from tests.unit.calls.house import CALL, REACHED


class Supervisor(Person):
    """Somebody with a name."""

    name = "赵主任"


BY = Supervisor("supervisor", "supervisor")


class NoDay:
    """A day on which nothing happened."""

    def counts(self, now: float) -> DayCounts:
        return DayCounts()

    def intervals(self, now: float) -> tuple[IntervalCounts, ...]:
        return ()


@pytest.fixture
def desk(calls: CallService, journal: Journal, clock: HandClock) -> AgentDesk:
    return AgentDesk(
        calls,
        NoDay(),
        Lookups(journal.database),
        clock,
        lambda: journal.last_seq,
        targets=Targets.of(Config()),
        third_ring_s=30,
        reasons=PauseReasons(journal),
    )


async def talk(calls: CallService) -> None:
    await calls.tell(REACHED)
    await calls.tell(model.MayWait(CALL, "hotline"))
    await calls.tell(model.DialAnswered(CALL, "PJSIP/1001-1"))


async def test_a_pause_counts_against_its_allowance(desk: AgentDesk, clock: HandClock) -> None:
    await desk.pause("agent1", "rest")
    clock.advance(60)
    resting = desk.agent("agent1").pauses[0]
    assert resting == PauseView("rest", 0.0, 1, 0.0, MORNING, 1800.0)
    assert desk.board().agents[0].pauses == (resting,)
    await desk.ready("agent1")
    view = desk.agent("agent1")
    assert view.pauses[0] == PauseView("rest", 60.0, 1, 0.0, None, 1800.0)
    assert [pause.reason for pause in view.pauses] == [
        "rest", "meal", "training", "meeting", "other",
    ]  # fmt: skip


async def test_what_follows_a_talk_is_shown_with_its_reason_and_taken_back(
    calls: CallService, desk: AgentDesk
) -> None:
    await talk(calls)
    await desk.pause("agent1", "meal")
    view = desk.agent("agent1")
    assert (view.state, view.next_state, view.next_reason) == ("talking", "paused", "meal")
    await desk.ready("agent1")
    assert desk.agent("agent1").next_state == ""


async def test_the_first_agent_is_shown_why_the_call_is_theirs(
    calls: CallService, desk: AgentDesk
) -> None:
    await calls.tell(REACHED)
    known = (Familiar("agent1", "case:2026112100007"),)
    await calls.tell(model.MayWait(CALL, "hotline", familiar=known))
    pop = await desk.pop(CALL, "agent1")
    assert pop is not None
    assert pop.first == "case:2026112100007"


async def test_another_machine_is_given_the_draft_and_how_far_it_was_brought(
    calls: CallService, desk: AgentDesk, journal: Journal, clock: HandClock
) -> None:
    await talk(calls)
    drafts = Drafts(journal.database, clock)
    await drafts.save(CALL, "agent1", {"description": "井盖"}, 7, page="a")
    pop = await desk.pop(CALL, "agent1")
    assert pop is not None
    assert (pop.draft, pop.draft_revision, pop.draft_of) == ({"description": "井盖"}, 7, "")


async def test_a_held_talk_is_shown_as_such(
    calls: CallService, desk: AgentDesk, clock: HandClock
) -> None:
    await talk(calls)
    assert desk.agent("agent1").held_since is None
    clock.advance(5)
    await calls.tell(model.DialReturned(CALL, f"{CALL}/1", "ANSWER", "41"))
    assert desk.agent("agent1").held_since == MORNING + 5


async def test_a_wrap_up_is_extended_until_nothing_is_left(
    calls: CallService, desk: AgentDesk
) -> None:
    await talk(calls)
    with pytest.raises(NotNow, match="no_wrap_up"):
        await desk.extend_wrap_up("agent1")
    await calls.tell(model.DialReturned(CALL, f"{CALL}/1", "ANSWER"))
    assert desk.agent("agent1").extra_s == 40
    await desk.extend_wrap_up("agent1")
    assert desk.agent("agent1").extra_s == 10
    await desk.extend_wrap_up("agent1")
    assert (desk.agent("agent1").extra_s, desk.agent("agent1").until) == (0, MORNING + 70)
    with pytest.raises(NotNow, match="no_more_wrap_up"):
        await desk.extend_wrap_up("agent1")


async def test_a_forced_change_is_shown_to_its_agent_and_journalled(
    desk: AgentDesk, journal: Journal
) -> None:
    await desk.force("agent1", "paused", "meeting", "班前会", BY)
    view = desk.agent("agent1")
    assert (view.state, view.reason) == ("paused", "meeting")
    assert view.forced == ForcedView(MORNING, "paused", "meeting", "班前会", "赵主任")
    (record,) = await journal.read(kinds=(events.StateForced,))
    assert isinstance(record.event, events.StateForced)
    assert (record.event.by, record.event.why) == ("supervisor", "班前会")


@pytest.mark.parametrize(
    ("want", "reason", "key"),
    [
        ("ready", "", "so_already"),
        ("end_wrap_up", "", "no_wrap_up"),
        ("paused", "away", "no_such_reason"),
        ("paused", "", "no_such_reason"),
    ],
)
async def test_what_cannot_be_forced_is_said(
    desk: AgentDesk, journal: Journal, want: str, reason: str, key: str
) -> None:
    with pytest.raises(NotNow, match=key):
        await desk.force("agent1", want, reason, "because", BY)
    assert await journal.read(kinds=(events.StateForced,)) == []


async def test_who_has_no_phone_or_is_not_there_cannot_be_made_ready(
    calls: CallService, desk: AgentDesk
) -> None:
    await desk.pause("agent1", "rest")
    await calls.tell(model.EndpointSeen("1001", False))
    with pytest.raises(NotNow, match="no_phone_of_theirs"):
        await desk.force("agent1", "ready", "", "a rush", BY)
    await desk.sign_off("agent1")
    with pytest.raises(NotNow, match="not_on_duty"):
        await desk.force("agent1", "ready", "", "a rush", BY)
