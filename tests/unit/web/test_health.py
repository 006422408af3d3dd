"""Whether it lives, whether it can take calls."""

from __future__ import annotations

import httpx

from hotline.config import Config, WebSection
from hotline.web.ports import Component
from tests.unit.web.house import House


async def test_it_lives(house: House) -> None:
    async with house.browser() as browser:
        assert (await browser.get("/healthz")).json() == {"ok": True}


async def test_it_is_ready_when_every_part_is_up(house: House) -> None:
    async with house.browser() as browser:
        answer = await browser.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)


async def test_a_part_that_is_down_is_named(house: House) -> None:
    house.components[1] = Component("pbx", "down", "refused: secret detail")
    async with house.browser() as browser:
        answer = await browser.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["components"] == {"database": "up", "pbx": "down"}
    assert "secret" not in answer.text


async def test_the_interface_is_described_for_programs(house: House) -> None:
    async with house.browser("admin") as browser:
        paths = (await browser.get("/api/openapi.json")).json()["paths"]
    assert "/api/agent/refuse" in paths


async def from_afar(house: House, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=house.app, client=("10.1.2.3", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://hotline.test") as client:
        return await client.get(path)


async def test_metrics_are_for_this_machine_unless_opened(house: House) -> None:
    async with house.browser() as browser:
        assert "hotline_event_streams" in (await browser.get("/metrics")).text
    assert (await from_afar(house, "/metrics")).status_code == 403
    opened = await house.rebuilt(Config(web=WebSection(metrics_open=True)))
    assert (await from_afar(opened, "/metrics")).status_code == 200
