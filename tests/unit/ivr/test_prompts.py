from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from vosk import KaldiRecognizer, Model, SetLogLevel

from hotline.config import Config
from hotline.ivr import prompts
from hotline.ivr.numbers import PAUSE, piece_texts, text
from hotline.ivr.pieces import Read, Reading
from hotline.ivr.spoken import files
from hotline.speech.audio import FULL_SCALE, read_wav, rms, write_wav
from hotline.speech.models import demo_path

EXPECTED = {
    "greeting", "recording-notice", "please-wait", "no-such-number", "report-please",
    "report-saved", "report-empty", "out-of-hours", "all-busy", "survey", "survey-thanks",
    "survey-again", "goodbye", "offer-report",
}  # fmt: skip
LOUD = np.full(8000, 3000, np.int16)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("prompts")
    prompts.build(into)
    return into


@pytest.fixture
def spoken(built: Path, tmp_path: Path) -> Path:
    """A folder with all prompts, the test's own."""
    return Path(shutil.copytree(built, tmp_path / "prompts"))


def states(into: Path, wording: prompts.Wording | None = None) -> dict[str, str]:
    return {one.key: one.state for one in prompts.status(into, wording=wording)}


def test_every_prompt_of_the_calls_exists_in_both_languages(spoken: Path) -> None:
    for language in prompts.LANGUAGES:
        there = {path.stem for path in (spoken / language).glob("*.wav")}
        assert there >= EXPECTED | set(piece_texts(language))
    assert set(states(spoken).values()) == {"synthetic"}


@pytest.mark.parametrize("pieces", [False, True])
def test_prompts_are_telephone_audio_of_even_loudness_that_does_not_clip(
    spoken: Path, pieces: bool
) -> None:
    for prompt in prompts.catalogue(prompts.Wording()):
        if prompt.is_piece is not pieces or prompt.name == PAUSE:
            continue
        audio = read_wav(spoken / f"{prompt.key}.wav")
        assert audio.rate == 8000
        shortest, longest = (0.1, 1.7) if pieces else (0.4, 20.0)
        assert shortest < audio.seconds < longest, prompt
        level = 20 * np.log10(rms(audio.samples) / FULL_SCALE)
        assert level == pytest.approx(-20, abs=2), prompt
        clipped = np.abs(audio.samples.astype(np.int32)) >= FULL_SCALE
        assert clipped.sum() < 3, prompt


def test_the_pieces_of_a_reading_follow_each_other_without_gaps(spoken: Path) -> None:
    for name in piece_texts("zh"):
        samples = np.abs(read_wav(spoken / "zh" / f"{name}.wav").samples.astype(np.int32))
        if name != PAUSE:
            loud = np.flatnonzero(samples > samples.max() / 50)
            assert loud[0] < 0.02 * 8000, name
            assert len(samples) - loud[-1] < 0.1 * 8000, name


def test_a_second_build_changes_nothing(spoken: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in spoken.rglob("*")}
    report = prompts.build(spoken)
    assert report.made == ()
    assert len(report.unchanged) == len(prompts.catalogue(prompts.Wording()))
    assert {path: path.stat().st_mtime_ns for path in spoken.rglob("*")} == before


def test_a_changed_key_makes_only_the_prompt_that_names_it_anew(spoken: Path) -> None:
    wording = prompts.Wording(report_key="9")
    assert states(spoken, wording)["zh/offer-report"] == "stale"
    told: list[str] = []
    report = prompts.build(spoken, progress=told.append, wording=wording)
    names = ("offer-report", "offer-callback-report")
    assert set(report.made) == {f"{tongue}/{name}" for tongue in ("zh", "en") for name in names}
    assert len(told) == 4
    assert set(states(spoken, wording).values()) == {"synthetic"}


def test_a_prompt_recorded_by_the_city_is_never_overwritten(spoken: Path) -> None:
    recorded = spoken / "zh" / "greeting.wav"
    write_wav(recorded, LOUD)
    content = recorded.read_bytes()
    wording = prompts.Wording(name="别的热线")
    for words in (None, wording, wording):
        assert prompts.build(spoken, wording=words).recorded == ("zh/greeting",)
        assert recorded.read_bytes() == content
    assert states(spoken)["zh/greeting"] == "recorded"
    assert states(spoken, wording)["zh/greeting"] == "stale"


