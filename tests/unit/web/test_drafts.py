"""Drafts over a bad link and from two pages: nothing late undoes anything later."""

from __future__ import annotations

from typing import Any

import pytest

from hotline.storage.pops import draft
from tests.unit.web.house import Browser, House
from tests.unit.web.test_desk import CALL, offered

PATH = f"/api/calls/{CALL}/draft"


async def put(browser: Browser, text: str, revision: int, *, seen: int = 0, page: str = "a") -> Any:
    body = {"form": {"description": text}, "revision": revision, "seen": seen, "page": page}
    return await browser.send_json("PUT", PATH, body)


async def kept(house: House) -> str:
    found = await house.web.parts.database.read(lambda session: draft(session, CALL, "agent1"))
    return str(found.form.get("description", ""))


async def test_a_request_that_comes_late_does_not_undo_a_later_one(house: House) -> None:
    await offered(house)
    async with house.browser("agent1") as browser:
        assert (await put(browser, "井盖坏了", 2)).status_code == 204
        assert (await put(browser, "井", 1)).status_code == 204
    assert await kept(house) == "井盖坏了"


async def test_a_page_is_told_what_another_one_typed(house: House) -> None:
    await offered(house)
    async with house.browser("agent1") as browser:
        await put(browser, "在办公室", 5, page="a")
        answer = await put(browser, "在家", 1, page="b")
        assert answer.status_code == 409
        told = answer.json()
        assert (told["error"], told["revision"]) == ("draft_overtaken", 5)
        assert told["form"] == {"description": "在办公室"}
        assert (await put(browser, "合并", 6, seen=5, page="b")).status_code == 204
        # The first page's count ran ahead over a bad link; what it has seen tells.
        assert (await put(browser, "旧的", 9, seen=5, page="a")).status_code == 409
    assert await kept(house) == "合并"


@pytest.mark.parametrize("body", [{"revision": 0}, {"seen": -1}, {"page": "x" * 33}])
async def test_a_draft_that_is_none_is_refused(house: House, body: dict[str, Any]) -> None:
    await offered(house)
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("PUT", PATH, {"form": {}, **body})
    assert answer.status_code == 422
