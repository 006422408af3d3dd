"""What a caller hears and is asked: the real flow, loop and session; only the wire is played."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from hotline import events
from hotline.callers.priority import Priority
from hotline.calls import model
from hotline.calls.service import CallService
from hotline.config import HandoverTarget
from hotline.handover import model as handover
from hotline.handover.connecting import Connecting
from hotline.handover.targets import Targets
from hotline.ivr import acts
from hotline.ivr.facts import Caller
from hotline.ivr.flow import FlowRules, InboundFlow
from hotline.ivr.library import shipped_flows
from hotline.ivr.line import Clip
from hotline.ivr.model import PublishedFlow
from hotline.ivr.pieces import Piece, Prompt
from hotline.ivr.reading import read_flow
from hotline.ivr.report_desk import ReportDesk
from hotline.ivr.surroundings import Settings, Settlement, Surroundings
from hotline.registry.model import Case, NoSuchReport
from hotline.speech.ears import Ears
from hotline.speech.listening import Listener
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.telephony.agi import AgiConnection, Environment
from hotline.telephony.audiosocket import Sink
from hotline.telephony.overhearing import Deaf
from hotline.telephony.session import AgiSession
from hotline.waiting.estimate import Outlook
from hotline.waiting.model import Place
from hotline.waiting.telling import Choices
from tests.databases import HandClock, sqlite_copy
from tests.deadline import until
from tests.unit.calls.house import CALL, absent_pbx, calls_of, silence, speak, write

LEASE_S = 15.0


class Line:
    """Asterisk's end of a session: says yes to every command, except to those that it holds."""

    def __init__(self, stage: str = "start", outcome: str = "", ref: str = "") -> None:
        arguments = (stage, outcome, "", ref, "12319", "")
        told = [f"agi_arg_{n}: {text}" for n, text in enumerate(arguments, 1)]
        told += ["agi_uniqueid: 1.1", "agi_channel: PJSIP/citizens-1"]
        told += ["agi_callerid: 13800138000", "agi_calleridname: unknown"]
        self._connection = AgiConnection()
        (environment,) = self._connection.receive("\n".join([*told, "", ""]).encode())
        assert isinstance(environment, Environment)
        self.session = AgiSession(environment, self._connection, self._hear)
        self.said: list[str] = []
        self.held: str | None = None

    def _hear(self, data: bytes) -> None:
        command = data.decode().strip()
        self.said.append(command)
        if self.held is None or self.held not in command:
            asyncio.get_running_loop().call_soon(self._answer, "0")

    def _answer(self, result: str) -> None:
        for event in self._connection.receive(f"200 result={result}\n".encode()):
            self.session.take(event)

    def release(self) -> None:
        """The prompt that is playing comes to its end."""
        self.held = None
        self._answer("0")

    @property
    def prompts(self) -> list[str]:
        """What the caller heard, in order."""
        played = [c.split()[2].strip('"') for c in self.said if c.startswith("EXEC")]
        return [Path(path).name for paths in played for path in paths.split("&")]

    @property
    def variables(self) -> dict[str, str]:
        """What the dialplan was told."""
        told = [c.split(maxsplit=3)[2:] for c in self.said if c.startswith("SET VARIABLE")]
        return {name.strip('"'): value.strip('"') for name, value in told}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def journal(tmp_path: Path, clock: HandClock) -> AsyncIterator[Journal]:
    database = Database(sqlite_copy(tmp_path / "hotline.db"))
    opened = Journal(database, clock)
    await opened.open()
    yield opened
    await database.close()


@pytest.fixture
async def calls(journal: Journal, clock: HandClock, tmp_path: Path) -> AsyncIterator[CallService]:
    async with calls_of(journal, clock, tmp_path) as made:
        yield made


class Voice:
    """Prompts of a second each."""

    async def clips(self, pieces: Sequence[Piece], language: str) -> Sequence[Clip]:
        names = [piece.name for piece in pieces if isinstance(piece, Prompt)]
        return [Clip(f"/prompts/{language}/{name}", 1.0) for name in names]


