"""People's names for their user ids."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from hotline.storage.database import Database
from hotline.storage.tables import UserRow


async def names_of(database: Database) -> Mapping[str, str]:
    """Everybody's name by user id, closed accounts included: what they did stays theirs.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    async with database.session() as session:
        rows = await session.execute(select(UserRow.user_id, UserRow.name))
        return dict(rows.all())
