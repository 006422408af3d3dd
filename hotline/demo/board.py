"""Who talks with whom, as the supervisor's page is told."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

from hotline.demo.accounts import DEMO_PASSWORD
from hotline.demo.desk import Desk
from hotline.masking import mask_number


class BoardWatch:
    """Follows the supervisor's board. Use as an async context manager."""

    def __init__(self, url: str) -> None:
        self._desk = Desk(url, "supervisor", DEMO_PASSWORD)
        self._numbers: dict[str, str] = {}
        self._talks: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._desk.log_in()
        await self._desk.listen()
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._desk.close()

    def talks_with(self, number: str) -> str:
        """The name of the agent with whom ``number`` talks now, empty for none."""
        return self._talks.get(mask_number(number), "")

    async def _follow(self) -> None:
        while True:
            self.note((await self._desk.event("board", within=None)).data)

    def note(self, board: dict[str, Any]) -> None:
        """Take in a board. Numbers on it are masked, and known only while a call waits."""
        for call in board["waiting"]:
            self._numbers[call["call_id"]] = call["calling"]
        self._talks = {
            self._numbers[agent["call_id"]]: agent["name"]
            for agent in board["agents"]
            if agent["state"] == "talking" and agent["call_id"] in self._numbers
        }
