"""People's names for their user ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.registry.exchange.outbox import actor_of
from hotline.storage.database import Database
from hotline.storage.tables import UserRow
from hotline.storage.tables_exchange import PeerRow


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has or had an account; ``active``: they may log in."""

    user_id: str
    name: str
    role: str
    active: bool


async def names_of(database: Database) -> Mapping[str, str]:
    """Everybody's name by user id, closed accounts included: what they did stays theirs; and the
    names of other systems, as they change cases.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    return await database.read(lambda session: names_among(session, read_people(session)))


def read_people(session: Session) -> Sequence[Person]:
    """All accounts by login name, the open ones first."""
    query = select(UserRow.user_id, UserRow.name, UserRow.role, UserRow.active)
    rows = session.execute(query.order_by(UserRow.active.desc(), UserRow.user_id))
    return [Person(*row) for row in rows]


def names_among(session: Session, people: Sequence[Person]) -> Mapping[str, str]:
    """The names of these people and of other systems."""
    peers = session.execute(select(PeerRow.peer_id, PeerRow.name))
    return {
        **{one.user_id: one.name for one in people},
        **{actor_of(key): name for key, name in peers},
    }
