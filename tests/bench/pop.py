"""From the offer to the pop that an agent sees: calls by SIP, one after another, in a browser.

An offer's time is its journal entry's; a pop's is when the browser has drawn the bar with the
caller and the form, by the same machine's clock. Beside it, for the same calls: when a plain HTTP
client read the same event, which leaves out what the browser costs, and when the browser's phone
told the PBX that it rings. Callers hang up at the ringing, so that the agent is free for the next.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Page, WebSocket, expect

from hotline.demo.desk import Desk, server_sent
from hotline.demo.phone import BaresipPhone
from hotline.up.program import find_asterisk
from tests.deadline import until
from tests.system import AGENT_HZ, HotlineSystem
from tests.web.browser import page_of, started_browser

CALLS = 50

_WATCH = """() => {
  window.pops = {};
  const bar = document.getElementById("callbar");
  const look = () => {
    const call = bar.dataset.call;
    if (bar.dataset.phase !== "offered" || !call || call in window.pops) return;
    window.pops[call] = null;
    // The frame after the next one has been drawn with the change in it.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const caller = document.getElementById("bar-caller").textContent;
      const form = document.getElementById("case-form");
      if (caller && form.offsetHeight > 0) window.pops[call] = Date.now() / 1000;
    }));
  };
  new MutationObserver(look).observe(bar, { attributes: true });
}"""


@dataclass(slots=True)
class Seen:
    """What happened: the calls, and by call the Unix times (s) of its offer and of what followed.

    ``popped`` has None where the bar changed without a caller or a form to be seen.
    """

    chromium: str
    asterisk: str
    calls: set[str] = field(default_factory=set)
    offered: dict[str, float] = field(default_factory=dict)
    popped: dict[str, float | None] = field(default_factory=dict)
    read: dict[str, float] = field(default_factory=dict)
    rang: dict[str, float] = field(default_factory=dict)
    ringings: asyncio.Queue[float] = field(default_factory=asyncio.Queue)

    def after_offer(self, times: Iterable[tuple[str, float | None]]) -> list[float]:
        """How long after its call's offer each time is, in milliseconds, sorted."""
        return sorted(
            1_000 * (at - self.offered[call])
            for call, at in times
            if at is not None and call in self.offered
        )


def run() -> dict[str, object]:
    """Fifty calls; times in milliseconds. Raises AssertionError when one does not get through."""
    seen = asyncio.run(_measure(CALLS))
    took = seen.after_offer(seen.popped.items())
    read = seen.after_offer(seen.read.items())
    return {
        "chromium": seen.chromium,
        "asterisk": seen.asterisk,
        "calls": len(seen.calls),
        "pops": len(took),
        "calls_without_a_pop": sorted(seen.calls - {c for c, at in seen.popped.items() if at}),
        "pops_without_a_call": sorted(set(seen.popped) - seen.calls),
        "offer_to_visible_pop_ms": _figures(took),
        "offer_to_plain_client_ms": _figures(read),
        "visible_over_plain_p50": round(statistics.median(took) / statistics.median(read), 1),
        "offer_to_ringing_ms": _figures(seen.after_offer(seen.rang.items())),
    }


def _figures(took: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return {
        "count": len(took),
        "p50": round(cuts[49], 1),
        "p95": round(cuts[94], 1),
        "max": round(took[-1], 1),
    }


async def _measure(count: int) -> Seen:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder))
        await system.start()
        try:
            async with (
                started_browser(system.tone(AGENT_HZ)) as browser,
                page_of(system, browser, "agent1") as page,
                system.desk("agent1", listening=False) as desk,
                system.citizen() as citizen,
            ):
                asterisk = find_asterisk(system.config.pbx.asterisk).version
                seen = Seen(browser.version, asterisk)
                async with _reading(desk, seen):
                    await _become_ready(page, seen)
                    for number in range(count):
                        await _one_call(system, page, citizen, seen)
                        print(
                            f"\rcall {number + 1} of {count}", end="", file=sys.stderr, flush=True
                        )
                print(file=sys.stderr)
                seen.popped = await page.evaluate("window.pops")
            _take_journal(system, seen)
            return seen
        finally:
            await system.stop()


@asynccontextmanager
async def _reading(desk: Desk, seen: Seen) -> AsyncIterator[None]:
    """The plain client, reading the agent's event stream meanwhile."""
    standing = asyncio.Event()
    reader = asyncio.create_task(_read(desk, seen, standing))
    try:
        async with asyncio.timeout(10):
            await standing.wait()
        yield
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


async def _read(desk: Desk, seen: Seen, standing: asyncio.Event) -> None:
    async with desk.client.stream("GET", "/events", timeout=None) as answer:
        answer.raise_for_status()
        async for event in server_sent(answer.aiter_lines()):
            # The agent's own state comes first.
            standing.set()
            if event.name == "pop":
                seen.read[event.data["pop"]["call_id"]] = time.time()


async def _become_ready(page: Page, seen: Seen) -> None:
    def sent(frame: str | bytes) -> None:
        text = frame.decode(errors="replace") if isinstance(frame, bytes) else frame
        if text.startswith("SIP/2.0 180 "):
            seen.ringings.put_nowait(time.time())

    def opened(socket: WebSocket) -> None:
        socket.on("framesent", sent)

    page.on("websocket", opened)
    # The phone opened its WebSocket before anybody looked.
    await page.reload()
    await expect(page.locator("#connection")).to_have_attribute("data-state", "open")
    await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
    await page.evaluate(_WATCH)
    await page.keyboard.press("Alt+g")
    await expect(page.locator("#callbar")).to_have_attribute("data-phase", "ready")


async def _one_call(system: HotlineSystem, page: Page, citizen: BaresipPhone, seen: Seen) -> None:
    mark = system.last_seq()
    await citizen.dial(system.sip())
    await citizen.established()
    offered = await system.journalled("CallOffered", after=mark)
    call_id = offered.data["call_id"]

    async def popped() -> bool:
        return bool(await page.evaluate("call => window.pops[call]", call_id))

    await until(popped, what=f"a pop for {call_id}")
    async with asyncio.timeout(10):
        seen.rang[call_id] = await seen.ringings.get()
    await citizen.hangup()
    await citizen.closed()
    await system.journalled("CallEnded", after=mark, call_id=call_id)
    await expect(page.locator("#callbar")).to_have_attribute("data-phase", "ready")


def _take_journal(system: HotlineSystem, seen: Seen) -> None:
    seen.calls = {entry.data["call_id"] for entry in system.journal("CallArrived")}
    seen.offered = {entry.data["call_id"]: entry.at for entry in system.journal("CallOffered")}
