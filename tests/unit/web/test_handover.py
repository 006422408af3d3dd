"""Handing over from the desk's scripts."""

from __future__ import annotations

import json
import re

import pytest

from tests.unit.web.house import House

CALL = "pbx1-1.1"
PATH = f"/api/calls/{CALL}/handover"


async def test_an_agent_asks_for_another_service_and_lets_it_go(house: House) -> None:
    async with house.browser("agent1") as browser:
        body = {"target": "110", "mode": "three_way", "note": "中山路漏气"}
        assert (await browser.send_json("POST", PATH, body)).status_code == 204
        assert (await browser.send_json("DELETE", PATH, None)).status_code == 204
    assert house.calls.asked == [
        ("hand_over", "agent1", CALL, "110", "three_way", "中山路漏气"),
        ("drop_third", "agent1", CALL),
    ]


@pytest.mark.parametrize(
    "key",
    ["no_talk", "handover_running", "no_such_target", "no_way_to_target", "no_handover"],
)
async def test_what_stands_in_the_way_is_told_in_words(house: House, key: str) -> None:
    house.calls.refusal = key
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("POST", PATH, {"target": "110"})
    assert answer.status_code == 409
    assert (answer.json()["error"], key in answer.json()["message"]) == (key, False)


@pytest.mark.parametrize("body", [{}, {"target": "110", "mode": "flow"}, {"target": "1" * 41}])
async def test_what_makes_no_sense_is_refused(house: House, body: dict[str, str]) -> None:
    async with house.browser("agent1") as browser:
        assert (await browser.send_json("POST", PATH, body)).status_code == 422
    assert house.calls.asked == []


async def test_the_desk_offers_the_services_by_name_number_and_initials(house: House) -> None:
    async with house.browser("agent1") as browser:
        page = (await browser.get("/desk")).text
    found = re.search(r'id="handover-targets">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    offered = {target["code"]: target for target in json.loads(found[1])}
    assert offered["120"] == {
        "code": "120",
        "name": "120 急救",
        "number": "120",
        "initials": "120jj",
        "emergency": True,
        "kind": "service",
        "state": "",
    }
