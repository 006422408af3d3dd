"""From what is to be said to the files that say it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog

from hotline.ivr.line import Clip
from hotline.ivr.numbers import Unreadable, piece_names
from hotline.ivr.pieces import Piece, Prompt, Read

log = structlog.get_logger(__name__)

# 8 kHz, mono, 16 bits, after a header of 44 bytes.
BYTES_A_SECOND = 16_000
HEADER = 44


class PromptFiles:
    """The prompts of ``folder`` (``<folder>/<language>/<name>.wav``)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def clips(self, pieces: Sequence[Piece], language: str) -> Sequence[Clip]:
        """The files of ``pieces``, in their order. What cannot be said is left out, and logged:
        a caller is rather told less than held."""
        return [clip for piece in pieces for clip in self._of(piece, language)]

    def _of(self, piece: Piece, language: str) -> Iterator[Clip]:
        for name in self._names(piece, language):
            path = self._folder / language / name
            try:
                size = path.with_suffix(".wav").stat().st_size
            except OSError as error:
                log.error("ivr.prompt_missing", prompt=name, language=language, why=str(error))
                continue
            yield Clip(str(path), max(0, size - HEADER) / BYTES_A_SECOND)

    def _names(self, piece: Piece, language: str) -> Sequence[str]:
        match piece:
            case Prompt(name=name):
                return [name]
            case Read():
                try:
                    return piece_names(piece, language)
                except Unreadable as error:
                    log.error("ivr.not_readable", reading=piece.reading, why=str(error))
        return []
