"""Callbacks on a real Asterisk with real phones: own phone first, then the citizen's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from hotline import events
from hotline.callback.dialler import CallbackDialler, DialSettings
from hotline.callback.model import Answers, CallbackRules
from hotline.callback.planning import CallbackPlanner
from hotline.callback.service import CallbackDesk
from hotline.calls import holding
from hotline.clock import ReactorClock
from hotline.demo.phone import BUSY, INCOMING, Answering, BaresipPhone
from hotline.registry import taxonomy
from hotline.registry.service import CaseRegistry
from hotline.secrets import load_or_make
from hotline.speech.audio import read_wav
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.telephony.ami import AmiLink
from hotline.telephony.pbx import Pbx
from hotline.telephony.snapshot import PbxSnapshot
from tests.audio import loud_seconds, tone_seconds
from tests.databases import CITY, sqlite_copy
from tests.deadline import until
from tests.pbx.dialplan_box import AGENT_HZ, CITIZEN_HZ, PROMPT_HZ, DialplanBox
from tests.unit.callback.closing import STAFF, Closing

EXTENSION = "1001"
RING_S = 4.0
# Q.850, as a page that is left tells it.
PAGE_LEFT = 41

E = TypeVar("E", bound=events.Event)


@pytest.fixture(scope="module")
async def box(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DialplanBox]:
    """One Asterisk with the shipped dialplan for all tests here."""
    async with DialplanBox(tmp_path_factory.mktemp("box")).running() as it:
        yield it


class Office:
    """The callbacks' half of a controller, on a database of its own."""

    def __init__(self, box: DialplanBox, folder: Path, reactor: AsyncioSelectorReactor) -> None:
        self.box = box
        self.clock = ReactorClock(reactor)
        self.database = Database(sqlite_copy(folder / "hotline.db"))
        self.journal = Journal(self.database, self.clock)
        rules = CallbackRules(box.config.pbx.node)
        registry = CaseRegistry(self.journal, CITY, taxonomy.load(), CallbackPlanner(rules))
        self.desk = CallbackDesk(self.journal, registry, rules)
        self.closing = Closing(registry, self.database)
        self.links: list[AmiLink] = []

    @asynccontextmanager
    async def dialling(self) -> AsyncIterator[CallbackDialler]:
        """A dialler with a link of its own, as after each start of the controller."""
        config = self.box.config
        seen = asyncio.Event()

        async def on_up(snapshot: PbxSnapshot) -> None:
            dialler.on_up(snapshot)
            seen.set()

        link = AmiLink(
            config.pbx.node,
            host=config.pbx.ami_host,
            port=config.pbx.ami_port,
            user=config.pbx.ami_user,
            secret=load_or_make(config).ami,
            clock=self.clock,
            on_event=lambda event: dialler.on_event(event),  # noqa: PLW0108 - made below
            on_up=on_up,
            on_down=lambda why: None,
        )
        settings = DialSettings(
            config.pbx.node, "12319", RING_S, config.recording.dir, CITY, has_trunk=True
        )
        dialler = CallbackDialler(
            desk=self.desk,
            pbx=Pbx(link),
            pbx_up=lambda: link.up,
            journal=self.journal,
            clock=self.clock,
            settings=settings,
        )
        self.links.append(link)
        running = asyncio.create_task(dialler.run())
        await link.start()
        async with asyncio.timeout(10):
            await seen.wait()
        try:
            yield dialler
        finally:
            await link.stop()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def told(self, kind: type[E]) -> list[E]:
        """Wait until the journal tells of this, and read all of it."""

        async def found() -> list[E]:
            records = await self.journal.read(kinds=[kind])
            return [record.event for record in records if isinstance(record.event, kind)]

        return await until(found, what=kind.__name__)

    async def becomes(self, task_id: int, state: str, outcome: str | None = None) -> None:
        """Wait until a callback stands so."""

        async def stands() -> tuple[str, str | None] | None:
            row = await self.closing.row(task_id)
            found = (row.state, row.last_outcome)
            return found if found == (state, outcome) else None

        await until(stands, what=f"{state}, {outcome}")


@pytest.fixture
async def office(
    box: DialplanBox, tmp_path: Path, reactor: AsyncioSelectorReactor
) -> AsyncIterator[Office]:
    """An office with no callback planned."""
    it = Office(box, tmp_path, reactor)
    await it.journal.open()
    yield it
    await it.database.close()


