"""The real loop of the calls, with a PBX that never answers."""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from hotline.acd.engine import Engine
from hotline.acd.model import QueueRules
from hotline.calls import model
from hotline.calls.blending import Blending, Work
from hotline.calls.core import CallCore, CallRules
from hotline.calls.service import CallService, CallsThirds
from hotline.handover.model import CallThird
from hotline.replay.storing import EngineLog
from hotline.routing.model import Agent, Queue, RoutingPlan, Skill
from hotline.routing.rules import PlanInForce, Routing
from hotline.speech.audio import TELEPHONE_RATE as RATE
from hotline.storage.journal import Journal
from hotline.telephony.ami import AmiEvent, AmiLink
from hotline.telephony.pbx import Pbx
from hotline.telephony.snapshot import PbxSnapshot
from tests.audio import tone
from tests.databases import CITY, HandClock

CALL = "pbx1-1.1"
REACHED = model.CallReached(CALL, "PJSIP/citizens-1", "12319", "13800138000", "")


def absent_pbx(clock: HandClock) -> Pbx:
    """Every action raises AmiLost: its link was never started."""

    async def up(snapshot: PbxSnapshot) -> None:
        raise AssertionError(snapshot)

    def told(_: AmiEvent | str) -> None:
        raise AssertionError

    return Pbx(
        AmiLink(
            "pbx1",
            host="127.0.0.1",
            port=1,
            user="hotline",
            secret="s",
            clock=clock,
            on_event=told,
            on_up=up,
            on_down=told,
        )
    )


class Unheard:
    """Others are rung, and nothing is heard of them."""

    async def call(self, command: CallThird) -> None:
        """Ring nobody."""


@asynccontextmanager
async def calls_of(
    journal: Journal,
    clock: HandClock,
    recordings: Path,
    thirds: CallsThirds | None = None,
    *,
    engine_log: EngineLog | None = None,
    pace_s: float = 0.0,
) -> AsyncIterator[CallService]:
    """A running loop with one agent, 1001, who is ready; with nobody when it is paced."""
    rules = CallRules("pbx1", "hotline", 20.0, "2", CITY)
    core = CallCore(rules, Engine({"hotline": QueueRules()}))
    made = CallService(
        core=core,
        journal=journal,
        pbx=absent_pbx(clock),
        thirds=thirds or Unheard(),
        clock=clock,
        recordings=recordings,
        min_report_s=1.0,
        engine_log=engine_log,
        pace_s=pace_s,
    )
    await made.start()
    try:
        if not pace_s:
            await made.tell(model.AgentKnown("agent1", "张敏", "1001"))
            await made.tell(model.EndpointSeen("1001", True))
            await made.tell(model.AgentAsks("agent1", "ready"))
        yield made
    finally:
        await made.stop()


@asynccontextmanager
async def blending_of(
    work: Work, journal: Journal, clock: HandClock, recordings: Path
) -> AsyncIterator[tuple[Blending, CallService]]:
    """The same loop, whose agent has the skill that this kind of work is given by."""
    skill = work.kind
    plan = RoutingPlan(
        queues=(Queue(name="hotline", title={"zh": "热线"}, task_spare=0),),
        skills=(Skill(code=skill, title={"zh": "间隙工作"}),),
        agents=(Agent(agent_id="agent1", queues={"hotline": 1}, skills={skill: 1}),),
    )
    async with calls_of(journal, clock, recordings) as calls:
        await calls.tell(PlanInForce(Routing(plan, "hotline")))
        yield Blending(work, calls, journal, clock, skill=skill), calls


def speak(path: Path, seconds: float = 2.0) -> None:
    """A file with a tone in it: somebody who spoke."""
    write(path, tone(440, seconds).tobytes())


def write(path: Path, samples: bytes) -> None:
    """A telephone recording of these samples."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples)


def silence(seconds: float) -> bytes:
    """Nothing at all."""
    return np.zeros(int(RATE * seconds), dtype=np.int16).tobytes()
