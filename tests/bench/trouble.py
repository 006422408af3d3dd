"""What goes wrong between a desk and the rest of the house, for real, and how soon it is over.

A caller who says a tone talks with an agent on the web telephone; pages, streams, the phone's
WebSocket and its sound go through a network that can be cut (:mod:`tests.web.network`). Measured
are seconds: until the page says so, what the caller hears, until all is whole again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.async_api import Browser, Error, Page, expect

from hotline.demo.phone import Answering
from hotline.speech.audio import TELEPHONE_RATE as RATE
from tests.audio import loud_seconds, tone_seconds
from tests.deadline import until
from tests.system import AGENT_HZ, CITIZEN_HZ, HotlineSystem, signed_off
from tests.talks import Waiting, waiting
from tests.web.browser import leave, loudest_hertz, picture, started_browser
from tests.web.network import Network, network_of, page_through

TRIES = 3
PIECE_S = 0.2
PATIENCE_MS = 60_000
TYPED = "滨江路与人民路路口西北角，公交站牌旁边"
SAID = "井盖缺失，有老人差点踩空，市民要求尽快围挡并回电告知处理结果。"

PICKS_UP = Answering(after=0.5)

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Scene:
    """One trouble, ready to begin: a talk in which both hear each other and a form is begun."""

    system: HotlineSystem
    network: Network
    page: Page
    call: Waiting

    async def type(self, name: str, text: str) -> None:
        """What the agent types."""
        await self.page.fill(f"#case-form [name={name}]", text)

    async def says(self, bar: str, words: str = "") -> float:
        """When a bar is there, with these words."""
        found = self.page.locator(f'[data-bar="{bar}"]')
        await expect(found).to_contain_text(words, timeout=PATIENCE_MS)
        return time.monotonic()

    async def hear_each_other(self) -> float:
        """When each hears the other."""
        citizen = self.call.citizen

        def heard() -> bool:
            return tone_seconds(citizen.heard()[-int(PIECE_S * RATE) :], AGENT_HZ) > PIECE_S / 2

        async def hears() -> bool:
            with contextlib.suppress(Error):
                return abs(await loudest_hertz(self.page) - CITIZEN_HZ) < 20
            return False

        await until(heard, within=60, what="the caller hears the agent")
        await until(hears, within=60, what="the agent hears the caller")
        return time.monotonic()

    async def music(self) -> float:
        """When the caller hears music."""
        start = len(self.call.citizen.heard())

        def other() -> bool:
            heard = self.call.citizen.heard()[start:]
            return loud_seconds(heard) - tone_seconds(heard, AGENT_HZ) > PIECE_S

        await until(other, within=60, what="music")
        return time.monotonic()

    def kept(self, *texts: str) -> bool:
        """Whether the server has what was typed."""
        rows = self.system.rows("SELECT form FROM drafts WHERE call_id = ?", self.call.call_id)
        forms = [str(json.loads(row["form"])) for row in rows]
        return any(all(text in form for text in texts) for form in forms)


def run() -> dict[str, object]:
    """Measure."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, object]:
    report: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder))
        await system.start()
        try:
            async with started_browser(system.tone(AGENT_HZ)) as browser:
                for name, (trouble, tries) in TROUBLES.items():
                    print(f"  {name} …", file=sys.stderr, flush=True)
                    found = [await trouble(system, browser) for _ in range(tries)]
                    report[name] = _together(found)
                    print(f"  {report[name]}", file=sys.stderr, flush=True)
        finally:
            await system.stop()
    return report


def _together(found: list[Figures]) -> dict[str, object]:
    names = found[0].keys()
    values = {name: [one[name] for one in found if name in one] for name in names}
    return {"tries": len(found)} | {
        name: {"median": round(statistics.median(of), 2), "max": round(max(of), 2)}
        for name, of in values.items()
    }


@contextlib.asynccontextmanager
async def _talk(system: HotlineSystem, browser: Browser) -> AsyncIterator[Scene]:
    async with network_of(system) as network, page_through(network, browser, "agent1") as page:
        page.on("dialog", leave)
        await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
        await page.keyboard.press("Alt+g")
        await _phase(page, "ready")
        try:
            async with waiting(system, "13800138000", "李四") as call:
                await _phase(page, "offered")
                await page.keyboard.press("Alt+a")
                await _phase(page, "talking")
                scene = Scene(system, network, page, call)
                await scene.hear_each_other()
                await scene.type("address", TYPED)
                await until(lambda: scene.kept(TYPED), within=20, what="the draft")
                yield scene
        finally:
            network.mend()
            async with system.desk("agent1", listening=False) as desk:
                await signed_off(desk)


