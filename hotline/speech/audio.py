"""Telephone audio as arrays: resample, trim, level, G.711, WAV files. No clocks, no engines.

Samples are 16-bit linear PCM, mono. Where a function takes or gives floats they are on the same
scale (±32767), so that a level means the same on both sides.
"""

from __future__ import annotations

import os
import struct
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
Floats = NDArray[np.float64]

TELEPHONE_RATE = 8000
FULL_SCALE = 32767
LARGEST_BYTES = 512 * 2**20
_HEADER_BYTES = 44


class BadAudio(ValueError):
    """A file is not audio that can be used here; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Audio:
    """Mono samples and their rate in Hz."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate


def resample(samples: NDArray[np.generic], rate: int, new_rate: int) -> Floats:
    """The samples at ``new_rate`` Hz. May overshoot full scale: finish with :func:`to_samples`."""
    floats = samples.astype(np.float64)
    if rate == new_rate or not len(floats):
        return floats
    # Imported here because scipy.signal takes most of a second, and few callers resample.
    from scipy.signal import resample_poly  # noqa: PLC0415

    divisor = int(np.gcd(rate, new_rate))
    return np.asarray(resample_poly(floats, new_rate // divisor, rate // divisor), np.float64)


def to_samples(floats: Floats) -> Samples:
    """Round to 16 bits; what would clip is turned down as a whole instead."""
    peak = float(np.abs(floats).max(initial=0.0))
    scale = FULL_SCALE / peak if peak > FULL_SCALE else 1.0
    return np.round(floats * scale).astype(np.int16)


def rms(samples: NDArray[np.generic]) -> float:
    """Root mean square on the ±32767 scale; 0.0 for no samples."""
    floats = samples.astype(np.float64)
    return float(np.sqrt(np.mean(floats**2))) if len(floats) else 0.0


def trim(samples: Samples, rate: int, *, lead_s: float, trail_s: float) -> Samples:
    """Cut silence (40 dB below the peak) off both ends, keeping this much of it."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > _peak(samples) / 100)
    if not len(loud):
        return samples[:0]
    start = max(0, int(loud[0]) - int(lead_s * rate))
    return samples[start : int(loud[-1]) + 1 + int(trail_s * rate)]


def normalise(samples: Samples, dbfs: float) -> Samples:
    """Bring the RMS to ``dbfs`` (decibels below full scale), or as near as peaks allow."""
    level = rms(samples)
    if level == 0.0:
        return samples
    return to_samples(samples.astype(np.float64) * (FULL_SCALE * 10 ** (dbfs / 20) / level))


def _peak(samples: Samples) -> int:
    return int(np.abs(samples.astype(np.int32)).max(initial=0))


def g711(samples: Samples, law: Literal["alaw", "ulaw"]) -> Samples:
    """What is left of the samples after G.711 companding and back, as a telephone hears them."""
    codes = np.arange(128)
    exponent, mantissa = codes >> 4, codes & 15
    if law == "ulaw":
        positive = (((mantissa << 3) + 132) << exponent) - 132
    else:
        rising = ((mantissa << 4) + 264) << np.maximum(exponent - 1, 0)
        positive = np.where(exponent == 0, (mantissa << 4) + 8, rising)
    levels = np.unique(np.concatenate([-positive, positive]))
    nearest = np.searchsorted((levels[1:] + levels[:-1]) / 2, samples)
    return levels[nearest].astype(np.int16)


def read_wav(path: Path) -> Audio:
    """The audio of a mono 16-bit PCM WAV file, which is only read.

    Raises :class:`BadAudio` for anything else and OSError when it cannot be opened.
    """
    if (size := path.stat().st_size) > LARGEST_BYTES:
        raise BadAudio(f"{size // 2**20} MiB; {LARGEST_BYTES // 2**20} MiB is the most")
    try:
        with wave.open(BytesIO(finished(path.read_bytes())), "rb") as wav:
            channels, width, rate = wav.getnchannels(), wav.getsampwidth(), wav.getframerate()
            data = wav.readframes(wav.getnframes())
    except (wave.Error, EOFError) as error:
        raise BadAudio(f"not a WAV file of linear PCM: {error or 'it ends early'}") from error
    if channels != 1 or width != 2 or rate < 1:
        raise BadAudio(f"{channels} channels of {8 * width} bits; mono of 16 bits is needed")
    return Audio(np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16), rate)


def finished(content: bytes) -> bytes:
    """The file with its lengths filled in, where its writer could not.

    Asterisk writes them when it closes the file; one that was killed leaves zeros there, with
    the citizen's words behind them.
    """
    if content[:4] != b"RIFF" or content[4:8] != bytes(4) or len(content) < _HEADER_BYTES:
        return content
    sizes = struct.pack("<I", len(content) - 8), struct.pack("<I", len(content) - _HEADER_BYTES)
    return content[:4] + sizes[0] + content[8:40] + sizes[1] + content[_HEADER_BYTES:]


def write_wav(path: Path, samples: Samples, rate: int = TELEPHONE_RATE) -> None:
    """Write a mono 16-bit WAV; a reader sees the old file or the whole new one, never half."""
    with replacing(path) as file:
        file.write(wav_bytes(samples, rate))


def wav_bytes(samples: Samples, rate: int = TELEPHONE_RATE) -> bytes:
    """The same as the contents of a file."""
    content = BytesIO()
    with wave.open(content, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(samples.astype("<i2").tobytes())
    return content.getvalue()


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes ``path``'s place when the block ends well, and leaves no trace if not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
