"""The plan in force: what ``hotline.toml`` gives, and over it what the city published.

A publication puts one value in place of another and tells whoever asked to be told, so that
calls follow at once. What ``hotline.toml`` says of the queue holds until the first publication.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import structlog

from hotline.events import RoutingPublished
from hotline.routing.check import Ground, check, sound
from hotline.routing.findings import Finding
from hotline.routing.model import PublishedPlan, RoutingPlan, written
from hotline.routing.reading import PlanFaults, read_plan
from hotline.storage import routing as rows
from hotline.storage.database import Database
from hotline.storage.journal import Journal, Transaction
from hotline.storage.records import storable
from hotline.storage.routing import Draft, Gate, Publication

CONFIGURED = 0
HISTORY = 200

T = TypeVar("T")
log = structlog.get_logger(__name__)


class NoSuchVersion(LookupError):
    """There is no version of this number."""


class PlanRefused(Exception):
    """The check found errors."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(one for one in findings if one.severity == "error")
        super().__init__("\n".join(finding.text("en") for finding in self.findings))


class PlanConflict(Exception):
    """Somebody else published meanwhile: ``current`` is in force, not what was begun from."""

    def __init__(self, current: Publication) -> None:
        self.current = current
        super().__init__(f"{current.by} published version {current.version} meanwhile")


class NothingChanged(Exception):
    """The plan is what is in force already."""


class Unproved(Exception):
    """The plan was not compared with the one in force, and no reason was given."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in a plan; ``plan`` is None when it cannot be read at all."""

    plan: RoutingPlan | None
    findings: tuple[Finding, ...]


