"""The other side of an exchange, for tests and benches: a receiver that misbehaves, and the parts
of ours around it."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotline.clock import Clock
from hotline.config import Config
from hotline.registry.exchange import signing
from hotline.registry.exchange.model import Peer
from hotline.registry.exchange.room import ExchangeBase, ExchangeRoom
from hotline.registry.exchange.sending import Answer, Delivery, HttpSender, Sender
from hotline.registry.model import Person
from hotline.registry.service import CaseRegistry
from hotline.registry.taxonomy import load
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables import CaseRow

DESK = Person("agent1", "agent")


class NoAftercare:
    """Nothing follows the end of a case here."""

    async def closed(self, tx: Transaction, case: CaseRow) -> None: ...

    async def reopened(self, tx: Transaction, case: CaseRow) -> None: ...


@dataclass
class Effects:
    """What a receiver did: it keeps the keys that it has seen, as any good one does."""

    keys: set[str] = field(default_factory=set)
    by_case: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    said: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    repeated: int = 0
    answered: Counter[int] = field(default_factory=Counter)

    def take(self, key: str, number: int, body: str) -> None:
        if key in self.keys:
            self.repeated += 1
            return
        self.keys.add(key)
        content = json.loads(body)
        case = key.rsplit("-", 1)[0]
        self.by_case[case].append(number)
        self.said[case].append(content)

    def check(self) -> None:
        """Every effect once and in order."""
        for case, numbers in self.by_case.items():
            assert numbers == list(range(1, len(numbers) + 1)), (case, numbers)


Mood = Callable[[Delivery], Answer | None]


@dataclass
class WildReceiver:
    """A receiver without a network: before it takes a message or after, its moods have their way.

    ``before`` gives an answer instead of taking the message, ``after`` one although it was taken.
    """

    effects: Effects = field(default_factory=Effects)
    before: Mood = lambda delivery: None
    after: Mood = lambda delivery: None
    delay_s: Callable[[], float] = lambda: 0.0
    flying: int = 0
    most_flying: int = 0

    async def send(self, delivery: Delivery) -> Answer:
        self.flying += 1
        self.most_flying = max(self.most_flying, self.flying)
        try:
            await asyncio.sleep(self.delay_s())
            answer = self._answer(delivery)
        finally:
            self.flying -= 1
        if answer.status is not None:
            self.effects.answered[answer.status] += 1
        return answer

    def _answer(self, delivery: Delivery) -> Answer:
        refused = self.before(delivery)
        if refused is not None:
            return refused
        self.effects.take(delivery.event_id, delivery.number, delivery.body)
        return self.after(delivery) or Answer(200, "ok")

    async def close(self) -> None: ...


def wild(seed: int, share: float = 0.3) -> WildReceiver:
    """One that fails in every way, by the dice."""
    dice = random.Random(seed)

    def before(delivery: Delivery) -> Answer | None:
        if dice.random() < share:
            return dice.choice(
                [Answer(None, "no connection"), Answer(503, "busy"), Answer(500, "")]
            )
        return None

    def after(delivery: Delivery) -> Answer | None:
        # Taken, and yet: a 500, or the answer is lost on the way.
        return (
            dice.choice([Answer(500, "late"), Answer(None, "lost")])
            if dice.random() < share
            else None
        )

    return WildReceiver(before=before, after=after)


@dataclass
class Exchange:
    """The exchange on a database of the test's own."""

    room: ExchangeRoom
    registry: CaseRegistry
    journal: Journal

    async def peer(self, peer_id: str = "city", **more: Any) -> Peer:
        """A peer that is there and known."""
        wanted = {"name": "市平台", "scope": "all", "url": "http://peer.example/in"} | more
        return (await self.room.peers.add(Peer(peer_id, **wanted), "supervisor")).peer


async def make_exchange(
    journal: Journal, clock: Clock, data_dir: Path, sender: Sender | None = None
) -> Exchange:
    """The exchange with nobody to exchange with yet."""
    config = Config.model_validate({"hotline": {"data_dir": str(data_dir)}})
    classes = load("gbt-30428.2-2013")
    base = ExchangeBase.of(config, journal, clock, lambda state: state)
    registry = CaseRegistry(journal, config.zone, classes, NoAftercare(), (base.outbox,))
    room = ExchangeRoom.of(
        base,
        config=config,
        journal=journal,
        clock=clock,
        registry=registry,
        classes=classes,
        sender=sender or HttpSender(clock, ["127.0.0.1"]),
    )
    await room.open()
    return Exchange(room, registry, journal)


def signed(
    secret: str,
    key_id: str,
    now: float,
    *,
    method: str,
    target: str,
    key: str = "",
    body: bytes = b"",
) -> dict[str, str]:
    """The headers that a peer sends."""
    timestamp = f"{now:.0f}"
    return {
        signing.KEY: key_id,
        signing.TIMESTAMP: timestamp,
        signing.SIGNATURE: signing.signature(
            secret, timestamp, method=method, target=target, idempotency=key, body=body
        ),
        **({signing.IDEMPOTENCY: key} if key else {}),
    }
