"""Who may log in: accounts, their roles, extensions and passwords.

Passwords are kept as argon2id hashes and checked in a thread, for a check takes a tenth of a
second of CPU by design. A closed account keeps its row, so that the journal's names stay known,
and gives its extension back.
"""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from collections.abc import Callable, Collection, Sequence

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.demo.accounts import DEMO_PASSWORD
from hotline.storage.database import Database
from hotline.storage.profiles import (
    DEMO_PROFILES,
    Profile,
    UserFault,
    check_password,
    check_user_id,
    checked,
)
from hotline.storage.records import storable
from hotline.storage.tables import SessionRow, UserRow
from hotline.web.ports import Account


class NoSuchUser(LookupError):
    """Nobody has this login name."""

    def __init__(self, user_id: str) -> None:
        super().__init__(f"nobody has the login name {user_id!r}; see: hotline user list")


class Users:
    """The accounts in ``database``; the web's :class:`hotline.web.ports.Users`.

    ``extensions`` are the phones that there are. Unless ``demo``, demo accounts open nothing.
    ``on_user`` is told of everybody who was added, changed, closed or logged in here, so that
    the calls layer knows an agent before their first call. Every method raises
    :class:`~hotline.storage.database.DatabaseUnavailable`.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        extensions: Collection[str],
        demo: bool = False,
        hasher: PasswordHasher | None = None,
        on_user: Callable[[UserRow], None] = lambda user: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._extensions = frozenset(extensions)
        self._demo = demo
        self._hasher = hasher or PasswordHasher()
        self._nobodys_hash = _unmatchable(self._hasher)
        self._on_user = on_user

    # --- logging in -----------------------------------------------------------------------

    async def authenticate(self, user_id: str, password: str) -> Account | None:
        """The user whose password this is; None for a wrong one, an unknown or a closed account
        (all three take the same time)."""
        user = await self.get(user_id)
        kept = self._nobodys_hash if user is None else user.password_hash
        right = await asyncio.to_thread(self._matches, kept, password)
        if user is None or not right or not user.active or (user.demo and not self._demo):
            return None
        if self._hasher.check_needs_rehash(kept):
            await self._rehash(user.user_id, kept, password)
        self._on_user(user)
        return Account(user.user_id, user.name, user.role, user.extension, user.language)

    async def set_language(self, user_id: str, language: str) -> None:
        """Remember the language of somebody's screens."""
        async with self._database.writing() as session:
            await session.execute(
                update(UserRow).where(UserRow.user_id == user_id).values(language=language)
            )

    # --- reading --------------------------------------------------------------------------

    async def get(self, user_id: str) -> UserRow | None:
        """Somebody's row; None for nobody."""
        async with self._database.session() as session:
            return await session.get(UserRow, storable(user_id))

    async def everybody(self) -> Sequence[UserRow]:
        """All accounts by login name, the open ones first."""
        query = select(UserRow).order_by(UserRow.active.desc(), UserRow.user_id)
        async with self._database.session() as session:
            return (await session.scalars(query)).all()

    # --- changing -------------------------------------------------------------------------

    async def add(self, user_id: str, profile: Profile, password: str) -> UserRow:
        """Open an account. Raises :class:`UserFault`."""
        check_user_id(user_id)
        check_password(password)
        profile = checked(profile, self._extensions)
        password_hash = await self._hash(password)
        async with self._database.writing() as session:
            if await session.get(UserRow, user_id) is not None:
                raise UserFault("user_id", "user_taken", f"the login name {user_id!r} is taken")
            await _check_free(session, profile.extension, user_id)
            user = self._row(user_id, profile, password_hash)
            session.add(user)
        self._on_user(user)
        return user

    async def change(self, user_id: str, profile: Profile) -> UserRow:
        """Give somebody this name, role, phone and unit, and open their account if it was closed.

        A new role, phone or unit logs them out everywhere. Raises :class:`UserFault`,
        :class:`NoSuchUser`.
        """
        profile = checked(profile, self._extensions)
        async with self._database.writing() as session:
            user = await _existing(session, user_id)
            await _check_free(session, profile.extension, user_id)
            if profile.role != "admin":
                await _check_admin_left(session, user)
            before = (user.role, user.extension, user.unit_id)
            if before != (profile.role, profile.extension, profile.unit_id):
                await _log_out(session, [user_id])
            user.name, user.role, user.unit_id = profile.name, profile.role, profile.unit_id
            user.extension, user.active = profile.extension, True
        self._on_user(user)
        return user

    async def set_password(self, user_id: str, password: str) -> None:
        """Replace somebody's password and log them out everywhere.

        Raises :class:`UserFault`, :class:`NoSuchUser`.
        """
        check_password(password)
        password_hash = await self._hash(password)
        async with self._database.writing() as session:
            user = await _existing(session, user_id)
            user.password_hash = password_hash
            await _log_out(session, [user_id])

    async def deactivate(self, user_id: str) -> UserRow:
        """Close an account, log it out everywhere and free its extension.

        Raises :class:`UserFault` for the last administrator, :class:`NoSuchUser`.
        """
        async with self._database.writing() as session:
            user = await _existing(session, user_id)
            await _check_admin_left(session, user)
            user.active, user.extension = False, None
            await _log_out(session, [user_id])
        self._on_user(user)
        return user

    # --- the demo -------------------------------------------------------------------------

    async def seed_demo(self) -> Sequence[str]:
        """Open the demo's accounts, with its password, and return their login names.

        A login name or extension that belongs to a real account is left alone, so the demo
        goes without it. Raises RuntimeError outside demo mode.
        """
        if not self._demo:
            raise RuntimeError("demo accounts are for demo mode only")
        there = {user.user_id: user for user in await self.everybody()}
        if not all(name in there and there[name].active for name in DEMO_PROFILES):
            password_hash = await self._hash(DEMO_PASSWORD)
            async with self._database.writing() as session:
                for user_id, profile in DEMO_PROFILES.items():
                    await self._seed(session, user_id, profile, password_hash)
            there = {user.user_id: user for user in await self.everybody()}
        return [name for name in DEMO_PROFILES if name in there and there[name].demo]

    async def retire_demo(self) -> None:
        """Close every demo account, so that its well-known password opens nothing."""
        async with self._database.writing() as session:
            closed = await session.scalars(
                update(UserRow)
                .where(UserRow.demo, UserRow.active)
                .values(active=False, extension=None)
                .returning(UserRow.user_id)
            )
            await _log_out(session, closed.all())

    async def _seed(
        self, session: AsyncSession, user_id: str, profile: Profile, password_hash: str
    ) -> None:
        user = await session.get(UserRow, user_id)
        if user is not None and (user.active or not user.demo):
            return
        holder = select(UserRow.user_id).where(UserRow.extension == profile.extension)
        if profile.extension is not None and await session.scalar(holder) is not None:
            return
        await session.merge(self._row(user_id, profile, password_hash, demo=True))
        await session.flush()

    # --- within ---------------------------------------------------------------------------

    def _row(
        self, user_id: str, profile: Profile, password_hash: str, *, demo: bool = False
    ) -> UserRow:
        return UserRow(
            user_id=user_id,
            name=profile.name,
            role=profile.role,
            extension=profile.extension,
            unit_id=profile.unit_id,
            password_hash=password_hash,
            active=True,
            demo=demo,
            created_at=self._clock.now(),
        )

    async def _hash(self, password: str) -> str:
        return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, _bytes(password))
        except VerificationError:
            return False

    async def _rehash(self, user_id: str, old: str, password: str) -> None:
        new = await self._hash(password)
        unchanged = (UserRow.user_id == user_id) & (UserRow.password_hash == old)
        async with self._database.writing() as session:
            await session.execute(update(UserRow).where(unchanged).values(password_hash=new))


