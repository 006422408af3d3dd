"""Logging in and out."""

from __future__ import annotations

from tests.unit.web.house import PASSWORD, House


async def test_a_right_password_opens_the_page_of_the_role(house: House) -> None:
    async with house.browser() as browser:
        answer = await browser.post("/login", data={"user_id": "agent1", "password": PASSWORD})
        assert answer.status_code == 303
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert (await browser.get("/")).headers["location"] == "/desk"


async def test_a_wrong_password_brings_the_form_back_in_words(house: House) -> None:
    async with house.browser() as browser:
        answer = await browser.post("/login", data={"user_id": "agent1", "password": "guess"})
        assert answer.status_code == 401
        assert "用户名或密码不正确" in answer.text
        assert "set-cookie" not in answer.headers
