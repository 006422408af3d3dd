"""A menu that listens while it plays: a caller's words, as soon as one is clear.

Speech only ever adds to keys. When it is off, slow, unsure or down, the listening says so and
the menu goes on with keys alone; nothing here raises into a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from hotline.clock import Clock
from hotline.speech.ears import Ears
from hotline.telephony.overhearing import Deaf, Overhears

# No sound of the caller's line within this time: nothing will be heard.
FIRST_SOUND_S = 3.0
# Below this the word is more likely not what was said.
HEARD_FROM = 0.35

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """The caller said ``word``. ``confidence`` (0 to 1) is how sure a recogniser is of it that
    was not told what to expect; the one that was told is always sure."""

    word: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Unsure:
    """The caller said something that was none of the words, or not clearly one of them."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nothing can be heard, and why: the menu goes on with keys."""

    why: str


Told = Heard | Unsure | Unavailable


class Listening:
    """One caller, listened to for some words."""

    def __init__(self) -> None:
        self._told: asyncio.Queue[Heard | Unsure] = asyncio.Queue()
        self._lost = asyncio.Event()
        self._why = ""
        self.unknown: tuple[str, ...] = ()

    async def word(self) -> Told:
        """What the caller says next: waits for it. Once unavailable, always unavailable."""
        told = asyncio.ensure_future(self._told.get())
        lost = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait((told, lost), return_when=asyncio.FIRST_COMPLETED)
            return told.result() if told.done() else Unavailable(self._why)
        finally:
            told.cancel()
            lost.cancel()

    @property
    def lost(self) -> bool:
        """Whether nothing can be heard any more."""
        return self._lost.is_set()

    async def until_lost(self) -> None:
        """Return when nothing can be heard any more."""
        await self._lost.wait()

    def found(self, answer: dict[str, Any]) -> None:
        """Take an answer of the recogniser's in."""
        match answer["kind"]:
            case "opened":
                self.unknown = tuple(answer["unknown"])
                if self.unknown:
                    _log.info("listening.unknown_words", words=self.unknown)
            case "word" if answer["confidence"] >= HEARD_FROM:
                self._told.put_nowait(Heard(answer["word"], answer["confidence"]))
            case "word" | "unclear":
                self._told.put_nowait(Unsure())
            case "fault":
                self.lose(answer["why"])

    def lose(self, why: str) -> None:
        """Nothing more will be heard."""
        if not self._lost.is_set():
            self._why = why
            self._lost.set()
            _log.info("listening.unavailable", why=why)


class _Line:
    """Passes a caller's speech on to the recogniser."""

    def __init__(self, ears: Ears, stream: int, listening: Listening) -> None:
        self._ears = ears
        self._stream = stream
        self._listening = listening
        self.sounded = False

    def speech(self, samples: bytes) -> None:
        self.sounded = True
        self._ears.feed(self._stream, samples)

    def ended(self, why: str) -> None:
        self._listening.lose(why or "the caller's line ended")

    def check(self) -> None:
        if not self.sounded:
            self._listening.lose(f"no sound of the line within {FIRST_SOUND_S:.0f} s")


class Listener:
    """Listens to callers for words, when ``on``. ``language`` is the one that the model knows."""

    def __init__(
        self, *, clock: Clock, ears: Ears, overhearer: Overhears, language: str, on: bool
    ) -> None:
        self._clock = clock
        self._ears = ears
        self._overhearer = overhearer
        self._language = language
        self.on = on

    def trouble(self, language: str) -> str:
        """Why menus do not listen in ``language`` now; empty when they do."""
        if not self.on:
            return "speech.menus is off"
        if language != self._language:
            return f"the model does not know {language}"
        return self._ears.fault

    @asynccontextmanager
    async def listen(
        self, channel: str, words: Sequence[str], language: str
    ) -> AsyncIterator[Listening]:
        """Listen to a caller's channel for ``words`` while the block runs.

        The block begins at once: the line is connected meanwhile, in about 0.1 s.
        """
        listening = Listening()
        if not words:
            listening.lose("there is no word to listen for")
        elif why := self.trouble(language):
            listening.lose(why)
        if listening.lost:
            yield listening
            return
        following = asyncio.create_task(self._follow(channel, words, listening))
        try:
            yield listening
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _follow(self, channel: str, words: Sequence[str], listening: Listening) -> None:
        stream = self._ears.open(words, listening.found)
        try:
            await self._connect(channel, _Line(self._ears, stream, listening), listening)
        finally:
            self._ears.close(stream)

    async def _connect(self, channel: str, line: _Line, listening: Listening) -> None:
        try:
            identity = await self._overhearer.begin(channel, line)
        except Deaf as deaf:
            listening.lose(str(deaf))
            return
        timer = self._clock.call_later(FIRST_SOUND_S, line.check)
        try:
            await listening.until_lost()
        finally:
            timer.cancel()
            self._overhearer.end(identity)
