"""The screens' words: one JSON file a language, the same keys in each (a test holds them)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).with_name("i18n")
_PLACE = re.compile(r"\{(\w+)\}")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every text in every language, by key."""

    texts: Mapping[str, Mapping[str, str]]

    def text(self, language: str, key: str, /, **values: object) -> str:
        """The text for ``key`` with each ``{name}`` replaced from ``values``.

        A key that is missing is shown as it is and logged: a page with one bare key is better
        than no page.
        """
        text = self.texts[language].get(key)
        if text is None:
            _log.warning("no such text", key=key, language=language)
            return key
        return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), text)

    def extended(self, texts: Mapping[str, Mapping[str, str]]) -> Catalogue:
        """With more texts, by language and key; those that there are stay."""
        return Catalogue({name: {**texts[name], **own} for name, own in self.texts.items()})

    def has(self, key: str) -> bool:
        """Whether there is a text for ``key``."""
        return key in self.texts[LANGUAGES[0]]


def load_catalogue(folder: Path = _FOLDER) -> Catalogue:
    """Read every language. Raises OSError or ValueError when a file is missing or broken."""
    return Catalogue(
        {
            language: json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
            for language in LANGUAGES
        }
    )


def choose_language(*wishes: str | None) -> str:
    """The first wish that is a language we have; the first language when none is."""
    return next((wish for wish in wishes if wish in LANGUAGES), LANGUAGES[0])
