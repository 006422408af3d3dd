"""What a period was like: who rang, how long they talked and waited, and who was at work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from hotline.storage.database import Database
from hotline.storage.tables import CallRow, JournalRow

AT_WORK = frozenset({"ready", "offered", "talking", "wrap_up", "on_task"})
# How long before the period a shift may have begun.
BEFORE_S = 86_400.0

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class PastCall:
    """A caller who waited. ``waited_s`` is how long they certainly would; ``abandoned`` whether
    they then hung up. ``talk_s`` None: never answered. ``first_agent`` was asked first."""

    queue: str
    at: float
    priority: int
    waited_s: float
    abandoned: bool
    talk_s: float | None
    first_agent: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A period's calls in order of coming, wrap-ups in seconds, and each agent's time at work:
    signed on and not paused."""

    calls: tuple[PastCall, ...]
    wrap_ups: tuple[float, ...]
    spans: Mapping[str, tuple[Span, ...]]


async def read_past(database: Database, since: float, until: float) -> Past:
    """The period from ``since`` until ``until`` (Unix seconds).

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    calls = (
        select(
            CallRow.queue,
            CallRow.queued_at,
            CallRow.priority,
            CallRow.answered_at,
            CallRow.abandoned_at,
            CallRow.talk_ended_at,
            CallRow.first_agent,
        )
        .where(CallRow.arrived_at >= since, CallRow.arrived_at < until)
        .where(CallRow.queued_at.is_not(None))
        .order_by(CallRow.queued_at)
    )
    changes = (
        select(JournalRow.at, JournalRow.data)
        .where(JournalRow.kind == "AgentStateChanged")
        .where(JournalRow.at >= since - BEFORE_S, JournalRow.at < until)
        .order_by(JournalRow.seq)
    )
    async with database.session() as session:
        past = tuple(_call(row) for row in await session.execute(calls))
        states = [
            (at, str(data["agent_id"]), str(data["state"]))
            for at, data in await session.execute(changes)
        ]
    return Past(past, tuple(wrap_ups_of(states)), spans_of(states, since, until))


def spans_of(
    states: Iterable[tuple[float, str, str]], since: float, until: float
) -> dict[str, tuple[Span, ...]]:
    """Each agent's time at work within the period, by what they became when, in order."""
    begun: dict[str, float] = {}
    spans: dict[str, list[Span]] = {}
    for at, agent_id, state in states:
        if state in AT_WORK:
            begun.setdefault(agent_id, at)
        elif agent_id in begun:
            spans.setdefault(agent_id, []).append((begun.pop(agent_id), at))
    for agent_id, begin in begun.items():
        spans.setdefault(agent_id, []).append((begin, until))
    return {agent_id: clipped(own, since, until) for agent_id, own in spans.items()}


def wrap_ups_of(states: Iterable[tuple[float, str, str]]) -> list[float]:
    """How long each wrap-up took."""
    begun: dict[str, float] = {}
    found = []
    for at, agent_id, state in states:
        if state == "wrap_up":
            begun.setdefault(agent_id, at)
        elif agent_id in begun:
            found.append(at - begun.pop(agent_id))
    return found


def clipped(spans: Sequence[Span], since: float, until: float) -> tuple[Span, ...]:
    """What of the spans lies between two instants."""
    cut = ((max(begin, since), min(end, until)) for begin, end in spans)
    return tuple((begin, end) for begin, end in cut if begin < end)


def _call(row: Sequence[Any]) -> PastCall:
    queue, queued_at, priority, answered_at, abandoned_at, talk_ended_at, first = row
    left = answered_at or abandoned_at or queued_at
    talked = answered_at is not None and talk_ended_at is not None
    return PastCall(
        queue or "",
        queued_at,
        priority,
        max(0.0, left - queued_at),
        answered_at is None and abandoned_at is not None,
        max(0.0, talk_ended_at - answered_at) if talked else None,
        first or "",
    )
