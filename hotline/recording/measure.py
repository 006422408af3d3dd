"""What a recorded file really holds."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Below this peak (of 32,767) there is only line noise: −54 dBFS.
SILENT_PEAK = 64
# A recording may start and end this much later and sooner than the talk.
SLACK_S = 2.0


class Unreadable(ValueError):
    """There is no such file, or it is not a recording; the message says which."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Length in seconds and the loudest sample (0 to 32,767) of a recording."""

    seconds: float
    peak: int


def measure(path: Path) -> Measured:
    """Read a WAV file. A file whose header was never completed (its writer died) is measured
    by its size. Raises :class:`Unreadable`."""
    try:
        with wave.open(str(path), "rb") as file:
            rate, width = file.getframerate(), file.getsampwidth()
            if width != 2:
                raise Unreadable(f"{path.name}: {width * 8}-bit samples, 16 expected")
        with path.open("rb") as raw:
            raw.seek(44)
            data = raw.read()
        # A writer that died may have left half a sample.
        samples = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2")
    except FileNotFoundError as error:
        raise Unreadable(f"{path.name}: there is no such file") from error
    except (OSError, EOFError, wave.Error, ValueError) as error:
        raise Unreadable(f"{path.name}: not a readable recording ({error})") from error
    # Without a copy: a long talk is tens of megabytes.
    peak = max(-int(samples.min()), int(samples.max())) if samples.size else 0
    return Measured(samples.size / rate, peak)


def fault_of_talk(path: Path, talked_s: float) -> tuple[float, str]:
    """The recording's length in seconds, and what is wrong with it (empty: it is whole)."""
    try:
        found = measure(path)
    except Unreadable as error:
        return 0.0, str(error)
    if found.seconds + SLACK_S < talked_s:
        return found.seconds, f"{found.seconds:.1f} s recorded of a talk of {talked_s:.1f} s"
    return found.seconds, ""
