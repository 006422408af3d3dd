"""Publishing while callers walk: two flows, one inside the other, and what each call met."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from dataclasses import dataclass, field

from hotline.demo.desk import Desk
from tests.callers import Exchange, Failed
from tests.key_tones import Keying, Way
from tests.system import HotlineSystem

OUTER, INNER = "bench", "inner"
KEY_AFTER_S = 1.0
ENDS_WITHIN_S = 60.0
# Q.850: the PBX ends a call in order.
NORMAL = 16
_INNER = """
flow: inner
title: {zh: 内}
start: told
nodes:
  told: {kind: say, barge: false, prompts: [greeting], next: back}
  back: {kind: return}
"""


def outer(version: int) -> str:
    """A flow whose nodes tell its version; it walks the inner one twice and asks for a key."""
    v = version
    return f"""
flow: {OUTER}
title: {{zh: 外}}
start: hello-{v}
person: wait-{v}
nodes:
  hello-{v}: {{kind: say, barge: false, prompts: [greeting], next: in-{v}}}
  in-{v}: {{kind: flow, flow: {INNER}, next: ask-{v}}}
  ask-{v}: {{kind: digits, prompts: [greeting], store: key, length: {{min: 1, max: 1}},
             next: again-{v}}}
  again-{v}: {{kind: flow, flow: {INNER}, next: bye-{v}}}
  bye-{v}: {{kind: goodbye}}
  wait-{v}: {{kind: queue, queue: hotline, talked: bye-{v}, nobody: bye-{v}, asked: bye-{v}}}
"""


def inner(version: int) -> str:
    """The flow inside."""
    return _INNER.replace("told", f"told-{version}").replace("back", f"back-{version}")


@dataclass(slots=True)
class Reloads:
    """Calls and publications at the same time.

    ``live`` is how many callers were on the line at each publication, ``faults`` what went wrong
    with a call itself, ``mixed`` the calls that met versions which were never in force together,
    ``stale`` those that rang in after a publication and met what it replaced.
    """

    system: HotlineSystem
    callers: Exchange
    mark: int
    on_line: int = 0
    calls: int = 0
    live: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    walked: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    async def run(self, calls: int, rate: float, publish_every_s: float) -> None:
        """Let callers ring in, ``rate`` a second, and publish until the last has rung in."""
        async with self.system.desk("supervisor") as chief:
            publishing = asyncio.create_task(self._publish(chief, publish_every_s))
            try:
                ringing = []
                for number in range(calls):
                    ringing.append(asyncio.create_task(self._call(number)))
                    await asyncio.sleep(1 / rate)
            finally:
                publishing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await publishing
            await asyncio.gather(*ringing)
        self.calls += calls

    async def _publish(self, chief: Desk, every_s: float) -> None:
        versions = {OUTER: 1, INNER: 1}
        texts = {OUTER: outer, INNER: inner}
        while True:
            for name, text in texts.items():
                await asyncio.sleep(every_s)
                self.live.append(self.on_line)
                new = versions[name] + 1
                # Not cut off half-way: the next one begins from it.
                done = await asyncio.shield(publish(chief, name, text(new), versions[name]))
                versions[name] = done

    async def _call(self, number: int) -> None:
        calling, key = f"137{number:08d}", str(number % 10)
        hotline, ways = self.system.config.hotline.number, frozenset({Way.RFC4733})
        try:
            async with self.callers.call(calling, hotline, Keying(key, KEY_AFTER_S), ways) as one:
                self.on_line += 1
                done, _ = await asyncio.wait([one.ended], timeout=ENDS_WITHIN_S)
                self.on_line -= 1
                cause = one.ended.result() if done else None
        except Failed as failed:
            self.faults.append(f"{calling}: {failed}")
            return
        if cause != NORMAL:
            self.faults.append(f"{calling}: hung up with {cause}")

    def judge(self) -> None:
        """Hold the journal against what has to be."""
        in_force: dict[str, int] = {}
        states: set[tuple[int, int]] = set()
        steps: dict[str, list[tuple[str, int]]] = defaultdict(list)
        since: dict[str, tuple[str, dict[str, int]]] = {}
        keys: dict[str, str] = defaultdict(str)
        kinds = ("FlowPublished", "CallArrived", "FlowStep", "KeyPressed")
        for entry in self.system.journal(*kinds, after=self.mark):
            data = entry.data
            match entry.kind:
                case "FlowPublished":
                    in_force[data["name"]] = data["version"]
                    states.add((in_force.get(OUTER, 0), in_force.get(INNER, 0)))
                case "CallArrived":
                    since[data["call_id"]] = data["calling"], dict(in_force)
                case "FlowStep":
                    steps[data["call_id"]].append((data["flow"], data["version"]))
                    self._told_version(data)
                case _:
                    keys[data["call_id"]] += data["key"]
        for call_id, (calling, then) in since.items():
            self._judge(call_id, steps[call_id], states, then)
            pressed, came = str(int(calling) % 10), keys[call_id]
            if came != pressed:
                self.faults.append(f"{calling}: pressed {pressed}, {came!r} came")

    def _told_version(self, step: dict[str, object]) -> None:
        told = str(step["step"]).rpartition("-")[2]
        if told != str(step["version"]):
            self.mixed.append(f"{step['call_id']}: {step['step']} in version {step['version']}")

    def _judge(
        self,
        call_id: str,
        steps: list[tuple[str, int]],
        states: set[tuple[int, int]],
        then: dict[str, int],
    ) -> None:
        met: dict[str, set[int]] = {OUTER: set(), INNER: set()}
        for flow, version in steps:
            met[flow].add(version)
            self.walked[flow].add(version)
        pairs = {(one, other) for one in met[OUTER] for other in met[INNER]}
        if len(pairs) != 1 or not pairs <= states:
            self.mixed.append(f"{call_id}: {met}")
        elif any(min(met[flow]) < version for flow, version in then.items()):
            self.stale.append(f"{call_id}: {met} after {then}")


async def publish(chief: Desk, name: str, text: str, based_on: int) -> int:
    """Publish a flow over the web; its new version."""
    given = {"text": text, "based_on": based_on, "note": "reload"}
    answer = await chief.post(f"/api/flows/{name}/publish", **given)
    return int(answer["version"])


async def begin(system: HotlineSystem, callers: Exchange) -> Reloads:
    """Put both flows in force for every call."""
    mark = system.last_seq()
    async with system.desk("supervisor") as chief:
        await publish(chief, INNER, inner(1), 0)
        await publish(chief, OUTER, outer(1), 0)
        entry = {"called": "*", "flow": OUTER}
        (await chief.client.post("/flows/entries", data=entry)).raise_for_status()
    return Reloads(system, callers, mark)
