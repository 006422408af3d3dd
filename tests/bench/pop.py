"""From the offer to the pop that an agent sees: calls by SIP, one after another, in a browser.

An offer's time is its journal entry's; a pop's is when the browser has drawn the bar with the
caller and the form, by the same machine's clock. Callers hang up at the pop, so that the agent is
free for the next.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page, expect

from hotline.demo.phone import BaresipPhone
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


@dataclass(frozen=True, slots=True)
class Seen:
    """What happened: the calls, when each was offered, and when each was seen to pop (s)."""

    calls: set[str]
    offered: dict[str, float]
    popped: dict[str, float | None]


def run() -> dict[str, object]:
    """Fifty calls; times in milliseconds."""
    seen = asyncio.run(_measure(CALLS))
    took = sorted(
        1000 * (at - seen.offered[call])
        for call, at in seen.popped.items()
        if at is not None and call in seen.offered
    )
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return {
        "calls": len(seen.calls),
        "pops": len(took),
        "calls_without_a_pop": sorted(seen.calls - {c for c, at in seen.popped.items() if at}),
        "pops_without_a_call": sorted(set(seen.popped) - seen.calls),
        "offer_to_visible_pop_ms": {
            "p50": round(cuts[49], 1),
            "p95": round(cuts[94], 1),
            "most": round(took[-1], 1),
        },
    }


async def _measure(count: int) -> Seen:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder))
        await system.start()
        try:
            async with (
                started_browser(system.tone(AGENT_HZ)) as browser,
                page_of(system, browser, "agent1") as page,
                system.citizen() as citizen,
            ):
                await _become_ready(page)
                for number in range(count):
                    await _one_call(system, page, citizen)
                    print(f"\rcall {number + 1} of {count}", end="", file=sys.stderr, flush=True)
                print(file=sys.stderr)
                popped: dict[str, float | None] = await page.evaluate("window.pops")
            return _seen(system, popped)
        finally:
            await system.stop()


async def _become_ready(page: Page) -> None:
    await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
    await page.evaluate(_WATCH)
    await page.keyboard.press("Alt+g")
    await expect(page.locator("#callbar")).to_have_attribute("data-phase", "ready")


async def _one_call(system: HotlineSystem, page: Page, citizen: BaresipPhone) -> None:
    mark = system.last_seq()
    await citizen.dial(system.sip())
    await citizen.established()
    offered = await system.journalled("CallOffered", after=mark)
    call_id = offered.data["call_id"]

    async def popped() -> bool:
        return bool(await page.evaluate("call => window.pops[call]", call_id))

    await until(popped, what=f"a pop for {call_id}")
    await citizen.hangup()
    await citizen.closed()
    await system.journalled("CallEnded", after=mark, call_id=call_id)
    await expect(page.locator("#callbar")).to_have_attribute("data-phase", "ready")


def _seen(system: HotlineSystem, popped: dict[str, float | None]) -> Seen:
    return Seen(
        calls={entry.data["call_id"] for entry in system.journal("CallArrived")},
        offered={e.data["call_id"]: e.at for e in system.journal("CallOffered")},
        popped=popped,
    )
