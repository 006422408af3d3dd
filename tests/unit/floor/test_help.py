"""An agent asks for help, and a supervisor answers."""

from __future__ import annotations

import pytest

from hotline import events
from hotline.floor.help import HelpDesk
from hotline.floor.model import FloorFault, HelpOutcome, NoSuchHelp
from hotline.storage.journal import Journal
from tests.databases import HandClock
from tests.unit.floor.conftest import AGENT, CALL, CHIEF, COLLEAGUE

pytestmark = pytest.mark.usefixtures("people")
_KINDS = (events.HelpAsked, events.HelpSeen, events.HelpEnded)


async def test_who_asks_is_shown_with_their_caller_masked(journal: Journal) -> None:
    desk = HelpDesk(journal)
    await desk.ask(AGENT, CALL)
    (asked,) = await desk.open()
    assert (asked.name, asked.extension, asked.calling) == ("张敏", "1001", "138****5678")
    assert (asked.state, asked.by) == ("asked", "")


async def test_asking_twice_is_asking_once(journal: Journal) -> None:
    desk = HelpDesk(journal)
    first = await desk.ask(AGENT, CALL)
    assert (await desk.ask(AGENT, "")).help_id == first.help_id
    assert len(await journal.read(kinds=_KINDS)) == 1


async def test_the_first_who_saw_it_is_named(journal: Journal) -> None:
    desk = HelpDesk(journal)
    asked = await desk.ask(AGENT, CALL)
    await desk.see(asked.help_id, CHIEF)
    seen = await desk.see(asked.help_id, COLLEAGUE)
    assert (seen.state, seen.by) == ("seen", "赵主任")


async def test_an_answer_ends_it_and_reaches_the_agent(journal: Journal, clock: HandClock) -> None:
    desk = HelpDesk(journal)
    asked = await desk.ask(AGENT, CALL)
    clock.advance(5)
    await desk.end(asked.help_id, HelpOutcome.ANSWERED, " 我马上过来 ", CHIEF)
    assert await desk.open() == []
    last = await desk.last_of("agent1", clock.now() - 60)
    assert last is not None
    assert (last.state, last.by, last.words) == ("answered", "赵主任", "我马上过来")
    assert await desk.last_of("agent1", clock.now()) is None
    told = [record.event for record in await journal.read(kinds=_KINDS)]
    assert told[-1] == events.HelpEnded(
        asked.help_id, "agent1", "answered", "supervisor", "赵主任", "我马上过来", CALL
    )


async def test_what_is_over_is_not_answered_again(journal: Journal) -> None:
    desk = HelpDesk(journal)
    asked = await desk.ask(AGENT, "")
    await desk.withdraw(AGENT)
    with pytest.raises(NoSuchHelp):
        await desk.end(asked.help_id, HelpOutcome.ANSWERED, "", CHIEF)
    with pytest.raises(NoSuchHelp):
        await desk.see(asked.help_id, CHIEF)
    with pytest.raises(NoSuchHelp):
        await desk.withdraw(AGENT)
    again = await desk.ask(AGENT, "")
    assert again.help_id != asked.help_id


async def test_an_answer_that_is_too_long_is_refused(journal: Journal) -> None:
    desk = HelpDesk(journal)
    asked = await desk.ask(AGENT, "")
    with pytest.raises(FloorFault):
        await desk.end(asked.help_id, HelpOutcome.ANSWERED, "长" * 501, CHIEF)
    assert len(await desk.open()) == 1
