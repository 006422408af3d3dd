"""Addresses as citizens say them, taken apart: roads, house numbers, crossings, areas, landmarks.

Pure. :class:`Gazetteer` finds the names; :mod:`hotline.registry.places.finding` makes candidates
of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pypinyin import lazy_pinyin

from hotline.registry.places.atlas import Atlas
from hotline.registry.places.model import Kind, Place
from hotline.registry.places.names import Spelt, normal, rank, spell

NAMED = (Kind.DISTRICT, Kind.STREET, Kind.COMMUNITY, Kind.ROAD, Kind.LANDMARK)
"""The kinds of places that have names which people say."""

_NUMBER = re.compile(r"^(\d{1,5})(?:-\d+)?(?:号|弄|#|$|(?=\D))")
_CHINESE_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百千]+(?=号|弄|栋|幢|室|楼)")
_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6,
           "七": 7, "八": 8, "九": 9}  # fmt: skip
_UNITS = {"十": 10, "百": 100, "千": 1000}
_CROSSING = re.compile(r"路口|交叉口|交汇|交界|十字|丁字|相交")
_NEARBY = re.compile(
    r"附近|旁边|旁|对面|周边|周围|一带|背后|后面|前面|往[东南西北]|以[东南西北]|[东南西北]侧"
)
_SHORTEST_HEARD = 2
_LONGEST_HEARD = 8


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in an address.

    ``how``: exact, alias or pinyin (it sounds the same). ``number`` is the house number that
    follows a road's name.
    """

    places: tuple[Place, ...]
    word: str
    start: int
    how: str = "exact"
    number: int | None = None

    @property
    def kind(self) -> Kind:
        """What is named."""
        return self.places[0].kind


@dataclass(frozen=True, slots=True)
class Parsed:
    """An address taken apart. ``crossing`` and ``nearby``: it says so in words."""

    text: str
    mentions: tuple[Mention, ...]
    crossing: bool
    nearby: bool

    def of(self, *kinds: Kind) -> tuple[Mention, ...]:
        """The mentions of these kinds, in the order of the text."""
        return tuple(one for one in self.mentions if one.kind in kinds)


class Gazetteer:
    """The names of an atlas."""

    def __init__(self, atlas: Atlas) -> None:
        by_name: dict[tuple[Kind, str], list[Place]] = {}
        hows: dict[tuple[Kind, str], str] = {}
        for kind in NAMED:
            for place in atlas.of(kind).values():
                for number, name in enumerate((place.name, *place.aliases)):
                    key = kind, normal(name)
                    by_name.setdefault(key, []).append(place)
                    hows.setdefault(key, "alias" if number else "exact")
        # Long names first: 人民路小学 is no 人民路.
        self._names = [
            (name, hows[kind, name], tuple(places))
            for (kind, name), places in sorted(by_name.items(), key=_longest_first)
            if len(name) > 1
        ]
        self._heard = {tuple(lazy_pinyin(name)): (name, how, places)
                       for name, how, places in reversed(self._names)}  # fmt: skip
        self._spelt: list[tuple[Spelt, tuple[Place, ...]]] = [
            (spell(name), places) for name, _, places in self._names
        ]

    def parse(self, address: str) -> Parsed:
        """Take an address apart."""
        text = _CHINESE_NUMBER.sub(lambda found: str(_arabic(found[0])), normal(address))
        mentions = list(self._exact(text))
        if not any(one.kind in {Kind.ROAD, Kind.LANDMARK} for one in mentions):
            mentions += self._by_sound(text, mentions)
        rest = _blank(text, mentions)
        return Parsed(
            text,
            tuple(sorted(mentions, key=lambda one: one.start)),
            crossing=bool(_CROSSING.search(rest)),
            nearby=bool(_NEARBY.search(rest)),
        )

    def typed(self, text: str, limit: int) -> list[tuple[int, tuple[Place, ...]]]:
        """Names that begin with or hold what is typed, by characters, pinyin or initials, the
        best first, each with how well it fits (smaller is better)."""
        found = [(rank(text, spelt), spelt.name, places) for spelt, places in self._spelt]
        fitting = sorted(
            (
                (score, len(name), name, places)
                for score, name, places in found
                if score is not None
            ),
            key=lambda one: one[:3],
        )
        return [(score, places) for score, _, _, places in fitting[:limit]]

    def _exact(self, text: str) -> Iterator[Mention]:
        taken = [False] * len(text)
        for name, how, places in self._names:
            start = text.find(name)
            while start >= 0:
                end = start + len(name)
                # The same name may be of several kinds (a street and a community).
                if not any(taken[start:end]):
                    taken[start:end] = [True] * len(name)
                    yield Mention(places, name, start, how, _number_after(text, end, places))
                start = text.find(name, end)

    def _by_sound(self, text: str, mentions: Sequence[Mention]) -> Iterator[Mention]:
        taken = [False] * len(text)
        for one in mentions:
            taken[one.start : one.start + len(one.word)] = [True] * len(one.word)
        sounds = [lazy_pinyin(character)[0] for character in text]
        start = 0
        while start < len(text):
            for length in range(_LONGEST_HEARD, _SHORTEST_HEARD - 1, -1):
                end = start + length
                heard = self._heard.get(tuple(sounds[start:end])) if end <= len(text) else None
                if heard is not None and not any(taken[start:end]):
                    name, _, places = heard
                    yield Mention(places, name, start, "pinyin", _number_after(text, end, places))
                    start = end - 1
                    break
            start += 1


def _longest_first(item: tuple[tuple[Kind, str], list[Place]]) -> tuple[int, str, int]:
    (kind, name), _ = item
    return -len(name), name, -NAMED.index(kind)


def _number_after(text: str, end: int, places: Sequence[Place]) -> int | None:
    found = _NUMBER.match(text[end:]) if places[0].kind is Kind.ROAD else None
    return int(found[1]) if found else None


def _blank(text: str, mentions: Sequence[Mention]) -> str:
    """The text without the names: 东侧路 is no direction."""
    characters = list(text)
    for one in mentions:
        characters[one.start : one.start + len(one.word)] = "□" * len(one.word)
    return "".join(characters)


def _arabic(chinese: str) -> int:
    """A number below ten thousand as Chinese writes it: 一百二十八, 一二八."""
    if not any(character in _UNITS for character in chinese):
        return int("".join(str(_DIGITS[character]) for character in chinese))
    total, figure = 0, 0
    for character in chinese:
        if character in _UNITS:
            total += (figure or 1) * _UNITS[character]
            figure = 0
        else:
            figure = _DIGITS[character]
    return total + figure
