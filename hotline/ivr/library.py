"""The flows in force: the shipped ones, and over them what the city published.

Calls ask memory only: :meth:`FlowLibrary.snapshot` is a mapping that never changes, and a
publication puts another one in its place. A call keeps the one it began with, so no call walks
two versions of anything.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeVar

import structlog

from hotline.events import FlowEntryChanged, FlowPublished
from hotline.ivr.check import Checked
from hotline.ivr.examining import Standing
from hotline.ivr.findings import Finding, FlowFaults
from hotline.ivr.ground import Ground
from hotline.ivr.model import NAME, Flow, FlowSet, PublishedFlow
from hotline.ivr.reading import read_flow
from hotline.storage import flows as rows
from hotline.storage.database import Database
from hotline.storage.flows import Draft, Publication
from hotline.storage.journal import Journal, Transaction
from hotline.storage.records import storable

DEFAULT_FLOW = "default"
ANY_NUMBER = "*"
SHIPPED = 0
HISTORY = 200

T = TypeVar("T")
log = structlog.get_logger(__name__)


class NoSuchFlow(LookupError):
    """There is no flow, or no version of it, by this name."""


class FlowRefused(Exception):
    """The check found errors: in the flow itself, or in those that call it (``breaks``)."""

    def __init__(
        self, findings: Sequence[Finding], breaks: Mapping[str, Sequence[Finding]] | None = None
    ) -> None:
        self.findings = tuple(findings)
        self.breaks = dict(breaks or {})
        super().__init__("\n".join(f"{f.line}: {f.text('en')}" for f in self.findings))


class FlowConflict(Exception):
    """Somebody else published meanwhile: ``current`` is in force, not what was begun from."""

    def __init__(self, current: Publication) -> None:
        self.current = current
        super().__init__(f"{current.by} published version {current.version} meanwhile")


class NothingChanged(Exception):
    """The text is what is in force already."""


@lru_cache(maxsize=32)
def _read_shipped(text: str) -> Flow:
    """What a shipped text says, which never changes while the program runs."""
    return read_flow(text)


def shipped_flows() -> dict[str, str]:
    """The texts of the flows that the product ships, by name."""
    folder = resources.files("hotline.ivr").joinpath("flows")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {
        file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8")
        for file in files
        if file.name.endswith(".yaml")
    }


class FlowLibrary:
    """All flows by name; ``open`` it before use. ``ground`` is what they are checked against."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        shipped: Mapping[str, str],
        ground: Callable[[], Ground],
    ) -> None:
        self._database = database
        self._journal = journal
        self._shipped = dict(shipped)
        self._ground = ground
        self._flows: FlowSet = MappingProxyType({})
        self._texts: dict[str, str] = {}
        self._publications: dict[str, Publication] = {}
        self._entries: dict[str, str] = {}
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Read what is in force. A published text that this version of the program does not
        understand is told in the log, and the shipped flow of its name is taken instead.

        Raises :class:`hotline.storage.database.DatabaseUnavailable`, and
        :class:`hotline.ivr.findings.FlowFaults` for a shipped flow that cannot be read.
        """
        flows = {}
        for name, text in self._shipped.items():
            flows[name] = PublishedFlow(name, SHIPPED, _read_shipped(text))
        texts = dict(self._shipped)
        async with self._database.session() as session:
            for publication in await rows.in_force(session):
                name, version = publication.name, publication.version
                self._publications[name] = publication
                found = await rows.text_of(session, name, version)
                if version == SHIPPED or found is None:
                    continue
                texts[name] = found
                try:
                    flows[name] = PublishedFlow(name, version, read_flow(found, name))
                except FlowFaults as faults:
                    log.error("flows.not_understood", flow=name, version=version, why=str(faults))
            self._entries = await rows.entries(session)
        self._flows, self._texts = MappingProxyType(flows), texts

    # --- what calls ask -----------------------------------------------------------------

    def snapshot(self) -> FlowSet:
        """Every flow as it is in force now; never changes."""
        return self._flows

    def current(self, name: str) -> PublishedFlow:
        """The flow in force. Raises :class:`NoSuchFlow`."""
        try:
            return self._flows[name]
        except KeyError:
            raise NoSuchFlow(name) from None

    def entry(self, called: str) -> str:
        """The name of the flow in which a call to ``called`` begins; it is there."""
        for key in (called, ANY_NUMBER):
            if self._entries.get(key) in self._flows:
                return self._entries[key]
        return DEFAULT_FLOW

    # --- what the page asks -------------------------------------------------------------

    @property
    def entries(self) -> Mapping[str, str]:
        """The entries that were set, by number called."""
        return MappingProxyType(self._entries)

    def names(self) -> frozenset[str]:
        """Every flow that is published, whether this program understands it or not."""
        return frozenset(self._texts)

    def publication(self, name: str) -> Publication | None:
        """How the version in force came to be; None for a shipped flow never replaced."""
        return self._publications.get(name)

    def version(self, name: str) -> int:
        """The version in force; 0 for a shipped flow, and for one that is not yet there."""
        publication = self._publications.get(name)
        return publication.version if publication else SHIPPED

    async def text(self, name: str, version: int | None = None) -> str:
        """The text of a version, None: of the one in force. Raises :class:`NoSuchFlow`."""
        if version is None or version == self.version(name):
            found = self._texts.get(name)
        elif version == SHIPPED:
            found = self._shipped.get(name)
        else:
            async with self._database.session() as session:
                found = await rows.text_of(session, name, version)
        if found is None:
            raise NoSuchFlow(f"{name}@{version}")
        return found

    def is_shipped(self, name: str) -> bool:
        """Whether the product ships a flow of this name."""
        return name in self._shipped

    async def examine(self, name: str, text: str) -> Checked:
        """Check a text that would stand beside the flows in force."""
        return await asyncio.to_thread(self._standing().check, name, text)

    async def history(self, name: str) -> list[Publication]:
        """What was in force when, the newest first."""
        async with self._database.session() as session:
            return await rows.history(session, name, HISTORY)

    async def drafts(self, name: str) -> Sequence[Draft]:
        """What everybody has typed and not published, the newest first."""
        async with self._database.session() as session:
            return await rows.drafts(session, name)

    async def draft_names(self) -> Mapping[str, Sequence[str]]:
        """Who has typed into which flow and not published."""
        async with self._database.session() as session:
            return await rows.draft_names(session)

    async def save_draft(self, draft: Draft) -> None:
        """Keep what somebody types."""
        async with self._database.writing() as session:
            await rows.save_draft(session, replace(draft, text=storable(draft.text)))

    async def drop_draft(self, name: str, user_id: str) -> None:
        """Forget what somebody typed."""
        async with self._database.writing() as session:
            await rows.drop_draft(session, name, user_id)

    # --- changing what is in force ------------------------------------------------------

    async def publish(
        self, name: str, text: str, *, by: str, note: str = "", based_on: int
    ) -> PublishedFlow:
        """Put a new text in force for every call that begins from now on.

        Raises :class:`FlowRefused` for what the check calls an error, :class:`FlowConflict`
        when ``based_on`` is not in force any more, :class:`NothingChanged`,
        :class:`NoSuchFlow` for what cannot be a name and
        :class:`hotline.storage.journal.JournalUnavailable`.
        """
        if not re.fullmatch(NAME, name):
            raise NoSuchFlow(name)
        text = storable(text)
        self._refuse_conflict(name, based_on)
        if text == self._texts.get(name):
            raise NothingChanged
        flow = await self._sound(name, text)

        async def write(tx: Transaction) -> Publication:
            version = await rows.add_version(
                tx.session, name, text, based_on=based_on, by=by, at=tx.now
            )
            await rows.drop_draft(tx.session, name, by)
            return Publication(name, version, by, tx.now, storable(note))

        return await _to_the_end(self._put_in_force(name, based_on, text, flow, write))

    async def roll_back(
        self, name: str, version: int, *, by: str, note: str, based_on: int
    ) -> PublishedFlow:
        """Put an earlier version in force again. Raises as :meth:`publish` does."""
        self._refuse_conflict(name, based_on)
        if version == based_on:
            raise NothingChanged
        text = await self.text(name, version)
        flow = await self._sound(name, text)

        async def write(tx: Transaction) -> Publication:
            return Publication(name, version, by, tx.now, storable(note), based_on)

        return await _to_the_end(self._put_in_force(name, based_on, text, flow, write))

    async def set_entry(self, called: str, flow: str, *, by: str) -> None:
        """Let calls to ``called`` begin in ``flow``; empty: as the other numbers' do.

        Raises :class:`NoSuchFlow`, :class:`FlowRefused` for a flow that cannot take calls, and
        :class:`hotline.storage.journal.JournalUnavailable`.
        """
        if flow:
            self.current(flow)
            errors = await asyncio.to_thread(self._standing().against_taking_calls, flow)
            if errors:
                raise FlowRefused(errors)
        await _to_the_end(self._set_entry(called, flow, by))

    async def _set_entry(self, called: str, flow: str, by: str) -> None:
        async with self._turn:
            async with self._journal.transaction() as tx:
                await rows.set_entry(tx.session, called, flow)
                tx.add(FlowEntryChanged(called, flow, by))
            kept = {number: name for number, name in self._entries.items() if number != called}
            self._entries = {**kept, called: flow} if flow else kept

    async def _put_in_force(
        self,
        name: str,
        based_on: int,
        text: str,
        flow: Flow,
        write: Callable[[Transaction], Awaitable[Publication]],
    ) -> PublishedFlow:
        async with self._turn:
            try:
                async with self._journal.transaction() as tx:
                    await _refuse_overtaken(tx, name, based_on)
                    new = await write(tx)
                    rows.add_publication(tx.session, new)
                    tx.add(FlowPublished(name, new.version, new.by, new.note, new.rolled_back_from))
            except FlowConflict:
                # Another program published, or an answer of ours was lost: memory is behind.
                await self.open()
                raise
            published = PublishedFlow(name, new.version, flow)
            self._flows = MappingProxyType({**self._flows, name: published})
            self._texts[name] = text
            self._publications[name] = new
        log.info("flows.published", flow=name, version=new.version, by=new.by)
        return published

    def _refuse_conflict(self, name: str, based_on: int) -> None:
        current = self._publications.get(name)
        if current and current.version != based_on:
            raise FlowConflict(current)

    async def _sound(self, name: str, text: str) -> Flow:
        examined = await self.examine(name, text)
        if examined.flow is None or not examined.sound:
            raise FlowRefused(examined.findings)
        breaks = await asyncio.to_thread(self._standing().breaks, name, examined.flow)
        if breaks:
            raise FlowRefused((), breaks)
        return examined.flow

    def _standing(self) -> Standing:
        begin = {DEFAULT_FLOW, *self._entries.values()}
        return Standing(self._ground(), self._flows, dict(self._texts), begin)


async def _refuse_overtaken(tx: Transaction, name: str, based_on: int) -> None:
    last = await rows.history(tx.session, name, 1)
    if last and last[0].version != based_on:
        raise FlowConflict(last[0])


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Await ``work``, which goes on when the caller is cancelled: what is written is in force."""
    return await asyncio.shield(asyncio.ensure_future(work))
