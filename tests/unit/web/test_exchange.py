"""Other systems at our door, and the pages about them."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from hotline.config import Config
from hotline.registry.exchange.model import Peer
from tests.exchange import signed
from tests.sheets import workbook
from tests.unit.web.house import House

TICKET = {"description": "路灯不亮", "address": "人民路 1 号"}


@pytest.fixture
async def office(house: House, tmp_path: Path) -> House:
    """A house whose secrets lie in a folder of the test's own."""
    return await house.rebuilt(Config.model_validate({"hotline": {"data_dir": str(tmp_path)}}))


@pytest.fixture
async def secret(office: House) -> str:
    """The secret of the peer 12345."""
    peer = Peer("12345", "市民热线", source="12345")
    return (await office.web.parts.room.exchange.peers.add(peer, "supervisor")).secret


@pytest.fixture
async def city(office: House) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=office.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hotline.test") as client:
        yield client


async def send(
    office: House,
    city: httpx.AsyncClient,
    secret: str,
    path: str,
    message: Any,
    *,
    key: str = "k1",
    key_id: str = "12345.1",
    at: float | None = None,
) -> httpx.Response:
    body = json.dumps(message).encode()
    now = office.clock.now() if at is None else at
    headers = signed(secret, key_id, now, method="POST", target=path, key=key, body=body)
    return await city.post(path, content=body, headers=headers)


async def test_a_signed_ticket_becomes_a_case_and_can_be_asked_for(
    office: House, city: httpx.AsyncClient, secret: str
) -> None:
    message = {"external_id": "W1", "sequence": 1, "data": TICKET}
    answer = await send(office, city, secret, "/exchange/v1/tickets", message)
    assert (answer.status_code, answer.json()["state"]) == (201, "applied")
    again = await send(office, city, secret, "/exchange/v1/tickets", message)
    assert again.json() == answer.json()
    path = "/exchange/v1/tickets/W1"
    headers = signed(secret, "12345.1", office.clock.now(), method="GET", target=path)
    status = (await city.get(path, headers=headers)).json()
    assert status["case_number"] == answer.json()["case_number"]
    assert (status["state"], status["state_name"]) == ("to_file", "待立案")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"key_id": "12345.2"}, "not_signed"),
        ({"key_id": "nobody.1"}, "not_signed"),
        ({"key_id": ""}, "not_signed"),
        ({"at": 0.0}, "not_in_time"),
        ({"secret": "0" * 64}, "not_signed"),
    ],
    ids=str,
)
async def test_who_does_not_sign_as_it_should_is_sent_away(
    office: House, city: httpx.AsyncClient, secret: str, more: dict[str, Any], error: str
) -> None:
    given = {"secret": secret} | more
    own = given.pop("secret")
    answer = await send(office, city, own, "/exchange/v1/tickets", {}, **given)
    assert (answer.status_code, answer.json()["error"]) == (401, error)


async def test_a_changed_body_or_path_does_not_fit_its_signature(
    office: House, city: httpx.AsyncClient, secret: str
) -> None:
    path, body = "/exchange/v1/tickets", b"{}"
    headers = signed(
        secret, "12345.1", office.clock.now(), method="POST", target=path, key="k", body=body
    )
    for where, content in ((path, b"{ }"), (f"{path}?x=1", body), (f"{path}/W1/updates", body)):
        answer = await city.post(where, content=content, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "not_signed")


async def test_a_former_secret_holds_for_a_week_and_no_longer(
    office: House, city: httpx.AsyncClient, secret: str
) -> None:
    peers = office.web.parts.room.exchange.peers
    new = (await peers.renew_secret("12345", "supervisor")).secret
    path = "/exchange/v1/tickets/W1"

    async def status(own: str, key_id: str) -> int:
        headers = signed(own, key_id, office.clock.now(), method="GET", target=path)
        return (await city.get(path, headers=headers)).status_code

    assert (await status(secret, "12345.1"), await status(new, "12345.2")) == (404, 404)
    office.clock.advance(8 * 86_400)  # type: ignore[attr-defined]
    assert (await status(secret, "12345.1"), await status(new, "12345.2")) == (401, 404)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a": NaN}', b"[" * 100_000, b'"\\ud800"'])
async def test_what_is_no_message_is_refused_in_words(
    office: House, city: httpx.AsyncClient, secret: str, body: bytes
) -> None:
    path = "/exchange/v1/tickets"
    headers = signed(
        secret, "12345.1", office.clock.now(), method="POST", target=path, key="k", body=body
    )
    answer = await city.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (422, "bad_input")


async def test_a_secret_is_shown_once_and_stands_nowhere(office: House, tmp_path: Path) -> None:
    async with office.browser("supervisor") as browser:
        answer = await browser.send_form("/exchange/peers", peer_id="110", name="110", source="110")
        peer = office.web.parts.room.exchange.peers.get("110")
        secret = office.web.parts.room.exchange.peers.secret(peer)
        assert secret in answer.text
        assert secret not in (await browser.get("/exchange?peer=110")).text


async def test_a_webhook_into_our_own_machine_is_refused(office: House) -> None:
    async with office.browser("supervisor") as browser:
        for url in ("ftp://a", "http://u:p@a/", "javascript:alert(1)", "http://"):
            answer = await browser.send_form(
                "/exchange/peers", peer_id="x", name="x", source="other", url=url
            )
            assert answer.status_code == 422


async def test_a_mapping_is_tried_before_it_is_put_in_force(office: House, secret: str) -> None:
    path = "/exchange/peers/12345/mappings/in"
    wanted = "fields: {external_id: {from: id}, description: {from: 内容, required: true}}"
    async with office.browser("supervisor") as browser:
        page = await browser.send_form(path, text=wanted, sample='{"id": 7}', act="try")
        assert "内容" in page.text
        page = await browser.send_form(path, text="fields: {nobody: {from: x}}", act="save")
        assert (page.status_code, "fields.nobody" in page.text) == (422, True)
        page = await browser.send_form(path, text=wanted, act="save", revision="0")
        assert page.status_code == 303
        assert (await browser.send_form(path, text=wanted, act="save", revision="0")).is_error


async def test_a_file_is_checked_told_row_by_row_and_taken_in_when_it_is_good(
    office: House, secret: str
) -> None:
    bad, wrong = workbook(80, faulty=True)
    good, _ = workbook(8, faulty=False)
    async with office.browser("supervisor") as browser:

        async def bring(data: bytes) -> httpx.Response:
            return await browser.post(
                "/exchange/import",
                data={"_csrf": browser.csrf, "peer": "12345"},
                files={"file": ("工单.xlsx", data)},
            )

        page = await bring(bad)
        assert (page.status_code, f"80 行中有 {len(wrong)} 行有错" in page.text) == (422, True)
        link = next(part for part in page.text.split('"') if part.endswith("faults.xlsx"))
        marked = await browser.get(link)
        assert load_workbook(io.BytesIO(marked.content)).active is not None
        begin = link.replace("faults.xlsx", "begin")
        assert (await browser.send_form(begin)).status_code == 409
        page = await bring(good)
        begin = next(part for part in page.text.split('"') if part.endswith("/begin"))
        assert (await browser.send_form(begin)).status_code == 303
        await office.web.parts.room.exchange.importer.finish(1)
        progress = (await browser.get("/api/exchange/imports/1")).json()
        assert (progress["state"], progress["opened"]) == ("done", 8)
        assert "工单.xlsx" in (await browser.get("/exchange/import")).text
