"""What happens to one caller, in its order: what the PBX tells, what was decided, what was said.

Keys come from AMI, not from AGI: Asterisk drops what is pressed between two AGI commands, and AMI
tells of every key (ADR 18).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from hotline.calls import model
from hotline.ivr import signals
from hotline.ivr.line import Clip, Line
from hotline.telephony.session import CallerHungUp

KEYS = frozenset("0123456789*#")
# How much later than AGI's word of a key AMI's may come.
KEY_LAG_S = 0.5
# A key that came up in the moment in which a prompt ended cuts the next one, too: Asterisk gives
# it to that one again, within this time, and AMI tells it once.
ECHO_S = 0.5


@dataclass(frozen=True, slots=True)
class Gone:
    """A visit's channel left it."""

    line: Line


@dataclass(frozen=True, slots=True)
class Woken:
    """Something may be due."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What was done beside the walk failed as it should not have: the visit ends with it, so that
    the dialplan's own path leads the caller on instead of silence."""

    why: BaseException


Happening = signals.Input | model.Verb | Gone | Woken | Failed


class Happenings:
    """Keeps what happened until it is taken, and runs what is done beside."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[Happening] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        # How many keys came; and one that AGI told of, while AMI's word of it is still to come.
        self._keys = 0
        self._key_came = asyncio.Event()
        self._early = ""
        # The last one that AMI told, and when (the loop's time, s).
        self._told = ("", 0.0)

    @property
    def empty(self) -> bool:
        """Whether nothing waits to be taken."""
        return self._inbox.empty()

    async def next(self) -> Happening:
        """What happened first; waits for it."""
        return await self._inbox.get()

    def put(self, happened: Happening) -> None:
        """Something happened."""
        self._inbox.put_nowait(happened)

    def key(self, key: str) -> None:
        """The caller pressed a key."""
        self._keys += 1
        self._told = (key, asyncio.get_running_loop().time())
        self._key_came.set()
        early, self._early = self._early, ""
        if key != early:
            self.put(signals.KeyPressed(key))

    def drop_keys(self) -> None:
        """Forget the keys that wait to be taken."""
        unread = [self._inbox.get_nowait() for _ in range(self._inbox.qsize())]
        for one in unread:
            if not isinstance(one, signals.KeyPressed):
                self.put(one)

    def spawn(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Do something beside what else happens, until :meth:`end`."""
        task = asyncio.create_task(_unless_gone(work))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def end(self) -> None:
        """End what is done beside."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (why := task.exception()):
            self.put(Failed(why))

    async def say(
        self, line: Line, number: int, clips: Sequence[Clip], *, interruptible: bool
    ) -> None:
        """Say ``clips``, to the first key when ``interruptible``, and answer with ``Played``."""
        before = self._keys
        key = await line.play(clips, interruptible=interruptible)
        if key in KEYS and self._keys == before and self._is_echo(key):
            key = await line.play(clips, interruptible=interruptible)
        if key in KEYS and self._keys == before:
            await self._key_behind(key)
        self.put(signals.Played(number))

    def _is_echo(self, key: str) -> bool:
        """Whether AGI's word of a key is of a press that was told before; only once for each."""
        (told, at), self._told = self._told, ("", 0.0)
        return key == told and asyncio.get_running_loop().time() - at < ECHO_S

    async def _key_behind(self, key: str) -> None:
        """AGI told of a key before AMI did: wait for AMI, and do without it when it is late."""
        self._key_came.clear()
        try:
            async with asyncio.timeout(KEY_LAG_S):
                await self._key_came.wait()
        except TimeoutError:
            self.key(key)
            self._early = key


async def _unless_gone(work: Callable[[], Awaitable[None]]) -> None:
    # The line's watcher tells of a hang-up.
    with suppress(CallerHungUp):
        await work()
