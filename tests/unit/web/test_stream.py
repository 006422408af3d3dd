"""What a listening page is told, and that one page never holds up another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hotline import events
from hotline.cti.pauses import PauseReason
from hotline.cti.views import WaitingCall
from hotline.web import boards, streams
from hotline.web import stream as stream_module
from hotline.web.server import WebServer
from tests.databases import MORNING, HandClock
from tests.deadline import until
from tests.unit.routing.plans import queue
from tests.unit.web.house import House, agent_view, some_pop
from tests.unit.web.listener import listening

CALL = "pbx1-1.1"
OFFER = events.CallOffered(CALL, "agent1", f"{CALL}/1")


@pytest.fixture
async def served(house: House) -> AsyncIterator[WebServer]:
    server = WebServer(house.app, "127.0.0.1", 0)
    await server.start()
    yield server
    await server.stop()


def offer_to(house: House, agent_id: str) -> None:
    """The calls layer offers the call to somebody."""
    house.calls.pops[CALL, agent_id] = some_pop(CALL)
    house.calls.agents[agent_id] = agent_view(
        agent_id, "offered", call_id=CALL, offer_id=f"{CALL}/1"
    )


async def test_an_offer_pops_with_everything_in_it(house: House, served: WebServer) -> None:
    async with listening(house, served, "agent1") as page:
        offer_to(house, "agent1")
        (record,) = await house.journal.append(OFFER)
        told = await page.next("pop")
    assert told.data["pop"]["call_id"] == CALL
    assert told.data["pop"]["calling"] == "138****5678"
    assert told.id == str(record.seq)


async def test_open_desks_are_told_of_a_new_reason_for_pausing(
    house: House, served: WebServer
) -> None:
    async with (
        listening(house, served, "agent1") as desk,
        listening(house, served, "supervisor") as board,
        listening(house, served, "callback1") as other,
    ):
        await house.web.parts.pause_reasons.save(PauseReason("", "哺乳", "Nursing", 60), "chief")
        await house.journal.append(events.PbxLost("pbx1", "gone"))
        told = [(await page.next("reason")).data for page in (desk, board)]
        assert (await other.next("reason", "notice")).event == "notice"
    wanted = {
        "code": "own1", "zh": "哺乳", "en": "Nursing",
        "minutes": 60, "times": None, "offered": True,
    }  # fmt: skip
    assert told == [wanted, wanted]


async def test_another_plan_is_shown_on_open_boards(house: House, served: WebServer) -> None:
    plan = {"queues": [queue("hotline")], "teams": [{"code": "day", "title": {"zh": "白班"}}]}
    assert isinstance(house.clock, HandClock)
    async with listening(house, served, "supervisor") as board:
        assert (await board.next("board")).data["teams"] == []
        # The one that stood as it began to watch; the next follows at its pace.
        await house.journal.append(events.ControllerStarted("1"))
        assert (await board.next("board")).data["teams"] == []
        await house.web.parts.plans.publish(plan, by="supervisor", based_on=0, unproved="neu")
        house.clock.advance(boards.MIN_INTERVAL_S)
        teams = (await board.next("board")).data["teams"]
    assert teams == [{"code": "day", "title": {"zh": "白班"}}]


async def test_an_offer_pops_nowhere_else(house: House, served: WebServer) -> None:
    async with listening(house, served, "agent2") as page:
        offer_to(house, "agent1")
        await house.journal.append(OFFER)
        await house.journal.append(events.PbxLost("pbx1", "gone"))
        assert (await page.next("pop", "notice")).event == "notice"


async def test_an_agents_page_is_there_while_it_listens(house: House, served: WebServer) -> None:
    async with listening(house, served, "agent1") as page:
        await page.next("agent")
        assert house.calls.pages == [("opened", "agent1")]
    await until(lambda: ("closed", "agent1") in house.calls.pages, what="the page is gone")


async def test_only_agents_pages_are_watched(house: House, served: WebServer) -> None:
    async with listening(house, served, "supervisor") as page:
        await page.next("board")
    assert house.calls.pages == []


async def test_a_held_talk_is_told_to_its_agent(house: House, served: WebServer) -> None:
    async with listening(house, served, "agent1") as page:
        await page.next("agent")
        view = agent_view("agent1", "talking", call_id=CALL, held_since=MORNING)
        house.calls.agents["agent1"] = view
        await house.journal.append(events.TalkHeld(CALL, "agent1"))
        told = await page.next("agent")
    assert told.data["held_since"] == MORNING


async def test_the_time_from_offer_to_pop_is_measured(house: House, served: WebServer) -> None:
    async with listening(house, served, "agent1") as page:
        offer_to(house, "agent1")
        await house.journal.append(OFFER)
        await page.next("pop")
    text = house.web.parts.metrics.exposition().decode()
    assert "hotline_offer_to_pop_seconds_count 1.0" in text


async def test_a_call_is_followed_to_its_end(house: House, served: WebServer) -> None:
    async with listening(house, served, "agent1") as page:
        offer_to(house, "agent1")
        await house.journal.append(
            OFFER,
            events.CallAnswered(CALL, "agent1", 21.0, "2026/11/20/x.wav"),
            events.TalkEnded(CALL, "agent1", 60.0, "citizen"),
            events.CallEnded(CALL, "citizen"),
        )
        told = [await page.next("call") for _ in range(3)]
    assert [one.data["what"] for one in told] == ["call_answered", "talk_ended", "call_ended"]
    assert "recording" not in told[0].data


async def test_a_page_opened_during_a_talk_follows_it_too(house: House, served: WebServer) -> None:
    house.calls.agents["agent1"] = agent_view("agent1", "talking", call_id=CALL)
    async with listening(house, served, "agent1") as page:
        await page.next("agent")
        await house.journal.append(events.TalkEnded(CALL, "agent1", 60.0, "citizen"))
        assert (await page.next("call")).data["what"] == "talk_ended"


async def test_an_agents_own_state_comes_at_once_and_at_each_change(
    house: House, served: WebServer
) -> None:
    async with listening(house, served, "agent1") as page:
        assert (await page.next("agent")).data["state"] == "ready"
        house.calls.agents["agent1"] = agent_view("agent1", "paused", reason="meal")
        await house.journal.append(events.AgentStateChanged("agent1", "paused", MORNING, "meal"))
        assert (await page.next("agent")).data["reason"] == "meal"


async def test_a_reconnect_is_told_what_it_missed(house: House, served: WebServer) -> None:
    (seen,) = await house.journal.append(events.ControllerStarted("1"))
    offer_to(house, "agent1")
    await house.journal.append(OFFER)
    async with listening(house, served, "agent1", after=seen.seq) as page:
        assert (await page.next("pop")).data["pop"]["call_id"] == CALL


async def test_an_offer_that_is_over_does_not_pop_again(house: House, served: WebServer) -> None:
    (seen,) = await house.journal.append(events.ControllerStarted("1"))
    house.calls.pops[CALL, "agent1"] = some_pop(CALL, phase="ended")
    await house.journal.append(OFFER, events.OfferEnded(CALL, "agent1", f"{CALL}/1", "missed"))
    async with listening(house, served, "agent1", after=seen.seq) as page:
        assert (await page.next("pop", "call")).data["what"] == "offer_ended"


@pytest.mark.parametrize("seen", ["9999", "-1", "x", "²", "9" * 30])
async def test_a_page_from_another_journal_begins_anew(
    house: House, served: WebServer, seen: str
) -> None:
    async with listening(house, served, "agent1", after=seen) as page:
        assert (await page.next("reset", "agent")).event == "reset"


async def test_a_page_that_was_away_for_too_long_begins_anew(
    house: House, served: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "MOST_REPLAYED", 2)
    for _ in range(4):
        await house.journal.append(events.ControllerStarted("1"))
    async with listening(house, served, "agent1", after=1) as page:
        assert (await page.next("reset", "agent")).event == "reset"


async def test_the_supervisor_is_shown_the_whole_board_and_agents_the_queue(
    house: House, served: WebServer
) -> None:
    call = WaitingCall(CALL, "13812345678", "hotline", MORNING - 9)
    house.calls.picture = replace(house.calls.picture, waiting=(call,))
    async with listening(house, served, "supervisor") as page:
        whole = (await page.next("board")).data
    assert whole["waiting"][0]["calling"] == "138****5678"
    assert len(whole["agents"]) == 2
    async with listening(house, served, "agent1") as page:
        queue = (await page.next("board")).data
    assert (queue["waiting"], queue["longest_since"]) == (1, MORNING - 9)
    assert "agents" not in queue


async def test_while_the_pbx_is_unseen_the_queue_is_unknown_not_empty(
    house: House, served: WebServer
) -> None:
    house.calls.picture = replace(house.calls.picture, pbx_up=False)
    async with listening(house, served, "agent1") as page:
        assert (await page.next("board")).data["waiting"] is None


async def test_boards_come_at_most_four_times_a_second_and_the_latest_always(
    house: House, served: WebServer
) -> None:
    assert isinstance(house.clock, HandClock)
    async with listening(house, served, "supervisor") as page:
        await page.next("board")
        for talking in range(1, 30):
            house.calls.picture = replace(house.calls.picture, talking=talking)
            await house.journal.append(events.ControllerStarted("1"))
        counts = [(await page.next("board")).data["talking"]]
        while counts[-1] != 29:
            house.clock.advance(0.25)
            counts.append((await page.next("board")).data["talking"])
    assert len(counts) <= 3


async def test_a_list_changes_for_those_who_work_with_cases_only(
    house: House, served: WebServer
) -> None:
    opened = events.CaseOpened("2026112000001", CALL, "hotline", "to_file", "agent1")
    async with (
        listening(house, served, "callback1") as staff,
        listening(house, served, "admin") as admin,
    ):
        await house.journal.append(opened, events.PbxLost("pbx1", "gone"))
        told = await staff.next("worklist")
        assert told.data["list"] == "cases"
        assert told.data["case_number"] == "2026112000001"
        assert (await admin.next("worklist", "notice")).event == "notice"


async def test_a_beat_says_when_it_was_sent_and_from_where_to_come_back(
    house: House, served: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "HEARTBEAT_S", 0.05)
    async with listening(house, served, "agent1") as page:
        first = await page.next("beat")
        assert first.data == {"at": house.clock.now(), "every": 0.05}
        # It means nothing to this page, which is not to be told of it again.
        (record,) = await house.journal.append(events.HelpAsked(1, "agent2", ""))

        async def past_it() -> bool:
            return (await page.next("beat")).id == str(record.seq)

        await until(past_it, what="a beat that is past it")


async def test_a_logout_ends_the_stream(house: House, served: WebServer) -> None:
    async with listening(house, served, "agent1") as page:
        await house.web.sessions.close_all("agent1")
        await page.until_ended()
    await until(lambda: len(house.web.streams) == 0)


async def test_a_session_closed_elsewhere_ends_the_stream(
    house: House, served: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "HEARTBEAT_S", 0.05)
    assert isinstance(house.clock, HandClock)
    async with listening(house, served, "agent1") as page:
        await page.next("beat")
        await house.close_account("agent1")
        house.clock.advance(stream_module.SESSION_CHECK_S)
        await page.until_ended()


async def test_a_page_that_goes_away_leaves_nothing_behind(house: House, served: WebServer) -> None:
    before = asyncio.all_tasks()
    async with listening(house, served, "supervisor") as page:
        await page.next("board")
        assert len(house.web.streams) == 1
    await until(lambda: len(house.web.streams) == 0)
    await until(lambda: asyncio.all_tasks() <= before)


async def test_a_page_that_does_not_read_is_let_go_and_holds_up_nobody(
    house: House, served: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_WAITING", 20)
    async with (
        listening(house, served, "agent1") as stuck,
        listening(house, served, "agent2") as quick,
    ):
        stuck.writer.transport.pause_reading()  # type: ignore[attr-defined]
        long = "x" * 50_000
        for number in range(400):
            opened = events.CaseOpened(str(number), long, "hotline", "to_file", "agent1")
            await house.journal.append(opened)
            assert (await quick.next("worklist")).data["case_number"] == str(number)
            if len(house.web.streams) == 1:
                break
        else:
            pytest.fail("the page that does not read is still waited for")
        offer_to(house, "agent2")
        await house.journal.append(events.CallOffered(CALL, "agent2", f"{CALL}/1"))
        await quick.next("pop")


async def test_a_missed_limit_is_told_to_whom_it_concerns(house: House, served: WebServer) -> None:
    async with (
        listening(house, served, "agent1") as owner,
        listening(house, served, "agent2") as other,
        listening(house, served, "supervisor") as chief,
    ):
        due = house.clock.now()
        await house.journal.append(
            events.ClockWarned("1", "handle", due, "lights", "agent1"),
            events.ClockEscalated("2", "handle", "supervisor", due, "lights", "agent1"),
            events.ControllerStarted("1"),
        )
        warned = await owner.next("notice")
        assert warned.data["key"] == "notice.clock_warned"
        assert (warned.data["case_number"], warned.data["clock"]) == ("1", "handle")
        assert (await other.next("notice")).data["key"] == "notice.controller_started"
        told = await chief.next("notice")
        assert (told.data["key"], told.data["case_number"]) == ("notice.clock_escalated", "2")
