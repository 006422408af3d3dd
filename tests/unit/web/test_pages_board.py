"""The supervisor's board, as the server gives it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from hotline.cti.views import Board, DayCounts, IntervalCounts, WaitingCall
from tests.databases import MORNING
from tests.unit.routing.plans import queue
from tests.unit.web.house import House

WAITING = WaitingCall("pbx1-1.1", "13812345678", "hotline", MORNING - 21, "agent1")


@pytest.fixture
def busy(house: House) -> House:
    """A house with a caller in line and a day behind it."""
    house.calls.picture = Board(
        at=MORNING,
        seq=0,
        pbx_up=True,
        journal_ok=True,
        waiting=(WAITING,),
        talking=1,
        today=DayCounts(arrived=10, answered=8, within_15_s=7, talk_s=480.0),
        intervals=(IntervalCounts(MORNING - 900, 10, 8, 1),),
    )
    return house


async def test_the_page_comes_with_its_first_numbers(busy: House) -> None:
    async with busy.browser("supervisor") as browser:
        page = (await browser.get("/board")).text
    found = re.search(r'(?s)id="board-data">(.*?)</script>', page)
    assert found
    board = json.loads(unescape(found[1]))
    assert board["today"]["answered"] == 8
    assert board["intervals"][0]["arrived"] == 10
    assert board["waiting"][0]["offered_to"] == "agent1"


@pytest.mark.parametrize("path", ["/board", "/api/board"])
async def test_callers_are_masked_on_the_board(busy: House, path: str) -> None:
    async with busy.browser("supervisor") as browser:
        text = (await browser.get(path)).text
    assert "138****5678" in text
    assert "13812345678" not in text


async def test_an_unseen_pbx_is_told_with_the_numbers(busy: House) -> None:
    busy.calls.picture = replace(busy.calls.picture, pbx_up=False, journal_ok=False)
    async with busy.browser("supervisor") as browser:
        board = (await browser.get("/api/board")).json()
    assert (board["pbx_up"], board["journal_ok"]) == (False, False)


async def test_every_state_of_an_agent_has_its_shape_and_word(busy: House) -> None:
    async with busy.browser("supervisor") as browser:
        page = (await browser.get("/board")).text
    for state, word in (
        ("ready", "就绪"), ("offered", "振铃"), ("talking", "通话"),
        ("wrap_up", "话后"), ("paused", "小休"), ("offline", "离线"),
    ):  # fmt: skip
        assert f'href="#shape-{state}"/></svg><span>{word}</span>' in page


async def test_the_board_knows_the_teams_and_queues_of_the_plan(busy: House) -> None:
    plan = {
        "queues": [queue("hotline"), queue("water", title={"zh": "供水", "en": "Water"})],
        "teams": [{"code": "day", "title": {"zh": "白班"}}],
        "agents": [{"agent_id": "agent1", "team": "day", "queues": {"hotline": 1, "water": 1}}],
    }
    async with busy.browser("supervisor") as browser:
        plain = (await browser.get("/api/board")).json()
        await busy.web.parts.plans.publish(plan, by="supervisor", based_on=0, unproved="neu")
        board = (await browser.get("/api/board")).json()
    assert plain["teams"] == []
    assert {agent["team"] for agent in plain["agents"]} == {""}
    assert board["teams"] == [{"code": "day", "title": {"zh": "白班"}}]
    assert [agent["team"] for agent in board["agents"]] == ["day", ""]
    assert board["queues"][1] == {"code": "water", "title": {"zh": "供水", "en": "Water"}}


async def test_why_a_call_waits_is_told_in_a_sentence(busy: House) -> None:
    passed = [{"why": "busy", "count": 3}]
    busy.calls.reasons["pbx1-1.1"] = {"wait": {"place": 2, "passed": passed}}
    async with busy.browser("supervisor") as browser:
        waits = (await browser.get("/api/calls/pbx1-1.1/why")).json()
        unknown = (await browser.get("/api/calls/pbx1-9.9/why")).json()
    assert waits == {"why": "排第 2 位；3 人正忙"}
    assert unknown == {"why": "—"}


async def test_why_a_call_rings_at_an_agent_names_who_was_passed_over(busy: House) -> None:
    passed = [{"why": "refused", "count": 1, "agents": ["agent1"]}]
    choice = {"strategy": "longest_idle", "free": 1, "waited_s": 0.2, "passed": passed}
    busy.calls.reasons["pbx1-1.1"] = {"agent": choice}
    async with busy.browser("supervisor") as browser:
        said = (await browser.get("/api/calls/pbx1-1.1/why")).json()["why"]
    assert said == "唯一空闲的坐席；未问：张敏（拒接或漏接过此电话）；没有等待"


async def test_why_a_call_waits_is_for_supervisors(busy: House) -> None:
    async with busy.browser("agent1") as browser:
        assert (await browser.get("/api/calls/pbx1-1.1/why")).status_code == 403
