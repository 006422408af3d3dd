"""How long somebody speaks in a recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hotline.speech.audio import BadAudio, Samples, read_wav

FRAME_S = 0.02
# Root mean square of a frame (of 32,767) above which somebody speaks: −44 dBFS. Line noise stays
# below −50, a quiet voice on the telephone lies about −35.
SPOKEN_RMS = 200.0


def spoken_seconds(path: Path) -> float | None:
    """Seconds of the recording that hold sound as loud as speech, of whoever speaks in it; None
    when it cannot be read."""
    try:
        audio = read_wav(path)
    except (BadAudio, OSError):
        return None
    return _loud(audio.samples, audio.rate)


def _loud(samples: Samples, rate: int) -> float:
    size = max(1, round(FRAME_S * rate))
    whole = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float32)
    levels = np.sqrt(np.mean(whole**2, axis=1)) if len(whole) else np.zeros(0)
    return float(np.count_nonzero(levels > SPOKEN_RMS) * size / rate)
