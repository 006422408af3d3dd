"""F5 in the middle of a talk, again and again: how soon everything is back as it was.

One caller, who says a tone, talks with an agent on the web telephone who says another one; then
callback staff talk with a citizen whom they rang. The page is reloaded; measured is, from the
pressing of the key on: when the form stands there with what was typed, when the agent hears the
caller, and when the caller hears the agent. Meanwhile the caller should hear music:
``caller_in_silence_s`` is how much of the wait they heard nothing.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Page, expect

from hotline.demo.phone import Answering, BaresipPhone
from hotline.speech.audio import TELEPHONE_RATE as RATE
from hotline.speech.audio import read_wav
from tests.audio import loud_seconds, silent_spans, tone_seconds
from tests.deadline import until
from tests.due_callbacks import plan_callbacks
from tests.system import AGENT_HZ, CITIZEN_HZ, HotlineSystem
from tests.talks import waiting
from tests.web.browser import leave, page_of, started_browser

RELOADS = 20
AIM_S = 3.0
_TYPED = "滨江路与人民路路口西北角，公交站牌旁边"
_PIECE_S = 0.2

# When the page's own telephone plays the caller's tone; Unix seconds.
_HEARS = """async (hertz) => {
  const audio = document.getElementById("remote");
  const context = new AudioContext();
  const ear = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
  let from = null;
  const bins = new Float32Array(ear.frequencyBinCount);
  for (;;) {
    await new Promise((next) => setTimeout(next, 20));
    if (!audio.srcObject) continue;
    if (from !== audio.srcObject) {
      from = audio.srcObject;
      context.createMediaStreamSource(from).connect(ear);
    }
    ear.getFloatFrequencyData(bins);
    const best = bins.indexOf(Math.max(...bins));
    if (bins[best] > -60 && Math.abs((best * context.sampleRate) / ear.fftSize - hertz) < 20) {
      await context.close();
      return Date.now() / 1000;
    }
  }
}"""
_FORM_IS_BACK = """([name, typed]) => {
  const field = document.querySelector(name);
  return field !== null && field.offsetHeight > 0 && field.value === typed && Date.now() / 1000;
}"""


@dataclass(slots=True)
class Returns:
    """Seconds after each reload."""

    form: list[float] = field(default_factory=list)
    agent_hears: list[float] = field(default_factory=list)
    caller_hears: list[float] = field(default_factory=list)
    music: list[float] = field(default_factory=list)
    silence: list[float] = field(default_factory=list)


def run() -> dict[str, object]:
    """Measure."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder))
        await plan_callbacks(system, 1)
        await system.start()
        try:
            async with started_browser(system.tone(AGENT_HZ)) as browser:
                async with page_of(system, browser, "agent1") as page:
                    caller = await _with_a_caller(system, page)
                async with page_of(system, browser, "callback1") as page:
                    callback = await _with_a_callback(system, page)
        finally:
            await system.stop()
    return {"caller": caller, "callback": callback}


async def _with_a_caller(system: HotlineSystem, page: Page) -> dict[str, object]:
    await _ready(page)
    await page.keyboard.press("Alt+g")
    async with waiting(system, "13800138000") as call:
        await expect(page.locator("#callbar")).to_have_attribute("data-phase", "offered")
        await page.keyboard.press("Alt+a")
        await page.evaluate(_HEARS, CITIZEN_HZ)
        address = "#case-form [name=address]"
        await page.fill(address, _TYPED)
        returns = await _reload_often(page, call.citizen, address)
        dropped = not call.citizen.calls
        recording = await _recording(system, call.citizen, call.call_id)
    return _report(returns) | {"dropped": dropped, "recording": recording}


async def _with_a_callback(system: HotlineSystem, page: Page) -> dict[str, object]:
    await _ready(page)
    async with system.citizen(dialled=True, answering=Answering(after=0)) as citizen:
        await page.keyboard.press("Alt+c")
        await page.evaluate(_HEARS, CITIZEN_HZ)
        await page.keyboard.press("n")
        why = "#answers [name=why_not]"
        await page.fill(why, _TYPED)
        returns = await _reload_often(page, citizen, why)
        return _report(returns) | {"dropped": not citizen.calls}


async def _ready(page: Page) -> None:
    page.on("dialog", leave)
    await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()


async def _reload_often(page: Page, citizen: BaresipPhone, field: str) -> Returns:
    """Reload again and again; ``field`` of the form has what was typed."""
    returns = Returns()
    for number in range(RELOADS):
        await _reload(page, citizen, field, returns)
        print(f"\r{number + 1} of {RELOADS}", end="", file=sys.stderr, flush=True)
    return returns


async def _reload(page: Page, citizen: BaresipPhone, field: str, returns: Returns) -> None:
    # Long enough for drafts to be kept, as an agent's pause is.
    await asyncio.sleep(2)
    before = len(citizen.heard())
    began = time.time()
    hears = asyncio.create_task(_caller_hears(citizen, before, began))
    await page.reload(wait_until="commit")
    form = await (await page.wait_for_function(_FORM_IS_BACK, arg=[field, _TYPED])).json_value()
    agent = await page.evaluate(_HEARS, CITIZEN_HZ)
    caller, music, silence = await hears
    returns.form.append(form - began)
    returns.agent_hears.append(agent - began)
    returns.caller_hears.append(caller)
    returns.music.append(music)
    returns.silence.append(silence)


async def _caller_hears(
    citizen: BaresipPhone, before: int, began: float
) -> tuple[float, float, float]:
    """After how long the caller hears the agent again; how long music; how long nothing."""

    def others() -> float:
        heard = citizen.heard()[before:]
        return loud_seconds(heard) - tone_seconds(heard, AGENT_HZ)

    def again() -> bool:
        return tone_seconds(citizen.heard()[-int(_PIECE_S * RATE) :], AGENT_HZ) > _PIECE_S / 2

    await until(lambda: others() > _PIECE_S, within=30, what="music instead of the agent")
    await until(again, within=30, what="the agent's tone")
    took = time.time() - began
    heard = citizen.heard()[before:]
    return took, others(), max(0.0, took - loud_seconds(heard))


async def _recording(
    system: HotlineSystem, citizen: BaresipPhone, call_id: str
) -> dict[str, object]:
    await citizen.hangup()
    await system.journalled("RecordingStored", call_id=call_id)
    call = system.rows("SELECT * FROM calls WHERE call_id = ?", call_id)[0]
    samples = read_wav(system.config.recording.dir / call["recording"]).samples
    spans = silent_spans(samples, at_least=0.5)
    return {
        "seconds": round(len(samples) / RATE, 1),
        "silent_spans_of_half_a_second": len(spans),
    }


def _report(returns: Returns) -> dict[str, object]:
    return {
        "reloads": len(returns.form),
        "form_is_back_s": _figures(returns.form),
        "agent_hears_caller_s": _figures(returns.agent_hears),
        "caller_hears_agent_s": _figures(returns.caller_hears),
        "whole_again_s": _figures(
            [
                max(each)
                for each in zip(
                    returns.form, returns.agent_hears, returns.caller_hears, strict=True
                )
            ]
        ),
        "aim_s": AIM_S,
        "caller_hears_music_s": _figures(returns.music),
        "caller_in_silence_s": _figures(returns.silence),
    }


def _figures(took: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(took, n=20, method="inclusive")
    return {
        "p50": round(statistics.median(took), 2),
        "p95": round(cuts[18], 2),
        "max": round(max(took), 2),
    }
