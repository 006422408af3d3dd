from __future__ import annotations

import asyncio
import inspect
import wave
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hotline import events
from hotline.callback.dialler import CallbackDialler, DialSettings
from hotline.callback.model import CallbackRefused
from hotline.callback.service import CallbackDesk
from hotline.storage.journal import Journal
from hotline.telephony.ami import AmiEvent, AmiLost, AmiRefused
from hotline.telephony.pbx import Pbx
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot
from tests.databases import CITY, HandClock
from tests.deadline import until
from tests.unit.callback.closing import COLLEAGUE, STAFF, Closing


@dataclass
class FakePbx:
    """Notes what it is asked to dial; ``fault`` is raised after that."""

    dialled: list[dict[str, object]] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    fault: Exception | None = None

    async def originate(
        self,
        channel_id: str,
        endpoint: str,
        context: str,
        extension: str,
        *,
        ring_seconds: float,
        caller_id: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.dialled.append(
            {
                "channel_id": channel_id,
                "endpoint": endpoint,
                "to": (context, extension),
                "ring_seconds": ring_seconds,
                "caller_id": caller_id,
                **(variables or {}),
            }
        )
        if self.fault is not None:
            raise self.fault

    async def hang_up(self, channel: str, cause: str = "") -> bool:
        self.hung_up.append(channel)
        if self.fault is not None:
            raise self.fault
        return True

    async def set_aside(self, channel: str) -> None:
        self.held.append(channel)

    async def bring_back(self, channel: str) -> None:
        self.held.remove(channel)

    async def get_variable(self, channel: str, name: str) -> str | None:
        raise NotImplementedError

    async def legs(self, channel: str) -> tuple[str, str] | None:
        raise NotImplementedError

    async def bring(self, channel: str, citizen: str, staff: str, number: str) -> bool:
        raise NotImplementedError


def test_the_fake_pbx_is_asked_as_the_real_one() -> None:
    assert inspect.signature(FakePbx.hang_up) == inspect.signature(Pbx.hang_up)
    assert inspect.signature(FakePbx.set_aside) == inspect.signature(Pbx.set_aside)
    assert inspect.signature(FakePbx.bring_back) == inspect.signature(Pbx.bring_back)
    assert inspect.signature(FakePbx.originate) == inspect.signature(Pbx.originate)


@dataclass
class Bench:
    """A dialler that runs, and what it stands on."""

    dialler: CallbackDialler
    pbx: FakePbx
    closing: Closing
    clock: HandClock
    journal: Journal
    recordings: Path
    up: bool = True

    def heard(self, name: str, uniqueid: str, **fields: str) -> None:
        self.dialler.on_event(AmiEvent(name, {"Uniqueid": uniqueid, **fields}))

    def over(self, channel: str, outcome: str, seconds: str = "") -> None:
        said = {"UserEvent": "HotlineCallback", "Outcome": outcome, "Seconds": seconds}
        self.heard("UserEvent", channel, **said)
        self.heard("Hangup", channel)

    async def state(self, task_id: int) -> tuple[str, str | None]:
        row = await self.closing.row(task_id)
        return row.state, row.last_outcome

    async def becomes(self, task_id: int, state: str, outcome: str | None = None) -> None:
        async def is_so() -> bool:
            return await self.state(task_id) == (state, outcome)

        await until(is_so, what=f"{state}, {outcome}")

    async def written(self, kind: type[events.Event]) -> list[events.Event]:
        await until(lambda: self._has(kind), what=kind.__name__)
        return [record.event for record in await self.journal.read(kinds=[kind])]

    async def _has(self, kind: type[events.Event]) -> bool:
        return bool(await self.journal.read(kinds=[kind]))


@pytest.fixture
async def bench(
    desk: CallbackDesk, closing: Closing, clock: HandClock, journal: Journal, tmp_path: Path
) -> AsyncIterator[Bench]:
    pbx = FakePbx()
    dialler = CallbackDialler(
        desk=desk,
        pbx=pbx,
        pbx_up=lambda: it.up,
        journal=journal,
        clock=clock,
        settings=DialSettings("pbx1", "12319", 20.0, tmp_path, CITY, has_trunk=True),
    )
    it = Bench(dialler, pbx, closing, clock, journal, tmp_path)
    running = asyncio.create_task(dialler.run())
    yield it
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def snapshot(at: float, *channels: ChannelInfo) -> PbxSnapshot:
    return PbxSnapshot(channels, frozenset(), at)


def channel(
    uniqueid: str, application: str = "Dial", bridge_id: str = "", **variables: str
) -> ChannelInfo:
    return ChannelInfo(
        channel="Local/2001@callback-staff-00000001;1",
        uniqueid=uniqueid,
        linkedid=uniqueid,
        context="callback",
        extension="s",
        application=application,
        data="",
        state="Up",
        caller_number="",
        caller_name="",
        bridge_id=bridge_id,
        seconds=5.0,
        variables=variables,
    )


async def test_staffs_own_phone_is_rung_with_all_the_dialplan_needs(bench: Bench) -> None:
    task_id = await bench.closing.task()
    await bench.dialler.call(task_id, STAFF, "2001")
    number = (await bench.closing.row(task_id)).case_number
    recording = bench.recordings / "talks/20261120" / f"pbx1-cb-{task_id}-1"
    assert bench.pbx.dialled == [
        {
            "channel_id": f"cb-{task_id}-1",
            "endpoint": "Local/2001@callback-staff/n",
            "to": ("callback", "s"),
            "ring_seconds": 20.0,
            "caller_id": f'"{number}" <12319>',
            "HOTLINE_TASK": str(task_id),
            "HOTLINE_CITIZEN": "13812345678",
            "HOTLINE_RING": "20",
            "HOTLINE_RECORDING": str(recording),
        }
    ]
    assert recording.parent.is_dir()


async def test_a_talk_is_followed_to_its_end_and_its_recording_checked(bench: Bench) -> None:
    task_id = await bench.closing.task()
    await bench.dialler.call(task_id, STAFF, "2001")
    uniqueid = f"cb-{task_id}-1"
    bench.heard("DialBegin", uniqueid)
    await bench.becomes(task_id, "connecting")
    bench.heard("DialState", uniqueid, DialStatus="RINGING")
    await bench.becomes(task_id, "ringing")
    bench.heard("DialEnd", uniqueid, DialStatus="ANSWER")
    await bench.becomes(task_id, "talking")
    path = bench.recordings / f"talks/20261120/pbx1-{uniqueid}.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 8000 * 12))
    bench.over(uniqueid, "ANSWER", "12")
    await bench.becomes(task_id, "asked", "talked")
    await until(lambda: bool(bench.clock.hands.getDelayedCalls()), what="the file to settle")
    bench.clock.advance(2)
    name = f"talks/20261120/pbx1-{uniqueid}.wav"
    stored = events.RecordingStored(f"pbx1-{uniqueid}", name, 12.0)
    assert await bench.written(events.RecordingStored) == [stored]
    assert (await bench.closing.row(task_id)).recording == name


async def test_a_talk_with_music_in_it_is_whole_without_the_music(bench: Bench) -> None:
    task_id = await bench.closing.task()
    await bench.dialler.call(task_id, STAFF, "2001")
    own = f"cb-{task_id}-1"
    bench.heard("UserEvent", "1763650000.9", UserEvent="HotlineAside", Call=own, Why="cut_off")
    await bench.written(events.TalkHeld)
    bench.clock.advance(30)
    bench.heard("UserEvent", "1763650000.9", UserEvent="HotlineAside", Call=own)
    await bench.written(events.TalkResumed)
    path = bench.recordings / f"talks/20261120/pbx1-{own}.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 8000 * 12))
    bench.over(own, "ANSWER", "42")
    await until(lambda: bool(bench.clock.hands.getDelayedCalls()), what="the file to settle")
    bench.clock.advance(2)
    (stored,) = await bench.written(events.RecordingStored)
    assert stored.data()["seconds"] == 12.0


async def test_a_talk_without_a_recording_is_said_to_have_none(bench: Bench) -> None:
    task_id = await bench.closing.task()
    await bench.dialler.call(task_id, STAFF, "2001")
    bench.over(f"cb-{task_id}-1", "ANSWER", "12")
    await until(lambda: bool(bench.clock.hands.getDelayedCalls()), what="the file to settle")
    bench.clock.advance(2)
    assert len(await bench.written(events.RecordingFailed)) == 1


async def test_staff_who_do_not_answer_leave_the_citizen_in_peace(bench: Bench) -> None:
    task_id = await bench.closing.task()
    await bench.dialler.call(task_id, STAFF, "2001")
    bench.heard("Hangup", f"cb-{task_id}-1", Cause="19")
    await bench.becomes(task_id, "open", "staff_unreachable")
    assert (await bench.closing.row(task_id)).unreached == 0


async def test_a_lost_answer_is_never_dialled_again_and_the_snapshot_tells(bench: Bench) -> None:
    rang, lost = await bench.closing.task(), await bench.closing.task(caller_phone="13900139000")
    bench.pbx.fault = AmiLost("the connection went away")
    await bench.dialler.call(rang, STAFF, "2001")
    await bench.dialler.call(lost, COLLEAGUE, "2002")
    bench.clock.advance(1)
    living = channel(f"cb-{rang}-1", bridge_id="b1")
    bench.dialler.on_up(snapshot(bench.clock.now(), living))
    await bench.becomes(lost, "asked", "unknown")
    assert await bench.state(rang) == ("talking", None)
    assert len(bench.pbx.dialled) == 2


async def test_after_a_restart_calls_that_are_gone_are_unknown_and_others_go_on(
    bench: Bench,
) -> None:
    tasks = [await bench.closing.task(caller_phone=f"1390013900{n}") for n in range(3)]
    for number, task_id in enumerate(tasks):
        by = type(STAFF)(f"callback{number}", "callback")
        await bench.dialler.call(task_id, by, f"200{number}")
    bench.clock.advance(1)
    staff_rings = channel(f"cb-{tasks[1]}-1", application="")
    citizen_is_dialled = channel(f"cb-{tasks[2]}-1")
    bench.dialler.on_up(snapshot(bench.clock.now(), staff_rings, citizen_is_dialled))
    await bench.becomes(tasks[0], "asked", "unknown")
    assert await bench.state(tasks[1]) == ("dialling", None)
    assert await bench.state(tasks[2]) == ("connecting", None)


async def test_a_call_placed_after_the_snapshot_is_not_taken_for_gone(bench: Bench) -> None:
    old, new = await bench.closing.task(), await bench.closing.task(caller_phone="13900139000")
    await bench.dialler.call(old, STAFF, "2001")
    bench.clock.advance(1)
    taken = snapshot(bench.clock.now())
    bench.clock.advance(1)
    await bench.dialler.call(new, COLLEAGUE, "2002")
    bench.dialler.on_up(taken)
    await bench.becomes(old, "asked", "unknown")
    assert await bench.state(new) == ("dialling", None)


async def test_a_refused_call_leaves_the_callback_open(bench: Bench) -> None:
    task_id = await bench.closing.task()
    bench.pbx.fault = AmiRefused("Permission denied")
    with pytest.raises(CallbackRefused, match="pbx_refused"):
        await bench.dialler.call(task_id, STAFF, "2001")
    await bench.becomes(task_id, "open", "failed")


async def test_without_a_phone_a_trunk_or_a_pbx_nothing_is_written_or_dialled(
    bench: Bench, desk: CallbackDesk
) -> None:
    task_id = await bench.closing.task()
    before = bench.journal.last_seq
    with pytest.raises(CallbackRefused, match="no_phone"):
        await bench.dialler.call(task_id, STAFF, None)
    bench.up = False
    with pytest.raises(CallbackRefused, match="pbx_down"):
        await bench.dialler.call(task_id, STAFF, "2001")
    without = CallbackDialler(
        desk=desk,
        pbx=bench.pbx,
        pbx_up=lambda: True,
        journal=bench.journal,
        clock=bench.clock,
        settings=DialSettings("pbx1", "12319", 20.0, bench.recordings, CITY, has_trunk=False),
    )
    with pytest.raises(CallbackRefused, match="no_trunk"):
        await without.call(task_id, STAFF, "2001")
    assert bench.pbx.dialled == []
    assert bench.journal.last_seq == before


async def test_a_recording_that_has_no_folder_keeps_nobody_from_being_called(bench: Bench) -> None:
    (bench.recordings / "talks").write_text("not a folder")
    task_id = await bench.closing.task()
    await bench.dialler.call(task_id, STAFF, "2001")
    assert len(bench.pbx.dialled) == 1


async def test_staff_hang_up_their_own_call_and_no_other(bench: Bench) -> None:
    task_id = await bench.closing.task()
    with pytest.raises(CallbackRefused, match="no_call"):
        await bench.dialler.hang_up(task_id, STAFF)
    await bench.dialler.call(task_id, STAFF, "2001")
    with pytest.raises(CallbackRefused, match="taken"):
        await bench.dialler.hang_up(task_id, COLLEAGUE)
    await bench.dialler.hang_up(task_id, STAFF)
    assert bench.pbx.hung_up == [f"cb-{task_id}-1"]
    bench.pbx.fault = AmiLost("away")
    with pytest.raises(CallbackRefused, match="pbx_down"):
        await bench.dialler.hang_up(task_id, STAFF)
    bench.pbx.fault = None
    bench.over(f"cb-{task_id}-1", "CANCEL")
    await bench.becomes(task_id, "open", "cancelled")
    with pytest.raises(CallbackRefused, match="no_call"):
        await bench.dialler.hang_up(task_id, STAFF)


async def test_staff_let_the_citizen_of_their_own_call_hear_music(bench: Bench) -> None:
    task_id = await bench.closing.task()
    await bench.dialler.call(task_id, STAFF, "2001")
    own = f"cb-{task_id}-1"
    with pytest.raises(CallbackRefused, match="taken"):
        await bench.dialler.hold(task_id, COLLEAGUE)
    await bench.dialler.hold(task_id, STAFF)
    assert bench.pbx.held == [own]
    for _ in range(2):
        bench.heard("UserEvent", "1763650000.9", UserEvent="HotlineAside", Call=own, Why="agent")
    held = await bench.written(events.TalkHeld)
    await bench.dialler.take_back(task_id, STAFF)
    bench.heard("UserEvent", "1763650000.9", UserEvent="HotlineAside", Call=own)
    back = await bench.written(events.TalkResumed)
    call_id = f"pbx1-{own}"
    assert held == [events.TalkHeld(call_id, STAFF.user_id, "agent")]
    assert back == [events.TalkResumed(call_id, STAFF.user_id)]


async def test_music_that_began_and_ended_while_nobody_looked_is_told(bench: Bench) -> None:
    task_id = await bench.closing.task()
    await bench.dialler.call(task_id, STAFF, "2001")
    own = channel(f"cb-{task_id}-1", bridge_id="b1")
    citizen = channel("1763650000.9", bridge_id="b1", HOTLINE_WHY="cut_off")
    bench.dialler.on_up(snapshot(bench.clock.now() + 1, own, citizen))
    (held,) = await bench.written(events.TalkHeld)
    assert held.data()["why"] == "cut_off"
    citizen = channel("1763650000.9", bridge_id="b1")
    bench.dialler.on_up(snapshot(bench.clock.now() + 2, own, citizen))
    assert await bench.written(events.TalkResumed)


async def test_a_citizen_who_lost_their_caller_is_due_for_whoever_is_there(bench: Bench) -> None:
    task_id = await bench.closing.task()
    await bench.dialler.call(task_id, STAFF, "2001")
    bench.heard("DialEnd", f"cb-{task_id}-1", DialStatus="ANSWER")
    said = {"UserEvent": "HotlineCallback", "Outcome": "ANSWER", "Seconds": "31", "Lost": "1"}
    bench.heard("UserEvent", f"cb-{task_id}-1", **said)
    await bench.becomes(task_id, "open", "cut_off")
    row = await bench.closing.row(task_id)
    assert (row.claimed_by, row.unreached) == (None, 0)
