"""Files of tickets become cases: all of them, once, or none.

A file is checked whole before anything is kept. When it is good, that it shall be taken in is
written down together with its tickets; they are then opened a few at a time, so that no call waits
for the database, and whatever dies meanwhile, the next start goes on with the rest.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.orm import defer

from hotline.registry.exchange import sheet as sheets
from hotline.registry.exchange.inbox import open_ticket
from hotline.registry.exchange.mapping import FieldMapping
from hotline.registry.exchange.model import Peer
from hotline.registry.exchange.peers import PeerDesk
from hotline.registry.exchange.sheet import BadSheet, Row, Sheet
from hotline.registry.exchange.tickets import BadTicket, Ticket, TicketReader
from hotline.registry.exchange.values import shown
from hotline.registry.forms import CaseForm
from hotline.registry.model import BadForm
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables_exchange import ImportRow, ReferenceRow

log = structlog.get_logger(__name__)

# Of one transaction: calls that must be journalled wait no longer than for these.
CHUNK = 20
_ASKED_AT_ONCE = 500
_WITHOUT_TICKETS = (defer(ImportRow.tickets),)


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with a cell: where it stands, what stands there, the key of the fault."""

    row: int
    column: str
    header: str
    value: str
    key: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A file, checked. Nothing is taken in while there are faults. ``known`` were taken in
    before, the same as they are now."""

    sheet: Sheet
    tickets: tuple[Ticket, ...]
    known: int
    faults: tuple[RowFault, ...]

    @property
    def rows(self) -> int:
        """How many rows it has that are not empty, without the head."""
        return len(self.sheet.rows)

    @property
    def bad_rows(self) -> int:
        """How many rows have faults."""
        return len({fault.row for fault in self.faults})

    @property
    def by_kind(self) -> Mapping[str, int]:
        """How many faults there are of each kind, the most frequent first."""
        return dict(Counter(fault.key for fault in self.faults).most_common())


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is taken in."""

    import_id: int
    peer_id: str
    file_name: str
    state: str
    total: int
    opened: int
    known: int
    fault: str
    at: float
    by: str

    @classmethod
    def of(cls, row: ImportRow) -> Progress:
        """The import that the row keeps."""
        return cls(
            row.import_id,
            row.peer_id,
            row.file_name,
            row.state,
            row.total,
            row.opened,
            row.known,
            row.fault,
            row.at,
            row.by,
        )


class NoSuchImport(LookupError):
    """No import has this number."""