def _unmatchable(hasher: PasswordHasher) -> str:
    """A hash that takes as long to check as a real one and that no password has."""
    salt, digest = (
        b64encode(os.urandom(size)).decode().rstrip("=")
        for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


def _bytes(password: str) -> bytes:
    # A browser can send half of a surrogate pair, which plain UTF-8 refuses.
    return password.encode("utf-8", "surrogatepass")


async def _existing(session: AsyncSession, user_id: str) -> UserRow:
    user = await session.get(UserRow, storable(user_id))
    if user is None:
        raise NoSuchUser(user_id)
    return user


async def _check_free(session: AsyncSession, extension: str | None, user_id: str) -> None:
    if extension is None:
        return
    holder = await session.scalar(
        select(UserRow.user_id).where(UserRow.extension == extension, UserRow.user_id != user_id)
    )
    if holder is not None:
        raise UserFault(
            "extension", "extension_taken", f"the extension {extension} belongs to {holder!r}"
        )


async def _check_admin_left(session: AsyncSession, user: UserRow) -> None:
    """Raise :class:`UserFault` when nobody could administer without ``user``."""
    if user.role != "admin" or not user.active:
        return
    others = select(func.count()).where(
        UserRow.role == "admin", UserRow.active, UserRow.user_id != user.user_id
    )
    if not await session.scalar(others):
        raise UserFault("role", "last_admin", f"{user.user_id!r} is the last administrator")


async def _log_out(session: AsyncSession, user_ids: Sequence[str]) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.user_id.in_(user_ids)))
