"""The prompts: their texts, and the WAV files Asterisk plays.

:func:`build` speaks every text of the catalogue into ``<into>/<language>/<name>.wav``. Beside
them lies a manifest with the digest of each file made here. A file whose digest is not in it was
put there by the city: a recorded prompt, which is used and never overwritten.
"""

from __future__ import annotations

import hashlib
import json
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import structlog

from hotline.config import Config
from hotline.speech.audio import (
    TELEPHONE_RATE,
    BadAudio,
    Samples,
    normalise,
    read_wav,
    replacing,
    trim,
    write_wav,
)
from hotline.speech.synthesis import Synthesiser

_log = structlog.get_logger(__name__)

LANGUAGES = ("zh", "en")
MANIFEST = "manifest.json"

LOUDNESS_DBFS = -20.0
LEAD_S = 0.05
TRAIL_S = 0.15
SPEECH_RATE = {"zh": 155, "en": 150}

# Raise it when prompts are to be made anew though neither text nor voice changed.
_MAKING = 1
_DIGESTS_KEPT = 4
_CHINESE_KEYS = dict(zip("0123456789*", "零一二三四五六七八九", strict=False)) | {"*": "星号键"}
_CHINESE_NUMBER = str.maketrans("0123456789", "零幺二三四五六七八九")


@dataclass(frozen=True, slots=True)
class Wording:
    """What the texts take from ``hotline.toml``. ``report_key`` is 0–9, ``*`` or empty."""

    name: str = "12319 城市管理服务热线"
    number: str = "12319"
    report_key: str = "2"

    @classmethod
    def of(cls, config: Config) -> Wording:
        """The configured wording."""
        return cls(config.hotline.name, config.hotline.number, config.queue.report_key)

    def fill(self, text: str, language: str) -> str:
        """``text`` with its places filled in as they are spoken in ``language``."""
        if language == "zh":
            name = self.name.replace(" ", "").translate(_CHINESE_NUMBER)
            number = self.number.translate(_CHINESE_NUMBER)
            key = _CHINESE_KEYS.get(self.report_key, "")
        else:
            name, number = self.name, " ".join(self.number)
            key = "star" if self.report_key == "*" else self.report_key
        return text.format(name=name, number=number, report_key=key)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt in one language."""

    name: str
    language: str
    text: str

    @property
    def key(self) -> str:
        """``zh/greeting``: its entry in the manifest and its path without ``.wav``."""
        return f"{self.language}/{self.name}"

    @property
    def wording(self) -> str:
        """A digest of all that decides how it sounds."""
        voice = metadata.version("espeakng-loader")
        parts = [_MAKING, voice, SPEECH_RATE[self.language], LOUDNESS_DBFS, self.text]
        return _digest(json.dumps(parts, ensure_ascii=False).encode())


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

    ``why`` says what is wrong with a stale, missing or unusable one.
    """

    key: str
    state: str
    why: str = ""


@dataclass(slots=True)
class _Entry:
    wording: str = ""
    recorded: bool = False
    made: list[str] = field(default_factory=list)


def catalogue(wording: Wording, languages: Sequence[str] = LANGUAGES) -> list[Prompt]:
    """Every prompt in these languages. Raises KeyError for a language without texts."""
    source = resources.files("hotline.ivr").joinpath("prompts.toml")
    texts: Mapping[str, Mapping[str, str]] = tomllib.loads(source.read_text(encoding="utf-8"))
    return [
        Prompt(name, language, wording.fill(by_language[language], language))
        for language in languages
        for name, by_language in texts.items()
    ]


def build(
    into: Path,
    languages: Sequence[str] = LANGUAGES,
    progress: Callable[[str], None] | None = None,
    wording: Wording | None = None,
) -> BuildReport:
    """Make the prompts that are missing or whose text changed; ``progress`` is told of each.

    Raises :class:`~hotline.speech.synthesis.SynthesisFault`, and OSError when ``into`` cannot
    be written; the prompts that stood before still stand then.
    """
    started = time.monotonic()
    prompts = catalogue(wording or Wording(), languages)
    entries = _read_manifest(into)
    recorded = [p for p in prompts if _notice_recorded(into, p, entries)]
    due = [p for p in prompts if p not in recorded and not _is_current(into, p, entries)]
    made = _make(into, due, entries, progress or _no_progress)
    _write_manifest(into, entries)
    left = set(made) | {prompt.key for prompt in recorded}
    return BuildReport(
        made=tuple(made),
        unchanged=tuple(prompt.key for prompt in prompts if prompt.key not in left),
        recorded=tuple(prompt.key for prompt in recorded),
        seconds=time.monotonic() - started,
    )