class Importer:
    """Checks files of tickets and takes them in. ``most_rows`` bounds a file."""

    def __init__(
        self,
        *,
        journal: Journal,
        peers: PeerDesk,
        registry: CaseRegistry,
        reader: TicketReader,
        most_rows: int,
    ) -> None:
        self._journal = journal
        self._peers = peers
        self._registry = registry
        self._reader = reader
        self._most_rows = most_rows
        self._news = asyncio.Event()

    async def check(
        self, peer: Peer, name: str, data: bytes, wanted: FieldMapping | None = None
    ) -> Verdict:
        """What is to be said of a file; nothing is kept. ``wanted`` is the mapping, None for the
        peer's own. Raises :class:`hotline.registry.exchange.sheet.BadSheet`."""
        mapping = wanted or self._peers.mapping(peer.peer_id, "sheet")
        # Thousands of rows take seconds; calls go on beside them.
        read, tickets, faults = await asyncio.to_thread(self._read, name, data, mapping)
        fresh, known, differing = await self._compare(peer, tickets)
        id_header = mapping.sources_of("external_id")[0]
        faults += [
            RowFault(row, read.letter(id_header), id_header, ticket.external_id, "already_imported")
            for row, ticket in differing
        ]
        return Verdict(read, fresh, known, tuple(sorted(faults, key=_place)))

    async def begin(self, peer: Peer, name: str, verdict: Verdict, by: str) -> int:
        """Decide that a good file is taken in; the number of the import.

        Raises ValueError for one with faults.
        """
        if verdict.faults:
            raise ValueError("a file with faults is not taken in")
        async with self._journal.transaction() as tx:
            row = ImportRow(
                peer_id=peer.peer_id,
                file_name=name[:200],
                state="running",
                fault="",
                tickets=[_kept(ticket) for ticket in verdict.tickets],
                place=0,
                total=len(verdict.tickets) + verdict.known,
                opened=0,
                known=verdict.known,
                at=tx.now,
                by=by,
            )
            tx.session.add(row)
            await tx.session.flush()
            number = row.import_id
        self._news.set()
        return number

    async def run(self) -> None:
        """Take in for ever what was decided. Raises when the database is out of reach: begin again
        later."""
        while True:
            self._news.clear()
            async with self._journal.database.session() as session:
                query = select(ImportRow.import_id).where(ImportRow.state == "running")
                running = (await session.scalars(query.order_by(ImportRow.import_id))).all()
            for number in running:
                await self.finish(number)
            if not running:
                await self._news.wait()

    async def finish(self, number: int) -> Progress:
        """Take an import to its end. Raises :class:`NoSuchImport`."""
        async with self._journal.database.session() as session:
            row = await session.get(ImportRow, number)
        if row is None:
            raise NoSuchImport(number)
        progress, kept = Progress.of(row), row.tickets
        for begin in range(row.place, len(kept), CHUNK):
            if progress.state == "running":
                progress = await self._step(number, begin, kept[begin : begin + CHUNK])
                # Calls have their turn at the database between the steps.
                await asyncio.sleep(0)
        if progress.state == "running":
            progress = await self._end(number, "done")
            log.info("exchange.imported", peer=progress.peer_id, opened=progress.opened)
        return progress

    async def resume(self, number: int) -> None:
        """Go on with an import that stopped. Raises :class:`NoSuchImport`."""
        async with self._journal.transaction() as tx:
            row = await tx.session.get(ImportRow, number)
            if row is None:
                raise NoSuchImport(number)
            if row.state == "stopped":
                row.state, row.fault = "running", ""
        self._news.set()

    async def progress(self, number: int) -> Progress:
        """How far an import is. Raises :class:`NoSuchImport`."""
        async with self._journal.database.session() as session:
            row = await session.get(ImportRow, number)
        if row is None:
            raise NoSuchImport(number)
        return Progress.of(row)

    async def recent(self, limit: int = 20) -> list[Progress]:
        """The last imports, the newest first."""
        query = select(ImportRow).order_by(ImportRow.import_id.desc()).limit(limit)
        async with self._journal.database.session() as session:
            return [Progress.of(row) for row in await session.scalars(query)]

    # --- inside ---------------------------------------------------------------------------

    def _read(
        self, name: str, data: bytes, wanted: FieldMapping
    ) -> tuple[Sheet, list[tuple[int, Ticket]], list[RowFault]]:
        read = sheets.read(name, data, self._most_rows)
        for rule in wanted.fields.values():
            for header in rule.sources:
                if rule.required and not read.letter(header):
                    raise BadSheet("column_missing", header=header)
        used = {header for rule in wanted.fields.values() for header in rule.sources}
        tickets: list[tuple[int, Ticket]] = []
        faults: list[RowFault] = []
        for row in read.rows:
            ticket, wrong = self._ticket(read, row, wanted, used)
            faults += wrong
            if ticket is not None:
                tickets.append((row.number, ticket))
        faults += _repeated(read, wanted)
        return read, tickets, faults

    def _ticket(
        self, read: Sheet, row: Row, wanted: FieldMapping, used: set[str]
    ) -> tuple[Ticket | None, list[RowFault]]:
        def fault(header: str, key: str) -> RowFault:
            value = row.cells.get(header)
            quoted = "" if value is None else shown(value)
            return RowFault(row.number, read.letter(header), header, quoted, key)

        faults = [fault(header, key) for header, key in row.faults.items() if header in used]
        if faults:
            return None, faults[:1] if faults[0].key == "merged" else faults
        try:
            return self._reader.read(wanted, row.cells), []
        except BadTicket as bad:
            return None, [fault(header, key) for header, key in bad.fields.items()]

    async def _compare(
        self, peer: Peer, tickets: Sequence[tuple[int, Ticket]]
    ) -> tuple[tuple[Ticket, ...], int, list[tuple[int, Ticket]]]:
        """Which tickets are new, how many are known, and which differ from the known ones."""
        kept = await self._digests(peer, [ticket.external_id for _, ticket in tickets])
        fresh, differing, known = [], [], 0
        for row, ticket in tickets:
            before = kept.get(ticket.external_id)
            if before is None:
                fresh.append(ticket)
            elif before == ticket.digest:
                known += 1
            else:
                differing.append((row, ticket))
        return tuple(fresh), known, differing

    async def _digests(self, peer: Peer, ids: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        async with self._journal.database.session() as session:
            for begin in range(0, len(ids), _ASKED_AT_ONCE):
                query = select(ReferenceRow.external_id, ReferenceRow.digest).where(
                    ReferenceRow.peer_id == peer.peer_id,
                    ReferenceRow.external_id.in_(ids[begin : begin + _ASKED_AT_ONCE]),
                )
                for row in await session.execute(query):
                    found[row.external_id] = row.digest
        return found

    async def _step(
        self, number: int, begin: int, kept: Sequence[Mapping[str, object]]
    ) -> Progress:
        """Open tickets of an import, in one transaction with how far it is then."""
        try:
            async with self._journal.transaction() as tx:
                row = await tx.session.get_one(ImportRow, number, options=_WITHOUT_TICKETS)
                if row.state == "running" and row.place == begin:
                    await self._open(tx, row, [_ticket_of(one) for one in kept])
                    row.place = begin + len(kept)
                return Progress.of(row)
        except BadForm as bad:
            return await self._end(number, "stopped", str(bad))

    async def _open(self, tx: Transaction, row: ImportRow, tickets: Sequence[Ticket]) -> None:
        peer = self._peers.get(row.peer_id)
        for ticket in tickets:
            key = (peer.peer_id, ticket.external_id)
            if await tx.session.get(ReferenceRow, key) is None:
                await open_ticket(tx, self._registry, peer, ticket, "sheet")
                row.opened += 1
            else:
                row.known += 1

    async def _end(self, number: int, state: str, why: str = "") -> Progress:
        async with self._journal.transaction() as tx:
            row = await tx.session.get_one(ImportRow, number, options=_WITHOUT_TICKETS)
            row.state, row.fault = state, why
            if state == "done":
                # The cases have them now, and a citizen's data stand in one place.
                row.tickets = []
        return Progress.of(row)


def _repeated(read: Sheet, wanted: FieldMapping) -> Iterable[RowFault]:
    """The rows whose number stands in an earlier row already."""
    header = wanted.sources_of("external_id")[0]
    seen: set[str] = set()
    for row in read.rows:
        value = row.cells.get(header)
        if value is None or header in row.faults:
            continue
        key = str(value).strip()
        if key in seen:
            yield RowFault(row.number, read.letter(header), header, shown(value), "repeated")
        seen.add(key)


def _place(fault: RowFault) -> tuple[int, int, str]:
    return (fault.row, len(fault.column), fault.column)


def _kept(ticket: Ticket) -> dict[str, object]:
    return {
        "external_id": ticket.external_id,
        "form": ticket.form.model_dump(),
        "asked_at": ticket.asked_at,
        "reply_by": ticket.reply_by,
    }


def _ticket_of(kept: Mapping[str, object]) -> Ticket:
    def instant(name: str) -> float | None:
        value = kept[name]
        return float(value) if isinstance(value, int | float) else None

    return Ticket(
        str(kept["external_id"]),
        CaseForm.model_validate(kept["form"]),
        instant("asked_at"),
        instant("reply_by"),
    )
