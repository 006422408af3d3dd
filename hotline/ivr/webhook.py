"""Asking another system in the middle of a call: in time, of allowed hosts only, or not at all."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import httpx

from hotline.ivr.acts import AskSystem, as_text

# A longer answer is not one to a question of a call.
ANSWER_LIMIT = 64 * 1024
VALUE_LIMIT = 200


class NoAnswer(Exception):
    """The other system gave no answer that can be used; the message says why."""


async def ask(
    asked: AskSystem, allowed: Collection[str], call: Mapping[str, str]
) -> dict[str, str]:
    """The values that ``asked.store`` names, out of the answer's JSON.

    ``allowed`` are host names, or ``host:port``; ``call`` is sent along. Redirects are not
    followed: they could lead to a host that is not allowed. Raises :class:`NoAnswer`.
    """
    url = httpx.URL(asked.url)
    if url.host not in allowed and f"{url.host}:{url.port}" not in allowed:
        raise NoAnswer(f"{url.host} is not among the hosts that flows may ask")
    sent = {**call, **asked.send}
    try:
        async with httpx.AsyncClient(timeout=asked.deadline_s, trust_env=False) as client:
            content = await _content(client, asked.method, url, sent)
    except httpx.HTTPError as error:
        raise NoAnswer(f"{url.host}: {type(error).__name__} {error}") from error
    try:
        answer = json.loads(content)
    except ValueError as error:
        raise NoAnswer(f"{url.host}: the answer is not JSON") from error
    return {name: _value(answer, path) for name, path in asked.store.items()}


async def _content(
    client: httpx.AsyncClient, method: str, url: httpx.URL, sent: Mapping[str, str]
) -> bytes:
    how: dict[str, Any] = {"json": dict(sent)} if method == "POST" else {"params": dict(sent)}
    async with client.stream(method, url, **how) as response:
        if not response.is_success:
            raise NoAnswer(f"{url.host} answers {response.status_code}")
        content = b""
        async for part in response.aiter_bytes():
            content += part
            if len(content) > ANSWER_LIMIT:
                raise NoAnswer(f"{url.host}: the answer is longer than {ANSWER_LIMIT} bytes")
        return content


def _value(answer: Any, path: str) -> str:
    found = answer
    for part in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            found = None
    if found is None or isinstance(found, Mapping | list):
        return ""
    return as_text(found)[:VALUE_LIMIT]