def test_a_recorded_prompt_that_is_taken_away_is_spoken_again(spoken: Path) -> None:
    recorded = spoken / "zh" / "greeting.wav"
    write_wav(recorded, LOUD)
    prompts.build(spoken)
    recorded.unlink()
    assert states(spoken)["zh/greeting"] == "missing"
    assert prompts.build(spoken).made == ("zh/greeting",)
    assert states(spoken)["zh/greeting"] == "synthetic"


def test_a_recorded_prompt_the_pbx_cannot_play_is_named(spoken: Path) -> None:
    write_wav(spoken / "zh" / "goodbye.wav", LOUD, rate=44100)
    (spoken / "zh" / "survey.wav").write_bytes(b"this is no audio")
    found = {one.key: one for one in prompts.status(spoken) if one.state == "unusable"}
    assert set(found) == {"zh/goodbye", "zh/survey"}
    assert "44100" in found["zh/goodbye"].why


def test_a_build_that_was_killed_between_manifest_and_file_is_finished(
    spoken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (spoken / "zh" / "greeting.wav").unlink()
    rename = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if target.name == "greeting.wav":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        prompts.build(spoken)
    monkeypatch.undo()
    assert prompts.build(spoken).made == ("zh/greeting",)
    assert states(spoken)["zh/greeting"] == "synthetic"


def test_without_its_manifest_every_file_is_kept(spoken: Path) -> None:
    (spoken / prompts.MANIFEST).write_text("{ torn", encoding="utf-8")
    before = {path: path.read_bytes() for path in spoken.rglob("*.wav")}
    report = prompts.build(spoken)
    assert report.made == ()
    assert len(report.recorded) == len(before)
    assert {path: path.read_bytes() for path in spoken.rglob("*.wav")} == before
    assert json.loads((spoken / prompts.MANIFEST).read_text(encoding="utf-8"))["prompts"]


def test_a_prompt_that_is_said_no_more_is_forgotten(spoken: Path) -> None:
    manifest = spoken / prompts.MANIFEST
    text = manifest.read_text(encoding="utf-8").replace('"zh/goodbye"', '"zh/farewell"')
    manifest.write_text(text, encoding="utf-8")
    prompts.build(spoken)
    assert "zh/farewell" not in json.loads(manifest.read_text(encoding="utf-8"))["prompts"]


def test_numbers_and_keys_are_spoken_as_people_say_them() -> None:
    wording = prompts.Wording.of(Config())
    texts = {prompt.key: prompt.text for prompt in prompts.catalogue(wording)}
    assert texts["zh/greeting"] == "您好，欢迎致电幺二三幺九城市管理服务热线。"
    assert "1 2 3 1 9" in texts["en/greeting"]
    assert texts["zh/offer-report"].endswith("留言请按二。")
    star = prompts.Wording(report_key="*")
    assert star.fill("{report_key}", "zh") == "星号键"
    assert star.fill("{report_key}", "en") == "star"


def test_a_recogniser_understands_numbers_that_are_joined_from_pieces(built: Path) -> None:
    SetLogLevel(-1)
    model = Model(str(demo_path()))
    grammar = json.dumps([*"零一二三四五六七八九幺", "[unk]"], ensure_ascii=False)
    chance = random.Random(1)
    for _ in range(12):
        phone = Read(Reading.PHONE, "13" + "".join(chance.choices("0123456789", k=9)))
        silence = np.zeros(3000, np.int16)
        pieces = [read_wav(Path(f"{file}.wav")).samples for file in files([phone], "zh", built)]
        recogniser = KaldiRecognizer(model, 8000, grammar)
        recogniser.AcceptWaveform(np.concatenate([silence, *pieces, silence]).tobytes())
        heard = json.loads(recogniser.FinalResult())["text"].replace(" ", "")
        said = text(phone, "zh").replace("，", "")
        assert heard.replace("幺", "一") == said.replace("幺", "一")
