"""How many files are said in one run, and what stops them."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.ivr.line import RUN_LIMIT, Clip, Line, playable
from hotline.telephony.agi import AgiConnection, Environment
from hotline.telephony.session import AgiSession
from tests.databases import HandClock
from tests.deadline import until
from tests.unit.calls.house import absent_pbx

DEEP = "/srv/a-rather-deep-folder/of-a-city/prompts/zh/n-"
# A case number, read digit by digit and said twice.
NUMBER = [Clip(f"{DEEP}{digit}", 0.3) for digit in "2026112100004" * 4]


class Asterisk:
    """Says yes to every command; ``key`` comes in the first run, whose end may be waited for."""

    def __init__(self, key: str = "\0", *, waits: bool = False) -> None:
        self._key = key
        self._waits = waits
        self._connection = AgiConnection()
        (environment,) = self._connection.receive(b"agi_channel: PJSIP/citizens-1\n\n")
        assert isinstance(environment, Environment)
        self.session = AgiSession(environment, self._connection, self._hear)
        self.runs: list[str] = []

    def _hear(self, data: bytes) -> None:
        if not data.startswith(b"EXEC"):
            asyncio.get_running_loop().call_soon(self.answer, 0)
            return
        self.runs.append(data.decode().split()[2].strip('"'))
        if not self._waits:
            asyncio.get_running_loop().call_soon(self.answer, ord(self._key))

    def answer(self, result: int) -> None:
        for event in self._connection.receive(f"200 result={result}\n".encode()):
            self.session.take(event)


@given(st.lists(st.text("/abc路", min_size=1, max_size=700), max_size=40))
def test_every_file_is_said_once_in_order_in_runs_that_the_wire_carries(paths: list[str]) -> None:
    runs = playable(paths)
    assert [path for run in runs for path in run.split("&")] == paths
    assert all(len(run.encode()) <= RUN_LIMIT or "&" not in run for run in runs)


def line_to(asterisk: Asterisk) -> Line:
    clock = HandClock()
    return Line(asterisk.session, absent_pbx(clock), clock, lease_s=60)


async def test_a_long_reading_from_a_deep_folder_is_said_to_its_end() -> None:
    asterisk = Asterisk()
    assert await line_to(asterisk).play(NUMBER, interruptible=True) == ""
    assert len(asterisk.runs) > 1
    assert "&".join(asterisk.runs).split("&") == [clip.path for clip in NUMBER]


async def test_a_key_ends_the_runs_behind_it_too() -> None:
    asterisk = Asterisk("5")
    assert await line_to(asterisk).play(NUMBER, interruptible=True) == "5"
    assert len(asterisk.runs) == 1


@pytest.mark.parametrize("interruptible", [True, False])
async def test_hushed_between_two_runs_nothing_more_is_said(interruptible: bool) -> None:
    asterisk = Asterisk(waits=True)
    line = line_to(asterisk)
    playing = asyncio.ensure_future(line.play(NUMBER, interruptible=interruptible))
    await until(lambda: bool(asterisk.runs), every=0.0001)
    await line.hush()
    asterisk.answer(0)
    await playing
    assert len(asterisk.runs) == 1