def status(
    into: Path, languages: Sequence[str] = LANGUAGES, wording: Wording | None = None
) -> list[PromptStatus]:
    """How each prompt stands; changes nothing. Raises OSError when ``into`` cannot be read."""
    entries = _read_manifest(into)
    return [
        _status(into, prompt, entries.get(prompt.key, _Entry()))
        for prompt in catalogue(wording or Wording(), languages)
    ]


def _status(into: Path, prompt: Prompt, entry: _Entry) -> PromptStatus:
    path = _path(into, prompt)
    if not path.exists():
        return PromptStatus(prompt.key, "missing", f"{path} is not there")
    why = _unplayable(path)
    if why:
        return PromptStatus(prompt.key, "unusable", f"{path}: {why}")
    recorded = entry.recorded or _file_digest(path) not in entry.made
    if entry.wording and entry.wording != prompt.wording:
        kind = "recorded" if recorded else "made"
        return PromptStatus(prompt.key, "stale", f"the text changed since it was {kind}")
    return PromptStatus(prompt.key, "recorded" if recorded else "synthetic")


def _unplayable(path: Path) -> str:
    """Why Asterisk could not play it; empty when it can."""
    try:
        audio = read_wav(path)
    except BadAudio as error:
        return str(error)
    if audio.rate != TELEPHONE_RATE:
        return f"{audio.rate} samples a second; {TELEPHONE_RATE} are needed"
    return "" if len(audio.samples) else "it holds no sound"


def _notice_recorded(into: Path, prompt: Prompt, entries: dict[str, _Entry]) -> bool:
    entry = entries.setdefault(prompt.key, _Entry())
    path = _path(into, prompt)
    there = path.exists()
    recorded = there and (entry.recorded or _file_digest(path) not in entry.made)
    if recorded and not entry.recorded:
        entry.wording = prompt.wording
    entry.recorded = recorded
    return recorded


def _is_current(into: Path, prompt: Prompt, entries: dict[str, _Entry]) -> bool:
    entry = entries[prompt.key]
    path = _path(into, prompt)
    if entry.wording != prompt.wording or not path.exists():
        return False
    return entry.made[-1:] == [_file_digest(path)]


def _make(
    into: Path,
    due: Sequence[Prompt],
    entries: dict[str, _Entry],
    progress: Callable[[str], None],
) -> list[str]:
    if not due:
        return []
    for prompt, samples in _speak(due, progress):
        path = _path(into, prompt)
        fresh = path.with_suffix(".fresh")
        write_wav(fresh, samples)
        entry = entries[prompt.key]
        entry.wording = prompt.wording
        entry.made = [*entry.made, _file_digest(fresh)][-_DIGESTS_KEPT:]
        # Before the file: one that the manifest does not know would count as recorded.
        _write_manifest(into, entries)
        fresh.replace(path)
    return [prompt.key for prompt in due]


def _speak(
    due: Sequence[Prompt], progress: Callable[[str], None]
) -> Iterator[tuple[Prompt, Samples]]:
    synthesiser = Synthesiser()
    for number, prompt in enumerate(due, 1):
        progress(f"prompt {number}/{len(due)}: {prompt.key}")
        speech = synthesiser.say(
            prompt.text, rate=SPEECH_RATE[prompt.language], language=prompt.language
        )
        trimmed = trim(speech, TELEPHONE_RATE, lead_s=LEAD_S, trail_s=TRAIL_S)
        yield prompt, normalise(trimmed, LOUDNESS_DBFS)


def _path(into: Path, prompt: Prompt) -> Path:
    return into / prompt.language / f"{prompt.name}.wav"


def _read_manifest(into: Path) -> dict[str, _Entry]:
    """What is known of the files; nothing when the manifest is missing or unreadable.

    Without it every file counts as recorded: kept, which is the harmless mistake.
    """
    path = into / MANIFEST
    if not path.exists():
        return {}
    try:
        raw: Any = json.loads(path.read_text(encoding="utf-8"))
        return {
            key: _Entry(str(value["wording"]), bool(value["recorded"]), list(value["made"]))
            for key, value in raw["prompts"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("prompt_manifest_unreadable", path=str(path), why=repr(error))
        return {}


def _write_manifest(into: Path, entries: Mapping[str, _Entry]) -> None:
    prompts = {
        key: {"recorded": entry.recorded, "wording": entry.wording, "made": entry.made}
        for key, entry in sorted(entries.items())
    }
    text = json.dumps({"prompts": prompts}, indent=1)
    path = into / MANIFEST
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    with replacing(path) as file:
        file.write(text.encode())


def _file_digest(path: Path) -> str:
    return _digest(path.read_bytes())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _no_progress(_line: str) -> None:
    """Nobody listens."""
