"""What the PBX is asked for a handover, and what an agent is told who asks for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hotline import events
from hotline.calls import model
from hotline.calls.service import CallService
from hotline.config import Config, HandoverTarget
from hotline.cti.desk import AgentDesk, NotNow
from hotline.cti.pauses import PauseReasons
from hotline.cti.views import DayCounts, IntervalCounts
from hotline.handover.connecting import Connecting
from hotline.handover.model import (
    CallThird,
    HoldStepped,
    Mode,
    Step,
    ThirdStepped,
    Transfer,
)
from hotline.handover.placing import Thirds
from hotline.handover.targets import NoSuchTarget, NoWay, Targets, dialled
from hotline.ivr.pieces import Piece, Prompt, Read, Said
from hotline.storage.journal import Journal
from hotline.storage.lookups import Lookups
from hotline.storage.tables import UserRow
from hotline.telephony.ami import AmiRefused
from hotline.telephony.pbx import Pbx
from tests.databases import HandClock
from tests.deadline import until
from tests.unit.calls.house import CALL, REACHED, absent_pbx, calls_of

POLICE = HandoverTarget(code="110", zh="110 报警", en="110 Police", number="110", emergency=True)
GARDENS = HandoverTarget(code="yl", zh="园林处", en="Gardens", number="2001", where="extension")
TARGETS = Targets((POLICE, GARDENS), has_trunk=True)
WANTED = CallThird(f"{CALL}/h1", CALL, "PJSIP/citizens-1", "13800138000", "110", "漏气", 30.0)


class Speaker:
    """Each piece is a file that is named after it."""

    async def files(self, pieces: Sequence[Piece], language: str) -> list[str]:
        return [f"/{language}/{_name(piece)}" for piece in pieces]


def _name(piece: Piece) -> str:
    match piece:
        case Prompt(name):
            return name
        case Said(text):
            return text
        case Read(value=value):
            return value


class Exchange(Pbx):
    """Keeps what it was asked to originate."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(absent_pbx(clock)._link)
        self.dialled: list[tuple[str, str, str]] = []
        self.variables: Mapping[str, str] = {}

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
        self.dialled.append((channel_id, endpoint, context))
        self.variables = variables or {}


def thirds(pbx: Pbx, targets: Targets = TARGETS) -> Thirds:
    return Thirds(pbx, targets, Speaker(), language="zh", caller_id="12319")


def hints(variables: Mapping[str, object], prefix: str = "") -> list[object]:
    names = [name for name in variables if name.startswith(f"{prefix}HOTLINE_HINT_")]
    return [variables[name] for name in names]


async def test_who_answers_there_is_told_the_number_and_the_matter(clock: HandClock) -> None:
    pbx = Exchange(clock)
    await thirds(pbx).call(WANTED)
    assert pbx.dialled == [("ho-pbx1-1.1-h1", "PJSIP/110@trunk", "hotline-third")]
    assert pbx.variables["HOTLINE_CALLER"] == "PJSIP/citizens-1"
    assert hints(pbx.variables) == [
        "/zh/handover-hint",
        "/zh/handover-number",
        "/zh/13800138000",
        "/zh/handover-about",
        "/zh/漏气",
        "/zh/handover-go",
        "",
    ]


async def test_a_withheld_number_is_said_to_be_withheld(clock: HandClock) -> None:
    pbx = Exchange(clock)
    await thirds(pbx).call(CallThird("c/h1", "c", "PJSIP/x", "", "yl", "", 30.0))
    assert pbx.dialled[0][1] == "Local/2001@callback-staff/n"
    assert hints(pbx.variables) == [
        "/zh/handover-hint",
        "/zh/handover-withheld",
        "/zh/handover-go",
        "",
    ]


async def test_a_flow_dials_both_phones_of_an_extension(clock: HandClock) -> None:
    connecting = Connecting(TARGETS, thirds(Exchange(clock)), 30)
    verb = Transfer("c/h1", "yl", "", 30.0, "talks/c")
    told = await connecting.variables(verb, "")
    assert told["HOTLINE_TRANSFER"] == "PJSIP/2001&PJSIP/2001-web"
    assert told["_HOTLINE_THIRD"] == "ho-c-h1"
    assert len(hints(told, "_")) == 4
    assert connecting.waiting(verb, "en")[1] == Said("Gardens")


def test_every_shipped_target_can_be_dialled_once_there_is_a_trunk() -> None:
    config = Config.model_validate({"pbx": {"trunk": "sip:192.0.2.1:5060"}})
    for target in Targets.of(config):
        assert Targets.of(config).find(target.code) == target
        assert dialled(target) == f"PJSIP/{target.number}@trunk"
    without = Targets.of(Config())
    with pytest.raises(NoWay):
        without.find("110")
    with pytest.raises(NoSuchTarget):
        without.find("114")


class Refusing:
    """The PBX says no."""

    async def call(self, command: CallThird) -> None:
        raise AmiRefused("no such endpoint")


