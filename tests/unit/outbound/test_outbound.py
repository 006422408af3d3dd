"""Calls that staff place: written down first, followed to their end, and kept promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hotline import events
from hotline.callback.model import Outcome, State
from hotline.callback.placing import DialSettings, Line
from hotline.cti.desk import NotNow
from hotline.outbound.dialler import OutboundDialler
from hotline.outbound.model import NoSuchPromise, OutboundRefused, PromiseFault, Wanted
from hotline.outbound.promises import PromiseDesk
from hotline.outbound.service import OutboundDesk
from hotline.registry.model import Person
from hotline.storage.journal import Journal
from hotline.storage.records import Record
from hotline.telephony.ami import AmiEvent, AmiRefused
from hotline.telephony.snapshot import PbxSnapshot
from tests.databases import CITY, HandClock
from tests.deadline import until
from tests.unit.callback.test_dialler import FakePbx

AGENT, COLLEAGUE = Person("agent1", "agent"), Person("agent2", "agent")
PHONE = "13812345678"


@dataclass
class Free:
    """Keeps callers away from nobody, and notes for whom it was asked."""

    busy: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def begin(self, user_id: str) -> None:
        if self.busy:
            raise NotNow("outbound.busy")
        self.asked.append(("begin", user_id))

    async def over(self, user_id: str) -> None:
        self.asked.append(("over", user_id))


@dataclass
class Bench:
    """A dialler that runs, and what it stands on."""

    desk: OutboundDesk
    dialler: OutboundDialler
    pbx: FakePbx
    free: Free
    promises: PromiseDesk
    journal: Journal
    clock: HandClock

    def heard(self, name: str, number: int = 1, **fields: str) -> None:
        self.dialler.on_event(AmiEvent(name, {"Uniqueid": f"ob-{number}", **fields}))

    def over(self, outcome: str, seconds: str = "", number: int = 1, lost: str = "") -> None:
        said = {"UserEvent": "HotlineCallback", "Outcome": outcome, "Seconds": seconds}
        self.heard("UserEvent", number, Lost=lost, **said)
        self.heard("Hangup", number)

    async def ended(self, outcome: str) -> events.OutboundEnded:
        await until(self._ends, what="the call to end")
        event = (await self._ends())[-1].event
        assert isinstance(event, events.OutboundEnded)
        assert event.outcome == outcome
        return event

    async def _ends(self) -> list[Record]:
        return await self.journal.read(kinds=[events.OutboundEnded])

    async def kept(self) -> list[Record]:
        return await self.journal.read(kinds=[events.PromiseEnded])


@pytest.fixture
async def bench(journal: Journal, clock: HandClock, tmp_path: Path) -> AsyncIterator[Bench]:
    pbx, free = FakePbx(), Free()
    desk = OutboundDesk(journal, "pbx1", free.over)
    settings = DialSettings("pbx1", "12319", 20.0, tmp_path, CITY, has_trunk=True)
    dialler = OutboundDialler(desk, Line(pbx, lambda: True, journal, clock, settings), free)
    running = asyncio.create_task(dialler.run())
    yield Bench(desk, dialler, pbx, free, PromiseDesk(journal), journal, clock)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_the_agents_own_phone_is_rung_and_the_intent_written_down_first(
    bench: Bench,
) -> None:
    await bench.dialler.call(Wanted("138 1234-5678", "2026112000001"), AGENT, "1001")
    (dialled,) = bench.pbx.dialled
    assert (dialled["channel_id"], dialled["endpoint"]) == ("ob-1", "Local/1001@callback-staff/n")
    assert (dialled["HOTLINE_CITIZEN"], dialled["caller_id"]) == (PHONE, '"2026112000001" <12319>')
    (record,) = await bench.journal.read(kinds=[events.OutboundDialled])
    assert record.event == events.OutboundDialled(1, "agent1", "pbx1-ob-1", "2026112000001")
    own = await bench.desk.own("agent1")
    assert own is not None
    assert (own.phone, own.state) == ("138****5678", "dialling")


async def test_a_talk_is_followed_to_its_end_and_the_agent_is_free(bench: Bench) -> None:
    await bench.dialler.call(Wanted(PHONE), AGENT, "1001")
    bench.heard("DialBegin")
    bench.heard("DialState", DialStatus="RINGING")
    bench.heard("DialEnd", DialStatus="ANSWER")
    bench.over("ANSWER", "12")
    assert (await bench.ended("talked")).talked_s == 12.0
    await until(lambda: bench.free.asked[-1] == ("over", "agent1"), what="the agent to be free")
    stages = [
        record.event for record in await bench.journal.read(kinds=[events.OutboundProgressed])
    ]
    assert [getattr(event, "stage", "") for event in stages] == ["connecting", "ringing", "talking"]
    assert await bench.desk.own("agent1") is None


async def test_who_does_not_answer_leaves_the_citizen_in_peace(bench: Bench) -> None:
    await bench.dialler.call(Wanted(PHONE), AGENT, "1001")
    bench.heard("Hangup")
    await bench.ended("staff_unreachable")


async def test_one_call_a_citizen_and_one_a_member_of_staff(bench: Bench) -> None:
    await bench.dialler.call(Wanted(PHONE), AGENT, "1001")
    with pytest.raises(OutboundRefused, match="you_are_talking"):
        await bench.dialler.call(Wanted("13900139000"), AGENT, "1001")
    with pytest.raises(OutboundRefused, match="citizen_is_talking"):
        await bench.dialler.call(Wanted(f"+86{PHONE}"), COLLEAGUE, "1002")
    # Whoever was refused is free again.
    assert bench.free.asked[-1] == ("over", "agent2")
    assert len(bench.pbx.dialled) == 1


async def test_without_a_number_or_beside_a_caller_nothing_is_written(bench: Bench) -> None:
    with pytest.raises(OutboundRefused, match="no_number"):
        await bench.dialler.call(Wanted("匿名"), AGENT, "1001")
    bench.free.busy = True
    with pytest.raises(NotNow):
        await bench.dialler.call(Wanted(PHONE), AGENT, "1001")
    assert bench.journal.last_seq == 0


async def test_a_refused_call_is_over(bench: Bench) -> None:
    bench.pbx.fault = AmiRefused("Permission denied")
    with pytest.raises(OutboundRefused, match="pbx_refused"):
        await bench.dialler.call(Wanted(PHONE), AGENT, "1001")
    await bench.ended("failed")


async def test_after_a_restart_a_call_that_is_gone_is_unknown(bench: Bench) -> None:
    await bench.dialler.call(Wanted(PHONE), AGENT, "1001")
    bench.clock.advance(1)
    bench.dialler.on_up(PbxSnapshot((), frozenset(), bench.clock.now()))
    await bench.ended("unknown")


async def test_a_promise_is_kept_by_a_talk_and_not_by_a_busy_line(bench: Bench) -> None:
    due = bench.clock.now() + 3600
    number = await bench.promises.make(Wanted(PHONE, origin="pbx1-1.1"), due, "告知进展", AGENT)
    await bench.dialler.call(Wanted(PHONE, promise_id=number), AGENT, "1001")
    bench.over("BUSY")
    await bench.ended("busy")
    (still,) = await bench.promises.open()
    assert (still.attempts, still.last_outcome) == (1, "busy")
    await bench.dialler.call(Wanted(PHONE, promise_id=number), AGENT, "1001")
    bench.over("ANSWER", "30", number=2)
    await until(bench.kept, what="the promise to be kept")
    assert await bench.promises.open() == []


async def test_promises_are_listed_by_when_they_are_due(bench: Bench) -> None:
    now = bench.clock.now()
    await bench.promises.make(Wanted(PHONE), now + 7200, "later", AGENT)
    await bench.promises.make(Wanted("010 8888 6666"), now + 60, "soon", COLLEAGUE)
    assert [(one.note, one.phone) for one in await bench.promises.open()] == [
        ("soon", "01088886666"),
        ("later", PHONE),
    ]
    assert [one.note for one in await bench.promises.open("agent1")] == ["later"]


@pytest.mark.parametrize(
    ("phone", "after", "field"),
    [("", 60.0, "phone"), ("不详", 60.0, "phone"), (PHONE, -1.0, "due_at"), (PHONE, 1e8, "due_at")],
)
async def test_a_promise_needs_a_number_and_a_time_to_come(
    bench: Bench, phone: str, after: float, field: str
) -> None:
    with pytest.raises(PromiseFault) as refused:
        await bench.promises.make(Wanted(phone), bench.clock.now() + after, "", AGENT)
    assert list(refused.value.faults) == [field]


async def test_a_promise_is_withdrawn_with_a_reason_and_once(bench: Bench) -> None:
    number = await bench.promises.make(Wanted(PHONE), bench.clock.now() + 60, "", AGENT)
    with pytest.raises(PromiseFault):
        await bench.promises.end(number, "withdrawn", " ", AGENT)
    await bench.promises.end(number, "withdrawn", "市民已来电", AGENT)
    with pytest.raises(NoSuchPromise):
        await bench.promises.end(number, "kept", "", AGENT)
    with pytest.raises(NoSuchPromise):
        await bench.promises.get(number)


async def test_steps_back_and_calls_of_others_are_ignored(bench: Bench) -> None:
    await bench.dialler.call(Wanted(PHONE), AGENT, "1001")
    await bench.desk.progressed("pbx1-ob-1", State.TALKING)
    await bench.desk.progressed("pbx1-ob-1", State.RINGING)
    await bench.desk.progressed("pbx1-ob-9", State.RINGING)
    await bench.desk.ended("pbx1-ob-9", Outcome.BUSY)
    assert len(await bench.journal.read(kinds=[events.OutboundProgressed])) == 1


async def test_a_citizen_who_lost_their_caller_is_promised_another_call_once(
    bench: Bench,
) -> None:
    await bench.dialler.call(Wanted(PHONE, "2026112000001"), AGENT, "1001")
    bench.heard("DialEnd", DialStatus="ANSWER")
    bench.over("ANSWER", "31", lost="1")
    await bench.ended("cut_off")
    (promise,) = await bench.promises.open()
    about = (promise.phone, promise.case_number, promise.made_by, promise.due_at)
    assert about == (PHONE, "2026112000001", AGENT.user_id, bench.clock.now())
    await bench.dialler.call(Wanted(PHONE, None, None, promise.promise_id), AGENT, "1001")
    bench.heard("DialEnd", 2, DialStatus="ANSWER")
    bench.over("ANSWER", "31", number=2, lost="1")
    await until(lambda: _attempted(bench))
    (again,) = await bench.promises.open()
    assert (again.promise_id, again.last_outcome) == (promise.promise_id, "cut_off")


async def _attempted(bench: Bench) -> bool:
    return [one.last_outcome for one in await bench.promises.open()] == ["cut_off"]
