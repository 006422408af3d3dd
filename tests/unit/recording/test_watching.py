"""Who speaks too quietly is asked once to speak up; whatever fails, the recording goes on."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

import pytest

from hotline.recording.watching import ReportWatch
from hotline.telephony.ami import AmiEvent, AmiRefused
from hotline.telephony.audiosocket import Sink
from hotline.telephony.overhearing import Deaf
from tests.audio import tone
from tests.deadline import until

CHANNEL = "PJSIP/citizens-1"
QUIET = tone(500, 1.0, level=0.004).astype("<i2").tobytes()
LOUD = tone(500, 1.0).astype("<i2").tobytes()


class House:
    """A PBX of one caller."""

    def __init__(self, *, deaf: bool = False, refuses: bool = False) -> None:
        self.deaf = deaf
        self.refuses = refuses
        self.sinks: dict[uuid.UUID, Sink] = {}
        self.redirected: list[tuple[str, str, str]] = []
        self.watch = ReportWatch(self, self, 0.5)

    async def begin(self, channel: str, sink: Sink) -> uuid.UUID:
        if self.deaf:
            raise Deaf("no room")
        identity = uuid.uuid4()
        self.sinks[identity] = sink
        return identity

    def end(self, identity: uuid.UUID) -> None:
        del self.sinks[identity]

    async def redirect(self, channel: str, context: str, extension: str = "s") -> bool:
        if self.refuses:
            raise AmiRefused("no")
        self.redirected.append((channel, context, extension))
        return True

    def tells(self, step: str, report: str = "r1") -> None:
        fields = {"Channel": CHANNEL, "UserEvent": "HotlineReport", "Step": step, "Report": report}
        self.watch.on_event(AmiEvent("UserEvent", fields))

    async def says(self, samples: bytes) -> None:
        await until(lambda: self.sinks)
        for sink in list(self.sinks.values()):
            sink.speech(samples)


async def test_one_who_is_too_quiet_is_sent_to_the_words_once() -> None:
    house = House()
    house.tells("recording")
    await house.says(QUIET)
    await until(lambda: house.redirected)
    assert house.redirected == [(CHANNEL, "hotline", "louder")]
    assert house.sinks == {}
    # The dialplan goes on recording the same report, and tells so.
    house.tells("recording")
    await house.watch.stop()
    assert house.sinks == {}
    house.tells("recording", "r2")
    await until(lambda: house.sinks)
    await house.watch.stop()


async def test_one_who_is_loud_enough_is_not_disturbed() -> None:
    house = House()
    house.tells("recording")
    await house.says(LOUD)
    house.tells("recorded")
    assert house.sinks == {}
    assert house.redirected == []
    await house.watch.stop()


def over(house: House) -> None:
    house.tells("recorded")


def gone(house: House) -> None:
    house.watch.on_event(AmiEvent("Hangup", {"Channel": CHANNEL}))


@pytest.mark.parametrize("ends", [over, gone])
async def test_the_watch_ends_with_the_recording(ends: Callable[[House], None]) -> None:
    house = House()
    house.tells("recording")
    # Also when it ends before the line is connected.
    ends(house)
    await house.watch.stop()
    assert house.sinks == {}


async def test_without_ears_the_recording_goes_on() -> None:
    house = House(deaf=True)
    house.tells("recording")
    await asyncio.sleep(0)
    house.tells("recorded")
    await house.watch.stop()
    assert house.redirected == []


async def test_with_a_pbx_that_refuses_the_recording_goes_on() -> None:
    house = House(refuses=True)
    house.tells("recording")
    await house.says(QUIET)
    await until(lambda: not house.sinks)
    await house.watch.stop()
    assert house.redirected == []
