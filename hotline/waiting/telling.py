"""When a waiting caller is told something, and what. Pure.

On entering the queue when anybody is ahead; after that when they moved forward or when the wait
they were told has run out, and the choices (a callback, a report) now and then. Never twice within
:data:`EVERY_S`: music is easier to wait with than a voice that says the same again.
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline.ivr.grouping import rounded_wait
from hotline.ivr.pieces import Piece, Prompt, Read, Reading
from hotline.waiting.estimate import Outlook

EVERY_S = 45.0
FIRST_CHOICES_S = 30.0
"""Who has nobody ahead is not spoken to before this."""
CHOICES_EVERY_S = 90.0
LONG_S = 900.0
"""A longer wait is called long, not counted: nobody can foretell it."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a caller may do besides waiting: have the place kept, leave a report."""

    keep: bool = False
    report: bool = False

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """As it is said; empty when there is nothing to choose."""
        name = {
            (True, True): "offer-callback-report",
            (True, False): "offer-callback",
            (False, True): "offer-report",
        }.get((self.keep, self.report))
        return (Prompt(name),) if name else ()


@dataclass(frozen=True, slots=True)
class Words:
    """What is said now. ``told``: the position, and the wait as far as it is known; ``said_s`` is
    what the caller was told, None for no figure."""

    pieces: tuple[Piece, ...]
    told: Outlook | None = None
    said_s: float | None = None


def said_seconds(seconds: float) -> float:
    """A wait as it is told: rounded up as it is read out."""
    minutes, half_hours = rounded_wait(seconds)
    return max(60.0, minutes * 60.0 + half_hours * 1800.0)


class Telling:
    """One caller's stay in the queue, from ``entered_at``."""

    def __init__(self, entered_at: float) -> None:
        self._spoke_at: float | None = None
        self._choices_at: float | None = None
        self._told: Outlook | None = None
        self._runs_out: float | None = None
        self._entered_at = entered_at
        self._stays = False

    def stay(self) -> None:
        """The caller said that they wait: the choices are not offered again."""
        self._stays = True

    def next_look(self) -> float:
        """When :meth:`look` may have something to say next."""
        if self._spoke_at is None:
            return self._entered_at + FIRST_CHOICES_S
        return self._spoke_at + EVERY_S

    def enter(self, outlook: Outlook | None, choices: Choices, now: float) -> Words | None:
        """The caller has just entered the queue."""
        if outlook is None or outlook.ahead < 1:
            return None
        return self._say(outlook, choices, now)

    def look(self, outlook: Outlook | None, choices: Choices, now: float) -> Words | None:
        """Whether something is to be said now."""
        if now < self.next_look():
            return None
        news = outlook if outlook and self._is_news(outlook, now) else None
        due = self._choices_at is None or now >= self._choices_at + CHOICES_EVERY_S
        words = self._say(news, choices if due else Choices(), now)
        if not words.pieces:
            # Look again later, not at every moment.
            self._spoke_at = now
            return None
        return words

    def _is_news(self, outlook: Outlook, now: float) -> bool:
        if self._told is None:
            return outlook.ahead > 0
        return outlook.ahead < self._told.ahead or (
            self._runs_out is not None and now >= self._runs_out
        )

    def _say(self, outlook: Outlook | None, choices: Choices, now: float) -> Words:
        said_s = None
        pieces: tuple[Piece, ...] = ()
        if outlook is not None:
            pieces, said_s = _position(outlook)
            self._told = outlook
            self._runs_out = None if said_s is None else now + said_s
        offered = () if self._stays else choices.pieces
        if offered:
            self._choices_at = now
        self._spoke_at = now
        return Words((*pieces, *offered), outlook, said_s)


def _position(outlook: Outlook) -> tuple[tuple[Piece, ...], float | None]:
    place: tuple[Piece, ...] = (Prompt("waiting-next"),)
    if outlook.ahead:
        place = (Prompt("waiting-ahead"), Read(Reading.NUMBER, str(outlook.ahead)))
    if outlook.seconds is None:
        return place, None
    said_s = said_seconds(outlook.seconds)
    if said_s > LONG_S:
        return (*place, Prompt("waiting-long")), None
    return (*place, Prompt("waiting-about"), Read(Reading.WAIT, str(round(said_s)))), said_s
