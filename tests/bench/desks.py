"""A whole shift's desks at once: twenty agents' pages on one controller, and calls for all of them.

Each page is a real browser page with its own telephone (WebRTC), each caller a SIP telephone that
speaks. Few callers ring in at a time, one after the other; whoever is offered the call has it
popped, accepts by the page, talks for a moment, and ends the wrap-up. An offer's time is its
journal entry's, a pop's is when that page has drawn caller and form, by the same machine's clock.
``HOTLINE_BENCH_CALLS``, ``_PAGES`` and ``_CALLERS`` (at once) ask for other numbers. Pages, callers
and controller share one machine here: how busy it was is told with the times.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from playwright.async_api import Page, expect

from hotline.demo.baresip import Account
from hotline.demo.citizens import speak
from hotline.demo.phone import BaresipPhone
from hotline.demo.plan import SpeakingVoice
from hotline.speech.synthesis import Synthesiser
from hotline.storage.profiles import DEMO_PROFILES, Profile
from hotline.storage.user_commands import add
from tests.system import AGENT_HZ, PASSWORD, HotlineSystem, Settings
from tests.web.browser import page_of, started_browser

PAGES = int(os.environ.get("HOTLINE_BENCH_PAGES", "20"))
CALLS = int(os.environ.get("HOTLINE_BENCH_CALLS", "500"))
CALLERS = int(os.environ.get("HOTLINE_BENCH_CALLERS", "2"))
TALK_S = 2.0
AIM_P95_MS = 100.0
_PASSWORD = "desks-bench-12319"
_SETTINGS: Settings = {
    "pbx": {"extensions": ["1001-1040"], "rtp_start": 34_000, "rtp_end": 35_999},
    "queue": {"ring_seconds": 15, "wrap_up_seconds": 20, "overflow_seconds": 120},
}
_SAID = "你好，我要反映一个问题，滨江路和人民路路口的井盖丢了，晚上很黑，有人差点掉下去。"

# What an agent does, and when the pop had been drawn: in the page itself, so that nothing between
# the page and this program is measured.
_AGENT = """() => {
  window.pops = {};
  const bar = document.getElementById("callbar");
  const look = () => {
    const call = bar.dataset.call;
    if (bar.dataset.phase === "wrap_up") document.getElementById("end-wrap-up").click();
    if (bar.dataset.phase !== "offered" || !call || call in window.pops) return;
    window.pops[call] = null;
    const drawn = () => {
      const caller = document.getElementById("bar-caller").textContent;
      const form = document.getElementById("case-form");
      if (!caller || form.offsetHeight === 0) return void requestAnimationFrame(drawn);
      // The frame after the next one has been drawn with it.
      requestAnimationFrame(() => requestAnimationFrame(() => {
        window.pops[call] = Date.now() / 1000;
        document.getElementById("accept").click();
      }));
    };
    drawn();
  };
  new MutationObserver(look).observe(bar, { attributes: true });
}"""


@dataclass(slots=True)
class Seen:
    """What was seen: calls that were talked, pops by call (Unix seconds), and the controller's use
    of the machine."""

    calls: set[str] = field(default_factory=set)
    popped: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    machine_busy: float = 0.0
    took_s: float = 0.0


def run() -> dict[str, object]:
    """Measure."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, object]:
    users = [f"agent{number}" for number in range(1, PAGES + 1)]
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder), _SETTINGS)
        for number, user in enumerate(users, 1):
            if user not in DEMO_PROFILES:
                profile = Profile(f"坐席{number}", "agent", str(1000 + number))
                await asyncio.to_thread(add, system.config, user, profile, _PASSWORD)
        await system.start()
        try:
            async with AsyncExitStack() as stack:
                seen, pages = await _run(system, stack, users)
                await _collect(pages, seen)
        finally:
            await system.stop()
        return _report(system, seen)


