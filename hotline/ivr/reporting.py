"""After a caller spoke a report: heard again, saved, said again or added to; never lost.

:class:`Review` is pure and speaks the walk's language (signals): keys and the time in, what to
say out. Whatever the caller does not decide is decided for keeping: no key, a wrong key twice,
the hang-up. :func:`ending` says how it ended, with the case's number.
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline.calls.taking import Fate
from hotline.ivr import signals
from hotline.ivr.pieces import Piece, Prompt, Read, Reading

# How long a key is waited for after the recording was heard; then it is saved.
ANSWER_S = 5.0
WRONG_KEYS = 2
# Takes of one report; after that it is saved as it is.
TAKES = 4
SAVE, AGAIN, ADD, PERSON = "1", "2", "3", "0"

REVIEW = (Prompt("report-review"),)
CHOICE = (Prompt("report-choice"),)
CUT = (Prompt("report-cut"),)
UNSAVED = (Prompt("report-failed"),)
PLEASE = (Prompt("report-please"),)
GO_ON = (Prompt("report-go-on"),)


@dataclass(frozen=True, slots=True)
class Say:
    """Say ``pieces``, then the recording when ``recording``, then ``behind``; any key cuts it
    short. Answer with :class:`~hotline.ivr.signals.Played` of the same number."""

    number: int
    pieces: tuple[Piece, ...]
    recording: bool = False
    behind: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """Let the caller speak: again, or, to ``add``, behind what is there."""

    add: bool


@dataclass(frozen=True, slots=True)
class Close:
    """The report is as it shall be. ``person``: the caller wants one now."""

    person: bool = False


Effect = Say | Record | Close


class Review:
    """One look at what was recorded. ``take`` is what it holds, ``takes`` how often was spoken;
    without ``wanted`` the caller is only told what went wrong."""

    def __init__(self, take: Fate, takes: int, *, wanted: bool) -> None:
        self._take = take
        self._choosing = wanted and take.outcome == "kept" and takes < TAKES
        self._wrong = 0
        self._number = 0
        self._deadline: float | None = None
        self._over = False

    def next_deadline(self) -> float | None:
        """When :class:`~hotline.ivr.signals.TimePassed` is due."""
        return None if self._over else self._deadline

    def begin(self) -> list[Effect]:
        """Say what was recorded, or what went wrong."""
        if self._choosing:
            return [self._say(REVIEW, recording=True, behind=CHOICE)]
        if self._take.outcome == "cut":
            return [self._say(CUT)]
        if self._take.outcome == "unsaved":
            return [self._say(UNSAVED)]
        return [self._close()]

    def handle(self, given: signals.Input, now: float) -> list[Effect]:
        """Take one input in. Inputs that come too late change nothing."""
        if self._over:
            return []
        match given:
            case signals.KeyPressed(key=key):
                return self._key(key)
            case signals.Played(number=number) if number == self._number:
                self._deadline = now + ANSWER_S
            case signals.TimePassed() if self._deadline is not None and now >= self._deadline:
                return [self._close()]
            case signals.HungUp():
                self._over = True
        return []

    def _key(self, key: str) -> list[Effect]:
        if key == PERSON:
            return [self._close(person=True)]
        # The hash key has just ended the recording; pressed twice it means nothing.
        if not self._choosing or key == "#":
            return []
        if key == SAVE:
            return [self._close()]
        if key in (AGAIN, ADD):
            self._over = True
            return [Record(add=key == ADD)]
        self._wrong += 1
        return [self._close() if self._wrong >= WRONG_KEYS else self._say(CHOICE)]

    def _say(
        self,
        pieces: tuple[Piece, ...],
        *,
        recording: bool = False,
        behind: tuple[Piece, ...] = (),
    ) -> Say:
        self._number += 1
        self._deadline = None
        return Say(self._number, pieces, recording, behind)

    def _close(self, *, person: bool = False) -> Close:
        self._over = True
        return Close(person)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a report node ends: its exit (``saved``, ``empty``, ``failed``, or ``person`` when
    the caller asked for one), and what is said before going on."""

    exit: str
    pieces: tuple[Piece, ...] = ()


def ending(fate: Fate, number: str | None, *, person: bool, by_message: bool) -> Ending:
    """``number`` is the case's, None when it is not open yet; ``by_message``: it is sent."""
    if not fate.kept:
        return Ending("person" if person else "failed" if fate.outcome == "unsaved" else "empty")
    exit_name = "person" if person else "saved"
    if number is None:
        later = "report-number-by-message" if by_message else "report-number-later"
        return Ending(exit_name, (Prompt(later),))
    read = Read(Reading.CASE_NUMBER, number)
    # Twice: who is called back for it has a pen by then.
    return Ending(exit_name, (Prompt("report-number"), read, Prompt("report-number-again"), read))
