"""Files sent to cases: who may send and open them, and what a liar, a hacker and a dead network
get."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import httpx
import pytest

from hotline.config import Config, HotlineSection, RegistrySection
from hotline.registry.forms import read_form
from hotline.registry.model import Person
from hotline.storage.tables import CaseRow, UserRow
from hotline.web import server as server_module
from hotline.web.server import WebServer
from tests.unit.registry.attachments import files
from tests.unit.registry.cases import CALL, TYPED, arrive
from tests.unit.web.house import Browser, House

MEGABYTE = 1024 * 1024
_KEYS = count(1)
AGENT = Person("agent1", "agent")


@pytest.fixture
async def home(house: House, tmp_path: Path) -> House:
    config = Config(
        hotline=HotlineSection(data_dir=tmp_path / "data"),
        registry=RegistrySection(attachment_mb=2),
    )
    return await house.rebuilt(config)


@pytest.fixture
async def number(home: House) -> str:
    await arrive(home.journal)
    cases = home.web.parts.cases
    return (await cases.open_from_call(read_form(TYPED), CALL, AGENT)).case_number


async def give_to_unit(home: House, number: str, unit_id: str, **values: object) -> None:
    """The case stands at a unit, and unit1 works for it."""
    async with home.database.writing() as session:
        (await session.get_one(UserRow, "unit1")).unit_id = "B01"
        row = await session.get_one(CaseRow, number)
        row.unit_id, row.state = unit_id, "to_handle"
        for name, value in values.items():
            setattr(row, name, value)


async def send(
    browser: Browser, number: str, data: bytes, key: str = "key-00000001", **more: str
) -> httpx.Response:
    wanted = {"stage": "after", "name": "现场.jpg"} | more
    return await browser.post(
        f"/api/cases/{number}/attachments",
        params=wanted,
        content=data,
        headers={
            "x-csrf-token": browser.csrf,
            "idempotency-key": key,
            "accept": "application/json",
        },
    )


async def test_a_photo_is_sent_listed_and_opened(home: House, number: str) -> None:
    async with home.browser("agent1") as browser:
        sent = await send(browser, number, files.photo_from_a_phone())
        assert sent.status_code == 201
        assert (sent.json()["name"], sent.json()["by"]) == ("现场.jpg", "张敏")
        assert (await send(browser, number, files.photo_from_a_phone())).status_code == 200
        listed = (await browser.get(f"/api/cases/{number}/attachments")).json()["attachments"]
        assert [one["id"] for one in listed] == [sent.json()["id"]]
        opened = await browser.get(listed[0]["url"])
        assert opened.headers["content-type"] == "image/jpeg"
        assert opened.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in opened.headers["content-security-policy"]
        assert opened.headers["content-disposition"].startswith("inline")
        assert b"Exif" not in opened.content
        page = (await browser.get(f"/cases/{number}")).text
        assert listed[0]["thumb"].replace("&", "&amp;") in page


async def test_a_document_is_downloaded_and_never_shown_in_place(home: House, number: str) -> None:
    async with home.browser("supervisor") as browser:
        url = (await send(browser, number, files.PDF, name="../../证明.exe")).json()["url"]
        opened = await browser.get(url)
        assert opened.headers["content-disposition"].startswith("attachment")
        assert ".exe" not in opened.headers["content-disposition"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (files.PROGRAM, "程序"),
        (files.HTML, "网页"),
        (files.SVG, "SVG"),
        (files.HEIC, "HEIC"),
        (files.bomb(), "像素"),
        (files.photo()[:3000], "损坏"),
    ],
    ids=["program", "html", "svg", "heic", "bomb", "truncated"],
)
async def test_what_is_no_photo_is_refused_in_words(
    home: House, number: str, data: bytes, words: str
) -> None:
    async with home.browser("agent1") as browser:
        answer = await send(browser, number, data)
    assert answer.status_code == 422
    assert words in answer.json()["message"]


async def test_a_unit_sees_its_own_cases_files_and_no_others(home: House, number: str) -> None:
    await give_to_unit(home, number, "B02")
    async with home.browser("unit1") as browser:
        assert (await send(browser, number, files.photo())).status_code == 404
        assert (await browser.get(f"/api/cases/{number}/attachments")).status_code == 404
        await give_to_unit(home, number, "B01")
        assert (await send(browser, number, files.photo())).status_code == 201


async def test_a_unit_never_hears_a_citizen_who_wants_to_stay_unknown(
    home: House, number: str
) -> None:
    voice = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 64
    async with home.browser("agent1") as browser:
        url = (await send(browser, number, voice, stage="report")).json()["url"]
    await give_to_unit(home, number, "B01", anonymous=True)
    async with home.browser("unit1") as browser:
        assert (await browser.get(url)).status_code == 404
        listed = await browser.get(f"/api/cases/{number}/attachments")
        assert listed.json() == {"attachments": []}


async def test_a_confidential_voice_is_heard_by_those_who_answer_for_the_case(
    home: House, number: str
) -> None:
    voice = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 64
    async with home.browser("agent1") as browser:
        url = (await send(browser, number, voice, stage="report")).json()["url"]
    await give_to_unit(home, number, "B01", confidential=True)
    heard = {}
    for user in ("agent1", "agent2", "checker1", "supervisor"):
        async with home.browser(user) as browser:
            heard[user] = (await browser.get(url)).status_code
    assert heard == {"agent1": 200, "agent2": 404, "checker1": 404, "supervisor": 200}


@pytest.fixture
async def served(home: House) -> AsyncIterator[WebServer]:
    server = WebServer(home.app, "127.0.0.1", 0)
    await server.start()
    yield server
    await server.stop()


@asynccontextmanager
async def raw(
    home: House, server: WebServer, number: str, head: str
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection on which an upload has begun."""
    async with home.browser("agent1") as browser:
        cookie = "; ".join(f"{key}={value}" for key, value in browser.cookies.items())
        csrf = browser.csrf
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    path = f"/api/cases/{number}/attachments?stage=after&name=photo.jpg"
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nX-CSRF-Token: {csrf}\r\n"
        f"Idempotency-Key: key-{next(_KEYS):08}\r\nAccept: application/json\r\n"
        f"{head}\r\n\r\n".encode()
    )
    yield reader, writer
    writer.close()