class NoHint:
    """Nothing to be told."""

    async def hint_files(self, calling: str, note: str) -> list[str]:
        return []


async def nobody(caller: Caller, matter: acts.Matter) -> Settlement:
    raise LookupError(caller.call_id)


async def usual(caller: Caller, matter: acts.ToQueue, kept: Mapping[str, str]) -> Priority:
    return Priority()


class Nobody:
    """Nobody is listened to."""

    async def begin(self, channel: str, sink: Sink) -> uuid.UUID:
        raise Deaf(channel)

    def end(self, identity: uuid.UUID) -> None:
        raise AssertionError(identity)


class NoCases:
    """No case is opened in time."""

    async def open_from_report(self, report_id: str) -> Case:
        raise NoSuchReport(report_id)


class Unforeseen:
    """Nobody knows how long anybody waits."""

    def outlook(self, call_id: str) -> Outlook | None:
        """Unknown."""
        return None

    def choices(self, call_id: str) -> Choices:
        """A report, as ever."""
        return Choices(report=True)


def flow(
    calls: CallService,
    clock: HandClock,
    folder: Path,
    *,
    is_open: bool = True,
    text: str = "",
    targets: tuple[HandoverTarget, ...] = (),
    voice: Voice | None = None,
) -> InboundFlow:
    settings = Settings("hotline", LEASE_S, 180, 6, folder)
    connecting = Connecting(Targets(targets, has_trunk=True), NoHint(), 30)
    reports = ReportDesk(
        calls=calls,
        cases=NoCases(),
        clock=clock,
        recordings=folder,
        sends_messages=lambda number: False,
    )
    around = Surroundings(
        calls=calls,
        pbx=absent_pbx(clock),
        clock=clock,
        voice=voice or Voice(),
        settle=nobody,
        rank=usual,
        familiar=lambda _caller: (),
        connecting=connecting,
        reports=reports,
        listener=Listener(
            clock=clock, ears=Ears(clock, ""), overhearer=Nobody(), language="zh", on=False
        ),
        settings=settings,
        waits=Unforeseen(),
    )
    shipped = PublishedFlow("default", 0, read_flow(text or shipped_flows()["default"]))
    facts = {"hotline.report_key": "2", "queue.hotline.open": is_open}
    rules = FlowRules(
        node="pbx1",
        zone=UTC,
        language="zh",
        snapshot=lambda: {"default": shipped},
        entry=lambda called: "default",
        sources={
            first: lambda name, now, caller: facts.get(name) for first in ("queue", "hotline")
        },
    )
    return InboundFlow(around, rules)


@pytest.fixture
def inbound(calls: CallService, clock: HandClock, tmp_path: Path) -> InboundFlow:
    return flow(calls, clock, tmp_path)


def later(clock: HandClock) -> bool:
    """Let half a second pass."""
    clock.advance(0.5)
    return True


async def visit(inbound: InboundFlow, line: Line) -> Line:
    await asyncio.wait_for(inbound(line.session), 10)
    return line


async def kinds(journal: Journal) -> list[str]:
    return [record.event.kind for record in await journal.read(call_id=CALL)]


async def test_a_caller_hears_who_answers_and_is_dialled_to_the_agent(
    inbound: InboundFlow, journal: Journal, tmp_path: Path
) -> None:
    line = await visit(inbound, Line())
    assert line.prompts == ["greeting", "recording-notice"]
    assert line.variables["HOTLINE_NEXT"] == "dial"
    assert line.variables["HOTLINE_DIAL"] == "PJSIP/1001"
    assert line.variables["HOTLINE_REF"] == f"{CALL}/1"
    assert Path(line.variables["HOTLINE_RECORDING"]).is_relative_to(tmp_path / "talks")
    arrived = (await journal.read(call_id=CALL))[0].event
    assert isinstance(arrived, events.CallArrived)
    assert (arrived.called, arrived.calling, arrived.calling_name) == ("12319", "13800138000", "")


