"""What a caller hears and is asked: the real flow, loop and session; only the wire is played."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC
from pathlib import Path

import pytest

from hotline import events
from hotline.callers.priority import Priority
from hotline.calls import model
from hotline.calls.service import CallService
from hotline.handover.connecting import Connecting
from hotline.handover.targets import Targets
from hotline.ivr import acts
from hotline.ivr.facts import Caller
from hotline.ivr.flow import FlowRules, InboundFlow
from hotline.ivr.guide import Settings, Settlement, Surroundings
from hotline.ivr.line import Clip
from hotline.ivr.model import PublishedFlow
from hotline.ivr.pieces import Piece, Prompt
from hotline.ivr.reading import read_flow
from hotline.ivr.library import shipped_flows
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.telephony.agi import AgiConnection, Environment
from hotline.telephony.session import AgiSession
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


def flow(
    calls: CallService, clock: HandClock, folder: Path, *, is_open: bool = True
) -> InboundFlow:
    settings = Settings("hotline", LEASE_S, 180, 6, folder, offer_report=True)
    connecting = Connecting(Targets((), has_trunk=False), NoHint(), 30)
    around = Surroundings(
        calls, absent_pbx(clock), clock, Voice(), nobody, usual, connecting, settings
    )
    shipped = PublishedFlow("default", 0, read_flow(shipped_flows()["default"]))
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


async def reported(inbound: InboundFlow, calls: CallService, spoken: bool) -> Line:
    """Ask for a report, record it, and come back with it."""
    first = await visit(inbound, Line())
    path = Path(first.variables["HOTLINE_REPORT"]).with_suffix("")
    wav = Path(f"{first.variables['HOTLINE_REPORT']}.wav")
    assert path.parent.is_dir()
    speak(wav) if spoken else write(wav, silence(2))
    return await visit(inbound, Line("report", "DTMF", first.variables["HOTLINE_REF"]))


@pytest.fixture
def closed(calls: CallService, clock: HandClock, tmp_path: Path) -> InboundFlow:
    return flow(calls, clock, tmp_path, is_open=False)


async def test_a_report_is_confirmed(closed: InboundFlow, calls: CallService) -> None:
    line = await reported(closed, calls, spoken=True)
    assert line.prompts == ["report-saved", "goodbye"]
    assert line.variables["HOTLINE_NEXT"] == "done"


async def test_who_says_nothing_is_asked_once_more_and_then_let_go(
    closed: InboundFlow, calls: CallService
) -> None:
    again = await reported(closed, calls, spoken=False)
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
