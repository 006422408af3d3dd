"""Where attachments lie: below one folder, by their hash, never by a name that somebody chose."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hotline.registry.attachments.faults import Refused

RESERVE_BYTES = 300 * 1024 * 1024
"""Talks are recorded on the same disk: with less than this left no attachment is taken."""
_GATHERED = 256 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """A file that arrived whole and stands in the incoming folder."""

    path: Path
    sha256: str
    size: int

    @property
    def shown(self) -> Path:
        """Where the copy of a photo is drawn before it is kept."""
        return self.path.with_suffix(".shown")

    @property
    def thumb(self) -> Path:
        """Where its small copy is."""
        return self.path.with_suffix(".thumb")


class Shelf:
    """The folder of the attachments."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        # What arrives here begins with it: another process's leftovers are told by theirs.
        self._run = secrets.token_hex(8)

    def original(self, sha256: str) -> Path:
        """Where the file with this hash lies as it came."""
        return self._place(sha256, ".original")

    def shown(self, sha256: str) -> Path:
        """Where the copy of a photo lies that people are shown."""
        return self._place(sha256, ".shown.jpg")

    def thumb(self, sha256: str) -> Path:
        """Where the small copy of a photo lies."""
        return self._place(sha256, ".thumb.jpg")

    def sweep(self) -> None:
        """Remove what was arriving at an earlier run of the program. Raises :class:`OSError`."""
        if not self._incoming.is_dir():
            return
        for path in self._incoming.iterdir():
            if not path.name.startswith(self._run):
                path.unlink(missing_ok=True)

    async def receive(self, chunks: AsyncIterator[bytes], most_bytes: int) -> Received:
        """Write what arrives, and stop at the byte after ``most_bytes``: memory stays flat
        however much is sent. A file that was not received whole leaves nothing behind.

        Raises :class:`Refused` (``too_large``, ``empty``, ``disk_full``), :class:`OSError`, and
        whatever ends ``chunks``.
        """
        path = self._incoming / f"{self._run}-{secrets.token_hex(16)}"
        whole = False
        try:
            await asyncio.to_thread(self._check_room, most_bytes)
            received = await _written(path, chunks, most_bytes)
            whole = True
        finally:
            if not whole:
                path.unlink(missing_ok=True)
        return received

    def keep(self, received: Received) -> None:
        """Put a received file and its copies into their places; what is there already stays.
        Raises :class:`OSError`."""
        original = self.original(received.sha256)
        original.parent.mkdir(parents=True, exist_ok=True)
        # The original last: where it stands, its copies stand too.
        for path, place in (
            (received.shown, self.shown(received.sha256)),
            (received.thumb, self.thumb(received.sha256)),
            (received.path, original),
        ):
            if path.exists() and not place.exists():
                os.replace(path, place)
        _sync(original.parent)

    def forget(self, received: Received) -> None:
        """Remove what was not kept. Raises :class:`OSError`."""
        for path in (received.path, received.shown, received.thumb):
            path.unlink(missing_ok=True)

    def erase(self, sha256: str) -> None:
        """Remove a file and its copies. Raises :class:`OSError`."""
        for place in (self.original(sha256), self.shown(sha256), self.thumb(sha256)):
            place.unlink(missing_ok=True)

    def _place(self, sha256: str, ending: str) -> Path:
        return self._folder / sha256[:2] / f"{sha256}{ending}"

    def _check_room(self, most_bytes: int) -> None:
        self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self._incoming).free < RESERVE_BYTES + most_bytes:
            raise Refused("disk_full")


async def _written(path: Path, chunks: AsyncIterator[bytes], most_bytes: int) -> Received:
    digest, size = hashlib.sha256(), 0
    gathered = bytearray()
    with await asyncio.to_thread(path.open, "xb") as file:

        def write(data: bytes) -> None:
            digest.update(data)
            file.write(data)

        async for chunk in chunks:
            size += len(chunk)
            if size > most_bytes:
                raise Refused("too_large", most=most_bytes // 1024 // 1024)
            gathered += chunk
            if len(gathered) >= _GATHERED:
                await asyncio.to_thread(write, bytes(gathered))
                gathered.clear()
        write(bytes(gathered))
        if not size:
            raise Refused("empty")
        await asyncio.to_thread(_flush, file)
    return Received(path, digest.hexdigest(), size)


def _flush(file: IO[bytes]) -> None:
    file.flush()
    # A photo that the phone was told is kept must survive a power cut.
    os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
