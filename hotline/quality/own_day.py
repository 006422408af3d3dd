"""An agent's own day, for their own eyes: counts with what they are shares of, unknown as unknown.

Computed from the journal each time it is asked for; nobody is compared with anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from hotline.callback.model import LEAST_SATISFIED
from hotline.storage.database import Database
from hotline.storage.tables import JournalRow

_KINDS = ("OfferEnded", "CallAnswered", "TalkEnded", "AgentStateChanged", "CallRated")


@dataclass(frozen=True, slots=True)
class OwnDay:
    """The day so far; seconds are of ``talks`` and ``wrap_ups`` that are over.

    ``answered`` of ``offered``: of the calls that rang here, those whose callers gave up left
    out. ``unknown`` talks were answered, and nobody saw how long they went. ``satisfied`` of
    ``rated``: citizens who pressed 3 or more of 5. For ``blind_s`` the telephone system could not
    be seen.
    """

    offered: int = 0
    answered: int = 0
    talks: int = 0
    talk_s: float = 0.0
    unknown: int = 0
    wrap_ups: int = 0
    wrap_up_s: float = 0.0
    rated: int = 0
    satisfied: int = 0
    blind_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """One record, as far as it is counted."""

    kind: str
    data: Mapping[str, Any]


async def own_day(
    database: Database, agent_id: str, since: float, now: float, current: str = ""
) -> OwnDay:
    """The agent's day from ``since`` on; ``current`` is the call that they talk in.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    async with database.session() as session:
        first = await session.scalar(select(func.min(JournalRow.seq)).where(JournalRow.at >= since))
        if first is None:
            return OwnDay()
        # By agent and place in the journal: one stretch of one index, however old the journal.
        own = (
            select(JournalRow.kind, JournalRow.data)
            .where(JournalRow.agent_id == agent_id, JournalRow.seq >= first)
            .where(JournalRow.kind.in_(_KINDS))
            .order_by(JournalRow.seq)
        )
        told = [Told(kind, data) for kind, data in (await session.execute(own)).all()]
        blind = select(JournalRow.data).where(
            JournalRow.kind == "BlindInterval", JournalRow.at >= since
        )
        seen_nothing: Sequence[Mapping[str, Any]] = (await session.scalars(blind)).all()
    unseen = [(float(each["since"]), float(each["until"])) for each in seen_nothing]
    return day_of(told, [(max(one, since), min(end, now)) for one, end in unseen], current)


def day_of(
    told: Iterable[Told], unseen: Iterable[tuple[float, float]] = (), current: str = ""
) -> OwnDay:
    """The day that an agent's records tell, in their order."""
    records = tuple(told)
    offers = [one.data["outcome"] for one in records if one.kind == "OfferEnded"]
    ended = [one.data for one in records if one.kind == "TalkEnded"]
    taken = {str(one.data["call_id"]) for one in records if one.kind == "CallAnswered"}
    scores = [one.data["score"] for one in records if one.kind == "CallRated"]
    wrapped = _wrap_ups(one.data for one in records if one.kind == "AgentStateChanged")
    return OwnDay(
        offered=sum(outcome != "withdrawn" for outcome in offers),
        answered=offers.count("answered"),
        talks=len(ended),
        talk_s=sum(float(each["talked_s"]) for each in ended),
        unknown=len(taken - {str(each["call_id"]) for each in ended} - {current}),
        wrap_ups=len(wrapped),
        wrap_up_s=sum(wrapped),
        rated=len(scores),
        satisfied=sum(score >= LEAST_SATISFIED for score in scores),
        blind_s=sum(max(0.0, end - begin) for begin, end in unseen),
    )


def _wrap_ups(states: Iterable[Mapping[str, Any]]) -> list[float]:
    """How long each wrap-up went that is over; one that was extended is one."""
    lengths: list[float] = []
    began: float | None = None
    for each in states:
        if each["state"] == "wrap_up":
            began = float(each["since"]) if began is None else began
        elif began is not None:
            # A controller that came anew took a talk for over until it saw its channels.
            if each["state"] != "talking":
                lengths.append(max(0.0, float(each["since"]) - began))
            began = None
    return lengths