class PlanLibrary:
    """The plan in force; ``open`` it before use.

    ``ground`` tells what a plan is held against; ``told`` are told of every plan that comes
    into force, in turn.
    """

    def __init__(
        self, journal: Journal, configured: RoutingPlan, ground: Callable[[], Awaitable[Ground]]
    ) -> None:
        self.told: list[Callable[[PublishedPlan], Awaitable[None]]] = []
        self._journal = journal
        self._configured = configured
        self._ground = ground
        self._current = PublishedPlan(CONFIGURED, configured)
        self._publication: Publication | None = None
        self._turn = asyncio.Lock()

    @property
    def _database(self) -> Database:
        return self._journal.database

    async def open(self) -> None:
        """Read what is in force. A plan that this version of the program does not understand is
        told in the log, and what hotline.toml gives is taken instead.

        Raises :class:`hotline.storage.database.DatabaseUnavailable`.
        """
        async with self._database.session() as session:
            last = await rows.history(session, 1)
            self._publication = last[0] if last else None
            version = self.version
            found = await rows.plan_of(session, version) if version != CONFIGURED else None
        self._current = PublishedPlan(CONFIGURED, self._configured)
        if found is None:
            return
        try:
            self._current = PublishedPlan(version, read_plan(found))
        except PlanFaults as faults:
            log.error("routing.not_understood", version=version, why=str(faults))

    # --- asked ------------------------------------------------------------------------------

    @property
    def current(self) -> PublishedPlan:
        """The plan in force now; never changes."""
        return self._current

    @property
    def version(self) -> int:
        """The version in force, whether this program understands it or not."""
        return self._publication.version if self._publication else CONFIGURED

    @property
    def publication(self) -> Publication | None:
        """How the version in force came to be; None before the first publication."""
        return self._publication

    async def plan(self, version: int) -> RoutingPlan:
        """The plan of a version. Raises :class:`NoSuchVersion`, and
        :class:`hotline.routing.reading.PlanFaults` for one that is not understood."""
        if version == self._current.version:
            return self._current.plan
        if version == CONFIGURED:
            return self._configured
        async with self._database.session() as session:
            found = await rows.plan_of(session, version)
        if found is None:
            raise NoSuchVersion(version)
        return read_plan(found)

    async def examine(self, data: object) -> Examined:
        """Read and check what the page has."""
        try:
            plan = read_plan(storable(data))
        except PlanFaults as faults:
            return Examined(None, faults.findings)
        ground = await self._ground()
        return Examined(plan, await asyncio.to_thread(check, plan, ground))

    async def history(self) -> Sequence[Publication]:
        """What was in force when, the newest first."""
        async with self._database.session() as session:
            return await rows.history(session, HISTORY)

    async def drafts(self) -> Sequence[Draft]:
        """What everybody has changed and not published, the newest first."""
        async with self._database.session() as session:
            return await rows.drafts(session)

    async def save_draft(self, draft: Draft) -> None:
        """Keep what somebody changes."""
        async with self._database.writing() as session:
            await rows.save_draft(session, replace(draft, plan=storable(dict(draft.plan))))

    async def drop_draft(self, user_id: str) -> None:
        """Forget what somebody changed."""
        async with self._database.writing() as session:
            await rows.drop_draft(session, user_id)

    async def gate_of(self, plan: RoutingPlan) -> Gate | None:
        """The last comparison of this plan with the one in force now; None without one."""
        async with self._database.session() as session:
            found = await rows.gate_of(session, digest(plan))
        return found if found and found.based_on == self.version else None

    async def gate(self, gate_id: int) -> Gate | None:
        """A comparison by its number."""
        async with self._database.session() as session:
            return await rows.gate(session, gate_id)

    async def keep_gate(
        self, plan: RoutingPlan, based_on: int, by: str, at: float, result: Mapping[str, Any]
    ) -> int:
        """Keep a comparison of ``plan`` with version ``based_on``; its number."""
        async with self._database.writing() as session:
            return await rows.add_gate(session, Gate(0, digest(plan), based_on, by, at, result))

    # --- changing what is in force ------------------------------------------------------------

    async def publish(
        self, data: object, *, by: str, based_on: int, note: str = "", unproved: str = ""
    ) -> PublishedPlan:
        """Put a plan in force. ``unproved`` says why it was not compared before; it is needed
        when :meth:`gate_of` has no comparison.

        Raises :class:`PlanRefused`, :class:`PlanConflict` when ``based_on`` is not in force any
        more, :class:`NothingChanged`, :class:`Unproved` and
        :class:`hotline.storage.journal.JournalUnavailable`.
        """
        self._refuse_conflict(based_on)
        plan = await self._sound(data)
        if written(plan) == written(self._current.plan):
            raise NothingChanged
        gate = await self.gate_of(plan)
        if gate is None and not unproved:
            raise Unproved

        async def write(tx: Transaction) -> Publication:
            version = await rows.add_version(
                tx.session, written(plan), based_on=based_on, by=by, at=tx.now
            )
            await rows.drop_draft(tx.session, by)
            proof = (gate.gate_id, "") if gate else (None, storable(unproved))
            return Publication(version, by, tx.now, storable(note), None, *proof)

        return await _to_the_end(self._put_in_force(based_on, plan, write))

    async def roll_back(self, version: int, *, by: str, note: str, based_on: int) -> PublishedPlan:
        """Put an earlier version in force again; what was once in force needs no comparison.

        Raises as :meth:`publish` does, and :class:`NoSuchVersion`.
        """
        self._refuse_conflict(based_on)
        if version == based_on:
            raise NothingChanged
        try:
            plan = await self.plan(version)
        except PlanFaults as faults:
            raise PlanRefused(faults.findings) from faults
        await self._sound(written(plan))

        async def write(tx: Transaction) -> Publication:
            return Publication(version, by, tx.now, storable(note), based_on)

        return await _to_the_end(self._put_in_force(based_on, plan, write))

    async def _put_in_force(
        self,
        based_on: int,
        plan: RoutingPlan,
        write: Callable[[Transaction], Awaitable[Publication]],
    ) -> PublishedPlan:
        async with self._turn:
            try:
                async with self._journal.transaction() as tx:
                    await _refuse_overtaken(tx, based_on)
                    new = await write(tx)
                    rows.add_publication(tx.session, new)
                    tx.add(_event(new))
            except PlanConflict:
                # Another program published, or an answer of ours was lost: memory is behind.
                await self.open()
                raise
            self._publication = new
            self._current = PublishedPlan(new.version, plan)
            for tell in self.told:
                await tell(self._current)
        log.info("routing.published", version=new.version, by=new.by)
        return self._current

    def _refuse_conflict(self, based_on: int) -> None:
        if self._publication and self._publication.version != based_on:
            raise PlanConflict(self._publication)

    async def _sound(self, data: object) -> RoutingPlan:
        examined = await self.examine(data)
        if examined.plan is None or not sound(examined.findings):
            raise PlanRefused(examined.findings)
        return examined.plan


def digest(plan: RoutingPlan) -> str:
    """SHA-256 of what a plan says, whatever the order of its mappings."""
    return hashlib.sha256(json.dumps(written(plan), sort_keys=True).encode()).hexdigest()


def _event(new: Publication) -> RoutingPublished:
    gate = str(new.gate_id) if new.gate_id is not None else ""
    return RoutingPublished(new.version, new.by, new.note, new.rolled_back_from, gate, new.unproved)


async def _refuse_overtaken(tx: Transaction, based_on: int) -> None:
    last = await rows.history(tx.session, 1)
    if last and last[0].version != based_on:
        raise PlanConflict(last[0])


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Await ``work``, which goes on when the caller is cancelled: what is written is in force."""
    return await asyncio.shield(asyncio.ensure_future(work))
