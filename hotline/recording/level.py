"""Whether somebody who is recorded speaks loudly enough. Pure: samples in, a verdict out."""

from __future__ import annotations

from collections import deque

import numpy as np

from hotline.speech.audio import FULL_SCALE, TELEPHONE_RATE

FRAME = TELEPHONE_RATE // 50
# Speech as telephones carry it lies above; what lies below is hard to understand when played.
QUIET_DBFS = -42.0
# Below this there is only the line.
LINE_DBFS = -60.0
# So much of a stretch has to be loud, or to be heard at all: a click is neither.
SHARE = 0.08


class LevelWatch:
    """Watches one recording. ``quiet_s``: how long a stretch is judged.

    Too quiet is a stretch in which somebody is to be heard and never loudly enough, and one at
    the beginning in which nobody is to be heard at all. Silence after speech is neither: they
    are done.
    """

    def __init__(self, quiet_s: float) -> None:
        self._most = max(1, round(quiet_s * TELEPHONE_RATE / FRAME))
        self._levels: deque[float] = deque(maxlen=self._most)
        self._rest = np.zeros(0, np.int16)
        self._spoke = False

    def hear(self, samples: bytes) -> bool:
        """Take samples in (16-bit little-endian, 8,000 Hz). Whether it is too quiet by now."""
        heard = np.concatenate([self._rest, np.frombuffer(samples, "<i2")])
        whole = len(heard) // FRAME * FRAME
        self._rest = heard[whole:]
        for frame in heard[:whole].reshape(-1, FRAME).astype(np.float64):
            self._levels.append(_dbfs(frame))
        return self._too_quiet()

    def _too_quiet(self) -> bool:
        enough = SHARE * self._most
        loud = sum(level > QUIET_DBFS for level in self._levels)
        if loud >= enough:
            self._spoke = True
        if loud >= enough or len(self._levels) < self._most:
            return False
        audible = sum(level > LINE_DBFS for level in self._levels)
        return audible >= enough or not self._spoke


def _dbfs(frame: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    power = float(np.mean(frame**2)) / FULL_SCALE**2
    return 10 * float(np.log10(power)) if power > 0 else float("-inf")
