"""A member of staff at the hotline's pages without a browser: HTTP and the event stream."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from hotline.demo.inbox import Inbox

# A kept connection may be closed by the server in the moment of the next request.
_LIMITS = httpx.Limits(max_keepalive_connections=0)
_CSRF = re.compile(r'<meta name="csrf-token" content="([^"]+)"')


class DeskFault(RuntimeError):
    """The pages refused something or did not answer as agreed; the message says what."""


@dataclass(frozen=True, slots=True)
class PageEvent:
    """One server-sent event: ``seq`` is the journal's number, None for a passing one."""

    name: str
    seq: int | None
    data: Any


class Desk:
    """Somebody logged in. Use as an async context manager."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        self.user = user
        self.events: Inbox[PageEvent] = Inbox()
        self.client = httpx.AsyncClient(
            base_url=base_url, timeout=30, follow_redirects=True, limits=_LIMITS
        )
        self._password = password
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.log_in()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def log_in(self) -> None:
        """Log in. Raises :class:`DeskFault` when the pages refuse."""
        form = {"user_id": self.user, "password": self._password}
        page = await self.client.post("/login", data=form)
        token = _CSRF.search(page.text)
        if page.is_error or token is None:
            raise DeskFault(f"{self.user} could not log in: {page.status_code} {page.url}")
        self.client.headers["X-CSRF-Token"] = token[1]

    async def close(self) -> None:
        """Stop listening and let the connection go; the session stays."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        await self.client.aclose()

    async def get(self, path: str, **query: str) -> Any:
        """The JSON at ``path``. Raises :class:`DeskFault`."""
        return self._checked(await self.client.get(path, params=query))

    async def post(self, path: str, **body: Any) -> Any:
        """Post JSON and give the JSON answer. Raises :class:`DeskFault`."""
        return self._checked(await self.client.post(path, json=body))

    async def put(self, path: str, **body: Any) -> Any:
        """Put JSON and give the JSON answer. Raises :class:`DeskFault`."""
        return self._checked(await self.client.put(path, json=body))

    # --- an agent's desktop -------------------------------------------------------------

    async def agent(self) -> dict[str, Any]:
        """The agent's own state, as :class:`hotline.cti.views.AgentView`."""
        view: dict[str, Any] = (await self.get("/api/agent"))["agent"]
        return view

    async def become(self, state: str, reason: str = "") -> None:
        """Ask for a state: ready, paused or offline."""
        await self.post("/api/agent/state", state=state, reason=reason)

    async def extension(self) -> str:
        """The extension of whoever is logged in."""
        given = await self.get("/api/phone")
        return str(given["user"]).removesuffix("-web")

    async def pop(self, call_id: str) -> dict[str, Any]:
        """A call that was offered to this agent, as :class:`hotline.cti.views.Pop`."""
        pop: dict[str, Any] = (await self.get(call_path(call_id, "/pop")))["pop"]
        return pop

    async def draft(self, call_id: str, **form: object) -> None:
        """Keep a half-filled form."""
        await self.put(call_path(call_id, "/draft"), form=form)

    async def save(self, call_id: str, **form: object) -> str:
        """Save a call's form; give the case's number."""
        saved = await self.post(call_path(call_id, "/case"), form=form)
        return str(saved["case"]["number"])

    def _checked(self, answer: httpx.Response) -> Any:
        if answer.is_error:
            raise DeskFault(
                f"{answer.request.method} {answer.request.url.path} as {self.user}: "
                f"{answer.status_code} {answer.text[:300]}"
            )
        return answer.json() if answer.content else None

    async def listen(self) -> None:
        """Follow the event stream in the background; return when it stands."""
        standing = asyncio.Event()
        self._listener = asyncio.create_task(self._listen(standing))
        async with asyncio.timeout(30):
            await standing.wait()

    async def event(
        self,
        name: str,
        where: Callable[[Any], bool] = lambda data: True,
        within: float | None = 30.0,
    ) -> PageEvent:
        """The next such event. Raises TimeoutError."""
        return await self.events.next(
            lambda event: event.name == name and where(event.data), within
        )

    async def _listen(self, standing: asyncio.Event) -> None:
        last = ""
        while True:
            headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
            try:
                stream = self.client.stream("GET", "/events", headers=headers, timeout=None)
                async with stream as answer:
                    answer.raise_for_status()
                    standing.set()
                    async for event in server_sent(answer.aiter_lines()):
                        last = str(event.seq) if event.seq is not None else last
                        self.events.put(event)
            except httpx.TransportError:
                # As a browser does: the server may be restarting.
                await asyncio.sleep(0.5)


def call_path(call_id: str, rest: str = "") -> str:
    """``/api/calls/<call_id>`` and what follows."""
    return f"/api/calls/{quote(call_id, safe='')}{rest}"


async def server_sent(lines: AsyncIterator[str]) -> AsyncIterator[PageEvent]:
    """The events of an event stream; comments and unfinished ones are left out."""
    fields: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name in fields else value
        elif fields.get("data"):
            number = fields.get("id", "")
            seq = int(number) if number.isdigit() else None
            yield PageEvent(fields.get("event", "message"), seq, json.loads(fields["data"]))
            fields = {}
        else:
            fields = {}
