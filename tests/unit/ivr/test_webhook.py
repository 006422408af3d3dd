"""Another system is asked over real HTTP: in time, of allowed hosts, or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from hotline.ivr.acts import AskSystem
from hotline.ivr.webhook import ANSWER_LIMIT, NoAnswer, ask

CALL = {"call_id": "pbx1-1.1", "calling": "13800138000"}


@dataclass
class System:
    """A city's other system. ``answer`` is sent as it stands; None: never."""

    answer: bytes | None = b""
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def asks(self, path: str = "/", **how: object) -> AskSystem:
        """A question to it."""
        url = f"http://127.0.0.1:{self.port}{path}"
        given: dict[str, object] = {
            "method": "POST",
            "send": {"road": "人民路"},
            "store": {"unit": "found.0.unit"},
            "deadline_s": 1.0,
        }
        return AskSystem(url, **(given | how))  # type: ignore[arg-type]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"ength:" in line), 0
        )
        self.asked.append((head + await reader.readexactly(length)).decode())
        if self.answer is None:
            await reader.read()
        else:
            writer.write(self.answer)
        writer.close()


def answer(body: bytes, status: str = "200 OK", extra: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{extra}\r\n"
    return head.encode() + body


@pytest.fixture
async def system() -> AsyncIterator[System]:
    it = System()
    server = await asyncio.start_server(it.serve, "127.0.0.1", 0)
    it.port = server.sockets[0].getsockname()[1]
    async with server:
        yield it


HERE = ("127.0.0.1",)


async def test_values_are_taken_from_where_the_flow_says(system: System) -> None:
    system.answer = answer(json.dumps({"found": [{"unit": "市政一所"}]}).encode())
    assert await ask(system.asks(), HERE, CALL) == {"unit": "市政一所"}
    assert '"calling":"13800138000"' in system.asked[0]
    assert "人民路" in system.asked[0]


async def test_a_value_that_is_not_there_is_empty(system: System) -> None:
    system.answer = answer(b'{"found": [], "open": true}')
    asked = system.asks(store={"unit": "found.0.unit", "open": "open", "all": "found"})
    assert await ask(asked, HERE, CALL) == {"unit": "", "open": "yes", "all": ""}


async def test_by_get_all_is_in_the_query(system: System) -> None:
    system.answer = answer(b"{}")
    await ask(system.asks(method="GET", send={"n": "1 & 2"}), HERE, CALL)
    assert system.asked[0].startswith("GET /?call_id=pbx1-1.1&calling=13800138000&n=1+%26+2 ")


async def test_a_host_that_is_not_allowed_is_never_asked(system: System) -> None:
    with pytest.raises(NoAnswer, match=r"127\.0\.0\.1 is not among"):
        await ask(system.asks(), ("city.example",), CALL)
    assert system.asked == []


async def test_a_redirect_is_not_followed(system: System) -> None:
    moved = f"Location: http://127.0.0.1:{system.port}/other\r\n"
    system.answer = answer(b"", "302 Found", moved)
    with pytest.raises(NoAnswer, match="answers 302"):
        await ask(system.asks(), HERE, CALL)
    assert len(system.asked) == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (answer(b"<html>"), "not JSON"),
        (answer(b"{}", "500 Oh"), "answers 500"),
        (answer(b"[" * (ANSWER_LIMIT + 1)), "longer than"),
        (b"garbage\r\n\r\n", "RemoteProtocolError"),
        (None, "ReadTimeout"),
    ],
    ids=["no JSON", "an error", "too long", "garbage", "silence"],
)
async def test_what_cannot_be_used_is_no_answer(
    system: System, said: bytes | None, why: str
) -> None:
    system.answer = said
    with pytest.raises(NoAnswer, match=why):
        await ask(system.asks(deadline_s=0.3), HERE, CALL)


async def test_nobody_there_is_no_answer() -> None:
    with pytest.raises(NoAnswer, match="ConnectError"):
        await ask(AskSystem("http://127.0.0.1:9/", "GET", {}, {}, 1.0), HERE, CALL)