async def _run(
    system: HotlineSystem, stack: AsyncExitStack, users: Sequence[str]
) -> tuple[Seen, list[Page]]:
    browser = await stack.enter_async_context(started_browser(system.tone(AGENT_HZ)))
    pages = []
    for user in users:
        password = PASSWORD if user in DEMO_PROFILES else _PASSWORD
        page = await stack.enter_async_context(page_of(system, browser, user, password=password))
        await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
        await page.evaluate(_AGENT)
        await page.keyboard.press("Alt+g")
        await expect(page.locator("#callbar")).to_have_attribute("data-phase", "ready")
        pages.append(page)
        print(f"\r{len(pages)} pages ready", end="", file=sys.stderr, flush=True)
    says = system.folder / "says.wav"
    await asyncio.to_thread(speak, Synthesiser(), _SAID, SpeakingVoice("", 165, 50), says, True)
    seen = Seen()
    watching = asyncio.create_task(_watch(system, seen))
    began, before = time.monotonic(), _cpu(system)
    psutil.cpu_percent()
    left = iter(range(CALLS))
    await asyncio.gather(*(_ring_in(system, says, line, left, seen) for line in range(CALLERS)))
    seen.took_s, seen.cpu_s = time.monotonic() - began, _cpu(system) - before
    seen.machine_busy = psutil.cpu_percent() / 100
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return seen, pages


async def _ring_in(
    system: HotlineSystem, says: Path, line: int, left: Iterator[int], seen: Seen
) -> None:
    """One telephone, calling again and again."""
    account = Account(f"1380013{8000 + line}")
    async with BaresipPhone(account, says, system.folder / f"caller{line}") as phone:
        for number in left:
            try:
                await _one_call(system, phone, seen)
            except (AssertionError, TimeoutError) as error:
                seen.failed.append(f"call {number}: {error}"[:200])
            print(f"\rcall {number + 1} of {CALLS}", end="", file=sys.stderr, flush=True)


async def _one_call(system: HotlineSystem, phone: BaresipPhone, seen: Seen) -> None:
    mark = system.last_seq()
    await phone.dial(system.sip())
    await phone.established()
    own = await system.journalled("CallArrived", after=mark, calling=phone.account.number)
    call_id = own.data["call_id"]
    try:
        await system.journalled("CallAnswered", after=mark, call_id=call_id, within=60)
        await asyncio.sleep(TALK_S)
    finally:
        await phone.hangup()
        await phone.closed()
    await system.journalled("CallEnded", after=mark, call_id=call_id)
    seen.calls.add(call_id)


def _cpu(system: HotlineSystem) -> float:
    times = system.controller().cpu_times()
    return times.user + times.system


async def _watch(system: HotlineSystem, seen: Seen) -> None:
    while True:
        seen.rss_mb.append(system.controller().memory_info().rss / 2**20)
        await asyncio.sleep(5)


async def _collect(pages: Sequence[Page], seen: Seen) -> None:
    for page in pages:
        popped = await page.evaluate("window.pops")
        seen.popped |= {call: at for call, at in popped.items() if at is not None}


def _report(system: HotlineSystem, seen: Seen) -> dict[str, object]:
    offered: dict[str, float] = {}
    for entry in system.journal("CallOffered"):
        # The last one counts: an offer that nobody took is followed by another.
        offered[entry.data["call_id"]] = entry.at
    took = sorted(
        1_000 * (at - offered[call]) for call, at in seen.popped.items() if call in offered
    )
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return {
        "pages": PAGES,
        "callers_at_once": CALLERS,
        "calls": len(seen.calls),
        "failed": seen.failed,
        "calls_without_a_pop": len(seen.calls - set(seen.popped)),
        "offer_to_visible_pop_ms": {
            "count": len(took),
            "p50": round(cuts[49], 1),
            "p95": round(cuts[94], 1),
            "max": round(took[-1], 1),
            "aim_p95": AIM_P95_MS,
        },
        "machine_busy_share": round(seen.machine_busy, 2),
        "controller": {
            "processor_share": round(seen.cpu_s / seen.took_s, 3),
            "memory_mb": {"first": round(seen.rss_mb[0]), "most": round(max(seen.rss_mb))},
        },
        "took_s": round(seen.took_s),
    }