async def test_out_of_hours_a_report_is_asked_for_and_nobody_is_rung(
    calls: CallService, clock: HandClock, journal: Journal, tmp_path: Path
) -> None:
    line = await visit(flow(calls, clock, tmp_path, is_open=False), Line())
    assert line.variables["HOTLINE_NEXT"] == "report"
    prompt = line.variables["HOTLINE_REPORT_PROMPT"]
    assert prompt == "/prompts/zh/out-of-hours&/prompts/zh/report-please"
    assert "CallOffered" not in await kinds(journal)


async def test_a_waiting_caller_is_held_only_as_long_as_we_live(
    calls: CallService, inbound: InboundFlow, clock: HandClock
) -> None:
    await calls.tell(model.AgentAsks("agent1", "paused", "rest"))
    line, began = Line(), clock.now()
    visiting = asyncio.ensure_future(visit(inbound, line))
    await until(calls.core.engine.waiting, every=0.001)
    lease = f'SET VARIABLE "TIMEOUT(absolute)" "{LEASE_S:.0f}"'
    await until(lambda: later(clock) and line.said.count(lease) == 3, every=0.002)
    assert clock.now() - began <= 3 * LEASE_S
    line.session.leave(told=True)
    await visiting


async def test_who_is_told_something_while_waiting_is_held_afterwards_too(
    calls: CallService, inbound: InboundFlow, clock: HandClock
) -> None:
    await calls.tell(model.AgentAsks("agent1", "paused"))
    line = Line()
    visiting = asyncio.create_task(visit(inbound, line))
    line.held = "offer-report"
    await until(lambda: later(clock) and "offer-report" in line.prompts, every=0.002)
    # While it plays the moment passes at which the lease would be renewed.
    for _ in range(int(LEASE_S)):
        clock.advance(1.0)
        await asyncio.sleep(0.002)
    line.release()
    before = leases(line)
    for _ in range(int(LEASE_S)):
        await asyncio.sleep(0.002)
        clock.advance(1.0)
    assert leases(line) > before
    line.session.leave(told=True)
    await visiting


def leases(line: Line) -> int:
    return sum("TIMEOUT(absolute)" in command for command in line.said)


async def test_a_caller_who_hangs_up_while_waiting_ends_the_visit_quietly(
    calls: CallService, inbound: InboundFlow
) -> None:
    await calls.tell(model.AgentAsks("agent1", "paused", "rest"))
    line = Line()
    visiting = asyncio.ensure_future(visit(inbound, line))
    await until(calls.core.engine.waiting, every=0.001)
    line.session.leave(told=True)
    await visiting
    assert "HOTLINE_NEXT" not in line.variables


async def test_a_session_that_comes_after_the_hang_up_begins_no_call(
    inbound: InboundFlow, journal: Journal
) -> None:
    inbound.gone(CALL)
    line = await visit(inbound, Line("dial", "ANSWER"))
    assert line.said == []
    assert await journal.read(kinds=[events.CallArrived]) == []


async def test_who_wants_a_second_callback_to_a_number_is_told_and_waits_on(
    calls: CallService, inbound: InboundFlow
) -> None:
    kept = model.Call("pbx1-kp-9.9", "", "12319", "13800138000", "", 0.0)
    kept.place = Place("pbx1-9.9", "13800138000", 0.0, step="dialling")
    calls.core.calls[kept.call_id] = kept
    calls.core.rules = replace(calls.core.rules, keeps=True)
    await calls.tell(model.AgentAsks("agent1", "paused", "rest"))
    line = Line()
    visiting = asyncio.ensure_future(visit(inbound, line))
    await until(calls.core.engine.waiting, every=0.001)
    await calls.tell(model.KeySeen(CALL, "1"))
    await until(lambda: line.prompts[-1:] == ["place-known"], every=0.001)
    assert [row.call_id for row in calls.core.engine.waiting()] == [CALL]
    line.session.leave(told=True)
    await visiting


