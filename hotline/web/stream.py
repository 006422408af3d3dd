"""GET /events: what happens, as server-sent events, to whoever is logged in.

A reconnect sends ``Last-Event-ID`` (or ``?after=``), and what was missed is sent again. One that
was away for too long is told to begin anew by the event ``reset``.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import structlog
from fastapi import APIRouter, Header

from hotline.web import phone_here, unit_feed
from hotline.web.access import Role, Staff, Viewer
from hotline.web.drafts import Typed
from hotline.web.feed import Feed, Message
from hotline.web.floor_feed import told
from hotline.web.streams import EventStream, Outbox, TooSlow, Write
from hotline.web.web import Web, WebOf

router = APIRouter()
_log = structlog.get_logger(__name__)

HEARTBEAT_S = 10.0
# A session may run out, or be closed by another process.
SESSION_CHECK_S = 60.0
MOST_REPLAYED = 5000
# On an agent's page: a caller waits until it notices that nothing comes any more.
AGENT_HEARTBEAT_S = 3.0
# How soon a browser tries again after a lost connection, in milliseconds.
RETRY = b"retry: 1000\n\n"


@router.get("/events")
async def stream_events(
    web: WebOf,
    viewer: Staff,
    after: str = "",
    last_event_id: Annotated[str, Header()] = "",
) -> EventStream:
    """The stream; ``last_event_id`` is newer than the page's own ``after``."""
    return EventStream(Connection(web, viewer, last_event_id or after).run)


class Connection:
    """One page's stream from its beginning to its end."""

    def __init__(self, web: Web, viewer: Viewer, last_seen: str) -> None:
        self._web = web
        self._viewer = viewer
        self._outbox = Outbox()
        self._last_seq = web.parts.journal.last_seq
        self._after = replay_from(last_seen, self._last_seq)
        # Up to which record everything is in the outbox.
        self._seen = self._last_seq if self._after is None else self._after
        agent = viewer.role is Role.AGENT
        self._every_s = min(AGENT_HEARTBEAT_S, HEARTBEAT_S) if agent else HEARTBEAT_S

    async def run(self, write: Write) -> None:
        """Write messages until the reader is too slow, logged out, or gone (cancelled)."""
        stream = self._web.streams.add(self._viewer.session_id)
        agent = self._viewer.role is Role.AGENT
        if agent:
            self._web.parts.calls.page_opened(self._viewer.user_id)
        tasks = [
            asyncio.create_task(self._collect()),
            asyncio.create_task(self._send(write)),
            asyncio.create_task(stream.closed.wait()),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except TooSlow:
            _log.info("a page reads too slowly; its stream is cut", user=self._viewer.user_id)
            raise
        finally:
            # Nothing is awaited before this is done: a reader that went away cancels us, and
            # Starlette's cancellation comes back at each await.
            self._web.streams.remove(stream)
            if agent:
                self._web.parts.calls.page_closed(self._viewer.user_id)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _collect(self) -> None:
        parts = self._web.parts
        feed = Feed(self._viewer, parts.calls, live_after=self._last_seq)
        self._begin(feed)
        after = self._last_seq if self._after is None else self._after
        self._web.drafts.listen(self._viewer.user_id, self._typed)
        self._web.boards.listen(self._outbox.put_board, whole=self._viewer.role is Role.SUPERVISOR)
        try:
            async for record in parts.journal.follow(after):
                for message in await feed.messages(record):
                    self._outbox.put(message)
                for message in await told(self._viewer, parts.floor, record):
                    self._outbox.put(message)
                for message in await unit_feed.told(self._viewer, parts.room.work, record):
                    self._outbox.put(message)
                for message in await phone_here.told(self._viewer, parts.database, record):
                    self._outbox.put(message)
                self._seen = record.seq
        finally:
            self._web.boards.leave(self._outbox.put_board)
            self._web.drafts.leave(self._viewer.user_id, self._typed)

    def _typed(self, typed: Typed) -> None:
        # Who reads too slowly is told so by the next record, and begins anew.
        with suppress(TooSlow):
            self._outbox.put(Message("draft", asdict(typed)))

    def _begin(self, feed: Feed) -> None:
        if self._after is None:
            self._outbox.put(Message("reset", {}, self._last_seq))
        if (agent := feed.agent()) is not None:
            self._outbox.put(Message("agent", agent))

    async def _send(self, write: Write) -> None:
        await write(RETRY)
        clock = self._web.parts.clock
        checked = clock.now()
        beaten = float("-inf")
        message: Message | None = None
        while True:
            # Also while much happens: only a beat tells how late it is.
            if message is None or clock.now() - beaten >= self._every_s:
                beaten = clock.now()
                await write(self._beat().encode())
            message = await self._outbox.take(self._every_s)
            if message is not None:
                await write(message.encode())
                self._measure(message)
            if clock.now() - checked >= SESSION_CHECK_S:
                checked = clock.now()
                if not await self._still_allowed():
                    return

    def _beat(self) -> Message:
        """An event, not a comment: browsers show comments to nobody, and a page has to notice
        silence, and what comes late."""
        data = {"at": self._web.parts.clock.now(), "every": self._every_s}
        # What still waits must not be passed over by who comes back after this.
        return Message("beat", data, None if len(self._outbox) else self._seen)

    async def _still_allowed(self) -> bool:
        sessions = self._web.sessions
        return await sessions.find_by_hash(self._viewer.session_id, touch=False) is not None

    def _measure(self, message: Message) -> None:
        if message.at is not None:
            parts = self._web.parts
            parts.metrics.offer_to_pop.observe(max(0.0, parts.clock.now() - message.at))


def replay_from(last_seen: str, last_seq: int) -> int | None:
    """After which record to replay; None when the page must begin anew."""
    if not last_seen:
        return last_seq
    if not last_seen.isdecimal() or len(last_seen) > 18:
        return None
    seen = int(last_seen)
    # A number we have not reached yet comes from another journal.
    return seen if 0 <= last_seq - seen <= MOST_REPLAYED else None
