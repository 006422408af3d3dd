"""How Chinese names are read: syllables without tones, corrected where the dictionary errs."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from pypinyin import lazy_pinyin

_UNREAD = re.compile(r"[^0-9a-z\u3400-\u9fff]+")


def plain(text: str) -> str:
    """``text`` in small letters without spaces and punctuation: what is compared. Letters typed at
    full width are the letters they are."""
    return _UNREAD.sub("", unicodedata.normalize("NFKC", text).lower())


def syllables(text: str) -> tuple[str, ...]:
    """The syllables of a name; letters and digits stand as they are, punctuation is left out."""
    return tuple(_read(plain(text)))


def _read(text: str) -> Iterator[str]:
    corrected = _corrections()
    rest = text
    while rest:
        at, word = min(((rest.find(w), w) for w in corrected if w in rest), default=(-1, ""))
        head = rest if at < 0 else rest[:at]
        yield from lazy_pinyin(head)
        if at < 0:
            return
        yield from corrected[word]
        rest = rest[at + len(word) :]


@cache
def _corrections() -> Mapping[str, tuple[str, ...]]:
    file = files("hotline.registry.taxonomy") / "data" / "readings.tsv"
    lines = file.read_text(encoding="utf-8").splitlines()
    return {r["word"]: tuple(r["pinyin"].split()) for r in csv.DictReader(lines, delimiter="\t")}
