"""What the pages need from the rest of the house: protocols, met by the parts that run it.

The web decides nothing about calls or cases. It asks these, and shows what they answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from hotline.callback.bringing import Brought
from hotline.cti.desk import Viewer
from hotline.cti.views import AgentView, AskedView, Board, Pop, WayView
from hotline.events import Event
from hotline.handover.model import Mode
from hotline.registry.model import Actor
from hotline.storage.profiles import Profile
from hotline.storage.tables import UserRow


class Record(Protocol):
    """An event with its place in the journal."""

    @property
    def seq(self) -> int:
        """Its number; later is larger."""

    @property
    def at(self) -> float:
        """When it was journalled, in Unix seconds."""

    @property
    def event(self) -> Event:
        """What happened."""


class Journal(Protocol):
    """What happened so far, and what happens from now on."""

    @property
    def last_seq(self) -> int:
        """The number of the last record."""

    async def append(self, *happened: Event) -> object:
        """Write what happened; when it returns, it survives a crash. Raises
        :class:`hotline.storage.journal.JournalUnavailable`."""

    def follow(self, after: int | None) -> AsyncIterator[Record]:
        """Every record after ``after`` (None: from now on) without gap or duplicate."""

    async def read(
        self,
        after: int = 0,
        limit: int = 1000,
        *,
        kinds: Collection[type[Event]] | None = None,
        call_id: str | None = None,
        since: float | None = None,
    ) -> Sequence[Record]:
        """The first ``limit`` records after ``after`` that match all that is given."""


class Calls(Protocol):
    """The calls layer: what agents ask of it and what it shows.

    Each request raises :class:`hotline.cti.desk.NotNow` when the
    agent's state does not allow it.
    """

    def agent(self, agent_id: str) -> AgentView:
        """An agent now. Raises KeyError for somebody who is none."""

    def why(self, call_id: str) -> dict[str, Any]:
        """Why this call waits now, or is offered to whom it is; empty for a call that does
        neither."""

    def board(self) -> Board:
        """The supervisor's picture now."""

    async def pop(self, call_id: str, agent_id: str) -> Pop | None:
        """What this agent is shown of a call; None when it was never offered to them."""

    async def sign_on(self, agent_id: str) -> None:
        """Begin a shift."""

    async def sign_off(self, agent_id: str) -> None:
        """End a shift: at once, or after the talk."""

    async def ready(self, agent_id: str) -> None:
        """Take calls: at once, or after the talk."""

    async def pause(self, agent_id: str, reason: str) -> None:
        """Take no calls: at once, or after the talk."""

    async def end_wrap_up(self, agent_id: str) -> None:
        """End the wrap-up before its time."""

    async def extend_wrap_up(self, agent_id: str) -> None:
        """Go on with the wrap-up for a while."""

    async def force(self, agent_id: str, want: str, reason: str, why: str, by: Viewer) -> None:
        """Change an agent's state for them: ready, paused, offline or end_wrap_up. Raises
        KeyError for somebody who is no agent."""

    def page_opened(self, agent_id: str) -> None:
        """A page of an agent's listens to us."""

    def page_closed(self, agent_id: str) -> None:
        """A page of an agent's listens no more."""

    async def refuse(self, agent_id: str, offer_id: str) -> None:
        """Refuse an offer; the call goes to somebody else."""

    async def hang_up(self, agent_id: str) -> None:
        """End the agent's talk."""

    async def bring_talk(self, agent_id: str) -> None:
        """Ring the agent's web phone anew for the caller whom they talk with."""

    async def take_task(self, agent_id: str, task_id: str) -> None:
        """Begin the task that the agent is shown."""

    async def end_task(self, agent_id: str) -> None:
        """Leave the task that the agent works on."""

    def task_in_hand(self, agent_id: str) -> str | None:
        """The id of the task that the agent works on (:mod:`hotline.calls.tasks`); None for
        none."""

    async def ways(self, agent_id: str) -> Sequence[WayView]:
        """Colleagues and queues to whom this agent can hand a caller."""

    async def hold(self, agent_id: str, call_id: str) -> None:
        """Let the caller of the agent's talk hear music."""

    async def take_back(self, agent_id: str, call_id: str) -> None:
        """Talk with the caller again, whoever else is there."""

    async def hand_over(
        self, agent_id: str, call_id: str, target: str, mode: Mode, note: str
    ) -> None:
        """Ring another service or a colleague for the caller of the agent's talk, or send the
        caller to a queue."""

    async def asked_at(self, extension: str) -> Sequence[tuple[AskedView, Pop]]:
        """The calls into which this telephone is asked, each as the agent who asks is shown it."""

    async def park(self, agent_id: str, call_id: str, note: str) -> None:
        """Leave the caller of the agent's talk in a parking place."""

    async def take_parked(self, agent_id: str, place: int) -> None:
        """Ring the agent's phone for the caller who is parked there."""

    async def drop_third(self, agent_id: str, call_id: str) -> None:
        """Let the other service go, ringing or talking."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in."""

    user_id: str
    name: str
    role: str
    extension: str | None
    language: str | None


