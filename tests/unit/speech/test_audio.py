from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hotline.speech.audio import (
    FULL_SCALE,
    BadAudio,
    Samples,
    g711,
    normalise,
    read_wav,
    resample,
    rms,
    to_samples,
    trim,
    write_wav,
)

some_samples = arrays(np.int16, st.integers(0, 400))


def tone(seconds: float, level: float, rate: int = 8000) -> Samples:
    at = np.arange(int(seconds * rate)) / rate
    return to_samples(level * np.sin(2 * np.pi * 440 * at))


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * 8000), np.int16)


@given(some_samples)
def test_resampled_speech_is_turned_down_rather_than_clipped(samples: Samples) -> None:
    resampled = resample(samples, 22050, 8000)
    out = to_samples(resampled)
    peak = np.abs(resampled).max(initial=0)
    expected = resampled * (FULL_SCALE / peak if peak > FULL_SCALE else 1)
    assert np.abs(out - expected).max(initial=0) <= 0.5


def test_resampling_keeps_length_and_level() -> None:
    out = resample(tone(2.0, 8000, 22050), 22050, 8000)
    assert len(out) == 16000
    assert rms(out[800:-800]) == pytest.approx(8000 / np.sqrt(2), rel=0.01)


def test_silence_around_speech_is_cut_but_not_all_of_it() -> None:
    speech = np.concatenate([silence(1), tone(0.5, 9000), silence(2)])
    out = trim(speech, 8000, lead_s=0.05, trail_s=0.15)
    assert len(out) / 8000 == pytest.approx(0.7, abs=0.01)
    assert len(trim(silence(1), 8000, lead_s=0.05, trail_s=0.15)) == 0


def test_a_level_is_reached_and_silence_stays_silent() -> None:
    for level in (10, 2000, 30000):
        assert rms(normalise(tone(1, level), -20)) == pytest.approx(3276.7, rel=0.01)
    assert rms(normalise(silence(1), -20)) == 0


@given(some_samples, st.sampled_from(["alaw", "ulaw"]))
def test_companding_loses_little_and_nothing_the_second_time(samples: Samples, law: str) -> None:
    once = g711(samples, "alaw" if law == "alaw" else "ulaw")
    error = np.abs(once.astype(np.int32) - samples.astype(np.int32))
    assert (error <= np.maximum(16, np.abs(samples.astype(np.int32)) / 30 + 8)).all()
    assert (g711(once, "alaw" if law == "alaw" else "ulaw") == once).all()


def test_companding_has_the_levels_of_g711() -> None:
    everything = np.arange(-32768, 32768).astype(np.int16)
    alaw, ulaw = np.unique(g711(everything, "alaw")), np.unique(g711(everything, "ulaw"))
    assert len(alaw) == 256
    assert (alaw.min(), alaw.max(), np.abs(alaw).min()) == (-32256, 32256, 8)
    assert len(ulaw) == 255
    assert (ulaw.min(), ulaw.max()) == (-32124, 32124)


@given(some_samples)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, samples: Samples
) -> None:
    path = tmp_path_factory.mktemp("wav") / "sub" / "a.wav"
    write_wav(path, samples)
    audio = read_wav(path)
    assert audio.rate == 8000
    assert (audio.samples == samples).all()
    assert [one.name for one in path.parent.iterdir()] == ["a.wav"]


def test_a_recording_whose_writer_was_killed_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    write_wav(path, tone(1, 5000))
    whole = path.read_bytes()
    # As Asterisk leaves it: the lengths in the header are still 0, the last sample is cut.
    path.write_bytes(whole[:4] + bytes(4) + whole[8:40] + bytes(4) + whole[44:-1])
    assert (read_wav(path).samples == tone(1, 5000)[:-1]).all()


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "not a WAV"), (b"RIFF", "not a WAV"), (b"\xff" * 5000, "not a WAV")],
)
def test_what_is_no_wav_is_refused_with_a_reason(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(BadAudio, match=why):
        read_wav(path)


def test_stereo_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(800))
    with pytest.raises(BadAudio, match="2 channels"):
        read_wav(path)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "prompt.wav"
    write_wav(path, tone(1, 5000))
    before = path.read_bytes()
    with pytest.raises(ValueError, match="complex"):
        write_wav(path, np.array(["complex"]))
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["prompt.wav"]
