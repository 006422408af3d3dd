"""The privacy desk: what there is of a citizen, to be handed out to them or minimised.

Looking takes time and locks nothing; rewriting is done a few rows at a time, so that no call waits
for it. Who asked, for whom and why is kept and journalled.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Table, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.masking import mask_number
from hotline.registry.attachments.service import AttachmentDesk
from hotline.registry.lifecycle import FINAL
from hotline.registry.model import Actor
from hotline.registry.privacy.erasing import Eraser, NotANumber, needle_of
from hotline.registry.privacy.holdings import Holding, holdings
from hotline.registry.privacy.model import (
    TOKEN_SIGN,
    Found,
    OwnCase,
    PrivacyRefused,
    What,
)
from hotline.registry.searching import index
from hotline.storage.journal import Journal
from hotline.storage.numbers import variants
from hotline.storage.records import storable
from hotline.storage.tables import CallbackTaskRow, CallRow, CaseRow, ReportRow
from hotline.storage.tables_help import OutboundCallRow, PromiseRow
from hotline.storage.tables_privacy import LegalHoldRow, MinimisingRow, PrivacyRequestRow
from hotline.storage.tables_transfers import HandoverRow

LONGEST_WHY = 2_000
_AT_ONCE = 200

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class HandOut:
    """What a citizen is given: ``subject`` is their number, masked, ``tables`` their records by
    table, ``files`` what belongs to it by the name that it is given under."""

    subject: str
    tables: Mapping[str, Rows]
    files: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Keys:
    """What is a citizen's own: their cases and calls."""

    cases: frozenset[str]
    calls: frozenset[str]


