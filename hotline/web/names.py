"""People's names for their user ids."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from hotline.registry.exchange.outbox import actor_of
from hotline.storage.database import Database
from hotline.storage.tables import UserRow
from hotline.storage.tables_exchange import PeerRow


async def names_of(database: Database) -> Mapping[str, str]:
    """Everybody's name by user id, closed accounts included: what they did stays theirs; and the
    names of other systems, as they change cases.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    async with database.session() as session:
        rows = await session.execute(select(UserRow.user_id, UserRow.name))
        peers = await session.execute(select(PeerRow.peer_id, PeerRow.name))
        return {**dict(rows.all()), **{actor_of(key): name for key, name in peers}}
