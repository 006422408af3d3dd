"""The floor as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

LONGEST_TEXT = 500


class Who(Protocol):
    """Who asks."""

    @property
    def user_id(self) -> str:
        """Their login name."""

    @property
    def name(self) -> str:
        """What they are called."""


class HelpOutcome(StrEnum):
    """How a call for help ended."""

    ANSWERED = "answered"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class HelpCall:
    """An agent's call for help at ``asked_at`` (Unix seconds), as screens show it.

    ``calling`` is the masked number of the caller they talked with, empty for none. ``state`` is
    asked, seen, or how it ended; ``by`` is the supervisor who saw or ended it, by name, and
    ``words`` what they said.
    """

    help_id: int
    agent_id: str
    name: str
    extension: str
    call_id: str
    calling: str
    asked_at: float
    state: str = "asked"
    by: str = ""
    words: str = ""
    changed_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state in ("asked", "seen")


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """A message as its addressee sees it; ``read_at`` None: not acknowledged yet. ``answer`` is
    what they answered last, empty for nothing."""

    message_id: int
    at: float
    by: str
    name: str
    text: str
    read_at: float | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered to a message."""

    at: float
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message as the supervisors see it: of ``addressees``, who has yet to read it is named in
    ``unread``."""

    message_id: int
    at: float
    name: str
    to: str
    text: str
    addressees: int
    unread: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()


class FloorFault(ValueError):
    """What was typed cannot be kept: ``key`` of the message, for one ``field``."""

    def __init__(self, field: str, key: str) -> None:
        super().__init__(f"{field}: {key}")
        self.field = field
        self.key = key


class NoSuchHelp(LookupError):
    """No call for help has this number, or it is over."""


class NoSuchMessage(LookupError):
    """No message of this number was sent to them."""
