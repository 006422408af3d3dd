"""Passwords of web phones: made when a page asks, good until the next is made or the login ends.

The PBX asks its own database (astdb, through sorcery) for what a web phone must know, each time one
registers. So a new password holds at once, without any reload, and the one before opens nothing any
more. Which login has which phone is kept in our database: whatever happens to a
controller, the next one takes back what no login holds.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy import delete, select

from hotline.calls.holding import MOVED
from hotline.clock import Clock
from hotline.secrets import PHONE_FAMILY
from hotline.storage.database import Database, DatabaseUnavailable
from hotline.storage.tables import SessionRow
from hotline.storage.tables_phones import PhoneLoginRow
from hotline.telephony.ami import AmiEvent, AmiLink, AmiLost, AmiRefused

# As PJSIP's sorcery looks there for objects of this type.
FAMILY = f"{PHONE_FAMILY}/auth"
LOOK_EVERY_S = 5.0

_log = structlog.get_logger(__name__)


def web_phone(extension: str) -> str:
    """What the PBX calls the web phone of an extension."""
    return f"{extension}-web"


@dataclass(frozen=True, slots=True)
class PhoneLogins:
    """Gives web phones their passwords, and takes them back."""

    database: Database
    link: AmiLink
    clock: Clock
    # Who logs in again must not be shut out for the login before.
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def give(self, extension: str, session_id: str) -> str:
        """A new password for the web phone of ``extension``, for as long as the login
        ``session_id`` lasts; the one before opens nothing any more.

        Raises :class:`~hotline.telephony.ami.AmiLost`,
        :class:`~hotline.telephony.ami.AmiRefused`,
        :class:`~hotline.storage.database.DatabaseUnavailable`.
        """
        async with self._changing:
            # First ours: what the PBX lets in is always known to be taken back.
            async with self.database.writing() as session:
                now = self.clock.now()
                await session.merge(
                    PhoneLoginRow(extension=extension, session_id=session_id, at=now)
                )
            return await self._change(extension)

    async def in_use(self, extension: str) -> bool:
        """Whether the web phone of ``extension`` rings or talks now. Raises as :meth:`give`."""
        return bool(await self._legs(extension))

    async def cut(self, extension: str) -> bool:
        """End what is talked on the web phone of ``extension`` as if it were cut off, so that it is
        rung anew, where it is registered now; False when nothing is. Raises as :meth:`give`."""
        legs = await self._legs(extension)
        talking = [one.get("Channel") for one in legs if one.get("ChannelStateDesc") == "Up"]
        for channel in talking:
            await self.link.action("Hangup", Channel=channel, Cause=MOVED)
        return bool(talking)

    async def _legs(self, extension: str) -> Sequence[AmiEvent]:
        leg = f"PJSIP/{web_phone(extension)}-"
        channels = await self.link.command_list("CoreShowChannels")
        return [one for one in channels if one.get("Channel").startswith(leg)]

    async def run(self) -> None:
        """Take back what no login holds any more, until cancelled."""
        while True:
            try:
                if self.link.up:
                    await self.take_back()
            except (AmiLost, AmiRefused, DatabaseUnavailable) as error:
                _log.debug("phones.not_taken_back", why=str(error))
            await self.clock.sleep(LOOK_EVERY_S)

    async def take_back(self) -> None:
        """Shut out every phone whose login is over. Raises as :meth:`give`."""
        async with self._changing:
            for extension in await self._over():
                # Not deleted: PJSIP takes a phone without any password for its own mistake.
                await self._change(extension)
                gone = delete(PhoneLoginRow).where(PhoneLoginRow.extension == extension)
                async with self.database.writing() as session:
                    await session.execute(gone)

    async def _over(self) -> Sequence[str]:
        logins = select(SessionRow.token_hash)
        query = select(PhoneLoginRow.extension).where(PhoneLoginRow.session_id.not_in(logins))
        async with self.database.session() as session:
            return (await session.scalars(query)).all()

    async def _change(self, extension: str) -> str:
        password, name = secrets.token_urlsafe(18), web_phone(extension)
        login = {"auth_type": "userpass", "username": name, "password": password}
        await self.link.action("DBPut", Family=FAMILY, Key=name, Val=json.dumps(login))
        return password
