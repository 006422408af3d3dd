"""GET /events/next: the same news as ``/events``, asked for again and again.

Something between a page and us may keep a stream's bytes back until it has many of them, or until
the stream ends. A page that notices so asks here instead: each answer is whole, and nothing keeps
it back.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import select

from hotline.storage.tables import CallRow
from hotline.web import phone_here, unit_feed
from hotline.web.access import Role, Staff, Viewer
from hotline.web.feed import Feed, Message
from hotline.web.floor_feed import told
from hotline.web.stream import replay_from
from hotline.web.web import Web, WebOf

router = APIRouter()

LONGEST_WAIT_S = 5.0
# News of a call may come some time after it: its recording, its case.
OWN_CALLS_S = 7200.0


class News(BaseModel):
    """One message as ``/events`` would have sent it; ``id`` is empty where it has none."""

    event: str
    data: object
    id: str = ""


class Batch(BaseModel):
    """What happened, in its order; ``last`` is what to ask ``after`` next."""

    last: str
    news: list[News]


@router.get("/events/next")
async def next_events(
    web: WebOf,
    viewer: Staff,
    after: str = "",
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S)] = LONGEST_WAIT_S,
    begin: bool = False,
) -> Batch:
    """What happened after the record ``after``: at once, or as soon as something does, at the
    latest after ``wait`` seconds; without ``after``, where the journal ends. ``begin``: with the
    viewer's own state, as a stream begins."""
    agent = viewer.role is Role.AGENT
    # A page is open there as much as where a stream is.
    stream = web.streams.add(viewer.session_id)
    if agent:
        web.parts.calls.page_opened(viewer.user_id)
    try:
        return await Poll(web, viewer).run(after, wait if after else 0.0, begin)
    finally:
        web.streams.remove(stream)
        if agent:
            web.parts.calls.page_closed(viewer.user_id)


class Poll:
    """One question and its answer."""

    def __init__(self, web: Web, viewer: Viewer) -> None:
        self._web = web
        self._viewer = viewer
        self._found: list[Message] = []

    async def run(self, after: str, wait_s: float, begin: bool) -> Batch:
        """Find what there is to tell."""
        last_seq = self._web.parts.journal.last_seq
        seen = replay_from(after, last_seq)
        feed = Feed(
            self._viewer,
            self._web.parts.calls,
            live_after=last_seq if seen is None else seen,
            own_calls=await self._own_calls(),
        )
        if seen is None:
            self._found.append(Message("reset", {}, last_seq))
        if (begin or seen is None) and (agent := feed.agent()) is not None:
            self._found.append(Message("agent", agent))
        last = await self._collect(feed, last_seq if seen is None else seen, wait_s)
        self._take_board()
        return Batch(last=str(last), news=[_news(one) for one in self._found])

    async def _own_calls(self) -> frozenset[str]:
        """The calls of whose progress the viewer is told."""
        if self._viewer.role is not Role.AGENT:
            return frozenset()
        since = self._web.parts.clock.now() - OWN_CALLS_S
        query = select(CallRow.call_id).where(
            CallRow.agent_id == self._viewer.user_id, CallRow.arrived_at >= since
        )
        async with self._web.parts.database.session() as session:
            return frozenset(await session.scalars(query))

    async def _collect(self, feed: Feed, seen: int, wait_s: float) -> int:
        """Messages up to the journal's end; with none by then, up to the first to come. The last
        record that was looked at."""
        parts = self._web.parts
        try:
            async with asyncio.timeout(0 if self._found else wait_s):
                if self._nothing_left(seen):
                    return seen
                async for record in parts.journal.follow(seen):
                    self._found += await feed.messages(record)
                    self._found += await told(self._viewer, parts.floor, record)
                    self._found += await unit_feed.told(self._viewer, parts.room.work, record)
                    self._found += await phone_here.told(self._viewer, parts.database, record)
                    seen = record.seq
                    if self._nothing_left(seen):
                        break
        except TimeoutError:
            pass
        return seen

    def _nothing_left(self, seen: int) -> bool:
        return bool(self._found) and seen >= self._web.parts.journal.last_seq

    def _take_board(self) -> None:
        deliver = self._found.append
        self._web.boards.listen(deliver, whole=self._viewer.role is Role.SUPERVISOR)
        self._web.boards.leave(deliver)


def _news(message: Message) -> News:
    identity = "" if message.seq is None else str(message.seq)
    return News(event=message.event, data=message.data, id=identity)
