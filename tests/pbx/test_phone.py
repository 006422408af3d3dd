"""The test phones themselves, one against another, with no PBX between them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from hotline.demo.baresip import Account
from hotline.demo.control import PhoneFault
from hotline.demo.phone import BUSY, INCOMING, KEY, Answering, BaresipPhone
from hotline.speech.audio import write_wav
from tests.audio import tone, tone_seconds
from tests.deadline import until

CITIZEN = Account("13800138000", "张 三")
STAFF = Account("2001")


@pytest.fixture
async def phones(tmp_path: Path) -> AsyncIterator[tuple[BaresipPhone, BaresipPhone]]:
    """A citizen's phone that says 440 Hz, and a member of staff's that says 700 Hz."""
    low = tmp_path / "low.wav"
    high = tmp_path / "high.wav"
    write_wav(low, tone(440, 30))
    write_wav(high, tone(700, 30))
    async with (
        BaresipPhone(CITIZEN, low, tmp_path / "citizen") as citizen,
        BaresipPhone(STAFF, high, tmp_path / "staff") as staff,
    ):
        yield citizen, staff


def uri(phone: BaresipPhone, number: str = "2001") -> str:
    return f"sip:{number}@127.0.0.1:{phone.sip_port}"


async def test_both_sides_of_a_call_hear_each_other(
    phones: tuple[BaresipPhone, BaresipPhone],
) -> None:
    citizen, staff = phones
    staff.answering = Answering(after=0.1)
    await citizen.dial(uri(staff))
    rang = await staff.event(INCOMING)
    assert (rang.peer, rang.peer_name) == ("sip:13800138000@127.0.0.1", "张 三")
    await citizen.established()
    await staff.established()
    await until(lambda: tone_seconds(citizen.heard(), 700) > 1)
    await until(lambda: tone_seconds(staff.heard(), 440) > 1)
    assert tone_seconds(citizen.heard(), 440) == 0
    await citizen.hangup()
    await staff.closed()


async def test_keys_arrive_one_by_one_and_in_order(
    phones: tuple[BaresipPhone, BaresipPhone],
) -> None:
    citizen, staff = phones
    staff.answering = Answering(after=0)
    await citizen.dial(uri(staff))
    await citizen.established()
    await citizen.send_keys("2#0")
    assert [(await staff.event(KEY)).detail for _ in range(3)] == ["2", "#", "0"]


async def test_another_source_is_spoken_from_its_start(
    phones: tuple[BaresipPhone, BaresipPhone], tmp_path: Path
) -> None:
    citizen, staff = phones
    staff.answering = Answering(after=0)
    await citizen.dial(uri(staff))
    await citizen.established()
    short = tmp_path / "short.wav"
    write_wav(short, tone(1000, 1))
    await citizen.set_source(short)
    await until(lambda: tone_seconds(staff.heard(), 1000) > 0.7)
    await until(lambda: tone_seconds(citizen.heard(), 700) > 3)
    assert tone_seconds(staff.heard(), 1000) < 1.3
    assert citizen.calls, "the end of the file must not end the call"


async def test_a_busy_phone_refuses(phones: tuple[BaresipPhone, BaresipPhone]) -> None:
    citizen, staff = phones
    staff.answering = BUSY
    await citizen.dial(uri(staff))
    assert "486" in (await citizen.closed()).detail


async def test_a_phone_takes_any_number_and_can_call_again(
    phones: tuple[BaresipPhone, BaresipPhone],
) -> None:
    citizen, staff = phones
    staff.answering = Answering(after=0)
    for number in ("13912345678", "5551"):
        await citizen.dial(uri(staff, number))
        await citizen.established()
        await citizen.hangup()
        await citizen.closed()
        await staff.closed()


async def test_an_event_that_does_not_come_says_what_did(
    phones: tuple[BaresipPhone, BaresipPhone],
) -> None:
    citizen, staff = phones
    await citizen.dial(uri(staff))
    with pytest.raises(PhoneFault, match=r"phone 13800138000: no CALL_ESTABLISHED.*CALL_RINGING"):
        await citizen.established(within=1)


def test_a_name_cannot_break_out_of_the_account() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Account("1001", 'x" <sip:2002@127.0.0.1>').line()


_PARENT = """
import asyncio, sys
from pathlib import Path
from hotline.demo.baresip import Account
from hotline.demo.phone import BaresipPhone

async def main() -> None:
    phone = BaresipPhone(Account("1"), Path(sys.argv[1]), Path(sys.argv[2]))
    await phone.start()
    print("ready", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_phone_dies_with_its_parent(tmp_path: Path) -> None:
    wav = tmp_path / "tone.wav"
    write_wav(wav, tone(440, 1))
    folder = tmp_path / "phone"
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PARENT, str(wav), str(folder)), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    assert await asyncio.wait_for(parent.stdout.readline(), 20) == b"ready\n"
    children = psutil.Process(parent.pid).children(recursive=True)
    assert len(children) == 1
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    await until(lambda: not children[0].is_running() or children[0].status() == "zombie")
