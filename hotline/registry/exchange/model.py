"""Other systems and what is exchanged with them, as plain data; and what can go wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hotline.registry.exchange import guard
from hotline.registry.model import SOURCES
from hotline.storage.records import storable
from hotline.storage.tables_exchange import InMessageRow, OutMessageRow, PeerRow

Purpose = Literal["in", "out", "sheet"]
PURPOSES: tuple[Purpose, ...] = ("in", "out", "sheet")
SCOPES = ("own", "units", "all")
# What a peer can be told of; ``closed`` is the step that ends a case, ``moved`` any other.
KINDS = ("opened", "edited", "moved", "closed")
# And of a call, when somebody asks for that by name (hotline.registry.exchange.call_news).
CALL_KINDS = ("call_offered", "call_answered", "call_ended", "call_filed")
# Sources that only this program itself opens cases with.
OWN_SOURCES = frozenset({"hotline", "voice_report", "fallback", "storm"})
PEER_SOURCES = tuple(source for source in SOURCES if source not in OWN_SOURCES)
MOST_HELD = 100
MOST_UNITS = 500

_PEER_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class ExchangeFault(Exception):
    """Something typed about a peer cannot be kept: each field with the key of its message."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {key}" for field, key in faults.items()))
        self.faults = dict(faults)


class NoSuchPeer(LookupError):
    """No peer has this id."""


class NoSuchMessage(LookupError):
    """No message has this id, or it is not stuck."""


class PeerChanged(Exception):
    """Somebody else changed the peer meanwhile."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another system, as :class:`hotline.storage.tables_exchange.PeerRow` keeps it."""

    peer_id: str
    name: str
    source: str = "other"
    sends: bool = True
    url: str = ""
    scope: str = "own"
    units: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    concurrency: int = 8
    deadline_s: float = 10.0
    attempts: int = 12
    paused: bool = False
    generation: int = 1
    former_until: float | None = None
    version: int = 1

    @classmethod
    def of(cls, row: PeerRow) -> Peer:
        """The peer that the row keeps."""
        return cls(
            peer_id=row.peer_id,
            name=row.name,
            source=row.source,
            sends=row.sends,
            url=row.url,
            scope=row.scope,
            units=tuple(row.units),
            kinds=tuple(row.kinds),
            concurrency=row.concurrency,
            deadline_s=row.deadline_s,
            attempts=row.attempts,
            paused=row.paused,
            generation=row.generation,
            former_until=row.former_until,
            version=row.version,
        )

    def takes(self, generation: int, now: float) -> bool:
        """Whether a secret of this generation is in force."""
        if generation == self.generation:
            return True
        former = generation == self.generation - 1 and self.former_until is not None
        return former and now < (self.former_until or 0)

    def wants(self, kind: str) -> bool:
        """Whether it is to be told of such a happening of a case."""
        return bool(self.url) and (not self.kinds or kind in self.kinds)

    def wants_call(self, kind: str) -> bool:
        """Whether it is to be told of such a happening of a call: never unless asked for."""
        return bool(self.url) and kind in self.kinds


def checked(peer: Peer) -> Peer:
    """The peer as it can be kept. Raises :class:`ExchangeFault`."""
    faults: dict[str, str] = {}
    if not _PEER_ID.fullmatch(peer.peer_id):
        faults["peer_id"] = "peer_id"
    if not peer.name or len(peer.name) > 100 or peer.name != storable(peer.name):
        faults["name"] = "required" if not peer.name else "wrong"
    if peer.source not in PEER_SOURCES:
        faults["source"] = "choice"
    if peer.scope not in SCOPES:
        faults["scope"] = "choice"
    if not set(peer.kinds) <= {*KINDS, *CALL_KINDS}:
        faults["kinds"] = "choice"
    if len(peer.units) > MOST_UNITS or any(not 0 < len(unit) <= 32 for unit in peer.units):
        faults["units"] = "wrong"
    if peer.scope == "units" and not peer.units:
        faults["units"] = "required"
    if peer.url:
        try:
            guard.read(peer.url)
        except guard.BadAddress as bad:
            faults["url"] = bad.key
    bounds = {
        "concurrency": 1 <= peer.concurrency <= 64,
        "deadline_s": 1 <= peer.deadline_s <= 60,
        "attempts": 1 <= peer.attempts <= 100,
    }
    faults |= {name: "out_of_bounds" for name, fits in bounds.items() if not fits}
    if faults:
        raise ExchangeFault(faults)
    return peer


@dataclass(frozen=True, slots=True)
class StuckOut:
    """A message that a peer does not take, and how many of its case wait behind it."""

    message_id: int
    peer_id: str
    case_number: str
    number: int
    kind: str
    state: str
    attempts: int
    made_at: float
    due_at: float
    tried_at: float | None
    status: int | None
    answer: str
    behind: int

    @classmethod
    def of(cls, row: OutMessageRow, behind: int) -> StuckOut:
        """The message that the row keeps."""
        return cls(
            row.message_id,
            row.peer_id,
            row.case_number,
            row.number,
            row.kind,
            row.state,
            row.attempts,
            row.made_at,
            row.due_at,
            row.tried_at,
            row.status,
            row.answer,
            behind,
        )


@dataclass(frozen=True, slots=True)
class StuckIn:
    """A message that came and cannot be taken in: ``missing`` is the number that is waited for,
    None when it is faulty itself."""

    message_id: int
    peer_id: str
    external_id: str
    number: int | None
    kind: str
    state: str
    missing: int | None
    arrived_at: float
    answer: Mapping[str, Any]

    @classmethod
    def of(cls, row: InMessageRow, missing: int | None) -> StuckIn:
        """The message that the row keeps."""
        return cls(
            row.message_id,
            row.peer_id,
            row.external_id,
            row.number,
            row.kind,
            row.state,
            missing,
            row.arrived_at,
            row.answer,
        )


@dataclass(frozen=True, slots=True)
class Traffic:
    """How it stands with one peer: how many messages are due, wait behind others, are stuck, were
    sent; how many that came are held or faulty. ``oldest`` is since when the first one waits."""

    due: int = 0
    waiting: int = 0
    stuck: int = 0
    sent: int = 0
    held: int = 0
    taken: int = 0
    oldest: float | None = None