def pieces(total: int) -> Iterator[bytes]:
    yield b"\xff\xd8\xff\xe0"
    piece = b"\x00" * MEGABYTE
    for _ in range(total // MEGABYTE):
        yield piece


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
async def test_two_hundred_megabytes_that_are_no_photo_are_refused_in_words_with_flat_memory(
    home: House, served: WebServer, number: str, tmp_path: Path, announced: bool
) -> None:
    size = 200 * MEGABYTE
    head = f"Content-Length: {size + 4}" if announced else "Transfer-Encoding: chunked"
    before = peak_mb()
    async with asyncio.timeout(30), raw(home, served, number, head) as (reader, writer):
        # As a browser does it: everything is sent before the answer is read.
        for piece in pieces(size):
            writer.write(piece if announced else b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
        if not announced:
            writer.write(b"0\r\n\r\n")
        answer = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readuntil(b"}}")
    assert answer.startswith(b"HTTP/1.1 413")
    assert "超过 2 MB" in body.decode()
    assert peak_mb() - before < 40
    assert [path for path in (tmp_path / "data").rglob("*") if path.is_file()] == []


async def test_a_slow_phone_gets_its_photo_through_and_a_stalled_one_is_let_go(
    home: House, served: WebServer, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "REQUEST_PATIENCE_S", 0.2)
    photo = files.photo(2000, 1500)
    step = len(photo) // 8
    async with asyncio.timeout(20):
        async with raw(home, served, number, f"Content-Length: {len(photo)}") as (reader, writer):
            for start in range(0, len(photo), step):
                writer.write(photo[start : start + step])
                await writer.drain()
                await asyncio.sleep(0.1)
            assert (await reader.readline()).startswith(b"HTTP/1.1 201")
        async with raw(home, served, number, "Content-Length: 500000") as (reader, writer):
            writer.write(photo[:2000])
            assert await reader.read() == b""
