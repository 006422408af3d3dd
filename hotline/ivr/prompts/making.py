"""Speaks the prompts that are missing or changed, and tells how each one stands."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hotline.ivr.numbers import PAUSE
from hotline.ivr.prompts.catalogue import LANGUAGES, Prompt, Wording, catalogue
from hotline.ivr.prompts.manifest import (
    Entry,
    before_of,
    file_digest,
    is_recorded,
    locked,
    path_of,
    read_manifest,
    write_manifest,
)
from hotline.ivr.prompts.voices import EspeakVoice, Voice
from hotline.speech.audio import (
    TELEPHONE_RATE,
    Audio,
    BadAudio,
    Samples,
    normalise,
    read_wav,
    resample,
    to_samples,
    trim,
    wav_bytes,
)

LOUDNESS_DBFS = -20.0
LEAD_S = 0.05
TRAIL_S = 0.15
PIECE_TRAIL_S = 0.03
PAUSE_S = 0.25
FADE_S = 0.004

_DIGESTS_KEPT = 4
# What a voice that fails in between has spoken in vain.
_BATCH = 200


@dataclass(frozen=True, slots=True)
class BuildReport:
    """Which prompts were made, unchanged, or left alone because the city recorded them."""

    made: tuple[str, ...]
    unchanged: tuple[str, ...]
    recorded: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class PromptStatus:
    """``state``: synthetic, recorded, stale (the text changed since), missing or unusable.

    ``why`` says what is wrong with a stale, missing or unusable one. ``seconds`` is how long the
    file is, None when that is unknown. ``how``, ``by`` and ``at`` say where a recording came
    from, as far as it is known; ``former``: the recording that was there before is kept.
    """

    prompt: Prompt
    state: str
    why: str = ""
    seconds: float | None = None
    recorded: bool = False
    how: str = ""
    by: str = ""
    at: float | None = None
    former: bool = False

    @property
    def revertible(self) -> bool:
        """Whether there is anything to take back."""
        return self.recorded or self.former

    @property
    def key(self) -> str:
        """``zh/greeting``."""
        return self.prompt.key


def build(
    into: Path,
    languages: Sequence[str] = LANGUAGES,
    progress: Callable[[str], None] | None = None,
    wording: Wording | None = None,
    voice: Voice | None = None,
) -> BuildReport:
    """Make the prompts that are missing or whose text changed; ``progress`` is told of each.

    Raises :class:`~hotline.speech.synthesis.SynthesisFault`, and OSError when ``into`` cannot
    be written; the prompts that stood before still stand then.
    """
    started = time.monotonic()
    prompts = catalogue(wording or Wording(), languages)
    voice = voice or EspeakVoice()
    with locked(into):
        entries = _known(read_manifest(into), prompts, languages)
        recorded = {p.key for p in prompts if _notice_recorded(into, p, entries)}
        due = [
            p for p in prompts if p.key not in recorded and not _current(into, p, entries, voice)
        ]
        make(into, due, entries, voice, progress or _no_progress)
        write_manifest(into, entries)
    made = {prompt.key for prompt in due}
    return BuildReport(
        made=tuple(prompt.key for prompt in due),
        unchanged=tuple(p.key for p in prompts if p.key not in made | recorded),
        recorded=tuple(p.key for p in prompts if p.key in recorded),
        seconds=time.monotonic() - started,
    )


def _known(
    entries: Mapping[str, Entry], prompts: Sequence[Prompt], languages: Sequence[str]
) -> dict[str, Entry]:
    """Without those that an earlier version had and this one says no more."""
    wanted = {prompt.key for prompt in prompts}
    return {
        key: entry
        for key, entry in entries.items()
        if key in wanted or key.partition("/")[0] not in languages
    }


def status(
    into: Path,
    languages: Sequence[str] = LANGUAGES,
    wording: Wording | None = None,
    voice: Voice | None = None,
) -> list[PromptStatus]:
    """How each prompt stands; changes nothing. Raises OSError when ``into`` cannot be read."""
    entries = read_manifest(into)
    identity = (voice or EspeakVoice()).identity
    return [
        status_of(into, prompt, entries.get(prompt.key, Entry()), identity)
        for prompt in catalogue(wording or Wording(), languages)
    ]


def status_of(into: Path, prompt: Prompt, entry: Entry, voice: str) -> PromptStatus:
    """How one prompt stands, were it spoken by the voice of this identity."""
    path = path_of(into, prompt)
    former = is_recorded(before_of(into, prompt), entry)
    if not path.exists():
        return PromptStatus(prompt, "missing", f"{path} is not there", former=former)
    recorded = entry.recorded or is_recorded(path, entry)
    origin = (entry.how, entry.by, entry.at) if recorded else ("", "", None)
    known = (recorded, *origin, former)
    try:
        seconds = playable(path)
    except BadAudio as error:
        return PromptStatus(prompt, "unusable", f"{path}: {error}", None, *known)
    if entry.wording and entry.wording != prompt.wording:
        why = f"the text changed since it was {'recorded' if recorded else 'made'}"
        return PromptStatus(prompt, "stale", why, seconds, *known)
    if not recorded and entry.voice != voice:
        return PromptStatus(prompt, "stale", "another voice spoke it", seconds, *known)
    return PromptStatus(prompt, "recorded" if recorded else "synthetic", "", seconds, *known)


def playable(path: Path) -> float:
    """The seconds of a file that Asterisk can play. Raises BadAudio."""
    audio = read_wav(path)
    if audio.rate != TELEPHONE_RATE:
        raise BadAudio(f"{audio.rate} samples a second; {TELEPHONE_RATE} are needed")
    if not len(audio.samples):
        raise BadAudio("it holds no sound")
    return audio.seconds


def _notice_recorded(into: Path, prompt: Prompt, entries: dict[str, Entry]) -> bool:
    entry = entries.setdefault(prompt.key, Entry())
    path = path_of(into, prompt)
    recorded = path.exists() and (entry.recorded or is_recorded(path, entry))
    if recorded and not entry.recorded:
        entry.wording = prompt.wording
    entry.recorded = recorded
    return recorded


def _current(into: Path, prompt: Prompt, entries: Mapping[str, Entry], voice: Voice) -> bool:
    entry = entries[prompt.key]
    path = path_of(into, prompt)
    if (entry.wording, entry.voice) != (prompt.wording, voice.identity) or not path.exists():
        return False
    return entry.made[-1:] == [file_digest(path)]


def make(
    into: Path,
    due: Sequence[Prompt],
    entries: dict[str, Entry],
    voice: Voice,
    progress: Callable[[str], None],
) -> None:
    """Speak these prompts into their places. The caller holds the manifest.

    Raises :class:`~hotline.speech.synthesis.SynthesisFault` and OSError; the prompts not yet
    reached are as they were.
    """
    for begin in range(0, len(due), _BATCH):
        batch = due[begin : begin + _BATCH]
        try:
            for number, prompt in enumerate(batch, begin + 1):
                progress(f"prompt {number}/{len(due)}: {prompt.key}")
                _speak(into, prompt, entries.setdefault(prompt.key, Entry()), voice)
            # All at once: hundreds of files waiting for the disk one by one take many seconds.
            os.sync()
            # Before the files: one that the manifest does not know would count as recorded.
            write_manifest(into, entries)
            for prompt in batch:
                _fresh(into, prompt).replace(path_of(into, prompt))
        finally:
            for prompt in batch:
                _fresh(into, prompt).unlink(missing_ok=True)


def _speak(into: Path, prompt: Prompt, entry: Entry, voice: Voice) -> None:
    fresh = _fresh(into, prompt)
    fresh.parent.mkdir(parents=True, exist_ok=True)
    fresh.write_bytes(wav_bytes(spoken(prompt, voice)))
    entry.wording, entry.voice = prompt.wording, voice.identity
    entry.made = [*entry.made, file_digest(fresh)][-_DIGESTS_KEPT:]
    entry.recorded, entry.how, entry.by, entry.at = False, "", "", None


def _fresh(into: Path, prompt: Prompt) -> Path:
    return path_of(into, prompt).with_suffix(".fresh")


def spoken(prompt: Prompt, voice: Voice) -> Samples:
    """A prompt as a voice speaks it, ready for the telephone. Raises SynthesisFault."""
    if prompt.is_piece and prompt.name == PAUSE:
        return np.zeros(round(PAUSE_S * TELEPHONE_RATE), np.int16)
    speech = voice.say(prompt.text, prompt.language, piece=prompt.is_piece)
    return normalise(telephone(speech, piece=prompt.is_piece), LOUDNESS_DBFS)


def telephone(speech: Audio, *, piece: bool = False) -> Samples:
    """Speech at the telephone's rate, with just the silence around it that it needs."""
    samples = to_samples(resample(speech.samples, speech.rate, TELEPHONE_RATE))
    lead_s, trail_s = (0.0, PIECE_TRAIL_S) if piece else (LEAD_S, TRAIL_S)
    around = (round(lead_s * TELEPHONE_RATE), round(trail_s * TELEPHONE_RATE))
    return trim(np.pad(_faded(samples), around), TELEPHONE_RATE, lead_s=lead_s, trail_s=trail_s)


def _faded(samples: Samples) -> Samples:
    """Without the clicks of a wave that is cut in its middle."""
    size = min(round(FADE_S * TELEPHONE_RATE), len(samples) // 2)
    faded = samples.astype(np.float64)
    rising = np.linspace(0.0, 1.0, size)
    faded[:size] *= rising
    faded[len(faded) - size :] *= rising[::-1]
    return faded.astype(np.int16)


def _no_progress(_line: str) -> None:
    """Nobody listens."""
