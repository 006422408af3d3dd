"""The attachments of cases: taken in, listed, given out."""

from __future__ import annotations

import asyncio
import errno
import unicodedata
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline import events
from hotline.registry.attachments.faults import Refused
from hotline.registry.attachments.model import STAGES, Attachment, NoSuchAttachment
from hotline.registry.attachments.pictures import Drawn, draw
from hotline.registry.attachments.sorts import Sort, sort_of
from hotline.registry.attachments.store import Received, Shelf
from hotline.registry.model import Actor, NoSuchCase
from hotline.storage.journal import Journal
from hotline.storage.records import storable
from hotline.storage.tables import CaseRow
from hotline.storage.tables_attachments import AttachmentRow

_log = structlog.get_logger(__name__)

MOST_AT_ONCE = 8
MOST_OF_A_CASE = 200
LONGEST_NAME = 120
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that somebody sends: for which case and stage, called what by them, and the key
    under which the same sending may come again."""

    case_number: str
    stage: str
    name: str
    key: str


@dataclass(slots=True)
class AttachmentDesk:
    """Takes files in and finds them again.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    journal: Journal
    shelf: Shelf
    most_bytes: int
    _arriving: int = 0
    # A photo's pixels take memory and a processor that calls need more: one at a time.
    _drawing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    @classmethod
    def of(cls, journal: Journal, data_dir: Path, most_mb: int) -> AttachmentDesk:
        """The desk whose files lie below ``data_dir``."""
        return cls(journal, Shelf(data_dir / "attachments"), most_mb * _MEGABYTE)

    async def run(self) -> None:
        """Forget what was arriving when the program last ended, and then rest for ever.

        Only the controller does so: another program that opens the room must not take away what
        is just arriving at it.
        """
        try:
            await asyncio.to_thread(self.shelf.sweep)
        except OSError:
            _log.warning("attachments.not_swept", exc_info=True)
        await asyncio.Event().wait()

    async def take(
        self, offered: Offered, chunks: AsyncIterator[bytes], by: Actor
    ) -> tuple[Attachment, bool]:
        """Keep a file; also whether it is new. The same key again gives what was kept then.

        ``chunks`` is read no further than a file may be long. Raises :class:`Refused`,
        :class:`NoSuchCase`, :class:`ValueError` for an unknown stage, :class:`OSError`.
        """
        if offered.stage not in STAGES:
            raise ValueError(offered.stage)
        known = await self._taken_before(offered, by)
        if known is not None:
            return known, False
        if self._arriving >= MOST_AT_ONCE:
            raise Refused("busy")
        self._arriving += 1
        try:
            received = await self.shelf.receive(chunks, self.most_bytes)
            try:
                return await self._take_in(offered, received, by)
            finally:
                await asyncio.to_thread(self.shelf.forget, received)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise Refused("disk_full") from error
            raise
        finally:
            self._arriving -= 1

    async def of_case(self, case_number: str) -> tuple[Attachment, ...]:
        """A case's attachments, oldest first."""
        return await self.journal.database.read(lambda session: attached(session, case_number))

    async def get(self, case_number: str, attachment_id: int) -> Attachment:
        """One of a case's attachments. Raises :class:`NoSuchAttachment`."""
        async with self.journal.database.session() as session:
            row = await session.get(AttachmentRow, attachment_id)
        if row is None or row.case_number != case_number:
            raise NoSuchAttachment(attachment_id)
        return Attachment.of(row)

    async def sent_with(self, case_numbers: Collection[str]) -> tuple[Attachment, ...]:
        """What citizens sent with these cases and was not erased since."""
        query = (
            select(AttachmentRow)
            .where(
                AttachmentRow.case_number.in_(case_numbers),
                AttachmentRow.stage == "report",
                AttachmentRow.erased_at.is_(None),
            )
            .order_by(AttachmentRow.attachment_id)
        )
        async with self.journal.database.session() as session:
            return tuple(Attachment.of(row) for row in await session.scalars(query))

    async def erase(self, case_numbers: Collection[str]) -> int:
        """Erase what citizens sent with these cases (the stage ``report``); how many files that
        were. The rows stay; a file that another case names, too, stays for it."""
        mine = AttachmentRow.case_number.in_(case_numbers)
        sent = AttachmentRow.stage == "report"
        async with self.journal.transaction() as tx:
            rows = list(
                await tx.session.scalars(
                    select(AttachmentRow).where(mine, sent, AttachmentRow.erased_at.is_(None))
                )
            )
            hashes = {row.sha256 for row in rows}
            others = select(AttachmentRow.sha256).where(
                AttachmentRow.sha256.in_(hashes),
                AttachmentRow.erased_at.is_(None),
                AttachmentRow.attachment_id.not_in([row.attachment_id for row in rows]),
            )
            kept = set(await tx.session.scalars(others))
            for row in rows:
                row.erased_at, row.taken_at = tx.now, ""
                row.longitude = row.latitude = None
        for sha256 in hashes - kept:
            await asyncio.to_thread(self.shelf.erase, sha256)
        return len(rows)

    def file(self, one: Attachment, *, small: bool = False) -> Path:
        """What people are given of an attachment: of a photo its copy, never what came."""
        if one.kind != "photo":
            return self.shelf.original(one.sha256)
        return self.shelf.thumb(one.sha256) if small else self.shelf.shown(one.sha256)

    async def _taken_before(self, offered: Offered, by: Actor) -> Attachment | None:
        query = select(AttachmentRow).where(
            AttachmentRow.case_number == offered.case_number,
            AttachmentRow.added_by == by.user_id,
            AttachmentRow.upload_key == offered.key,
        )
        of_case = select(func.count()).where(AttachmentRow.case_number == offered.case_number)
        async with self.journal.database.session() as session:
            if await session.get(CaseRow, offered.case_number) is None:
                raise NoSuchCase(offered.case_number)
            row = (await session.scalars(query)).one_or_none()
            if row is None and (await session.scalar(of_case) or 0) >= MOST_OF_A_CASE:
                raise Refused("too_many", most=MOST_OF_A_CASE)
        return None if row is None else Attachment.of(row)

    async def _take_in(
        self, offered: Offered, received: Received, by: Actor
    ) -> tuple[Attachment, bool]:
        sort = await asyncio.to_thread(sort_of, received.path)
        drawn = await self._draw(received) if sort.kind == "photo" else None
        await asyncio.to_thread(self.shelf.keep, received)
        return await self._write(offered, received, sort, drawn, by)

    async def _draw(self, received: Received) -> Drawn:
        async with self._drawing:
            return await draw(received.path, received.shown, received.thumb)

    async def _write(
        self, offered: Offered, received: Received, sort: Sort, drawn: Drawn | None, by: Actor
    ) -> tuple[Attachment, bool]:
        # Asked again: the same file may have come twice at the same time.
        known = await self._taken_before(offered, by)
        if known is not None:
            return known, False
        async with self.journal.transaction() as tx:
            row = AttachmentRow(
                case_number=offered.case_number,
                upload_key=offered.key,
                stage=offered.stage,
                kind=sort.kind,
                mime=sort.mime,
                name=plain_name(offered.name, sort.suffix),
                sha256=received.sha256,
                size=received.size,
                width=drawn.width if drawn else None,
                height=drawn.height if drawn else None,
                taken_at=drawn.taken_at if drawn else "",
                longitude=drawn.longitude if drawn else None,
                latitude=drawn.latitude if drawn else None,
                added_by=by.user_id,
                added_at=tx.now,
            )
            tx.session.add(row)
            await tx.session.flush()
            tx.add(
                events.CaseAttached(
                    row.case_number,
                    row.attachment_id,
                    row.stage,
                    row.kind,
                    row.name,
                    row.sha256,
                    row.size,
                    by.user_id,
                )
            )
            return Attachment.of(row), True


def plain_name(given: str, suffix: str) -> str:
    """A file's name as it is shown and downloaded: no path, no control signs, and the ending
    that its contents have, whatever it called itself."""
    last = PurePath(str(storable(given)).replace("\\", "/")).name
    visible = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C").strip(". ")
    stem = visible.rpartition(".")[0] or visible
    return f"{stem[:LONGEST_NAME] or 'file'}{suffix}"


def attached(session: Session, case_number: str) -> tuple[Attachment, ...]:
    """A case's attachments, oldest first."""
    query = (
        select(AttachmentRow)
        .where(AttachmentRow.case_number == case_number)
        .order_by(AttachmentRow.attachment_id)
    )
    return tuple(Attachment.of(row) for row in session.scalars(query))
