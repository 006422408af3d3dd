"""What an agent has typed into a call's form and not yet saved: it survives F5, crashes, a link
that drops requests, and a change of machine.

A page counts what it sends (``revision``), so that a request which comes late cannot undo a later
one. Who sends to a draft that another page has brought further is given that one, to put together
with their own (``static/src/desk/drafts.ts``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.storage.database import Database
from hotline.storage.records import storable
from hotline.storage.tables import CallRow, DraftRow, JournalRow

# The desk shows as many unfinished forms; older ones stay in the table.
MOST_SHOWN = 8
OF_TASKS = ":"
"""What stands in the key of a draft that is of a task and of no call: ``callback:7``."""


@dataclass(frozen=True, slots=True)
class DayOfAgent:
    """An agent's day so far: talks that ended, and their seconds together."""

    talks: int
    talk_s: float


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft as the server holds it."""

    form: dict[str, object]
    revision: int


@dataclass(frozen=True, slots=True)
class Typed:
    """What one page of somebody's has typed, for their other pages; ``call_id`` as in a draft's
    key. ``over`` are the fields in which it replaced what another page had written."""

    call_id: str
    page: str
    revision: int
    form: Mapping[str, object]
    over: Sequence[str] = ()


Hearer = Callable[[Typed], None]


class NotOffered(LookupError):
    """The call was never offered to this agent."""


class Overtaken(Exception):
    """Another page has brought the draft further; ``draft`` is how it stands."""

    def __init__(self, draft: KeptDraft) -> None:
        super().__init__(f"the draft is at revision {draft.revision}")
        self.draft = draft


class Drafts:
    """Keeps drafts, and knows whose calls are whose."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._hearers: defaultdict[str, list[Hearer]] = defaultdict(list)

    def listen(self, user_id: str, hearer: Hearer) -> None:
        """Tell a page what others of its reader's type, until :meth:`leave`."""
        self._hearers[user_id].append(hearer)

    def leave(self, user_id: str, hearer: Hearer) -> None:
        """Tell it no more."""
        self._hearers[user_id].remove(hearer)
        if not self._hearers[user_id]:
            del self._hearers[user_id]

    def _tell(self, user_id: str, typed: Typed) -> None:
        hearers = self._hearers.get(user_id, [])
        # The only page is the one that typed it.
        for hearer in hearers if len(hearers) > 1 else ():
            hearer(typed)

    async def save(
        self,
        call_id: str,
        user_id: str,
        form: Mapping[str, object],
        revision: int | None = None,
        *,
        seen: int = 0,
        page: str = "",
        over: Sequence[str] = (),
        offered: bool = True,
    ) -> None:
        """Keep ``form``; a page's own earlier revision is passed over.

        ``over`` as in :class:`Typed`. ``offered`` is False for a form that no offer brings
        (:mod:`hotline.web.kept`); ``seen`` is the last revision that the page knows to be kept.
        Without a ``revision`` whatever stands is replaced. Raises :class:`NotOffered`, and
        :class:`Overtaken` when another page has brought the draft further than the page has seen.
        """
        async with self._database.writing() as session:
            row = await session.get(DraftRow, (call_id, user_id))
            if row is None:
                if offered and not await _was_offered(session, call_id, user_id):
                    raise NotOffered(call_id)
                row = DraftRow(call_id=call_id, user_id=user_id, revision=0)
                session.add(row)
            elif revision is not None and page == row.page:
                if revision <= row.revision:
                    return
            elif revision is not None and seen < row.revision:
                raise Overtaken(KeptDraft(dict(row.form), row.revision))
            row.form = storable(dict(form))
            row.revision = row.revision + 1 if revision is None else revision
            row.page = page
            row.saved_at = self._clock.now()
            typed = Typed(call_id, page, row.revision, dict(row.form), tuple(over))
        self._tell(user_id, typed)

    async def discard(self, call_id: str, user_id: str) -> None:
        """Forget a draft; harmless when there is none."""
        async with self._database.writing() as session:
            row = await session.get(DraftRow, (call_id, user_id))
            if row is not None:
                await session.delete(row)

    async def kept(self, key: str, user_id: str) -> KeptDraft | None:
        """What somebody has typed so far; None for nothing."""
        async with self._database.session() as session:
            row = await session.get(DraftRow, (key, user_id))
        return KeptDraft(dict(row.form), row.revision) if row else None

    async def unfinished(self, user_id: str) -> list[str]:
        """The calls that have a draft of this agent, the newest first."""
        query = (
            select(DraftRow.call_id)
            .where(DraftRow.user_id == user_id, ~DraftRow.call_id.contains(OF_TASKS))
            .order_by(DraftRow.saved_at.desc())
            .limit(MOST_SHOWN)
        )
        async with self._database.session() as session:
            return list(await session.scalars(query))

    async def day_of(self, agent_id: str, since: float) -> DayOfAgent:
        """The agent's talks that were answered from ``since`` on and are over."""
        talk_s = CallRow.talk_ended_at - CallRow.answered_at
        query = select(func.count(), func.sum(talk_s)).where(
            CallRow.agent_id == agent_id,
            CallRow.arrived_at >= since - 86_400,
            CallRow.answered_at >= since,
            CallRow.talk_ended_at.is_not(None),
        )
        async with self._database.session() as session:
            talks, seconds = (await session.execute(query)).one()
        return DayOfAgent(talks, seconds or 0.0)


async def _was_offered(session: AsyncSession, call_id: str, agent_id: str) -> bool:
    query = select(JournalRow.seq).where(
        JournalRow.call_id == call_id,
        JournalRow.agent_id == agent_id,
        # An offer of the queue's, or a colleague's, or a citizen whom they rang themselves.
        JournalRow.kind.in_(("CallOffered", "HandoverOffered", "CallBrought")),
    )
    return (await session.execute(query.limit(1))).first() is not None
