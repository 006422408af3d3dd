"""Logging in and out, and the screens' language."""

from __future__ import annotations

import pytest

from hotline.config import Config, WebSection
from hotline.storage.tables import SessionRow
from hotline.throttle import FREE_FAILURES_OF_A_NAME
from hotline.web.access import COOKIE
from tests.databases import HandClock
from tests.unit.web.house import PASSWORD, Browser, House


async def log_in(browser: Browser, user_id: str, password: str, where: str = "") -> str:
    """Use the form; where it leads, empty when it does not."""
    form = {"user_id": user_id, "password": password, "next": where}
    answer = await browser.post("/login", data=form)
    return str(answer.headers.get("location", ""))


@pytest.mark.parametrize(
    ("user_id", "page"),
    [
        ("agent1", "/desk"),
        ("callback1", "/callbacks"),
        ("supervisor", "/board"),
        ("admin", "/users"),
    ],
)
async def test_a_right_password_opens_the_page_of_the_role(
    house: House, user_id: str, page: str
) -> None:
    async with house.browser() as browser:
        assert await log_in(browser, user_id, PASSWORD) == "/"
        assert (await browser.get("/")).headers["location"] == page


async def test_the_sessions_cookie_is_out_of_reach_of_scripts_and_other_sites(
    house: House,
) -> None:
    async with house.browser() as browser:
        answer = await browser.post("/login", data={"user_id": "agent1", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Secure" not in cookie


async def test_behind_https_the_cookie_needs_https(house: House) -> None:
    config = Config(web=WebSection(secure_cookies=True))
    async with (await house.rebuilt(config)).browser() as browser:
        answer = await browser.post("/login", data={"user_id": "agent1", "password": PASSWORD})
        assert "Secure" in answer.headers["set-cookie"]
        assert "strict-transport-security" in answer.headers


async def test_only_a_hash_of_the_token_is_stored(house: House) -> None:
    async with house.browser() as browser:
        await log_in(browser, "agent1", PASSWORD)
        token = browser.cookies[COOKIE]
    async with house.database.session() as session:
        assert await session.get(SessionRow, token) is None


async def test_a_wrong_password_brings_the_form_back_in_words(house: House) -> None:
    async with house.browser() as browser:
        answer = await browser.post("/login", data={"user_id": "agent1", "password": "guess"})
        assert answer.status_code == 401
        assert "用户名或密码不正确" in answer.text
        assert 'value="agent1"' in answer.text
        assert "set-cookie" not in answer.headers


async def test_guessing_is_slowed_down_even_for_the_right_password(house: House) -> None:
    async with house.browser() as browser:
        for _ in range(FREE_FAILURES_OF_A_NAME):
            await log_in(browser, "agent1", "guess")
        answer = await browser.post("/login", data={"user_id": "agent1", "password": PASSWORD})
        assert answer.status_code == 429
        assert "秒后再试" in answer.text
        assert isinstance(house.clock, HandClock)
        house.clock.advance(2)
        assert await log_in(browser, "agent1", PASSWORD) == "/"


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/cases/1?tab=2", "/cases/1?tab=2"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
async def test_a_login_leads_nowhere_else(house: House, wanted: str, led: str) -> None:
    async with house.browser() as browser:
        assert await log_in(browser, "agent1", PASSWORD, wanted) == led


async def test_a_login_lasts_as_long_as_it_is_used(house: House) -> None:
    assert isinstance(house.clock, HandClock)
    async with house.browser("agent1") as browser:
        for _ in range(3):
            house.clock.advance(11 * 3600)
            assert (await browser.get("/api/me")).status_code == 200
        house.clock.advance(12 * 3600 + 1)
        assert (await browser.get("/api/me")).status_code == 401


async def test_logging_out_ends_this_session_only(house: House) -> None:
    async with house.browser("agent1") as one, house.browser("agent1") as other:
        await one.send_form("/logout")
        assert (await one.get("/api/me")).status_code == 401
        assert (await other.get("/api/me")).status_code == 200


async def test_everywhere_out_means_everywhere(house: House) -> None:
    async with house.browser("agent1") as one, house.browser("agent1") as other:
        await house.web.sessions.close_all("agent1")
        assert (await one.get("/api/me")).status_code == 401
        assert (await other.get("/api/me")).status_code == 401


async def test_the_language_switch_is_remembered_for_the_user(house: House) -> None:
    async with house.browser("agent1") as browser:
        answer = await browser.send_form("/language", language="en")
        assert answer.status_code == 303
        assert house.users.languages == {"agent1": "en"}


async def test_the_language_switch_works_without_a_login(house: House) -> None:
    async with house.browser() as browser:
        assert "用户名" in (await browser.get("/login")).text
        await browser.send_form("/language", language="en")
        assert "User name" in (await browser.get("/login")).text


async def test_there_is_no_third_language(house: House) -> None:
    async with house.browser() as browser:
        assert (await browser.send_form("/language", language="xx")).status_code == 422
