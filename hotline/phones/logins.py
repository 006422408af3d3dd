"""Passwords of web phones: made when a page asks, good until the next is made or the login ends.

The PBX asks its own database (astdb, through sorcery) for what a web phone must know, each time one
registers. So a new password holds at once, without any reload, and one that was taken out of there
opens nothing any more. Which login has which phone is kept in our database: whatever happens to a
controller, the next one takes back what no login holds.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, select

from hotline.clock import Clock
from hotline.storage.database import Database, DatabaseUnavailable
from hotline.storage.tables import SessionRow
from hotline.storage.tables_phones import PhoneLoginRow
from hotline.telephony.ami import AmiLink, AmiLost, AmiRefused

# As sorcery.conf names it; the type of what lies there comes behind.
FAMILY = "hotline/auth"
LOOK_EVERY_S = 30.0

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

    async def give(self, extension: str, session_id: str) -> str:
        """A new password for the web phone of ``extension``, for as long as the login
        ``session_id`` lasts; the one before opens nothing any more.

        Raises :class:`~hotline.telephony.ami.AmiLost`,
        :class:`~hotline.telephony.ami.AmiRefused`,
        :class:`~hotline.storage.database.DatabaseUnavailable`.
        """
        password = secrets.token_urlsafe(18)
        # First ours: what the PBX lets in is always known to be taken back.
        async with self.database.writing() as session:
            row = PhoneLoginRow(extension=extension, session_id=session_id, at=self.clock.now())
            await session.merge(row)
        name = web_phone(extension)
        login = {"auth_type": "userpass", "username": name, "password": password}
        await self.link.action("DBPut", Family=FAMILY, Key=name, Val=json.dumps(login))
        return password

    async def run(self) -> None:
        """Take back what no login holds any more, until cancelled."""
        while True:
            try:
                if self.link.up:
                    await self.take_back()
            except (AmiLost, DatabaseUnavailable) as error:
                _log.debug("phones.not_taken_back", why=str(error))
            await self.clock.sleep(LOOK_EVERY_S)

    async def take_back(self) -> None:
        """Shut out every phone whose login is over. Raises as :meth:`give`, but for a refusal."""
        query = select(PhoneLoginRow.extension).where(
            PhoneLoginRow.session_id.not_in(select(SessionRow.token_hash))
        )
        async with self.database.session() as session:
            over = (await session.scalars(query)).all()
        for extension in over:
            try:
                await self.link.action("DBDel", Family=FAMILY, Key=web_phone(extension))
            except AmiRefused as refused:
                # It is not there: shut out already.
                _log.debug("phones.not_there", extension=extension, why=str(refused))
            async with self.database.writing() as session:
                await session.execute(
                    delete(PhoneLoginRow).where(PhoneLoginRow.extension == extension)
                )
