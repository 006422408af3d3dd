"""The dialplan alone, with a controller that is missing, killed, hung or right."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline.demo.phone import Answering
from hotline.speech.audio import read_wav
from tests.audio import tone_seconds
from tests.deadline import until
from tests.pbx.dialplan_box import AGENT_HZ, CITIZEN_HZ, DialplanBox, StrawSession, heard


@pytest.fixture(scope="module")
async def running_box(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DialplanBox]:
    """One Asterisk with the shipped dialplan for all tests here."""
    async with DialplanBox(tmp_path_factory.mktemp("box")).running() as it:
        yield it


@pytest.fixture
async def box(running_box: DialplanBox) -> AsyncIterator[DialplanBox]:
    """Nobody on the line, no report yet, nobody on duty."""
    running_box.asks.clear()
    yield running_box
    await running_box.rx("channel request hangup all")
    await until(lambda: is_idle(running_box), what="every call has ended")
    await running_box.rx("queue remove member PJSIP/1001 from hotline-fallback")
    shutil.rmtree(running_box.paths.recordings)
    running_box.paths.make_folders()


async def is_idle(box: DialplanBox) -> bool:
    return "0 active channels" in await box.rx("core show channels")


def fallback_reports(box: DialplanBox) -> list[Path]:
    return sorted((box.paths.recordings / "reports" / "fallback").glob("*.wav"))


async def leave_report(box: DialplanBox) -> None:
    """Ring in; the emergency intake must ask, record until #, and say that it is saved."""
    async with box.citizen("张三") as citizen:
        await citizen.dial(box.sip())
        await until(lambda: heard(citizen, "report-please"))
        await until(lambda: fallback_reports(box), what="a recording")
        await asyncio.sleep(1.0)
        await citizen.send_keys("#")
        await until(lambda: heard(citizen, "report-saved"))
        await citizen.closed()
    [report] = fallback_reports(box)
    assert tone_seconds(read_wav(report).samples, CITIZEN_HZ) > 0.5
    about = json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))
    assert about["call_id"] == report.stem
    assert about["call_id"].startswith("pbx1-")
    assert (about["called"], about["calling"]) == ("12319", "13800138000")
    assert about["calling_name"] == "张三"
    assert about["reason"] == "fallback"


async def test_without_any_controller_a_report_is_recorded(box: DialplanBox) -> None:
    await leave_report(box)


async def test_a_controller_killed_in_the_greeting_leaves_the_caller_a_report(
    box: DialplanBox,
) -> None:
    async def greet_and_die(session: StrawSession) -> None:
        session.writer.write(f'STREAM FILE "{box.prompt("greeting")}" ""\n'.encode())
        await asyncio.sleep(0.2)
        session.writer.transport.abort()

    async with box.controller(greet_and_die):
        await leave_report(box)


async def test_a_hung_controller_holds_a_caller_only_for_the_lease(box: DialplanBox) -> None:
    forever = asyncio.Event()

    async def hang(_session: StrawSession) -> None:
        await forever.wait()

    async with box.controller(hang):
        await leave_report(box)
        forever.set()


async def test_a_caller_who_hangs_up_in_the_emergency_report_leaves_it(box: DialplanBox) -> None:
    async with box.citizen() as citizen:
        await citizen.dial(box.sip())
        await until(lambda: fallback_reports(box), what="a recording")
        await asyncio.sleep(1.0)
        await citizen.hangup()
    [report] = fallback_reports(box)
    assert tone_seconds(read_wav(report).samples, CITIZEN_HZ) > 0.5
    assert report.with_suffix(".json").exists()


async def test_a_broken_intake_script_still_records(box: DialplanBox) -> None:
    script = box.paths.agi / "hotline-intake"
    shipped = script.read_text(encoding="utf-8")
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    try:
        async with box.citizen() as citizen:
            await citizen.dial(box.sip())
            await until(lambda: fallback_reports(box), what="a recording")
            await citizen.send_keys("#")
            await until(lambda: heard(citizen, "report-saved"))
    finally:
        script.write_text(shipped, encoding="utf-8")
    [report] = fallback_reports(box)
    assert report.stem.startswith("pbx1-")


async def test_done_hangs_up(box: DialplanBox) -> None:
    async def done(session: StrawSession) -> None:
        await session.tell("done")

    async with box.controller(done), box.citizen() as citizen:
        await citizen.dial(box.sip())
        await citizen.established()
        await citizen.closed()
    [env] = box.asks
    assert env["agi_arg_1"] == "start"
    assert env["agi_arg_5"] == "12319"
    assert not fallback_reports(box)


def dial(box: DialplanBox, recording: Path) -> dict[str, object]:
    return {
        "HOTLINE_DIAL": "PJSIP/1001&PJSIP/1001-web",
        "HOTLINE_RING": 4,
        "HOTLINE_REF": "pbx1-x/1",
        "HOTLINE_RECORDING": recording,
    }


