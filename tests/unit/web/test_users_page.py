from __future__ import annotations

import pytest

from hotline.storage.tables import UserRow
from hotline.web.catalogue import load_catalogue
from tests.unit.web.house import House

NEW = {
    "user_id": "agent9",
    "name": "孙丽",
    "role": "agent",
    "extension": "1009",
    "password": "a good password",
}


def text(key: str) -> str:
    return load_catalogue().texts["zh"][key]


async def row(house: House, user_id: str) -> UserRow:
    found = await house.web.parts.accounts.get(user_id)
    assert found is not None
    return found


async def test_everybody_is_listed_with_role_and_phone(house: House) -> None:
    async with house.browser("admin") as browser:
        page = (await browser.get("/users")).text
    for word in ("agent1", "张敏", "1001", text("role.callback"), text("users.active")):
        assert word in page


async def test_a_new_user_can_log_in(house: House) -> None:
    async with house.browser("admin") as browser:
        answer = await browser.send_form("/users/add", **NEW)
        assert answer.headers["location"] == "/users?user=agent9&done=added"
        page = (await browser.get(answer.headers["location"])).text
    assert text("users.done.added") in page
    assert NEW["password"] not in page
    assert (await row(house, "agent9")).extension == "1009"


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("user_id", "Sun Li", "user_id"),
        ("user_id", "agent1", "user_taken"),
        ("name", " ", "user_name"),
        ("role", "root", "role"),
        ("extension", "", "extension_missing"),
        ("extension", "1001", "extension_taken"),
        ("extension", "7777", "extension_unknown"),
        ("password", "short", "password_short"),
    ],
)
async def test_a_faulty_form_comes_back_with_the_fault_beside_its_field(
    house: House, field: str, value: str, key: str
) -> None:
    async with house.browser("admin") as browser:
        answer = await browser.send_form("/users/add", **NEW | {field: value})
    assert answer.status_code == 422
    assert text(f"error.field.{key}") in answer.text
    kept = "name" if field == "user_id" else "user_id"
    assert f'value="{NEW[kept]}"' in answer.text
    assert NEW["password"] not in answer.text


async def test_somebody_of_a_handling_unit_needs_their_unit(house: House) -> None:
    new = NEW | {"role": "unit", "extension": ""}
    async with house.browser("admin") as browser:
        answer = await browser.send_form("/users/add", **new)
        assert answer.status_code == 422
        assert text("error.field.unit_missing") in answer.text
        answer = await browser.send_form("/users/add", **new | {"unit_id": "B03"})
        assert answer.status_code == 303
    assert (await row(house, NEW["user_id"])).unit_id == "B03"


async def test_another_role_logs_its_user_out_and_ends_their_streams(house: House) -> None:
    async with house.browser("agent2") as agent, house.browser("admin") as admin:
        session_id = (await house.web.sessions.of("agent2"))[0]
        stream = house.web.streams.add(session_id)
        await admin.send_form("/users/agent2/change", name="李强", role="agent", extension="1002")
        assert (await agent.get("/api/me")).status_code == 200
        await admin.send_form("/users/agent2/change", name="李强", role="supervisor", extension="")
        assert (await agent.get("/api/me")).status_code == 401
        assert stream.closed.is_set()
    assert (await row(house, "agent2")).extension is None


async def test_a_new_password_logs_its_user_out(house: House) -> None:
    async with house.browser("agent2") as agent, house.browser("admin") as admin:
        answer = await admin.send_form("/users/agent2/password", password="short")
        assert answer.status_code == 422
        assert (await agent.get("/api/me")).status_code == 200
        answer = await admin.send_form("/users/agent2/password", password="a better password")
        assert answer.headers["location"] == "/users?user=agent2&done=password"
        assert (await agent.get("/api/me")).status_code == 401


async def test_a_closed_account_is_out_at_once_and_can_be_opened_again(house: House) -> None:
    async with house.browser("agent2") as agent, house.browser("admin") as admin:
        await admin.send_form("/users/agent2/close")
        assert (await agent.get("/api/me")).status_code == 401
        page = (await admin.get("/users?user=agent2")).text
        assert text("users.reopen") in page
        again = {"name": "李强", "role": "agent", "extension": "1002"}
        await admin.send_form("/users/agent2/change", **again)
    assert (await row(house, "agent2")).active


async def test_an_administrator_cannot_lock_the_house_from_outside(house: House) -> None:
    async with house.browser("admin") as browser:
        assert (await browser.send_form("/users/admin/close")).status_code == 409
        answer = await browser.send_form("/users/admin/change", name="管理员", role="supervisor")
        assert answer.status_code == 422
        assert text("error.field.last_admin") in answer.text


async def test_a_user_who_is_not_there_is_not_found(house: House) -> None:
    async with house.browser("admin") as browser:
        assert (await browser.get("/users?user=nobody")).status_code == 404
        assert (await browser.get("/users?user=%00")).status_code == 404
        for what in ("change", "password", "close"):
            assert (await browser.send_form(f"/users/nobody/{what}")).status_code == 404
