"""What a telephone line does to speech, and the sounds of a line that are no speech."""

from __future__ import annotations

import math
import random

import numpy as np
from scipy.signal import butter, sosfilt

from hotline.speech.audio import TELEPHONE_RATE, Floats, Samples, g711, rms

_QUIETEST_PEAK = 10**2.8
_LOUDEST_PEAK = 10**4.45
_DTMF_LOW = (697, 770, 852, 941)
_DTMF_HIGH = (1209, 1336, 1477)


class Line:
    """A bad telephone line, repeatable by its seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._noise = np.random.default_rng(seed)
        nyquist = TELEPHONE_RATE / 2
        self._band = butter(3, [300 / nyquist, 3400 / nyquist], "bandpass", output="sos")

    def carry(self, audio: Floats) -> Samples:
        """The audio at some level, through band, noise and G.711, each of them by chance."""
        dice = self.dice
        level = math.exp(dice.uniform(math.log(_QUIETEST_PEAK), math.log(_LOUDEST_PEAK)))
        carried = audio / max(1.0, float(np.abs(audio).max(initial=0))) * level
        if dice.random() < 0.5:
            carried = np.asarray(sosfilt(self._band, carried), np.float64)
        if dice.random() < 0.8:
            carried = self.add_noise(carried, dice.uniform(8, 45))
        return self._compand(np.clip(np.round(carried), -32768, 32767).astype(np.int16))

    def add_noise(self, audio: Floats, snr_db: float) -> Floats:
        """Hiss, rumble or pulsing noise this far below the speech."""
        dice, count = self.dice, len(audio)
        noise = self._noise.standard_normal(count)
        kind = dice.random()
        if kind < 0.35:
            noise = _low_pass(noise, dice.uniform(0.5, 0.97))
        elif kind < 0.5:
            noise *= 1 + np.sin(np.arange(count) * dice.uniform(0.0005, 0.01))
        wanted = (rms(audio) + 1e-3) * 10 ** (-snr_db / 20)
        return audio + noise * (wanted / (float(noise.std()) + 1e-9))

    def _compand(self, samples: Samples) -> Samples:
        kind = self.dice.random()
        if kind < 0.45:
            return g711(samples, "alaw")
        return g711(samples, "ulaw") if kind < 0.75 else samples

    def sound(self) -> Samples:
        """One to four seconds of something that must be recognised as nothing."""
        count = int(TELEPHONE_RATE * self.dice.uniform(1, 4))
        makers = (self._tone, self._keys, self._hiss, self._clicks, self._whistle)
        choice = self.dice.randrange(len(makers) + 1)
        if choice == len(makers):
            level = self.dice.choice([0, 0, 1, 5])
            return np.round(self._noise.standard_normal(count) * level).astype(np.int16)
        return self.carry(makers[choice](count) * 10_000)

    def _tone(self, count: int) -> Floats:
        """Dial tone, busy tone or ringing tone of China: 450 Hz."""
        seconds = np.arange(count) / TELEPHONE_RATE
        period, on = self.dice.choice([(5.0, 1.0), (0.7, 0.35), (1e9, 1e9)])
        return np.sin(2 * np.pi * 450 * seconds) * (np.mod(seconds, period) < on)

    def _keys(self, count: int) -> Floats:
        seconds, audio = np.arange(count) / TELEPHONE_RATE, np.zeros(count)
        for _ in range(self.dice.randint(1, 8)):
            start = int(self.dice.uniform(0, count))
            part = slice(start, start + int(TELEPHONE_RATE * self.dice.uniform(0.06, 0.3)))
            low, high = self.dice.choice(_DTMF_LOW), self.dice.choice(_DTMF_HIGH)
            audio[part] += np.sin(2 * np.pi * low * seconds[part])
            audio[part] += np.sin(2 * np.pi * high * seconds[part])
        return audio

    def _hiss(self, count: int) -> Floats:
        return _low_pass(self._noise.standard_normal(count), self.dice.uniform(0, 0.98))

    def _clicks(self, count: int) -> Floats:
        audio, length = np.zeros(count), 400
        for _ in range(self.dice.randint(1, 10)):
            start = int(self.dice.uniform(0, count - length))
            fading = np.exp(-np.arange(length) / self.dice.uniform(5, 120))
            audio[start : start + length] += self._noise.standard_normal(length) * fading
        return audio

    def _whistle(self, count: int) -> Floats:
        seconds = np.arange(count) / TELEPHONE_RATE
        wobble = np.sin(2 * np.pi * self.dice.uniform(0.2, 5) * seconds)
        pitch = 2 * np.pi * self.dice.uniform(200, 3000) * seconds
        return np.asarray(np.sin(pitch + self.dice.uniform(0, 50) * wobble), np.float64)


def _low_pass(noise: Floats, smoothing: float) -> Floats:
    # A second-order section of a one-pole filter: y[n] = x[n] + smoothing * y[n-1].
    section = np.array([[1.0, 0.0, 0.0, 1.0, -smoothing, 0.0]])
    return np.asarray(sosfilt(section, noise), np.float64)
