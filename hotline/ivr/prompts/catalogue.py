"""What the hotline says: the texts of ``prompts.toml``, and the pieces of readings."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from hotline.config import Config
from hotline.ivr.numbers import piece_texts

LANGUAGES = ("zh", "en")
READING = "reading"
GENERAL = "general"

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
    """One prompt in one language. ``topic`` says what it belongs to; the topic ``reading`` holds
    the pieces that values are read out with."""

    name: str
    language: str
    text: str
    topic: str = GENERAL

    @property
    def key(self) -> str:
        """``zh/greeting``: its entry in the manifest and its path without ``.wav``."""
        return f"{self.language}/{self.name}"

    @property
    def is_piece(self) -> bool:
        """Whether it is played between others, so that it must not have silence around it."""
        return self.topic == READING

    @property
    def wording(self) -> str:
        """A digest of what it says, and how."""
        parts = [self.text, self.is_piece]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def catalogue(wording: Wording, languages: Sequence[str] = LANGUAGES) -> list[Prompt]:
    """Every prompt in these languages. Raises KeyError for a language without texts."""
    source = resources.files("hotline.ivr").joinpath("prompts.toml")
    texts: Mapping[str, Mapping[str, str]] = tomllib.loads(source.read_text(encoding="utf-8"))
    return [
        prompt
        for language in languages
        for prompt in (*_told(texts, wording, language), *_pieces(language))
    ]


def _told(
    texts: Mapping[str, Mapping[str, str]], wording: Wording, language: str
) -> Iterator[Prompt]:
    for name, entry in texts.items():
        text = wording.fill(entry[language], language)
        yield Prompt(name, language, text, entry.get("topic", GENERAL))


def _pieces(language: str) -> Iterator[Prompt]:
    for name, text in piece_texts(language).items():
        yield Prompt(name, language, text, READING)
