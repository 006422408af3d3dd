"""``python -m tests.every_leg``: each thing an agent can do with a caller, on real telephones, with
the audio of every leg held against the journal's timeline.

Prints JSON: which legs heard each other, and by how many seconds recordings and journal differ at
most. Ends with 1 when an action fails.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hotline.config import HandoverSection, HandoverTarget
from hotline.demo.desk import DeskFault
from hotline.demo.phone import INCOMING, Answering, BaresipPhone
from tests.deadline import until
from tests.listening import Agreed, Listening, timeline_compared
from tests.pbx.test_call_control import colleague, do, hears_music, undo
from tests.pbx.test_handover import THIRD_HZ, heard_on_all_legs, hears
from tests.system import AGENT_HZ, CITIZEN_HZ, HotlineSystem
from tests.talks import Talk, hear_each_other, talking

PICKS_UP = Answering(after=0.3)
NAMES = {
    "agent1": "agent",
    "agent2": "colleague",
    "ext:1002": "colleague",
    **dict.fromkeys(("110", "12345", "water"), "service"),
}
# A department is what the hotline's file says, beside the services that every hotline has.
WATER = HandoverTarget(code="water", zh="自来水公司", en="Waterworks", number="66001234")
SERVICES = {"service": "110", "12345": "12345", "department": WATER.number}
SETTINGS = {
    "handover": {"targets": [one.model_dump() for one in (*HandoverSection().targets, WATER)]}
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A talk, and somebody else who may come into it."""

    system: HotlineSystem
    talk: Talk
    third: BaresipPhone
    them: Listening
    take: Callable[[str], Awaitable[Any]]
    target: str
    see: Callable[[], Awaitable[Any]] | None = None

    async def hand_over(self, mode: str, target: str = "") -> None:
        """What the agent's desk asks for."""
        await do(self.talk, "handover", target=target or self.target, mode=mode, note="核实")

    async def three(self) -> None:
        """All three hear each other."""
        await hears(self.talk.citizen, AGENT_HZ, THIRD_HZ)
        await hears(self.talk.phone, CITIZEN_HZ, THIRD_HZ)
        await hears(self.third, CITIZEN_HZ, AGENT_HZ)

    async def aside(self) -> None:
        """Agent and third hear each other, and the caller hears music; who has no desk but a
        board sees the call there."""
        if self.see is not None:
            (asked,) = (await self.see())["asked"]
            assert (asked["call_id"], asked["note"]) == (self.talk.call_id, "核实")
            assert asked["pop"]["draft"] == {"address": "人民路 3 号"}
        await hears(self.talk.phone, THIRD_HZ)
        await hears(self.third, AGENT_HZ)
        await hears_music(self.talk.citizen)

    async def without_agent(self) -> None:
        """Caller and third hear each other."""
        await hears(self.talk.citizen, THIRD_HZ)
        await hears(self.third, CITIZEN_HZ)


async def hold(scene: Scene) -> None:
    """Music for the caller, nothing for the agent, and back."""
    await do(scene.talk, "hold")
    await hears_music(scene.talk.citizen)
    await undo(scene.talk, "hold")
    await hear_each_other(scene.talk.citizen, scene.talk.phone)


async def consult_and_come_back(scene: Scene) -> None:
    """The third is asked, let go, and the caller taken back."""
    await scene.hand_over("consult")
    await scene.aside()
    await undo(scene.talk, "handover")
    await scene.third.closed()
    await hear_each_other(scene.talk.citizen, scene.talk.phone)


async def consult_and_leave(scene: Scene) -> None:
    """The third is asked, and has the caller when the agent leaves."""
    await scene.hand_over("consult")
    await scene.aside()
    await scene.talk.phone.hangup()
    await scene.without_agent()


async def consult_three_and_leave(scene: Scene) -> None:
    """The third is asked, all three talk, and the agent leaves."""
    await scene.hand_over("consult")
    await scene.aside()
    await undo(scene.talk, "hold")
    await scene.three()
    await scene.talk.phone.hangup()
    await scene.without_agent()


async def three_way(scene: Scene) -> None:
    """The third comes into the talk and leaves it."""
    await scene.hand_over("three_way")
    await scene.three()
    await scene.third.hangup()
    await hear_each_other(scene.talk.citizen, scene.talk.phone)


async def blind(scene: Scene) -> None:
    """The third comes, and the agent goes."""
    await scene.hand_over("blind")
    await scene.talk.phone.closed(within=20)
    await scene.without_agent()


async def to_a_queue(scene: Scene) -> None:
    """The next agent of a queue has the caller."""
    scene.third.answering = PICKS_UP
    await scene.hand_over("queue", "queue:hotline")
    await scene.talk.phone.closed()
    await scene.without_agent()


async def park(scene: Scene) -> None:
    """Another agent takes the caller from a parking place."""
    await do(scene.talk, "park")
    await scene.talk.phone.closed()
    await hears_music(scene.talk.citizen)
    await scene.take("1")
    await scene.third.event(INCOMING)
    await scene.third.answer()
    await scene.without_agent()


async def park_over_a_restart(scene: Scene) -> None:
    """The same, with a controller that dies meanwhile."""
    await do(scene.talk, "park")
    await scene.talk.phone.closed()
    await hears_music(scene.talk.citizen)
    await scene.system.new_controller(scene.system.kill_controller())
    adopted = {"call_id": scene.talk.call_id}
    await scene.system.journalled("CallAdopted", after=scene.talk.mark, within=20, **adopted)
    await hears_music(scene.talk.citizen)
    # Not before: while no controller was there, the dialplan's own queue may have rung them.
    scene.third.answering = PICKS_UP
    await until(lambda: _takes(scene), what="the caller is parked again")
    await scene.without_agent()