async def _phase(page: Page, phase: str) -> None:
    bar = page.locator("#callbar")
    await expect(bar).to_have_attribute("data-phase", phase, timeout=PATIENCE_MS)


async def _whole(scene: Scene) -> float:
    """When stream, phone and form are as before."""
    page = scene.page
    await expect(page.locator("#connection")).to_have_attribute(
        "data-state", "open", timeout=PATIENCE_MS
    )
    light = page.locator("#phone-light[data-state=registered]")
    await expect(light).to_be_visible(timeout=PATIENCE_MS)
    await until(lambda: scene.kept(TYPED, SAID), within=60, what="what was typed meanwhile")
    return time.monotonic()


async def _crash(page: Page) -> None:
    """End the tab's process; nothing in it can say goodbye."""
    gone = asyncio.Event()
    page.on("crash", lambda _: gone.set())
    devtools = await page.context.new_cdp_session(page)
    asking = asyncio.create_task(devtools.send("Page.crash"))
    await asyncio.wait_for(gone.wait(), 10)
    # Nobody is left to answer.
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


# --- the troubles ------------------------------------------------------------------------------


async def _cut_short(system: HotlineSystem, browser: Browser) -> Figures:
    async with _talk(system, browser) as scene:
        scene.network.cut()
        await scene.type("description", SAID)
        await asyncio.sleep(5)
        scene.network.mend()
        mended = time.monotonic()
        both = await scene.hear_each_other()
        whole = await _whole(scene)
        held = scene.system.journal("TalkHeld", call_id=scene.call.call_id)
        return {
            "both_hear_again_s": both - mended,
            "whole_again_s": max(both, whole) - mended,
            "caller_was_held": float(len(held)),
        }


async def _cut_long(system: HotlineSystem, browser: Browser) -> Figures:
    async with AsyncExitStack() as stack:
        colleague, _ = await stack.enter_async_context(
            system.ready_agent("agent2", answering=PICKS_UP)
        )
        await colleague.become("paused", "rest")
        scene = await stack.enter_async_context(_talk(system, browser))
        mark = system.last_seq()
        scene.network.cut()
        cut, cut_at = time.monotonic(), time.time()
        hearing = asyncio.create_task(scene.music())
        await scene.type("description", SAID)
        told = await scene.says("talk-cut", "声音断了")
        music = await hearing
        lost = await scene.says("connection", "已断开")
        await scene.says("talk-cut", "正在听音乐")
        await picture(scene.page, "trouble-cut-music")
        await colleague.become("ready")
        call_id = scene.call.call_id
        queued = await system.journalled("CallQueued", after=mark, within=60, call_id=call_id)
        back = await system.journalled(
            "CallAnswered", after=mark, within=60, call_id=call_id, agent_id="agent2"
        )
        await scene.says("talk-cut", "队列最前面")
        await picture(scene.page, "trouble-cut-queue")
        story = (await colleague.get(f"/api/calls/{call_id}/pop"))["pop"]
        await asyncio.sleep(max(0.0, 60 - (time.monotonic() - cut)))
        scene.network.mend()
        mended = time.monotonic()
        whole = await _whole(scene)
        await scene.says("talk-back", "回到队列最前面")
        await _phase(scene.page, "ready")
        ready = time.monotonic()
        await picture(scene.page, "trouble-cut-over")
        assert "cut_off" in queued.data["reasons"], queued
        return {
            "page_says_talk_is_cut_s": told - cut,
            "page_says_server_is_lost_s": lost - cut,
            "caller_hears_music_s": music - cut,
            "at_the_head_of_the_queue_s": queued.at - cut_at,
            "colleague_talks_s": back.at - cut_at,
            "colleague_reads_what_was_typed": float(TYPED in str(story)),
            "whole_again_s": whole - mended,
            "ready_again_s": ready - mended,
        }