async def test_a_key_during_a_prompt_leads_to_a_report(
    calls: CallService, inbound: InboundFlow, journal: Journal
) -> None:
    line = Line()
    line.held = "greeting"
    visiting = asyncio.ensure_future(visit(inbound, line))
    await until(lambda: line.prompts == ["greeting"], every=0.001)
    await calls.tell(model.KeySeen(CALL, "2"))
    inbound.key(CALL, "2")
    line.release()
    await visiting
    assert line.variables["HOTLINE_NEXT"] == "report"
    assert line.prompts == ["greeting"]


async def test_a_key_before_the_first_visit_counts_though_a_thousand_others_press_keys_too(
    calls: CallService, inbound: InboundFlow, journal: Journal
) -> None:
    for key in "12":
        await calls.tell(model.KeySeen(CALL, key))
        inbound.key(CALL, key)
    for number in range(1000):
        inbound.key(f"pbx1-other.{number}", "1")
    line = Line()
    await visit(inbound, line)
    assert line.variables["HOTLINE_NEXT"] == "report"
    pressed = await journal.read(kinds=[events.KeyPressed])
    assert [record.event for record in pressed] == [events.KeyPressed(CALL, key) for key in "12"]


async def test_after_the_talk_the_caller_rates_it(inbound: InboundFlow, journal: Journal) -> None:
    await visit(inbound, Line())
    line = Line("dial", "ANSWER", f"{CALL}/1")
    line.held = "survey"
    visiting = asyncio.ensure_future(visit(inbound, line))
    await until(lambda: line.prompts == ["survey"], every=0.001)
    inbound.key(CALL, "5")
    line.release()
    await visiting
    assert line.prompts == ["survey", "survey-thanks", "goodbye"]
    assert line.variables["HOTLINE_NEXT"] == "done"
    ratings = [r.event for r in await journal.read(kinds=[events.CallRated])]
    assert ratings == [events.CallRated(CALL, "agent1", 5)]


async def test_a_caller_who_does_not_rate_is_asked_once_more(
    inbound: InboundFlow, journal: Journal, clock: HandClock
) -> None:
    await visit(inbound, Line())
    line = Line("dial", "ANSWER", f"{CALL}/1")
    visiting = asyncio.ensure_future(visit(inbound, line))
    await until(lambda: later(clock) and visiting.done(), every=0.002)
    await visiting
    assert line.prompts == ["survey", "survey-again", "goodbye"]
    assert await journal.read(kinds=[events.CallRated]) == []


async def test_a_fault_ends_the_visit_so_that_the_dialplan_leads_the_caller_on(
    calls: CallService, clock: HandClock, tmp_path: Path
) -> None:
    class Mute(Voice):
        async def clips(self, pieces: Sequence[Piece], language: str) -> list[Clip]:
            raise OSError("the disk with the prompts is gone")

    line = Line()
    with pytest.raises(OSError, match="prompts is gone"):
        await visit(flow(calls, clock, tmp_path, voice=Mute()), line)
    assert "HOTLINE_NEXT" not in line.variables


async def reported(
    inbound: InboundFlow,
    spoken: bool,
    press: Callable[[Line], None] = lambda line: None,
) -> Line:
    """Ask for a report, record it, come back with it, and press what is to be pressed."""
    first = await visit(inbound, Line())
    path = Path(first.variables["HOTLINE_REPORT"]).with_suffix("")
    wav = Path(f"{first.variables['HOTLINE_REPORT']}.wav")
    assert path.parent.is_dir()
    speak(wav) if spoken else write(wav, silence(2))
    line = Line("report", "DTMF", first.variables["HOTLINE_REF"])
    visiting = asyncio.ensure_future(visit(inbound, line))
    if spoken:
        await until(lambda: visiting.done() or "report-choice" in line.prompts, every=0.001)
        press(line)
    return await visiting


