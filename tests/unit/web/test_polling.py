"""News by question and answer, where streams come late."""

from __future__ import annotations

import asyncio
from typing import Any

from httpx import AsyncClient

from hotline import events
from hotline.web import polling
from tests.databases import MORNING
from tests.unit.web.house import House, agent_view, some_pop

CALL = "pbx1-1.1"
OFFER = events.CallOffered(CALL, "agent1", f"{CALL}/1")


def offer(house: House) -> None:
    """The calls layer offers the call to agent1."""
    house.calls.pops[CALL, "agent1"] = some_pop(CALL)
    house.calls.agents["agent1"] = agent_view(
        "agent1", "offered", call_id=CALL, offer_id=f"{CALL}/1"
    )


async def ask(browser: AsyncClient, after: str, **more: Any) -> dict[str, Any]:
    """What the server tells."""
    answer = await browser.get("/events/next", params={"after": after, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def told(batch: dict[str, Any]) -> list[str]:
    """The names of its messages, but for the board that is in each."""
    return [one["event"] for one in batch["news"] if one["event"] != "board"]


async def test_the_first_question_tells_where_to_begin(house: House) -> None:
    async with house.browser("agent1") as browser:
        begun = await ask(browser, "", begin=True)
    assert begun["last"] == str(house.journal.last_seq)
    assert told(begun) == ["agent"]


async def test_a_pop_comes_at_once_and_once(house: House) -> None:
    async with house.browser("agent1") as browser:
        start = (await ask(browser, ""))["last"]
        asking = asyncio.create_task(ask(browser, start))
        await asyncio.sleep(0)
        offer(house)
        (record,) = await house.journal.append(OFFER)
        batch = await asyncio.wait_for(asking, 4)
        assert told(batch) == ["pop"]
        assert batch["last"] == str(record.seq)
        assert told(await ask(browser, batch["last"], wait=0)) == []


async def test_what_happened_between_two_questions_is_told_in_its_order(house: House) -> None:
    async with house.browser("agent1") as browser:
        start = (await ask(browser, ""))["last"]
        offer(house)
        await house.journal.append(OFFER, events.CallAnswered(CALL, "agent1", 21.0, "x.wav"))
        await house.journal.append(events.PbxLost("pbx1", "gone"))
        assert told(await ask(browser, start, wait=0)) == ["pop", "call", "notice"]


async def test_the_end_of_a_call_is_told_to_who_had_it_before(house: House) -> None:
    house.calls.agents["agent1"] = agent_view("agent1", "ready")
    async with house.browser("agent1") as browser, house.browser("agent2") as other:
        await house.journal.append(
            events.CallArrived(CALL, "pbx1", "PJSIP/x", "12319", "13800138000", ""),
            OFFER,
            at=MORNING,
        )
        start = (await ask(browser, ""))["last"]
        await house.journal.append(events.CallEnded(CALL, "citizen"))
        assert told(await ask(browser, start, wait=0)) == ["call"]
        assert told(await ask(other, start, wait=0)) == []


async def test_who_was_away_too_long_begins_anew(house: House) -> None:
    async with house.browser("agent1") as browser:
        batch = await ask(browser, "999999999")
    assert told(batch) == ["reset", "agent"]


async def test_nothing_is_an_answer_too(house: House) -> None:
    async with house.browser("supervisor") as browser:
        start = (await ask(browser, ""))["last"]
        batch = await ask(browser, start, wait=0.05)
    assert (batch["last"], told(batch)) == (start, [])
    assert [one["event"] for one in batch["news"]] == ["board"]


async def test_an_agents_page_that_asks_is_there(house: House) -> None:
    async with house.browser("agent1") as browser:
        await ask(browser, "")
    assert house.calls.pages == [("opened", "agent1"), ("closed", "agent1")]


async def test_a_question_waits_no_longer_than_it_may(house: House) -> None:
    async with house.browser("agent1") as browser:
        too_long = polling.LONGEST_WAIT_S + 1
        answer = await browser.get("/events/next", params={"wait": too_long})
    assert answer.status_code == 422
