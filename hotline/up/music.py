"""The music that callers wait with, from its first loud moment on.

Most pieces begin softly or with silence. Who is held for half a second, while a page is reloaded,
would hear nothing, and think that they were cut off.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from hotline.speech.audio import rms
from hotline.up.faults import SetupFault

# Loud enough for a telephone (about -36 dB of full scale), and how finely it is looked for.
LOUD = 500.0
WINDOW_S = 0.05
# A piece that stays soft for longer is left as it is.
LOOKED_AT_S = 15.0


def ready(source: Path, target: Path) -> Path:
    """Have the pieces of ``source`` in ``target``, without their soft beginnings, and give
    ``target``. What is no mono WAV of 16 bits is taken as it is. Raises :class:`SetupFault`."""
    try:
        target.mkdir(parents=True, exist_ok=True)
        pieces = {piece.name: piece for piece in source.iterdir() if piece.is_file()}
        for old in target.iterdir():
            if old.name not in pieces:
                old.unlink()
        for name, piece in pieces.items():
            _take(piece, target / name)
    except OSError as error:
        raise SetupFault(f"{target}: the music cannot be made ready: {error.strerror}") from error
    return target


def _take(piece: Path, taken: Path) -> None:
    if taken.exists() and taken.stat().st_mtime >= piece.stat().st_mtime:
        return
    taken.unlink(missing_ok=True)
    if not _cut(piece, taken):
        taken.symlink_to(piece.resolve())


def _cut(piece: Path, taken: Path) -> bool:
    """Write the piece from where it is loud; False when it is so from the beginning, or cannot be
    judged."""
    try:
        with wave.open(str(piece), "rb") as whole:
            if whole.getnchannels() != 1 or whole.getsampwidth() != 2:
                return False
            start = _loud_from(whole)
            if not start:
                return False
            whole.setpos(start)
            with wave.open(str(taken), "wb") as cut:
                cut.setparams(whole.getparams())
                cut.writeframes(whole.readframes(whole.getnframes() - start))
    except (wave.Error, EOFError):
        return False
    return True


def _loud_from(whole: wave.Wave_read) -> int:
    """The first frame of the first loud window; 0 when there is none."""
    rate = whole.getframerate()
    samples = np.frombuffer(whole.readframes(round(rate * LOOKED_AT_S)), "<i2")
    window = max(1, round(rate * WINDOW_S))
    starts = range(0, len(samples) - window + 1, window)
    return next((at for at in starts if rms(samples[at : at + window]) >= LOUD), 0)