@pytest.fixture
def closed(calls: CallService, clock: HandClock, tmp_path: Path) -> InboundFlow:
    return flow(calls, clock, tmp_path, is_open=False)


HEARD_AGAIN = ["report-review", f"{CALL}-r1", "report-choice"]


async def test_a_report_is_heard_again_and_saved_by_key(closed: InboundFlow) -> None:
    line = await reported(closed, True, lambda _: closed.key(CALL, "1"))
    assert line.prompts == [*HEARD_AGAIN, "report-number-later", "report-saved", "goodbye"]
    assert line.variables["HOTLINE_NEXT"] == "done"


async def test_without_a_key_a_report_is_saved(
    closed: InboundFlow, clock: HandClock, journal: Journal
) -> None:
    visiting = asyncio.ensure_future(reported(closed, True))
    await until(lambda: later(clock) and visiting.done(), every=0.002)
    assert (await visiting).prompts[-2:] == ["report-saved", "goodbye"]
    assert "ReportRecorded" in await kinds(journal)


async def test_a_report_is_spoken_again_into_a_new_file_or_added_to_the_same(
    closed: InboundFlow,
) -> None:
    again = (await reported(closed, True, lambda _: closed.key(CALL, "2"))).variables
    assert (again["HOTLINE_NEXT"], again["HOTLINE_REF"]) == ("report", f"{CALL}/r2")
    assert again["HOTLINE_REPORT"].endswith(f"{CALL}-r2")
    assert again["HOTLINE_REPORT_ADD"] == ""
    speak(Path(f"{again['HOTLINE_REPORT']}.wav"))
    line = Line("report", "DTMF", f"{CALL}/r2")
    visiting = asyncio.ensure_future(visit(closed, line))
    await until(lambda: "report-choice" in line.prompts, every=0.001)
    closed.key(CALL, "3")
    added = (await visiting).variables
    assert added["HOTLINE_REPORT"] == again["HOTLINE_REPORT"]
    assert added["HOTLINE_REPORT_ADD"] == "a"
    assert added["HOTLINE_REPORT_PROMPT"] == "/prompts/zh/report-go-on"


async def test_a_hang_up_during_the_review_keeps_the_report(
    closed: InboundFlow, calls: CallService, journal: Journal
) -> None:
    await reported(closed, True, lambda line: line.session.leave(told=True))
    await calls.tell(model.CallerGone(CALL, "Normal Clearing"))
    await until(lambda: calls.done_with(CALL))
    assert "ReportRecorded" in await kinds(journal)


async def test_who_asks_for_a_person_during_the_review_gets_one_and_keeps_the_report(
    calls: CallService, inbound: InboundFlow, journal: Journal
) -> None:
    await calls.tell(model.AgentAsks("agent1", "paused", "rest"))
    waiting = Line()
    visiting = asyncio.ensure_future(visit(inbound, waiting))
    await until(calls.core.engine.waiting, every=0.001)
    await calls.tell(model.KeySeen(CALL, "2"))
    asked = (await visiting).variables
    speak(Path(f"{asked['HOTLINE_REPORT']}.wav"))
    line = Line("report", "DTMF", asked["HOTLINE_REF"])
    visiting = asyncio.ensure_future(visit(inbound, line))
    await until(lambda: "report-choice" in line.prompts, every=0.001)
    inbound.key(CALL, "0")
    await until(calls.core.engine.waiting, every=0.001)
    assert "ReportRecorded" in await kinds(journal)
    line.session.leave(told=True)
    await visiting


async def test_what_could_not_be_written_is_told_as_such(
    closed: InboundFlow, journal: Journal, clock: HandClock
) -> None:
    first = await visit(closed, Line())
    line = Line("report", "ERROR", first.variables["HOTLINE_REF"])
    visiting = asyncio.ensure_future(visit(closed, line))
    await until(lambda: later(clock) and visiting.done(), every=0.002)
    assert line.prompts[0] == "report-failed"
    ended = [r.event for r in await journal.read(kinds=[events.ReportEmpty])]
    assert [e.because for e in ended if isinstance(e, events.ReportEmpty)] == ["unsaved"]


