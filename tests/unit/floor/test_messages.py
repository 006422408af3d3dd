"""Messages reach whom they are for, are acknowledged once, and answered."""

from __future__ import annotations

import pytest

from hotline import events
from hotline.floor.messages import MessageDesk
from hotline.floor.model import FloorFault, NoSuchMessage
from hotline.routing.model import Agent, Queue, RoutingPlan, Team
from hotline.storage.journal import Journal
from tests.databases import MORNING, HandClock
from tests.unit.floor.conftest import AGENT, CHIEF, COLLEAGUE

pytestmark = pytest.mark.usefixtures("people")
PLAN = RoutingPlan(
    queues=(Queue(name="hotline", title={"zh": "热线"}),),
    teams=(Team(code="day", title={"zh": "早班"}),),
    agents=(Agent(agent_id="agent2", team="day"),),
)


async def test_a_message_to_all_reaches_everybody_at_a_desk(journal: Journal) -> None:
    desk = MessageDesk(journal)
    await desk.send("all", " 14:00 例会 ", PLAN, CHIEF)
    (sent,) = await desk.sent(MORNING)
    assert (sent.text, sent.addressees) == ("14:00 例会", 4)
    assert set(sent.unread) == {"张敏", "李强", "陈静", "吴洁"}
    (got,) = await desk.inbox("agent1", MORNING)
    assert (got.name, got.text, got.read_at) == ("赵主任", "14:00 例会", None)


@pytest.mark.parametrize(("to", "reached"), [("team:day", "agent2"), ("agent:agent1", "agent1")])
async def test_a_team_or_one_alone_is_reached(journal: Journal, to: str, reached: str) -> None:
    await MessageDesk(journal).send(to, "请回座位", PLAN, CHIEF)
    (record,) = await journal.read(kinds=[events.StaffMessageSent])
    assert isinstance(record.event, events.StaffMessageSent)
    assert record.event.addressees == (reached,)


@pytest.mark.parametrize("to", ["team:night", "team:", "agent:supervisor", "", "everybody"])
async def test_what_would_reach_nobody_is_refused(journal: Journal, to: str) -> None:
    with pytest.raises(FloorFault) as refused:
        await MessageDesk(journal).send(to, "您好", PLAN, CHIEF)
    assert (refused.value.field, refused.value.key) == ("to", "nobody")


@pytest.mark.parametrize("text", ["", "   ", "长" * 501])
async def test_a_message_says_something_and_not_too_much(journal: Journal, text: str) -> None:
    with pytest.raises(FloorFault):
        await MessageDesk(journal).send("all", text, PLAN, CHIEF)


async def test_it_is_acknowledged_once_and_by_whom_it_was_for(
    journal: Journal, clock: HandClock
) -> None:
    desk = MessageDesk(journal)
    number = await desk.send("agent:agent1", "请回座位", PLAN, CHIEF)
    clock.advance(3)
    await desk.read(number, AGENT)
    await desk.read(number, AGENT)
    with pytest.raises(NoSuchMessage):
        await desk.read(number, COLLEAGUE)
    assert len(await journal.read(kinds=[events.StaffMessageRead])) == 1
    (got,) = await desk.inbox("agent1", MORNING)
    assert got.read_at == clock.now()
    assert await desk.inbox("agent1", clock.now()) == []


async def test_an_answer_goes_to_the_board_and_counts_as_read(journal: Journal) -> None:
    desk = MessageDesk(journal)
    number = await desk.send("all", "谁能加班？", PLAN, CHIEF)
    await desk.answer(number, "我可以", AGENT)
    await desk.answer(number, "我也可以", COLLEAGUE)
    (sent,) = await desk.sent(MORNING)
    assert [(one.name, one.text) for one in sent.answers] == [
        ("张敏", "我可以"),
        ("李强", "我也可以"),
    ]
    assert set(sent.unread) == {"陈静", "吴洁"}
    (got,) = await desk.inbox("agent1", MORNING)
    assert got.answer == "我可以"
    with pytest.raises(NoSuchMessage):
        await desk.answer(999, "您好", AGENT)