async def test_the_agent_is_dialled_recorded_and_the_outcome_told(box: DialplanBox) -> None:
    recording = box.paths.recordings / "talks" / "20261120" / "talk"
    talked: list[str] = []

    async def offer(session: StrawSession) -> None:
        await session.tell("dial", **dial(box, recording))

    async def rate(session: StrawSession) -> None:
        talked.append(await session.variable("HOTLINE_TALKED"))
        await session.tell("done")

    async with (
        box.controller(offer, rate),
        box.agent(Answering(after=1.0)) as agent,
        box.citizen() as citizen,
    ):
        await citizen.dial(box.sip())
        await agent.established()
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > 1)
        await until(lambda: tone_seconds(agent.heard(), CITIZEN_HZ) > 1)
        await agent.hangup()
        await citizen.closed()
    told = box.asks[1]
    assert (told["agi_arg_1"], told["agi_arg_2"], told["agi_arg_4"]) == (
        "dial",
        "ANSWER",
        "pbx1-x/1",
    )
    assert int(told["agi_arg_3"]) >= 1
    assert talked == ["1"]
    sound = read_wav(recording.with_suffix(".wav")).samples
    assert tone_seconds(sound, CITIZEN_HZ, share=0.3) > 0.8
    assert tone_seconds(sound, AGENT_HZ, share=0.3) > 0.8


async def test_a_phone_nobody_takes_is_told_and_the_caller_is_asked_for_again(
    box: DialplanBox,
) -> None:
    async def offer(session: StrawSession) -> None:
        await session.tell("dial", **dial(box, box.paths.recordings / "talks" / "x"))

    async def finish(session: StrawSession) -> None:
        await session.tell("done")

    async with (
        box.controller(offer, finish),
        box.agent(Answering()),
        box.citizen() as citizen,
    ):
        await citizen.dial(box.sip())
        await citizen.closed(within=30)
    assert box.asks[1]["agi_arg_2"] == "NOANSWER"


async def test_a_controller_killed_in_a_talk_ends_with_goodbye(box: DialplanBox) -> None:
    async def offer(session: StrawSession) -> None:
        await session.tell("dial", **dial(box, box.paths.recordings / "talks" / "y"))

    async with box.agent(Answering(after=0.0)) as agent, box.citizen() as citizen:
        async with box.controller(offer):
            await citizen.dial(box.sip())
            await agent.established()
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > 1)
        await agent.hangup()
        await until(lambda: heard(citizen, "goodbye"))
        await citizen.closed()
    assert not fallback_reports(box)


async def test_agents_last_known_answer_without_a_controller(box: DialplanBox) -> None:
    async with box.agent(Answering(after=0.3)) as agent, box.citizen() as citizen:
        await box.rx("queue add member PJSIP/1001 to hotline-fallback")
        await citizen.dial(box.sip())
        await agent.established()
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > 1)
        await agent.hangup()
        await until(lambda: heard(citizen, "goodbye"))
    [talk] = (box.paths.recordings / "talks").glob("*/pbx1-*.wav")
    assert tone_seconds(read_wav(talk).samples, AGENT_HZ, share=0.3) > 0.8


async def test_a_controller_that_came_back_fetches_a_caller_out_of_the_fallback(
    box: DialplanBox,
) -> None:
    async def done(session: StrawSession) -> None:
        await session.tell("done")

    async with box.agent(Answering()), box.citizen() as citizen:
        await box.rx("queue add member PJSIP/1001 to hotline-fallback")
        await citizen.dial(box.sip())
        await until(lambda: channels(box, "Queue"), what="the caller in the queue")
        [channel] = await channels(box, "Queue")
        async with box.controller(done):
            await box.rx("module load res_clioriginate")
            await box.rx(f"channel redirect {channel} hotline-adopt,s,1")
            await citizen.closed()
    assert [ask["agi_arg_1"] for ask in box.asks] == ["adopt"]


async def channels(box: DialplanBox, application: str) -> list[str]:
    lines = (await box.rx("core show channels concise")).splitlines()
    rows = [line.split("!") for line in lines if "!" in line]
    return [row[0] for row in rows if row[5] == application]


