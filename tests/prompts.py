"""Prompts for tests: short, and no two alike.

They lie where a city puts its own recordings, so ``hotline up`` leaves them alone. Speech takes
eight seconds before a caller may wait; these take less than three.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import zlib
from functools import cache
from pathlib import Path

import numpy as np

from hotline.ivr.prompts import LANGUAGES, Prompt, Wording, catalogue
from hotline.speech.audio import FULL_SCALE, TELEPHONE_RATE, Samples, write_wav

SECONDS = 1.2
PIECE_SECONDS = 0.2


def place_short_prompts(into: Path) -> None:
    """Write every prompt below ``into``, as a city that records its own would."""
    shutil.copytree(_made_once(), into, dirs_exist_ok=True)


@cache
def _made_once() -> Path:
    made = Path(tempfile.mkdtemp(prefix="hotline-prompts-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    for prompt in catalogue(Wording()):
        folder = made / prompt.language
        folder.mkdir(parents=True, exist_ok=True)
        write_wav(folder / f"{prompt.name}.wav", _murmur(prompt))
    assert set(LANGUAGES) == {folder.name for folder in made.iterdir()}
    return made


def _murmur(prompt: Prompt) -> Samples:
    seconds = PIECE_SECONDS if prompt.is_piece else SECONDS
    generator = np.random.default_rng(zlib.crc32(prompt.key.encode()))
    noise = generator.normal(size=int(seconds * TELEPHONE_RATE))
    # Mostly below 1 kHz, as a voice is; white noise would pass for a fault on the line.
    smooth = np.convolve(noise, np.ones(6) / 6, mode="same")
    murmur: Samples = (
        (0.1 * FULL_SCALE * smooth / smooth.std()).clip(-32000, 32000).astype(np.int16)
    )
    return murmur
