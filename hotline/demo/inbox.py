"""Things that arrive, awaited in order and with deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class InboxClosed(RuntimeError):
    """Nothing more will arrive."""


class Inbox(Generic[Item]):
    """Keeps all that arrived; :meth:`next` goes on from where the last one stopped.

    So nothing is missed that arrived before it was awaited. One reader at a time.
    """

    def __init__(self) -> None:
        self.items: list[Item] = []
        self._seen = 0
        self._changed = asyncio.Event()
        self._closed = False

    def put(self, item: Item) -> None:
        """Something arrived."""
        self.items.append(item)
        self._changed.set()

    def close(self) -> None:
        """Nothing more will arrive; readers are told once they have read all."""
        self._closed = True
        self._changed.set()

    def skip(self) -> None:
        """Let the next :meth:`next` go past all that is here now."""
        self._seen = len(self.items)

    async def next(self, wanted: Callable[[Item], bool], within: float | None) -> Item:
        """The next wanted thing; those before it are gone past.

        Raises TimeoutError after ``within`` seconds (None: never), :class:`InboxClosed` at the end.
        """
        async with asyncio.timeout(within):
            while True:
                while self._seen < len(self.items):
                    item = self.items[self._seen]
                    self._seen += 1
                    if wanted(item):
                        return item
                if self._closed:
                    raise InboxClosed("nothing more will arrive")
                self._changed.clear()
                await self._changed.wait()
