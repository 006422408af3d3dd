"""A house on a port of its own, in a loop of its own: for tools that ask over HTTP."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from hotline.config import Config
from hotline.registry.exchange.model import Peer
from hotline.registry.forms import read_form
from hotline.registry.model import Person
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.web.access import COOKIE
from hotline.web.openapi import describe
from tests.databases import HandClock, sqlite_copy
from tests.unit.web.house import PEOPLE, House, add_people, fake_dist, make_house


@dataclass
class Served:
    """A running house: its address, its interface, and a login of everybody."""

    url: str = ""
    document: dict[str, Any] = field(default_factory=dict)
    logins: dict[str, dict[str, str]] = field(default_factory=dict)
    secret: str = ""
    case_number: str = ""
    now: float = 0.0
    fault: BaseException | None = None

    def headers(self, user_id: str) -> dict[str, str]:
        """What somebody's requests carry."""
        return self.logins[user_id]


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """A house with everybody of ``PEOPLE`` logged in, a case, and a peer called 12345."""
    house, up, down = Served(), threading.Event(), threading.Event()
    thread = threading.Thread(target=_serve, args=(folder, house, up, down), daemon=True)
    thread.start()
    assert up.wait(60), "the house does not stand"
    if house.fault is not None:
        raise house.fault
    try:
        yield house
    finally:
        down.set()
        thread.join(20)


def _serve(folder: Path, told: Served, up: threading.Event, down: threading.Event) -> None:
    try:
        asyncio.run(_run(folder, told, up, down))
    except BaseException as error:
        told.fault = error
        up.set()
        raise


async def _run(folder: Path, told: Served, up: threading.Event, down: threading.Event) -> None:
    database, clock = Database(sqlite_copy(folder / "hotline.db")), HandClock()
    journal = Journal(database, clock)
    await journal.open()
    await add_people(database)
    config = Config.model_validate({"hotline": {"data_dir": str(folder)}})
    house = await make_house(database, journal, clock, fake_dist(folder / "dist"), config)
    await _furnish(house, told)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        settings = uvicorn.Config(house.app, log_level="critical", lifespan="off")
        server = uvicorn.Server(settings)
        told.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        told.document = describe(house.app)
        told.now = clock.now()
        task = asyncio.create_task(server.serve(sockets=[listening]))
        up.set()
        await asyncio.to_thread(down.wait)
        server.should_exit = True
        server.force_exit = True
        await task
    await database.close()


async def _furnish(house: House, told: Served) -> None:
    room = house.web.parts.room
    form = read_form({"kind": "report", "description": "井盖缺失", "caller_phone": "13812345678"})
    told.case_number = (
        await room.registry.open(form, "department", Person("agent1", "agent"))
    ).case_number
    peer = Peer("12345", "市民热线", source="12345")
    told.secret = (await room.exchange.peers.add(peer, "supervisor")).secret
    for user_id in PEOPLE:
        async with house.browser(user_id) as browser:
            cookie = browser.cookies[COOKIE]
            told.logins[user_id] = {"Cookie": f"{COOKIE}={cookie}", "X-CSRF-Token": browser.csrf}