@pytest.mark.parametrize("ending", ["key", "hangup", "silence"])
async def test_a_report_is_kept_however_it_ends(box: DialplanBox, ending: str) -> None:
    report = box.paths.recordings / "reports" / "20261120" / "r1"

    async def ask(session: StrawSession) -> None:
        await session.tell(
            "report",
            HOTLINE_REPORT=report,
            HOTLINE_REPORT_PROMPT=box.prompt("report-please"),
            HOTLINE_REPORT_MAX=8,
            HOTLINE_REPORT_SILENCE=2,
        )

    async def finish(session: StrawSession) -> None:
        await session.tell("done")

    async with box.controller(ask, finish), box.citizen() as citizen:
        await citizen.dial(box.sip())
        await until(lambda: report.with_suffix(".wav").exists(), what="a recording")
        await asyncio.sleep(1.0)
        if ending == "hangup":
            await citizen.hangup()
        elif ending == "key":
            await citizen.send_keys("#")
        else:
            await citizen.set_source(box.quiet())
        if ending != "hangup":
            await citizen.closed(within=30)
            expected = {"key": "DTMF", "silence": "SILENCE"}[ending]
            assert box.asks[1]["agi_arg_1"] == "report"
            assert box.asks[1]["agi_arg_2"] == expected
    sound = read_wav(report.with_suffix(".wav")).samples
    assert tone_seconds(sound, CITIZEN_HZ) > 0.5


async def test_a_kept_report_without_a_controller_is_confirmed(box: DialplanBox) -> None:
    report = box.paths.recordings / "reports" / "r2"

    async def ask(session: StrawSession) -> None:
        await session.tell(
            "report", HOTLINE_REPORT=report, HOTLINE_REPORT_MAX=8, HOTLINE_REPORT_SILENCE=2
        )

    async with box.citizen() as citizen:
        async with box.controller(ask):
            await citizen.dial(box.sip())
            await until(lambda: report.with_suffix(".wav").exists(), what="a recording")
        await asyncio.sleep(0.5)
        await citizen.send_keys("#")
        await until(lambda: heard(citizen, "report-saved"))
        await citizen.closed()
    assert not fallback_reports(box)


async def test_an_unknown_number_is_said_to_be_unknown(box: DialplanBox) -> None:
    async with box.citizen() as citizen:
        await citizen.dial(box.sip("12399"))
        ended = await citizen.closed()
        assert "404" in ended.detail
        assert heard(citizen, "no-such-number")
    assert not box.asks


async def test_a_callback_joins_staff_and_citizen(tmp_path: Path) -> None:
    # Of its own: the globals that stand for the channel's variables cannot be unset.
    async with DialplanBox(tmp_path).running() as box:
        await staff_and_citizen_are_joined(box)


async def staff_and_citizen_are_joined(box: DialplanBox) -> None:
    recording = box.paths.recordings / "talks" / "cb"
    async with (
        box.agent(Answering(after=0.2)) as staff,
        box.citizen(answering=Answering(after=0.5), dialled=True) as citizen,
    ):
        await box.rx("dialplan set global HOTLINE_CITIZEN 138-0013 8000")
        await box.rx("dialplan set global HOTLINE_RING 5")
        await box.rx(f"dialplan set global HOTLINE_RECORDING {recording}")
        await box.rx("module load res_clioriginate")
        await box.rx("channel originate Local/1001@callback-staff/n extension s@callback")
        await citizen.established()
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > 1)
        await until(lambda: tone_seconds(staff.heard(), CITIZEN_HZ) > 1)
        await staff.hangup()
        await citizen.closed()
    assert tone_seconds(read_wav(recording.with_suffix(".wav")).samples, AGENT_HZ, 0.3) > 0.8


INVITE = """\
INVITE sip:{number}@127.0.0.1:{port} SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK{branch}
From: {caller};tag=1
To: <sip:{number}@127.0.0.1:{port}>
Call-ID: {branch}@test
CSeq: 1 INVITE
Contact: <sip:x@127.0.0.1:{own}>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: {length}

"""
SDP = """\
v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 9 RTP/AVP 8
"""


def invite(box: DialplanBox, caller: str, number: str = "12319") -> None:
    """Ring in with a header that no sane phone would send."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sip:
        sip.bind(("127.0.0.1", 0))
        own = sip.getsockname()[1]
        port = box.config.pbx.sip_port
        body = SDP.replace("\n", "\r\n").encode()
        head = INVITE.format(
            number=number, port=port, own=own, branch=own, caller=caller, length=len(body)
        )
        sip.sendto(head.replace("\n", "\r\n").encode() + body, ("127.0.0.1", port))


async def test_what_a_caller_chooses_cannot_break_out(box: DialplanBox) -> None:
    kept = asyncio.Event()

    async def look(session: StrawSession) -> None:
        await session.tell("done")
        kept.set()

    name = r'"张三 \"quoted\" 😀 ,${SHELL(touch /tmp/x)} $[1+1]"'
    async with box.controller(look):
        invite(box, f"{name} <sip:138%0Aagi_arg_1%3A%20dial%0A00138000@127.0.0.1>")
        await asyncio.wait_for(kept.wait(), 10)
    [env] = box.asks
    assert env["agi_arg_1"] == "start"
    assert env["agi_callerid"] == "138100138000"
    assert "${SHELL(touch /tmp/x)} $[1+1]" in env["agi_calleridname"]
    assert "😀" in env["agi_calleridname"]
