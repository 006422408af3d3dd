"""Recordings that become prompts: judged, mended, put in place, taken back."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile
from typer.testing import CliRunner

from hotline.cli import app
from hotline.ivr import prompts
from hotline.ivr.prompts import Origin, Prompt
from hotline.ivr.prompts.recorded import expected_seconds
from hotline.speech.audio import FULL_SCALE, read_wav, rms
from hotline.speech.synthesis import Synthesiser
from hotline.web.catalogue import load_catalogue

GOODBYE = Prompt("goodbye", "zh", "感谢您的来电，再见。")
SEVEN = Prompt("n-7", "zh", "七", "reading")
BY_HAND = Origin("upload", "supervisor", 1000.0)


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    """Somebody says goodbye, at 8 kHz, as floats of ±1."""
    return Synthesiser().say(GOODBYE.text) / (2.0 * FULL_SCALE)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("prompts")
    prompts.build(into)
    return into


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "var/prompts"))


def recording(path: Path, samples: np.ndarray, rate: int = 8000) -> Path:
    wavfile.write(path, rate, samples)
    return path


def whole(samples: np.ndarray) -> np.ndarray:
    return (samples * FULL_SCALE).astype(np.int16)


def found(path: Path, samples: np.ndarray, rate: int = 8000, prompt: Prompt = GOODBYE) -> set[str]:
    verdict = prompts.judge(recording(path / "x.wav", samples, rate), prompt)
    assert (verdict.samples is None) == bool(verdict.faults)
    return {finding.key for finding in verdict.findings}


def test_a_good_recording_is_taken_as_it_is(tmp_path: Path, voice: np.ndarray) -> None:
    quiet = np.zeros(1000)
    assert found(tmp_path, whole(np.concatenate([quiet, voice, quiet]))) == set()


def test_every_common_kind_of_file_is_understood(tmp_path: Path, voice: np.ndarray) -> None:
    high = np.repeat(np.concatenate([np.zeros(1000), voice, np.zeros(1000)]), 6)
    stereo = np.stack([high, high], axis=1)
    for samples in (
        whole(high), whole(stereo), high.astype(np.float32), (high * 2**31).astype(np.int32),
        (high * 127 + 128).astype(np.uint8),
    ):  # fmt: skip
        assert found(tmp_path, samples, 48000) == {"resampled"}


@pytest.mark.parametrize("gain", [0.1, 0.5, 1.0, 1.9])
def test_whatever_its_level_it_is_played_as_loud_as_all_others(
    tmp_path: Path, voice: np.ndarray, gain: float
) -> None:
    verdict = prompts.judge(recording(tmp_path / "x.wav", whole(voice * gain)), GOODBYE)
    assert verdict.samples is not None
    level = 20 * np.log10(rms(verdict.samples) / FULL_SCALE)
    assert level == pytest.approx(-20, abs=2)


def test_silence_at_the_ends_is_cut_and_told(tmp_path: Path, voice: np.ndarray) -> None:
    long = np.concatenate([np.zeros(16000), voice, np.zeros(24000)])
    verdict = prompts.judge(recording(tmp_path / "x.wav", whole(long)), GOODBYE)
    assert [finding.key for finding in verdict.findings] == ["trimmed"]
    assert dict(verdict.findings[0].values)["before"] == "2.0"
    assert verdict.samples is not None
    assert len(verdict.samples) / 8000 == pytest.approx(len(voice) / 8000 + 0.2, abs=0.15)


def test_what_cannot_be_mended_is_refused_by_name(tmp_path: Path, voice: np.ndarray) -> None:
    noise = np.random.default_rng(1).normal(size=len(voice))
    assert "clipped" in found(tmp_path, whole(np.clip(voice * 12, -1, 1)))
    assert "too_quiet" in found(tmp_path, whole(voice * 0.002 + noise * 1e-4))
    assert "no_sound" in found(tmp_path, np.zeros(16000, np.int16))
    assert "too_short" in found(tmp_path, whole(voice[:3000]))
    assert "too_long" in found(tmp_path, whole(np.tile(voice, 6)))
    assert found(tmp_path, np.ones(301 * 8000, np.uint8)) == {"too_long"}
    assert "low_rate" in found(tmp_path, whole(voice[::2]), 4000)
    assert "begins_abruptly" in found(tmp_path, whole(voice[4000:]))
    assert "quiet" in found(tmp_path, whole(voice * 0.1))


def test_what_is_no_sound_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.wav"
    for content in (b"", b"RIFF", b"ID3\x03mp3 and so on", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" * 3):
        file.write_bytes(content)
        verdict = prompts.judge(file, GOODBYE)
        assert [finding.key for finding in verdict.faults] == ["not_audio"]


def test_a_piece_of_a_reading_keeps_no_silence(tmp_path: Path) -> None:
    seven = Synthesiser().say("七") / (2.0 * FULL_SCALE)
    loose = np.concatenate([np.zeros(3000), seven, np.zeros(3000)])
    verdict = prompts.judge(recording(tmp_path / "x.wav", whole(loose)), SEVEN)
    assert verdict.samples is not None
    assert len(verdict.samples) < len(seven) + 400


def test_every_finding_has_words_in_both_languages() -> None:
    texts = load_catalogue()
    keys = ["not_audio", "no_sound", "low_rate", "resampled", "clipped", "too_quiet", "quiet"]
    keys += ["trimmed", "begins_abruptly", "ends_abruptly", "too_long", "too_short"]
    for key in keys:
        assert texts.has(f"prompts.finding.{key}")


def test_how_long_a_text_takes_is_about_known(built: Path) -> None:
    for prompt in prompts.catalogue(prompts.Wording(), ["zh"]):
        if not prompt.is_piece:
            seconds = read_wav(built / f"{prompt.key}.wav").seconds
            assert 0.5 < seconds / expected_seconds(prompt.text) < 2.0, prompt


# --- in place, and back -------------------------------------------------------------------


def state(folder: Path, prompt: Prompt = GOODBYE) -> prompts.PromptStatus:
    return next(one for one in prompts.status(folder, ["zh"]) if one.key == prompt.key)


def content(folder: Path) -> bytes:
    return (folder / "zh/goodbye.wav").read_bytes()


def test_a_recording_takes_the_prompts_place_and_is_taken_back(
    folder: Path, tmp_path: Path, voice: np.ndarray
) -> None:
    synthetic = content(folder)
    assert not state(folder).revertible
    prompts.replace(folder, GOODBYE, recording(tmp_path / "a.wav", whole(voice)), BY_HAND)
    now = state(folder)
    assert (now.state, now.how, now.by, now.at) == ("recorded", "upload", "supervisor", 1000.0)
    assert now.revertible
    first = content(folder)
    assert first != synthetic
    prompts.build(folder, ["zh"])
    assert content(folder) == first

    assert prompts.revert(folder, GOODBYE, prompts.EspeakVoice()).state == "synthetic"
    assert len(content(folder)) == pytest.approx(len(synthetic), rel=0.01)
    assert state(folder).revertible
    assert prompts.revert(folder, GOODBYE, prompts.EspeakVoice()).state == "recorded"
    assert content(folder) == first


def test_of_two_recordings_the_first_comes_back_and_the_voice_when_asked_for(
    folder: Path, tmp_path: Path, voice: np.ndarray
) -> None:
    slower = np.concatenate([voice, np.zeros(4000), voice[4000:]])
    prompts.replace(folder, GOODBYE, recording(tmp_path / "a.wav", whole(voice)), BY_HAND)
    first = content(folder)
    prompts.replace(folder, GOODBYE, recording(tmp_path / "b.wav", whole(slower)), BY_HAND)
    assert content(folder) != first
    prompts.revert(folder, GOODBYE, prompts.EspeakVoice())
    assert content(folder) == first
    prompts.revert(folder, GOODBYE, prompts.EspeakVoice(), synthetic=True)
    assert content(folder) != first
    assert state(folder).state == "synthetic"


def test_a_refused_recording_changes_nothing(folder: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    silent = recording(tmp_path / "a.wav", np.zeros(9000, np.int16))
    with pytest.raises(prompts.Refused, match="no_sound"):
        prompts.replace(folder, GOODBYE, silent, BY_HAND)
    with pytest.raises(prompts.NothingToRevert):
        prompts.revert(folder, GOODBYE, prompts.EspeakVoice())
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_a_missing_prompt_is_spoken_when_asked_for_and_its_recording_kept(
    folder: Path, tmp_path: Path, voice: np.ndarray
) -> None:
    prompts.replace(folder, GOODBYE, recording(tmp_path / "a.wav", whole(voice)), BY_HAND)
    prompts.revert(folder, GOODBYE, prompts.EspeakVoice())
    (folder / "zh/goodbye.wav").unlink()
    assert state(folder).state == "missing"
    now = prompts.revert(folder, GOODBYE, prompts.EspeakVoice(), synthetic=True)
    assert (now.state, now.former) == ("synthetic", True)


def test_a_recording_of_an_older_text_is_stale_and_stays(
    folder: Path, tmp_path: Path, voice: np.ndarray
) -> None:
    key = "zh/offer-report"
    prompt = next(p for p in prompts.catalogue(prompts.Wording(), ["zh"]) if p.key == key)
    long = recording(tmp_path / "a.wav", whole(np.tile(voice, 2)))
    prompts.replace(folder, prompt, long, BY_HAND)
    other = prompts.Wording(report_key="9")
    stale = next(one for one in prompts.status(folder, ["zh"], other) if one.key == key)
    assert (stale.state, stale.recorded) == ("stale", True)
    assert prompts.build(folder, ["zh"], wording=other).recorded == (key,)


# --- by command ---------------------------------------------------------------------------


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Path:
    config = tmp_path / "hotline.toml"
    config.write_text("", encoding="utf-8")
    return config


def hotline(config: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["prompts", *words, "--config", str(config)])
    return done.exit_code, done.output


def test_the_commands_list_import_and_take_back(
    run: Path, tmp_path: Path, voice: np.ndarray
) -> None:
    code, said = hotline(run)
    assert (code, "zh/goodbye" in said, "zh/n-7 " in said) == (0, True, False)
    file = recording(tmp_path / "a.wav", whole(voice))
    assert hotline(run, "import", "goodbye", str(file))[0] == 0
    code, said = hotline(run, "list", "--state", "recorded")
    assert code == 0
    assert said.startswith("zh/goodbye")
    assert hotline(run, "revert", "goodbye") == (0, "zh/goodbye is synthetic again\n")
    (tmp_path / "var/prompts/en/survey.wav").unlink()
    code, said = hotline(run, "list")
    assert code == 1
    assert "1 missing" in said
    assert "1 made" in hotline(run, "make")[1]


def test_a_bad_recording_is_refused_in_words_that_help(run: Path, tmp_path: Path) -> None:
    file = recording(tmp_path / "a.wav", np.zeros(9000, np.int16))
    code, said = hotline(run, "import", "goodbye", str(file), "--language", "en")
    assert code == 2
    assert "Check the microphone" in said
    assert "en/goodbye is as it was" in said
    assert "no prompt is called 'hello'" in hotline(run, "import", "hello", str(file))[1]
    assert "never recorded" in hotline(run, "revert", "goodbye")[1]


def test_the_studios_sheet_has_every_text(run: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "script.tsv"
    assert hotline(run, "export", str(sheet), "--language", "zh")[0] == 0
    rows = [line.split("\t") for line in sheet.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(prompts.catalogue(prompts.Wording(), ["zh"])) + 1
    assert ["zh/goodbye.wav", "zh", "感谢您的来电，再见。"] in [[r[0], r[1], r[3]] for r in rows]
