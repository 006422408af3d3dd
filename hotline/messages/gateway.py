"""The gateway that sends text messages, over HTTP with JSON.

Each request carries a time and a signature, HMAC-SHA256 with the shared secret, so that the
gateway knows who asks; and the message's own id as ``Idempotency-Key``, so that a message that
is sent twice by accident is delivered once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass

import httpx

from hotline.clock import Clock

ANSWER_LIMIT = 16 * 1024
_TRY_LATER = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as the gateway is given it."""

    message_id: str
    number: str
    text: str
    kind: str
    case_number: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway has it; ``gateway_id`` is the gateway's own name for it, or empty."""

    gateway_id: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway will never send it."""

    why: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """It surely was not sent, and may be tried again."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been sent, or not."""

    why: str


Outcome = Accepted | Refused | NotSent | Unknown


class HttpGateway:
    """``check_url`` has ``{id}`` where the message's id goes; empty: it cannot be asked what
    became of a message. Each request has ``deadline_s``."""

    def __init__(
        self, clock: Clock, url: str, check_url: str, secret: str, deadline_s: float
    ) -> None:
        self._clock = clock
        self._url = url
        self._check_url = check_url
        self._secret = secret.encode()
        self._deadline_s = deadline_s

    @property
    def can_check(self) -> bool:
        """Whether it can be asked what became of a message."""
        return bool(self._check_url)

    async def send(self, message: Outgoing) -> Outcome:
        """Hand a message over, once."""
        body = json.dumps(
            {
                "id": message.message_id,
                "to": message.number,
                "text": message.text,
                "kind": message.kind,
                "case_number": message.case_number,
            },
            ensure_ascii=False,
        ).encode()
        headers = self._signed(body) | {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.message_id,
        }
        try:
            async with self._client() as client:
                response = await client.post(self._url, content=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return NotSent(f"no connection: {_told(error)}")
        except httpx.HTTPError as error:
            return Unknown(_told(error))
        return _outcome(response)

    async def check(self, message_id: str) -> Outcome:
        """What became of a message: :class:`NotSent` when the gateway never saw it."""
        url = self._check_url.replace("{id}", message_id)
        try:
            async with self._client() as client:
                response = await client.get(url, headers=self._signed(message_id.encode()))
        except httpx.HTTPError as error:
            return Unknown(_told(error))
        if response.status_code == httpx.codes.NOT_FOUND:
            return NotSent("the gateway does not know it")
        if response.is_success:
            return Accepted(_gateway_id(response))
        return Unknown(f"the gateway answers {response.status_code}")

    def _client(self) -> httpx.AsyncClient:
        # Redirects could lead a citizen's number elsewhere; so could a proxy of the environment.
        return httpx.AsyncClient(timeout=self._deadline_s, trust_env=False)

    def _signed(self, content: bytes) -> dict[str, str]:
        at = f"{self._clock.now():.0f}"
        signature = hmac.new(self._secret, at.encode() + b"." + content, hashlib.sha256)
        return {
            "X-Hotline-Timestamp": at,
            "X-Hotline-Signature": f"sha256={signature.hexdigest()}",
        }


def _outcome(response: httpx.Response) -> Outcome:
    told = f"the gateway answers {response.status_code}"
    if response.is_success:
        return Accepted(_gateway_id(response))
    if response.status_code in _TRY_LATER:
        return NotSent(told)
    return Unknown(told) if response.is_server_error else Refused(told)


def _gateway_id(response: httpx.Response) -> str:
    try:
        answer = json.loads(response.content[:ANSWER_LIMIT])
    except ValueError:
        return ""
    return str(answer.get("id", ""))[:120] if isinstance(answer, dict) else ""


def _told(error: httpx.HTTPError) -> str:
    # Never the request: its body holds a citizen's number.
    return f"{type(error).__name__} {error}".strip()