async def test_staff_are_rung_first_then_the_citizen_and_the_talk_is_recorded(
    office: Office, box: DialplanBox
) -> None:
    task_id = await office.closing.task()
    async with (
        box.agent(Answering()) as staff,
        box.citizen(dialled=True) as citizen,
        office.dialling() as dialler,
    ):
        await dialler.call(task_id, STAFF, EXTENSION)
        rings = await staff.event(INCOMING)
        assert "12319" in rings.peer
        assert not citizen.calls
        await staff.answer()
        await office.becomes(task_id, "ringing")
        rings = await citizen.event(INCOMING)
        assert "12319" in rings.peer
        await citizen.answer()
        await office.becomes(task_id, "talking")
        await until(lambda: tone_seconds(staff.heard(), CITIZEN_HZ) > 1)
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > 1)
        await office.desk.answer(task_id, Answers(True, solved=True, satisfaction=4), STAFF)
        await citizen.hangup()
        await staff.closed()
        await office.becomes(task_id, "done", "talked")

        async def recorded() -> str | None:
            return (await office.closing.row(task_id)).recording

        recording = await until(recorded, what="the recording")
    heard = read_wav(box.config.recording.dir / recording).samples
    assert tone_seconds(heard, CITIZEN_HZ, share=0.3) > 1
    assert tone_seconds(heard, AGENT_HZ, share=0.3) > 1
    (ended,) = await office.journal.read(kinds=[events.CallbackEnded])
    assert isinstance(ended.event, events.CallbackEnded)
    assert ended.event.talked_s is not None
    assert 1 <= ended.event.talked_s < 30


async def test_staff_who_do_not_answer_leave_the_citizen_in_peace(
    office: Office, box: DialplanBox
) -> None:
    task_id = await office.closing.task()
    async with (
        box.agent(Answering()),
        box.citizen(dialled=True) as citizen,
        office.dialling() as dialler,
    ):
        await dialler.call(task_id, STAFF, EXTENSION)
        await office.becomes(task_id, "open", "staff_unreachable")
        assert not citizen.calls


async def test_staff_without_a_registered_phone_are_told_at_once(office: Office) -> None:
    task_id = await office.closing.task()
    async with office.dialling() as dialler:
        await dialler.call(task_id, STAFF, EXTENSION)
        await office.becomes(task_id, "open", "staff_unreachable")


@pytest.mark.parametrize(
    ("answering", "outcome", "unreached"), [(BUSY, "busy", 1), (Answering(), "no_answer", 1)]
)
async def test_a_citizen_who_is_not_reached_is_due_again(
    office: Office, box: DialplanBox, answering: Answering, outcome: str, unreached: int
) -> None:
    task_id = await office.closing.task()
    async with (
        box.agent(Answering(after=0)),
        box.citizen(answering=answering, dialled=True),
        office.dialling() as dialler,
    ):
        await dialler.call(task_id, STAFF, EXTENSION)
        await office.becomes(task_id, "open", outcome)
    assert (await office.closing.row(task_id)).unreached == unreached


async def test_staff_who_hang_up_early_have_cancelled(office: Office, box: DialplanBox) -> None:
    task_id = await office.closing.task()
    async with (
        box.agent(Answering(after=0)) as staff,
        box.citizen(dialled=True) as citizen,
        office.dialling() as dialler,
    ):
        await dialler.call(task_id, STAFF, EXTENSION)
        await citizen.event(INCOMING)
        await staff.hangup()
        await office.becomes(task_id, "open", "cancelled")
    assert (await office.closing.row(task_id)).unreached == 0


async def test_a_number_that_cannot_be_reached_has_failed(office: Office, box: DialplanBox) -> None:
    task_id = await office.closing.task()
    async with box.agent(Answering(after=0)), office.dialling() as dialler:
        await dialler.call(task_id, STAFF, EXTENSION)
        await office.becomes(task_id, "open", "failed")


async def test_a_talk_outlives_the_controller_and_is_ended_once(
    office: Office, box: DialplanBox
) -> None:
    task_id = await office.closing.task()
    async with (
        box.agent(Answering(after=0)) as staff,
        box.citizen(answering=Answering(after=0), dialled=True) as citizen,
    ):
        async with office.dialling() as dialler:
            await dialler.call(task_id, STAFF, EXTENSION)
            await citizen.established()
        async with office.dialling():
            await office.becomes(task_id, "talking")
            await staff.hangup()
            await office.becomes(task_id, "asked", "talked")
    assert len(await office.journal.read(kinds=[events.CallbackEnded])) == 1


