"""What lies around every request: limits, headers, and words for whatever goes wrong."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from hotline.config import Config, PbxSection
from hotline.storage.database import DatabaseUnavailable
from hotline.web.envelope import MOST_BODY_BYTES, content_security_policy
from hotline.web.softphone import softphone_url
from tests.unit.web.house import House


async def test_no_script_or_style_may_stand_in_a_page(house: House) -> None:
    async with house.browser("agent1") as browser:
        page = await browser.get("/desk")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<style" not in page.text
    assert "style=" not in page.text
    assert " onclick=" not in page.text


async def test_pages_about_people_are_kept_by_no_browser_and_scripts_are(house: House) -> None:
    async with house.browser("agent1") as browser:
        assert (await browser.get("/desk")).headers["cache-control"] == "no-store"
        assert "immutable" in (await browser.get("/static/base.js")).headers["cache-control"]
        assert (await browser.get("/static/none.js")).status_code == 404


async def test_a_missing_page_is_told_in_words_with_a_way_out(house: House) -> None:
    async with house.browser() as browser:
        answer = await browser.get("/no/such/page")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
    assert 'href="/"' in answer.text


async def test_a_mistake_of_ours_shows_a_number_and_no_traceback(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(agent_id: str) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(house.calls, "agent", broken)
    async with house.browser("agent1") as browser:
        with capture_logs() as logs:
            answer = await browser.get("/desk")
    assert answer.status_code == 500
    assert "编号" in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert any(line.get("exc_info") for line in logs)


async def test_an_unreachable_database_is_told_in_words(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(token: str) -> None:
        raise DatabaseUnavailable("disk full")

    monkeypatch.setattr(house.web.sessions, "find", down)
    async with house.browser("agent1") as browser:
        answer = await browser.get("/api/me")
    assert answer.status_code == 503
    assert answer.json()["error"] == "database"


async def test_a_huge_form_is_refused(house: House) -> None:
    async with house.browser("agent1") as browser:
        form = {"description": "x" * MOST_BODY_BYTES}
        answer = await browser.send_json("PUT", "/api/calls/1/draft", {"form": form})
    assert answer.status_code == 413
    assert answer.json()["error"] == "too_large"


async def test_broken_json_is_told_as_such(house: House) -> None:
    async with house.browser("agent1") as browser:
        headers = {"x-csrf-token": browser.csrf, "content-type": "application/json"}
        answer = await browser.post("/api/agent/state", content=b"{", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["error"] == "bad_input"


@pytest.mark.parametrize(
    ("pbx", "page", "url", "source"),
    [
        ({}, "http://localhost:12319/desk", "ws://127.0.0.1:8088/ws", "ws://127.0.0.1:8088"),
        ({"ws_host": "0.0.0.0"}, "https://h.city/desk", "wss://h.city:8088/ws", "wss://*:8088"),
        ({"ws_host": "::1"}, "http://[::1]:12319/", "ws://[::1]:8088/ws", "ws://[::1]:8088"),
        ({"ws_url": "wss://h.city/ws"}, "https://h.city/", "wss://h.city/ws", "wss://h.city"),
    ],
)
def test_the_softphone_may_reach_its_server_and_nothing_else(
    pbx: dict[str, str], page: str, url: str, source: str
) -> None:
    config = Config(pbx=PbxSection.model_validate(pbx))
    assert softphone_url(config, page) == url
    assert f" {source}" in content_security_policy(config)
