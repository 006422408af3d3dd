"""Calls that staff place, and promises, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.callback.model import DialRefused

ENDED = "ended"
LONGEST_NOTE = 500
# The note of a promise that nobody made: the PBX had cut the citizen off. Pages say it in words.
CUT_OFF = "@cut_off"
# A promise for later than this is a mistake in the date.
FURTHEST_S = 90 * 86_400.0


class OutboundRefused(DialRefused):
    """A call cannot be placed now."""


class NoSuchPromise(LookupError):
    """No open promise has this number."""


class PromiseFault(ValueError):
    """What was typed cannot be kept: each faulty field with the key of its message."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {key}" for field, key in faults.items()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to be called, and why: the case, the call whose form it is asked from, the promise
    that it keeps; each may be missing."""

    phone: str
    case_number: str | None = None
    origin: str | None = None
    promise_id: int | None = None


@dataclass(frozen=True, slots=True)
class OwnCall:
    """A call that somebody placed, as they see it. ``phone`` is masked; ``outcome`` as in
    :class:`hotline.callback.model.Outcome`, None while it goes on. ``since`` is
    when it came to where it stands. ``held``: why the citizen hears music (agent or cut_off),
    empty when they do not."""

    outbound_id: int
    call_id: str
    phone: str
    case_number: str
    state: str
    outcome: str | None
    dialled_at: float
    since: float
    held: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A call that was placed about a case. ``recording`` is its sound file, empty for none."""

    call_id: str
    agent_id: str
    name: str
    dialled_at: float
    state: str
    outcome: str | None
    talked_s: float | None
    recording: str


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise as it is listed; see :class:`hotline.storage.tables_help.PromiseRow`."""

    promise_id: int
    phone: str
    due_at: float
    note: str
    case_number: str | None
    made_by: str
    made_name: str
    made_at: float
    attempts: int
    last_outcome: str | None
    # What it is about, when there is a case.
    caller_name: str = ""
    address: str = ""
    description: str = ""
