"""Which number a caller who keeps their place is rung back at: confirmed, or keyed in anew. Pure,
and in the walk's language (signals).

Whatever the caller does not decide leaves them where they are: in the queue, at their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from hotline.ivr import signals
from hotline.ivr.pieces import Piece, Prompt, Read, Reading

YES, OTHER, STAY = "1", "2", "0"
ANSWER_S = 8.0
DIGIT_S = 6.0
WRONG = 2
# A keyed number is anybody's: numbers of this country only, none that costs extra.
_KEYED = re.compile(r"1[3-9]\d{9}|0[1-9]\d{8,10}|[2-8]\d{6,7}")
_LONGEST = 12


@dataclass(frozen=True, slots=True)
class Say:
    """Say this; any key cuts it short. Answer with :class:`~hotline.ivr.signals.Played`."""

    number: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The caller is to be rung back at ``number``."""

    number: str


@dataclass(frozen=True, slots=True)
class Stayed:
    """The caller waits on."""


Effect = Say | Confirmed | Stayed


class Confirming:
    """One caller's answer."""

    def __init__(self, number: str) -> None:
        self._number = number
        self._keyed: str | None = None
        self._wrong = 0
        self._said = 0
        self._deadline: float | None = None
        self.over = False

    def next_deadline(self) -> float | None:
        """When :class:`~hotline.ivr.signals.TimePassed` is due."""
        return None if self.over else self._deadline

    def begin(self) -> list[Effect]:
        """Read the number out."""
        return [self._read_out()]

    def handle(self, given: signals.Input, now: float) -> list[Effect]:
        """Take one input in. What comes too late changes nothing."""
        if self.over:
            return []
        match given:
            case signals.KeyPressed(key=key) if self._keyed is not None:
                return self._digit(key, now)
            case signals.KeyPressed(key=key):
                return self._choice(key)
            case signals.Played(number=number) if number == self._said:
                self._deadline = now + ANSWER_S
            case signals.TimePassed() if self._deadline is not None and now >= self._deadline:
                return self._silence()
            case signals.HungUp():
                self.over = True
        return []

    def _choice(self, key: str) -> list[Effect]:
        if key == YES:
            self.over = True
            return [Confirmed(self._number)]
        if key == OTHER:
            self._keyed = ""
            return [self._say(Prompt("place-enter"))]
        if key == STAY:
            return self._stay()
        return self._again(self._read_out)

    def _digit(self, key: str, now: float) -> list[Effect]:
        if key == "#":
            return self._whole()
        if key == "*":
            return self._stay()
        self._keyed = (self._keyed or "") + key
        self._deadline = now + DIGIT_S
        return self._whole() if len(self._keyed) >= _LONGEST else []

    def _silence(self) -> list[Effect]:
        return self._whole() if self._keyed else self._stay()

    def _whole(self) -> list[Effect]:
        keyed, self._keyed = self._keyed or "", None
        if _KEYED.fullmatch(keyed):
            self._number = keyed
            return [self._read_out()]
        self._keyed = ""
        return self._again(lambda: self._say(Prompt("place-wrong"), Prompt("place-enter")))

    def _again(self, say: Callable[[], Say]) -> list[Effect]:
        self._wrong += 1
        return self._stay() if self._wrong > WRONG else [say()]

    def _stay(self) -> list[Effect]:
        self.over = True
        return [Stayed()]

    def _read_out(self) -> Say:
        read = Read(Reading.PHONE, self._number)
        return self._say(Prompt("place-number"), read, Prompt("place-confirm"))

    def _say(self, *pieces: Piece) -> Say:
        self._said += 1
        self._deadline = None
        return Say(self._said, pieces)
