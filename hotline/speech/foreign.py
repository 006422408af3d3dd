"""Sound files made elsewhere: WAV of any rate, width and number of channels."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hotline.speech.audio import LARGEST_BYTES, Audio, BadAudio, Floats, to_samples

_FULL = {np.dtype(np.uint8): 128.0, np.dtype(np.int16): 2.0**15, np.dtype(np.int32): 2.0**31}

# What scipy raises over a file that is not what its header says.
_MALFORMED = (
    ValueError, EOFError, IndexError, TypeError, ZeroDivisionError, UnboundLocalError, struct.error
)  # fmt: skip


class TooLong(BadAudio):
    """More sound than was asked for; ``seconds`` of it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s long")
        self.seconds = seconds


def read_any(path: Path, longest_s: float = 3600.0) -> Audio:
    """The audio of a WAV file, its channels mixed to one, at its own rate.

    Raises :class:`TooLong`, :class:`~hotline.speech.audio.BadAudio` for anything else that it is
    not, and OSError when it cannot be opened.
    """
    # Imported here because scipy takes long to load, and few files come from elsewhere.
    from scipy.io import wavfile  # noqa: PLC0415

    if path.stat().st_size > LARGEST_BYTES:
        raise BadAudio(f"larger than {LARGEST_BYTES // 2**20} MiB")
    try:
        with warnings.catch_warnings():
            # Chunks it does not know, such as the studio's name.
            warnings.simplefilter("ignore", wavfile.WavFileWarning)
            rate, data = wavfile.read(path)
    except _MALFORMED as error:
        raise BadAudio(f"not a WAV file that can be read: {error}") from error
    if rate < 1:
        raise BadAudio("not a WAV file that can be read: it has no sample rate")
    if len(data) > longest_s * rate:
        raise TooLong(len(data) / rate)
    return Audio(to_samples(_mixed(np.asarray(data))), int(rate))


def _mixed(data: NDArray[np.generic]) -> Floats:
    floats = data.astype(np.float64)
    if data.dtype == np.uint8:
        floats -= 128
    full = _FULL.get(data.dtype, 1.0)
    scaled = np.nan_to_num(floats * (32768 / full))
    return np.asarray(scaled.mean(axis=1) if scaled.ndim == 2 else scaled, np.float64)
