"""Who calls: progress queries, signs and rules; storms; text messages."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.events.base import Event

# --- callers: their progress queries, their signs, their rules --------------------------


@dataclass(frozen=True, slots=True)
class ProgressAsked(Event):
    """A caller asked how a case is doing. ``how``: calling (cases of the calling number) or
    number (with the last four digits of the phone).

    ``case_number`` is the one that was told, or a whole one that was guessed at; ``asked`` what
    was keyed in.
    """

    call_id: str
    case_number: str
    how: str
    found: bool
    asked: str = ""


@dataclass(frozen=True, slots=True)
class SilentCall(Event):
    """Nobody spoke and no key was pressed for ``seconds``. ``where``: report, talk or flow."""

    call_id: str
    seconds: float
    where: str


@dataclass(frozen=True, slots=True)
class TalkMarked(Event):
    """An agent marked a call: ``mark`` is silent, nuisance or abusive."""

    call_id: str
    agent_id: str
    mark: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class TalkMarkUndone(Event):
    """An agent took their mark back."""

    call_id: str
    agent_id: str
    mark: str


@dataclass(frozen=True, slots=True)
class CallerRuleProposed(Event):
    """Enough signs were found for a number; nothing happens until a supervisor confirms."""

    rule_id: int
    number: str
    because: str
    effect: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallerRuleMade(Event):
    """A supervisor put a rule in force until ``expires_at``. ``effect``: announce, lower or
    report."""

    rule_id: int
    number: str
    effect: str
    why: str
    by: str
    expires_at: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallerRuleDismissed(Event):
    """A supervisor put a proposal aside."""

    rule_id: int
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CallerRuleLifted(Event):
    """A rule ended before its time, by a supervisor or because an appeal was granted."""

    rule_id: int
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CallerRuleApplied(Event):
    """A rule was in force for a call that came."""

    call_id: str
    rule_id: int
    effect: str


@dataclass(frozen=True, slots=True)
class AppealMade(Event):
    rule_id: int
    appeal_id: int
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class AppealDecided(Event):
    """``by`` is never who made the rule."""

    rule_id: int
    appeal_id: int
    granted: bool
    by: str
    why: str


# --- a storm ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StormBegan(Event):
    """Callers are told of a wide-spread trouble from now until ``ends_at``."""

    case_number: str
    storm_id: int
    text_zh: str
    text_en: str
    places: tuple[str, ...]
    ends_at: float
    by: str


@dataclass(frozen=True, slots=True)
class StormChanged(Event):
    """The texts, places and end from now on."""

    case_number: str
    storm_id: int
    text_zh: str
    text_en: str
    places: tuple[str, ...]
    ends_at: float
    by: str


@dataclass(frozen=True, slots=True)
class StormEnded(Event):
    """``by``: a user id, or ``system`` when its time had come; ``affected``: how many callers had
    registered."""

    case_number: str
    storm_id: int
    by: str
    affected: int


@dataclass(frozen=True, slots=True)
class CallerAffected(Event):
    """A caller registered as affected. ``new`` is False when the number was registered before.

    It names the storm and not its case: thousands of them would bury the case's history.
    """

    call_id: str
    storm_id: int
    affected_id: int
    place: str
    new: bool


@dataclass(frozen=True, slots=True)
class AffectedCallbackWanted(Event):
    """Whether somebody who is affected shall be called back when the storm is over."""

    storm_id: int
    affected_id: int
    wanted: bool
    by: str


# --- text messages ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessagePlanned(Event):
    """Written before it is sent. ``about``: case_number."""

    call_id: str
    case_number: str
    message_id: str
    about: str


@dataclass(frozen=True, slots=True)
class MessageSent(Event):
    """The gateway has it."""

    call_id: str
    case_number: str
    message_id: str


@dataclass(frozen=True, slots=True)
class MessageFailed(Event):
    """``outcome``: refused (by the gateway) or given_up."""

    call_id: str
    case_number: str
    message_id: str
    outcome: str
    why: str
