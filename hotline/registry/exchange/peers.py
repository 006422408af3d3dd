"""The other systems: who they are, their secrets, and the mappings between their fields and ours.

What every change of a case asks for is kept in memory; each change here reads it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from importlib.resources import files
from typing import Any

from sqlalchemy import func, select

from hotline import events
from hotline.clock import Clock
from hotline.registry.exchange import mapping, signing
from hotline.registry.exchange.content import OUTWARD
from hotline.registry.exchange.mapping import INWARD, Applied, FieldMapping
from hotline.registry.exchange.model import (
    PURPOSES,
    NoSuchPeer,
    Peer,
    PeerChanged,
    Purpose,
    checked,
)
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables_exchange import MappingRow, PeerRow

_FIXED = frozenset({"peer_id", "generation", "former_until", "version"})


@dataclass(frozen=True, slots=True)
class MappingVersion:
    """One version of a mapping; revision 0 is the one that is shipped."""

    revision: int
    text: str
    at: float | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """A peer and the secret to tell it, which is shown this once."""

    peer: Peer
    key_id: str
    secret: str


class PeerDesk:
    """Keeps the peers. ``installation_key`` is asked when a secret is needed.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(
        self, journal: Journal, clock: Clock, zone: tzinfo, installation_key: Callable[[], str]
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._zone = zone
        self._key = installation_key
        self._peers: dict[str, Peer] = {}
        self._mappings: dict[tuple[str, Purpose], FieldMapping] = {}
        self._told: list[Callable[[], None]] = []

    async def load(self) -> None:
        """Read the peers and their mappings in force."""
        async with self._journal.database.session() as session:
            rows = (await session.scalars(select(PeerRow).order_by(PeerRow.peer_id))).all()
            newest = (
                select(
                    MappingRow.peer_id,
                    MappingRow.purpose,
                    func.max(MappingRow.revision).label("revision"),
                )
                .group_by(MappingRow.peer_id, MappingRow.purpose)
                .subquery()
            )
            kept = await session.scalars(
                select(MappingRow).join(
                    newest,
                    (MappingRow.peer_id == newest.c.peer_id)
                    & (MappingRow.purpose == newest.c.purpose)
                    & (MappingRow.revision == newest.c.revision),
                )
            )
            texts = {(row.peer_id, row.purpose): row.text for row in kept}
        self._peers = {row.peer_id: Peer.of(row) for row in rows}
        self._mappings = {
            (peer_id, purpose): read_for(purpose, texts.get((peer_id, purpose), shipped(purpose)))
            for peer_id in self._peers
            for purpose in PURPOSES
        }
        for tell in self._told:
            tell()

    def when_changed(self, tell: Callable[[], None]) -> None:
        """Call ``tell`` after each change of a peer."""
        self._told.append(tell)

    @property
    def peers(self) -> Mapping[str, Peer]:
        """Every peer by its id, in order."""
        return self._peers

    def get(self, peer_id: str) -> Peer:
        """A peer. Raises :class:`NoSuchPeer`."""
        try:
            return self._peers[peer_id]
        except KeyError:
            raise NoSuchPeer(peer_id) from None

    def mapping(self, peer_id: str, purpose: Purpose) -> FieldMapping:
        """The mapping in force. Raises :class:`NoSuchPeer`."""
        self.get(peer_id)
        return self._mappings[peer_id, purpose]

    def secret(self, peer: Peer, generation: int | None = None) -> str:
        """The secret shared with a peer."""
        wanted = peer.generation if generation is None else generation
        return signing.secret_of(self._key(), peer.peer_id, wanted)

    # --- changes --------------------------------------------------------------------------

    async def add(self, peer: Peer, by: str) -> Added:
        """Make a peer. Raises :class:`hotline.registry.exchange.model.ExchangeFault`."""
        new = checked(peer)
        async with self._journal.transaction() as tx:
            if await tx.session.get(PeerRow, new.peer_id) is not None:
                raise PeerChanged(new.peer_id)
            tx.session.add(_row(new, by, tx.now))
            tx.add(events.ExchangePeerChanged(new.peer_id, "added", by))
        await self.load()
        return Added(new, signing.key_id(new.peer_id, new.generation), self.secret(new))

    async def change(self, peer: Peer, by: str) -> Peer:
        """Replace what stands of a peer, except its secret.

        Raises :class:`NoSuchPeer`, :class:`PeerChanged`,
        :class:`hotline.registry.exchange.model.ExchangeFault`.
        """
        wanted = checked(peer)
        async with self._journal.transaction() as tx:
            row = await _existing(tx, peer.peer_id)
            if row.version != peer.version:
                raise PeerChanged(peer.peer_id)
            for name in Peer.__dataclass_fields__.keys() - _FIXED:
                value = getattr(wanted, name)
                setattr(row, name, list(value) if isinstance(value, tuple) else value)
            _touch(row, by, tx.now)
            tx.add(events.ExchangePeerChanged(peer.peer_id, "changed", by))
        await self.load()
        return self.get(peer.peer_id)

    async def pause(self, peer_id: str, paused: bool, by: str) -> None:
        """Send a peer nothing for a while, or again. Raises :class:`NoSuchPeer`."""
        async with self._journal.transaction() as tx:
            row = await _existing(tx, peer_id)
            if row.paused != paused:
                row.paused = paused
                _touch(row, by, tx.now)
                what = "paused" if paused else "resumed"
                tx.add(events.ExchangePeerChanged(peer_id, what, by))
        await self.load()

    async def renew_secret(self, peer_id: str, by: str) -> Added:
        """Make a new secret; the former one is taken for another week.

        Raises :class:`NoSuchPeer`.
        """
        async with self._journal.transaction() as tx:
            row = await _existing(tx, peer_id)
            row.generation += 1
            row.former_until = tx.now + signing.GRACE_S
            _touch(row, by, tx.now)
            tx.add(events.ExchangePeerChanged(peer_id, "secret", by))
        await self.load()
        peer = self.get(peer_id)
        return Added(peer, signing.key_id(peer_id, peer.generation), self.secret(peer))

    # --- mappings -------------------------------------------------------------------------

    async def versions(self, peer_id: str, purpose: Purpose) -> list[MappingVersion]:
        """Every version of a mapping, the one in force first, the shipped one last."""
        query = (
            select(MappingRow)
            .where(MappingRow.peer_id == peer_id, MappingRow.purpose == purpose)
            .order_by(MappingRow.revision.desc())
        )
        async with self._journal.database.session() as session:
            rows = (await session.scalars(query)).all()
        kept = [MappingVersion(row.revision, row.text, row.at, row.by) for row in rows]
        return [*kept, MappingVersion(0, shipped(purpose))]

    async def save_mapping(
        self, peer_id: str, purpose: Purpose, text: str, revision: int, by: str
    ) -> int:
        """Put a mapping in force, made from ``revision``; gives its own number.

        Raises :class:`hotline.registry.exchange.mapping.BadMapping`, :class:`NoSuchPeer`,
        :class:`PeerChanged`.
        """
        read_for(purpose, text)
        async with self._journal.transaction() as tx:
            await _existing(tx, peer_id)
            newest = await tx.session.scalar(
                select(func.max(MappingRow.revision)).where(
                    MappingRow.peer_id == peer_id, MappingRow.purpose == purpose
                )
            )
            if (newest or 0) != revision:
                raise PeerChanged(peer_id)
            row = MappingRow(
                peer_id=peer_id,
                purpose=purpose,
                revision=revision + 1,
                text=text,
                at=tx.now,
                by=by,
            )
            tx.session.add(row)
            tx.add(events.ExchangePeerChanged(peer_id, f"mapping_{purpose}", by))
        await self.load()
        return revision + 1

    def try_mapping(self, purpose: Purpose, text: str, sample: Mapping[str, Any]) -> Applied:
        """What a mapping makes of a sample; nothing is kept.

        Raises :class:`hotline.registry.exchange.mapping.BadMapping`.
        """
        return mapping.apply(
            read_for(purpose, text),
            sample,
            zone=self._zone,
            now=self._clock.now(),
            inward=purpose != "out",
        )


def read_for(purpose: Purpose, text: str) -> FieldMapping:
    """The mapping that a text is, for this purpose.

    Raises :class:`hotline.registry.exchange.mapping.BadMapping`.
    """
    if purpose == "out":
        return mapping.read(text, sources=OUTWARD)
    found = mapping.read(text, targets=INWARD.keys())
    missing = [name for name in ("external_id", "description") if name not in found.fields]
    if missing:
        faults = [mapping.MappingFault(f"fields.{name}", "required") for name in missing]
        raise mapping.BadMapping(faults)
    return found


def shipped(purpose: Purpose) -> str:
    """The mapping that is in force until a peer has its own."""
    file = files("hotline.registry.exchange") / "mappings" / f"{purpose}.yaml"
    return file.read_text(encoding="utf-8")


async def _existing(tx: Transaction, peer_id: str) -> PeerRow:
    row = await tx.session.get(PeerRow, peer_id)
    if row is None:
        raise NoSuchPeer(peer_id)
    return row


def _row(peer: Peer, by: str, now: float) -> PeerRow:
    values = {name: getattr(peer, name) for name in Peer.__dataclass_fields__}
    lists = {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
    return PeerRow(**(values | lists), changed_at=now, changed_by=by)


def _touch(row: PeerRow, by: str, now: float) -> None:
    row.version += 1
    row.changed_at, row.changed_by = now, by