class PrivacyDesk:
    """Finds, hands out and minimises.

    Every method raises :class:`hotline.storage.database.DatabaseUnavailable`, those that are
    given a number :class:`hotline.registry.privacy.erasing.NotANumber`, and those that are given
    a reason :class:`PrivacyRefused` without one.
    """

    def __init__(
        self, journal: Journal, recordings: Path, attachments: AttachmentDesk | None = None
    ) -> None:
        self._journal = journal
        self._attachments = attachments
        self._database = journal.database
        self._recordings = recordings

    # --- finding --------------------------------------------------------------------------

    async def find(self, number: str, by: Actor, why: str) -> Found:
        """What there is of the citizen with this number; that it was looked for is kept."""
        why = reason_of(why)
        needle = needle_of(number)
        async with self._database.session() as session:
            found = await _found(session, number, needle)
        await self._keep(What.FOUND, found, by, why, found.own)
        return found

    async def hand_out(self, number: str, by: Actor, why: str) -> HandOut:
        """Everything of the citizen's own: records, recordings, and what they sent."""
        why = reason_of(why)
        needle_of(number)
        async with self._database.session() as session:
            keys = await _keys(session, number)
            tables = {
                holding.name: [_plain(row) for row in await _own_rows(session, holding, keys)]
                for holding in holdings()
            }
            files = await _recordings(session, keys)
        there = await asyncio.to_thread(self._there, files)
        given = {name: rows for name, rows in tables.items() if rows}
        counts = {name: len(rows) for name, rows in given.items()}
        found = Found(mask_number(number), own=counts)
        await self._keep(What.HANDED_OUT, found, by, why, counts)
        sounds = {f"recordings/{name}": self._recordings / name for name in there}
        return HandOut(found.subject, given, sounds | await self._sent(keys))

    async def _sent(self, keys: Keys) -> dict[str, Path]:
        if self._attachments is None:
            return {}
        sent = await self._attachments.sent_with(keys.cases)
        files = {
            f"attachments/{one.case_number}-{one.attachment_id}-{one.name}": one for one in sent
        }
        return {name: self._attachments.file(one) for name, one in files.items()}

    # --- minimising -----------------------------------------------------------------------

    async def minimise(self, number: str, by: Actor, why: str) -> Found:
        """Take the citizen's number, name and voice out of everything; what was found before.

        The cases themselves, their places and their lives stay. Raises :class:`PrivacyRefused`
        while a case of theirs is open or held, or a callback is still to be made.
        """
        why = reason_of(why)
        needle = needle_of(number)
        async with self._database.session() as session:
            found = await _found(session, number, needle)
            _refuse(found)
            keys = await _keys(session, number)
            names = await _names(session, keys)
            files = await _recordings(session, keys)
            held = await _held(session)
        counts: Counter[str] = Counter()
        await self._take_out(keys, Eraser([needle], names, new_token), counts)
        mentioned = Eraser([needle], (), new_token)
        for holding in holdings():
            where = holding.mentions([needle], but_of=held)
            await self._rewrite(holding, where, mentioned, counts)
        await asyncio.to_thread(self._erase, files)
        if self._attachments is not None:
            counts["attachments"] += await self._attachments.erase(keys.cases)
        done = replace(found, own=counts)
        await self._keep(What.MINIMISED, done, by, why, counts)
        return done

    async def take_out_of(self, cases: Collection[CaseRow]) -> None:
        """Take names and numbers out of these cases and what belongs to them, sounds apart: what
        retention asks for, of cases that are over."""
        calls = frozenset(case.call_id for case in cases if case.call_id)
        needles = [needle for case in cases if (needle := _needle(case.caller_phone))]
        eraser = Eraser(needles, [case.caller_name for case in cases], new_token)
        keys = Keys(frozenset(case.case_number for case in cases), calls)
        await self._take_out(keys, eraser, Counter())

    async def take_out_of_calls(self, calls: Mapping[str, str]) -> None:
        """Take the calling numbers out of calls: their ids with the number each."""
        needles = [needle for number in calls.values() if (needle := _needle(number))]
        keys = Keys(frozenset(), frozenset(calls))
        await self._take_out(keys, Eraser(needles, (), new_token), Counter())

    async def _take_out(self, keys: Keys, eraser: Eraser, counts: Counter[str]) -> None:
        for holding in holdings():
            belongs = holding.belongs(keys.cases, keys.calls)
            if belongs is not None:
                await self._rewrite(holding, belongs, eraser, counts)

    async def _rewrite(
        self, holding: Holding, condition: Any, eraser: Eraser, counts: Counter[str]
    ) -> None:
        """Rewrite the rows of a table, :data:`_AT_ONCE` in a transaction."""
        key = list(holding.table.primary_key.columns)
        async with self._database.session() as session:
            wanted = (await session.execute(select(*key).where(condition))).all()
        for start in range(0, len(wanted), _AT_ONCE):
            async with self._journal.transaction() as tx:
                tx.session.add(MinimisingRow(token=TOKEN_SIGN))
                await tx.session.flush()
                changed = [
                    row
                    for values in wanted[start : start + _AT_ONCE]
                    if (row := await _rewrite_row(tx.session, holding, tuple(values), eraser))
                ]
                if holding.name == CaseRow.__tablename__:
                    await _index_anew(tx.session, [row["case_number"] for row in changed])
                await tx.session.execute(delete(MinimisingRow))
            if changed:
                counts[holding.name] += len(changed)

    def _there(self, files: Sequence[str]) -> list[str]:
        folder = self._recordings.resolve()
        below = (name for name in files if (folder / name).resolve().is_relative_to(folder))
        return [name for name in below if (folder / name).is_file()]

    def _erase(self, files: Sequence[str]) -> None:
        for name in self._there(files):
            (self._recordings / name).unlink(missing_ok=True)

    # --- holding --------------------------------------------------------------------------

    async def hold(self, case_number: str, by: Actor, why: str) -> None:
        """Let nothing be taken out of a case, until :meth:`lift`.

        Raises :class:`PrivacyRefused` for an unknown case or one that is held already.
        """
        why = reason_of(why)
        async with self._journal.transaction() as tx:
            if await tx.session.get(CaseRow, case_number) is None:
                raise PrivacyRefused("privacy.no_such_case", [case_number])
            if await _living_hold(tx.session, case_number) is not None:
                raise PrivacyRefused("privacy.held_already", [case_number])
            tx.session.add(LegalHoldRow(case_number=case_number, why=why, by=by.user_id, at=tx.now))
            tx.add(events.CaseHeld(case_number, by.user_id, why))

    async def lift(self, case_number: str, by: Actor, why: str) -> None:
        """End a hold. Raises :class:`PrivacyRefused` when there is none."""
        why = reason_of(why)
        async with self._journal.transaction() as tx:
            row = await _living_hold(tx.session, case_number)
            if row is None:
                raise PrivacyRefused("privacy.not_held", [case_number])
            row.lifted_by, row.lifted_at, row.lifted_why = by.user_id, tx.now, why
            tx.add(events.CaseHoldLifted(case_number, by.user_id, why))

    async def holds(self) -> Sequence[LegalHoldRow]:
        """The holds in force, the newest first."""
        query = select(LegalHoldRow).where(LegalHoldRow.lifted_at.is_(None))
        async with self._database.session() as session:
            return (await session.scalars(query.order_by(LegalHoldRow.at.desc()))).all()

    async def requests(self, limit: int = 100) -> Sequence[PrivacyRequestRow]:
        """What was found, handed out and minimised, the newest first."""
        query = select(PrivacyRequestRow).order_by(PrivacyRequestRow.request_id.desc())
        async with self._database.session() as session:
            return (await session.scalars(query.limit(limit))).all()

    async def _keep(
        self, what: What, found: Found, by: Actor, why: str, counts: Mapping[str, int]
    ) -> None:
        async with self._journal.transaction() as tx:
            tx.session.add(
                PrivacyRequestRow(
                    what=what,
                    subject=found.subject,
                    why=why,
                    counts=dict(counts),
                    by=by.user_id,
                    at=tx.now,
                )
            )
            tx.add(events.CitizenDataAsked(what, found.subject, by.user_id, why, dict(counts)))