class Users(Protocol):
    """Who may log in."""

    async def authenticate(self, user_id: str, password: str) -> Account | None:
        """The user whose password this is; None for a wrong one, an unknown or a closed account
        (all three take the same time)."""

    async def set_language(self, user_id: str, language: str) -> None:
        """Remember the language of somebody's screens."""


class Accounts(Protocol):
    """The administrator's side of the users.

    Each change raises :class:`hotline.storage.profiles.UserFault` for what cannot be and
    :class:`hotline.storage.users.NoSuchUser`.
    """

    async def everybody(self) -> Sequence[UserRow]:
        """All accounts, the open ones first."""

    async def get(self, user_id: str) -> UserRow | None:
        """An account; None for nobody's."""

    async def add(self, user_id: str, profile: Profile, password: str) -> UserRow:
        """Open an account."""

    async def change(self, user_id: str, profile: Profile) -> UserRow:
        """Another name, role or phone; opens a closed account again."""

    async def set_password(self, user_id: str, password: str) -> None:
        """Another password."""

    async def deactivate(self, user_id: str) -> UserRow:
        """Close an account."""


class Dials(Protocol):
    """Places the calls of callbacks."""

    async def call(self, task_id: int, by: Actor, extension: str | None) -> None:
        """Ring ``by`` at their extension, then the citizen.

        Raises :class:`hotline.callback.model.CallbackRefused`,
        :class:`hotline.callback.model.NoSuchTask`.
        """

    async def hang_up(self, task_id: int, by: Actor) -> None:
        """End the call of a callback that ``by`` has placed. Raises as :meth:`call`."""

    async def hold(self, task_id: int, by: Actor) -> None:
        """Let its citizen hear music. Raises as :meth:`call`."""

    async def take_back(self, task_id: int, by: Actor) -> None:
        """End that music. Raises as :meth:`call`."""

    async def bring(self, task_id: int, by: Actor) -> Brought:
        """Make its citizen a caller of ours, whom ``by`` talks with. Raises as :meth:`call`."""


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the system in words: ``state`` unknown means that nobody has asked it yet."""

    name: str
    state: Literal["up", "down", "unknown"]
    detail: str = ""


HealthCheck = Callable[[], Awaitable[Sequence[Component]]]
"""Asks each component that a call needs (db, pbx, agi, prompts) for its state."""

PhonePassword = Callable[[str, str], Awaitable[str]]
"""The password of an extension's web phone, for a login (its session's id). Raises
:class:`hotline.telephony.ami.AmiLost` and :class:`hotline.telephony.ami.AmiRefused`."""

PhoneInUse = Callable[[str], Awaitable[bool]]
"""Whether an extension's web phone rings or talks now. Raises as :data:`PhonePassword`."""

PhoneCut = Callable[[str], Awaitable[bool]]
"""Ends what is talked on an extension's web phone, so that it is rung anew; False for nothing.
Raises as :data:`PhonePassword`."""

Hears = Callable[[float], Sequence[str]]
"""What a caller would hear at an instant (Unix seconds), one line each."""