async def _changed(system: HotlineSystem, browser: Browser) -> Figures:
    async with _talk(system, browser) as scene:
        hearing = asyncio.create_task(scene.music())
        scene.network.change()
        changed = time.monotonic()
        await scene.type("description", SAID)
        told = await scene.says("talk-cut", "声音断了")
        await picture(scene.page, "trouble-changed")
        music = await hearing
        both = await scene.hear_each_other()
        whole = await _whole(scene)
        return {
            "page_says_talk_is_cut_s": told - changed,
            "caller_hears_music_s": music - changed,
            "both_hear_again_s": both - changed,
            "whole_again_s": max(both, whole) - changed,
        }


async def _restarted(system: HotlineSystem, browser: Browser) -> Figures:
    async with _talk(system, browser) as scene:
        page, mark = scene.page, system.last_seq()
        system.asterisk().kill()
        killed = time.monotonic()
        told = await scene.says("pbx", "断线")
        await picture(page, "trouble-pbx-lost")
        await system.journalled("PromiseMade", after=mark, within=60, by="agent1")
        promised = time.monotonic()
        light = page.locator("#phone-light[data-state=registered]")
        await expect(light).to_be_visible(timeout=PATIENCE_MS)
        registered = time.monotonic()
        await _phase(page, "wrap_up")
        await scene.says("notice.cut_off", "约定回电")
        await picture(page, "trouble-pbx-back")
        await scene.type("description", SAID)
        await page.keyboard.press("Alt+w")
        await _phase(page, "ready")
        ready = time.monotonic()
        async with waiting(system, "13900139000", "王五"):
            await _phase(page, "offered")
            popped = time.monotonic()
            await page.keyboard.press("Alt+a")
            await _phase(page, "talking")
        return {
            "page_says_so_s": told - killed,
            "cut_off_caller_is_listed_s": promised - killed,
            "phone_is_registered_s": registered - killed,
            "ready_s": ready - killed,
            "next_call_pops_s": popped - killed,
        }


async def _late(system: HotlineSystem, browser: Browser) -> Figures:
    async with (
        network_of(system, held_back_s=10.0) as network,
        page_through(network, browser, "agent1") as page,
    ):
        began = time.monotonic()
        light = page.locator("#connection")
        await expect(light).to_have_attribute("data-state", "late", timeout=PATIENCE_MS)
        noticed = time.monotonic()
        await page.keyboard.press("Alt+g")
        await _phase(page, "ready")
        try:
            async with waiting(system, "13800138000", "李四") as call:
                offered = await system.journalled("CallOffered", call_id=call.call_id)
                bar = page.locator("#callbar")
                await expect(bar).to_have_attribute("data-call", call.call_id)
                popped = time.time()
                await picture(page, "trouble-late")
        finally:
            async with system.desk("agent1", listening=False) as desk:
                await signed_off(desk)
        return {"noticed_s": noticed - began, "pop_after_offer_s": popped - offered.at}


async def _crashed(system: HotlineSystem, browser: Browser) -> Figures:
    async with _talk(system, browser) as scene:
        await _crash(scene.page)
        crashed, crashed_at = time.monotonic(), time.time()
        await asyncio.sleep(3)
        # A tab that crashed cannot be driven any more; the agent opens another one.
        page = await scene.page.context.new_page()
        await page.goto(f"http://127.0.0.1:{scene.network.web_port}/desk")
        loaded = time.monotonic()
        held = await system.journalled("TalkHeld", within=60, call_id=scene.call.call_id)
        both = await replace(scene, page=page).hear_each_other()
        await expect(page.locator("#case-form [name=address]")).to_have_value(TYPED)
        return {
            "caller_is_held_s": held.at - crashed_at,
            "page_is_opened_again_s": loaded - crashed,
            "both_hear_again_s": both - crashed,
        }


TROUBLES: dict[str, tuple[Callable[[HotlineSystem, Browser], Awaitable[Figures]], int]] = {
    "cut_for_5_s": (_cut_short, TRIES),
    "cut_for_60_s": (_cut_long, 2),
    "another_network": (_changed, TRIES),
    "pbx_restarted": (_restarted, TRIES),
    "stream_held_back_10_s": (_late, TRIES),
    "tab_crashed": (_crashed, TRIES),
}