async def test_who_says_nothing_is_asked_once_more_and_then_let_go(
    closed: InboundFlow,
) -> None:
    again = await reported(closed, spoken=False)
    assert again.prompts == ["report-empty"]
    assert again.variables["HOTLINE_NEXT"] == "report"
    last = await visit(closed, Line("report", "SILENCE", again.variables["HOTLINE_REF"]))
    assert last.prompts == ["report-empty", "goodbye"]
    assert last.variables["HOTLINE_NEXT"] == "done"


async def test_a_report_that_we_do_not_know_is_left_to_the_dialplan(
    inbound: InboundFlow,
) -> None:
    line = await visit(inbound, Line("report", "DTMF", f"{CALL}/r1"))
    assert line.prompts == []
    assert "HOTLINE_NEXT" not in line.variables


DANGER = """
flow: default
title: {zh: 试}
languages: [zh]
start: police
person: wait
nodes:
  police: {kind: transfer, target: "110", hint: {zh: 落水}, done: bye, failed: wait}
  wait: {kind: queue, queue: hotline, talked: bye, nobody: bye, asked: bye}
  bye: {kind: goodbye}
"""
POLICE = HandoverTarget(code="110", zh="110 报警", en="110 Police", number="110")


@pytest.mark.parametrize(("outcome", "verb"), [("ANSWER", "done"), ("NOANSWER", "dial")])
async def test_a_flow_connects_a_caller_with_a_service_or_with_a_person(
    calls: CallService, clock: HandClock, tmp_path: Path, outcome: str, verb: str
) -> None:
    inbound = flow(calls, clock, tmp_path, text=DANGER, targets=(POLICE,))
    line = await visit(inbound, Line())
    assert line.prompts == ["handover-connecting", "handover-hold"]
    told = line.variables
    assert (told["HOTLINE_NEXT"], told["HOTLINE_TRANSFER"]) == ("transfer", "PJSIP/110@trunk")
    assert Path(told["HOTLINE_RECORDING"]).is_relative_to(tmp_path / "talks")
    back = await visit(inbound, Line("transfer", outcome, told["HOTLINE_REF"]))
    assert back.variables["HOTLINE_NEXT"] == verb


async def test_a_service_that_is_not_configured_any_more_is_replaced_by_a_person(
    calls: CallService, clock: HandClock, tmp_path: Path
) -> None:
    line = await visit(flow(calls, clock, tmp_path, text=DANGER), Line())
    assert line.variables["HOTLINE_NEXT"] == "dial"


async def test_a_caller_whom_nobody_takes_after_the_agent_left_is_told_and_waits_again(
    calls: CallService, inbound: InboundFlow, journal: Journal
) -> None:
    await visit(inbound, Line())
    await calls.tell(model.DialAnswered(CALL, "PJSIP/1001-1"))
    wanted = handover.AgentHandsOver("agent1", CALL, "110", handover.Mode.BLIND, "", 30)
    await calls.tell(wanted)
    line = Line("dial", "ANSWER", f"{CALL}/1")
    visiting = asyncio.ensure_future(visit(inbound, line))
    await until(lambda: "HOTLINE_TALKED" in line.variables, every=0.001)
    calls.post(handover.ThirdGone(handover.third_of(f"{CALL}/h1"), "17"))
    await until(lambda: "handover-failed" in line.prompts, every=0.001)
    await until(calls.core.engine.waiting, every=0.001)
    assert calls.core.engine.waiting()[0].priority > 0
    assert line.variables["HOTLINE_TALKED"] == "0"
    ended = (await journal.read(kinds=[events.HandoverEnded]))[0].event
    assert ended == events.HandoverEnded(CALL, f"{CALL}/h1", "busy")
    line.session.leave(told=True)
    await visiting
