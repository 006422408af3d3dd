"""Callbacks as plain data: where one stands, what can be answered, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hotline.config import Config
from hotline.registry import forms
from hotline.registry.model import BadForm


class State(StrEnum):
    """Where a callback stands."""

    OPEN = "open"
    DIALLING = "dialling"
    CONNECTING = "connecting"
    RINGING = "ringing"
    TALKING = "talking"
    ASKED = "asked"
    DONE = "done"


LIVING = (State.DIALLING, State.CONNECTING, State.RINGING, State.TALKING)
"""A call is up, as far as we know: staff's own phone rings, the citizen is dialled, their phone
rings, they talk. A call only goes forward."""


class Outcome(StrEnum):
    """How the call of a callback ended. HANDED_OVER: it goes on as a call of ours, since staff
    handed the citizen over. CUT_OFF: staff's phone was lost and did not come back in
    time, so the citizen was told that they will be rung again."""

    TALKED = "talked"
    HANDED_OVER = "handed_over"
    CUT_OFF = "cut_off"
    STAFF_UNREACHABLE = "staff_unreachable"
    CANCELLED = "cancelled"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    UNKNOWN = "unknown"


IN_VAIN = frozenset({Outcome.NO_ANSWER, Outcome.BUSY})
"""The citizen's phone was rung and they were not reached: such an attempt counts."""

TO_BE_ANSWERED = frozenset({Outcome.TALKED, Outcome.HANDED_OVER, Outcome.UNKNOWN})
"""They talked, or may have: staff say what came of it."""

POINTS: Mapping[int, str] = {
    5: "very_satisfied",
    4: "satisfied",
    3: "fairly_satisfied",
    2: "unsatisfied",
    1: "very_unsatisfied",
}
"""非常满意 满意 基本满意 不满意 非常不满意."""

LEAST_SATISFIED = 3
"""The lowest of the points that counts as satisfied."""

UNREACHED_HAS_NONE = "form.unreached"
MESSAGE_KEYS = (forms.REQUIRED, forms.CHOICE, forms.TOO_LONG, UNREACHED_HAS_NONE)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the citizen said; all but ``reached`` is empty when they were not reached."""

    reached: bool
    solved: bool | None = None
    satisfaction: int | None = None
    why_not: str = ""

    @property
    def is_complaint(self) -> bool:
        """Whether the matter is to be taken up again."""
        return self.solved is False or (self.satisfaction or LEAST_SATISFIED) < LEAST_SATISFIED


def checked(answers: Answers) -> Answers:
    """The answers as they are kept.

    Who was reached says whether it is solved and how satisfied they are, and why not when it
    is not solved or they are not satisfied. Raises :class:`BadForm` with every faulty field.
    """
    answers = Answers(
        answers.reached,
        answers.solved,
        answers.satisfaction,
        forms.read_why(answers.why_not),
    )
    faults = _faults_reached(answers) if answers.reached else _faults_unreached(answers)
    if faults:
        raise BadForm(faults)
    return answers


def _faults_reached(answers: Answers) -> dict[str, str]:
    faults = {}
    if answers.solved is None:
        faults["solved"] = forms.REQUIRED
    if answers.satisfaction is None:
        faults["satisfaction"] = forms.REQUIRED
    elif answers.satisfaction not in POINTS:
        faults["satisfaction"] = forms.CHOICE
    if answers.is_complaint and not answers.why_not:
        faults["why_not"] = forms.REQUIRED
    return faults


def _faults_unreached(answers: Answers) -> dict[str, str]:
    given = {
        "solved": answers.solved is not None,
        "satisfaction": answers.satisfaction is not None,
        "why_not": bool(answers.why_not),
    }
    return {field: UNREACHED_HAS_NONE for field, is_given in given.items() if is_given}


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """``due_s``: how long after closing a callback is due; ``retry_s``: how long after an
    attempt in vain it is due again; ``attempts``: how many of those make it unreached."""

    node: str
    due_s: float = 0.0
    retry_s: float = 86_400.0
    attempts: int = 3

    @classmethod
    def of(cls, config: Config) -> CallbackRules:
        """As ``hotline.toml`` says."""
        return cls(
            node=config.pbx.node,
            due_s=config.callback.due_hours * 3600,
            retry_s=config.callback.retry_hours * 3600,
            attempts=config.callback.attempts,
        )


@dataclass(frozen=True, slots=True)
class Dialling:
    """A call that is about to be placed, written down at ``at``. ``channel_id`` is the id that
    its channel will have, so that it can be found again whatever happens to the answer."""

    task_id: int
    case_number: str
    phone: str
    call_id: str
    channel_id: str
    at: float


class NoSuchTask(LookupError):
    """No callback has this number."""


class DialRefused(Exception):
    """Possible, but not now; ``key`` says what the screen tells."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class CallbackRefused(DialRefused):
    """A callback cannot be called or answered now."""
