"""Who may do what, checked on the server."""

from __future__ import annotations

import httpx
import pytest

from tests.forms import complaint
from tests.system import PASSWORD, HotlineSystem

USERS = ("agent1", "callback1", "supervisor", "admin")
NEEDS_LOGIN = ("/desk", "/cases", "/callbacks", "/board", "/users", "/system", "/events")
API = ("/api/agent", "/api/board", "/api/phone")
ALLOWED = {
    "/desk": {"agent1"},
    "/callbacks": {"callback1", "supervisor"},
    "/board": {"supervisor"},
    "/users": {"admin"},
    "/cases": {"agent1", "callback1", "supervisor"},
}


@pytest.mark.parametrize("path", NEEDS_LOGIN)
async def test_pages_need_a_login(system: HotlineSystem, path: str) -> None:
    async with httpx.AsyncClient(base_url=system.url) as client:
        page = await client.get(path, headers={"Accept": "text/html"})
        assert page.status_code in {303, 401}
        if page.status_code == 303:
            assert page.headers["location"].startswith("/login")


@pytest.mark.parametrize("path", API)
async def test_the_api_needs_a_login(system: HotlineSystem, path: str) -> None:
    async with httpx.AsyncClient(base_url=system.url) as client:
        answer = await client.get(path)
        assert answer.status_code == 401
        assert answer.json()["error"] == "not_logged_in"


async def test_citizens_see_the_progress_query_without_a_login(system: HotlineSystem) -> None:
    async with httpx.AsyncClient(base_url=system.url) as client:
        assert (await client.get("/status")).status_code == 200
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/login")).status_code == 200


@pytest.mark.parametrize("user", USERS)
async def test_each_role_sees_its_pages_and_no_other(system: HotlineSystem, user: str) -> None:
    async with system.desk(user, listening=False) as desk:
        told = {path: (await desk.client.get(path)).status_code for path in ALLOWED}
    assert told == {path: 200 if user in users else 403 for path, users in ALLOWED.items()}


async def test_a_wrong_password_is_refused(system: HotlineSystem) -> None:
    async with httpx.AsyncClient(base_url=system.url) as client:
        form = {"user_id": "agent3", "password": PASSWORD + "x"}
        answer = await client.post("/login", data=form)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers


async def test_a_request_without_the_csrf_token_changes_nothing(system: HotlineSystem) -> None:
    async with system.desk("agent1", listening=False) as desk:
        del desk.client.headers["X-CSRF-Token"]
        answer = await desk.client.post("/api/agent/state", json={"state": "ready"})
        assert answer.status_code == 403
        assert (await desk.agent())["state"] == "offline"


async def test_only_agents_save_cases_and_only_of_their_calls(system: HotlineSystem) -> None:
    for user, status in (("supervisor", 403), ("agent1", 404)):
        async with system.desk(user, listening=False) as desk:
            answer = await desk.client.post("/api/calls/pbx1-1.1/case", json={"form": complaint()})
            assert answer.status_code == status


async def test_passwords_are_hashed_with_argon2(system: HotlineSystem) -> None:
    hashes = [row["password_hash"] for row in system.rows("SELECT password_hash FROM users")]
    assert len(hashes) >= 6
    assert all(hash_.startswith("$argon2id$") for hash_ in hashes)


async def test_a_logged_out_session_is_over(system: HotlineSystem) -> None:
    async with system.desk("agent3", listening=False) as desk:
        cookies = dict(desk.client.cookies)
        await desk.client.post("/logout")
        async with httpx.AsyncClient(base_url=system.url, cookies=cookies) as client:
            assert (await client.get("/api/agent")).status_code == 401
