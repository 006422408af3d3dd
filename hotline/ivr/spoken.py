"""From what a caller is to be played to the files that Asterisk plays.

Catalogue prompts and the pieces of readings are there since the set-up. Free text is spoken when
it is first needed, into a file that is kept: ask :class:`Speaker` before the caller waits for it.
What cannot be played is left out and logged; a caller is never held for it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from hotline.clock import Clock, deadline
from hotline.ivr.line import Clip
from hotline.ivr.numbers import Unreadable, piece_names
from hotline.ivr.pieces import Piece, Prompt, Read, Said
from hotline.ivr.prompts import Voice
from hotline.ivr.prompts.making import LOUDNESS_DBFS, telephone
from hotline.speech.audio import TELEPHONE_RATE, normalise, write_wav
from hotline.speech.synthesis import SynthesisFault

_log = structlog.get_logger(__name__)

LONGEST_TEXT = 600
TRY_AGAIN_S = 60.0
# For so long the length of a prompt that was replaced may still count as before.
LOOK_AGAIN_S = 1.0
_HEADER_BYTES = 44


def files(pieces: Iterable[Piece], language: str, folder: Path) -> list[str]:
    """The files that say these pieces, without ``.wav``, as Asterisk takes them. ``folder`` holds
    the prompts of all languages."""
    found: list[str] = []
    for piece in pieces:
        for path in _paths(piece, language, folder):
            if path.exists():
                found.append(str(path.with_suffix("")))
            else:
                _log.error("prompt_missing", path=str(path))
    return found


def seconds(paths: Iterable[str]) -> float:
    """How long these files take together."""
    return sum(_seconds(Path(f"{path}.wav")) for path in paths)


class Speaker:
    """Speaks free text into files, each text once. ``folder`` holds the prompts of all
    languages; a caller waits ``deadline_s`` at most."""

    def __init__(self, folder: Path, voice: Voice, clock: Clock, deadline_s: float = 3.0) -> None:
        self._folder = folder
        self._voice = voice
        self._clock = clock
        self._deadline_s = deadline_s
        self._at_work: dict[Path, asyncio.Task[None]] = {}
        self._failed: dict[Path, float] = {}
        # What was looked up since then: on a busy day all callers are played the same.
        self._clips: dict[tuple[Piece, str], tuple[Clip, ...]] = {}
        self._looked_at = float("-inf")
        # One at a time, so that a slow voice takes one thread and no more.
        self._turn = asyncio.Lock()

    async def prepare(self, texts: Iterable[str], language: str) -> None:
        """Have these texts spoken. What takes longer than the deadline goes on and is there the
        next time; what fails is logged and tried again after a while."""
        work = [task for text in set(texts) if (task := self._task(text, language)) is not None]
        if not work:
            return
        with suppress(TimeoutError):
            async with deadline(self._clock, self._deadline_s):
                await asyncio.shield(asyncio.gather(*work))

    async def wake(self) -> None:
        """Say something to nobody: a voice's first word takes seconds, its dictionaries are
        read then."""
        async with self._turn:
            try:
                await asyncio.to_thread(self._voice.say, "您好", "zh")
            except (SynthesisFault, OSError) as error:
                _log.error("voice_does_not_speak", why=str(error))

    async def files(self, pieces: Sequence[Piece], language: str) -> list[str]:
        """As :func:`files`, after the free texts among the pieces have been spoken."""
        await self.prepare(_said(pieces), language)
        return files(pieces, language, self._folder)

    async def clips(self, pieces: Sequence[Piece], language: str) -> list[Clip]:
        """The same with how long each file is; up to :data:`LOOK_AGAIN_S` old."""
        if abs(self._clock.now() - self._looked_at) >= LOOK_AGAIN_S:
            self._clips.clear()
            self._looked_at = self._clock.now()
        known = [self._clips.get((piece, language)) for piece in pieces]
        if None in known:
            await self.prepare(_said(pieces), language)
            known = [self._looked_up(piece, language) for piece in pieces]
        return [clip for clips in known if clips is not None for clip in clips]

    def _looked_up(self, piece: Piece, language: str) -> tuple[Clip, ...]:
        found = files([piece], language, self._folder)
        clips = tuple(Clip(path, seconds([path])) for path in found)
        if clips:
            self._clips[piece, language] = clips
        return clips

    def _task(self, text: str, language: str) -> asyncio.Task[None] | None:
        path = said_path(self._folder, language, text)
        if not text.strip() or path.exists() or self._failed_lately(path):
            return None
        if path not in self._at_work:
            task = asyncio.create_task(self._speak(path, text, language))
            self._at_work[path] = task
            task.add_done_callback(lambda _done: self._at_work.pop(path, None))
        return self._at_work[path]

    def _failed_lately(self, path: Path) -> bool:
        return self._clock.now() < self._failed.get(path, 0.0) + TRY_AGAIN_S

    async def _speak(self, path: Path, text: str, language: str) -> None:
        async with self._turn:
            try:
                await asyncio.to_thread(self._write, path, text, language)
            except (SynthesisFault, OSError) as error:
                self._failed[path] = self._clock.now()
                _log.error("text_not_spoken", language=language, text=text, why=str(error))

    def _write(self, path: Path, text: str, language: str) -> None:
        speech = self._voice.say(text[:LONGEST_TEXT], language)
        write_wav(path, normalise(telephone(speech), LOUDNESS_DBFS))


def _said(pieces: Iterable[Piece]) -> list[str]:
    return [piece.text for piece in pieces if isinstance(piece, Said)]


def said_path(folder: Path, language: str, text: str) -> Path:
    """Where a free text is kept once it has been spoken."""
    digest = hashlib.sha256(text.strip().encode()).hexdigest()[:32]
    return folder / "said" / language / f"{digest}.wav"


def _paths(piece: Piece, language: str, folder: Path) -> Iterator[Path]:
    match piece:
        case Prompt(name):
            yield folder / language / f"{name}.wav"
        case Said(text):
            if text.strip():
                yield said_path(folder, language, text)
        case Read():
            try:
                names = piece_names(piece, language)
            except Unreadable as error:
                _log.error("value_unreadable", why=str(error))
                return
            for name in names:
                yield folder / language / f"{name}.wav"


def _seconds(path: Path) -> float:
    # All of them were written here or judged: mono of 16 bits behind a plain header.
    try:
        size = path.stat().st_size
    except OSError:
        return 0.0
    return max(0, size - _HEADER_BYTES) / 2 / TELEPHONE_RATE