class NoDay:
    """A day on which nothing happened."""

    def counts(self, now: float) -> DayCounts:
        return DayCounts()

    def intervals(self, now: float) -> tuple[IntervalCounts, ...]:
        return ()


def desk(calls: CallService, journal: Journal, clock: HandClock) -> AgentDesk:
    return AgentDesk(
        calls,
        NoDay(),
        Lookups(journal.database),
        clock,
        lambda: journal.last_seq,
        targets=TARGETS,
        third_ring_s=30,
        reasons=PauseReasons(journal),
    )


async def talk(calls: CallService) -> None:
    await calls.tell(REACHED)
    await calls.tell(model.MayWait(CALL, "hotline"))
    await calls.tell(model.DialAnswered(CALL, "PJSIP/1001-1"))


async def test_an_agent_sees_how_far_the_handover_is(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    async with calls_of(journal, clock, tmp_path) as calls:
        agents = desk(calls, journal, clock)
        with pytest.raises(NotNow, match="no_talk"):
            await agents.hand_over("agent1", CALL, "110", Mode.THREE_WAY, "")
        await talk(calls)
        with pytest.raises(NotNow, match="no_such_target"):
            await agents.hand_over("agent1", CALL, "114", Mode.THREE_WAY, "")
        with pytest.raises(NotNow, match="no_handover"):
            await agents.drop_third("agent1", CALL)
        await agents.hand_over("agent1", CALL, "110", Mode.THREE_WAY, "漏气")
        with pytest.raises(NotNow, match="handover_running"):
            await agents.hand_over("agent1", CALL, "yl", Mode.BLIND, "")
        await calls.tell(ThirdStepped("ho-pbx1-1.1-h1", Step.JOINED))
        pop = await agents.pop(CALL, "agent1")
        assert pop is not None
        assert pop.handover is not None
        assert (pop.handover.target, pop.handover.step) == ("110", "joined")


async def test_a_colleague_is_rung_at_both_phones_and_hears_no_hint(clock: HandClock) -> None:
    pbx = Exchange(clock)
    wanted = replace(WANTED, target="ext:1002", extension="1002")
    await thirds(pbx).call(wanted)
    assert pbx.dialled[0][1] == "Local/1002@callback-staff/n"
    assert hints(pbx.variables) == [""]


async def test_an_agent_finds_colleagues_and_queues_and_what_cannot_be_is_said(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    async with calls_of(journal, clock, tmp_path) as calls:
        await people(journal)
        agents = desk(calls, journal, clock)
        found = await agents.ways("agent1")
        assert [(way.code, way.kind, way.state) for way in found] == [
            ("ext:1002", "agent", "offline"),
            ("ext:2002", "supervisor", ""),
            ("queue:hotline", "queue", ""),
        ]
        with pytest.raises(NotNow, match="no_hold"):
            await agents.hold("agent1", CALL)
        await talk(calls)
        with pytest.raises(NotNow, match="not_held"):
            await agents.take_back("agent1", CALL)
        for target, mode in (("ext:1009", Mode.CONSULT), ("queue:hotline", Mode.BLIND)):
            with pytest.raises(NotNow, match="no_such_target"):
                await agents.hand_over("agent1", CALL, target, mode, "")
        await agents.hand_over("agent1", CALL, "ext:1002", Mode.CONSULT, "核实")
        await calls.tell(HoldStepped(CALL, True))
        view = agents.agent("agent1")
        assert view.on_hold_since == clock.now()
        pop = await agents.pop(CALL, "agent1")
        assert pop is not None
        assert [(line.by, line.to, line.note) for line in pop.story] == [("张敏", "李强", "核实")]


async def people(journal: Journal) -> None:
    """The user list."""
    listed = (
        ("agent1", "张敏", "agent", "1001"),
        ("agent2", "李强", "agent", "1002"),
        ("supervisor", "赵主任", "supervisor", "2002"),
        ("admin", "管理员", "admin", None),
    )
    async with journal.database.writing() as session:
        for user_id, name, role, extension in listed:
            session.add(
                UserRow(
                    user_id=user_id,
                    name=name,
                    role=role,
                    extension=extension,
                    password_hash="",
                    active=True,
                    created_at=0.0,
                )
            )


async def test_a_service_that_the_pbx_cannot_ring_is_told_to_be_unreachable(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    async with calls_of(journal, clock, tmp_path, Refusing()) as calls:
        await talk(calls)
        await desk(calls, journal, clock).hand_over("agent1", CALL, "110", Mode.BLIND, "")
        await until(lambda: calls.core.calls[CALL].handover is None)
        await until(lambda: ended(journal), what="the end in the journal")
    [told] = await journal.read(kinds=[events.HandoverEnded])
    assert told.event == events.HandoverEnded(CALL, f"{CALL}/h1", "unreachable")


async def ended(journal: Journal) -> bool:
    return bool(await journal.read(kinds=[events.HandoverEnded]))
