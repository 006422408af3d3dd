"""One webhook, sent once: signed, to an address that was checked, with an end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx

from hotline.clock import Clock
from hotline.registry.exchange import guard, signing

EXCERPT = 500
_MOST_BYTES = 64 * 1024
_SECONDS = re.compile(r"\d{1,8}")
_RESOLVED_FOR_S = 60.0
# The message itself is at fault: trying it again as it is would not help. Every other failure
# may be the peer's, and mends itself.
_REFUSALS = frozenset({400, 409, 413, 415, 422})


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way."""

    url: str
    key_id: str
    secret: str
    event_id: str
    number: int
    body: str
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it. ``status`` is None when there was no answer; ``wait_s`` is how long the
    peer asked to be left in peace."""

    status: int | None
    text: str
    wait_s: float | None = None

    @property
    def taken(self) -> bool:
        """Whether the peer has it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether the peer will never take it as it is."""
        return self.status in _REFUSALS


class Sender(Protocol):
    """Who carries messages."""

    async def send(self, delivery: Delivery) -> Answer:
        """Send a message once; whatever goes wrong is in the answer."""

    async def close(self) -> None:
        """Let connections go."""


class HttpSender:
    """Carries messages over HTTP. ``local_hosts`` are the names and numbers of hosts that may be
    on this machine or link."""

    def __init__(self, clock: Clock, local_hosts: Collection[str]) -> None:
        self._clock = clock
        self._local_hosts = frozenset(local_hosts)
        self._opened: httpx.AsyncClient | None = None
        self._numbers: dict[tuple[str, int], tuple[float, str]] = {}

    @property
    def _client(self) -> httpx.AsyncClient:
        # Made when it is needed: most cities begin without another system.
        if self._opened is None:
            # Redirects could lead inward past the guard; so could a proxy of the environment.
            self._opened = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=60)
        return self._opened

    async def close(self) -> None:
        """Let connections go."""
        if self._opened is not None:
            await self._opened.aclose()

    async def send(self, delivery: Delivery) -> Answer:
        """Send a message once; whatever goes wrong is in the answer."""
        try:
            async with asyncio.timeout(delivery.deadline_s):
                return await self._send(delivery)
        except TimeoutError:
            return Answer(None, f"no answer within {delivery.deadline_s:g} s")
        except guard.BadAddress as bad:
            return Answer(None, f"the address is not allowed: {bad.key}")
        except (httpx.HTTPError, OSError) as error:
            return Answer(None, f"{type(error).__name__}: {error}".strip(": ")[:EXCERPT])

    async def _send(self, delivery: Delivery) -> Answer:
        address = guard.read(delivery.url)
        number = await self._number(address)
        host = address.host if ":" not in address.host else f"[{address.host}]"
        timestamp = f"{self._clock.now():.0f}"
        body = delivery.body.encode()
        headers = {
            # The connection goes to the number that was checked, whatever the name means by now.
            "Host": f"{host}:{address.port}",
            "Content-Type": "application/json; charset=utf-8",
            "Accept-Encoding": "identity",
            "User-Agent": "hotline-12319",
            signing.KEY: delivery.key_id,
            signing.TIMESTAMP: timestamp,
            signing.IDEMPOTENCY: delivery.event_id,
            "X-Hotline-Sequence": str(delivery.number),
            signing.SIGNATURE: signing.signature(
                delivery.secret,
                timestamp,
                method="POST",
                target=address.target,
                idempotency=delivery.event_id,
                body=body,
            ),
        }
        asked = self._client.stream(
            "POST",
            address.at(number),
            content=body,
            headers=headers,
            extensions={"sni_hostname": address.host},
        )
        async with asked as response:
            return Answer(response.status_code, await _excerpt(response), _wait(response))

    async def _number(self, address: guard.Address) -> str:
        where = (address.host, address.port)
        now = self._clock.now()
        known = self._numbers.get(where)
        if known is not None and now < known[0]:
            return known[1]
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(address.host, address.port, type=1)
        numbers = [str(entry[4][0]) for entry in found]
        for number in numbers:
            guard.check_number(address.host, number, self._local_hosts)
        self._numbers[where] = (now + _RESOLVED_FOR_S, numbers[0])
        return numbers[0]


async def _excerpt(response: httpx.Response) -> str:
    """The beginning of what was answered; all of it is read where it is short, so that the
    connection can be used again."""
    read = b""
    async for chunk in response.aiter_raw():
        read += chunk
        if len(read) > _MOST_BYTES:
            break
    text = read[: 4 * EXCERPT].decode(errors="replace").replace("\x00", "\ufffd")
    return text[:EXCERPT]


def _wait(response: httpx.Response) -> float | None:
    """The header ``Retry-After`` in seconds."""
    asked = response.headers.get("retry-after", "")
    if _SECONDS.fullmatch(asked):
        return float(asked)
    if not asked:
        return None
    try:
        until = parsedate_to_datetime(asked)
        said = parsedate_to_datetime(response.headers["date"])
    except (KeyError, ValueError, TypeError):
        return None
    return max(0.0, (until - said).total_seconds())
