"""On the floor: calls for help, messages among staff, calls that staff place, promises."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.events.base import Event

# --- urgent help ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HelpAsked(Event):
    """An agent asked the supervisors for urgent help; ``call_id`` is the call they were in, empty
    for none."""

    help_id: int
    agent_id: str
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class HelpSeen(Event):
    """A supervisor, ``by`` (then called ``name``), told the agent that they saw it."""

    help_id: int
    agent_id: str
    by: str
    name: str = ""
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class HelpEnded(Event):
    """``outcome``: answered (with ``words``, or by coming), dismissed, or withdrawn (by the
    agent)."""

    help_id: int
    agent_id: str
    outcome: str
    by: str
    name: str = ""
    words: str = ""
    call_id: str = ""


# --- messages among staff ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StaffMessageSent(Event):
    """``to``: all, team:CODE, agent:USER, or answer (to the message ``answers``, 0 for none);
    ``addressees`` are the user ids of those whom it reached."""

    message_id: int
    by: str
    name: str
    to: str
    text: str
    addressees: tuple[str, ...]
    answers: int = 0


@dataclass(frozen=True, slots=True)
class StaffMessageRead(Event):
    """An addressee acknowledged a message."""

    message_id: int
    by: str


# --- calls that staff place -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutboundDialled(Event):
    """Written before the PBX is asked to dial: the intent. ``call_id`` is the preset channel,
    ``case_number`` empty for a call about no case."""

    outbound_id: int
    agent_id: str
    call_id: str
    case_number: str = ""
    promise_id: int = 0


@dataclass(frozen=True, slots=True)
class OutboundProgressed(Event):
    """``stage``: connecting (staff answered, the citizen is dialled), ringing (the citizen's
    phone rings) or talking."""

    outbound_id: int
    agent_id: str
    call_id: str
    stage: str
    case_number: str = ""


@dataclass(frozen=True, slots=True)
class OutboundEnded(Event):
    """``outcome`` as in :class:`hotline.events.CallbackEnded`."""

    outbound_id: int
    agent_id: str
    call_id: str
    outcome: str
    talked_s: float | None = None
    case_number: str = ""


# --- promises to call back --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PromiseMade(Event):
    """Staff promised a citizen to call them at ``due_at``; ``call_id`` is the talk in which they
    did, ``case_number`` the case that it is about; both may be empty."""

    promise_id: int
    by: str
    due_at: float
    note: str = ""
    call_id: str = ""
    case_number: str = ""


@dataclass(frozen=True, slots=True)
class PromiseEnded(Event):
    """``outcome``: kept, withdrawn with ``why``, or rang_again: a citizen who had been cut off has
    reached ``by`` in the call ``rang_in`` themselves."""

    promise_id: int
    outcome: str
    by: str
    why: str = ""
    call_id: str = ""
    case_number: str = ""
    rang_in: str = ""
