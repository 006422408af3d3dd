"""Citizens of calls that staff placed, while they hear music.

The dialplan sets them aside and rings staff again who were cut off (``callback-staff``); what it
tells is in the journal, and the journal's last word is how it stands.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.storage.journal import Journal
from hotline.storage.tables import JournalRow
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot

# The dialplan has another word for citizens who are being told that they will be rung again.
_WHYS = frozenset({"agent", "cut_off"})
_HELD, _RESUMED = events.TalkHeld.__name__, events.TalkResumed.__name__


async def held_now(session: AsyncSession, call_id: str) -> str:
    """Why the citizen of a call that is up hears music: agent (staff asked for it) or cut_off
    (their phone was lost and is rung again); empty when they do not."""
    query = (
        select(JournalRow)
        .where(JournalRow.call_id == call_id, JournalRow.kind.in_((_HELD, _RESUMED)))
        .order_by(JournalRow.seq.desc())
        .limit(1)
    )
    row = await session.scalar(query)
    return str(row.data["why"]) if row is not None and row.kind == _HELD else ""


async def music_s(journal: Journal, call_id: str, until: float) -> float:
    """For how many seconds up to ``until`` (Unix seconds) the citizen of a call heard music: their
    talk is not recorded meanwhile. Raises :class:`JournalUnavailable`."""
    kinds = (events.TalkHeld, events.TalkResumed)
    heard_s, since = 0.0, None
    for record in await journal.read(call_id=call_id, kinds=kinds):
        if isinstance(record.event, events.TalkHeld):
            since = record.at if since is None else since
        elif since is not None:
            heard_s, since = heard_s + record.at - since, None
    return heard_s if since is None else heard_s + until - since


def why_held(own: ChannelInfo, snapshot: PbxSnapshot) -> str:
    """Why the citizen of a call hears music, by what a snapshot shows; empty when they do not.
    ``own`` is the call's own channel, in one bridge with the citizen's."""
    others = [c for c in snapshot.channels if c.bridge_id == own.bridge_id and c != own]
    told = (c.variables.get("HOTLINE_WHY", "") for c in others)
    return next((why for why in told if why in _WHYS), "")