def new_token() -> str:
    """What stands in the place of one number or name from now on."""
    return TOKEN_SIGN + secrets.token_hex(3)


def _needle(number: str) -> str:
    """As :func:`needle_of`, empty for what is no number (any more)."""
    try:
        return needle_of(number)
    except NotANumber:
        return ""


def reason_of(typed: str) -> str:
    """A reason as it is kept. Raises :class:`PrivacyRefused` for none, or one too long."""
    why = str(storable(typed)).strip()
    if not why or len(why) > LONGEST_WHY:
        raise PrivacyRefused("privacy.say_why")
    return why


def _refuse(found: Found) -> None:
    if found.held_cases:
        raise PrivacyRefused("privacy.held", [case.case_number for case in found.held_cases])
    if found.open_cases:
        raise PrivacyRefused("privacy.open", [case.case_number for case in found.open_cases])
    if found.waiting:
        raise PrivacyRefused("privacy.callback_due")


async def _found(session: AsyncSession, number: str, needle: str) -> Found:
    keys = await _keys(session, number)
    own: dict[str, int] = {}
    mentions: dict[str, int] = {}
    for holding in holdings():
        belongs = holding.belongs(keys.cases, keys.calls)
        mentioned = holding.mentions([needle])
        if belongs is not None and (rows := await _count(session, holding.table, belongs)):
            own[holding.name] = rows
        elsewhere = mentioned if belongs is None else and_(mentioned, belongs.is_not(True))
        if rows := await _count(session, holding.table, elsewhere):
            mentions[holding.name] = rows
    return Found(
        mask_number(number),
        cases=await _own_cases(session, keys),
        calls=len(keys.calls),
        recordings=len(await _recordings(session, keys)),
        waiting=await _waiting(session, number),
        own=own,
        mentions=mentions,
    )


async def _keys(session: AsyncSession, number: str) -> Keys:
    ways = variants(number)
    cases = select(CaseRow.case_number).where(CaseRow.caller_phone.in_(ways))
    calls = select(CallRow.call_id).where(CallRow.calling.in_(ways))
    rung = select(CallbackTaskRow.call_id).where(
        CallbackTaskRow.phone.in_(ways), CallbackTaskRow.call_id.is_not(None)
    )
    placed = select(OutboundCallRow.call_id).where(OutboundCallRow.phone.in_(ways))
    called = [one for query in (calls, rung, placed) for one in await session.scalars(query)]
    return Keys(frozenset(await session.scalars(cases)), frozenset(one for one in called if one))


