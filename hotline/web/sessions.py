"""Logins: a random token in a cookie, its SHA-256 in the database."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, select, update

from hotline.clock import Clock
from hotline.storage.database import Database, DatabaseUnavailable
from hotline.storage.tables import SessionRow, UserRow
from hotline.web.access import Role, Viewer

# Writing the time of each request would cost a disk sync per request.
_TOUCH_EVERY_S = 60.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A login just made; ``token`` goes into the cookie and is kept nowhere else."""

    token: str
    csrf_token: str


class Sessions:
    """Opens, finds and closes logins."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        lifetime_s: float,
        on_closed: Callable[[str], None] = lambda token_hash: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._lifetime_s = lifetime_s
        self._on_closed = on_closed

    async def open(self, user_id: str) -> NewSession:
        """Log ``user_id`` in; sessions that ran out are swept away on the way."""
        new = NewSession(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        now = self._clock.now()
        async with self._database.writing() as session:
            await session.execute(
                delete(SessionRow).where(SessionRow.used_at < now - self._lifetime_s)
            )
            session.add(
                SessionRow(
                    token_hash=hash_token(new.token),
                    user_id=user_id,
                    csrf_token=new.csrf_token,
                    created_at=now,
                    used_at=now,
                )
            )
        return new

    async def find(self, token: str) -> Viewer | None:
        """Whose token this is; None when it is unknown, ran out, or the account is closed."""
        return await self.find_by_hash(hash_token(token), touch=True)

    async def find_by_hash(self, token_hash: str, *, touch: bool) -> Viewer | None:
        """As :meth:`find`; ``touch`` counts it as a use, which prolongs it."""
        now = self._clock.now()
        query = (
            select(SessionRow, UserRow)
            .join(UserRow, UserRow.user_id == SessionRow.user_id)
            .where(
                SessionRow.token_hash == token_hash,
                SessionRow.used_at >= now - self._lifetime_s,
                UserRow.active,
            )
        )
        # Before each page and each request: in one go.
        found = await self._database.read(lambda session: session.execute(query).one_or_none())
        if found is None:
            return None
        login, user = found
        viewer = Viewer(
            user_id=user.user_id,
            name=user.name,
            role=Role(user.role),
            extension=user.extension,
            language=user.language,
            csrf_token=login.csrf_token,
            session_id=login.token_hash,
            unit_id=user.unit_id,
        )
        if touch and now - login.used_at > _TOUCH_EVERY_S:
            await self._touch(token_hash, now)
        return viewer

    async def _touch(self, token_hash: str, now: float) -> None:
        touched = update(SessionRow).where(SessionRow.token_hash == token_hash)
        try:
            async with self._database.writing() as session:
                await session.execute(touched.values(used_at=now))
        except DatabaseUnavailable as error:
            # A full disk must not keep agents from reading their pages.
            _log.warning("the use of a session could not be noted", why=error.why)

    async def close(self, session_id: str) -> None:
        """Log out; whatever streams to this session ends too."""
        async with self._database.writing() as session:
            await session.execute(delete(SessionRow).where(SessionRow.token_hash == session_id))
        self._on_closed(session_id)

    async def of(self, user_id: str) -> Sequence[str]:
        """The ids of somebody's sessions."""
        query = select(SessionRow.token_hash).where(SessionRow.user_id == user_id)
        async with self._database.session() as session:
            return (await session.scalars(query)).all()

    async def close_all(self, user_id: str) -> None:
        """Log somebody out everywhere."""
        ids = await self.of(user_id)
        async with self._database.writing() as session:
            await session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))
        for session_id in ids:
            self._on_closed(session_id)


def hash_token(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