async def _takes(scene: Scene) -> bool:
    """Whether they could be taken: not while the new controller fetches them back."""
    try:
        await scene.take("1")
    except DeskFault:
        return False
    return True


ACTIONS: dict[str, tuple[str, Callable[[Scene], Awaitable[None]]]] = {
    "hold": ("colleague", hold),
    "consult a colleague, come back": ("colleague", consult_and_come_back),
    "consult a colleague, leave": ("colleague", consult_and_leave),
    "consult a colleague, three, leave": ("colleague", consult_three_and_leave),
    "a colleague as the third": ("colleague", three_way),
    "blind to a colleague": ("colleague", blind),
    "consult a service, come back": ("service", consult_and_come_back),
    "consult a service, leave": ("service", consult_and_leave),
    "a service as the third": ("service", three_way),
    "blind to a service": ("service", blind),
    "consult 12345, three, leave": ("12345", consult_three_and_leave),
    "12345 as the third": ("12345", three_way),
    "blind to 12345": ("12345", blind),
    "consult a department, three, leave": ("department", consult_three_and_leave),
    "a department as the third": ("department", three_way),
    "blind to a department": ("department", blind),
    "consult a supervisor, come back": ("supervisor", consult_and_come_back),
    "consult a supervisor, three, leave": ("supervisor", consult_three_and_leave),
    "a supervisor as the third": ("supervisor", three_way),
    "blind to a supervisor": ("supervisor", blind),
    "to a queue": ("queue", to_a_queue),
    "park": ("queue", park),
    "park, and the controller dies": ("queue", park_over_a_restart),
}


async def _nothing(_: str) -> None:
    """Who is asked into a talk takes nobody from a parking place."""


@asynccontextmanager
async def scene_of(system: HotlineSystem, who: str, number: str) -> AsyncIterator[Scene]:
    """A talk with this somebody at hand."""
    async with AsyncExitStack() as stack:
        take: Callable[[str], Awaitable[Any]] = _nothing
        see: Callable[[], Awaitable[Any]] | None = None
        talk = await stack.enter_async_context(talking(system, number=number))
        if number_there := SERVICES.get(who):
            there = system.citizen(number_there, hertz=THIRD_HZ, dialled=True, answering=PICKS_UP)
            third = await stack.enter_async_context(there)
            target = WATER.code if who == "department" else number_there
        elif who == "supervisor":
            desk = await stack.enter_async_context(system.desk(who, listening=False))
            phone = system.agent_phone(desk, hertz=THIRD_HZ, answering=PICKS_UP)
            third = await stack.enter_async_context(phone)
            target = f"ext:{await desk.extension()}"
            await talk.desk.draft(talk.call_id, address="人民路 3 号")
            see = partial(desk.get, "/api/asked")
        else:
            answering = PICKS_UP if who == "colleague" else Answering()
            both = colleague(system, answering=answering)
            desk, third = await stack.enter_async_context(both)
            target = "ext:1002"

            async def take(place: str) -> None:
                await desk.post(f"/api/parked/{place}/take")

        leg = {"queue": "colleague", **dict.fromkeys(SERVICES, "service")}
        them = await stack.enter_async_context(heard_on_all_legs(talk, third, leg.get(who, who)))
        yield Scene(system, talk, third, them, take, target, see)


async def run_one(system: HotlineSystem, name: str, number: str) -> Agreed:
    """One action, from the talk to what is compared."""
    who, act = ACTIONS[name]
    async with scene_of(system, who, number) as scene:
        await act(scene)
        names = NAMES | ({scene.target: who} if who == "supervisor" else {})
        return await timeline_compared(system, scene.them, scene.talk.call_id, names)


async def run(wanted: str, tries: int) -> int:
    """All actions whose name has ``wanted`` in it; one that fails is tried again."""
    report: dict[str, object] = {}
    failed = 0
    with tempfile.TemporaryDirectory(prefix="hl-legs-") as folder:
        system = HotlineSystem(Path(folder), SETTINGS)
        await system.start()
        try:
            for at, name in enumerate(one for one in ACTIONS if wanted in one):
                for again in range(tries):
                    number = f"1360000{at:02d}{again:02d}"
                    try:
                        agreed = await run_one(system, name, number)
                    except Exception as error:
                        report[name] = f"{type(error).__name__}: {error}"[:1500]
                        print(f"{name}: {report[name]}", file=sys.stderr, flush=True)
                    else:
                        report[name] = {
                            "heard": [" and ".join(sorted(pair)) for pair in agreed.pairs],
                            "largest_difference_s": round(agreed.largest_s, 2),
                            "tries": again + 1,
                        }
                        print(f"{name}: {agreed}", file=sys.stderr, flush=True)
                        break
                else:
                    failed += 1
        finally:
            await system.stop()
    print(json.dumps(report, indent=2, ensure_ascii=False))
    return 1 if failed else 0


def main() -> int:
    """Parse the command line, run, print the result as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.every_leg", description=__doc__)
    parser.add_argument("--only", default="", help="actions whose name has this in it")
    parser.add_argument("--tries", type=int, default=2, help="how often each is tried")
    options = parser.parse_args()
    return asyncio.run(run(options.only, options.tries))


if __name__ == "__main__":
    sys.exit(main())