async def _held(session: AsyncSession) -> frozenset[str]:
    query = select(LegalHoldRow.case_number).where(LegalHoldRow.lifted_at.is_(None))
    return frozenset(await session.scalars(query))


async def _own_cases(session: AsyncSession, keys: Keys) -> Sequence[OwnCase]:
    held = await _held(session)
    query = select(CaseRow.case_number, CaseRow.state, CaseRow.opened_at)
    rows = await session.execute(
        query.where(CaseRow.case_number.in_(keys.cases)).order_by(CaseRow.opened_at.desc())
    )
    return [
        OwnCase(number, state, opened_at, state in FINAL, number in held)
        for number, state, opened_at in rows
    ]


async def _waiting(session: AsyncSession, number: str) -> int:
    """Callbacks and promised calls that are still to be made."""
    ways = variants(number)
    queries = (
        select(func.count()).where(
            CallbackTaskRow.phone.in_(ways), CallbackTaskRow.state != "done"
        ),
        select(func.count()).where(PromiseRow.phone.in_(ways), PromiseRow.state == "open"),
    )
    return sum([await session.scalar(query) or 0 for query in queries])


async def _names(session: AsyncSession, keys: Keys) -> frozenset[str]:
    cases = select(CaseRow.caller_name).where(CaseRow.case_number.in_(keys.cases))
    calls = select(CallRow.calling_name).where(CallRow.call_id.in_(keys.calls))
    return frozenset([*(await session.scalars(cases)), *(await session.scalars(calls))])


async def _recordings(session: AsyncSession, keys: Keys) -> list[str]:
    """The sound files of the calls: paths below the recordings' folder."""
    talks = select(CallRow.recording).where(CallRow.call_id.in_(keys.calls))
    asked = select(CallbackTaskRow.recording).where(CallbackTaskRow.case_number.in_(keys.cases))
    reports = select(ReportRow.path).where(ReportRow.call_id.in_(keys.calls))
    of_case = OutboundCallRow.case_number.in_(keys.cases)
    placed = select(OutboundCallRow.recording).where(
        or_(of_case, OutboundCallRow.call_id.in_(keys.calls))
    )
    consults = select(HandoverRow.recording).where(HandoverRow.call_id.in_(keys.calls))
    queries = (talks, asked, reports, placed, consults)
    paths = [path for query in queries for path in await session.scalars(query)]
    return [path if path.endswith(".wav") else f"{path}.wav" for path in paths if path]


async def _own_rows(session: AsyncSession, holding: Holding, keys: Keys) -> Rows:
    belongs = holding.belongs(keys.cases, keys.calls)
    if belongs is None:
        return ()
    rows = await session.execute(select(holding.table).where(belongs))
    return [dict(row) for row in rows.mappings()]


async def _count(session: AsyncSession, table: Table, condition: Any) -> int:
    return await session.scalar(select(func.count()).select_from(table).where(condition)) or 0


async def _rewrite_row(
    session: AsyncSession, holding: Holding, key: tuple[Any, ...], eraser: Eraser
) -> Mapping[str, Any] | None:
    """Rewrite one row; None when nothing had to be taken out of it."""
    table = holding.table
    this = and_(*(column == value for column, value in zip(table.primary_key, key, strict=True)))
    row = (await session.execute(select(table).where(this))).mappings().one_or_none()
    if row is None:
        return None
    names = holding.columns
    erased = {name: eraser.value(row[name]) for name in names}
    changed = {name: value for name, value in erased.items() if value != row[name]}
    if not changed:
        return None
    await session.execute(update(table).where(this).values(changed))
    return dict(row)


async def _index_anew(session: AsyncSession, case_numbers: Collection[str]) -> None:
    table = CaseRow.__table__
    rows = await session.execute(select(table).where(CaseRow.case_number.in_(case_numbers)))
    for row in rows.mappings().all():
        await index.put(session, dict(row))


async def _living_hold(session: AsyncSession, case_number: str) -> LegalHoldRow | None:
    query = select(LegalHoldRow).where(
        LegalHoldRow.case_number == case_number, LegalHoldRow.lifted_at.is_(None)
    )
    return (await session.scalars(query)).one_or_none()


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, "")}
