"""A citizen's ear: which prompt is played to a phone, and when the line falls quiet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.signal import correlate

from hotline.demo.phone import BaresipPhone
from hotline.speech.audio import FULL_SCALE, TELEPHONE_RATE, Samples, read_wav

_LISTEN_EVERY = 0.2
_RECOGNISED_BY = 1.0
_ALIKE = 0.6


class LineEnded(RuntimeError):
    """The call ended while somebody was still listening."""


class Ear:
    """Listens to one phone's current call. ``prompts`` is the folder of one language."""

    def __init__(self, phone: BaresipPhone, prompts: Path) -> None:
        self._phone = phone
        self._prompts = prompts
        self._heard_until = 0

    async def hears(self, prompts: Sequence[str], within: float) -> str:
        """The first of these prompts to be played from now on.

        Raises TimeoutError after ``within`` seconds, :class:`LineEnded` when the call ends.
        """
        clips = {name: read_wav(self._prompts / f"{name}.wav").samples for name in prompts}
        async with asyncio.timeout(within):
            while True:
                heard = self._phone.heard()
                for name, clip in clips.items():
                    if (at := find_clip(heard[self._heard_until :], clip)) is not None:
                        self._heard_until += int((at + _RECOGNISED_BY) * TELEPHONE_RATE)
                        return name
                self._forget(len(heard))
                await self._wait()

    async def quiet(self, seconds: float, within: float) -> None:
        """Return when nothing has been sent to the phone for ``seconds``.

        Raises TimeoutError and :class:`LineEnded`.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(within):
            size, since = len(self._phone.heard()), loop.time()
            while loop.time() - since < seconds:
                await self._wait()
                now = len(self._phone.heard())
                if now != size:
                    size, since = now, loop.time()

    def _forget(self, length: int) -> None:
        # A prompt may have just begun, so its length is kept for the next look.
        kept = 2 * int(_RECOGNISED_BY * TELEPHONE_RATE)
        self._heard_until = max(self._heard_until, length - kept)

    async def _wait(self) -> None:
        if not self._phone.calls:
            raise LineEnded(f"{self._phone}: the call ended")
        await asyncio.sleep(_LISTEN_EVERY)


def find_clip(samples: Samples, clip: Samples, seconds: float = _RECOGNISED_BY) -> float | None:
    """Where in ``samples`` (s) the first ``seconds`` of ``clip`` are heard; None: nowhere.

    The clip's leading silence is left out, and the loudness of the copy does not matter.
    """
    pattern = _trimmed(clip)[: int(TELEPHONE_RATE * seconds)].astype(np.float64) / FULL_SCALE
    if not 0 < len(pattern) <= len(samples):
        return None
    heard = samples.astype(np.float64) / FULL_SCALE
    match = correlate(heard, pattern, mode="valid", method="fft")
    ends = np.concatenate([[0.0], np.cumsum(heard**2)])
    energy = ends[len(pattern) :] - ends[: -len(pattern)]
    floor = 1e-5 * len(pattern)
    score = match / np.sqrt(np.maximum(energy, floor) * float(np.sum(pattern**2)))
    best = int(np.argmax(score))
    return best / TELEPHONE_RATE if score[best] > _ALIKE else None


def _trimmed(clip: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(clip.astype(np.int32)) > FULL_SCALE // 100)
    return clip[loud[0] :] if len(loud) else clip[:0]
