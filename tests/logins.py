"""Logins to one system that tests use one after the other.

The check of a password takes a fifth of a second of a processor by design, and most tests would
begin with two of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hotline.demo.desk import Desk

_TOKEN = "X-CSRF-Token"


class Logins:
    """Gives each desk a login of its own; who comes later is given one that is free again."""

    def __init__(self) -> None:
        self._free: defaultdict[tuple[str, str], list[tuple[dict[str, str], str]]] = defaultdict(
            list
        )

    @asynccontextmanager
    async def desk(self, url: str, user: str, password: str) -> AsyncIterator[Desk]:
        """Somebody logged in at the pages of ``url``."""
        free = self._free[user, password]
        desk = Desk(url, user, password)
        try:
            while free and not await _holds(desk, *free.pop()):
                desk.client.cookies.clear()
            if not desk.client.cookies:
                await desk.log_in()
            login = dict(desk.client.cookies), desk.client.headers[_TOKEN]
            try:
                yield desk
            finally:
                free.append(login)
        finally:
            await desk.close()


async def _holds(desk: Desk, cookies: dict[str, str], token: str) -> bool:
    """Put an earlier login into ``desk``; whether nobody has ended it meanwhile."""
    desk.client.cookies.update(cookies)
    desk.client.headers[_TOKEN] = token
    answer = await desk.client.get("/", follow_redirects=False)
    return answer.is_redirect and not answer.headers["location"].startswith("/login")
