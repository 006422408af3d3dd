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
# Prompts that begin alike (sorry, …) differ within this time.
_RECOGNISED_BY = 1.5
_ALIKE = 0.8
_LOUD = FULL_SCALE // 100


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
                # Asked before the look: the last prompt may end with the call.
                ended = not self._phone.calls
                heard = self._phone.heard()
                for name, clip in clips.items():
                    if (at := find_clip(heard[self._heard_until :], clip)) is not None:
                        # Only half of it: the next prompt may follow without a pause.
                        half = len(_beginning(clip)) // 2
                        self._heard_until += int(at * TELEPHONE_RATE) + half
                        return name
                self._forget(len(heard))
                if ended:
                    raise LineEnded(f"{self._phone}: the call ended")
                await asyncio.sleep(_LISTEN_EVERY)

    async def quiet(self, seconds: float, within: float) -> None:
        """Return when there was nothing to hear for ``seconds``.

        Raises TimeoutError and :class:`LineEnded`.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(within):
            size, since = len(self._phone.heard()), loop.time()
            while loop.time() - since < seconds:
                if not self._phone.calls:
                    raise LineEnded(f"{self._phone}: the call ended")
                await asyncio.sleep(_LISTEN_EVERY)
                heard = self._phone.heard()
                if np.abs(heard[size:]).max(initial=0) > _LOUD:
                    since = loop.time()
                size = len(heard)

    def _forget(self, length: int) -> None:
        # A prompt may have just begun, so its length is kept for the next look.
        kept = 2 * int(_RECOGNISED_BY * TELEPHONE_RATE)
        self._heard_until = max(self._heard_until, length - kept)


def find_clip(samples: Samples, clip: Samples) -> float | None:
    """Where in ``samples`` (s) the beginning of ``clip`` is heard; None: nowhere.

    The clip's leading silence is left out, and the loudness of the copy does not matter.
    """
    pattern = _beginning(clip).astype(np.float64) / FULL_SCALE
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


def _beginning(clip: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(clip.astype(np.int32)) > _LOUD)
    spoken = clip[loud[0] :] if len(loud) else clip[:0]
    # Not the end of a short one: a phone drops the last moments before the other side hangs up.
    return spoken[: min(int(_RECOGNISED_BY * TELEPHONE_RATE), len(spoken) * 3 // 4)]
