"""The routing plan as a file: what is downloaded can be uploaded, and an upload changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from hotline.routing.reading import parse_plan
from tests.unit.routing.plans import queue
from tests.unit.web.house import Browser, House
from tests.unit.web.test_pages_routing import plan, publish

GOOD = """
queues:
  - name: hotline
    title: {zh: 主队列}
    ring_s: 25
agents:
  - agent_id: agent1
    queues: {hotline: 1}
roster:
  agent1:
    days:
      2026-10-01: 08:00-12:00
"""
BROKEN = """queues:
  - name: hotline
    title: {zh: 主队列}
    ring_s: 0
    stratgy: longest_idle
agents:
  - agent_id: agent1
    queues:
      hotline: 12
      hotline: 3
"""


async def uploaded(browser: Browser, text: str) -> Any:
    answer = await browser.send_json("POST", "/api/routing/upload", {"text": text})
    assert answer.status_code == 200
    return answer.json()


async def test_a_plan_that_was_downloaded_can_be_uploaded(house: House) -> None:
    async with house.browser("supervisor") as browser:
        await publish(browser)
        file = await browser.get("/routing/plan.yaml")
        read = await uploaded(browser, file.text)
        current = (await browser.get("/api/routing")).json()
    assert file.headers["content-disposition"] == 'attachment; filename="routing-1.yaml"'
    assert "上传后成为草稿" in file.text.splitlines()[1]
    assert read == {"plan": current["plan"], "findings": []}


async def test_a_draft_is_what_is_downloaded_while_there_is_one(house: House) -> None:
    draft = {"plan": plan(queues=[queue("hotline", ring_s=7)]), "based_on": 0}
    async with house.browser("supervisor") as browser:
        await browser.send_json("PUT", "/api/routing/draft", draft)
        own = await browser.get("/routing/plan.yaml")
        in_force = await browser.get("/routing/plan.yaml?version=0")
        nothing = await browser.get("/routing/plan.yaml?version=9")
    assert "routing-draft.yaml" in own.headers["content-disposition"]
    assert parse_plan(own.text).by_queue["hotline"].ring_s == 7
    assert parse_plan(in_force.text) == house.web.parts.plans.current.plan
    assert nothing.status_code == 404


async def test_an_upload_changes_nothing_by_itself(house: House) -> None:
    async with house.browser("supervisor") as browser:
        read = await uploaded(browser, GOOD)
        assert read["plan"]["roster"] == {"agent1": {"days": {"2026-10-01": "08:00-12:00"}}}
        assert await house.web.parts.plans.drafts() == []
    assert house.web.parts.plans.version == 0


async def test_what_cannot_be_read_is_told_by_line_and_how_to_mend_it(house: House) -> None:
    async with house.browser("supervisor") as browser:
        read = await uploaded(browser, BROKEN)
    assert read["plan"] is None
    told = [(one["line"], one["text"]) for one in read["findings"]]
    assert told == [
        (4, "“0”不能用在这里：至少是 1。"),
        (5, "没有“stratgy”这一项。请删去或改名。是不是“strategy”？"),
        (9, "“12”不能用在这里：最多是 9。"),
        (10, "写法：“hotline”写了两次，第一次在第 9 行。请去掉一个。"),
    ]


@pytest.mark.parametrize("user", ["agent1", "callback1"])
async def test_only_who_may_edit_the_plan_gets_its_file(house: House, user: str) -> None:
    async with house.browser(user) as browser:
        assert (await browser.get("/routing/plan.yaml")).status_code == 403
        answer = await browser.send_json("POST", "/api/routing/upload", {"text": GOOD})
        assert answer.status_code == 403


async def test_a_plan_of_a_whole_city_is_not_too_large(house: House) -> None:
    hours = ["08:30-12:00 14:00-18:00"] * 5 + ["", ""]
    names = [f"colleague-{number}" for number in range(2000)]
    city = plan(
        agents=[{"agent_id": name, "queues": {"hotline": 1, "water": 2}} for name in names],
        roster={name: {"week": hours} for name in names},
    )
    draft = {"plan": city, "based_on": 0}
    async with house.browser("supervisor") as browser:
        answer = await browser.send_json("PUT", "/api/routing/draft", draft)
        assert answer.status_code == 200
        read = await uploaded(browser, (await browser.get("/routing/plan.yaml")).text)
    assert len(read["plan"]["agents"]) == 2000
