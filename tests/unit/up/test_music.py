from __future__ import annotations

import os
import wave
from pathlib import Path

import numpy as np
import pytest

from hotline.speech.audio import read_wav, write_wav
from hotline.up.faults import SetupFault
from hotline.up.music import ready
from tests.audio import tone

RATE = 8000


def piece(path: Path, soft_s: float, loud_s: float = 2.0) -> np.ndarray:
    """Silence, and then a tone."""
    samples = np.concatenate([np.zeros(round(soft_s * RATE), np.int16), tone(440, loud_s)])
    write_wav(path, samples)
    return samples


def test_music_begins_where_it_can_be_heard(tmp_path: Path) -> None:
    source, target = tmp_path / "moh", tmp_path / "ready"
    source.mkdir()
    soft = piece(source / "soft.wav", 1.0)
    loud = piece(source / "loud.wav", 0.0)
    assert ready(source, target) == target
    assert np.array_equal(read_wav(target / "soft.wav").samples, soft[RATE:])
    assert np.array_equal(read_wav(target / "loud.wav").samples, loud)
    with wave.open(str(target / "soft.wav")) as wav:
        assert wav.getframerate() == RATE


def test_what_cannot_be_judged_is_taken_as_it_is(tmp_path: Path) -> None:
    source, target = tmp_path / "moh", tmp_path / "ready"
    source.mkdir()
    (source / "notes.gsm").write_bytes(b"gsm")
    (source / "broken.wav").write_bytes(b"RIFF")
    silence = piece(source / "silence.wav", 3.0, loud_s=0.0)
    ready(source, target)
    assert (target / "notes.gsm").read_bytes() == b"gsm"
    assert (target / "broken.wav").read_bytes() == b"RIFF"
    assert np.array_equal(read_wav(target / "silence.wav").samples, silence)


def test_what_was_changed_or_taken_away_is_so_at_the_next_start(tmp_path: Path) -> None:
    source, target = tmp_path / "moh", tmp_path / "ready"
    source.mkdir()
    piece(source / "a.wav", 1.0)
    piece(source / "b.wav", 1.0)
    ready(source, target)
    before = (target / "a.wav").stat().st_mtime
    (source / "b.wav").unlink()
    changed = piece(source / "a.wav", 0.5)
    os.utime(source / "a.wav", (before + 10, before + 10))
    ready(source, target)
    assert [each.name for each in target.iterdir()] == ["a.wav"]
    assert np.array_equal(read_wav(target / "a.wav").samples, changed[RATE // 2 :])


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "moh").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupFault, match="file"):
        ready(tmp_path / "moh", tmp_path / "file")
