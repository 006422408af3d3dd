"""Real calls through published flows: keys, choices, values that are read out."""

from __future__ import annotations

from tests.flows import in_force
from tests.system import HotlineSystem
from tests.talks import ringing_in

MENU = """
flow: {name}
title: {zh: 试}
languages: [zh]
start: greeting
person: wait
nodes:
  greeting: {kind: say, prompts: [greeting], next: main}
  main: {kind: menu, prompts: [menu-main], keys: {"1": number, "2": bye}}
  number:
    kind: digits
    prompts: [progress-ask-number]
    store: number
    length: {min: 11, max: 11}
    next: told
  told: {kind: say, prompts: [{read: digits, value: "${number}"}], next: bye}
  wait: {kind: queue, queue: hotline, talked: bye, nobody: bye, asked: bye}
  bye: {kind: goodbye}
"""


async def steps(system: HotlineSystem, call_id: str, mark: int) -> list[tuple[str, str]]:
    """The nodes that a caller came to, and by which exits."""
    found = system.journal("FlowStep", after=mark, call_id=call_id)
    return [(record.data["step"], record.data["by"]) for record in found]


async def test_callers_walk_the_flow_that_is_in_force(system: HotlineSystem) -> None:
    async with in_force(system, MENU):
        async with ringing_in(system) as ahead:
            await ahead.citizen.send_keys("113812345678")
            ended = await system.journalled("CallEnded", after=ahead.mark, call_id=ahead.call_id)
            assert ended.data["by"] == "system"
            walked = await steps(system, ahead.call_id, ahead.mark)
            assert walked == [
                ("greeting", ""),
                ("main", "next"),
                ("number", "key:1"),
                ("told", "next"),
                ("bye", "next"),
            ]
            pressed = [
                record.data["key"] for record in system.journal("KeyPressed", call_id=ahead.call_id)
            ]
            assert "".join(pressed) == "113812345678"

        async with ringing_in(system, "13800138001") as person:
            await person.citizen.send_keys("0")
            await system.journalled("CallQueued", after=person.mark, call_id=person.call_id)
            walked = await steps(system, person.call_id, person.mark)
            assert walked[-1] == ("wait", "key:0")