async def test_a_call_that_ended_while_nobody_looked_is_unknown(
    office: Office, box: DialplanBox
) -> None:
    task_id = await office.closing.task()
    async with (
        box.agent(Answering(after=0)) as staff,
        box.citizen(answering=Answering(after=0), dialled=True) as citizen,
    ):
        async with office.dialling() as dialler:
            await dialler.call(task_id, STAFF, EXTENSION)
            await citizen.established()
        await staff.hangup()
        await citizen.closed()
        async with office.dialling():
            await office.becomes(task_id, "asked", "unknown")


@asynccontextmanager
async def shorter_patience(box: DialplanBox) -> AsyncIterator[None]:
    """Citizens are kept for two seconds only."""
    patience = round(holding.HOLD_S)
    await box.rx("dialplan set global HOTLINE_KEPT 2")
    try:
        yield
    finally:
        await box.rx(f"dialplan set global HOTLINE_KEPT {patience}")


async def lose(office: Office) -> None:
    """Staff's phone is lost, as when their page is reloaded."""
    channels = (await office.box.rx("core show channels concise")).splitlines()
    leg = next(line.split("!")[0] for line in channels if line.startswith(f"PJSIP/{EXTENSION}-"))
    await office.links[-1].action("Hangup", Channel=leg, Cause=PAGE_LEFT)


def not_their_tone(citizen: BaresipPhone) -> float:
    """For how many seconds a citizen heard something else than staff."""
    heard = citizen.heard()
    return loud_seconds(heard) - tone_seconds(heard, AGENT_HZ)


async def test_a_citizen_hears_music_until_staff_who_were_cut_off_are_back(
    office: Office, box: DialplanBox
) -> None:
    task_id = await office.closing.task()
    async with (
        box.agent(Answering(after=1)) as staff,
        box.citizen(answering=Answering(after=0), dialled=True) as citizen,
        office.dialling() as dialler,
    ):
        await dialler.call(task_id, STAFF, EXTENSION)
        await office.becomes(task_id, "talking")
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > 1)
        await lose(office)
        await until(lambda: not_their_tone(citizen) > 0.5, what="music")
        await staff.event(INCOMING)
        await office.told(events.TalkResumed)
        before = tone_seconds(citizen.heard(), AGENT_HZ)
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > before + 1)
        await citizen.hangup()
        await office.becomes(task_id, "asked", "talked")
    (held,) = await office.told(events.TalkHeld)
    assert (held.agent_id, held.why) == (STAFF.user_id, "cut_off")


async def test_a_citizen_whose_caller_does_not_come_back_is_told_and_to_be_rung_again(
    office: Office, box: DialplanBox
) -> None:
    task_id = await office.closing.task()
    async with (
        box.agent(Answering()) as staff,
        box.citizen(answering=Answering(after=0), dialled=True) as citizen,
        office.dialling() as dialler,
        shorter_patience(box),
    ):
        await dialler.call(task_id, STAFF, EXTENSION)
        await staff.event(INCOMING)
        await staff.answer()
        await office.becomes(task_id, "talking")
        await lose(office)
        await citizen.closed()
        await office.becomes(task_id, "open", "cut_off")
        assert tone_seconds(citizen.heard(), PROMPT_HZ["callback-again"]) > 0.3
    assert (await office.closing.row(task_id)).unreached == 0


async def test_staff_let_a_citizen_hear_music_and_take_them_back(
    office: Office, box: DialplanBox
) -> None:
    task_id = await office.closing.task()
    async with (
        box.agent(Answering(after=0)) as staff,
        box.citizen(answering=Answering(after=0), dialled=True) as citizen,
    ):
        async with office.dialling() as dialler:
            await dialler.call(task_id, STAFF, EXTENSION)
            await office.becomes(task_id, "talking")
            await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > 0.5)
            await dialler.hold(task_id, STAFF)
            await office.told(events.TalkHeld)
            await until(lambda: not_their_tone(citizen) > 0.5, what="music")
            quiet = tone_seconds(citizen.heard(), AGENT_HZ)
            silent = tone_seconds(staff.heard(), CITIZEN_HZ)
        async with office.dialling() as dialler:
            assert tone_seconds(citizen.heard(), AGENT_HZ) < quiet + 0.5
            assert tone_seconds(staff.heard(), CITIZEN_HZ) < silent + 0.5
            await dialler.take_back(task_id, STAFF)
            await office.told(events.TalkResumed)
            await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > quiet + 1)
            await until(lambda: tone_seconds(staff.heard(), CITIZEN_HZ) > silent + 1)
            await staff.hangup()
            await office.becomes(task_id, "asked", "talked")
    (held,) = await office.told(events.TalkHeld)
    assert held.why == "agent"
